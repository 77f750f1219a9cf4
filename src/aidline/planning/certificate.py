"""The bound of a plan worked out anew, from nothing but the prices that are stored with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.plan.opened import opened
from aidline.planning.auction.arrays import lay_flat
from aidline.planning.bounds import floors_of, lagrangian, with_floors
from aidline.planning.clearing.proof import certified_over_schedules
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed
from aidline.supply.build import build_problem
from aidline.supply.rows import make_rows

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def certified_bound(situation: Situation, plan: Plan) -> float | None:
    """Work out the bound of a plan anew from the prices that are stored with it.

    Returns
    -------
    float or None
        The bound; None where the plan holds no prices or they belong to another situation.
    """
    stored = plan["prices"]
    if stored.is_empty():
        return None
    if plan.record.options.get("clearing"):
        return certified_over_schedules(situation, plan)
    situation = opened(situation, plan)  # it holds for these openings
    ledger = Ledger()
    whole = completed(situation.with_settings(days=plan.record.days), ledger)
    problem = build_problem(whole, ledger, pool=bool(plan.record.options.get("pooled", False)))
    if not plan.record.options.get("fairness", True):
        problem = problem.without_fairness()
    rows = make_rows(problem)
    index = stored["row"].to_numpy()
    if index.max(initial=-1) >= rows.total:
        return None
    prices = np.zeros(rows.total)
    prices[index] = stored["price"].to_numpy()
    net = lay_flat(problem, rows)
    return with_floors(net, rows, lagrangian(net, rows, prices), floors_of(problem, plan)).value
