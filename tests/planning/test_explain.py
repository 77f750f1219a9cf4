"""Each gap names what limits it: situations in which only one thing can be the cause."""

from __future__ import annotations

import polars as pl
import pytest
from short_worlds import date, rows, solved, world

STOCK = "lot_id place_id item_id quantity"
LITTLE = rows(STOCK, ("LOT", "WH", "food", 60_000.0))
ONE_TRUCK = rows(
    "fleet_id place_id class_id vehicles hours_per_day", ("F1", "WH", "big", 1.0, 10.0)
)
NEEDS = "area_id item_id date until people quantity"


def first_cause(situation, area: str) -> dict:
    """The first reason of an area."""
    return solved(situation).causes(area)[0]


def test_where_all_is_met_nothing_is_said() -> None:
    """Enough of everything leaves no gap and no reason."""
    said = solved(world()).explained
    assert said["reasons"].is_empty()
    assert said["unreachable"].is_empty()


def test_slots_of_a_crossing_on_the_right_days() -> None:
    """Goods wait at the port; the warehouse is empty; slots are few up to the last useful day."""
    pipe = rows("arrival_id place_id item_id quantity eta", ("P", "PORT", "food", 9e5, date(0)))
    nothing = rows(STOCK, ("LOT", "WH", "food", 1_000.0))
    small = rows("place_id slots_per_day truck_payload_t", ("PORT", 1.0, 4.0))
    reason = first_cause(world(arrivals=pipe, stock=nothing, crossings=small), "A1")
    assert (reason["cause"], reason["at_id"]) == ("crossing_slots", "PORT")
    assert reason["first_day"] <= 1
    assert reason["last_day"] == 4
    assert reason["text"].startswith("Limited by the slots of Port from 2 March 2027 to ")


def test_slots_of_one_day_only() -> None:
    """Where the port is shut on days 2 and 3 alone, those days are named."""
    pipe = rows("arrival_id place_id item_id quantity eta", ("P", "PORT", "food", 9e5, date(2)))
    stock = rows(STOCK, ("LOT", "WH", "food", 60_000.0))
    shut = rows("place_id date status", *(("PORT", date(d), "closed") for d in (2, 3)))
    usual = rows("place_id slots_per_day", ("PORT", 50.0))
    said = solved(world(arrivals=pipe, stock=stock, crossing_days=shut, crossings=usual))
    reasons = said.explained["reasons"].filter(cause="crossing_slots")
    assert set(reasons["at_id"]) == {"PORT"}
    assert reasons["first_day"].min() >= 2
    assert reasons["last_day"].max() <= 3


def test_trucks() -> None:
    """One truck for two areas: its hours are the reason, every day."""
    reason = first_cause(world(fleets=ONE_TRUCK), "A2")
    assert (reason["cause"], reason["at_id"], reason["of_id"]) == ("truck_hours", "WH", "big")
    assert (reason["first_day"], reason["last_day"]) == (0, 5)
    assert (
        reason["text"]
        == "Limited by trucks of Warehouse (Truck of 10 t) from 2 March 2027 to 7 March 2027."
    )


def test_goods_that_are_not_there() -> None:
    """Half the goods for twice the need: stock is the reason."""
    reason = first_cause(world(stock=LITTLE), "A1")
    assert (reason["cause"], reason["at_id"], reason["of_id"]) == ("stock", "WH", "food")


def test_an_item_that_is_nowhere() -> None:
    """Without any lot of the item there is no place to name."""
    reason = first_cause(world(stock=rows(STOCK)), "A1")
    assert (reason["cause"], reason["at_id"], reason["of_id"]) == ("stock", None, "food")


def test_cut_off_comes_with_its_days() -> None:
    """No way to an area on any day: unreachable, first and alone, and in its own table."""
    times = world()["travel_times"].filter(pl.col("to_id") != "A2")
    closed = rows(
        "from_id to_id class_id date status travel_h", ("WH", "A2", None, None, "closed", None)
    )
    said = solved(world(travel_times=pl.concat([times.select(closed.columns), closed])))
    assert [r["cause"] for r in said.causes("A2")] == ["unreachable"]
    row = said.explained["unreachable"].row(0, named=True)
    assert (row["area_id"], row["from_day"], row["to_day"]) == ("A2", 0, 5)
    assert said.causes("A1") == []


def test_cut_off_for_the_first_days() -> None:
    """A road that opens on day 3: unreachable up to then, and nothing is short afterwards."""
    times = world()["travel_times"]
    shut = rows(
        "from_id to_id class_id date status travel_h",
        ("WH", "A2", None, date(0), "closed", None),
        ("WH", "A2", None, date(3), "open", 4.0),
    )
    others = times.filter(pl.col("to_id") != "A2").select(shut.columns)
    said = solved(world(travel_times=pl.concat([others, shut])))
    (reason,) = said.causes("A2")
    assert reason["cause"] == "unreachable"
    assert (reason["first_day"], reason["last_day"]) == (0, 2)
    assert said.explained["unreachable"].select("from_day", "to_day").row(0) == (0, 2)


def test_too_late() -> None:
    """A way of two and a half days cannot meet the needs of the first two."""
    times = rows(
        "from_id to_id class_id date status travel_h",
        ("WH", "A1", None, None, "open", 3.0),
        ("WH", "A2", None, None, "open", 24.0),
    )
    (reason,) = solved(world(travel_times=times)).causes("A2")
    assert reason["cause"] == "too_late"
    assert (reason["first_day"], reason["last_day"]) == (0, 1)


def test_convoys() -> None:
    """Half a truck a day is let in, five tonnes for ten: the convoy is the reason."""
    few = rows("area_id date max_trucks", *(("A1", date(d), 0.5) for d in range(6)))
    (reason,) = solved(world(convoys=few)).causes("A1")
    assert (reason["cause"], reason["at_id"]) == ("convoy", "A1")


def test_days_between_convoys() -> None:
    """A convoy on day 3 alone cannot meet the days before it."""
    one = rows("area_id date max_trucks", ("A1", date(3), 9.0))
    (reason,) = solved(world(convoys=one)).causes("A1")
    assert (reason["cause"], reason["first_day"]) == ("convoy", 0)


def test_goods_that_expire() -> None:
    """Goods for weeks that expire on day 2: expiry is the reason from the day they run out."""
    lot = rows("lot_id place_id item_id quantity expiry", ("LOT", "WH", "food", 2e5, date(2)))
    (reason,) = solved(world(stock=lot)).causes("A1")
    assert (reason["cause"], reason["of_id"]) == ("expiry", "food")
    assert reason["first_day"] >= 3


def test_goods_held_for_a_promise_elsewhere() -> None:
    """All the goods go where they were promised; the other area is told so."""
    promised = rows(
        "commitment_id kind area_id item_id quantity date",
        ("CM", "promised", "A1", "food", 60_000.0, date(5)),
    )
    said = solved(world(stock=LITTLE, commitments=promised))
    assert "promise" in [r["cause"] for r in said.causes("A2")]


def test_a_promise_that_cannot_be_kept() -> None:
    """More was promised than there is: the area itself is named."""
    promised = rows(
        "commitment_id kind area_id item_id quantity date",
        ("CM", "promised", "A1", "food", 70_000.0, date(5)),
    )
    last = solved(world(stock=LITTLE, commitments=promised)).causes("A1")[-1]
    assert (last["cause"], last["at_id"], last["last_day"]) == ("promise", "A1", 5)
    assert last["text"] == "Less than was promised to Bay can be sent in time on 7 March 2027."


def test_goods_shared_for_fairness() -> None:
    """The near area would get nearly all the hours; what the far one gets is named as sharing."""
    columns = "fleet_id place_id class_id vehicles hours_per_day"
    fleet = rows(columns, ("F1", "WH", "big", 0.8, 10.0))
    times = rows(
        "from_id to_id class_id date status travel_h",
        ("WH", "A1", None, None, "open", 1.0),
        ("WH", "A2", None, None, "open", 8.0),
    )
    said = solved(world(fleets=fleet, travel_times=times))
    causes = [r["cause"] for r in said.causes("A1")]
    assert "truck_hours" in causes
    assert "fairness" in causes
    assert "fairness" not in [r["cause"] for r in said.causes("A2")]


def test_a_need_that_comes_up_once() -> None:
    """Blankets for half the people: stock is the reason while the others wait."""
    items = rows(
        "item_id name need_group kind weight_kg volume_m3 per_person",
        ("blanket", "Blanket", "shelter", "once", 2.0, 0.01, 0.4),
    )
    needs = rows(NEEDS, ("A1", "blanket", date(1), None, 1000.0, 400.0))
    lot = rows(STOCK, ("LOT", "WH", "blanket", 200.0))
    (reason,) = solved(world(items=items, needs=needs, stock=lot)).causes("A1")
    assert (reason["cause"], reason["of_id"]) == ("stock", "blanket")
    assert reason["unmet"] == pytest.approx(500 * 5)


def test_parts_of_a_kit_stand_for_their_kit() -> None:
    """Soap comes in kits only, and there are too few: stock of the kit is the reason."""
    items = rows(
        "item_id name need_group kind weight_kg volume_m3 per_person",
        ("soap", "Soap", "hygiene", "once", 0.1, 0.0002, 0.5),
        ("kit", "Hygiene kit", "hygiene", "once", 2.0, 0.01, None),
    )
    needs = rows(NEEDS, ("A1", "soap", date(0), None, 1000.0, 500.0))
    lot = rows(STOCK, ("LOT", "WH", "kit", 50.0))
    kits = rows("kit_id item_id quantity", ("kit", "soap", 5.0))
    reason = first_cause(world(items=items, needs=needs, stock=lot, kits=kits), "A1")
    assert (reason["cause"], reason["at_id"], reason["of_id"]) == ("stock", "WH", "kit")


def test_reasons_are_the_same_every_time() -> None:
    """The same situation, the same words and figures."""
    one, two = (solved(world(fleets=ONE_TRUCK, stock=LITTLE)).explained for _ in range(2))
    for name, table in one.items():
        assert table.equals(two[name])
