"""From a sheet as it was found to rows of a table, with every problem on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.cells import Cells
from aidline.formats.findings import Findings
from aidline.formats.folding import fold
from aidline.formats.grid import TEXT, letter
from aidline.formats.header_problems import tell_columns
from aidline.formats.headers import Header, find_header, wrong_unit
from aidline.formats.number_text import Mark, marks_of
from aidline.formats.totals import total_rows
from aidline.formats.units import is_unit
from aidline.formats.values import parse
from aidline.situation.problems import no_problems
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.formats.cells import Parsed
    from aidline.formats.findings import Level
    from aidline.formats.grid import Grid


@dataclass(frozen=True, slots=True)
class Hints:
    """What the settings say about the files beside them.

    Attributes
    ----------
    columns
        Table -> our column -> header in the file.
    decimal
        Decimal mark of every file, None where it is to be told by their cells.
    epsg
        Coordinate system of layers that do not tell their own, None = they must.
    """

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decimal: Mark | None = None
    epsg: int | None = None


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows that a sheet gives to a table.

    Attributes
    ----------
    table
        Name of the table, "" where the sheet is none that is known.
    frame
        Typed columns and ``_file, _sheet, _row``; totals and blank rows are not in it.
    problems
        Table of problems.
    rows_in
        Rows of data, totals included.
    totals
        Rows left out because they are totals.
    example
        True when the worked example row of the template was left in (and left out here).
    """

    table: str
    frame: pl.DataFrame
    problems: pl.DataFrame
    rows_in: int = 0
    totals: int = 0
    example: bool = False


def read_sheet(grid: Grid, table: str | None, hints: Hints) -> SheetRows:
    """Read one sheet.

    Parameters
    ----------
    grid
        The sheet as it was found.
    table
        The table that its name tells, None to tell it by its headers.
    hints
        What the settings say.
    """
    header = find_header(grid, table, hints.columns)
    if header is None:
        return SheetRows("", pl.DataFrame(), _no_header(grid, table))
    return _SheetReader(grid, header, hints).read()


def _no_header(grid: Grid, table: str | None) -> pl.DataFrame:
    findings = Findings()
    if table is None:
        findings.add(
            "warning",
            "unknown-sheet",
            file=grid.file,
            sheet=grid.sheet,
            expected="a sheet named after a table, or headers that fit exactly one",
            mend="name it after the table that it holds (needs, stock, ...); it was not read",
        )
    elif grid.height:
        first = " ".join(c for c in grid.row(0) if c)
        findings.add(
            "error",
            "no-header",
            file=grid.file,
            sheet=grid.sheet,
            row=grid.number(0) or None,
            found=first,
            expected=f"a row with the column names of {table}",
            mend="write the column names above the data, as in the template, or say in "
            f"situation.toml under [columns.{table}] which is which",
        )
    else:
        return no_problems()
    return findings.table()


class _SheetReader:
    """Reads one sheet whose header is known."""

    def __init__(self, grid: Grid, header: Header, hints: Hints) -> None:
        self.grid, self.header, self.hints = grid, header, hints
        self.table = BY_NAME[header.table]
        self.findings = Findings()
        self.numbers = pl.Series(dtype=pl.Int64)

    def read(self) -> SheetRows:
        tell_columns(self.findings, self.grid, self.header)
        cells = self._body()
        text = pl.DataFrame({name: c.text for name, c in cells.items()})
        if self._is_example(text):
            cells = {n: Cells(c.column, c.text[1:], c.kind[1:]) for n, c in cells.items()}
            text, self.numbers, example = text[1:], self.numbers[1:], True
        else:
            example = False
        parsed = self._parse(cells)
        typed = {
            n: p.values for n, p in parsed.items() if self.table[n].kind in {"number", "whole"}
        }
        totals = total_rows(self.table, text, typed)
        self._tell(parsed, totals)
        frame = self._frame(parsed, text.height, totals)
        return SheetRows(
            self.table.name, frame, self.findings.table(), text.height, len(totals), example
        )

    def _add(self, level: Level, rule: str, row: int | None, column: str, **words: str) -> None:
        self.findings.add(
            level, rule, file=self.grid.file, sheet=self.grid.sheet, row=row, column=column, **words
        )

    def _body(self) -> dict[str, Cells]:
        """Return the cells of each known column, without blank rows, merged cells filled."""
        grid, header = self.grid, self.header
        text = grid.text.slice(header.body)
        kinds = None if grid.kinds is None else grid.kinds.slice(header.body)
        cells: dict[str, Cells] = {}
        usable = {i: m.column for i, m in header.matches.items() if not wrong_unit(header, m)}
        for index in sorted(usable, key=lambda i: self.table.names.index(usable[i])):
            column = self.table[usable[index]]
            cells[column.name] = Cells.of(
                column, text[str(index)], None if kinds is None else kinds[str(index)]
            )
        self._fill_merged(cells)
        numbers = pl.int_range(
            grid.number(header.body), grid.number(grid.height), dtype=pl.Int64, eager=True
        )
        filled = pl.DataFrame({n: c.text.is_not_null() for n, c in cells.items()})
        keep = (
            filled.select(pl.any_horizontal(pl.all())).to_series()
            if cells
            else pl.Series([], dtype=pl.Boolean)
        )
        self._tell_unread(text, keep, numbers)
        if keep.all():
            self.numbers = numbers
            return cells
        self.numbers = numbers.filter(keep)
        return {
            n: Cells(c.column, c.text.filter(keep), c.kind.filter(keep)) for n, c in cells.items()
        }

    def _tell_unread(self, text: pl.DataFrame, keep: pl.Series, numbers: pl.Series) -> None:
        """Report columns without a header that hold something."""
        header = self.header
        named = {*header.matches, *header.unknown, *header.twice, *header.ignored}
        for index in range(self.grid.width):
            if index in named:
                continue
            filled = (text[str(index)].str.strip_chars() != "").fill_null(value=False) & keep
            if filled.any():
                first = filled.arg_true()[0]
                self._add(
                    "warning",
                    "no-column-name",
                    numbers[first],
                    letter(index),
                    found=str(text[str(index)][first]),
                    expected="a name above every column",
                    mend="name the column or empty it; it was not read",
                )

    def _fill_merged(self, cells: dict[str, Cells]) -> None:
        at = {index: match.column for index, match in self.header.matches.items()}
        for top, left, bottom, _ in self.grid.merged:
            name = at.get(left)
            if name not in cells:
                continue
            start, end = top - self.header.body, bottom - self.header.body
            if (
                name is None
                or start < 0
                or end == start
                or cells[name].column.kind not in {"id", "text", "date", "choice"}
            ):
                continue
            old = cells[name]
            end = min(end, len(old.text) - 1)
            rows = list(range(start + 1, end + 1))
            if not rows or old.text[start] is None:
                continue
            text = old.text.scatter(rows, old.text[start])
            kind = old.kind.scatter(rows, old.kind[start])
            cells[name] = Cells(old.column, text, kind)
            self._add(
                "warning",
                "merged-cells",
                self.grid.number(top),
                name,
                found=str(old.text[start]),
                expected="one value in each row",
                mend=f"it was taken for {len(rows) + 1} rows; unmerge the cells and fill each",
            )

    def _is_example(self, text: pl.DataFrame) -> bool:
        """Tell whether the first row is the worked example of our template, untouched."""
        if not self.header.ours or not text.height:
            return False
        from aidline.formats.examples import example_texts

        first = text.row(0, named=True)
        known = example_texts(self.table.name)
        filled = {n: v for n, v in first.items() if v is not None}
        return bool(filled) and all(fold(v) in known[n] for n, v in filled.items())

    def _parse(self, cells: dict[str, Cells]) -> dict[str, Parsed]:
        units = {m.column: m.unit for m in self.header.matches.values() if is_unit(m.unit)}
        numeric = [c for c in cells.values() if c.column.kind in {"number", "whole"}]
        decimal = self.hints.decimal
        if decimal is None and any((c.kind == TEXT).any() for c in numeric):
            marks = [marks_of(c) for c in numeric]
            point, comma = any(m.point for m in marks), any(m.comma for m in marks)
            decimal = None if point == comma else "." if point else ","
        return {name: parse(c, decimal, units.get(name, "")) for name, c in cells.items()}

    def _tell(self, parsed: dict[str, Parsed], totals: dict[int, str]) -> None:
        numbers = self.numbers.to_list()
        for name, column in parsed.items():
            for f in column.findings:
                if f.index not in totals:
                    self._add(
                        f.level,
                        f.rule,
                        numbers[f.index],
                        name,
                        found=f.found,
                        expected=f.expected,
                        mend=f.mend,
                    )
        for index, why in totals.items():
            self._add(
                "warning",
                "total-row",
                numbers[index],
                "",
                found=why,
                expected="rows that are no totals",
                mend="the row was left out, so that nothing is counted twice; if it is no "
                "total, rename it",
            )

    def _frame(
        self, parsed: dict[str, Parsed], height: int, totals: dict[int, str]
    ) -> pl.DataFrame:
        frame = pl.DataFrame(
            {
                **{n: p.values.cast(self.table[n].dtype).alias(n) for n, p in parsed.items()},
                "_row": self.numbers,
            }
        ).with_columns(
            pl.lit(self.grid.file).alias("_file"), pl.lit(self.grid.sheet).alias("_sheet")
        )
        missing = [
            pl.lit(None, c.dtype).alias(c.name)
            for c in self.table.columns
            if c.name not in frame.columns
        ]
        frame = frame.with_columns(missing).select([*self.table.names, "_file", "_sheet", "_row"])
        if not totals:
            return frame
        keep = [i for i in range(height) if i not in totals]
        return frame[keep]
