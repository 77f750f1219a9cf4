"""The plan of care with the most benefit, and a proven bound on the benefit of any plan."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.medical.problem import Columns, columns_of
from aidline.medical.rows import Rows, rows_of, use_of
from aidline.medical.whole import first_come_first, whole_people
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from aidline.medical.problem import CareProblem

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

MOST_COLUMNS = 400_000  # beyond them only the nearest facilities are looked at
NEAREST = 8
SITING_GAP = 1e-4
OPTIMAL = 1e-6


@dataclass(frozen=True, eq=False)
class Care:
    """What is chosen.

    Attributes
    ----------
    columns, people
        The choices, and how many people take each (whole people where all are whole).
    chosen
        [options] is the unit placed there?
    rows, prices
        What choices share, and the price of one more unit of it [rows], in benefit.
    bound
        No plan of these facts has more benefit.
    turns
        Benefit given up so that those who came first go first.
    stopped
        "optimal", "gap reached" (whole people and sites, near the bound) or "time limit".
    """

    columns: Columns
    people: Floats
    chosen: Bools
    rows: Rows
    prices: Floats
    bound: float
    turns: float
    stopped: str

    @property
    def benefit(self) -> float:
        """Benefit of the choices."""
        return float(self.columns.benefit @ self.people)


def solve_care(
    problem: CareProblem, *, seed: int = 0, time_limit_s: float = 60.0, whole: bool = True
) -> Care:
    """Choose who is treated where and when, and which unit stands where.

    Parameters
    ----------
    problem
        The problem.
    seed
        Of the solver's random choices.
    time_limit_s
        Seconds for all of it.
    whole
        Whole people only; otherwise shares of people are allowed, as in the bound.

    Returns
    -------
    Care
        Feasible in any case; nobody is left out who could be treated in what is left over.
    """
    began = time.monotonic()

    def left() -> float:
        return max(0.5, time_limit_s - (time.monotonic() - began))

    everybody = np.arange(len(problem.cohorts.people))
    columns = columns_of(problem, everybody)
    complete = len(columns.cohort) <= MOST_COLUMNS
    if not complete:
        columns = columns_of(problem, everybody, NEAREST)
    rows = rows_of(problem)
    use = use_of(problem, rows, columns)
    relaxed = solve(_model(columns, use, rows, None), time_limit_s=left(), seed=seed)
    prices = np.maximum(0.0, -relaxed.duals) if relaxed.status == "optimal" else _no(rows)
    bound = dual_bound(problem, rows, prices, None if not complete else (columns, use))
    chosen, stopped, limit = _siting(problem, columns, use, rows, seed=seed, time_limit_s=left())
    if complete and limit is not None:
        bound = min(bound, limit)
    open_ = rows.capacity - rows.of_options @ chosen.astype(np.float64)
    fixed = relaxed
    if problem.options:
        fixed = solve(_model(columns, use, rows, chosen), time_limit_s=left(), seed=seed)
    shares = np.zeros(len(columns.cohort)) if fixed.x is None else fixed.x[: len(columns.cohort)]
    prices = np.maximum(0.0, -fixed.duals) if fixed.status == "optimal" else prices
    people = np.maximum(0.0, shares)
    if whole or fixed.status != "optimal":
        reduced = columns.benefit - use.T @ prices
        people = whole_people(
            problem, columns, use, open_, shares=people, worth=reduced, until=began + time_limit_s
        )
    best = float(columns.benefit @ people)
    if whole:
        people = first_come_first(problem, columns, people)
    if fixed.status != "optimal":
        stopped = "time limit"
    elif best < bound * (1 - OPTIMAL) and stopped == "optimal":
        stopped = "gap reached"
    turns = best - float(columns.benefit @ people)
    return Care(columns, people, chosen, rows, prices, bound, turns, stopped)


def _no(rows: Rows) -> Floats:
    return np.zeros(rows.total)


def _model(
    columns: Columns,
    use: sp.csc_matrix,
    rows: Rows,
    chosen: Bools | None,
    *,
    integer: bool = False,
) -> LinearModel:
    """Return the model: first the people of each choice, then the options."""
    people, options = len(columns.cohort), rows.of_options.shape[1]
    low, high = np.zeros(people + options), np.ones(people + options)
    high[:people] = np.inf
    if chosen is not None:
        low[people:] = high[people:] = chosen
    total = rows.total
    whole = np.repeat([False, True], [people, options]) if integer else None
    return LinearModel(
        np.concatenate([-columns.benefit, np.zeros(options)]),
        low,
        high,
        sp.hstack([use, rows.of_options], format="csc"),
        np.full(total, -np.inf),
        rows.capacity,
        whole,
    )


def _siting(
    problem: CareProblem,
    columns: Columns,
    use: sp.csc_matrix,
    rows: Rows,
    *,
    seed: int,
    time_limit_s: float,
) -> tuple[Bools, str, float | None]:
    """Return the chosen options, why the search stopped, and a bound on the benefit."""
    options = len(problem.options)
    none = np.zeros(options, np.bool_)
    if options == 0:
        return none, "optimal", None
    found = solve(
        _model(columns, use, rows, None, integer=True),
        time_limit_s=time_limit_s, seed=seed, gap=SITING_GAP,
    )  # fmt: skip
    stopped = "time limit" if found.status == "time limit" else "gap reached"
    limit = -found.bound if np.isfinite(found.bound) else None
    if found.x is None:
        return none, stopped, limit
    chosen = found.x[len(columns.cohort) :] > 0.5
    return _useful(problem, columns, found.x, chosen), stopped, limit


def _useful(problem: CareProblem, columns: Columns, x: Floats, chosen: Bools) -> Bools:
    """Leave out units that treat nobody: none is sent for nothing."""
    option = np.array([f.option for f in problem.facilities], np.int64)
    at = option[problem.ways.place[columns.way]]
    treated = np.bincount(at[at >= 0], x[: len(at)][at >= 0], minlength=len(chosen))
    useful: Bools = chosen & (treated > 0.5)
    return useful


def dual_bound(
    problem: CareProblem,
    rows: Rows,
    prices: Floats,
    known: tuple[Columns, sp.csc_matrix] | None = None,
) -> float:
    """Return an upper bound on the benefit of any plan, by the prices of what is shared.

    By Lagrangian relaxation of all limits but two: nobody is treated twice, and a unit stands
    at one site. It holds for any prices ≥ 0, and over all ways, also those that the search left
    out.

    Parameters
    ----------
    problem, rows
        The problem and its rows.
    prices
        [rows], not negative.
    known
        All columns and what they use, where they are at hand; else they are made in parts.
    """
    prices = prices.copy()
    own = slice(rows.start["people"], rows.start["siting"])
    prices[own] = 0.0
    total = float(prices @ rows.capacity)
    gains = -(rows.of_options.T @ prices)
    by_unit: dict[str, float] = {}
    for option, gain in zip(problem.options, gains.tolist(), strict=True):
        by_unit[option.unit_id] = max(by_unit.get(option.unit_id, 0.0), gain)
    total += sum(by_unit.values())
    cohorts = problem.cohorts
    count = len(cohorts.people)
    best = np.zeros(count)
    parts: Iterable[tuple[Columns, sp.csc_matrix]]
    parts = [known] if known is not None else _parts(problem, rows)
    for columns, use in parts:
        np.maximum.at(best, columns.cohort, columns.benefit - use.T @ prices)
    return total + float(best @ cohorts.people)


def _parts(problem: CareProblem, rows: Rows) -> Iterator[tuple[Columns, sp.csc_matrix]]:
    """Yield all columns, a few cohorts at a time."""
    for part in np.array_split(np.arange(len(problem.cohorts.people)), 64):
        columns = columns_of(problem, part)
        yield columns, use_of(problem, rows, columns)
