"""How evenly a plan shares: figures and the Lorenz curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from aidline.formats.report_html import charts
from aidline.formats.report_html.coverage import longest_wait

if TYPE_CHECKING:
    from aidline.formats.report_html.story import Facts


@dataclass(frozen=True)
class Fair:
    """The fairness block."""

    rows: tuple[tuple[str, str, str], ...]
    lorenz: Markup


def fair_sharing(facts: Facts, verdict: Any) -> Fair:
    """Return the figures of fairness, in the order in which they are shown, and the curve.

    Parameters
    ----------
    facts
        What the report knows.
    verdict
        What the verifier says of the plan; None where it was not asked.
    """
    language, even = facts.language, facts.evenness
    days, where = _longest_wait(facts, verdict)
    worst = facts.names.area(even.area_id)
    rows = [
        ("minimum", language.percent(even.minimum), worst),
        ("cut_off", language.number(even.cut_off), ""),
        ("p10", language.percent(even.p10), ""),
        ("gini", language.number(even.gini, 2), ""),
        ("never", language.number(even.never), ""),
        ("wait", language.count("count.days", days), facts.names.area(where)),
    ]
    rows += _price(facts, verdict)
    if not even.lorenz:
        return Fair(tuple(rows), Markup(""))
    words = language.plain("fair.lorenz_words", gini=language.number(even.gini, 2))
    return Fair(tuple(rows), charts.lorenz(even.lorenz, language, words))


def _price(facts: Facts, verdict: Any) -> list[tuple[str, str, str]]:
    """List what fairness costs, or how to find out; within the gaps it is not known."""
    language, bound = facts.language, facts.plan.record.lowest_share_bound
    rows = [] if bound is None else [("minimum_bound", language.percent(bound), "")]
    if verdict is None or not facts.plan.record.options.get("fairness", True):
        return rows
    price, share, margin = verdict.price_of_fairness, verdict.price_share, verdict.price_margin
    if price is None:
        return [*rows, ("price_unknown", "–", "")]
    if share is not None and margin is not None and share <= margin:
        return [*rows, ("price_within", language.percent(share + margin, 1), "")]
    part = "" if share is None else language.percent(share, 1)
    return [*rows, ("price", language.number(price), part)]


def _longest_wait(facts: Facts, verdict: Any) -> tuple[int, str]:
    """Days and area: from the verifier, which knows of goods on the road, where it was asked."""
    if verdict is not None:
        return verdict.longest_gap_days, verdict.longest_gap_area or ""
    waits = longest_wait(facts.plan, facts.coverage.area_ids)
    area, days = max(waits.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    return days, area
