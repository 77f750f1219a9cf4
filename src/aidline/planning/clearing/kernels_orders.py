"""Compiled kernel: a local search over the list of blockages, at the losses that prices give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.clearance.kernels_schedule import run_crews
from aidline.clearance.works import FULL, LANE

if TYPE_CHECKING:
    from typing import Any

    from aidline.supply.problem import Floats, Ints

KIND = 3
HEAT = 1e-4  # first temperature, as a share of what is lost
LATE = 1e-9  # of what is lost, per day: among equals the sooner one


@nb.njit(cache=True, nogil=True)
def lost(opened: Floats, group: Ints, segment: Ints, cost: Floats) -> float:
    """Return the sum over groups of the dearest of their pairs, for the days of opening."""
    total, worst, days = 0.0, 0.0, cost.shape[1] - 1
    for n in range(len(group)):
        day = int(min(opened[segment[n], 0], float(days)))
        worst = max(worst, cost[n, day]) if n > 0 and group[n] == group[n - 1] else cost[n, day]
        if n == len(group) - 1 or group[n + 1] != group[n]:
            total += worst
    return total


@nb.njit(cache=True, nogil=True)
def _tasks(order: Ints) -> Ints:
    """Return the list of tasks: one lane everywhere, then the full width."""
    n = len(order)
    tasks = np.empty(KIND * n, np.int64)
    for k in range(n):
        tasks[2 * k] = KIND * order[k]
        tasks[2 * k + 1] = KIND * order[k] + LANE
        tasks[2 * n + k] = KIND * order[k] + FULL
    return tasks


@nb.njit(cache=True, nogil=True)
def _changed(order: Ints, segment_of: Ints, area: Ints, segment: Ints) -> Ints:
    """Return a list with one change: two change places, one moves, or one way comes together."""
    n, new = len(order), order.copy()
    kind = np.random.randint(0, 3)  # noqa: NPY002 -- compiled code has no generators
    i, j = np.random.randint(0, n), np.random.randint(0, n)  # noqa: NPY002
    if kind == 0:
        new[i], new[j] = order[j], order[i]
    elif kind == 1:
        moved, k = order[i], 0
        for m in range(n):
            if m != i:
                if k == j:
                    k += 1
                new[k] = order[m]
                k += 1
        new[j] = moved
    elif len(area):
        first = area[np.random.randint(0, len(area))]  # noqa: NPY002
        together = np.zeros(n, np.bool_)
        for p in range(len(area)):
            if area[p] == first:
                for m in range(n):
                    together[m] |= segment_of[order[m]] == segment[p]
        start, k = n, 0
        for m in range(n):
            if together[m]:
                start = min(start, m)
        for m in range(n):
            if m < start or together[m]:
                new[k] = order[m]
                k += 1
        for m in range(start, n):
            if not together[m]:
                new[k] = order[m]
                k += 1
    return new


@nb.njit(cache=True, nogil=True)
def better_order(
    order: Ints, rounds: int, seed: int, area: Ints, segment: Ints, cost: Floats, group: Ints,
    site: tuple[Any, ...],
) -> tuple[Ints, float]:  # fmt: skip
    """Anneal the list of blockages; returns the best list found and what is lost by it.

    Parameters
    ----------
    order
        The list to start from.
    rounds
        How many changes are tried.
    seed
        Of the random changes.
    area, segment, cost
        See `Losses`.
    group
        [pair] of the pairs with the same number the dearest counts; sorted.
    site
        Arguments of `run_crews` after the list of tasks.
    """
    np.random.seed(seed)  # noqa: NPY002
    segment_of = site[1]
    now = order.copy()
    opened = run_crews(_tasks(now), *site)[2]
    value = lost(opened, group, segment, cost)
    best, least = now.copy(), value
    heat = HEAT * abs(value)
    for n in range(rounds):
        new = _changed(now, segment_of, area, segment)
        opened = run_crews(_tasks(new), *site)[2]
        found = lost(opened, group, segment, cost)
        found += LATE * abs(value) * np.minimum(opened[:, 0], 1e3).sum() / max(1, len(opened))
        cool = heat * (1.0 - n / rounds) ** 2
        if found < value or np.random.random() < np.exp((value - found) / max(cool, 1e-300)):  # noqa: NPY002
            now, value = new, found
            if value < least:
                best, least = now.copy(), value
    return best, least
