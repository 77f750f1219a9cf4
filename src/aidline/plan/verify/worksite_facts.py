"""What the rules of work at worksites need to know: classes of teams, hazards, driving times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.network.access import travel_times
from aidline.situation.defaults import Ledger, defaults
from aidline.situation.standards import search_teams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aidline.network.access import TravelTimes
    from aidline.situation.situation import Situation

ABSOLUTE = 1e-5  # days: about a second
COARSE_H = 1e-3  # hours: driving times have seven digits
NEEDS_TRUCK = ("usar_medium", "usar_heavy")
LORRIES = ("heavy_truck", "truck", "light_truck")

Row = dict[str, Any]


def standard_of(kind: str) -> Row | None:
    """Return the row of a class of search team, None for other teams."""
    rows = search_teams().filter(pl.col("kind") == kind).to_dicts()
    return rows[0] if rows else None


def hours_per_day(team: Row) -> float:
    """Return working hours of a team."""
    if team["hours_per_day"] is not None:
        return min(24.0, float(team["hours_per_day"]))
    standard = standard_of(team["kind"])
    if standard is not None:
        return float(standard["hours_per_day"])
    usual = defaults()["team.hours_per_day"]
    return defaults().get(f"team.hours_per_day.{team['kind']}", usual).value


def window(situation: Situation, team: Row) -> tuple[float, float]:
    """Return first and last moment of a team, days of the plan."""
    settings = situation.settings
    first = settings.day_of(team["available_from"]) if team["available_from"] else 0
    standard = standard_of(team["kind"])
    last = float(settings.days)
    if team["until"]:
        last = settings.day_of(team["until"]) + 1.0
    elif standard is not None:
        last = first + float(standard["days_self_sustained"])
    return max(0.0, float(first)), min(last, float(settings.days))


def at_once(team: Row) -> int:
    """Return how many worksites a team can work at the same time."""
    standard = standard_of(team["kind"])
    return max(1, int(team["sites_at_once"] or (standard["sites_at_once"] if standard else 1)))


def unsafe_sites(situation: Situation) -> frozenset[str]:
    """Return worksites that must be assessed for explosive hazards before any work.

    Suspected or confirmed there or in the area; in a conflict also where nothing is known.
    """
    settings = situation.settings
    end = settings.date_of(settings.days)
    found = situation["hazards"].filter(
        (pl.col("kind") == "unexploded")
        & pl.col("segment_id").is_null()
        & (pl.col("until") >= settings.start_date).fill_null(value=True)
        & (pl.col("from_date") < end).fill_null(value=True)
    )
    suspected = pl.col("status").is_in(["suspected", "confirmed"])
    bad = set(found.filter(suspected)["area_id"].to_list())
    doubtful = ~suspected & (pl.col("status") != "assessed_clear").fill_null(value=True)
    unknown = set(found.filter(doubtful)["area_id"].to_list())
    clear = set(found["area_id"].to_list()) - bad - unknown
    war = settings.context == "conflict"
    return frozenset(
        row["worksite_id"]
        for row in situation["worksites"].iter_rows(named=True)
        if row["area_id"] in bad
        or "unexploded" in (row["hazards"] or "").split()
        or (war and row["area_id"] not in clear)
    )


@dataclass(frozen=True, eq=False)
class WaysOfTeams:
    """Driving times of teams.

    Attributes
    ----------
    times
        From bases and areas to areas; None where nothing is asked for.
    lorries
        Places among the classes of `times` of the vehicles that carry heavy gear.
    """

    times: TravelTimes | None
    lorries: list[int]

    @classmethod
    def of(cls, situation: Situation, bases: Iterable[str], areas: Iterable[str]) -> WaysOfTeams:
        """Ask for the driving times between bases and areas that are known."""
        known = set(situation["areas"]["area_id"].to_list())
        to = sorted(known & set(areas))
        start = sorted((set(situation["places"]["place_id"].to_list()) & set(bases)) | set(to))
        table = situation["vehicle_classes"].filter(
            ~pl.col("profile").is_in(["ambulance", "bus"]).fill_null(value=False)
        )
        rows = (
            table.select("class_id", pl.col("profile").fill_null("truck")).sort("class_id").rows()
        )
        codes = [code for code, _ in rows] or ["truck"]
        lorries = [i for i, (_, profile) in enumerate(rows) if profile in LORRIES]
        if not to:
            return cls(None, lorries)
        times = travel_times(situation, start, to, codes, Ledger())
        return cls(times, lorries or list(range(len(codes))))

    def hours(self, team: Row, start: str | None, stop: str | None, day: int) -> float:
        """Return hours from a base or area to an area on a day; infinite = no way."""
        times = self.times
        if times is None or start not in times.from_ids or stop not in times.to_ids:
            return float("inf")
        a, b = times.from_ids.index(start), times.to_ids.index(stop)
        state = times.state_of_day[min(day, len(times.state_of_day) - 1)]
        by_class = times.hours[state, :, a, b]
        mine = by_class[self.lorries] if team["kind"] in NEEDS_TRUCK else by_class
        return float(np.min(mine))
