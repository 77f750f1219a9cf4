"""Compiled kernel: move amounts inside cells towards their cheapest option.

The price of an option is its own cost plus the prices of the rows on which it weighs; a row's
price rises as soon as it is used more (its slope `rho`), so that a sweep cannot overshoot.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from aidline.planning.auction.arrays import Columns
from aidline.supply.problem import Floats, Ints


@nb.njit(cache=True)
def option_price(cols: Columns, o: int, z: Floats) -> float:
    """Return the price of an option at row prices `z` (negative ones count as 0)."""
    price = cols.cost[o]
    for e in range(cols.row_ptr[o], cols.row_ptr[o + 1]):
        at = z[cols.row[e]]
        if at > 0.0:
            price += cols.coefficient[e] * at
    return price


@nb.njit(cache=True)
def _weight_on(cols: Columns, o: int, row: int) -> float:
    for e in range(cols.row_ptr[o], cols.row_ptr[o + 1]):
        if cols.row[e] == row:
            return cols.coefficient[e]
    return 0.0


ROWS = 64  # an option weighs on fewer rows than half of this


@nb.njit(cache=True)
def _changes(cols: Columns, s: int, d: int, row: Ints, change: Floats) -> int:
    """List the rows whose use changes when one unit moves from option `s` to option `d`."""
    n = 0
    for e in range(cols.row_ptr[d], cols.row_ptr[d + 1]):
        difference = cols.coefficient[e] - _weight_on(cols, s, cols.row[e])
        if difference != 0.0:
            row[n], change[n] = cols.row[e], difference
            n += 1
    for e in range(cols.row_ptr[s], cols.row_ptr[s + 1]):
        if _weight_on(cols, d, cols.row[e]) == 0.0:
            row[n], change[n] = cols.row[e], -cols.coefficient[e]
            n += 1
    return n


@nb.njit(cache=True)
def _price_rise(
    step: float, n: int, row: Ints, change: Floats, z: Floats, rho: Floats
) -> tuple[float, float]:
    """Return price difference (destination − source, rows only) after a step, and its slope."""
    price, slope = 0.0, 0.0
    for e in range(n):
        at = z[row[e]] + rho[row[e]] * change[e] * step
        if at > 0.0:
            price += change[e] * at
            slope += rho[row[e]] * change[e] * change[e]
    return price, slope


@nb.njit(cache=True)
def best_step(
    gap: float, most: float, n: int, row: Ints, change: Floats, z: Floats, rho: Floats
) -> float:
    """Return the step at which the price difference closes, at most `most`.

    The difference is a rising piecewise-linear function of the step (rows with negative price
    count as free), so Newton steps kept inside a bracket find its root.
    """
    start, slope = _price_rise(0.0, n, row, change, z, rho)
    offset = -gap - start
    low, high = 0.0, most
    step = most if slope <= 0.0 else min(most, gap / slope)
    for _ in range(12):
        price, slope = _price_rise(step, n, row, change, z, rho)
        left = price + offset
        if abs(left) <= 1e-3 * gap:
            break
        if left > 0.0:
            high = step
        else:
            low = step
            if step >= most:
                break
        following = step - left / slope if slope > 0.0 else high
        step = following if low < following < high else 0.5 * (low + high)
        if high - low <= 1e-6 * most:
            break
    return step


@nb.njit(cache=True)
def improve_cell(
    cols: Columns, c: int, z: Floats, rho: Floats, moves: int, row: Ints, change: Floats
) -> bool:
    """Make up to `moves` moves from the dearest used option to the cheapest with room."""
    moved = False
    size = cols.size[c]
    for _ in range(moves):
        dear, cheap = -1e300, 1e300
        s, d = -1, -1
        for o in range(cols.ptr[c], cols.ptr[c + 1]):
            price = option_price(cols, o, z)
            if price < cheap and cols.amount[o] < cols.upper[o] * (1.0 - 1e-12):
                cheap, d = price, o
            if price > dear and cols.amount[o] > 0.0:
                dear, s = price, o
        gap = dear - cheap
        if s < 0 or d < 0 or s == d or gap <= 1e-9 + 1e-4 * abs(cheap):
            break
        most = min(cols.amount[s], cols.upper[d] - cols.amount[d])
        n = _changes(cols, s, d, row, change)
        amount = best_step(gap, most, n, row, change, z, rho)
        cols.amount[s] -= amount
        if cols.amount[s] < 1e-13 * size:
            cols.amount[s] = 0.0
        cols.amount[d] += amount
        for e in range(n):
            z[row[e]] += rho[row[e]] * change[e] * amount
        moved = True
        if amount < 0.02 * size:
            break
    return moved


@nb.njit(cache=True)
def improve_trip(trips: Columns, n: int, z: Floats, rho: Floats, row: Ints, change: Floats) -> None:
    """Set the number of trips of one movement and class to its best value at present prices."""
    o = 2 * n + 1
    running = trips.amount[o]
    gap = -option_price(trips, o, z)
    if abs(gap) <= 1e-6 * trips.cost[o] or (gap <= 0.0 and running <= 0.0):
        return
    first, last = trips.row_ptr[o], trips.row_ptr[o + 1]
    sign = 1.0 if gap > 0.0 else -1.0
    for e in range(last - first):
        row[e], change[e] = trips.row[first + e], sign * trips.coefficient[first + e]
    most = running if sign < 0.0 else 1.0 + 4.0 * running
    step = sign * best_step(abs(gap), most, last - first, row, change, z, rho)
    trips.amount[o] = max(0.0, running + step)
    for e in range(first, last):
        z[trips.row[e]] += rho[trips.row[e]] * trips.coefficient[e] * step


@nb.njit(cache=True)
def sweep(
    cols: Columns, cells: Ints, first: int, last: int, z: Floats, rho: Floats, moves: int, patience: int
) -> int:
    """Improve `cells[first:last]`; a cell that did not move rests for up to `patience` sweeps."""
    moved = 0
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    for n in range(first, last):
        c = cells[n]
        if cols.quiet[c] > 1:
            cols.quiet[c] -= 1
            continue
        if improve_cell(cols, c, z, rho, moves, row, change):
            cols.quiet[c] = 0
            moved += 1
        else:
            cols.quiet[c] = patience if cols.quiet[c] == 1 else 1
    return moved


@nb.njit(cache=True)
def sweep_areas(
    needs: Columns, need_ptr: Ints, trips: Columns, trip_cells: Ints, trip_ptr: Ints,
    kits: Columns, kit_ptr: Ints, first: int, last: int, inner: int, z: Floats, rho: Floats,
) -> int:  # fmt: skip
    """Improve areas one after the other: their needs, then the trips that serve them."""
    moved = 0
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    for a in range(first, last):
        for _ in range(inner):
            for c in range(need_ptr[a], need_ptr[a + 1]):
                if needs.ptr[c] == needs.ptr[c + 1]:
                    continue
                if needs.quiet[c] > 1:
                    needs.quiet[c] -= 1
                    continue
                if improve_cell(needs, c, z, rho, 2, row, change):
                    needs.quiet[c] = 0
                    moved += 1
                else:
                    needs.quiet[c] = 4 if needs.quiet[c] == 1 else 1
            for c in range(kit_ptr[a], kit_ptr[a + 1]):
                improve_cell(kits, c, z, rho, 2, row, change)
            for n in range(trip_ptr[a], trip_ptr[a + 1]):
                improve_trip(trips, trip_cells[n], z, rho, row, change)
    return moved


@nb.njit(cache=True)
def add_use(cols: Columns, use: Floats) -> None:
    """Add to `use` what the present amounts weigh on each row."""
    for o in range(len(cols.amount)):
        if cols.amount[o] > 0.0:
            for e in range(cols.row_ptr[o], cols.row_ptr[o + 1]):
                use[cols.row[e]] += cols.coefficient[e] * cols.amount[o]


@nb.njit(cache=True)
def cheapest_fill(cols: Columns, z: Floats) -> Floats:
    """Return the least cost of each cell at row prices `z` (exact, for the bound)."""
    out = np.zeros(len(cols.size))
    for c in range(len(cols.size)):
        left = cols.size[c]
        taken = np.zeros(cols.ptr[c + 1] - cols.ptr[c], dtype=np.bool_)
        while left > 0.0:
            best, at = 1e300, -1
            for o in range(cols.ptr[c], cols.ptr[c + 1]):
                if not taken[o - cols.ptr[c]]:
                    price = option_price(cols, o, z)
                    if price < best:
                        best, at = price, o
            if at < 0:
                break
            amount = min(left, cols.upper[at])
            out[c] += amount * best
            left -= amount
            taken[at - cols.ptr[c]] = True
    return out


@nb.njit(cache=True)
def sweep_trips(trips: Columns, cells: Ints, z: Floats, rho: Floats) -> None:
    """Set the trips of `cells` to their best values, one after the other."""
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    for n in cells:
        improve_trip(trips, n, z, rho, row, change)
