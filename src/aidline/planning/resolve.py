"""What changes when a limit changes: the linear optimum is solved again, from where it stands.

Works at exact size only. Values are those of the linear relaxation (trucks need not be whole),
the same problem whose prices the bound states.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from aidline.model.solve import grown_basis, solve
from aidline.planning.exact import basis_of, kept_columns, linear_model, prices_of, put
from aidline.supply.lots import NO_EXPIRY

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns
    from aidline.planning.auction.engine import Auction
    from aidline.supply.problem import Floats, Ints, Lots

ROUNDS = 40
CLOSE = 1e-9  # of the value: how near to its bound the optimum is taken
EXACT = 1e-3  # of the expected gain


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Change:
    """One unit more of something.

    Attributes
    ----------
    row, capacity
        Coupling rows and by how much one unit raises each.
    location, item, units
        Goods that one unit puts at a location from day 0; `location` −1 = none.
    price
        What the prices say that one unit is worth.
    """

    row: Ints = field(default_factory=_none)
    capacity: Floats = field(default_factory=lambda: np.zeros(0))
    location: int = -1
    item: int = -1
    units: float = 0.0
    price: float = 0.0


class Resolver:
    """Solves a problem again with a little more or less of a limit.

    Parameters
    ----------
    auction
        With the columns of a solved problem; it is not changed, and trips that it holds at
        whole numbers are free here.
    changes
        All that will be asked for.
    deadline
        `time.perf_counter()` after which questions stay unanswered.
    seed
        Of the solver.

    Attributes
    ----------
    value
        Optimum of the unchanged problem, None where there was no time to find it.
    """

    def __init__(
        self, auction: Auction, changes: list[Change], *, deadline: float, seed: int = 0
    ) -> None:
        self.deadline, self.seed = deadline, seed
        self.auction = _free(auction)
        self.spare: dict[tuple[int, int], int] = {}
        self._make_room([c for c in changes if c.location >= 0])
        self.basis: Any = None
        least = min((c.price for c in changes if c.price > 0), default=0.0)
        self.value = self._optimum(self.auction, EXACT * least, first=True)

    def gain(self, change: Change, units: float) -> float | None:
        """Return by how much the objective falls with so many units more (negative: it rises).

        Returns
        -------
        float or None
            None where there are not that many units to take away, or no time is left. Units are
            taken from rows that have them.
        """
        if self.value is None:
            return None
        changed = self._changed(change, units)
        if changed is None:
            return None
        value = self._optimum(changed, EXACT * abs(change.price * units))
        return None if value is None else self.value - value

    def _make_room(self, changes: list[Change]) -> None:
        """Add an empty lot for each place and item that is to get more goods."""
        for change in changes:
            key = (change.location, change.item)
            if key not in self.spare:
                self.spare[key] = len(self.auction.problem.lots.ids) + len(self.spare)
        if not self.spare:
            return
        location, item = np.array(list(self.spare), dtype=np.int64).T
        lots, n = self.auction.problem.lots, len(self.spare)
        more = dataclasses.replace(
            lots,
            ids=(*lots.ids, *(f"more {k}" for k in range(n))),
            item=np.append(lots.item, item),
            quantity=np.append(lots.quantity, np.zeros(n)),
            location=np.append(lots.location, location),
            crossing=np.append(lots.crossing, np.full(n, -1)),
            first_day=np.append(lots.first_day, np.zeros(n, dtype=np.int64)),
            expiry=np.append(lots.expiry, np.full(n, NO_EXPIRY)),
        )
        columns = self.auction.lots
        empty = np.full(n, columns.ptr[-1])
        self.auction.lots = columns._replace(
            size=more.quantity,
            ptr=np.append(columns.ptr, empty),
            quiet=np.append(columns.quiet, np.zeros(n, dtype=np.int64)),
        )
        _set_lots(self.auction, more)
        self.auction.add_options()

    def _changed(self, change: Change, units: float) -> Auction | None:
        """Return a copy of the auction with a change, None where nothing can be taken away."""
        changed = _free(self.auction)
        capacity = changed.rows.capacity.copy()
        more = units * change.capacity
        there = capacity[change.row] + more >= 0
        if len(there) and not there.any():
            return None
        capacity[change.row[there]] += more[there]
        changed.rows = dataclasses.replace(changed.rows, capacity=capacity)
        if change.location >= 0:
            quantity = self._stock(change, units * change.units)
            if quantity is None:
                return None
            _set_lots(changed, dataclasses.replace(changed.problem.lots, quantity=quantity))
            size = np.repeat(quantity, np.diff(changed.lots.ptr))
            changed.lots = changed.lots._replace(size=quantity, upper=size)
        return changed

    def _stock(self, change: Change, more: float) -> Floats | None:
        """Return the quantities of all lots with goods added or taken from the first ones there."""
        lots = self.auction.problem.lots
        quantity = lots.quantity.copy()
        if more >= 0:
            quantity[self.spare[change.location, change.item]] += more
            return quantity
        here = (lots.location == change.location) & (lots.item == change.item)
        for n in sorted(np.flatnonzero(here).tolist(), key=lambda n: (int(lots.first_day[n]), n)):
            taken = min(quantity[n], -more)
            quantity[n] -= taken
            more += taken
        return quantity if more > -1e-9 else None

    def _optimum(self, auction: Auction, near: float, *, first: bool = False) -> float | None:
        """Solve to optimality by column generation; None when time ran out.

        It ends where the bound proves the optimum, or where new options no longer help: at
        corners, where many prices are as good as others, the bound stays loose.
        """
        start, last = self.basis, np.inf
        known: list[Columns] = []
        for _ in range(ROUNDS):
            left = self.deadline - time.perf_counter()
            if left <= 0:
                return None
            model, families = linear_model(auction)
            if start is None:
                start = basis_of(auction, model, families)
            elif known:
                start = grown_basis(start, len(model.cost), kept_columns(known, families))
            found = solve(model, time_limit_s=left, seed=self.seed, start=start)
            if found.x is None or found.status != "optimal":
                return None
            put(auction, found.x)
            auction.prices = auction.mean = prices_of(found, auction.rows.total)
            value = found.objective + auction.unserved_cost()
            self.basis = found.basis if first else self.basis
            near = max(near, CLOSE * abs(value))
            if value - auction.bound().value <= near or last - value <= near:
                return value
            before, last, known, start = _options(auction), value, families, found.basis
            auction.add_options()
            if _options(auction) == before:
                return value
        return None


def _free(auction: Auction) -> Auction:
    """Return a copy with columns and prices of its own and no trips held."""
    twin = auction.snapshot()
    twin.fixed = np.zeros(len(auction.fixed), dtype=bool)
    return twin


def _options(auction: Auction) -> int:
    return len(auction.needs.cost) + len(auction.lots.cost)


def _set_lots(auction: Auction, lots: Lots) -> None:
    auction.problem = dataclasses.replace(auction.problem, lots=lots)
    auction.net = auction.net._replace(
        lot_item=lots.item, lot_quantity=lots.quantity, lot_location=lots.location,
        lot_crossing=lots.crossing, lot_first=lots.first_day, lot_expiry=lots.expiry,
    )  # fmt: skip
