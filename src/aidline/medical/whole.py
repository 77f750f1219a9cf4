"""Whole people: a plan of shares of people becomes one that can be carried out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import scipy.sparse as sp

    from aidline.medical.problem import CareProblem, Columns

    Floats = npt.NDArray[np.float64]

NEAR = 1e-6  # share of a person that rounding explains
ROUNDS = 3
FEW = 6  # choices of a cohort for which an exchange is looked for


def whole_people(
    problem: CareProblem,
    columns: Columns,
    use: sp.csc_matrix,
    capacity: Floats,
    *,
    shares: Floats,
    worth: Floats,
    until: float = np.inf,
) -> Floats:
    """Round down, treat everybody who fits in what is left, exchange where that helps.

    Parameters
    ----------
    problem, columns, use
        The choices and what each person of them uses [rows, columns].
    capacity
        [rows] with the chosen units.
    shares
        [columns] people of each choice, not whole.
    worth
        [columns] benefit less what it takes at today's prices: best first.
    until
        When to stop exchanging (`time.monotonic`).

    Returns
    -------
    ndarray
        [columns] people; parts of people only where the situation itself counts parts.
    """
    people = np.floor(shares + NEAR)
    state = _State(columns, use, problem.cohorts.people, capacity, people)
    order = np.lexsort((np.arange(len(worth)), -columns.benefit, -np.round(worth, 9)))
    state.fill(order)
    best = _best_few(columns)
    for _ in range(ROUNDS):
        if not state.exchange(best, until):
            break
        state.fill(order)
    return state.people


def _best_few(columns: Columns) -> npt.NDArray[np.int64]:
    """Return the choices with the most benefit, a few of each cohort, best first."""
    number = np.arange(len(columns.cohort))
    by_cohort = np.lexsort((number, -columns.benefit, columns.cohort))
    cohort = columns.cohort[by_cohort]
    rank = number - np.searchsorted(cohort, cohort, side="left")
    few = by_cohort[rank < FEW]
    return few[np.lexsort((few, -columns.benefit[few]))]


class _State:
    """Who is treated so far, who waits, and what is left of everything."""

    def __init__(
        self,
        columns: Columns,
        use: sp.csc_matrix,
        came: Floats,
        capacity: Floats,
        people: Floats,
    ) -> None:
        self.columns, self.use, self.people = columns, use, people
        self.by_row = use.tocsr()
        self.by_row.sort_indices()
        self.room = np.zeros(len(people))  # scratch: what each choice uses of one row
        self.left = capacity - use @ people
        self.waiting = came - np.bincount(columns.cohort, people, minlength=len(came))

    def _column(self, j: int) -> tuple[npt.NDArray[np.int64], Floats]:
        a, b = self.use.indptr[j], self.use.indptr[j + 1]
        return self.use.indices[a:b], self.use.data[a:b]

    def _move(self, j: int, more: float) -> None:
        rows, amount = self._column(j)
        self.people[j] += more
        self.left[rows] -= more * amount
        self.waiting[self.columns.cohort[j]] -= more

    def fill(self, order: npt.NDArray[np.int64]) -> None:
        """Treat whoever still fits, in this order of the choices."""
        cohort = self.columns.cohort
        for j in order[self.waiting[cohort[order]] > NEAR].tolist():
            wait = self.waiting[cohort[j]]
            if wait <= NEAR:
                continue
            rows, amount = self._column(j)
            fits = float(np.min((self.left[rows] + NEAR * amount) / amount))
            more = wait if fits >= wait else np.floor(fits)
            if more > 0:
                self._move(j, more)

    def exchange(self, order: npt.NDArray[np.int64], until: float) -> bool:
        """Let one who waits take the place of one who gains less from it; say if any did."""
        cohort, done = self.columns.cohort, False
        for j in order[self.waiting[cohort[order]] >= 1 - NEAR].tolist():
            if time.monotonic() > until:
                return False
            while self.waiting[cohort[j]] >= 1 - NEAR and (k := self._gives_way(j)) is not None:
                self._move(k, -1.0)
                self._move(j, 1.0)
                done = True
        return done

    def _gives_way(self, j: int) -> int | None:
        """Return the choice with the least benefit below that of `j` that makes room for it."""
        rows, amount = self._column(j)
        short = amount - self.left[rows]
        lacking = np.flatnonzero(short > NEAR * amount)
        if len(lacking) == 0:
            return None
        benefit, room = self.columns.benefit, self.room
        others = None
        for at in lacking.tolist():
            span = slice(self.by_row.indptr[rows[at]], self.by_row.indptr[rows[at] + 1])
            here, enough = self.by_row.indices[span], short[at] - NEAR * amount[at]
            if others is None:
                gives = (self.by_row.data[span] >= enough) & (self.people[here] >= 1 - NEAR)
                others = here[gives & (benefit[here] < benefit[j] - NEAR)]
            else:
                room[here] = self.by_row.data[span]
                others = others[room[others] >= enough]
                room[here] = 0.0
            if len(others) == 0:
                return None
        return None if others is None else int(others[np.argmin(benefit[others])])


def first_come_first(problem: CareProblem, columns: Columns, people: Floats) -> Floats:
    """Let those who came first go first, among people of one area with the same need.

    A curve that falls steeply at first would send those who come last, as they still have most
    to gain; nobody could explain that to those who wait. It takes no more of anything: people of
    the same need take the same on the same way. What it costs in benefit is part of the gap.

    Parameters
    ----------
    problem, columns
        The choices.
    people
        [columns] people of each choice.

    Returns
    -------
    ndarray
        [columns] as many people on each way and day, each cohort as early as its turn comes.
    """
    cohorts, ways = problem.cohorts, problem.ways
    queue = cohorts.area[columns.cohort] * len(cohorts.kinds) + cohorts.kind[columns.cohort]
    at = {
        (int(c), int(w)): j
        for j, (c, w) in enumerate(zip(columns.cohort, columns.way, strict=True))
    }
    order = np.lexsort((columns.way, ways.hours[columns.way], ways.day[columns.way], queue))
    order = order[people[order] > NEAR]
    made, waiting = np.zeros(len(people)), cohorts.people.copy()
    number = cohorts.area * len(cohorts.kinds) + cohorts.kind
    line = np.lexsort((cohorts.came, number))
    first = np.searchsorted(number[line], queue[order], side="left")
    for j, start in zip(order.tolist(), first.tolist(), strict=True):
        left, w, here = people[j], int(columns.way[j]), start
        while left > NEAR:
            c = int(line[here])
            go = min(left, waiting[c])
            if go > 0:
                made[at[c, w]] += go
                waiting[c] -= go
                left -= go
            here += 1
    return made
