"""The rules of work at worksites, checked from the tables of situation and plan alone.

W1 the team can do it; W2 it is there in its window; W3 no more sites at once than it can;
W4 it gets there in time, on roads that are open on the day on which it leaves; W5 a site with a
possible explosive hazard is assessed first; W6 the dead are recovered after the rescue;
W7 times and work agree, and the work is not less than what it takes; W8 the table `rescues`
holds every worksite and agrees with the tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aidline.plan.verify.violations import Violation
from aidline.plan.verify.worksite_facts import (
    ABSOLUTE,
    COARSE_H,
    WaysOfTeams,
    at_once,
    hours_per_day,
    unsafe_sites,
    window,
)
from aidline.situation.defaults import defaults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aidline.plan.plan import Plan
    from aidline.plan.verify.worksite_facts import Row
    from aidline.situation.situation import Situation

KINDS = ("assess", "search", "rescue", "recover")
WHO = {
    "assess": ("explosive_disposal",),
    "search": ("usar_light", "usar_medium", "usar_heavy"),
    "rescue": ("usar_light", "usar_medium", "usar_heavy"),
    "recover": ("recovery",),
}
TOO_LIGHT = {
    "reinforced_concrete": ("usar_light", "usar_medium"),
    "steel": ("usar_light", "usar_medium"),
    "wood": (),
    "masonry": (),
}


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is known of sites and teams.

    Attributes
    ----------
    situation
        The situation.
    sites, teams
        Rows by code.
    tasks
        Rows at worksites, by their start.
    others
        Rows of the same teams elsewhere.
    unsafe
        Worksites that must be assessed first.
    """

    situation: Situation
    sites: dict[str, Row]
    teams: dict[str, Row]
    tasks: list[Row]
    others: list[Row]
    unsafe: frozenset[str]


def checked_worksites(situation: Situation, plan: Plan) -> list[Violation]:
    """Return every broken rule of the work at worksites.

    Parameters
    ----------
    situation
        The situation, with the roads open that the plan opens
        (`aidline.network.openings.with_openings`).
    plan
        Its tables `tasks` and `rescues` are read. A plan without any of their rows plans no
        work at worksites and breaks no rule.
    """
    sites = {r["worksite_id"]: r for r in situation["worksites"].iter_rows(named=True)}
    teams = {r["team_id"]: r for r in situation["teams"].iter_rows(named=True)}
    tasks = plan["tasks"].sort("start", "task_id").to_dicts()
    here = [t for t in tasks if t["at_id"] in sites]
    if not here and plan["rescues"].is_empty():
        return []
    unknown = [t for t in here if t["team_id"] not in teams or t["kind"] not in KINDS]
    known = [t for t in here if t not in unknown]
    facts = _Facts(
        situation, sites, teams, known, [t for t in tasks if t["at_id"] not in sites],
        unsafe_sites(situation),
    )  # fmt: skip
    found = [
        _broken("W1.team", t, "is done by a team or in a way that is not known") for t in unknown
    ]
    for rule in (_w1, _w2, _w3, _w4, _w5, _w6, _w7):
        found += rule(facts)
    return found + list(_w8(facts, plan["rescues"].to_dicts()))


def _broken(
    rule: str, task: Row, text: str, found: float | None = None, limit: float | None = None
) -> Violation:
    where = f"{task['task_id']} {task['team_id']}"
    day = int(task["start"]) if task["start"] is not None else None
    return Violation(rule, where, day, found, limit, f"Task {where} {text}.")


def _w1(facts: _Facts) -> Iterator[Violation]:
    """Ask for a team of the right kind, strong enough for the structure."""
    for task in facts.tasks:
        kind = facts.teams[task["team_id"]]["kind"]
        made_of = facts.sites[task["at_id"]]["structure"]
        if kind not in WHO[task["kind"]]:
            yield _broken("W1.team", task, f"cannot be done by a team of kind {kind}")
        elif task["kind"] in {"search", "rescue"} and kind in TOO_LIGHT.get(
            made_of, ("usar_light",)
        ):
            yield _broken("W1.team", task, f"needs a heavier team than {kind} for {made_of}")


def _w2(facts: _Facts) -> Iterator[Violation]:
    """Nobody sets out before the first day or works after the last."""
    for task in facts.tasks:
        first, last = window(facts.situation, facts.teams[task["team_id"]])
        if task["leave"] < first - ABSOLUTE:
            yield _broken(
                "W2.window", task, "leaves before its team is there", task["leave"], first
            )
        if task["finish"] > last + ABSOLUTE:
            yield _broken("W2.window", task, "ends after its team has left", task["finish"], last)


def _by_team(tasks: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for team in sorted({t["team_id"] for t in tasks}):
        yield team, [t for t in tasks if t["team_id"] == team]


def _w3(facts: _Facts) -> Iterator[Violation]:
    """At no moment more sites than a team can work at once, those elsewhere included."""
    for code, mine in _by_team(facts.tasks):
        limit = at_once(facts.teams[code])
        everything = mine + [t for t in facts.others if t["team_id"] == code]
        for task in mine:
            at = task["leave"] + ABSOLUTE
            busy = [t for t in everything if t["leave"] <= at < t["finish"] - ABSOLUTE]
            if len(busy) > limit:
                yield _broken("W3.at_once", task, "is one too many at once", len(busy), limit)


def _w4(facts: _Facts) -> Iterator[Violation]:
    """Each task can be reached from the base or from an earlier task of the same team.

    A team with several sites at once is as many chains of tasks: each task needs one that it
    follows, or the base, and no task is followed twice (a matching in a bipartite graph).
    """
    bases = {str(team["place_id"]) for team in facts.teams.values()}
    areas = {str(site["area_id"]) for site in facts.sites.values()}
    ways = WaysOfTeams.of(facts.situation, bases, areas)
    for code, mine in _by_team(facts.tasks):
        team = facts.teams[code]
        heads = [_fits(facts, ways, team["place_id"], 0.0, t) for t in mine]
        after = [
            [
                i
                for i, before in enumerate(mine)
                if i != j and _fits(facts, ways, _area(facts, before), before["finish"], t)
            ]
            for j, t in enumerate(mine)
        ]
        followed: dict[int, int] = {}
        loose = 0
        for j in sorted(range(len(mine)), key=lambda j: heads[j]):  # those that must follow first
            if _match(j, after, followed, set()):
                continue
            loose += 1
            if not heads[j]:
                text = "cannot be reached in the time, from the base or from the task before"
                yield _broken("W4.travel", mine[j], text)
            elif loose > at_once(team):
                yield _broken(
                    "W4.travel", mine[j], "leaves from the base while all of the team is out",
                    loose, at_once(team),
                )  # fmt: skip


def _area(facts: _Facts, task: Row) -> str | None:
    area: str | None = facts.sites[task["at_id"]]["area_id"]
    return area


def _fits(facts: _Facts, ways: WaysOfTeams, start: str | None, free: float, task: Row) -> bool:
    """Say whether the team of a task can be there in time from where it is free."""
    team = facts.teams[task["team_id"]]
    leave, takes = task["leave"], task["travel_h"]
    hours = ways.hours(team, start, _area(facts, task), int(leave + ABSOLUTE))
    in_time = leave + takes / hours_per_day(team) <= task["start"] + ABSOLUTE
    return bool(leave >= free - ABSOLUTE and takes >= hours - COARSE_H and in_time)


def _match(j: int, after: list[list[int]], followed: dict[int, int], seen: set[int]) -> bool:
    for i in after[j]:
        if i in seen:
            continue
        seen.add(i)
        if i not in followed or _match(followed[i], after, followed, seen):
            followed[i] = j
            return True
    return False


def _w5(facts: _Facts) -> Iterator[Violation]:
    """Explosive hazards are assessed before any other work at the site."""
    done = {t["at_id"]: t["finish"] for t in facts.tasks if t["kind"] == "assess"}
    for task in facts.tasks:
        if task["kind"] != "assess" and task["at_id"] in facts.unsafe:
            end = done.get(task["at_id"])
            if end is None or task["start"] < end - ABSOLUTE:
                text = "begins before the explosive hazard is assessed"
                yield _broken("W5.assess", task, text, task["start"], end)


def _w6(facts: _Facts) -> Iterator[Violation]:
    """Search, then rescue, then recovery; no recovery where people may live and none looked."""
    ends: dict[tuple[str, str], float] = {(t["at_id"], t["kind"]): t["finish"] for t in facts.tasks}
    for task in facts.tasks:
        site = task["at_id"]
        before = {"rescue": ("search",), "recover": ("search", "rescue")}.get(task["kind"], ())
        known = [ends[site, kind] for kind in before if (site, kind) in ends]
        if any(task["start"] < end - ABSOLUTE for end in known):
            yield _broken("W6.order", task, "begins before the work that must come first")
        if task["kind"] == "recover" and not known and not _nobody_lives(facts.sites[site]):
            yield _broken(
                "W6.order", task, "is planned where people may live and none has searched"
            )


def _nobody_lives(site: Row) -> bool:
    """Triage D of the scheme of 2020, and nobody confirmed alive."""
    modern = site["scheme_year"] is not None and site["scheme_year"] >= 2020
    return site["triage"] == "D" and modern and not site["confirmed_live"]


def _w7(facts: _Facts) -> Iterator[Violation]:
    """Compare the times of a task with its work, and with what the work takes at least."""
    for task in facts.tasks:
        spent = task["finish"] - task["start"]
        if abs(spent - task["work_team_days"]) > ABSOLUTE:
            yield _broken("W7.work", task, "has other times than its work takes", spent,
                          task["work_team_days"])  # fmt: skip
        low, high = task["finish_low"], task["finish_high"]
        if (
            low is not None
            and high is not None
            and not (low <= task["finish"] + ABSOLUTE and task["finish"] <= high + ABSOLUTE)
        ):
            yield _broken("W7.work", task, "is not within its own range of finish times")
        least = _least_days(facts, task)
        if task["work_team_days"] < least - ABSOLUTE:
            yield _broken("W7.work", task, "has less work than it takes",
                          task["work_team_days"], least)  # fmt: skip


def _least_days(facts: _Facts, task: Row) -> float:
    """Return days of work that a task takes at least; 0 where it hangs on what is found."""
    site, team = facts.sites[task["at_id"]], facts.teams[task["team_id"]]
    made_of = site["structure"] or "unknown"
    kind, live = task["kind"], site["confirmed_live"] or 0.0
    if kind == "assess":
        hours = defaults()["worksite.assess_h"].value
    elif kind == "search":
        hours = defaults()[f"worksite.asr3_h.{made_of}"].value
    elif kind == "recover":
        hours = defaults()[f"worksite.asr5_h.{made_of}"].value
    elif site["triage"] == "A":
        each = defaults()[f"worksite.asr3_h.{made_of}"].value
        hours = min(defaults()["worksite.triage_a_h"].value, each * max(1.0, live))
    else:
        hours = defaults()[f"worksite.asr4_h.{made_of}"].value * live
    rate = 1.0
    if team["kind"] in WHO["rescue"]:
        rate = defaults()[f"worksite.rate.{team['kind']}"].value
    return hours / rate / hours_per_day(team)


def _w8(facts: _Facts, rows: list[Row]) -> Iterator[Violation]:
    """Every worksite stands in `rescues` once, and the rows agree with the tasks."""
    listed = [row["worksite_id"] for row in rows]
    for code in sorted(set(facts.sites) - set(listed)):
        text = f"Worksite {code} does not stand in the table rescues: no site is left out."
        yield Violation("W8.rescues", code, None, None, None, text)
    for row in rows:
        code = row["worksite_id"]
        wanted = ("recover",) if _only_dead(facts, code) else ("search", "rescue")
        mine = [t for t in facts.tasks if t["at_id"] == code and t["kind"] in wanted]
        start = min((t["start"] for t in mine), default=None)
        finish = max((t["finish"] for t in mine), default=None)
        team = min(mine, key=lambda t: t["start"])["team_id"] if mine else None
        agree = row["team_id"] == team and _same(row["start"], start)
        if code not in facts.sites or not agree or not _same(row["finish"], finish):
            text = f"Worksite {code} in the table rescues does not agree with the tasks."
            yield Violation("W8.rescues", code, None, row["start"], start, text)
        alive = [row["alive_low"], row["alive_mid"], row["alive_high"]]
        numbers = [n for n in alive if n is not None]
        if numbers != sorted(numbers) or any(n < 0 for n in numbers):
            text = f"Worksite {code}: low, mid and high end are not in order."
            yield Violation("W8.rescues", code, None, row["alive_low"], row["alive_high"], text)


def _only_dead(facts: _Facts, code: str) -> bool:
    return code in facts.sites and _nobody_lives(facts.sites[code])


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= ABSOLUTE
