"""S5: stock, lot by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.verify.violations import ABSOLUTE, Violation, number, violations

if TYPE_CHECKING:
    from aidline.plan.verify.book import Book

AT = ["lot_id", "place_id"]


def s5_stock(book: Book) -> list[Violation]:
    """S5.stock: what leaves a place of a lot up to a day is there up to that day."""
    words, transfers = book.facts.words, book.tables["transfers"]
    own = book.facts.lots.select(*AT, day="from_day", came="quantity", left=pl.lit(0.0))
    inward = transfers.select(
        "lot_id", place_id="to_id", day="arrive_day", came="quantity", left=pl.lit(0.0)
    )
    outward = pl.concat(
        frame.select("lot_id", "day", "quantity", place_id="from_id")
        for frame in (book.tables["deliveries"], transfers)
    ).select(*AT, "day", came=pl.lit(0.0), left="quantity")
    rows = (
        pl.concat([own, inward, outward])
        .group_by(*AT, "day")
        .agg(pl.col("came", "left").sum())
        .sort(*AT, "day")
        .with_columns(
            limit=pl.col("came").cum_sum().over(AT), found=pl.col("left").cum_sum().over(AT)
        )
    )
    over = pl.col("found") > pl.col("limit") * (1 + book.tolerance) + ABSOLUTE
    bad = rows.filter((pl.col("left") > 0) & over)
    return violations(
        bad,
        "S5.stock",
        lambda r: (
            f"Up to {words.day(r['day'])} {number(r['found'])} units of lot {r['lot_id']} leave "
            f"{words.name(r['place_id'])}; {number(r['limit'])} have been there."
        ),
        ("place_id", "lot_id"),
    )


def s5_lots(book: Book) -> list[Violation]:
    """S5.item, S5.expiry: a lot holds its item, and nothing arrives expired."""
    words = book.facts.words
    lots = book.facts.lots.group_by("lot_id").agg(
        lot_item=pl.col("item_id").first(), limit=pl.col("expiry_day").min()
    )
    key = ["day", "lot_id", "item_id"]
    sent = pl.concat(
        [
            book.tables["deliveries"].select(*key, "from_id", "area_id", found="arrive_day"),
            book.tables["transfers"].select(
                *key, "from_id", area_id="to_id", found=pl.lit(None, pl.Int64)
            ),
        ]
    ).join(lots, on="lot_id")
    return [
        *violations(
            sent.filter(pl.col("item_id") != pl.col("lot_item")).drop("found", "limit"),
            "S5.item",
            lambda r: (
                f"Lot {r['lot_id']} holds {words.name(r['lot_item'])}, not "
                f"{words.name(r['item_id'])}, which leaves {words.name(r['from_id'])} from it on "
                f"{words.day(r['day'])}."
            ),
            ("from_id", "area_id", "lot_id"),
        ),
        *violations(
            sent.filter(pl.col("found") > pl.col("limit")),
            "S5.expiry",
            lambda r: (
                f"{words.name(r['item_id'])} of lot {r['lot_id']} reaches "
                f"{words.name(r['area_id'])} on {words.day(r['found'])}; it expires on "
                f"{words.day(r['limit'])}."
            ),
            ("from_id", "area_id", "lot_id"),
        ),
    ]
