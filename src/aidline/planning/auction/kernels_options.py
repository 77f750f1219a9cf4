"""Compiled kernels: which options a cell gets, chosen at present prices.

`candidates` lists, for one area and item, every way to bring it in: routes for the item and
its substitutes, and parts of kits. `choose_options` keeps, for each cell, those that are used
and the cheapest ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.auction.kernels_price import (
    NO_WAY,
    delay_days,
    offers,
    unit_wait,
)

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.supply.problem import Floats, Ints

PART = 1 << 40  # tags at or above this mean "part of a kit"


@nb.njit(cache=True)
def candidate_room(net: Net) -> int:
    """Return the largest number of candidates that any (area, item) can have."""
    routes = 0
    for a in range(len(net.area_ptr) - 1):
        routes = max(routes, net.route_ptr[a + 1] - net.route_ptr[a])
    ways = 1
    for i in range(len(net.way_ptr) - 1):
        ways = max(ways, net.way_ptr[i + 1] - net.way_ptr[i])
    return routes * ways + len(net.kit_part) * net.days + 1


@nb.njit(cache=True)
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


@nb.njit(cache=True, inline="always")
def _old_amount(old: Columns, c: int, tag: int, way: int) -> float:
    """Return the amount of an option that a cell has had, −1 where it had none like it."""
    for o in range(old.ptr[c], old.ptr[c + 1]):
        if old.tag[o] == tag and old.tag_more[o] == way:
            return old.amount[o]
    return -1.0


@nb.njit(cache=True)
def _select(
    c: int, n: int, best: float, top: float, value: float, tag: Ints, way: Ints,
    old: Columns, slack: float, most: int, keep_all: bool, chosen: Ints, offer: Floats,
) -> int:  # fmt: skip
    """Choose candidates for one cell by their offers; returns how many, −1 = unserved."""
    served = old.ptr[c] < old.ptr[c + 1]
    if best >= NO_WAY or (best > top * (1.0 + slack) and not served):
        return -1
    limit = min(best + slack * abs(best) + 0.02 * value, top * (1.0 + slack))
    kept = 0
    if served:
        for o in range(old.ptr[c], old.ptr[c + 1]):
            if old.tag[o] < 0 or (old.amount[o] <= 0.0 and not keep_all):
                continue
            for m in range(n):
                if offer[m] < NO_WAY and tag[m] == old.tag[o] and way[m] == old.tag_more[o]:
                    chosen[kept] = m
                    offer[m] = NO_WAY
                    kept += 1
                    break
    for _ in range(most if keep_all else most - min(kept, most)):
        low, at = limit, -1
        for m in range(n):
            if offer[m] <= low and offer[m] < NO_WAY:
                low, at = offer[m], m
        if at < 0:
            break
        chosen[kept] = at
        offer[at] = NO_WAY
        kept += 1
    if kept == 0:
        return -1
    return kept


@nb.njit(cache=True)
def _rows_of(net: Net, tag: int, way: int, row: Ints, coefficient: Floats, at: int) -> int:
    """Write the coupling rows of an option; returns the next free position."""
    if tag >= PART:
        row[at], coefficient[at] = net.part_row + tag - PART, 1.0
        return at + 1
    j, ratio = net.way_item[way], net.way_ratio[way]
    pair = net.pair_of[net.route_start[tag], j]
    row[at], coefficient[at] = pair * net.days + net.route_day[tag], ratio
    at += 1
    for move in (net.route_first[tag], net.route_second[tag]):
        if move >= 0:
            row[at], coefficient[at] = net.load_row + 2 * move, ratio * net.weight[j]
            row[at + 1] = net.load_row + 2 * move + 1
            coefficient[at + 1] = ratio * net.volume[j]
            at += 2
    return at


@nb.njit(cache=True)
def choose_options(
    net: Net, z: Floats, old: Columns, slack: float, most: int, keep_all: bool, new: Columns,
    base: Floats, fill: bool,
) -> tuple[int, int]:  # fmt: skip
    """Choose the options of every cell of need.

    Run it twice: with `fill` false it counts options and row entries, with `fill` true it
    writes `new`. `base` collects the unmet person-days of cells that get no option.
    """
    room = candidate_room(net)
    price, offer = np.empty(room), np.empty(room)
    arrive, tag = np.empty(room, np.int64), np.empty(room, np.int64)
    way, chosen = np.empty(room, np.int64), np.empty(room, np.int64)
    own, hold = np.empty(room, np.int64), np.empty(room, np.int64)
    n_options, n_rows = 0, 0
    base[:] = 0.0
    n, area, item = 0, -1, -1
    for c in range(len(net.cell_area)):
        if fill:
            new.ptr[c] = n_options
        if net.cell_area[c] != area or net.cell_item[c] != item:
            area, item = net.cell_area[c], net.cell_item[c]
            n = candidates(net, area, item, z, price, arrive, tag, way, own, hold)
        level, fair = net.cell_level[c], net.cell_fair[c]
        days = net.days - net.cell_day[c] if level >= 0 else 1
        price_day = unit_wait(net, c, z)
        best = offers(level, net.cell_day[c], price_day, n, price, arrive, own, hold, offer)
        kept = _select(
            c, n, best, price_day * days, net.cell_value[c], tag, way, old, slack,
            most if level < 0 else 3 * most, keep_all, chosen, offer,
        )  # fmt: skip
        if kept < 0:
            if fair >= 0:
                base[fair] += net.cell_need[c] * net.cell_person_days[c] * days
            continue
        unmet = 1 if level >= 0 else len(net.marginals)
        if not fill:
            n_options += unmet + kept
            n_rows += unmet * (fair >= 0) + kept * (5 + 1 + 1)
            continue
        size = net.cell_need[c]
        left = size
        first_unmet = n_options
        for s in range(unmet):
            marginal = net.marginals[level] if level >= 0 else net.marginals[s]
            new.cost[n_options] = marginal * net.cell_value[c] * days
            new.upper[n_options] = size if level >= 0 else size * net.widths[s]
            new.tag[n_options], new.tag_more[n_options] = -1, s
            new.row_ptr[n_options] = n_rows
            if fair >= 0:
                new.row[n_rows] = net.fair_row + fair
                new.coefficient[n_rows] = net.cell_person_days[c] * days
                n_rows += 1
            n_options += 1
        for m in range(kept):
            k = chosen[m]
            wait = delay_days(level, net.cell_day[c], arrive[k], own[k] > 0, hold[k])
            marginal = net.marginals[level] if level >= 0 else 0.0
            new.cost[n_options] = marginal * net.cell_value[c] * wait
            new.upper[n_options] = size
            new.tag[n_options], new.tag_more[n_options] = tag[k], way[k]
            amount = min(max(0.0, _old_amount(old, c, tag[k], way[k])), left)
            new.amount[n_options] = amount
            left -= amount
            new.row_ptr[n_options] = n_rows
            n_rows = _rows_of(net, tag[k], way[k], new.row, new.coefficient, n_rows)
            if wait > 0 and fair >= 0:
                new.row[n_rows] = net.fair_row + fair
                new.coefficient[n_rows] = net.cell_person_days[c] * wait
                n_rows += 1
            if way[k] >= 0 and net.way_item[way[k]] == item and tag[k] < PART and own[k] == 0:
                promise = net.promise_of[area, item]
                if promise >= 0 and arrive[k] <= net.promise_day[promise]:
                    new.row[n_rows], new.coefficient[n_rows] = net.promise_row + promise, -1.0
                    n_rows += 1
            n_options += 1
        for s in range(unmet):
            amount = min(left, new.upper[first_unmet + s])
            new.amount[first_unmet + s] = amount
            left -= amount
    if fill:
        new.ptr[len(net.cell_area)] = n_options
        new.row_ptr[n_options] = n_rows
    return n_options, n_rows


@nb.njit(cache=True, inline="always")
def _lot_last(net: Net, location: int, expiry: int) -> int:
    """Return the last day on which a lot may leave a location."""
    return min(net.days - 1, expiry - net.last_leave[location])


@nb.njit(cache=True)
def choose_lot_options(
    net: Net, z: Floats, old: Columns, most: int, keep_all: bool, new: Columns, fill: bool
) -> tuple[int, int]:
    """Choose the options of every lot: on which day it is used, and over which transfer.

    Tags: for a lot at a location, the day of use; for a lot at a crossing, `tag` = edge × days +
    day of crossing, `tag_more` = day of use.
    """
    n_options, n_rows = 0, 0
    room = 64 * net.days * net.days + 1
    offer = np.empty(room)
    edge_of, use = np.empty(room, np.int64), np.empty(room, np.int64)
    cross = np.empty(room, np.int64)
    for c in range(len(net.lot_item)):
        item, size = net.lot_item[c], net.lot_quantity[c]
        if fill:
            new.ptr[c] = n_options
            new.cost[n_options], new.upper[n_options] = 0.0, size
            new.tag[n_options], new.tag_more[n_options] = -1, -1
            new.row_ptr[n_options] = n_rows
        idle = n_options
        left = size
        n_options += 1
        location, gate = net.lot_location[c], net.lot_crossing[c]
        if location >= 0:
            pair = net.pair_of[location, item]
            for day in range(net.lot_first[c], _lot_last(net, location, net.lot_expiry[c]) + 1):
                if fill:
                    amount = min(left, max(0.0, _old_amount(old, c, day, 0)))
                    _write_lot(new, n_options, size, amount, day, 0, n_rows)
                    left -= amount
                    new.row[n_rows], new.coefficient[n_rows] = pair * net.days + day, -1.0
                n_options += 1
                n_rows += 1
        elif gate >= 0:
            n = _transfer_offers(net, c, gate, item, z, old, keep_all, offer, edge_of, cross, use)
            order = np.argsort(offer[:n], kind="mergesort")
            for kept, m in enumerate(order):
                if kept >= most and offer[m] > -1e199:
                    break
                if fill:
                    e, t, u = edge_of[m], cross[m], use[m]
                    tag = e * net.days + t
                    amount = min(left, max(0.0, _old_amount(old, c, tag, u)))
                    _write_lot(new, n_options, size, amount, tag, u, n_rows)
                    left -= amount
                    pair = net.pair_of[net.edge_location[e], item]
                    slot = net.slot_row + 2 * (gate * net.days + t)
                    new.row[n_rows], new.coefficient[n_rows] = pair * net.days + u, -1.0
                    new.row[n_rows + 1] = slot
                    new.coefficient[n_rows + 1] = net.weight[item] / net.gate_payload[gate]
                    new.row[n_rows + 2] = slot + 1
                    new.coefficient[n_rows + 2] = net.volume[item] / net.gate_volume[gate]
                n_options += 1
                n_rows += 3
        if fill:
            new.amount[idle] = left
    if fill:
        new.ptr[len(net.lot_item)] = n_options
        new.row_ptr[n_options] = n_rows
    return n_options, n_rows


@nb.njit(cache=True)
def _write_lot(
    new: Columns, o: int, size: float, amount: float, tag: int, more: int, n_rows: int
) -> None:
    """Write one option of a lot."""
    new.cost[o], new.upper[o], new.amount[o] = 0.0, size, amount
    new.tag[o], new.tag_more[o], new.row_ptr[o] = tag, more, n_rows


@nb.njit(cache=True)
def _transfer_offers(
    net: Net, c: int, gate: int, item: int, z: Floats, old: Columns, keep_all: bool, offer: Floats,
    edge_of: Ints, cross: Ints, use: Ints,
) -> int:  # fmt: skip
    """List transfers of a lot: by place and day of use the best day to cross, and those in use."""
    n = 0
    w, v = net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
    for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
        location = net.edge_location[e]
        pair = net.pair_of[location, item]
        if pair < 0:
            continue
        last = _lot_last(net, location, net.lot_expiry[c])
        for u in range(net.lot_first[c] + 1, last + 1):
            best, at = 1e300, -1
            for t in range(net.lot_first[c], u):
                if net.edge_arrive[e, t] > u:
                    continue
                slot = net.slot_row + 2 * (gate * net.days + t)
                price = w * z[slot] + v * z[slot + 1] - z[pair * net.days + u]
                price += 1e-9 * (t - net.lot_first[c])
                held = -1.0
                if old.ptr[c] < old.ptr[c + 1]:
                    held = _old_amount(old, c, e * net.days + t, u)
                if held > 0.0 or (keep_all and held == 0.0):
                    if n < len(offer):
                        offer[n], edge_of[n], cross[n], use[n] = -1e200, e, t, u
                        n += 1
                elif price < best:
                    best, at = price, t
            if at >= 0 and n < len(offer):
                offer[n], edge_of[n], cross[n], use[n] = best, e, at, u
                n += 1
    return n
