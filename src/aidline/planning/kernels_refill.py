"""Compiled kernels of the refill: what is left over serves needs that are still unmet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np

from aidline.planning.auction.kernels_ways import PART
from aidline.planning.kernels_bound import trip_price
from aidline.planning.kernels_repair import SPECK, TINY, book_hours, trips_left
from aidline.planning.leaf import leaf
from aidline.supply.problem import HOUR_COST, Floats, Ints

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net


NEARLY_EMPTY = 0.35  # a truck with less is not sent while its hours may serve better


class Log(NamedTuple):
    """What is put on board: trip slot, item and units; `lines[0]` of them are written."""

    slot: Ints
    item: Ints
    units: Floats
    lines: Ints


def new_log(room: int) -> Log:
    """Return an empty log with room for so many lines."""
    return Log(
        np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.zeros(1, np.int64)
    )


@leaf
def _free_units(
    net: Net, m: int, unit_t: float, unit_m3: float, trips: Floats, on_t: Floats, on_m3: Floats
) -> float:  # fmt: skip
    """Return how many more units fit on the trips of movement `m` that run already."""
    total = 0.0
    for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
        if trips[n] > 0.0:
            k = net.trip_class[n]
            by_weight = (net.payload[k] * trips[n] - on_t[n]) / max(unit_t, 1e-15)
            by_volume = (net.capacity_m3[k] * trips[n] - on_m3[n]) / max(unit_m3, 1e-15)
            total += max(0.0, min(by_weight, by_volume))
    return total


@leaf
def room_for(
    net: Net, m: int, unit_t: float, unit_m3: float, most: float, worth: float, trips: Floats,
    on_t: Floats, on_m3: Floats, spare: Floats, convoy: Floats, whole: bool, z: Floats,
    least_load: float,
) -> float:  # fmt: skip
    """Return how many units (of so much weight and volume each) fit on movement `m`.

    Free space is used first; then trips are added where that is worth more than their hours,
    whole ones where this load alone is at least so much of a truck. The space is not yet taken.
    """
    fits = _free_units(net, m, unit_t, unit_m3, trips, on_t, on_m3)
    for _ in range(256):
        if fits >= most * (1.0 - 1e-6):
            break
        best, at = 1e300, -1
        for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
            k = net.trip_class[n]
            units = min(
                net.payload[k] / max(unit_t, 1e-15), net.capacity_m3[k] / max(unit_m3, 1e-15)
            )
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
        units = min(net.payload[k] / max(unit_t, 1e-15), net.capacity_m3[k] / max(unit_m3, 1e-15))
        add = min(trips_left(net, at, m, spare, convoy), (most - fits) / units * (1.0 + 1e-9))
        if whole:
            if add < least_load:
                break
            add = 1.0
        _run(net, at, m, add, trips, spare, convoy)
        fits = _free_units(net, m, unit_t, unit_m3, trips, on_t, on_m3)
    return fits


@leaf
def _run(
    net: Net, n: int, m: int, add: float, trips: Floats, spare: Floats, convoy: Floats
) -> None:
    trips[n] += add
    book_hours(net, n, net.move_day[m], -add, spare)
    if net.move_convoy[m] >= 0:
        convoy[net.move_convoy[m]] -= add


@leaf
def _load(
    net: Net, m: int, item: int, units: float, trips: Floats, on_t: Floats, on_m3: Floats,
    log: Log,
) -> None:  # fmt: skip
    """Put units of an item on the trips of movement `m`, where there is room."""
    unit_t, unit_m3 = net.weight[item], net.volume[item]
    for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
        if trips[n] <= 0.0 or units <= 0.0:
            continue
        k = net.trip_class[n]
        by_weight = (net.payload[k] * trips[n] - on_t[n]) / max(unit_t, 1e-15)
        by_volume = (net.capacity_m3[k] * trips[n] - on_m3[n]) / max(unit_m3, 1e-15)
        here = min(units, by_weight, by_volume)
        if here > 0.0:
            on_t[n] += here * unit_t
            on_m3[n] += here * unit_m3
            at = log.lines[0]
            log.slot[at], log.item[at], log.units[at] = n, item, here
            log.lines[0] += 1
            units -= here


@leaf
def _no_room(
    net: Net, m: int, trips: Floats, on_t: Floats, on_m3: Floats, spare: Floats, convoy: Floats,
    whole_days: int,
) -> bool:  # fmt: skip
    """Tell whether nothing at all fits on movement `m` any more."""
    enough = 1.0 - 1e-9 if net.move_day[m] < whole_days else 1e-7
    for n in range(net.trip_ptr[m], net.trip_ptr[m + 1]):
        if trips_left(net, n, m, spare, convoy) >= enough:
            return False
        k = net.trip_class[n]
        empty_t = trips[n] - on_t[n] / net.payload[k]
        empty_m3 = trips[n] - on_m3[n] / net.capacity_m3[k]
        if trips[n] > 0.0 and empty_t > TINY and empty_m3 > TINY:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def _least_ahead(pool: Floats, days: int) -> Floats:
    """Return, for each pair and day, the least stock from that day on."""
    out = pool.copy()
    for row in range(0, len(out), days):
        for day in range(days - 2, -1, -1):
            out[row + day] = min(out[row + day], out[row + day + 1])
    return out


@leaf
def _draw(pool: Floats, reach: Floats, row: int, day: int, days: int, units: float) -> None:
    """Take units of a pair from a day on, and keep `reach` right."""
    for later in range(day, days):
        pool[row + later] -= units
    least = 1e300
    for later in range(days - 1, -1, -1):
        least = min(least, pool[row + later])
        reach[row + later] = least


@nb.njit(cache=True, nogil=True)
def refill(
    net: Net, needs: Columns, order: Ints, price: Floats, z: Floats, trips: Floats, on_t: Floats,
    on_m3: Floats, spare: Floats, convoy: Floats, pool: Floats, whole_days: int, free: bool,
    log: Log,
) -> float:  # fmt: skip
    """Serve unmet need from what is left, cells in the given order.

    Parameters
    ----------
    price
        Price of each option at row prices `z`.
    pool
        [pair × day] cumulative stock not yet used by the end of each day.
    on_t, on_m3
        Tonnes and m³ on board, per trip slot.
    log
        What is put on board is added to it; a full one ends the refill.
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
    room = len(log.slot) - 16
    first_leg, second_leg = net.route_first, net.route_second
    reach = _least_ahead(pool, days)
    dead = np.zeros(len(net.move_day) + 1, dtype=np.bool_)  # the last one: no leg at all
    for c in order:
        if log.lines[0] >= room:
            break
        first = ptr[c]
        offered = first + (1 if level[c] >= 0 else levels)
        tiny = SPECK * size[c]
        for u in range(offered - 1, first - 1, -1):
            if amount[u] <= tiny:
                continue
            some = False
            for m in range(offered, ptr[c + 1]):
                gone = tag[m] >= PART
                if not gone:
                    r, way = tag[m], more[m]
                    at = pair_of[start[r], way_item[way]] * days + day_of[r]
                    gone = reach[at] <= tiny * way_ratio[way]
                    gone = gone or dead[first_leg[r]] or dead[second_leg[r]]
                full[m - offered] = gone
                some = some or not gone
            while some and amount[u] > tiny:
                best, o = 1e300, -1
                for m in range(offered, ptr[c + 1]):
                    if price[m] < best and not full[m - offered]:
                        best, o = price[m], m
                gain = price[u] - cost[o] if o >= 0 else 0.0
                if o < 0 or gain <= 0.0 or (not free and best >= price[u]):
                    break
                full[o - offered] = True
                r, way = tag[o], more[o]
                row = pair_of[start[r], way_item[way]] * days
                left = reach[row + day_of[r]] / way_ratio[way]
                if left <= tiny:
                    continue
                took = _serve(
                    net, r, way, min(left, amount[u]), gain, z, trips, on_t, on_m3, spare,
                    convoy, whole_days, log, tiny, 0.0 if free else NEARLY_EMPTY,
                )  # fmt: skip
                if took <= 0.0:
                    for m in (first_leg[r], second_leg[r]):
                        if m >= 0 and not dead[m]:
                            dead[m] = _no_room(
                                net, m, trips, on_t, on_m3, spare, convoy, whole_days
                            )
                    continue
                _draw(pool, reach, row, day_of[r], days, took * way_ratio[way])
                amount[u] -= took
                amount[o] += took
                added += took * gain
    return added


@leaf
def _serve(
    net: Net, r: int, way: int, wanted: float, worth: float, z: Floats, trips: Floats,
    on_t: Floats, on_m3: Floats, spare: Floats, convoy: Floats, whole_days: int, log: Log,
    least: float, least_load: float,
) -> float:  # fmt: skip
    """Take space for up to `wanted` units of need on route `r`; returns what was possible."""
    j, ratio = net.way_item[way], net.way_ratio[way]
    amount = wanted
    for m in (net.route_first[r], net.route_second[r]):
        if m >= 0:
            units = room_for(
                net, m, net.weight[j], net.volume[j], amount * ratio, worth / ratio, trips, on_t,
                on_m3, spare, convoy, net.move_day[m] < whole_days, z, least_load,
            )  # fmt: skip
            amount = min(amount, units / ratio)
    if amount <= least:
        return 0.0
    for m in (net.route_first[r], net.route_second[r]):
        if m >= 0:
            _load(net, m, j, amount * ratio, trips, on_t, on_m3, log)
    return amount
