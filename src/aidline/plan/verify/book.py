"""The open book: what the rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.verify.roads import COARSE, lag_days
from aidline.situation.row_keys import Groups, row_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from aidline.plan.verify.facts import Facts

LEG = ["day", "from_id", "to_id", "class_id"]


@dataclass(frozen=True, eq=False)
class Book:
    """A situation and the usable rows of a plan, side by side.

    Attributes
    ----------
    facts
        The situation.
    tables
        Usable rows of the plan's tables (`aidline.plan.verify.form`).
    options
        Options of the run record.
    tolerance
        Share of a limit by which rounding may pass it.
    """

    facts: Facts
    tables: Mapping[str, pl.DataFrame]
    options: Mapping[str, Any]
    tolerance: float

    @cached_property
    def _legs(self) -> tuple[pl.Series, pl.Series]:
        """One number per leg, class and day (`LEG`), of the rows of trips and of loads."""
        trips, loads = (self.tables[name].select(LEG) for name in ("trips", "loads"))
        numbers = pl.Series("leg", row_numbers(pl.concat([trips, loads]), LEG))
        return numbers[: trips.height], numbers[trips.height :]

    @cached_property
    def trips(self) -> pl.DataFrame:
        """The table trips with what it should say.

        Beside its columns: leg (a number for each `LEG`), home_id (base of the place),
        payload_t, volume_m3 (of one truck), shift_h, true_hours (of one round trip, null where
        there is no way), true_day (of the handing over, null where there is no way), and of
        the place: crossing, starts.
        """
        facts = self.facts
        places = facts.places.select("place_id", "crossing", "starts", home_id="base_id")
        rows = (
            self.tables["trips"]
            .with_columns(self._legs[0])
            .join(places, left_on="from_id", right_on="place_id", how="left")
            .join(facts.classes, on="class_id", how="left")
            .join(
                facts.shifts,
                left_on=["home_id", "class_id"],
                right_on=["base_id", "class_id"],
                how="left",
            )
        )
        travel = facts.ways.travel_h(rows)
        out = rows["load_h"].to_numpy() + travel
        shift, day = rows["shift_h"].fill_null(0.0).to_numpy(), rows["day"].to_numpy()
        latest, earliest = day + lag_days(out, shift), day + lag_days(out, shift, COARSE)
        said = rows["arrive_day"].to_numpy()
        true_day = np.where((said >= earliest) & (said <= latest), said, latest)
        hours = out + rows["unload_h"].to_numpy() + travel
        return (
            rows.with_columns(
                true_hours=pl.Series(hours),
                true_day=pl.Series(true_day),
            )
            .with_columns(
                pl.when(pl.col(c).is_finite()).then(pl.col(c)) for c in ("true_hours", "true_day")
            )
            .with_columns(pl.col("true_day").cast(pl.Int64))
        )

    @cached_property
    def carried(self) -> pl.DataFrame:
        """Weight and volume of the table loads by leg, class and day: leg, `LEG`, t and m3."""
        loads = self.tables["loads"].with_columns(self._legs[1])
        legs = Groups.of(loads["leg"].to_numpy())
        weights = loads.join(self.facts.items, on="item_id", how="left", maintain_order="left")
        by = weights.select(
            t=pl.col("quantity") * pl.col("weight_kg") / 1000.0,
            m3=pl.col("quantity") * pl.col("volume_m3"),
        ).fill_null(0.0)
        return loads.select("leg", *LEG)[legs.first].with_columns(
            pl.Series(c, legs.sums(by[c].to_numpy())) for c in by.columns
        )

    @cached_property
    def loads(self) -> pl.DataFrame:
        """The table loads with the arrive_day of its trips (null where there are no trips)."""
        run, carried = (s.to_numpy() for s in self._legs)
        first = Groups.of(run).first
        at = np.searchsorted(run[first], carried)
        there = np.append(run[first], -1)[at] == carried
        days = self.trips.select(pl.coalesce("true_day", "arrive_day"))[first].to_series()
        arrive = days.extend_constant(None, 1).gather(np.where(there, at, len(first)))
        return self.tables["loads"].with_columns(arrive_day=arrive)

    @cached_property
    def last_legs(self) -> pl.DataFrame:
        """What goes to areas, by day, leg, item and arrival.

        Columns day, from_id, to_id, item_id, arrive_day, limit (units loaded), found (units of
        direct deliveries).
        """
        key = ["day", "from_id", "to_id", "item_id", "arrive_day"]
        areas = self.facts.situation["areas"]["area_id"].to_list()
        carried = self.loads.filter(pl.col("to_id").is_in(areas)).select(
            *key, limit="quantity", found=pl.lit(0.0)
        )
        delivered = (
            self.tables["deliveries"]
            .filter(pl.col("via_id").is_null())
            .rename({"area_id": "to_id"})
            .select(*key, limit=pl.lit(0.0), found="quantity")
        )
        both = pl.concat([carried, delivered])
        legs = Groups.of(row_numbers(both, key))
        return both.select(key)[legs.first].with_columns(
            pl.Series(c, legs.sums(both[c].to_numpy())) for c in ("limit", "found")
        )
