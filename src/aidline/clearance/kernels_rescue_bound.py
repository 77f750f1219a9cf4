"""Compiled kernels: a proven bound on every schedule, and the few that could still be better.

Each job has a price, which whoever does it is paid. At given prices every team looks for its
own best row of jobs; the sum over all teams and prices is a bound (Lagrangian relaxation of
"each job once"), and the prices are moved until each job is done about once. The best row of a
team is bounded by a shortest path over (job, step of time) on a grid on which all times are
rounded down, and found exactly by depth-first search with that bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.clearance.kernels_rescue import arrival
from aidline.clearance.kernels_rescue_rows import best_row

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Clocks, Dispatch, Floats, Ints

GRAIN = 1e-9
FAR = 1 << 20  # steps: no way
PATIENCE = 6  # rounds without a better bound after which the steps are shortened


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
def relax(
    net: Dispatch, kinds: Ints, step: float, able: Ints, count: Ints, early: Ints, firm: Ints,
    near: Ints, length: Ints,
) -> None:  # fmt: skip
    """Work out the clock of each kind of team: its jobs, and steps of time between them.

    Parameters
    ----------
    step
        Days between steps.
    able, count
        [kinds, jobs], [kinds]: filled with the jobs that the kind can ever do. The other arrays
        go by the place in `able`.
    early
        [kinds, jobs]: filled with the first step on which a job can be finished.
    firm
        [kinds, jobs]: 1 where a row of jobs never gets slower when this job is left out.
    near, length
        [kinds, jobs, NEAR], [kinds, jobs, NEAR + 1]: filled with the jobs from which the way
        to a job is shortest (by the best day; the number of all jobs = the base, −1 = none),
        and steps from the finish there to the finish of the job; the last column holds from
        anywhere else.
    """
    n, states, most = net.work.shape[1], net.travel_h.shape[1], near.shape[2]
    takes = np.empty((n + 1, n), np.int64)
    for y in range(len(kinds)):
        team = kinds[y]
        there, kind, day_h = presence(net, team), net.travel_of[team], net.day_h[team]
        m = 0
        for j in range(n):
            begin = max(there[net.point[j]], net.release[j])
            soonest = begin + net.work[team, j]
            if soonest <= min(net.closes[team], net.due[j]) + GRAIN and soonest < np.inf:
                able[y, m], early[y, m] = j, int(soonest / step + GRAIN)
                m += 1
        count[y] = m
        for b in range(m):
            k = able[y, b]
            for a in range(m + 1):
                start = net.start_point[team] if a == m else net.point[able[y, a]]
                hours = np.inf
                for state in range(states):
                    hours = min(hours, net.travel_h[kind, state, start, net.point[k]])
                steps = (net.work[team, k] + hours / day_h) / step
                takes[a, b] = max(1, int(steps + GRAIN)) if steps < FAR else FAR
            takes[b, b] = FAR
            order = np.argsort(takes[: m + 1, b])
            for q in range(most):
                near[y, b, q] = -1
                if q <= m and takes[order[q], b] < FAR:
                    near[y, b, q] = order[q] if order[q] < m else n
                    length[y, b, q] = takes[order[q], b]
            length[y, b, most] = takes[order[most], b] if most <= m else FAR
        worst, slowest = 0, np.zeros(m, np.int64)
        for b in range(m):
            for a in range(m + 1):
                if a != b:
                    slowest[b] = max(slowest[b], takes[a, b])
        for a in range(m):
            worst = 0
            for b in range(m):
                if b != a:
                    worst = max(worst, slowest[b] - takes[a, b])
            firm[y, a] = 1 if states == 1 and takes[: m + 1, a].min() >= worst + 2 else 0


@nb.njit(cache=True, nogil=True)
def look_ahead(
    net: Clocks, y: int, price: Floats, everything: bool, ahead: Floats, gain: Floats, then: Ints
) -> tuple[float, int]:
    """Work out the least reduced cost of all that a clock can still do, from any job and step.

    Parameters
    ----------
    price
        [jobs].
    everything
        Look at all jobs and steps; else a job that costs more than its price is left out where
        that makes no row slower, and time ends with the last job that is worth it: the last
        job of a best row is.
    ahead, then
        [jobs + 1], [jobs + 1, steps + 1]: room, and filled with the next job after the finish
        of a job (by place in `able`; the last row: from the base) at a step, −1 = none.
    gain
        [jobs, steps + 1]: filled with the reduced cost of a job finished on a step and of the
        best that may follow; infinite for jobs left out.

    Returns
    -------
    tuple
        Least reduced cost from the base (0 = nothing is worth it), and the last step looked at.
    """
    m, last, first, n = net.jobs[y], net.last[y], net.first[y], len(price)
    most = net.near.shape[2]
    active, on = np.empty(m + 1, np.int64), np.zeros(n + 1, np.bool_)
    some, latest = 0, 0
    for b in range(m):
        k, begin = net.able[y, b], min(net.early[y, b], last)
        worth = net.by_step[begin, k] < price[k]
        if not everything and not worth and net.firm[y, b] == 1:
            continue
        active[some], on[b] = b, True
        some += 1
        if worth:
            end = max(latest, begin)
            while end < last and net.by_step[end + 1, k] < price[k]:
                end += 1
            latest = end
    if everything:
        latest = last
    if some == 0 or latest < first:
        return 0.0, -1
    for b in range(m):
        if not on[b]:
            gain[b, first : latest + 1] = np.inf
    active[some], on[n] = n, True
    for t in range(latest, first - 1, -1):
        best, second, which, other = 0.0, 0.0, -1, -1
        for x in range(some):
            b = active[x]
            end = max(t + net.length[y, b, most], net.early[y, b])
            if end <= latest and gain[b, end] < second:
                if gain[b, end] < best:
                    second, other = best, which
                    best, which = gain[b, end], b
                else:
                    second, other = gain[b, end], b
        for x in range(some + 1):
            a = active[x]
            ahead[a], then[a, t] = (second, other) if which == a else (best, which)
        for x in range(some):
            b = active[x]
            for q in range(most):
                a = net.near[y, b, q]
                end = max(t + net.length[y, b, q], net.early[y, b])
                if a < 0 or end > latest:
                    break
                if on[a] and gain[b, end] < ahead[a]:
                    ahead[a], then[a, t] = gain[b, end], b
        for x in range(some):
            b = active[x]
            k = net.able[y, b]
            gain[b, t] = net.by_step[t, k] - price[k] + ahead[b]
    return float(ahead[n]), latest


@nb.njit(cache=True, nogil=True)
def _follow(net: Clocks, y: int, then: Ints, latest: int, jobs: int, times: Ints) -> None:
    """Count the jobs of the best row of a clock."""
    a, t, most = jobs, net.first[y], net.near.shape[2]
    while t <= latest and then[a, t] >= 0:
        b = then[a, t]
        length = net.length[y, b, most]
        for q in range(most):
            if net.near[y, b, q] == a:
                length = net.length[y, b, q]
        t = max(t + length, net.early[y, b])
        times[net.able[y, b]] += net.many[y]
        a = b


@nb.njit(cache=True, nogil=True)
def value_of_prices(
    net: Dispatch, clocks: Clocks, price: Floats, tries: int, times: Ints, least: Floats,
    ahead: Floats, gain: Floats, then: Ints,
) -> float:  # fmt: skip
    """Return the bound at given prices.

    Parameters
    ----------
    tries
        0 = rows on the grid, on which a job may come twice; else rows are exact, with so many
        tries for each kind of team.
    times, least
        [jobs], [kinds]: filled with how often each job is done, and the part of each team.
    ahead, gain, then
        Room for `look_ahead`.
    """
    total = price.sum()
    times[:] = 0
    row = np.empty(min(len(price), 48), np.int64)
    for y in range(len(clocks.kinds)):
        least[y], latest = look_ahead(clocks, y, price, False, ahead, gain, then)
        exact = False
        if tries > 0 and least[y] < 0:
            value = best_row(net, clocks, y, price, gain, latest, least[y], tries, row)
            exact = row[0] >= 0 or value == 0.0
            least[y] = max(least[y], value)
            if exact:
                for q in range(len(row)):
                    if row[q] < 0:
                        break
                    times[row[q]] += clocks.many[y]
        if not exact and least[y] < 0:
            _follow(clocks, y, then, latest, len(price), times)
        total += clocks.many[y] * least[y]
    return float(total)


@nb.njit(cache=True, nogil=True)
def ascend(
    net: Dispatch, clocks: Clocks, price: Floats, upper: float, rounds: int, tries: int,
    goal: float,
) -> float:  # fmt: skip
    """Move prices up the bound by subgradient steps; return the best bound, prices in place.

    Parameters
    ----------
    upper
        Cost of a known schedule: the steps aim at it (Polyak 1969).
    rounds, tries
        Most rounds; as in `value_of_prices`.
    goal
        A bound that is enough.
    """
    n = len(price)
    times, least = np.zeros(n, np.int64), np.zeros(len(clocks.kinds))
    ahead, gain = np.zeros(n + 1), np.zeros((n, clocks.by_step.shape[0]))
    then = np.full((n + 1, clocks.by_step.shape[0]), -1, np.int64)
    best, best_price = -np.inf, price.copy()
    move, aim, idle = np.zeros(n), 1.0, 0
    for _ in range(rounds):
        value = value_of_prices(net, clocks, price, tries, times, least, ahead, gain, then)
        if value > best + 1e-5 * max(1e-9, abs(upper - best)) or best == -np.inf:
            best, idle = value, 0
            best_price[:] = price
        else:
            idle += 1
            if idle >= PATIENCE:
                idle, aim = 0, aim * 0.6
                price[:] = best_price
                move[:] = 0.0
        if best >= goal or aim < 1e-2:
            break
        square = 0.0
        for j in range(n):
            slope = 1.0 - times[j]
            if slope > 0 and price[j] >= clocks.cap[j]:
                slope = 0.0
            move[j] = slope + 0.3 * move[j]
            square += move[j] * move[j]
        if square == 0.0:
            break
        step = aim * max(upper - value, 1e-6 * abs(upper)) / square
        for j in range(n):
            price[j] = max(0.0, min(clocks.cap[j], price[j] + step * move[j]))
    price[:] = best_price
    return float(best)
