"""Care in the plan: who is treated where and when, on the roads that the plan opens.

Benefit of care and person-days of need are two currencies: neither is turned into the other.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from aidline.medical.plan import plan_care
from aidline.plan.opened import opened
from aidline.situation.defaults import Ledger, with_defaults

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.planning.options import PlanOptions
    from aidline.situation.situation import Situation

SHARE = 0.15  # of the time limit that is kept for the plan of care


def time_for_care(situation: Situation, options: PlanOptions) -> float:
    """Return the seconds that are kept for the plan of care, 0 where there is none."""
    wanted = options.care and situation["casualties"].height > 0
    return SHARE * options.time_limit_s if wanted else 0.0


def with_care(situation: Situation, plan: Plan, options: PlanOptions) -> Plan:
    """Return a plan with its plan of care; the same where nobody needs care, or it is not wanted.

    Parameters
    ----------
    situation
        What is known.
    plan
        Supply, and the roads that are opened.
    options
        Time limit and seed.
    """
    limit_s = time_for_care(situation, options)
    if limit_s <= 0:
        return plan
    if options.days is not None:
        situation = situation.with_settings(days=options.days)
    ledger = Ledger()
    found = plan_care(
        opened(situation, plan), ledger=ledger, seed=options.seed,
        time_limit_s=limit_s,
    )  # fmt: skip
    figures = {
        "benefit": found.benefit, "benefit_low": found.benefit_low,
        "benefit_high": found.benefit_high, "bound": found.bound,
    }  # fmt: skip
    record = dataclasses.replace(plan.record, care=figures)
    return plan.replace(
        record=record,
        defaults_used=with_defaults(plan["defaults_used"], ledger),
        care_reasons=found.reasons,
        **found.tables,
    )
