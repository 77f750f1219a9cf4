"""The few figures by which a plan is known, the same ones in every output."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.formats.report_html.coverage import coverage, evenness, longest_wait

if TYPE_CHECKING:
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


def key_figures(situation: Situation, plan: Plan) -> tuple[KeyFigure, ...]:
    """Return the key figures of a plan, in the order in which they are shown.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    """
    cover, even, record = coverage(situation, plan), evenness(plan), plan.record
    needy = cover.people > 0
    met = cover.met[0].sum(axis=1)
    served = tuple(a for a, m in zip(cover.area_ids, met, strict=True) if m > 0)
    waits = longest_wait(plan, served)
    nothing = float(cover.people[met <= 0].sum())
    longest = max(waits.values(), default=None)
    rows: tuple[tuple[str, str, float | None, str], ...] = (
        ("people_in_need", "People in need", float(cover.people.sum()), "people"),
        ("areas_in_need", "Areas with needs", float(needy.sum()), "areas"),
        ("needs_met", "Needs met, of all person-days", cover.total, "share"),
        ("unmet_person_days", "Person-days not met", float(cover.unmet.sum()), "person-days"),
        ("minimum_coverage", "Lowest coverage of an area and need group", even.minimum, "share"),
        ("coverage_p10", "Coverage that nine in ten exceed", even.p10, "share"),
        ("gini", "Gini of coverage (0 = the same share everywhere)", even.gini, ""),
        ("people_never_reached", "People who get nothing", nothing, "people"),
        ("longest_wait", "Longest wait for a delivery, of those served", longest, "days"),
        ("delivered", "Handed over", _delivered_t(situation, plan), "t"),
        ("trips", "Truck trips", float(plan["trips"]["trips"].sum()), "trips"),
        ("value", "Value of the plan (smaller is better)", record.value, "weighted person-days"),
        ("bound", "Proven best possible value", record.bound, "weighted person-days"),
        ("gap", "Proven gap: at most this much worse than the best plan", record.gap, "share"),
    )  # fmt: skip
    return tuple(KeyFigure(key, label, _known(value), unit) for key, label, value, unit in rows)


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _delivered_t(situation: Situation, plan: Plan) -> float:
    weights = situation["items"].select("item_id", "weight_kg")
    loads = plan["deliveries"].join(weights, on="item_id", how="left")
    return float(np.nansum((loads["quantity"] * loads["weight_kg"]).to_numpy())) / 1000
