"""Small multiples: what comes in, what lies where, what trucks and crossings are used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.formats.report_html.charts import Axis, area_line, bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from aidline.formats.report_html.language import Language
    from aidline.formats.report_html.names import Names
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

MOST_PANELS = 18
"""Panels shown of one kind; the most used come first."""


@dataclass(frozen=True)
class Panel:
    """One small chart with its title and what it says in a line."""

    title: str
    line: str
    chart: Markup


@dataclass(frozen=True)
class Panels:
    """The charts of one kind; `more` counts those that are not shown."""

    key: str
    shown: tuple[Panel, ...]
    more: int = 0


@dataclass(frozen=True)
class Drawing:
    """What all panels need."""

    situation: Situation
    plan: Plan
    names: Names
    language: Language
    axis: Axis

    @property
    def days(self) -> int:
        """Days of the plan."""
        return self.plan.record.days

    def by_day(self, frame: pl.DataFrame, value: str) -> list[float]:
        """Add up a column by `day` into one number per day of the plan."""
        total = np.zeros(self.days)
        known = frame.filter((pl.col("day") >= 0) & (pl.col("day") < self.days))
        np.add.at(total, known["day"].to_numpy(), known[value].fill_null(0).to_numpy())
        return [float(v) for v in total]


def all_panels(drawing: Drawing) -> tuple[Panels, ...]:
    """Return every kind of chart in the order of the way that goods take."""
    return (
        _incoming(drawing),
        _limits(drawing, "crossing_slots"),
        _stocks(drawing),
        _limits(drawing, "truck_hours"),
        _outgoing(drawing),
    )


def _tonnes(drawing: Drawing, frame: pl.DataFrame) -> pl.DataFrame:
    items = drawing.situation["items"].select("item_id", "need_group", pl.col("weight_kg") / 1000)
    joined = frame.join(items, on="item_id", how="left")
    return joined.with_columns((pl.col("quantity") * pl.col("weight_kg").fill_null(0)).alias("t"))


def _incoming(drawing: Drawing) -> Panels:
    """Tonnes that arrive from outside, by place and day; what came earlier is stock."""
    start = drawing.situation.settings.start_date
    frame = _tonnes(drawing, drawing.situation["arrivals"]).with_columns(
        (pl.col("eta") - start).dt.total_days().alias("day")
    )
    panels = []
    for place in sorted(set(frame["place_id"].drop_nulls())):
        values = drawing.by_day(frame.filter(pl.col("place_id") == place), "t")
        panels.append((sum(values), _tonne_panel(drawing, drawing.names.place(place), values)))
    return _most(panels, "arrivals")


def _outgoing(drawing: Drawing) -> Panels:
    """Tonnes handed over in areas, by need group and day, all on one scale."""
    frame = _tonnes(drawing, drawing.plan["deliveries"]).with_columns(
        pl.col("arrive_day").alias("day")
    )
    groups = sorted(set(frame["need_group"].drop_nulls()))
    series = {g: drawing.by_day(frame.filter(pl.col("need_group") == g), "t") for g in groups}
    top = max((max(v) for v in series.values()), default=0.0)
    panels = []
    for group, values in series.items():
        title = drawing.language.plain(f"group.{group}")
        panels.append((sum(values), _tonne_panel(drawing, title, values, top)))
    return _most(panels, "deliveries")


def _tonne_panel(
    drawing: Drawing, title: str, values: Sequence[float], top: float | None = None
) -> Panel:
    language = drawing.language
    line = language.plain(
        "chart.tonnes_line", total=language.compact(sum(values)), most=language.compact(max(values))
    )
    return Panel(title, line, bars(values, drawing.axis, f"{title}: {line}", top=top))


def _stocks(drawing: Drawing) -> Panels:
    """Tonnes in each store at the end of each day."""
    frame = _tonnes(drawing, drawing.plan["stocks"])
    language, panels = drawing.language, []
    for place in sorted(set(frame["place_id"])):
        values = drawing.by_day(frame.filter(pl.col("place_id") == place), "t")
        title = drawing.names.place(place)
        line = language.plain(
            "chart.stock_line", first=language.compact(values[0]), last=language.compact(values[-1])
        )
        chart = area_line(values, drawing.axis, f"{title}: {line}")
        panels.append((sum(values), Panel(title, line, chart)))
    return _most(panels, "stock")


def _limits(drawing: Drawing, resource: str) -> Panels:
    """Draw what is used of each limit, by day: the tightest first."""
    frame = drawing.plan["usage"].filter(pl.col("resource") == resource)
    language, panels = drawing.language, []
    for (at, of), rows in sorted(
        ((key, part) for key, part in frame.group_by("at_id", "of_id")),
        key=lambda pair: [str(k or "") for k in pair[0]],
    ):
        used, limits = drawing.by_day(rows, "used"), drawing.by_day(rows, "limit")
        if max(limits) <= 0 and max(used) <= 0:
            continue
        full = sum(lim > 0 and u >= lim * (1 - 1e-6) for u, lim in zip(used, limits, strict=True))
        title = " · ".join(n for n in (drawing.names.any(at), drawing.names.any(of)) if n)
        share = sum(used) / sum(limits) if sum(limits) > 0 else 0.0
        line = language.plain(
            f"chart.{resource}_line",
            used=language.compact(sum(used)),
            limit=language.compact(sum(limits)),
            share=language.percent(share),
        )
        if full:
            line += language.plain("chart.full", full=language.count("count.days", full))
        panels.append(
            (full + share, Panel(title, line, bars(used, drawing.axis, f"{title}: {line}", limits)))
        )
    return _most(panels, resource)


def _most(panels: list[tuple[float, Panel]], key: str) -> Panels:
    ranked = sorted(panels, key=lambda p: (-p[0], p[1].title))
    return Panels(key, tuple(p for _, p in ranked[:MOST_PANELS]), max(0, len(ranked) - MOST_PANELS))
