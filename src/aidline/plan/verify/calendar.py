"""Dates as days of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


def day_number(situation: Situation, column: str) -> pl.Expr:
    """Return the day of the plan of a date column; null stays null."""
    return (pl.col(column) - pl.lit(situation.settings.start_date)).dt.total_days()


def by_day(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    """Repeat each row on every day from `first` to `last`, as column `day`.

    Both ends are included; null = from the first or to the last day of the plan.
    """
    return (
        rows.with_columns(
            first=pl.col("first").fill_null(0).clip(lower_bound=0),
            last=pl.col("last").fill_null(days - 1).clip(upper_bound=days - 1),
        )
        .filter(pl.col("first") <= pl.col("last"))
        .with_columns(day=pl.int_ranges("first", pl.col("last") + 1))
        .explode("day")
        .drop("first", "last")
    )
