"""Worksites and the teams that can work there, as search and rescue sees them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.situation.defaults import Default
from aidline.situation.standards import search_teams

if TYPE_CHECKING:
    from aidline.clearance.rescue_survival import Survival
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = np.ndarray

SCHEME_2020 = 2020
SEARCHES = ("usar_light", "usar_medium", "usar_heavy")
CLASS_FOR = {"wood": 0, "masonry": 0, "unknown": 1, "reinforced_concrete": 2, "steel": 2}
"""Place in `SEARCHES` of the lightest class for a structure; for an unknown one the middle."""
EARLIER = dt.timedelta(weeks=4)  # reports before that are about something else
LIVE, POSSIBLE, DEAD = 0, 1, 2
TURNS = ("confirmed live", "possible live", "deceased only")
"""Whom the guideline takes first: A and B, then C, then D."""


@dataclass(frozen=True, slots=True)
class Site:
    """A worksite.

    Attributes
    ----------
    worksite_id, area_id
        Codes; the area may be unknown ("").
    triage
        A to D in the sense of 2020, None where it is not known.
    turn
        `LIVE`, `POSSIBLE` or `DEAD`: what the triage and the counts together say, the better
        for those inside where they differ.
    structure, void
        Codes; "unknown" where nothing is said.
    live
        People confirmed alive; at least 1 where the letter says so.
    others
        People who may be alive beside them: the missing, without those confirmed alive.
    missing, dead
        As reported; None = unknown.
    explosive
        "" where no assessment is needed first, "assess", or "confirmed".
    heard
        Nobody is confirmed, but somebody was heard at the last contact.
    contact_day, event_day
        When the clocks of the confirmed and of the others start, days of the plan.
    search_h, rescue_h
        Hours of a medium team for primary search (ASR 3, at sites not yet searched), and for
        getting people out.
    """

    worksite_id: str
    area_id: str
    triage: str | None
    turn: int
    structure: str
    void: str
    live: float
    others: float
    missing: float | None
    dead: float | None
    explosive: str
    heard: bool
    contact_day: float
    event_day: float
    search_h: float = 0.0
    rescue_h: float = 0.0

    def expected(self, when: Floats, chances: Survival) -> Floats:
        """Return [low / mid / high, ...]: people alive if reached at these times.

        Those confirmed alive count from the last contact; where nobody is confirmed but
        somebody was heard, one of the missing does too. Of the others only a share is inside.

        Parameters
        ----------
        when
            Days of the plan.
        chances
            Chances by time.
        """
        since = np.maximum(0.0, when - self.contact_day)
        alone = np.maximum(0.0, when - self.event_day)
        known = self.live + float(self.heard)
        after = chances.alive(since, self.structure, self.void, contact=True)
        without = chances.alive(alone, self.structure, self.void, contact=False)
        inside = chances.inside.reshape((3,) + (1,) * when.ndim)
        return known * after + (self.others - float(self.heard)) * inside * without


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its window.

    Attributes
    ----------
    team_id, kind, place_id
        Codes; the base may be unknown ("").
    opens, closes
        First and last moment at work, days of the plan.
    hours_per_day
        Hours of work a day.
    slots
        Worksites at the same time.
    rate
        Work per hour and site against a medium team.
    """

    team_id: str
    kind: str
    place_id: str
    opens: float
    closes: float
    hours_per_day: float
    slots: int
    rate: float


def normal_triage(letter: str | None, scheme_year: int | None) -> tuple[str | None, str | None]:
    """Return the triage in the sense of 2020 and the size of voids that the letter implies.

    Until 2020 the letters were: A, B confirmed live; C, E people unknown and big voids; D, F
    people unknown and small voids. Since 2020: A, B confirmed live; C possible live, not
    assessed; D deceased only. A letter that means different things in both, without its year,
    is unknown (INSARAG Guidelines, volume II manual B 2015; volume III annex B22 2020).

    Parameters
    ----------
    letter
        As reported, or None.
    scheme_year
        Edition of the letters, or None.
    """
    if letter is None:
        return None, None
    letter = letter.strip().upper()
    if letter in {"A", "B"}:
        return letter, None
    if scheme_year is not None and scheme_year < SCHEME_2020:
        void = {"C": "big", "E": "big", "D": "small", "F": "small"}.get(letter)
        return ("C", void) if void else (None, None)
    if letter == "C" or (letter == "D" and scheme_year is not None):
        return letter, None
    return None, None


def worksites(situation: Situation, ledger: Ledger, chances: Survival) -> tuple[Site, ...]:
    """Return the worksites of a situation, in the order of their codes.

    Parameters
    ----------
    situation
        Tables worksites, hazards, road_status and settings are used.
    ledger
        Notes every assumed figure.
    chances
        How many of the missing may be found alive: time is set aside to get them out.
    """
    event_day = _event_day(situation, ledger)
    explosive = _explosive_areas(situation)
    rows = situation["worksites"].filter(pl.col("worksite_id").is_not_null())
    rows = rows.unique("worksite_id", keep="first", maintain_order=True)
    return tuple(
        _with_hours(_site(row, situation, event_day, explosive, ledger), ledger, chances)
        for row in rows.iter_rows(named=True)
    )


def teams(situation: Situation, ledger: Ledger, kinds: tuple[str, ...]) -> tuple[Team, ...]:
    """Return the teams of some kinds that have any time at work in the plan."""
    classes = {row["kind"]: row for row in search_teams().iter_rows(named=True)}
    found = []
    rows = situation["teams"].filter(pl.col("kind").is_in(kinds), pl.col("team_id").is_not_null())
    for row in rows.unique("team_id", keep="first", maintain_order=True).iter_rows(named=True):
        team = _team(row, classes.get(row["kind"]), situation, ledger)
        if team.hours_per_day > 0 and team.closes > team.opens:
            found.append(team)
    return tuple(found)


def can_work(kind: str, structure: str) -> bool:
    """Say whether a class of search team can cut and lift what a structure is made of."""
    return kind in SEARCHES and SEARCHES.index(kind) >= CLASS_FOR[structure]


def _site(
    row: dict[str, Any], situation: Situation, event_day: float, explosive: dict[str, str],
    ledger: Ledger,
) -> Site:  # fmt: skip
    code, area = row["worksite_id"], row["area_id"] or ""
    triage, void = normal_triage(row["triage"], row["scheme_year"])
    given = row["void"] if row["void"] in {"big", "small"} else None
    void = given or void or "unknown"
    structure = row["structure"] if row["structure"] in CLASS_FOR else "unknown"
    live, missing, dead = (_count(row[c]) for c in ("confirmed_live", "missing", "dead"))
    if triage in {"A", "B"}:
        live = max(1.0, live or 0.0)
    turn = LIVE if live else (DEAD if triage == "D" else POSSIBLE)
    if turn == POSSIBLE and missing is None:
        missing_here = ledger.take("worksite.unknown_missing", f"worksite {code}")
    else:
        missing_here = missing or 0.0
    live = live or 0.0
    others = 0.0 if turn == DEAD else max(0.0, missing_here - live)
    last = row["last_contact"]
    known = last or row["as_of"] or situation.settings.as_of
    contact = float(situation.settings.day_of(known)) if known else event_day
    return Site(
        code, area, triage, turn, structure, void, live, others, missing, dead,
        _explosive(row, area, situation, explosive),
        turn == POSSIBLE and last is not None and others >= 1, contact, event_day,
    )  # fmt: skip


def _with_hours(site: Site, ledger: Ledger, chances: Survival) -> Site:
    """Return the site with the hours of search and of rescue of a medium team."""
    if site.turn == DEAD:
        return site
    used_for = f"worksite {site.worksite_id}"
    first = ledger.take(f"worksite.asr3_h.{site.structure}", used_for)
    limit = ledger.take("worksite.triage_a_h", used_for)
    if site.triage == "A":
        return dataclasses.replace(site, rescue_h=min(limit, first * site.live))
    each = ledger.take(f"worksite.asr4_h.{site.structure}", used_for)
    others = dataclasses.replace(site, live=0.0)
    thought = each * (site.live + float(others.expected(np.zeros(1), chances)[1, 0]))
    if site.turn == LIVE:
        rescue_h = max(limit, thought) if site.triage == "B" else first + thought
        return dataclasses.replace(site, rescue_h=rescue_h)
    return dataclasses.replace(site, search_h=first, rescue_h=thought)


def _count(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else max(0.0, value)


def _explosive(row: dict[str, Any], area: str, situation: Situation, areas: dict[str, str]) -> str:
    """Return "", "assess" or "confirmed": what is thought of explosive hazards at a site."""
    status = areas.get(area)
    if "unexploded" in (row["hazards"] or "").split():
        return "confirmed" if status == "confirmed" else "assess"
    if status in {"suspected", "confirmed"}:
        return {"suspected": "assess", "confirmed": "confirmed"}[status]
    unknown = status is None or status == "unknown"
    return "assess" if unknown and situation.settings.context == "conflict" else ""


def _explosive_areas(situation: Situation) -> dict[str, str]:
    """Return the gravest status of explosive hazards by area, as far as the plan reaches."""
    order = ("assessed_clear", "unknown", "suspected", "confirmed")
    settings = situation.settings
    rows = situation["hazards"].filter(
        pl.col("kind") == "unexploded",
        pl.col("segment_id").is_null(),  # those are about roads
        pl.col("until").is_null() | (pl.col("until") >= settings.start_date),
        pl.col("from_date").is_null() | (pl.col("from_date") < settings.date_of(settings.days)),
    )
    worst: dict[str, str] = {}
    for area, status in rows.select("area_id", "status").iter_rows():
        now = status if status in order else "unknown"
        worst[area] = max(worst.get(area, order[0]), now, key=order.index)
    return worst


def _event_day(situation: Situation, ledger: Ledger) -> float:
    """Return the day of the event: the first date of the road log, the hazards, the contacts."""
    start = situation.settings.start_date
    dates = [
        situation[table][column].drop_nulls()
        for table, column in (
            ("road_status", "date"), ("hazards", "from_date"), ("worksites", "last_contact"),
            ("worksites", "as_of"),
        )
    ]  # fmt: skip
    known = pl.concat(dates)
    known = known.filter((known <= start) & (known > start - EARLIER))
    if known.is_empty():
        return -ledger.take("worksite.event_days_before", "when the event was")
    return float(situation.settings.day_of(known.min()))  # type: ignore[arg-type]


def _team(
    row: dict[str, Any], standard: dict[str, Any] | None, situation: Situation, ledger: Ledger
) -> Team:
    settings = situation.settings
    code, kind = row["team_id"], row["kind"]
    used_for = f"team {code}"
    first = row["available_from"]
    opens = settings.day_of(first) if first else 0
    last = row["until"]
    closes = settings.day_of(last) + 1 if last else settings.days
    hours, slots = _count(row["hours_per_day"]), row["sites_at_once"]
    if standard is not None:
        if last is None:
            closes = opens + int(_class_figure(standard, "days_self_sustained", ledger, used_for))
        if hours is None:
            hours = _class_figure(standard, "hours_per_day", ledger, used_for)
        if slots is None:
            slots = int(_class_figure(standard, "sites_at_once", ledger, used_for))
    elif hours is None:
        hours = ledger.take(f"team.hours_per_day.{kind}", used_for)
    rate = ledger.take(f"worksite.rate.{kind}", used_for) if kind in SEARCHES else 1.0
    return Team(
        code, kind, row["place_id"] or "", float(max(0, opens)),
        float(min(settings.days, closes)), min(24.0, hours), max(1, slots or 1), rate,
    )  # fmt: skip


def _class_figure(row: dict[str, Any], name: str, ledger: Ledger, used_for: str) -> float:
    """Return a figure of a class of search team, noted."""
    source = f"{row['source']} {row['edition_year']} {row['section'] or ''}".strip()
    code = f"search_team.{row['kind']}.{name}"
    meaning = f"{name.replace('_', ' ')} of a team of its class"
    return ledger.note(Default(code, row[name], "", row["status"], source, meaning), used_for)
