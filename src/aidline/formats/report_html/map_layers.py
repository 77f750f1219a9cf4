"""What the map shows, in the flat coordinates of one drawing.

Longitude and latitude become whole numbers in a box `WIDTH` wide with north up (equal
scale in both directions at the middle latitude). Outlines are simplified until the whole
map stays small; borders that areas share stay shared where the input allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aidline.formats.report_html.flows import Flow, Points, flows_drawn, legs_of, traffic_of
from aidline.formats.report_html.frame import FINEST, Frame, frame_of, parsed, simplified
from aidline.formats.report_html.map_roads import Road, blocking, road_lines, roads_drawn
from aidline.network.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

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
class AreaShape:
    """One area: `path` is its outline ("" = drawn as a circle), `x`, `y` a point within."""

    area_id: str
    path: str
    x: int | None
    y: int | None


@dataclass(frozen=True)
class Spot:
    """A place on the map."""

    place_id: str
    kind: str
    x: int
    y: int


@dataclass(frozen=True)
class MapLayers:
    """Everything on the map.

    `stretches` are the lines that flows run along, `flows_left_out` counts arrows too small to
    be shown.
    """

    frame: Frame
    areas: tuple[AreaShape, ...]
    roads: tuple[Road, ...] = ()
    spots: tuple[Spot, ...] = ()
    flows: tuple[Flow, ...] = ()
    stretches: tuple[Points, ...] = ()
    flows_left_out: int = 0
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)


def map_layers(
    situation: Situation, plan: Plan, area_ids: Sequence[str], *, along_roads: bool = True
) -> MapLayers | None:
    """Build the layers of the map.

    Parameters
    ----------
    situation, plan
        As they may be shared.
    area_ids
        Areas in the order of all other data.
    along_roads
        False draws every flow as an arrow: where some roads may not be shown, the way over
        the others would be a wrong one.

    Returns
    -------
    MapLayers or None
        None where nothing has a position.
    """
    outlines = _outlines(situation, area_ids)
    tabled = parsed(situation["road_segments"]["geometry"].to_list())
    frame = frame_of(_boxes(situation, [*outlines, *tabled]))
    if frame is None:
        return None
    shapes = _area_shapes(situation, outlines, area_ids, frame)
    spots = _spots(situation, frame)
    positions = {s.area_id: (s.x, s.y) for s in shapes if s.x is not None and s.y is not None}
    positions |= {s.place_id: (s.x, s.y) for s in spots}
    legs = legs_of(situation, plan)
    ways = traffic_of(situation, legs) if along_roads else Traffic.off_road(legs.height)
    rows, lines = road_lines(situation, {*ways.segment_ids, *blocking(plan)}, frame.box)
    roads = roads_drawn(situation, plan, rows, lines, frame)
    moves = flows_drawn(legs, ways, positions, frame)
    return MapLayers(
        frame, shapes, roads, spots, moves.flows, moves.stretches, moves.left_out, positions
    )


def _outlines(situation: Situation, area_ids: Sequence[str]) -> list[Any]:
    text = dict(situation["areas"].select("area_id", "geometry").iter_rows())
    shapes = parsed([text.get(code) for code in area_ids])
    return [s if s is not None and s.geom_type.endswith("Polygon") else None for s in shapes]


def _boxes(situation: Situation, shapes: list[Any]) -> list[tuple[float, float, float, float]]:
    boxes = [s.bounds for s in shapes if s is not None]
    for name in ("areas", "places"):
        known = situation[name].drop_nulls(["latitude", "longitude"])
        at = zip(known["longitude"].to_list(), known["latitude"].to_list(), strict=True)
        boxes += [(x, y, x, y) for x, y in at]
    return boxes


def _area_shapes(
    situation: Situation, outlines: list[Any], area_ids: Sequence[str], frame: Frame
) -> tuple[AreaShape, ...]:
    at = {
        row[0]: row[1:]
        for row in situation["areas"].select("area_id", "longitude", "latitude").iter_rows()
    }
    shapes = []
    for code, shape in zip(area_ids, simplified(outlines, FINEST / frame.x_scale), strict=True):
        longitude, latitude = at.get(code, (None, None))
        if shape is not None:
            point = shape.representative_point()
            x, y = frame.xy(point.x, point.y)
            shapes.append(AreaShape(code, frame.path(shape), x, y))
        elif longitude is not None and latitude is not None:
            shapes.append(AreaShape(code, "", *frame.xy(longitude, latitude)))
        else:
            shapes.append(AreaShape(code, "", None, None))
    return tuple(shapes)


def _spots(situation: Situation, frame: Frame) -> tuple[Spot, ...]:
    rows = situation["places"].drop_nulls(["latitude", "longitude"])
    columns = ("place_id", "kind", "longitude", "latitude")
    return tuple(
        Spot(code, kind, *frame.xy(longitude, latitude))
        for code, kind, longitude, latitude in rows.select(columns).iter_rows()
    )
