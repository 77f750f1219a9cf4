"""S5, S6: lots and crossings; each rule refuses the plan that breaks it, and says nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from broken_rules import broken, changed
from plan_world import DELIVERIES, LOADS, TRANSFERS, TRIPS, USES, date, plan, rows, world

from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


def stock_with(lot: str, **values: Any) -> Situation:
    return world(stock=changed(world()["stock"], {"lot_id": lot}, **values))


def test_over_stock() -> None:
    """S5: no more leaves of a lot than there is."""
    found = check_plan(short := stock_with("L-RAT", quantity=5000.0), plan(short)).violations
    assert [(v.rule, v.where, v.found, v.limit) for v in found] == [
        ("S5.stock", "WH L-RAT", 5400.0, 5000.0)
    ]


def test_before_it_is_there() -> None:
    """S5: a lot cannot leave before it is available, nor a shipment before it came."""
    assert broken(stock_with("L-KIT", available_from=date(1))) == {"S5.stock"}
    late = world()["arrivals"].with_columns(eta=pl.lit(date(2)))
    assert broken(world(arrivals=late)) == {"S5.stock"}


def test_before_the_transfer_arrives() -> None:
    """S5: what comes by transfer leaves from the day on which it is there."""
    gone = {"day": 3, "item_id": "ration"}
    assert broken(
        trips=changed(TRIPS, {"day": 3}, day=1, arrive_day=1),
        loads=changed(LOADS, gone, day=1),
        deliveries=changed(DELIVERIES, gone, day=1, arrive_day=1),
        uses=USES.filter(~((pl.col("area_id") == "A1") & (pl.col("day") > 2))),
    ) == {"S5.stock"}


def test_a_lot_holds_one_item() -> None:
    """S5: a lot of one item cannot leave as another."""
    assert "S5.item" in broken(deliveries=changed(DELIVERIES, {"item_id": "kit"}, lot_id="L-BAG"))


def test_expired_lot() -> None:
    """S5: nothing is handed over after its last day."""
    assert broken(stock_with("L-RAT", expiry=date(0))) == {"S5.expiry"}


def test_transfers_leave_crossings_for_places_with_trucks() -> None:
    """S6: from crossings, to places that can send goods on."""
    back = rows(" ".join(TRANSFERS.columns), (3, "WH", "PORT", "bag", "L-BAG", 10.0, 4))
    assert {"S6.from", "S6.to"} <= broken(transfers=pl.concat([TRANSFERS, back]))


def test_refused_goods() -> None:
    """S6: goods that a crossing refuses, or of a group that it does not allow, stay outside."""
    refused = world(
        crossings=rows("place_id slots_per_day refused_items", ("PORT", 1.0, "bag ration"))
    )
    assert broken(refused) == {"S6.goods"}
    other = world(
        crossings=rows("place_id slots_per_day allowed_groups", ("PORT", 1.0, "health water"))
    )
    assert broken(other) == {"S6.goods"}
    food = world(
        crossings=rows("place_id slots_per_day allowed_groups", ("PORT", 1.0, "health food"))
    )
    assert broken(food) == set()


CUBE = {"S6.volume"}
HOURS = {"opens_at": "08:00", "closes_at": "16:00"}


@pytest.mark.parametrize(
    ("crossing", "day", "expected"),
    [
        ({"slots_per_day": 0.3}, {}, {"S6.weight"}),
        ({"slots_per_day": 0.3, "truck_payload_t": 20.0}, {}, set()),
        ({"slots_per_day": 0.3, "truck_payload_t": 60.0, "truck_volume_m3": 30.0}, {}, CUBE),
        ({"slots_per_day": 0.4}, {"status": "restricted"}, {"S6.weight"}),
        ({"slots_per_day": 0.4}, {"status": "restricted", "slots": 0.4}, set()),
        ({"slots_per_day": 9.0}, {"slots": 0.3}, {"S6.weight"}),
        ({}, {"status": "closed"}, {"S6.weight", "S6.volume"}),
        ({}, {}, set()),
        ({}, {"status": "restricted"}, set()),
        ({"slots_per_hour": 0.04}, {}, set()),
        ({"slots_per_hour": 0.04, **HOURS}, {}, {"S6.weight"}),
        ({"slots_per_hour": 0.05, **HOURS}, {}, set()),
        ({"slots_per_hour": 0.05, **HOURS}, {"open_h": 6.0}, {"S6.weight"}),
        ({"slots_per_hour": 0.05, "opens_at": "20:00", "closes_at": "04:00"}, {}, set()),
        ({"slots_per_hour": 9.0, **HOURS, "slots_per_day": 0.2}, {}, {"S6.weight"}),
    ],
)  # fmt: skip
def test_over_slot(crossing: dict[str, Any], day: dict[str, Any], expected: set[str]) -> None:
    """S6: truckloads by weight and by volume stay within the slots of the day."""
    days = pl.DataFrame([{"place_id": "PORT", "date": date(1), **day}]) if day else None
    tables = {"crossings": pl.DataFrame([{"place_id": "PORT", **crossing}])}
    if days is not None:
        tables["crossing_days"] = days
    assert broken(world(**tables)) == expected


def test_transfer_times() -> None:
    """S6: a transfer takes whole days of driving, at least one, on an open way."""
    ways = world()["travel_times"]
    far = changed(ways, {"from_id": "PORT"}, travel_h=10.5)
    assert broken(world(travel_times=far)) == {"S6.arrival"}
    shut = changed(ways, {"from_id": "PORT"}, status="closed")
    assert broken(world(travel_times=shut)) == {"S6.road"}
