"""Places, vehicle classes and truck-hours, as the rules see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.calendar import by_day, day_number

if TYPE_CHECKING:
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation


def places(situation: Situation) -> pl.DataFrame:
    """Return place_id, base_id, transship, crossing, starts.

    A place sends trucks when it is no crossing and its base has any.
    """
    with_trucks = situation["fleets"].filter(pl.col("vehicles") > 0)["place_id"].unique()
    gates = situation["crossings"]["place_id"]
    base = pl.col("fleet_base_id").fill_null(pl.col("place_id"))
    return (
        situation["places"]
        .select(
            "place_id",
            base_id=base,
            transship=pl.col("transship").fill_null(value=False),
            crossing=pl.col("place_id").is_in(gates.to_list()),
            starts=base.is_in(with_trucks.to_list()),
        )
        .with_columns(starts=pl.col("starts") & ~pl.col("crossing"))
        .unique("place_id", keep="first", maintain_order=True)
    )


def classes(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return class_id, payload_t, volume_m3, load_h, unload_h."""
    usual = ledger.take("truck.load_h_base") + ledger.take("truck.load_h_per_t") * pl.col(
        "payload_t"
    )
    return (
        situation["vehicle_classes"]
        .select(
            "class_id",
            "payload_t",
            "volume_m3",
            load_h=pl.col("load_h").fill_null(usual),
            unload_h=pl.col("unload_h").fill_null(usual),
        )
        .unique("class_id", keep="first", maintain_order=True)
    )


def _lines(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return the fleet lines of vehicles for goods: ambulances and buses are for people."""
    usual = ledger.take("truck.hours_per_day")
    for_people = situation["vehicle_classes"].filter(pl.col("profile").is_in(["ambulance", "bus"]))
    lines = situation["fleets"].join(for_people, on="class_id", how="anti")
    return lines.select(
        "class_id",
        "vehicles",
        base_id=pl.col("place_id"),
        hours_per_day=pl.col("hours_per_day").fill_null(usual),
        first=day_number(situation, "from_date"),
        last=day_number(situation, "until"),
    )


def shifts(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return base_id, class_id, shift_h: the least hours per day of the fleet lines."""
    return (
        _lines(situation, ledger)
        .group_by("base_id", "class_id")
        .agg(shift_h=pl.col("hours_per_day").min())
        .sort("base_id", "class_id")
    )


def fleet_hours(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return base_id, class_id, day, hours: Σ vehicles × hours of the lines that hold that day."""
    return (
        by_day(_lines(situation, ledger), situation.settings.days)
        .group_by("base_id", "class_id", "day")
        .agg(hours=(pl.col("vehicles") * pl.col("hours_per_day")).sum())
        .sort("base_id", "class_id", "day")
    )


def convoys(situation: Situation) -> pl.DataFrame:
    """Return area_id, day, max_trucks of every day on which a convoy may enter."""
    return situation["convoys"].select("area_id", "max_trucks", day=day_number(situation, "date"))


def start_classes(
    places: pl.DataFrame, classes: pl.DataFrame, shifts: pl.DataFrame, hours: pl.DataFrame
) -> pl.DataFrame:
    """Return place_id, class_id, day, shift_h, out_h for every start, class and day with trucks.

    out_h is the time to load and unload on the way out, without driving.
    """
    return (
        places.filter("starts")
        .select("place_id", "base_id")
        .join(hours.filter(pl.col("hours") > 0), on="base_id")
        .join(shifts, on=["base_id", "class_id"])
        .join(classes, on="class_id")
        .select("place_id", "class_id", "day", "shift_h", "load_h")
    )
