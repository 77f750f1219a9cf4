"""What the map shows, in the flat coordinates of one drawing.

Longitude and latitude become whole numbers in a box `WIDTH` wide with north up (equal
scale in both directions at the middle latitude). Outlines are simplified until the whole
map stays small; borders that areas share stay shared where the input allows it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

WIDTH = 10_000
MOST_POINTS = 90_000
"""Points of outlines and of roads that a map may hold each."""
MOST_FLOWS = 160
"""Arrows shown per day; the smallest are left out and counted."""
KM_PER_DEGREE = 111.32
ROAD_RANKS = {
    "motorway": 0, "trunk": 0, "primary": 0, "secondary": 1, "tertiary": 2,
    "unclassified": 3, "residential": 3, "service": 3, "track": 3,
}  # fmt: skip

SYMBOLS = {
    "depot": "M-6 6V-2L0-7L6-2V6Z",
    "hub": "M0-7L7 0L0 7L-7 0Z",
    "port": "M-7 1H7L4 6H-4ZM-1 0V-7L5-1H1V0Z",
    "airport": "M0-8L1.6-5V-2L8 2V4L1.6 2V5L4 7V8L0 7L-4 8V7L-1.6 5V2L-8 4V2L-1.6-2V-5Z",
    "crossing": "M-7-6H-4V6H-7ZM4-6H7V6H4ZM-4-2.5H4V0.5H-4Z",
    "hospital": "M-6-6H6V6H-6ZM-3.5-4V4H-1.5V1H1.5V4H3.5V-4H1.5V-1H-1.5V-4Z",
    "site": "M0-6L7 6H1.8L0 2L-1.8 6H-7Z",
    "base": "M-5-7H-3.5V-6.5L6-3.5L-3.5-0.5V7H-5Z",
}
"""Symbol of each kind of place as an SVG path, about 14 units wide, filled by even-odd rule."""


@dataclass(frozen=True)
class Frame:
    """How coordinates become drawing units.

    Attributes
    ----------
    west, north
        Corner of the drawing, degrees.
    x_scale, y_scale
        Units per degree.
    height
        Height of the drawing in units.
    """

    west: float
    north: float
    x_scale: float
    y_scale: float
    height: int

    @property
    def units_per_km(self) -> float:
        """Drawing units per kilometre."""
        return self.y_scale / KM_PER_DEGREE

    def xy(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Return a position in drawing units."""
        x = round((longitude - self.west) * self.x_scale)
        return x, round((self.north - latitude) * self.y_scale)


@dataclass(frozen=True)
class AreaShape:
    """One area: `path` is its outline ("" = drawn as a circle), `x`, `y` a point within."""

    area_id: str
    path: str
    x: int | None
    y: int | None


@dataclass(frozen=True)
class Road:
    """Road lines that share class and state.

    `states` lists (first day, state code 0 open, 1 restricted, 2 closed); `x`, `y` is the
    middle of the line, where a closure is marked.
    """

    path: str
    rank: int
    states: tuple[tuple[int, int], ...]
    x: int
    y: int
    name: str
    cause: str


@dataclass(frozen=True)
class Spot:
    """A place on the map."""

    place_id: str
    kind: str
    x: int
    y: int


@dataclass(frozen=True)
class Flow:
    """What leaves on a day from one node for another; `transfer` = from a crossing to a store."""

    day: int
    from_id: str
    to_id: str
    tonnes: float
    transfer: bool


@dataclass(frozen=True)
class MapLayers:
    """Everything on the map; `flows_left_out` counts arrows too small to be shown."""

    frame: Frame
    areas: tuple[AreaShape, ...]
    roads: tuple[Road, ...] = ()
    spots: tuple[Spot, ...] = ()
    flows: tuple[Flow, ...] = ()
    flows_left_out: int = 0
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)


def map_layers(situation: Situation, plan: Plan, area_ids: Sequence[str]) -> MapLayers | None:
    """Build the layers of the map.

    Parameters
    ----------
    situation, plan
        As they may be shared.
    area_ids
        Areas in the order of all other data.

    Returns
    -------
    MapLayers or None
        None where nothing has a position.
    """
    outlines = _outlines(situation, area_ids)
    lines = _parsed(situation["road_segments"]["geometry"].to_list())
    frame = _frame(situation, outlines, lines)
    if frame is None:
        return None
    shapes = _area_shapes(situation, outlines, area_ids, frame)
    spots = _spots(situation, frame)
    positions = {s.area_id: (s.x, s.y) for s in shapes if s.x is not None and s.y is not None}
    positions |= {s.place_id: (s.x, s.y) for s in spots}
    flows, left_out = _flows(situation, plan, positions)
    roads = _roads(situation, lines, frame, plan.record.days)
    return MapLayers(frame, shapes, roads, spots, flows, left_out, positions)


def _parsed(texts: Sequence[str | None]) -> list[Any]:
    shapes = shapely.from_wkt([t or None for t in texts], on_invalid="ignore")
    return [s if s is not None and not s.is_empty else None for s in shapes]


def _outlines(situation: Situation, area_ids: Sequence[str]) -> list[Any]:
    text = dict(situation["areas"].select("area_id", "geometry").iter_rows())
    shapes = _parsed([text.get(code) for code in area_ids])
    return [s if s is not None and s.geom_type.endswith("Polygon") else None for s in shapes]


def _frame(situation: Situation, outlines: list[Any], lines: list[Any]) -> Frame | None:
    boxes = [s.bounds for s in (*outlines, *lines) if s is not None]
    for name in ("areas", "places"):
        known = situation[name].drop_nulls(["latitude", "longitude"])
        at = zip(known["longitude"].to_list(), known["latitude"].to_list(), strict=True)
        boxes += [(x, y, x, y) for x, y in at]
    boxes = [b for b in boxes if all(math.isfinite(v) for v in b)]
    if not boxes:
        return None
    corners = np.array(boxes)
    west, south = corners[:, 0].min(), corners[:, 1].min()
    east, north = corners[:, 2].max(), corners[:, 3].max()
    pad = 0.03 * max(east - west, north - south, 0.02)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    shrink = max(0.05, math.cos(math.radians((south + north) / 2)))
    # A drawing neither taller than 1.5 nor flatter than 0.45 of its width.
    wide, high = (east - west) * shrink, north - south
    if high / wide > 1.5:
        grow = (high / 1.5 / shrink - (east - west)) / 2
        west, east = west - grow, east + grow
    elif high / wide < 0.45:
        grow = (0.45 * wide - high) / 2
        south, north = south - grow, north + grow
    x_scale = WIDTH / (east - west)
    y_scale = x_scale / shrink
    return Frame(float(west), float(north), x_scale, y_scale, round((north - south) * y_scale))


def _simplified(shapes: list[Any], start: float) -> list[Any]:
    """Drop points until there are few enough; shared borders stay shared where they were."""
    known = [k for k, s in enumerate(shapes) if s is not None]
    if not known:
        return shapes
    exact = np.array([shapes[k] for k in known], dtype=object)
    polygons = exact[0].geom_type.endswith("Polygon")
    shared = polygons and len(known) > 1 and bool(shapely.coverage_is_valid(exact))
    tolerance, slim = start, exact
    for _ in range(12):
        slim = (
            shapely.coverage_simplify(exact, tolerance)
            if shared
            else shapely.simplify(exact, tolerance, preserve_topology=True)
        )
        if shapely.get_num_coordinates(slim).sum() <= MOST_POINTS:
            break
        tolerance *= 2
    result = list(shapes)
    for k, shape in zip(known, slim, strict=True):
        result[k] = shape
    return result


def _area_shapes(
    situation: Situation, outlines: list[Any], area_ids: Sequence[str], frame: Frame
) -> tuple[AreaShape, ...]:
    at = {
        row[0]: row[1:]
        for row in situation["areas"].select("area_id", "longitude", "latitude").iter_rows()
    }
    shapes = []
    for code, shape in zip(area_ids, _simplified(outlines, 1.2 / frame.x_scale), strict=True):
        longitude, latitude = at.get(code, (None, None))
        if shape is not None:
            point = shape.representative_point()
            x, y = frame.xy(point.x, point.y)
            shapes.append(AreaShape(code, _path(shape, frame), x, y))
        elif longitude is not None and latitude is not None:
            shapes.append(AreaShape(code, "", *frame.xy(longitude, latitude)))
        else:
            shapes.append(AreaShape(code, "", None, None))
    return tuple(shapes)


def _path(shape: Any, frame: Frame) -> str:
    """Return rings or lines as an SVG path of relative whole-number steps."""
    parts = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        end = "z" if part.geom_type == "Polygon" else ""
        parts += [_steps(np.asarray(ring.coords)[:, :2], frame) + end for ring in rings]
    return "".join(parts)


def _steps(points: Any, frame: Frame) -> str:
    xs = np.rint((points[:, 0] - frame.west) * frame.x_scale).astype(int)
    ys = np.rint((frame.north - points[:, 1]) * frame.y_scale).astype(int)
    dx, dy = np.diff(xs), np.diff(ys)
    moves = [f"{a} {b}" for a, b in zip(dx.tolist(), dy.tolist(), strict=True) if a or b]
    return f"M{xs[0]} {ys[0]}" + ("l" + " ".join(moves) if moves else "")


def road_states(situation: Situation) -> dict[str, tuple[tuple[tuple[int, int], ...], str]]:
    """Return for each reported segment its states (day, code) and the last cause of trouble.

    The last report up to a day counts; what was reported before the plan starts holds on day 0.
    """
    code = {"open": 0, "restricted": 1, "closed": 2}
    found: dict[str, tuple[dict[int, int], str]] = {}
    columns = ("segment_id", "date", "status", "cause")
    for segment, date, status, cause in situation["road_status"].select(columns).iter_rows():
        states, last = found.get(segment, ({}, ""))
        states[max(0, situation.settings.day_of(date))] = code.get(status, 0)
        found[segment] = (states, cause or last)
    return {
        segment: (tuple(sorted(states.items())), cause)
        for segment, (states, cause) in found.items()
    }


def _roads(situation: Situation, lines: list[Any], frame: Frame, days: int) -> tuple[Road, ...]:
    """Join all segments of a rank into one path; those in trouble stay single."""
    states = road_states(situation)
    slim = _simplified(lines, 1.2 / frame.x_scale)
    joined: dict[int, list[str]] = {}
    single = []
    rows = situation["road_segments"].select("segment_id", "name", "road_class").iter_rows()
    for (code, name, kind), line in zip(rows, slim, strict=True):
        if line is None:
            continue
        rank = ROAD_RANKS.get(kind or "unclassified", 3)
        changes, cause = states.get(code, ((), ""))
        troubled = [c for c in changes if c[0] < days]
        if not any(state for _, state in troubled):
            joined.setdefault(rank, []).append(_path(line, frame))
            continue
        middle = line.interpolate(0.5, normalized=True)
        single.append(
            Road(_path(line, frame), rank, tuple(troubled), *frame.xy(middle.x, middle.y),
                 name or code, cause)
        )  # fmt: skip
    open_roads = [
        Road("".join(joined[r]), r, ((0, 0),), 0, 0, "", "") for r in sorted(joined, reverse=True)
    ]
    return (*open_roads, *single)


def _spots(situation: Situation, frame: Frame) -> tuple[Spot, ...]:
    rows = situation["places"].drop_nulls(["latitude", "longitude"])
    columns = ("place_id", "kind", "longitude", "latitude")
    return tuple(
        Spot(code, kind, *frame.xy(longitude, latitude))
        for code, kind, longitude, latitude in rows.select(columns).iter_rows()
    )


def _flows(
    situation: Situation, plan: Plan, positions: dict[str, tuple[int, int]]
) -> tuple[tuple[Flow, ...], int]:
    weight = situation["items"].select("item_id", (pl.col("weight_kg") / 1000).alias("unit_t"))
    legs = plan["trips"].group_by("day", "from_id", "to_id").agg(pl.col("load_t").sum().alias("t"))
    moved = (
        plan["transfers"]
        .join(weight, on="item_id", how="left")
        .group_by("day", "from_id", "to_id")
        .agg((pl.col("quantity") * pl.col("unit_t")).sum().alias("t"))
    )
    known = list(positions)
    rows = (
        pl.concat([legs.with_columns(transfer=False), moved.with_columns(transfer=True)])
        .filter((pl.col("t") > 0.0005) & (pl.col("day") < plan.record.days))
        .filter(pl.col("from_id").is_in(known) & pl.col("to_id").is_in(known))
        .sort("day", "t", "from_id", "to_id", descending=[False, True, False, False])
    )
    shown = rows.group_by("day", maintain_order=True).head(MOST_FLOWS)
    flows = tuple(Flow(r[0], r[1], r[2], r[3], r[4]) for r in shown.iter_rows())
    return flows, rows.height - shown.height
