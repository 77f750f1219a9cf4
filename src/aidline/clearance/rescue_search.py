"""Solves the scheduling problem of search and rescue: a schedule and its bound."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import numpy as np

from aidline.clearance import kernels_rescue as search
from aidline.clearance import kernels_rescue_bound as bounds
from aidline.clearance.rescue_problem import MOST_PER_TEAM, Clocks, Schedule, kinds_of_team
from aidline.clearance.rescue_proof import proved

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Dispatch, Floats, Ints

SMALL = 64  # jobs up to which an optimum is proved
GRID_ROUNDS, ROUNDS, MORE_ROUNDS = (120, 30), (120, 60), (40, 20)
"""Rounds of the bound, at small and large size: on the grid, exact, and again after a better
schedule."""
TRIES = 200_000  # of the exact row of one team
NEAR = 8  # jobs from which the way to a job is taken as it is; from others as the shortest
GRID_WORK = 60_000_000  # (job, near job, step) looked at by one round of the bound, at most
WORK = 1_200_000  # of one leg of the search: rounds × (jobs + teams), more of them undone: fewer
LEGS = (6, 3)  # of the search at small and large size; at small size each is longer
UNBOUNDED_LEGS = (5, 1)
WARMTH = 0.3  # of the search, against the cost of one job
MARGIN = 1.5  # how much longer than a known schedule the grid of the bound is
CLOSE = 1e-6  # relative gap at which a schedule counts as an optimum


def best_schedule(
    dispatch: Dispatch,
    *,
    start: Ints | None = None,
    seed: int = 0,
    time_limit_s: float = 60.0,
    gap: float = CLOSE,
    bounded: bool = True,
) -> Schedule:
    """Return a good schedule with its bound; at small size the optimum, proven.

    Search by ruin and recreate, a Lagrangian bound, and, where the two are near, all rows of
    jobs that could still be in a better schedule, among which the solver picks the best.

    Parameters
    ----------
    dispatch
        The problem.
    start
        Order of jobs to start from, as in `Schedule`; None = built by best insertion.
    seed
        Of the search. The same seed gives the same schedule, unless the time limit stops it.
    time_limit_s
        Seconds after which it stops with what it has.
    gap
        Relative gap at which it stops.
    bounded
        Work out a bound; else search only.
    """
    until = time.monotonic() + time_limit_s
    found = built(dispatch) if start is None else _valued(dispatch, start)
    if dispatch.jobs == 0 or dispatch.teams == 0:
        return dataclasses.replace(found, bound=found.value, proven=True)
    clocks, price, bound, at = None, np.zeros(0), -np.inf, np.inf
    large = int(dispatch.jobs > SMALL)
    for leg in range(LEGS[large] if bounded else UNBOUNDED_LEGS[large]):
        found = _searched(dispatch, found, seed, leg)
        if bounded and found.value < at:
            at = found.value
            if clocks is None:
                clocks = clocks_of(dispatch, _latest(dispatch, found))
                price = _first_prices(dispatch, clocks, found)
            goal = at - gap * abs(at)
            bound = max(bound, _ascended(dispatch, clocks, price, at, goal, first=leg == 0))
            found = dataclasses.replace(found, bound=min(bound, at))
            if not large and not _near(found, gap):
                left_s = max(0.5, until - time.monotonic())
                found = proved(dispatch, clocks, price, found, left_s)
        if found.proven or (bounded and _near(found, gap)) or time.monotonic() > until:
            break
    if bounded and _near(found, CLOSE):
        return dataclasses.replace(found, bound=found.value, proven=True)
    return found


def lower_bound(dispatch: Dispatch, known: Ints) -> float:
    """Return a bound that no schedule beats.

    Parameters
    ----------
    dispatch
        The problem.
    known
        Order of a schedule to aim at, as in `Schedule`.
    """
    found = _valued(dispatch, known)
    if dispatch.jobs == 0 or dispatch.teams == 0:
        return found.value
    clocks = clocks_of(dispatch, _latest(dispatch, found))
    price = _first_prices(dispatch, clocks, found)
    return min(found.value, _ascended(dispatch, clocks, price, found.value, np.inf, first=True))


def built(dispatch: Dispatch) -> Schedule:
    """Return a schedule by best insertion, the jobs that lose most per day of work first."""
    teams = dispatch.teams
    order = np.full((teams, MOST_PER_TEAM), -1, np.int64)
    count, done, cost = np.zeros(teams, np.int64), np.zeros(order.shape), np.zeros(teams)
    nothing = np.zeros(1, np.int64)
    if teams:
        for job in np.argsort(_rank(dispatch)).tolist():
            search.put_in(dispatch, job, order, count, done, cost, nothing)
    return _valued(dispatch, order)


def clocks_of(dispatch: Dispatch, latest: float) -> Clocks:
    """Relax the teams of a problem.

    Parameters
    ----------
    dispatch
        The problem.
    latest
        Finish of the last job in a known schedule. Where teams have no last moment, the grid
        ends some time after it; beyond it no job may have a price above its cost there.
    """
    kinds, many = kinds_of_team(dispatch)
    n, steps = dispatch.jobs, dispatch.cost.shape[1] - 1
    ends = bool(np.all(dispatch.closes <= steps * dispatch.step + 1e-6))
    if not ends:
        steps = min(steps, int(MARGIN * latest / dispatch.step) + 2)
    # a step is never longer than a job: rounded down to none, rows of jobs would have no end
    shortest = dispatch.work.min(initial=1e6, where=np.isfinite(dispatch.work))
    wanted = round(len(kinds) * n * NEAR * steps / GRID_WORK)
    coarse = max(1, min(wanted, int(shortest / dispatch.step)))
    step = coarse * dispatch.step
    by_step = np.ascontiguousarray(dispatch.cost[:, : steps + 1 : coarse].T)
    last = np.full(len(kinds), len(by_step) - 1, np.int64)
    if ends:
        last = np.minimum(last, (dispatch.closes[kinds] / step + 1e-6).astype(np.int64))
    able, early, firm = (np.zeros((len(kinds), n), np.int64) for _ in range(3))
    count, near = np.zeros(len(kinds), np.int64), np.zeros((len(kinds), n, NEAR), np.int64)
    length = np.zeros((len(kinds), n, NEAR + 1), np.int64)
    bounds.relax(dispatch, kinds, step, able, count, early, firm, near, length)
    cap = dispatch.undone if ends else np.minimum(dispatch.undone, by_step[-1])
    first = (dispatch.opens[kinds] / step + 1e-9).astype(np.int64)
    return Clocks(
        step, kinds, many, first, last, able, count, early, firm, near, length, by_step, cap.copy()
    )


def _latest(dispatch: Dispatch, found: Schedule) -> float:
    done = search.times_of(dispatch, found.order)[2]
    return float(np.max(done[np.isfinite(done)], initial=0.0))


def _valued(dispatch: Dispatch, order: Ints) -> Schedule:
    """Return the schedule with its cost, without the jobs that have no time in it."""
    who, total = search.times_of(dispatch, order)[3:]
    kept = np.full_like(order, -1)
    for team in range(dispatch.teams):
        row = [j for j in order[team].tolist() if j >= 0 and who[j] == team]
        kept[team, : len(row)] = row
    return Schedule(kept, float(total))


def _rank(dispatch: Dispatch) -> Ints:
    """Return [jobs]: the place of each job in the order of loss per day of work."""
    middle = dispatch.cost[:, dispatch.cost.shape[1] // 2]
    worth = middle / np.maximum(dispatch.work.min(axis=0), 1e-9)
    rank = np.empty(dispatch.jobs, np.int64)
    rank[np.argsort(-worth, kind="stable")] = np.arange(dispatch.jobs)
    return rank


def _searched(dispatch: Dispatch, found: Schedule, seed: int, leg: int) -> Schedule:
    order = found.order.copy()
    undone = dispatch.jobs - int((order >= 0).sum())  # tried anew in each round
    size = (dispatch.jobs + dispatch.teams) * (1.0 + undone / 7.0)
    rounds = int(np.clip(WORK / size, 200, 4000))
    if dispatch.jobs <= SMALL:
        rounds >>= max(0, LEGS[0] - 1 - leg)
    warmth = WARMTH * abs(found.value) / dispatch.jobs
    value = search.improve(dispatch, order, _rank(dispatch), rounds, seed + leg, warmth)
    better = value < found.value
    return dataclasses.replace(found, order=order, value=float(value)) if better else found


def _first_prices(dispatch: Dispatch, clocks: Clocks, found: Schedule) -> Floats:
    """Return prices to start from: what each job costs in the schedule."""
    done, who = search.times_of(dispatch, found.order)[2:4]
    end = np.where(who >= 0, done, 0.0)
    own = np.array([search.cost_at(dispatch, j, float(end[j])) for j in range(dispatch.jobs)])
    return np.minimum(np.where(who >= 0, own, dispatch.undone), clocks.cap)


def _ascended(
    dispatch: Dispatch, clocks: Clocks, price: Floats, value: float, goal: float, *, first: bool
) -> float:
    """Move the prices up: at first on the grid, then with the exact row of each team."""
    best, large = -np.inf, int(dispatch.jobs > SMALL)
    if first:
        best = bounds.ascend(dispatch, clocks, price, value, GRID_ROUNDS[large], 0, goal)
    if best < goal:
        rounds = (ROUNDS if first else MORE_ROUNDS)[large]
        best = max(best, bounds.ascend(dispatch, clocks, price, value, rounds, TRIES, goal))
    return float(best)


def _near(found: Schedule, gap: float) -> bool:
    return found.value - found.bound <= gap * max(abs(found.value), 1e-9)
