"""What must hold for every situation: more never hurts, order never matters, nobody is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from small import (
    FLEETS,
    ITEMS,
    NEEDS,
    ROADS,
    STOCK,
    date,
    hungry,
    met,
    pair,
    planned,
    port,
    rows,
    tiny,
)

from aidline.situation.scenario import Scenario
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    from aidline.plan.plan import Plan

DECISIONS = ("trips", "loads", "deliveries", "transfers", "uses", "coverage", "fairness")


def situations() -> dict[str, Situation]:
    """Situations in which trucks, slots and stock all bind somewhere."""
    lots = rows(STOCK, ("L1", "WH", None, "food", 15_000.0, None, date(2)))
    return {
        "trucks": pair(3),
        "slots": port(4, needs=hungry(20_000.0)),
        "stock": pair(3, stock=lots),
        "unequal": pair(
            3,
            needs=rows(
                NEEDS,
                ("A1", "food", date(0), None, 12_000.0, 12_000.0),
                ("A2", "food", date(1), date(1), 500.0, 900.0),
            ),
        ),
        "waits": pair(
            3,
            items=rows(ITEMS, ("food", "shelter", "once", 30.0, 0.1, 0.4, None)),
            needs=hungry(700.0, "A1", "A2"),
        ),
        "all of it": port(4, stock=lots, fleets=rows(FLEETS, ("F1", "WH", "big", 0.6, 10.0))),
    }


SITUATIONS = situations()


@pytest.mark.parametrize("method", ["exact", "auction"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_bound_is_never_above_the_value(name: str, method: str) -> None:
    """Whatever the method and whether trucks are whole, no plan beats the bound."""
    best = planned(SITUATIONS[name], method="exact")[1].value
    for whole in (0, 3):
        plan, verdict = planned(
            SITUATIONS[name], method=method, whole_truck_days=whole, time_limit_s=1.0, gap=0.02
        )
        assert plan.record.bound <= best * (1 + 1e-6) + 1e-6
        assert verdict.value >= best * (1 - 1e-4)


def more(situation: Situation, what: str) -> Situation:
    """The situation with one more truck, slot, tonne of stock, or hour of work."""
    table, column, extra = {
        "truck": ("fleets", "vehicles", 1.0),
        "slot": ("crossings", "slots_per_day", 1.0),
        "tonne": ("stock", "quantity", 1000.0),
        "hour": ("fleets", "hours_per_day", 1.0),
        "shipment": ("arrivals", "quantity", 1000.0),
    }[what]
    return situation.replace(**{table: situation[table].with_columns(pl.col(column) + extra)})


@pytest.mark.parametrize("what", ["truck", "slot", "tonne", "hour", "shipment"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_more_never_hurts(name: str, what: str) -> None:
    """One more of anything never worsens the optimum or raises the bound."""
    before, usual = planned(SITUATIONS[name])
    after, larger = planned(more(SITUATIONS[name], what))
    slack = 1e-4 * usual.value + 1e-6
    assert larger.value <= usual.value + slack
    assert after.record.bound <= before.record.bound + slack


@pytest.mark.parametrize(
    ("what", "name"), [("truck", "trucks"), ("slot", "slots"), ("tonne", "stock")]
)
def test_more_of_what_is_short_helps(what: str, name: str) -> None:
    """One more of what runs short makes the plan better: the test above can fail."""
    assert planned(more(SITUATIONS[name], what))[1].value < planned(SITUATIONS[name])[1].value - 1


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("hours", [3.0, 4.0])
def test_a_small_area_is_never_dropped(share: float, hours: float) -> None:
    """However few its people, and even where its road is longer, an area gets its part."""
    roads = rows(
        ROADS, ("WH", "A1", None, None, "open", hours), ("WH", "A2", None, None, "open", 4.0)
    )
    needs = rows(
        NEEDS,
        ("A1", "food", date(0), None, 20_000.0, 20_000.0),
        ("A2", "food", date(0), None, 20_000.0 * share, 20_000.0 * share),
    )
    plan, _ = planned(pair(3, travel_times=roads, needs=needs))
    covered = dict(plan["fairness"].select("area_id", "share").iter_rows())
    assert covered["A1"] > 0.3
    assert covered["A2"] > 0.2


def test_without_fairness_the_far_area_is_dropped() -> None:
    """What fairness is for: leaving it out lowers the cost of need and the worst coverage."""
    situation = pair(
        3,
        fleets=rows(FLEETS, ("F1", "WH", "big", 1.0, 10.0)),
        travel_times=rows(
            ROADS, ("WH", "A1", None, None, "open", 2.0), ("WH", "A2", None, None, "open", 9.0)
        ),
        needs=hungry(40_000.0, "A1", "A2"),
    )
    _, fair = planned(situation)
    plan, other = planned(situation, fairness=False)
    assert other.minimum_coverage < fair.minimum_coverage - 0.01
    assert other.need_daily < fair.need_daily - 1
    assert plan.record.bound <= other.value * (1 + 1e-6)


def same(one: Plan, other: Plan) -> bool:
    """Do two plans decide the same?"""
    return all(one[table].equals(other[table]) for table in DECISIONS)


def in_disorder(situation: Situation, seed: int) -> Situation:
    """The same rows in another order."""
    mixed = {
        n: f.sample(fraction=1.0, shuffle=True, seed=seed) for n, f in situation.tables.items()
    }
    return Situation.of(situation.settings, mixed)


@pytest.mark.parametrize("method", ["exact", "auction"])
@pytest.mark.parametrize("name", ["unequal", "all of it"])
def test_the_order_of_rows_never_matters(name: str, method: str) -> None:
    """Shuffled rows: the same digest and the same plan, row for row."""
    situation = SITUATIONS[name]
    options = {"method": method, "gap": 0.01, "whole_truck_days": 3}
    usual, _ = planned(situation, **options)
    for seed in (1, 2):
        mixed = in_disorder(situation, seed)
        assert mixed.digest() == situation.digest()
        assert same(planned(mixed, **options)[0], usual)


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_the_same_seed_gives_the_same_plan(method: str) -> None:
    """Planned twice, the plans are the same in every row."""
    options = {"method": method, "gap": 0.01, "whole_truck_days": 3, "seed": 7}
    one, other = (planned(SITUATIONS["slots"], **options)[0] for _ in range(2))
    assert same(one, other)
    assert one.record.value == other.record.value
    assert one.record.situation_digest == other.record.situation_digest


def test_an_empty_patch_changes_nothing() -> None:
    """A scenario without changes gives the same digest, and so does a table put back."""
    situation = SITUATIONS["all of it"]
    assert Scenario("as it is").apply(situation).digest() == situation.digest()
    again = situation.replace(stock=situation["stock"])
    assert again.digest() == situation.digest()
    assert more(situation, "truck").digest() != situation.digest()


def test_the_names_of_things_do_not_matter() -> None:
    """Areas renamed so that their order is turned round: the same value."""
    situation = SITUATIONS["unequal"]
    other = {"A1": "Z9", "A2": "B2"}
    renamed = {
        name: frame.with_columns(
            pl.col(c).replace(other) for c in ("area_id", "to_id") if c in frame.columns
        )
        for name, frame in situation.tables.items()
    }
    turned = Situation.of(Settings("Tiny", situation.settings.start_date, 3), renamed)
    _, one = planned(situation)
    plan, two = planned(turned)
    assert two.value == pytest.approx(one.value, rel=1e-4)
    assert sum(met(plan, "Z9")) > 0


def test_a_person_counts_the_same_in_any_unit() -> None:
    """Rations counted by the half: twice the units of half the weight, the same value."""
    usual = tiny(3, needs=hungry(20_000.0))
    halves = tiny(
        3,
        items=rows(ITEMS, ("food", "food", "daily", 0.5, 0.001, 2.0, 0)),
        needs=rows(NEEDS, ("A1", "food", date(0), None, 20_000.0, 40_000.0)),
    )
    assert planned(halves)[1].value == pytest.approx(planned(usual)[1].value, rel=1e-4)
