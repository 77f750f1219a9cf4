"""Small charts as SVG, drawn here so that they print and need no script.

Every chart carries a sentence for those who cannot see it. In languages from right to left
time runs from right to left too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aidline.formats.report_html.language import Language

WIDTH, HEIGHT = 236, 100
LEFT, RIGHT, TOP, BOTTOM = 4, 4, 18, 16


@dataclass(frozen=True)
class Axis:
    """The axes of a chart: one label per day, `rtl` mirrors it, `figure` writes a number."""

    labels: tuple[str, ...]
    rtl: bool
    figure: Callable[[float], str] = "{:,.4g}".format

    def label(self, day: int) -> str:
        """Return the label of a day, kept in its own direction."""
        return f"\u2067{self.labels[day]}\u2069" if self.rtl else self.labels[day]

    def x(self, day: float, width: int = WIDTH) -> float:
        """Return the position of a day (0 = left edge of the first) in drawing units."""
        at = LEFT + day * (width - LEFT - RIGHT) / max(1, len(self.labels))
        return width - at if self.rtl else at

    def ticks(self) -> list[int]:
        """Return the days that carry a label: first, middle and last."""
        last = len(self.labels) - 1
        return sorted({0, last // 2, last}) if last > 3 else [0, *([last] if last else [])]


def bars(
    values: Sequence[float],
    axis: Axis,
    words: str,
    limits: Sequence[float] | None = None,
    top: float | None = None,
) -> Markup:
    """Draw one bar per day, with a stepped line for the limit where there is one.

    Parameters
    ----------
    values
        One per day, not negative.
    axis
        The days.
    words
        What the chart says, as a sentence.
    limits
        What there is on each day; bars that reach it are dark and carry a dot.
    top
        Upper end of the scale, the largest value or limit where None.
    """
    high = top or max([*values, *(limits or ()), 1e-9])
    parts = [_open(words), _axis(axis), _top(axis, high)]
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    gap = 0.5 if step < 5 else 1.5
    for day, value in enumerate(values):
        if value <= high * 1e-6:
            continue
        full = limits is not None and limits[day] > 0 and value >= limits[day] * (1 - 1e-6)
        x = min(axis.x(day), axis.x(day + 1)) + gap / 2
        y = _y(value, high)
        parts.append(
            f'<rect class="{"full" if full else "bar"}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{max(0.8, step - gap):.1f}" height="{HEIGHT - BOTTOM - y:.1f}"/>'
        )
        if full:
            parts.append(
                f'<circle class="dot" cx="{x + (step - gap) / 2:.1f}" cy="{y - 4:.1f}" r="1.6"/>'
            )
    if limits is not None:
        parts.append(f'<path class="limit" d="{_stairs(limits, axis, high)}"/>')
    return _close(parts)


def area_line(values: Sequence[float], axis: Axis, words: str, top: float | None = None) -> Markup:
    """Draw a filled line through the end of each day (stock)."""
    high = top or max([*values, 1e-9])
    points = [(axis.x(day + 0.5), _y(value, high)) for day, value in enumerate(values)]
    line = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    base = HEIGHT - BOTTOM
    first, last = points[0][0], points[-1][0]
    parts = [
        _open(words),
        _axis(axis),
        _top(axis, high),
        f'<path class="fill" d="M{first:.1f} {base}L{line}L{last:.1f} {base}z"/>',
        f'<path class="line" d="M{line}"/>',
        f'<circle class="end" cx="{last:.1f}" cy="{points[-1][1]:.1f}" r="2.2"/>',
    ]
    return _close(parts)


def lorenz(points: Sequence[tuple[float, float]], language: Language, words: str) -> Markup:
    """Draw a Lorenz curve with the line of equal shares."""
    size, edge = 260, 30
    span = size - 2 * edge

    def at(x: float, y: float) -> str:
        return f"{edge + x * span:.1f} {size - edge - y * span:.1f}"

    curve = "L".join(at(x, y) for x, y in points)
    labels = (
        f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">{{}}</text>'
        f'<text x="{size / 2}" y="12" text-anchor="middle" '
        f'transform="rotate(-90 {size / 2} {size / 2})">{{}}</text>'
    )
    return (
        Markup(
            '<svg class="chart lorenz" viewBox="0 0 {0} {0}" role="img" aria-label="{1}">'
        ).format(size, words)
        + Markup(  # noqa: S704 numbers and fixed marks only
            f'<rect class="frame" x="{edge}" y="{edge}" width="{span}" height="{span}"/>'
            f'<path class="equal" d="M{at(0, 0)}L{at(1, 1)}"/>'
            f'<path class="fill" d="M{at(0, 0)}L{curve}L{at(1, 1)}z"/>'
            f'<path class="line" d="M{curve}"/>'
        )
        + Markup(labels).format(language.words["fair.lorenz_x"], language.words["fair.lorenz_y"])  # noqa: S704
        + Markup("</svg>")
    )


def _open(words: str) -> str:
    return str(
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, words
        )
    )


def _close(parts: list[str]) -> Markup:
    """Join parts that hold numbers, and texts escaped where they were made."""
    return Markup("".join(parts) + "</svg>")  # noqa: S704


def _y(value: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, value / high))


def _top(axis: Axis, high: float) -> str:
    """Draw the upper end of the scale and say what it stands for."""
    if high <= 1e-6:
        return ""
    anchor, x = ("end", WIDTH - RIGHT) if axis.rtl else ("start", LEFT)
    text = Markup('<text x="{}" y="8" text-anchor="{}">{}</text>').format(
        x, anchor, axis.figure(float(f"{high:.6g}"))
    )
    return f'<path class="grid" d="M{LEFT} {TOP}H{WIDTH - RIGHT}"/>{text}'


def _axis(axis: Axis) -> str:
    base = HEIGHT - BOTTOM
    parts = [f'<path class="axis" d="M{LEFT} {base + 0.5}H{WIDTH - RIGHT}"/>']
    last = len(axis.labels) - 1
    for day in axis.ticks():
        middle = axis.x(day + 0.5)
        anchor, x = "middle", middle
        if last and day in (0, last):
            at_left = (day == 0) != axis.rtl
            anchor, x = ("start", LEFT) if at_left else ("end", WIDTH - RIGHT)
        parts.append(f'<path class="axis" d="M{middle:.1f} {base}v3"/>')
        parts.append(
            str(
                Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
                    f"{x:.1f}", HEIGHT - 3, anchor, axis.label(day)
                )
            )
        )
    return "".join(parts)


def _stairs(limits: Sequence[float], axis: Axis, high: float) -> str:
    steps, was = [], math.nan
    for day, limit in enumerate(limits):
        y = _y(limit, high)
        steps.append(f"{'M' if day == 0 else 'V' if y != was else ''}")
        if day == 0:
            steps[-1] = f"M{axis.x(0):.1f} {y:.1f}"
        elif y != was:
            steps[-1] = f"V{y:.1f}"
        steps.append(f"H{axis.x(day + 1):.1f}")
        was = y
    return "".join(steps)
