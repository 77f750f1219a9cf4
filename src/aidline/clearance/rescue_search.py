"""Solves the scheduling problem of search and rescue: a schedule, its bound, often the proof."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from aidline.clearance import kernels_rescue as search
from aidline.clearance import kernels_rescue_bound as bounds
from aidline.clearance.rescue_problem import MOST_PER_TEAM, Schedule, kinds_of_team
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Dispatch, Floats, Ints

ROUNDS = 150  # of the ascent of the bound at a time
WORK = 4_000_000  # places looked at by one leg of the search
LEGS = 6  # of the search, each from the best of the one before
MOST_ROWS, MOST_TRIES, DEPTH = 60_000, 6_000_000, 24
CLOSE = 1e-6  # relative gap at which a schedule counts as an optimum


class Clocks(NamedTuple):
    """The relaxed teams, as the kernels of the bound take them.

    Attributes
    ----------
    kinds, many
        One team of each kind, and how many there are of it.
    first, last, length, early
        As `aidline.clearance.kernels_rescue_bound.relaxed_times` gives them.
    order
        [kinds, jobs] order of weight / work, or no columns.
    by_step
        [steps, jobs] cost by step of finish.
    cap
        [jobs] highest price.
    """

    kinds: Ints
    many: Ints
    first: Ints
    last: Ints
    length: Ints
    early: Ints
    order: Ints
    by_step: Floats
    cap: Floats

    @classmethod
    def of(cls, dispatch: Dispatch) -> Clocks:
        """Relax the teams of a problem."""
        kinds, many = kinds_of_team(dispatch)
        steps = dispatch.cost.shape[1] - 1
        times = bounds.relaxed_times(dispatch, kinds, steps)
        order = np.zeros((len(kinds), 0), np.int64)
        if dispatch.by_ratio:
            near = np.array([bounds.shortest_in(dispatch, team) for team in kinds.tolist()])
            with np.errstate(invalid="ignore"):
                ratio = (dispatch.work[kinds] + near) / dispatch.cost[:, -1]
            order = np.argsort(ratio, axis=1, kind="stable")
        ends = bool(np.all(dispatch.closes <= steps * dispatch.step + 1e-6))
        cap = dispatch.undone if ends else np.minimum(dispatch.undone, dispatch.cost[:, -1])
        return cls(kinds, many, *times, order, np.ascontiguousarray(dispatch.cost.T), cap)


def best_schedule(
    dispatch: Dispatch,
    *,
    start: Ints | None = None,
    seed: int = 0,
    time_limit_s: float = 60.0,
    gap: float = CLOSE,
    exact: bool = True,
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
    exact
        Try to prove the optimum.
    """
    until = time.monotonic() + time_limit_s
    if dispatch.jobs == 0 or dispatch.teams == 0:
        value = float(dispatch.undone.sum())
        order = np.full((dispatch.teams, MOST_PER_TEAM), -1, np.int64)
        return Schedule(order, value, value, proven=True)
    found = built(dispatch) if start is None else _valued(dispatch, start)
    clocks, price, value, bound = Clocks.of(dispatch), np.zeros(dispatch.jobs), np.inf, -np.inf
    for leg in range(LEGS):
        found = _searched(dispatch, found, seed + leg, last=leg == LEGS - 1)
        if found.value < value * (1 - CLOSE) or leg == 0:
            value = found.value
            if leg == 0:
                price = _first_prices(dispatch, found)
            bound = max(bound, _ascended(clocks, price, value))
        if _near(value, bound, gap) or time.monotonic() > until:
            break
    found = dataclasses.replace(found, bound=min(bound, found.value))
    if _near(found.value, bound, CLOSE):
        return dataclasses.replace(found, bound=found.value, proven=True)
    if not exact or time.monotonic() > until or _near(found.value, bound, gap):
        return found
    return _proved(dispatch, clocks, price, found, max(1.0, until - time.monotonic()))


def built(dispatch: Dispatch) -> Schedule:
    """Return a schedule by best insertion, the jobs that lose most per day of work first."""
    n, teams = dispatch.jobs, dispatch.teams
    order = np.full((teams, MOST_PER_TEAM), -1, np.int64)
    count, done, cost = np.zeros(teams, np.int64), np.zeros(order.shape), np.zeros(teams)
    nothing = np.zeros(1, np.int64)
    for job in np.argsort(_rank(dispatch), kind="stable")[:n].tolist():
        search.put_in(dispatch, job, order, count, done, cost, nothing)
    return _valued(dispatch, order)


def lower_bound(dispatch: Dispatch, value: float) -> float:
    """Return a bound that no schedule beats, given the cost of a known one to aim at."""
    if dispatch.jobs == 0 or dispatch.teams == 0:
        return float(dispatch.undone.sum())
    clocks, price = Clocks.of(dispatch), np.zeros(dispatch.jobs)
    return max(_ascended(clocks, price, value) for _ in range(2))


def _valued(dispatch: Dispatch, order: Ints) -> Schedule:
    who, total = search.times_of(dispatch, order)[3:]
    kept = np.full_like(order, -1)
    for team in range(dispatch.teams):
        row = [j for j in order[team].tolist() if j >= 0 and who[j] == team]
        kept[team, : len(row)] = row
    return Schedule(kept, float(total))


def _rank(dispatch: Dispatch) -> Ints:
    """Return [jobs]: the place of each job in the order of loss per day of work."""
    least = np.where(np.isfinite(dispatch.work), dispatch.work, np.inf).min(axis=0)
    middle = dispatch.cost[:, dispatch.cost.shape[1] // 2]
    worth = middle / np.maximum(least, 1e-9)
    rank = np.empty(dispatch.jobs, np.int64)
    rank[np.argsort(-worth, kind="stable")] = np.arange(dispatch.jobs)
    return rank


def _searched(dispatch: Dispatch, found: Schedule, seed: int, *, last: bool) -> Schedule:
    order = found.order.copy()
    rounds = int(np.clip(WORK // (dispatch.jobs * (dispatch.jobs + dispatch.teams)), 40, 4000))
    loss = found.value / dispatch.jobs
    warmth = 0.0 if last else 0.05 * loss
    value = search.improve(dispatch, order, _rank(dispatch), rounds, seed, warmth)
    return Schedule(order, float(value)) if value < found.value else found


def _first_prices(dispatch: Dispatch, found: Schedule) -> Floats:
    """Return prices to start from: what each job costs in the schedule, and a bit for its time."""
    done, who = search.times_of(dispatch, found.order)[2:4]
    end = np.where(who >= 0, done, 0.0)
    own = np.array([search.cost_at(dispatch, j, float(end[j])) for j in range(dispatch.jobs)])
    return np.where(who >= 0, np.minimum(own, dispatch.undone), dispatch.undone)


def _ascended(clocks: Clocks, price: Floats, value: float) -> float:
    np.minimum(price, clocks.cap, out=price)
    return float(
        bounds.ascend(
            price, clocks.cap, value, ROUNDS, clocks.by_step, clocks.many, clocks.first,
            clocks.last, clocks.length, clocks.early, clocks.order,
        )
    )  # fmt: skip


def _near(value: float, bound: float, gap: float) -> bool:
    return value - bound <= gap * max(abs(value), 1e-9)


def _proved(
    dispatch: Dispatch, clocks: Clocks, price: Floats, found: Schedule, limit_s: float
) -> Schedule:
    """Pick the best set of rows of jobs among all that could be in a better schedule."""
    count, least = np.zeros(dispatch.jobs, np.int64), np.zeros(len(clocks.kinds))
    bound = bounds.value_of_prices(
        price, clocks.by_step, clocks.many, clocks.first, clocks.last, clocks.length,
        clocks.early, clocks.order, count, least,
    )  # fmt: skip
    slack = found.value - bound + 1e-7 * abs(found.value) + 1e-9
    rows, costs = np.empty((MOST_ROWS, DEPTH), np.int64), np.empty(MOST_ROWS)
    listed: list[tuple[int, tuple[int, ...], float]] = []
    for y, team in enumerate(clocks.kinds.tolist()):
        ahead = bounds.still_to_come(
            clocks.by_step, price, int(clocks.last[y]), clocks.length[y], clocks.early[y]
        )
        many = bounds.rows_within(
            dispatch, team, price, ahead, float(least[y] + slack), rows, costs, MOST_TRIES
        )
        if many < 0 or len(listed) + many > MOST_ROWS:
            return found
        best: dict[tuple[int, ...], tuple[float, tuple[int, ...]]] = {}
        for k in range(many):
            row = tuple(rows[k][rows[k] >= 0].tolist())
            same = tuple(sorted(row))
            best[same] = min(best.get(same, (np.inf, ())), (float(costs[k]), row))
        listed += [(y, row, cost) for cost, row in best.values()]
    return _picked(dispatch, clocks, listed, found, limit_s)


def _picked(
    dispatch: Dispatch, clocks: Clocks, listed: list[tuple[int, tuple[int, ...], float]],
    found: Schedule, limit_s: float,
) -> Schedule:  # fmt: skip
    n, kinds = dispatch.jobs, len(clocks.kinds)
    cost = np.array([*(c for _, _, c in listed), *dispatch.undone])
    at = [(j, k) for k, (_, row, _) in enumerate(listed) for j in row]
    at += [(n + y, k) for k, (y, _, _) in enumerate(listed)]
    at += [(j, len(listed) + j) for j in range(n)]
    row_at, column_at = np.array(at).T
    matrix = sp.csc_matrix((np.ones(len(at)), (row_at, column_at)), shape=(n + kinds, len(cost)))
    low, high = np.r_[np.ones(n), np.zeros(kinds)], np.r_[np.ones(n), clocks.many.astype(float)]
    whole = np.ones(len(cost), bool)
    model = LinearModel(cost, np.zeros(len(cost)), np.ones(len(cost)), matrix, low, high, whole)
    got = solve(model, time_limit_s=limit_s, gap=CLOSE / 10)
    bound = max(found.bound, min(got.bound, found.value))
    if got.x is None or got.objective >= found.value - 1e-9:
        proven = got.status in {"optimal", "infeasible"}
        return dataclasses.replace(found, bound=found.value if proven else bound, proven=proven)
    order = np.full_like(found.order, -1)
    kind_of = np.repeat(np.arange(kinds), clocks.many)
    teams = _teams_by_kind(dispatch, clocks)
    taken = [0] * kinds
    for k in np.flatnonzero(got.x[: len(listed)] > 0.5).tolist():
        y, row, _ = listed[k]
        order[teams[y][taken[y]], : len(row)] = row
        taken[y] += 1
    better = _valued(dispatch, order)
    proven = got.status == "optimal" and len(kind_of) == dispatch.teams
    return dataclasses.replace(better, bound=better.value if proven else bound, proven=proven)


def _teams_by_kind(dispatch: Dispatch, clocks: Clocks) -> list[list[int]]:
    """Return the teams of each kind, in order."""
    teams: list[list[int]] = []
    for first in clocks.kinds.tolist():
        alike = [
            t
            for t in range(dispatch.teams)
            if all(
                np.array_equal(a[t], a[first])
                for a in (
                    dispatch.start_point, dispatch.travel_of, dispatch.day_h, dispatch.opens,
                    dispatch.closes, dispatch.work,
                )
            )
        ]  # fmt: skip
        teams.append(alike)
    return teams
