"""The decomposed path: the auction with plans made of its states, for any size."""

from __future__ import annotations

from dataclasses import dataclass
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
FIRST_SHARE = 0.5  # of the time limit after which whole trips are held in any case
BETWEEN_TURNS = 40  # sweeps without held trips before they are chosen anew
WORTH_A_TURN = 0.97  # another turn comes where the last one shrank the gap to that share
HELD_LOOKS = (8, 20, 40, 80, 120)  # sweeps with whole trips held at which plans are made


@dataclass(slots=True)
class _Course:
    """How far the search is and what it does next.

    Attributes
    ----------
    expected
        Gap that the last look was expected to give.
    last
        Gap that was expected when last thought about.
    settled
        Is little more to be expected?
    looked
        Sweep of the last look.
    turns
        How often whole trips were held.
    share
        Of the time limit, after which they are held in any case.
    """

    search: Search
    expected: float = np.inf
    last: float = np.inf
    settled: bool = False
    looked: int = 0
    turns: int = 0
    share: float = FIRST_SHARE

    def must_see(self, sweeps: int) -> bool:
        """Tell whether to wait for the plan under way: the first, one that may end the search."""
        soon = self.looked == FIRST_LOOK or self.expected <= self.search.options.gap
        return soon or sweeps - self.looked > LOOK_EVERY

    def must_look(self, sweeps: int, gap: float, *, late: bool) -> bool:
        """Tell whether a plan of the present state is worth its time."""
        goal, whole = self.search.options.gap, self.search.options.whole_truck_days > 0
        self.settled = sweeps >= SETTLED and gap > 0.9 * self.last
        self.last = gap
        worth_it = late or self.settled or gap <= max(WORTH_A_LOOK * self.expected, goal)
        first = np.isinf(self.expected) or (late and self.turns == 0)
        if not worth_it or (whole and not first):
            return False
        self.expected, self.looked = gap, sweeps
        return True

    def must_hold(self, sweeps: int) -> bool:
        """Tell whether to choose whole trips now."""
        options = self.search.options
        near = self.last <= NEAR and sweeps >= NEAR_AFTER
        late = self.search.seconds > self.share * options.time_limit_s
        return options.whole_truck_days > 0 and (self.settled or near or late)

    def hold(self, auction: Auction) -> str | None:
        """Take a turn with whole trips; returns why to stop after it, None to go on."""
        self.search.see()
        before = self.search.gap
        word = _with_whole_trips(self.search, auction)
        self.turns += 1
        if word != "settled" or (self.turns > 1 and self.search.gap > WORTH_A_TURN * before):
            return word
        self.share = 1.0 - 0.5 * (1.0 - self.share)
        for _ in range(BETWEEN_TURNS):
            if not self.search.must_stop():
                auction.round()
        return None


def by_auction(search: Search) -> str:
    """Sweep, look, improve; whole trips of the first days are held now and then.

    While they are held everything else adapts. Then the search goes on without them, from
    where it stood: that proves a better bound, and gives better trips to hold.
    """
    auction, course = search.start_auction(), _Course(search)
    while True:
        auction.round()
        late = search.must_stop()
        if not late and auction.sweeps != FIRST_LOOK and auction.sweeps % LOOK_EVERY:
            continue
        if course.must_see(auction.sweeps):
            search.see()
        search.raise_bound(auction.bound())
        word = search.stop_word()
        if word == "gap reached":
            return word
        gap = search.gap_of(auction.estimate())
        if course.must_look(auction.sweeps, gap, late=bool(late)):
            search.look(auction)
        if late:
            search.see()
            return search.stop_word() or late
        word = course.hold(auction) if course.must_hold(auction.sweeps) else None
        if word:
            return word


def _with_whole_trips(search: Search, auction: Auction) -> str:
    """Hold whole trips for the first days and sweep on until gap, time or user say stop.

    The auction is as it was afterwards.
    """
    days, held = search.options.whole_truck_days, auction.snapshot()
    round_best(held, days)
    for n in range(1, HELD_LOOKS[-1] + 1):
        held.round()
        late = search.must_stop()
        if n in HELD_LOOKS or late:
            search.look(held)
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
