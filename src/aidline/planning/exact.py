"""The exact path: the auction's cells and options for the LP solver.

Columns are added until the bound proves that none is missing.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.model.solve import LinearModel, Solution, solve
from aidline.planning.whole_trips import early_trips, make_whole
from aidline.supply.rows import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.planning.auction.arrays import Columns
    from aidline.planning.auction.engine import Auction
    from aidline.planning.bounds import Bound
    from aidline.supply.problem import Floats

WHOLE_NODES = 1  # of the integer search: a limit that is the same on every run
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
    best = auction.bound()
    while time.perf_counter() < deadline:
        model, families = linear_model(auction)
        found = _solve_lp(model, deadline, seed)
        if found.x is None or found.status != "optimal":
            break
        _take(auction, families, found.x, prices_of(found, auction.rows.total))
        bound = auction.bound()
        best = max(best, bound, key=lambda b: b.value)
        value = found.objective + auction.unserved_cost()
        if (watch is not None and watch(best)) or value - best.value <= gap * abs(value):
            break
        auction.add_options()
    return best


def _solve_lp(model: LinearModel, deadline: float, seed: int) -> Solution:
    """Solve an LP by the interior method, whose duals suit column generation, else by simplex."""
    for interior in (True, False):
        left = max(0.1, deadline - time.perf_counter())
        found = solve(model, time_limit_s=left, seed=seed, interior=interior)
        if found.status in {"optimal", "time limit"}:
            break
    return found


def solve_whole(auction: Auction, whole_days: int, *, deadline: float, seed: int = 0) -> None:
    """Make the trips of the first days whole, everything else adapts.

    First by rounding and re-solving, then by the integer solver for as long as there is time;
    the better of the two stays in the auction, with its trips fixed.
    """
    early = early_trips(auction.net, whole_days)
    trips = auction.trips.amount[1::2].copy()
    rounded = make_whole(auction.problem, auction.net, trips, auction.prices, whole_days)
    model, families = linear_model(auction)
    whole = np.zeros(len(model.cost), dtype=bool)
    start = len(families[0].cost)
    whole[start + 2 * np.flatnonzero(early) + 1] = True
    left = max(0.1, 0.7 * (deadline - time.perf_counter()))
    integer = dataclasses.replace(model, integer=whole)
    mixed = solve(integer, time_limit_s=left, seed=seed, gap=2e-3, nodes=WHOLE_NODES)
    auction.fix_trips(rounded, early)
    best = solve(
        linear_model(auction)[0], time_limit_s=max(0.1, deadline - time.perf_counter()), seed=seed
    )
    if mixed.x is not None and (best.x is None or mixed.objective < best.objective):
        trips = np.round(mixed.x[start : start + 2 * len(early)][1::2])
        auction.fix_trips(trips, early)
        best = solve(linear_model(auction)[0], seed=seed)
    if best.x is not None:
        _take(auction, linear_model(auction)[1], best.x, prices_of(best, auction.rows.total))


def _take(auction: Auction, families: list[Columns], x: Floats, prices: Floats) -> None:
    """Put a solution into the columns and the prices."""
    at = 0
    for cols in families:
        cols.amount[:] = np.maximum(x[at : at + len(cols.amount)], 0.0)
        at += len(cols.amount)
    auction.prices = prices
    auction.mean = auction.prices.copy()


def prices_of(found: Solution, n_rows: int) -> Floats:
    """Return the prices of the coupling rows from the duals of a solution."""
    return np.maximum(0.0, -found.duals[:n_rows])
