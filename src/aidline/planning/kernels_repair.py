"""Compiled kernels of the repair: room on trucks, left-over shipments, refilling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.leaf import leaf

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.supply.problem import Floats, Ints

TINY = 1e-9
SPECK = 1e-6  # so small a share of a need is left alone


@leaf
def book_hours(net: Net, n: int, day: int, trips: float, used: Floats) -> None:
    """Add the truck-hours of `trips` trips that leave on `day` to `used` [pool × day]."""
    hours, shift = net.trip_hours[n], net.shift[net.trip_fleet[n]]
    row = net.trip_fleet[n] * net.days
    while hours > TINY and day < net.days:
        worked = min(hours, shift)
        used[row + day] += worked * trips
        hours -= worked
        day += 1


@nb.njit(cache=True, nogil=True)
def hours_used(net: Net, trips: Floats) -> Floats:
    """Return the truck-hours that trips take, [pool × day]."""
    used = np.zeros(len(net.shift) * net.days)
    for m in range(len(net.move_day)):
        for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
            if trips[n] > 0.0:
                book_hours(net, n, net.move_day[m], trips[n], used)
    return used


@leaf
def trips_left(net: Net, n: int, m: int, spare: Floats, convoy: Floats) -> float:
    """Return how many more trips of class slot `n` the spare hours and convoy places allow."""
    hours, shift = net.trip_hours[n], net.shift[net.trip_fleet[n]]
    row, day = net.trip_fleet[n] * net.days, net.move_day[m]
    most = 1e18
    while hours > TINY and day < net.days:
        worked = min(hours, shift)
        most = min(most, spare[row + day] / worked)
        hours -= worked
        day += 1
    if net.move_convoy[m] >= 0:
        most = min(most, convoy[net.move_convoy[m]])
    return max(0.0, most)


@nb.njit(cache=True, nogil=True)
def run_first(
    net: Net, move: Ints, kept: Floats, wanted: Floats, order: Ints, spare: Floats, convoy: Floats
) -> None:
    """Let trips run up to the wanted whole number, in order, as far as hours and convoys allow."""
    for n in order:
        m = move[n]
        more = min(wanted[n] - kept[n], np.floor(trips_left(net, n, m, spare, convoy) + 1e-6))
        if more >= 1.0:
            kept[n] += more
            book_hours(net, n, net.move_day[m], -more, spare)
            if net.move_convoy[m] >= 0:
                convoy[net.move_convoy[m]] -= more


@nb.njit(cache=True, nogil=True)
def scale_trips(
    net: Net, trips: Floats, used: Floats, limit: Floats, convoy: Floats, places: Floats
) -> None:
    """Scale trips down where hours or convoy places are overdrawn."""
    for m in range(len(net.move_day)):
        for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
            if trips[n] <= 0.0:
                continue
            factor = 1.0
            hours, shift = net.trip_hours[n], net.shift[net.trip_fleet[n]]
            row, day = net.trip_fleet[n] * net.days, net.move_day[m]
            while hours > TINY and day < net.days:
                if used[row + day] > limit[row + day]:
                    factor = min(factor, limit[row + day] / used[row + day])
                hours -= shift
                day += 1
            c = net.move_convoy[m]
            if c >= 0 and convoy[c] > places[c]:
                factor = min(factor, places[c] / convoy[c])
            trips[n] *= factor


@nb.njit(cache=True, nogil=True)
def option_prices(cols: Columns, z: Floats) -> Floats:
    """Return the price of every option at row prices `z` ≥ 0."""
    out, row_ptr, rows, coefficient = cols.cost.copy(), cols.row_ptr, cols.row, cols.coefficient
    for o in range(len(out)):
        for e in range(row_ptr[o], row_ptr[o + 1]):
            out[o] += coefficient[e] * max(0.0, z[rows[e]])
    return out


@nb.njit(cache=True, nogil=True)
def push_lots(
    net: Net,
    z: Floats,
    left: Floats,
    room: Floats,
    lot: Ints,
    edge: Ints,
    day: Ints,
    amount: Floats,
) -> int:
    """Send left-over goods at crossings through free slots, dearest per truck first.

    Writes transfers (lot, edge, day, amount); lots with an expiry are left alone.
    """
    n = 0
    for t in range(net.days - 1):
        score = np.full(len(left), -1.0)
        to = np.full(len(left), -1, np.int64)
        for c in range(len(left)):
            gate = net.lot_crossing[c]
            if gate < 0 or left[c] <= TINY * net.lot_quantity[c] or net.lot_first[c] > t:
                continue
            if net.lot_expiry[c] < 100_000:
                continue
            at = 2 * (gate * net.days + t)
            if min(room[at], room[at + 1]) <= 1e-7:
                continue
            item = net.lot_item[c]
            heavy = max(
                net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
            )
            for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
                pair = net.pair_of[net.edge_location[e], item]
                if pair < 0 or net.edge_arrive[e, t] >= net.days:
                    continue
                best = 0.0
                for u in range(net.edge_arrive[e, t], net.days):
                    best = max(best, z[pair * net.days + u])
                if best / heavy > score[c]:
                    score[c], to[c] = best / heavy, e
        order = np.argsort(-score, kind="mergesort")
        for c in order:
            if score[c] <= 0.0 or n >= len(lot):
                break
            gate, item = net.lot_crossing[c], net.lot_item[c]
            at = 2 * (gate * net.days + t)
            w, v = (
                net.weight[item] / net.gate_payload[gate],
                net.volume[item] / net.gate_volume[gate],
            )
            q = min(left[c], room[at] / max(w, 1e-15), room[at + 1] / max(v, 1e-15))
            if q <= TINY * net.lot_quantity[c]:
                continue
            left[c] -= q
            room[at] -= q * w
            room[at + 1] -= q * v
            lot[n], edge[n], day[n], amount[n] = c, to[c], t, q
            n += 1
    return n
