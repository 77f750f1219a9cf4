"""Tiny worksites from literals, random scheduling problems, and their optimum by trying all."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.clearance.rescue import RescuePlan, plan_rescue
from aidline.clearance.rescue_problem import Dispatch
from aidline.plan.plan import Plan, RunRecord
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    from aidline.plan.verify.violations import Violation

START = dt.date(2027, 3, 2)
SITES = (
    "worksite_id area_id triage scheme_year structure void confirmed_live missing dead hazards "
    "last_contact"
)
TEAMS = "team_id kind place_id available_from until hours_per_day sites_at_once"
ROADS = "from_id to_id class_id date status travel_h"


def date(day: int) -> dt.date:
    """The date of a day of the plan."""
    return START + dt.timedelta(days=day)


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    """A table; lines may be shorter than the columns, what is missing is unknown."""
    names = columns.split()
    filled = [(*line, *[None] * (len(names) - len(line))) for line in lines]
    return pl.DataFrame(filled, schema=names, orient="row", infer_schema_length=None)


def site(code: str, area: str = "A1", triage: str | None = "B", **more: Any) -> tuple[Any, ...]:
    """A worksite of masonry, one person confirmed alive, nobody else missing."""
    row = {
        "scheme_year": 2020, "structure": "masonry", "void": "unknown",
        "confirmed_live": 1.0 if triage in {"A", "B"} else 0.0, "missing": 1.0, "dead": 0.0,
        "hazards": None, "last_contact": date(-1), **more,
    }  # fmt: skip
    return (code, area, triage, *row.values())


def team(code: str, kind: str = "usar_medium", place: str = "BASE", **more: Any) -> tuple[Any, ...]:
    """A team that is there from the first day to the last."""
    row = {
        "available_from": date(0), "until": date(9), "hours_per_day": 24.0, "sites_at_once": 1,
        **more,
    }  # fmt: skip
    return (code, kind, place, *row.values())


def world(
    sites: list[tuple[Any, ...]],
    teams: list[tuple[Any, ...]],
    *,
    hours: float = 2.4,
    closed_until: int = 0,
    context: str = "earthquake",
    hazards: pl.DataFrame | None = None,
) -> Situation:
    """Areas A1 and A2 and a base, each so many hours from the others; A2 may open later."""
    places = ["BASE", "A1", "A2"]
    ways = [
        (a, b, "truck", date(0), "closed" if closed_until and "A2" in {a, b} else "open", hours)
        for a in places
        for b in places[1:]
        if a != b
    ]
    if closed_until:
        ways += [
            (a, b, c, date(closed_until), "open", h) for a, b, c, _, s, h in ways if s == "closed"
        ]
    tables = {
        "areas": pl.DataFrame(
            {"area_id": ["A1", "A2"], "latitude": [0.1, 0.2], "longitude": [0.0, 0.0]}
        ),
        "places": pl.DataFrame(
            {"place_id": ["BASE"], "kind": ["base"], "latitude": [0.0], "longitude": [0.0]}
        ),
        "vehicle_classes": pl.DataFrame({"class_id": ["truck"], "profile": ["truck"]}),
        "travel_times": rows(ROADS, *ways),
        "worksites": rows(SITES, *sites),
        "teams": rows(TEAMS, *teams),
    }
    if hazards is not None:
        tables["hazards"] = hazards
    return Situation.of(Settings("Test", START, 10, context), tables)


def planned(situation: Situation, **more: Any) -> RescuePlan:
    """The plan of a situation."""
    return plan_rescue(situation, Ledger(), **more)


def verdict(situation: Situation, tasks: pl.DataFrame, rescues: pl.DataFrame) -> list[Violation]:
    """What the verifier says."""
    from aidline.plan.verify.worksites import checked_worksites

    record = RunRecord("", "Test", START.isoformat(), 10, "", {}, 0, "", "", 0.0, None)
    plan = Plan.of(record, {"tasks": tasks, "rescues": rescues})
    return checked_worksites(situation, plan)


def random_dispatch(seed: int, jobs: int = 5, teams: int = 2) -> Dispatch:
    """A small problem with windows, releases, roads that open and falling chances."""
    rng = np.random.default_rng(seed)
    days, points = 4, jobs + 1
    grid = np.arange(days * 24 + 1) / 24
    people, rate = rng.integers(1, 6, jobs), rng.uniform(0.1, 1.5, jobs)
    cost = people[:, None] * (1 - np.exp(-rate[:, None] * grid**0.7))
    work = rng.uniform(0.1, 1.2, (teams, jobs))
    work[rng.random((teams, jobs)) < 0.25] = np.inf
    travel = rng.uniform(0.5, 8, (1, 2, points, points))
    travel[:, 0][rng.random((1, points, points)) < 0.3] = np.inf
    return Dispatch(
        work=work,
        start_point=np.full(teams, jobs),
        travel_of=np.zeros(teams, np.int64),
        day_h=rng.choice([10.0, 24.0], teams),
        opens=rng.choice([0.0, 1.0], teams),
        closes=rng.uniform(2, 4, teams),
        point=np.arange(jobs),
        release=np.where(rng.random(jobs) < 0.3, rng.uniform(0, 2, jobs), 0.0),
        due=np.full(jobs, np.inf),
        undone=people.astype(float),
        cost=cost,
        step=1 / 24,
        travel_h=travel,
        state_of_day=np.array([0, 0, 1, 1]),
    )


def by_trying_all(net: Dispatch) -> float:
    """The least cost of any schedule, written down a second time in the plainest form."""
    best = [_rows_of(net, team) for team in range(net.teams)]
    least = np.inf
    for choice in itertools.product(*best):
        used = [j for rows_, _ in choice for j in rows_]
        if len(set(used)) == len(used):
            left = sum(net.undone[j] for j in range(net.jobs) if j not in used)
            least = min(least, left + sum(cost for _, cost in choice))
    return float(least)


def _rows_of(net: Dispatch, team: int) -> list[tuple[tuple[int, ...], float]]:
    able = [j for j in range(net.jobs) if np.isfinite(net.work[team, j])]
    found: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, len(able) + 1):
        for order in itertools.permutations(able, size):
            cost = _cost_of(net, team, order)
            key = tuple(sorted(order))
            found[key] = min(found.get(key, np.inf), cost)
    return [(jobs, cost) for jobs, cost in found.items() if np.isfinite(cost)]


def _cost_of(net: Dispatch, team: int, order: tuple[int, ...]) -> float:
    now, at, total = net.opens[team], net.start_point[team], 0.0
    for j in order:
        there = np.inf
        last = len(net.state_of_day) - 1
        for day in range(int(now), max(last, int(now)) + 1):
            hours = net.travel_h[0, net.state_of_day[min(day, last)], at, net.point[j]]
            there = min(there, max(now, day) + hours / net.day_h[team])
        now = max(there, net.release[j]) + net.work[team, j]
        if not np.isfinite(now) or now > net.closes[team]:
            return np.inf
        total += float(np.interp(now, np.arange(net.cost.shape[1]) * net.step, net.cost[j]))
        at = net.point[j]
    return total
