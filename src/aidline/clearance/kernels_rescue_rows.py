"""Compiled kernels: rows of jobs of one team by depth-first search, in their true times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.clearance.kernels_rescue import cost_at, finish

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Clocks, Dispatch, Floats, Ints

GRAIN = 1e-9


@nb.njit(cache=True, nogil=True)
def best_row(
    net: Dispatch, clocks: Clocks, y: int, price: Floats, gain: Floats, latest: int,
    bound: float, tries: int, row: Ints,
) -> float:  # fmt: skip
    """Return the least reduced cost of any row of jobs of a team, and fill in the row.

    Depth-first, with `gain` (see `look_ahead`) as the bound of all that may follow. Where the
    tries run out, the bound itself comes back (still a bound), and the row is empty.
    """
    team, m, depth = clocks.kinds[y], clocks.jobs[y], len(row)
    stack, tried = np.full(depth + 1, -1, np.int64), np.zeros(depth + 1, np.int64)
    when, worth = np.zeros(depth + 1), np.zeros(depth + 1)
    used = np.zeros(m, np.bool_)
    when[0] = net.opens[team]
    row[:] = -1
    hopes = np.empty(m)
    for b in range(m):
        begin = clocks.early[y, b]
        hopes[b] = gain[b, begin] if begin <= latest else np.inf
    by_hope = np.argsort(hopes)
    while m > 0 and hopes[by_hope[m - 1]] == np.inf:
        m -= 1
    best, level, steps = -GRAIN, 0, 0
    while level >= 0:
        if tried[level] >= m or level >= depth:
            if level >= depth:
                steps = tries  # deeper than there is room: the bound has to do
            level -= 1
            if level >= 0:
                used[stack[level]] = False
            continue
        b = by_hope[tried[level]]
        tried[level] += 1
        steps += 1
        k = clocks.able[y, b]
        now = int(when[level] / clocks.step + GRAIN)
        soonest = max(now + clocks.length[y, b, 0], clocks.early[y, b])
        if used[b] or soonest > latest or worth[level] + gain[b, soonest] >= best - GRAIN:
            continue
        if steps > tries:
            row[:] = -1
            return min(0.0, bound)
        at = net.start_point[team] if level == 0 else net.point[clocks.able[y, stack[level - 1]]]
        end = finish(net, team, at, when[level], k)
        if end == np.inf:
            continue
        end_step = int(end / clocks.step + GRAIN)
        if end_step > latest or worth[level] + gain[b, end_step] >= best - GRAIN:
            continue
        stack[level], used[b] = b, True
        worth[level + 1] = worth[level] + cost_at(net, k, end) - price[k]
        level += 1
        when[level], tried[level] = end, 0
        if worth[level] < best - GRAIN:
            best = worth[level]
            row[:] = -1
            for q in range(level):
                row[q] = clocks.able[y, stack[q]]
    return float(min(0.0, best))


@nb.njit(cache=True, nogil=True)
def rows_within(
    net: Dispatch, clocks: Clocks, y: int, price: Floats, gain: Floats, limit: float,
    rows: Ints, costs: Floats, tries: int,
) -> int:  # fmt: skip
    """List every row of jobs of a team whose reduced cost stays within a limit.

    Whatever is not listed is in no schedule that is better than the known one.

    Parameters
    ----------
    gain
        As `look_ahead` gives it for all jobs.
    limit
        Most reduced cost.
    rows, costs
        [most, depth], [most]: filled; jobs in order, −1 after the last, and the true cost.
    tries
        Tries after which it is given up.

    Returns
    -------
    int
        Number of rows, −1 where there are too many.
    """
    team, m, depth = clocks.kinds[y], clocks.jobs[y], rows.shape[1]
    last = clocks.last[y]
    stack, tried = np.full(depth + 1, -1, np.int64), np.zeros(depth + 1, np.int64)
    when, cost, worth = np.zeros(depth + 1), np.zeros(depth + 1), np.zeros(depth + 1)
    used = np.zeros(m, np.bool_)
    when[0] = net.opens[team]
    level, found, steps = 0, 0, 0
    while level >= 0:
        if level >= depth:
            return -1
        if tried[level] >= m:
            level -= 1
            if level >= 0:
                used[stack[level]] = False
            continue
        b = tried[level]
        tried[level] += 1
        if used[b]:
            continue
        k = clocks.able[y, b]
        now = int(when[level] / clocks.step + GRAIN)
        soonest = max(now + clocks.length[y, b, 0], clocks.early[y, b])
        # beyond the grid a job costs at least its price
        if soonest <= last and worth[level] + gain[b, soonest] > limit:
            continue
        steps += 1
        if steps > tries:
            return -1
        at = net.start_point[team] if level == 0 else net.point[clocks.able[y, stack[level - 1]]]
        end = finish(net, team, at, when[level], k)
        if end == np.inf:
            continue
        end_step = int(end / clocks.step + GRAIN)
        hope = gain[b, end_step] if end_step <= last else 0.0
        if worth[level] + hope > limit:
            continue
        more = cost_at(net, k, end)
        stack[level], used[b] = b, True
        cost[level + 1], worth[level + 1] = cost[level] + more, worth[level] + more - price[k]
        level += 1
        when[level], tried[level] = end, 0
        if worth[level] <= limit:
            if found >= len(costs):
                return -1
            rows[found, :] = -1
            for q in range(level):
                rows[found, q] = clocks.able[y, stack[q]]
            costs[found] = cost[level]
            found += 1
    return found
