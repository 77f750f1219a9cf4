"""R1 to R6: road crews, their tasks, and the roads that a plan says it opens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import polars as pl

from aidline.network.openings import with_openings
from aidline.plan.verify import crews
from aidline.plan.verify.crew_ways import NEAR, CrewWays
from aidline.plan.verify.facts import Facts
from aidline.plan.verify.form import clearing_rows
from aidline.plan.verify.violations import ABSOLUTE, Violation, Words, number
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from aidline.plan.plan import Plan
    from aidline.plan.verify.crews import Blockage, Task, Team
    from aidline.situation.situation import Situation

DOES = {"assess": "explosive_disposal", "single_lane": "road_crew", "full": "road_crew"}
"""Which kind of team does which kind of task."""
OPENING = ["segment_id", "grade", "day", "speed_factor"]
WORK = {
    "assess": "assessing explosive hazards", "single_lane": "opening one lane",
    "full": "opening it fully",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Worksheet:
    """The tasks and openings of a plan beside what is known of roads and teams.

    Attributes
    ----------
    blockages, teams
        By code.
    tasks
        Tasks on roads by team, in the order in which it does them.
    openings
        Usable rows of `road_openings`.
    ways
        Driving times; None where there are no roads.
    full_speed
        Grade -> greatest speed against the undamaged road.
    days
        Length of the plan.
    words
        Names and dates.
    tolerance
        Share of a limit by which rounding may pass it.
    """

    blockages: dict[str, Blockage]
    teams: dict[str, Team]
    tasks: list[Task]
    openings: pl.DataFrame
    ways: CrewWays | None
    full_speed: dict[str, float]
    days: int
    words: Words
    tolerance: float

    def less(self, found: float, limit: float) -> bool:
        """Tell whether `found` is below a limit by more than rounding explains."""
        slack = self.tolerance * abs(limit) + ABSOLUTE if math.isfinite(limit) else 0.0
        return found < limit - slack

    def ends(self, at_id: str) -> NDArray[np.int64] | None:
        """Return the ends of the segment of a blockage; None where it is on no known road."""
        site = self.blockages.get(at_id)
        if self.ways is None or site is None or site.segment_id is None:
            return None
        return self.ways.ends.get(site.segment_id)

    def broken(
        self,
        rule: str,
        task: Task,
        text: str,
        found: float | None = None,
        limit: float | None = None,
    ) -> Violation:
        """Return a rule that a task breaks; `text` follows on the name of its team."""
        day = math.floor(task.start) if task.start < self.days else None
        site = self.blockages.get(task.at_id)
        road = f" on {self.words.name(site.segment_id)}" if site and site.segment_id else ""
        sentence = f"{task.team_id} at {task.at_id}{road}: {text}."
        return Violation(rule, f"{task.team_id} {task.at_id}", day, found, limit, sentence)


def checked_clearing(situation: Situation, plan: Plan, tolerance: float) -> list[Violation]:
    """Return every broken rule of tasks and road openings, those of their form included.

    Parameters
    ----------
    situation
        What is known, without the openings of the plan.
    plan
        Its tables `tasks` and `road_openings` are read; nothing in them is trusted.
    tolerance
        Share of a limit by which rounding may pass it.
    """
    tables, found = clearing_rows(situation, plan)
    here = pl.col("at_id").is_in(situation["worksites"]["worksite_id"].implode())
    elsewhere = here & ~pl.col("kind").is_in(crews.GRADES)  # rules W1 to W8 are about these
    tables["tasks"] = tables["tasks"].filter(~elsewhere)
    if tables["tasks"].height == 0 and tables["road_openings"].height == 0:
        return found
    sheet = _worksheet(situation, tables, tolerance)
    for row in (
        tables["tasks"].filter(~pl.col("kind").is_in(crews.ROAD_TASKS)).iter_rows(named=True)
    ):
        task = crews.Task.of(row)
        found.append(sheet.broken("R1.kind", task, f"the task {task.kind} is none on a road"))
    for rule in RULES:
        found += rule(sheet)
    return found


def _worksheet(
    situation: Situation, tables: dict[str, pl.DataFrame], tolerance: float
) -> Worksheet:
    ledger = Ledger()
    sites, tasks = crews.blockages(situation, ledger), crews.tasks(tables["tasks"])
    settings, openings = situation.settings, tables["road_openings"]
    speed = {"single_lane": ledger.take("clearance.single_lane_speed"), "full": 1.0}
    after = [
        (segment, grade, day, speed[grade])
        for (segment, grade), day in _opened(sites, tasks).items()
        if settings.days <= day < settings.days + 366
    ]
    open_to_teams = pl.concat(
        [
            openings.select(OPENING),
            pl.DataFrame(after, schema=openings.select(OPENING).schema, orient="row"),
        ]
    )
    segments = {site.segment_id for site in sites.values() if site.segment_id is not None}
    last_leave = max((task.leave for task in tasks), default=0.0)
    names = situation["road_segments"].select("segment_id", "name").drop_nulls()
    return Worksheet(
        sites,
        crews.teams(situation, ledger),
        tasks,
        openings,
        CrewWays.of(situation, open_to_teams, segments, last_leave),
        speed,
        settings.days,
        Words(
            dict(names.iter_rows()),
            tuple(settings.date_of(d).isoformat() for d in range(settings.days)),
        ),
        tolerance,
    )


def could_be_reached(situation: Situation) -> frozenset[str]:
    """Return the areas that trucks could reach with all blockages cleared whose work is known."""
    sites = crews.blockages(situation, Ledger()).values()
    ids = sorted({s.segment_id for s in sites if s.segment_id and s.work_days("single_lane")})
    openings = pl.DataFrame({"segment_id": ids}, schema={"segment_id": pl.String}).with_columns(
        grade=pl.lit("full"), day=pl.lit(0), speed_factor=pl.lit(1.0)
    )
    return Facts.of(with_openings(situation, openings)).reachable


def _opened(sites: dict[str, Blockage], tasks: list[Task]) -> dict[tuple[str, str], int]:
    """Return (segment, grade) -> first day on which traffic may use it.

    A segment is open when the work on all its blockages is done; a task that stands in the plan
    several times counts when it is done first.
    """
    done: dict[tuple[str, str], float] = {}
    for task in tasks:
        key = (task.at_id, task.kind)
        done[key] = min(done.get(key, math.inf), task.finish)
    for code, site in sites.items():
        if site.work_days("full") == 0 and (code, "single_lane") in done:
            done.setdefault((code, "full"), done[code, "single_lane"])
    on: dict[str, list[str]] = {}
    for site in sites.values():
        if site.segment_id is not None:
            on.setdefault(site.segment_id, []).append(site.blockage_id)
    found = {}
    for segment, blocked in on.items():
        for grade in crews.GRADES:
            last = max(done.get((b, grade), math.inf) for b in blocked)
            if last < math.inf:
                found[segment, grade] = math.ceil(last - NEAR)
    return found


def r1_teams(sheet: Worksheet) -> list[Violation]:
    """R1: road crews open roads, disposal teams assess hazards."""
    found = []
    for task in sheet.tasks:
        team = sheet.teams[task.team_id]
        if team.kind != DOES[task.kind]:
            text = f"{WORK[task.kind]} is for teams of kind {DOES[task.kind]}, not {team.kind}"
            found.append(sheet.broken("R1.team", task, text))
    return found


def r1_blockages(sheet: Worksheet) -> list[Violation]:
    """R1: work is on blockages of known roads, and its size is known."""
    found = []
    for task in sheet.tasks:
        site = sheet.blockages.get(task.at_id)
        if site is None or sheet.ends(task.at_id) is None:
            found.append(sheet.broken("R1.blockage", task, "it is no blockage on a known road"))
        elif site.work_days(task.kind) is None:
            text = f"nothing is known of the work of {WORK[task.kind]}"
            found.append(sheet.broken("R1.work", task, text))
    return found


def r2_once(sheet: Worksheet) -> list[Violation]:
    """R2: each task is done once, by one team."""
    key: Callable[[Task], tuple[str, str]] = lambda task: (task.at_id, task.kind)  # noqa: E731
    found = []
    for _, group in groupby(sorted(sheet.tasks, key=key), key):
        found += [
            sheet.broken("R2.once", task, f"{WORK[task.kind]} is planned more than once")
            for task in list(group)[1:]
        ]
    return found


def r2_order(sheet: Worksheet) -> list[Violation]:
    """R2: hazards are assessed before any other work, one lane is opened before the rest."""
    done = {(task.at_id, task.kind): task.finish for task in reversed(sheet.tasks)}
    found = []
    for task in sheet.tasks:
        site = sheet.blockages.get(task.at_id)
        assessed = done.get((task.at_id, "assess"))
        if task.kind != "assess" and site is not None:
            if assessed is None and site.suspected:
                text = "nobody works there before explosive hazards have been assessed"
                found.append(sheet.broken("R2.assess", task, text))
            if assessed is not None and sheet.less(task.start, assessed):
                text = (
                    f"work begins at {number(task.start)}, hazards are assessed at "
                    f"{number(assessed)}"
                )
                found.append(sheet.broken("R2.assess", task, text, task.start, assessed))
        lane = done.get((task.at_id, "single_lane"), math.inf)
        if task.kind == "full" and sheet.less(task.start, lane):
            when = "never" if lane == math.inf else f"at {number(lane)}"
            text = f"full opening begins at {number(task.start)}, one lane is open {when}"
            limit = None if lane == math.inf else lane
            found.append(sheet.broken("R2.order", task, text, task.start, limit))
    return found


def r3_work(sheet: Worksheet) -> list[Violation]:
    """R3: a task takes the work that its blockage needs."""
    found = []
    for task in sheet.tasks:
        site = sheet.blockages.get(task.at_id)
        need = None if site is None else site.work_days(task.kind)
        if need is None:
            continue
        for have, what in (
            (task.work_team_days, "is counted as {} days of work"),
            (task.finish - task.start, "is done in {} days"),
        ):
            if sheet.less(have, need):
                said = what.format(number(have))
                text = f"{WORK[task.kind]} {said}, it takes {number(need)}"
                found.append(sheet.broken("R3.work", task, text, have, need))
    return found


def r3_start(sheet: Worksheet) -> list[Violation]:
    """R3: work begins when the team is there."""
    found = []
    for task in sheet.tasks:
        hours = sheet.teams[task.team_id].hours_per_day
        way = 0.0 if task.travel_h == 0 else task.travel_h / hours if hours > 0 else math.inf
        there = task.leave + way
        if sheet.less(task.start, there):
            text = f"work begins at {number(task.start)}, the team is there at {number(there)}"
            limit = there if there < math.inf else None
            found.append(sheet.broken("R3.start", task, text, task.start, limit))
    return found


def r4_days(sheet: Worksheet) -> list[Violation]:
    """R4: a team works on the days on which it is there."""
    found = []
    for task in sheet.tasks:
        team = sheet.teams[task.team_id]
        if team.hours_per_day <= 0:
            found.append(sheet.broken("R4.days", task, "the team has no working hours"))
        if sheet.less(task.leave, team.first):
            text = (
                f"it sets out at {number(task.leave)}, the team is there from {number(team.first)}"
            )
            found.append(sheet.broken("R4.days", task, text, task.leave, team.first))
        if sheet.less(-task.finish, -team.end):
            text = f"it ends at {number(task.finish)}, the team is there until {number(team.end)}"
            found.append(sheet.broken("R4.days", task, text, task.finish, team.end))
    return found


def r4_overlap(sheet: Worksheet) -> list[Violation]:
    """R4: a team does one task at a time."""
    found = []
    for before, task in _in_turn(sheet):
        if before is not None and sheet.less(task.leave, before.finish):
            text = (
                f"it sets out at {number(task.leave)}, its work at {before.at_id} ends at "
                f"{number(before.finish)}"
            )
            found.append(sheet.broken("R4.overlap", task, text, task.leave, before.finish))
    return found


def r5_ways(sheet: Worksheet) -> list[Violation]:
    """R5: a team drives over roads that are open when it sets out, no quicker than they allow."""
    found = []
    for before, task in _in_turn(sheet):
        base = sheet.teams[task.team_id].base_id
        goal = sheet.ends(task.at_id)
        origin = base if before is None else before.at_id
        if sheet.ways is None or goal is None or origin is None:
            continue  # rule R1 says so, or the team may start anywhere
        start = sheet.ways.base(origin) if before is None else sheet.ends(origin)
        if start is None:
            continue
        hours = sheet.ways.hours(task.leave, start, goal)
        if math.isinf(hours):
            text = f"on {_moment(sheet, task.leave)} no open road leads there from {origin}"
            found.append(sheet.broken("R5.way", task, text))
        elif sheet.less(task.travel_h, hours):
            text = (
                f"the way from {origin} is said to take {number(task.travel_h)} h, it takes "
                f"{number(hours)} h"
            )
            found.append(sheet.broken("R5.travel", task, text, task.travel_h, hours))
    return found


def r6_openings(sheet: Worksheet) -> list[Violation]:
    """R6: a road is open from the day after the work on all its blockages is done, no faster."""
    opened, found = _opened(sheet.blockages, sheet.tasks), []
    for row in sheet.openings.iter_rows(named=True):
        segment, grade, day, speed = (
            row[c] for c in ("segment_id", "grade", "day", "speed_factor")
        )
        true_day, words = opened.get((segment, grade)), f"{sheet.words.name(segment)} ({grade})"
        if true_day is None:
            text = f"{words} is opened, but work on its blockages is not all planned."
            found.append(Violation("R6.segment", segment, day, None, None, text))
        elif day < true_day:
            text = (
                f"{words} is opened on {sheet.words.day(day)}, the work is done for day {true_day}."
            )
            found.append(Violation("R6.day", segment, day, day, true_day, text))
        if sheet.less(-speed, -sheet.full_speed[grade]):
            limit = sheet.full_speed[grade]
            text = (
                f"{words} is opened at {number(speed)} of its speed, at most {number(limit)} is "
                "possible."
            )
            found.append(Violation("R6.speed", segment, day, speed, limit, text))
    return found


RULES: tuple[Callable[[Worksheet], list[Violation]], ...] = (
    r1_teams, r1_blockages, r2_once, r2_order, r3_work, r3_start, r4_days, r4_overlap, r5_ways,
    r6_openings,
)  # fmt: skip


def _in_turn(sheet: Worksheet) -> Iterator[tuple[Task | None, Task]]:
    """Yield each task with the one that the same team did before."""
    for _, own in groupby(sheet.tasks, lambda task: task.team_id):
        yield from pairwise([None, *own])


def _moment(sheet: Worksheet, at: float) -> str:
    return sheet.words.day(math.floor(min(at, 1e6)))
