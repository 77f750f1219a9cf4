"""The auction: needs look for their cheapest way, lots for their best use, prices follow.

The prices of what is short rise while goods move.

Mathematically an augmented Lagrangian, minimised by block-coordinate descent over cells, with
columns chosen anew as prices settle. It yields a nearly feasible allocation and prices; the
plan comes from `aidline.planning.repair`, the bound from `aidline.planning.bounds`.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aidline.planning.auction.arrays import (
    Columns,
    cut_down,
    fairness_columns,
    fill_levels,
    lay_flat,
    promise_columns,
    trip_columns,
    with_room,
    without_options,
)
from aidline.planning.auction.hands import Hands, shared_rows
from aidline.planning.auction.kernels_lots import choose_lot_options
from aidline.planning.auction.kernels_options import MOST_ROWS, choose_options, close_gap
from aidline.planning.auction.kernels_sweep import add_use, sweep, sweep_areas, sweep_trips
from aidline.planning.auction.kits import kit_columns
from aidline.planning.auction.scales import Scales, make_scales
from aidline.planning.bounds import Bound, lagrangian, most_kits
from aidline.planning.kernels_bound import fit_load_prices
from aidline.supply.problem import FAIRNESS_WIDTHS
from aidline.supply.stowage import Stower

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints, SupplyProblem
    from aidline.supply.rows import Rows

SLACK = 0.3  # options up to 30 % dearer than the best are kept
MOST_NEED, MANY = 5, 50_000  # new options of a need; three fifths of them from so many needs on
MOST_LOT = 48
BLOCKS = 16  # of areas in a sweep; lots answer after every other one
FIRST_STEP = 0.1  # prices follow slowly at first, while goods are not yet under way
EASE_IN = 15  # sweeps until they follow at full step
CHOOSE_OFTEN, FINDING, CHOOSE_SELDOM = 3, 24, 8  # sweeps between choosing options anew


class Auction:
    """State of one auction.

    Attributes
    ----------
    prices
        Multiplier of every coupling row.
    needs, trips, lots, fair, promises, kits
        Columns of each family, with their present amounts.

    Parameters
    ----------
    problem, rows
        What is planned.
    prices
        Prices of an earlier plan to start from, not a number where there is none.
    """

    def __init__(self, problem: SupplyProblem, rows: Rows, prices: Floats | None = None) -> None:
        self.problem, self.rows = problem, rows
        self.net = lay_flat(problem, rows)
        self.stower = Stower(problem)
        self.scales: Scales = make_scales(self.net, rows)
        self.prices = self.scales.price.copy()
        if prices is not None:
            self._start_from(prices)
        self.mean = self.prices.copy()
        self.trips = trip_columns(self.net)
        self.fair = fairness_columns(self.net)
        self.promises = promise_columns(self.net)
        self.kit_most = most_kits(self.net)
        self.kits, self.kit_ptr = kit_columns(self.net, self.kit_most)
        self.fixed = np.zeros(len(self.net.trip_class), dtype=bool)
        self.trip_cells, self.trip_ptr, self.hub_trips = self._trips_by_area()
        areas = np.arange(len(problem.area_ids) + 1)
        self.fair_ptr = np.searchsorted(problem.fairness.area, areas).astype(np.int64)
        self.promise_ptr = np.searchsorted(problem.promise_area, areas).astype(np.int64)
        hubs = np.flatnonzero(problem.moves.end < 0)
        self.hands = Hands(len(problem.demand.need), shared_rows(rows.load, hubs))
        self.base = np.zeros(len(problem.fairness.area))
        self.needs = self._held = without_options(problem.demand.need)
        room = 11 * len(problem.demand.need)
        self._spare = with_room(problem.demand.need, room, MOST_ROWS * room)
        self.lots = without_options(problem.lots.quantity)
        self.most_new = MOST_NEED if len(problem.demand.need) < MANY else 3 * MOST_NEED // 5
        self.sweeps = 0
        self._use: Floats | None = None
        self.choose()

    def _start_from(self, prices: Floats) -> None:
        """Take over known prices; where those of movements are not, trips break even."""
        slots = slice(self.rows.slots, self.rows.load)
        known = ~np.isnan(prices)
        known[slots] &= self.rows.capacity[slots] > 0  # what is closed now keeps nothing of before
        self.prices[known] = prices[known]
        loads = slice(self.rows.load, self.rows.fair)
        if not known[loads].all():
            self.prices[loads] = 0.0
            fit_load_prices(self.net, self.prices, np.full(len(self.net.move_day), 0.5))

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
        self._shutwithout_options()
        self.changed()

    def _shutwithout_options(self) -> None:
        """Let nothing go on movements that are held at no trips at all.

        Goods that are light and worth much would leave them too slowly by rising prices.
        """
        held = np.logical_and.reduceat(self.fixed, self.net.trip_ptr[:-1])
        running = np.add.reduceat(self.trips.amount[1::2], self.net.trip_ptr[:-1])
        shut = self.rows.load + 2 * np.flatnonzero(held & (running <= 0.0))
        for prices in (self.prices, self.mean):
            prices[shut] = prices[shut + 1] = self.scales.shut
        self.needs.quiet[:] = 0

    def use(self) -> Floats:
        """Return how much the present amounts weigh on each row, minus its capacity."""
        if self._use is not None:
            return self._use
        others = (self.trips, self.lots, self.fair, self.promises, self.kits)
        total, more = self.hands.map(self._use_of, ((self.needs,), others))
        total += more
        total -= self.rows.capacity
        total[self.rows.fair : self.rows.convoy] += self.base
        self._use = total
        return total

    def _use_of(self, families: tuple[Columns, ...]) -> Floats:
        """Return how much the amounts of some families weigh on each row."""
        total = np.zeros(self.rows.total)
        for cols in families:
            add_use(cols, total)
        return total

    def changed(self) -> None:
        """Note that amounts were changed from outside."""
        self._use = None

    def snapshot(self) -> Auction:
        """Return a copy of the present state, with amounts, prices and room of its own."""
        out = copy.copy(self)
        out.changed()
        for name in ("needs", "trips", "lots", "kits", "fair", "promises"):
            cols: Columns = getattr(self, name)
            setattr(out, name, cols._replace(amount=cols.amount.copy(), quiet=cols.quiet.copy()))
        for name in ("prices", "mean", "base", "fixed"):
            setattr(out, name, getattr(self, name).copy())
        for name in ("_spare", "_held"):
            setattr(out, name, without_options(self.needs.size))
        # The copy's columns stay as they are: our next ones are written to fresh memory.
        room = len(self._held.cost)
        self._held = with_room(self.problem.demand.need, room, MOST_ROWS * room)
        return out

    def unserved_cost(self) -> float:
        """Return the cost of the cells without any option: their whole need stays unmet."""
        net = self.net
        bare = np.diff(self.needs.ptr) == 0
        once = net.cell_level >= 0
        waits = np.where(once, net.days - net.cell_day, 1)
        marginal = np.where(
            once, net.marginals[np.maximum(net.cell_level, 0)], (net.widths * net.marginals).sum()
        )
        return float((net.cell_need * net.cell_value * marginal * waits)[bare].sum())

    def estimate(self) -> float:
        """Return about what a plan made of the present amounts would cost.

        The cost of the amounts, with what is overdrawn at its price; no bound in either
        direction.
        """
        families = (self.needs, self.trips, self.lots, self.promises, self.kits)
        cost = sum(float(c.cost @ c.amount) for c in families)
        fair = slice(self.rows.fair, self.rows.convoy)
        over = np.maximum(self.use(), 0.0) * self.prices
        over[fair] = 0.0
        unmet = np.zeros(self.rows.total)
        add_use(self.needs, unmet)
        left = unmet[fair] + self.base
        for width, marginal in zip(FAIRNESS_WIDTHS, self.net.fair_cost.T, strict=True):
            here = np.minimum(left, width * self.net.fair_size)
            cost += float(marginal @ here)
            left = left - here
        return cost + float(over.sum()) + self.unserved_cost()

    def choose(self, z: Floats | None = None) -> None:
        """Choose the options of needs and lots anew, at row prices `z` or at present ones."""
        if z is None:
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
        """Choose options at prices `z`, with more room where there is not enough."""
        old, kept = self.needs, self.lots
        size = self._choose_for_needs(z, keep_all=keep_all)
        while size is None:
            room = 5 * len(self._spare.cost) // 4 + len(old.cost) // 4 + 2 * len(old.size)
            self._spare = with_room(self.problem.demand.need, room, MOST_ROWS * room)
            size = self._choose_for_needs(z, keep_all=keep_all)
        # The two sets of arrays change places: fresh memory costs more than the work on it.
        self.needs, self._spare, self._held = cut_down(self._spare, *size), self._held, self._spare
        room = len(kept.cost) + 4 * len(kept.size) + 64 * self.net.days**2
        while True:
            lots = with_room(self.problem.lots.quantity, room, 3 * room)
            options, entries = choose_lot_options(self.net, z, kept, MOST_LOT, keep_all, lots)
            if options >= 0:
                break
            room *= 2
        self.lots = cut_down(lots, options, entries)
        self.changed()

    def _choose_for_needs(self, z: Floats, *, keep_all: bool) -> tuple[int, int] | None:
        """Write options into the spare columns; None where these have too little room."""
        new, hands = self._spare, self.hands
        cells = self.net.area_ptr[hands.cut(0, len(self.problem.area_ids))]
        options, entries = hands.cut(0, len(new.cost)), hands.cut(0, len(new.row))
        self.base[:] = 0.0

        def part(hand: int) -> tuple[int, int]:
            of = slice(hand, hand + 2)
            return choose_options(
                self.net, z, self.needs, SLACK, self.most_new, keep_all, new, self.base,
                *cells[of], *options[of], *entries[of],
            )  # fmt: skip

        o = at = 0
        for hand, (n, m) in enumerate(hands.each(part)):
            if n < 0:
                return None
            if hand > 0:
                first, last = cells[hand], cells[hand + 1]
                close_gap(new, first, last, options[hand], entries[hand], o, at, n, m)
            o, at = o + n, at + m
        new.ptr[-1], new.row_ptr[o] = o, at
        return o, at

    def take_over(self, needs: Columns, lots: Columns, trips: Floats) -> None:
        """Go on from amounts found elsewhere, at full step; options are chosen around them.

        Parameters
        ----------
        needs, lots
            Columns with tags and amounts of options in use.
        trips
            Per movement and class.
        """
        self.needs, self.lots = needs, lots
        self.trips.amount[1::2] = trips
        z = self.prices.copy()
        self._fit(z)
        self.choose(z)
        fair = slice(self.rows.fair, self.rows.convoy)
        fill_levels(self.fair, self._use_of((self.needs,))[fair] + self.base)
        self.changed()
        self.sweeps = EASE_IN

    def round(self) -> None:
        """Sweep once, with options chosen anew now and then."""
        every = CHOOSE_OFTEN if self.sweeps <= FINDING else CHOOSE_SELDOM
        if self.sweeps and self.sweeps % every == 0:
            self.choose()
        self.sweep()

    def restore(self, state: Auction) -> None:
        """Go back to a snapshot, which stays as it is."""
        again = state.snapshot()
        for name in ("needs", "trips", "lots", "kits", "prices", "mean", "base", "sweeps"):
            setattr(self, name, getattr(again, name))
        for name in ("fair", "promises"):
            getattr(self, name).amount[:] = getattr(again, name).amount
        self.fixed = again.fixed
        self.changed()
        self.trip_cells, self.trip_ptr, self.hub_trips = self._trips_by_area()

    def sweep(self) -> None:
        """Make one round: needs and trips area by area, lots in between, then the prices follow."""
        slope, n_areas, net = self.scales.slope, len(self.problem.area_ids), self.net
        z = self.prices + slope * self.use()

        def areas(first: int, last: int, prices: Floats) -> None:
            sweep_areas(
                self.needs, net.area_ptr, self.trips, self.trip_cells, self.trip_ptr, self.kits,
                self.kit_ptr, self.fair, self.fair_ptr, self.promises, self.promise_ptr, first,
                last, 2, prices, slope,
            )  # fmt: skip

        self.changed()
        self.hands.start(z)
        for block in range(BLOCKS):
            if block % 2 == 0:
                sweep(self.lots, z, slope, 3)
            first, last = block * n_areas // BLOCKS, (block + 1) * n_areas // BLOCKS
            self.hands.sweep_block(first, last, areas)
            sweep_trips(self.trips, self.hub_trips, z, slope)
        sweep(self.lots, z, slope, 3)
        self.sweeps += 1
        if self.sweeps > 2:
            step = min(1.0, FIRST_STEP + self.sweeps / EASE_IN)
            self.prices = np.maximum(0.0, self.prices + step * slope * self.use())
        self.mean = 0.9 * self.mean + 0.1 * self.prices

    def bound(self) -> Bound:
        """Return the better bound of the present prices and of their running mean."""
        found = self.hands.map(self.bound_at, (self.prices, self.mean))
        return max(found, key=lambda b: b.value)

    def bound_at(self, prices: Floats) -> Bound:
        """Return the bound that prices of the rows prove."""
        return lagrangian(self.net, self.rows, prices, self.kit_most, self.mix())
