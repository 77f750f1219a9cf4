"""Where the exact solver starts: a guessed basis, and fairness that leaves no corner to sit in."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from small import NEEDS, ROADS, date, pair, planned, rows

from aidline.generator.make import SIZES, generate
from aidline.model.solve import LinearModel, basis_near, grown_basis, solve
from aidline.planning.auction.arrays import columns_of, even_levels
from aidline.planning.exact import kept_columns, linear_model
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search


def transport(supply: np.ndarray, demand: np.ndarray, cost: np.ndarray) -> LinearModel:
    """Goods from places to areas at least cost; what is not sent costs 100 a unit."""
    n, m = cost.shape
    place = sp.kron(sp.eye(n), np.ones((1, m)))
    area = sp.kron(np.ones((1, n)), sp.eye(m))
    unmet = sp.vstack([sp.csc_matrix((n, m)), sp.eye(m)])
    return LinearModel(
        cost=np.append(cost.ravel(), np.full(m, 100.0)),
        low=np.zeros(n * m + m),
        high=np.full(n * m + m, np.inf),
        matrix=sp.hstack([sp.vstack([place, area]), unmet]).tocsc(),
        row_low=np.append(np.full(n, -np.inf), demand),
        row_high=np.append(supply, demand),
    )


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_any_guess_leads_to_the_optimum(seed: int) -> None:
    """A good, a bad or an impossible guess: the same optimum."""
    rng = np.random.default_rng(seed)
    model = transport(rng.random(3) * 9, rng.random(4) * 9, rng.random((3, 4)) * 50)
    known = solve(model)
    for x in (known.x, rng.random(16) * rng.integers(0, 2, 16), np.zeros(16)):
        busy = rng.random(7) < 0.5
        found = solve(model, start=basis_near(model, x, busy))
        assert found.status == "optimal"
        assert found.objective == pytest.approx(known.objective, rel=1e-9, abs=1e-9)


def test_levels_are_divided_without_changing_what_they_hold() -> None:
    """Each level in two parts, the first one filled first, the second a little dearer."""
    idle = (0.0, 10.0, 4.0, [], -1)
    levels = [(1.0, 4.0, 4.0, [(7, -1.0)], 0), (3.0, 6.0, 2.0, [(7, -1.0)], 1)]
    parts = even_levels(columns_of([[idle, *levels]], np.array([10.0])), parts=2, rise=0.125)
    assert parts.cost.tolist() == [0.0, 1.0, 1.125, 3.0, 3.125]
    assert parts.upper.tolist() == [10.0, 2.0, 2.0, 3.0, 3.0]
    assert parts.amount.tolist() == [4.0, 2.0, 2.0, 2.0, 0.0]
    assert parts.row.tolist() == [7] * 4
    assert np.diff(parts.row_ptr).tolist() == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_areas_with_the_same_claim_are_served_alike(share: float) -> None:
    """One truck for two areas at the same distance: their shares differ by 5 % at most."""
    roads = rows(ROADS, *(("WH", a, None, None, "open", 4.0) for a in ("A1", "A2")))
    people = {"A1": 20_000.0, "A2": 20_000.0 * share}
    needs = rows(NEEDS, *((a, "food", date(0), None, n, n) for a, n in people.items()))
    plan, _ = planned(pair(3, travel_times=roads, needs=needs))
    first, second = plan["fairness"]["share"]
    assert abs(first - second) <= 0.05 + 1e-6


def test_options_are_found_again_among_more() -> None:
    """After options were added, each earlier one stands where its cell, tag and way say."""
    search = start_search(generate(**SIZES["S"], seed=4), PlanOptions())
    auction = search.start_auction()
    for _ in range(20):
        auction.round()
    before = linear_model(auction)[1]
    auction.add_options()
    after = linear_model(auction)[1]
    kept = kept_columns(before, after)
    assert sum(len(cols.cost) for cols in after) > len(kept) == len(np.unique(kept))
    for name in ("tag", "tag_more", "cost"):
        old, new = (
            np.concatenate([getattr(c, name) for c in family]) for family in (before, after)
        )
        assert np.array_equal(new[kept], old), name


def test_a_basis_grows_with_its_model() -> None:
    """Columns that come later, between the others too: solved from there to the new optimum."""
    rng = np.random.default_rng(5)
    whole = transport(rng.random(3) * 9, rng.random(4) * 9, rng.random((3, 4)) * 50)
    some = np.sort(rng.permutation(12)[:7])
    kept = np.append(some, np.arange(12, 16))
    part = dataclasses.replace(
        whole,
        cost=whole.cost[kept],
        low=whole.low[kept],
        high=whole.high[kept],
        matrix=whole.matrix[:, kept],
    )
    start = grown_basis(solve(part).basis, len(whole.cost), kept)
    assert solve(whole, start=start).objective == pytest.approx(solve(whole).objective, rel=1e-9)
