"""Lots, stock in areas, commitments and what may meet a need, as the rules see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.calendar import day_number

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


def lots(situation: Situation) -> pl.DataFrame:
    """Return lot_id, place_id, item_id, quantity, from_day, expiry_day of what can be sent."""
    columns = ["lot_id", "place_id", "item_id", "quantity"]
    expiry = day_number(situation, "expiry").alias("expiry_day")
    stock = (
        situation["stock"]
        .filter(pl.col("place_id").is_not_null())
        .select(*columns, _from(situation, "available_from"), expiry)
    )
    arrivals = situation["arrivals"].select(
        pl.col("arrival_id").alias("lot_id"), *columns[1:], _from(situation, "eta"), expiry
    )
    return pl.concat([stock, arrivals])


def held(situation: Situation) -> pl.DataFrame:
    """Return area_id, item_id, quantity, day, expiry_day, moving of what areas get by themselves.

    Stock that an area holds, and what is already moving to it.
    """
    columns = ["area_id", "item_id", "quantity"]
    stock = (
        situation["stock"]
        .filter(pl.col("place_id").is_null() & pl.col("area_id").is_not_null())
        .select(
            *columns,
            _from(situation, "available_from").alias("day"),
            day_number(situation, "expiry").alias("expiry_day"),
            moving=pl.lit(value=False),
        )
    )
    moving = (
        situation["commitments"]
        .filter(pl.col("kind") == "moving")
        .select(
            *columns,
            _from(situation, "date").alias("day"),
            pl.lit(None, pl.Int64).alias("expiry_day"),
            moving=pl.lit(value=True),
        )
    )
    return pl.concat([stock, moving]).filter(pl.col("day") < situation.settings.days)


def promised(situation: Situation) -> pl.DataFrame:
    """Return commitment_id, area_id, item_id, quantity, day of promises due inside the plan."""
    return (
        situation["commitments"]
        .filter(pl.col("kind") == "promised")
        .select(
            "commitment_id",
            "area_id",
            "item_id",
            "quantity",
            _from(situation, "date").alias("day"),
        )
        .filter(pl.col("day") < situation.settings.days)
    )


def relations(situation: Situation) -> pl.DataFrame:
    """Return item_id, from_item_id, part, per: what may meet a need.

    `per` is how many units of `from_item_id` one unit of the need takes: 1 for the item
    itself, the ratio for a substitute, 1 / parts per kit for a kit. Where an item is both a
    part of a kit and replaced by it, the kit's content counts.
    """
    no, yes = pl.lit(value=False), pl.lit(value=True)
    same = situation["items"].select("item_id", from_item_id="item_id", part=no, per=pl.lit(1.0))
    kits = situation["kits"].select(
        "item_id", from_item_id="kit_id", part=yes, per=1.0 / pl.col("quantity")
    )
    substitutes = situation["substitutes"].select(
        "item_id", from_item_id="substitute_id", part=no, per="ratio"
    )
    return pl.concat([same, kits, substitutes]).unique(
        ["item_id", "from_item_id"], keep="first", maintain_order=True
    )


def _from(situation: Situation, column: str) -> pl.Expr:
    day = day_number(situation, column).fill_null(0).clip(lower_bound=0)
    return day.alias("from_day")
