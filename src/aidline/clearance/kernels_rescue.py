"""Compiled kernels: times of a schedule, and the search for a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Dispatch, Floats, Ints

GRAIN = 1e-9  # days or cost that no one can see
BLINK = 0.02  # chance to pass over a place when a job is put back: keeps the search moving


@nb.njit(cache=True, nogil=True)
def arrival(net: Dispatch, team: int, start: int, stop: int, when: float) -> tuple[float, float]:
    """Return the earliest arrival of a team and when it leaves for it, days; infinite = never.

    It may wait for a day on which a road is open, or open again for a shorter way.
    """
    best, leave = np.inf, np.inf
    last = len(net.state_of_day) - 1
    if last == 0 or when == np.inf:
        way = net.travel_h[net.travel_of[team], net.state_of_day[0], start, stop]
        return when + way / net.day_h[team], when
    day = int(when + GRAIN)
    while True:
        state = net.state_of_day[min(day, last)]
        out = max(when, float(day))
        there = out + net.travel_h[net.travel_of[team], state, start, stop] / net.day_h[team]
        if there < best - GRAIN:
            best, leave = there, out
        day += 1
        if day > last or day >= best:
            return best, leave


@nb.njit(cache=True, nogil=True)
def finish(net: Dispatch, team: int, start: int, when: float, job: int) -> float:
    """Return when a team that is free at a point at a time is done with a job; inf = cannot."""
    if net.work[team, job] == np.inf:
        return np.inf
    there, _ = arrival(net, team, start, net.point[job], when)
    done = max(there, net.release[job]) + net.work[team, job]
    late = done > net.closes[team] + GRAIN or done > net.due[job] + GRAIN
    return np.inf if late else done


@nb.njit(cache=True, nogil=True)
def cost_at(net: Dispatch, job: int, when: float) -> float:
    """Return the cost of a job that is finished at a time."""
    last = net.cost.shape[1] - 1
    at = when / net.step
    k = min(int(at), last - 1)
    low = net.cost[job, k]
    return low + (at - k) * (net.cost[job, k + 1] - low)


@nb.njit(cache=True, nogil=True)
def times_of(net: Dispatch, order: Ints) -> tuple[Floats, Floats, Floats, Ints, float]:
    """Return when the team leaves, begins and finishes each job, the team (−1 = nobody), cost.

    A job that cannot be done in its place is left out; it costs what undone jobs cost.
    """
    n = net.work.shape[1]
    leave, begin = np.full(n, np.inf), np.full(n, np.inf)
    done, who = np.full(n, np.inf), np.full(n, -1, np.int64)
    for team in range(order.shape[0]):
        at, when = net.start_point[team], net.opens[team]
        for q in range(order.shape[1]):
            job = order[team, q]
            if job < 0:
                break
            end = finish(net, team, at, when, job)
            if end == np.inf:
                continue
            _, leave[job] = arrival(net, team, at, net.point[job], when)
            begin[job], done[job], who[job] = end - net.work[team, job], end, team
            at, when = net.point[job], end
    total = 0.0
    for job in range(n):
        total += net.undone[job] if who[job] < 0 else cost_at(net, job, done[job])
    return leave, begin, done, who, total


@nb.njit(cache=True, nogil=True)
def _team_cost(net: Dispatch, team: int, row: Ints, done: Floats) -> float:
    """Work out the times of one team; infinite where a job cannot be done in its place."""
    at, when, total = net.start_point[team], net.opens[team], 0.0
    for q in range(len(row)):
        job = row[q]
        if job < 0:
            break
        when = finish(net, team, at, when, job)
        if when == np.inf:
            return np.inf
        done[q] = when
        total += cost_at(net, job, when)
        at = net.point[job]
    return total


@nb.njit(cache=True, nogil=True)
def _more_with(
    net: Dispatch, team: int, row: Ints, done: Floats, q: int, job: int, limit: float
) -> float:
    """Return what a team's jobs cost more when a job comes in before place q.

    As soon as it is above the limit it is left at that: jobs behind only get later.
    """
    at, when = net.start_point[team], net.opens[team]
    if q > 0:
        at, when = net.point[row[q - 1]], done[q - 1]
    when = finish(net, team, at, when, job)
    if when == np.inf:
        return np.inf
    more, at = cost_at(net, job, when), net.point[job]
    for k in range(q, len(row)):
        later = row[k]
        if later < 0 or more >= limit:
            break
        when = finish(net, team, at, when, later)
        if when == np.inf:
            return np.inf
        more += cost_at(net, later, when) - cost_at(net, later, done[k])
        at = net.point[later]
    return more


@nb.njit(cache=True, nogil=True)
def _draw(seed: Ints) -> float:
    """Return the next number of a small generator in [0, 1): the same on every machine."""
    seed[0] = (seed[0] * 48271) % 2147483647
    return float(seed[0]) / 2147483647.0


@nb.njit(cache=True, nogil=True)
def put_in(
    net: Dispatch, job: int, order: Ints, count: Ints, done: Floats, cost: Floats, seed: Ints
) -> bool:
    """Put a job where it costs least; false where that costs more than to leave it out.

    Parameters
    ----------
    order, count, done, cost
        [teams, places], [teams], [teams, places], [teams]: the schedule, which is changed.
    seed
        [1] of the generator; 0 = every place is looked at.
    """
    best, best_team, best_q = net.undone[job] - GRAIN, -1, 0
    for team in range(net.work.shape[0]):
        if net.work[team, job] == np.inf or count[team] >= order.shape[1] - 1:
            continue
        for q in range(count[team] + 1):
            if seed[0] > 0 and _draw(seed) < BLINK:
                continue
            more = _more_with(net, team, order[team], done[team], q, job, best)
            if more < best - GRAIN:
                best, best_team, best_q = more, team, q
    if best_team < 0:
        return False
    row = order[best_team]
    for k in range(count[best_team], best_q, -1):
        row[k] = row[k - 1]
    row[best_q] = job
    count[best_team] += 1
    cost[best_team] = _team_cost(net, best_team, row, done[best_team])
    return True


@nb.njit(cache=True, nogil=True)
def _take_out(team: int, q: int, order: Ints, count: Ints) -> int:
    job = order[team, q]
    for k in range(q, count[team] - 1):
        order[team, k] = order[team, k + 1]
    count[team] -= 1
    order[team, count[team]] = -1
    return int(job)


@nb.njit(cache=True, nogil=True)
def improve(
    net: Dispatch, order: Ints, rank: Ints, rounds: int, seed_number: int, warmth: float
) -> float:
    """Improve a schedule in place: take some jobs out, put each back where it costs least.

    Ruin and recreate (Schrimpf et al. 2000) with a falling chance to accept what is worse.

    Parameters
    ----------
    order
        [teams, places] the start, and then the best schedule.
    rank
        [jobs] the order in which a new schedule would take them: every other round puts back
        in this order, the others in a drawn one.
    rounds
        Number of rounds.
    seed_number
        Of the draws.
    warmth
        What is accepted as worse at the start, in cost.

    Returns
    -------
    float
        Cost of the best schedule.
    """
    teams, n = net.work.shape
    seed = np.array([1 + (seed_number * 7919 + 12345) % 2147483646])
    for _ in range(8):
        _draw(seed)
    done, cost = np.zeros(order.shape), np.zeros(teams)
    count = np.zeros(teams, np.int64)
    out = np.ones(n, np.bool_)
    for team in range(teams):
        while count[team] < order.shape[1] and order[team, count[team]] >= 0:
            out[order[team, count[team]]] = False
            count[team] += 1
        cost[team] = _team_cost(net, team, order[team], done[team])
    total = cost.sum() + net.undone[out].sum()
    best, best_order = total, order.copy()
    old_order, old_count, old_done = order.copy(), count.copy(), done.copy()
    old_cost, old_out = cost.copy(), out.copy()
    keys, most = np.empty(n), max(2, min(14, n // 3 + 1))
    for turn in range(rounds):
        wanted = 1 + int(_draw(seed) * most)
        strings = _draw(seed) < 0.5
        busy = count.sum()
        while wanted > 0 and busy > 0:
            at = int(_draw(seed) * busy)
            team = 0
            while at >= count[team]:
                at -= count[team]
                team += 1
            many = min(wanted, count[team] - at, 1 + int(_draw(seed) * 3)) if strings else 1
            for _ in range(many):
                out[_take_out(team, at, order, count)] = True
            cost[team] = _team_cost(net, team, order[team], done[team])
            wanted -= many
            busy -= many
        drawn = _draw(seed) < 0.5
        for job in range(n):
            keys[job] = _draw(seed) if drawn else float(rank[job])
        for job in np.argsort(keys):
            if out[job] and put_in(net, job, order, count, done, cost, seed):
                out[job] = False
        new = cost.sum() + net.undone[out].sum()
        limit = -warmth * (1.0 - turn / rounds) * np.log(max(_draw(seed), 1e-12))
        if new <= total + limit:
            total = new
            old_order[:], old_count[:], old_done[:] = order, count, done
            old_cost[:], old_out[:] = cost, out
            if total < best - GRAIN:
                best = total
                best_order[:] = order
        else:
            order[:], count[:], done[:] = old_order, old_count, old_done
            cost[:], out[:] = old_cost, old_out
    order[:] = best_order
    return best
