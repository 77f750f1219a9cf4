"""The chart of crews: a line for each task, all under one head of dates.

Each line is a small drawing in a cell of a table, so that names wrap, tables turn for languages
from right to left, and everything prints. Kinds of work differ by pattern, not by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from aidline.formats.report_html.charts import Axis

WIDTH, HEIGHT, HEAD = 620, 24, 16
MIDDLE = HEIGHT / 2
THICK = 12
PER_LETTER = 5.6


@dataclass(frozen=True)
class Bar:
    """A task: days since the start of the plan; `open_day` is when its road opens, if it does."""

    kind: str
    leave: float
    start: float
    finish: float
    low: float | None
    high: float | None
    open_day: int | None


def head(axis: Axis) -> Markup:
    """Draw the dates, as many as fit."""
    step = abs(axis.x(1, WIDTH) - axis.x(0, WIDTH))
    wide = max(len(text) for text in axis.labels) * PER_LETTER + 6
    every = max(1, -int(-wide // max(step, 0.1)))
    texts = [
        Markup('<text x="{:.1f}" y="11" text-anchor="middle">{}</text>').format(
            axis.x(day + 0.5, WIDTH), axis.label(day)
        )
        for day in range(0, len(axis.labels), every)
        if wide / 2 < axis.x(day + 0.5, WIDTH) + 4 < WIDTH + 8 - wide / 2 or every == 1
    ]
    return Markup(
        '<svg class="chart gantt" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>'
    ).format(WIDTH, HEAD, Markup("").join(texts))


def line(bar: Bar, axis: Axis, words: str) -> Markup:
    """Draw one task: the way there, the work, how early or late it may end, and the opening.

    Parameters
    ----------
    bar
        The task.
    axis
        The days.
    words
        What the line says, as a sentence.
    """
    days = len(axis.labels)
    end = min(bar.finish, days)
    parts = [
        _grid(axis),
        _way(min(bar.leave, bar.start), bar.start, axis),
        _work(bar.kind, bar.start, end, axis),
    ]
    if bar.low is not None and bar.high is not None and bar.low < days:
        parts.append(_span(bar.low, min(bar.high, days), axis))
    if bar.finish > days:
        parts.append(_beyond(axis))
    if bar.open_day is not None:
        parts.append(_opening(bar.kind, axis.x(bar.open_day, WIDTH)))
    return Markup(
        '<svg class="chart gantt" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, words, Markup("").join(parts))


def sample(kind: str) -> Markup:
    """Draw a piece of work, or an opening, for the legend."""
    mark = {
        "way": Markup('<path class="way" d="M2 12H38"/>'),
        "open": _opening("single_lane", 20),
        "span": Markup('<path class="span" d="M6 12H34M6 8V16M34 8V16"/>'),
    }.get(kind) or Markup('<rect class="work {}" x="2" y="{}" width="36" height="{}"/>{}').format(
        kind, MIDDLE - THICK / 2, THICK, _pattern(kind, 2, 38)
    )
    return Markup(
        '<svg class="gantt stroke" viewBox="0 0 40 24" aria-hidden="true">{}</svg>'
    ).format(mark)


def _between(first: float, last: float, axis: Axis) -> tuple[float, float]:
    """Return two days as left and right edge."""
    a, b = axis.x(first, WIDTH), axis.x(last, WIDTH)
    return min(a, b), max(a, b)


def _grid(axis: Axis) -> Markup:
    """Draw midnights, longer than the line: its cell cuts them off at its own height."""
    lines = "".join(
        f"M{axis.x(day, WIDTH):.1f} -{HEIGHT}V{2 * HEIGHT}" for day in range(len(axis.labels) + 1)
    )
    return Markup('<path class="grid" d="{}"/>').format(lines)


def _way(leave: float, start: float, axis: Axis) -> Markup:
    left, right = _between(leave, start, axis)
    if right - left < 0.5:
        return Markup("")
    return Markup('<path class="way" d="M{:.1f} {}H{:.1f}"/>').format(left, MIDDLE, right)


def _work(kind: str, start: float, end: float, axis: Axis) -> Markup:
    left, right = _between(start, end, axis)
    width = max(2.0, right - left)
    return Markup('<rect class="work {}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>{}').format(
        kind, left, MIDDLE - THICK / 2, width, THICK, _pattern(kind, left, left + width)
    )


def _pattern(kind: str, left: float, right: float) -> Markup:
    """Draw what tells kinds of work apart without colour: one lane, two lanes, strokes."""
    if kind == "single_lane":
        return Markup('<path class="lane" d="M{:.1f} {}H{:.1f}"/>').format(
            left + 1, MIDDLE, right - 1
        )
    if kind == "full":
        return Markup("")
    strokes = "".join(
        f"M{x:.1f} {MIDDLE + THICK / 2 - 1}l{THICK / 2:.1f} {2 - THICK}"
        for x in _steps(left + 1, right - THICK / 2 - 1, 5.0)
    )
    return Markup('<path class="strokes" d="{}"/>').format(strokes)


def _steps(first: float, last: float, step: float) -> list[float]:
    return [first + step * k for k in range(int(max(0.0, last - first) // step) + 1)]


def _span(low: float, high: float, axis: Axis) -> Markup:
    left, right = _between(low, high, axis)
    y = HEIGHT - 3
    return Markup(
        '<path class="span" d="M{0:.1f} {2}H{1:.1f}M{0:.1f} {3}V{4}M{1:.1f} {3}V{4}"/>'
    ).format(left, right, y, y - 2, y + 2)


def _beyond(axis: Axis) -> Markup:
    """Draw an arrow at the end of the plan: the work goes on."""
    at = axis.x(len(axis.labels), WIDTH)
    tip = -7 if axis.rtl else 7
    return Markup('<path class="beyond" d="M{0:.1f} {1}L{2:.1f} {3}L{0:.1f} {4}Z"/>').format(
        at - tip, MIDDLE - 7, at, MIDDLE, MIDDLE + 7
    )


def _opening(kind: str, at: float) -> Markup:
    """Draw a flag where traffic begins: hollow for one lane, filled for the whole road."""
    return Markup('<path class="open {}" d="M{:.1f} {}l6 6l-6 6l-6-6Z"/>').format(
        kind, at, MIDDLE - 6
    )
