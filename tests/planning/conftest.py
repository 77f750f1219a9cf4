"""Compiles the planner's kernels once, so that the time limits of tests measure planning."""

from __future__ import annotations

import pytest
from random_world import random_world

from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Plan a small situation both ways; the compiled kernels are kept on disk."""
    for method in ("exact", "auction"):
        options = PlanOptions(method=method, time_limit_s=600, gap=0.2, explain=method == "exact")
        make_plan(random_world(0), options)
