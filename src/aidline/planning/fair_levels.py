"""Nobody forgotten, exactly: the best lowest share, then the next, as floors under the plan.

The share of an area and need group is the part of its person-days that is met. The lowest share
is raised as far as it goes; those that cannot get more are held there, the others are raised
further, and so on (lexicographic max-min). Who cannot get more is read from the duals: a row
with a price is at this level in every best solution. What was found stands under the plan as
floors, and the usual objective chooses among the plans that keep them.

Each round is a linear program over the options that the search has so far. Its level is reached;
the best level over all options may be higher, but not above the bound that the same prices prove
by weak duality.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from aidline.model.solve import LinearModel, Solution, solve
from aidline.planning.auction.arrays import Option, columns_of, even_levels
from aidline.planning.auction.engine import Auction
from aidline.planning.bounds import Bound, lagrangian, open_widths, with_floors
from aidline.planning.exact import linear_model, prices_of
from aidline.supply.problem import HOUR_COST

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.supply.problem import Floats

FIRST_STEPS, STEPS = 16, 3  # rounds of new options for the first level and for the others
CLOSE = 1e-3  # share: how near to its bound a level is taken
SLACK = 1e-5  # relative: floors lie so much below their level, so that there is room to solve
PRICED = 1e-4  # share of all prices above which a row counts as one that cannot get more
BREACH = 1000.0  # cost of a person-day below the floor; only whole trucks ever get there
LARGE = 1e6  # how much dearer the level is than all truck-hours, which only break ties


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of coverage that were found.

    Attributes
    ----------
    floor
        Per row of fairness the share that it is assured of, 0 to 1.
    lowest
        The lowest share: what every row reaches.
    bound
        No plan whatsoever has a lowest share above this.
    rounds
        Number of levels that were told apart.
    """

    floor: Floats
    lowest: float
    bound: float
    rounds: int


class _Round(NamedTuple):
    """One level: the share, its bound, and which rows cannot get more."""

    share: float
    bound: float
    tight: npt.NDArray[np.bool_]


class FlooredAuction(Auction):
    """An auction that goes on from the state of another one, with floors under the coverage.

    Parameters
    ----------
    auction
        Its amounts and options are taken over.
    floors
        Per row of fairness a share from 0 to 1.
    """

    def __init__(self, auction: Auction, floors: Floats) -> None:
        vars(self).update(vars(auction.snapshot()))
        self.floors = floors
        weight = self.problem.fairness.weight
        size, cost = self.net.fair_size, self.net.fair_cost
        width = open_widths(floors) * size[:, None]
        cells = [
            [
                _idle(size[r]),
                *(
                    self._unmet(r, cost[r, s], width[r, s], s)
                    for s in range(width.shape[1])
                ),
                self._unmet(r, BREACH * weight[r], size[r], width.shape[1]),
            ]
            for r in range(len(size))
        ]  # fmt: skip
        self.fair = even_levels(columns_of(cells, size))

    def _unmet(self, row: int, cost: float, most: float, tag: int) -> Option:
        return (cost, most, 0.0, [(self.rows.fair + row, -1.0)], tag)

    def bound(self) -> Bound:
        """Return the better bound of prices and mean, for all plans that keep the floors."""
        found = (self.floored(self.unfloored(z)) for z in (self.prices, self.mean))
        return max(found, key=lambda b: b.value)

    def unfloored(self, prices: Floats) -> Bound:
        """Return the bound at these prices for all plans."""
        return lagrangian(self.net, self.rows, prices, self.kit_most, self.mix())

    def floored(self, bound: Bound, floors: Floats | None = None) -> Bound:
        """Return a bound for the plans that keep these floors, or those of the auction."""
        return with_floors(self.net, self.rows, bound, self.floors if floors is None else floors)


def _idle(size: float) -> Option:
    return (0.0, size, size, [], -1)


class _Levels(Auction):
    """An auction in which nothing counts but the lowest share of the rows that are still open."""

    def __init__(self, auction: Auction) -> None:
        vars(self).update(vars(auction))
        net = auction.net
        none = np.zeros_like(net.fair_cost)
        kept = self.promises.amount[1::2] * (1 + SLACK) + SLACK  # never given up for a level
        upper = self.promises.upper.copy()
        upper[1::2] = kept
        self.promises = self.promises._replace(upper=upper)
        self.net = net._replace(
            cell_value=np.zeros_like(net.cell_value), fair_cost=none,
            promise_units=kept, promise_value=np.zeros_like(kept),
        )  # fmt: skip
        self.whole = net.fair_size
        hours = HOUR_COST * float(self.problem.fleet_hours.sum())
        self.hours, self.scale = hours, LARGE * max(hours, 1.0)
        self.floor = np.full(len(self.whole), np.nan)

    def hold(self, floor: Floats) -> None:
        """Set the floors of rows that are done (NaN = still open)."""
        self.floor = floor
        self.most = np.where(np.isnan(floor), 0.0, (1.0 - floor * (1.0 - SLACK)) * self.whole)
        self.net = self.net._replace(fair_size=self.most)
        self.fair = columns_of(
            [
                [_idle(size), (0.0, most, 0.0, [(self.rows.fair + r, -1.0)], 0)]
                for r, (size, most) in enumerate(zip(self.whole, self.most, strict=True))
            ],
            self.whole,
        )

    def model(self) -> LinearModel:
        """Return the linear program: the least share unmet that bounds all open rows."""
        model = linear_model(self)[0]
        at = np.flatnonzero(np.isnan(self.floor))
        share = sp.csc_matrix(
            (-self.whole[at], (self.rows.fair + at, np.zeros(len(at), dtype=np.int64))),
            shape=(model.matrix.shape[0], 1),
        )
        return dataclasses.replace(
            model,
            cost=np.append(np.zeros(len(model.cost)), 1.0),
            low=np.append(model.low, 0.0),
            high=np.append(model.high, 1.0),
            matrix=sp.hstack([model.matrix, share]).tocsc(),
        )

    def highest(self) -> float:
        """Return what the present prices prove: no plan has all open shares above this.

        The hours that break ties are in the bound; they are taken off again at their most.
        """
        found = lagrangian(self.net, self.rows, self.prices, self.kit_most, self.mix())
        fair = found.prices[self.rows.fair : self.rows.convoy]
        paid = float((fair * self.whole)[np.isnan(self.floor)].sum())
        least = found.value + min(0.0, self.scale - paid) - self.hours
        return min(1.0, 1.0 - least / self.scale)


def find_levels(
    auction: Auction, most: int, *, deadline: float = float("inf"), seed: int = 0
) -> Levels | None:
    """Find the lowest levels of coverage of a solved problem.

    Parameters
    ----------
    auction
        After `solve_exactly`: its options are the start and it gets the options found here. No
        promise that it keeps is given up. No trips may be held.
    most
        Levels that are told apart; all rows above the last one have it as their floor.
    deadline
        `time.perf_counter()` at which to stop; rows that are still open then have the last
        level as their floor.
    seed
        Of the solver.

    Returns
    -------
    Levels or None
        Floors that some plan (in fractions of trips) keeps all together; None where there was
        no time or nothing to share.
    """
    levels = _Levels(auction)
    p = auction.problem
    # who counts but cannot be reached would hold the level at nothing for everyone
    floor = np.where(p.reachable[p.fairness.area], np.nan, 0.0)
    rounds: list[_Round] = []
    while len(rounds) < most and np.isnan(floor).any():
        levels.hold(floor.copy())
        found = _raise(levels, deadline, seed, first=not rounds)
        if found is None:
            break
        rounds.append(found)
        floor[found.tight & np.isnan(floor)] = found.share
        if not np.isnan(floor).any() or found.share >= 1.0 - SLACK:
            break
    prices = auction.prices
    auction.needs, auction.lots = levels.needs, levels.lots
    auction.prices = auction.mean = prices
    auction.add_options()  # writes the usual costs of all options
    if not rounds:
        return None
    floor[np.isnan(floor)] = rounds[-1].share
    lowest, bound = rounds[0].share, rounds[0].bound
    return Levels(floor * (1.0 - SLACK), lowest, max(lowest, bound), len(rounds))


def _raise(levels: _Levels, deadline: float, seed: int, *, first: bool) -> _Round | None:
    """Raise the lowest of the open shares; None where there is no time or no answer."""
    best = 1.0
    share, tight = None, np.zeros(0, dtype=bool)
    steps = FIRST_STEPS if first else STEPS
    for step in range(steps):
        found = _solved(levels.model(), deadline, seed, last_resort=first)
        if found is None:
            break
        share = min(1.0, max(0.0, 1.0 - found.objective))
        duals = prices_of(found, levels.rows.total)
        tight = duals[levels.rows.fair : levels.rows.convoy] * levels.whole > PRICED
        levels.prices = levels.mean = duals * levels.scale
        best = min(best, levels.highest())
        if best - share <= CLOSE or step == steps - 1:
            break
        levels.add_options()
    return None if share is None else _Round(share, best, tight)


def _solved(
    model: LinearModel, deadline: float, seed: int, *, last_resort: bool
) -> Solution | None:
    """Solve by the interior method, whose duals show all rows that cannot get more.

    The simplex method, far slower on this kind of model, is the last resort of the first level.
    """
    for interior in (True, False) if last_resort else (True,):
        left = deadline - time.perf_counter()
        if left <= 0:
            return None
        found = solve(model, time_limit_s=left, seed=seed, interior=interior)
        if found.status == "optimal":
            return found
    return None
