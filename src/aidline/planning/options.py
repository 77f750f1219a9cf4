"""What the planner may be told, and what it tells while it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aidline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

METHODS = ("auto", "exact", "auction")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the planner is.

    Attributes
    ----------
    seconds
        Since the start.
    value
        Best verified value so far, None before the first plan.
    bound
        Best proven bound so far, None before the first.
    worst_share
        Coverage of the worst-off reachable area and need group in the best plan.
    step
        What it is doing, in words.
    """

    seconds: float
    value: float | None
    bound: float | None
    worst_share: float | None
    step: str


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Options of the planner; frozen, with defaults that suit a first plan.

    Attributes
    ----------
    days
        Length of the plan; None = that of the situation.
    time_limit_s
        Wall seconds after which the best plan so far is returned. Compiling the kernels, once
        after installation, does not count.
    gap
        Relative difference between plan and bound at which to stop.
    seed
        Seed of everything random.
    method
        "exact" (small), "auction" (any size), or "auto".
    fairness
        False leaves the fairness of areas out of the objective (to see its price).
    fair_levels
        Lowest levels of coverage that are raised as far as they go before anything else counts,
        where the situation is solved exactly (1 = the lowest share).
    price_of_fairness
        Also plan without fairness where that takes a second search, to tell its price. Solved
        exactly it is told in any case.
    whole_truck_days
        Trips of the first days that must be whole numbers.
    clearing
        Plan also which blocked roads are opened when, where there are crews for it.
    rescue
        Plan also which team searches which worksite when.
    care
        Plan also who is treated where and when, where there are casualties.
    explain
        Give reasons and bottlenecks.
    progress
        Called now and then with a `Progress`.
    cancel
        Set it to stop; the best plan so far is returned.
    """

    days: int | None = None
    time_limit_s: float = 60.0
    gap: float = 0.005
    seed: int = 0
    method: str = "auto"
    fairness: bool = True
    fair_levels: int = 0
    price_of_fairness: bool = False
    whole_truck_days: int = 3
    clearing: bool = True
    rescue: bool = True
    care: bool = True
    explain: bool = True
    progress: Callable[[Progress], None] | None = field(default=None, compare=False)
    cancel: Event | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"method {self.method!r} is not one of {', '.join(METHODS)}")
        if self.fair_levels < 0:
            raise UsageError("the number of fair levels is not negative")
        if self.time_limit_s <= 0 or self.gap < 0 or self.whole_truck_days < 0:
            raise UsageError("time limit must be positive; gap and whole truck days not negative")

    def as_record(self) -> dict[str, Any]:
        """Return the options that change the result, for the run record."""
        return {
            "days": self.days,
            "time_limit_s": self.time_limit_s,
            "gap": self.gap,
            "method": self.method,
            "fairness": self.fairness,
            "fair_levels": self.fair_levels,
            "whole_truck_days": self.whole_truck_days,
        }

    @property
    def cancelled(self) -> bool:
        """True once the user asked to stop."""
        return self.cancel is not None and self.cancel.is_set()
