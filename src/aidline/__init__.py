"""Aidline: an open, neutral relief-operations planner.

>>> import aidline
>>> situation = aidline.read("situation/")  # doctest: +SKIP
>>> plan = aidline.make_plan(situation)  # doctest: +SKIP
>>> aidline.check_plan(situation, plan).feasible  # doctest: +SKIP
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aidline.errors import (
    AidlineError,
    DataError,
    FormatError,
    Infeasible,
    LimitReached,
    PlanError,
    UsageError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.plan.check import check_plan
    from aidline.plan.compare import compare
    from aidline.plan.plan import Plan
    from aidline.planning.joint import make_plan
    from aidline.planning.options import PlanOptions
    from aidline.situation.scenario import Scenario
    from aidline.situation.situation import Settings, Situation

__version__ = "0.1.0"

__all__ = [
    "AidlineError",
    "DataError",
    "FormatError",
    "Infeasible",
    "LimitReached",
    "Plan",
    "PlanError",
    "PlanOptions",
    "Scenario",
    "Settings",
    "Situation",
    "UsageError",
    "check_plan",
    "compare",
    "make_plan",
    "read",
]

# Each name is imported when it is first asked for, so that `aidline --help` need not load a
# solver and a compiler.
_HOMES = {
    "Plan": "aidline.plan.plan",
    "PlanOptions": "aidline.planning.options",
    "Scenario": "aidline.situation.scenario",
    "Settings": "aidline.situation.situation",
    "Situation": "aidline.situation.situation",
    "check_plan": "aidline.plan.check",
    "compare": "aidline.plan.compare",
    "make_plan": "aidline.planning.joint",
}


def read(path: str | Path) -> Situation:
    """Read a situation and check it.

    Parameters
    ----------
    path
        A folder of tables, or a workbook.

    Raises
    ------
    DataError
        The situation has errors; `problems` lists every one.
    FormatError
        It cannot be read at all.
    """
    from aidline.formats.read import read as read_and_check

    return read_and_check(path, strict=True).situation


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'aidline' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
