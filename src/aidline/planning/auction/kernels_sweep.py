"""Compiled kernel: move amounts inside cells towards their cheapest option.

The price of an option is its own cost plus the prices of the rows on which it weighs; a row's
price rises as soon as it is used more (its slope `rho`), so that a sweep cannot overshoot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.leaf import leaf

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns
    from aidline.supply.problem import Floats, Ints


@leaf
def _price(
    o: int, cost: Floats, row_ptr: Ints, rows: Ints, coefficient: Floats, z: Floats
) -> float:
    """Return the price of an option at row prices `z` (negative ones count as 0).

    On plain arrays: reaching into a tuple of arrays in a loop is slow.
    """
    price = cost[o]
    for e in range(row_ptr[o], row_ptr[o + 1]):
        at = z[rows[e]]
        if at > 0.0:
            price += coefficient[e] * at
    return price


@leaf
def _weight_on(o: int, row: int, row_ptr: Ints, rows: Ints, coefficient: Floats) -> float:
    """Return how much an option weighs on a row."""
    for e in range(row_ptr[o], row_ptr[o + 1]):
        if rows[e] == row:
            return coefficient[e]
    return 0.0


REST = 3  # sweeps for which idle trips that did not pay are left alone
ROWS = 64  # an option weighs on fewer rows than half of this


@leaf
def _changes(
    s: int, d: int, row_ptr: Ints, rows: Ints, coefficient: Floats, row: Ints, change: Floats
) -> int:
    """List the rows whose use changes when one unit moves from option `s` to option `d`."""
    n = 0
    for e in range(row_ptr[d], row_ptr[d + 1]):
        difference = coefficient[e] - _weight_on(s, rows[e], row_ptr, rows, coefficient)
        if difference != 0.0:
            row[n], change[n] = rows[e], difference
            n += 1
    for e in range(row_ptr[s], row_ptr[s + 1]):
        if _weight_on(d, rows[e], row_ptr, rows, coefficient) == 0.0:
            row[n], change[n] = rows[e], -coefficient[e]
            n += 1
    return n


@leaf
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


@leaf
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


@leaf
def improve_cell(
    first: int, last: int, size: float, cost: Floats, upper: Floats, amount: Floats, row_ptr: Ints,
    rows: Ints, coefficient: Floats, z: Floats, rho: Floats, moves: int, row: Ints, change: Floats,
) -> bool:  # fmt: skip
    """Make up to `moves` moves from the dearest used option of a cell to the cheapest with room."""
    moved = False
    for _ in range(moves):
        dear, cheap = -1e300, 1e300
        s, d = -1, -1
        for o in range(first, last):
            price = _price(o, cost, row_ptr, rows, coefficient, z)
            if price < cheap and amount[o] < upper[o] * (1.0 - 1e-12):
                cheap, d = price, o
            if price > dear and amount[o] > 0.0:
                dear, s = price, o
        gap = dear - cheap
        if s < 0 or d < 0 or s == d or gap <= 1e-9 + 1e-4 * abs(cheap):
            break
        n = _changes(s, d, row_ptr, rows, coefficient, row, change)
        most = min(amount[s], upper[d] - amount[d])
        step = best_step(gap, most, n, row, change, z, rho)
        amount[s] -= step
        if amount[s] < 1e-13 * size:
            amount[s] = 0.0
        amount[d] += step
        for e in range(n):
            z[row[e]] += rho[row[e]] * change[e] * step
        moved = True
        if step < 0.02 * size:
            break
    return moved


@leaf
def improve_trip(
    o: int, cost: Floats, amount: Floats, row_ptr: Ints, rows: Ints, coefficient: Floats, z: Floats,
    rho: Floats, row: Ints, change: Floats,
) -> None:  # fmt: skip
    """Set the number of trips of one movement and class to its best value at present prices."""
    running = amount[o]
    gap = -_price(o, cost, row_ptr, rows, coefficient, z)
    if abs(gap) <= 1e-6 * cost[o] or (gap <= 0.0 and running <= 0.0):
        return
    first, last = row_ptr[o], row_ptr[o + 1]
    sign = 1.0 if gap > 0.0 else -1.0
    for e in range(last - first):
        row[e], change[e] = rows[first + e], sign * coefficient[first + e]
    most = running if sign < 0.0 else 1.0 + 4.0 * running
    step = sign * best_step(abs(gap), most, last - first, row, change, z, rho)
    amount[o] = max(0.0, running + step)
    for e in range(first, last):
        z[rows[e]] += rho[rows[e]] * coefficient[e] * step


@nb.njit(cache=True, nogil=True)
def sweep(cols: Columns, z: Floats, rho: Floats, moves: int) -> None:
    """Improve all cells of a family, one after the other."""
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    _sweep_cells(cols, 0, len(cols.size), moves, z, rho, row, change)


@nb.njit(cache=True, nogil=True)
def sweep_areas(
    needs: Columns, need_ptr: Ints, trips: Columns, trip_cells: Ints, trip_ptr: Ints,
    kits: Columns, kit_ptr: Ints, fair: Columns, fair_ptr: Ints, promises: Columns,
    promise_ptr: Ints, first: int, last: int, inner: int, z: Floats, rho: Floats,
) -> None:  # fmt: skip
    """Improve areas one after the other: all that weighs on rows of the area alone.

    A need that did not move rests for up to four turns, idle trips that did not pay for some.
    """
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    for a in range(first, last):
        for turn in range(inner):
            _sweep_needs(needs, need_ptr[a], need_ptr[a + 1], z, rho, row, change)
            _sweep_cells(kits, kit_ptr[a], kit_ptr[a + 1], 2, z, rho, row, change)
            _sweep_cells(promises, promise_ptr[a], promise_ptr[a + 1], 2, z, rho, row, change)
            _sweep_trips(
                trips, trip_cells, trip_ptr[a], trip_ptr[a + 1], turn > 0, z, rho, row, change
            )
            _sweep_cells(fair, fair_ptr[a], fair_ptr[a + 1], 3, z, rho, row, change)


@leaf
def _sweep_needs(
    needs: Columns, first: int, last: int, z: Floats, rho: Floats, row: Ints, change: Floats
) -> None:
    """Improve cells of need that do not rest."""
    ptr, size, cost, upper, amount = needs.ptr, needs.size, needs.cost, needs.upper, needs.amount
    row_ptr, rows, coefficient, quiet = needs.row_ptr, needs.row, needs.coefficient, needs.quiet
    for c in range(first, last):
        if ptr[c] == ptr[c + 1]:
            continue
        if quiet[c] > 1:
            quiet[c] -= 1
            continue
        moved = improve_cell(
            ptr[c], ptr[c + 1], size[c], cost, upper, amount, row_ptr, rows, coefficient, z,
            rho, 2, row, change,
        )  # fmt: skip
        if moved:
            quiet[c] = 0
        else:
            quiet[c] = 4 if quiet[c] == 1 else 1


@leaf
def _sweep_cells(
    cols: Columns, first: int, last: int, moves: int, z: Floats, rho: Floats, row: Ints,
    change: Floats,
) -> None:  # fmt: skip
    """Improve cells one after the other."""
    ptr, size, cost, upper, amount = cols.ptr, cols.size, cols.cost, cols.upper, cols.amount
    row_ptr, rows, coefficient = cols.row_ptr, cols.row, cols.coefficient
    for c in range(first, last):
        improve_cell(
            ptr[c], ptr[c + 1], size[c], cost, upper, amount, row_ptr, rows, coefficient, z, rho,
            moves, row, change,
        )  # fmt: skip


@leaf
def _sweep_trips(
    trips: Columns, cells: Ints, first: int, last: int, again: bool, z: Floats, rho: Floats,
    row: Ints, change: Floats,
) -> None:  # fmt: skip
    """Set trips to their best numbers; idle ones that did not pay rest for a while."""
    cost, amount, row_ptr, quiet = trips.cost, trips.amount, trips.row_ptr, trips.quiet
    rows, coefficient = trips.row, trips.coefficient
    for n in range(first, last):
        c = cells[n]
        o = 2 * c + 1
        if amount[o] <= 0.0:
            if again:
                continue  # what did not pay a moment ago
            if quiet[c] > 0:
                quiet[c] -= 1
                continue
        improve_trip(o, cost, amount, row_ptr, rows, coefficient, z, rho, row, change)
        quiet[c] = REST if amount[o] <= 0.0 else 0


@nb.njit(cache=True, nogil=True)
def sweep_trips(trips: Columns, cells: Ints, z: Floats, rho: Floats) -> None:
    """Set the trips of `cells` to their best values, one after the other."""
    cost, amount, row_ptr = trips.cost, trips.amount, trips.row_ptr
    rows, coefficient = trips.row, trips.coefficient
    row, change = np.empty(ROWS, np.int64), np.empty(ROWS)
    for n in cells:
        improve_trip(2 * n + 1, cost, amount, row_ptr, rows, coefficient, z, rho, row, change)


@leaf
def add_use(cols: Columns, use: Floats) -> None:
    """Add to `use` what the present amounts weigh on each row."""
    amount, row_ptr, rows, coefficient = cols.amount, cols.row_ptr, cols.row, cols.coefficient
    for o in range(len(amount)):
        if amount[o] > 0.0:
            for e in range(row_ptr[o], row_ptr[o + 1]):
                use[rows[e]] += coefficient[e] * amount[o]
