"""What limits care, area by area, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.medical.rows import use_of

if TYPE_CHECKING:
    from aidline.medical.problem import CareProblem
    from aidline.medical.rows import Rows
    from aidline.medical.solve import Care
    from aidline.situation.situation import Situation

SCHEMA = {
    "area_id": pl.String(),
    "cause": pl.String(),
    "at_id": pl.String(),
    "waiting_days": pl.Float64(),
    "waiting_at_end": pl.Float64(),
    "text": pl.String(),
}
CAUSES = {
    "beds": "the beds of {at}",
    "theatre": "the operations that {at} can do",
    "outpatients": "the outpatients that {at} can see",
    "leaving": "the places out of the network by {at}",
    "vehicles": "the hours of {at}",
}
WORTH_A_WORD = 0.05  # share of the waiting of an area
LOOKED_AT = 5  # best ways of a cohort
NO_WAY = "no_way"
NO_PLACE = "no_facility"


def reasons_of(situation: Situation, problem: CareProblem, care: Care) -> pl.DataFrame:
    """Return why people wait, by area, the largest part first.

    Returns
    -------
    pl.DataFrame
        area_id; `cause`: beds, theatre, outpatients, leaving, vehicles, no_facility (none of
        those that can be reached treats it) or no_way (no vehicle gets there); `at_id`: place,
        unit or means; `waiting_days`: days of waiting of all people that it explains;
        `waiting_at_end`: people of them still waiting after the last day; `text` (English).
    """
    cohorts = problem.cohorts
    days, still = _waits(problem, care)
    parts: dict[tuple[int, str, str | None], list[float]] = {}
    causes = _binding(problem, care)
    for c in np.flatnonzero(days > 0).tolist():
        area = int(cohorts.area[c])
        for (cause, at), share in causes[c].items():
            total = parts.setdefault((area, cause, at), [0.0, 0.0])
            total[0] += share * days[c]
            total[1] += share * still[c]
    names, whole = _names(situation), np.zeros(len(cohorts.area_ids))
    for (area, _, _), (waits, _) in parts.items():
        whole[area] += waits
    rows = [
        {
            "area_id": cohorts.area_ids[area],
            "cause": cause,
            "at_id": at,
            "waiting_days": waits,
            "waiting_at_end": left,
            "text": _text(cause, names.get(at or "", at or ""), waits, left),
        }
        for (area, cause, at), (waits, left) in parts.items()
        if waits >= WORTH_A_WORD * whole[area]
    ]
    return pl.DataFrame(rows, schema=SCHEMA).sort(
        "area_id", "waiting_days", "cause", "at_id", descending=[False, True, False, False]
    )


def _waits(problem: CareProblem, care: Care) -> tuple[np.ndarray, np.ndarray]:
    """Return days of waiting within the plan, and people still waiting at its end [cohorts]."""
    cohorts, columns = problem.cohorts, care.columns
    first = np.maximum(0, cohorts.came)
    waited = problem.ways.day[columns.way] - first[columns.cohort]
    count = len(cohorts.people)
    still = cohorts.people - np.bincount(columns.cohort, care.people, minlength=count)
    days = np.bincount(columns.cohort, care.people * waited, minlength=count)
    still[still < 1e-6] = 0.0
    return days + still * (problem.days - first), still


def _binding(problem: CareProblem, care: Care) -> list[dict[tuple[str, str | None], float]]:
    """Return by cohort which limits stand between it and better care, as shares of 1.

    On the best ways to where it would soonest be treated, the price of what is short there says
    which limit it is.
    """
    columns, rows = care.columns, care.rows
    use = use_of(problem, rows, columns)
    prices = care.prices.copy()
    prices[rows.start["people"] :] = 0.0
    weight = use.multiply(prices[:, None]).tocsc()
    order = np.argsort(columns.cohort, kind="stable")
    ptr = np.searchsorted(columns.cohort[order], np.arange(len(problem.cohorts.people) + 1))
    found: list[dict[tuple[str, str | None], float]] = []
    for c in range(len(problem.cohorts.people)):
        mine = order[ptr[c] : ptr[c + 1]]
        if len(mine) == 0:
            found.append({(_without(problem, c), None): 1.0})
            continue
        mine = mine[np.argsort(-columns.benefit[mine], kind="stable")]
        place = problem.ways.place[columns.way[mine]]
        best = mine[place == place[0]][:LOOKED_AT]
        costs = np.asarray(weight[:, best].sum(axis=1)).reshape(-1)
        found.append(_shares(problem, rows, costs))
    return found


def _without(problem: CareProblem, cohort: int) -> str:
    """Say why a cohort has no way to care at all."""
    cohorts, area = problem.cohorts, int(problem.cohorts.area[cohort])
    here = slice(int(problem.way_ptr[area]), int(problem.way_ptr[area + 1]))
    late = problem.ways.day[here] >= cohorts.came[cohort]
    return NO_PLACE if late.any() else NO_WAY


def _shares(
    problem: CareProblem, rows: Rows, costs: np.ndarray
) -> dict[tuple[str, str | None], float]:
    by: dict[tuple[str, str | None], float] = {}
    for row in np.flatnonzero(costs > 1e-12).tolist():
        family = next(name for name in reversed(CAUSES) if row >= rows.start[name])
        at = (row - rows.start[family]) // problem.days
        if family == "vehicles":
            code = problem.means[at].means_id
        else:
            facility = problem.facilities[at]
            code = facility.means_id or facility.unit_id or facility.place_id
        by[family, code] = by.get((family, code), 0.0) + float(costs[row])
    total = sum(by.values())
    return {key: value / total for key, value in by.items()} if total > 0 else {}


def _names(situation: Situation) -> dict[str, str]:
    names = {}
    for table, code in (("places", "place_id"), ("field_units", "unit_id")):
        for key, name in situation[table].select(code, "name").drop_nulls().iter_rows():
            names[key] = f"{name} ({key})"
    return names


def _text(cause: str, at: str, days: float, left: float) -> str:
    if cause == NO_WAY:
        why = "no vehicle that can carry them gets there and back in its hours of a day"
    elif cause == NO_PLACE:
        why = "no facility that they can reach is known to treat what they need"
    else:
        why = f"care is limited by {CAUSES[cause].format(at=at)}"
    end = f"; {left:,.0f} people still wait after the last day" if left >= 0.5 else ""
    return f"{days:,.0f} days of waiting: {why}{end}."
