"""Planning again after a small change: from the prices of the plan before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from small import ARRIVALS, CROSSINGS, PLACES, date, hungry, planned, port, rows

from aidline.plan.check import check_plan
from aidline.planning.auction.arrays import lay_flat
from aidline.planning.bounds import lagrangian
from aidline.planning.certificate import certified_bound
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

FREE = {"whole_truck_days": 0, "explain": False}


def two_ports(days: int, slots: float) -> Situation:
    """Food behind two ports; the second one lets `slots` trucks a day through."""
    return port(
        days,
        places=rows(PLACES, ("WH", "depot"), ("PORT", "port"), ("QUAY", "port")),
        arrivals=rows(
            ARRIVALS,
            ("PIPE", "PORT", "food", 1e6, date(0)),
            ("SHIP", "QUAY", "food", 1e6, date(0)),
        ),
        crossings=rows(
            CROSSINGS,
            ("PORT", 1.0, None, None, None, 10.0, 40.0),
            ("QUAY", slots, None, None, None, 10.0, 40.0),
        ),
        travel_times=rows(
            "from_id to_id class_id date status travel_h",
            ("WH", "A1", None, None, "open", 4.0),
            ("PORT", "WH", None, None, "open", 6.0),
            ("QUAY", "WH", None, None, "open", 6.0),
        ),
        needs=hungry(20_000.0),
    )


@pytest.fixture(scope="module")
def before() -> Plan:
    """The plan with both ports open."""
    return planned(two_ports(5, 1.0), method="auction", gap=0.01)[0]


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_after_a_crossing_closes(before: Plan, method: str) -> None:
    """All rows are still there; the plan is as good as a cold one, verified and bounded."""
    closed = two_ports(5, 0.0)
    options = PlanOptions(method=method, gap=0.01, time_limit_s=5, **FREE)
    _, cold = planned(closed)
    plan = make_plan(closed, options, before)
    verdict = check_plan(closed, plan)
    assert verdict.feasible
    assert verdict.value <= 1.011 * cold.value
    assert plan.record.bound <= cold.value * (1 + 1e-6)
    assert certified_bound(closed, plan) == pytest.approx(plan.record.bound, rel=1e-9)
    said = plan.record.options["after"]
    assert (
        said == f"prices and flows of the plan of situation {before.record.situation_digest[:12]}"
    )


def test_the_same_question_has_the_same_answer(before: Plan) -> None:
    """Twice from the same plan: the same tables."""
    options = PlanOptions(method="auction", gap=0.01, time_limit_s=5, **FREE)
    first, second = (make_plan(two_ports(5, 0.0), options, before) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in first.tables)


def test_what_is_other_now_is_found_anew(before: Plan) -> None:
    """Without the second port its slots and the stock behind it are other rows; the rest stays."""
    search = start_search(port(5, needs=hungry(20_000.0)), PlanOptions(method="auction"), before)
    assert search.first_prices is not None
    assert search.after.endswith("; anew: slots")
    stored = dict(before["prices"].iter_rows())
    first, last, _ = search.families["fair"]
    start = before.record.row_families["fair"][0]
    kept = search.first_prices[first:last]
    assert kept.tolist() == [stored.get(start + k, 0.0) for k in range(last - first)]


@pytest.mark.parametrize("days", [4, 6])
def test_another_horizon_starts_cold(before: Plan, days: int) -> None:
    """No row of other days is the same; the record says that nothing was taken."""
    search = start_search(two_ports(days, 1.0), PlanOptions(), before)
    assert search.first_prices is None
    assert search.after.endswith("its prices fit no row here")


def test_a_plan_without_prices_starts_cold(before: Plan) -> None:
    """A plan from elsewhere, without certificate, is no start, and no fault either."""
    bare = before.replace(prices=before["prices"].head(0))
    assert start_search(two_ports(5, 1.0), PlanOptions(), bare).first_prices is None


def test_a_closed_slot_costs_the_bound_nothing() -> None:
    """At prices found with both ports open the bound of the closed one is that without it."""
    closed = start_search(two_ports(5, 0.0), PlanOptions(method="exact"))
    net, r = lay_flat(closed.problem, closed.rows), closed.rows
    prices = np.zeros(r.total)
    prices[: r.hours] = 0.3
    without = closed.problem.crossings.slots[1].max()
    assert without == 0.0
    alone = start_search(port(5, needs=hungry(20_000.0)), PlanOptions(method="exact"))
    other = np.zeros(alone.rows.total)
    other[: alone.rows.hours] = 0.3
    expected = lagrangian(lay_flat(alone.problem, alone.rows), alone.rows, other).value
    found = lagrangian(net, r, prices)
    assert found.value == pytest.approx(expected, rel=1e-9)
    again = lagrangian(net, r, found.prices)
    assert again.prices == pytest.approx(found.prices, rel=1e-9)
