"""Rules on dates against the plan, and on rows that overlap in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.situation.problems import ORIGIN
from aidline.situation.rules.rule import Facts, Rule, faulty, rule

if TYPE_CHECKING:
    import datetime as dt

STRETCH = 2**22
"""Days that one stretch of the line holds, from 1970 on: beyond the year 9999."""


def _first(facts: Facts) -> dt.date:
    return facts.settings.start_date


def _last(facts: Facts) -> dt.date:
    return facts.settings.date_of(facts.settings.days - 1)


def _plan(facts: Facts) -> str:
    return f"a day of the plan, {_first(facts)} to {_last(facts)}"


@rule(
    "convoy-outside-plan",
    "warning",
    "convoys.date",
    "Correct the date or the length of the plan; on other days the area is closed.",
)
def convoy_outside_plan(facts: Facts) -> pl.DataFrame:
    """A convoy enters on a day that is not in the plan."""
    rows = facts["convoys"].filter(~pl.col("date").is_between(_first(facts), _last(facts)))
    return faulty(rows, pl.format("{} for {}", "date", "area_id"), _plan(facts))


@rule(
    "need-outside-plan",
    "warning",
    "needs.date",
    "Correct the dates or the length of the plan; this need is not planned for.",
)
def need_outside_plan(facts: Facts) -> pl.DataFrame:
    """A need begins after the last day of the plan, or ended before the first."""
    daily = pl.col("kind") == "daily"
    rows = facts.needs.filter(
        (pl.col("date") > _last(facts)) | (daily & (pl.col("until") < _first(facts)))
    )
    dates = pl.format(
        "{} to {}",
        pl.col("date").cast(pl.String).fill_null("…"),
        pl.col("until").cast(pl.String).fill_null("…"),
    )
    return faulty(rows, dates, _plan(facts))


@rule(
    "arrival-outside-plan",
    "warning",
    "arrivals.eta",
    "Correct the date or plan for more days; goods that come later are not used.",
)
def arrival_outside_plan(facts: Facts) -> pl.DataFrame:
    """Goods arrive after the last day of the plan."""
    rows = facts["arrivals"].filter(pl.col("eta") > _last(facts))
    return faulty(rows, pl.col("eta").cast(pl.String), f"a day up to {_last(facts)}")


@rule(
    "stock-expired",
    "warning",
    "stock.expiry",
    "Take it off the list or correct the date; nothing is handed over after its expiry.",
)
def stock_expired(facts: Facts) -> pl.DataFrame:
    """Stock expires before the first day of the plan."""
    rows = facts["stock"].filter(pl.col("expiry") < _first(facts))
    return faulty(rows, pl.format("expired on {}", "expiry"), f"a day from {_first(facts)} on")


@rule(
    "commitment-outside-plan",
    "warning",
    "commitments.date",
    "Correct the date; what has arrived already belongs in stock, with its area_id.",
)
def commitment_outside_plan(facts: Facts) -> pl.DataFrame:
    """Something promised or moving is due on a day that is not in the plan."""
    rows = facts["commitments"].filter(~pl.col("date").is_between(_first(facts), _last(facts)))
    return faulty(rows, pl.col("date").cast(pl.String), _plan(facts))


@rule(
    "figure-of-the-future",
    "warning",
    "*.as_of",
    "Correct the date: it says when the figure was true.",
)
def figure_of_the_future(facts: Facts) -> pl.DataFrame:
    """A figure is said to be true on a day after the plan ends."""
    parts = [
        frame.filter(pl.col("as_of") > _last(facts)).select(*ORIGIN, "as_of")
        for frame in facts.frames.values()
        if "as_of" in frame.columns and frame.height
    ]
    if not parts:
        return faulty(facts["needs"].clear(), pl.lit(""), "")
    return faulty(pl.concat(parts), pl.col("as_of").cast(pl.String), f"a day up to {_last(facts)}")


@rule(
    "needs-overlap",
    "warning",
    "needs.date",
    "End the first row with 'until' before the next begins, if the next is meant to replace it.",
)
def needs_overlap(facts: Facts) -> pl.DataFrame:
    """Two rows of a daily need of one area and item overlap in time, so that they add up."""
    spans = facts.needs.filter(pl.col("kind") == "daily").with_columns(
        pl.col("date").fill_null(_first(facts)).alias("_start"),
        pl.col("until").fill_null(_last(facts)).alias("_until"),
    )
    rows = (
        _suspects(spans)
        .sort("area_id", "item_id", "_start", *ORIGIN)
        .with_columns(
            pl.col("_until").cum_max().shift().over("area_id", "item_id").alias("_before"),
            pl.col("date")
            .eq_missing(pl.col("date").shift())
            .over("area_id", "item_id")
            .alias("_same"),
        )
        .filter((pl.col("_start") <= pl.col("_before")) & ~pl.col("_same"))
    )
    return faulty(
        rows,
        pl.format("from {}, while the row before runs until {}", "_start", "_before"),
        "one row of an area and item at a time, unless they are meant to add up",
    )


def _suspects(spans: pl.DataFrame) -> pl.DataFrame:
    """Rows of the pairs of area and item that may overlap; no pair that overlaps is left out.

    Spans are laid end to end on one line, a stretch for each pair by its hash. With all starts
    and all ends sorted, spans are apart if and only if each start comes after the end before it.
    Two pairs that share a stretch are told apart later.
    """
    spans = spans.filter(pl.col("_start") <= pl.col("_until"))
    pair = spans.select("area_id", "item_id").hash_rows().to_numpy() & ~np.uint64(STRETCH - 1)
    start, until = (
        np.sort(pair + spans[name].to_physical().to_numpy().clip(0, STRETCH - 1).astype(np.uint64))
        for name in ("_start", "_until")
    )
    early = start[1:][start[1:] <= until[:-1]] & ~np.uint64(STRETCH - 1)
    return spans.filter(np.isin(pair, early)) if early.size else spans.clear()


RULES: tuple[Rule, ...] = (
    convoy_outside_plan,
    need_outside_plan,
    arrival_outside_plan,
    stock_expired,
    commitment_outside_plan,
    figure_of_the_future,
    needs_overlap,
)
