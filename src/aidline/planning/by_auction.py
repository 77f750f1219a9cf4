"""The decomposed path: the auction with plans made of its states, for any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.whole_trips import hold_whole_trips

if TYPE_CHECKING:
    from aidline.planning.auction.engine import Auction
    from aidline.planning.search import Search

FIRST_LOOK = 5  # sweeps before the first plan is made
LOOK_EVERY = 8  # sweeps between thoughts about making another
WORTH_A_LOOK = 0.4  # another is made where the expected gap has shrunk to that share
SETTLED = 90  # sweeps from which on little progress means that none is to be expected
NEAR, NEAR_AFTER = 0.006, 40  # expected gap, sweeps: good enough to choose whole trips by
FEW_CELLS = 50_000  # up to so many cells of need whole trips are rounded in two ways
ROUND_UP_FROM = (0.5, 0.05)
TRIAL = 25  # rounds after which the ways are compared
HELD_LOOKS = (8, 20, 40, 80, 120)  # sweeps with whole trips held at which plans are made


def by_auction(search: Search) -> str:
    """Sweep, look, improve; then hold whole trips for the first days and let the rest adapt."""
    auction = search.start_auction()
    days, limit_s = search.options.whole_truck_days, search.options.time_limit_s
    expected = last = np.inf
    looked = 0
    while True:
        auction.round()
        late = search.must_stop()
        if not late and auction.sweeps != FIRST_LOOK and auction.sweeps % LOOK_EVERY:
            continue
        soon = looked == FIRST_LOOK or expected <= search.options.gap
        if soon or auction.sweeps - looked > LOOK_EVERY:
            search.see()  # waits; for the first plan and one that may end the search sooner
        search.raise_bound(auction.bound())
        word = search.stop_word()
        if word == "gap reached":
            return word
        gap = search.gap_of(auction.estimate())
        settled = auction.sweeps >= SETTLED and gap > 0.9 * last
        worth_it = late or settled or gap <= max(WORTH_A_LOOK * expected, search.options.gap)
        last = gap
        if worth_it and (days == 0 or np.isinf(expected) or late):
            expected, looked = gap, auction.sweeps
            search.look(auction)
            if late:
                search.see()
                return search.stop_word() or late
        near = gap <= NEAR and auction.sweeps >= NEAR_AFTER
        if days and (settled or near or search.seconds > 0.6 * limit_s):
            search.see()
            return _with_whole_trips(search, auction)


def _with_whole_trips(search: Search, auction: Auction) -> str:
    """Fix whole trips for the first days, then sweep on until gap, time or user say stop."""
    days = search.options.whole_truck_days
    round_best(auction, days)
    for n in range(1, 121):
        auction.round()
        late = search.must_stop()
        if n in HELD_LOOKS or late:
            search.look(auction)
            search.see()
            word = search.stop_word() or late
            if word:
                return word
    return "settled"


def round_best(auction: Auction, days: int) -> None:
    """Fix whole trips; where there is time, in the better of two ways of rounding.

    Parameters
    ----------
    auction
        Settled; changed in place.
    days
        Trips that leave before this day become whole.
    """
    if len(auction.net.cell_need) > FEW_CELLS:
        hold_whole_trips(auction, days)
        return
    start, states = auction.snapshot(), []
    for up_from in ROUND_UP_FROM:
        auction.restore(start)
        hold_whole_trips(auction, days, up_from=up_from)
        for _ in range(TRIAL):
            auction.round()
        states.append((auction.estimate(), auction.snapshot()))
    auction.restore(min(states, key=lambda state: state[0])[1])
