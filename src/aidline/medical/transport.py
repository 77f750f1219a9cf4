"""How people get to care: ambulances, buses, aircraft, and those who are there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.medical.facilities import figure_or
from aidline.network.access import travel_times
from aidline.network.geo import distance_km
from aidline.network.network import points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from aidline.medical.facilities import Notes
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Means:
    """Vehicles that carry people inside the network.

    A trip carries lying or sitting people, never both at once; seats beside a stretcher are for
    those who accompany.

    Attributes
    ----------
    means_id, place_id, class_id
        Code, home, class of vehicle (None for aircraft).
    seats, stretchers
        Of one vehicle.
    vehicles
        How many.
    hours_per_day
        Of each.
    turnaround_h
        Cleaning and hand-over per trip.
    first_day
        First day on which it may run.
    """

    means_id: str
    place_id: str
    class_id: str | None
    seats: float
    stretchers: float
    vehicles: float
    hours_per_day: float
    turnaround_h: float
    first_day: int


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways from areas to places of treatment, each on one day.

    Attributes
    ----------
    area, place, day
        [ways] index of the area and of the place; the day.
    means
        [ways] index of the means; −1 = they are there already and come by themselves.
    hours
        [ways] until people are there, from the start of the vehicle.
    round_h
        [ways] of the whole round trip with turnaround; 0 without a vehicle.
    """

    area: Ints
    place: Ints
    day: Ints
    means: Ints
    hours: Floats
    round_h: Floats


def means_of(situation: Situation, ledger: Ledger, notes: Notes) -> tuple[Means, ...]:
    """Return what can carry people inside the network."""
    classes = {r["class_id"]: r for r in situation["vehicle_classes"].iter_rows(named=True)}
    found = []
    for row in situation["evacuation_means"].iter_rows(named=True):
        code = row["means_id"]
        if row["destination"]:
            continue
        grounded = row["mode"] != "air" and row["class_id"] not in classes
        if row["mode"] == "sea" or grounded:
            missing = "receiving place" if row["mode"] == "sea" else "kind of vehicle"
            notes.add(f"{code}: {missing} unknown; it carries nobody in this plan")
            continue
        kind = classes.get(row["class_id"], {})
        room = {w: _first(row[w], kind.get(w)) for w in ("seats", "stretchers")}
        if row["vehicles"] is None or all(v is None for v in room.values()):
            notes.add(f"{code}: seats and stretchers unknown; it carries nobody in this plan")
            continue
        start = row["permission_from"]
        found.append(
            Means(
                code,
                row["place_id"],
                row["class_id"] if row["mode"] == "road" else None,
                room["seats"] or 0.0,
                room["stretchers"] or 0.0,
                row["vehicles"],
                figure_or(row["hours_per_day"], "care.means_hours_per_day", ledger, code),
                figure_or(row["turnaround_h"], "care.turnaround_h", ledger, code),
                0 if start is None else max(0, situation.settings.day_of(start)),
            )
        )
    return tuple(found)


def _first(*values: float | None) -> float | None:
    return next((v for v in values if v is not None), None)


def ways_of(
    situation: Situation,
    area_ids: Sequence[str],
    place_ids: Sequence[str],
    means: Sequence[Means],
    ledger: Ledger,
) -> Ways:
    """Return every way on every day.

    Parameters
    ----------
    situation
        Its road log may hold the openings of a plan: they change the ways.
    area_ids, place_ids
        Where people are, and where they can be treated or leave the network.
    means
        What can carry them.
    ledger
        Notes each assumed figure.

    Returns
    -------
    Ways
        A vehicle goes out and comes home within its hours of one day; longer ways are none.
    """
    days = situation.settings.days
    lies_in = dict(situation["places"].select("place_id", "area_id").iter_rows())
    at = {code: i for i, code in enumerate(area_ids)}
    here = [(at[lies_in[p]], j) for j, p in enumerate(place_ids) if lies_in.get(p) in at]
    own = np.array(here, np.int64).reshape(-1, 2)
    zero = np.zeros(len(own) * days)
    parts = [
        Ways(
            np.repeat(own[:, 0], days), np.repeat(own[:, 1], days),
            np.tile(np.arange(days), len(own)), np.full(len(zero), -1), zero, zero,
        )
    ]  # fmt: skip
    inside = np.zeros((len(area_ids), len(place_ids)), np.bool_)
    inside[own[:, 0], own[:, 1]] = True
    for m, hours, round_h, state_of_day in _legs(situation, area_ids, place_ids, means, ledger):
        open_ = (round_h <= means[m].hours_per_day) & ~inside
        for day in range(means[m].first_day, days):
            s = state_of_day[day]
            a, p = np.nonzero(open_[s])
            n = len(a)
            parts.append(
                Ways(a, p, np.full(n, day), np.full(n, m), hours[s, a, p], round_h[s, a, p])
            )
    return Ways(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Ways.__slots__)
    )


def _legs(
    situation: Situation,
    area_ids: Sequence[str],
    place_ids: Sequence[str],
    means: Sequence[Means],
    ledger: Ledger,
) -> list[tuple[int, Floats, Floats, Ints]]:
    """Return index, hours until there, hours of the round trip [states, area, place], states."""
    found: list[tuple[int, Floats, Floats, Ints]] = []
    road = [m for m in means if m.class_id is not None]
    if road and area_ids and place_ids:
        homes = sorted({m.place_id for m in road})
        classes = sorted({str(m.class_id) for m in road})
        out = travel_times(situation, homes, area_ids, classes, ledger)
        carry = travel_times(situation, area_ids, place_ids, classes, ledger)
        back = travel_times(situation, place_ids, homes, classes, ledger)
        states = np.stack([out.state_of_day, carry.state_of_day, back.state_of_day])
        distinct, state_of_day = np.unique(states, axis=1, return_inverse=True)
        o, c, b = distinct
        for i, m in enumerate(means):
            if m.class_id is None:
                continue
            k, h = classes.index(m.class_id), homes.index(m.place_id)
            there = out.hours[o, k, h, :, None] + carry.hours[c, k].astype(np.float64)
            whole = there + back.hours[b, k, :, h][:, None, :] + m.turnaround_h
            found.append((i, there, whole, state_of_day.reshape(-1)))
    none = np.zeros(situation.settings.days, np.int64)
    for i, m in enumerate(means):
        if m.class_id is None:
            there, whole = _flown(situation, area_ids, place_ids, m, ledger)
            found.append((i, there[None], whole[None], none))
    return found


def _flown(
    situation: Situation,
    area_ids: Sequence[str],
    place_ids: Sequence[str],
    means: Means,
    ledger: Ledger,
) -> tuple[Floats, Floats]:
    """Return hours until there and of the round trip in the air [area, place]."""
    kmh = ledger.take("care.air_kmh", means.means_id)
    points: dict[str, Any] = {code: (lon, lat) for code, lon, lat in _points(situation)}

    def at(codes: Sequence[str]) -> Floats:
        unknown = (np.nan, np.nan)
        return np.array([points.get(c, unknown) for c in codes], np.float64).reshape(-1, 2)

    home, area, place = at([means.place_id]), at(area_ids), at(place_ids)

    def hours(a: Floats, b: Floats) -> Floats:
        km = distance_km(a[:, None, 0], a[:, None, 1], b[None, :, 0], b[None, :, 1])
        return np.where(np.isnan(km), np.inf, km) / kmh

    there = hours(home, area)[0][:, None] + hours(area, place)
    return there, there + hours(place, home)[:, 0][None, :] + means.turnaround_h


def _points(situation: Situation) -> list[tuple[str, float, float]]:
    known = points_of(situation).select("id", "longitude", "latitude")
    return list(known.filter(pl.col("longitude").is_not_null()).drop_nulls().iter_rows())
