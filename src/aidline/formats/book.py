"""What all workbooks of ours share: formats, sheets, cells that keep their type."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

from aidline.formats.labels import column_label, table_label

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.situation.schema import Column

BLUE, PALE, GREY, RED, YELLOW = "#1F4E79", "#DCE6F1", "#7F7F7F", "#F4B6B0", "#FFE699"
LONGEST_CELL = 32_767
"""Characters that a spreadsheet cell can hold."""

_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": BLUE},
    "wrap": {"text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bg_color": PALE, "border": 1, "text_wrap": True, "valign": "vcenter"},
    "required": {
        "bold": True,
        "bg_color": BLUE,
        "font_color": "#FFFFFF",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "unit": {
        "font_size": 9,
        "font_color": "#404040",
        "text_wrap": True,
        "valign": "top",
        "bottom": 1,
    },
    "error": {"bg_color": RED},
    "warning": {"bg_color": YELLOW},
}
_FORMATS = {
    "id": "@",
    "text": "@",
    "choice": "@",
    "list": "@",
    "wkt": "@",
    "time": "@",
    "date": "yyyy-mm-dd",
}


class Book:
    """A workbook being written.

    Parameters
    ----------
    path
        Where to.
    language
        Language of headers; Arabic sheets run from right to left.
    """

    def __init__(self, path: Path, language: str = "en") -> None:
        self.path, self.file = path, BytesIO()  # a zip that breaks off on disk is a traceback
        self.book = xlsxwriter.Workbook(
            self.file, {"strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_calc_mode("auto")
        self.language = language
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, name: str = "", **more: Any) -> Any:
        """Return a format, made once."""
        properties = {**_STYLES.get(name, {}), **more}
        if self.language == "ar":
            properties["reading_order"] = 2
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(properties)
        return self._made[key]

    def column_style(self, column: Column, **more: Any) -> Any:
        """Return the format of the cells of a column: codes are text, dates are ISO."""
        code = _FORMATS.get(column.kind)
        return self.style(**({"num_format": code} if code else {}), **more)

    def sheet(self, name: str, colour: str = "") -> Any:
        """Add a sheet."""
        sheet = self.book.add_worksheet(sheet_name(name))
        if self.language == "ar":
            sheet.right_to_left()
        if colour:
            sheet.set_tab_color(colour)
        return sheet

    def headers(self, sheet: Any, table: str, columns: tuple[Column, ...]) -> None:
        """Write the names of the columns; those that must be filled are dark and have a star."""
        for i, column in enumerate(columns):
            label = column_label(table, column.name, self.language)
            style = self.style("required" if column.required else "head")
            sheet.write_string(0, i, label + (" *" if column.required else ""), style)

    def close(self) -> None:
        """Write the file."""
        self.book.close()
        self.path.write_bytes(self.file.getvalue())


def sheet_name(name: str) -> str:
    """Return a name that a sheet may have."""
    return "".join("-" if c in "[]:*?/\\" else c for c in name)[:31]


def table_sheet(table: str, language: str) -> str:
    """Return the name of the sheet of a table."""
    return sheet_name(table_label(table, language))


def write_cell(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """Write a value so that it keeps its type; text never becomes a formula."""
    if value is None:
        if style is not None:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    else:
        sheet.write_string(row, column, str(value), style)
