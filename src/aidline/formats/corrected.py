"""The user's own sheets, handed back with what is wrong in each row."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aidline.errors import UsageError
from aidline.formats.book import LONGEST_CELL, Book, sheet_name
from aidline.formats.date_cells import iso_date
from aidline.formats.folder import table_of
from aidline.formats.grid import DATE, NUMBER
from aidline.formats.headers import PROBLEMS, Header, find_header
from aidline.formats.write_workbook import write_settings

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
        user's sheets is kept. Mended, the file can be read again as it is.

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
        return self.header.row if self.header else 0


def _of(problems: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    return problems.filter((problems["file"] == grid.file) & (problems["sheet"] == grid.sheet))


def _csv(marked: _Marked, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for index, cells in enumerate(marked.grid.text.iter_rows()):
            words = PROBLEMS if index == marked.header_row() else marked.words(index)
            writer.writerow([*(c or "" for c in cells), words])


def _workbook(read: Read, path: Path) -> None:
    book = Book(path)
    _front(book, read.problems)
    write_settings(book, read.situation.settings)
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
