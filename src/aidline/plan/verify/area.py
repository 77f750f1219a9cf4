"""S7, S8: what happens in an area: goods arrive, are kept, meet needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.served import so_far
from aidline.plan.verify.matching import available
from aidline.plan.verify.violations import ABSOLUTE, Violation, number, violations
from aidline.situation.row_keys import Groups, row_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aidline.plan.verify.book import Book

STREAM = ["area_id", "from_item_id", "part"]
WHERE = ("area_id", "item_id", "from_item_id")


def s7_relations(book: Book) -> list[Violation]:
    """S7.relation: a need is met by the item itself, a substitute, or a kit that holds it."""
    words = book.facts.words
    rows = book.tables["uses"].join(
        book.facts.relations, on=["item_id", "from_item_id"], how="anti"
    )
    return violations(
        rows,
        "S7.relation",
        lambda r: (
            f"{words.name(r['from_item_id'])} cannot meet the need for "
            f"{words.name(r['item_id'])} in {words.name(r['area_id'])} ({words.day(r['day'])}): "
            f"it is neither a substitute nor a kit that holds it."
        ),
        WHERE,
    )


def s7_uses(book: Book) -> list[Violation]:
    """S7.arrived, S7.kept, S7.kit: each unit is used once, after it arrived, before it is too old.

    Goods are used in the order of the last day on which they can be; for goods that may be
    used from one day to another this finds a way to cover all uses whenever there is one. Of a
    kit every part is counted apart, and a kit given out whole counts for all of its parts.
    """
    demand, streams = _demand(book)
    if streams.height == 0:
        return []
    supply = _supply(book, streams)
    days, words = book.facts.days, book.facts.words
    wanted = _grid(demand["stream"], demand["day"], demand["units"], streams.height, days)
    at_hand = available(
        wanted,
        supply["stream"].to_numpy().astype(np.int64),
        supply["day"].to_numpy(),
        supply["last"].to_numpy(),
        supply["quantity"].to_numpy(),
    )
    came = np.cumsum(
        _grid(supply["stream"], supply["day"], supply["quantity"], streams.height, days), axis=1
    )
    short = wanted > at_hand + book.tolerance * came + ABSOLUTE
    stream, day = np.nonzero(short)
    enough = np.cumsum(wanted, axis=1)[stream, day] <= came[stream, day] * (1 + book.tolerance)
    rows = streams.select(STREAM)[stream].with_columns(
        day=pl.Series(day),
        found=pl.Series(wanted[stream, day]),
        limit=pl.Series(at_hand[stream, day]),
        kept=pl.Series(enough, dtype=pl.Boolean),
    )
    found = []
    for rule, chosen, why in (
        ("S7.kept", pl.col("kept"), "can still be used by then; the rest was kept too long"),
        ("S7.kit", ~pl.col("kept") & pl.col("part").is_not_null(), "kits are at hand"),
        ("S7.arrived", ~pl.col("kept") & pl.col("part").is_null(), "have arrived and are left"),
    ):
        found += violations(
            rows.filter(chosen),
            rule,
            lambda r, why=why: (  # type: ignore[misc]
                f"{words.name(r['area_id'])} uses {number(r['found'])} of "
                f"{words.name(r['from_item_id'])}{_part(words.name(r['part']), r['part'])} on "
                f"{words.day(r['day'])}; {number(r['limit'])} {why}."
            ),
            ("area_id", "from_item_id", "part"),
        )
    return found


def s8_needs(book: Book) -> list[Violation]:
    """S8.need: no more is met than is needed; for once items, than has come up so far."""
    facts, words = book.facts, book.facts.words
    needs, uses = facts.needs, book.tables["uses"].filter(pl.col("quantity") > ABSOLUTE)
    nowhere = (
        uses.join(needs.pairs, on=["area_id", "item_id"], how="anti")
        .with_columns(found="quantity", limit=pl.lit(0.0))
        .select("area_id", "item_id", "day", "found", "limit")
    )
    need, met = so_far(needs.need, needs.once), so_far(needs.met(book.tables["uses"]), needs.once)
    over = met > need * (1 + book.tolerance) + ABSOLUTE
    over[needs.once] &= np.cumsum(over[needs.once], axis=1) == 1  # the first day says it
    pair, day = np.nonzero(over)
    rows = needs.pairs.select("area_id", "item_id")[pair].with_columns(
        day=pl.Series(day), found=pl.Series(met[pair, day]), limit=pl.Series(need[pair, day])
    )
    return violations(
        pl.concat([nowhere, rows]),
        "S8.need",
        lambda r: (
            f"{number(r['found'])} units of the need for {words.name(r['item_id'])} in "
            f"{words.name(r['area_id'])} are met by {words.day(r['day'])}; "
            f"{number(r['limit'])} are needed."
        ),
        ("area_id", "item_id"),
    )


def _part(name: str, part: str | None) -> str:
    return "" if part is None else f" for the {name} in it"


def _demand(book: Book) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return uses in units of the item that is used, and their streams.

    A stream is an item in an area, or one part of the kits in an area.
    """
    uses = (
        book.tables["uses"]
        .filter(pl.col("quantity") > 0)
        .join(book.facts.relations, on=["item_id", "from_item_id"])
        .with_columns(units=pl.col("quantity") * pl.col("per"))
        .rename({"part": "is_part"})
    )
    parts = uses.filter("is_part").with_columns(part="item_id")
    opened = parts.select(STREAM).unique()
    whole = uses.filter(~pl.col("is_part")).join(opened, on=["area_id", "from_item_id"], how="left")
    columns = [*STREAM, "day", "units"]
    demand = pl.concat([parts.select(columns), whole.select(columns)])
    streams = demand.select(STREAM).unique().sort(STREAM).with_row_index("stream")
    return demand.join(streams, on=STREAM, nulls_equal=True), streams


def _supply(book: Book, streams: pl.DataFrame) -> pl.DataFrame:
    """Return what arrives in areas, by stream, with the last day on which it can be used."""
    columns = ["area_id", "item_id", "quantity", "day", "expiry_day"]
    delivered = book.tables["deliveries"].select(
        "area_id",
        "item_id",
        "quantity",
        day="arrive_day",
        expiry_day=pl.lit(None, pl.Int64),
    )
    hold = book.facts.items.select("item_id", "hold_days")
    end = book.facts.days - 1
    come = pl.concat([delivered, book.facts.held.select(columns)])
    alike = Groups.of(row_numbers(come, ["area_id", "item_id", "day", "expiry_day"]))
    return (
        come[alike.first]
        .with_columns(quantity=pl.Series(alike.sums(come["quantity"].to_numpy())))
        .join(hold, on="item_id", maintain_order="left")
        .with_columns(
            last=pl.min_horizontal(
                pl.col("day") + pl.col("hold_days"), pl.col("expiry_day"), pl.lit(end)
            )
        )
        .join(
            streams,
            left_on=["area_id", "item_id"],
            right_on=["area_id", "from_item_id"],
            maintain_order="left_right",
        )
    )


def _grid(
    row: pl.Series, day: pl.Series, units: pl.Series, rows: int, days: int
) -> NDArray[np.float64]:
    cell = row.to_numpy().astype(np.int64) * days + day.to_numpy()
    sums = np.bincount(cell, units.to_numpy(), minlength=rows * days)
    return sums.reshape(rows, days).astype(np.float64)
