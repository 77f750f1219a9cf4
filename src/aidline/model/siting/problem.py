"""What a siting problem is, and what its answer is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from aidline.errors import Infeasible

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.model.solve import Floats

    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Siting:
    """Where to open sites of limited capacity so that all demand is served at least cost.

    Attributes
    ----------
    open_cost
        Per site: what it costs to open it; below 0 where it gains.
    capacity
        Per site, in the unit of `demand`; infinite where it has no limit.
    demand
        Per client.
    cost
        [sites, clients]: cost of serving the whole demand of a client from a site; infinite where
        the site cannot serve the client.
    most_open
        How many sites may be open; None for any number.
    single_source
        Whether each client is served whole by one site; otherwise demand may be divided.
    """

    open_cost: Floats
    capacity: Floats
    demand: Floats
    cost: Floats
    most_open: int | None = None
    single_source: bool = False

    @cached_property
    def room(self) -> Floats:
        """Capacity per site, at most the whole demand."""
        return np.minimum(self.capacity, self.total)

    @cached_property
    def total(self) -> float:
        """The whole demand."""
        return float(self.demand.sum())

    @property
    def unlimited(self) -> bool:
        """Whether any one site could serve everyone: then each client goes to the cheapest."""
        return bool((self.capacity >= self.total).all())

    @property
    def whole(self) -> bool:
        """Whether some best answer serves every client from one site."""
        return self.single_source or self.unlimited

    @cached_property
    def step(self) -> float:
        """1 where each answer worth looking at has a whole number as its value, else 0."""
        finite = self.cost[np.isfinite(self.cost)]
        whole = self.whole and bool(
            (self.open_cost == np.round(self.open_cost)).all()
            and (finite == np.round(finite)).all()
        )
        return float(whole)

    @cached_property
    def most(self) -> int:
        """How many sites may be open, as a number."""
        sites = len(self.open_cost)
        return sites if self.most_open is None else min(self.most_open, sites)

    @cached_property
    def priced(self) -> Floats:
        """Costs with a finite figure, above any whole answer, where a site cannot serve."""
        can = np.isfinite(self.cost)
        dearest = np.where(can, np.abs(self.cost), 0.0).max(axis=0).sum()
        if self.single_source:
            can = can & (self.capacity[:, None] >= self.demand)
        return np.where(can, self.cost, 1.0 + 2.0 * dearest + np.abs(self.open_cost).sum())

    def value(self, is_open: Flags, shares: Floats) -> float:
        """Return the cost of an answer."""
        return float(self.open_cost[is_open].sum() + (shares * self.priced).sum())

    def check(self) -> None:
        """Raise where no answer can exist, with the reason in words.

        Raises
        ------
        Infeasible
            There is not enough capacity, or a client whom no site can serve.
        """
        sites, reasons = len(self.open_cost), []
        if self.cost.shape != (sites, len(self.demand)) or len(self.capacity) != sites:
            reasons.append("costs must have one row per site and one column per client")
        elif (self.demand < 0).any() or (self.capacity < 0).any():
            reasons.append("demand and capacity cannot be below 0")
        elif not (
            np.isfinite(self.open_cost).all() and np.isfinite(self.demand).all()
            and not np.isnan(self.capacity).any() and (self.cost > -np.inf).all()
        ):  # fmt: skip
            reasons.append("every figure must be known")
        reasons = reasons or self._shortages()
        if reasons:
            raise Infeasible(reasons)

    def _shortages(self) -> list[str]:
        if not len(self.demand):
            return []
        room = self.capacity[:, None]
        enough = room >= self.demand if self.single_source else (room > 0) | (self.demand == 0)
        lost = int((~(np.isfinite(self.cost) & enough).any(axis=0)).sum())
        if self.most < 1:
            return ["no site may open"]
        if lost:
            return [f"{lost} of {len(self.demand)} clients have no site that can serve them"]
        most = float(np.sort(self.capacity)[::-1][: self.most].sum())
        if most < self.total * (1.0 - 1e-12):
            count = min(self.most, len(self.capacity))
            return [
                f"demand {self.total:g} is more than what the {count} largest sites take: {most:g}"
            ]
        return []


@dataclass(frozen=True)
class Sited:
    """An answer with its proof.

    Attributes
    ----------
    open
        Per site.
    shares
        [sites, clients]: which part of a client's demand a site serves; columns add up to 1.
    value
        Its cost.
    bound
        No answer costs less than this.
    stopped
        Why the solver stopped: "gap" or "time limit".
    """

    open: Flags
    shares: Floats
    value: float
    bound: float
    stopped: str

    @property
    def gap(self) -> float:
        """How far the cost may be from the least cost, as a share of the cost."""
        return max(0.0, self.value - self.bound) / max(abs(self.value), 1e-12)
