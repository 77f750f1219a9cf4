"""Compiled kernels: every way to bring an item into an area, and what it costs a cell of need.

Ways stand in blocks: one per item that can serve (the item, its substitutes, parts of kits),
sorted by day of arrival within a block, so that a cell looks only at arrivals in its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb

from aidline.planning.auction.kernels_price import NO_WAY
from aidline.planning.leaf import leaf

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats, Ints

PART = 1 << 40  # tags at or above this mean "part of a kit"


@nb.njit(cache=True, nogil=True)
def candidate_room(net: Net) -> int:
    """Return the largest number of candidates that any (area, item) can have."""
    routes = 0
    for a in range(len(net.area_ptr) - 1):
        routes = max(routes, net.route_ptr[a + 1] - net.route_ptr[a])
    ways = 1
    for i in range(len(net.way_ptr) - 1):
        ways = max(ways, net.way_ptr[i + 1] - net.way_ptr[i])
    return routes * ways + len(net.kit_part) * net.days + 1


@leaf
def candidates(
    net: Net, a: int, i: int, z: Floats, price: Floats, arrive: Ints, tag: Ints, way: Ints,
    own: Ints, hold: Ints,
) -> int:  # fmt: skip
    """List the ways to bring item `i` into area `a`: price, arrival, tag (route or part), way."""
    # The arrays are bound to local names: reaching into `net` costs more than the arithmetic.
    start, day, arrival = net.route_start, net.route_day, net.route_arrive
    first, second, pair_of = net.route_first, net.route_second, net.pair_of
    days, load_row = net.days, net.load_row
    low, high = net.route_ptr[a], net.route_ptr[a + 1]
    promise = net.promise_of[a, i]
    until = net.promise_day[promise] if promise >= 0 else -1
    discount = z[net.promise_row + promise] if promise >= 0 else 0.0
    n = 0
    for w in range(net.way_ptr[i], net.way_ptr[i + 1]):
        j, ratio = net.way_item[w], net.way_ratio[w]
        weight, volume, keeps = net.weight[j], net.volume[j], net.hold[j]
        for r in range(low, high):
            pair = pair_of[start[r], j]
            if pair < 0:
                continue
            cost = z[pair * days + day[r]]
            one, two = first[r], second[r]
            if one >= 0:
                cost += weight * z[load_row + 2 * one] + volume * z[load_row + 2 * one + 1]
            if two >= 0:
                cost += weight * z[load_row + 2 * two] + volume * z[load_row + 2 * two + 1]
            price[n] = ratio * cost
            if j == i and one >= 0 and arrival[r] <= until:
                price[n] -= discount
            arrive[n], tag[n], way[n] = arrival[r], r, w
            own[n], hold[n] = int(one < 0), keeps
            n += 1
    for part in range(len(net.kit_part)):
        if net.kit_part[part] == i and net.part_of[a, part] >= 0:
            for t in range(net.days):
                block = net.part_of[a, part] * net.days + t
                price[n], arrive[n] = z[net.part_row + block], t
                tag[n], way[n] = PART + block, -1 - part
                own[n], hold[n] = 0, net.hold[net.kit_item[part]]
                n += 1
    return n


@nb.njit(cache=True, nogil=True)
def block_room(net: Net) -> int:
    """Return the largest number of blocks that `candidates` can have."""
    ways = 1
    for i in range(len(net.way_ptr) - 1):
        ways = max(ways, net.way_ptr[i + 1] - net.way_ptr[i])
    return ways + len(net.kit_part)


@leaf
def find_blocks(n: int, days: int, arrive: Ints, way: Ints, begin: Ints) -> int:
    """Write [block, day] where candidates that arrive on that day or later begin.

    Returns the number of blocks; column `days` holds the end of each.
    """
    blocks, m = 0, 0
    while m < n:
        same = way[m]
        for day in range(days + 1):
            while m < n and way[m] == same and arrive[m] < day:
                m += 1
            begin[blocks, day] = m
        blocks += 1
    return blocks


@nb.njit(cache=True, inline="always")
def window(level: int, day: int, hold: int, days: int) -> tuple[int, int]:
    """Return the first day of arrival that can serve a cell, and the day after the last."""
    return max(0, day - hold), (day + 1 if level < 0 else days)


@nb.njit(cache=True, inline="always")
def offer_of(level: int, day: int, wait: float, price: float, arrive: int, own: int) -> float:
    """Return the price at which a candidate of the right window serves a cell.

    A daily cell (level −1) takes what arrived within the keeping time before its day. A
    once-needed cell waits, at the price `wait` per day, from its release to the arrival. Own
    stock of the area is drawn on the day itself.
    """
    if own > 0 and (arrive < day or (level < 0 and arrive != day)):
        return NO_WAY
    return price + wait * (arrive - day) if arrive > day else price


@leaf
def best_offer(
    level: int, day: int, wait: float, days: int, blocks: int, begin: Ints, price: Floats,
    arrive: Ints, own: Ints, hold: Ints,
) -> float:  # fmt: skip
    """Return the least price at which any candidate serves a cell."""
    best = NO_WAY
    for b in range(blocks):
        if begin[b, 0] == begin[b, days]:
            continue
        first, last = window(level, day, hold[begin[b, 0]], days)
        for m in range(begin[b, first], begin[b, last]):
            best = min(best, offer_of(level, day, wait, price[m], arrive[m], own[m]))
    return best
