"""Driving times between places and areas, on every day of the plan.

Sources, in this order: what people know (table `travel_times`), the roads with their state
of the day, else the straight line with a detour factor. No way is an infinite time, never a
guess: `aidline.network.cut_off` lists what no road reaches, and why.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from aidline.network import overrides
from aidline.network.damage import INF_MS, Damage, weights_ms
from aidline.network.geo import distance_km
from aidline.network.network import (
    Fleet,
    Network,
    damage_of,
    fleet_of,
    network_of,
    open_lengths,
    points_of,
)
from aidline.network.profiles import note_roads, take
from aidline.network.sweep import Sweep, pays
from aidline.situation.defaults import defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

MS_PER_H = 3_600_000
Times: TypeAlias = "Callable[[np.ndarray, np.ndarray], np.ndarray]"  # of sources and targets


class _Asked(NamedTuple):
    """Which driving times are asked for."""

    from_ids: tuple[str, ...]
    to_ids: tuple[str, ...]
    class_ids: tuple[str, ...]


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
        [from, to], float32: shortest one-way distance in km on undamaged roads; infinite where
        there is no way.
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

    Raises
    ------
    FormatError
        The road file is missing or broken.
    """
    asked = _Asked(tuple(from_ids), tuple(to_ids), tuple(class_ids))
    days = situation.settings.days
    rows = overrides.known_rows(situation, from_ids, to_ids, class_ids, ledger)
    network = network_of(situation)
    if network is None:
        needed = _left_open(rows, len(class_ids), len(from_ids), len(to_ids))
        state_of_day, hours, km = _straight(situation, asked, ledger if needed else None)
    else:
        state_of_day, hours, km = _by_road(situation, network, asked, ledger)
    if rows.height:
        begun = np.searchsorted(overrides.change_days(rows, days), np.arange(days), side="right")
        both, first_day, state = np.unique(
            np.stack([state_of_day, begun]), axis=1, return_index=True, return_inverse=True
        )
        state_of_day, hours = state.reshape(days), hours[both[0]]
        for s, day in enumerate(first_day.tolist()):
            overrides.apply(rows, day, hours[s])
        overrides.apply_km(rows, km)
    return TravelTimes(*asked, state_of_day.astype(np.int32), hours, km)


def _left_open(rows: pl.DataFrame, *size: int) -> bool:
    """Say whether any pair lacks hours of its own on some day: a straight line is needed."""
    firm = rows.filter((pl.col("day") <= 0) & pl.col("hours").is_not_null())
    vague = rows.filter(pl.col("hours").is_null()).height > 0
    return vague or firm.unique(overrides.KEY).height < int(np.prod(size))


def _straight(
    situation: Situation,
    asked: _Asked,
    ledger: Ledger | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Straight lines, where nothing is known of the roads: one state for all days."""
    used_for = "pairs without roads or known times"
    detour, kmh = (
        ledger.take(code, used_for) if ledger else defaults()[code].value
        for code in ("road.detour_factor", "road.straight_line_kmh")
    )
    points = points_of(situation)
    lon_a, lat_a = _coordinates(points, asked.from_ids)
    lon_b, lat_b = _coordinates(points, asked.to_ids)
    km = distance_km(lon_a[:, None], lat_a[:, None], lon_b[None, :], lat_b[None, :]) * detour
    km = np.where(np.isnan(km), np.inf, km).astype(np.float32)
    factor = speed_factors(situation, asked.class_ids)
    hours = (km[None, None] / (kmh * factor)[None, :, None, None]).astype(np.float32)
    return np.zeros(situation.settings.days, np.int64), hours, km


def speed_factors(situation: Situation, class_ids: Sequence[str]) -> np.ndarray:
    """Return the speed factor of each class (1 where nothing is said)."""
    table = situation["vehicle_classes"]
    known = dict(zip(table["class_id"].to_list(), table["speed_factor"].to_list(), strict=True))
    return np.array([known.get(c) or 1.0 for c in class_ids], np.float64)


def _coordinates(points: pl.DataFrame, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    asked = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String})
    found = asked.join(points, on="id", how="left", maintain_order="left")
    lon, lat = (found[c].fill_null(np.nan).to_numpy() for c in ("longitude", "latitude"))
    return lon, lat


def _by_road(
    situation: Situation,
    network: Network,
    asked: _Asked,
    ledger: Ledger,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Driving times on the roads: state of each day, hours, km."""
    damage = damage_of(situation, network.roads, ledger)
    fleet = fleet_of(situation, asked.class_ids, network.roads, damage, ledger)
    note_roads(network.roads.segments, sorted(set(fleet.profiles)), ledger)
    source, source_at = np.unique(network.nodes(asked.from_ids), return_inverse=True)
    target, target_at = np.unique(network.nodes(asked.to_ids), return_inverse=True)
    last_h, last_km, same = _last_stretches(network, asked, ledger)
    shape = (damage.states, len(asked.class_ids), len(asked.from_ids), len(asked.to_ids))
    hours = np.empty(shape, np.float32)
    for states, group, ms in _matrices(network, damage, fleet, source, target):
        found = _spread(ms, source_at, target_at, MS_PER_H)
        for c in np.flatnonzero(fleet.group == group).tolist():
            here = hours[states[0], c]
            np.divide(found, np.float32(fleet.speed_factor[c]), out=here)
            here += last_h
            here[same] = 0
            hours[states[1:], c] = here
    metres = _times_from(network, source[source >= 0], 1)(open_lengths(network.roads, fleet))
    km = _spread(_matrix(metres, source, target), source_at, target_at, 1000)
    km += last_km
    km[same] = 0
    return damage.state_of_day, hours, km


def _matrices(
    network: Network, damage: Damage, fleet: Fleet, source: np.ndarray, target: np.ndarray
) -> Iterator[tuple[list[int], int, np.ndarray]]:
    """Yield times in ms by states and group of classes; equal weights are worked out once."""
    known = source[source >= 0]

    def weights(state: int, of: int) -> np.ndarray:
        return weights_ms(network.roads, damage, state, fleet.profiles[of], fleet.gross_t[of])

    for group in np.unique(fleet.group).tolist():
        c = fleet.first_of(group)
        alike: dict[bytes, list[int]] = {}
        for state in range(damage.states):
            digest = hashlib.blake2b(weights(state, c).tobytes(), digest_size=16).digest()
            alike.setdefault(digest, []).append(state)
        times_from = _times_from(network, known, len(alike))
        for states in alike.values():
            yield states, group, _matrix(times_from(weights(states[0], c)), source, target)


def _times_from(
    network: Network, sources: np.ndarray, states: int
) -> Callable[[np.ndarray], Times]:
    """Return a function from weights to times, by a sweep where that pays, else by the router."""
    if not pays(network.roads, len(sources), states):
        return lambda weights: network.router.weigh(weights).matrix
    sweep = Sweep(network.roads, sources)

    def times_from(weights: np.ndarray) -> Times:
        swept = sweep.times(weights)
        return lambda _, targets: swept[:, targets]

    return times_from


def _matrix(times: Times, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return times between sorted distinct nodes; the first may be -1 = not on the roads."""
    ms = np.full((len(source), len(target)), INF_MS, np.int32)
    on_a, on_b = source >= 0, target >= 0
    if on_a.any() and on_b.any():
        ms[np.ix_(on_a, on_b)] = times(source[on_a], target[on_b])
    return ms


def _spread(
    weights: np.ndarray, source_at: np.ndarray, target_at: np.ndarray, unit: float
) -> np.ndarray:
    """From distinct nodes to the pairs asked for, in hours or km; infinite where no way."""
    found = weights.astype(np.float32)
    found /= np.float32(unit)
    found[weights == INF_MS] = np.inf
    spread: np.ndarray = found[source_at][:, target_at]
    return spread


def _last_stretches(
    network: Network, asked: _Asked, ledger: Ledger
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours and km from the points to their roads [from, to], and which points are the same."""
    rows_a, rows_b = network.rows(asked.from_ids), network.rows(asked.to_ids)
    gap = np.append(network.anchors.gap_m, np.inf) / 1000
    kmh = take("road.last_stretch_kmh", ledger, "between areas or places and the nearest road")
    km = gap[rows_a][:, None] + gap[rows_b][None, :]
    lon, lat = np.append(network.lon, np.nan), np.append(network.lat, np.nan)
    same = lon[rows_a][:, None] == lon[rows_b][None, :]
    same &= lat[rows_a][:, None] == lat[rows_b][None, :]
    return (km / kmh).astype(np.float32), km.astype(np.float32), same
