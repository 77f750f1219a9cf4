"""A schedule of crews as tables of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.clearance.works import KINDS

if TYPE_CHECKING:
    from aidline.clearance.schedule import Schedule, Site
    from aidline.network.damage import Damage
    from aidline.network.roads import Roads
    from aidline.situation.defaults import Ledger

GRADES = ("single_lane", "full")


def task_table(site: Site, schedule: Schedule, ledger: Ledger) -> pl.DataFrame:
    """Return the table `tasks`.

    The range of the finish is that of the same list of tasks with all work quicker or slower
    than thought, travel as it is.
    """
    done = np.flatnonzero(schedule.team >= 0)
    block, kind = done // len(KINDS), done % len(KINDS)
    leave, travel, start, finish = schedule.times[done].T
    work = site.works.days[block, kind]
    low, high = (
        ledger.take(f"clearance.work_{end}", "range of finishing times") for end in ("low", "high")
    )
    before = _work_before(schedule, done, work)
    return pl.DataFrame(
        {
            "task_id": [
                f"{site.works.ids[b]}:{KINDS[k]}" for b, k in zip(block, kind, strict=True)
            ],
            "kind": [KINDS[k] for k in kind],
            "team_id": [site.crews.ids[t] for t in schedule.team[done]],
            "at_id": [site.works.ids[b] for b in block],
            "leave": leave,
            "travel_h": travel,
            "start": start,
            "finish": finish,
            "finish_low": finish - (1.0 - low) * before,
            "finish_high": finish + (high - 1.0) * before,
            "work_team_days": work,
        },
        schema_overrides=dict.fromkeys(("task_id", "kind", "team_id", "at_id"), pl.String),
    )


def _work_before(schedule: Schedule, done: np.ndarray, work: np.ndarray) -> np.ndarray:
    """Return the work of the same team up to the end of each task."""
    total = np.zeros(len(done))
    for team in np.unique(schedule.team[done]):
        mine = np.flatnonzero(schedule.team[done] == team)
        mine = mine[np.argsort(schedule.times[done[mine], 3])]
        total[mine] = np.cumsum(work[mine])
    return total


def opening_table(site: Site, schedule: Schedule, roads: Roads, damage: Damage) -> pl.DataFrame:
    """Return the table `road_openings`: what opens within the plan and is better than before."""
    row_of = {code: n for n, code in enumerate(roads.segments.ids.astype(str).tolist())}
    days = len(damage.state_of_day)
    rows = []
    for s, code in enumerate(site.segment_ids):
        for grade, factor in ((0, site.lane_speed), (1, 1.0)):
            if schedule.opened[s, grade] >= days:
                continue
            day, row = int(schedule.opened[s, grade]), row_of[code]
            state = damage.state_of_day[day]
            now, limited = damage.factor[state, row], np.isfinite(damage.limit_t[state, row])
            better = damage.closed[state, row] or now < factor or (limited and now <= factor)
            if better or grade:
                rows.append((code, GRADES[grade], day, factor))
    schema = {
        "segment_id": pl.String,
        "grade": pl.String,
        "day": pl.Int64,
        "speed_factor": pl.Float64,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    # one lane is no news on a day on which the whole width is open
    return table.sort("segment_id", "day", "speed_factor").unique(
        ["segment_id", "day"], keep="last", maintain_order=True
    )
