"""Where areas and places meet the roads: the nearest point of the main network becomes a node.

Taking the nearest existing node would send a village beside a long road to a junction far
away. So the road is cut at its nearest point. The main network are the strong components
with at least 1 % of the road length of the largest one: an island with roads of its own
counts, a stray fragment beside a village does not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from aidline.network.geo import to_metres
from aidline.network.roads import NO_MOTOR, Pieces, Segments, components

MAIN_SHARE = 0.01
AT_NODE_M = 1.0  # nearer to an end of a piece than this: the end is taken


class Anchors(NamedTuple):
    """Where points meet the roads.

    Attributes
    ----------
    node
        [points]: node, -1 where no road is within reach.
    gap_m
        [points]: distance to it in metres, infinite where there is none.
    on_main
        [points]: does it lie on the main network?
    """

    node: np.ndarray
    gap_m: np.ndarray
    on_main: np.ndarray


def main_pieces(pieces: Pieces, segments: Segments) -> np.ndarray:
    """Return which pieces belong to the main network, [pieces]."""
    if pieces.count == 0:
        return np.zeros(0, bool)
    label = components(pieces, segments)[1]
    inside = label[pieces.a] == label[pieces.b]
    length = np.bincount(
        label[pieces.a][inside], pieces.lengths_m()[inside], minlength=label.max() + 1
    )
    main: np.ndarray = inside & (length >= MAIN_SHARE * length.max())[label[pieces.a]]
    main &= segments.flags[pieces.segment] & NO_MOTOR == 0
    return main


def anchor(
    pieces: Pieces, segments: Segments, lon: np.ndarray, lat: np.ndarray, reach_m: float
) -> tuple[Pieces, Anchors]:
    """Cut the roads where points meet them.

    Parameters
    ----------
    pieces, segments
        The joined network.
    lon, lat
        Points in degrees; not-a-number where unknown.
    reach_m
        Points farther than this from every road get none.

    Returns
    -------
    tuple
        The network with the new nodes, and where each point meets it. The main network is
        preferred, a fragment is taken only where nothing else is within reach.
    """
    count = len(lon)
    piece, along, gap = np.full(count, -1), np.zeros(count), np.full(count, np.inf)
    main = main_pieces(pieces, segments)
    known = np.isfinite(lon) & np.isfinite(lat)
    lat_0 = float(np.median(pieces.lat)) if len(pieces.lat) else 0.0
    xy = to_metres(pieces.lon, pieces.lat, lat_0)
    points = shapely.points(to_metres(np.where(known, lon, 0), np.where(known, lat, 0), lat_0))
    for among in (np.flatnonzero(main), np.flatnonzero(~main)):
        asked = np.flatnonzero(known & (piece < 0))
        if len(among) == 0 or len(asked) == 0:
            continue
        shapes = _shapes(pieces, among, xy)
        hit, near = shapely.STRtree(shapes).query_nearest(
            points[asked], max_distance=reach_m, all_matches=False
        )
        at = asked[hit]
        piece[at] = among[near]
        along[at] = shapely.line_locate_point(shapes[near], points[at])
        gap[at] = shapely.distance(shapes[near], points[at])
    found = np.flatnonzero(piece >= 0)
    node = np.full(count, -1)
    if len(found) == 0:
        return pieces, Anchors(node, gap, piece >= 0)
    cut, node[found] = _split(pieces, xy, piece[found], along[found])
    return cut, Anchors(node, gap, main[piece] & (piece >= 0))


def _shapes(pieces: Pieces, among: np.ndarray, xy: np.ndarray) -> np.ndarray:
    size = np.diff(pieces.start)[among]
    owner = np.repeat(np.arange(len(among)), size)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    pick = np.repeat(pieces.start[:-1][among] - first, size) + np.arange(size.sum())
    shapes: np.ndarray = shapely.linestrings(xy[pick], indices=owner)
    return shapes


def _split(
    pieces: Pieces, xy: np.ndarray, piece: np.ndarray, along: np.ndarray
) -> tuple[Pieces, np.ndarray]:
    """Cut pieces at points; return the new network and the node at each point."""
    step = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    base, end = step[pieces.start[:-1]], step[np.maximum(pieces.start[1:] - 1, 0)]
    at = base[piece] + along
    node = np.where(along <= AT_NODE_M, pieces.a[piece], pieces.b[piece])
    inner = (along > AT_NODE_M) & (along < (end - base)[piece] - AT_NODE_M)
    place, which = np.unique(np.round(at[inner], 1), return_inverse=True)
    owner = np.zeros(len(place), np.int64)
    owner[which] = piece[inner]
    old_nodes = len(pieces.node_lon)
    node[inner] = old_nodes + which
    lon, lat = np.interp(place, step, pieces.lon), np.interp(place, step, pieces.lat)
    after = np.searchsorted(step, place, side="right")  # first old point behind each cut
    # a cut is the last point of one piece and the first of the next: it stands there twice
    twice = np.repeat(np.arange(len(place)), 2)
    start = np.concatenate([pieces.start + 2 * np.searchsorted(owner, np.arange(pieces.count + 1))])
    breaks = np.sort(np.concatenate([start, after + 2 * np.arange(len(place)) + 1]))
    origin = np.repeat(np.arange(pieces.count), 1 + np.bincount(owner, minlength=pieces.count))
    a, b = pieces.a[origin], pieces.b[origin]
    behind = np.flatnonzero(np.diff(origin, prepend=-1) == 0)
    a[behind] = b[behind - 1] = old_nodes + np.arange(len(place))
    split = Pieces(
        breaks,
        np.insert(pieces.lon, after[twice], lon[twice]),
        np.insert(pieces.lat, after[twice], lat[twice]),
        pieces.segment[origin],
        a,
        b,
        np.concatenate([pieces.node_lon, lon]),
        np.concatenate([pieces.node_lat, lat]),
        pieces.blocked_nodes,
    )
    return split, node
