"""What must hold for random crises with most kinds of rules in them, by either method."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_world import random_world
from small import COMMITMENTS, date, planned, rows

from aidline.generator import generate
from aidline.plan.check import check_plan
from aidline.planning.certificate import certified_bound
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions
from aidline.situation.scenario import Scenario
from aidline.situation.situation import Situation

SEEDS = st.integers(0, 10_000)
METHODS = st.sampled_from(["exact", "auction"])
DECISIONS = ("trips", "loads", "deliveries", "transfers", "uses", "coverage", "fairness")
QUICK = {"time_limit_s": 2.0, "gap": 0.02}


@cache
def best(seed: int) -> tuple[float, float]:
    """Value and bound of the optimum in fractions of trucks."""
    plan, verdict = planned(random_world(seed), method="exact")
    assert plan.record.bound is not None
    return verdict.value, plan.record.bound


@settings(max_examples=8, deadline=None)
@given(SEEDS, METHODS, st.sampled_from([0, 3]))
def test_the_bound_is_never_above_the_value(seed: int, method: str, whole: int) -> None:
    """Neither the bound on record nor the one that the stored prices prove passes any plan."""
    plan, verdict = planned(random_world(seed), method=method, whole_truck_days=whole, **QUICK)
    value, _ = best(seed)
    proven = certified_bound(random_world(seed), plan)
    for bound in (plan.record.bound, proven):
        assert bound is not None
        assert bound <= value * (1 + 1e-6) + 1e-6
    assert verdict.value >= value * (1 - 1e-4)


@settings(max_examples=8, deadline=None)
@given(SEEDS, METHODS, st.lists(st.tuples(st.integers(0, 3), st.integers(1, 900)), max_size=4))
def test_several_promises_of_one_item(seed: int, method: str, dated: list[tuple[int, int]]) -> None:
    """Any number of dated promises to one area: a plan that keeps the rules, a bound below it."""
    promises = rows(
        COMMITMENTS,
        ("C0", "moving", "A2", "blanket", 200.0, date(1)),
        *(
            (f"P{n}", "promised", "A3", "food", float(units), date(day))
            for n, (day, units) in enumerate(dated)
        ),
    )
    situation = random_world(seed).replace(commitments=promises)
    plan, verdict = planned(situation, method=method, **QUICK)
    assert plan.record.bound is not None
    assert plan.record.bound <= verdict.value * (1 + 1e-9)


MORE = {
    "truck": ("fleets", "vehicles", 1.0),
    "slot": ("crossings", "slots_per_day", 1.0),
    "tonne": ("stock", "quantity", 1000.0),
    "shipment": ("arrivals", "quantity", 1000.0),
}


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from(sorted(MORE)), st.integers(0, 4))
def test_one_more_of_one_thing_never_hurts(seed: int, what: str, at: int) -> None:
    """One truck, slot or tonne more in one line: neither the optimum nor the bound is worse."""
    table, column, extra = MORE[what]
    situation = random_world(seed)
    frame = situation[table]
    here = pl.int_range(pl.len()) == at % frame.height
    larger = situation.replace(
        **{table: frame.with_columns(pl.when(here).then(pl.col(column) + extra).otherwise(column))}
    )
    value, bound = best(seed)
    plan, verdict = planned(larger, method="exact")
    slack = 1e-4 * value + 1e-6
    assert verdict.value <= value + slack
    assert plan.record.bound is not None
    assert plan.record.bound <= bound + slack


@settings(max_examples=6)
@given(SEEDS, METHODS, st.sampled_from(["A1", "A2", "A3"]), st.sampled_from([0.3, 0.03, 0.003]))
@example(2751, "exact", "A2", 0.03)
@example(72, "auction", "A2", 0.003)
@example(7884, "auction", "A1", 0.003)
def test_an_area_scaled_down_is_not_dropped(
    seed: int, method: str, area: str, factor: float
) -> None:
    """Fewer people somewhere: no share falls to zero while a larger area has more of its kind."""
    situation = random_world(seed)
    here = pl.col("area_id") == area
    fewer = situation["needs"].with_columns(
        pl.when(here).then(pl.col(c) * factor).otherwise(c) for c in ("people", "quantity")
    )
    before, _ = planned(situation, method=method, **QUICK)
    after, _ = planned(situation.replace(needs=fewer), method=method, **QUICK)
    had = dict(before["fairness"].filter(here).select("need_group", "share").iter_rows())
    for group, share, most in (
        after["fairness"]
        .filter("reachable")
        .with_columns(most=pl.col("share").max().over("need_group"))
        .filter(here)
        .select("need_group", "share", "most")
        .iter_rows()
    ):
        assert share > 0 or most == 0 or had[group] == 0, (group, share, most)


@settings(max_examples=4, deadline=None)
@given(SEEDS, METHODS)
def test_order_of_rows_and_empty_patches_change_nothing(seed: int, method: str) -> None:
    """Shuffled rows and a scenario without changes: the same digest, the same plan row for row."""
    situation = random_world(seed)
    mixed = Situation.of(
        situation.settings,
        {n: f.sample(fraction=1.0, shuffle=True, seed=seed) for n, f in situation.tables.items()},
    )
    patched = Scenario("as it is").apply(mixed)
    assert mixed.digest() == patched.digest() == situation.digest()
    # stopped by the gap, never by the clock: a clock would stop two runs at different points
    options = {"method": method, "gap": 0.05, "whole_truck_days": 3, "time_limit_s": 60.0}
    one, other = planned(situation, **options)[0], planned(patched, **options)[0]
    for table in DECISIONS:
        assert one[table].equals(other[table]), table


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("method", ["exact", "auction"])
def test_everything_that_can_be_generated_can_be_planned(seed: int, method: str) -> None:
    """Hubs, kits, substitutes, own stock, convoys and commitments at once: a verified plan."""
    situation = generate(
        12, 4, 5, 2, hubs=1, kits=2, substitutes=3, commitments=6, stores=3, convoys=1,
        crossings=1, trucks=20, classes=2, seed=seed,
    )  # fmt: skip
    options = PlanOptions(method=method, time_limit_s=8.0, gap=0.02, explain=False)
    plan = make_plan(situation, options)
    verdict = check_plan(situation, plan)
    assert verdict.violations == ()
    assert verdict.bound is not None
    assert verdict.bound <= verdict.value * (1 + 1e-9)
