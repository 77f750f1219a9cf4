"""The workbook that an officer fills: a sheet per table, made from the specs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from aidline.errors import UsageError
from aidline.formats.book import BLUE, GREY, Book, sheet_name, table_sheet, write_cell
from aidline.formats.examples import YES_NO, example
from aidline.formats.headers import UNIT_MARK
from aidline.formats.labels import (
    LANGUAGES,
    choice_label,
    column_label,
    meaning,
    start_words,
    table_label,
    table_meaning,
    unit_label,
)
from aidline.situation.situation import CONTEXTS
from aidline.situation.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.situation.schema import Column, Table

FIRST_ROW = 3
"""Index of the first row to fill: below header, units and example."""

LAST_ROW = 5_000
"""Index of the last row that has drop-downs and formats."""

_WIDTHS = {"wkt": 30, "text": 24, "date": 13, "time": 10, "yes_no": 11, "number": 14, "whole": 12}
_STEPS = ("step1", "step2", "step3", "step4", "step5", "step6", "step7")


def template(path: Path, language: str = "en") -> None:
    """Write an empty workbook with headers, units, drop-downs and one example row per sheet.

    Parameters
    ----------
    path
        Where to (XLSX).
    language
        "en", "fr", "es" or "ar"; Arabic runs from right to left.

    Raises
    ------
    UsageError
        Another language.
    """
    if language not in LANGUAGES:
        raise UsageError(f"language {language!r} is not one of {', '.join(LANGUAGES)}")
    _Template(path, language).write()


class _Template:
    """Writes the sheets one after the other."""

    def __init__(self, path: Path, language: str) -> None:
        self.book = Book(path, language)
        self.language = language
        self.words = start_words(language)
        self.lists: dict[tuple[str, ...], str] = {}
        self.tables = sorted(TABLES, key=lambda t: not t.first_plan)

    def write(self) -> None:
        """Write all sheets."""
        self._start()
        self._settings()
        sheets = [
            (t, self.book.sheet(table_label(t.name, self.language), BLUE if t.first_plan else GREY))
            for t in self.tables
        ]
        self._lists()
        for table, sheet in sheets:
            self._table(table, sheet)
        self.book.close()

    def _start(self) -> None:
        sheet = self.book.sheet(table_label("start", self.language), BLUE)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.hide_gridlines(2)
        wrap = self.book.style("wrap", font_size=12)
        sheet.write_string(0, 0, self.words["title"], self.book.style("title"))
        for row, step in enumerate(_STEPS, start=2):
            sheet.merge_range(row, 0, row, 1, self.words[step], wrap)
            sheet.set_row(row, 36)
        head = len(_STEPS) + 3
        sheet.write_string(head, 0, self.words["sheets"], self.book.style("head"))
        sheet.write_blank(head, 1, None, self.book.style("head"))
        for row, table in enumerate(self.tables, start=head + 1):
            link = f"internal:'{table_sheet(table.name, self.language)}'!A1"
            style = self.book.style(
                bold=table.first_plan, font_color=BLUE, underline=1, valign="top"
            )
            sheet.write_url(row, 0, link, style, table_label(table.name, self.language))
            sheet.write_string(
                row, 1, table_meaning(table.name, self.language), self.book.style("wrap")
            )
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _settings(self) -> None:
        sheet = self.book.sheet(table_label("settings", self.language), BLUE)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 34)
        for i, word in enumerate(("key", "value")):
            sheet.write_string(0, i, self.words[word], self.book.style("head"))
        values: dict[str, Any] = {
            "name": "",
            "start_date": "",
            "days": 14,
            "context": choice_label("other", self.language),
            "as_of": "",
            "notice": "",
            "fictional": YES_NO[self.language][1],
        }
        for row, (key, value) in enumerate(values.items(), start=1):
            must = key in {"name", "start_date", "days"}
            label = column_label("settings", key, self.language) + (" *" if must else "")
            sheet.write_string(row, 0, label, self.book.style("required" if must else "head"))
            number = {
                "start_date": "yyyy-mm-dd",
                "as_of": "yyyy-mm-dd",
                "name": "@",
                "notice": "@",
            }.get(key, "General")
            write_cell(
                sheet,
                row,
                1,
                value if value != "" else None,
                self.book.style(num_format=number, border=1, align="left"),
            )
            if key == "context":
                self._choose(sheet, row, row, 1, [choice_label(c, self.language) for c in CONTEXTS])
            elif key == "fictional":
                self._choose(sheet, row, row, 1, list(YES_NO[self.language]))
            elif number == "yyyy-mm-dd":
                self._dates(sheet, row, row, 1)
            elif key == "days":
                sheet.data_validation(
                    row,
                    1,
                    row,
                    1,
                    {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 366},
                )

    def _lists(self) -> None:
        """Write the codes of the drop-downs onto a hidden sheet."""
        sheet = self.book.sheet(table_label("lists", self.language))
        sheet.hide()
        for table in self.tables:
            for column in table.columns:
                if column.kind == "choice" and column.choices not in self.lists:
                    position = len(self.lists)
                    words = [choice_label(c, self.language) for c in column.choices]
                    for row, word in enumerate(words):
                        sheet.write_string(row, position, word)
                    name = sheet_name(table_label("lists", self.language)).replace("'", "''")
                    letter = _letter(position)
                    self.lists[column.choices] = f"='{name}'!${letter}$1:${letter}${len(words)}"

    def _table(self, table: Table, sheet: Any) -> None:
        self.book.headers(sheet, table.name, table.columns)
        sheet.set_row(0, 32)
        sheet.set_row(1, 78)
        for i, column in enumerate(table.columns):
            sheet.set_column(
                i, i, _width(table, column, self.language), self.book.column_style(column)
            )
            sheet.write_string(1, i, self._unit_text(table, column), self.book.style("unit"))
            shown = _typed(column, example(column, self.language))
            write_cell(
                sheet, 2, i, shown, self.book.column_style(column, italic=True, font_color=GREY)
            )
            self._validate(sheet, i, column)
        sheet.freeze_panes(2, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)

    def _unit_text(self, table: Table, column: Column) -> str:
        parts = [meaning(table.name, column.name, self.language)]
        if column.unit:
            parts.insert(0, f"[{unit_label(column.unit, self.language)}]")
        if column.default and not column.required and self.language == "en":
            parts.append(f"({self.words['empty']} {column.default})")
        return f"{UNIT_MARK} " + " ".join(parts)

    def _validate(self, sheet: Any, i: int, column: Column) -> None:
        if column.kind == "choice":
            sheet.data_validation(
                FIRST_ROW,
                i,
                LAST_ROW,
                i,
                {"validate": "list", "source": self.lists[column.choices]},
            )
        elif column.kind == "yes_no":
            self._choose(sheet, FIRST_ROW, LAST_ROW, i, list(YES_NO[self.language]))
        elif column.kind == "date":
            self._dates(sheet, FIRST_ROW, LAST_ROW, i)
        elif len(column.refers_to) == 1:
            other = BY_NAME[column.refers_to[0]]
            letter = _letter(other.names.index(other.key[0]))
            name = table_sheet(other.name, self.language).replace("'", "''")
            source = f"='{name}'!${letter}${FIRST_ROW + 1}:${letter}${LAST_ROW + 1}"
            sheet.data_validation(
                FIRST_ROW,
                i,
                LAST_ROW,
                i,
                {"validate": "list", "source": source, "error_type": "warning"},
            )
        elif column.kind in {"number", "whole"} and column.low is not None:
            rule: dict[str, Any] = {
                "validate": "integer" if column.kind == "whole" else "decimal",
                "error_type": "warning",
            }
            if column.high is None:
                rule |= {"criteria": ">=", "value": column.low}
            else:
                rule |= {"criteria": "between", "minimum": column.low, "maximum": column.high}
            sheet.data_validation(FIRST_ROW, i, LAST_ROW, i, rule)

    def _choose(self, sheet: Any, first: int, last: int, i: int, words: list[str]) -> None:
        sheet.data_validation(first, i, last, i, {"validate": "list", "source": words})

    def _dates(self, sheet: Any, first: int, last: int, i: int) -> None:
        sheet.data_validation(
            first,
            i,
            last,
            i,
            {
                "validate": "date",
                "criteria": "between",
                "minimum": dt.date(1990, 1, 1),
                "maximum": dt.date(2100, 12, 31),
                "error_type": "warning",
            },
        )


def _letter(column: int) -> str:
    from aidline.formats.grid import letter

    return letter(column)


def _width(table: Table, column: Column, language: str) -> float:
    label = column_label(table.name, column.name, language)
    return max(_WIDTHS.get(column.kind, 16), min(26, len(label) * 0.75 + 3))


def _typed(column: Column, text: str) -> object:
    """Return an example as the value that a spreadsheet would hold."""
    if not text:
        return None
    if column.kind in {"number", "whole"}:
        return float(text)
    return dt.date.fromisoformat(text) if column.kind == "date" else text
