"""Two ways to one optimum: the exact path and the auction."""

from __future__ import annotations

import itertools

import pytest
from random_world import random_world
from small import (
    CLASSES,
    FLEETS,
    NEEDS,
    PLACES,
    ROADS,
    STOCK,
    date,
    hungry,
    pair,
    phi,
    planned,
    port,
    psi,
    rows,
    tiny,
)

from aidline.planning.joint import EXACT_CELLS, method_for
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search

CASES = {
    "trucks": tiny(4, needs=hungry(20_000)),
    "slots": port(5),
    "two areas": pair(3),
    "hub": tiny(
        4,
        places=rows(PLACES, ("WH", "depot", False), ("HUB", "hub", True)),
        vehicle_classes=rows(
            CLASSES, ("big", "truck", 10.0, 40.0, 1.0, 1.0), ("small", "4x4", 4.0, 16.0, 0.5, 0.5)
        ),
        fleets=rows(FLEETS, ("F1", "WH", "big", 3.0, 10.0), ("F2", "HUB", "small", 1.0, 10.0)),
        travel_times=rows(
            ROADS,
            ("WH", "HUB", None, None, "open", 4.0),
            ("HUB", "A1", "small", None, "open", 2.0),
        ),
    ),
    **{f"random {seed}": random_world(seed) for seed in range(3)},
}


@pytest.mark.parametrize("name", CASES)
def test_both_ways_agree(name: str) -> None:
    """The auction ends within 10 % of the optimum, its bound never above it."""
    _, exact = planned(CASES[name], method="exact")
    plan, auction = planned(CASES[name], method="auction", gap=0.01, time_limit_s=6)
    assert auction.value >= exact.value * (1 - 1e-4)
    assert auction.value <= exact.value * 1.10 + 1e-6
    assert plan.record.bound <= exact.value * (1 + 1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_exact_path_proves_its_optimum(name: str) -> None:
    """Bound and value meet."""
    plan, verdict = planned(CASES[name], method="exact")
    assert plan.record.bound == pytest.approx(verdict.value, rel=1e-4)
    assert plan.record.stopped in {"optimal", "gap reached"}


@pytest.mark.parametrize("name", CASES)
def test_whole_trucks_cost_something_and_are_whole(name: str) -> None:
    """Trips of the first days are whole numbers by either way; the bound stays below."""
    _, free = planned(CASES[name], method="exact")
    for method, gap in (("exact", 1e-6), ("auction", 0.02)):
        plan, verdict = planned(
            CASES[name], method=method, gap=gap, whole_truck_days=3, time_limit_s=1.5
        )
        early = plan["trips"].filter(day=0)["trips"].to_list()
        assert early == pytest.approx([round(n) for n in early], abs=1e-9)
        assert verdict.value >= free.value * (1 - 1e-4)
        assert plan.record.bound <= verdict.value * (1 + 1e-9)


def test_small_ones_are_solved_exactly() -> None:
    """Up to so many cells of need the exact path is taken, above it the auction."""
    search = start_search(tiny(4), PlanOptions())
    assert method_for(search.problem, PlanOptions()) == "exact"
    assert method_for(search.problem, PlanOptions(method="auction")) == "auction"
    many = [f"A{n}" for n in range(EXACT_CELLS // 10 + 1)]
    crowd = tiny(
        10,
        areas=rows("area_id", *((a,) for a in many)),
        needs=hungry(100.0, *many),
        travel_times=rows(ROADS, *(("WH", a, None, None, "open", 4.0) for a in many)),
    )
    large = start_search(crowd, PlanOptions()).problem
    assert method_for(large, PlanOptions()) == "auction"


def brute_force(stock: int, capacity: int, needs: tuple[int, int]) -> float:
    """The least value over all ways to hand out whole units of 100 on one day."""
    best = float("inf")
    for give in itertools.product(range(needs[0] + 1), range(needs[1] + 1)):
        if sum(give) > min(stock, capacity):
            continue
        cost = sum(
            100 * n * (phi(1 - g / n) + psi(1 - g / n)) for g, n in zip(give, needs, strict=True)
        )
        best = min(best, cost + 0.1 * 10 * sum(give) * 100 / 10_000)
    return best


@pytest.mark.parametrize(("stock", "needs"), [(80, (60, 100)), (150, (50, 90)), (100, (30, 70))])
def test_against_all_ways_to_hand_out(stock: int, needs: tuple[int, int]) -> None:
    """One day, one truck, two areas: no split in steps of 100 units is better."""
    situation = pair(
        1,
        stock=rows(STOCK, ("LOT", "WH", None, "food", 100.0 * stock)),
        needs=rows(
            NEEDS,
            *(
                (a, "food", date(0), None, 100.0 * n, 100.0 * n)
                for a, n in zip(("A1", "A2"), needs, strict=True)
            ),
        ),
    )
    _, verdict = planned(situation)
    best = brute_force(stock, 100, needs)
    assert verdict.value <= best * (1 + 1e-6)
    assert verdict.value >= best * 0.98
