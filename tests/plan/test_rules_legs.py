"""S3: legs and hubs. Each rule rejects the plan that breaks it, and nothing else is said."""

from __future__ import annotations

import polars as pl
from broken_rules import broken, changed, scaled
from plan_world import DELIVERIES, LOADS, TRIPS, USES, date, rows, world


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
