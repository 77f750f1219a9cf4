"""M5, M6: how people get to care: vehicles, their hours and room, and who needs none."""

from __future__ import annotations

import polars as pl

from aidline.plan.verify import care_facts
from aidline.plan.verify.care_book import TOLERANCE, Book
from aidline.plan.verify.violations import Violation, number, over, violations
from aidline.situation.defaults import Ledger


def rides_of(book: Book) -> pl.DataFrame:
    """Return the rows with a vehicle, where it goes (`to_id`), its room and hours of a trip."""
    home = {code: row["place_id"] for code, row in book.means.items()}
    rows = book.care.filter(pl.col("means_id").is_not_null()).with_columns(
        to_id=pl.coalesce(
            "place_id",
            pl.col("onward_id").replace_strict(home, default=None, return_dtype=pl.String),
        )
    )
    key = ["means_id", "area_id", "to_id", "day"]
    rides = rows.select(key).unique().sort(key)
    lying = pl.col("triage") != "green"
    room = {
        what: pl.col("means_id").replace_strict(
            {c: r[what] for c, r in book.means.items()}, default=None, return_dtype=pl.Float64
        )
        for what in ("seats", "stretchers", "vehicles", "hours_per_day")
    }
    return rows.join(
        care_facts.round_trips(book.situation, rides), on=key, how="left"
    ).with_columns(
        room=pl.when(lying).then(room["stretchers"]).otherwise(room["seats"]),
        vehicles=room["vehicles"],
        hours_per_day=room["hours_per_day"],
    )


def m5_vehicles(book: Book) -> list[Violation]:
    """M5.vehicles: hours of all trips of a day within those of the vehicles; stretchers, seats."""
    if book.care["means_id"].is_null().all():
        return []
    rides = rides_of(book)
    bad = rides.filter((pl.col("room") <= 0) | _goes_outside(book))
    found = violations(
        bad,
        "M5.room",
        lambda r: (
            f"{r['means_id']} has no room for {r['triage']} patients of {r['area_id']} on day "
            f"{r['day']}, or does not run inside the network."
        ),
        ("means_id", "area_id"),
    )
    hours = (
        rides.filter((pl.col("room") > 0) & pl.col("round_h").is_not_null())
        .group_by("means_id", "day")
        .agg(
            found=(pl.col("people") * pl.col("round_h") / pl.col("room")).sum(),
            limit=(pl.col("vehicles") * pl.col("hours_per_day")).first(),
        )
        .sort("means_id", "day")
    )
    return found + violations(
        hours.filter(over("found", "limit", 1e-5)),
        "M5.vehicles",
        lambda r: (
            f"{r['means_id']} drives {number(r['found'])} hours on day {r['day']}; "
            f"it has {number(r['limit'])}."
        ),
        ("means_id",),
    )


def _goes_outside(book: Book) -> pl.Expr:
    """Return an expression: this means leaves the network, so it brings nobody to care inside."""
    away = [code for code, row in book.means.items() if row["destination"]]
    return pl.col("means_id").is_in(away)


def m5_leaving(book: Book) -> list[Violation]:
    """M5.leaving: who leaves the network has a stretcher, from the agreed day, to that place."""
    outside = book.care.filter(pl.col("onward_id").is_not_null())
    rows = []
    for (code, day), part in outside.group_by(["onward_id", "day"], maintain_order=True):
        row = book.means[str(code)]
        agreed = row["first_day"] is not None and int(day) >= row["first_day"]
        away = Ledger().take(f"care.outside_round_trip_h.{row['mode']}")
        trips = row["vehicles"] * row["hours_per_day"] / (away + row["turnaround_h"])
        right = set(part["destination"]) == {row["destination"]} and bool(row["destination"])
        limit = trips * row["stretchers"] if agreed and right else 0.0
        found = float(part["people"].sum())
        if found > limit * (1 + TOLERANCE) + TOLERANCE:
            rows.append({"onward_id": code, "day": day, "found": found, "limit": limit})
    return violations(
        pl.DataFrame(rows),
        "M5.leaving",
        lambda r: (
            f"{number(r['found'])} people leave with {r['onward_id']} on day {r['day']}; it is "
            f"agreed and has stretchers for {number(r['limit'])}."
        ),
        ("onward_id",),
    )


def m6_access(book: Book) -> list[Violation]:
    """M6.access: own feet only inside the area; a vehicle gets there and home within its hours."""
    lies_in = dict(book.situation["places"].select("place_id", "area_id").iter_rows())
    home = {code: row["place_id"] for code, row in book.means.items()}
    at = pl.coalesce(
        "place_id", pl.col("onward_id").replace_strict(home, default=None, return_dtype=pl.String)
    )
    there = at.replace_strict(lies_in, default=None, return_dtype=pl.String)
    walk = book.care.filter(pl.col("means_id").is_null()).filter(
        there.ne_missing(pl.col("area_id"))
    )
    bad = [walk.select("area_id", "day", "means_id")]
    if walk.height < book.care.height and not book.care["means_id"].is_null().all():
        rides = rides_of(book)
        first = {c: r["first_day"] or 0 for c, r in book.means.items()}
        late = pl.col("round_h").fill_null(float("inf")) > pl.col("hours_per_day") + 1e-4
        early = pl.col("day") < pl.col("means_id").replace_strict(first, return_dtype=pl.Int64)
        bad.append(rides.filter(late | early).select("area_id", "day", "means_id"))
    return violations(
        pl.concat(bad).unique(maintain_order=True),
        "M6.access",
        lambda r: (
            f"People of {r['area_id']} cannot get to care on day {r['day']} "
            + (f"by {r['means_id']}." if r["means_id"] else "by themselves: it lies elsewhere.")
        ),
        ("area_id", "means_id"),
    )
