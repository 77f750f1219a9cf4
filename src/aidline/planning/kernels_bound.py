"""Compiled kernels of the bound: what every cell would cost at given prices, with ALL options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.auction.kernels_price import NO_WAY, route_price
from aidline.planning.auction.kernels_ways import (
    best_offer,
    block_room,
    candidate_room,
    candidates,
    find_blocks,
)
from aidline.planning.leaf import leaf
from aidline.supply.problem import HOUR_COST, Floats

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net


@nb.njit(cache=True, nogil=True)
def cells_cost(net: Net, z: Floats, low: int, high: int) -> float:
    """Return the least total cost of a range of cells of need at row prices `z` ≥ 0."""
    room = candidate_room(net)
    price = np.empty(room)
    arrive, tag, way = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    own, hold = np.empty(room, np.int64), np.empty(room, np.int64)
    begin = np.zeros((block_room(net), net.days + 1), np.int64)
    areas, items, days, levels = net.cell_area, net.cell_item, net.cell_day, net.cell_level
    need, value = net.cell_need, net.cell_value
    person_days, fair = net.cell_person_days, net.cell_fair
    marginals, widths, horizon, fair_row = net.marginals, net.widths, net.days, net.fair_row
    dearest = marginals[len(marginals) - 1]
    total = 0.0
    blocks, area, item = 0, -1, -1
    for c in range(low, high):
        if areas[c] != area or items[c] != item:
            area, item = areas[c], items[c]
            n = candidates(net, area, item, z, price, arrive, tag, way, own, hold)
            blocks = find_blocks(n, horizon, arrive, way, begin)
        level = levels[c]
        equity = person_days[c] * z[fair_row + fair[c]] if fair[c] >= 0 else 0.0
        wait = (marginals[level] if level >= 0 else dearest) * value[c] + equity
        best = best_offer(level, days[c], wait, horizon, blocks, begin, price, arrive, own, hold)
        if level >= 0:
            total += need[c] * min(best, wait * (horizon - days[c]))
        else:
            for s in range(len(marginals)):
                total += need[c] * widths[s] * min(best, marginals[s] * value[c] + equity)
    return total


@nb.njit(cache=True, nogil=True)
def needs_cost(net: Net, z: Floats) -> float:
    """Return the least total cost of all cells of need at row prices `z` ≥ 0."""
    return cells_cost(net, z, 0, len(net.cell_area))


@nb.njit(cache=True, nogil=True)
def lots_gain(net: Net, z: Floats) -> float:
    """Return what all lots are worth at row prices `z`: the most that each can earn."""
    total = 0.0
    for c in range(len(net.lot_item)):
        item = net.lot_item[c]
        best = 0.0
        location, gate = net.lot_location[c], net.lot_crossing[c]
        if location >= 0:
            last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
            pair = net.pair_of[location, item]
            for day in range(net.lot_first[c], last + 1):
                best = max(best, z[pair * net.days + day])
        elif gate >= 0:
            best = _best_transfer(net, c, gate, item, z)
        total += best * net.lot_quantity[c]
    return total


@leaf
def _best_transfer(net: Net, c: int, gate: int, item: int, z: Floats) -> float:
    best = 0.0
    w, v = net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
    for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
        location = net.edge_location[e]
        pair = net.pair_of[location, item]
        if pair < 0:
            continue
        last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
        for t in range(net.lot_first[c], last):
            slot = net.slot_row + 2 * (gate * net.days + t)
            toll = w * z[slot] + v * z[slot + 1]
            for u in range(net.edge_arrive[e, t], last + 1):
                best = max(best, z[pair * net.days + u] - toll)
    return best


@leaf
def trip_price(net: Net, n: int, move: int, z: Floats) -> float:
    """Return what one trip costs in hours and convoy places at row prices `z`."""
    hours, shift = net.trip_hours[n], net.shift[net.trip_fleet[n]]
    price = HOUR_COST * hours
    row = net.hours_row + net.trip_fleet[n] * net.days
    day = net.move_day[move]
    while hours > 1e-9 and day < net.days:
        worked = min(hours, shift)
        price += worked * z[row + day]
        hours -= worked
        day += 1
    if net.move_convoy[move] >= 0:
        price += z[net.convoy_row + net.move_convoy[move]]
    return price


@nb.njit(cache=True, nogil=True)
def fit_load_prices(net: Net, z: Floats, mix: Floats) -> None:
    """Fit weight and volume prices of each movement so that its best class just breaks even.

    Prices at which a trip earned more than it costs would give no bound: they are scaled down.
    What a trip earns too little is added, the share `mix` to the price of weight, the rest to
    that of volume: higher prices of what costs nothing else only raise the bound.
    """
    load_row, hours_row, convoy_row, days = net.load_row, net.hours_row, net.convoy_row, net.days
    ptr, trip_class, fleet, hours = net.trip_ptr, net.trip_class, net.trip_fleet, net.trip_hours
    payload, capacity, shift = net.payload, net.capacity_m3, net.shift
    move_day, convoy = net.move_day, net.move_convoy
    for move in range(len(move_day)):
        at = load_row + 2 * move
        earned, spare, first = 0.0, 1e300, trip_class[ptr[move]]
        by_weight = mix[move] / payload[first]
        by_volume = (1.0 - mix[move]) / capacity[first]
        for n in range(ptr[move], ptr[move + 1]):
            cost = HOUR_COST * hours[n]
            left, day, row = hours[n], move_day[move], hours_row + fleet[n] * days
            while left > 1e-9 and day < days:
                worked = min(left, shift[fleet[n]])
                cost += worked * z[row + day]
                left -= worked
                day += 1
            if convoy[move] >= 0:
                cost += z[convoy_row + convoy[move]]
            k = trip_class[n]
            earns = payload[k] * z[at] + capacity[k] * z[at + 1]
            earned = max(earned, earns / cost)
            spare = min(spare, (cost - earns) / (payload[k] * by_weight + capacity[k] * by_volume))
        if earned > 1.0:
            z[at] /= earned
            z[at + 1] /= earned
        else:
            z[at] += spare * by_weight
            z[at + 1] += spare * by_volume


@nb.njit(cache=True, nogil=True)
def kits_gain(net: Net, z: Floats, most: Floats) -> float:
    """Return what kits can earn: per area and kit the best route, up to `most` [area, part row]."""
    total = 0.0
    for a in range(len(net.area_ptr) - 1):
        for part in range(len(net.kit_part)):
            kit = net.kit_item[part]
            if part > 0 and net.kit_item[part - 1] == kit:
                continue
            if most[a, part] <= 0.0:
                continue
            best = 0.0
            for r in range(net.route_ptr[a], net.route_ptr[a + 1]):
                cost = route_price(net, r, kit, z)
                if cost >= NO_WAY:
                    continue
                for other in range(part, len(net.kit_part)):
                    if net.kit_item[other] != kit:
                        break
                    block = net.part_of[a, other]
                    if block >= 0:
                        row = net.part_row + block * net.days + net.route_arrive[r]
                        cost -= net.kit_quantity[other] * z[row]
                best = min(best, cost)
            total -= best * most[a, part]
    return total


@nb.njit(cache=True, nogil=True)
def rows_cost(z: Floats, capacity: Floats) -> float:
    """Return Σ price × capacity."""
    total = 0.0
    for r in range(len(z)):
        if z[r] != 0.0:
            total += z[r] * capacity[r]
    return total
