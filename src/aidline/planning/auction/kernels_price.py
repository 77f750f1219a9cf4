"""Compiled kernels: the price of bringing one unit into an area, on every route."""

from __future__ import annotations

import numba as nb

from aidline.planning.auction.arrays import Net
from aidline.supply.problem import Floats

NO_WAY = 1e300


@nb.njit(cache=True)
def route_price(net: Net, r: int, item: int, z: Floats) -> float:
    """Return the price of moving one unit of `item` on route `r` at row prices `z` ≥ 0."""
    pair = net.pair_of[net.route_start[r], item]
    if pair < 0:
        return NO_WAY
    price = z[pair * net.days + net.route_day[r]]
    w, v = net.weight[item], net.volume[item]
    first, second = net.route_first[r], net.route_second[r]
    if first >= 0:
        price += w * z[net.load_row + 2 * first] + v * z[net.load_row + 2 * first + 1]
    if second >= 0:
        price += w * z[net.load_row + 2 * second] + v * z[net.load_row + 2 * second + 1]
    return price


@nb.njit(cache=True)
def promise_discount(net: Net, area: int, item: int, arrive: int, z: Floats) -> float:
    """Return what a unit of `item` that arrives on a day takes off the price by keeping a promise."""
    n = net.promise_of[area, item]
    if n >= 0 and arrive <= net.promise_day[n]:
        return z[net.promise_row + n]
    return 0.0


@nb.njit(cache=True)
def delay_days(net: Net, c: int, arrive: int, own: bool, hold: int) -> int:
    """Return the days of waiting of a cell when served by an arrival, −1 if it cannot serve it.

    A daily cell takes what arrived within the keeping time before its day. A once-needed cell
    waits from its release to the arrival. Own stock of the area is drawn on the day itself.
    """
    day = net.cell_day[c]
    if net.cell_level[c] < 0:
        if own:
            return 0 if arrive == day else -1
        return 0 if arrive <= day and day - arrive <= hold else -1
    if arrive >= day:
        return arrive - day
    return 0 if (not own) and day - arrive <= hold else -1


@nb.njit(cache=True)
def unit_wait(net: Net, c: int, z: Floats) -> float:
    """Return the price of one unit of a cell waiting one day (once) or being missed (daily, dearest)."""
    level = net.cell_level[c]
    marginal = net.marginals[level] if level >= 0 else net.marginals[len(net.marginals) - 1]
    price = marginal * net.cell_value[c]
    if net.cell_fair[c] >= 0:
        price += net.cell_person_days[c] * z[net.fair_row + net.cell_fair[c]]
    return price
