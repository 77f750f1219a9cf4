"""What crossings let through, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.calendar import day_number

if TYPE_CHECKING:
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation


def crossings(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return place_id, payload_t, volume_m3 of the trucks that enter, allowed and refused goods.

    `allowed` (need groups) is null where everything may pass.
    """
    return situation["crossings"].select(
        "place_id",
        payload_t=pl.col("truck_payload_t").fill_null(ledger.take("crossing.truck_payload_t")),
        volume_m3=pl.col("truck_volume_m3").fill_null(ledger.take("crossing.truck_volume_m3")),
        allowed=_codes("allowed_groups"),
        refused=_codes("refused_items").fill_null([]),
    )


def slots(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return place_id, day, slots (null = not limited) of every crossing and day.

    A closed day has none; a figure of the day counts; else the usual slots, the less of
    `slots_per_day` and `slots_per_hour` × opening hours, and a share of them when restricted.
    """
    days = pl.DataFrame({"day": range(situation.settings.days)}, schema={"day": pl.Int64})
    usual = situation["crossings"].select(
        "place_id",
        "slots_per_day",
        "slots_per_hour",
        hours=_opening_h(),
    )
    single = situation["crossing_days"].select(
        "place_id", "status", "slots", "open_h", day=day_number(situation, "date")
    )
    hours = pl.coalesce("open_h", "hours")
    per_day = pl.min_horizontal("slots_per_day", pl.col("slots_per_hour") * hours)
    share = ledger.take("crossing.restricted_share")
    return (
        usual.join(days, how="cross")
        .join(single, on=["place_id", "day"], how="left")
        .select(
            "place_id",
            "day",
            slots=pl.when(pl.col("status") == "closed")
            .then(0.0)
            .when(pl.col("slots").is_not_null())
            .then(pl.col("slots"))
            .when(pl.col("status") == "restricted")
            .then(per_day * share)
            .otherwise(per_day),
        )
    )


def _opening_h() -> pl.Expr:
    """Hours from opening to closing; a closing time not after opening is of the next day."""
    open_for = _hour("closes_at") - _hour("opens_at")
    return pl.when(open_for <= 0).then(open_for + 24.0).otherwise(open_for)


def _hour(column: str) -> pl.Expr:
    parts = pl.col(column).str.extract_groups(r"^\s*(\d{1,2}):(\d{2})")
    hour = parts.struct.field("1").cast(pl.Float64)
    return hour + parts.struct.field("2").cast(pl.Float64) / 60.0


def _codes(column: str) -> pl.Expr:
    """Codes separated by spaces, commas or semicolons, as a list; null where none is given."""
    found = pl.col(column).str.extract_all(r"[^\s,;]+")
    return pl.when(found.list.len() > 0).then(found)
