"""From prices to a proven answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aidline.errors import Infeasible, LimitReached
from aidline.model.siting.answers import Best
from aidline.model.siting.core import CERTAIN, Core, finished, relaxed
from aidline.model.siting.prices import Ascent, Known, Priced, climb
from aidline.model.siting.problem import Sited, Siting
from aidline.model.siting.tree import Tree

if TYPE_CHECKING:
    from aidline.model.solve import Floats, LinearModel, Solution

STEPS = 1200  # evaluations of prices, at most, in each of the two climbs
EVERY, EVERY_LP = 10, 100  # evaluations between attempts at an answer; where each takes an LP
KICKS, KICKED = 40, 0.15  # searches from shaken answers; share of the open sites that are shaken
MOST_CELLS = 2e7  # of the table of one whole knapsack
SURE = 1e-9  # relative; by how much a bound must exceed what it excludes


def solve_siting(
    problem: Siting, *, gap: float = 1e-6, time_limit_s: float = 60.0, seed: int = 0
) -> Sited:
    """Choose which sites to open and who is served from where, at least cost.

    Prices per client give a bound and good choices of sites; what they do not decide is settled
    by branching on sites where clients stay whole, and by a mixed-integer program with linking
    rows added where they bind where demand may be divided.

    Parameters
    ----------
    problem
        The problem. Where two answers cost the same, the order of its rows decides.
    gap
        Share of the cost (0 to 1) by which an answer may miss the least cost.
    time_limit_s
        Seconds after which the best answer so far is returned with its bound.
    seed
        Of the random choices.

    Returns
    -------
    Sited
        The answer, and a bound that no answer undercuts.

    Raises
    ------
    Infeasible
        Not all demand can be served.
    LimitReached
        No answer was found in time.
    """
    problem.check()
    if not len(problem.demand):
        return _without_clients(problem)
    search = Search(problem, gap, time.monotonic() + time_limit_s, seed)
    search.run()
    return search.result()


def _without_clients(problem: Siting) -> Sited:
    """Open what gains by opening."""
    order = np.argsort(problem.open_cost, kind="stable")[: problem.most]
    is_open = np.zeros(len(problem.open_cost), bool)
    is_open[order] = problem.open_cost[order] < 0.0
    value = float(problem.open_cost[is_open].sum())
    return Sited(is_open, np.zeros_like(problem.cost), value, value, "gap")


@dataclass
class Search:
    """The best answer and the best bound so far.

    Attributes
    ----------
    problem, gap, seed
        See `solve_siting`.
    until
        When to stop, by `time.monotonic`.
    best
        The cheapest answer so far.
    bound
        No answer costs less.
    """

    problem: Siting
    gap: float
    until: float
    seed: int
    best: Best = field(init=False)
    bound: float = -np.inf

    def __post_init__(self) -> None:
        self.best = Best(self.problem)

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self.until

    @property
    def done(self) -> bool:
        """Whether the gap is closed."""
        value = self.best.value
        if np.isinf(value):  # done only if it is proven that there is no answer
            return bool(self.bound == np.inf)
        return value - self.bound <= (self.gap + SURE) * abs(value)

    def over(self) -> bool:
        """Whether there is nothing left to do, or no time."""
        return self.done or self.late

    @property
    def cutoff(self) -> float:
        """Answers above this need not be looked at."""
        value, step = self.best.value, self.problem.step
        if not np.isfinite(value):
            return np.inf
        near = value - self.gap * abs(value)
        return min(near, value - step + 1e-6 if step else value) + SURE * abs(value)

    def raised(self, bound: float) -> None:
        """Note a proven bound: where values are whole, bounds are too."""
        if self.problem.step and np.isfinite(bound):
            bound = float(np.ceil(bound - 1e-6))
        self.bound = max(self.bound, min(bound, self.best.value))

    def least_above(self, cutoff: float) -> float:
        """Return what an answer above a cutoff costs at least."""
        return float(np.floor(cutoff)) + 1.0 if self.problem.step else cutoff

    def run(self) -> None:
        """Raise the bound and improve the answer until they meet or time is up."""
        p = self.problem
        none = np.zeros(len(p.room), bool)
        nothing = Known.of(p, none, none)
        priced = self._climb(nothing, self._first_prices(), whole=False)
        if p.whole:
            self._shake()
        whole = p.single_source and not p.unlimited and self._countable()
        if whole and not self.done:
            priced = self._climb(nothing, priced.price, whole=True)
        if self.over():
            return
        if p.unlimited or whole:
            Tree(self, whole).grow(priced)
        else:
            self._settle(priced)

    def result(self) -> Sited:
        """Return what was found."""
        best = self.best
        if best.open is None or best.shares is None:
            if self.bound == np.inf:
                raise Infeasible(["no choice of sites has room for all demand"])
            raise LimitReached("no answer was found within the time limit")
        lost = int(((best.shares > 0) & np.isinf(self.problem.cost)).any(axis=0).sum())
        if lost and not self.done:
            raise LimitReached("no answer that serves everyone was found within the time limit")
        if lost:
            raise Infeasible([f"{lost} clients cannot be served, whatever sites open"])
        stopped = "gap" if self.done else "time limit"
        return Sited(best.open, best.shares, best.value, min(best.value, self.bound), stopped)

    def _countable(self) -> bool:
        """Whether demand comes in whole units, few enough for tables of whole knapsacks."""
        demand = self.problem.demand
        cells = len(demand) * (self.problem.room.max() + 1.0)
        return bool((demand == np.round(demand)).all() and cells <= MOST_CELLS)

    def _first_prices(self) -> Floats:
        """Return the cost of serving each client from a site that is not the nearest."""
        p = self.problem
        ranked = np.sort(p.priced, axis=0)
        rank = len(ranked) // (3 * p.most) if p.most < len(ranked) else 1
        rent = max(0.0, float(p.open_cost.mean())) / max(1e-12, float(p.room.mean()))
        start: Floats = ranked[min(max(1, rank), len(ranked) - 1)] + rent * p.demand
        return start

    def _climb(self, known: Known, start: Floats, *, whole: bool) -> Priced:
        ascent = Ascent(self.problem, known, self.best.value, whole)
        every, count = EVERY if self.problem.whole else EVERY_LP, 0

        def enough(now: Priced) -> bool:
            nonlocal count
            if count % every == 0:
                self.best.attempt(now.used > 0.5)
                ascent.target = self.best.value
            count += 1
            self.raised(now.bound)
            return self.over()

        best = climb(ascent, start, STEPS, enough)
        self.best.attempt(best.used > 0.5)
        self.raised(best.bound)
        return best

    def _shake(self) -> None:
        """Search again from the best answer with some sites exchanged by chance."""
        rng = np.random.default_rng(self.seed)
        for _ in range(KICKS):
            if self.done or self.late or self.best.open is None:
                return
            is_open = self.best.open.copy()
            on, off = np.flatnonzero(is_open), np.flatnonzero(~is_open)
            count = min(len(on), len(off), max(1, round(KICKED * len(on))))
            is_open[rng.choice(on, count, replace=False)] = False
            is_open[rng.choice(off, count, replace=False)] = True
            self.best.attempt(is_open)

    def _settle(self, priced: Priced) -> None:
        """Solve what prices left open as one program."""
        cutoff, best = self.cutoff, self.best
        core = Core.of(self.problem, priced, cutoff, is_open=best.open, shares=best.shares)
        model, found = relaxed(core, self.until)
        if found.status == "optimal" and found.x is not None:
            best.attempt(core.open_sites(found.x))
            self.raised(min(self.least_above(cutoff), found.objective))
        if self.over():
            return
        if not self.problem.whole:
            self._look_near(priced)
        if self.over():
            return
        found = self._finished(core, model)
        bound = np.inf if found.status in CERTAIN[1:] else found.bound
        self.raised(min(self.least_above(cutoff), bound))

    def _look_near(self, priced: Priced) -> None:
        """Look for answers among the pairs that prices favour; proves nothing."""
        best = self.best
        near = Core.of(
            self.problem, priced, self.cutoff, is_open=best.open, shares=best.shares, near=True
        )
        self._finished(near, relaxed(near, self.until)[0])

    def _finished(self, core: Core, model: LinearModel) -> Solution:
        best = self.best
        point = None
        if best.open is not None and best.shares is not None:
            point = core.point(best.open, best.shares)
        found = finished(core, model, self.until, gap=self.gap / 2, seed=self.seed, point=point)
        if found.x is not None:
            shares = core.shares(found.x)
            if shares is not None:
                best.offer(core.open_sites(found.x), shares)
            best.attempt(core.open_sites(found.x))
        return found
