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
SIZED: dict[str, pl.DataType] = {
    "area_id": pl.String(),
    "item_id": pl.String(),
    "kind": pl.String(),
    "date": pl.Date(),
    "until": pl.Date(),
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
        comes up after its end is left out (the check warns of it), and so is a need of 0.
    """
    people = _population(situation)
    rows = _with_items(situation, people, ledger)
    sized = pl.concat([_sized(rows, ledger), _floors(situation, people, rows, ledger)])
    return _added_up(_spread(sized, situation)).cast(SCHEMA)  # type: ignore[arg-type]


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
    given = situation["items"]["per_person"].is_not_null().alias("given")
    known = items.select("item_id", "kind", "per_person", given).unique("item_id", keep="first")
    return needs.join(known, on="item_id").join(people, on="area_id", how="left")


def _sized(rows: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Needs with a quantity each: as reported, or people × units per person."""
    asked = pl.col("quantity").is_null()
    who = pl.coalesce("people", "population")
    sized = rows.with_columns(
        pl.coalesce("quantity", who * pl.col("per_person")).alias("need"),
        pl.when(asked).then(who).otherwise(pl.col("people")).alias("people"),
        pl.when(asked).then(pl.lit("standard")).otherwise(pl.lit("reported")).alias("basis"),
    ).filter(pl.col("need") > 0)
    _note(sized.filter((pl.col("basis") == "standard") & pl.col("given")), ledger)
    return sized.select(list(SIZED))


def _note(computed: pl.DataFrame, ledger: Ledger) -> None:
    """Write down the user's own figures by which quantities were worked out."""
    counts = computed.group_by("item_id", "kind", "per_person").agg(pl.col("area_id").n_unique())
    for item_id, kind, per_person, areas in counts.sort("item_id").iter_rows():
        unit = "units/person/day" if kind == "daily" else "units/person"
        default = Default(
            f"need.{item_id}.per_person",
            per_person,
            unit,
            "derived",
            "table items of the situation",
            "Quantity worked out as people × units per person",
        )
        ledger.note(default, f"{item_id} in {areas} area(s)")


def _spread(sized: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """One row for each day: daily needs on each day of their span, one-off needs on the first.

    Sorting the spans first leaves next to nothing to sort afterwards.
    """
    last = situation.settings.days - 1
    start = pl.lit(situation.settings.start_date)
    first_day = (pl.col("date") - start).dt.total_days().fill_null(0).clip(lower_bound=0)
    last_day = (pl.col("until") - start).dt.total_days().fill_null(last).clip(upper_bound=last)
    daily = pl.col("kind") == "daily"
    spans = (
        sized.with_columns(first=first_day)
        .with_columns(last=pl.when(daily).then(last_day).otherwise("first"))
        .filter((pl.col("first") <= pl.col("last")) & (pl.col("first") <= last))
        .sort("area_id", "item_id", "first")
    )
    days = pl.int_ranges(pl.col("first"), pl.col("last") + 1).alias("day")
    spread = spans.select("area_id", "item_id", days, "people", "need", "basis")
    return spread.explode("day", empty_as_null=False, keep_nulls=False)


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
        return pl.DataFrame(schema=SIZED)
    needed = rows["item_id"].unique()
    items = fill_per_person(
        situation["items"].filter(pl.col("item_id").is_in(needed.implode())), ledger
    )
    items = items.filter(pl.col("per_person") > 0).select("item_id", "kind", "per_person")
    pairs = areas.join(items, how="cross").join(rows, on=["area_id", "item_id"], how="anti")
    if pairs.is_empty():
        return pl.DataFrame(schema=SIZED)
    share = 0.0
    for area_id in pairs["area_id"].unique().sort():
        share = ledger.take("need.floor_share", f"area {area_id}")
    counted = pl.col("population") * share
    sized = pairs.with_columns(
        pl.lit(None, pl.Date).alias("date"),
        pl.lit(None, pl.Date).alias("until"),
        counted.alias("people"),
        (counted * pl.col("per_person")).alias("need"),
        pl.lit("floor").alias("basis"),
    )
    return sized.select(list(SIZED))


def _added_up(days: pl.DataFrame) -> pl.DataFrame:
    """Add up the rows of an area, item and day.

    People are null where no row gives them. Where some rows do and others do not, the sum
    would be too small, and it is null too.
    """
    key = ["area_id", "item_id", "day"]
    days = days.sort(key, maintain_order=True)
    as_before = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in key)
    if not days.select(as_before.any()).item():
        return days
    known = pl.col("people").is_not_null().all()
    return days.group_by(key, maintain_order=True).agg(
        pl.when(known).then(pl.col("people").sum()).alias("people"),
        pl.col("need").sum(),
        pl.col("basis").max(),  # "standard" comes after "reported"
    )
