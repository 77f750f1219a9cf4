"""From choices back to tables of the plan: who, where, when, by what; and what is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.medical.rows import use_of
from aidline.plan.tables import PLAN_BY_NAME

if TYPE_CHECKING:
    from aidline.medical.problem import CareProblem
    from aidline.medical.solve import Care
    from aidline.situation.situation import Situation

SOME = 1e-6  # people who are more than rounding


def care_tables(situation: Situation, problem: CareProblem, care: Care) -> dict[str, pl.DataFrame]:
    """Return the tables `field_sites`, `care`, `waiting` and `facility_days`."""
    treated = treated_table(problem, care)
    return {
        "field_sites": site_table(situation, problem, care),
        "care": treated,
        "waiting": waiting_table(problem, treated),
        "facility_days": facility_table(problem, care),
    }


def treated_table(problem: CareProblem, care: Care) -> pl.DataFrame:
    """Return table `care`."""
    spec, cohorts = PLAN_BY_NAME["care"], problem.cohorts
    rows = []
    for j in np.flatnonzero(care.people > SOME).tolist():
        c, w = int(care.columns.cohort[j]), int(care.columns.way[j])
        kind = cohorts.kinds[cohorts.kind[c]]
        facility, means = problem.facilities[problem.ways.place[w]], int(problem.ways.means[w])
        rows.append(
            {
                "area_id": cohorts.area_ids[cohorts.area[c]],
                "triage": kind.triage,
                "specialty": kind.specialty,
                "came_day": int(cohorts.came[c]),
                "day": int(problem.ways.day[w]),
                "place_id": None if facility.outside else facility.place_id,
                "unit_id": facility.unit_id,
                "destination": facility.destination,
                "means_id": problem.means[means].means_id if means >= 0 else None,
                "onward_id": facility.means_id,
                "people": float(care.people[j]),
            }
        )
    return pl.DataFrame(rows, schema=spec.schema).sort(spec.key)


def waiting_table(problem: CareProblem, treated: pl.DataFrame) -> pl.DataFrame:
    """Return table `waiting`: who came so far less who is in care, where anybody waits."""
    spec, cohorts = PLAN_BY_NAME["waiting"], problem.cohorts
    key = ["area_id", "triage", "specialty"]
    came = pl.DataFrame(
        {
            "area_id": [cohorts.area_ids[a] for a in cohorts.area],
            "triage": [cohorts.kinds[k].triage for k in cohorts.kind],
            "specialty": [cohorts.kinds[k].specialty for k in cohorts.kind],
            "day": np.maximum(0, cohorts.came),
            "people": cohorts.people,
        },
        schema_overrides={"area_id": pl.String, "triage": pl.String, "specialty": pl.String},
    )
    moves = pl.concat([came, treated.select(*key, "day", people=-pl.col("people"))])
    grid = (
        came.select(key).unique().join(pl.DataFrame({"day": np.arange(problem.days)}), how="cross")
    )
    by_day = moves.group_by(*key, "day").agg(pl.col("people").sum())
    waiting = (
        grid.join(by_day, on=[*key, "day"], how="left")
        .sort(*key, "day")
        .with_columns(pl.col("people").fill_null(0.0).cum_sum().over(key))
        .filter(pl.col("people") > SOME)
    )
    return waiting.select(spec.names).sort(spec.key)


def facility_table(problem: CareProblem, care: Care) -> pl.DataFrame:
    """Return table `facility_days`: of hospitals, and of units that are proposed."""
    spec, days, start = PLAN_BY_NAME["facility_days"], problem.days, care.rows.start
    used = use_of(problem, care.rows, care.columns) @ care.people
    major, minor = _operations(problem, care)
    parts = []
    for i, f in enumerate(problem.facilities):
        if f.outside or (f.option >= 0 and not care.chosen[f.option]):
            continue
        here = slice(i * days, (i + 1) * days)
        parts.append(
            pl.DataFrame(
                {
                    "place_id": f.place_id,
                    "unit_id": pl.Series([f.unit_id], dtype=pl.String).new_from_index(0, days),
                    "day": np.arange(days),
                    "beds": f.beds,
                    "beds_used": used[start["beds"] :][here],
                    "major_operations": major[i],
                    "major_limit": f.major,
                    "minor_operations": minor[i],
                    "minor_limit": f.minor,
                    "outpatients": used[start["outpatients"] :][here],
                    "outpatients_limit": f.outpatients,
                }
            ).with_columns(pl.col(pl.Float64).fill_nan(None))
        )
    table = pl.concat(parts) if parts else spec.empty()
    return table.select(spec.names).sort(spec.key)


def _operations(problem: CareProblem, care: Care) -> tuple[np.ndarray, np.ndarray]:
    """Return major and minor operations [facilities, days]."""
    shape = (len(problem.facilities), problem.days)
    major, minor = np.zeros(shape), np.zeros(shape)
    for j in np.flatnonzero(care.people > SOME).tolist():
        w = int(care.columns.way[j])
        kind = problem.cohorts.kinds[problem.cohorts.kind[care.columns.cohort[j]]]
        place, day = int(problem.ways.place[w]), int(problem.ways.day[w])
        if problem.facilities[place].outside:
            continue
        major[place, day] += care.people[j] * kind.major
        minor[place, day] += care.people[j] * kind.minor
        if kind.minor_next and day + kind.next_after < problem.days:
            minor[place, day + kind.next_after] += care.people[j] * kind.minor_next
    return major, minor


def site_table(situation: Situation, problem: CareProblem, care: Care) -> pl.DataFrame:
    """Return table `field_sites`, each row worded as a proposal."""
    spec = PLAN_BY_NAME["field_sites"]
    names = dict(situation["places"].select("place_id", "name").drop_nulls().iter_rows())
    units = dict(situation["field_units"].select("unit_id", "name").drop_nulls().iter_rows())
    rows = []
    for i in np.flatnonzero(care.chosen).tolist():
        o = problem.options[i]
        unit, site = units.get(o.unit_id, o.unit_id), names.get(o.place_id, o.place_id)
        date, last = (
            situation.settings.date_of(day).isoformat() for day in (o.open_day, o.last_day)
        )
        text = (
            f"Proposal to the health authority: {unit} ({o.unit_id}) at {site} ({o.place_id}), "
            f"open from {date} (day {o.open_day}) to {last} or longer. It needs "
            f"{o.water_l:,.0f} L of water and {o.fuel_l:,.0f} L of fuel a day."
        )
        rows.append(
            {
                "unit_id": o.unit_id, "place_id": o.place_id, "leave_day": o.leave_day,
                "open_day": o.open_day, "last_day": o.last_day, "text": text,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=spec.schema).sort(spec.key)
