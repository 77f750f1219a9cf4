"""Travel times that people know: the table `travel_times` over what roads or distances say.

For a pair and a vehicle class the last row up to a day counts; of rows of one day the one
for the class goes before the one for all classes. A closed way is closed. A row that gives no
hours keeps the hours of an earlier row, else its distance at a usual speed, else what the
roads say; without hours of its own a restricted way takes longer by a default factor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.profiles import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

KEY = ["c", "f", "t"]
ALWAYS = -(10**6)  # day of a row without a date: before everything


def known_rows(
    situation: Situation,
    from_ids: Sequence[str],
    to_ids: Sequence[str],
    class_ids: Sequence[str],
    ledger: Ledger,
) -> pl.DataFrame:
    """Return what the table says of these pairs, one row per class, in the order of days.

    Returns
    -------
    DataFrame
        c, f, t (positions in `class_ids`, `from_ids`, `to_ids`), day, hours (NaN-free: null
        = what the roads say; infinite = closed), slow (divisor of speed), km.
    """
    start = situation.settings.start_date
    rows = (
        situation["travel_times"]
        .join(_positions("from_id", "f", from_ids), on="from_id")
        .join(_positions("to_id", "t", to_ids), on="to_id")
        .with_columns(
            day=(pl.col("date") - pl.lit(start)).dt.total_days().fill_null(ALWAYS),
            for_class=pl.col("class_id").is_not_null(),
            status=pl.col("status").fill_null("open"),
        )
    )
    if rows.height == 0:
        return pl.DataFrame(
            schema=dict.fromkeys([*KEY, "day"], pl.Int64)
            | dict.fromkeys(["hours", "slow", "km"], pl.Float64)
        )
    classes = _positions("class_id", "c", class_ids)
    every = rows.filter(~pl.col("for_class")).drop("class_id").join(classes, how="cross")
    own = rows.filter("for_class").join(classes, on="class_id")
    rows = pl.concat([every, own], how="diagonal").sort([*KEY, "day", "for_class"])
    return _fill(rows, ledger).select(*KEY, "day", "hours", "slow", "km")


def change_days(rows: pl.DataFrame, days: int) -> list[int]:
    """Return the days of the plan on which one of the rows begins to count."""
    begun = rows["day"].unique().to_list()
    return sorted(d for d in begun if 0 < d < days)


def apply(rows: pl.DataFrame, day: int, hours: np.ndarray) -> None:
    """Write what holds on a day into an array of hours, in place.

    Parameters
    ----------
    rows
        From `known_rows`.
    day
        Day of the plan.
    hours
        [classes, from, to], already filled from roads or distances.
    """
    now = rows.filter(pl.col("day") <= day).unique(KEY, keep="last", maintain_order=True)
    at = tuple(now[k].to_numpy() for k in KEY)
    said = now["hours"].to_numpy()
    base = hours[at] / now["slow"].to_numpy()
    hours[at] = np.where(now["hours"].is_null().to_numpy(), base, said)


def apply_km(rows: pl.DataFrame, km: np.ndarray) -> None:
    """Write the distances that people know into an array [from, to], in place."""
    known = rows.filter(pl.col("km").is_not_null()).unique(
        ["f", "t"], keep="last", maintain_order=True
    )
    km[known["f"].to_numpy(), known["t"].to_numpy()] = known["km"].to_numpy()


def _positions(column: str, name: str, ids: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {column: list(ids), name: range(len(ids))}, schema={column: pl.String, name: pl.Int64}
    )


def _fill(rows: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Fill in the hours that a row leaves out; see the head of the module."""
    guessed = rows.filter(
        pl.col("travel_h").is_null()
        & pl.col("distance_km").is_not_null()
        & (pl.col("status") != "closed")
    )
    kmh = (
        ledger.take("road.straight_line_kmh", "travel times without hours")
        if guessed.height
        else 1.0
    )
    vague = rows.filter(pl.col("travel_h").is_null() & (pl.col("status") == "restricted"))
    factor = take("damage.other", ledger, "restricted ways without hours") if vague.height else 1.0
    restricted = pl.col("travel_h").is_null() & (pl.col("status") == "restricted")
    return rows.with_columns(
        km=pl.col("distance_km").forward_fill().over(KEY),
        slow=pl.when(restricted).then(factor).otherwise(1.0),
        known=pl.coalesce("travel_h", pl.col("distance_km") / kmh),
    ).with_columns(
        hours=pl.when(pl.col("status") == "closed")
        .then(float("inf"))
        .otherwise(pl.col("known").forward_fill().over(KEY) / pl.col("slow"))
    )
