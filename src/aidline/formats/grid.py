"""What a sheet holds before anyone knows what it means: cells, as text and kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TEXT, NUMBER, BOOL, DATE, TIME, ERROR = range(6)
"""Kinds of cells. Numbers, dates and times are cells that a spreadsheet stores as such."""

NO_RESULT = "#NO RESULT"
"""Stands in an ERROR cell whose formula was stored without a result."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, file or layer as it was found.

    Attributes
    ----------
    file, sheet
        Where it comes from; `sheet` is "" where the file is the sheet.
    text
        One String column per sheet column ("0", "1", ...), null where a cell is empty.
        Numbers are written in full, dates as ISO text.
    kinds
        One UInt8 column per sheet column with the kind of each cell; None: all text.
    first_row
        Number of the first row as the user counts.
    merged
        Merged ranges (first row, first column, last row, last column), from 0.
    hidden
        True for a hidden sheet.
    """

    file: str
    sheet: str
    text: pl.DataFrame
    kinds: pl.DataFrame | None = None
    first_row: int = 1
    merged: tuple[tuple[int, int, int, int], ...] = field(default=())
    hidden: bool = False

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.text.height

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.text.width

    def row(self, index: int) -> list[str | None]:
        """Return one row as text, None where a cell is blank."""
        return [c.strip() or None if c else None for c in self.text.row(index)]

    def number(self, index: int) -> int:
        """Return the number of a row as the user counts."""
        return index + self.first_row


def letter(column: int) -> str:
    """Return the name of a spreadsheet column (0 is A, 26 is AA)."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def broken_formula(cell: str, instead: str) -> str:
    """Return how to mend a cell whose formula gives no value.

    Parameters
    ----------
    cell
        What stands in the cell: the error, or `NO_RESULT`.
    instead
        What to do where the formula is not wanted, such as "write the value".
    """
    if cell == NO_RESULT:
        return (
            "the formula was stored without its result: open the file in a spreadsheet program "
            f"and save it there, or {instead}"
        )
    return f"the formula of this cell gives {cell}: mend it, or {instead}"
