"""Where to open sites: against enumeration, and what must never make an answer worse."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from aidline.errors import Infeasible, PlanError
from aidline.model.siting import Sited, Siting, solve_siting


def siting(open_cost, capacity, demand, cost, **more) -> Siting:
    return Siting(
        np.array(open_cost, float),
        np.array(capacity, float),
        np.array(demand, float),
        np.array(cost, float),
        **more,
    )


def checked(problem: Siting, found: Sited) -> float:
    """Return the cost of an answer, counted anew, after checking every rule."""
    total = sum(c for c, is_open in zip(problem.open_cost, found.open, strict=True) if is_open)
    sites, clients = problem.cost.shape
    assert found.shares.shape == (sites, clients)
    assert found.open.sum() <= (sites if problem.most_open is None else problem.most_open)
    for j in range(clients):
        assert sum(found.shares[:, j]) == pytest.approx(1.0)
    for i in range(sites):
        load = 0.0
        for j in range(clients):
            share = found.shares[i, j]
            assert share >= 0.0
            assert share == 0.0 or found.open[i]
            assert not problem.single_source or share in {0.0, 1.0}
            if share:
                total += share * problem.cost[i, j]
                load += share * problem.demand[j]
        assert load <= problem.capacity[i] * (1 + 1e-6) + 1e-6
    assert found.value == pytest.approx(total, rel=1e-6, abs=1e-6)
    assert found.bound <= found.value
    return total


def cheapest(problem: Siting) -> float:
    """Return the least cost by trying every choice of sites; infinite where there is none."""
    sites = len(problem.open_cost)
    most = sites if problem.most_open is None else problem.most_open
    best = np.inf
    for is_open in itertools.product([0, 1], repeat=sites):
        chosen = [i for i in range(sites) if is_open[i]]
        if 0 < len(chosen) <= most:
            served = (_one_each if problem.single_source else _divided)(problem, chosen)
            best = min(best, served + sum(problem.open_cost[chosen]))
    return best


def _one_each(problem: Siting, chosen: list[int]) -> float:
    best, clients = np.inf, len(problem.demand)
    for where in itertools.product(chosen, repeat=clients):
        load = np.bincount(where, weights=problem.demand, minlength=len(problem.capacity))
        if (load <= problem.capacity + 1e-9).all():
            best = min(best, sum(problem.cost[i, j] for j, i in enumerate(where)))
    return best


def _divided(problem: Siting, chosen: list[int]) -> float:
    n, clients = len(chosen), len(problem.demand)
    loads = np.kron(np.eye(n), problem.demand[None, :])
    ones = np.tile(np.eye(clients), n)
    cost, capacity = problem.cost[chosen].ravel(), problem.capacity[chosen]
    limits = [(0, 0 if np.isinf(c) else None) for c in cost]
    finite = np.isfinite(capacity)
    found = linprog(
        np.where(np.isinf(cost), 0, cost), loads[finite], capacity[finite], ones,
        np.ones(clients), limits,
    )  # fmt: skip
    return found.fun if found.status == 0 else np.inf


@st.composite
def problems(draw, single_source: bool | None = None):
    sites, clients = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    whole = st.integers(0, 20).map(float)
    figure = draw(st.sampled_from([whole, st.floats(0, 20).map(lambda x: round(x, 3))]))
    capacity = draw(st.sampled_from([st.just(np.inf), st.integers(1, 25).map(float)]))
    cost = draw(st.sampled_from([figure, st.one_of(figure, st.just(np.inf))]))
    single = draw(st.booleans()) if single_source is None else single_source
    return siting(
        draw(st.lists(figure, min_size=sites, max_size=sites)),
        draw(st.lists(capacity, min_size=sites, max_size=sites)),
        draw(st.lists(st.integers(0, 9), min_size=clients, max_size=clients)),
        [draw(st.lists(cost, min_size=clients, max_size=clients)) for _ in range(sites)],
        most_open=draw(st.one_of(st.none(), st.integers(1, sites))),
        single_source=single,
    )


@settings(max_examples=200, deadline=None)
@given(problems())
def test_the_answer_is_the_cheapest_of_all(problem: Siting):
    best = cheapest(problem)
    if np.isinf(best):
        with pytest.raises(Infeasible):
            solve_siting(problem)
        return
    found = solve_siting(problem)
    assert found.stopped == "gap"
    assert checked(problem, found) == pytest.approx(best, rel=2e-6, abs=1e-6)
    assert found.bound <= best * (1 + 1e-7) + 1e-6


@settings(max_examples=60, deadline=None)
@given(problems(), st.floats(0.01, 0.5))
def test_a_wider_gap_keeps_its_promise(problem: Siting, gap: float):
    best = cheapest(problem)
    if np.isfinite(best):
        found = solve_siting(problem, gap=gap)
        value = checked(problem, found)
        assert found.bound <= best * (1 + 1e-7) + 1e-6
        assert value - found.bound <= (gap + 1e-6) * value + 1e-9


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_more_room_or_a_cheaper_way_never_makes_it_worse(problem: Siting, data):
    try:
        before = solve_siting(problem)
    except Infeasible:
        return
    i = data.draw(st.integers(0, len(problem.open_cost) - 1))
    j = data.draw(st.integers(0, len(problem.demand) - 1))
    capacity, cost = problem.capacity.copy(), problem.cost.copy()
    capacity[i] += 1.0
    cost[i, j] = min(cost[i, j] / 2, 30.0)
    slack = 1e-6 + 2e-6 * before.value
    for better in (replace(problem, capacity=capacity), replace(problem, cost=cost)):
        assert solve_siting(better).value <= before.value + slack


def grid(seed: int, sites: int, clients: int, **more) -> Siting:
    rng = np.random.default_rng(seed)
    demand = rng.integers(5, 35, clients)
    where, site = rng.random((clients, 2)), rng.random((sites, 2))
    cost = np.linalg.norm(site[:, None] - where, axis=2) * demand
    capacity = rng.integers(30, 90, sites) * (5.0 * demand.sum() / (60.0 * sites))
    return siting(rng.integers(20, 60, sites), np.floor(capacity), demand, cost.round(2), **more)


@pytest.mark.parametrize("single_source", [False, True])
@pytest.mark.parametrize("most_open", [None, 9])
def test_the_same_call_gives_the_same_answer(single_source: bool, most_open: int | None):
    problem = grid(1, 20, 40, single_source=single_source, most_open=most_open)
    one, two = (solve_siting(problem, gap=1e-4) for _ in range(2))
    assert one.value == two.value
    assert one.bound == two.bound
    assert (one.open == two.open).all()
    assert (one.shares == two.shares).all()
    checked(problem, one)


def test_rows_in_another_order_cost_the_same():
    problem = grid(2, 15, 30, single_source=True)
    sites, clients = np.random.default_rng(0).permutation(15), np.arange(30)[::-1]
    turned = Siting(
        problem.open_cost[sites], problem.capacity[sites], problem.demand[clients],
        problem.cost[sites][:, clients], single_source=True,
    )  # fmt: skip
    assert solve_siting(turned).value == pytest.approx(solve_siting(problem).value, rel=2e-6)


def test_dividing_clients_never_costs_more_than_serving_them_whole():
    whole = grid(3, 15, 40, single_source=True)
    divided = replace(whole, single_source=False)
    assert solve_siting(divided).bound <= solve_siting(whole).value


def test_the_one_site_that_can_take_everyone_is_found():
    """The first two sites look better to prices, and each leaves someone out."""
    cost = [[0, 0], [0, 0], [0, 1]]
    found = solve_siting(
        siting([0, 0, 0], [1, 3, 9], [1, 3], cost, most_open=1, single_source=True)
    )
    assert found.open.tolist() == [False, False, True]
    assert found.value == 1


def test_one_site_of_two():
    """The dearer site is the only one with room."""
    found = solve_siting(siting([1, 5], [3, 10], [4, 4], [[1, 1], [2, 2]], most_open=1))
    assert found.open.tolist() == [False, True]
    assert found.value == pytest.approx(9)


def test_a_client_is_divided_where_that_saves_a_site():
    """Two sites of 6 take three clients of 4 only if one client is divided."""
    divided = siting([10, 10, 10], [6, 6, 6], [4, 4, 4], np.zeros((3, 3)))
    assert solve_siting(divided).value == pytest.approx(20)
    assert solve_siting(replace(divided, single_source=True)).value == pytest.approx(30)


def test_without_clients_only_what_gains_opens():
    found = solve_siting(siting([3, -2], [1, 1], [], np.zeros((2, 0))))
    assert found.open.tolist() == [False, True]
    assert found.value == found.bound == -2


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (siting([1, 1], [2, 2], [3, 3], np.ones((2, 2))), "demand 6 is more than"),
        (siting([1, 1], [9, 9], [9, 9], np.ones((2, 2)), most_open=1), "demand 18 is more than"),
        (siting([1, 1], [9, 9], [3, 3], [[1, np.inf], [1, np.inf]]), "1 of 2 clients"),
        (siting([1, 1], [5, 5], [6, 1], np.ones((2, 2)), single_source=True), "1 of 2 clients"),
        (siting([1], [5], [1], [[1]], most_open=0), "no site may open"),
        (siting([1], [5], [-1], [[1]]), "below 0"),
        (siting([1], [5], [np.nan], [[1]]), "must be known"),
        (siting([1], [5], [1], [[1, 2]]), "one column per client"),
        (siting([0, 0], [5, 5], [3, 3, 3], np.ones((2, 3)), single_source=True), "no choice"),
    ],
)
def test_what_cannot_be_served_is_said(problem: Siting, reason: str):
    with pytest.raises(PlanError, match=reason):
        solve_siting(problem)
