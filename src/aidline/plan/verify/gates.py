"""S6: crossings: who may pass, what may pass, how much a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.verify.roads import COARSE, GRAIN
from aidline.plan.verify.violations import Violation, number, over, violations

if TYPE_CHECKING:
    from aidline.plan.verify.book import Book

WHERE = ("from_id", "to_id", "item_id")


def s6_places(book: Book) -> list[Violation]:
    """S6.from, S6.to: transfers run from crossings to places that send trucks."""
    words, places = book.facts.words, book.facts.places
    gates = places.filter("crossing")["place_id"].to_list()
    starts = places.filter("starts")["place_id"].to_list()
    rows = book.tables["transfers"].filter(pl.col("quantity") > 0)
    return [
        *violations(
            rows.filter(~pl.col("from_id").is_in(gates)),
            "S6.from",
            lambda r: (
                f"A transfer leaves {words.name(r['from_id'])} on {words.day(r['day'])}, which "
                f"is not a crossing."
            ),
            WHERE,
        ),
        *violations(
            rows.filter(~pl.col("to_id").is_in(starts)),
            "S6.to",
            lambda r: (
                f"A transfer goes to {words.name(r['to_id'])} on {words.day(r['day'])}, where "
                f"no trucks could take it on."
            ),
            WHERE,
        ),
    ]


def s6_goods(book: Book) -> list[Violation]:
    """S6.goods: only goods that the crossing lets through."""
    words = book.facts.words
    rows = (
        book.tables["transfers"]
        .filter(pl.col("quantity") > 0)
        .join(book.facts.crossings, left_on="from_id", right_on="place_id")
        .join(book.facts.items.select("item_id", "need_group"), on="item_id")
    )
    allowed = pl.col("allowed").is_null() | pl.col("allowed").list.contains(pl.col("need_group"))
    refused = pl.col("refused").list.contains(pl.col("item_id"))
    return violations(
        rows.filter(~allowed | refused),
        "S6.goods",
        lambda r: (
            f"{words.name(r['from_id'])} does not let {words.name(r['item_id'])} pass "
            f"(transfer of {words.day(r['day'])})."
        ),
        WHERE,
    )


def s6_slots(book: Book) -> list[Violation]:
    """S6.weight, S6.volume: truckloads per crossing and day, by weight and by volume."""
    words = book.facts.words
    rows = slots_used(book).join(
        book.facts.slots, left_on=["from_id", "day"], right_on=["place_id", "day"]
    )
    rows = rows.with_columns(limit="slots").sort("from_id", "day")
    found = []
    for rule, by in (("S6.weight", "weight"), ("S6.volume", "volume")):
        found += violations(
            rows.with_columns(found=by).filter(over("found", "limit", book.tolerance)),
            rule,
            lambda r, by=by: (  # type: ignore[misc]
                f"On {words.day(r['day'])} {number(r['found'])} truckloads by {by} pass "
                f"{words.name(r['from_id'])}; it has {number(r['limit'])} slots."
            ),
            ("from_id",),
        )
    return found


def slots_used(book: Book) -> pl.DataFrame:
    """Return from_id, day, weight and volume: truckloads that pass, by either measure."""
    facts = book.facts
    return (
        book.tables["transfers"]
        .join(facts.items, on="item_id")
        .group_by("from_id", "day")
        .agg(
            t=(pl.col("quantity") * pl.col("weight_kg")).sum() / 1000.0,
            m3=(pl.col("quantity") * pl.col("volume_m3")).sum(),
        )
        .join(facts.crossings, left_on="from_id", right_on="place_id")
        .select(
            "from_id",
            "day",
            weight=pl.col("t") / pl.col("payload_t"),
            volume=pl.col("m3") / pl.col("volume_m3"),
        )
    )


def s6_arrival(book: Book) -> list[Violation]:
    """S6.road, S6.arrival: a transfer takes max(1, ⌈driving hours / hours per day⌉) days."""
    words = book.facts.words
    rows = book.tables["transfers"]
    travel = book.facts.ways.travel_h(rows.select("day", "from_id", "to_id"))
    stages, day = travel / book.facts.drive_h_per_day, rows["day"].to_numpy()
    way = np.isfinite(stages)
    earliest, latest = (
        day + np.where(way, np.maximum(1.0, np.ceil(stages - grain)), 0.0)
        for grain in (COARSE, GRAIN)
    )
    said = rows["arrive_day"].to_numpy()
    true_day = np.where((said >= earliest) & (said <= latest), said, latest)
    rows = rows.with_columns(
        way=pl.Series(way, dtype=pl.Boolean),
        found="arrive_day",
        limit=pl.Series(true_day).cast(pl.Int64),
    )
    return [
        *violations(
            rows.filter(~pl.col("way") & (pl.col("quantity") > 0)).drop("found", "limit"),
            "S6.road",
            lambda r: (
                f"No truck can drive from {words.name(r['from_id'])} to "
                f"{words.name(r['to_id'])} on {words.day(r['day'])}: there is no open way."
            ),
            WHERE,
        ),
        *violations(
            rows.filter(pl.col("way") & (pl.col("found") != pl.col("limit"))),
            "S6.arrival",
            lambda r: (
                f"The transfer from {words.name(r['from_id'])} to {words.name(r['to_id'])} on "
                f"{words.day(r['day'])} is there on {words.day(r['limit'])}, not on "
                f"{words.day(r['found'])}."
            ),
            WHERE,
        ),
    ]
