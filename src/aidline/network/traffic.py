"""What many ways have in common: stretches of road that the same vehicles use, drawn once.

The ways of a plan share most of their roads. Here the arcs of all ways are joined into
stretches: a stretch runs from one point where ways part, meet, start or end to the next, in
one direction. A way is then a short list of stretches, and whatever moves on them can be
added up by stretch.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.network import Network, damage_of, fleet_of, network_of
from aidline.network.ways import arcs_of

if TYPE_CHECKING:
    from aidline.network.roads import Roads
    from aidline.situation.situation import Situation

AT_ROAD_M = 1.0  # nearer than this a place stands on its road
KEY = ("from_id", "to_id", "class_id", "state")


@dataclass(frozen=True, eq=False)
class Traffic:
    """Stretches of road and the ways over them.

    Attributes
    ----------
    start
        [stretches + 1]: stretch s has the points start[s] to start[s + 1] - 1, in the order of
        driving. A way begins and ends at its places, off the road if need be.
    lon, lat
        Points, degrees.
    ways
        Stretches of each leg that was asked for, in the order of driving; empty where no road
        leads from one to the other.
    segment_ids
        Codes of all road segments that some way uses, sorted.
    """

    start: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    ways: tuple[tuple[int, ...], ...]
    segment_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many stretches there are."""
        return len(self.start) - 1

    @classmethod
    def off_road(cls, legs: int) -> Traffic:
        """Return so many legs without any road."""
        none = np.zeros(0)
        return cls(np.zeros(1, np.int64), none, none, ((),) * legs, ())


def traffic(situation: Situation, legs: pl.DataFrame) -> Traffic:
    """Return the quickest ways of legs on the roads of their days, as shared stretches.

    Parameters
    ----------
    situation
        The situation.
    legs
        from_id, to_id, class_id, day; any number of rows. Where class_id is null the lightest
        class drives.

    Returns
    -------
    Traffic
        Stretches are numbered as they first come, the longest ways of a start first, so that
        most ways are a few runs of neighbouring numbers. A leg that is shut takes its way on
        undamaged roads, as in `aidline.network.ways.paths`.
    """
    network = network_of(situation)
    if network is None or legs.is_empty():
        return Traffic.off_road(legs.height)
    damage = damage_of(situation, network.roads)
    state = damage.state_of_day
    classes = situation["vehicle_classes"]["class_id"].unique().sort().to_list()
    gross_t = fleet_of(situation, classes, network.roads, damage, None).gross_t
    lightest = classes[int(gross_t.argmin())] if classes else ""
    asked = legs.select(
        "from_id",
        "to_id",
        pl.col("class_id").fill_null(lightest),
        "day",
        pl.Series("state", state[legs["day"].cast(pl.Int64).to_numpy()]),
    )
    once = asked.unique(KEY, keep="first", maintain_order=True)
    arcs = arcs_of(situation, network, once)
    chains = [_with_ends(network, a, b, way) for (a, b), way in zip(_ends(once), arcs, strict=True)]
    order = sorted(
        range(once.height), key=lambda k: (once["from_id"][k], -len(chains[k]), once["to_id"][k])
    )
    cut = _Cut.of([chains[k] for k in order])
    ways: list[tuple[int, ...]] = [()] * once.height
    for k, way in zip(order, cut.ways, strict=True):
        ways[k] = way
    index = once.select(KEY).with_row_index("way")
    row = asked.join(index, on=KEY, how="left", maintain_order="left")["way"]
    start, lon, lat = _drawn(network, cut)
    used = np.unique(np.concatenate([*arcs, np.zeros(0, np.int64)]))
    codes = network.roads.segments.ids[np.unique(network.roads.segment[used])]
    return Traffic(start, lon, lat, tuple(ways[w] for w in row), tuple(sorted(map(str, codes))))


def _ends(legs: pl.DataFrame) -> list[tuple[str, str]]:
    return list(legs.select("from_id", "to_id").iter_rows())


def _with_ends(network: Network, from_id: str, to_id: str, arcs: np.ndarray) -> np.ndarray:
    """Add the steps from the place to the road and from the road to the goal, as further arcs.

    Beyond the arcs of the roads, number 2r is the step from point r to its road, 2r + 1 the
    step back.
    """
    a, b = network.rows([from_id, to_id]).tolist()
    node = network.anchors.node
    if a < 0 or b < 0 or (not len(arcs) and (node[a] < 0 or node[a] != node[b])):
        return np.zeros(0, np.int64)
    base, gap_m = network.roads.arc_count, network.anchors.gap_m
    apart = [not len(arcs) or gap_m[row] > AT_ROAD_M for row in (a, b)]
    before = [base + 2 * a] if apart[0] else []
    behind = [base + 2 * b + 1] if apart[1] else []
    return np.concatenate([before, arcs, behind]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Cut:
    """Chains of arcs, cut into stretches: the arcs of each stretch, the stretches of each way."""

    arcs: np.ndarray
    start: np.ndarray
    ways: list[tuple[int, ...]]

    @classmethod
    def of(cls, chains: list[np.ndarray]) -> _Cut:
        """Cut where one arc has several neighbours before or behind it in the chains."""
        flat = np.concatenate([*chains, np.zeros(0, np.int64)])
        if len(flat) == 0:
            return cls(flat, np.zeros(1, np.int64), [()] * len(chains))
        size = np.array([len(c) for c in chains], np.int64)
        first = np.zeros(len(flat) + 1, bool)
        first[np.cumsum(size) - size] = first[-1] = True
        known, arc = np.unique(flat, return_inverse=True)
        outside = len(known)
        before = np.where(first[:-1], outside, np.roll(arc, 1))
        behind = np.where(first[1:], outside, np.roll(arc, -1))
        only_before, only_behind = _only(arc, before, outside), _only(arc, behind, outside)
        joined = (only_before[arc] == before) & (before < outside)
        joined &= np.append(only_behind, -1)[before] == arc
        head = np.flatnonzero(~joined)
        codes, seen, number = np.unique(arc[head], return_index=True, return_inverse=True)
        rank = np.empty(len(codes), np.int64)
        rank[np.argsort(seen)] = np.arange(len(codes))
        chosen = np.sort(seen)
        end = np.append(head[1:], len(flat))
        length = (end - head)[chosen]
        start = np.concatenate([[0], np.cumsum(length)])
        pick = np.repeat(head[chosen] - start[:-1], length) + np.arange(start[-1])
        stretch = rank[number]
        at = np.searchsorted(head, np.concatenate([[0], np.cumsum(size)]))
        ways = [tuple(stretch[a:b].tolist()) for a, b in pairwise(at.tolist())]
        return cls(flat[pick], start, ways)


def _only(arc: np.ndarray, other: np.ndarray, outside: int) -> np.ndarray:
    """Return the one neighbour of each arc, -1 where there are several."""
    pairs = np.unique(np.stack([arc, other]), axis=1)
    count = np.bincount(pairs[0], minlength=outside)
    only = np.full(outside, -1)
    only[pairs[0]] = pairs[1]
    only[count != 1] = -1
    return only


def _drawn(network: Network, cut: _Cut) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of the stretches: offsets, longitudes, latitudes."""
    roads, arcs = network.roads, cut.arcs
    lon, lat = _points(network)
    step = arcs >= roads.arc_count
    piece = roads.piece[np.where(step, 0, arcs)]
    first = np.where(
        step, len(roads.pieces.lon) + 2 * (arcs - roads.arc_count), roads.pieces.start[piece]
    )
    size = np.where(step, 2, np.diff(roads.pieces.start)[piece])
    back = np.repeat(~_forward(roads, arcs, step), size)
    begin = np.cumsum(size) - size
    along = np.arange(size.sum()) - np.repeat(begin, size)
    at = np.repeat(first, size) + np.where(back, np.repeat(size, size) - 1 - along, along)
    offsets = np.concatenate([[0], np.cumsum(size)])[cut.start]
    return offsets, lon[at], lat[at]


def _forward(roads: Roads, arcs: np.ndarray, step: np.ndarray) -> np.ndarray:
    forward: np.ndarray = roads.forward[np.where(step, 0, arcs)] | step
    return forward


def _points(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Points of the pieces, then those of the steps between points and roads, two for each."""
    pieces, node = network.roads.pieces, network.anchors.node
    both = []
    for at, point, on_road in (
        (pieces.lon, network.lon, pieces.node_lon),
        (pieces.lat, network.lat, pieces.node_lat),
    ):
        road = np.where(node >= 0, np.append(on_road, np.nan)[node], point)
        both.append(np.concatenate([at, np.stack([point, road, road, point], axis=1).ravel()]))
    return both[0], both[1]
