"""The road network of a situation: built once, kept as long as the facts stay the same."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.damage import INF_MS, Damage, fold, undamaged, weight_limits, weights_ms
from aidline.network.lines import join_lines
from aidline.network.pbf import read_pbf
from aidline.network.profiles import figures, gross_t
from aidline.network.roads import Roads, assemble
from aidline.network.routing import Router, router_for
from aidline.network.snapping import Anchors, anchor
from aidline.situation.tables import PROFILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.network.lines import JoinReport
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

KEPT = 4  # networks kept in memory: a situation and a few scenarios of other roads
KEPT_NODES = 2_000_000  # of all of them together; one network is always kept
_networks: OrderedDict[tuple[object, ...], Network] = OrderedDict()


@dataclass(frozen=True, eq=False)
class Network:
    """The roads of a situation with all its areas and places on them.

    Attributes
    ----------
    roads
        The graph.
    report
        What was mended; None for an OSM file, which is a network already.
    row_of
        Code of an area or place -> row in the anchors.
    lon, lat
        Areas and places, degrees; not-a-number where unknown.
    anchors
        Where they meet the roads.
    """

    roads: Roads
    report: JoinReport | None
    row_of: dict[str, int]
    lon: np.ndarray
    lat: np.ndarray
    anchors: Anchors

    @cached_property
    def router(self) -> Router:
        """The router, prepared when it is first asked for."""
        return router_for(self.roads)

    def rows(self, ids: Sequence[str]) -> np.ndarray:
        """Return the rows of areas and places in the anchors, -1 where a code is unknown."""
        return np.array([self.row_of.get(i, -1) for i in ids], np.int64)

    def nodes(self, ids: Sequence[str]) -> np.ndarray:
        """Return the node of each area or place, -1 where no road is within reach."""
        nodes: np.ndarray = np.append(self.anchors.node, -1)[self.rows(ids)]
        return nodes


@dataclass(frozen=True, eq=False)
class Fleet:
    """The vehicle classes as the roads see them.

    Attributes
    ----------
    profiles, gross_t
        Of each class.
    group
        Classes with the same group have the same roads and speeds before `speed_factor`.
    speed_factor
        Speed of each class against its profile.
    """

    profiles: list[str]
    gross_t: np.ndarray
    group: np.ndarray
    speed_factor: np.ndarray

    def first_of(self, group: int) -> int:
        """Return the first class of a group."""
        return int(np.flatnonzero(self.group == group)[0])


def network_of(situation: Situation) -> Network | None:
    """Return the road network of a situation, None where it has no roads.

    The table `road_segments` goes before an OSM file. The network is kept for the next call
    with the same roads, areas and places: a new state of the roads does not build it anew.

    Raises
    ------
    FormatError
        The OSM file is missing or broken.
    """
    table = situation["road_segments"]
    file = _road_file(situation)
    if table.height == 0 and file is None:
        return None
    points = points_of(situation)
    key = _key(table, points, file)
    if key not in _networks:
        _networks[key] = _build(table, points, file)
        while len(_networks) > 1 and (len(_networks) > KEPT or _kept_nodes() > KEPT_NODES):
            _networks.popitem(last=False)
    _networks.move_to_end(key)
    return _networks[key]


def damage_of(situation: Situation, roads: Roads, ledger: Ledger | None = None) -> Damage:
    """Return the states of the roads over the plan."""
    settings = situation.settings
    return fold(
        situation["road_status"], roads.segments.ids, settings.start_date, settings.days, ledger
    )


def fleet_of(
    situation: Situation,
    class_ids: Sequence[str],
    roads: Roads,
    damage: Damage,
    ledger: Ledger | None,
) -> Fleet:
    """Return what the roads need to know of vehicle classes.

    A class of an unknown profile counts as a truck.
    """
    table = situation["vehicle_classes"]
    known = {row["class_id"]: row for row in table.iter_rows(named=True)}
    rows = [known.get(c, {}) for c in class_ids]
    profiles = [p if (p := row.get("profile")) in PROFILES else "truck" for row in rows]
    gross = np.array(
        [
            gross_t(p, row.get("gross_t"), ledger, c)
            for p, row, c in zip(profiles, rows, class_ids, strict=True)
        ]
    )
    bucket = np.searchsorted(weight_limits(roads, damage), gross, side="left")
    kinds = [f"{p} {b}" for p, b in zip(profiles, bucket.tolist(), strict=True)]
    _, group = np.unique(np.array(kinds, object), return_inverse=True)
    factor = np.array([row.get("speed_factor") or 1.0 for row in rows], np.float64)
    return Fleet(profiles, gross, group, factor)


def open_lengths(roads: Roads, fleet: Fleet) -> np.ndarray:
    """Return arc lengths in metres as weights, shut where no class may ever drive."""
    calm = undamaged(roads.segments)
    best = np.full(roads.arc_count, INF_MS, np.int32)
    for group in np.unique(fleet.group).tolist():
        c = fleet.first_of(group)
        np.minimum(best, weights_ms(roads, calm, 0, fleet.profiles[c], fleet.gross_t[c]), out=best)
    length = np.maximum(np.rint(roads.length_m), 1)
    return np.where(best < INF_MS, length, INF_MS).astype(np.int32)


def _kept_nodes() -> int:
    return sum(network.roads.node_count for network in _networks.values())


def _road_file(situation: Situation) -> Path | None:
    name = situation.settings.roads
    return (situation.folder or Path()) / name if name else None


def points_of(situation: Situation) -> pl.DataFrame:
    """Areas and places with coordinates; a place without any takes those of its area."""
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
    return pl.concat([places, areas]).unique("id", keep="first").sort("id")


def _key(table: pl.DataFrame, points: pl.DataFrame, file: Path | None) -> tuple[object, ...]:
    stamp = (str(file), file.stat().st_mtime_ns) if file is not None and file.exists() else None
    return (
        table.hash_rows().to_numpy().tobytes(),
        points.hash_rows().to_numpy().tobytes(),
        stamp if table.height == 0 else None,
    )


def _build(table: pl.DataFrame, points: pl.DataFrame, file: Path | None) -> Network:
    report = None
    if table.height:
        pieces, segments, report = join_lines(table, figures()["road.snap_m"].value)
    else:
        pieces, segments = read_pbf(file or Path())
    lon = points["longitude"].fill_null(np.nan).to_numpy()
    lat = points["latitude"].fill_null(np.nan).to_numpy()
    reach_m = figures()["road.reach_km"].value * 1000
    pieces, anchors = anchor(pieces, segments, lon, lat, reach_m)
    roads = assemble(pieces, segments)
    row_of = {code: i for i, code in enumerate(points["id"].to_list())}
    return Network(roads, report, row_of, lon, lat, anchors)
