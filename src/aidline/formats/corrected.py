"""The user's own sheets, handed back with what is wrong in each row."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aidline.errors import FormatError, UsageError
from aidline.formats.book import LONGEST_CELL, Book, sheet_name
from aidline.formats.date_cells import iso_date
from aidline.formats.folder import table_of
from aidline.formats.grid import DATE, NUMBER
from aidline.formats.headers import PROBLEMS, Header, find_header
from aidline.formats.marked_copy import MOST_CELLS, marked_copy
from aidline.formats.write_workbook import settings_rows, write_settings

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from aidline.formats.grid import Grid
    from aidline.formats.read import Read

_TOO_LONG = "(too long for a spreadsheet cell)"


def write_corrected(read: Read, path: Path) -> None:
    """Write what was read with a column "aidline: problems" and coloured cells.

    Parameters
    ----------
    read
        What `aidline.formats.read.read` gave.
    path
        A workbook (``.xlsx``), one CSV file (``.csv``, where one file was read), or a folder
        of CSV files. Cells with an error are red, with a warning yellow; every cell of the
        user's sheets is kept. Mended, the file can be read again as it is. Where one workbook
        (XLSX of moderate size) was read, the result is a copy of it: formats, widths, formulas
        and other sheets stay, and the cells carry comments. Formulas have no results in it
        until a spreadsheet program has opened and saved it.

    Raises
    ------
    UsageError
        Several sheets and one CSV file.
    """
    if path.suffix.lower() == ".xlsx":
        _workbook(read, path)
    elif path.suffix.lower() == ".csv":
        if len(read.sheets) != 1:
            raise UsageError(
                "several sheets do not fit into one CSV file: give a folder or an .xlsx"
            )
        _csv(_Marked(read, *read.sheets[0]), path)
    else:
        path.mkdir(parents=True, exist_ok=True)
        for grid, table in read.sheets:
            _csv(_Marked(read, grid, table), path / f"{_name(grid)}.csv")


def _name(grid: Grid) -> str:
    return grid.sheet or grid.file.rpartition(".")[0] or grid.file


class _Marked:
    """A sheet and its problems by row and column."""

    def __init__(self, read: Read, grid: Grid, table: str | None) -> None:
        self.grid = grid
        self.header: Header | None = find_header(grid, table, read.hints.columns)
        self.by_row: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in _of(read.problems, grid).iter_rows(named=True):
            if row["row"] is not None:
                self.by_row[row["row"] - grid.first_row].append(row)

    def words(self, index: int) -> str:
        """Return what is wrong in a row, a line for each problem."""
        return (
            "\n".join(
                f"{p['level'].upper()} {p['column']}: {p['found']!r}, expected {p['expected']}. "
                f"{p['mend']}"
                for p in self.by_row[index]
            )
            if index in self.by_row
            else ""
        )

    def levels(self, index: int) -> dict[int, str]:
        """Return sheet column -> "error" or "warning" of a row."""
        at = {m.column: i for i, m in self.header.matches.items()} if self.header else {}
        found: dict[int, str] = {}
        for p in self.by_row.get(index, ()):
            column = at.get(p["column"])
            if column is not None and found.get(column) != "error":
                found[column] = p["level"]
        return found

    def header_row(self) -> int:
        """Return the index of the header row."""
        return self.header.row if self.header else 0

    def marks(self) -> dict[str, Any]:
        """Return what to write into a copy of the sheet: rows from 1, columns from 0."""
        first = max(1, self.grid.first_row)
        cells = [
            [first + index, column, level, self.words(index)]
            for index in sorted(self.by_row)
            for column, level in sorted(self.levels(index).items())
        ]
        words = {first + index: self.words(index) for index in sorted(self.by_row)}
        header = first + self.header_row()
        return {"column": self.grid.width, "header": header, "words": words, "cells": cells}


def _of(problems: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    return problems.filter((problems["file"] == grid.file) & (problems["sheet"] == grid.sheet))


def _csv(marked: _Marked, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for index, cells in enumerate(marked.grid.text.iter_rows()):
            words = PROBLEMS if index == marked.header_row() else marked.words(index)
            writer.writerow([*(c or "" for c in cells), words])


def _workbook(read: Read, path: Path) -> None:
    source = _original(read)
    if source is not None:
        try:
            marked_copy(source, path, _marks(read))
        except FormatError:  # not within the limits: its cells alone are written back
            pass
        else:
            return
    book = Book(path)
    _front(book, read.problems)
    write_settings(book, _settings(read))
    names: set[str] = {"aidline problems", "settings"}
    for grid, table in read.sheets:
        name = sheet_name(_name(grid))
        while name.lower() in names:
            name = sheet_name(f"{name[:27]} {len(names)}")
        names.add(name.lower())
        if table is not None and table_of(name) != table:
            name = sheet_name(table)
        _sheet(book, _Marked(read, grid, table), name)
    book.close()


def _original(read: Read) -> Path | None:
    """Return the one workbook that was read, where it can be changed in place."""
    grids = [grid for grid, _ in read.sheets]
    files = {grid.file for grid in grids}
    if len(files) != 1 or read.situation.folder is None:
        return None
    source = read.situation.folder / files.pop()
    cells = sum(grid.height * grid.width for grid in grids)
    fits = source.suffix.lower() == ".xlsx" and cells <= MOST_CELLS and source.is_file()
    return source if fits else None


def _marks(read: Read) -> dict[str, Any]:
    """Return what `aidline.formats.marked_copy.marked_copy` needs to know."""
    problems = read.problems
    marked = [_Marked(read, grid, table) for grid, table in read.sheets]
    return {
        "sheets": {m.grid.sheet: m.marks() for m in marked if m.header or m.by_row},
        "front": [problems.columns, *map(list, problems.iter_rows())],
        "settings": _plain(_settings(read)),
    }


def _settings(read: Read) -> list[tuple[str, Any]]:
    """Return the settings as they were given: what was assumed stays open in the copy."""
    given: dict[str, Any] = {"decimal": read.hints.decimal}
    if read.problems.filter(rule="no-start-date").height:
        given["start_date"] = None
    return settings_rows(read.situation.settings, given=given)


def _plain(rows: list[tuple[str, Any]]) -> list[list[Any]]:
    """Return settings as JSON can hold them; dates are ISO text."""
    return [[k, v.isoformat() if hasattr(v, "isoformat") else v] for k, v in rows]


def _front(book: Book, problems: pl.DataFrame) -> None:
    sheet = book.sheet("aidline problems")
    for i, (name, width) in enumerate(
        zip(problems.columns, (9, 18, 14, 6, 16, 20, 30, 34, 60), strict=True)
    ):
        sheet.write_string(0, i, name, book.style("head"))
        sheet.set_column(i, i, width)
    for r, row in enumerate(problems.iter_rows(), start=1):
        for i, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(r, i, value)
            else:
                sheet.write_string(r, i, value or "", book.style(row[0]) if i == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, problems.height), len(problems.columns) - 1)


def _sheet(book: Book, marked: _Marked, name: str) -> None:
    grid, sheet = marked.grid, book.sheet(name)
    kinds = grid.kinds.iter_rows() if grid.kinds is not None else iter(lambda: (), None)
    sheet.set_column(0, max(0, grid.width - 1), 15)
    sheet.set_column(grid.width, grid.width, 80)
    for index, (cells, kind) in enumerate(zip(grid.text.iter_rows(), kinds, strict=False)):
        row = index + max(0, grid.first_row - 1)
        levels = marked.levels(index)
        for i, text in enumerate(cells):
            style = book.style(levels[i]) if i in levels else None
            _cell(book, sheet, (row, i), text, kind=kind[i] if kind else 0, style=style)
        words = PROBLEMS if index == marked.header_row() else marked.words(index)
        if words:
            sheet.write_string(row, grid.width, words[:LONGEST_CELL], book.style("wrap"))


def _cell(
    book: Book, sheet: Any, at: tuple[int, int], text: str | None, *, kind: int, style: Any
) -> None:
    if text is None:
        if style is not None:
            sheet.write_blank(*at, None, style)
    elif kind == NUMBER:
        sheet.write_number(*at, float(text), style)
    elif kind == DATE and (date := iso_date(text[:10])) is not None:
        colour = {"bg_color": style.bg_color} if style is not None else {}
        sheet.write_datetime(*at, date, book.style(num_format="yyyy-mm-dd", **colour))
    else:
        sheet.write_string(*at, text if len(text) <= LONGEST_CELL else _TOO_LONG, style)
