"""Problems while they are being collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Level = Literal["error", "warning"]

SCHEMA: dict[str, pl.DataType] = {
    "level": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "mend": pl.String(),
}
"""Columns of a table of problems."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one cell of a column.

    Attributes
    ----------
    index
        Row within the column, from 0.
    rule
        Code of the rule that it breaks.
    found, expected, mend
        What stands there, what should, and what to do.
    level
        "error" (the row cannot be used) or "warning".
    """

    index: int
    rule: str
    found: str
    expected: str
    mend: str
    level: Level = "error"


@dataclass(slots=True)
class Findings:
    """Collects problems; `table` gives them as a table."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        level: Level,
        rule: str,
        *,
        file: str = "",
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        found: str = "",
        expected: str = "",
        mend: str = "",
    ) -> None:
        """Add one problem."""
        self.rows.append(
            {
                "level": level,
                "file": file,
                "sheet": sheet,
                "row": row,
                "column": column,
                "rule": rule,
                "found": shorten(found),
                "expected": expected,
                "mend": mend,
            }
        )

    def table(self) -> pl.DataFrame:
        """Return the problems in the order in which they were found."""
        return pl.DataFrame(self.rows, schema=SCHEMA, orient="row")


def shorten(text: str, length: int = 80) -> str:
    """Return a text that fits into a message."""
    return text if len(text) <= length else text[: length - 1] + "…"
