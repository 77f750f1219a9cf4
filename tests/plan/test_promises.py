"""Promises: what is missing by each date, several dated promises of one item together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import DAYS, date, plan, rows, world

from aidline.plan.check import check_plan
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed
from aidline.supply.build import build_problem

if TYPE_CHECKING:
    import polars as pl

UNIT = 20 * 0.5 * 1000 / 400
"""Cost of a blanket missing in Bay: 20 × weight × people per blanket."""
DATED = st.lists(
    st.tuples(
        st.sampled_from(["moving", "promised"]), st.integers(0, DAYS - 1), st.integers(1, 90)
    ),
    max_size=7,
)


def commitments(*lines: tuple[str, int, float]) -> pl.DataFrame:
    """Commitments of blankets to Bay: kind, day, units. By the plan 100 arrive on day 0."""
    named = [
        (f"CM-{n}", kind, "A1", "blanket", float(units), date(day))
        for n, (kind, day, units) in enumerate(lines)
    ]
    return rows("commitment_id kind area_id item_id quantity date", *named)


def test_promises_of_one_item_add_up_by_date() -> None:
    """100 came: enough for the first promise, or for the second, but not for both."""
    two = world(commitments=commitments(("promised", 1, 100), ("promised", 4, 60)))
    verdict = check_plan(two, plan())
    assert verdict.promises_broken == 1
    assert verdict.promises == pytest.approx(60 * UNIT)
    one = world(commitments=commitments(("promised", 1, 40), ("promised", 4, 60)))
    assert check_plan(one, plan()).promises == 0


def test_what_comes_too_late_for_one_counts_for_the_next() -> None:
    """50 that arrive on day 3 break the promise of day 2 and keep that of day 4."""
    late = commitments(
        ("promised", 0, 100), ("promised", 2, 50), ("moving", 3, 50), ("promised", 4, 50)
    )
    verdict = check_plan(world(commitments=late), plan())
    assert verdict.promises_broken == 1
    assert verdict.promises == pytest.approx(50 * UNIT)


def unit_by_unit(lines: list[tuple[str, int, int]], came_first: int) -> int:
    """Units promised that do not arrive in time: each goes to the first due."""
    due = sorted(day for kind, day, units in lines if kind == "promised" for _ in range(units))
    moving = [day for kind, day, units in lines if kind == "moving" for _ in range(units)]
    come = sorted([0] * came_first + moving)
    missing = 0
    for deadline in due:
        if come and come[0] <= deadline:
            come.pop(0)
        else:
            missing += 1
    return missing


@settings(max_examples=60, deadline=None)
@given(DATED)
def test_missing_units_are_those_of_a_queue(lines: list[tuple[str, int, int]]) -> None:
    """The lack by date gives the same as handing out unit by unit; the model never asks more."""
    situation = world(commitments=commitments(*lines) if lines else world()["commitments"].clear())
    verdict = check_plan(situation, plan())
    assert verdict.promises == pytest.approx(unit_by_unit(lines, 100) * UNIT)
    problem = build_problem(completed(situation, ledger := Ledger()), ledger)
    asked = np.maximum(problem.promise_units - 100.0, 0.0)
    assert len(problem.promise_units) <= 1
    assert float(asked @ problem.promise_value) <= verdict.promises + 1e-6
