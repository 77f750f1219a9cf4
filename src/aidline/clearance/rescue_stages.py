"""The stages of work at sites, each scheduled after the one before: assess, rescue, recover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.clearance.kernels_rescue import times_of
from aidline.clearance.rescue_jobs import STEP, Work, dispatch_of, in_turns, part, without_limits
from aidline.clearance.rescue_search import lower_bound
from aidline.clearance.worksites import DEAD, LIVE, can_work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.clearance.rescue_jobs import Ground
    from aidline.clearance.rescue_problem import Dispatch, Floats, Ints, Schedule
    from aidline.clearance.rescue_survival import Survival
    from aidline.clearance.worksites import Site, Team
    from aidline.situation.defaults import Ledger

FULL_DAY = 24.0


@dataclass(frozen=True, eq=False)
class Case:
    """What all stages share.

    Attributes
    ----------
    sites
        All worksites.
    chances
        Chances over time.
    ground
        Driving times.
    days
        Length of the plan.
    spread
        Work if all goes well, and if all goes badly, against the usual.
    seed
        Of the search.
    ledger
        Notes every assumed figure.
    """

    sites: tuple[Site, ...]
    chances: Survival
    ground: Ground
    days: int
    spread: tuple[float, float]
    seed: int
    ledger: Ledger

    def alive_if_done(self, site: Site, when: Floats) -> Floats:
        """Return [low / mid / high, ...]: people found alive if the rescue ends at a time.

        Those confirmed alive are reached one after another, the last one at the end; the
        others are counted at the end.
        """
        n = max(1, round(site.live))
        step = (site.rescue_h / FULL_DAY) / n
        mean = np.zeros((3, *when.shape))
        for k in range(n):
            mean += site.expected(np.maximum(0.0, when - k * step), self.chances) / n
        return mean


@dataclass(frozen=True, eq=False)
class Stage:
    """One kind of work, scheduled.

    Attributes
    ----------
    sites
        [jobs] numbers of the worksites.
    teams
        One entry per team and site at once.
    dispatch, order
        The problem, and who does what in which order.
    leave, begin, finish
        [jobs] days of the plan; infinite where no team is within reach.
    who
        [jobs] entry of `teams`, −1 where none is.
    early, late
        [jobs] finish if all work is quicker, or slower, than thought.
    """

    sites: Ints
    teams: list[Team]
    dispatch: Dispatch
    order: Ints
    leave: Floats
    begin: Floats
    finish: Floats
    who: Ints
    early: Floats
    late: Floats

    def job_of(self) -> dict[int, int]:
        """Return number of site -> job."""
        return {site: job for job, site in enumerate(self.sites.tolist())}

    def end_at(self, count: int, which: str = "finish") -> Floats:
        """Return [count] times of all worksites; infinite where this stage has none."""
        times = np.full(count, np.inf)
        times[self.sites] = getattr(self, which)
        return times


def _stage(
    case: Case, sites: Ints, crew: Sequence[Team], dispatch: Dispatch, order: Ints,
    *releases: Floats,
) -> Stage:  # fmt: skip
    """Work out the times of a schedule, and their range with the releases of the range."""
    leave, begin, finish, who, _ = times_of(dispatch, order)
    ends = []
    for ratio, release in zip(case.spread, releases, strict=True):
        other = without_limits(dispatch, ratio)
        begins = np.where(np.isfinite(release), release, dispatch.release)
        ends.append(times_of(other._replace(release=begins), order)[2])
    slots = [team for team in crew for _ in range(team.slots)]
    return Stage(
        sites, slots, dispatch, order, leave, begin, finish, who,
        np.minimum(ends[0], finish), np.maximum(ends[1], finish),
    )  # fmt: skip


def _grid(case: Case) -> Floats:
    return np.arange(round(case.days / STEP) + 1, dtype=np.float64) * STEP


def _empty(n: int, steps: int) -> tuple[Floats, Floats]:
    return np.zeros((n, steps)), np.zeros(n)


def assess(case: Case, crew: Sequence[Team], rescuers: Sequence[Team], limit_s: float) -> Stage:
    """Schedule the assessment of explosive hazards, where it must come first.

    It is in time when the rescue behind it is: what is lost by a later assessment is what is
    lost if the quickest team begins right after it.
    """
    sites = np.array([k for k, s in enumerate(case.sites) if s.explosive], np.int64)
    grid = _grid(case)
    loss, undone = _empty(len(sites), len(grid))
    hours = np.full((len(crew), len(sites)), np.inf)
    for j, k in enumerate(sites.tolist()):
        site = case.sites[k]
        code = "worksite.assess_h" if site.explosive == "assess" else "worksite.assess_confirmed_h"
        hours[:, j] = case.ledger.take(code, f"worksite {site.worksite_id}")
        if site.turn == DEAD:
            loss[j], undone[j] = grid * _dead(site), 2.0 * case.days * _dead(site)
            continue
        work = _hours(site, rescuers)
        days = work / np.array([t.hours_per_day for t in rescuers]) if len(work) else work
        quickest = days.min() if len(days) and np.isfinite(days).any() else 0.0
        chance = case.alive_if_done(site, grid + quickest)[1]
        loss[j], undone[j] = chance[0] - chance, chance[0]
    areas = [case.sites[k].area_id for k in sites.tolist()]
    dispatch = dispatch_of(
        case.ground, crew, Work(areas, hours, np.zeros(len(sites)), loss, undone)
    )
    turn = np.array([case.sites[k].turn for k in sites.tolist()], np.int64)
    order, _ = in_turns(dispatch, turn, seed=case.seed, time_limit_s=limit_s)
    none = np.zeros(len(sites))
    return _stage(case, sites, crew, dispatch, order, none, none)


def rescue(
    case: Case, crew: Sequence[Team], cleared: Stage, limit_s: float
) -> tuple[Stage, Schedule | None]:
    """Schedule search and rescue: sites with people confirmed alive first, then the others."""
    sites = np.array([k for k, s in enumerate(case.sites) if s.turn != DEAD], np.int64)
    grid = _grid(case)
    loss, undone = _empty(len(sites), len(grid))
    hours = np.full((len(crew), len(sites)), np.inf)
    for j, k in enumerate(sites.tolist()):
        chance = case.alive_if_done(case.sites[k], grid)[1]
        loss[j], undone[j] = chance[0] - chance, chance[0]
        hours[:, j] = _hours(case.sites[k], crew)
    areas = [case.sites[k].area_id for k in sites.tolist()]
    release, early, late = (
        _after(case, cleared, sites, which) for which in ("finish", "early", "late")
    )
    dispatch = dispatch_of(case.ground, crew, Work(areas, hours, release, loss, undone))
    turn = np.array([case.sites[k].turn for k in sites.tolist()], np.int64)
    order, found = in_turns(dispatch, turn, seed=case.seed, time_limit_s=limit_s)
    return _stage(case, sites, crew, dispatch, order, early, late), found


def recover(
    case: Case, crew: Sequence[Team], cleared: Stage, rescued: Stage, limit_s: float
) -> Stage:
    """Schedule the recovery of the dead: sites where nobody lives, then those after a rescue.

    What counts is how long families wait: people × days. After a rescue it waits until the
    authority may have ended the search.
    """
    people = dead_after(case, rescued)
    ended = rescued.end_at(len(case.sites))
    over = np.array([s.turn == DEAD for s in case.sites], bool) | np.isfinite(ended)
    sites = np.flatnonzero((people > 0) & over)
    grid = _grid(case)
    weight = people[sites]
    hours = np.full((len(crew), len(sites)), np.inf)
    for j, k in enumerate(sites.tolist()):
        site = case.sites[k]
        each = case.ledger.take(f"worksite.asr5_h.{site.structure}", f"worksite {site.worksite_id}")
        hours[:, j] = each * max(1.0, weight[j])
    wait = case.ledger.take("worksite.recovery_after_days", "recovery after a rescue")
    releases = []
    for which in ("finish", "early", "late"):
        after = np.where(np.isfinite(ended), rescued.end_at(len(case.sites), which) + wait, 0.0)
        after = after[sites]
        releases.append(np.maximum(after, _after(case, cleared, sites, which)))
    areas = [case.sites[k].area_id for k in sites.tolist()]
    work = Work(areas, hours, releases[0], weight[:, None] * grid, 2.0 * case.days * weight)
    dispatch = dispatch_of(case.ground, crew, work)
    turn = np.array([case.sites[k].turn != DEAD for k in sites.tolist()], np.int64)
    order, _ = in_turns(dispatch, turn, seed=case.seed, time_limit_s=limit_s)
    return _stage(case, sites, crew, dispatch, order, *releases[1:])


def dead_after(case: Case, rescued: Stage) -> Floats:
    """Return [sites]: people to be recovered: the known dead, and those not found alive."""
    jobs = rescued.job_of()
    people = np.zeros(len(case.sites))
    for k, site in enumerate(case.sites):
        if site.turn == DEAD:
            people[k] = _dead(site)
        elif np.isfinite(rescued.finish[jobs[k]]):
            end = rescued.finish[jobs[k] : jobs[k] + 1]
            inside = site.live + site.others * float(case.chances.inside[1])
            lost = inside - float(case.alive_if_done(site, end)[1, 0])
            people[k] = (site.dead or 0.0) + (lost if lost >= 0.5 or site.dead else 0.0)
    return people


def most_alive(case: Case, rescued: Stage, crew: Sequence[Team], assessors: Stage) -> float:
    """Return the most people (mid) that any schedule of the teams could find alive.

    Assessments count as done at the earliest moment at which any disposal team could be done.
    """
    total = float(rescued.dispatch.undone.sum())
    soonest = np.zeros(len(rescued.sites))
    jobs = assessors.job_of()
    for j, k in enumerate(rescued.sites.tolist()):
        if k in jobs:
            soonest[j] = _soonest(assessors.dispatch, jobs[k])
    able = np.where(np.isfinite(soonest)[None, :], _able(case, rescued, crew), np.inf)
    eased = rescued.dispatch._replace(
        work=able, release=np.where(np.isfinite(soonest), soonest, 0.0)
    )
    return total - lower_bound(eased, rescued.order)


def most_confirmed(case: Case, rescued: Stage, found: Schedule | None) -> tuple[float, float]:
    """Return people (mid) found alive at sites of the first turn, and the most that could be."""
    first = [j for j, k in enumerate(rescued.sites.tolist()) if case.sites[k].turn == LIVE]
    if not first or found is None:
        return 0.0, 0.0
    alone = part(rescued.dispatch, np.array(first, np.int64))
    total = float(alone.undone.sum())
    return total - found.value, total - found.bound


def _soonest(dispatch: Dispatch, job: int) -> float:
    from aidline.clearance.kernels_rescue_bound import presence

    ends = [
        float(presence(dispatch, t)[dispatch.point[job]] + dispatch.work[t, job])
        for t in range(dispatch.teams)
    ]
    return min(ends, default=np.inf)


def _able(case: Case, rescued: Stage, crew: Sequence[Team]) -> Floats:
    """Return [slots, jobs] days of work, assessed or not."""
    hours = np.array([_hours(case.sites[k], rescued.teams) for k in rescued.sites.tolist()]).T
    if not len(crew) or not len(rescued.sites):
        return rescued.dispatch.work
    day_h = np.array([t.hours_per_day for t in rescued.teams])
    lost = rescued.dispatch.point == rescued.dispatch.travel_h.shape[2] - 1
    days = np.maximum(STEP, hours / day_h[:, None])
    return np.ascontiguousarray(np.where(lost[None, :], np.inf, days))


def _hours(site: Site, crew: Sequence[Team]) -> Floats:
    """Return [teams] hours of search and rescue at a site."""
    total = site.search_h + site.rescue_h
    return np.array(
        [total / t.rate if can_work(t.kind, site.structure) else np.inf for t in crew], np.float64
    )


def _after(case: Case, cleared: Stage, sites: Ints, which: str) -> Floats:
    """Return [sites]: when the assessment is done; 0 where none is needed, infinite = never."""
    ends = cleared.end_at(len(case.sites), which)
    return np.array([ends[k] if case.sites[k].explosive else 0.0 for k in sites.tolist()], float)


def _dead(site: Site) -> float:
    """Return the people to recover from a site where nobody lives; unknown is at least one."""
    return max(1.0, (site.dead or 0.0) + (site.missing or 0.0))
