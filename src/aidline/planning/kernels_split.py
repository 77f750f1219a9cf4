"""Compiled kernels: the price of bringing a unit into an area, split over what stands behind it.

Limits are numbered through: crossings, pools of trucks, stock pairs, convoys by area, then
expiry by item, and behind them the causes that have no place (see `Limits`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from aidline.planning.auction.kernels_price import NO_WAY, route_price
from aidline.planning.auction.kernels_ways import PART
from aidline.planning.kernels_bound import trip_price
from aidline.supply.problem import HOUR_COST, Floats, Ints

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net

Flags = npt.NDArray[np.bool_]
NEAR = 0.02  # lots whose worth is that near to the price of stock count as its supply
MOST_PARTS = 256  # limits that one price can be split into
SAME = 1e-6  # prices that near are the same; of these the latest day counts


class Limits(NamedTuple):
    """Where each kind of limit starts in the common numbering.

    Attributes
    ----------
    pools, pairs, convoys, expiry
        First truck pool, stock pair, area with convoys, item that expires. Crossings start
        at 0.
    absent
        The item is nowhere to be had.
    too_late, unreachable, fairness, promise
        Causes without a place.
    total
        Number of limits.
    """

    pools: int
    pairs: int
    convoys: int
    expiry: int
    absent: int
    too_late: int
    unreachable: int
    fairness: int
    promise: int
    total: int


class Supply(NamedTuple):
    """What stands behind the price of stock of each (pair, day).

    Attributes
    ----------
    slack
        Worth of the cheapest lot that can supply it with its toll, minus the price; infinite
        where no lot can.
    toll, gate, day
        Part of the price that is paid for the slots of a crossing, which one, when (−1 = none).
    expired
        No lot can supply it, but one could if it did not expire.
    """

    slack: Floats
    toll: Floats
    gate: Ints
    day: Ints
    expired: Flags


@nb.njit(cache=True, nogil=True)
def supply_of(net: Net, z: Floats, n_rows: int) -> Supply:
    """Return, for each stock row, which lot supplies it and what of its price is for slots."""
    s = Supply(
        np.full(n_rows, np.inf), np.zeros(n_rows), np.full(n_rows, -1), np.full(n_rows, -1),
        np.zeros(n_rows, np.bool_),
    )  # fmt: skip
    for final in (False, True):
        for c in range(len(net.lot_item)):
            item, location, gate = net.lot_item[c], net.lot_location[c], net.lot_crossing[c]
            if location >= 0:
                _local_supply(net, z, c, item, location, s, final)
            elif gate >= 0:
                _gate_supply(net, z, c, item, gate, s, final)
    for n in range(n_rows):
        s.expired[n] = s.expired[n] and s.slack[n] == np.inf
    return s


@nb.njit(cache=True, nogil=True)
def _note(
    s: Supply, z: Floats, row: int, cost: float, toll: float, gate: int, day: int, final: bool
) -> None:
    """Note what supply costs.

    First the least cost is found, then, of the lots near it, the largest toll on the latest day.
    """
    slack = cost - z[row]
    if not final:
        s.slack[row] = min(s.slack[row], slack)
    elif (
        slack <= s.slack[row] + NEAR * z[row] and toll > 0.0 and toll >= s.toll[row] * (1.0 - SAME)
    ):
        s.toll[row], s.gate[row], s.day[row] = min(toll, z[row]), gate, day


@nb.njit(cache=True, nogil=True)
def _local_supply(
    net: Net, z: Floats, c: int, item: int, location: int, s: Supply, final: bool
) -> None:
    base = net.pair_of[location, item] * net.days
    last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
    worth = 0.0
    for day in range(net.lot_first[c], last + 1):
        worth = max(worth, z[base + day])
    for day in range(net.lot_first[c], net.days):
        if day <= last:
            _note(s, z, base + day, worth, 0.0, -1, -1, final)
        else:
            s.expired[base + day] = True


@nb.njit(cache=True, nogil=True)
def _gate_supply(net: Net, z: Floats, c: int, item: int, gate: int, s: Supply, final: bool) -> None:
    w, v = net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
    worth = 0.0
    for write in (False, True):
        for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
            location = net.edge_location[e]
            pair = net.pair_of[location, item]
            if pair < 0:
                continue
            last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
            for t in range(net.lot_first[c], net.days):
                slot = net.slot_row + 2 * (gate * net.days + t)
                toll = w * z[slot] + v * z[slot + 1]
                for u in range(net.edge_arrive[e, t], net.days):
                    row = pair * net.days + u
                    if u > last:
                        s.expired[row] = True
                    elif write:
                        _note(s, z, row, worth + toll, toll, gate, t, final)
                    else:
                        worth = max(worth, z[row] - toll)


@nb.njit(cache=True, nogil=True)
def _put(key: Ints, day: Ints, amount: Floats, n: int, k: int, d: int, x: float) -> int:
    """Append a part of a price; returns the new number of parts."""
    if x > 0.0 and n < MOST_PARTS:
        key[n], day[n], amount[n] = k, d, x
        return n + 1
    return n


@nb.njit(cache=True, nogil=True)
def _trip_parts(
    net: Net, z: Floats, lim: Limits, area: int, move: int, item: int, ratio: float,
    key: Ints, day: Ints, amount: Floats, n: int,
) -> int:  # fmt: skip
    """Split the price of loading a movement over truck-hours and convoy places."""
    at = net.load_row + 2 * move
    price = ratio * (net.weight[item] * z[at] + net.volume[item] * z[at + 1])
    best, cost, even = -1, 1.0, -1.0
    for m in range(net.trip_ptr[move], net.trip_ptr[move + 1]):
        k = net.trip_class[m]
        trip = trip_price(net, m, move, z)
        earned = (net.payload[k] * z[at] + net.capacity_m3[k] * z[at + 1]) / trip
        if earned > even:
            best, cost, even = m, trip, earned
    if best < 0:
        return n
    scale = price / cost
    fleet = net.trip_fleet[best]
    hours, shift = net.trip_hours[best], net.shift[fleet]
    t = net.move_day[move]
    while hours > 1e-9 and t < net.days:
        worked = min(hours, shift)
        # the tie-break cost of an hour counts too: it names the truck where nothing is short
        x = worked * (z[net.hours_row + fleet * net.days + t] + HOUR_COST) * scale
        n = _put(key, day, amount, n, lim.pools + fleet, t, x)
        hours -= worked
        t += 1
    convoy = net.move_convoy[move]
    if convoy >= 0:
        x = z[net.convoy_row + convoy] * scale
        n = _put(key, day, amount, n, lim.convoys + area, net.move_day[move], x)
    return n


@nb.njit(cache=True, nogil=True)
def _route_parts(
    net: Net, z: Floats, s: Supply, lim: Limits, area: int, r: int, item: int, ratio: float,
    key: Ints, day: Ints, amount: Floats,
) -> int:  # fmt: skip
    """Split the price of a unit on a route over the limits behind it."""
    pair, t = net.pair_of[net.route_start[r], item], net.route_day[r]
    row = pair * net.days + t
    n = 0
    if s.gate[row] >= 0:
        n = _put(key, day, amount, n, s.gate[row], s.day[row], ratio * s.toll[row])
    goods = lim.expiry + item if s.expired[row] else lim.pairs + pair
    n = _put(key, day, amount, n, goods, t, ratio * (z[row] - s.toll[row]))
    for move in (net.route_first[r], net.route_second[r]):
        if move >= 0:
            n = _trip_parts(net, z, lim, area, move, item, ratio, key, day, amount, n)
    if n == 0:
        n = _put(key, day, amount, n, goods, t, 1e-12)
    return n


@nb.njit(cache=True, nogil=True)
def candidate_parts(
    net: Net, z: Floats, s: Supply, lim: Limits, area: int, tag: int, way: int, arrive: int,
    key: Ints, day: Ints, amount: Floats,
) -> int:  # fmt: skip
    """Split the price of a candidate; a part of a kit stands for the cheapest way of its kit."""
    if tag < PART:
        item, ratio = net.way_item[way], net.way_ratio[way]
        return _route_parts(net, z, s, lim, area, tag, item, ratio, key, day, amount)
    kit = net.kit_item[-1 - way]
    best, cheapest = -1, NO_WAY
    for r in range(net.route_ptr[area], net.route_ptr[area + 1]):
        if net.route_arrive[r] == arrive:
            price = route_price(net, r, kit, z)
            if price < cheapest:
                best, cheapest = r, price
    if best < 0:
        return 0
    return _route_parts(net, z, s, lim, area, best, kit, 1.0, key, day, amount)


@nb.njit(cache=True, nogil=True)
def kit_comes(net: Net, area: int, way: int, day: int) -> bool:
    """Say whether any kit with this part can arrive on that day."""
    kit = net.kit_item[-1 - way]
    for r in range(net.route_ptr[area], net.route_ptr[area + 1]):
        if net.route_arrive[r] == day and net.pair_of[net.route_start[r], kit] >= 0:
            return True
    return False
