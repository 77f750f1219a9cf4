"""Tables of the small feasible plan with something wrong in them, and the rules that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from plan_world import plan, world

from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


def broken(situation: Situation | None = None, **tables: pl.DataFrame) -> set[str]:
    situation = situation or world()
    return {v.rule for v in check_plan(situation, plan(situation, **tables)).violations}


def changed(table: pl.DataFrame, where: dict[str, Any], **values: Any) -> pl.DataFrame:
    """The table with values set in the rows that match."""
    match = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(v)) for c, v in where.items())
    assert table.filter(match).height, where
    return table.with_columns(
        pl.when(match).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        for column, value in values.items()
    )


def scaled(table: pl.DataFrame, factor: float, **where: Any) -> pl.DataFrame:
    match = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(v)) for c, v in where.items())
    assert table.filter(match).height, where
    kept = pl.col("quantity")
    return table.with_columns(pl.when(match).then(kept * factor).otherwise(kept).alias("quantity"))
