"""Driving times between places and areas, on every day of the plan.

Sources, in this order: what people know (table `travel_times`), the roads with their state
of the day, else the straight line with a detour factor. No way is an infinite time, never a
guess: what no road reaches is listed by `aidline.network.cut_off`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network import overrides
from aidline.network.geo import distance_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Driving times by state of the roads.

    Attributes
    ----------
    from_ids, to_ids, class_ids
        As asked for.
    state_of_day
        [days]: which state of the roads holds on each day of the plan.
    hours
        [states, classes, from, to], float32: one-way driving time in hours; infinite where
        there is no way.
    km
        [from, to], float32: one-way distance in km on undamaged roads; infinite where there
        is no way.
    """

    from_ids: tuple[str, ...]
    to_ids: tuple[str, ...]
    class_ids: tuple[str, ...]
    state_of_day: np.ndarray
    hours: np.ndarray
    km: np.ndarray


def travel_times(
    situation: Situation,
    from_ids: Sequence[str],
    to_ids: Sequence[str],
    class_ids: Sequence[str],
    ledger: Ledger,
) -> TravelTimes:
    """Return driving times from places to areas or places, by class and state of the roads.

    Parameters
    ----------
    situation
        The situation; its tables areas, places, vehicle_classes, travel_times,
        road_segments and road_status are used.
    from_ids, to_ids
        Codes of places and areas, in any order.
    class_ids
        Codes of vehicle classes.
    ledger
        Where every assumed figure is noted.

    Returns
    -------
    TravelTimes
        Days on which the same facts hold share one state.
    """
    days = situation.settings.days
    base_of_day, base, km = _straight(situation, from_ids, to_ids, class_ids, ledger)
    rows = overrides.known_rows(situation, from_ids, to_ids, class_ids, ledger)
    begun = np.searchsorted(overrides.change_days(rows, days), np.arange(days), side="right")
    pairs, first_day, state_of_day = np.unique(
        np.stack([base_of_day, begun]), axis=1, return_index=True, return_inverse=True
    )
    hours = base[pairs[0]]
    if rows.height:
        for state, day in enumerate(first_day.tolist()):
            overrides.apply(rows, day, hours[state])
        overrides.apply_km(rows, km)
    return TravelTimes(
        tuple(from_ids), tuple(to_ids), tuple(class_ids), state_of_day.astype(np.int32), hours, km
    )


def positions(situation: Situation, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of areas and places; not-a-number where unknown.

    A place without coordinates takes those of its area.
    """
    columns = ["id", "longitude", "latitude"]
    areas = situation["areas"].rename({"area_id": "id"}).select(columns)
    places = (
        situation["places"]
        .join(areas.rename({"id": "area_id"}), on="area_id", how="left", suffix="_area")
        .select(
            pl.col("place_id").alias("id"),
            pl.coalesce("longitude", "longitude_area").alias("longitude"),
            pl.coalesce("latitude", "latitude_area").alias("latitude"),
        )
    )
    known = pl.concat([places, areas]).unique("id", keep="first", maintain_order=True)
    asked = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String})
    found = asked.join(known, on="id", how="left", maintain_order="left")
    return (
        found["longitude"].fill_null(np.nan).to_numpy(),
        found["latitude"].fill_null(np.nan).to_numpy(),
    )


def _straight(
    situation: Situation,
    from_ids: Sequence[str],
    to_ids: Sequence[str],
    class_ids: Sequence[str],
    ledger: Ledger,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Straight lines, where nothing is known of the roads: one state for all days."""
    lon_a, lat_a = positions(situation, from_ids)
    lon_b, lat_b = positions(situation, to_ids)
    used_for = "pairs without roads or known times"
    detour = ledger.take("road.detour_factor", used_for)
    kmh = ledger.take("road.straight_line_kmh", used_for)
    km = distance_km(lon_a[:, None], lat_a[:, None], lon_b[None, :], lat_b[None, :]) * detour
    km = np.where(np.isnan(km), np.inf, km).astype(np.float32)
    factor = speed_factors(situation, class_ids)
    hours = (km[None, None] / (kmh * factor)[None, :, None, None]).astype(np.float32)
    return np.zeros(situation.settings.days, np.int64), hours, km


def speed_factors(situation: Situation, class_ids: Sequence[str]) -> np.ndarray:
    """Return the speed factor of each class (1 where nothing is said)."""
    table = situation["vehicle_classes"]
    known = dict(zip(table["class_id"].to_list(), table["speed_factor"].to_list(), strict=True))
    return np.array([known.get(c) or 1.0 for c in class_ids], np.float64)
