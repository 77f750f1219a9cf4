"""M11: where field units are proposed: ground, freight, set-up, water and fuel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.plan.verify import care_facts
from aidline.plan.verify.violations import Violation
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

LITRE = r"(?i)^\s*(l|litres?|liters?)\b"
KG_PER_T = 1000.0


def checked_sites(situation: Situation, sites: pl.DataFrame) -> list[Violation]:
    """Return what is wrong with table `field_sites`.

    Returns
    -------
    list of Violation
        M11.unit (unknown, twice, or not proposed as such), M11.ground, M11.freight, M11.setup,
        M11.stay, M11.water, M11.fuel.
    """
    units = {u["unit_id"]: u for u in situation["field_units"].iter_rows(named=True)}
    ground = dict(situation["candidate_sites"].select("place_id", "footprint_m2").iter_rows())
    found: list[Violation] = []
    good = []
    seen: set[str] = set()
    for site in sites.iter_rows(named=True):
        code, place = site["unit_id"], site["place_id"]
        if code not in units or place not in ground or code in seen:
            text = f"{code} at {place}: no such unit or candidate site, or it stands twice."
            found.append(Violation("M11.unit", f"{code} {place}", None, None, None, text))
            continue
        seen.add(code)
        good.append((units[code], site))
        if "proposal to the health authority" not in (site["text"] or "").lower():
            text = f"{code} at {place} is not worded as a proposal to the health authority."
            found.append(Violation("M11.unit", f"{code} {place}", None, None, None, text))
        found += _dates(situation, units[code], site)
    found += _ground(good, ground)
    for what in ("water", "fuel"):
        found += _supply(situation, good, what)
    return found


def _dates(situation: Situation, unit: dict[str, Any], site: dict[str, Any]) -> list[Violation]:
    """Leaves when it may, its freight is there before set-up, it stays as long as is useful."""
    settings, code = situation.settings, f"{unit['unit_id']} {site['place_id']}"
    start = unit["available_from"]
    first = 0 if start is None else max(0, settings.day_of(start))
    setup = max(1, math.ceil(unit["setup_days"] or 0))
    by = site["open_day"] - setup
    found = []
    if site["leave_day"] < first or by < site["leave_day"]:
        text = (
            f"{code} leaves on day {site['leave_day']} and opens on day {site['open_day']}; it may "
            f"leave from day {first} and needs {setup} days to set up."
        )
        found.append(Violation("M11.setup", code, site["open_day"], None, None, text))
    stay = site["last_day"] - site["open_day"] + 1
    shortest = math.ceil(unit["minimum_stay_days"] or 1)
    if stay < shortest:
        text = f"{code} stays {stay} days; its shortest useful stay is {shortest}."
        found.append(Violation("M11.stay", code, site["last_day"], stay, shortest, text))
    comes = care_facts.hauled(situation, unit, site).filter(
        pl.col("day").is_between(site["leave_day"], by)
    )
    total = comes.group_by("base_id").agg(pl.col("t", "m3").sum())
    weight, volume = unit["weight_t"] or math.inf, unit["volume_m3"] or math.inf
    slack = 1 - 1e-4
    able = total.filter((pl.col("t") >= weight * slack) & (pl.col("m3") >= volume * slack))
    if able.height == 0:
        text = f"No trucks can bring {code} between day {site['leave_day']} and day {by}."
        found.append(Violation("M11.freight", code, site["leave_day"], None, None, text))
    return found


def _ground(
    good: list[tuple[dict[str, Any], dict[str, Any]]], ground: dict[str, float | None]
) -> list[Violation]:
    found = []
    for place in sorted({site["place_id"] for _, site in good}):
        used = sum(unit["footprint_m2"] or 0 for unit, site in good if site["place_id"] == place)
        room = ground[place] or 0
        if used > room * (1 + 1e-6):
            text = f"Units at {place} need {used:,.0f} m²; it has {room:,.0f}."
            found.append(Violation("M11.ground", place, None, used, room, text))
    return found


def _supply(
    situation: Situation, good: list[tuple[dict[str, Any], dict[str, Any]]], what: str
) -> list[Violation]:
    """Water and fuel of all units up to each day are in stock or have come by then."""
    if not good:
        return []
    figure, settings = Ledger().take, situation.settings
    items = situation["items"].filter(
        (pl.col("need_group") == what)
        & (pl.col("kind") == "daily")
        & pl.col("unit").str.contains(LITRE)
    )["item_id"]
    item = items.min() if len(items) else None
    come = pl.concat(
        [
            situation["stock"].select("item_id", "quantity", date="available_from"),
            situation["arrivals"].select("item_id", "quantity", date="eta"),
        ]
    ).filter(pl.col("item_id") == item)
    found = []
    for day in range(settings.days):
        used = 0.0
        for unit, site in good:
            daily = unit[f"{what}_l_per_day"]
            if daily is None:
                daily = (unit["beds"] or 0) * figure(f"care.{what}_l_per_bed")
                visits = unit["outpatients_per_day"] or 0
                daily += visits * figure(f"care.{what}_l_per_outpatient")
            used += daily * max(0, day - site["open_day"] + 1)
        date = settings.date_of(day)
        now = come.filter(pl.col("date").is_null() | (pl.col("date") <= date))
        there = float(now["quantity"].sum())
        if used > there * (1 + 1e-6) + 1e-6:
            text = f"By day {day} the units use {used:,.0f} L of {what}; {there:,.0f} L have come."
            found.append(Violation(f"M11.{what}", "field_sites", day, used, there, text))
            break
    return found
