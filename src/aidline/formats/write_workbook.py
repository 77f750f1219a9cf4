"""Write a situation as one workbook."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aidline.errors import UsageError
from aidline.formats.book import BLUE, LONGEST_CELL, Book, write_cell
from aidline.formats.labels import column_label, table_label
from aidline.formats.settings_toml import KEYS
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aidline.situation.situation import Settings, Situation


def write_workbook(situation: Situation, path: Path, language: str = "en") -> None:
    """Write a workbook with a sheet for the settings and one for each table that has rows.

    Parameters
    ----------
    situation
        What to write.
    path
        Where to (XLSX). `aidline.formats.read.read` gives the same situation back.
    language
        Language of the headers; codes stay codes.

    Raises
    ------
    UsageError
        An outline is longer than a spreadsheet cell can hold: write a folder instead.
    """
    book = Book(path, language)
    write_settings(book, settings_rows(situation.settings, book.language))
    for table in TABLES:
        frame = situation[table.name]
        if frame.height:
            sheet = book.sheet(table_label(table.name, language), BLUE if table.first_plan else "")
            book.headers(sheet, table.name, table.columns)
            sheet.freeze_panes(1, 1)
            for i, column in enumerate(table.columns):
                sheet.set_column(
                    i, i, max(12, min(30, len(column.name) + 4)), book.column_style(column)
                )
                _column(book, sheet, i, column, frame[column.name].to_list())
    book.close()


def _column(book: Book, sheet: Any, i: int, column: Any, values: list[Any]) -> None:
    style = book.column_style(column)
    for row, value in enumerate(values, start=1):
        if isinstance(value, str) and len(value) > LONGEST_CELL:
            raise UsageError(
                f"{column.name} in row {row + 1} is longer than a spreadsheet cell can hold: "
                "write a folder instead"
            )
        if isinstance(value, bool):
            sheet.write_string(row, i, "yes" if value else "no")
        else:
            write_cell(sheet, row, i, value, style)


def write_settings(book: Book, rows: list[tuple[str, Any]]) -> None:
    """Write the sheet of settings: a key and its value in each row (see `settings_rows`)."""
    sheet = book.sheet(table_label("settings", book.language), BLUE)
    sheet.set_column(0, 1, 34)
    for row, (label, value) in enumerate(rows):
        style = (
            book.style(num_format="yyyy-mm-dd", align="left")
            if hasattr(value, "isoformat")
            else None
        )
        sheet.write_string(row, 0, label, book.style("head"))
        write_cell(sheet, row, 1, value, style)


def settings_rows(
    settings: Settings, language: str = "en", given: Mapping[str, Any] = MappingProxyType({})
) -> list[tuple[str, Any]]:
    """Return the label and the value of each setting that a sheet can hold.

    Parameters
    ----------
    settings, language
        What to write, and the language of the labels.
    given
        Values that go before those of the settings; None leaves the cell empty. Without it
        the decimal mark is a point.
    """
    rows: list[tuple[str, Any]] = []
    for key in (*KEYS, "decimal"):
        value = given[key] if key in given else getattr(settings, key, ".")
        if isinstance(value, bool):
            value = "yes" if value else "no"
        rows.append((column_label("settings", key, language), value))
    return rows
