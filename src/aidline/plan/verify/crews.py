"""Blockages, road crews and tasks, as the rules of clearing see them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

ROAD_TASKS = ("assess", "single_lane", "full")
GRADES = ("single_lane", "full")


@dataclass(frozen=True, slots=True)
class Blockage:
    """What blocks a segment, and the work on it in days of one team.

    Attributes
    ----------
    blockage_id, segment_id
        Codes.
    single_days
        Work to open one lane; None where nothing is known.
    full_days
        Further work to open it fully.
    assess_days
        Work to assess explosive hazards, or to remove one that is confirmed.
    suspected
        True where nobody may work before it has been assessed.
    """

    blockage_id: str
    segment_id: str | None
    single_days: float | None
    full_days: float | None
    assess_days: float
    suspected: bool

    def work_days(self, kind: str) -> float | None:
        """Return the work of a task of some kind; None where it is not known."""
        work = {
            "assess": self.assess_days, "single_lane": self.single_days, "full": self.full_days,
        }  # fmt: skip
        return work[kind]


@dataclass(frozen=True, slots=True)
class Team:
    """A team: it can work from day `first` until the moment `end`, `hours_per_day` each day.

    `base_id` is None where it may start anywhere.
    """

    team_id: str
    kind: str
    base_id: str | None
    hours_per_day: float
    first: float
    end: float


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the table `tasks`; times are days since the start of the plan."""

    task_id: str
    kind: str
    team_id: str
    at_id: str
    leave: float
    travel_h: float
    start: float
    finish: float
    work_team_days: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> Task:
        """Read a row."""
        return cls(**{name: row[name] for name in cls.__slots__})

    @property
    def order(self) -> tuple[float, float, float, str]:
        """What puts the tasks of a team in order."""
        return self.leave, self.start, self.finish, self.task_id


def blockages(situation: Situation, ledger: Ledger) -> dict[str, Blockage]:
    """Return every blockage by code, with its work."""
    conflict = situation.settings.context == "conflict"
    found = {}
    for row in situation["blockages"].iter_rows(named=True):
        hazard = row["explosive_hazard"] or "unknown"
        disposal = "clearance.disposal_days" if hazard == "confirmed" else "clearance.assess_days"
        single = _single_days(row, ledger)
        found[row["blockage_id"]] = Blockage(
            row["blockage_id"],
            row["segment_id"],
            single,
            _full_days(row["full_crew_days"], single, ledger),
            ledger.take(disposal),
            hazard in ("suspected", "confirmed") or (hazard == "unknown" and conflict),
        )
    return found


def _single_days(row: dict[str, Any], ledger: Ledger) -> float | None:
    """Return the work to open one lane: as given, else from the volume, else from the span."""
    if row["single_lane_crew_days"] is not None:
        return float(row["single_lane_crew_days"])
    if row["volume_m3"]:
        return float(row["volume_m3"]) / ledger.take("clearance.m3_per_crew_day")
    if row["span_m"]:
        return float(row["span_m"]) * ledger.take("clearance.bridge_days_per_m")
    return None


def _full_days(whole: float | None, single: float | None, ledger: Ledger) -> float | None:
    """Return the work that is left when one lane is open."""
    if single is None:
        return None
    if whole is None:
        whole = ledger.take("clearance.full_ratio") * single
    return max(0.0, whole - single)


def teams(situation: Situation, ledger: Ledger) -> dict[str, Team]:
    """Return every team by code."""
    usual = {
        "road_crew": ledger.take("team.hours_per_day"),
        "explosive_disposal": ledger.take("team.hours_per_day.explosive_disposal"),
    }
    start = situation.settings.start_date

    def day(date: dt.date | None, unknown: float) -> float:
        return unknown if date is None else float((date - start).days)

    return {
        row["team_id"]: Team(
            row["team_id"],
            row["kind"],
            row["place_id"],
            usual.get(row["kind"], usual["road_crew"])
            if row["hours_per_day"] is None
            else float(row["hours_per_day"]),
            day(row["available_from"], 0.0),
            day(row["until"], math.inf) + 1.0,
        )
        for row in situation["teams"].iter_rows(named=True)
    }


def tasks(rows: pl.DataFrame) -> list[Task]:
    """Return the tasks on roads, in order."""
    kept = (Task.of(row) for row in rows.iter_rows(named=True) if row["kind"] in ROAD_TASKS)
    return sorted(kept, key=lambda task: (task.team_id, task.order))
