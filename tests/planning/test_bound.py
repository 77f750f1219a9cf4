"""The bound is a bound at any prices, and can be worked out anew from the plan alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from small import pair, planned, port, tiny

from aidline.planning.auction.arrays import lay_flat
from aidline.planning.bounds import lagrangian
from aidline.planning.certificate import certified_bound
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

WORLDS = {"trucks": pair(3), "slots": port(4), "alone": tiny(2)}


@pytest.mark.parametrize("name", WORLDS)
def test_any_prices_give_a_bound(name: str) -> None:
    """At random prices, at none, and at prices gone wild the bound stays below the optimum."""
    optimum = planned(WORLDS[name])[1].value
    search = start_search(WORLDS[name], PlanOptions(method="exact"))
    net, rows = lay_flat(search.problem, search.rows), search.rows
    rng = np.random.default_rng(5)
    tried = [np.zeros(rows.total), np.full(rows.total, 1e6), np.full(rows.total, -3.0)]
    tried += [rng.exponential(scale, rows.total) for scale in (1e-3, 0.1, 1.0, 30.0) * 5]
    for prices in tried:
        assert lagrangian(net, rows, prices).value <= optimum * (1 + 1e-6)


@pytest.mark.parametrize("fairness", [True, False])
@pytest.mark.parametrize("name", WORLDS)
def test_a_stored_plan_proves_its_bound(name: str, *, fairness: bool) -> None:
    """The prices in the plan give the bound of its record again."""
    plan, verdict = planned(WORLDS[name], fairness=fairness)
    again = certified_bound(WORLDS[name], plan)
    assert again == pytest.approx(plan.record.bound, rel=1e-9)
    assert again <= verdict.value * (1 + 1e-6)


def larger(situation: Situation) -> Situation:
    """One more truck at every base."""
    return situation.replace(
        fleets=situation["fleets"].with_columns(vehicles=situation["fleets"]["vehicles"] + 1)
    )


def test_prices_of_another_situation_prove_less() -> None:
    """The prices of a plan with few trucks still bound the same crisis with more of them."""
    plan, _ = planned(WORLDS["trucks"])
    other = larger(WORLDS["trucks"])
    bound = certified_bound(other, plan)
    assert bound is not None
    assert bound <= planned(other)[1].value * (1 + 1e-6)


def test_a_plan_without_prices_proves_nothing() -> None:
    """No prices, no bound."""
    plan, _ = planned(WORLDS["alone"])
    assert certified_bound(WORLDS["alone"], plan.replace(prices=plan["prices"].head(0))) is None
