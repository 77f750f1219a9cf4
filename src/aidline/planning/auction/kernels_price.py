"""Compiled kernels: the price of bringing one unit into an area, on every route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats

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
