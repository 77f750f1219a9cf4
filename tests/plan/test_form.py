"""Malformed plans are said to be so, row by row, and never end in a traceback."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import DELIVERIES, LOADS, TRANSFERS, TRIPS, USES, counted, plan, record, rows, world

from aidline.plan.check import Facts, check_plan
from aidline.plan.plan import Plan
from aidline.plan.tables import PLAN_BY_NAME

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

CHECKED = ("trips", "loads", "deliveries", "transfers", "uses", "coverage", "fairness")


def raw(**tables: pl.DataFrame | None) -> Plan:
    """A plan whose tables are taken as they are, as a damaged file would give them."""
    good = plan()
    merged = {**good.tables, **tables}
    return Plan(good.record, {name: t for name, t in merged.items() if t is not None})


def first_row(table: str, **values: Any) -> Plan:
    frame = plan()[table]
    for column, value in values.items():
        start = pl.Series([value], dtype=frame.schema[column] if value is None else None)
        rest = frame[column][1:].cast(start.dtype, strict=False)
        frame = frame.with_columns(pl.concat([start, rest]).alias(column))
    return raw(**{table: frame})


def rules(bad: Plan) -> set[str]:
    return {v.rule for v in check_plan(world(), bad).violations}


@pytest.mark.parametrize(
    ("table", "values", "rule"),
    [
        ("trips", {"trips": -1.0}, "T.negative"),
        ("trips", {"trips": math.nan}, "T.number"),
        ("trips", {"trips": math.inf}, "T.number"),
        ("trips", {"trips": None}, "T.number"),
        ("trips", {"trips": "many"}, "T.number"),
        ("trips", {"class_id": "tank"}, "T.unknown"),
        ("trips", {"to_id": "A9"}, "T.unknown"),
        ("trips", {"from_id": "A1"}, "T.unknown"),
        ("trips", {"day": 6}, "T.day"),
        ("loads", {"quantity": -5.0}, "T.negative"),
        ("loads", {"item_id": None}, "T.empty"),
        ("deliveries", {"quantity": -3000.0}, "T.negative"),
        ("deliveries", {"quantity": math.nan}, "T.number"),
        ("deliveries", {"lot_id": "L-OWN"}, "T.unknown"),
        ("deliveries", {"lot_id": "L-NONE"}, "T.unknown"),
        ("deliveries", {"via_id": "A1"}, "T.unknown"),
        ("deliveries", {"arrive_day": 99}, "T.day"),
        ("deliveries", {"day": -1}, "T.day"),
        ("deliveries", {"area_id": "WH"}, "T.unknown"),
        ("transfers", {"quantity": -6000.0}, "T.negative"),
        ("transfers", {"to_id": "nowhere"}, "T.unknown"),
        ("transfers", {"arrive_day": -2}, "T.day"),
        ("uses", {"quantity": -1.0}, "T.negative"),
        ("uses", {"from_item_id": "gold"}, "T.unknown"),
        ("uses", {"day": None}, "T.number"),
        ("coverage", {"share": math.nan}, "T.number"),
        ("coverage", {"met": -1.0}, "T.negative"),
        ("fairness", {"reachable": None}, "T.empty"),
    ],
)
def test_bad_values(table: str, values: dict[str, Any], rule: str) -> None:
    """Each kind of bad value is refused under its own rule, and named."""
    bad = first_row(table, **values)
    found = [v for v in check_plan(world(), bad).violations if v.rule == rule]
    assert len(found) == 1
    assert f"Table {table}" in found[0].text
    assert next(iter(values)) in found[0].text


def test_negative_amounts_cannot_make_room() -> None:
    """A negative delivery does not hide that too much leaves a lot."""
    extra = rows(" ".join(DELIVERIES.columns), (0, "WH", None, "A2", "kit", "L-KIT", -90.0, 1))
    more = DELIVERIES.with_columns(
        quantity=pl.when(pl.col("item_id") == "kit").then(120.0).otherwise("quantity")
    )
    found = rules(plan(deliveries=pl.concat([more, extra])))
    assert {"T.negative", "S5.stock"} <= found


@pytest.mark.parametrize("table", CHECKED)
def test_missing_tables_and_columns(table: str) -> None:
    """A plan without a table, or without a column of it, is refused."""
    assert "T.missing" in rules(raw(**{table: None}))
    assert "T.columns" in rules(raw(**{table: plan()[table].drop(PLAN_BY_NAME[table].key[0])}))


@pytest.mark.parametrize("table", CHECKED)
def test_empty_tables(table: str) -> None:
    """An empty table never ends in a traceback."""
    check_plan(world(), raw(**{table: plan()[table].clear()}))


def test_a_plan_of_another_length_or_start() -> None:
    """A plan is checked against the days for which it was made."""
    other = plan().replace(record=dataclasses.replace(record(), days=7))
    assert rules(other) == {"T.record"}
    later = plan().replace(record=dataclasses.replace(record(), start_date="2027-03-03"))
    assert rules(later) == {"T.record"}


def test_a_plan_for_the_first_days() -> None:
    """A plan of fewer days is judged for these days, and what lies behind them is refused."""
    short = world().with_settings(days=3)
    known = dataclasses.replace(record(), days=3)
    tables = {
        name: frame.filter(pl.col("day") < 3) if "day" in frame.columns else frame
        for name, frame in plan().tables.items()
    }
    first = Plan.of(known, tables)
    first = first.replace(fairness=fair(short, first))
    verdict = check_plan(world(), first)
    assert verdict.violations == ()
    assert (verdict.days, verdict.value) == (3, check_plan(short, first).value)
    assert "T.day" in rules(plan().replace(record=known))


def fair(situation: Situation, made: Plan) -> pl.DataFrame:
    groups = check_plan(situation, made).groups
    return groups.select(
        "area_id", "need_group", "person_days", "share", "reachable", floor=pl.lit(None, pl.Float64)
    )


def test_rows_that_come_twice() -> None:
    """No row counts twice, in any table."""
    for table, frame in (
        ("trips", TRIPS),
        ("loads", LOADS),
        ("transfers", TRANSFERS),
        ("uses", USES),
    ):
        again = plan(**{table: pl.concat([frame, frame.head(1)])}, **counted(world(), USES))
        assert "T.duplicate" in rules(again), table


def test_nothing_at_all() -> None:
    """A plan that does nothing breaks no rule but leaves everyone unserved."""
    flows = ("trips", "loads", "deliveries", "transfers", "uses")
    none = {name: PLAN_BY_NAME[name].empty() for name in flows}
    verdict = check_plan(world(), plan(**none))
    assert verdict.feasible
    assert verdict.person_days_unmet == verdict.person_days_need
    assert verdict.minimum_coverage == 0
    assert verdict.people_never_reached == 1700
    assert (verdict.longest_gap_days, verdict.longest_gap_area) == (6, "A1")
    assert verdict.gini == 0


@pytest.mark.parametrize(
    "missing",
    ["areas", "items", "places", "stock", "fleets", "vehicle_classes", "travel_times", "needs",
     "arrivals", "crossings", "commitments", "convoys", "kits"],
)  # fmt: skip
def test_situations_without_a_table(missing: str) -> None:
    """No trucks, no stock, no roads, no areas: a verdict, never a traceback."""
    bare = world(**{missing: world()[missing].clear()})
    empty = plan(bare, **{n: PLAN_BY_NAME[n].empty() for n in CHECKED})
    check_plan(bare, empty)
    check_plan(bare, plan())


COLUMNS = [
    (table, column.name, column.kind)
    for table in CHECKED
    for column in PLAN_BY_NAME[table].columns
    if column.required
]
NONSENSE = st.one_of(st.none(), st.floats(), st.integers(-(2**40), 2**40), st.text(max_size=5))
FACTS = Facts.of(world())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(COLUMNS), NONSENSE)
def test_any_nonsense_gives_a_verdict(place: tuple[str, str, str], value: Any) -> None:
    """Whatever stands in a cell, the verifier answers, and its figures are numbers."""
    table, column, _ = place
    bad = first_row(table, **{column: value})
    verdict = check_plan(FACTS.situation, bad, facts=FACTS)
    assert math.isfinite(verdict.value)
    assert all(v.text.endswith(".") for v in verdict.violations)
