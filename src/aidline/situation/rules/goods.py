"""Rules on items, kits, substitutes and stock."""

from __future__ import annotations

import math

import polars as pl

from aidline.situation.rules.cycles import cycles
from aidline.situation.rules.rule import Facts, Rule, faulty, first_of, rule, whole

LIGHTEST, HEAVIEST = 0.02, 3.0
"""Packed relief goods weigh this many tonnes per cubic metre: empty cans to dense metal."""

FAR_OFF = 20
"""A quantity this many times off people × per_person is a slip, not a local standard."""


def _moved(facts: Facts) -> pl.DataFrame:
    """Items that lie in a warehouse or are on their way, so that trucks must carry them."""
    stored = facts["stock"].filter(pl.col("place_id").is_not_null())["item_id"]
    carried = pl.concat([stored, facts["arrivals"]["item_id"]]).drop_nulls().unique().implode()
    return facts.items.filter(pl.col("item_id").is_in(carried))


@rule(
    "no-weight",
    "error",
    "items.weight_kg",
    "Weigh one packed unit, or give its catalogue_code; trucks cannot be loaded without it.",
)
def no_weight(facts: Facts) -> pl.DataFrame:
    """There is stock of an item whose weight is not known."""
    rows = _moved(facts).filter(pl.col("weight_kg").is_null())
    return faulty(rows, pl.format("no weight of {}", "item_id"), "kg of one unit")


@rule(
    "no-volume",
    "error",
    "items.volume_m3",
    "Measure one packed unit, or give its catalogue_code; light goods fill a truck by volume.",
)
def no_volume(facts: Facts) -> pl.DataFrame:
    """There is stock of an item whose volume is not known."""
    rows = _moved(facts).filter(pl.col("volume_m3").is_null())
    return faulty(rows, pl.format("no volume of {}", "item_id"), "m³ of one unit")


@rule(
    "density",
    "warning",
    "items.weight_kg",
    "Give the weight of ONE packed unit in kg and its volume in m³ (1 litre = 0.001 m³).",
)
def density(facts: Facts) -> pl.DataFrame:
    """Weight and volume of an item do not fit together: grams, tonnes or litres may be meant."""
    t_per_m3 = pl.col("weight_kg") / 1000 / pl.col("volume_m3")
    rows = facts["items"].filter(
        (pl.col("volume_m3") > 0) & ~t_per_m3.is_between(LIGHTEST, HEAVIEST)
    )
    hint = (
        pl.when((t_per_m3 / 1000).is_between(LIGHTEST, HEAVIEST))
        .then(pl.lit(" (weight in grams?)"))
        .when((t_per_m3 * 1000).is_between(LIGHTEST, HEAVIEST))
        .then(pl.lit(" (weight in tonnes, or volume in litres?)"))
        .otherwise(pl.lit(""))
    )
    return faulty(
        rows,
        pl.format("{} t per m³{}", t_per_m3.round_sig_figs(2), hint),
        f"{LIGHTEST} to {HEAVIEST:g} t per m³",
    )


@rule(
    "packs",
    "warning",
    "needs.quantity",
    "Check the unit: quantities are single units of the item, not packs, for the people given.",
)
def packs(facts: Facts) -> pl.DataFrame:
    """A need is so far from people × per_person that packs may have been counted for units."""
    people = pl.coalesce("people", "population")
    ratio = pl.col("quantity") / (people * pl.col("per_person"))
    pack = pl.when(pl.col("pack_units") >= 2).then("pack_units")
    near_pack = (ratio / pack).is_between(0.95, 1.05) | (ratio * pack).is_between(0.95, 1.05)
    stated = pl.col("people").is_not_null() & (near_pack | (ratio <= 1 / FAR_OFF))
    rows = facts.needs.filter(
        (pl.col("quantity") > 0)
        & (people * pl.col("per_person") > 0)
        & (stated.fill_null(value=False) | (ratio >= FAR_OFF))
    ).with_columns((people * pl.col("per_person")).alias("_usual"))
    return faulty(
        rows,
        pl.format("{} for {} people", "quantity", people.round(0).cast(pl.Int64)),
        pl.format("about {} units", whole("_usual")),
    )


@rule(
    "kit-in-itself",
    "error",
    "kits.item_id",
    "Correct the part: a kit cannot hold itself, neither directly nor inside another kit.",
)
def kit_in_itself(facts: Facts) -> pl.DataFrame:
    """A kit holds itself, directly or through other kits."""
    edges = facts["kits"].select("kit_id", "item_id").drop_nulls()
    return _on_cycles(facts["kits"], "kit_id", "item_id", cycles(edges.iter_rows()))


@rule(
    "kit-in-kit",
    "warning",
    "kits.item_id",
    "List the parts of the inner kit in the outer one; a kit is opened once, not again and again.",
)
def kit_in_kit(facts: Facts) -> pl.DataFrame:
    """A part of a kit is a kit itself."""
    rows = facts["kits"].filter(
        pl.col("item_id").is_in(facts.ids("kits", "kit_id").implode())
        & (pl.col("item_id") != pl.col("kit_id"))
    )
    return faulty(rows, pl.format("{}, a kit", "item_id"), "single items as parts")


@rule(
    "substitute-self",
    "error",
    "substitutes.substitute_id",
    "Delete the row, or correct one of the two items.",
)
def substitute_self(facts: Facts) -> pl.DataFrame:
    """An item is named as its own substitute."""
    rows = facts["substitutes"].filter(pl.col("item_id") == pl.col("substitute_id"))
    return faulty(rows, pl.col("item_id"), "another item")


@rule(
    "substitute-cycle",
    "warning",
    "substitutes.ratio",
    "Correct the ratios: going round, they must multiply to 1, or goods multiply on paper.",
)
def substitute_cycle(facts: Facts) -> pl.DataFrame:
    """Items stand in for each other in a circle at ratios that do not fit together."""
    frame = facts["substitutes"].filter(pl.col("item_id") != pl.col("substitute_id"))
    known = (
        frame.select("item_id", "substitute_id", "ratio").drop_nulls().filter(pl.col("ratio") > 0)
    )
    ratio = {(a, b): r for a, b, r in known.sort(pl.all()).iter_rows()}
    uneven = [
        cycle
        for cycle in cycles(ratio)
        if abs(sum(math.log(ratio[pair]) for pair in _pairs(cycle))) > 0.01
    ]
    return _on_cycles(frame, "item_id", "substitute_id", uneven)


def _pairs(cycle: list[str]) -> list[tuple[str, str]]:
    return list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))


def _on_cycles(frame: pl.DataFrame, start: str, end: str, found: list[list[str]]) -> pl.DataFrame:
    """The rows that close a cycle, with the way round."""
    ways = {_pairs(cycle)[-1]: " > ".join([*cycle, cycle[0]]) for cycle in found}
    schema = {start: pl.String, end: pl.String, "_way": pl.String}
    table = pl.DataFrame([(*pair, way) for pair, way in ways.items()], schema=schema, orient="row")
    rows = frame.join(table, on=[start, end], how="inner")
    return faulty(rows, pl.col("_way"), "no way back to the same item")


@rule(
    "no-supply",
    "warning",
    "needs.item_id",
    "Add its stock or arrivals, if there are any; otherwise the plan can only show it as unmet.",
)
def no_supply(facts: Facts) -> pl.DataFrame:
    """Nobody has or expects a unit of an item that is needed."""
    had = [facts[t]["item_id"] for t in ("stock", "arrivals", "commitments")]
    direct = pl.concat(had).drop_nulls().unique().implode()
    parts = facts["kits"].filter(pl.col("kit_id").is_in(direct))["item_id"]
    other = facts["substitutes"].filter(pl.col("substitute_id").is_in(direct))["item_id"]
    reachable = pl.concat([*had, parts, other]).drop_nulls().unique().implode()
    needed = facts["needs"].filter(
        ~pl.col("item_id").is_in(reachable)
        & pl.col("item_id").is_in(facts.ids("items", "item_id").implode())
    )
    return faulty(
        first_of(needed, "item_id"),
        pl.format("no {} anywhere", "item_id"),
        "stock or arrivals of it",
    )


@rule(
    "stock-home",
    "error",
    "stock.place_id",
    "Say where it lies: either the warehouse (place_id) or the area that holds it (area_id).",
)
def stock_home(facts: Facts) -> pl.DataFrame:
    """Stock lies nowhere, or in a warehouse and an area at once."""
    place, area = pl.col("place_id").is_not_null(), pl.col("area_id").is_not_null()
    rows = facts["stock"].filter(place == area)
    both = pl.format("{} and {}", "place_id", "area_id")
    return faulty(
        rows, pl.when(place).then(both).otherwise(pl.lit("no place and no area")), "one of the two"
    )


@rule(
    "stock-at-crossing",
    "warning",
    "stock.place_id",
    "Name the warehouse beside the crossing, or enter the goods as an arrival there.",
)
def stock_at_crossing(facts: Facts) -> pl.DataFrame:
    """Stock lies at a crossing, where goods pass and are not kept."""
    crossings = facts["places"].filter(pl.col("kind") == "crossing")["place_id"].unique().implode()
    rows = facts["stock"].filter(pl.col("place_id").is_in(crossings))
    return faulty(rows, pl.format("stock at {}", "place_id"), "a warehouse")


RULES: tuple[Rule, ...] = (
    no_weight,
    no_volume,
    density,
    packs,
    kit_in_itself,
    kit_in_kit,
    substitute_self,
    substitute_cycle,
    no_supply,
    stock_home,
    stock_at_crossing,
)
