"""Compiled kernel: what it would be worth to open a crossing on a day on which it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.leaf import leaf

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats


@leaf
def _best_over(net: Net, c: int, gate: int, day: int, z: Floats) -> float:
    """Return the most that a unit of a lot earns once it crosses on a day, before the toll."""
    best = 0.0
    for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
        location = net.edge_location[e]
        pair = net.pair_of[location, net.lot_item[c]]
        last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
        if pair < 0 or day >= last:
            continue
        for u in range(net.edge_arrive[e, day], last + 1):
            best = max(best, z[pair * net.days + u])
    return best


@nb.njit(cache=True, nogil=True)
def fit_closed_slots(net: Net, z: Floats, capacity: Floats) -> None:
    """Set the price of slots on closed days (`capacity` 0) to the least at which nobody wants them.

    A closed slot costs the bound nothing: a higher price only raises it, up to the point where
    every lot does as well on the days on which its crossing is open. That price is also what
    the first slot would be worth. It is laid on weight, or on volume for what weighs nothing.
    """
    best = np.empty(net.days)  # of the lot at hand, by day of crossing
    z[net.slot_row : net.slot_row + len(net.gate_payload) * net.days * 2][capacity <= 0] = 0.0
    for c in range(len(net.lot_item)):
        gate = net.lot_crossing[c]
        if gate < 0:
            continue
        w = net.weight[net.lot_item[c]] / net.gate_payload[gate]
        v = net.volume[net.lot_item[c]] / net.gate_volume[gate]
        free = 0.0
        for day in range(net.lot_first[c], net.days):
            at = net.slot_row + 2 * (gate * net.days + day)
            best[day] = _best_over(net, c, gate, day, z) - w * z[at] - v * z[at + 1]
            if capacity[at - net.slot_row] > 0:
                free = max(free, best[day])
        for day in range(net.lot_first[c], net.days):
            at = net.slot_row + 2 * (gate * net.days + day)
            if capacity[at - net.slot_row] <= 0 and best[day] > free:
                if w > 0:
                    z[at] += (best[day] - free) / w
                elif v > 0:
                    z[at + 1] += (best[day] - free) / v
