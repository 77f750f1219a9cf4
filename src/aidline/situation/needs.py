"""What is needed, by area, item and day: the one table that the engine and the verifier read.

Rows of the same area and item add up. A daily need stands on every day of its span that lies
in the plan; a one-off need stands on the day on which it comes up. A quantity that nobody gave
is people × units per person. An area that nobody assessed is never taken for an area without
need: it gets a floor, worked out from its population.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.situation.defaults import Default, Ledger
from aidline.situation.standards import fill_per_person

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

SCHEMA: dict[str, pl.DataType] = {
    "area_id": pl.String(),
    "item_id": pl.String(),
    "day": pl.Int64(),
    "people": pl.Float64(),
    "need": pl.Float64(),
    "basis": pl.String(),
}


def need_table(situation: Situation, ledger: Ledger) -> pl.DataFrame:
    """Return what is needed, by area, item and day.

    Parameters
    ----------
    situation
        What is known. Rows that cannot be worked out (no quantity, and no people or no units per
        person) are left out; `aidline.situation.check` reports each of them as an error.
    ledger
        Notes each standard, and each floor, that was used.

    Returns
    -------
    pl.DataFrame
        Sorted by `area_id`, `item_id`, `day` (0 = first day of the plan), each once; one-off
        items have one row for each day on which need comes up. `need` in units of the item;
        `people` in need of it, null where nobody said; `basis`: "reported" where all of it was
        reported, "standard" where people × units per person was used, "floor" where nobody
        assessed the area. A one-off need that came up before the plan stands on day 0; what
        comes up after its end is left out (the check warns of it).
    """
    people = _population(situation)
    rows = _with_items(situation, people, ledger)
    floors = _floors(situation, people, rows, ledger)
    sized = _sized(rows, ledger)
    days = pl.concat([_daily(sized, situation), _once(sized, situation), floors])
    return _added_up(days)


def _population(situation: Situation) -> pl.DataFrame:
    """One figure per area; the check reports an area that stands there twice."""
    frame = situation["population"].filter(pl.col("people") >= 0)
    return frame.group_by("area_id").agg(pl.col("people").max().alias("population"))


def _with_items(situation: Situation, people: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Needs with kind and units per person of the item, and the population of the area."""
    needs = situation["needs"].filter(
        pl.col("quantity").is_finite().fill_null(value=True)
        & pl.col("people").is_finite().fill_null(value=True)
    )
    open_items = needs.filter(pl.col("quantity").is_null())["item_id"].drop_nulls().unique()
    items = fill_per_person(situation["items"], ledger, only=open_items.to_list())
    known = items.select("item_id", "kind", "per_person").unique("item_id", keep="first")
    return needs.join(known, on="item_id").join(people, on="area_id", how="left")


def _sized(rows: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Needs with a quantity each: as reported, or people × units per person."""
    asked = pl.col("quantity").is_null()
    who = pl.coalesce("people", "population")
    sized = rows.with_columns(
        pl.coalesce("quantity", who * pl.col("per_person")).alias("need"),
        pl.when(asked).then(who).otherwise(pl.col("people")).alias("people"),
        pl.when(asked).then(pl.lit("standard")).otherwise(pl.lit("reported")).alias("basis"),
    ).filter(pl.col("need").is_not_null())
    _note(sized.filter(pl.col("basis") == "standard"), ledger)
    return sized


def _note(computed: pl.DataFrame, ledger: Ledger) -> None:
    """Write down by which figure the quantity of each item was worked out."""
    counts = computed.group_by("item_id", "kind", "per_person").agg(pl.col("area_id").n_unique())
    for item_id, kind, per_person, areas in counts.sort("item_id").iter_rows():
        unit = "units/person/day" if kind == "daily" else "units/person"
        default = Default(
            f"need.{item_id}.per_person",
            per_person,
            unit,
            "derived",
            "table items of the situation, or the standard that stands in its place",
            "Quantity worked out as people × units per person",
        )
        ledger.note(default, f"{item_id} in {areas} area(s)")


def _daily(sized: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """One row for each day of the span that lies in the plan."""
    last = situation.settings.days - 1
    start = pl.lit(situation.settings.start_date)
    first_day = (pl.col("date") - start).dt.total_days().fill_null(0).clip(lower_bound=0)
    last_day = (pl.col("until") - start).dt.total_days().fill_null(last).clip(upper_bound=last)
    spans = (
        sized.filter(pl.col("kind") == "daily")
        .select("area_id", "item_id", "people", "need", "basis", first=first_day, last=last_day)
        .filter(pl.col("first") <= pl.col("last"))
    )
    days = pl.int_ranges(pl.col("first"), pl.col("last") + 1).alias("day")
    spread = spans.with_columns(days).explode("day", empty_as_null=False, keep_nulls=False)
    return spread.select(list(SCHEMA))


def _once(sized: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """One row on the day on which the need comes up."""
    start = pl.lit(situation.settings.start_date)
    day = (pl.col("date") - start).dt.total_days().fill_null(0).clip(lower_bound=0)
    return (
        sized.filter(pl.col("kind") == "once")
        .with_columns(day.alias("day"))
        .filter(pl.col("day") < situation.settings.days)
        .select(list(SCHEMA))
    )


def _floors(
    situation: Situation, people: pl.DataFrame, rows: pl.DataFrame, ledger: Ledger
) -> pl.DataFrame:
    """Need of the areas that nobody assessed: the items that others need, for a share of them.

    An area counts as not assessed when its row says so or when it has no needs at all. Items
    that were reported for it stay as they were reported.
    """
    reported = rows.select("area_id").unique()
    silent = situation["areas"].join(reported, on="area_id", how="anti")["area_id"]
    said = situation["areas"].filter(~pl.col("assessed"))["area_id"]
    missing = pl.concat([silent, said]).unique()
    areas = people.filter(pl.col("area_id").is_in(missing.implode()) & (pl.col("population") > 0))
    if areas.is_empty() or rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    needed = rows["item_id"].unique()
    items = fill_per_person(
        situation["items"].filter(pl.col("item_id").is_in(needed.implode())), ledger
    )
    items = items.filter(pl.col("per_person") > 0).select("item_id", "kind", "per_person")
    pairs = areas.join(items, how="cross").join(rows, on=["area_id", "item_id"], how="anti")
    if pairs.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    share = 0.0
    for area_id in pairs["area_id"].unique().sort():
        share = ledger.take("need.floor_share", f"area {area_id}")
    counted = pl.col("population") * share
    sized = pairs.with_columns(
        counted.alias("people"),
        (counted * pl.col("per_person")).alias("need"),
        pl.lit("floor").alias("basis"),
        pl.lit(None, pl.Date).alias("date"),
        pl.lit(None, pl.Date).alias("until"),
    )
    return pl.concat([_daily(sized, situation), _once(sized, situation)])


def _added_up(days: pl.DataFrame) -> pl.DataFrame:
    """Add up the rows of an area, item and day.

    People are null where no row gives them. Where some rows do and others do not, the sum
    would be too small, and it is null too.
    """
    key = ["area_id", "item_id", "day"]
    single = days.select(key).is_unique()
    if single.all():
        return days.sort(key)
    known = pl.col("people").is_not_null().all()
    summed = (
        days.filter(~single)
        .group_by(key)
        .agg(
            pl.when(known).then(pl.col("people").sum()).alias("people"),
            pl.col("need").sum(),
            pl.col("basis").max(),
        )
    )
    return pl.concat([days.filter(single), summed.select(list(SCHEMA))]).sort(key)
