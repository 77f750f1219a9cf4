"""Plans made by a tiny constructor of our own: accepted as they are, refused when mutated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import date, plan, rows, world
from random_plans import PAYLOAD, ROOM, Made, made

from aidline.plan.check import check_plan
from aidline.plan.plan import Plan
from aidline.plan.tables import PLAN_BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aidline.situation.situation import Situation

    Mutated = tuple[Situation, Plan]

Row = dict[str, Any]


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
    "fairer": ("fairness", "share", 0.5, "C.fairness"),
    "more in stock": ("stocks", "quantity", 1.01, "C.stocks"),
    "less used": ("usage", "used", 0.9, "C.usage"),
    "higher limit": ("usage", "limit", 1.1, "C.usage"),
    "through the gate": ("transfers", "quantity", 12.0, "S6.weight"),
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


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["stocks", "usage", "coverage", "fairness"]))
def test_a_row_that_is_missing_is_refused(seed: int, table: str) -> None:
    """A table that adds up others may not leave out what does not suit."""
    one = made(seed)
    used = {"stocks": "quantity", "usage": "used", "coverage": "need", "fairness": "person_days"}
    some = one.plan[table].filter(pl.col(used[table]) > 1e-3).head(1)
    if some.height:
        short = one.plan[table].join(some, on=PLAN_BY_NAME[table].key, how="anti", nulls_equal=True)
        found = check_plan(one.situation, one.plan.replace(**{table: short})).violations
        assert {v.rule for v in found} == {f"C.{table}"}


def over_stock(one: Made, trip: Row) -> Mutated:
    """More leaves of a lot than there is."""
    return heavier(one, trip, 10_000.0, "ration")


def over_weight(one: Made, trip: Row) -> Mutated:
    """A tonne more than the truck may carry."""
    return heavier(one, trip, 1000 * PAYLOAD * trip["trips"] + 1000, "ration")


def over_volume(one: Made, trip: Row) -> Mutated:
    """Tents that weigh little and fill more than the truck."""
    return heavier(one, trip, ROOM * trip["trips"] / 0.25 + 4, "tent")


def over_hours(one: Made, trip: Row) -> Mutated:
    """Fifty trips more, the trucks of a week."""
    trips = one.plan["trips"].with_columns(
        trips=pl.when(is_row(trip)).then(pl.col("trips") + 50).otherwise("trips")
    )
    return one.situation, one.plan.replace(trips=trips)


def closed_road(one: Made, trip: Row) -> Mutated:
    """The way is shut on the day of departure."""
    shut = rows(
        "from_id to_id date status", (trip["from_id"], trip["to_id"], date(trip["day"]), "closed")
    )
    ways = one.situation["travel_times"]
    both = pl.concat([ways.select([*shut.columns, "travel_h"]), shut], how="diagonal_relaxed")
    return one.situation.replace(travel_times=both), one.plan


def expired_lot(one: Made, trip: Row) -> Mutated:
    """What the truck carries was good until the day before it arrives."""
    last = date(trip["arrive_day"] - 1)
    stock = one.situation["stock"].with_columns(
        expiry=pl.when(pl.col("place_id") == trip["from_id"]).then(pl.lit(last))
    )
    return one.situation.replace(stock=stock), one.plan


def delivered_twice(one: Made, trip: Row) -> Mutated:
    """A delivery is written down a second time, as of another lot."""
    deliveries = one.plan["deliveries"]
    again = deliveries.filter(pl.col("from_id") == trip["from_id"]).head(1)
    both = pl.concat([deliveries, again.with_columns(lot_id=pl.lit("PIPE"))])
    return one.situation, one.plan.replace(deliveries=both)


def over_slot(one: Made, _trip: Row) -> Mutated:
    """The port works at a twentieth of its pace."""
    gates = one.situation["crossings"].with_columns(pl.col("slots_per_day") / 20)
    return one.situation.replace(crossings=gates), one.plan


def heavier(one: Made, trip: Row, more: float, item: str) -> Mutated:
    """Load and deliver more of an item on a trip, consistently."""
    key = ["day", "from_id", "to_id", "class_id", "item_id"]
    line = pl.DataFrame([{**trip, "item_id": item, "quantity": more}])
    loads = pl.concat([one.plan["loads"], line.select(*key, "quantity")], how="vertical_relaxed")
    brought = line.select(
        "day", "from_id", "item_id", "quantity", "arrive_day",
        via_id=pl.lit(None, pl.String), area_id="to_id",
        lot_id=pl.format("{}-{}", "from_id", "item_id"),
    )  # fmt: skip
    deliveries = one.plan["deliveries"]
    both = pl.concat([deliveries, brought.select(deliveries.columns)], how="vertical_relaxed")
    by = [c for c in deliveries.columns if c != "quantity"]
    tables = {
        "loads": loads.group_by(key).agg(pl.col("quantity").sum()),
        "deliveries": both.group_by(by).agg(pl.col("quantity").sum()),
    }
    return one.situation, one.plan.replace(**tables)


def is_row(trip: Row) -> pl.Expr:
    return pl.all_horizontal(pl.col(c) == trip[c] for c in PLAN_BY_NAME["trips"].key)


BROKEN = {
    over_stock: "S5.stock",
    over_weight: "S2.weight",
    over_volume: "S2.volume",
    over_hours: "S1.hours",
    closed_road: "S1.road",
    expired_lot: "S5.expiry",
    delivered_twice: "S3.loads",
    over_slot: "S6.weight",
}


@pytest.mark.parametrize("mutation", BROKEN, ids=lambda f: f.__name__)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), at=st.integers(0, 10**6))
def test_each_limit_that_is_passed_is_named(
    mutation: Callable[[Made, Row], Mutated], seed: int, at: int
) -> None:
    """Random plans pushed over one limit, all else kept: refused under the rule of that limit."""
    one = made(seed)
    trips = one.plan["trips"].filter(pl.col("trips") > 0)
    if trips.height:
        situation, plan_ = mutation(one, trips.row(at % trips.height, named=True))
        found = check_plan(situation, plan_).violations
        assert BROKEN[mutation] in {v.rule for v in found}


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
