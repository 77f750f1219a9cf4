"""Checks on single cells and single rows of a table, derived from its spec.

Every check is a Boolean expression. All expressions of a table are evaluated in one pass;
only the rows that break one are looked at again to say what is wrong with them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from aidline.situation.nearest import did_you_mean
from aidline.situation.problems import problem, problems_of

if TYPE_CHECKING:
    from aidline.situation.schema import Column, Table

LARGEST = 1e12
"""No figure of a relief operation is larger; whatever is, is a slip."""

FIRST_DATE, LAST_DATE = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
TIME_PATTERN = r"^([01]?\d|2[0-3]):[0-5]\d$"
EDGE_SPACE = r"^\s|\s$"

IN_ORDER: dict[str, tuple[tuple[str, str], ...]] = {
    "needs": (("date", "until"),),
    "stock": (("available_from", "expiry"),),
    "arrivals": (("eta", "expiry"),),
    "fleets": (("from_date", "until"),),
    "teams": (("available_from", "until"),),
    "hazards": (("from_date", "until"),),
}
"""Dates of one row of which the first must not lie after the second."""


@dataclass(frozen=True, slots=True)
class CellRule:
    """One check on the rows of a table.

    Attributes
    ----------
    rule, level, column
        As in the table of problems.
    bad
        True where the row breaks it (null counts as false).
    found, expected, mend
        What to say of such a row.
    candidates
        Codes of which the nearest is offered.
    """

    rule: str
    level: str
    column: str
    bad: pl.Expr
    found: pl.Expr | str
    expected: str
    mend: str
    candidates: tuple[str, ...] = ()


def check_cells(spec: Table, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the problems of single cells and rows.

    Parameters
    ----------
    spec
        What the table should be.
    frame
        Its rows, with all columns of the spec and those of `problems.ORIGIN`.
    """
    rules = cell_rules(spec)
    found = frame.select(
        rule.bad.fill_null(value=False).sum().alias(str(i)) for i, rule in enumerate(rules)
    ).row(0)
    broken = [(rule, n) for rule, n in zip(rules, found, strict=True) if n]
    return [_report(spec.name, rule, frame, n) for rule, n in broken]


def _report(table: str, rule: CellRule, frame: pl.DataFrame, n: int) -> pl.DataFrame:
    if rule.rule == "required" and 1 < n == frame.height:
        file, sheet = frame.row(0, named=True)["_file"], frame.row(0, named=True)["_sheet"]
        return problem(
            rule.level,
            rule.rule,
            file=file,
            sheet=sheet,
            column=rule.column,
            found="nothing in any row",
            expected=rule.expected,
            mend=f"Add the column {rule.column}. If it stands there under another name, say so in "
            f'situation.toml: [columns.{table}] and below it {rule.column} = "that name".',
        )
    rows = frame.filter(rule.bad)
    mend: pl.Expr | str = rule.mend
    if rule.candidates:
        hints = did_you_mean(rows[rule.column].unique().to_list(), rule.candidates)
        shown = pl.col(rule.column).replace_strict(hints, default="", return_dtype=pl.String)
        mend = shown + rule.mend
    return problems_of(
        rows,
        rule.level,
        rule.rule,
        column=rule.column,
        found=rule.found,
        expected=rule.expected,
        mend=mend,
    )


@cache
def cell_rules(spec: Table) -> tuple[CellRule, ...]:
    """Return every check on single cells and rows of a table."""
    rules: list[CellRule] = []
    for column in spec.columns:
        rules += _required(column) + _BY_KIND.get(column.kind, lambda _: [])(column)
    rules += [rule for name in spec.names for rule in _interval(spec, name)]
    rules += [_in_order(first, second) for first, second in IN_ORDER.get(spec.name, ())]
    if spec.name == "crossings":
        rules.append(_opening_hours())
    return tuple(rules)


def _required(column: Column) -> list[CellRule]:
    if not column.required:
        return []
    value = pl.col(column.name)
    empty = value.is_null()
    if column.dtype == pl.String:
        empty = empty | (value == "")
    mend = f"Fill in {column.name}: {column.meaning} Example: {column.example}"
    return [CellRule("required", "error", column.name, empty, "nothing", _what(column), mend)]


def _what(column: Column) -> str:
    unit = f" in {column.unit}" if column.unit else ""
    return {
        "id": "a code",
        "text": "a text",
        "number": f"a number{unit}",
        "whole": f"a whole number{unit}",
        "date": "a date",
        "time": "a time HH:MM",
        "yes_no": "yes or no",
        "choice": f"one of: {', '.join(column.choices)}",
        "list": "codes with spaces between",
        "wkt": "well-known text",
    }[column.kind]


def number_text(name: str) -> pl.Expr:
    """Return a number column as people write it (5, not 5.0)."""
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")


def _number(column: Column) -> list[CellRule]:
    value, shown = pl.col(column.name), number_text(column.name)
    expected = _range_text(column)
    mend = f"Correct it; leave it empty if it is not known. {column.meaning}"
    within = value.abs() <= LARGEST
    rules = [
        CellRule("too-large", "error", column.name, value.abs() > LARGEST, shown, expected, mend)
    ]
    if column.kind == "number":
        rules[0] = CellRule(
            "too-large", "error", column.name,
            value.is_finite() & (value.abs() > LARGEST), shown, expected, mend,
        )  # fmt: skip
        rules.append(
            CellRule(
                "not-a-number", "error", column.name, ~value.is_finite(), shown, expected, mend
            )
        )
    outside = pl.lit(value=False)
    if column.low is not None:
        outside = outside | (value < column.low)
    if column.high is not None:
        outside = outside | (value > column.high)
    if column.low is not None or column.high is not None:
        hint = _swap_hint(column.name)
        rules.append(
            CellRule("range", "error", column.name, within & outside, shown, expected, mend + hint)
        )
    return rules


def _swap_hint(name: str) -> str:
    return " Are latitude and longitude swapped?" if name == "latitude" else ""


def _range_text(column: Column) -> str:
    unit = f" {column.unit}" if column.unit else ""
    if column.low is not None and column.high is not None:
        return f"{column.low:g} to {column.high:g}{unit}"
    if column.low is not None:
        return f"{column.low:g}{unit} or more"
    return f"a number{unit}"


def _choice(column: Column) -> list[CellRule]:
    value = pl.col(column.name)
    bad = (value != "") & ~value.is_in(list(column.choices))
    return [
        CellRule(
            "choice", "error", column.name, bad, value,
            _what(column), f"Write one of: {', '.join(column.choices)}.", column.choices,
        )
    ]  # fmt: skip


def _list(column: Column) -> list[CellRule]:
    if not column.choices:
        return []
    one = "|".join(re.escape(choice) for choice in column.choices)
    known = rf"^\s*(?:(?:{one})(?:\s+|$))*$"
    value = pl.col(column.name)
    return [
        CellRule(
            "list", "error", column.name, ~value.str.contains(known), value,
            f"codes with spaces between, each one of: {', '.join(column.choices)}",
            "Write the codes with a space between them.",
        )
    ]  # fmt: skip


def _time(column: Column) -> list[CellRule]:
    value = pl.col(column.name)
    return [
        CellRule(
            "time", "error", column.name, ~value.str.contains(TIME_PATTERN), value,
            "a time from 00:00 to 23:59", f"Write it as HH:MM, for example {column.example}.",
        )
    ]  # fmt: skip


def _date(column: Column) -> list[CellRule]:
    value = pl.col(column.name)
    return [
        CellRule(
            "date", "error", column.name, ~value.is_between(FIRST_DATE, LAST_DATE), value,
            f"a date between {FIRST_DATE} and {LAST_DATE}",
            "Correct the year; write dates as YYYY-MM-DD.",
        )
    ]  # fmt: skip


def _id(column: Column) -> list[CellRule]:
    if column.refers_to:
        return []  # a code with spaces around it is not found where it refers to
    value = pl.col(column.name)
    return [
        CellRule(
            "spaces", "warning", column.name, value.str.contains(EDGE_SPACE), "'" + value + "'",
            "a code without spaces around it", "Delete the spaces before and after the code.",
        )
    ]  # fmt: skip


_BY_KIND = {
    "number": _number,
    "whole": _number,
    "choice": _choice,
    "list": _list,
    "time": _time,
    "date": _date,
    "id": _id,
}


def _interval(spec: Table, name: str) -> list[CellRule]:
    """Where a figure has a low and a high end: low ≤ figure ≤ high."""
    low, high = f"{name}_low", f"{name}_high"
    pairs = [(low, name, low), (name, high, high), (low, high, high)]
    return [
        CellRule(
            "interval", "warning", at, pl.col(first) > pl.col(second), number_text(at),
            f"{first} not above {second}", f"Correct {first} or {second}.",
        )
        for first, second, at in pairs
        if first in spec.names and second in spec.names
    ]  # fmt: skip


def _in_order(first: str, second: str) -> CellRule:
    return CellRule(
        "order", "error", second, pl.col(first) > pl.col(second),
        pl.format("{} before {}", pl.col(second), pl.col(first)),
        f"{second} on or after {first}", f"Correct {first} or {second}.",
    )  # fmt: skip


def _opening_hours() -> CellRule:
    opens, closes = (pl.col(name).str.zfill(5) for name in ("opens_at", "closes_at"))
    return CellRule(
        "order", "error", "closes_at", opens >= closes,
        pl.format("open from {} to {}", opens, closes), "closes_at after opens_at",
        "Correct the hours; for a crossing that is open all day write 00:00 and 23:59.",
    )  # fmt: skip
