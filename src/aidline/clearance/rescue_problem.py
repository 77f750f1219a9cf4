"""The scheduling problem at the core of search and rescue, as arrays.

Jobs at points, teams that travel between them: unrelated parallel machines with travel that
depends on the day, windows, releases, and a cost of each job that grows with its time of
finish (weighted completion times, or chances that fall). No job is interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST_PER_TEAM = 64  # jobs that the search gives one team at most


class Dispatch(NamedTuple):
    """Jobs and teams. Times are days of the plan.

    Attributes
    ----------
    work
        [teams, jobs] days that the job takes the team, at least `step`; infinite where it cannot
        do it.
    start_point, travel_of, day_h, opens, closes
        [teams] where it starts, which travel times are its, its working hours per day, the
        first and the last moment at which it can work.
    point, release, due, undone
        [jobs] where it is, the earliest start, the latest finish, the cost if nobody does it.
    cost
        [jobs, steps] cost of a finish at each multiple of `step`; never falling, linear
        between, and beyond the last one as before it.
    step
        Days from one column of `cost` to the next; also the grid of the bound.
    travel_h
        [kinds, states, points, points] hours of travel; infinite where there is no way.
    state_of_day
        [days] state of the roads; after the last day it stays.
    """

    work: Floats
    start_point: Ints
    travel_of: Ints
    day_h: Floats
    opens: Floats
    closes: Floats
    point: Ints
    release: Floats
    due: Floats
    undone: Floats
    cost: Floats
    step: float
    travel_h: Floats
    state_of_day: Ints

    @property
    def teams(self) -> int:
        """Number of teams."""
        return int(self.work.shape[0])

    @property
    def jobs(self) -> int:
        """Number of jobs."""
        return int(self.work.shape[1])


class Clocks(NamedTuple):
    """The teams relaxed to clocks, for the bound.

    Attributes
    ----------
    step
        Days between steps: a multiple of that of the problem.
    kinds, many
        One team of each kind (alike in all figures), and how many there are of it.
    first, last
        [kinds] steps from which and up to which it works.
    able, jobs, early, firm, near, length
        As `aidline.clearance.kernels_rescue_bound.relax` fills them.
    by_step
        [steps + 1, jobs] cost of a finish at a step.
    cap
        [jobs] highest price: what it costs to leave a job undone, or to finish it beyond the
        last step.
    """

    step: float
    kinds: Ints
    many: Ints
    first: Ints
    last: Ints
    able: Ints
    jobs: Ints
    early: Ints
    firm: Ints
    near: Ints
    length: Ints
    by_step: Floats
    cap: Floats


@dataclass(frozen=True, eq=False)
class Schedule:
    """Who does what in which order.

    Attributes
    ----------
    order
        [teams, MOST_PER_TEAM] jobs of each team in order, −1 after the last.
    value
        Cost, smaller is better.
    bound
        No schedule costs less; −infinite where it was not worked out.
    proven
        True where this was shown to be an optimum.
    """

    order: Ints
    value: float
    bound: float = -np.inf
    proven: bool = False


def kinds_of_team(dispatch: Dispatch) -> tuple[Ints, Ints]:
    """Return one team of each kind, and how many there are of it: teams alike in all figures."""
    rows = np.column_stack(
        [
            dispatch.start_point, dispatch.travel_of, dispatch.day_h, dispatch.opens,
            dispatch.closes, dispatch.work,
        ]
    )  # fmt: skip
    _, first, count = np.unique(rows, axis=0, return_index=True, return_counts=True)
    by_first = np.argsort(first)
    return first[by_first].astype(np.int64), count[by_first].astype(np.int64)
