"""Compiled kernels of the repair: room on trucks, left-over shipments, refilling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.auction.kernels_options import PART
from aidline.planning.kernels_bound import trip_price
from aidline.supply.problem import HOUR_COST, Floats, Ints

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net

TINY = 1e-9


@nb.njit(cache=True)
def share_carried(net: Net, m: int, trips: Floats, weight: float, volume: float) -> float:
    """Return which share of a load (t, m³) the trips of movement `m` can carry.

    The goods are mixed evenly over the classes, so each class is limited by whichever of its
    weight and volume runs out first.
    """
    total = 0.0
    for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
        if trips[n] > 0.0:
            k = net.trip_class[n]
            by_weight = net.payload[k] * trips[n] / weight if weight > 0.0 else 1e18
            by_volume = net.capacity_m3[k] * trips[n] / volume if volume > 0.0 else 1e18
            total += min(by_weight, by_volume)
    return total


@nb.njit(cache=True)
def shares_carried(net: Net, trips: Floats, weight: Floats, volume: Floats) -> Floats:
    """Return `share_carried` of every movement (1e18 where it carries nothing)."""
    out = np.empty(len(net.move_day))
    for m in range(len(net.move_day)):
        if weight[m] <= 0.0 and volume[m] <= 0.0:
            out[m] = 1e18
        else:
            out[m] = share_carried(net, m, trips, weight[m], volume[m])
    return out


@nb.njit(cache=True)
def book_hours(net: Net, n: int, day: int, trips: float, used: Floats) -> None:
    """Add the truck-hours of `trips` trips that leave on `day` to `used` [pool × day]."""
    hours, shift = net.trip_hours[n], net.shift[net.trip_fleet[n]]
    row = net.trip_fleet[n] * net.days
    while hours > TINY and day < net.days:
        worked = min(hours, shift)
        used[row + day] += worked * trips
        hours -= worked
        day += 1


@nb.njit(cache=True)
def hours_used(net: Net, trips: Floats) -> Floats:
    """Return the truck-hours that trips take, [pool × day]."""
    used = np.zeros(len(net.shift) * net.days)
    for m in range(len(net.move_day)):
        for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
            if trips[n] > 0.0:
                book_hours(net, n, net.move_day[m], trips[n], used)
    return used


@nb.njit(cache=True)
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


@nb.njit(cache=True)
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


@nb.njit(cache=True)
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


@nb.njit(cache=True)
def room_for(
    net: Net, m: int, weight_t: float, volume_m3: float, most: float, worth: float, trips: Floats,
    weight: Floats, volume: Floats, spare: Floats, convoy: Floats, whole: bool, z: Floats,
) -> float:  # fmt: skip
    """Return how many units (of so much weight and volume each) fit on movement `m`.

    Free space is used first; then trips are added where that is worth more than their hours.
    The space is not yet taken.
    """
    fits = _free_units(net, m, weight_t, volume_m3, most, trips, weight, volume)
    for _ in range(256):
        if fits >= most * (1.0 - 1e-6):
            break
        best, at = 1e300, -1
        for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
            k = net.trip_class[n]
            units = min(net.payload[k] / weight_t, net.capacity_m3[k] / max(volume_m3, 1e-12))
            left = trips_left(net, n, m, spare, convoy)
            enough = 1.0 - 1e-9 if whole else 1e-7
            wanted = min(units, most - fits) if whole else units
            if left >= enough and wanted * worth > HOUR_COST * net.trip_hours[n]:
                price = trip_price(net, n, m, z) / max(wanted, 1e-12)
                if price < best:
                    best, at = price, n
        if at < 0:
            break
        k = net.trip_class[at]
        units = min(net.payload[k] / weight_t, net.capacity_m3[k] / max(volume_m3, 1e-12))
        add = min(trips_left(net, at, m, spare, convoy), (most - fits) / units * (1.0 + 1e-9))
        if whole:
            if add < 0.35:  # a truck that would run nearly empty is not sent
                break
            add = 1.0
        _run(net, at, m, add, trips, spare, convoy)
        fits = _free_units(net, m, weight_t, volume_m3, most, trips, weight, volume)
    return fits


@nb.njit(cache=True)
def _run(
    net: Net, n: int, m: int, add: float, trips: Floats, spare: Floats, convoy: Floats
) -> None:
    trips[n] += add
    book_hours(net, n, net.move_day[m], -add, spare)
    if net.move_convoy[m] >= 0:
        convoy[net.move_convoy[m]] -= add


@nb.njit(cache=True)
def _free_units(
    net: Net, m: int, weight_t: float, volume_m3: float, most: float, trips: Floats,
    weight: Floats, volume: Floats,
) -> float:  # fmt: skip
    """Return how many more units fit on the trips that run already."""
    if (
        share_carried(net, m, trips, weight[m] + most * weight_t, volume[m] + most * volume_m3)
        >= 1.0
    ):
        return most
    low, high = 0.0, most
    for _ in range(24):
        middle = 0.5 * (low + high)
        loaded = share_carried(
            net, m, trips, weight[m] + middle * weight_t, volume[m] + middle * volume_m3
        )
        if loaded >= 1.0:
            low = middle
        else:
            high = middle
    return low


@nb.njit(cache=True)
def refill(
    net: Net, needs: Columns, order: Ints, price: Floats, z: Floats, trips: Floats, weight: Floats,
    volume: Floats, spare: Floats, convoy: Floats, pool: Floats, whole_days: int, free: bool,
) -> float:  # fmt: skip
    """Serve unmet need from what is left, cells in the given order.

    Parameters
    ----------
    price
        Price of each option at row prices `z`.
    pool
        [pair × day] cumulative stock not yet used by the end of each day.
    free
        False: only where the need is worth more than the prices of what it takes; true: also
        where scarce things would be left over otherwise.

    Returns
    -------
    float
        Worth of what was added.
    """
    ptr, size, amount, cost, tag, more = (
        needs.ptr, needs.size, needs.amount, needs.cost, needs.tag, needs.tag_more
    )  # fmt: skip
    level, levels = net.cell_level, len(net.marginals)
    start, day_of, pair_of, days = net.route_start, net.route_day, net.pair_of, net.days
    way_item, way_ratio = net.way_item, net.way_ratio
    full = np.zeros(4096, dtype=np.bool_)
    added = 0.0
    for c in order:
        first = ptr[c]
        offered = first + (1 if level[c] >= 0 else levels)
        tiny = TINY * size[c]
        for u in range(offered - 1, first - 1, -1):
            if amount[u] <= tiny:
                continue
            full[: ptr[c + 1] - offered] = False
            while amount[u] > tiny:
                best, o = 1e300, -1
                for m in range(offered, ptr[c + 1]):
                    if price[m] < best and not full[m - offered] and tag[m] < PART:
                        best, o = price[m], m
                gain = price[u] - cost[o] if o >= 0 else 0.0
                if o < 0 or gain <= 0.0 or (not free and best >= price[u]):
                    break
                full[o - offered] = True
                r, way = tag[o], more[o]
                row = pair_of[start[r], way_item[way]] * days
                left = 1e300
                for day in range(day_of[r], days):
                    left = min(left, pool[row + day])
                left /= way_ratio[way]
                if left <= tiny:
                    continue
                took = _serve(
                    net, r, way, min(left, amount[u]), gain, z, trips, weight, volume, spare,
                    convoy, whole_days,
                )  # fmt: skip
                for day in range(day_of[r], days):
                    pool[row + day] -= took * way_ratio[way]
                amount[u] -= took
                amount[o] += took
                added += took * gain
    return added


@nb.njit(cache=True)
def option_prices(cols: Columns, z: Floats) -> Floats:
    """Return the price of every option at row prices `z` ≥ 0."""
    out, row_ptr, rows, coefficient = cols.cost.copy(), cols.row_ptr, cols.row, cols.coefficient
    for o in range(len(out)):
        for e in range(row_ptr[o], row_ptr[o + 1]):
            out[o] += coefficient[e] * max(0.0, z[rows[e]])
    return out


@nb.njit(cache=True)
def _serve(
    net: Net, r: int, way: int, wanted: float, worth: float, z: Floats, trips: Floats,
    weight: Floats, volume: Floats, spare: Floats, convoy: Floats, whole_days: int,
) -> float:  # fmt: skip
    """Take space for up to `wanted` units of need on route `r`; returns what was possible."""
    j, ratio = net.way_item[way], net.way_ratio[way]
    amount = wanted
    for m in (net.route_first[r], net.route_second[r]):
        if m >= 0:
            units = room_for(
                net, m, net.weight[j], net.volume[j], amount * ratio, worth / ratio, trips, weight,
                volume, spare, convoy, net.move_day[m] < whole_days, z,
            )  # fmt: skip
            amount = min(amount, units / ratio)
    if amount <= 0.0:
        return 0.0
    for m in (net.route_first[r], net.route_second[r]):
        if m >= 0:
            weight[m] += amount * ratio * net.weight[j]
            volume[m] += amount * ratio * net.volume[j]
    return amount


@nb.njit(cache=True)
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
