"""A golden case for each rule of the supply plan: the optimum worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from small import (
    ARRIVALS,
    CLASSES,
    COMMITMENTS,
    CROSSINGS,
    FLEETS,
    ITEMS,
    NEEDS,
    PLACES,
    ROADS,
    STOCK,
    date,
    food,
    hungry,
    met,
    pair,
    phi,
    planned,
    port,
    psi,
    road,
    rows,
    tiny,
    trucks,
    worth,
)

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

NO_TRUCKS = rows(FLEETS)


def near(value: float) -> object:
    """Equal up to the accuracy of the exact path."""
    return pytest.approx(value, rel=1e-4, abs=1e-2)


def is_optimal(situation: Situation, value: float, *served: float) -> None:
    """The plan keeps the rules, costs what the hand says, proves it, serves what the hand says."""
    plan, verdict = planned(situation)
    assert met(plan) == pytest.approx(served, rel=1e-3, abs=1.0)
    assert verdict.value == near(value)
    assert plan.record.bound == near(value)
    assert plan.record.bound <= verdict.value * (1 + 1e-9)


def test_the_formulas_of_these_tests() -> None:
    """A person-day wholly unmet costs 1; the fairness of nothing at all costs 4.25."""
    assert (phi(0), phi(0.2), phi(0.5), phi(1)) == pytest.approx((0, 0.2 / 4.1, 1.1 / 4.1, 1))
    assert (psi(0.2), psi(0.4), psi(0.6), psi(0.8), psi(1)) == pytest.approx(
        (0, 0.05, 0.25, 1.05, 4.25)
    )
    assert worth(1000, 500, 0, truck_hours=5) == pytest.approx(
        1000 * (1.1 / 4.1 + 1) + 2000 * (0.25 + 0.15 * 4) + 0.5
    )


def test_weight_binds() -> None:
    """One trip of 10 t a day for a need of 20 t: half is met."""
    situation = tiny(2, needs=hungry(20_000))
    is_optimal(situation, worth(20_000, 1e4, 1e4, truck_hours=20), 1e4, 1e4)


def test_volume_binds() -> None:
    """Rations of 8 litres: 40 m³ hold 5,000 of them, at half the payload."""
    situation = tiny(2, needs=hungry(20_000), items=food(volume_m3=0.008))
    is_optimal(situation, worth(20_000, 5e3, 5e3, truck_hours=20), 5e3, 5e3)


def test_hours_bind() -> None:
    """8-hour trips on a day of 10 hours with two trucks: 2.5 trips of 10 t."""
    situation = tiny(2, needs=hungry(30_000), travel_times=road(3.0), fleets=trucks(2))
    is_optimal(situation, worth(30_000, 25e3, 25e3, truck_hours=40), 25e3, 25e3)


def test_whole_trucks() -> None:
    """15 truck-hours make one whole trip of 10 hours on each of the first days, not 1.5."""
    situation = tiny(2, needs=hungry(20_000), fleets=trucks(1, 15.0))
    part, _ = planned(situation)
    assert met(part) == pytest.approx([15e3, 15e3], rel=1e-3)
    whole, verdict = planned(situation, whole_truck_days=3)
    assert whole["trips"]["trips"].to_list() == [1.0, 1.0]
    assert verdict.value == near(worth(20_000, 1e4, 1e4, truck_hours=20))
    assert whole.record.bound == near(worth(20_000, 15e3, 15e3, truck_hours=30))


def test_only_the_first_days_are_whole() -> None:
    """With one whole day, day 0 has one trip and day 1 has one and a half."""
    situation = tiny(2, needs=hungry(20_000), fleets=trucks(1, 15.0))
    plan, verdict = planned(situation, whole_truck_days=1)
    assert plan["trips"]["trips"].to_list() == pytest.approx([1.0, 1.5])
    assert verdict.value == near(worth(20_000, 1e4, 15e3, truck_hours=25))


def test_trips_over_several_days() -> None:
    """13 hours out with shifts of 10: handed over a day later; one truck makes one trip in all."""
    situation = tiny(3, travel_times=road(12.0), items=food(hold=9))
    is_optimal(situation, worth(10_000, 0, 5e3, 5e3, truck_hours=26), 0, 5e3, 5e3)
    plan, _ = planned(situation)
    assert set(plan["trips"]["arrive_day"] - plan["trips"]["day"]) == {1}


def test_nothing_leaves_that_would_come_after_the_end() -> None:
    """A way of three days into a plan of two: nobody is served and no truck runs."""
    situation = tiny(2, travel_times=road(25.0))
    plan, _ = planned(situation)
    assert plan["trips"].is_empty()
    assert met(plan) == [0, 0]


def over_a_hub(**tables: pl.DataFrame) -> Situation:
    """The area is reached only by pick-ups of 4 t from a hub, five hours there and back."""
    usual = {
        "places": rows(PLACES, ("WH", "depot", False), ("HUB", "hub", True)),
        "vehicle_classes": rows(
            CLASSES, ("big", "truck", 10.0, 40.0, 1.0, 1.0), ("small", "4x4", 4.0, 16.0, 0.5, 0.5)
        ),
        "fleets": rows(FLEETS, ("F1", "WH", "big", 3.0, 10.0), ("F2", "HUB", "small", 1.0, 10.0)),
        "travel_times": rows(
            ROADS,
            ("WH", "HUB", None, None, "open", 4.0),
            ("HUB", "A1", "small", None, "open", 2.0),
        ),
    }
    return tiny(2, **{**usual, **tables})


def test_goods_change_trucks_at_a_hub() -> None:
    """The second leg leaves a day later: two pick-ups bring 8 t on day 1, nothing on day 0."""
    situation = over_a_hub()
    is_optimal(situation, worth(10_000, 0, 8e3, truck_hours=8 + 10), 0, 8e3)
    plan, _ = planned(situation)
    assert plan["deliveries"]["via_id"].unique().to_list() == ["HUB"]


def test_a_place_that_is_no_hub_passes_nothing_on() -> None:
    """Without leave to change trucks at the hub nothing gets through."""
    closed = rows(PLACES, ("WH", "depot", False), ("HUB", "hub", False))
    plan, _ = planned(over_a_hub(places=closed))
    assert plan["deliveries"].is_empty()


def test_convoy_days() -> None:
    """One truck on day 1 is all that may enter: 10 t that last for days 1 and 2."""
    situation = tiny(
        3,
        items=food(hold=9),
        fleets=trucks(9),
        convoys=rows("area_id date max_trucks", ("A1", date(1), 1.0)),
    )
    is_optimal(situation, worth(10_000, 0, 5e3, 5e3, truck_hours=10), 0, 5e3, 5e3)


def test_nothing_arrives_expired() -> None:
    """A lot that may be handed over up to day 1 serves days 0 and 1."""
    lot = rows(STOCK, ("LOT", "WH", None, "food", 1e6, None, date(1)))
    situation = tiny(3, stock=lot)
    is_optimal(situation, worth(10_000, 1e4, 1e4, 0, truck_hours=20), 1e4, 1e4, 0)


def test_expiry_counts_on_the_day_of_handing_over() -> None:
    """On a road of two days, what expires on day 1 must leave on day 0."""
    lot = rows(STOCK, ("LOT", "WH", None, "food", 1e6, None, date(1)))
    situation = tiny(3, stock=lot, travel_times=road(12.0), fleets=trucks(2))
    is_optimal(situation, worth(10_000, 0, 1e4, 0, truck_hours=26), 0, 1e4, 0)


def test_the_lot_that_expires_first_goes_first() -> None:
    """10 t that expire on day 0 and 10 t that keep: both days are served in full."""
    lots = rows(
        STOCK,
        ("KEEPS", "WH", None, "food", 1e4),
        ("SHORT", "WH", None, "food", 1e4, None, date(0)),
    )
    is_optimal(tiny(2, stock=lots), worth(10_000, 1e4, 1e4, truck_hours=20), 1e4, 1e4)


def test_stock_is_there_from_its_day_on() -> None:
    """A lot available from day 1 serves days 1 and 2."""
    lot = rows(STOCK, ("LOT", "WH", None, "food", 1e6, date(1)))
    is_optimal(tiny(3, stock=lot), worth(10_000, 0, 1e4, 1e4, truck_hours=20), 0, 1e4, 1e4)


def test_stock_runs_out() -> None:
    """15,000 rations in all: 7,500 on each of two days."""
    lot = rows(STOCK, ("LOT", "WH", None, "food", 15_000.0))
    plan, verdict = planned(tiny(2, stock=lot))
    assert sum(met(plan)) == pytest.approx(15e3)
    assert verdict.value == near(worth(10_000, 7.5e3, 7.5e3, truck_hours=15))


def test_goods_keep_for_their_days() -> None:
    """Trucks only on day 0, rations that keep one day: days 0 and 1 are served, 2 and 3 not."""
    situation = tiny(4, items=food(hold=1), fleets=trucks(9, until=0))
    is_optimal(situation, worth(10_000, 1e4, 1e4, 0, 0, truck_hours=20), 1e4, 1e4, 0, 0)


def test_stock_of_the_area_itself() -> None:
    """15,000 rations that lie in the area serve it without a truck, up to their expiry."""
    own = rows(STOCK, ("OWN", None, "A1", "food", 15_000.0, None, date(1)))
    plan, verdict = planned(tiny(3, stock=own, fleets=NO_TRUCKS, items=food(hold=None)))
    assert plan["trips"].is_empty()
    assert sum(met(plan)[:2]) == pytest.approx(15e3)
    assert met(plan)[2] == 0
    assert verdict.value == near(worth(10_000, 7.5e3, 7.5e3, 0))


def test_what_is_already_moving() -> None:
    """10,000 rations on the road serve day 1; no truck gets there, so fairness has no say."""
    moving = rows(COMMITMENTS, ("CM", "moving", "A1", "food", 10_000.0, date(1)))
    situation = tiny(2, fleets=NO_TRUCKS, commitments=moving)
    is_optimal(situation, 10_000, 0, 1e4)


def test_a_promise_comes_first() -> None:
    """One truck for two areas alike: the promise takes it whole, against fairness."""
    promise = rows(COMMITMENTS, ("CM", "promised", "A2", "food", 10_000.0, date(0)))
    even, _ = planned(pair(1))
    assert met(even) == pytest.approx([5e3], rel=1e-3)
    plan, verdict = planned(pair(1, commitments=promise))
    assert [*met(plan, "A1"), *met(plan, "A2")] == pytest.approx([0, 1e4], abs=1)
    assert verdict.value == near(worth(10_000, 0, truck_hours=10))


def test_a_promise_that_cannot_be_kept() -> None:
    """Of 30,000 promised units one truck brings 10,000; the rest costs 20 each and is said."""
    promise = rows(COMMITMENTS, ("CM", "promised", "A1", "food", 30_000.0, date(0)))
    plan, verdict = planned(tiny(1, commitments=promise))
    assert met(plan) == pytest.approx([1e4])
    assert verdict.value == near(20 * 20_000 + 1.0)
    assert plan.record.bound == near(20 * 20_000 + 1.0)


def test_what_moves_counts_towards_a_promise() -> None:
    """Promised 10,000, of which 4,000 are on the road: 6,000 still to be sent."""
    both = rows(
        COMMITMENTS,
        ("CM1", "promised", "A2", "food", 10_000.0, date(0)),
        ("CM2", "moving", "A2", "food", 4_000.0, date(0)),
    )
    plan, verdict = planned(pair(1, commitments=both))
    assert [*met(plan, "A1"), *met(plan, "A2")] == pytest.approx([4e3, 1e4], abs=1)
    assert verdict.value == near(worth(10_000, 4e3, truck_hours=10))


HOUSEHOLD = rows(
    ITEMS,
    ("blanket", "shelter", "once", 2.0, 0.01, None, None),
    ("soap", "hygiene", "once", 0.1, 0.0002, None, None),
    ("kit", "household", "once", 6.0, 0.05, None, None),
    ("bag", "shelter", "once", 3.0, 0.02, None, None),
)


def waiting(need: float, *left: float) -> float:
    """Value of a need that waits, with so much left at the end of each day."""
    unmet = [need * phi(n / need) for n in left]
    return sum(unmet) + need * len(left) * psi(sum(left) / need / len(left))


def test_a_kit_counts_as_its_parts_once() -> None:
    """Five kits of 2 blankets and 5 soaps meet 10 blankets and 25 soaps, no more."""
    situation = tiny(
        1,
        items=HOUSEHOLD,
        kits=rows("kit_id item_id quantity", ("kit", "blanket", 2.0), ("kit", "soap", 5.0)),
        stock=rows(STOCK, ("LOT", "WH", None, "kit", 5.0)),
        needs=rows(
            NEEDS,
            ("A1", "blanket", date(0), None, 20.0, 20.0),
            ("A1", "soap", date(0), None, 25.0, 25.0),
        ),
    )
    plan, verdict = planned(situation)
    assert met(plan, item="blanket") == pytest.approx([10], rel=1e-3)
    assert met(plan, item="soap") == pytest.approx([25], rel=1e-3)
    hours = 10 * 5 * 0.05 / 40  # volume fills the truck first
    assert verdict.value == near(waiting(20, 10) + 0.1 * hours)
    assert plan.record.bound == near(waiting(20, 10) + 0.1 * hours)


def test_two_bags_stand_in_for_a_blanket() -> None:
    """20 bags at two a blanket meet 10 blankets."""
    situation = tiny(
        1,
        items=HOUSEHOLD,
        substitutes=rows("item_id substitute_id ratio", ("blanket", "bag", 2.0)),
        stock=rows(STOCK, ("LOT", "WH", None, "bag", 20.0)),
        needs=rows(NEEDS, ("A1", "blanket", date(0), None, 20.0, 20.0)),
    )
    plan, verdict = planned(situation)
    assert met(plan, item="blanket") == pytest.approx([10], rel=1e-3)
    assert plan["uses"]["from_item_id"].to_list() == ["bag"]
    assert verdict.value == near(waiting(20, 10) + 0.1 * 10 * 20 * 0.02 / 40)


def test_a_need_that_waits() -> None:
    """16 blankets fit the truck of a day: 14 of 30 wait one day, nobody two."""
    situation = tiny(
        2,
        items=rows(ITEMS, ("blanket", "shelter", "once", 625.0, 0.01, None, None)),
        stock=rows(STOCK, ("LOT", "WH", None, "blanket", 99.0)),
        needs=rows(NEEDS, ("A1", "blanket", date(0), None, 30.0, 30.0)),
    )
    plan, verdict = planned(situation)
    assert met(plan, item="blanket") == pytest.approx([16, 30], rel=1e-3)
    assert verdict.value == near(waiting(30, 14, 0) + 0.1 * 10 * 30 / 16)


def test_a_closed_road() -> None:
    """The road shut on day 1: days 0 and 2 are served."""
    shut = rows(
        ROADS,
        ("WH", "A1", None, None, "open", 4.0),
        ("WH", "A1", None, date(1), "closed"),
        ("WH", "A1", None, date(2), "open", 4.0),
    )
    is_optimal(tiny(3, travel_times=shut), worth(10_000, 1e4, 0, 1e4, truck_hours=20), 1e4, 0, 1e4)


def test_slots_by_weight() -> None:
    """One slot a day is 10 t through the port; what enters on day 0 is eaten on day 1."""
    situation = port(3, needs=hungry(20_000))
    is_optimal(situation, worth(20_000, 0, 1e4, 1e4, truck_hours=20), 0, 1e4, 1e4)


def test_slots_by_volume() -> None:
    """Rations of 8 litres: a slot of 40 m³ lets 5,000 pass."""
    situation = port(3, items=food(volume_m3=0.008))
    is_optimal(situation, worth(10_000, 0, 5e3, 5e3, truck_hours=20), 0, 5e3, 5e3)


def test_a_port_shut_for_a_day() -> None:
    """Shut on day 1: what enters on day 0 must do for days 1 and 2, that of day 2 serves day 3."""
    shut = rows("place_id date status", ("PORT", date(1), "closed"))
    situation = port(4, crossing_days=shut)
    is_optimal(situation, worth(10_000, 0, 5e3, 5e3, 1e4, truck_hours=20), 0, 5e3, 5e3, 1e4)


def test_a_shipment_waits_for_its_day() -> None:
    """Goods that land on day 1 enter on day 1 and are handed over on day 2."""
    late = rows(ARRIVALS, ("PIPE", "PORT", "food", 1e6, date(1)))
    is_optimal(port(3, arrivals=late), worth(10_000, 0, 0, 1e4, truck_hours=10), 0, 0, 1e4)


@pytest.mark.parametrize("rule", [("water health", None), (None, "food")])
def test_goods_that_a_crossing_does_not_let_through(rule: tuple[str | None, str | None]) -> None:
    """Groups that are not allowed and items that are refused stay at the port."""
    gate = rows(CROSSINGS, ("PORT", 9.0, None, None, None, 10.0, 40.0, *rule))
    is_optimal(port(2, crossings=gate), worth(10_000, 0, 0), 0, 0)


def test_fairness_is_shared_between_areas_alike() -> None:
    """One truck, two areas that need the same: half each, on each day."""
    plan, verdict = planned(pair(2))
    assert verdict.value == near(2 * worth(10_000, 5e3, 5e3) + 2.0)
    assert sum(met(plan, "A1")) == pytest.approx(sum(met(plan, "A2")), rel=1e-2)


def test_priority_and_weight_weigh_a_person_day() -> None:
    """Twice the priority and half the weight of the item: need counts 1, fairness counts 2."""
    items = food().with_columns(weight=pl.lit(0.5))
    areas = rows("area_id priority", ("A1", 2.0))
    _, verdict = planned(tiny(1, items=items, areas=areas, needs=hungry(20_000)))
    assert verdict.value == near(20_000 * phi(0.5) + 2 * 20_000 * psi(0.5) + 1.0)


def test_trucks_of_two_sizes() -> None:
    """A big and a small truck fill up beside each other: 10 t and 4 t a day."""
    situation = tiny(
        2,
        vehicle_classes=rows(
            CLASSES, ("big", "truck", 10.0, 40.0, 1.0, 1.0), ("small", "4x4", 4.0, 9.0, 1.0, 1.0)
        ),
        fleets=rows(FLEETS, ("F1", "WH", "big", 1.0, 10.0), ("F2", "WH", "small", 1.0, 10.0)),
        needs=hungry(20_000),
    )
    is_optimal(situation, worth(20_000, 14e3, 14e3, truck_hours=40), 14e3, 14e3)


def test_trucks_of_another_yard() -> None:
    """A store without trucks loads those of its base; the hours are those of the base."""
    stores = rows("place_id kind fleet_base_id", ("WH", "depot", None), ("STORE", "depot", "WH"))
    situation = tiny(
        2,
        places=stores,
        stock=rows(STOCK, ("LOT", "STORE", None, "food", 1e6)),
        travel_times=rows(ROADS, ("STORE", "A1", None, None, "open", 4.0)),
        needs=hungry(20_000),
    )
    is_optimal(situation, worth(20_000, 1e4, 1e4, truck_hours=20), 1e4, 1e4)
