"""Worksites and teams as jobs for the scheduler: who can, how long, how far, at what loss."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.clearance.rescue_problem import MOST_PER_TEAM, Dispatch, Schedule
from aidline.clearance.rescue_search import best_schedule
from aidline.network.access import travel_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.clearance.rescue_problem import Floats, Ints
    from aidline.clearance.worksites import Team
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

STEP = 1 / 48
"""Days between points of a cost curve: half an hour."""
NEVER_LEFT = 1e6  # cost of dropping a job whose time is already promised
TRUCKS = ("heavy_truck", "truck", "light_truck")
OFF_DUTY = ("ambulance", "bus")  # carry patients
ANY, LOADED = 0, 1


@dataclass(frozen=True, eq=False)
class Ground:
    """Driving times between bases and areas.

    Attributes
    ----------
    point_of
        Code of a base or area -> point.
    travel_h
        [kinds of vehicle, states, points, points] hours; infinite where there is no way. Kind
        0 is any vehicle, kind 1 a truck, which the gear of medium and heavy teams needs.
    state_of_day
        [days].
    """

    point_of: dict[str, int]
    travel_h: Floats
    state_of_day: Ints

    @classmethod
    def of(
        cls, situation: Situation, areas: Sequence[str], bases: Sequence[str], ledger: Ledger
    ) -> Ground:
        """Ask for the driving times on each day of the plan."""
        known = set(situation["areas"]["area_id"].to_list())
        places = set(situation["places"]["place_id"].to_list())
        stops = sorted(set(areas) & known)
        starts = sorted((set(bases) & places) - set(stops))
        days = situation.settings.days
        point_of = {code: p for p, code in enumerate([*stops, *starts])}
        shape = (2, 1, len(point_of), len(point_of))
        if not stops:
            return cls(point_of, np.full(shape, np.inf), np.zeros(days, np.int64))
        kinds = _vehicles(situation)
        classes = sorted({c for kind in kinds for c in kind})
        times = travel_times(situation, list(point_of), stops, classes, ledger)
        travel = np.full((2, times.hours.shape[0], *shape[2:]), np.inf)
        for k, kind in enumerate(kinds):
            at = [classes.index(c) for c in kind]
            travel[k, :, :, : len(stops)] = times.hours[:, at].min(axis=1)
        return cls(point_of, travel, times.state_of_day.astype(np.int64))


def _vehicles(situation: Situation) -> tuple[list[str], list[str]]:
    """Return the classes that a light team may take, and those that a medium or heavy needs."""
    table = situation["vehicle_classes"]
    by_code = dict(zip(table["class_id"].to_list(), table["profile"].to_list(), strict=True))
    any_kind = sorted(c for c, p in by_code.items() if c is not None and p not in OFF_DUTY)
    trucks = [c for c in any_kind if (by_code[c] or "truck") in TRUCKS]
    any_kind = any_kind or ["truck"]  # an unknown class drives as a truck
    return any_kind, trucks or any_kind


@dataclass(frozen=True, eq=False)
class Work:
    """Jobs of one kind, before they meet the teams.

    Attributes
    ----------
    areas
        [jobs] area of each.
    hours
        [teams, jobs] hours of work; infinite where the team cannot do it.
    release
        [jobs] earliest start, days.
    loss
        [jobs, steps + 1] what is lost by a finish at each multiple of `STEP`.
    undone
        [jobs] what is lost if nobody does it.
    """

    areas: list[str]
    hours: Floats
    release: Floats
    loss: Floats
    undone: Floats


def dispatch_of(ground: Ground, teams: Sequence[Team], work: Work) -> Dispatch:
    """Return the scheduling problem; a team with two sites at once counts twice."""
    slots = [k for k, team in enumerate(teams) for _ in range(team.slots)]
    of = [teams[k] for k in slots]
    nowhere = len(ground.point_of)  # base or area unknown, or off the map: no way there
    travel = np.pad(ground.travel_h, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.inf)
    day_h = np.array([team.hours_per_day for team in of])
    point = np.array([ground.point_of.get(a, nowhere) for a in work.areas], np.int64)
    days = np.maximum(STEP, work.hours[slots] / day_h[:, None])  # no job is shorter
    loaded = [team.kind in {"usar_medium", "usar_heavy"} for team in of]
    return Dispatch(
        work=np.where((point == nowhere)[None, :] | (work.release == np.inf), np.inf, days),
        start_point=np.array([ground.point_of.get(t.place_id, nowhere) for t in of], np.int64),
        travel_of=np.array(loaded, np.int64),
        day_h=day_h,
        opens=np.array([team.opens for team in of], np.float64),
        closes=np.array([team.closes for team in of], np.float64),
        point=point,
        release=np.where(np.isfinite(work.release), work.release, 0.0),
        due=np.full(len(point), np.inf),
        undone=work.undone.astype(np.float64),
        cost=np.ascontiguousarray(work.loss, np.float64),
        step=STEP,
        travel_h=travel,
        state_of_day=ground.state_of_day,
    )


def in_turns(
    dispatch: Dispatch, turn: Ints, *, seed: int, time_limit_s: float
) -> tuple[Ints, Schedule | None]:
    """Schedule jobs by turns: no job of a later turn may delay one of an earlier turn.

    Parameters
    ----------
    dispatch
        The problem with all jobs.
    turn
        [jobs] the least first.

    Returns
    -------
    tuple
        The order of all jobs by team, and the schedule of the first turn with its bound (in the
        numbering of its own jobs), None where there is no job.
    """
    order = np.full((dispatch.teams, MOST_PER_TEAM), -1, np.int64)
    first: Schedule | None = None
    turns = sorted(set(turn.tolist()))
    for t in turns:
        now, limit_s = np.flatnonzero(turn == t), time_limit_s / len(turns)
        if first is None:
            first = best_schedule(part(dispatch, now), seed=seed, time_limit_s=limit_s)
            order = _named(first.order, now)
            continue
        promised, kept = _promised(dispatch, order, np.flatnonzero(turn < t), now)
        start = _renumbered(order, kept)
        found = best_schedule(promised, start=start, seed=seed, time_limit_s=limit_s, bounded=False)
        order = _named(found.order, kept)
    return order, first


def part(dispatch: Dispatch, jobs: Ints) -> Dispatch:
    """Return the problem with some of the jobs only."""
    return dispatch._replace(
        work=np.ascontiguousarray(dispatch.work[:, jobs]),
        point=dispatch.point[jobs],
        release=dispatch.release[jobs],
        due=dispatch.due[jobs],
        undone=dispatch.undone[jobs],
        cost=np.ascontiguousarray(dispatch.cost[jobs]),
    )


def _promised(dispatch: Dispatch, order: Ints, before: Ints, now: Ints) -> tuple[Dispatch, Ints]:
    """Return the jobs of this turn with those already scheduled, whose finish may not move."""
    from aidline.clearance.kernels_rescue import times_of

    done = times_of(dispatch, order)[2]
    before = before[np.isfinite(done[before])]
    kept = np.concatenate([before, now])
    problem = part(dispatch, kept)
    fixed = len(before)
    due, undone, cost = problem.due.copy(), problem.undone.copy(), problem.cost.copy()
    due[:fixed], undone[:fixed], cost[:fixed] = done[before], NEVER_LEFT, 0.0
    return problem._replace(due=due, undone=undone, cost=cost), kept


def _renumbered(order: Ints, kept: Ints) -> Ints:
    place = {job: k for k, job in enumerate(kept.tolist())}
    rows = [[place.get(j, -1) for j in row] for row in order.tolist()]
    return np.array(rows, np.int64).reshape(order.shape)


def _named(order: Ints, kept: Ints) -> Ints:
    return np.where(order >= 0, kept[np.maximum(order, 0)], -1).astype(np.int64)


def relaxed_release(dispatch: Dispatch, release: Floats) -> Dispatch:
    """Return the problem with earlier releases: a bound of it is one of every way to plan."""
    return dispatch._replace(release=np.minimum(dispatch.release, release))


def without_limits(dispatch: Dispatch, ratio: float) -> Dispatch:
    """Return the problem with more or less work and without last moments."""
    far = np.full_like
    return dispatch._replace(
        work=dispatch.work * ratio, closes=far(dispatch.closes, np.inf),
        due=far(dispatch.due, np.inf),
    )  # fmt: skip


def sorted_teams(teams: Sequence[Team], taken: dict[str, float]) -> list[Team]:
    """Return the teams by code, each free only after what it already has to do."""
    later = [dataclasses.replace(t, opens=max(t.opens, taken.get(t.team_id, 0.0))) for t in teams]
    return sorted((t for t in later if t.closes > t.opens), key=lambda t: t.team_id)
