"""The island with a plan that opens roads: tasks written by hand, trucks planned around them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import polars as pl

import aidline
from aidline.network.openings import with_openings
from aidline.situation.example import example

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

TASKS = (  # kind, team, blockage, leave, travel_h, start, finish, days of work
    ("single_lane", "CREW-1", "B-12", 0.0, 2.0, 0.2, 0.7, 0.5),
    ("full", "CREW-1", "B-12", 0.7, 0.0, 0.7, 2.2, 1.5),
    ("single_lane", "CREW-1", "B-09", 2.2, 2.0, 2.4, 4.4, 2.0),
    ("single_lane", "CREW-1", "B-08", 4.4, 2.0, 4.6, 12.6, 8.0),
    ("single_lane", "CREW-2", "B-13", 0.0, 4.0, 0.4, 0.9, 0.5),
    ("single_lane", "CREW-2", "B-05", 0.9, 4.0, 1.3, 5.8, 4.5),
    ("single_lane", "CREW-2", "B-06", 5.8, 4.0, 6.2, 12.2, 6.0),
    ("single_lane", "CREW-3", "B-01", 1.0, 1.0, 1.1, 6.1, 5.0),
    ("full", "CREW-3", "B-01", 6.1, 0.0, 6.1, 12.1, 6.0),
    ("single_lane", "CREW-3", "B-03", 12.1, 2.0, 12.3, 28.3, 16.0),
    ("assess", "EOD-1", "B-03", 7.0, 4.0, 7.5, 8.5, 1.0),
)  # fmt: skip
OPENINGS = (
    ("R-138", "single_lane", 1, 0.5), ("R-138", "full", 3, 1.0), ("R-133", "single_lane", 5, 0.5),
    ("R-131", "single_lane", 13, 0.5), ("R-172", "single_lane", 1, 0.5),
    ("R-156", "single_lane", 6, 0.5), ("R-162", "single_lane", 13, 0.5),
    ("R-148", "single_lane", 7, 0.5), ("R-148", "full", 13, 1.0),
)  # fmt: skip
BASELINES = (
    ("no_clearing", 2103411.0, 0.003, 0.0, 2, False, "7.4 % more unmet need than the plan"),
    ("need_order", 2002113.0, 0.004, 0.31, 1, False, "2.2 % more unmet need than the plan"),
    ("traffic_order", 1961030.0, 0.004, 0.38, 0, False, "not distinguishable from the plan"),
    ("joint", 1958712.0, 0.004, 0.38, 0, True, "this plan"),
)


def tasks() -> pl.DataFrame:
    """The table `tasks`, with how late each task may end."""
    names = ["kind", "team_id", "at_id", "leave", "travel_h", "start", "finish", "work_team_days"]
    return pl.DataFrame(list(TASKS), schema=names, orient="row").with_columns(
        task_id=pl.format("{}:{}", "at_id", "kind"),
        finish_low=pl.col("start") + 0.8 * pl.col("work_team_days"),
        finish_high=pl.col("start") + 1.4 * pl.col("work_team_days"),
    )


def openings() -> pl.DataFrame:
    """The table `road_openings`."""
    names = ["segment_id", "grade", "day", "speed_factor"]
    return pl.DataFrame(list(OPENINGS), schema=names, orient="row")


def baselines() -> pl.DataFrame:
    """The table `baselines`, with invented figures."""
    names = ["name", "value", "gap", "minimum_coverage", "unreachable_areas", "chosen", "text"]
    return pl.DataFrame(list(BASELINES), schema=names, orient="row")


def make(**options: Any) -> tuple[Situation, Plan]:
    """Plan trucks on the roads as the tasks open them."""
    island = example()
    plan = aidline.make_plan(
        with_openings(island, openings()),
        aidline.PlanOptions(**options, clearing=False, rescue=False, care=False),
    )
    record = dataclasses.replace(plan.record, situation_digest=island.digest())
    return island, plan.replace(
        record, tasks=tasks(), road_openings=openings(), baselines=baselines()
    )
