"""Branch and bound on sites, with bounds by prices: for clients who are served whole."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aidline.model.siting.core import CERTAIN, Core, finished, relaxed
from aidline.model.siting.prices import Ascent, Known, Priced, climb
from aidline.model.siting.problem import Siting

if TYPE_CHECKING:
    from aidline.model.siting.search import Search
    from aidline.model.solve import Floats

STEPS, STEP, PATIENCE = 80, 0.3, 6  # of the climb at each node, from its parent's prices
NEAR_SHARE = 0.2  # of the gap, in which answers with given sites are looked for first


@dataclass(order=True, slots=True)
class Node:
    """Some sites are open, some shut."""

    bound: float
    number: int
    price: Floats = field(compare=False)
    known: Known = field(compare=False)


@dataclass
class Tree:
    """Opens and shuts sites in turn, the node with the lowest bound first.

    Attributes
    ----------
    search
        Whose gap is to be closed.
    whole
        Whether sites fill up with whole clients (`price_at`).
    """

    search: Search
    whole: bool
    heap: list[Node] = field(default_factory=list)
    count: int = 0
    loose: float = np.inf  # lowest bound among choices that were left unsettled

    def grow(self, priced: Priced) -> None:
        """Close the gap, or stop when time is up."""
        search, cutoff = self.search, self.search.cutoff
        self.sites = np.flatnonzero(priced.if_open <= cutoff)
        p, s = search.problem, self.sites
        self.problem = Siting(
            p.open_cost[s], p.capacity[s], p.demand, p.cost[s],
            p.most_open, p.single_source,
        )  # fmt: skip
        must = priced.if_shut[s] > cutoff
        self._push(priced.bound, priced.price, Known.of(self.problem, must, np.zeros_like(must)))
        while self.heap:
            search.raised(min(self.heap[0].bound, self.loose))
            if search.done or search.late:
                return
            self._visit(heapq.heappop(self.heap))
        search.raised(min(self.loose, search.least_above(search.cutoff)))

    def _push(self, bound: float, price: Floats, known: Known) -> None:
        self.count += 1
        heapq.heappush(self.heap, Node(bound, self.count, price, known))

    def _visit(self, node: Node) -> None:
        search = self.search
        if node.bound > search.cutoff or node.known.open.sum() > self.problem.most:
            return
        ascent = Ascent(self.problem, node.known, search.best.value, self.whole, STEP, PATIENCE)
        priced = climb(ascent, node.price, STEPS, lambda now: now.bound > search.cutoff)
        if priced.bound > search.cutoff or np.isinf(priced.bound):
            return
        search.best.attempt(self._all(priced.used > 0.5))
        cutoff = search.cutoff
        must = node.known.open | (priced.if_shut > cutoff) | np.isinf(priced.if_shut)
        shut = node.known.shut | (priced.if_open > cutoff) | np.isinf(priced.if_open)
        if priced.bound > cutoff or (must & shut).any() or must.sum() > self.problem.most:
            return
        free = ~must & ~shut
        if free.any():
            self._branch(priced, Known.of(self.problem, must, shut), free)
        else:
            self._leaf(priced, Known.of(self.problem, must, shut), node.bound)

    def _branch(self, priced: Priced, known: Known, free: np.ndarray) -> None:
        """Decide on the site that would be missed most, or else on the one nearest to opening."""
        score = np.where(free & (priced.used > 0.5), priced.if_shut, -np.inf)
        if not np.isfinite(score).any():
            score = np.where(free, -priced.if_open, -np.inf)
        site = np.arange(len(free)) == int(score.argmax())
        for opened, least in ((True, priced.if_open), (False, priced.if_shut)):
            bound = max(priced.bound, float(least[site][0]))
            if bound <= self.search.cutoff and np.isfinite(bound):
                must = known.open | site if opened else known.open
                shut = known.shut if opened else known.shut | site
                self._push(bound, priced.price, Known.of(self.problem, must, shut))

    def _leaf(self, priced: Priced, known: Known, seen: float) -> None:
        """Serve everyone from the sites that are left; answers below `seen` were looked at."""
        search, p = self.search, self.problem
        if p.unlimited:
            search.best.nearest(self._all(known.open))
            return
        cutoff = search.cutoff
        if np.isfinite(cutoff):  # near the bound first: a small program that finds good answers
            width = 2.0 * max(0.0, seen - priced.bound) + NEAR_SHARE * (cutoff - priced.bound)
            near = priced.bound + width
            cutoff = near if near < cutoff - p.step else cutoff
        core = Core.of(p, priced, cutoff, known=known)
        model, found = relaxed(core, search.until)
        if found.status == "optimal" and found.objective <= cutoff:
            found = finished(
                core, model, search.until, gap=search.gap / 2, seed=search.seed, most=cutoff
            )
            shares = None if found.x is None else core.shares(found.x)
            if found.x is not None and shares is not None:
                every = np.zeros_like(search.problem.priced)
                every[self.sites] = shares
                search.best.offer(self._all(core.open_sites(found.x)), every)
        if found.status not in CERTAIN:
            self.loose = min(self.loose, priced.bound)
        elif cutoff < search.cutoff:
            self._push(cutoff, priced.price, known)

    def _all(self, flags: np.ndarray) -> np.ndarray:
        """Return flags of all sites."""
        out = np.zeros(len(self.search.problem.room), bool)
        out[self.sites] = flags
        return out
