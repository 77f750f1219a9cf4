"""The road graph: directed arcs as flat arrays, with ids that never change.

An arc id is its row number in the arrays, sorted by tail node. The graph never changes after
it is built: damage is a log of its own (`aidline.network.damage`), and a closed arc stays an
arc with an infinite weight. What is known of a road (class, surface, limits) is kept per
segment, and an arc says which segment it is a part of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from aidline.network.geo import distance_km

BRIDGE, FORD, NO_MOTOR, NO_HGV = 1, 2, 4, 8
"""Bits of `Segments.flags`."""


@dataclass(frozen=True, eq=False)
class Segments:
    """What is known of each road segment (a row of `road_segments`, or an OSM way).

    Attributes
    ----------
    ids
        Codes, as text.
    names
        Names, "" where there is none.
    road_class, surface
        Positions in `ROAD_CLASSES` and `SURFACES`.
    oneway
        1 along the line, -1 against it, 0 both.
    speed_kmh
        Free speed of a loaded truck, 0 where nothing is said.
    max_weight_t
        Legal limit of the gross weight, infinite where there is none.
    flags
        Bits `BRIDGE`, `FORD`, `NO_MOTOR`, `NO_HGV`.
    length_m
        Length as given, 0 where it is to be taken from the line.
    """

    ids: np.ndarray
    names: np.ndarray
    road_class: np.ndarray
    surface: np.ndarray
    oneway: np.ndarray
    speed_kmh: np.ndarray
    max_weight_t: np.ndarray
    flags: np.ndarray
    length_m: np.ndarray


@dataclass(frozen=True, eq=False)
class Pieces:
    """Lines between two nodes each: the undirected form of the graph.

    Attributes
    ----------
    start
        [pieces + 1]: piece p has the points start[p] to start[p + 1] - 1.
    lon, lat
        Points, degrees.
    segment
        [pieces]: position of the segment of which it is a part.
    a, b
        [pieces]: nodes at its first and last point.
    node_lon, node_lat
        Nodes, degrees.
    blocked_nodes
        Nodes with a barrier that no vehicle passes: it can drive up to it, not on.
    """

    start: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    segment: np.ndarray
    a: np.ndarray
    b: np.ndarray
    node_lon: np.ndarray
    node_lat: np.ndarray
    blocked_nodes: np.ndarray

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return len(self.segment)

    def lengths_m(self) -> np.ndarray:
        """Return the length of each piece on the globe, in metres."""
        step = distance_km(self.lon[:-1], self.lat[:-1], self.lon[1:], self.lat[1:]) * 1000
        along = np.concatenate([[0.0], np.cumsum(step)])
        lengths: np.ndarray = along[self.start[1:] - 1] - along[self.start[:-1]]
        return lengths


@dataclass(frozen=True, eq=False)
class Roads:
    """The directed road graph.

    Attributes
    ----------
    pieces, segments
        Geometry and facts.
    first_out
        [nodes + 1]: the arcs that leave node n are first_out[n] to first_out[n + 1] - 1.
    tail, head
        [arcs]: nodes.
    length_m
        [arcs].
    segment, piece
        [arcs]: positions in `segments` and `pieces`.
    forward
        [arcs]: True where the arc runs along the line of its piece.
    barred
        [arcs]: True where the arc leaves a barrier that no vehicle passes.
    """

    pieces: Pieces
    segments: Segments
    first_out: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    length_m: np.ndarray
    segment: np.ndarray
    piece: np.ndarray
    forward: np.ndarray
    barred: np.ndarray

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.pieces.node_lon)

    @property
    def arc_count(self) -> int:
        """How many arcs there are."""
        return len(self.tail)


def assemble(pieces: Pieces, segments: Segments) -> Roads:
    """Build the directed graph from joined pieces.

    Arcs are sorted by tail, head, segment and piece, so that the same input always gives the
    same ids. A segment with a length of its own hands it on to its pieces by their share.
    """
    length = _piece_lengths(pieces, segments)
    way = segments.oneway[pieces.segment]
    along, against = np.flatnonzero(way >= 0), np.flatnonzero(way <= 0)
    piece = np.concatenate([along, against])
    forward = np.arange(len(piece)) < len(along)
    tail = np.concatenate([pieces.a[along], pieces.b[against]])
    head = np.concatenate([pieces.b[along], pieces.a[against]])
    segment = pieces.segment[piece]
    order = np.lexsort((forward, piece, segment, head, tail))
    tail, head, piece = tail[order], head[order], piece[order]
    nodes = len(pieces.node_lon)
    blocked = np.zeros(nodes, bool)
    blocked[pieces.blocked_nodes] = True
    return Roads(
        pieces,
        segments,
        np.searchsorted(tail, np.arange(nodes + 1)),
        tail.astype(np.int32),
        head.astype(np.int32),
        length[piece],
        segment[order].astype(np.int32),
        piece.astype(np.int32),
        forward[order],
        blocked[tail],
    )


def components(pieces: Pieces, segments: Segments | None = None) -> tuple[int, np.ndarray]:
    """Return how many components the nodes form, and the component of each node.

    Parameters
    ----------
    pieces
        Joined pieces.
    segments
        Where given, components are strong: two nodes are together when a car can drive
        from either to the other. Otherwise directions do not count.
    """
    nodes = len(pieces.node_lon)
    tail, head = pieces.a, pieces.b
    if segments is not None:
        way = segments.oneway[pieces.segment]
        shut = segments.flags[pieces.segment] & NO_MOTOR > 0
        tail = np.concatenate([pieces.a[(way >= 0) & ~shut], pieces.b[(way <= 0) & ~shut]])
        head = np.concatenate([pieces.b[(way >= 0) & ~shut], pieces.a[(way <= 0) & ~shut]])
        keep = ~np.isin(tail, pieces.blocked_nodes)
        tail, head = tail[keep], head[keep]
    graph = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(nodes, nodes))
    kind = "weak" if segments is None else "strong"
    count, label = connected_components(graph, directed=segments is not None, connection=kind)
    return int(count), label


def _piece_lengths(pieces: Pieces, segments: Segments) -> np.ndarray:
    """Lengths of the pieces in metres, at least 1 m, scaled to what their segment says."""
    drawn = pieces.lengths_m()
    total = np.bincount(pieces.segment, drawn, minlength=len(segments.ids))
    given = segments.length_m
    scale = np.divide(given, total, out=np.ones(len(total)), where=(given > 0) & (total > 0))
    lengths: np.ndarray = np.maximum(drawn * scale[pieces.segment], 1.0)
    return lengths
