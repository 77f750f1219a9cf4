"""What choices share: beds, theatres, outpatient places, seats out of the network, vehicles.

One row is "use ≤ capacity". The families stand one behind the other:

beds         (facility, day)   people in beds ≤ beds; a bed is held for the whole stay
theatre      (facility, day)   major / most major + minor / most minor ≤ 1
outpatients  (facility, day)   visits ≤ outpatients
leaving      (facility, day)   people who leave the network ≤ stretchers of the day
vehicles     (means, day)      hours of trips ≤ vehicles × hours
people       cohorts           treated ≤ came
siting       see `sites.limits_of`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.medical.problem import trip_hours

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.medical.problem import CareProblem, Columns

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

FAMILIES = ("beds", "theatre", "outpatients", "leaving", "vehicles", "people", "siting")


@dataclass(frozen=True, eq=False)
class Rows:
    """Where each family starts, and the capacities.

    Attributes
    ----------
    start
        First row of each family of `FAMILIES`, and the number of rows.
    capacity
        [rows]; that of a field unit is 0 here and comes with the unit (`of_options`).
    of_options
        [rows, options], sparse: what a chosen option uses (minus = what it gives).
    """

    start: dict[str, int]
    capacity: Floats
    of_options: sp.csc_matrix

    @property
    def total(self) -> int:
        """Number of rows."""
        return len(self.capacity)


def rows_of(problem: CareProblem) -> Rows:
    """Lay out the rows of a problem."""
    days, facilities = problem.days, problem.facilities
    none = np.zeros((0, days))
    by_family = {
        "beds": [np.nan_to_num(f.beds) for f in facilities],
        "theatre": [np.ones(days) for _ in facilities],
        "outpatients": [np.nan_to_num(f.outpatients) for f in facilities],
        "leaving": [f.leaving for f in facilities],
        "vehicles": [_hours(m.vehicles * m.hours_per_day, days) for m in problem.means],
    }
    blocks = {name: np.array(rows) if rows else none for name, rows in by_family.items()}
    size = [block.size for block in blocks.values()]
    size += [len(problem.cohorts.people), len(problem.limits.limit)]
    at = np.concatenate([[0], np.cumsum(size)]).tolist()
    start = dict(zip((*FAMILIES, "end"), at, strict=True))
    capacity = np.concatenate(
        [*(b.ravel() for b in blocks.values()), problem.cohorts.people, problem.limits.limit]
    )
    gives = sp.lil_matrix((len(capacity), len(problem.options)))
    for i, facility in enumerate(facilities):
        if facility.option < 0:
            continue
        for name in ("beds", "theatre", "outpatients"):
            first = start[name] + i * days
            gives[first : first + days, facility.option] = -capacity[first : first + days, None]
            capacity[first : first + days] = 0
    gives[start["siting"] :] = problem.limits.use
    return Rows(start, capacity, gives.tocsc())


def _hours(hours: float, days: int) -> Floats:
    return np.full(days, hours)


def use_of(problem: CareProblem, rows: Rows, columns: Columns) -> sp.csc_matrix:
    """Return what one person of each column uses, [rows, columns]."""
    days, ways, cohorts = problem.days, problem.ways, problem.cohorts
    facility, day = ways.place[columns.way], ways.day[columns.way]
    kind = cohorts.kind[columns.cohort]
    inside = np.array([not f.outside for f in problem.facilities], np.bool_)[facility]
    major = np.array([np.nan_to_num(f.major) for f in problem.facilities]).reshape(-1, days)
    minor = np.array([np.nan_to_num(f.minor) for f in problem.facilities]).reshape(-1, days)
    entries = _Entries()

    def add(family: str, who: Ints, shift: int, amount: Floats) -> None:
        on = day[who] + shift
        good = (on < days) & (amount > 0)
        row = rows.start[family] + facility[who[good]] * days + on[good]
        entries.add(row, who[good], amount[good])

    for k, of in enumerate(cohorts.kinds):
        who = np.flatnonzero((kind == k) & inside)
        if len(who) == 0:
            continue
        one, later = np.ones(len(who)), np.minimum(day[who] + of.next_after, days - 1)
        bed = of.bed * one
        for shift in range(min(of.stay_days, days)):
            add("beds", who, shift, bed)
        first = _share(of.major, major[facility[who], day[who]])
        first += _share(of.minor, minor[facility[who], day[who]])
        add("theatre", who, 0, first)
        add("theatre", who, of.next_after, _share(of.minor_next, minor[facility[who], later]))
        for shift in range(days if of.visits_later else 1):
            add("outpatients", who, shift, one * (of.visits_later if shift else of.visits))
    gone = np.flatnonzero(~inside)
    add("leaving", gone, 0, np.ones(len(gone)))
    carried = np.flatnonzero(ways.means[columns.way] >= 0)
    row = rows.start["vehicles"] + ways.means[columns.way[carried]] * days + day[carried]
    entries.add(row, carried, trip_hours(problem, columns)[carried])
    every = np.arange(len(columns.cohort))
    entries.add(rows.start["people"] + columns.cohort, every, np.ones(len(every)))
    return entries.matrix(rows.total, len(every))


def _share(operations: float, most: Floats) -> Floats:
    """Return the share of the theatres of a day; where there are none, nobody comes."""
    if not operations:
        return np.zeros(len(most))
    share: Floats = operations / np.where(most > 0, most, 1.0)
    return share


class _Entries:
    """Entries of a sparse matrix, block by block."""

    def __init__(self) -> None:
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._value: list[Floats] = []

    def add(self, row: Ints, column: Ints, value: Floats) -> None:
        """Add one block."""
        self._row.append(row)
        self._column.append(column)
        self._value.append(value)

    def matrix(self, rows: int, columns: int) -> sp.csc_matrix:
        """Return the matrix."""
        row, column, value = (np.concatenate(x) for x in (self._row, self._column, self._value))
        made = sp.csc_matrix((value, (row, column)), shape=(rows, columns))
        made.sort_indices()
        return made
