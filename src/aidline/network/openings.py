"""A situation with the roads open that a plan opens."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


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
    dates = [start + dt.timedelta(days=day) for day in by_day["day"]]
    # With an hour of report no earlier than any other of that day, they are the last to count.
    reports = by_day.select(
        "segment_id",
        date=pl.Series(dates, dtype=pl.Date),
        status=pl.when(pl.col("grade") == "full")
        .then(pl.lit("open"))
        .otherwise(pl.lit("restricted")),
        speed_factor="speed_factor",
        as_of=pl.lit(dt.date.max),
    )
    log = pl.concat([situation["road_status"], reports], how="diagonal_relaxed")
    return situation.replace(road_status=log)
