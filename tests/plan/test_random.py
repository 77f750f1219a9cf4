"""Plans made by a tiny constructor of our own: accepted as they are, refused when mutated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import plan, world
from random_plans import made

from aidline.plan.check import check_plan
from aidline.plan.plan import Plan
from aidline.plan.tables import PLAN_BY_NAME

if TYPE_CHECKING:
    from pathlib import Path


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_feasible_plans_are_accepted(seed: int) -> None:
    """No plan that keeps the rules is refused, and its shares lie between 0 and 1."""
    one = made(seed)
    verdict = check_plan(one.situation, one.plan)
    assert verdict.violations == ()
    assert 0 <= verdict.minimum_coverage <= verdict.coverage_p10 <= 1
    assert 0 <= verdict.gini < 1


MUTATIONS: dict[str, tuple[str, str, float, str]] = {
    "more delivered": ("deliveries", "quantity", 1.5, "S3.loads"),
    "more loaded": ("loads", "quantity", 1.5, "S3.loads"),
    "fraction of a truck": ("trips", "trips", 0.5, "S10.whole"),
    "quicker": ("trips", "hours_per_trip", 0.5, "S1.trip_hours"),
    "used twice": ("uses", "quantity", 2.0, "S7.arrived"),
    "lighter": ("trips", "load_t", 0.5, "C.trips"),
    "rosier": ("coverage", "share", 0.5, "C.coverage"),
}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(MUTATIONS)), st.integers(0, 10**6))
def test_a_change_of_any_row_is_refused(seed: int, mutation: str, at: int) -> None:
    """One row of a feasible plan changed: refused under the rule that it breaks."""
    table, column, factor, rule = MUTATIONS[mutation]
    one = made(seed)
    frame = one.plan[table].filter(pl.col(column) > 1e-3)  # below: a rounding error
    if rule == "S10.whole":
        frame = frame.filter(pl.col("day") < 3)
    if frame.height == 0:
        return
    row = frame.row(at % frame.height, named=True)
    here = pl.all_horizontal(pl.col(k).eq_missing(pl.lit(row[k])) for k in PLAN_BY_NAME[table].key)
    changed = one.plan[table].with_columns(
        pl.when(here).then(pl.col(column) * factor).otherwise(pl.col(column)).alias(column)
    )
    found = check_plan(one.situation, one.plan.replace(**{table: changed})).violations
    assert rule in {v.rule for v in found}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("fleets", "vehicles"),
        ("stock", "quantity"),
        ("crossings", "slots_per_day"),
        ("convoys", "max_trucks"),
    ],
)
def test_more_of_anything_keeps_a_plan_feasible(table: str, column: str) -> None:
    """One more truck, tonne, slot or place in a convoy: the same plan, the same value."""
    more = world(**{table: world()[table].with_columns(pl.col(column) + 1)})
    verdict = check_plan(more, plan())
    assert verdict.feasible
    assert verdict.value == check_plan(world(), plan()).value


def test_a_plan_read_back_is_the_same(tmp_path: Path) -> None:
    """A plan that was written and read again gets the same verdict."""
    plan().write(tmp_path / "plan")
    again = check_plan(world(), Plan.read(tmp_path / "plan"))
    assert again.as_dict() == check_plan(world(), plan()).as_dict()


def test_inputs_stay_as_they_are() -> None:
    """Verification changes neither the situation nor the plan."""
    situation, one = world(), plan()
    before = situation.digest(), {n: f.clone() for n, f in one.tables.items()}
    check_plan(situation, one)
    assert situation.digest() == before[0]
    assert all(one[n].equals(f) for n, f in before[1].items())
