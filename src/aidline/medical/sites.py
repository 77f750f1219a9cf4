"""Where field units could stand, and from when: ground, access, freight, water and fuel.

A unit that trucks cannot bring, or for whose water or fuel there is no supply, has no option
and is not opened. Where it goes in the end is for the health authority to decide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aidline.medical.trucking import Trucking, trucking_of
from aidline.medical.upkeep import daily_needs, supply_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from aidline.medical.facilities import Notes
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]

KG_PER_T = 1000.0
WAITS = (0, 1, 3)  # days for which a unit may wait until trucks are free


@dataclass(frozen=True, slots=True)
class Option:
    """One unit at one site, as early as its freight can be there.

    Attributes
    ----------
    unit_id, place_id
        The unit and the site.
    leave_day, arrive_day, open_day, last_day
        When its freight leaves, when all of it is there, first and last day of work. The last
        day keeps the shortest useful stay and may lie after the plan.
    base_id
        Whose trucks bring it.
    fleet_days
        Days of all these trucks that its freight takes.
    fleet_days_daily
        The same for its water and fuel of one day.
    footprint_m2, water_l, fuel_l
        Ground, and needs of one day.
    """

    unit_id: str
    place_id: str
    leave_day: int
    arrive_day: int
    open_day: int
    last_day: int
    base_id: str
    fleet_days: float
    fleet_days_daily: float
    footprint_m2: float
    water_l: float
    fuel_l: float


@dataclass(frozen=True, eq=False)
class Limits:
    """What options share: use [rows, options] · chosen ≤ limit [rows]."""

    use: Floats
    limit: Floats


def options_of(situation: Situation, ledger: Ledger, notes: Notes) -> tuple[Option, ...]:
    """Return every unit and site that fit each other.

    Parameters
    ----------
    situation
        Roads that a plan opens count where they stand in its road log.
    ledger, notes
        What is assumed, and why a unit has no option.
    """
    units = situation["field_units"].sort("unit_id")
    sites = situation["candidate_sites"].sort("place_id")
    if units.height == 0 or sites.height == 0:
        return ()
    trucking = trucking_of(situation, ledger)
    water, fuel = supply_of(situation)
    found: list[Option] = []
    for unit in units.iter_rows(named=True):
        if (lack := _unknown(unit)) is not None:
            notes.add(f"{unit['unit_id']}: {lack} unknown; no site is proposed")
            continue
        needs = daily_needs(unit, ledger)
        some = [
            option
            for site in sites.iter_rows(named=True)
            for option in _options(situation, trucking, unit, site, needs)
        ]
        fed = [o for o in some if _fed(o, water, fuel)]
        if not some:
            notes.add(f"{unit['unit_id']}: no site is large enough and reached by trucks in time")
        elif not fed:
            notes.add(f"{unit['unit_id']}: no water or fuel for it; it is not opened")
        found += fed
    return tuple(found)


def limits_of(situation: Situation, options: Sequence[Option]) -> Limits:
    """Return what options share: units stand once, ground, trucks, water and fuel by day."""
    days = np.arange(situation.settings.days)
    room = dict(situation["candidate_sites"].select("place_id", "footprint_m2").iter_rows())
    use: list[list[float] | Floats] = []
    limit: list[float] = []
    for unit in sorted({o.unit_id for o in options}):
        use.append([float(o.unit_id == unit) for o in options])
        limit.append(1.0)
    for site in sorted({o.place_id for o in options}):
        use.append([o.footprint_m2 * (o.place_id == site) for o in options])
        limit.append(float(room[site]))
    water, fuel = supply_of(situation)
    for what, there in (("water_l", water), ("fuel_l", fuel)):
        for day in days.tolist():
            use.append([getattr(o, what) * max(0, day - o.open_day + 1) for o in options])
            limit.append(float(there[day]))
    for base in sorted({o.base_id for o in options}):
        first = min(o.leave_day for o in options if o.base_id == base)
        for day in range(first, len(days)):
            use.append([_fleet_days(o, day) * (o.base_id == base) for o in options])
            limit.append(float(day - first + 1))
    return Limits(np.array(use).reshape(len(limit), len(options)), np.array(limit))


def _fleet_days(option: Option, day: int) -> float:
    """Return days of the fleet that an option takes up to a day."""
    gone = min(option.fleet_days, max(0, day - option.leave_day + 1))
    return gone + option.fleet_days_daily * max(0, day - option.open_day + 1)


def _unknown(unit: dict[str, Any]) -> str | None:
    """Return the first figure without which no site can be proposed."""
    names = {
        "place_id": "where it waits",
        "weight_t": "weight",
        "volume_m3": "volume",
        "footprint_m2": "footprint",
    }
    return next((words for name, words in names.items() if not unit[name]), None)


def _options(
    situation: Situation,
    trucking: Trucking,
    unit: dict[str, Any],
    site: dict[str, Any],
    needs: tuple[float, float],
) -> list[Option]:
    """Return a unit at a site as early as trucks can bring it, and a little later."""
    settings = situation.settings
    if site["footprint_m2"] is None or unit["footprint_m2"] > site["footprint_m2"]:
        return []
    start = unit["available_from"]
    first = 0 if start is None else max(0, settings.day_of(start))
    setup = max(1, math.ceil(unit["setup_days"] or 0))
    stay = math.ceil(unit["minimum_stay_days"] or 1)
    found: list[Option] = []
    for wait in WAITS:
        day = first if not found else found[0].leave_day + wait
        haul = trucking.earliest(
            unit["place_id"], site["place_id"], site["access"], day,
            weight_t=unit["weight_t"], volume_m3=unit["volume_m3"], daily_t=sum(needs) / KG_PER_T,
        )  # fmt: skip
        if haul is None or (open_day := haul.arrive_day + setup) >= settings.days:
            break
        last_day = max(settings.days - 1, open_day + stay - 1)
        found.append(
            Option(
                unit["unit_id"], site["place_id"], haul.leave_day, haul.arrive_day, open_day,
                last_day, haul.base_id, haul.fleet_days, haul.fleet_days_daily,
                unit["footprint_m2"], *needs,
            )
        )  # fmt: skip
    return found


def _fed(option: Option, water: Floats, fuel: Floats) -> bool:
    """Say whether there is water and fuel for it alone on every day of its work."""
    worked = np.maximum(0, np.arange(len(water)) - option.open_day + 1)
    enough = (option.water_l * worked <= water) & (option.fuel_l * worked <= fuel)
    return bool(enough.all())
