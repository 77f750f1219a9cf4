"""The goods of generated situations: fifteen items, daily and one-off, light and bulky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from aidline.errors import UsageError
from aidline.situation.tables import BY_NAME


@dataclass(frozen=True, slots=True)
class Good:
    """One item and how widely it is needed.

    Attributes
    ----------
    item_id, name, need_group, kind, unit, weight_kg, volume_m3, per_person, hold_days, weight
        As in the table `items`.
    share
        Share of the affected people of an area who need it.
    areas
        Share of the areas in which it is needed at all.
    source_id
        Row of the table `sources`.
    """

    item_id: str
    name: str
    need_group: str
    kind: str
    unit: str
    weight_kg: float
    volume_m3: float
    per_person: float
    hold_days: int | None
    weight: float
    share: float
    areas: float
    source_id: str


CATALOGUE, ASSUMED = "EIC", "ASSUMED"

GOODS = (
    Good("food_ration", "General food ration", "food", "daily", "person-day ration",
         0.62, 0.0011, 1, 14, 1, 0.9, 1, ASSUMED),
    Good("water", "Drinking water, bottled", "water", "daily", "litre",
         1.05, 0.0016, 3, 7, 1.2, 0.15, 0.6, ASSUMED),
    Good("tarpaulin", "Tarpaulin 4 × 6 m", "shelter", "once", "piece",
         4.2, 0.0112, 0.4, None, 0.8, 0.6, 1, CATALOGUE),
    Good("blanket", "Blanket, woven, medium thermal", "household", "once", "piece",
         1.75, 0.01125, 1, None, 0.6, 0.6, 1, CATALOGUE),
    Good("hygiene_parcel", "Hygiene parcel, family of five", "hygiene", "once", "parcel",
         6.5, 0.016, 0.2, None, 0.5, 0.8, 1, ASSUMED),
    Good("health_kit", "Basic health kit (IEHK basic unit)", "health", "once", "kit",
         38.5, 0.18, 0.001, None, 1.2, 1, 0.9, CATALOGUE),
    Good("blended_food", "Blended food for small children", "food", "daily", "ration",
         0.21, 0.0004, 1, 20, 1, 0.18, 0.9, ASSUMED),
    Good("jerrycan", "Jerrycan, foldable, 20 L", "water", "once", "piece",
         0.317, 0.0036, 0.4, None, 0.7, 0.6, 1, CATALOGUE),
    Good("kitchen_set", "Kitchen set A, family of five", "household", "once", "set",
         5, 0.0243, 0.2, None, 0.4, 0.4, 1, CATALOGUE),
    Good("diesel", "Diesel in drums", "fuel", "daily", "litre",
         0.93, 0.0013, 0.08, 14, 0.9, 0.3, 0.3, ASSUMED),
    Good("tent", "Family tent, 16 m²", "shelter", "once", "piece",
         55, 0.28175, 0.2, None, 1, 0.08, 0.7, CATALOGUE),
    Good("mosquito_net", "Mosquito net, long-lasting, large", "health", "once", "piece",
         0.444, 0.0017, 0.4, None, 0.5, 0.7, 0.6, CATALOGUE),
    Good("cooking_fuel", "Cooking fuel briquettes", "fuel", "daily", "kilogram",
         1.02, 0.0016, 0.35, 20, 0.4, 0.25, 0.7, ASSUMED),
    Good("fresh_bread", "Fresh bread", "food", "daily", "person-day ration",
         0.36, 0.0016, 1, 2, 0.5, 0.1, 0.3, ASSUMED),
    Good("soap", "Soap for body and laundry", "hygiene", "daily", "piece of 200 g",
         0.204, 0.000184, 0.075, 30, 0.3, 0.8, 0.8, CATALOGUE),
)  # fmt: skip
"""In the order in which a smaller number of items is filled."""


class Substitute(NamedTuple):
    """A good that may be given instead of another.

    Attributes
    ----------
    item_id
        What it stands in for.
    ratio
        Units of it that count as one unit.
    good
        What it is.
    """

    item_id: str
    ratio: float
    good: Good


SUBSTITUTES = (
    Substitute("food_ration", 1.0, Good(
        "biscuits", "High-energy biscuits", "food", "daily", "person-day ration",
        0.5, 0.0012, 1, 14, 1, 0, 0, ASSUMED)),
    Substitute("blanket", 0.5, Good(
        "sleeping_bag", "Sleeping bag", "household", "once", "piece",
        2.2, 0.018, 0.5, None, 0.6, 0, 0, ASSUMED)),
    Substitute("tarpaulin", 6.0, Good(
        "plastic_sheeting", "Plastic sheeting, 4 m wide", "shelter", "once", "metre",
        0.75, 0.002, 2.4, None, 0.8, 0, 0, ASSUMED)),
)  # fmt: skip
"""In the order in which a smaller number of substitutes is filled; nobody asks for them."""


def goods(count: int) -> tuple[Good, ...]:
    """Return the first `count` goods.

    Raises
    ------
    UsageError
        Fewer than 1 or more than there are.
    """
    if not 1 <= count <= len(GOODS):
        raise UsageError(f"items must be 1 to {len(GOODS)}, got {count}")
    return GOODS[:count]


def item_table(chosen: tuple[Good, ...]) -> pl.DataFrame:
    """Return the table `items`."""
    columns = (
        "item_id", "name", "need_group", "kind", "unit", "weight_kg", "volume_m3", "per_person",
        "hold_days", "weight", "source_id",
    )  # fmt: skip
    rows = [[getattr(good, c) for c in columns] for good in chosen]
    schema = {c: BY_NAME["items"][c].dtype for c in columns}
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False).with_columns(
        cold_chain=pl.lit(value=False), dangerous=pl.col("item_id") == "diesel"
    )


def source_table() -> pl.DataFrame:
    """Return the table `sources`."""
    return pl.DataFrame(
        [
            ("SYNTHETIC", "Generated by rule from a seed", "Aidline", "synthetic", "F", "6"),
            (CATALOGUE, "Emergency Items Catalogue, 2015 data", "IFRC and ICRC", None, "A", "2"),
            (ASSUMED, "Recalled or assumed, to be checked", "Aidline", None, "F", "6"),
            ("LOG", "Logistics Operational Guide, road transport; volumes assumed",
             "Logistics Cluster", None, "A", "2"),
        ],
        schema=["source_id", "title", "organisation", "method", "reliability", "credibility"],
        orient="row",
    )  # fmt: skip
