"""Which trucks can bring a field unit to a site, and how long they take.

Trucks drive from their base to where the unit waits, to the site, and home. The planner of
supply weighs this freight against all other loads; here it is only asked whether it can come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.access import travel_times
from aidline.situation.tables import PROFILES

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.network.access import TravelTimes
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]

HEAVIEST_FIRST = PROFILES[:4]  # of those that carry goods


@dataclass(frozen=True, slots=True)
class Haul:
    """How one base brings a unit: see `aidline.medical.sites.Option`."""

    base_id: str
    leave_day: int
    arrive_day: int
    fleet_days: float
    fleet_days_daily: float


@dataclass(frozen=True, eq=False)
class Trucking:
    """Fleets, and how far they have to go.

    Attributes
    ----------
    fleets
        base_id, class_id, profile, payload_t, volume_m3, hours (of all trucks in a day), load_h
        (loading and unloading), first, last (days).
    out, carry, back
        Driving times base to unit, unit to site, site to base.
    days
        Length of the plan.
    """

    fleets: pl.DataFrame
    out: TravelTimes
    carry: TravelTimes
    back: TravelTimes
    days: int

    def earliest(
        self,
        from_id: str,
        to_id: str,
        access: str | None,
        first_day: int,
        *,
        weight_t: float,
        volume_m3: float,
        daily_t: float,
    ) -> Haul | None:
        """Return the haul that is complete first, or None where no truck gets there.

        Parameters
        ----------
        from_id, to_id
            Where the unit waits, and the site.
        access
            Heaviest profile that the site takes; None = unknown, taken as a light truck.
        first_day
            First day on which the unit may leave.
        weight_t, volume_m3
            Of the unit.
        daily_t
            Water and fuel per day.
        """
        heaviest = access if access in HEAVIEST_FIRST else "light_truck"
        allowed = HEAVIEST_FIRST[HEAVIEST_FIRST.index(heaviest) :]
        fleets = self.fleets.filter(pl.col("profile").is_in(allowed))
        hauls = []
        for base_id in fleets["base_id"].unique().sort():
            of = fleets.filter(pl.col("base_id") == base_id)
            moved = self._moved(of, base_id, from_id, to_id)
            haul = _haul(
                base_id, moved, first_day, weight_t=weight_t, volume_m3=volume_m3, daily_t=daily_t
            )
            hauls += [haul] if haul is not None else []
        return min(hauls, key=lambda h: (h.arrive_day, h.fleet_days, h.base_id), default=None)

    def _moved(self, fleets: pl.DataFrame, base_id: str, from_id: str, to_id: str) -> Floats:
        """Return tonnes and m³ that a base moves from one place to another by day [2, days]."""
        moved = np.zeros((2, self.days))
        for row in fleets.iter_rows(named=True):
            drive = (
                _hours(self.out, row["class_id"], base_id, from_id)
                + _hours(self.carry, row["class_id"], from_id, to_id)
                + _hours(self.back, row["class_id"], to_id, base_id)
            )
            trips = row["hours"] / (drive + row["load_h"])
            trips[: row["first"]] = 0
            trips[row["last"] + 1 :] = 0
            # a truck is home on the day on which it left, else it is on the road for longer
            trips[drive + row["load_h"] > row["hours_each"]] = 0
            moved += trips * np.array([[row["payload_t"]], [row["volume_m3"]]])
        return moved


def _hours(times: TravelTimes, class_id: str, from_id: str, to_id: str) -> Floats:
    """Return driving hours by day."""
    k, a, b = (
        times.class_ids.index(class_id), times.from_ids.index(from_id), times.to_ids.index(to_id),
    )  # fmt: skip
    hours: Floats = times.hours[times.state_of_day, k, a, b].astype(np.float64)
    return hours


def _haul(
    base_id: str,
    moved: Floats,
    first_day: int,
    *,
    weight_t: float,
    volume_m3: float,
    daily_t: float,
) -> Haul | None:
    able = np.flatnonzero((moved > 0).all(axis=0))
    able = able[able >= first_day]
    if len(able) == 0:
        return None
    leave = int(able[0])
    done = np.cumsum(moved[:, leave:], axis=1)
    full = (done[0] >= weight_t) & (done[1] >= volume_m3)
    if not full.any():
        return None
    arrive = leave + int(np.argmax(full))
    per_day = moved[:, arrive]
    days = float(max(weight_t / per_day[0], volume_m3 / per_day[1]))
    later = moved[0, arrive:]
    if daily_t > 0 and (later < daily_t).any():
        return None  # its water and fuel would stop coming
    daily = daily_t / float(later.min()) if daily_t > 0 else 0.0
    return Haul(base_id, leave, arrive, min(days, math.ceil(arrive - leave + 1)), daily)


def trucking_of(situation: Situation, ledger: Ledger) -> Trucking:
    """Return the trucks and the driving times between bases, units and sites."""
    fleets = _fleets(situation, ledger)
    waits = situation["field_units"]["place_id"].drop_nulls().unique().sort().to_list()
    sites = situation["candidate_sites"]["place_id"].drop_nulls().unique().sort().to_list()
    bases = fleets["base_id"].unique().sort().to_list()
    classes = fleets["class_id"].unique().sort().to_list()
    return Trucking(
        fleets,
        travel_times(situation, bases, waits, classes, ledger),
        travel_times(situation, waits, sites, classes, ledger),
        travel_times(situation, sites, bases, classes, ledger),
        situation.settings.days,
    )


def _fleets(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    settings = situation.settings
    classes = {r["class_id"]: r for r in situation["vehicle_classes"].iter_rows(named=True)}
    rows = []
    for fleet in situation["fleets"].iter_rows(named=True):
        kind = classes.get(fleet["class_id"])
        if kind is None or kind["profile"] not in HEAVIEST_FIRST or not fleet["vehicles"]:
            continue
        code = f"class {kind['class_id']}"
        load = kind["load_h"]
        if load is None:
            load = ledger.take("truck.load_h_base", code)
            load += ledger.take("truck.load_h_per_t", code) * kind["payload_t"]
        hours = fleet["hours_per_day"]
        if hours is None:
            hours = ledger.take("truck.hours_per_day", f"fleet {fleet['fleet_id']}")
        first, last = fleet["from_date"], fleet["until"]
        rows.append(
            {
                "base_id": fleet["place_id"],
                "class_id": kind["class_id"],
                "profile": kind["profile"],
                "payload_t": kind["payload_t"],
                "volume_m3": kind["volume_m3"],
                "hours": fleet["vehicles"] * hours,
                "hours_each": hours,
                "load_h": load + (load if kind["unload_h"] is None else kind["unload_h"]),
                "first": 0 if first is None else max(0, settings.day_of(first)),
                "last": settings.days if last is None else max(-1, settings.day_of(last)),
            }
        )
    number, text, whole = pl.Float64(), pl.String(), pl.Int64()
    return pl.DataFrame(
        rows,
        schema={
            "base_id": text, "class_id": text, "profile": text, "payload_t": number,
            "volume_m3": number, "hours": number, "hours_each": number, "load_h": number,
            "first": whole, "last": whole,
        },
    )  # fmt: skip
