"""Need and what is met of it, as arrays over days: the common ground of value and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.value import unmet_share
from aidline.situation.defaults import Ledger
from aidline.situation.needs import need_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aidline.situation.situation import Situation

    Array = NDArray[np.float64]

PAIR = ["area_id", "item_id"]


@dataclass(frozen=True, eq=False)
class Needs:
    """What a situation needs, by pair of area and item and by day.

    Attributes
    ----------
    pairs
        One row per area and item with a need, sorted: area_id, item_id, pair (position),
        once, need_group, priority, unit_value (weighted people per unit), basis.
    need
        [pairs, days]: daily items: units needed on the day; once items: units that come up.
    people
        [pairs, days]: people in need on the day; once items: people who come up.
    """

    pairs: pl.DataFrame
    need: Array
    people: Array

    @classmethod
    def of(cls, situation: Situation) -> Needs:
        """Read the needs of a situation."""
        days = situation.settings.days
        rows = _with_people(situation, need_table(situation, Ledger())).filter(
            pl.col("day").is_between(0, days - 1)
        )
        pairs = _pairs(situation, rows)
        placed = rows.join(pairs.select(*PAIR, "pair"), on=PAIR)
        return cls(
            pairs,
            spread(placed, "need", pairs.height, days),
            spread(placed, "people", pairs.height, days),
        )

    @property
    def once(self) -> NDArray[np.bool_]:
        """[pairs]: True where the item is needed once."""
        return self.pairs["once"].to_numpy()

    @property
    def unit_value(self) -> Array:
        """[pairs]: weighted people per unit, v = item weight · area priority · people / need."""
        return self.pairs["unit_value"].to_numpy()

    def met(self, uses: pl.DataFrame) -> Array:
        """Return [pairs, days]: units that `uses` meet; rows without a need are left out."""
        placed = uses.join(self.pairs.select(*PAIR, "pair"), on=PAIR)
        return spread(placed, "quantity", self.pairs.height, self.need.shape[1])


@dataclass(frozen=True, eq=False)
class Served:
    """Person-days in need and unmet, by pair of area and item and by day.

    Attributes
    ----------
    needs
        The needs.
    met
        [pairs, days]: units met on the day.
    person_days
        [pairs, days]: people in need; once items: everyone who has come up so far.
    unmet
        [pairs, days]: of these, the people whose need is not met (their share of it).
    """

    needs: Needs
    met: Array
    person_days: Array
    unmet: Array

    @classmethod
    def of(cls, needs: Needs, uses: pl.DataFrame) -> Served:
        """Work out what the table `uses` of a plan meets."""
        met = needs.met(uses)
        need_so_far, met_so_far = so_far(needs.need, needs.once), so_far(met, needs.once)
        people = so_far(needs.people, needs.once)
        return cls(needs, met, people, people * unmet_share(need_so_far, met_so_far))


def so_far(figures: Array, once: NDArray[np.bool_]) -> Array:
    """Return running totals for once items, the figures of the day for daily ones."""
    return np.where(once[:, None], np.cumsum(figures, axis=1), figures)


def spread(rows: pl.DataFrame, column: str, pairs: int, days: int) -> Array:
    """Return [pairs, days] sums of a column of rows that carry `pair` and `day`."""
    cell = rows["pair"].to_numpy().astype(np.int64) * days + rows["day"].to_numpy()
    weights = rows[column].fill_null(0.0).to_numpy()
    sums = np.bincount(cell, weights, minlength=pairs * days)
    return sums.reshape(pairs, days).astype(np.float64)


def _with_people(situation: Situation, rows: pl.DataFrame) -> pl.DataFrame:
    """Fill in people where nobody said: need / units per person, else one person per unit."""
    per_person = situation["items"].select(
        "item_id", per_person=pl.when(pl.col("per_person") > 0).then(pl.col("per_person"))
    )
    people = pl.coalesce("people", pl.col("need") / pl.col("per_person"), "need")
    return rows.join(per_person, on="item_id", how="left").with_columns(people=people)


def _pairs(situation: Situation, rows: pl.DataFrame) -> pl.DataFrame:
    items = situation["items"].select(
        "item_id",
        "need_group",
        once=pl.col("kind") == "once",
        weight=pl.col("weight").fill_null(1.0),
    )
    areas = situation["areas"].select("area_id", priority=pl.col("priority").fill_null(1.0))
    return (
        rows.group_by(PAIR)
        .agg(pl.col("need", "people").sum(), pl.col("basis").first())
        .join(items, on="item_id")
        .join(areas, on="area_id")
        .sort(PAIR)
        .with_row_index("pair")
        .with_columns(
            unit_value=pl.when(pl.col("need") > 0)
            .then(pl.col("weight") * pl.col("priority") * pl.col("people") / pl.col("need"))
            .otherwise(0.0)
        )
        .select(*PAIR, "pair", "once", "need_group", "weight", "priority", "unit_value", "basis")
    )
