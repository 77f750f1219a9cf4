"""Rules on people, areas and the needs that stand in them."""

from __future__ import annotations

import polars as pl

from aidline.situation.rules.rule import Facts, Rule, faulty, first_of, rule, whole

TOTAL_WORDS = (
    *("total", "totals", "grand total", "sum", "all", "national", "intersectoral"),
    *("tous", "toutes", "ensemble", "somme", "todos", "todas", "suma"),
)
"""How rows of totals are called in English, French and Spanish."""

MARGIN = 1.005
"""Figures that are taken from two sources are rounded: half a percent is the same."""


@rule(
    "need-without-population",
    "warning",
    "needs.area_id",
    "Add the people of the area to population; without them nobody can see what the need means.",
)
def need_without_population(facts: Facts) -> pl.DataFrame:
    """A need stands in an area whose population is not given."""
    counted = facts["population"].filter(pl.col("people").is_not_null())["area_id"]
    needy = facts.ids("needs", "area_id")
    missing = needy.filter(~needy.is_in(counted.unique().implode()))
    rows = first_of(facts["needs"].filter(pl.col("area_id").is_in(missing.implode())), "area_id")
    return faulty(rows, pl.format("a need in {}", "area_id"), "a row for the area in population")


@rule(
    "need-unknown",
    "error",
    "needs.quantity",
    "Fill in the quantity, or the people and the item's per_person: an unknown need is not zero.",
)
def need_unknown(facts: Facts) -> pl.DataFrame:
    """A need without a quantity that cannot be worked out from people and a standard."""
    people = pl.coalesce("people", "population")
    computed = facts.items.select("item_id", per_unit="per_person")
    open_rows = facts.needs.filter(
        pl.col("quantity").is_null()
        & pl.col("item_id").is_in(facts.ids("items", "item_id").implode())
    ).join(computed, on="item_id", how="left")
    rows = open_rows.filter(people.is_null() | pl.col("per_unit").is_null())
    missing = pl.when(people.is_null()).then(pl.lit("no people")).otherwise(pl.lit("no per_person"))
    return faulty(
        rows, pl.format("no quantity and {}", missing), "a quantity, or people × per_person"
    )


@rule(
    "people-over-population",
    "warning",
    "needs.people",
    "Check both figures: people in need are part of the people present, of the same date.",
)
def people_over_population(facts: Facts) -> pl.DataFrame:
    """More people are in need than live there."""
    rows = facts.needs.filter(pl.col("people") > pl.col("population") * MARGIN)
    return faulty(
        rows,
        pl.format("{} people in need", whole("people")),
        pl.format("{} people at most, the population", whole("population")),
    )


@rule(
    "households-as-people",
    "warning",
    "needs.people",
    "Check whether households were written in the place of people; a household is about 5 people.",
)
def households_as_people(facts: Facts) -> pl.DataFrame:
    """People in need equal the households of the area, so they may be households."""
    rows = facts.needs.filter(
        (pl.col("people") > 0)
        & (pl.col("people") == pl.col("households"))
        & (pl.col("population") > 2 * pl.col("households"))
    )
    return faulty(
        rows,
        pl.format("{}, the number of households", whole("people")),
        "people, not households",
    )


@rule(
    "people-per-household",
    "warning",
    "population.people",
    "Check people and households: one of them may be the other, or have a digit too many.",
)
def people_per_household(facts: Facts) -> pl.DataFrame:
    """Fewer than 1.5 or more than 20 people live in a household on average."""
    size = pl.col("people") / pl.col("households")
    rows = facts["population"].filter(
        (pl.col("households") > 0) & (pl.col("people") > 0) & ~size.is_between(1.5, 20)
    )
    return faulty(rows, pl.format("{} people per household", size.round(1)), "1.5 to 20")


def _called_total(name: str) -> pl.Expr:
    said = pl.col(name).str.strip_chars().str.to_lowercase().is_in(list(TOTAL_WORDS))
    return said.fill_null(value=False)


@rule(
    "total-row",
    "warning",
    "areas.area_id",
    "Delete the row of the total; it would be counted once more beside its parts.",
)
def total_row(facts: Facts) -> pl.DataFrame:
    """An area is called a total."""
    rows = facts["areas"].filter(_called_total("area_id") | _called_total("name"))
    return faulty(rows, pl.coalesce("name", "area_id"), "single areas only")


@rule(
    "total-population",
    "warning",
    "population.people",
    "Delete the row if it is the total of the others; people must be counted once.",
)
def total_population(facts: Facts) -> pl.DataFrame:
    """The population of one area is the sum of all the others."""
    frame = facts["population"].filter(pl.col("people") > 0)
    others = pl.col("people").sum() - pl.col("people")
    rows = frame.filter((pl.len() > 2) & ((pl.col("people") / others - 1).abs() < 0.001))
    return faulty(
        rows, pl.format("{}, the sum of all other rows", whole("people")), "people of one area"
    )


@rule(
    "area-and-parent",
    "warning",
    "population.area_id",
    "Keep either the larger area or its parts in population; people must be counted once.",
)
def area_and_parent(facts: Facts) -> pl.DataFrame:
    """People are given for an area and for the larger area that holds it."""
    counted = facts["areas"].filter(
        pl.col("area_id").is_in(facts.ids("population", "area_id").implode())
    )
    parents = counted["parent_id"].drop_nulls().unique().implode()
    rows = facts["population"].filter(pl.col("area_id").is_in(parents))
    return faulty(
        rows,
        pl.format("{}, which holds other areas", "area_id"),
        "people of the parts or of the whole",
    )


@rule(
    "sector-total",
    "warning",
    "items.item_id",
    "Delete it and its needs: people in need of several sectors overlap and are never added up.",
)
def sector_total(facts: Facts) -> pl.DataFrame:
    """An item stands for all sectors together."""
    rows = facts["items"].filter(_called_total("item_id") | _called_total("name"))
    return faulty(rows, pl.coalesce("name", "item_id"), "single items only")


@rule(
    "severity-without-scale",
    "warning",
    "areas.severity_scale",
    "Say which scale the phase is on (JIAF, IPC or INFORM): phase 3 means something else on each.",
)
def severity_without_scale(facts: Facts) -> pl.DataFrame:
    """A severity phase is given without its scale."""
    rows = facts["areas"].filter(
        pl.col("severity").is_not_null() & pl.col("severity_scale").is_null()
    )
    return faulty(rows, pl.format("phase {} on no scale", "severity"), "the scale of the phase")


@rule(
    "area-forgotten",
    "warning",
    "areas.area_id",
    "Give its population, then it is assured of a floor; or its needs. Otherwise it gets nothing.",
)
def area_forgotten(facts: Facts) -> pl.DataFrame:
    """An area has neither population nor needs, so that no plan can see it."""
    counted = facts["population"].filter(pl.col("people").is_not_null())["area_id"].unique()
    seen = pl.concat([counted, facts.ids("needs", "area_id")]).implode()
    rows = facts["areas"].filter(~pl.col("area_id").is_in(seen))
    return faulty(rows, pl.format("{} without people and needs", "area_id"), "population or needs")


@rule(
    "code-twice",
    "warning",
    "areas.area_id",
    "Keep one spelling, and use it in every table; codes are text (0101 is not 101).",
)
def code_twice(facts: Facts) -> pl.DataFrame:
    """Two area codes differ only by case, spaces, dashes or leading zeros."""
    alike = (
        pl.col("area_id")
        .str.to_lowercase()
        .str.replace_all(r"[\s_\-]+", "")
        .str.replace_all(r"(^|\D)0+(\d)", "${1}${2}")
    )
    rows = (
        first_of(facts["areas"].filter(pl.col("area_id").is_not_null()), "area_id")
        .with_columns(alike.alias("_alike"))
        .sort("area_id")
        .with_columns(
            pl.col("area_id").first().over("_alike").alias("_first"),
            pl.col("area_id").last().over("_alike").alias("_last"),
        )
        .filter(pl.col("_first") != pl.col("_last"))
    )
    other = pl.when(pl.col("area_id") == pl.col("_first")).then("_last").otherwise("_first")
    return faulty(rows, pl.format("{}, beside {}", "area_id", other), "one code for one area")


RULES: tuple[Rule, ...] = (
    need_without_population,
    need_unknown,
    people_over_population,
    households_as_people,
    people_per_household,
    total_row,
    total_population,
    area_and_parent,
    sector_total,
    severity_without_scale,
    area_forgotten,
    code_twice,
)
