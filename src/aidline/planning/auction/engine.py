"""The auction: needs look for their cheapest way, lots for their best use, prices follow.

The prices of what is short rise while goods move.

Mathematically an augmented Lagrangian, minimised by block-coordinate descent over cells, with
columns chosen anew as prices settle. It yields a nearly feasible allocation and prices; the
plan comes from `aidline.planning.repair`, the bound from `aidline.planning.bounds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aidline.planning.auction.arrays import (
    Columns,
    fairness_columns,
    lay_flat,
    promise_columns,
    trip_columns,
)
from aidline.planning.auction.kernels_options import choose_lot_options, choose_options
from aidline.planning.auction.kernels_sweep import add_use, sweep, sweep_areas, sweep_trips
from aidline.planning.auction.kits import kit_columns
from aidline.planning.auction.scales import Scales, make_scales
from aidline.planning.bounds import Bound, lagrangian, most_kits
from aidline.planning.kernels_bound import fit_load_prices

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints, SupplyProblem
    from aidline.supply.rows import Rows

SLACK = 0.3  # options up to 30 % dearer than the best are kept
MOST_NEED = 6
MOST_LOT = 48
BLOCKS = 4
FIRST_STEP = 0.1  # prices follow slowly at first, while goods are not yet under way
EASE_IN = 40


class Auction:
    """State of one auction.

    Attributes
    ----------
    prices
        Multiplier of every coupling row.
    needs, trips, lots, fair, promises, kits
        Columns of each family, with their present amounts.
    """

    def __init__(self, problem: SupplyProblem, rows: Rows) -> None:
        self.problem, self.rows = problem, rows
        self.net = lay_flat(problem, rows)
        self.scales: Scales = make_scales(self.net, rows)
        self.prices = self.scales.price.copy()
        self.mean = self.prices.copy()
        self.trips = trip_columns(self.net)
        self.fair = fairness_columns(self.net)
        self.promises = promise_columns(self.net)
        self.kit_most = most_kits(self.net)
        self.kits, self.kit_ptr = kit_columns(self.net, self.kit_most)
        self.fixed = np.zeros(len(self.net.trip_class), dtype=bool)
        self.trip_cells, self.trip_ptr, self.hub_trips = self._trips_by_area()
        self.base = np.zeros(len(problem.fairness.area))
        self.needs = _empty(problem.demand.need)
        self.lots = _empty(problem.lots.quantity)
        self.sweeps = 0
        self.choose()

    def _trips_by_area(self) -> tuple[Ints, Ints, Ints]:
        """Order trip cells by the area that they serve; hub legs stand apart."""
        move = self.trips.tag_more[::2]
        end = self.problem.moves.end[move]
        cells = np.flatnonzero((end >= 0) & ~self.fixed)
        cells = cells[np.argsort(end[cells], kind="stable")]
        ptr = np.searchsorted(end[cells], np.arange(len(self.problem.area_ids) + 1))
        return cells, ptr.astype(np.int64), np.flatnonzero((end < 0) & ~self.fixed)

    def fix_trips(self, trips: Floats, fixed: npt.NDArray[np.bool_]) -> None:
        """Hold some trips at given numbers; everything else adapts to them from now on.

        The bound of an auction with fixed trips is not a bound of the problem.
        """
        self.fixed = fixed
        running = np.where(fixed, trips, self.trips.amount[1::2])
        self.trips.amount[1::2] = running
        self.trip_cells, self.trip_ptr, self.hub_trips = self._trips_by_area()

    def use(self) -> Floats:
        """Return how much the present amounts weigh on each row, minus its capacity."""
        total = -self.rows.capacity
        total[self.rows.fair : self.rows.convoy] += self.base
        for cols in (self.needs, self.trips, self.lots, self.fair, self.promises, self.kits):
            add_use(cols, total)
        return total

    def choose(self) -> None:
        """Choose the options of needs and lots anew, at present prices."""
        z = np.maximum(0.0, self.prices + self.scales.slope * self.use())
        loads = slice(self.rows.load, self.rows.fair)
        z[loads] = self.prices[loads]
        self._fit(z)
        self._fill(z, keep_all=False)

    def add_options(self) -> None:
        """Keep every option and add the best ones at present prices (for the exact path)."""
        z = self.prices.copy()
        self._fit(z)
        self._fill(z, keep_all=True)

    def mix(self) -> Floats:
        """Return, per movement, the share of a trip's cost that weight bears.

        Taken from the movements that run to the same end; over all of them where none does.
        """
        net, moves = self.net, self.problem.moves
        at = self.rows.load + 2 * np.arange(len(net.move_day))
        cls = net.trip_class[net.trip_ptr[:-1]]
        by_weight = net.payload[cls] * self.prices[at]
        total = by_weight + net.capacity_m3[cls] * self.prices[at + 1]
        running = np.add.reduceat(self.trips.amount[1::2], net.trip_ptr[:-1]) if len(at) else total
        end = np.unique(moves.end, return_inverse=True)[1]
        weight = np.where(total > 0, running, 0.0)
        share = np.divide(by_weight, total, out=np.full(len(at), 0.5), where=total > 0)
        usual = float((weight * share).sum() + 0.5e-9) / float(weight.sum() + 1e-9)
        mine = np.bincount(end, weight * share) + 0.01 * usual
        return np.clip((mine / (np.bincount(end, weight) + 0.01))[end], 0.02, 0.98)

    def _fit(self, z: Floats) -> None:
        """Let trips that may change break even; where all are fixed, space has its own price."""
        before = z.copy()
        fit_load_prices(self.net, z, self.mix())
        if self.fixed.any():
            move = self.trips.tag_more[::2]
            held = np.unique(move[self.fixed])
            for at in (self.rows.load + 2 * held, self.rows.load + 2 * held + 1):
                z[at] = before[at]

    def _fill(self, z: Floats, *, keep_all: bool) -> None:
        """Choose options at prices `z`: first count them, then write them."""
        old, kept = self.needs, self.lots
        how = (SLACK, MOST_NEED, keep_all)
        count = choose_options(self.net, z, old, *how, old, self.base, False)
        self.needs = _room(self.problem.demand.need, *count)
        _, entries = choose_options(self.net, z, old, *how, self.needs, self.base, True)
        self.needs = self.needs._replace(
            row=self.needs.row[:entries], coefficient=self.needs.coefficient[:entries]
        )
        count = choose_lot_options(self.net, z, kept, MOST_LOT, keep_all, kept, False)
        self.lots = _room(self.problem.lots.quantity, *count)
        choose_lot_options(self.net, z, kept, MOST_LOT, keep_all, self.lots, True)

    def sweep(self) -> None:
        """Make one round: needs and trips area by area, lots in between, then the prices follow."""
        z = self.prices + self.scales.slope * self.use()
        slope, n_areas = self.scales.slope, len(self.problem.area_ids)
        every = [np.arange(len(c.size)) for c in (self.lots, self.fair, self.promises)]
        for block in range(BLOCKS):
            first, last = block * n_areas // BLOCKS, (block + 1) * n_areas // BLOCKS
            sweep(self.lots, every[0], 0, len(every[0]), z, slope, 3)
            sweep_areas(
                self.needs, self.net.area_ptr, self.trips, self.trip_cells, self.trip_ptr,
                self.kits, self.kit_ptr, first, last, 2, z, slope,
            )  # fmt: skip
            sweep_trips(self.trips, self.hub_trips, z, slope)
            sweep(self.fair, every[1], 0, len(every[1]), z, slope, 3)
            sweep(self.promises, every[2], 0, len(every[2]), z, slope, 2)
        sweep(self.lots, every[0], 0, len(every[0]), z, slope, 3)
        self.sweeps += 1
        if self.sweeps > 2:
            step = min(1.0, FIRST_STEP + self.sweeps / EASE_IN)
            self.prices = np.maximum(0.0, self.prices + step * slope * self.use())
        self.mean = 0.9 * self.mean + 0.1 * self.prices

    def bound(self) -> Bound:
        """Return the better bound of the present prices and of their running mean."""
        found = [
            lagrangian(self.net, self.rows, p, self.kit_most, self.mix())
            for p in (self.prices, self.mean)
        ]
        return max(found, key=lambda b: b.value)


def _empty(size: Floats) -> Columns:
    """Return cells without options."""
    return _room(size, 0, 0)


def _room(size: Floats, options: int, entries: int) -> Columns:
    """Return columns with room for so many options and row entries."""
    return Columns(
        size=size,
        ptr=np.zeros(len(size) + 1, dtype=np.int64),
        cost=np.zeros(options),
        upper=np.zeros(options),
        amount=np.zeros(options),
        row_ptr=np.zeros(options + 1, dtype=np.int64),
        row=np.zeros(entries, dtype=np.int64),
        coefficient=np.zeros(entries),
        tag=np.zeros(options, dtype=np.int64),
        tag_more=np.zeros(options, dtype=np.int64),
        quiet=np.zeros(len(size), dtype=np.int64),
    )
