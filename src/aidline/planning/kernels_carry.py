"""Compiled kernel: which cells of need the pieces of an earlier plan serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.supply.kernels_lots import TINY

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints


@nb.njit(cache=True)
def into_cells(
    key: Ints, day: Ints, arrive: Ints, keeps: Ints, amount: Floats, ptr: Ints, release: Ints,
    level: Ints, need: Floats,
) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    """Share out pieces among cells of need, those whose waiting costs most first.

    Parameters
    ----------
    key
        [pieces] which cells it may serve: ptr[key] to ptr[key + 1] - 1.
    day, arrive, keeps, amount
        [pieces]: day of use and of hand-over, days that it keeps, units of need.
    release, level, need
        [cells]: see `aidline.supply.problem.Demand`.

    Returns
    -------
    tuple
        Cell, piece and units of each share. What no cell takes is let go.
    """
    most = len(amount) + len(need)  # each share ends a piece or a cell
    cells, pieces, units = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    left, count = need.copy(), 0
    for n in range(len(amount)):
        want = amount[n]
        for rank in range(2, -2, -1):
            for c in range(ptr[key[n]], ptr[key[n] + 1]):
                if want <= TINY:
                    break
                in_time = release[c] == day[n] if rank < 0 else release[c] <= day[n]
                fresh = arrive[n] + keeps[n] >= release[c]
                if level[c] != rank or left[c] <= TINY or not in_time or not fresh:
                    continue
                take = min(want, left[c])
                cells[count], pieces[count], units[count] = c, n, take
                count += 1
                want -= take
                left[c] -= take
    return cells[:count], pieces[:count], units[:count]
