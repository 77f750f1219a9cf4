"""Lower bounds by prices: every client has a price, and each site takes whoever pays (Lagrange).

At prices v per client, λ ≥ 0 per unit of capacity and μ ≤ 0 per open site no answer costs less than

    Σ v + λ · demand + μ · most_open + Σ_i min(0, ρ_i(v) - λ · capacity_i - μ)

where ρ_i is what site i costs with the clients that pay best at v. This holds for any prices, so
the search for good ones need not be exact. (Beasley 1993, "Lagrangean heuristics for location
problems"; directions smoothed as in the volume algorithm of Barahona and Anbil 2000.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.model.siting.kernels import best_fills, whole_fills

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.model.siting.problem import Flags, Siting
    from aidline.model.solve import Floats

NO_END = 1e100  # a bound beyond it rises for ever: there is no answer
LEAST_STEP, SHRINK = 0.005, 0.6
WORTH = 1e-6  # relative; what counts as a better bound
MEMORY = 0.7  # share of the earlier direction in the next one
BEYOND = 1.02  # steps aim a little above the best answer
NEAR = 1e-9


@dataclass(frozen=True)
class Priced:
    """A bound and what it says about sites and clients.

    Attributes
    ----------
    price
        v per client.
    bound
        No answer costs less.
    if_open, if_shut
        Per site: no answer in which it is open (shut) costs less.
    used
        Per site: how far the bound opens it, 0 to 1.
    shares
        [sites, clients]: whom each site would take.
    theta
        Per site: worth of a unit of its capacity (≤ 0) where it may divide clients.
    loose
        Per site: what it would cost less if it might divide clients (≤ 0).
    """

    price: Floats
    bound: float
    if_open: Floats
    if_shut: Floats
    used: Floats
    shares: Floats
    theta: Floats
    loose: Floats

    def if_served(self, problem: Siting) -> Floats:
        """Return [sites, clients]: no answer in which the site serves all of the client costs less.

        The site must be open and must take the client instead of those who pay best.
        """
        extra = problem.priced - self.price - self.theta[:, None] * problem.demand
        extra = np.maximum(0.0, self.loose[:, None] + np.maximum(0.0, extra))
        return self.if_open[:, None] + extra


@dataclass(frozen=True)
class Known:
    """Sites of which it is proven that a better answer has them open or shut.

    Attributes
    ----------
    open, shut
        Per site.
    fewest
        How many sites must be open so that there is room for all demand.
    """

    open: Flags
    shut: Flags
    fewest: int

    @classmethod
    def of(cls, problem: Siting, is_open: Flags, shut: Flags) -> Known:
        """Count how many of the sites that are not shut are needed at least."""
        room = np.cumsum(np.sort(problem.room[~shut])[::-1])
        needed = problem.total * (1.0 - NEAR)
        return cls(is_open, shut, int(np.searchsorted(room, needed)) + 1)


def price_at(problem: Siting, known: Known, price: Floats, *, whole: bool) -> Priced:
    """Return the bound at prices per client.

    Parameters
    ----------
    problem
        The problem.
    known
        Sites that are open or shut.
    price
        v per client.
    whole
        Whether sites fill up with whole clients (needs whole figures of demand): nearer, slower.
    """
    p = problem
    shares, theta = np.zeros_like(p.priced), np.zeros(len(p.room))
    value = divided = best_fills(price, p.priced, p.demand, p.room, shares, theta)
    if whole:
        sizes, rooms = p.demand.astype(np.int64), np.floor(p.room).astype(np.int64)
        value = whole_fills(price, p.priced, sizes, rooms, ~known.shut, shares)
    rho = p.open_cost + value
    paid = float(price.sum())
    options = [_choose(p, known, rho, 0.0, -1)]
    unit, last = _unit_price(p, known, rho)
    if unit > 0.0:
        options.append(_choose(p, known, rho, unit, last))
    bound, if_open, if_shut, used = max(options, key=lambda o: o[0])
    return Priced(
        price, paid + bound, paid + if_open, paid + if_shut, used, shares, theta, divided - value
    )


def _unit_price(p: Siting, known: Known, rho: Floats) -> tuple[float, int]:
    """Return λ, and the site that is open in part, so that the open sites have enough capacity."""
    sure = (rho < 0.0) & ~known.shut | known.open
    short = p.total - float(p.room[sure].sum())
    rest = np.flatnonzero(~sure & ~known.shut & (p.room > 0.0))
    if short <= 0.0 or not len(rest):
        return 0.0, -1
    ratio = rho[rest] / p.room[rest]
    order = np.argsort(ratio, kind="stable")
    at = int(np.searchsorted(np.cumsum(p.room[rest][order]), short * (1.0 - NEAR)))
    at = min(at, len(order) - 1)
    return float(ratio[order[at]]), int(rest[order[at]])


def _choose(
    p: Siting, known: Known, rho: Floats, unit: float, last: int
) -> tuple[float, Floats, Floats, Floats]:
    """Open the sites that pay at a price per unit of capacity: at most as many as may be open."""
    red = rho - unit * p.room
    if last >= 0:
        red[last] = 0.0
    red[known.shut] = np.inf
    ranked = np.where(known.open, -np.inf, red)
    count = min(p.most, max(known.fewest, int((ranked < 0.0).sum())))
    order = np.argsort(ranked, kind="stable")
    kept, others = order[:count], order[count:]
    bound = unit * p.total + float(red[kept].sum())
    if np.isinf(bound) or count < known.fewest:
        never = np.full(len(rho), np.inf)
        return np.inf, never, never, np.zeros(len(rho))
    # Where no more sites may open, a site opens in place of one of these; where no fewer may,
    # another one opens in place of a site that is shut.
    worst = float(red[kept][~known.open[kept]].max(initial=-np.inf))
    worst = worst if count == p.most else max(0.0, worst)
    following = float(red[others].min(initial=np.inf))
    following = following if count <= known.fewest else min(0.0, following)
    used = np.zeros(len(rho))
    if last >= 0 and count < p.most:
        used[last] = min(1.0, max(0.0, (p.total - p.room[kept].sum()) / p.room[last]))
    used[kept] = 1.0
    if_open, if_shut = np.full(len(rho), bound), np.full(len(rho), bound)
    if_open[others] += red[others] - worst
    if_shut[kept] += following - red[kept]
    if_shut[known.open] = np.inf
    return bound, if_open, if_shut, used


@dataclass
class Ascent:
    """How the bound is raised.

    Attributes
    ----------
    problem, known, whole
        See `price_at`.
    target
        What the best answer costs, or infinite; may be lowered on the way.
    step
        Length of the first steps; 1 = as far as the target would allow.
    patience
        Steps without a better bound after which they become shorter.
    """

    problem: Siting
    known: Known
    target: float
    whole: bool
    step: float = 1.0
    patience: int = 20


def climb(ascent: Ascent, start: Floats, steps: int, enough: Callable[[Priced], bool]) -> Priced:
    """Return the best bound found on the way up.

    Parameters
    ----------
    ascent
        How.
    start
        Prices to start from.
    steps
        Most evaluations.
    enough
        Called with each evaluation; True stops.
    """
    a = ascent
    best = now = price_at(a.problem, a.known, start, whole=a.whole)
    step, idle, way = a.step, 0, None
    for _ in range(steps):
        if enough(now) or step < LEAST_STEP or now.bound > NO_END:
            break
        missed = 1.0 - now.used @ now.shares
        way = missed if way is None else MEMORY * way + (1.0 - MEMORY) * missed
        length = float(way @ way)
        if length < NEAR:
            break
        target = a.target if np.isfinite(a.target) else best.bound + abs(best.bound)
        ahead = max(BEYOND * target - now.bound, NEAR * abs(target))
        price = now.price + step * ahead / length * way
        now = price_at(a.problem, a.known, price, whole=a.whole)
        better = now.bound > best.bound + WORTH * abs(best.bound)
        best, idle = now if now.bound > best.bound else best, 0 if better else idle + 1
        if idle >= a.patience:  # go back and take shorter steps
            step, idle, way, now = step * SHRINK, 0, None, best
    return best
