"""Every rule rejects the plan that breaks it, and nothing else is said to be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from plan_world import DELIVERIES, LOADS, TRANSFERS, TRIPS, USES, date, plan, record, rows, world

from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


def broken(situation: Situation | None = None, **tables: pl.DataFrame) -> set[str]:
    situation = situation or world()
    return {v.rule for v in check_plan(situation, plan(situation, **tables)).violations}


def changed(table: pl.DataFrame, where: dict[str, Any], **values: Any) -> pl.DataFrame:
    """The table with values set in the rows that match."""
    match = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(v)) for c, v in where.items())
    assert table.filter(match).height, where
    return table.with_columns(
        pl.when(match).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        for column, value in values.items()
    )


def scaled(table: pl.DataFrame, factor: float, **where: Any) -> pl.DataFrame:
    match = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(v)) for c, v in where.items())
    assert table.filter(match).height, where
    kept = pl.col("quantity")
    return table.with_columns(pl.when(match).then(kept * factor).otherwise(kept).alias("quantity"))


def test_the_feasible_plan_is_accepted() -> None:
    """A plan that keeps every rule has no violation."""
    verdict = check_plan(world(), plan())
    assert verdict.feasible
    assert verdict.violations == ()


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


def test_delivered_more_than_carried() -> None:
    """S3: deliveries of a leg add up to its loads."""
    more = scaled(DELIVERIES, 1.5, area_id="A1", item_id="blanket")
    assert broken(deliveries=more) == {"S3.loads"}


def test_delivered_twice() -> None:
    """S3: the same load is not delivered to two areas, nor the same row counted twice."""
    elsewhere = DELIVERIES.filter(pl.col("item_id") == "kit").with_columns(area_id=pl.lit("A2"))
    assert "S3.loads" in broken(deliveries=pl.concat([DELIVERIES, elsewhere]))
    assert broken(deliveries=pl.concat([DELIVERIES, DELIVERIES.head(1)])) == {
        "T.duplicate",
        "S3.loads",
    }


def test_arrival_of_a_delivery_is_that_of_its_trip() -> None:
    """S3: a delivery cannot arrive before the truck that carries it."""
    early = changed(DELIVERIES, {"area_id": "A2", "item_id": "ration"}, arrive_day=0)
    assert broken(deliveries=early) == {"S3.loads", "S7.kept"}


def test_trips_do_not_start_at_a_crossing() -> None:
    """S3: a crossing only starts transfers."""
    port = world(crossings=rows("place_id", ("PORT",), ("HUB",)))
    assert "S3.crossing" in broken(port)


def test_only_hubs_take_trucks_to_trucks() -> None:
    """S3: goods change trucks only where trans-shipment is allowed."""
    places = world()["places"].with_columns(transship=pl.lit(False))
    assert "S3.hub" in broken(world(places=places))


def test_first_leg_carries_what_is_delivered() -> None:
    """S3: loads to the hub add up to the deliveries over it."""
    more = scaled(LOADS, 2.0, to_id="HUB")
    trips = changed(TRIPS, {"to_id": "HUB"}, load_t=0.8, load_m3=1.6)
    assert broken(loads=more, trips=trips) == {"S3.first_leg"}


def test_second_leg_carries_what_is_delivered() -> None:
    """S3: loads from the hub add up to the deliveries over it."""
    less = scaled(LOADS, 0.5, from_id="HUB")
    trips = changed(TRIPS, {"from_id": "HUB"}, load_t=0.2, load_m3=0.4)
    assert broken(loads=less, trips=trips) == {"S3.second_leg"}


def test_a_hub_gives_on_the_day_after() -> None:
    """S3: the second leg leaves on the day after the first arrives, at the earliest."""
    open_area = world(convoys=rows("area_id date", ("A2", date(1))))
    soon = {"from_id": "HUB"}
    assert broken(
        open_area,
        trips=changed(TRIPS, soon, day=0, arrive_day=0),
        loads=changed(LOADS, soon, day=0),
        deliveries=changed(DELIVERIES, {"area_id": "A3"}, arrive_day=0),
        uses=USES.filter(pl.col("area_id") != "A3"),
    ) == {"S3.hub_day"}


def test_a_hub_keeps_its_own_goods_apart() -> None:
    """S3: a hub may also send stock of its own; both add up on the same truck."""
    stock = pl.concat([
        world()["stock"].select("lot_id", "place_id", "area_id", "item_id", "quantity"),
        rows("lot_id place_id area_id item_id quantity", ("L-HUB", "HUB", None, "ration", 50.0)),
    ], how="vertical_relaxed")  # fmt: skip
    own = rows(" ".join(DELIVERIES.columns), (1, "HUB", None, "A3", "ration", "L-HUB", 50.0, 1))
    assert (
        broken(
            world(stock=stock),
            deliveries=pl.concat([DELIVERIES, own], how="vertical_relaxed"),
            loads=changed(LOADS, {"from_id": "HUB"}, quantity=450.0),
            trips=changed(TRIPS, {"from_id": "HUB"}, load_t=0.45, load_m3=0.9),
            uses=USES.filter(~((pl.col("area_id") == "A1") & (pl.col("day") == 1))),
        )
        == set()
    )


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


def test_used_before_it_arrives() -> None:
    """S7: nothing is used before it is there."""
    early = pl.concat([USES, rows(" ".join(USES.columns), (0, "A2", "ration", "ration", 500.0))])
    assert broken(uses=early) == {"S7.arrived"}


def test_used_more_than_arrived() -> None:
    """S7: a unit meets a need once."""
    more = rows(" ".join(USES.columns), (3, "A3", "ration", "ration", 1.0))
    assert broken(uses=pl.concat([USES, more])) == {"S7.arrived"}


def test_used_after_it_was_kept_too_long() -> None:
    """S7: after hold_days what is left cannot be used, even if enough arrived."""
    late = changed(USES, {"area_id": "A2", "item_id": "ration", "day": 3}, day=4)
    found = check_plan(world(), plan(uses=late)).violations
    assert [(v.rule, v.where, v.day, v.limit) for v in found] == [("S7.kept", "A2 ration", 4, 0.0)]


def test_own_stock_is_not_used_after_its_expiry() -> None:
    """S7: what an area holds counts up to its last day."""
    only = rows("day area_id item_id from_item_id quantity", (1, "A1", "ration", "ration", 300.0))
    none = {
        name: frame.clear()
        for name, frame in {
            "trips": TRIPS,
            "loads": LOADS,
            "deliveries": DELIVERIES,
            "transfers": TRANSFERS,
        }.items()
    }
    assert broken(uses=only, **none) == set()
    assert broken(uses=only.with_columns(day=2), **none) == {"S7.kept"}


def test_what_is_moving_counts_when_it_arrives() -> None:
    """S7: the convoy that is under way meets needs from its day on, once."""
    here = {"area_id": "A2", "item_id": "blanket"}
    early = changed(USES, {**here, "day": 1}, quantity=101.0)
    assert broken(uses=early) == {"S7.arrived"}
    assert broken(uses=changed(USES, {**here, "day": 2}, quantity=51.0)) == {"S7.arrived"}


def test_kits_are_counted_once_for_each_part() -> None:
    """S7: 40 kits hold 80 blankets and 200 pieces of soap, not more."""
    more = changed(USES, {"item_id": "soap"}, quantity=201.0)
    found = check_plan(world(), plan(uses=more)).violations
    assert [(v.rule, v.where) for v in found] == [("S7.kit", "A1 kit soap")]
    assert broken(
        uses=changed(USES, {"from_item_id": "kit", "item_id": "blanket"}, quantity=90.0)
    ) == {"S7.kit"}


def test_a_kit_given_out_whole_is_not_opened_too() -> None:
    """S7: where kits themselves are needed, a kit that is given counts for all of its parts."""
    needs = pl.concat([
        world()["needs"].select("area_id", "item_id", "date", "people", "quantity"),
        rows("area_id item_id date people quantity", ("A1", "kit", date(0), 50.0, 50.0)),
    ])  # fmt: skip
    wanted = world(needs=needs)
    whole = rows(" ".join(USES.columns), (0, "A1", "kit", "kit", 10.0))
    fewer = changed(USES, {"from_item_id": "kit", "item_id": "blanket"}, quantity=60.0)
    fewer = changed(fewer, {"item_id": "soap"}, quantity=150.0)

    def kits(uses: pl.DataFrame) -> set[str]:
        found = check_plan(wanted, plan(uses=uses)).violations
        return {v.rule for v in found if v.rule.startswith("S")}

    assert kits(pl.concat([fewer, whole])) == set()
    assert kits(pl.concat([USES, whole])) == {"S7.kit"}


def test_substitutes_count_by_their_ratio() -> None:
    """S7: 60 bags stand in for 30 blankets."""
    assert broken(uses=changed(USES, {"from_item_id": "bag"}, quantity=31.0)) == {"S7.arrived"}


def test_only_substitutes_and_kits_stand_in() -> None:
    """S7: an item that is no substitute meets nothing."""
    strange = changed(USES, {"from_item_id": "bag"}, item_id="soap", quantity=30.0)
    assert broken(uses=strange) == {"S7.relation"}


def test_more_met_than_needed() -> None:
    """S8: met daily need stays within the need of the day."""
    more = changed(USES, {"area_id": "A1", "item_id": "ration", "day": 0}, quantity=1100.0)
    less = changed(more, {"area_id": "A1", "item_id": "ration", "day": 1}, quantity=900.0)
    assert broken(uses=less) == {"S8.need"}


def test_once_need_is_met_once() -> None:
    """S8: cumulative use stays within what has come up so far, and is said once."""
    small = world(needs=changed(
        world()["needs"], {"area_id": "A2", "item_id": "blanket"}, quantity=120.0
    ))  # fmt: skip
    found = check_plan(small, plan(small)).violations
    assert [(v.rule, v.day, v.found, v.limit) for v in found] == [("S8.need", 2, 150.0, 120.0)]


def test_met_where_nothing_is_needed() -> None:
    """S8: a use without a need is refused."""
    odd = pl.concat([USES, rows(" ".join(USES.columns), (1, "A2", "soap", "kit", 1.0))])
    assert "S8.need" in broken(uses=odd)


def test_fraction_of_a_truck() -> None:
    """S10: whole trucks in the first three days, or as many days as the plan says."""
    half = changed(TRIPS, {"to_id": "A2"}, trips=1.5)
    assert broken(trips=half) == {"S10.whole"}
    free = plan(trips=half)
    assert check_plan(world(), free.replace(record=record(whole_truck_days=0))).feasible
    longer = plan().replace(record=record(whole_truck_days=5))
    assert {v.rule for v in check_plan(world(), longer).violations} == {"S10.whole"}


def test_loads_that_trips_claim() -> None:
    """C: the weight that trips name is that of their loads."""
    assert broken(trips=changed(TRIPS, {"to_id": "A2"}, load_t=9.0)) == {"C.trips"}


def test_coverage_says_what_uses_say() -> None:
    """C: coverage cannot claim more than uses and needs give."""
    good = plan()
    for column, value in (("met", 5.0), ("need", 900.0), ("share", 0.99), ("people", 1.0)):
        first = {"area_id": "A3", "item_id": "ration", "day": 5}
        bad = good.replace(coverage=changed(good["coverage"], first, **{column: value}))
        found = check_plan(world(), bad).violations
        assert {v.rule for v in found} == {"C.coverage"}
        assert [v.day for v in found] == [5]
    short = good.replace(coverage=good["coverage"].head(-1))
    assert [v.rule for v in check_plan(world(), short).violations] == ["C.coverage"]


def test_fairness_says_what_uses_say() -> None:
    """C: shares and reachability of the table fairness are recomputed."""
    good, first = plan(), {"area_id": "A3", "need_group": "food"}
    for column, value in (("share", 0.9), ("person_days", 7.0), ("reachable", False)):
        bad = good.replace(fairness=changed(good["fairness"], first, **{column: value}))
        assert [v.rule for v in check_plan(world(), bad).violations] == ["C.fairness"]
    short = good.replace(fairness=good["fairness"].head(-1))
    assert [v.rule for v in check_plan(world(), short).violations] == ["C.fairness"]
