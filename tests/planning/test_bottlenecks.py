"""What one more or one less unit gives, against problems built and solved afresh."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from short_worlds import date, optimum, rows, solved, world

from aidline.planning.bottlenecks import bottlenecks, candidates, with_gains
from aidline.planning.resolve import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.situation.situation import Situation


def fleet(vehicles: float) -> Situation:
    """Two areas and so many trucks."""
    columns = "fleet_id place_id class_id vehicles hours_per_day"
    return world(fleets=rows(columns, ("F1", "WH", "big", vehicles, 10.0)))


def goods(tonnes: float) -> Situation:
    """Two areas and so much food, from the first day."""
    columns = "lot_id place_id item_id quantity"
    return world(stock=rows(columns, ("LOT", "WH", "food", 1000.0 * tonnes)))


def port(slots: float) -> Situation:
    """Food at the port only, and so many slots a day."""
    return world(
        stock=rows("lot_id place_id item_id quantity", ("LOT", "WH", "food", 1_000.0)),
        arrivals=rows(
            "arrival_id place_id item_id quantity eta", ("P", "PORT", "food", 9e5, date(0))
        ),
        crossings=rows("place_id slots_per_day truck_payload_t", ("PORT", slots, 4.0)),
    )


def convoys(trucks: float) -> Situation:
    """One area is entered by convoys of so many trucks on two days, each for two days' food."""
    lines = [("A1", date(d), trucks) for d in (0, 3)]
    return world(convoys=rows("area_id date max_trucks", *lines))


def value(situation: Situation) -> float:
    """The optimum of a situation, from nothing."""
    _, auction = optimum(situation)
    found = Resolver(auction, [], deadline=time.perf_counter() + 20).value
    assert found is not None
    return found


LIMITS: dict[str, tuple[str, str, Callable[[float], Situation], float]] = {
    "trucks": ("trucks", "WH", fleet, 1.5),
    "stock": ("stock", "WH", goods, 61.0),
    "slots": ("crossing_slots", "PORT", port, 2.5),
    "convoys": ("convoy", "A1", convoys, 1.5),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_gains_are_those_of_problems_solved_afresh(limit: str) -> None:
    """One more and one less of a limit: the board agrees within 1 % in both directions."""
    resource, at, make, amount = LIMITS[limit]
    row = solved(make(amount)).on_board(resource, at)
    assert row["resolved"]
    base = value(make(amount))
    assert row["gain_up"] == pytest.approx(base - value(make(amount + 1)), rel=0.01)
    assert row["loss_down"] == pytest.approx(value(make(amount - 1)) - base, rel=0.01)


@pytest.mark.parametrize("limit", LIMITS)
def test_more_never_harms_and_less_never_helps(limit: str) -> None:
    """Gains and losses are not negative, and the first unit gives at most what a loss costs."""
    resource, at, make, amount = LIMITS[limit]
    row = solved(make(amount)).on_board(resource, at)
    assert row["gain_up"] > 0
    assert row["loss_down"] >= 0.99 * row["gain_up"]


def test_a_gain_holds_up_to_where_it_is_said_to() -> None:
    """Over the valid range each unit gives at least nine tenths of what the first one gives."""
    row = solved(goods(61.0)).on_board("stock", "WH")
    units = row["valid_up"]
    assert units in {1.0, 2.0, 4.0}
    gained = value(goods(61.0)) - value(goods(61.0 + units))
    assert gained >= 0.89 * units * row["gain_up"]
    if units < 4:
        more = value(goods(61.0)) - value(goods(61.0 + 2 * units))
        assert more < 0.91 * 2 * units * row["gain_up"]


def test_without_a_price_yet_not_dispensable() -> None:
    """The 1.8 trucks that two areas need leave a little spare, but one less costs a lot."""
    row = solved(fleet(1.9)).on_board("trucks", "WH")
    assert row["gain_up"] == 0.0
    assert row["loss_down"] > 1000.0


def test_more_goods_where_nothing_lies_yet() -> None:
    """A place that only receives goods from the port gains by goods of its own."""
    row = solved(port(2.5)).on_board("stock", "WH")
    more = port(2.5)
    extra = rows(
        "lot_id place_id item_id quantity",
        ("LOT", "WH", "food", 1_000.0), ("MORE", "WH", "food", 1_000.0),
    )  # fmt: skip
    gained = value(port(2.5)) - value(more.replace(stock=extra))
    assert row["gain_up"] == pytest.approx(gained, rel=0.01)


def test_the_auction_is_left_as_it_was() -> None:
    """Solving again changes neither columns nor prices nor the problem."""
    search, auction = optimum(fleet(1.0))
    before = [auction.prices.copy(), auction.needs.amount.copy(), auction.lots.size.copy()]
    found = candidates(search.problem, search.rows, auction.prices)
    bottlenecks(found, auction)
    after = [auction.prices, auction.needs.amount, auction.lots.size]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert auction.problem is search.problem


def test_no_time_means_prices_only() -> None:
    """Past the deadline, gains come from prices and are marked so."""
    search, auction = optimum(fleet(1.0))
    found = candidates(search.problem, search.rows, auction.prices)
    board = bottlenecks(found, auction, deadline=time.perf_counter() - 1)
    assert not board["resolved"].any()
    assert board["loss_down"].is_null().all()
    prices = {c.resource: c.change.price for c in found}
    for row in board.iter_rows(named=True):
        assert row["gain_up"] == pytest.approx(prices[row["resource"]])


def test_prices_are_no_lower_than_gains() -> None:
    """The value is convex: by its price a unit is worth at least what it really gives."""
    search, auction = optimum(fleet(1.0))
    assert search.bound is not None
    for candidate in candidates(search.problem, search.rows, search.bound.prices):
        solver = Resolver(auction, [candidate.change], deadline=time.perf_counter() + 20)
        gain = solver.gain(candidate.change, 1.0)
        assert gain is not None
        assert gain <= candidate.change.price * 1.001 + 1e-3


def test_what_cannot_be_taken_away() -> None:
    """Where there is less than one unit, nothing is said about one less."""
    assert solved(fleet(0.5)).on_board("trucks", "WH")["loss_down"] is None
    assert solved(goods(0.4)).on_board("stock", "WH")["loss_down"] is None


def test_reasons_carry_the_gain_of_the_board() -> None:
    """One figure for one limit, on the board and behind a gap."""
    said = solved(fleet(1.0))
    gain = said.on_board("trucks", "WH")["gain_up"]
    trucks = said.explained["reasons"].filter(cause="truck_hours")
    assert trucks.height >= 1
    assert trucks["gain"].to_list() == pytest.approx([gain] * trucks.height)


def test_a_reason_without_a_limit_to_raise_has_no_gain() -> None:
    """Being too late is no limit of which there could be more."""
    frame: dict[str, Any] = {
        "cause": ["too_late"], "at_id": [None], "of_id": [None], "first_day": [0], "last_day": [1],
    }  # fmt: skip
    strings = {"at_id": pl.String, "of_id": pl.String}
    board = bottlenecks([], None)
    assert (
        with_gains(pl.DataFrame(frame, schema_overrides=strings), [], board)["gain"].is_null().all()
    )
    assert board.is_empty()
