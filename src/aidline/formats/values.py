"""From cells to typed values: one parser for each kind of column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aidline.formats.code_cells import parse_choice, parse_ids, parse_list, parse_text, parse_yes_no
from aidline.formats.date_cells import parse_dates, parse_times
from aidline.formats.number_cells import parse_numbers
from aidline.formats.wkt_cells import parse_wkt

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.formats.cells import Cells, Parsed
    from aidline.formats.number_text import Mark
    from aidline.situation.schema import Kind

_PARSERS: dict[Kind, Callable[[Cells], Parsed]] = {
    "id": parse_ids,
    "text": parse_text,
    "date": parse_dates,
    "time": parse_times,
    "yes_no": parse_yes_no,
    "choice": parse_choice,
    "list": parse_list,
    "wkt": parse_wkt,
}


def parse(cells: Cells, sheet_decimal: Mark | None = None, unit: str = "") -> Parsed:
    """Return the typed values of a column and what was wrong with its cells.

    Parameters
    ----------
    cells
        The column as it was found.
    sheet_decimal
        Decimal mark that the rest of the sheet proves, if any.
    unit
        Unit named by the header where it is another than the column's.
    """
    if cells.column.kind in {"number", "whole"}:
        return parse_numbers(cells, sheet_decimal, unit)
    parsed = _PARSERS[cells.column.kind](cells)
    parsed.values = parsed.values.cast(cells.column.dtype)
    return parsed
