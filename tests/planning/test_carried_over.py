"""What an earlier plan does becomes amounts of options again, where it is still there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from small import port, trucks

from aidline.generator.make import SIZES, generate
from aidline.planning.carried_over import carried_over
from aidline.planning.joint import make_plan
from aidline.planning.kernels_carry import into_cells
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search

OPTIONS = PlanOptions(
    method="auction", time_limit_s=3.0, whole_truck_days=0, explain=False, clearing=False
)


@pytest.fixture(scope="module")
def situation():
    """Fifty areas, some goods at crossings, some in lots that expire."""
    return generate(**SIZES["S"], seed=3)


@pytest.fixture(scope="module")
def plan(situation):
    """A plan of it."""
    return make_plan(situation, OPTIONS)


def test_everything_is_found_again(situation, plan) -> None:
    """In the same situation all deliveries, draws on lots and trips become amounts again."""
    found = carried_over(plan, start_search(situation, OPTIONS).problem)
    sent = plan["deliveries"]["quantity"].sum()
    assert found.needs.amount.sum() == pytest.approx(sent, rel=1e-6)
    assert found.lots.amount.sum() == pytest.approx(sent, rel=1e-6)
    assert found.trips.sum() == pytest.approx(plan["trips"]["trips"].sum(), rel=1e-9)


def test_the_start_is_as_good_as_the_plan(situation, plan) -> None:
    """The first plan made from these amounts, before any sweep, is nearly the earlier one."""
    search = start_search(situation, OPTIONS, plan)
    auction = search.start_auction()
    search.offer(auction, auction.mean)
    assert search.verdict.value <= 1.02 * plan.record.value


def test_no_cell_gets_more_than_it_needs(situation, plan) -> None:
    """Amounts of a cell add up to its need at most, also where needs have shrunk."""
    needs = situation["needs"].with_columns(pl.col("quantity") * 0.5)
    problem = start_search(situation.replace(needs=needs), OPTIONS).problem
    found = carried_over(plan, problem).needs
    cell = np.repeat(np.arange(len(found.size)), np.diff(found.ptr))
    used = np.bincount(cell, found.amount, minlength=len(found.size))
    assert (used <= found.size * (1 + 1e-9)).all()
    assert used.sum() > 0


def test_goods_behind_a_closed_crossing_are_left_out() -> None:
    """Nothing that would have to pass a crossing which is closed now is carried over."""
    situation = port(3, fleets=trucks(20.0))
    plan = make_plan(situation, OPTIONS)
    assert plan["deliveries"]["quantity"].sum() > 0
    shut = situation["crossings"].with_columns(slots_per_day=pl.lit(0.0))
    search = start_search(situation.replace(crossings=shut), OPTIONS, plan)
    found = carried_over(plan, search.problem)
    assert found.needs.amount.sum() == found.lots.amount.sum() == 0.0


def test_ways_that_are_gone_are_left_out(situation, plan) -> None:
    """Where no truck of a base is left, its trips and what they carried are not found."""
    base = plan["trips"]["base_id"][0]
    fleets = situation["fleets"].filter(pl.col("place_id") != base)
    found = carried_over(plan, start_search(situation.replace(fleets=fleets), OPTIONS).problem)
    here = plan["trips"].filter(pl.col("base_id") == base)["trips"].sum()
    assert found.trips.sum() == pytest.approx(plan["trips"]["trips"].sum() - here, rel=1e-9)
    assert found.needs.amount.sum() < plan["deliveries"]["quantity"].sum()


def test_pieces_go_to_the_dearest_cell_that_they_can_serve() -> None:
    """The first half of a need before the rest; not before it comes up, not when too old."""
    release, level = np.array([0, 0, 0, 2, 2, 2]), np.array([0, 1, 2, 0, 1, 2])
    need = np.array([2.0, 3.0, 5.0, 2.0, 3.0, 5.0])
    key, day = np.zeros(2, dtype=np.int64), np.array([1, 2])
    cell, piece, units = into_cells(
        key, day, np.array([0, 0]), np.array([5, 1]), np.array([7.0, 9.0]),
        np.array([0, 6]), release, level, need,
    )  # fmt: skip
    shares = list(zip(piece.tolist(), cell.tolist(), units.tolist(), strict=True))
    assert shares == [(0, 2, 5.0), (0, 1, 2.0), (1, 1, 1.0), (1, 0, 2.0)]
