"""The exact path: the auction's cells and options for the LP solver.

Columns are added until the bound proves that none is missing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.model.solve import LinearModel, Solution, basis_near, solve
from aidline.planning.whole_trips import Steps, hold_whole_trips
from aidline.supply.rows import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.planning.auction.arrays import Columns
    from aidline.planning.auction.engine import Auction
    from aidline.planning.bounds import Bound
    from aidline.supply.problem import Floats, Ints

STUCK = 2e-6  # relative progress in a round of the exact solver that counts as none
BETWEEN, BATCHES = 60, 5  # rounds of the auction between two solutions, how often at most
WORTHWHILE = 0.15  # the bound must come so much of the way to the value for more of the same
AFTER_HOLDING = 120  # rounds after whole trips were fixed
# Ways to round: which fractions first, and from which share of a trip an area gets its next one.
PATTERNS: tuple[tuple[Steps, float], ...] = (
    ((0.8, 0.6, 0.4), 0.5),
    ((), 0.05),
    ((0.9, 0.75, 0.6, 0.45, 0.3), 0.5),
    ((0.6,), 0.5),
    ((), 0.5),
)
FAMILIES = ("needs", "trips", "lots", "fair", "promises", "kits")


def linear_model(auction: Auction) -> tuple[LinearModel, list[Columns]]:
    """Return the present columns as a linear model, with the families behind it.

    Cells become equality rows (their amounts add up to the size of the cell), coupling rows
    become inequalities. Trips have no cell row: idle trucks cost nothing.
    """
    families: list[Columns] = [getattr(auction, name) for name in FAMILIES]
    rows = auction.rows
    cost, low, high, blocks, cells = [], [], [], [], []
    n_cells = 0
    for name, cols in zip(FAMILIES, families, strict=True):
        options = len(cols.cost)
        cell = np.repeat(np.arange(len(cols.size)), np.diff(cols.ptr))
        entry = np.repeat(np.arange(options), np.diff(cols.row_ptr))
        live = rows.capacity[cols.row] < UNLIMITED
        blocks.append(
            sp.coo_matrix(
                (cols.coefficient[live], (cols.row[live], entry[live])), shape=(rows.total, options)
            )
        )
        bound = cols.upper.copy()
        least = np.zeros(options)
        if name == "trips":
            bound[0::2] = 0.0
            held = 2 * np.flatnonzero(auction.fixed) + 1
            least[held] = bound[held] = cols.amount[held]
            cells.append(sp.coo_matrix((0, options)))
        else:
            cells.append(
                sp.coo_matrix(
                    (np.ones(options), (cell, np.arange(options))), shape=(len(cols.size), options)
                )
            )
            n_cells += len(cols.size)
        cost.append(cols.cost)
        low.append(least)
        high.append(bound)
    coupling = sp.hstack(blocks)
    equality = sp.block_diag(cells)
    size = np.concatenate(
        [
            np.where(np.diff(c.ptr) > 0, c.size, 0.0)
            for n, c in zip(FAMILIES, families, strict=True)
            if n != "trips"
        ]
    )
    capacity = rows.capacity.copy()
    capacity[rows.fair : rows.convoy] -= auction.base
    capacity[capacity >= UNLIMITED] = np.inf
    all_cost = np.concatenate(cost)
    model = LinearModel(
        cost=all_cost,
        low=np.concatenate(low),
        high=np.concatenate(high),
        matrix=sp.vstack([coupling, equality]).tocsc(),
        row_low=np.concatenate([np.full(rows.total, -np.inf), size]),
        row_high=np.concatenate([capacity, size]),
    )
    return model, families


def solve_exactly(
    auction: Auction,
    *,
    gap: float = 1e-6,
    deadline: float = float("inf"),
    seed: int = 0,
    watch: Callable[[Bound], bool] | None = None,
) -> Bound:
    """Solve to optimality by column generation, leaving amounts and prices in the auction.

    Parameters
    ----------
    auction
        Holds problem, rows and columns; start it with some sweeps, so that the first columns
        are good.
    gap
        Relative difference between the value of the columns and the bound at which to stop.
    deadline
        `time.perf_counter()` at which to stop.
    watch
        Called after each round with the best bound; true = stop.

    Returns
    -------
    Bound
        The best bound; at the optimum it equals the value.
    """
    best, last, known = auction.bound(), np.inf, -np.inf
    while time.perf_counter() < deadline:
        model, families = linear_model(auction)
        found = _solve_from(auction, model, families, deadline, seed)
        if found.x is None or found.status != "optimal":
            break
        _take(auction, found.x, prices_of(found, auction.rows.total))
        best = _better(auction, best)
        value = found.objective + auction.unserved_cost()
        slow = best.value - known <= WORTHWHILE * (value - known)
        stuck = slow and last - value <= STUCK * abs(value)
        stop = watch is not None and watch(best)
        if not stop and not stuck and value - best.value > gap * abs(value):
            last, known = value, best.value
            solved = auction.snapshot()
            best = _between(auction, best, value, gap)
            if value - best.value > gap * abs(value):
                continue
            auction.restore(solved)
            if watch is not None:
                watch(best)
        break
    return best


def _between(auction: Auction, best: Bound, value: float, gap: float) -> Bound:
    """Sweep between two solutions, from the amounts of one at the best known prices.

    The solver's prices are extreme ones; this finds the middle ones that prove the bound, and
    the options that are missing. It goes on while the bound comes nearer to the value.
    """
    auction.prices, auction.mean = best.prices.copy(), best.prices.copy()
    for _ in range(BATCHES):
        for _ in range(BETWEEN):
            auction.round()
        known, best = best.value, max(best, auction.bound(), key=lambda b: b.value)
        near = value - best.value <= gap * abs(value)
        if near or best.value - known <= WORTHWHILE * (value - known):
            break
    return best


def _better(auction: Auction, best: Bound) -> Bound:
    """Return the best bound at mixtures of known prices and those of the auction."""
    found = [best, auction.bound()]
    for share in (0.05, 0.2, 0.5):
        prices = (1.0 - share) * best.prices + share * auction.prices
        found.append(auction.bound_at(prices))
    return max(found, key=lambda b: b.value)


def _solve_from(
    auction: Auction, model: LinearModel, families: list[Columns], deadline: float, seed: int
) -> Solution:
    """Solve an LP from where the auction stands, which is near the optimum."""
    left = max(0.1, deadline - time.perf_counter())
    start = basis_of(auction, model, families)
    return solve(model, time_limit_s=left, seed=seed, start=start)


def basis_of(auction: Auction, model: LinearModel, families: list[Columns]) -> object:
    """Return the basis of its linear model that amounts and prices of an auction suggest."""
    x = np.concatenate([cols.amount for cols in families])
    busy = np.append(auction.prices > 0.0, np.ones(len(model.row_high) - auction.rows.total, bool))
    return basis_near(model, x, busy)


def kept_columns(before: list[Columns], after: list[Columns]) -> Ints:
    """Return where the options of some columns are in columns that hold them and more."""
    places, start = [], 0
    for old, new in zip(before, after, strict=True):
        if len(old.cost) == len(new.cost):
            places.append(start + np.arange(len(old.cost)))
        else:
            keys = [_keys(cols) for cols in (old, new)]
            order = np.lexsort(keys[1][::-1])
            rank = np.unique(np.hstack(keys), axis=1, return_inverse=True)[1].ravel()
            was, now = rank[: len(old.cost)], rank[len(old.cost) :]
            places.append(start + order[np.searchsorted(now[order], was)])
        start += len(new.cost)
    return np.concatenate(places).astype(np.int64)


def _keys(cols: Columns) -> Ints:
    """Return [cell, tag, way] of each option."""
    cell = np.repeat(np.arange(len(cols.size)), np.diff(cols.ptr))
    return np.stack([cell, cols.tag, cols.tag_more])


def solve_whole(auction: Auction, whole_days: int, *, deadline: float, seed: int = 0) -> None:
    """Make the trips of the first days whole, everything else adapts.

    Trips are rounded in several patterns, each time with the rest adapting and then solved
    exactly; the best stays in the auction, with its trips fixed.
    """
    start, best, least = auction.snapshot(), None, np.inf
    for steps, up_from in PATTERNS:
        if best is not None and time.perf_counter() > deadline:
            break
        auction.restore(start)
        hold_whole_trips(auction, whole_days, steps, up_from)
        for _ in range(AFTER_HOLDING):
            auction.round()
        model, families = linear_model(auction)
        until = max(deadline, time.perf_counter() + 1.0)
        found = _solve_from(auction, model, families, until, seed)
        value = found.objective + auction.unserved_cost() if found.x is not None else np.inf
        if found.x is not None:
            _take(auction, found.x, prices_of(found, auction.rows.total))
        if best is None or value < least:
            best, least = auction.snapshot(), value
    if best is not None:
        auction.restore(best)


def _take(auction: Auction, x: Floats, prices: Floats) -> None:
    """Put a solution into the columns and the prices."""
    put(auction, x)
    auction.prices = prices
    auction.mean = auction.prices.copy()


def put(auction: Auction, x: Floats) -> None:
    """Put a solution of the linear model into the columns, family by family."""
    at = 0
    for name in FAMILIES:
        amount = getattr(auction, name).amount
        amount[:] = np.maximum(x[at : at + len(amount)], 0.0)
        at += len(amount)
    auction.changed()


def prices_of(found: Solution, n_rows: int) -> Floats:
    """Return the prices of the coupling rows from the duals of a solution."""
    return np.maximum(0.0, -found.duals[:n_rows])
