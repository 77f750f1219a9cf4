"""C: tables that add up others must agree with them: stock by day, use of what is limited.

A plan may leave these tables out. Where it has one, every figure of it is worked out anew, and
nothing may be missing from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.gates import slots_used
from aidline.plan.verify.trucks import convoys_used, hours_used
from aidline.plan.verify.violations import ABSOLUTE, Violation, differs, number, violations

if TYPE_CHECKING:
    from aidline.plan.verify.book import Book

KEY = ["place_id", "item_id", "day"]
LIMITED = ["resource", "at_id", "of_id", "day"]
MEANING = {
    "truck_hours": "truck-hours",
    "crossing_slots": "truck slots",
    "convoy": "trucks in convoys",
}


def c_stocks(book: Book) -> list[Violation]:
    """C.stocks: what is at a place at the end of a day is what came less what left by then."""
    table, words = book.tables["stocks"], book.facts.words
    if table.is_empty():
        return []
    true = _stocks(book)
    rows = (
        table.join(true, on=KEY, how="full", coalesce=True)
        .with_columns(
            pl.col("true", "came").fill_null(0.0), found=pl.col("quantity"), limit=pl.col("true")
        )
        .sort(KEY)
    )
    off = (pl.col("found").fill_null(0.0) - pl.col("limit")).abs()
    return violations(
        rows.filter(off > book.tolerance * pl.col("came") + ABSOLUTE),
        "C.stocks",
        lambda r: (
            f"The table stocks gives {number(r['found'])} of {words.name(r['item_id'])} at "
            f"{words.name(r['place_id'])} at the end of {words.day(r['day'])}; what came less "
            f"what left is {number(r['limit'])}."
        ),
        ("place_id", "item_id"),
    )


def _stocks(book: Book) -> pl.DataFrame:
    """Return place_id, item_id, day, true (units at the end of the day), came (by then)."""
    lots, transfers = book.facts.lots, book.tables["transfers"]
    none = pl.lit(0.0)
    moves = pl.concat(
        [
            lots.select(*KEY[:2], day="from_day", came="quantity", left=none),
            transfers.select(
                "item_id", place_id="to_id", day="arrive_day", came="quantity", left=none
            ).select(*KEY, "came", "left"),
            *(
                frame.select(
                    "item_id", "day", place_id="from_id", came=none, left="quantity"
                ).select(*KEY, "came", "left")
                for frame in (book.tables["deliveries"], transfers)
            ),
        ]
    )
    days = pl.DataFrame({"day": range(book.facts.days)}, schema={"day": pl.Int64})
    sums = moves.group_by(KEY).agg(pl.col("came", "left").sum())
    return (
        sums.select(KEY[:2])
        .unique()
        .join(days, how="cross")
        .join(sums, on=KEY, how="left")
        .sort(KEY)
        .with_columns(pl.col("came", "left").fill_null(0.0).cum_sum().over(KEY[:2]))
        .with_columns(true=(pl.col("came") - pl.col("left")).clip(0.0))
    )


def c_usage(book: Book) -> list[Violation]:
    """C.usage: limit and use of truck-hours, slots and convoys are what trips and transfers say."""
    table, words = book.tables["usage"], book.facts.words
    if table.is_empty():
        return []
    true = _usage(book)
    rows = table.join(true, on=LIMITED, how="full", coalesce=True, nulls_equal=True).sort(LIMITED)
    found: list[Violation] = []
    for column, true_column, meaning in (
        ("limit", "true_limit", "a limit of"),
        ("used", "true_used", "a use of"),
    ):
        there = pl.col("used").is_not_null() | (pl.col("true_used") > ABSOLUTE)
        found += violations(
            rows.filter(there)
            .with_columns(found=pl.col(column), limit=pl.col(true_column))
            .filter(differs("found", "limit", book.tolerance)),
            "C.usage",
            lambda r, meaning=meaning: (  # type: ignore[misc]
                f"The table usage gives {meaning} {number(r['found'])} "
                f"{MEANING.get(r['resource'], r['resource'])} at {words.name(r['at_id'])}"
                f"{' of ' + words.name(r['of_id']) if r['of_id'] else ''} on "
                f"{words.day(r['day'])}; it is {number(r['limit'])}."
            ),
            ("resource", "at_id", "of_id"),
        )
    return found


def _usage(book: Book) -> pl.DataFrame:
    """Return resource, at_id, of_id, day, true_limit, true_used of everything that is limited."""
    facts = book.facts
    hours = facts.fleet_hours.join(
        hours_used(book).select("found", "day", base_id="home_id", class_id="class_id"),
        on=["base_id", "class_id", "day"],
        how="full",
        coalesce=True,
    ).select("day", at_id="base_id", of_id="class_id", true_limit="hours", true_used="found")
    slots = facts.slots.drop_nulls("slots").join(
        slots_used(book), left_on=["place_id", "day"], right_on=["from_id", "day"], how="left"
    )
    slots = slots.select(
        "day",
        at_id="place_id",
        of_id=pl.lit(None),
        true_limit="slots",
        true_used=pl.max_horizontal("weight", "volume"),
    )
    convoys = convoys_used(book).filter(~pl.col("free").fill_null(value=True))
    convoys = convoys.select(
        "day", at_id="to_id", of_id=pl.lit(None), true_limit="limit", true_used="found"
    )
    kinds = {"truck_hours": hours, "crossing_slots": slots, "convoy": convoys}
    return pl.concat(
        [
            frame.select(
                pl.lit(kind).alias("resource"),
                pl.col("at_id", "of_id").cast(pl.String),
                pl.col("day").cast(pl.Int64),
                pl.col("true_limit", "true_used").cast(pl.Float64).fill_null(0.0),
            )
            for kind, frame in kinds.items()
        ]
    )
