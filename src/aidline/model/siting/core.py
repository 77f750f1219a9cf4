"""The mixed-integer program of what prices leave open, with linking rows added where they bind."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.model.siting.answers import tidy
from aidline.model.siting.prices import Known
from aidline.model.solve import LinearModel, grown_rows, solve

if TYPE_CHECKING:
    from aidline.model.siting.prices import Priced
    from aidline.model.siting.problem import Flags, Siting
    from aidline.model.solve import Floats, Ints, Solution

BROKEN = 1e-4  # by how much a share may exceed its site before its linking row is added
MOST_ROUNDS = 40
LEFT_OUT = 1e-6  # share of a client that the solver's tolerance may leave out
CERTAIN = ("optimal", "infeasible", "primal infeasible or unbounded")  # nothing is unbounded here


@dataclass(frozen=True)
class Core:
    """Sites and pairs that a better answer may use.

    Attributes
    ----------
    problem, known
        The problem, and sites that are open or shut for sure.
    sites
        The others and those that are open.
    site, client
        Per pair: which site serves which client.
    """

    problem: Siting
    known: Known
    sites: Ints
    site: Ints
    client: Ints

    @classmethod
    def of(
        cls,
        problem: Siting,
        priced: Priced,
        cutoff: float,
        *,
        is_open: Flags | None = None,
        shares: Floats | None = None,
        known: Known | None = None,
        near: bool = False,
    ) -> Core:
        """Keep what an answer up to a cutoff may use, and a known answer.

        Parameters
        ----------
        problem
            The problem.
        priced
            What prices exclude.
        cutoff
            Cost of the dearest answer that is of interest.
        is_open, shares
            An answer that stays possible, or None.
        known
            Sites that are open or shut; by default those of which `priced` proves it.
        near
            Keep only pairs that would be kept if clients stayed whole: for good answers, while
            the program's bound no longer holds where demand may be divided.
        """
        pairs = np.isfinite(problem.cost)
        if problem.whole or near:
            pairs &= priced.if_served(problem) <= cutoff
        must, shut = priced.if_shut > cutoff, priced.if_open > cutoff
        if known is not None:
            must, shut = known.open, known.shut
        if is_open is not None and shares is not None:
            must, shut, pairs = must & is_open, shut & ~is_open, pairs | (shares > 0)
        site, client = np.nonzero(pairs & ~shut[:, None])
        return cls(problem, Known.of(problem, must, shut), np.flatnonzero(~shut), site, client)

    def model(self) -> LinearModel:
        """Return the program without linking rows: first the sites' columns, then the pairs'."""
        p, m, n = self.problem, len(self.sites), len(self.site)
        clients = len(p.demand)
        at = np.searchsorted(self.sites, self.site)
        room = p.room[self.sites]
        pair, site = m + np.arange(n), np.arange(m)
        # rows: clients, sites, then the number and the capacity of open sites
        rows = np.concatenate([self.client, clients + at, clients + site, np.full(m, clients + m),
                               np.full(m, clients + m + 1)])  # fmt: skip
        columns = np.concatenate([pair, pair, site, site, site])
        values = np.concatenate([np.ones(n), p.demand[self.client], -room, np.ones(m), room])
        ones, free = np.ones(clients), np.full(m, -np.inf)
        low = np.zeros(m + n)
        low[:m] = self.known.open[self.sites]
        cost = np.concatenate([p.open_cost[self.sites], p.priced[self.site, self.client]])
        return LinearModel(
            cost, low, np.ones(m + n),
            sp.csc_matrix((values, (rows, columns)), shape=(clients + m + 2, m + n)),
            np.concatenate([ones, free, [float(self.known.fewest)], [p.total * (1.0 - 1e-12)]]),
            np.concatenate([ones, np.zeros(m), [float(p.most)], [np.inf]]),
        )  # fmt: skip

    def linked(self, model: LinearModel, pairs: Ints) -> LinearModel:
        """Add rows that say: nobody is served from a site that is shut."""
        m, k = len(self.sites), len(pairs)
        at = np.searchsorted(self.sites, self.site[pairs])
        rows = sp.csc_matrix(
            (
                np.repeat([1.0, -1.0], k),
                (np.tile(np.arange(k), 2), np.concatenate([m + pairs, at])),
            ),
            shape=(k, len(model.cost)),
        )
        return replace(
            model,
            matrix=sp.vstack([model.matrix, rows]).tocsc(),
            row_low=np.concatenate([model.row_low, np.full(k, -np.inf)]),
            row_high=np.concatenate([model.row_high, np.zeros(k)]),
        )

    def broken(self, x: Floats, have: Flags) -> Ints:
        """Return the pairs whose linking row is missing and broken at a point."""
        m = len(self.sites)
        over = x[m:] - x[np.searchsorted(self.sites, self.site)]
        return np.flatnonzero((over > BROKEN) & ~have)

    def point(self, is_open: Flags, shares: Floats) -> Floats:
        """Return an answer as columns."""
        return np.concatenate([is_open[self.sites].astype(float), shares[self.site, self.client]])

    def open_sites(self, x: Floats) -> Flags:
        """Return which sites columns open, rounded."""
        is_open = np.zeros(len(self.known.shut), bool)
        is_open[self.sites] = x[: len(self.sites)] > 0.5
        return is_open

    def shares(self, x: Floats) -> Floats | None:
        """Return who is served from where; None where the sites, rounded, leave someone out."""
        is_open, shares = self.open_sites(x), np.zeros_like(self.problem.priced)
        shares[self.site, self.client] = x[len(self.sites) :]
        if self.problem.single_source:
            shares = np.round(shares)
        shares[~is_open] = 0.0
        return tidy(shares) if (shares.sum(axis=0) > 1.0 - LEFT_OUT).all() else None


def relaxed(core: Core, until: float) -> tuple[LinearModel, Solution]:
    """Solve the relaxation, adding linking rows as long as some are broken."""
    have = core.problem.demand[core.client] <= 0.0
    model = core.linked(core.model(), np.flatnonzero(have))
    found = solve(model, time_limit_s=max(0.01, until - time.monotonic()))
    for _ in range(MOST_ROUNDS):
        if found.status != "optimal" or found.x is None:
            break
        missing = core.broken(found.x, have)
        if not len(missing) or time.monotonic() > until:
            break
        have[missing] = True
        model = core.linked(model, missing)
        basis = grown_rows(found.basis, len(missing))
        found = solve(model, time_limit_s=max(0.01, until - time.monotonic()), start=basis)
    return model, found


def finished(
    core: Core,
    model: LinearModel,
    until: float,
    *,
    gap: float,
    seed: int,
    most: float = np.inf,
    point: Floats | None = None,
) -> Solution:
    """Solve the program, with the linking rows that `relaxed` found, in whole sites.

    Where a row is missing, the row of the site's capacity still says that a site which is shut
    serves nobody; clients without demand have theirs from the start.

    Parameters
    ----------
    core, model
        The program and its rows.
    until
        When to stop, by `time.monotonic`.
    gap, seed, point
        See `solve`.
    most
        Answers above this cost are not looked for: a row of their own keeps them out.
    """
    if np.isfinite(most):
        cost = sp.csc_matrix(model.cost)
        model = replace(
            model,
            matrix=sp.vstack([model.matrix, cost]).tocsc(),
            row_low=np.append(model.row_low, -np.inf),
            row_high=np.append(model.row_high, most),
        )
    whole = np.ones(len(model.cost), bool)
    whole[len(core.sites) :] = core.problem.single_source
    left = max(0.01, until - time.monotonic())
    return solve(replace(model, integer=whole), time_limit_s=left, gap=gap, seed=seed, point=point)
