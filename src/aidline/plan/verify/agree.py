"""C: tables that say the same thing must agree: coverage and fairness with uses and needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.metrics import coverage_by_group
from aidline.plan.served import PAIR, so_far, spread
from aidline.plan.value import unmet_share
from aidline.plan.verify.violations import Violation, differs, number, violations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aidline.plan.served import Served
    from aidline.plan.verify.book import Book

WHERE = ("area_id", "item_id")
MEANING = {"need": "the need", "met": "what is met", "share": "the share met", "people": "people"}


def c_coverage(book: Book, served: Served) -> list[Violation]:
    """C.coverage: the table coverage is what needs and uses say, for every day with need."""
    needs = served.needs
    pairs, days = needs.need.shape
    need = so_far(needs.need, needs.once)
    met = so_far(served.met, needs.once)
    truth = {
        "need": need,
        "met": met,
        "share": np.where(need > 0, 1.0 - unmet_share(need, met), np.nan),
        "people": served.person_days,
    }
    table = book.tables["coverage"].join(needs.pairs.select(*PAIR, "pair"), on=PAIR, how="left")
    strange = table.filter(pl.col("pair").is_null() & ((pl.col("need") > 0) | (pl.col("met") > 0)))
    known = table.filter(pl.col("pair").is_not_null())
    there = spread(known.with_columns(one=pl.lit(1.0)), "one", pairs, days) > 0
    found = violations(
        strange.with_columns(found="need", limit=pl.lit(0.0)),
        "C.coverage",
        lambda r: (
            f"The table coverage has a need that the situation does not have: {_at(book, r)}."
        ),
        WHERE,
    )
    found += violations(
        _gaps(served, (need > 0) & ~there),
        "C.coverage",
        lambda r: (
            f"The table coverage has no row for {_at(book, r)}"
            f"{' and ' + str(r['days'] - 1) + ' more days' if r['days'] > 1 else ''}."
        ),
        WHERE,
    )
    cell = known["pair"].to_numpy().astype(np.int64), known["day"].to_numpy()
    for column, figures in truth.items():
        found += _compared(book, known, column, figures[cell])
    return found


def c_fairness(book: Book, served: Served) -> list[Violation]:
    """C.fairness: the table fairness is the coverage of each area and need group."""
    words, key = book.facts.words, ["area_id", "need_group"]
    truth = coverage_by_group(served, book.facts.reachable).select(
        *key, true_days="person_days", true_share="share", true_reach="reachable"
    )
    rows = book.tables["fairness"].join(truth, on=key, how="full", coalesce=True).sort(key)
    missing = rows.filter(pl.col("person_days").is_null() & (pl.col("true_days") > 0))
    strange = rows.filter(pl.col("true_days").is_null() & (pl.col("person_days") > 0))
    both = rows.drop_nulls(["person_days", "true_days"])
    found = violations(
        missing,
        "C.fairness",
        lambda r: (
            f"The table fairness has no row for {words.name(r['area_id'])}, {r['need_group']}."
        ),
        ("area_id", "need_group"),
    )
    found += violations(
        strange.with_columns(found="person_days", limit=pl.lit(0.0)),
        "C.fairness",
        lambda r: (
            f"The table fairness has a need that the situation does not have: "
            f"{words.name(r['area_id'])}, {r['need_group']}."
        ),
        ("area_id", "need_group"),
    )
    for column, true in (("person_days", "true_days"), ("share", "true_share")):
        found += violations(
            both.with_columns(found=column, limit=true).filter(
                differs("found", "limit", book.tolerance)
            ),
            "C.fairness",
            lambda r, column=column: (  # type: ignore[misc]
                f"The table fairness gives {column} {number(r['found'])} for "
                f"{words.name(r['area_id'])}, {r['need_group']}; needs and uses give "
                f"{number(r['limit'])}."
            ),
            ("area_id", "need_group"),
        )
    short = both.filter(pl.col("floor") > pl.col("true_share") + book.tolerance)
    found += violations(
        short.with_columns(found="true_share", limit="floor"),
        "C.fairness",
        lambda r: (
            f"The table fairness assures {words.name(r['area_id'])} of a share of "
            f"{number(r['limit'])} of {r['need_group']}; needs and uses give {number(r['found'])}."
        ),
        ("area_id", "need_group"),
    )
    return found + violations(
        both.filter(pl.col("reachable") != pl.col("true_reach")),
        "C.fairness",
        lambda r: (
            f"The table fairness says that {words.name(r['area_id'])} "
            f"{'can' if r['reachable'] else 'cannot'} be reached; roads, trucks and stock say "
            f"that it {'can' if r['true_reach'] else 'cannot'}."
        ),
        ("area_id", "need_group"),
    )


def _compared(
    book: Book, known: pl.DataFrame, column: str, truth: NDArray[np.float64]
) -> list[Violation]:
    rows = known.with_columns(found=column, limit=pl.Series(truth, dtype=pl.Float64)).filter(
        pl.col(column).is_not_null() & pl.col("limit").is_not_nan()
    )
    return violations(
        rows.filter(differs("found", "limit", book.tolerance)),
        "C.coverage",
        lambda r: (
            f"The table coverage gives {number(r['found'])} for {MEANING[column]} of "
            f"{_at(book, r)}; needs and uses give {number(r['limit'])}."
        ),
        WHERE,
    )


def _gaps(served: Served, marked: NDArray[np.bool_]) -> pl.DataFrame:
    """Return area and item of marked cells, with their first day and their number of days."""
    pair = np.flatnonzero(marked.any(axis=1))
    return served.needs.pairs.select(*PAIR)[pair].with_columns(
        day=pl.Series(marked[pair].argmax(axis=1)), days=pl.Series(marked[pair].sum(axis=1))
    )


def _at(book: Book, row: dict[str, object]) -> str:
    words = book.facts.words
    area, item = words.name(str(row["area_id"])), words.name(str(row["item_id"]))
    day = row["day"]
    return f"{item} in {area} on {words.day(day if isinstance(day, int) else None)}"
