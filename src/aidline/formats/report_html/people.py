"""Search and rescue, and care: which team is where, who is treated, who waits, what is proposed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from typing import Any

    from aidline.formats.report_html.story import Facts

TRIAGE = ("red", "yellow", "green", "expectant")


@dataclass(frozen=True)
class Worksite:
    """A worksite: where, its triage letter, who works there when, and who may be found alive."""

    code: str
    area: str
    triage: str
    team: str
    when: str
    alive: str
    missing: str


@dataclass(frozen=True)
class Facility:
    """A hospital or field unit: what it does in the whole plan, and its busiest day in beds."""

    name: str
    proposal: str
    beds: str
    operations: str
    outpatients: str


@dataclass(frozen=True)
class Waiting:
    """People of an area who still wait after the last day, by triage class, in all last."""

    area: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Care:
    """Everything of the part "Care": what is done in a sentence, and its tables."""

    lead: str
    facilities: tuple[Facility, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class People:
    """The parts "Search and rescue" (no worksites where none is planned) and "Care"."""

    rescue: tuple[Worksite, ...]
    care: Care | None


def people(facts: Facts) -> People:
    """Return what the plan does for people under rubble and for those who need care."""
    return People(rescue(facts), care(facts))


def rescue(facts: Facts) -> tuple[Worksite, ...]:
    """Return all worksites, those with people confirmed alive first."""
    places = {r["worksite_id"]: r for r in facts.situation["worksites"].iter_rows(named=True)}
    rows = [r for r in facts.plan["rescues"].iter_rows(named=True) if r["worksite_id"] in places]
    rows.sort(key=lambda r: (r["triage"] or "C", r["start"] is None, r["start"] or 0.0))
    return tuple(_worksite(facts, row, places[row["worksite_id"]]["area_id"]) for row in rows)


def _worksite(facts: Facts, row: dict[str, Any], area: str) -> Worksite:
    language = facts.language
    low, high = row["alive_low"], row["alive_high"]
    return Worksite(
        row["worksite_id"],
        facts.names.area(area),
        row["triage"] or language.plain("meta.unknown"),
        row["team_id"] or language.plain("rescue.no_team"),
        _when(facts, row["start"], row["finish"]),
        "" if low is None or not high else language.plain(
            "rescue.range", low=language.number(low, 1), high=language.number(high, 1)
        ),
        language.number(row["missing"]),
    )  # fmt: skip


def _when(facts: Facts, start: float | None, finish: float | None) -> str:
    """Return the first and last day of some work, in words."""
    if start is None or finish is None:
        return ""
    settings, language = facts.situation.settings, facts.language
    first, last = math.floor(start), max(math.floor(start), math.ceil(finish) - 1)
    dates = [language.short_date(settings.date_of(day)) for day in (first, last)]
    return (
        dates[0] if first == last else language.plain("meta.from_to", first=dates[0], last=dates[1])
    )


def care(facts: Facts) -> Care | None:
    """Return the part "Care"; None where nobody needs care."""
    plan, language = facts.plan, facts.language
    if plan["care"].is_empty() and plan["waiting"].is_empty():
        return None
    last = plan["waiting"].filter(day=plan.record.days - 1)
    lead = language.plain(
        "care.lead",
        treated=language.number(float(plan["care"]["people"].sum())),
        waiting=language.number(float(last["people"].sum())),
    )
    return Care(lead, _facilities(facts), _waiting(facts, last))


def _facilities(facts: Facts) -> tuple[Facility, ...]:
    days, language = facts.plan["facility_days"], facts.language
    opens = dict(facts.plan["field_sites"].select("unit_id", "open_day").iter_rows())
    rows = days.group_by("place_id", "unit_id", maintain_order=True).agg(
        pl.col("beds_used").max(),
        pl.col("beds").max(),
        pl.sum_horizontal("major_operations", "minor_operations").sum().alias("operations"),
        pl.col("outpatients").sum(),
    )
    made = []
    for row in rows.sort("unit_id", "place_id", nulls_last=False).iter_rows(named=True):
        name, unit = facts.names.place(row["place_id"]), row["unit_id"]
        date = facts.date(opens.get(unit))
        proposal = ""
        if unit and date is not None:
            proposal = language.plain("care.proposal", unit=unit, date=language.date(date))
        beds = language.plain(
            "care.of", used=language.number(row["beds_used"]), all=language.number(row["beds"])
        )
        done = (language.number(row[c]) for c in ("operations", "outpatients"))
        made.append(Facility(name, proposal, beds, *done))
    return tuple(made)


def _waiting(facts: Facts, last: pl.DataFrame) -> tuple[Waiting, ...]:
    """Return who still waits, the area with most people first."""
    by_area: dict[str, dict[str, float]] = {}
    for area, triage, people in last.select("area_id", "triage", "people").iter_rows():
        counts = by_area.setdefault(area, {})
        counts[triage] = counts.get(triage, 0.0) + people
    order = sorted(by_area, key=lambda a: (-sum(by_area[a].values()), a))
    number = facts.language.number
    return tuple(
        Waiting(
            facts.names.area(a),
            (*(number(by_area[a].get(t, 0.0)) for t in TRIAGE), number(sum(by_area[a].values()))),
        )
        for a in order
    )
