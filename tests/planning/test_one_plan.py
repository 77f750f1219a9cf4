"""Supply, roads and care in one plan, on the built-in island: all rules kept, all tables there."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aidline.network.openings import without_forecasts
from aidline.plan.check import check_plan
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions
from aidline.situation.example import example

if TYPE_CHECKING:
    from aidline.plan.plan import Plan

QUICK = PlanOptions(time_limit_s=40.0, gap=0.05, whole_truck_days=1, explain=False)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """One plan of the island."""
    return make_plan(example(), QUICK)


def test_all_three_plans_are_there_and_keep_every_rule(plan: Plan) -> None:
    verdict = check_plan(example(), plan)
    assert verdict.violations == ()
    for table in (
        "trips",
        "tasks",
        "road_openings",
        "baselines",
        "rescues",
        "care",
        "facility_days",
    ):
        assert plan[table].height > 0, table
    assert plan.record.situation_digest == example().digest()
    assert plan.record.bound is not None
    assert plan.record.bound <= verdict.value
    assert 0 < plan.record.care["benefit"] <= plan.record.care["bound"]


def test_clearing_is_worth_it_and_beats_the_usual_rules(plan: Plan) -> None:
    table = plan["baselines"]
    none = table.filter(name="no_clearing")["value"].item()
    assert table.filter("chosen")["value"].item() <= table["value"].min() < 0.9 * none


def test_trucks_and_care_use_the_roads_of_the_plan(plan: Plan) -> None:
    """High Dorn is behind a landslide: what reaches it comes after the crew is done."""
    bare = check_plan(
        without_forecasts(example()),
        plan.replace(
            tasks=plan["tasks"].clear(),
            road_openings=plan["road_openings"].clear(),
            record=dataclasses.replace(plan.record, options={}),
        ),
    )
    assert "S1.road" in {v.rule for v in bare.violations}


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("tasks", "finish", 0.1, "R3"),
        ("road_openings", "day", 0, "R6"),
        ("care", "people", 1e6, "M"),
    ],
)
def test_what_breaks_a_rule_of_any_part_is_found(
    plan: Plan, table: str, column: str, value: float, rule: str
) -> None:
    frame = plan[table].with_columns(pl.lit(value).cast(plan[table].schema[column]).alias(column))
    found = {v.rule for v in check_plan(example(), plan.replace(**{table: frame})).violations}
    assert any(code.startswith(rule) for code in found), found


def test_fewer_days(plan: Plan) -> None:
    """A plan of five days has no task, care or opening after them."""
    short = make_plan(example(), dataclasses.replace(QUICK, days=5, time_limit_s=20.0))
    assert check_plan(example(), short).feasible
    assert short.record.start_date == dt.date(2027, 3, 2).isoformat()
    for table in ("road_openings", "care", "waiting", "facility_days"):
        assert short[table].height == 0 or short[table]["day"].max() < 5
    assert short["tasks"]["finish"].max() <= 5 + 1e-9
