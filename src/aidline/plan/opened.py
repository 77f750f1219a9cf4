"""The situation with the roads that a plan opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aidline.network.openings import with_openings, without_forecasts
from aidline.plan.verify.form import clearing_rows

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def opened(situation: Situation, plan: Plan) -> Situation:
    """Return the situation in whose road log the openings of a plan stand.

    Where the plan decides on clearing, what the log expects of blocked roads is left out.

    Parameters
    ----------
    situation
        What the plan was made for; it stays as it is.
    plan
        Malformed rows of its table `road_openings` open nothing.

    Returns
    -------
    Situation
        The same where the plan opens no roads.
    """
    if plan.record.options.get("clearing"):
        situation = without_forecasts(situation)
    return with_openings(situation, clearing_rows(situation, plan)[0]["road_openings"])
