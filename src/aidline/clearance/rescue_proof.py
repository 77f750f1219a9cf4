"""The proof at small size: the best set of rows of jobs among all that could be better."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from aidline.clearance import kernels_rescue_bound as bounds
from aidline.clearance.kernels_rescue import times_of
from aidline.clearance.kernels_rescue_rows import rows_within
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from aidline.clearance.rescue_problem import Clocks, Dispatch, Floats, Schedule

MOST_ROWS, TRIES, DEPTH = 30_000, 4_000_000, 24


class Row(NamedTuple):
    """Jobs of one team in order.

    Attributes
    ----------
    kind
        Kind of team.
    jobs
        In order.
    cost
        Of these jobs.
    """

    kind: int
    jobs: tuple[int, ...]
    cost: float


def proved(
    dispatch: Dispatch, clocks: Clocks, price: Floats, found: Schedule, limit_s: float
) -> Schedule:
    """Return the best schedule there is, proven, or the known one where that is too much work.

    A schedule that costs less than the known one only holds rows whose reduced cost is within
    the gap of the least one of their team (its bound would be above otherwise). All of these
    are listed, and an integer program picks among them: each job once, each team one row.

    Parameters
    ----------
    dispatch, clocks
        The problem and its relaxation.
    price
        [jobs] prices of a good bound.
    found
        The known schedule.
    limit_s
        Seconds for the integer program.
    """
    rows = _listed(dispatch, clocks, price, found)
    return found if rows is None else _picked(dispatch, clocks, rows, found, limit_s)


def _listed(dispatch: Dispatch, clocks: Clocks, price: Floats, found: Schedule) -> list[Row] | None:
    """Return all rows that a better schedule could hold; None where there are too many."""
    n, kinds = dispatch.jobs, len(clocks.kinds)
    ahead, gain = np.zeros(n + 1), np.zeros((n, clocks.by_step.shape[0]))
    then = np.full((n + 1, clocks.by_step.shape[0]), -1, np.int64)
    many = np.zeros(n, np.int64)
    least = np.zeros(kinds)
    bound = bounds.value_of_prices(
        dispatch, clocks, price, TRIES // 10, many, least, ahead, gain, then
    )
    slack = found.value - bound + 1e-7 * abs(found.value) + 1e-9
    rows, costs = np.empty((MOST_ROWS, DEPTH), np.int64), np.empty(MOST_ROWS)
    listed: list[Row] = []
    for y in range(kinds):
        bounds.look_ahead(clocks, y, price, True, ahead, gain, then)
        got = rows_within(dispatch, clocks, y, price, gain, least[y] + slack, rows, costs, TRIES)
        if got < 0 or len(listed) + got > MOST_ROWS:
            return None
        best: dict[tuple[int, ...], Row] = {}
        for k in range(got):
            jobs = tuple(rows[k][rows[k] >= 0].tolist())
            same = tuple(sorted(jobs))
            if same not in best or costs[k] < best[same].cost:
                best[same] = Row(y, jobs, float(costs[k]))
        listed += best.values()
    return listed


def _picked(
    dispatch: Dispatch, clocks: Clocks, rows: list[Row], found: Schedule, limit_s: float
) -> Schedule:
    n, kinds = dispatch.jobs, len(clocks.kinds)
    cost = np.array([*(row.cost for row in rows), *dispatch.undone])
    at = [(j, k) for k, row in enumerate(rows) for j in row.jobs]
    at += [(n + row.kind, k) for k, row in enumerate(rows)]
    at += [(j, len(rows) + j) for j in range(n)]
    place = tuple(np.array(at).T)
    matrix = sp.csc_matrix((np.ones(len(at)), place), shape=(n + kinds, len(cost)))
    low = np.r_[np.ones(n), np.zeros(kinds)]
    high = np.r_[np.ones(n), clocks.many.astype(float)]
    none, one = np.zeros(len(cost)), np.ones(len(cost))
    model = LinearModel(cost, none, one, matrix, low, high, one.astype(bool))
    got = solve(model, time_limit_s=limit_s, gap=1e-7)
    if got.status not in {"optimal", "infeasible"}:
        bound = max(found.bound, min(got.bound, found.value))
        return dataclasses.replace(found, bound=bound)
    if got.x is None or got.objective >= found.value - 1e-9 * abs(found.value):
        return dataclasses.replace(found, bound=found.value, proven=True)
    order = np.full_like(found.order, -1)
    teams = _teams_by_kind(dispatch, clocks)
    for k in np.flatnonzero(got.x[: len(rows)] > 0.5).tolist():
        order[teams[rows[k].kind].pop(0), : len(rows[k].jobs)] = rows[k].jobs
    value = float(times_of(dispatch, order)[4])
    return dataclasses.replace(found, order=order, value=value, bound=value, proven=True)


def _teams_by_kind(dispatch: Dispatch, clocks: Clocks) -> list[list[int]]:
    """Return the teams of each kind, in order."""
    figures = np.column_stack(
        [
            dispatch.start_point, dispatch.travel_of, dispatch.day_h, dispatch.opens,
            dispatch.closes, dispatch.work,
        ]
    )  # fmt: skip
    return [
        np.flatnonzero((figures == figures[first]).all(axis=1)).tolist()
        for first in clocks.kinds.tolist()
    ]
