"""T: the form of a plan: its tables, codes, numbers and days.

Rows that are malformed are reported here and left out of the other rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.tables import PLAN_BY_NAME
from aidline.plan.verify.crew_ways import segment_ids
from aidline.plan.verify.facts import coded
from aidline.plan.verify.violations import Violation, violations
from aidline.situation.row_keys import in_order

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.plan.verify.facts import Facts
    from aidline.situation.schema import Column
    from aidline.situation.situation import Situation

NEEDED = ("trips", "loads", "deliveries", "transfers", "uses", "coverage", "fairness")
CHECKED = (*NEEDED, "stocks", "usage", "prices")
CLEARING = ("tasks", "rescues", "road_openings")
MAY_REPEAT_BY_ARRIVAL = {"deliveries": ["arrive_day"]}  # two classes of trucks, two arrivals
CODES = {
    "from_id": "places",
    "place_id": "places",
    "via_id": "places",
    "base_id": "places",
    "area_id": "areas",
    "item_id": "items",
    "from_item_id": "items",
    "class_id": "vehicle_classes",
    "lot_id": "lots",
    "team_id": "teams",
    "segment_id": "segments",
}
MEANING = {
    "places": "place",
    "areas": "area",
    "items": "item",
    "vehicle_classes": "vehicle class",
    "lots": "lot that can be sent",
    "stops": "area or place",
    "teams": "team",
    "segments": "road segment",
    "sites": "blockage or worksite",
}
LATER = ("arrive_day",)  # may lie after the last day in these tables; rules S1 and S6 judge it
LATE_TABLES = ("trips", "transfers")


def well_formed(facts: Facts, plan: Plan) -> tuple[dict[str, pl.DataFrame], list[Violation]]:
    """Return the usable rows of the tables that the rules read, and what is malformed.

    Returns
    -------
    tables
        Every table of `CHECKED`, with all its columns and types; usable rows only.
    violations
        T.record, T.missing, T.columns, T.empty, T.number, T.negative, T.day, T.unknown,
        T.duplicate.
    """
    known = _known_codes(facts)
    tables: dict[str, pl.DataFrame] = {}
    found = _record(facts, plan)
    for name in CHECKED:
        frame = plan.tables.get(name)
        if frame is None:
            if name in NEEDED:
                found.append(_plain("T.missing", name, f"The plan has no table {name}."))
            frame = PLAN_BY_NAME[name].empty()
        typed, wrong = _typed(name, frame)
        rows = coded(typed, facts.codes)
        tables[name], more = _usable(name, typed, rows, facts.days, known)
        found += [*wrong, *more]
    return tables, found


def clearing_rows(
    situation: Situation, plan: Plan
) -> tuple[dict[str, pl.DataFrame], list[Violation]]:
    """Return the usable rows of the tables of `CLEARING`, and what is malformed.

    Returns
    -------
    tables
        These tables with all their columns and types; without rows where the plan has none.
    violations
        As `well_formed`, and T.choice, T.range.
    """
    tables: dict[str, pl.DataFrame] = {}
    found: list[Violation] = []
    for name in CLEARING:
        frame = plan.tables.get(name)
        if frame is None or frame.height == 0:
            tables[name] = PLAN_BY_NAME[name].empty()
            continue
        typed, wrong = _typed(name, frame)
        known = _known_on_roads(situation, name)
        tables[name], more = _usable(name, typed, typed, situation.settings.days, known)
        found += [*wrong, *more]
    return tables, found


def _known_on_roads(situation: Situation, name: str) -> dict[str, list[str]]:
    if name == "road_openings":
        return {"segments": segment_ids(situation)}
    sites = [
        *situation["blockages"]["blockage_id"].to_list(),
        *situation["worksites"]["worksite_id"].to_list(),
    ]
    return {"sites": sites, "teams": situation["teams"]["team_id"].to_list()}


def _plain(rule: str, where: str, text: str) -> Violation:
    return Violation(rule, where, None, None, None, text)


def _record(facts: Facts, plan: Plan) -> list[Violation]:
    settings, record = facts.situation.settings, plan.record
    start = settings.start_date.isoformat()
    if record.days == settings.days and str(record.start_date) == start:
        return []
    text = (
        f"The plan is for {record.days} days from {record.start_date}, "
        f"the situation for {settings.days} days from {start}."
    )
    return [Violation("T.record", "record", None, record.days, settings.days, text)]


def _typed(name: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Violation]]:
    """Bring a table to its columns and types; what cannot be cast becomes null."""
    spec = PLAN_BY_NAME[name]
    missing = [c.name for c in spec.columns if c.name not in frame.columns]
    found = [
        _plain("T.columns", f"{name} {c}", f"Table {name} has no column {c}.") for c in missing
    ]
    columns = [
        pl.lit(None, c.dtype).alias(c.name)
        if c.name in missing
        else pl.col(c.name).cast(c.dtype, strict=False)
        for c in spec.columns
    ]
    try:
        return frame.select(columns), found
    except pl.exceptions.PolarsError:
        text = f"Table {name} has columns of types that cannot be read."
        return spec.empty(), [*found, _plain("T.columns", name, text)]


def _usable(
    name: str, frame: pl.DataFrame, rows: pl.DataFrame, days: int, known: dict[str, list[str]]
) -> tuple[pl.DataFrame, list[Violation]]:
    """Split off the rows with a bad value, and those that come twice.

    `frame` holds the ids as they stand in the plan, `rows` as codes.
    """
    found: list[Violation] = []
    tests = _tests(name, days, known)
    blank = {c: frame[c].is_null() for c in frame.columns if _table_of(name, c) is not None}
    flags = rows.with_columns(s.alias(f"{c} blank") for c, s in blank.items()).select(
        test.alias(f"{i}") for i, (_, _, test, _) in enumerate(tests)
    )
    good = pl.Series([True]).new_from_index(0, frame.height)
    for i, (rule, column, _, meaning) in enumerate(tests):
        bad = flags[f"{i}"]
        if bad.any():
            found += _rows(frame.filter(bad), name, rule, column, meaning)
            good &= ~bad
    usable = rows if good.all() else rows.filter(good)
    key = [*PLAN_BY_NAME[name].key, *MAY_REPEAT_BY_ARRIVAL.get(name, [])]
    if not in_order(usable, key, strictly=True) and usable.select(key).is_duplicated().any():
        again = usable.filter(usable.select(key).is_duplicated())
        again = again.unique(key, keep="first", maintain_order=True)
        found += _rows(again, name, "T.duplicate", "", "comes more than once")
    return usable, found


def _tests(
    name: str, days: int, known: dict[str, list[str]]
) -> list[tuple[str, str, pl.Expr, str]]:
    """Return (rule, column, expression that is true where it is bad, what is wrong)."""
    tests: list[tuple[str, str, pl.Expr, str]] = []
    for column in PLAN_BY_NAME[name].columns:
        here = pl.col(column.name)
        table = _table_of(name, column.name)
        blank = pl.col(f"{column.name} blank") if table is not None else here.is_null()
        if column.required:
            rule = "T.empty" if column.kind in ("id", "choice", "yes_no") else "T.number"
            tests.append((rule, column.name, blank, "is empty or cannot be read"))
        if column.kind == "number":
            bad = here.is_not_null() & ~here.is_finite()
            tests.append(("T.number", column.name, bad, "is not a number"))
            tests.append(("T.negative", column.name, here.fill_null(0.0) < 0, "is negative"))
        if name in CLEARING:
            tests += _limits(column)
        if column.kind == "whole" and column.unit != "day":
            tests.append(("T.negative", column.name, here.fill_null(0) < 0, "is negative"))
        if column.kind == "whole" and column.unit == "day":
            late = column.name in LATER and name in LATE_TABLES
            bad = (here < 0) if late else ((here < 0) | (here >= days))
            meaning = f"is outside the plan (0 to {days - 1})"
            tests.append(("T.day", column.name, bad.fill_null(value=False), meaning))
        if table is not None:
            bad = ~blank & ~here.is_in(known[table]).fill_null(value=False)
            meaning = f"is no {MEANING[table]} of the situation"
            tests.append(("T.unknown", column.name, bad, meaning))
    return tests


def _table_of(name: str, column: str) -> str | None:
    """Return where the codes of a column stand; None where any will do."""
    if column == "to_id":
        return "stops"
    return "sites" if (name, column) == ("tasks", "at_id") else CODES.get(column)


def _limits(column: Column) -> list[tuple[str, str, pl.Expr, str]]:
    """Return tests of a choice, and of a figure between two limits."""
    here = pl.col(column.name)
    if column.kind == "choice":
        bad = here.is_not_null() & ~here.is_in(list(column.choices))
        return [("T.choice", column.name, bad, f"is none of {', '.join(column.choices)}")]
    if column.kind == "number" and column.low and column.high is not None:
        bad = ~here.is_between(column.low, column.high)
        meaning = f"is outside {column.low:g} to {column.high:g}"
        return [("T.range", column.name, bad.fill_null(value=False), meaning)]
    return []


def _known_codes(facts: Facts) -> dict[str, list[str]]:
    known = {
        table: facts.situation[table][code].to_list()
        for table, code in (
            ("places", "place_id"),
            ("areas", "area_id"),
            ("items", "item_id"),
            ("vehicle_classes", "class_id"),
        )
    }
    known["lots"] = facts.lots["lot_id"].to_list()
    known["stops"] = [*known["areas"], *known["places"]]
    return known


def _rows(bad: pl.DataFrame, name: str, rule: str, column: str, meaning: str) -> list[Violation]:
    key = PLAN_BY_NAME[name].key

    def sentence(row: dict[str, object]) -> str:
        label = ", ".join(f"{k} {row[k]}" for k in key if row[k] is not None)
        value = f"{column} {json.dumps(row[column], default=str)} " if column else ""
        return f"Table {name}, row ({label}): {value}{meaning}."

    return violations(bad, rule, sentence, tuple(k for k in key if k != "day"))
