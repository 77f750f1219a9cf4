"""Flows as drawn on paper: ribbons beside the roads, with heads that point the way.

A ribbon runs on the right of its road as seen in the direction of driving, so that both
directions and the state of the road stay visible. `flows.js` draws the same on the screen.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from markupsafe import Markup

from aidline.formats.report_html.frame import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aidline.formats.report_html.flows import Flow
    from aidline.formats.report_html.map_layers import MapLayers

FLOW, TRANSFER = "#124a8c", "#0d2f4f"
UNIT = WIDTH / 700
"""Drawing units per point of the printed map."""
APART = 40.0
"""Points between two heads on the same road."""
MANY = 1200
"""From so many ribbons on, the points of handing over are left out."""


class _Ribbon(NamedTuple):
    """A ribbon in drawing units: its line, its width, and whether it is a transfer."""

    line: Any
    width: float
    transfer: bool


def arrow(start: tuple[float, float], end: tuple[float, float], width: float, trim: float) -> str:
    """Return a tapered curved arrow as a path.

    Parameters
    ----------
    start, end
        Its ends.
    width
        Width at the head; the tail has a quarter of it.
    trim
        Distance kept free at both ends, so that symbols stay visible.
    """
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 2.5 * trim:
        return ""
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    x0, y0, x1, y1 = x0 + ux * trim, y0 + uy * trim, x1 - ux * trim, y1 - uy * trim
    length -= 2 * trim
    bow = 0.12 * length
    cx, cy = (x0 + x1) / 2 - uy * bow, (y0 + y1) / 2 + ux * bow
    tx, ty = x1 - cx, y1 - cy
    size = math.hypot(tx, ty)
    tx, ty = tx / size, ty / size
    head = min(2.2 * width, 0.4 * length)
    hx, hy = x1 - tx * head, y1 - ty * head
    tail, neck = width / 8, width / 2

    def p(x: float, y: float) -> str:
        return f"{x:.0f} {y:.0f}"

    return (
        f"M{p(x0 - uy * tail, y0 + ux * tail)}"
        f"Q{p(cx - uy * neck * 0.7, cy + ux * neck * 0.7)} {p(hx - ty * neck, hy + tx * neck)}"
        f"L{p(hx - ty * width, hy + tx * width)}L{p(x1, y1)}L{p(hx + ty * width, hy - tx * width)}"
        f"L{p(hx + ty * neck, hy - tx * neck)}"
        f"Q{p(cx + uy * neck * 0.7, cy - ux * neck * 0.7)} {p(x0 + uy * tail, y0 - ux * tail)}Z"
    )


def flow_width(tonnes: float, most: float) -> float:
    """Return the width of a flow in points; it grows as a root, so small ones stay visible."""
    return 1.6 + 6.4 * math.sqrt(tonnes / most) if most > 0 else 1.6


def loads(layers: MapLayers, day: int) -> dict[tuple[int, bool], float]:
    """Return the tonnes on each stretch on a day, transfers apart."""
    tonnes: dict[tuple[int, bool], float] = {}
    for flow in layers.flows:
        if flow.day == day:
            for stretch in flow.way:
                key = (stretch, flow.transfer)
                tonnes[key] = tonnes.get(key, 0.0) + flow.tonnes
    return tonnes


def most_tonnes(layers: MapLayers) -> float:
    """Return the most that runs on one line on one day, 0 where nothing does."""
    size = [len(f.way) for f in layers.flows]
    if not sum(size):
        return max((f.tonnes for f in layers.flows), default=0.0)
    line = np.array([(f.day * 2 + f.transfer, f.tonnes) for f in layers.flows])
    stretch = np.fromiter(chain.from_iterable(f.way for f in layers.flows), np.int64)
    on = np.repeat(line[:, 0].astype(np.int64), size) * len(layers.stretches) + stretch
    _, at = np.unique(on, return_inverse=True)
    arrows = [f.tonnes for f in layers.flows if not f.way]
    return float(max([np.bincount(at, np.repeat(line[:, 1], size)).max(), *arrows]))


def beside(points: Any, shift: float) -> Any:
    """Return a line that runs beside another, on its right as seen along it.

    Parameters
    ----------
    points
        [n, 2], x to the right and y down.
    shift
        How far beside, in the same units.
    """
    step = np.diff(np.asarray(points, float), axis=0)
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
    right = np.stack([-step[:, 1], step[:, 0]], axis=1) / length[:, None]
    corner = np.concatenate([right[:1], right[:-1] + right[1:], right[-1:]])
    size = np.maximum(np.hypot(corner[:, 0], corner[:, 1]), 1e-9)
    reach = np.minimum(1.5, 2 / np.maximum(size, 0.5))
    reach[[0, -1]] = 1.0
    return np.asarray(points, float) + shift * corner * (reach / size)[:, None]


def flows_svg(layers: MapLayers, day: int, most: float) -> Markup:
    """Draw what leaves on a day: ribbons along roads, arrows where there is no road.

    Parameters
    ----------
    layers, day
        What is on the map, and the day.
    most
        Tonnes of the widest line, from `most_tonnes`.
    """
    tonnes = loads(layers, day)
    ribbons = _ribbons(tonnes, layers, most)
    parts = [_lines(ribbons, casing=True), _lines(ribbons, casing=False)]
    parts += [_head(*head) for head in _heads(ribbons)]
    ends = {f.way[-1] for f in layers.flows if f.day == day and f.way and not f.transfer}
    if len(ribbons) < MANY:
        parts += [_end(layers.stretches[s][-1]) for s in sorted(ends)]
    arrows = [f for f in layers.flows if f.day == day and not f.way]
    parts += [_arrow(layers, flow, most) for flow in reversed(arrows)]
    return Markup("").join(parts)


def fineness(ribbons: int) -> float:
    """Return by how much ribbons are narrowed where there are many, 0.55 to 1."""
    return min(1.0, max(0.55, math.sqrt(MANY / 2 / max(ribbons, 1))))


def key_svg(layers: MapLayers, day: int, most: float) -> Markup:
    """Draw what the widths mean, at the lower edge beside the scale."""
    if most <= 0:
        return Markup("")
    x, y = 190 * UNIT, layers.frame.height - 14 * UNIT
    fine = fineness(len(loads(layers, day))) * UNIT
    parts = []
    for tonnes in key_tonnes(most):
        parts.append(
            Markup(
                '<path d="M{:.0f} {:.0f}h{:.0f}" stroke="{}" stroke-width="{:.0f}"/>'
                '<text x="{:.0f}" y="{:.0f}" font-size="{:.0f}">{:g} t</text>'
            ).format(
                x, y, 26 * UNIT, FLOW, flow_width(tonnes, most) * fine, x + 31 * UNIT,
                y + 4 * UNIT, 13 * UNIT, tonnes,
            )
        )  # fmt: skip
        x += (45 + 8 * len(f"{tonnes:g} t")) * UNIT
    return Markup("").join(parts)


def key_tonnes(most: float) -> tuple[float, ...]:
    """Return two round weights for the key: one near the most, one near a tenth of it."""
    found = []
    for rough in (most / 10, most):
        power = 10.0 ** math.floor(math.log10(rough))
        found.append(max(s * power for s in (1, 2, 5) if s * power <= rough * 1.0001))
    return tuple(found)


def _ribbons(
    tonnes: Mapping[tuple[int, bool], float], layers: MapLayers, most: float
) -> list[_Ribbon]:
    """Lay the ribbons beside their roads, transfers outside of deliveries; narrow ones first."""
    ribbons = []
    fine = fineness(len(tonnes)) * UNIT
    for (stretch, transfer), t in tonnes.items():
        width = round(2 * flow_width(t, most)) / 2 * fine  # half points: few widths, few paths
        inner = tonnes.get((stretch, False), 0.0) if transfer else 0.0
        shift = width / 2 + fine + (flow_width(inner, most) * fine + fine if inner else 0.0)
        line = beside(_thinned(layers.stretches[stretch]), shift)
        ribbons.append(_Ribbon(line, width, transfer))
    return sorted(ribbons, key=lambda r: (r.width, r.line[0].tolist()))


def _thinned(points: Sequence[tuple[int, int]]) -> Any:
    """Leave out points too close to be seen: shifted, they would only make knots."""
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) > 3 * UNIT:
            kept.append(point)
    return np.array([*kept, points[-1]], float)


def _lines(ribbons: Iterable[_Ribbon], *, casing: bool) -> Markup:
    """Draw all ribbons of the same width as one path."""
    alike: dict[tuple[float, bool], list[str]] = {}
    for line, width, transfer in ribbons:
        steps = np.diff(np.rint(line).astype(int), axis=0).tolist()
        start = f"M{line[0, 0]:.0f} {line[0, 1]:.0f}l"
        d = start + " ".join(f"{x} {y}" for x, y in steps)
        alike.setdefault((width, transfer), []).append(d)
    template = Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{:.0f}" stroke-linejoin="round" '
        'stroke-linecap="round"/>'
    )
    parts = []
    for (width, transfer), paths in alike.items():
        d = "".join(paths)
        if casing:
            parts.append(template.format(d, "#fff", width + 1.6 * UNIT))
            continue
        parts.append(template.format(d, TRANSFER if transfer else FLOW, width))
        if transfer:
            parts.append(template.format(d, "#fff", max(0.4 * width, width - 2 * UNIT)))
    return Markup("").join(parts)


def _heads(ribbons: Sequence[_Ribbon]) -> list[tuple[float, float, float, float, bool]]:
    """Place heads on the wide ribbons first, none too close to another."""
    taken: list[tuple[float, float]] = []
    heads = []
    for line, width, transfer in reversed(ribbons):
        step = np.diff(line, axis=0)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])
        if along[-1] < max(12 * UNIT, 2.2 * width + 9 * UNIT):
            continue
        count = max(1, round(along[-1] / (2 * APART * UNIT)))
        for at in (np.arange(count) + 0.5) * along[-1] / count:
            k = min(int(np.searchsorted(along, at, side="right")) - 1, len(step) - 1)
            x, y = line[k] + step[k] * (at - along[k]) / max(along[k + 1] - along[k], 1e-9)
            if all(math.hypot(x - a, y - b) > APART * UNIT for a, b in taken):
                taken.append((x, y))
                heads.append((x, y, math.degrees(math.atan2(*step[k][::-1])), width, transfer))
    return heads


def _head(x: float, y: float, degrees: float, width: float, transfer: bool) -> Markup:
    half = width / 2 + 2.6 * UNIT
    return Markup(
        '<path transform="translate({:.0f} {:.0f}) rotate({:.0f})" d="M{l:.0f} 0L-{b:.0f}-{h:.0f}'
        'L-{b:.0f} {h:.0f}Z" fill="{}" stroke="{}" stroke-width="{:.0f}"/>'
    ).format(
        x, y, degrees, "#fff" if transfer else FLOW, TRANSFER if transfer else "#fff", UNIT,
        l=1.5 * half, b=0.7 * half, h=half,
    )  # fmt: skip


def _end(at: tuple[int, int]) -> Markup:
    """Mark where goods are handed over."""
    return Markup(
        '<circle cx="{}" cy="{}" r="{:.0f}" fill="{}" stroke="#fff" stroke-width="{:.0f}"/>'
    ).format(*at, 2.6 * UNIT, FLOW, UNIT)


def _arrow(layers: MapLayers, flow: Flow, most: float) -> Markup:
    ends = layers.positions[flow.from_id], layers.positions[flow.to_id]
    path = arrow(*ends, flow_width(flow.tonnes, most) * UNIT, 8 * UNIT)
    return Markup(
        '<path d="{}" fill="{}" fill-opacity=".85" stroke="#fff" stroke-width="{:.0f}"/>'
    ).format(path, TRANSFER if flow.transfer else FLOW, 0.5 * UNIT)
