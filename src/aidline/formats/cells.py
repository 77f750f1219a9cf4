"""The cells of one column on their way to typed values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.folding import INVISIBLE
from aidline.formats.grid import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aidline.formats.findings import Finding
    from aidline.situation.schema import Column


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a sheet.

    Attributes
    ----------
    column
        What it should hold.
    text
        Stripped text of each cell, null where empty.
    kind
        Kind of each cell (`aidline.formats.grid`).
    """

    column: Column
    text: pl.Series
    kind: pl.Series

    @classmethod
    def of(cls, column: Column, text: pl.Series, kind: pl.Series | None = None) -> Cells:
        """Return cells with blanks made null and invisible characters gone."""
        clean = text.str.replace_all(INVISIBLE, "").str.strip_chars("\u00a0\u202f \t\r\n")
        clean = clean.to_frame("t").select(pl.when(pl.col("t") != "").then(pl.col("t"))).to_series()
        if kind is None:
            kind = pl.repeat(TEXT, len(text), dtype=pl.UInt8, eager=True)
        return cls(column, clean, kind)

    def where(self, mask: pl.Series) -> list[tuple[int, str]]:
        """Return (index, text) of the cells that a mask marks."""
        index = mask.fill_null(value=False).arg_true()
        return list(zip(index.to_list(), self.text.gather(index).to_list(), strict=True))


@dataclass(slots=True)
class Parsed:
    """Typed values of a column, and what was wrong.

    Attributes
    ----------
    values
        As long as the column; null where unknown or wrong.
    findings
        What was wrong, by index.
    """

    values: pl.Series
    findings: list[Finding] = field(default_factory=list)


def scatter(values: pl.Series, pairs: Iterable[tuple[int, object]]) -> pl.Series:
    """Return the series with some values replaced."""
    pairs = list(pairs)
    if not pairs:
        return values
    index, new = zip(*pairs, strict=True)
    return values.scatter(list(index), pl.Series(list(new), dtype=values.dtype))
