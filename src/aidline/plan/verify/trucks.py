"""S1, S2, S4, S10: trucks, what they hold, when they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.verify.book import LEG, Book
from aidline.plan.verify.violations import Violation, differs, number, over, violations

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHERE = ("from_id", "to_id", "class_id")


def s1_ways(book: Book) -> list[Violation]:
    """S1.base, S1.fleet, S1.road: trucks run from their own home, and only where there is a way."""
    words, trips = book.facts.words, book.trips.filter(pl.col("trips") > 0)
    return [
        *violations(
            trips.filter(pl.col("base_id") != pl.col("home_id")),
            "S1.base",
            lambda r: (
                f"Trips from {words.name(r['from_id'])} on {words.day(r['day'])} are booked on "
                f"trucks of {words.name(r['base_id'])}, but its trucks are those of "
                f"{words.name(r['home_id'])}."
            ),
            WHERE,
        ),
        *violations(
            trips.filter(pl.col("shift_h").is_null()),
            "S1.fleet",
            lambda r: (
                f"{words.name(r['home_id'])} has no trucks of class {words.name(r['class_id'])}, "
                f"but trips leave {words.name(r['from_id'])} on {words.day(r['day'])}."
            ),
            WHERE,
        ),
        *violations(
            trips.filter(pl.col("true_hours").is_null() & pl.col("shift_h").is_not_null()),
            "S1.road",
            lambda r: (
                f"{words.name(r['class_id'])} cannot drive from {words.name(r['from_id'])} to "
                f"{words.name(r['to_id'])} on {words.day(r['day'])}: there is no open way."
            ),
            WHERE,
        ),
    ]


def s1_times(book: Book) -> list[Violation]:
    """S1.trip_hours, S1.arrival, S1.end: duration and arrival follow from the roads of the day."""
    words, trips = book.facts.words, book.trips.filter(pl.col("true_hours").is_not_null())
    hours = trips.with_columns(found="hours_per_trip", limit="true_hours")
    days = trips.with_columns(found="arrive_day", limit="true_day")
    ends = trips.with_columns(found="true_day", limit=pl.lit(book.facts.days - 1))
    return [
        *violations(
            hours.filter(differs("found", "limit", book.tolerance)),
            "S1.trip_hours",
            lambda r: (
                f"A round trip from {words.name(r['from_id'])} to {words.name(r['to_id'])} on "
                f"{words.day(r['day'])} takes {number(r['limit'])} h, not {number(r['found'])} h."
            ),
            WHERE,
        ),
        *violations(
            days.filter(pl.col("found") != pl.col("limit")),
            "S1.arrival",
            lambda r: (
                f"What leaves {words.name(r['from_id'])} for {words.name(r['to_id'])} on "
                f"{words.day(r['day'])} by {words.name(r['class_id'])} arrives on "
                f"{words.day(r['limit'])}, not on {words.day(r['found'])}."
            ),
            WHERE,
        ),
        *violations(
            ends.filter((pl.col("found") > pl.col("limit")) & (pl.col("trips") > 0)),
            "S1.end",
            lambda r: (
                f"What leaves {words.name(r['from_id'])} for {words.name(r['to_id'])} on "
                f"{words.day(r['day'])} arrives after the last day of the plan."
            ),
            WHERE,
        ),
    ]


def s1_hours(book: Book) -> list[Violation]:
    """S1.hours: a trip of H hours uses min(shift, what is left) hours on each day from t on."""
    words = book.facts.words
    rows = hours_used(book)
    return violations(
        rows.filter(over("found", "limit", book.tolerance)),
        "S1.hours",
        lambda r: (
            f"On {words.day(r['day'])} trips take {number(r['found'])} truck-hours of "
            f"{words.name(r['class_id'])} at {words.name(r['home_id'])}; there are "
            f"{number(r['limit'])}."
        ),
        ("home_id", "class_id"),
    )


def hours_used(book: Book) -> pl.DataFrame:
    """Return home_id, class_id, day, found (truck-hours that trips take), limit (there are).

    All days of every fleet that runs at all.
    """
    facts = book.facts
    trips = book.trips.filter(pl.col("true_hours").is_not_null())
    fleet = trips.select("home_id", "class_id").unique(maintain_order=True).with_row_index("fleet")
    placed = trips.join(fleet, on=["home_id", "class_id"], maintain_order="left")
    used = _spread_hours(placed, facts.days, fleet.height)
    days = pl.DataFrame({"day": range(facts.days)}, schema={"day": pl.Int64})
    return (
        fleet.join(days, how="cross", maintain_order="left_right")
        .with_columns(found=pl.Series(used, dtype=pl.Float64))
        .join(
            facts.fleet_hours,
            left_on=["home_id", "class_id", "day"],
            right_on=["base_id", "class_id", "day"],
            how="left",
            maintain_order="left",
        )
        .with_columns(limit=pl.col("hours").fill_null(0.0))
    )


def _spread_hours(trips: pl.DataFrame, days: int, fleets: int) -> NDArray[np.float64]:
    """Add up truck-hours per fleet and day; what falls after the last day is dropped."""
    day = trips["day"].to_numpy()
    first = trips["fleet"].to_numpy().astype(np.int64) * days + day
    count, shift = trips["trips"].to_numpy(), trips["shift_h"].to_numpy()
    left = trips["true_hours"].to_numpy().copy()
    used = np.zeros(fleets * days)
    for ahead in range(days):
        within = (day + ahead < days) & (left > 0)
        if not within.any():
            break
        part = np.minimum(left, shift) * count
        used += np.bincount(first[within] + ahead, part[within], minlength=fleets * days)
        left = np.maximum(left - shift, 0.0)
    return used


def s2_loads(book: Book) -> list[Violation]:
    """S2.weight, S2.volume, S2.unknown: loads fit into the trips, by weight and by volume."""
    words = book.facts.words
    items = book.facts.items.filter(pl.any_horizontal(pl.col("weight_kg", "volume_m3").is_null()))
    blank = items.filter(
        pl.col("item_id").is_in(book.tables["loads"]["item_id"].unique().implode())
    )
    trips = book.trips.group_by("leg").agg(
        room_t=(pl.col("trips") * pl.col("payload_t")).sum(),
        room_m3=(pl.col("trips") * pl.col("volume_m3")).sum(),
    )
    rows = book.carried.join(trips, on="leg", how="left").with_columns(
        pl.col("room_t", "room_m3").fill_null(0.0)
    )
    found = violations(
        blank,
        "S2.unknown",
        lambda r: (
            f"{words.name(r['item_id'])} has no weight or no volume, so no truck can be "
            f"planned for it."
        ),
        ("item_id",),
    )
    for rule, load, room, unit in (
        ("S2.weight", "t", "room_t", "t"),
        ("S2.volume", "m3", "room_m3", "m³"),
    ):
        found += violations(
            rows.with_columns(found=load, limit=room)
            .filter(over("found", "limit", book.tolerance))
            .sort(LEG),
            rule,
            lambda r, unit=unit: (  # type: ignore[misc]
                f"{words.name(r['class_id'])} from {words.name(r['from_id'])} to "
                f"{words.name(r['to_id'])} on {words.day(r['day'])}: the load is "
                f"{number(r['found'])} {unit}, the trips hold {number(r['limit'])} {unit}."
            ),
            WHERE,
        )
    return found


def s4_convoys(book: Book) -> list[Violation]:
    """S4.day, S4.trucks: an area with convoys is entered only with them."""
    words = book.facts.words
    rows = convoys_used(book).filter(pl.col("found") > 0)
    late = pl.col("free").is_null()
    return [
        *violations(
            rows.filter(late),
            "S4.day",
            lambda r: (
                f"Trucks arrive at {words.name(r['to_id'])} on {words.day(r['day'])}, when no "
                f"convoy enters."
            ),
            ("to_id",),
        ),
        *violations(
            rows.filter(~late & ~pl.col("free") & over("found", "limit", book.tolerance)),
            "S4.trucks",
            lambda r: (
                f"{number(r['found'])} trucks arrive at {words.name(r['to_id'])} on "
                f"{words.day(r['day'])}; the convoy takes {number(r['limit'])}."
            ),
            ("to_id",),
        ),
    ]


def convoys_used(book: Book) -> pl.DataFrame:
    """Return to_id, day, found (trucks that arrive), limit and free (not limited).

    One row per convoy, and per area with convoys and day on which trucks arrive; limit and free
    are null where no convoy enters on that day.
    """
    convoys = book.facts.convoys
    limits = convoys.group_by("area_id", "day").agg(
        limit=pl.col("max_trucks").sum(), free=pl.col("max_trucks").is_null().any()
    )
    arrive = (
        book.trips.filter(
            pl.col("to_id").is_in(convoys["area_id"].unique().to_list()) & (pl.col("trips") > 0)
        )
        .group_by("to_id", day=pl.coalesce("true_day", "arrive_day"))
        .agg(found=pl.col("trips").sum())
    )
    return (
        arrive.join(
            limits.rename({"area_id": "to_id"}), on=["to_id", "day"], how="full", coalesce=True
        )
        .with_columns(pl.col("found").fill_null(0.0))
        .sort("to_id", "day")
    )


def s10_whole(book: Book) -> list[Violation]:
    """S10.whole: in the first days only whole trucks leave (`whole_truck_days`, usually 3)."""
    given = book.options.get("whole_truck_days", 3)
    first = given if isinstance(given, int | float) else 3
    words = book.facts.words
    rows = (
        book.tables["trips"]
        .with_columns(found="trips", limit=pl.col("trips").round())
        .filter(pl.col("day") < first)
        .filter(differs("found", "limit", book.tolerance))
    )
    return violations(
        rows,
        "S10.whole",
        lambda r: (
            f"{number(r['trips'])} trips leave {words.name(r['from_id'])} for "
            f"{words.name(r['to_id'])} on {words.day(r['day'])}: in the first {first} days "
            f"only whole trucks can be sent."
        ),
        WHERE,
    )


def c_trips(book: Book) -> list[Violation]:
    """C.trips: the load that the table trips names is what the table loads holds."""
    words = book.facts.words
    rows = book.trips.join(
        book.carried.select("leg", "t", "m3"), on="leg", how="left"
    ).with_columns(pl.col("t", "m3").fill_null(0.0))
    found = []
    for column, true, unit in (("load_t", "t", "t"), ("load_m3", "m3", "m³")):
        found += violations(
            rows.with_columns(found=column, limit=true).filter(
                differs("found", "limit", book.tolerance)
            ),
            "C.trips",
            lambda r, unit=unit: (  # type: ignore[misc]
                f"Trips from {words.name(r['from_id'])} to {words.name(r['to_id'])} on "
                f"{words.day(r['day'])} are said to carry {number(r['found'])} {unit}; their "
                f"loads are {number(r['limit'])} {unit}."
            ),
            WHERE,
        )
    return found
