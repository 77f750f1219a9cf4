"""Roads from a plain line layer: what is dirty is mended, and every mend is reported.

Layers of the field rarely form a network. Lines cross without a common point, end a few
metres short of the road they join, or are drawn twice. Here

1. lines are cut where they cross or touch another line; a bridge is joined at ends only,
   never with what passes below it;
2. an end that hangs free is joined with the nearest line within a tolerance;
3. what cannot be used (no line, no length, infinite coordinates) is dropped by name.

All geometry is done in metres on a plane that is true along the middle latitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from aidline.network.geo import to_metres
from aidline.network.roads import BRIDGE, FORD, Pieces, Segments, components
from aidline.situation.tables import NO_VEHICLES, ROAD_CLASSES, SURFACES

SAME_POINT_M = 0.5  # points closer than this are one: below the accuracy of any road survey


@dataclass(frozen=True, slots=True)
class JoinReport:
    """What was mended on the way from lines to a network.

    Attributes
    ----------
    lines
        Lines that came in (parts of multi-lines counted singly).
    dropped
        (segment code, reason) of each line that could not be used.
    cuts
        Points at which a line was cut because another crosses or touches it.
    snapped
        (segment code, gap in metres) of each free end that was joined with a line.
    components_before, components_after
        Unconnected parts when only equal end points are joined, and in the end.
    """

    lines: int
    dropped: tuple[tuple[str, str], ...]
    cuts: int
    snapped: tuple[tuple[str, float], ...]
    components_before: int
    components_after: int

    def text(self) -> str:
        """Return the report as one sentence."""
        return (
            f"{self.lines} road lines: {len(self.dropped)} dropped, cut at {self.cuts} points, "
            f"{len(self.snapped)} free ends joined; "
            f"{self.components_before} unconnected parts became {self.components_after}."
        )


class _Lines(NamedTuple):
    """Lines on the plane, before they are joined."""

    start: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    xy: np.ndarray
    segment: np.ndarray
    shapes: np.ndarray
    bridge: np.ndarray


class _Cuts(NamedTuple):
    """Points on lines: which line, how far along it in metres."""

    line: np.ndarray
    along: np.ndarray


def segments_of(table: pl.DataFrame) -> Segments:
    """Return the facts of the table `road_segments`; what is not said takes the defaults."""
    flag = table["bridge"].fill_null(False).to_numpy() * BRIDGE
    flag = flag + table["ford"].fill_null(False).to_numpy() * FORD
    return Segments(
        ids=table["segment_id"].to_numpy().astype(object),
        names=table["name"].fill_null("").to_numpy().astype(object),
        road_class=_codes(table["road_class"], ROAD_CLASSES, "unclassified"),
        surface=_codes(table["surface"], SURFACES, "unknown"),
        oneway=_codes(table["oneway"], ("reverse", "no", "yes"), "no") - 1,
        speed_kmh=table["speed_kmh"].fill_null(0).to_numpy().astype(np.float32),
        max_weight_t=table["max_weight_t"].fill_null(np.inf).to_numpy().astype(np.float32),
        flags=flag.astype(np.uint8),
        length_m=table["length_km"].fill_null(0).to_numpy() * 1000,
    )


def join_lines(table: pl.DataFrame, snap_m: float) -> tuple[Pieces, Segments, JoinReport]:
    """Join the lines of the table `road_segments` into a network.

    Parameters
    ----------
    table
        Columns of `road_segments`; `geometry` holds lines or multi-lines as well-known text.
        Lines for feet alone are left out.
    snap_m
        A free end this close to another line is joined with it.

    Returns
    -------
    tuple
        The pieces between nodes, the facts of the segments, and what was mended.
    """
    table = table.filter(pl.col("road_class").ne_missing(NO_VEHICLES))
    segments = segments_of(table)
    shapes, segment, dropped = _shapes(table)
    incoming = len(shapes) + len(dropped)
    lines = _plane(shapes, segment, segments)
    cuts = _crossings(lines)
    pieces, hanging = _cut(lines, cuts)
    before = components(_cut(lines, _Cuts(np.zeros(0, np.int64), np.zeros(0)))[0])[0]
    ends, onto, gaps = _free_ends(lines, hanging, snap_m)
    pieces, _ = _cut(
        lines, _Cuts(*(np.concatenate(c) for c in zip(cuts, onto, strict=True))), (ends, onto)
    )
    ids = segments.ids[lines.segment[ends.line]]
    report = JoinReport(
        incoming,
        tuple(dropped),
        len(cuts.line),
        tuple(zip(ids.tolist(), np.round(gaps, 1).tolist(), strict=True)),
        before,
        components(pieces)[0],
    )
    return pieces, segments, report


def _codes(column: pl.Series, codes: tuple[str, ...], default: str) -> np.ndarray:
    place = {code: i for i, code in enumerate(codes)}
    values = [place.get(v or default, place[default]) for v in column.to_list()]
    return np.array(values, np.int8)


def _shapes(table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    """Lines of the table with the position of their segment, and what was dropped."""
    texts = table["geometry"].fill_null("").to_numpy().astype(object)
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are dropped below
        shapes = shapely.force_2d(shapely.from_wkt(texts, on_invalid="ignore"))
        parts, segment = shapely.get_parts(shapes, return_index=True)
        length = shapely.length(parts)
    finite = np.ones(len(parts), bool)
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    line = np.isin(shapely.get_type_id(parts), (1, 2))
    long_enough = np.where(finite & line, length, 0) > 0
    keep = finite & line & long_enough
    ids = table["segment_id"].to_list()
    missing = set(range(table.height)) - set(segment.tolist())
    dropped = [(ids[i], "no line") for i in sorted(missing)]
    for i in np.flatnonzero(~keep).tolist():
        reason = (
            "infinite coordinates" if not finite[i] else "no line" if not line[i] else "no length"
        )
        dropped.append((ids[segment[i]], reason))
    return parts[keep], segment[keep], dropped


def _plane(shapes: np.ndarray, segment: np.ndarray, segments: Segments) -> _Lines:
    degrees, owner = shapely.get_coordinates(shapes, return_index=True)
    start = np.searchsorted(owner, np.arange(len(shapes) + 1))
    lat_0 = float(np.median(degrees[:, 1])) if len(degrees) else 0.0
    xy = to_metres(degrees[:, 0], degrees[:, 1], lat_0)
    planar = shapely.linestrings(xy, indices=owner)
    bridge = segments.flags[segment] & BRIDGE > 0
    return _Lines(start, degrees[:, 0], degrees[:, 1], xy, segment, planar, bridge)


def _crossings(lines: _Lines) -> _Cuts:
    """Points where a line crosses or touches another, on both of them."""
    if len(lines.shapes) == 0:
        return _Cuts(np.zeros(0, np.int64), np.zeros(0))
    tree = shapely.STRtree(lines.shapes)
    i, j = tree.query(lines.shapes, predicate="intersects")
    i, j = i[i < j], j[i < j]
    common = shapely.intersection(lines.shapes[i], lines.shapes[j])
    parts, pair = shapely.get_parts(common, return_index=True)
    stretch = shapely.get_type_id(parts) == 1  # drawn twice: they meet at the ends of the stretch
    points = np.where(stretch, shapely.boundary(parts), parts)
    xy, part = shapely.get_coordinates(points, return_index=True)
    pair = pair[part]
    point = shapely.points(xy)
    sides = [(i[pair], *_along(lines, i[pair], point)), (j[pair], *_along(lines, j[pair], point))]
    at_end = sides[0][2] | sides[1][2]
    joined = at_end | ~(lines.bridge[i[pair]] | lines.bridge[j[pair]])
    line = np.concatenate([s[0][joined & ~s[2]] for s in sides])
    along = np.concatenate([s[1][joined & ~s[2]] for s in sides])
    return _distinct(line, along)


def _along(lines: _Lines, line: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far along their lines points lie, and whether that is at an end."""
    along = shapely.line_locate_point(lines.shapes[line], point)
    at_end = (along < SAME_POINT_M) | (along > shapely.length(lines.shapes[line]) - SAME_POINT_M)
    return along, at_end


def _distinct(line: np.ndarray, along: np.ndarray) -> _Cuts:
    """Sort cuts; of cuts at the same point keep the first."""
    order = np.lexsort((along, line))
    line, along = line[order], along[order]
    new = np.ones(len(line), bool)
    new[1:] = (line[1:] != line[:-1]) | (along[1:] - along[:-1] > SAME_POINT_M / 10)
    return _Cuts(line[new], along[new])


def _free_ends(lines: _Lines, hanging: _Cuts, snap_m: float) -> tuple[_Cuts, _Cuts, np.ndarray]:
    """Join each free end with the nearest other line within the tolerance.

    Returns the ends, the points that they are joined with, and the gaps in metres.
    """
    nothing = _Cuts(np.zeros(0, np.int64), np.zeros(0))
    if len(hanging.line) == 0 or snap_m <= 0:
        return nothing, nothing, np.zeros(0)
    point = shapely.line_interpolate_point(lines.shapes[hanging.line], hanging.along)
    end, line = shapely.STRtree(lines.shapes).query(point, predicate="dwithin", distance=snap_m)
    other = line != hanging.line[end]
    end, line = end[other], line[other]
    gap = shapely.distance(point[end], lines.shapes[line])
    along = shapely.line_locate_point(lines.shapes[line], point[end])
    length = shapely.length(lines.shapes[line])
    along = np.where(along < snap_m, 0.0, np.where(along > length - snap_m, length, along))
    inside = (along > 0) & (along < length)
    fits = ~(inside & lines.bridge[line]) & (gap > 0)
    end, line, gap, along = end[fits], line[fits], gap[fits], along[fits]
    order = np.lexsort((line, gap, end))
    first = order[np.unique(end[order], return_index=True)[1]]
    chosen = end[first]
    return (
        _Cuts(hanging.line[chosen], hanging.along[chosen]),
        _Cuts(line[first], along[first]),
        gap[first],
    )


def _cut(
    lines: _Lines, cuts: _Cuts, links: tuple[_Cuts, _Cuts] | None = None
) -> tuple[Pieces, _Cuts]:
    """Cut lines and number the nodes.

    Parameters
    ----------
    lines, cuts
        Lines and where to cut them.
    links
        Pairs of points on lines that become one node although they are apart.

    Returns
    -------
    tuple
        The pieces, and the ends of lines at which nothing else ends or is cut.
    """
    lengths = shapely.length(lines.shapes)
    if len(lines.shapes) == 0:
        none, points = np.zeros(0, np.int64), np.zeros(0)
        start = np.zeros(1, np.int64)
        return Pieces(start, points, points, none, none, none, points, points, none), cuts
    inner = (cuts.along > 0) & (cuts.along < lengths[cuts.line])
    cuts = _distinct(cuts.line[inner], cuts.along[inner])
    line, along, lon, lat, breaks = _with_cuts(lines, cuts)
    at = np.flatnonzero(breaks)
    node, count = _number_nodes(lines, line[at], along[at], links)
    same_line = line[at[1:]] == line[at[:-1]]
    first, last = at[:-1][same_line], at[1:][same_line]
    a, b = node[:-1][same_line], node[1:][same_line]
    real = (a != b) | (along[last] - along[first] > 2 * SAME_POINT_M)
    first, last, a, b = first[real], last[real], a[real], b[real]
    size = last - first + 1
    start = np.concatenate([[0], np.cumsum(size)])
    pick = np.repeat(first - start[:-1], size) + np.arange(start[-1])
    node_at = np.full(count, -1)
    node_at[node[::-1]] = at[::-1]
    pieces = Pieces(
        start, lon[pick], lat[pick], lines.segment[line[first]], a, b,
        lon[node_at], lat[node_at], np.zeros(0, np.int64),
    )  # fmt: skip
    alone = np.bincount(node, minlength=count)[node] == 1
    return pieces, _Cuts(line[at[alone]], along[at[alone]])


def _with_cuts(lines: _Lines, cuts: _Cuts) -> tuple[np.ndarray, ...]:
    """All points of the lines and the cuts in order: line, along, lon, lat, is it a break."""
    count = np.diff(lines.start)
    owner = np.repeat(np.arange(len(count)), count)
    step = np.zeros(len(owner))
    step[1:] = np.hypot(*np.diff(lines.xy, axis=0).T)
    total = np.cumsum(step)
    along = total - total[lines.start[:-1]][owner]
    ends = np.zeros(len(owner), bool)
    ends[lines.start[:-1]] = ends[lines.start[1:] - 1] = True
    base = total[lines.start[:-1]][cuts.line]
    cut_lon, cut_lat = (np.interp(base + cuts.along, total, c) for c in (lines.lon, lines.lat))
    line = np.concatenate([owner, cuts.line])
    along = np.concatenate([along, cuts.along])
    order = np.lexsort((np.arange(len(line)), along, line))
    breaks = np.concatenate([ends, np.ones(len(cuts.line), bool)])
    lon, lat = np.concatenate([lines.lon, cut_lon]), np.concatenate([lines.lat, cut_lat])
    return line[order], along[order], lon[order], lat[order], breaks[order]


def _number_nodes(
    lines: _Lines, line: np.ndarray, along: np.ndarray, links: tuple[_Cuts, _Cuts] | None
) -> tuple[np.ndarray, int]:
    """Give break points that lie together, or are linked, the same node number."""
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines.shapes[line], along))
    tree = cKDTree(xy)
    pairs = tree.query_pairs(SAME_POINT_M, output_type="ndarray").T
    if links is not None:
        both = [
            shapely.get_coordinates(shapely.line_interpolate_point(lines.shapes[c.line], c.along))
            for c in links
        ]
        pairs = np.concatenate([pairs, np.stack([tree.query(p)[1] for p in both])], axis=1)
    graph = csr_array((np.ones(pairs.shape[1], np.int8), tuple(pairs)), shape=(len(xy), len(xy)))
    count, label = connected_components(graph, directed=False)
    return label.astype(np.int64), int(count)
