"""Compiled kernels: a proven bound on every schedule, and the few that could still be better.

A team is relaxed to a clock: each job costs it its work and the shortest way to it from
anywhere, on a grid on which all times are rounded down. The best way through the clock at
prices of the jobs is a shortest path; prices are moved until each job is done about once
(Lagrangian relaxation of "each job once"; with prices at the optimum this is the linear
relaxation by time steps of Dyer and Wolsey 1990).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.clearance.kernels_rescue import arrival, cost_at, finish

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Dispatch, Floats, Ints

GRAIN = 1e-9
PATIENCE = 6  # rounds without a better bound after which the steps are halved


@nb.njit(cache=True, nogil=True)
def presence(net: Dispatch, team: int) -> Floats:
    """Return [points]: the earliest moment at which a team can be at a point, by any way."""
    points = net.travel_h.shape[2]
    found = np.full(points, np.inf)
    found[net.start_point[team]] = net.opens[team]
    settled = np.zeros(points, np.bool_)
    for _ in range(points):
        at, when = -1, np.inf
        for p in range(points):
            if not settled[p] and found[p] < when:
                at, when = p, found[p]
        if at < 0:
            break
        settled[at] = True
        for p in range(points):
            if not settled[p]:
                there, _ = arrival(net, team, at, p, when)
                found[p] = min(found[p], there)
    return found


@nb.njit(cache=True, nogil=True)
def shortest_in(net: Dispatch, team: int) -> Floats:
    """Return [jobs]: the shortest way to a job from the base or another job, any day, in days."""
    n = net.work.shape[1]
    kind = net.travel_of[team]
    best = np.full(n, np.inf)
    for state in range(net.travel_h.shape[1]):
        for j in range(n):
            best[j] = min(best[j], net.travel_h[kind, state, net.start_point[team], net.point[j]])
            for i in range(n):
                if i != j and net.work[team, i] < np.inf:
                    hours = net.travel_h[kind, state, net.point[i], net.point[j]]
                    best[j] = min(best[j], hours)
    return best / net.day_h[team]


@nb.njit(cache=True, nogil=True)
def relaxed_times(net: Dispatch, kinds: Ints, steps: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return clocks: first step and last [kinds], steps of a job, earliest finish [kinds, jobs].

    A job that a kind cannot do takes more than `steps`.
    """
    n = net.work.shape[1]
    first, last = np.zeros(len(kinds), np.int64), np.full(len(kinds), steps, np.int64)
    length = np.full((len(kinds), n), steps + 1, np.int64)
    early = np.full((len(kinds), n), steps + 1, np.int64)
    for y in range(len(kinds)):
        team = kinds[y]
        near, there = shortest_in(net, team), presence(net, team)
        first[y] = int(net.opens[team] / net.step + GRAIN)
        if net.closes[team] < np.inf:
            last[y] = min(steps, int(net.closes[team] / net.step + 1e-6))
        for j in range(n):
            takes = net.work[team, j] + near[j]
            begin = max(there[net.point[j]], net.release[j])
            if takes < np.inf and begin < np.inf:
                length[y, j] = max(1, int(takes / net.step + GRAIN))
                soonest = (begin + net.work[team, j]) / net.step
                early[y, j] = max(first[y] + length[y, j], int(soonest + GRAIN))
    return first, last, length, early


@nb.njit(cache=True, nogil=True)
def _free_order(
    cost: Floats, price: Floats, first: int, last: int, length: Ints, early: Ints, count: Ints
) -> float:
    """Return the least reduced cost of one clock and count its jobs; a job may come again."""
    n = len(price)
    best = np.zeros(last + 1)
    which = np.full(last + 1, -1, np.int64)
    for t in range(first + 1, last + 1):
        best[t] = best[t - 1]
        for j in range(n):
            if t >= early[j]:
                value = best[t - length[j]] + cost[t, j] - price[j]
                if value < best[t]:
                    best[t], which[t] = value, j
    t = last
    while t > first:
        j = which[t]
        if j >= 0:
            count[j] += 1
            t -= length[j]
        else:
            t -= 1
    return float(best[last]) if last > first else 0.0


@nb.njit(cache=True, nogil=True)
def _by_ratio(
    cost: Floats, price: Floats, first: int, last: int, length: Ints, order: Ints, count: Ints
) -> float:
    """Return the same for jobs in a fixed order, each at most once."""
    n = len(order)
    best = np.full(last + 1, np.inf)
    best[first] = 0.0
    taken = np.zeros((n, last + 1), np.bool_)
    for k in range(n):
        j = order[k]
        size = length[j]
        for t in range(last, first + size - 1, -1):
            value = best[t - size] + cost[t, j] - price[j]
            if value < best[t]:
                best[t] = value
                taken[k, t] = True
    t = int(np.argmin(best))
    least = float(best[t])
    for k in range(n - 1, -1, -1):
        if taken[k, t]:
            count[order[k]] += 1
            t -= length[order[k]]
    return least


@nb.njit(cache=True, nogil=True)
def value_of_prices(
    price: Floats, by_step: Floats, many: Ints, first: Ints, last: Ints, length: Ints,
    early: Ints, order: Ints, count: Ints, least: Floats,
) -> float:  # fmt: skip
    """Return the bound at given prices; fills how often each job is done and each clock's part.

    Parameters
    ----------
    by_step
        [steps, jobs] cost by step of finish.
    many
        [kinds] teams of each kind.
    order
        [kinds, jobs or 0] order of the jobs where it is known, else no columns.
    """
    total = price.sum()
    count[:] = 0
    once = np.zeros(len(price), np.int64)
    for y in range(len(many)):
        once[:] = 0
        if order.shape[1] > 0:
            least[y] = _by_ratio(by_step, price, first[y], last[y], length[y], order[y], once)
        else:
            least[y] = _free_order(by_step, price, first[y], last[y], length[y], early[y], once)
        total += many[y] * least[y]
        count += many[y] * once
    return float(total)


@nb.njit(cache=True, nogil=True)
def ascend(
    price: Floats, cap: Floats, upper: float, rounds: int, by_step: Floats, many: Ints,
    first: Ints, last: Ints, length: Ints, early: Ints, order: Ints,
) -> float:  # fmt: skip
    """Move prices up the bound by subgradient steps; return the best bound, prices in place.

    Parameters
    ----------
    cap
        [jobs] what a job is worth at most: leaving it undone costs that.
    upper
        Cost of a known schedule: the steps aim at it (Polyak).
    """
    n = len(price)
    count, least = np.zeros(n, np.int64), np.zeros(len(many))
    best, best_price = -np.inf, price.copy()
    move, aim, idle = np.zeros(n), 1.0, 0
    for _ in range(rounds):
        value = value_of_prices(
            price, by_step, many, first, last, length, early, order, count, least
        )
        if value > best + 1e-7 * abs(upper):
            best, idle = value, 0
            best_price[:] = price
        else:
            idle += 1
            if idle >= PATIENCE:
                idle, aim = 0, aim * 0.6
                price[:] = best_price
                move[:] = 0.0
        if best >= upper - 1e-9 * max(1.0, abs(upper)) or aim < 1e-3:
            break
        square = 0.0
        for j in range(n):
            slope = 1.0 - count[j]
            if slope > 0 and price[j] >= cap[j]:
                slope = 0.0
            move[j] = slope + 0.3 * move[j]
            square += move[j] * move[j]
        if square == 0.0:
            break
        step = aim * max(upper - value, 1e-6 * abs(upper)) / square
        for j in range(n):
            price[j] = max(0.0, min(cap[j], price[j] + step * move[j]))
    price[:] = best_price
    return best


@nb.njit(cache=True, nogil=True)
def still_to_come(by_step: Floats, price: Floats, last: int, length: Ints, early: Ints) -> Floats:
    """Return [steps]: least reduced cost of all that a clock can still do from a step on."""
    best = np.zeros(last + 1)
    for t in range(last - 1, -1, -1):
        best[t] = best[t + 1]
        for j in range(len(price)):
            end = max(t + length[j], early[j])
            if end <= last:
                best[t] = min(best[t], by_step[end, j] - price[j] + best[end])
    return best


@nb.njit(cache=True, nogil=True)
def rows_within(
    net: Dispatch, team: int, price: Floats, ahead: Floats, limit: float,
    rows: Ints, costs: Floats, most_steps: int,
) -> int:  # fmt: skip
    """List every order of jobs of a team whose reduced cost stays within a limit.

    Whatever is not listed is in no schedule that is better than the known one.

    Parameters
    ----------
    ahead
        As `still_to_come` gives it.
    limit
        Most reduced cost.
    rows, costs
        [most, depth], [most]: filled; jobs in order, −1 after the last, and the true cost.
    most_steps
        Tries after which it is given up.

    Returns
    -------
    int
        Number of rows, −1 where there are too many.
    """
    n, depth = net.work.shape[1], rows.shape[1]
    stack = np.full(depth, -1, np.int64)
    tried = np.zeros(depth + 1, np.int64)
    when, cost, worth = np.zeros(depth + 1), np.zeros(depth + 1), np.zeros(depth + 1)
    used = np.zeros(n, np.bool_)
    when[0] = net.opens[team]
    level, found, steps = 0, 0, 0
    while level >= 0:
        if tried[level] >= n or level >= depth:
            if level >= depth:
                return -1
            level -= 1
            if level >= 0:
                used[stack[level]] = False
            continue
        job = tried[level]
        tried[level] += 1
        steps += 1
        if steps > most_steps:
            return -1
        if used[job]:
            continue
        at = net.start_point[team] if level == 0 else net.point[stack[level - 1]]
        end = finish(net, team, at, when[level], job)
        if end == np.inf:
            continue
        more = cost_at(net, job, end)
        left = worth[level] + more - price[job]
        step = min(int(end / net.step + GRAIN), len(ahead) - 1)
        if left + ahead[step] > limit:
            continue
        stack[level], used[job] = job, True
        level += 1
        when[level], cost[level], worth[level] = end, cost[level - 1] + more, left
        tried[level] = 0
        if left <= limit:
            if found >= len(costs):
                return -1
            rows[found, :] = -1
            rows[found, :level] = stack[:level]
            costs[found] = cost[level]
            found += 1
    return found
