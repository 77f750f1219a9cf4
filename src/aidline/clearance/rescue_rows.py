"""The schedule of search and rescue as rows of the plan, and in words.

Nobody is ever said to be left out: where no team is within reach yet, the text says what would
bring one there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.clearance.kernels_rescue import arrival
from aidline.clearance.rescue_stages import dead_after
from aidline.clearance.worksites import CLASS_FOR, DEAD, LIVE, can_work

if TYPE_CHECKING:
    from aidline.clearance.rescue_stages import Case, Stage
    from aidline.clearance.worksites import Site
    from aidline.situation.situation import Situation

TASKS = {
    "task_id": pl.String, "kind": pl.String, "team_id": pl.String, "at_id": pl.String,
    "leave": pl.Float64, "travel_h": pl.Float64, "start": pl.Float64, "finish": pl.Float64,
    "finish_low": pl.Float64, "finish_high": pl.Float64, "work_team_days": pl.Float64,
}  # fmt: skip
RESCUES = {
    "worksite_id": pl.String, "triage": pl.String, "team_id": pl.String, "start": pl.Float64,
    "finish": pl.Float64, "alive_low": pl.Float64, "alive_mid": pl.Float64,
    "alive_high": pl.Float64, "missing": pl.Float64, "text": pl.String,
}  # fmt: skip
CLASS_WORDS = ("light", "medium", "heavy")
MADE_OF = {"reinforced_concrete": "reinforced concrete", "unknown": "unknown construction"}


def tasks(case: Case, cleared: Stage, rescued: Stage, recovered: Stage) -> pl.DataFrame:
    """Return rows of the table `tasks`, in the order of their start."""
    rows: list[dict[str, Any]] = []
    for kind, stage in (("assess", cleared), ("rescue", rescued), ("recover", recovered)):
        for row, site in _stage_rows(case, stage):
            share = site.search_h / max(site.search_h + site.rescue_h, 1e-9)
            if kind == "rescue" and site.search_h > 0:
                rows += _search_then_rescue(row, site.worksite_id, share, case.spread)
            else:
                rows.append({**row, "kind": kind, "task_id": f"{site.worksite_id}:{kind}"})
    return pl.DataFrame(rows, schema=TASKS).sort("start", "task_id")


def _search_then_rescue(
    row: dict[str, Any], code: str, share: float, spread: tuple[float, float]
) -> list[dict[str, Any]]:
    """Split the work of one team at a site: primary search, then getting out who is found."""
    left = (1.0 - share) * row["work_team_days"]
    middle = row["finish"] - left
    first = {
        **row, "kind": "search", "task_id": f"{code}:search", "finish": middle,
        "finish_low": min(middle, row["finish_low"] - spread[0] * left),
        "finish_high": max(middle, row["finish_high"] - spread[1] * left),
        "work_team_days": share * row["work_team_days"],
    }  # fmt: skip
    then = {
        **row, "kind": "rescue", "task_id": f"{code}:rescue", "leave": middle,
        "start": middle, "travel_h": 0.0, "work_team_days": left,
    }  # fmt: skip
    return [first, then] if left > 0 else [first]


def _stage_rows(case: Case, stage: Stage) -> list[tuple[dict[str, Any], Site]]:
    found = []
    came_from = _came_from(stage)
    for job, k in enumerate(stage.sites.tolist()):
        slot = int(stage.who[job])
        if slot < 0:
            continue
        team, site = stage.teams[slot], case.sites[k]
        leave = float(stage.leave[job])
        there, _ = arrival(
            stage.dispatch, slot, came_from[job], int(stage.dispatch.point[job]), leave
        )
        row = {
            "team_id": team.team_id,
            "at_id": site.worksite_id,
            "leave": leave,
            "travel_h": (there - leave) * team.hours_per_day,
            "start": float(stage.begin[job]),
            "finish": float(stage.finish[job]),
            "finish_low": float(stage.early[job]),
            "finish_high": float(stage.late[job]),
            "work_team_days": float(stage.finish[job] - stage.begin[job]),
        }
        found.append((row, site))
    return found


def _came_from(stage: Stage) -> dict[int, int]:
    """Return job -> point from which its team comes."""
    found = {}
    for slot in range(stage.dispatch.teams):
        at = int(stage.dispatch.start_point[slot])
        for job in stage.order[slot].tolist():
            if job >= 0 and stage.who[job] == slot:
                found[job] = at
                at = int(stage.dispatch.point[job])
    return found


def found_alive(case: Case, rescued: Stage) -> tuple[float, float, float]:
    """Return (low, mid, high): people expected to be found alive at all sites."""
    total = np.zeros(3)
    for job, k in enumerate(rescued.sites.tolist()):
        if np.isfinite(rescued.finish[job]):
            end = rescued.finish[job : job + 1]
            total += case.alive_if_done(case.sites[k], end)[:, 0]
    return float(total[0]), float(total[1]), float(total[2])


@dataclass(frozen=True)
class Visit:
    """A team's work at a site in one stage.

    Attributes
    ----------
    stage, job
        Where it stands in the schedule.
    """

    stage: Stage
    job: int

    @property
    def team_id(self) -> str:
        """Code of the team."""
        return self.stage.teams[int(self.stage.who[self.job])].team_id

    @property
    def span(self) -> str:
        """When, in words."""
        return f"day {self.begin:.1f} to {self.finish:.1f}"

    @property
    def begin(self) -> float:
        """When the work begins, days of the plan."""
        return float(self.stage.begin[self.job])

    @property
    def finish(self) -> float:
        """When the work is done, days of the plan."""
        return float(self.stage.finish[self.job])


def _visits(stage: Stage) -> dict[int, Visit]:
    """Return number of site -> visit, where a team comes in this stage."""
    return {k: Visit(stage, job) for k, job in stage.job_of().items() if stage.who[job] >= 0}


def rescues(
    situation: Situation, case: Case, cleared: Stage, rescued: Stage, recovered: Stage
) -> pl.DataFrame:
    """Return rows of the table `rescues`: one for every worksite."""
    names = dict(situation["areas"].select("area_id", "name").iter_rows())
    assessed, found, dug = _visits(cleared), _visits(rescued), _visits(recovered)
    dead = dead_after(case, rescued)
    rows = []
    for k, site in enumerate(case.sites):
        gone = site.turn == DEAD
        visit = (dug if gone else found).get(k)
        alive: list[float | None] = [None, None, None]
        where = names.get(site.area_id) or site.area_id or "an unknown area"
        if visit is None:
            text = _needed_text(case, site, recovered if gone else rescued, where, k in assessed)
        else:
            end = np.array([visit.finish])
            alive = [0.0] * 3 if gone else case.alive_if_done(site, end)[:, 0].tolist()
            parts = [_assess_text(assessed[k])] if k in assessed else []
            parts += [] if gone else [_rescue_text(site, visit, alive)]
            parts += [_recovery_text(site, dug.get(k))] if dead[k] > 0 else []
            text = " ".join(parts)
        rows.append(
            {
                "worksite_id": site.worksite_id,
                "triage": site.triage,
                "team_id": visit.team_id if visit else None,
                "start": visit.begin if visit else None,
                "finish": visit.finish if visit else None,
                **dict(zip(("alive_low", "alive_mid", "alive_high"), alive, strict=True)),
                "missing": site.missing,
                "text": text,
            }
        )
    return pl.DataFrame(rows, schema=RESCUES)


def _assess_text(visit: Visit) -> str:
    return f"{visit.team_id} assesses the explosive hazard first: {visit.span}."


def _rescue_text(site: Site, visit: Visit, alive: list[float | None]) -> str:
    """Say who searches and rescues, and when."""
    low, mid, high = (f"{n:.1f}" for n in alive)
    careful = "No heavy machine while anybody may live."
    if site.turn == LIVE:
        people = "1 person" if round(site.live) == 1 else f"{site.live:.0f} people"
        rest = " and looks for the missing" if site.others > 0 else ""
        return (
            f"{visit.team_id} gets {people} out, confirmed alive,{rest}: {visit.span}; {mid} may "
            f"be found alive ({low} to {high}). {careful}"
        )
    return (
        f"{visit.team_id} searches and gets out whom it finds: {visit.span}; {mid} may be found "
        f"alive ({low} to {high}). Any sign of life changes the plan at once. {careful}"
    )


def _recovery_text(site: Site, visit: Visit | None) -> str:
    """Say who recovers the dead; only those known are counted, nobody is foretold dead."""
    known = f"the dead ({site.dead:.0f} known)" if site.dead else "any dead"
    if visit is None:
        return f"To recover {known} takes one more recovery team."
    when = visit.span
    if site.turn != DEAD:
        when = f"from day {visit.begin:.1f} if the authority has ended the search"
    return (
        f"{visit.team_id} recovers {known} with dignity, {when}: each tagged and bagged "
        "singly, kept at 2 to 4 °C, families told."
    )


def _needed_text(case: Case, site: Site, stage: Stage, where: str, assessed: bool) -> str:
    """Say what would bring a team there, or sooner."""
    gone = site.turn == DEAD
    kind = "recovery" if gone else CLASS_WORDS[CLASS_FOR[site.structure]]
    able = [gone or can_work(t.kind, site.structure) for t in stage.teams]
    start = "No team is within reach yet. "
    if site.explosive and not assessed:
        return start + f"First an explosive-disposal team must get to {where}."
    if not any(able):
        made_of = MADE_OF.get(site.structure, site.structure)
        more = "" if gone else f" ({made_of}), or a heavier one"
        return start + f"A {kind} team{more} can do this work: to be asked for."
    day = _first_way(case, site, stage, able)
    if day is None:
        return start + f"No road leads to {where} in this plan: a way in, or a team by air or sea."
    if day > 0:
        return start + (
            f"The road to {where} lets a team through on day {day}: an earlier opening, a {kind} "
            "team from there on, or one by air or sea."
        )
    return start + (
        f"All teams for it have work until they leave: one more {kind} team, or a longer stay."
    )


def _first_way(case: Case, site: Site, stage: Stage, able: list[bool]) -> int | None:
    """Return the first day on which some able team finds a way to the site; None = never."""
    point = case.ground.point_of.get(site.area_id)
    if point is None:
        return None
    net = stage.dispatch
    for day, state in enumerate(case.ground.state_of_day.tolist()):
        hours = net.travel_h[net.travel_of[able], state, net.start_point[able], point]
        if np.isfinite(hours).any():
            return day
    return None
