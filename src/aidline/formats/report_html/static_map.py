"""The map of one day as SVG: for paper, for documents, and where no script runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from aidline.formats.report_html.frame import WIDTH
from aidline.formats.report_html.map_layers import SYMBOLS, MapLayers
from aidline.formats.report_html.map_roads import CLOSED
from aidline.formats.report_html.ribbons import UNIT, flows_svg, key_svg, most_tonnes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.formats.report_html.map_roads import Road

STEPS = (0.2, 0.4, 0.6, 0.8, 0.95)
COLOURS = ("#a53a14", "#cc6328", "#e8934f", "#f4b985", "#fae0c5", "#e4eeea")
"""Colours of coverage, worst first; lightness rises evenly, so it reads without hue."""
CUT_OFF = "#d5d5d5"
NO_NEED = "#fbfbfa"
ROAD_WIDTHS = (2.6, 1.8, 1.2, 0.7)
DASHES = (
    "",
    f'stroke-dasharray="{4 * UNIT:.0f} {2.4 * UNIT:.0f}"',
    f'stroke-dasharray="{UNIT:.0f} {2.2 * UNIT:.0f}"',
)
"""Of an open, a restricted and a closed road."""


@dataclass(frozen=True)
class DayState:
    """What a static map shows.

    Attributes
    ----------
    day
        Day of the plan.
    shares
        Share met by area, NaN where nothing is needed.
    cut_off
        Areas that cannot be reached on that day.
    people
        People in need by area, for the size of circles.
    """

    day: int
    shares: Mapping[str, float]
    cut_off: frozenset[str]
    people: Mapping[str, float]


def colour(share: float) -> str:
    """Return the colour of a share."""
    if math.isnan(share):
        return NO_NEED
    return COLOURS[sum(share >= step for step in STEPS)]


def definitions(layers: MapLayers) -> Markup:
    """Return outlines, roads and hatching as definitions, which every map of a page uses."""
    parts = [
        Markup('<path id="a{}" d="{}"/>').format(k, shape.path)
        for k, shape in enumerate(layers.areas)
        if shape.path
    ]
    parts += [
        Markup('<path id="r{}" d="{}"/>').format(k, road.path)
        for k, road in enumerate(layers.roads)
    ]
    return _hatch() + Markup("").join(parts)


def static_map(
    layers: MapLayers,
    state: DayState,
    title: str,
    *,
    alone: bool = False,
    names: Mapping[str, str] | None = None,
) -> Markup:
    """Draw the map of one day.

    Parameters
    ----------
    layers
        What is on the map.
    state
        The day and what holds on it.
    title
        What the map shows, as a sentence.
    alone
        True puts the definitions into this drawing; otherwise the page holds `definitions`
        once.
    names
        Names of areas and places by code, written where there is room; None writes none.
    """
    height, most = layers.frame.height, most_tonnes(layers)
    inside = [_areas(layers, state), _roads(layers, state.day), flows_svg(layers, state.day, most)]
    inside += [_cross(road) for road in layers.roads if _state(road, state.day) == CLOSED]
    inside += [_spot(s.kind, s.x, s.y) for s in layers.spots]
    inside += [
        _labels(layers, state, names or {}),
        _scale(layers),
        key_svg(layers, state.day, most),
        _north(),
    ]
    head = Markup(
        '<svg class="static-map" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" '
        'direction="ltr" role="img" aria-label="{}"><defs>{}</defs>'
    ).format(WIDTH, height, title, definitions(layers) if alone else "")
    ground = Markup('<rect width="{}" height="{}" fill="#eef2f4"/>').format(WIDTH, height)
    return head + ground + Markup("").join(inside) + Markup("</svg>")


def radius(people: float, most: float) -> float:
    """Return the radius in points of an area without an outline, by its people."""
    return 6.0 + 14.0 * math.sqrt(people / most) if most > 0 else 6.0


def _areas(layers: MapLayers, state: DayState) -> Markup:
    parts = []
    most = max(state.people.values(), default=0.0)
    for k, shape in enumerate(layers.areas):
        hatched = shape.area_id in state.cut_off
        fill = CUT_OFF if hatched else colour(state.shares.get(shape.area_id, math.nan))
        if shape.path:
            template = Markup('<use href="#a{}" fill="{}" stroke="#8a8a86" stroke-width="{:.0f}"/>')
            parts.append(template.format(k, fill, 0.6 * UNIT))
            if hatched:
                parts.append(Markup('<use href="#a{}" fill="url(#hatch)"/>').format(k))
        elif shape.x is not None:
            size = radius(state.people.get(shape.area_id, 0.0), most) * UNIT
            fills = [fill, "url(#hatch)"] if hatched else [fill]
            template = Markup(
                '<circle cx="{}" cy="{}" r="{:.0f}" fill="{}" stroke="#55554f" '
                'stroke-width="{:.0f}"/>'
            )
            parts += [template.format(shape.x, shape.y, size, f, 0.7 * UNIT) for f in fills]
    return Markup("").join(parts)


def _state(road: Road, day: int) -> int:
    return max((s for s in road.states if s[0] <= day), default=(0, 0))[1]


def _roads(layers: MapLayers, day: int) -> Markup:
    parts = []
    for k, road in enumerate(layers.roads):
        state = _state(road, day)
        trouble = 2.4 if road.blocks else (0.0, 0.9 if road.rank == 3 else 1.4, 1.4)[state]
        width = max(ROAD_WIDTHS[road.rank], trouble) * UNIT
        parts.append(
            Markup('<use href="#r{}" fill="none" stroke="{}" stroke-width="{:.0f}" {}/>').format(
                k,
                ("#75756f", "#8a5a00", "#a3162a")[state],
                width,
                Markup(DASHES[state]),  # noqa: S704
            )
        )
    return Markup("").join(parts)


def _cross(road: Road) -> Markup:
    """Mark a closure, larger where it cuts an area off."""
    scale = 1.3 if road.blocks else 1.0
    arm = 3.2 * UNIT
    return Markup(
        '<g transform="translate({} {}) scale({})"><circle r="{:.0f}" fill="#fff" stroke="#a3162a" '
        'stroke-width="{:.0f}"/><path d="M-{a:.0f}-{a:.0f}L{a:.0f} {a:.0f}'
        'M{a:.0f}-{a:.0f}L-{a:.0f} {a:.0f}" '
        'stroke="#a3162a" stroke-width="{:.0f}"/></g>'
    ).format(road.x, road.y, scale, 6 * UNIT, UNIT, 1.8 * UNIT, a=arm)


def _spot(kind: str, x: int, y: int) -> Markup:
    path = SYMBOLS.get(kind, SYMBOLS["base"])
    return Markup(
        '<g transform="translate({} {}) scale({:.1f})"><path d="{p}" fill="none" stroke="#fff" '
        'stroke-width="4" stroke-linejoin="round"/><path d="{p}" fill="#1c1c1a" '
        'fill-rule="evenodd"/></g>'
    ).format(x, y, 0.95 * UNIT, p=path)


def _labels(layers: MapLayers, state: DayState, names: Mapping[str, str]) -> Markup:
    """Write names, places before areas and the many before the few, none over another."""
    areas = sorted(layers.areas, key=lambda s: (-state.people.get(s.area_id, 0.0), s.area_id))
    wanted = [
        (s.place_id, s.x, s.y + 17 * UNIT, 700)
        for s in layers.spots
        if s.kind not in ("site", "base")
    ]
    wanted += [
        (s.area_id, s.x, s.y + 4 * UNIT, 500) for s in areas if s.x is not None and s.y is not None
    ]
    taken = [(s.x - 8 * UNIT, s.y - 8 * UNIT, s.x + 8 * UNIT, s.y + 8 * UNIT) for s in layers.spots]
    template = Markup(
        '<text x="{}" y="{:.0f}" text-anchor="middle" font-size="{:.0f}" font-weight="{}" '
        'fill="#1c1c1a" stroke="#fff" stroke-width="{:.0f}" stroke-opacity=".8" '
        'paint-order="stroke" stroke-linejoin="round">{}</text>'
    )
    parts = []
    for code, x, y, weight in wanted:
        name = names.get(code, "")
        half, size = 3.4 * UNIT * len(name), 12 * UNIT
        box = (x - half, y - size, x + half, y + 0.3 * size)
        if not name or any(
            box[0] < t[2] and box[2] > t[0] and box[1] < t[3] and box[3] > t[1] for t in taken
        ):
            continue
        taken.append(box)
        parts.append(template.format(x, y, size, weight, 3 * UNIT, name))
    return Markup("").join(parts)


def scale_km(layers: MapLayers) -> float:
    """Return a round length in kilometres that spans about a fifth of the map."""
    rough = WIDTH / 5 / layers.frame.units_per_km
    power = 10.0 ** math.floor(math.log10(rough))
    return max(s * power for s in (1, 2, 5) if s * power <= rough)


def _scale(layers: MapLayers) -> Markup:
    km = scale_km(layers)
    length, y = km * layers.frame.units_per_km, layers.frame.height - 14 * UNIT
    return Markup(
        '<g transform="translate({x:.0f} {y:.0f})"><path d="M0-{t:.0f}V0H{l:.0f}V-{t:.0f}" '
        'fill="none" stroke="#1c1c1a" stroke-width="{w:.0f}"/>'
        '<text x="{m:.0f}" y="-{t:.0f}" text-anchor="middle" '
        'font-size="{f:.0f}">{km:g} km</text></g>'
    ).format(x=14 * UNIT, y=y, t=5 * UNIT, l=length, w=1.4 * UNIT, m=length / 2, f=13 * UNIT, km=km)


def _north() -> Markup:
    return Markup(
        '<g transform="translate({x:.0f} {y:.0f}) scale({s:.1f})"><path d="M0-12L6 8L0 4L-6 8Z" '
        'fill="#1c1c1a"/><text y="22" text-anchor="middle" font-size="12">N</text></g>'
    ).format(x=WIDTH - 20 * UNIT, y=22 * UNIT, s=UNIT)


def _hatch() -> Markup:
    size = 7 * UNIT
    return Markup(
        '<pattern id="hatch" width="{s:.0f}" height="{s:.0f}" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V{s:.0f}" stroke="#3a3a38" '
        'stroke-width="{w:.0f}"/></pattern>'
    ).format(s=size, w=2.4 * UNIT)
