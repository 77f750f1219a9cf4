"""Answers from a choice of open sites: who is served from where, and searches nearby."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.model.siting.kernels import improve_whole, place_whole, search_uncapacitated
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from aidline.model.siting.problem import Flags, Siting
    from aidline.model.solve import Floats

MOST_SWAPS = 10_000


@dataclass
class Best:
    """The cheapest answer so far, and the choices that were tried."""

    problem: Siting
    value: float = np.inf
    open: Flags | None = None
    shares: Floats | None = None
    tried: set[bytes] = field(default_factory=set)

    def offer(self, is_open: Flags, shares: Floats) -> None:
        """Keep an answer if it is the cheapest, without sites that cost and serve no one."""
        idle = ~(shares > 0).any(axis=1) & (self.problem.open_cost > 0)
        is_open = is_open & ~idle
        value = self.problem.value(is_open, shares)
        if value < self.value - 1e-9 * abs(value):
            self.value, self.open, self.shares = value, is_open, shares

    def attempt(self, wanted: Flags) -> None:
        """Make the best of a choice of sites, once."""
        wanted = _enough(self.problem, wanted)
        key = np.packbits(wanted).tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        if self.problem.unlimited:
            p = self.problem
            search_uncapacitated(p.priced, p.open_cost, wanted, p.most, MOST_SWAPS)
            self.nearest(wanted)
        elif self.problem.single_source:
            self._one_site_each(wanted)
        else:
            self._divided(wanted)

    def nearest(self, is_open: Flags) -> None:
        """Serve everyone from the cheapest open site, whatever its capacity."""
        near = np.where(is_open[:, None], self.problem.priced, np.inf).argmin(axis=0)
        self.offer(is_open, _one_each(self.problem, near))

    def _one_site_each(self, is_open: Flags) -> None:
        """Serve each client from one site; closes and opens sites where that pays."""
        p, where = self.problem, np.zeros(len(self.problem.demand), np.int64)
        if place_whole(p.priced, p.demand, p.room, is_open, where):
            improve_whole(p.priced, p.demand, p.room, p.open_cost, is_open, where, p.most)
            self.offer(is_open, _one_each(p, where))

    def _divided(self, is_open: Flags) -> None:
        shares = transported(self.problem, is_open)
        if shares is not None:
            self.offer(is_open, shares)


def _one_each(problem: Siting, where: np.ndarray) -> Floats:
    shares = np.zeros_like(problem.priced)
    shares[where, np.arange(len(where))] = 1.0
    return shares


def _enough(problem: Siting, wanted: Flags) -> Flags:
    """Open the sites with most capacity for their cost until all demand has room."""
    is_open = wanted.copy()
    if not is_open.any() and len(is_open) and problem.most:
        is_open[int(problem.open_cost.argmin())] = True
    rate = problem.open_cost / np.maximum(problem.room, 1e-12)
    for i in np.argsort(rate, kind="stable"):
        if problem.room[is_open].sum() >= problem.total or is_open.sum() >= problem.most:
            break
        is_open[i] = True
    return is_open


def transported(problem: Siting, is_open: Flags) -> Floats | None:
    """Return the cheapest shares with these sites open; None where there is not enough room."""
    sites, clients = np.flatnonzero(is_open), len(problem.demand)
    n = len(sites) * clients
    who, at = np.tile(np.arange(clients), len(sites)), np.repeat(np.arange(len(sites)), clients)
    rows = np.concatenate([who, clients + at])
    values = np.concatenate([np.ones(n), problem.demand[who]])
    matrix = sp.csc_matrix(
        (values, (rows, np.tile(np.arange(n), 2))), shape=(clients + len(sites), n)
    )
    ones, free = np.ones(clients), np.full(len(sites), -np.inf)
    found = solve(
        LinearModel(
            problem.priced[sites].ravel(), np.zeros(n), np.ones(n), matrix,
            np.concatenate([ones, free]), np.concatenate([ones, problem.room[sites]]),
        )
    )  # fmt: skip
    if found.status != "optimal" or found.x is None:
        return None
    shares = np.zeros_like(problem.priced)
    shares[sites] = found.x.reshape(len(sites), clients)
    return tidy(shares)


def tidy(shares: Floats) -> Floats:
    """Round off what the solver's tolerance leaves; columns add up to 1 again."""
    kept = np.where(shares < 1e-9, 0.0, shares)
    kept /= kept.sum(axis=0)
    return kept
