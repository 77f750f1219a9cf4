"""The few figures by which a plan is known, the same ones in every output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure.

    Attributes
    ----------
    key
        Name that stays the same between versions.
    label
        In words.
    value
        The figure, None where it is unknown.
    unit
        "share" for what is shown as a percentage.
    """

    key: str
    label: str
    value: float | None
    unit: str


def key_figures(situation: Situation, plan: Plan, verdict: Verdict) -> tuple[KeyFigure, ...]:
    """Return the key figures of a plan, in the order in which they are shown.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    verdict
        What the verifier says of it: coverage and value are its figures, nobody else's.
    """
    areas = verdict.areas.filter(pl.col("person_days") > 0)
    rows: tuple[tuple[str, str, float | None, str], ...] = (
        ("people_in_need", "People in need", float(areas["people"].sum()), "people"),
        ("areas_in_need", "Areas with needs", float(areas.height), "areas"),
        ("needs_met", "Needs met, of all person-days", _met(verdict), "share"),
        ("unmet_person_days", "Person-days not met", verdict.person_days_unmet, "person-days"),
        (
            "minimum_coverage",
            "Lowest coverage of any kind of need, where it can be reached",
            verdict.minimum_coverage,
            "share",
        ),
        (
            "unreachable_areas",
            "Areas that cannot be reached",
            float(verdict.unreachable_areas),
            "areas",
        ),
        *_bound_of_lowest(plan),
        ("coverage_p10", "Coverage of the worst tenth of people", verdict.coverage_p10, "share"),
        ("gini", "Gini of coverage (0 = the same everywhere)", verdict.gini, ""),
        ("price_of_fairness", _price_label(verdict), verdict.price_share, "share"),
        ("people_never_reached", "People who get nothing", verdict.people_never_reached, "people"),
        ("longest_gap", "Longest time without a delivery", float(verdict.longest_gap_days), "days"),
        ("delivered", "Handed over", _delivered_t(situation, plan), "t"),
        ("trips", "Truck trips", float(plan["trips"]["trips"].sum()), "trips"),
        ("rules_broken", "Rules broken", float(len(verdict.violations)), "rules"),
        ("value", "Value (smaller is better)", verdict.value, "weighted person-days"),
        ("bound", "Proven best possible value", verdict.bound, "weighted person-days"),
        ("gap", "Proven gap to the best possible plan", verdict.gap, "share"),
    )
    return tuple(KeyFigure(*row) for row in rows)


def _bound_of_lowest(plan: Plan) -> tuple[tuple[str, str, float | None, str], ...]:
    """Return the best lowest coverage that any plan can have, where it was worked out."""
    bound = plan.record.lowest_share_bound
    if bound is None:
        return ()
    return (("minimum_bound", "Proven: no plan has a lowest coverage above", bound, "share"),)


def _price_label(verdict: Verdict) -> str:
    """Return what the price of fairness is called: where its margin is larger, that says so."""
    share, margin = verdict.price_share, verdict.price_margin
    if share is None:
        return "Price of fairness (--price-of-fairness works it out)"
    if margin is not None and share <= margin:
        return f"Price of fairness (less than the gaps explain, {margin:.1%})"
    return "Price of fairness, of what would be met without it"


def _met(verdict: Verdict) -> float:
    need = verdict.person_days_need
    return 1 - verdict.person_days_unmet / need if need else 1.0


def _delivered_t(situation: Situation, plan: Plan) -> float:
    weights = situation["items"].select("item_id", "weight_kg")
    loads = plan["deliveries"].join(weights, on="item_id", how="left")
    return float((loads["quantity"] * loads["weight_kg"]).sum()) / 1000
