"""The user's own workbook with what is wrong in it, everything else left as it was.

The library that can change a workbook in place holds all of it in memory and trusts it, so it
works in the child process with limits (`aidline.formats.sandbox`), after the scan that refuses
bombs, and only on workbooks of moderate size.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aidline.formats.book import LONGEST_CELL, RED, YELLOW
from aidline.formats.folder import table_of
from aidline.formats.headers import PROBLEMS
from aidline.formats.sandbox import run_sandboxed
from aidline.formats.xlsx_scan import scan_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_CELLS = 200_000
"""Cells of a workbook that is changed in place: ten seconds and half a gigabyte."""
MOST_COMMENTS = 2_000
FRONT = "aidline problems"
AUTHOR = "aidline"
COLOURS = {"error": f"FF{RED[1:]}", "warning": f"FF{YELLOW[1:]}"}
WIDTHS = (9, 18, 14, 6, 16, 20, 30, 34, 60)
"""Widths of the columns of the front sheet."""


def marked_copy(source: Path, target: Path, marks: Mapping[str, Any]) -> None:
    """Write a copy of a workbook with coloured cells, comments and a column of problems.

    Parameters
    ----------
    source
        The workbook (XLSX); never changed.
    target
        Where to.
    marks
        "sheets": sheet name -> {"column": index of the added column, "header": row of the
        header, "words": row -> text, "cells": [row, column, level, text]}, rows from 1 and
        columns from 0; "front": rows of the first sheet, the header first; "settings": rows
        of a sheet of settings, added where the workbook has none.

    Raises
    ------
    FormatError
        It cannot be changed within the limits.
    """
    with tempfile.TemporaryDirectory(prefix="aidline-") as folder:
        told, made = Path(folder) / "marks.json", Path(folder) / "copy.xlsx"
        told.write_text(json.dumps(marks), encoding="utf-8")
        run_sandboxed("mark", source, marks=str(told), copy=str(made))
        target.write_bytes(made.read_bytes())


def mark_workbook(path: Path, marks_file: Path, copy: Path) -> dict[str, Any]:
    """Do the work, in the child process. See `marked_copy`."""
    from openpyxl import load_workbook

    scan_workbook(path)
    marks = json.loads(marks_file.read_text(encoding="utf-8"))
    book = load_workbook(path, rich_text=True)
    left = MOST_COMMENTS
    for name, sheet in marks["sheets"].items():
        left = _Sheet(book[name], sheet).mark(left)
    _front(book, marks["front"])
    if not any(table_of(name) == "settings" for name in book.sheetnames):
        _settings(book, marks["settings"])
    book.save(copy)
    return {}


class _Sheet:
    """One sheet and what is to be said of it."""

    def __init__(self, sheet: Any, marks: Mapping[str, Any]) -> None:
        self.sheet, self.marks = sheet, marks
        self.column = self._column()

    def mark(self, comments: int) -> int:
        """Colour cells, comment on them, fill the column; return the comments that are left."""
        from openpyxl.cell.cell import MergedCell
        from openpyxl.comments import Comment

        for row, column, level, words in self.marks["cells"]:
            cell = self.sheet.cell(row, column + 1)
            cell.fill = _fill(level)
            if comments and not isinstance(cell, MergedCell) and cell.comment is None:
                cell.comment = Comment(_clean(words)[:1000], AUTHOR, height=120, width=320)
                comments -= 1
        self._fill_column()
        return comments

    def _column(self) -> int:
        """Return where the column goes, counted from 1: that of an earlier copy is used again."""
        header = self.marks["header"]
        for cell in self.sheet[header]:
            if cell.value == PROBLEMS:
                self._clear(cell.column)
                return int(cell.column)
        merged: list[int] = [
            r.max_col for r in self.sheet.merged_cells.ranges if r.max_row >= header
        ]
        return max([int(self.marks["column"]), *merged]) + 1

    def _clear(self, column: int) -> None:
        """Take back what an earlier copy said."""
        from openpyxl.styles import PatternFill

        for row in self.sheet.iter_rows():
            for cell in row:
                if cell.column == column:
                    cell.value = None
                if cell.fill.fgColor.rgb in COLOURS.values():
                    cell.fill = PatternFill()
                if getattr(cell, "comment", None) is not None and cell.comment.author == AUTHOR:
                    cell.comment = None

    def _fill_column(self) -> None:
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter

        top = _write(self.sheet, self.marks["header"], self.column, PROBLEMS)
        top.font = Font(bold=True)
        for row, words in self.marks["words"].items():
            cell = _write(self.sheet, int(row), self.column, words)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        self.sheet.column_dimensions[get_column_letter(self.column)].width = 80


def _front(book: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Put the list of all problems before the other sheets."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    if FRONT in book.sheetnames:
        del book[FRONT]
    sheet = book.create_sheet(FRONT, 0)
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            cell = _write(sheet, r, c, value)
            if r == 1:
                cell.font = Font(bold=True)
            elif c == 1:
                cell.fill = _fill(value)
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(WIDTHS))}{max(2, len(rows))}"
    book.active = 0


def _settings(book: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Add what the settings beside the workbook say, so that the copy can be read alone."""
    sheet = book.create_sheet("settings", 1)
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            _write(sheet, r, c, value)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 34


def _write(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write a value; text is text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = _clean(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _clean(text: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("", text))[:LONGEST_CELL]


def _fill(level: str) -> Any:
    from openpyxl.styles import PatternFill

    colour = COLOURS.get(level)
    return PatternFill("solid", fgColor=colour) if colour else PatternFill()
