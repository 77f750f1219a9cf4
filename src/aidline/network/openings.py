"""A situation with the roads open that a plan opens."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from aidline.network.damage import CAUSES
from aidline.network.profiles import take

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

LAST = dt.date(9999, 1, 1)  # of the reports of a day the latest counts: those of the plan


def with_openings(situation: Situation, openings: pl.DataFrame) -> Situation:
    """Return a situation in whose road log the openings of a plan stand as reports.

    Parameters
    ----------
    situation
        What is known.
    openings
        segment_id, grade, day, speed_factor: table `road_openings` of a plan. From its day on a
        segment is open at that speed and without a weight limit of the log, until the log says
        otherwise on a later day.

    Returns
    -------
    Situation
        The same where nothing is opened.
    """
    if openings.height == 0:
        return situation
    start = situation.settings.start_date
    by_day = openings.sort("segment_id", "day", "speed_factor").unique(
        ["segment_id", "day"], keep="last", maintain_order=True
    )
    opened = by_day.select(
        "segment_id",
        date=pl.Series([start + dt.timedelta(days=day) for day in by_day["day"]], dtype=pl.Date),
        status=pl.when(pl.col("grade") == "full")
        .then(pl.lit("open"))
        .otherwise(pl.lit("restricted")),
        speed_factor="speed_factor",
        as_of=pl.lit(LAST),
    )
    return situation.replace(road_status=_folded(situation["road_status"], opened))


def without_forecasts(situation: Situation) -> Situation:
    """Return a situation without the openings that its road log expects of blocked roads.

    Where a segment has a blockage, crews have to open it: a report that it will be passable from
    a later day on says when somebody thought they would. A plan that sends the crews itself
    decides that anew; to count both would count the crews twice. Expected closures stay.
    """
    blocked = situation["blockages"]["segment_id"].drop_nulls().unique().implode()
    later = pl.col("date") > pl.lit(situation.settings.start_date)
    forecast = later & (pl.col("status") != "closed") & pl.col("segment_id").is_in(blocked)
    kept = situation["road_status"].filter(~forecast)
    if kept.height == situation["road_status"].height:
        return situation
    return situation.replace(road_status=kept)


def _folded(log: pl.DataFrame, opened: pl.DataFrame) -> pl.DataFrame:
    """Put openings into a log; until the road closes again no later row makes it worse."""
    both = pl.concat([log, opened.with_columns(ours="speed_factor")], how="diagonal_relaxed")
    both = both.sort("segment_id", "date", "as_of", nulls_last=False, maintain_order=True)
    closed = pl.when(pl.col("status") == "closed").then(0.0)
    ours = pl.coalesce(closed, "ours").forward_fill().over("segment_id").fill_null(0.0)
    usual = pl.col("cause").replace_strict(
        {c: take(f"damage.{c}", None) for c in CAUSES}, default=None, return_dtype=pl.Float64
    )
    later = pl.col("ours").is_null() & (pl.col("status") == "restricted") & (ours > 0)
    return both.with_columns(
        max_weight_t=pl.when(~later).then("max_weight_t"),
        speed_factor=pl.when(later)
        .then(pl.max_horizontal(pl.coalesce("speed_factor", usual), ours))
        .otherwise("speed_factor"),
    ).select(log.columns)
