"""S1, S2, S4, S10: trucks, their hours, loads and convoys; each rule refuses what breaks it."""

from __future__ import annotations

import polars as pl
import pytest
from broken_rules import broken, changed
from plan_world import DELIVERIES, LOADS, TRIPS, date, plan, record, rows, world

from aidline.plan.check import check_plan


def test_every_violation_is_a_sentence() -> None:
    """Violations name people's names and dates, and where and how much."""
    verdict = check_plan(world(), plan(trips=scaled_trips(10.0)))
    hours = next(v for v in verdict.violations if v.rule == "S1.hours" and v.day == 0)
    assert hours.text == (
        "On day 0 (2027-03-02) trips take 280 truck-hours of Truck (big) at Warehouse (WH); "
        "there are 40."
    )
    assert (hours.where, hours.found, hours.limit) == ("WH big", 280.0, 40.0)


def scaled_trips(factor: float) -> pl.DataFrame:
    return TRIPS.with_columns(pl.col("trips") * factor)


def test_over_hours() -> None:
    """S1: trips that take more truck-hours than there are."""
    assert broken(trips=scaled_trips(10.0)) == {"S1.hours", "S4.trucks"}


def test_long_trips_bind_trucks_on_later_days() -> None:
    """S1: a trip of 26 h takes 10, 10 and 6 hours on three days, of one truck."""
    one = world(fleets=rows(
        "fleet_id place_id class_id vehicles hours_per_day",
        ("F1", "WH", "big", 2.8, 10.0), ("F2", "HUB", "small", 2.0, 10.0),
    ))  # fmt: skip
    assert broken(one) == set()
    later = pl.concat([
        TRIPS,
        rows(" ".join(TRIPS.columns), (2, "WH", "A1", "big", "WH", 3.0, 8.0, 2, 0.0, 0.0)),
    ])  # fmt: skip
    found = check_plan(one, plan(one, trips=later)).violations
    assert [(v.rule, v.day, v.found) for v in found] == [("S1.hours", 2, 30.0)]


def test_a_fleet_counts_only_while_it_is_there() -> None:
    """S1: truck-hours exist from the first to the last day of the fleet line."""
    leaving = world(fleets=rows(
        "fleet_id place_id class_id vehicles hours_per_day until",
        ("F1", "WH", "big", 4.0, 10.0, date(3)), ("F2", "HUB", "small", 2.0, 10.0, None),
    ))  # fmt: skip
    assert broken(leaving) == {"S1.hours"}


@pytest.mark.parametrize("profile", ["ambulance", "bus"])
def test_vehicles_for_people_have_no_hours_for_goods(profile: str) -> None:
    """S1: goods on a bus or an ambulance are refused, whatever payload it has."""
    classes = world()["vehicle_classes"].with_columns(
        profile=pl.when(pl.col("class_id") == "big").then(pl.lit(profile)).otherwise("profile")
    )
    assert "S1.hours" in broken(world(vehicle_classes=classes))


def test_hours_that_no_one_gave_are_the_default() -> None:
    """S1: a fleet without hours works the default of 10 h a day."""
    silent = world(fleets=rows(
        "fleet_id place_id class_id vehicles hours_per_day",
        ("F1", "WH", "big", 4.0, None), ("F2", "HUB", "small", 2.0, None),
    ).with_columns(pl.col("hours_per_day").cast(pl.Float64)))  # fmt: skip
    assert broken(silent) == set()


def test_loading_time_that_no_one_gave_is_the_default() -> None:
    """S1: loading and unloading take 1 h + 0.08 h per tonne each: 1.8 h for 10 t."""
    silent = world(vehicle_classes=rows(
        "class_id profile payload_t volume_m3 load_h unload_h",
        ("big", "truck", 10.0, 40.0, None, 1.0), ("small", "4x4", 4.0, 16.0, 0.5, 0.5),
    ))  # fmt: skip
    found = check_plan(silent, plan(silent)).violations
    assert {v.limit for v in found if v.rule == "S1.trip_hours" and v.where == "WH A1 big"} == {8.8}


def test_closed_road() -> None:
    """S1: no trip on a day on which the way is closed."""
    late = {"day": 4, "from_id": "WH"}
    assert broken(
        trips=changed(TRIPS, late, day=5, arrive_day=5),
        loads=changed(LOADS, late, day=5),
        deliveries=changed(DELIVERIES, late, day=5, arrive_day=5),
    ) == {"S1.road"}


def test_wrong_duration() -> None:
    """S1: hours per trip are load + drive + unload + drive."""
    assert broken(trips=changed(TRIPS, {"to_id": "A2"}, hours_per_trip=20.0)) == {"S1.trip_hours"}


def test_wrong_arrival() -> None:
    """S1: 13 h of loading and driving with 10 h a day arrive on the second day."""
    assert broken(trips=changed(TRIPS, {"to_id": "A2"}, arrive_day=0)) == {"S1.arrival"}


@pytest.mark.parametrize("arrive", [0, 1])
def test_rounding_of_driving_times_costs_no_day(arrive: int) -> None:
    """S1: 1.4 h of loading and 8.6 h of driving are 10 h, whichever way they are rounded."""
    ways = changed(world()["travel_times"], {"from_id": "WH", "to_id": "HUB"}, travel_h=8.6)
    classes = changed(world()["vehicle_classes"], {"class_id": "big"}, load_h=1.4)
    edge = world(travel_times=ways, vehicle_classes=classes)
    trips = changed(TRIPS, {"to_id": "HUB"}, arrive_day=arrive, hours_per_trip=19.6)
    found = check_plan(edge, plan(edge, trips=trips)).violations
    assert not [v for v in found if v.rule == "S1.arrival"]


def test_trucks_of_another_yard() -> None:
    """S1: a place may load the trucks of another place, its base."""
    places = rows(
        "place_id kind transship fleet_base_id",
        ("WH", "depot", None, "YARD"), ("YARD", "base", None, None),
        ("HUB", "hub", True, None), ("PORT", "port", None, None),
    )  # fmt: skip
    fleets = rows(
        "fleet_id place_id class_id vehicles hours_per_day",
        ("F1", "YARD", "big", 4.0, 10.0), ("F2", "HUB", "small", 2.0, 10.0),
    )  # fmt: skip
    yard = world(places=places, fleets=fleets)
    assert broken(yard) == {"S1.base"}
    assert broken(yard, trips=changed(TRIPS, {"from_id": "WH"}, base_id="YARD")) == set()


def test_arrival_after_the_end() -> None:
    """S1: what leaves too late to arrive inside the plan is refused."""
    late = rows(" ".join(TRIPS.columns), (5, "WH", "A2", "big", "WH", 1.0, 26.0, 6, 0.0, 0.0))
    assert broken(trips=pl.concat([TRIPS, late])) == {"S1.end"}


def test_trucks_of_another_base() -> None:
    """S1: trips of a place run on the trucks of its own base."""
    assert broken(trips=changed(TRIPS, {"to_id": "A2"}, base_id="HUB")) == {"S1.base"}


def test_a_class_that_the_base_does_not_have() -> None:
    """S1: no trips of a class without trucks at the base."""
    other = {"from_id": "HUB"}
    assert "S1.fleet" in broken(
        trips=changed(TRIPS, other, class_id="big"), loads=changed(LOADS, other, class_id="big")
    )


def test_overweight() -> None:
    """S2: tonnes loaded fit the payload."""
    heavy = world(vehicle_classes=rows(
        "class_id profile payload_t volume_m3 load_h unload_h",
        ("big", "truck", 3.5, 40.0, 1.0, 1.0), ("small", "4x4", 4.0, 16.0, 0.5, 0.5),
    ))  # fmt: skip
    found = check_plan(heavy, plan(heavy)).violations
    assert [(v.rule, v.day, v.found, v.limit) for v in found] == [("S2.weight", 0, 3.62, 3.5)]


def test_over_volume() -> None:
    """S2: cubic metres loaded fit the truck, whatever they weigh."""
    small = world(vehicle_classes=rows(
        "class_id profile payload_t volume_m3 load_h unload_h",
        ("big", "truck", 10.0, 10.0, 1.0, 1.0), ("small", "4x4", 4.0, 16.0, 0.5, 0.5),
    ))  # fmt: skip
    found = check_plan(small, plan(small)).violations
    assert [(v.rule, v.day, v.limit) for v in found] == [("S2.volume", 0, 10.0)]


def test_an_item_without_volume_cannot_be_loaded() -> None:
    """S2: unknown weight or volume is never taken for none."""
    items = world()["items"].with_columns(
        volume_m3=pl.when(pl.col("item_id") != "kit").then("volume_m3")
    )
    assert {"S2.unknown"} == broken(
        world(items=items), trips=changed(TRIPS, {"day": 0, "to_id": "A1"}, load_m3=8.2)
    )


def test_loads_without_trips() -> None:
    """S2: what is loaded needs trips."""
    assert "S2.weight" in broken(trips=TRIPS.filter(pl.col("to_id") != "A2"))


def test_convoy_on_another_day() -> None:
    """S4: an area with convoys is entered on their days only."""
    moved = world(convoys=rows("area_id date max_trucks", ("A3", date(2), 2.0)))
    assert broken(moved) == {"S4.day"}


def test_convoy_with_too_many_trucks() -> None:
    """S4: no more trucks than the convoy takes; no figure means no limit."""
    short = world(convoys=rows("area_id date max_trucks", ("A3", date(1), 0.5)))
    assert broken(short) == {"S4.trucks"}
    free = world(convoys=rows("area_id date", ("A3", date(1))))
    assert broken(free) == set()


def test_fraction_of_a_truck() -> None:
    """S10: whole trucks in the first three days, or as many days as the plan says."""
    half = changed(TRIPS, {"to_id": "A2"}, trips=1.5)
    assert broken(trips=half) == {"S10.whole"}
    free = plan(trips=half)
    assert check_plan(world(), free.replace(record=record(whole_truck_days=0))).feasible
    longer = plan().replace(record=record(whole_truck_days=5))
    assert {v.rule for v in check_plan(world(), longer).violations} == {"S10.whole"}
