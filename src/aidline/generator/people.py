"""Areas, population and needs of a generated situation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.generator.land import cells, to_degrees

if TYPE_CHECKING:
    from aidline.generator.goods import Good
    from aidline.generator.land import Land

UNASSESSED = 0.02
"""Share of the areas that nobody has assessed yet."""


@dataclass(frozen=True, eq=False)
class Demand:
    """What is needed where.

    Attributes
    ----------
    population, affected
        [areas] people.
    people
        [areas, items] people in need of an item.
    quantity
        [areas, items] units: per day for daily items, once for the others.
    assessed
        [areas] false where nobody has been yet.
    from_day, until_day
        [areas, items] days on which the need holds or, for one-off items, comes up.
    """

    population: np.ndarray
    affected: np.ndarray
    people: np.ndarray
    quantity: np.ndarray
    assessed: np.ndarray
    from_day: np.ndarray
    until_day: np.ndarray

    def total(self, chosen: tuple[Good, ...]) -> np.ndarray:
        """Return [areas, items] units over the whole plan."""
        daily = np.array([good.kind == "daily" for good in chosen])
        length = np.where(daily, self.until_day - self.from_day + 1, 1)
        return np.asarray(self.quantity * length)


def make_demand(
    land: Land,
    area_nodes: np.ndarray,
    chosen: tuple[Good, ...],
    days: int,
    rng: np.random.Generator,
) -> Demand:
    """Draw population by a heavy-tailed law, and needs that fall with the distance.

    A Pareto tail of index 1.15, five-fold in towns, and log-normal noise: a few cities hold
    much of the population, most areas are small.
    """
    count = len(area_nodes)
    tail = np.clip(rng.pareto(1.15, count) + 0.2, None, 80)
    town = np.where(land.urban[area_nodes], 2.5, 1) * rng.lognormal(0, 0.4, count)
    population = 1500 * tail * town
    near = np.exp(-land.from_centre(land.xy[area_nodes]) / 0.3)
    share = np.clip((0.08 + 0.75 * near) * rng.uniform(0.7, 1.1, count), 0.03, 0.9)
    affected = population * share
    part = np.array([good.share for good in chosen]) * rng.uniform(0.75, 1.1, (count, len(chosen)))
    there = rng.random((count, len(chosen))) < np.array([good.areas for good in chosen])
    people = affected[:, None] * np.minimum(part, 1) * there
    assessed = rng.permutation(count) >= max(1, round(UNASSESSED * count)) if count > 1 else [True]
    people[~np.asarray(assessed)] = 0
    begins = np.where(rng.random(people.shape) < 0.15, rng.integers(0, max(1, days // 2)), 0)
    ends = np.where(
        rng.random(people.shape) < 0.1, np.maximum(begins, days - 1 - days // 4), days - 1
    )
    quantity = people * np.array([good.per_person for good in chosen])
    return Demand(population, affected, people, quantity, np.asarray(assessed), begins, ends)


def scaled(demand: Demand, factor: float, chosen: tuple[Good, ...]) -> Demand:
    """Return the demand with `factor` times the people, rounded to whole people and units."""
    population = np.maximum(20, np.round(demand.population * factor))
    affected = np.minimum(population, np.maximum(5, np.round(demand.affected * factor)))
    some = demand.people > 0
    people = np.where(some, np.clip(np.round(demand.people * factor), 1, affected[:, None]), 0)
    exact = people * np.array([good.per_person for good in chosen])
    quantity = np.where(some, np.maximum(1, np.round(exact)), 0)
    return Demand(
        population, affected, people, quantity, demand.assessed, demand.from_day, demand.until_day
    )


def area_tables(
    land: Land, area_nodes: np.ndarray, ids: list[str], demand: Demand, start: dt.date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `areas` and `population`."""
    points = land.xy[area_nodes]
    degrees = np.round(to_degrees(points), 5)
    hit = demand.affected / demand.population
    areas = pl.DataFrame(
        {
            "area_id": ids,
            "name": [f"Area {i[3:]}" for i in ids],
            "pcode_version": "synthetic",
            "longitude": degrees[:, 0],
            "latitude": degrees[:, 1],
            "severity": np.searchsorted([0.12, 0.25, 0.45, 0.65], hit) + 1,
            "severity_scale": "JIAF",
            "assessed": demand.assessed,
            "geometry": cells(land, points),
            "sensitivity": "low",
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    population = pl.DataFrame(
        {
            "area_id": ids,
            "people": demand.population,
            "people_low": np.round(demand.population * 0.95),
            "people_high": np.round(demand.population * 1.08),
            "as_of": start,
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    return areas, population


def local_tables(
    land: Land,
    area_nodes: np.ndarray,
    ids: list[str],
    demand: Demand,
    *,
    item_id: str,
    start: dt.date,
    days: int,
    rng: np.random.Generator,
    stores: int | None = None,
    convoys: int | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return local stores (rows of `stock`) and the table `convoys`.

    Some areas still have some days of the first item: `stores` of them, by default one in
    twenty-five. Areas near the event are entered only in convoys, every third day: `convoys` of
    them, by default one in two hundred of all.
    """
    count = len(ids)
    stores = count // 25 if stores is None else stores
    convoys = count // 200 if convoys is None else convoys
    stored = np.sort(rng.choice(count, stores, replace=False))
    some = stored[demand.quantity[stored, 0] > 0]
    stock = pl.DataFrame(
        {
            "lot_id": pl.Series([f"LOCAL-{ids[a]}" for a in some], dtype=pl.String),
            "area_id": pl.Series([ids[a] for a in some], dtype=pl.String),
            "item_id": item_id,
            "quantity": np.round(demand.quantity[some, 0] * rng.uniform(1, 4, len(some))),
        }
    ).with_columns(as_of=pl.lit(start), source_id=pl.lit("SYNTHETIC"))
    near = np.argsort(land.from_centre(land.xy[area_nodes]), kind="stable")
    nearest = near[: max(1, count // 10, convoys)]
    guarded = np.sort(rng.choice(nearest, convoys, replace=False))
    rows = [
        (ids[a], start + dt.timedelta(days=day), float(trucks), "SYNTHETIC")
        for a, trucks in zip(guarded, rng.integers(5, 21, len(guarded)), strict=True)
        for day in range(1, days, 3)
    ]
    schema = {
        "area_id": pl.String,
        "date": pl.Date,
        "max_trucks": pl.Float64,
        "source_id": pl.String,
    }
    return stock, pl.DataFrame(rows, schema=schema, orient="row")


def need_table(
    demand: Demand, ids: list[str], chosen: tuple[Good, ...], start: dt.date
) -> pl.DataFrame:
    """Return the table `needs`, one row per area and item with its first and last day."""
    area, item = np.nonzero(demand.quantity > 0)
    daily = np.array([good.kind == "daily" for good in chosen])[item]
    rows = pl.DataFrame(
        {
            "area_id": np.array(ids)[area],
            "item_id": np.array([good.item_id for good in chosen])[item],
            "first": demand.from_day[area, item],
            "last": demand.until_day[area, item],
            "daily": daily,
            "people": demand.people[area, item],
            "quantity": demand.quantity[area, item],
        }
    )
    day = pl.lit(start)
    return rows.select(
        "area_id",
        "item_id",
        (day + pl.duration(days=pl.col("first"))).alias("date"),
        pl.when("daily").then(day + pl.duration(days=pl.col("last"))).alias("until"),
        "people",
        "quantity",
        as_of=day,
        source_id=pl.lit("SYNTHETIC"),
    )
