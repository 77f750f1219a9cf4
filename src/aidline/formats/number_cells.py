"""Numbers as people write them: separators, digits of other scripts, units, percent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.cells import Cells, Parsed, scatter
from aidline.formats.findings import Finding
from aidline.formats.grid import BOOL, DATE, ERROR, NUMBER, TEXT, TIME, broken_formula
from aidline.formats.number_text import (
    ARABIC,
    COMMA,
    INDIAN,
    MISSING,
    PLAIN,
    POINT,
    SPACED,
    UNCLEAR,
    Mark,
    Marks,
    ascii_digits,
    marks_of,
    split_unit,
)
from aidline.formats.units import factor_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aidline.situation.schema import Column

_CODES = frozenset({999.0, 9999.0, 99999.0, 999999.0, -9.0, -99.0, -999.0, -9999.0})
_COUNTED = frozenset({"people", "households", "trucks", "trucks/day", "vehicles", "beds", "seats"})
_LARGEST = 1e12


def parse_numbers(cells: Cells, sheet_decimal: Mark | None = None, unit: str = "") -> Parsed:
    """Return numbers.

    Parameters
    ----------
    cells
        The column.
    sheet_decimal
        Decimal mark of the rest of the sheet, used where the column itself proves none.
    unit
        Unit that the header names, if another than the column's.

    Notes
    -----
    A cell such as "1,234" is read by what the rest of the column proves, then by the sheet,
    then by the closed range of the column; if all three leave it open it is an error.
    """
    marks = marks_of(cells)
    decimal = marks.decimal if (marks.point or marks.comma) else sheet_decimal
    values = _usual(cells, decimal)
    rest = cells.where(cells.text.is_not_null() & values.is_null())
    reader = _Reader(cells.column, decimal, _counted_thousands(cells, marks, sheet_decimal))
    findings: list[Finding] = []
    found: list[tuple[int, object]] = []
    known: dict[str, _Answer] = {}
    kinds = cells.kind.to_list() if rest else []
    for index, cell in rest:
        answer = _by_kind(kinds[index], cell) or known.get(cell) or reader.read(cell)
        known.setdefault(cell, answer)
        if answer.value is not None:
            found.append((index, answer.value))
        if answer.rule:
            findings.append(
                Finding(
                    index,
                    answer.rule,
                    cell,
                    answer.expected,
                    answer.mend,
                    "warning" if answer.warning else "error",
                )
            )
    if reader.thousands and reader.used is not None:
        findings.append(_assumed(next(i for i, t in rest if t == reader.used), reader.used))
    values = scatter(values, found)
    parsed = Parsed(values, findings)
    _limits(cells, parsed)
    return _convert(cells.column, parsed, unit)


def _usual(cells: Cells, decimal: Mark | None) -> pl.Series:
    """Return the numbers of all cells in a usual writing, read as whole columns."""
    t = pl.col("t")
    unclear = t.str.contains(UNCLEAR) & (pl.col("k") != NUMBER)
    with_comma = t.str.contains(COMMA)
    with_point = t.str.contains(POINT)
    if decimal == ",":
        with_comma |= unclear
    elif decimal == ".":
        with_point |= unclear
    frame = pl.DataFrame({"t": ascii_digits(cells.text), "k": cells.kind})
    written = pl.col("k").is_in([NUMBER, TEXT])
    plain = t.str.contains(PLAIN) & ~unclear
    return frame.select(
        pl.when(written & plain)
        .then(t)
        .when(written & with_point)
        .then(t.str.replace_all(",", "", literal=True))
        .when(written & with_comma)
        .then(t.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .cast(pl.Float64, strict=False)
    ).to_series()


@dataclass(frozen=True, slots=True)
class _Answer:
    value: float | None = None
    rule: str = ""
    expected: str = ""
    mend: str = ""
    warning: bool = False


@dataclass(slots=True)
class _Reader:
    """Reads single cells that are not plain numbers."""

    column: Column
    decimal: Mark | None
    thousands: bool
    used: str | None = None

    def read(self, cell: str) -> _Answer:
        """Return the number in a cell, or what is wrong with it."""
        if cell.casefold() in MISSING:
            return _Answer(
                None,
                "missing-code",
                "a number, or nothing where it is unknown",
                "write the figure, or 0 if it is none"
                if self.column.required
                else "read as unknown; leave the cell empty, or write 0 if it is none",
                warning=not self.column.required,
            )
        text = cell.translate(ARABIC).strip()
        part, unit = split_unit(text)
        if unit is None and not re.fullmatch(
            r"[+-]?[\d.,\s\u00a0\u202f\u2009'’]+([eE][+-]?\d+)?", text
        ):
            return _Answer(None, "number", "a number", "write one number only, without words")
        scale = 1.0
        if unit:
            factor = _unit_factor(unit, self.column)
            if factor is None:
                shown = self.column.unit or "no unit"
                return _Answer(
                    None,
                    "unit",
                    f"a number in {shown}",
                    f"'{unit}' cannot be turned into {shown}: write the number in {shown}",
                )
            scale = factor
        value = self._number(part)
        if value is None:
            return (
                _unclear(part)
                if re.match(UNCLEAR, part)
                else _Answer(
                    None,
                    "number",
                    "a number",
                    "write digits with one decimal point, such as 1234.5",
                )
            )
        if re.match(UNCLEAR, part) and self.decimal is None and self.thousands:
            self.used = self.used or cell
        return _Answer(value * scale)

    def _number(self, part: str) -> float | None:
        if re.match(UNCLEAR, part):
            return self._either(part)
        if SPACED.match(part):
            return float(re.sub(r"[ \u00a0\u202f\u2009'’]", "", part).replace(",", "."))
        if INDIAN.match(part):
            return float(part.replace(",", ""))
        if re.match(POINT, part):
            return float(part.replace(",", ""))
        if re.match(COMMA, part):
            return float(part.replace(".", "").replace(",", "."))
        return float(part) if re.match(PLAIN, part) else None

    def _either(self, part: str) -> float | None:
        mark = "." if "." in part else ","
        fraction, whole = float(part.replace(",", ".")), float(part.replace(mark, ""))
        if self.decimal is not None:
            return fraction if mark == self.decimal else whole
        low, high = self.column.low, self.column.high
        if low is not None and high is not None:
            fits = [v for v in (fraction, whole) if low <= v <= high]
            if len(fits) == 1:
                return fits[0]
        if self.thousands:
            return whole
        counted = self.column.kind == "whole" or self.column.unit in {
            *_COUNTED,
            "units of the item",
        }
        return fraction if mark == "." and not counted else None


def _by_kind(kind: int, cell: str) -> _Answer | None:
    if kind == ERROR:
        return _Answer(
            None,
            "formula-error",
            "a number",
            broken_formula(cell, "write the value"),
        )
    if kind in {DATE, TIME}:
        return _Answer(
            None,
            "date-as-number",
            "a number",
            "the spreadsheet made a date of it: format the cell as a number and type it again",
        )
    if kind == BOOL:
        return _Answer(None, "number", "a number", "write a number, not true or false")
    return None


def _unclear(part: str) -> _Answer:
    mark = "." if "." in part else ","
    whole, fraction = part.replace(mark, ""), part.replace(",", ".")
    return _Answer(
        None,
        "ambiguous-number",
        f"{whole} or {fraction}",
        f'write {whole} or {fraction.rstrip("0")}, or put decimal = "." or "," into the settings',
    )


def _assumed(index: int, cell: str) -> Finding:
    return Finding(
        index,
        "thousands-assumed",
        cell,
        "numbers without thousands separators",
        "every such cell of this column was read as thousands; write them without separators to "
        "be sure",
        "warning",
    )


def _counted_thousands(cells: Cells, marks: Marks, sheet_decimal: Mark | None) -> bool:
    """Tell whether a column of counts holds enough cells like 9,800 to be thousands."""
    if marks.point or marks.comma or sheet_decimal or cells.column.unit not in _COUNTED:
        return False
    written = cells.text.filter(cells.kind != NUMBER).drop_nulls()
    unclear = written.filter(written.str.contains(UNCLEAR)).unique()
    signs = set(unclear.str.extract(r"([.,])").to_list())
    return len(unclear) >= 3 and len(signs) == 1


def _unit_factor(unit: str, column: Column) -> float | None:
    if unit == "%":
        is_share = column.unit.startswith("share") or (column.low == 0 and column.high == 1)
        return 0.01 if is_share or column.name == "speed_factor" else None
    return factor_between(unit, column.unit)


def _limits(cells: Cells, parsed: Parsed) -> None:
    """Refuse numbers that are not finite or absurd, and name codes that often mean unknown."""
    values = parsed.values
    bad = values.is_nan() | values.is_infinite() | (values.abs() > _LARGEST)
    for index, cell in cells.where(bad):
        parsed.findings.append(
            Finding(
                index,
                "absurd-number",
                cell,
                "a finite number below 1e12",
                "write the true figure, or leave the cell empty",
            )
        )
    parsed.values = (
        values.to_frame("v")
        .select(pl.when(~bad.fill_null(value=False)).then(pl.col("v")))
        .to_series()
    )
    low = cells.column.low
    codes = [c for c in _CODES if c > 0 or low is None]
    for index, cell in cells.where(parsed.values.is_in(codes)):
        parsed.findings.append(
            Finding(
                index,
                "missing-code",
                cell,
                "a figure, or nothing where it is unknown",
                f"{cell} often stands for 'unknown'; it was kept as a figure: empty the cell if "
                "it is unknown",
                "warning",
            )
        )


def _convert(column: Column, parsed: Parsed, unit: str) -> Parsed:
    if unit:
        factor = factor_between(unit, column.unit)
        if factor is not None and factor != 1:
            parsed.values = parsed.values * factor
    if column.kind != "whole":
        return parsed
    values = parsed.values
    broken: Iterable[int] = (values != values.round(0)).fill_null(value=False).arg_true().to_list()
    for index in broken:
        parsed.findings.append(
            Finding(
                index,
                "whole-number",
                f"{values[index]:g}",
                "a whole number",
                "write a number without a fraction",
            )
        )
    parsed.values = (
        values.to_frame("v")
        .select(
            pl.when(pl.col("v") == pl.col("v").round(0))
            .then(pl.col("v"))
            .cast(pl.Int64, strict=False)
        )
        .to_series()
    )
    return parsed
