"""Search and rescue in the plan: teams and worksites, on the roads that the plan opens."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from aidline.clearance.rescue import plan_rescue
from aidline.plan.opened import opened
from aidline.situation.defaults import Ledger, with_defaults

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.planning.options import PlanOptions
    from aidline.situation.situation import Situation

SHARE = 0.1  # of the time limit that is kept for it


def time_for_rescue(situation: Situation, options: PlanOptions) -> float:
    """Return the seconds that are kept for the work at worksites, 0 where there is none."""
    wanted = options.rescue and situation["worksites"].height > 0
    return SHARE * options.time_limit_s if wanted else 0.0


def with_rescue(situation: Situation, plan: Plan, options: PlanOptions) -> Plan:
    """Return a plan with the work at worksites; the same where there is none, or it is not wanted.

    Parameters
    ----------
    situation
        What is known.
    plan
        Supply, and the work on roads: disposal teams are free for worksites after it.
    options
        Time limit and seed.
    """
    limit_s = time_for_rescue(situation, options)
    if limit_s <= 0:
        return plan
    if options.days is not None:
        situation = situation.with_settings(days=options.days)
    ledger = Ledger()
    found = plan_rescue(
        opened(situation, plan), ledger, seed=options.seed,
        time_limit_s=limit_s, taken=plan["tasks"],
    )  # fmt: skip
    ends = [pl.when(pl.col(c).is_finite()).then(c).alias(c) for c in ("finish_low", "finish_high")]
    low, mid, high = found.found_alive
    figures = {
        "found_alive": mid, "found_alive_low": low, "found_alive_high": high,
        "found_alive_bound": found.found_alive_bound, "confirmed": found.confirmed,
        "confirmed_bound": found.confirmed_bound,
    }  # fmt: skip
    return plan.replace(
        record=dataclasses.replace(plan.record, rescue=figures),
        tasks=pl.concat([plan["tasks"], found.tasks.with_columns(ends)], how="diagonal_relaxed"),
        rescues=found.rescues,
        defaults_used=with_defaults(plan["defaults_used"], ledger),
    )
