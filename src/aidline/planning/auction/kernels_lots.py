"""Compiled kernel: which options a lot gets: days of use, and transfers that take it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.supply.problem import Floats, Ints


@nb.njit(cache=True, inline="always")
def _old_amount(old: Columns, c: int, tag: int, way: int) -> float:
    """Return the amount of an option that a cell has had, −1 where it had none like it."""
    for o in range(old.ptr[c], old.ptr[c + 1]):
        if old.tag[o] == tag and old.tag_more[o] == way:
            return old.amount[o]
    return -1.0


@nb.njit(cache=True, inline="always")
def _lot_last(net: Net, location: int, expiry: int) -> int:
    """Return the last day on which a lot may leave a location."""
    return min(net.days - 1, expiry - net.last_leave[location])


@nb.njit(cache=True, nogil=True)
def choose_lot_options(
    net: Net, z: Floats, old: Columns, most: int, keep_all: bool, new: Columns
) -> tuple[int, int]:
    """Choose the options of every lot: on which day it is used, and over which transfer.

    Tags: for a lot at a location, the day of use; for a lot at a crossing, `tag` = edge × days +
    day of crossing, `tag_more` = day of use. Returns options and row entries written; −1, −1
    where `new` is too small.
    """
    o, at = 0, 0
    room = 64 * net.days * net.days + 1
    offer = np.empty(room)
    edge_of, use = np.empty(room, np.int64), np.empty(room, np.int64)
    cross = np.empty(room, np.int64)
    for c in range(len(net.lot_item)):
        item, size = net.lot_item[c], net.lot_quantity[c]
        new.ptr[c] = o
        if o + net.days + 2 > len(new.cost) or at + net.days + 2 > len(new.row):
            return -1, -1
        _write_lot(new, o, size, 0.0, -1, -1, at)
        idle, left = o, size
        o += 1
        location, gate = net.lot_location[c], net.lot_crossing[c]
        if location >= 0:
            pair = net.pair_of[location, item]
            for day in range(net.lot_first[c], _lot_last(net, location, net.lot_expiry[c]) + 1):
                amount = min(left, max(0.0, _old_amount(old, c, day, 0)))
                _write_lot(new, o, size, amount, day, 0, at)
                left -= amount
                new.row[at], new.coefficient[at] = pair * net.days + day, -1.0
                o += 1
                at += 1
        elif gate >= 0:
            n = _transfer_offers(net, c, gate, item, z, old, keep_all, offer, edge_of, cross, use)
            if o + n > len(new.cost) or at + 3 * n > len(new.row):
                return -1, -1
            order = np.argsort(offer[:n], kind="mergesort")
            for kept, m in enumerate(order):
                if kept >= most and offer[m] > -1e199:
                    break
                e, t, u = edge_of[m], cross[m], use[m]
                amount = min(left, max(0.0, _old_amount(old, c, e * net.days + t, u)))
                _write_lot(new, o, size, amount, e * net.days + t, u, at)
                left -= amount
                slot = net.slot_row + 2 * (gate * net.days + t)
                new.row[at] = net.pair_of[net.edge_location[e], item] * net.days + u
                new.coefficient[at] = -1.0
                new.row[at + 1] = slot
                new.coefficient[at + 1] = net.weight[item] / net.gate_payload[gate]
                new.row[at + 2] = slot + 1
                new.coefficient[at + 2] = net.volume[item] / net.gate_volume[gate]
                o += 1
                at += 3
        new.amount[idle] = left
    new.ptr[len(net.lot_item)] = o
    new.row_ptr[o] = at
    return o, at


@nb.njit(cache=True, nogil=True)
def _write_lot(
    new: Columns, o: int, size: float, amount: float, tag: int, more: int, n_rows: int
) -> None:
    """Write one option of a lot."""
    new.cost[o], new.upper[o], new.amount[o] = 0.0, size, amount
    new.tag[o], new.tag_more[o], new.row_ptr[o] = tag, more, n_rows


@nb.njit(cache=True, nogil=True)
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
