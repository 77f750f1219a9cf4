"""Driving times for the rules: hours of single legs, and which areas can be reached at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.access import travel_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aidline.network.access import TravelTimes
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

GRAIN = 1e-9  # days: rounding that must not cost a day
COARSE = 1e-6  # days: driving times have seven digits, so either day is right this near


@dataclass(frozen=True, eq=False)
class Ways:
    """Driving times between every start or crossing and every area or place of loading.

    Attributes
    ----------
    times
        As `aidline.network.access.travel_times` gives them.
    areas
        Codes of all areas.
    """

    times: TravelTimes
    areas: tuple[str, ...]

    @classmethod
    def of(cls, situation: Situation, places: pl.DataFrame, ledger: Ledger) -> Ways:
        """Ask for the driving times that a plan of this situation may use."""
        used = places.filter(pl.any_horizontal("starts", "crossing", "transship"))
        areas = tuple(situation["areas"]["area_id"].to_list())
        stops = [code for code in used["place_id"].to_list() if code not in set(areas)]
        classes = situation["vehicle_classes"]["class_id"].unique(maintain_order=True).to_list()
        times = travel_times(
            situation, used["place_id"].to_list(), [*areas, *stops], classes, ledger
        )
        return cls(times, areas)

    def travel_h(self, legs: pl.DataFrame) -> NDArray[np.float64]:
        """Return the driving hours of legs (day, from_id, to_id, class_id); inf = no way.

        Where there is no column `class_id`, the quickest class counts.
        """
        times = self.times
        start = positions(legs["from_id"], times.from_ids)
        stop = positions(legs["to_id"], times.to_ids)
        state = times.state_of_day[legs["day"].to_numpy()]
        known = (start >= 0) & (stop >= 0)
        if "class_id" in legs.columns:
            kind = positions(legs["class_id"], times.class_ids)
            known &= kind >= 0
            hours = times.hours[state, kind, start, stop] if times.hours.size else np.inf
        else:
            hours = times.hours.min(axis=1)[state, start, stop] if times.hours.size else np.inf
        return np.where(known, hours, np.inf).astype(np.float64)

    def reached(self, starts: pl.DataFrame, convoys: pl.DataFrame) -> list[str]:
        """Return the areas that some truck can reach on some day, in time and by the convoys.

        Parameters
        ----------
        starts
            place_id, class_id, day, shift_h, load_h: where trucks start, and when.
        convoys
            area_id, day, max_trucks.
        """
        days = len(self.times.state_of_day)
        enter = self._entry_days(convoys, days)
        missing = np.arange(len(self.areas))  # most are reached by the first few starts
        row = positions(starts["place_id"], self.times.from_ids)
        kind = positions(starts["class_id"], self.times.class_ids)
        day = starts["day"].to_numpy()
        shift, load = starts["shift_h"].to_numpy(), starts["load_h"].to_numpy()
        for i in range(starts.height):
            state = self.times.state_of_day[day[i]]
            travel = self.times.hours[state, kind[i], row[i], missing].astype(np.float64)
            arrive = day[i] + lag_days(load[i] + travel, shift[i])
            in_time = arrive < days
            at = np.where(in_time, arrive, 0).astype(np.int64)
            missing = missing[~(in_time & enter[missing, at])]
        left = set(missing.tolist())
        return [area for i, area in enumerate(self.areas) if i not in left]

    def _entry_days(self, convoys: pl.DataFrame, days: int) -> NDArray[np.bool_]:
        enter = np.ones((len(self.areas), days), bool)
        area = positions(convoys["area_id"], self.areas)
        enter[area[area >= 0]] = False
        may = (
            convoys["day"].is_between(0, days - 1)
            & (convoys["max_trucks"].fill_null(1.0) > 0)
            & pl.Series(area >= 0)
        ).to_numpy()
        enter[area[may], convoys["day"].to_numpy()[may]] = True
        return enter


def lag_days(
    out_h: NDArray[np.float64], shift_h: NDArray[np.float64], grain: float = GRAIN
) -> NDArray[np.float64]:
    """Return max(0, ⌈out_h / shift_h⌉ − 1): days from leaving to handing over; inf = never.

    Parameters
    ----------
    out_h
        Hours of loading and driving there.
    shift_h
        Hours that a truck works per day.
    grain
        Part of a day by which more hours do not cost another day.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.ceil(np.divide(out_h, shift_h) - grain)
    return np.where(np.isfinite(whole), np.maximum(0.0, whole - 1.0), np.inf)


def positions(codes: pl.Series, known: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the position of each code in `known`, −1 where it is not there."""
    index = pl.DataFrame(
        {"code": list(known), "at": range(len(known))},
        schema={"code": pl.String, "at": pl.Int64},
    ).unique("code", keep="first", maintain_order=True)
    asked = pl.DataFrame({"code": codes})
    index = index.with_columns(pl.col("code").cast(asked.schema["code"], strict=False))
    found = asked.join(index, on="code", how="left", maintain_order="left")
    return found["at"].fill_null(-1).to_numpy()
