"""The roads of a generated situation: a tree of short ways, some loops, few bridges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay

from aidline.generator.land import to_degrees

if TYPE_CHECKING:
    from aidline.generator.land import Land

CLASSES = ("primary", "secondary", "tertiary", "unclassified", "track")
SURFACE = ("paved", "paved", "gravel", "gravel", "dirt")
SPEED_KMH = np.array([50.0, 40.0, 28.0, 24.0, 14.0])
LEGAL_T = np.array([44.0, 44.0, 30.0, 30.0, 20.0])
WINDING = 1.25
"""Road length against the straight line between two junctions."""
BRIDGE_KM = 0.3


@dataclass(frozen=True, eq=False)
class Roads:
    """Roads between nodes, in both directions.

    Attributes
    ----------
    ends
        [roads, 2] node numbers.
    km
        [roads] length.
    road_class
        [roads] number in `CLASSES`.
    bridge
        [roads] true where the road crosses a river.
    traffic
        [roads] use in ordinary times, any unit.
    nodes
        Number of nodes.
    """

    ends: np.ndarray
    km: np.ndarray
    road_class: np.ndarray
    bridge: np.ndarray
    traffic: np.ndarray
    nodes: int

    @property
    def hours(self) -> np.ndarray:
        """Driving time of a loaded truck, [roads]."""
        return np.asarray(self.km / SPEED_KMH[self.road_class])

    def graph(self, usable: np.ndarray | None = None) -> csr_matrix:
        """Return driving hours between nodes, over the usable roads only."""
        keep = slice(None) if usable is None else usable
        a, b = self.ends[keep].T
        return csr_matrix((self.hours[keep], (a, b)), shape=(self.nodes, self.nodes))

    def from_nodes(self, start: np.ndarray, usable: np.ndarray | None = None) -> np.ndarray:
        """Return driving hours from each start node to every node, infinite without a way."""
        return np.asarray(dijkstra(self.graph(usable), directed=False, indices=start))


def make_roads(land: Land, rng: np.random.Generator) -> Roads:
    """Lay roads between the nodes of the land.

    A spanning tree that avoids ridges, rivers and the sea, a sixth of the other short links,
    and classes by how much traffic between towns would use them.
    """
    xy = land.xy
    corners = Delaunay(xy).simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    ends = np.unique(np.sort(pairs, axis=1), axis=0)
    middle = xy[ends].mean(1)
    km = np.linalg.norm(xy[ends[:, 0]] - xy[ends[:, 1]], axis=1)
    side_of_river = land.river(xy) > 0
    bridge = side_of_river[ends[:, 0]] != side_of_river[ends[:, 1]]
    at_sea = ~shapely.contains_xy(land.outline, middle)
    effort = km * (1 + 2 * land.ridge(middle)) * np.where(bridge, 3, 1) * np.where(at_sea, 20, 1)
    in_tree = _tree(ends, effort, len(xy))
    chance = np.where(bridge, 0.07, 0.28) * (1.3 - land.ridge(middle))
    loop = (rng.random(len(ends)) < chance) & (km < 3 * np.median(km)) & ~at_sea
    keep = in_tree | loop
    ends, km, bridge, middle = ends[keep], km[keep] * WINDING, bridge[keep], middle[keep]
    traffic = _traffic(ends, km, len(xy), rng)
    return Roads(ends, km, _classes(traffic, land.ridge(middle)), bridge, traffic, len(xy))


def road_table(
    land: Land, roads: Roads, rng: np.random.Generator
) -> tuple[pl.DataFrame, list[str]]:
    """Return the table `road_segments` and, for each road, the segment that can be damaged.

    A road with a bridge becomes three segments; its bridge is the one that can be damaged.
    """
    lines, shares = _lines(land.xy[roads.ends], roads.bridge, roads.km, rng)
    owner = np.repeat(np.arange(len(roads.km)), np.where(roads.bridge, 3, 1))
    first = np.r_[True, owner[1:] != owner[:-1]]
    is_bridge = roads.bridge[owner] & ~first & np.r_[owner[1:] == owner[:-1], False]
    ids = np.array([f"R-{i:06d}" for i in range(1, len(owner) + 1)])
    code = roads.road_class[owner]
    table = pl.DataFrame(
        {
            "segment_id": ids,
            "road_class": np.array(CLASSES)[code],
            "surface": np.array(SURFACE)[code],
            "length_km": np.round(roads.km[owner] * shares, 3),
            "oneway": "no",
            "max_weight_t": LEGAL_T[code],
            "bridge": is_bridge,
            "ford": False,
            "speed_kmh": SPEED_KMH[code],
            "geometry": lines,
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    weak = is_bridge | (first & ~roads.bridge[owner])
    return table, ids[weak].tolist()


def _tree(ends: np.ndarray, effort: np.ndarray, nodes: int) -> np.ndarray:
    tree = minimum_spanning_tree(csr_matrix((effort, ends.T), shape=(nodes, nodes))).tocoo()
    code = np.sort(np.stack([tree.row, tree.col], 1), axis=1) @ np.array([nodes, 1])
    return np.isin(ends @ np.array([nodes, 1]), code)


def _traffic(ends: np.ndarray, km: np.ndarray, nodes: int, rng: np.random.Generator) -> np.ndarray:
    """Count trips over each road when every node sends one to each of some forty others."""
    graph = csr_matrix((km, ends.T), shape=(nodes, nodes))
    starts = rng.choice(nodes, min(40, nodes), replace=False)
    _, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    number = csr_matrix((np.arange(1, len(ends) + 1), ends.T), shape=(nodes, nodes))
    number = number + number.T
    traffic = np.zeros(len(ends))
    for tree in before:
        child = np.flatnonzero(tree >= 0)
        parent = tree[child]
        load = _load_to_root(tree, nodes)
        road = np.asarray(number[child, parent]).ravel() - 1
        np.add.at(traffic, road, load[child])
    return traffic


def _load_to_root(parent: np.ndarray, nodes: int) -> np.ndarray:
    """Count the nodes below each node of a tree, itself included, level by level."""
    depth = np.zeros(nodes, np.int64)
    above = np.maximum(parent, -1)
    at = above
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, above[at], -1)
    load = np.ones(nodes)
    order = np.argsort(-depth, kind="stable")
    cuts = np.flatnonzero(np.diff(depth[order])) + 1
    for level in np.split(order, cuts)[:-1]:
        has = level[parent[level] >= 0]
        np.add.at(load, parent[has], load[has])
    return load


def _classes(traffic: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """Class the roads: the busiest tenth is primary, quiet roads on ridges are tracks."""
    rank = np.argsort(np.argsort(-traffic, kind="stable"), kind="stable") / max(1, len(traffic))
    code = np.searchsorted([0.10, 0.28, 0.60], rank, side="right")
    return np.where((code == 3) & (ridge > 0.75), 4, code)


def _lines(
    ends: np.ndarray, bridge: np.ndarray, km: np.ndarray, rng: np.random.Generator
) -> tuple[list[str], np.ndarray]:
    """Return well-known text and share of the length of each segment, road by road."""
    along = ends[:, 1] - ends[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    half = 0.5 * np.clip(BRIDGE_KM / km, 0.0, 0.3)
    where = np.stack([np.full(len(km), 0.25), 0.5 - half, 0.5 + half, np.full(len(km), 0.75)], 1)
    sway = rng.normal(0, 0.035, (len(km), 4))
    sway[:, 2] = sway[:, 1]
    inner = ends[:, None, 0] + where[..., None] * along[:, None] + sway[..., None] * across[:, None]
    points = to_degrees(np.concatenate([ends[:, :1], inner, ends[:, 1:]], axis=1))
    lines: list[str] = []
    shares: list[float] = []
    for p, b, h in zip(points.tolist(), bridge.tolist(), half.tolist(), strict=True):
        text = [f"{x:.5f} {y:.5f}" for x, y in p]
        if b:
            lines += [_line(text[:3]), _line(text[2:4]), _line(text[3:])]
            shares += [0.5 - h, 2 * h, 0.5 - h]
        else:
            lines.append(_line(text))
            shares.append(1.0)
    return lines, np.array(shares)


def _line(points: list[str]) -> str:
    return f"LINESTRING({','.join(points)})"
