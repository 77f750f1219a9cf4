"""Several hands: areas are shared out, and together they see all that was moved."""

from __future__ import annotations

import numpy as np
import pytest

from aidline.generator.make import SIZES, generate
from aidline.planning.auction import hands as hands_module
from aidline.planning.auction.hands import Hands, shared_rows
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search


def test_what_areas_share_adds_up() -> None:
    """Both hands take from one row; afterwards it holds what both took, rows of one stay."""
    z = np.zeros(4)
    hands = Hands(10**6, np.array([0, 1]))
    hands.start(z)
    for first in (0, 4):
        hands.sweep_block(first, first + 4, lambda a, b, price: _take(price, a, b))
    assert z.tolist() == [8.0, 28.0, 0.0, 0.0]


def _take(price, first, last) -> None:
    for area in range(first, last):
        price[0] += 1.0
        price[1] += area


def test_ranges_are_dealt_out_without_gaps() -> None:
    """Each part begins where the one before ends."""
    cut = Hands(10**6, np.zeros(0, dtype=np.int64)).cut(3, 10)
    assert (cut[0], cut[-1]) == (3, 10)
    assert cut == sorted(cut)


def test_ways_to_hubs_are_shared() -> None:
    """Stock, hours and slots come first; a movement to a hub adds its two rows."""
    assert shared_rows(3, np.array([1])).tolist() == [0, 1, 2, 5, 6]


@pytest.fixture(scope="module")
def search():
    """Fifty areas."""
    return start_search(generate(**SIZES["S"], seed=2), PlanOptions())


def sweeps(search, count):
    """The state after some rounds."""
    auction = search.start_auction()
    for _ in range(count):
        auction.round()
    return auction


def test_two_hands_take_the_same_steps_on_every_run(search, monkeypatch) -> None:
    """Threads decide nothing: prices and amounts are the same to the last bit."""
    monkeypatch.setattr(hands_module, "MANY_NEEDS", 0)
    one, two = sweeps(search, 12), sweeps(search, 12)
    assert one.hands.count == hands_module.MOST
    assert np.array_equal(one.prices, two.prices)
    assert np.array_equal(one.needs.amount, two.needs.amount)


def test_two_hands_come_to_the_same_as_one(search, monkeypatch) -> None:
    """The bound after some rounds is nearly the same, and options are the same at equal prices."""
    alone = sweeps(search, 80)
    monkeypatch.setattr(hands_module, "MANY_NEEDS", 0)
    both = sweeps(search, 80)
    assert both.bound().value == pytest.approx(alone.bound().value, rel=0.01)
    first, second = sweeps(search, 0), alone
    second.prices = second.mean = first.prices.copy()
    assert first.bound().value == pytest.approx(second.bound().value, rel=1e-12)


def test_options_do_not_depend_on_the_hands(search, monkeypatch) -> None:
    """The options chosen at the first prices are the same, one after the other."""
    alone = sweeps(search, 0)
    monkeypatch.setattr(hands_module, "MANY_NEEDS", 0)
    both = sweeps(search, 0)
    for name in ("ptr", "tag", "tag_more", "row_ptr", "row", "coefficient", "cost", "amount"):
        assert np.array_equal(getattr(alone.needs, name), getattr(both.needs, name)), name
