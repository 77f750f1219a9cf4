"""S3: legs and lanes: what trucks carry is what is delivered, also over a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.violations import ABSOLUTE, Violation, differs, number, violations

if TYPE_CHECKING:
    from aidline.plan.verify.book import Book

LANE = ["from_id", "to_id", "item_id", "arrive_day"]
SUM = pl.col("quantity").sum()


def s3_places(book: Book) -> list[Violation]:
    """S3.crossing, S3.hub: trucks do not start at crossings and stop only at areas and hubs."""
    facts, words = book.facts, book.facts.words
    trips = book.trips.filter(pl.col("trips") > 0)
    hubs = _hubs(book)
    areas = facts.situation["areas"]["area_id"].to_list()
    via = book.tables["deliveries"].filter(pl.col("via_id").is_not_null())
    stray = [
        trips.filter(~pl.col("to_id").is_in([*areas, *hubs])).select("day", "to_id"),
        via.filter(~pl.col("via_id").is_in(hubs)).select("day", to_id="via_id"),
    ]
    return [
        *violations(
            trips.filter(pl.col("crossing")),
            "S3.crossing",
            lambda r: (
                f"Trips leave the crossing {words.name(r['from_id'])} for "
                f"{words.name(r['to_id'])} on {words.day(r['day'])}; from a crossing goods go "
                f"to a warehouse first, by transfer."
            ),
            ("from_id", "to_id"),
        ),
        *violations(
            pl.concat(stray).unique(maintain_order=True),
            "S3.hub",
            lambda r: (
                f"Goods change trucks at {words.name(r['to_id'])} on {words.day(r['day'])}, "
                f"which is not a place of trans-shipment."
            ),
            ("to_id",),
        ),
    ]


def s3_direct(book: Book) -> list[Violation]:
    """S3.loads: per leg, item and day the loads equal the deliveries that run over the leg."""
    rows = book.last_legs
    hub = pl.col("from_id").is_in(_hubs(book))
    more = pl.col("found") > pl.col("limit")
    # what a hub carries beyond its own deliveries must be trans-shipped: see s3_hubs
    bad = rows.filter(differs("found", "limit", book.tolerance) & (~hub | more))
    words = book.facts.words
    return violations(
        bad.sort("day", *LANE),
        "S3.loads",
        lambda r: (
            f"{words.name(r['item_id'])} from {words.name(r['from_id'])} to "
            f"{words.name(r['to_id'])}, leaving on {words.day(r['day'])} and arriving on "
            f"{words.day(r['arrive_day'])}: {number(r['found'])} delivered, but trucks carry "
            f"{number(r['limit'])}."
        ),
        ("from_id", "to_id", "item_id"),
    )


def s3_hubs(book: Book) -> list[Violation]:
    """S3.first_leg, S3.second_leg, S3.hub_day: both legs carry what is delivered over the hub.

    The first leg carries per day, start, hub and item what is delivered over it; the second
    leg per area, item and day of arrival; and nothing leaves a hub before the day after it
    arrived there (goods of one item are told apart by lot only on paper).
    """
    via = book.tables["deliveries"].filter(pl.col("via_id").is_not_null())
    hubs = _hubs(book)
    first = book.loads.filter(pl.col("to_id").is_in(hubs))
    areas = book.facts.situation["areas"]["area_id"].to_list()
    first = first.filter(~pl.col("to_id").is_in(areas))
    rest = (
        book.last_legs.filter(pl.col("from_id").is_in(hubs))
        .with_columns(quantity=pl.col("limit") - pl.col("found"))
        .filter(pl.col("quantity") > ABSOLUTE)
    )
    if via.height == 0 and first.height == 0 and rest.height == 0:
        return []
    return [
        *_first_leg(book, via, first),
        *_second_leg(book, via, rest),
        *_hub_days(book, via, first, rest),
    ]


def _hubs(book: Book) -> list[str]:
    return book.facts.places.filter("transship")["place_id"].to_list()


def _first_leg(book: Book, via: pl.DataFrame, first: pl.DataFrame) -> list[Violation]:
    key, words = ["day", "from_id", "via_id", "item_id"], book.facts.words
    rows = (
        via.group_by(key)
        .agg(found=SUM)
        .join(
            first.rename({"to_id": "via_id"}).group_by(key).agg(limit=SUM),
            on=key,
            how="full",
            coalesce=True,
        )
    )
    rows = rows.with_columns(pl.col("found", "limit").fill_null(0.0)).sort(key)
    return violations(
        rows.filter(differs("found", "limit", book.tolerance)),
        "S3.first_leg",
        lambda r: (
            f"{words.name(r['item_id'])} from {words.name(r['from_id'])} over "
            f"{words.name(r['via_id'])}, leaving on {words.day(r['day'])}: "
            f"{number(r['found'])} delivered, but trucks carry {number(r['limit'])} to the hub."
        ),
        ("from_id", "via_id", "item_id"),
    )


def _second_leg(book: Book, via: pl.DataFrame, rest: pl.DataFrame) -> list[Violation]:
    key, words = ["via_id", "area_id", "item_id", "arrive_day"], book.facts.words
    rows = (
        via.group_by(key)
        .agg(found=SUM)
        .join(
            rest.rename({"from_id": "via_id", "to_id": "area_id"}).group_by(key).agg(limit=SUM),
            on=key,
            how="full",
            coalesce=True,
            nulls_equal=True,
        )
    )
    rows = rows.with_columns(pl.col("found", "limit").fill_null(0.0)).sort(key)
    return violations(
        rows.filter(differs("found", "limit", book.tolerance)).rename({"arrive_day": "day"}),
        "S3.second_leg",
        lambda r: (
            f"{words.name(r['item_id'])} over {words.name(r['via_id'])} to "
            f"{words.name(r['area_id'])}, arriving on {words.day(r['day'])}: "
            f"{number(r['found'])} delivered, but trucks carry {number(r['limit'])} on from "
            f"the hub."
        ),
        ("via_id", "area_id", "item_id"),
    )


def _hub_days(
    book: Book, via: pl.DataFrame, first: pl.DataFrame, rest: pl.DataFrame
) -> list[Violation]:
    """Nothing leaves a hub before the day after it came: in sum, and delivery by delivery."""
    words, key = book.facts.words, ["hub", "item_id"]
    moves = pl.concat(
        [
            first.select(
                hub="to_id", item_id="item_id", day=pl.col("arrive_day") + 1, n="quantity"
            ),
            rest.select(hub="from_id", item_id="item_id", day="day", n=-pl.col("quantity")),
        ]
    )
    moves = moves.group_by(*key, "day").agg(pl.col("n").sum()).sort(*key, "day", nulls_last=True)
    whole = pl.col("n").abs().sum().over(key)
    short = moves.with_columns(left=pl.col("n").cum_sum().over(key), whole=whole).filter(
        pl.col("left") < -book.tolerance * pl.col("whole") - ABSOLUTE
    )
    start = ["day", "from_id", "via_id", "item_id"]
    stop = ["via_id", "area_id", "item_id", "arrive_day"]
    rows = via.join(
        first.rename({"to_id": "via_id"}).group_by(start).agg(there=pl.col("arrive_day").min()),
        on=start,
    ).join(
        rest.rename({"from_id": "via_id", "to_id": "area_id"})
        .group_by(stop)
        .agg(leave=pl.col("day").max()),
        on=stop,
    )
    early = rows.filter((pl.col("quantity") > ABSOLUTE) & (pl.col("leave") <= pl.col("there")))
    return [
        *violations(
            short.with_columns(found=-pl.col("left"), limit=pl.lit(0.0)),
            "S3.hub_day",
            lambda r: (
                f"By {words.day(r['day'])} trucks carry {number(r['found'])} more of "
                f"{words.name(r['item_id'])} away from the hub {words.name(r['hub'])} than had "
                f"arrived the day before."
            ),
            ("hub", "item_id"),
        ),
        *violations(
            early,
            "S3.hub_day",
            lambda r: (
                f"{words.name(r['item_id'])} for {words.name(r['area_id'])} reaches the hub "
                f"{words.name(r['via_id'])} on {words.day(r['there'])} and leaves it on "
                f"{words.day(r['leave'])}; it can leave on the day after, at the earliest."
            ),
            ("from_id", "via_id", "area_id", "item_id"),
        ),
    ]
