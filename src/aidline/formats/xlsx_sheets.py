"""Workbooks: XLSX, XLSM, XLS, XLSB and ODS, read in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.formats.grid import NUMBER, TEXT, Grid
from aidline.formats.sandbox import run_sandboxed

if TYPE_CHECKING:
    from pathlib import Path


def read_workbook(path: Path) -> list[Grid]:
    """Return the sheets of a workbook.

    Raises
    ------
    FormatError
        It cannot be read within the limits.
    """
    answer = run_sandboxed("workbook", path)
    return [_grid(path.name, sheet) for sheet in answer["sheets"]]


def _grid(file: str, sheet: dict[str, Any]) -> Grid:
    pairs = [_column(c) for c in sheet["columns"]]
    return Grid(
        file,
        sheet["name"],
        pl.DataFrame({str(i): text for i, (text, _) in enumerate(pairs)}),
        pl.DataFrame({str(i): kind for i, (_, kind) in enumerate(pairs)}),
        sheet["first_row"],
        tuple((a, b, c, d) for a, b, c, d in sheet["merged"]),
        sheet["hidden"],
    )


def _column(column: dict[str, Any]) -> tuple[pl.Series, pl.Series]:
    """Return the text and the kinds of one column."""
    values = column["v"]
    if column["t"] == "n":
        text = (
            pl.Series(values, dtype=pl.Float64, strict=False).cast(pl.String).str.strip_suffix(".0")
        )
        return text, pl.repeat(NUMBER, len(values), dtype=pl.UInt8, eager=True)
    text = pl.Series(values, dtype=pl.String)
    if column["t"] == "s":
        return text, pl.repeat(TEXT, len(values), dtype=pl.UInt8, eager=True)
    return text, pl.Series(list(map(int, column["k"])), dtype=pl.UInt8)
