"""Uses against arrivals: the quick sweep agrees with an exact flow."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from aidline.plan.verify.matching import available

DAYS = 5
SUPPLY = st.tuples(st.integers(0, DAYS - 1), st.integers(-1, DAYS - 1), st.integers(0, 6))
WANTED = st.lists(st.integers(0, 5), min_size=DAYS, max_size=DAYS)


def swept(supplies: list[tuple[int, int, int]], wanted: list[int]) -> bool:
    first, last, quantity = (np.array([s[k] for s in supplies], np.int64) for k in range(3))
    grid = np.array([wanted], float)
    at_hand = available(
        grid, np.zeros(len(supplies), np.int64), first, last, quantity.astype(float)
    )
    return bool((grid <= at_hand + 1e-9).all())


def exact(supplies: list[tuple[int, int, int]], wanted: list[int]) -> bool:
    """A transport problem: each supply serves the days of its window, each day gets its need."""
    arcs = [(i, d) for i, (a, b, _) in enumerate(supplies) for d in range(a, b + 1)]
    if not arcs:
        return not any(wanted)
    from_supply = [[float(i == s) for i, _ in arcs] for s in range(len(supplies))]
    to_day = [[float(d == t) for _, d in arcs] for t in range(DAYS)]
    answer: Any = linprog(
        np.zeros(len(arcs)),
        A_ub=from_supply,
        b_ub=[q for _, _, q in supplies],
        A_eq=to_day,
        b_eq=wanted,
    )
    return bool(answer.status == 0)


@settings(max_examples=150, deadline=None)
@given(st.lists(SUPPLY, min_size=1, max_size=6), WANTED)
def test_the_sweep_is_exact(supplies: list[tuple[int, int, int]], wanted: list[int]) -> None:
    """Accepted exactly when some assignment of units to days covers all uses."""
    assert swept(supplies, wanted) == exact(supplies, wanted)


def test_what_ends_first_goes_first() -> None:
    """Own stock that expires on day 0 is used before the delivery that keeps to day 2."""
    assert swept([(0, 2, 10), (0, 0, 10)], [10, 5, 5, 0, 0])
    assert not swept([(0, 2, 10), (0, 0, 10)], [10, 5, 6, 0, 0])


def test_streams_do_not_mix() -> None:
    """What one area has is of no use to another, whatever the mix of goods that keep or not."""
    wanted = np.array([[3.0, 0], [0, 3.0], [1.0, 1.0]])
    at_hand = available(
        wanted,
        np.array([0, 1, 2]),
        np.array([0, 0, 0]),
        np.array([0, 0, 1]),
        np.array([3.0, 3.0, 2.0]),
    )
    assert at_hand.tolist() == [[3, 0], [3, 0], [2, 1]]
