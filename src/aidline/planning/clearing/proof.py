"""What is proven over all schedules of clearing, and from which prices it follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.clearance.schedule import Site
from aidline.network.network import network_of
from aidline.network.openings import without_forecasts
from aidline.plan.verify.clearing import could_be_reached
from aidline.planning.bounds import Bound
from aidline.planning.clearing.losses import Ways, Wide, losses_at, make_wide
from aidline.planning.clearing.relaxation import earliest_days, least_losses
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Ints

SOLVER_S = 5.0  # for one bound over all schedules


@dataclass(frozen=True, eq=False)
class Proof:
    """Where the bound over all schedules is worked out.

    Attributes
    ----------
    ways
        The situation and its blocked segments.
    wide
        The problem with every way, all segments open as early as any crew could open them.
    legs
        Start and end of its legs.
    """

    ways: Ways
    wide: Wide
    legs: tuple[Ints, Ints]

    @classmethod
    def of(cls, situation: Situation, site: Site, counted: frozenset[str], *, pool: bool) -> Proof:
        """Lay out the problem with every way; `counted` and `pool` as for `build_problem`."""
        first = earliest_days(site, situation.settings.days)
        ways = Ways(completed(situation, Ledger()), site, first, counted, pool)
        wide, legs = make_wide(ways, first)
        return cls(ways, wide, legs)

    def bound(self, prices: Floats, mix: Floats | None = None, *, seed: int = 0) -> Bound:
        """Return what no plan under any schedule falls below, proven at prices of the rows.

        `mix` is as for `losses_at`.
        """
        found = losses_at(self.wide, prices, mix)
        days = len(self.ways.days)
        least = least_losses(self.ways.site, found, days, time_limit_s=SOLVER_S, seed=seed)
        return Bound(found.rest + least, found.prices)


def certified_over_schedules(situation: Situation, plan: Plan) -> float | None:
    """Work out the bound of a joint plan anew from the prices that are stored with it.

    Returns
    -------
    float or None
        The bound; None where the prices belong to another situation.
    """
    situation = without_forecasts(situation.with_settings(days=plan.record.days))
    network = network_of(situation)
    if network is None:
        return None
    site = Site.of(situation, network, Ledger())
    pool = bool(plan.record.options.get("pooled", False))
    proof = Proof.of(situation, site, could_be_reached(situation), pool=pool)
    index = plan["prices"]["row"].to_numpy()
    if index.max(initial=-1) >= proof.wide.rows.total:
        return None
    prices = np.zeros(proof.wide.rows.total)
    prices[index] = plan["prices"]["price"].to_numpy()
    return proof.bound(prices, seed=plan.record.seed).value
