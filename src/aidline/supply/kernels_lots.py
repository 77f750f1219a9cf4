"""Compiled kernel of the read-back: which lots a shipment is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints

TINY = 1e-12  # units: the rest of a rounding error, let go


@nb.njit(cache=True)
def draw_lots(
    queues: Ints, day: Ints, units: Floats, start: Ints, first_day: Ints, amount: Floats
) -> tuple[Ints, Ints, Floats]:
    """Draw shipments from queues of lots, each lot once.

    Parameters
    ----------
    queues
        [shipments, k]: the queues that a shipment may draw from, in this order.
    day, units
        [shipments]: day of leaving, units wanted. Earlier shipments draw first.
    start
        [queues + 1]: the lots of queue q are start[q] to start[q + 1] - 1, drawn in this order.
    first_day, amount
        [lots]: first day on which it can be drawn, units.

    Returns
    -------
    tuple
        Shipment, lot and units of each draw, by shipment. What no lot gives is let go.
    """
    most = len(units) + len(amount)  # each draw ends a shipment or a lot
    who, lot, taken = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    cursor, left, count = start[:-1].copy(), amount.copy(), 0
    for n in range(len(units)):
        want = units[n]
        for q in queues[n]:
            at = cursor[q]
            while want > TINY and at < start[q + 1] and first_day[at] <= day[n]:
                take = min(want, left[at])
                who[count], lot[count], taken[count] = n, at, take
                count += 1
                want -= take
                left[at] -= take
                if left[at] <= TINY:
                    at += 1
            cursor[q] = at
    return who[:count], lot[:count], taken[:count]
