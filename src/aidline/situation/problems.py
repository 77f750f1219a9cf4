"""The table of problems: what is wrong in the input, where, and how to mend it.

One row per problem. `level` is "error" (no plan can rest on it) or "warning" (looks wrong,
a plan can be made). `file`, `sheet` and `row` point at what the user handed over, with rows
counted as the user sees them; `rule` is a short code that stays the same between versions.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from aidline.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

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
ORIGIN = ("_file", "_sheet", "_row")
"""Columns by which a frame remembers where its rows came from."""

SORTED_BY = ("level", "file", "sheet", "row", "column", "rule", "found", "expected", "mend")
"""Errors before warnings, then in the order in which a person walks through the files."""


@cache
def no_problems() -> pl.DataFrame:
    """Return the table without rows."""
    return pl.DataFrame(schema=SCHEMA)


def problem(
    level: str,
    rule: str,
    *,
    file: str = "",
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    found: str = "",
    expected: str = "",
    mend: str = "",
) -> pl.DataFrame:
    """Return a table of one problem.

    Parameters
    ----------
    level
        "error" or "warning".
    rule
        Code of the rule that is broken.
    file, sheet, row, column
        Where, as far as it is known; `row` as the user counts.
    found, expected, mend
        What stands there, what the rule asks for, and what to do, in plain words.
    """
    values = [level, file, sheet, row, column, rule, found, expected, mend]
    return pl.DataFrame([values], schema=SCHEMA, orient="row")


def problems_of(
    rows: pl.DataFrame,
    level: str,
    rule: str,
    *,
    column: str,
    found: pl.Expr | str,
    expected: pl.Expr | str,
    mend: pl.Expr | str,
) -> pl.DataFrame:
    """Turn faulty rows into problems, one each.

    Parameters
    ----------
    rows
        The faulty rows, with the columns `ORIGIN`.
    level, rule, column
        The same for all of them.
    found, expected, mend
        A text for all of them, or an expression over the rows.
    """
    if rows.is_empty():
        return no_problems()
    return rows.select(
        pl.lit(level).alias("level"),
        pl.col("_file").alias("file"),
        pl.col("_sheet").alias("sheet"),
        pl.col("_row").cast(pl.Int64).alias("row"),
        pl.lit(column).alias("column"),
        pl.lit(rule).alias("rule"),
        _text(found).alias("found"),
        _text(expected).alias("expected"),
        _text(mend).alias("mend"),
    )


def _text(value: pl.Expr | str) -> pl.Expr:
    if isinstance(value, str):
        return pl.lit(value)
    return value.cast(pl.String).fill_null("")


def gather(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put problems together: each once, sorted by `SORTED_BY`."""
    filled = [part for part in parts if part.height]
    if not filled:
        return no_problems()
    return pl.concat(filled).unique().sort(SORTED_BY, nulls_last=False, maintain_order=True)


def counts(problems: pl.DataFrame) -> dict[str, int]:
    """Return how many problems there are of each level: {"error": …, "warning": …}."""
    return {
        level: problems.filter(pl.col("level") == level).height for level in ("error", "warning")
    }


def or_raise(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the problems if there are warnings only.

    Raises
    ------
    DataError
        At least one of them is an error.
    """
    if counts(problems)["error"]:
        raise DataError(problems)
    return problems


def with_origin(frame: pl.DataFrame, sheet: str) -> pl.DataFrame:
    """Return the frame with the columns `ORIGIN`.

    Parameters
    ----------
    frame
        A table; where it has the columns already, they are kept.
    sheet
        Name to show for a frame that came from no file. Its rows are then counted from 1
        in the order in which they stand.
    """
    if all(name in frame.columns for name in ORIGIN):
        return frame
    return frame.with_columns(
        pl.lit("").alias("_file"),
        pl.lit(sheet).alias("_sheet"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
    )
