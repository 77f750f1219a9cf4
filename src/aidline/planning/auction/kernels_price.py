"""Compiled kernels: the price of bringing one unit into an area, on every route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats, Ints

NO_WAY = 1e300


@nb.njit(cache=True, inline="always")
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
def delay_days(level: int, day: int, arrive: int, own: bool, hold: int) -> int:
    """Return the days of waiting of a cell when served by an arrival, −1 if it cannot serve it.

    A daily cell (level −1) takes what arrived within the keeping time before its day. A
    once-needed cell waits from its release to the arrival. Own stock of the area is drawn on
    the day itself.
    """
    if level < 0:
        if own:
            return 0 if arrive == day else -1
        return 0 if arrive <= day and day - arrive <= hold else -1
    if arrive >= day:
        return arrive - day
    return 0 if (not own) and day - arrive <= hold else -1


@nb.njit(cache=True)
def offers(
    level: int, day: int, wait: float, n: int, price: Floats, arrive: Ints, own: Ints, hold: Ints,
    offer: Floats,
) -> float:  # fmt: skip
    """Write the price at which each candidate serves a cell; returns the least."""
    best = NO_WAY
    for m in range(n):
        days = delay_days(level, day, arrive[m], own[m] > 0, hold[m])
        offer[m] = NO_WAY if days < 0 else price[m] + days * wait
        best = min(best, offer[m])
    return best


@nb.njit(cache=True, inline="always")
def unit_wait(net: Net, c: int, z: Floats) -> float:
    """Return the price of a unit waiting one day (once) or missed at the dearest level (daily)."""
    level = net.cell_level[c]
    marginal = net.marginals[level] if level >= 0 else net.marginals[len(net.marginals) - 1]
    price = marginal * net.cell_value[c]
    if net.cell_fair[c] >= 0:
        price += net.cell_person_days[c] * z[net.fair_row + net.cell_fair[c]]
    return price
