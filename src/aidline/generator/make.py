"""Generate a situation: land, roads, damage, people, goods and trucks, in that order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import polars as pl

from aidline.errors import UsageError
from aidline.generator import extras as extra
from aidline.generator import places, supply
from aidline.generator.care import care_tables, team_table
from aidline.generator.damage import make_damage, status_table
from aidline.generator.goods import goods, item_table, source_table
from aidline.generator.land import make_land
from aidline.generator.people import area_tables, local_tables, make_demand, need_table, scaled
from aidline.generator.roads import make_roads, road_table
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.generator.damage import Damage
    from aidline.generator.goods import Good
    from aidline.generator.land import Land
    from aidline.generator.people import Demand
    from aidline.generator.roads import Roads
    from aidline.generator.supply import TruckClass

START = dt.date(2027, 3, 1)
NODES_PER_AREA = 1.4

SIZES: Mapping[str, Mapping[str, int]] = {
    "S": {"areas": 50, "days": 7, "items": 5, "depots": 5, "crossings": 2, "links": 10,
          "trucks": 40, "classes": 2, "teams": 3, "sites": 3},
    "M": {"areas": 500, "days": 14, "items": 10, "depots": 20, "crossings": 5, "links": 50,
          "trucks": 400, "classes": 3, "teams": 15, "sites": 10},
    "L": {"areas": 3000, "days": 30, "items": 15, "depots": 50, "crossings": 10, "links": 500,
          "trucks": 2000, "classes": 4, "teams": 60, "sites": 50},
    "XL": {"areas": 10000, "days": 30, "items": 15, "depots": 120, "crossings": 20,
           "links": 1500, "trucks": 6000, "classes": 4, "teams": 150, "sites": 100},
}  # fmt: skip
"""Sizes to measure with: `generate(**SIZES["M"], seed=0)`."""


class _When(TypedDict):
    start: dt.date
    days: int
    rng: np.random.Generator


@dataclass(frozen=True, eq=False)
class Country:
    """Everything that was drawn, before it becomes tables.

    Attributes
    ----------
    land, roads, damage, demand
        As drawn; the demand is already scaled to the trucks.
    area_nodes
        [areas] node of each area.
    depot_areas
        [depots] number of the area in which a depot lies.
    border_nodes
        [crossings] node of each crossing.
    hours
        [depots, areas] driving hours at the middle of the plan; infinite without a way.
    chosen, kinds
        The goods and the truck classes.
    vehicles
        [classes] trucks.
    """

    land: Land
    roads: Roads
    damage: Damage
    demand: Demand
    area_nodes: np.ndarray
    depot_areas: np.ndarray
    border_nodes: np.ndarray
    hours: np.ndarray
    chosen: tuple[Good, ...]
    kinds: tuple[TruckClass, ...]
    vehicles: np.ndarray


def generate(
    areas: int,
    days: int = 14,
    items: int = 10,
    depots: int | None = None,
    *,
    crossings: int | None = None,
    links: int | None = None,
    trucks: int | None = None,
    classes: int = 3,
    teams: int | None = None,
    sites: int | None = None,
    stores: int | None = None,
    convoys: int | None = None,
    hubs: int = 0,
    kits: int = 0,
    substitutes: int = 0,
    commitments: int = 0,
    seed: int = 0,
) -> Situation:
    """Return a plausible situation of any size.

    A country in open ocean that belongs to nobody, with coast, ridges and rivers; roads as a
    tree with some loops, bridges where they cross a river; population by a heavy-tailed law,
    clustered in towns; needs that fall with the distance from an event; damaged roads of
    which some open in time and some leave areas cut off; depots, trucks, stock, pipeline and
    crossings such that truck-hours, slots and stock all bind somewhere and roughly 60-80 % of
    the needs can be met.

    Parameters
    ----------
    areas, days, items, depots
        Numbers of areas, days, items (at most 15) and depots (by default one per 40 areas).
    crossings, links, trucks, classes
        Numbers of crossings (by default one per 200 areas), damaged roads (one per 10
        areas), trucks (seven per 10 areas) and classes of trucks (at most 4).
    teams, sites
        Numbers of road crews (by default one per 6 damaged roads) and of sites where a field
        hospital could stand (one per 60 areas).
    stores, convoys
        Numbers of areas that still hold some food (by default one per 25 areas) and that are
        entered only in convoys (one per 200 areas).
    hubs, kits, substitutes, commitments
        Numbers of hubs where goods change to lighter trucks, of kits and of substitutes among
        the goods in stock, and of commitments, by turns moving and promised (by default none).
        They change nothing else: the rest of the situation is as without them.
    seed
        The same numbers and seed give the same situation (same digest).

    Returns
    -------
    Situation
        Marked as fictional.

    Raises
    ------
    UsageError
        A number that makes no sense.
    """
    depots = max(1, areas // 40) if depots is None else depots
    crossings = max(1, areas // 200) if crossings is None else crossings
    links = max(1, areas // 10) if links is None else links
    trucks = max(2, round(0.7 * areas)) if trucks is None else trucks
    if areas < 4 or min(days, depots, trucks) < 1 or min(crossings, links) < 0:
        raise UsageError("areas must be at least 4; days, depots and trucks at least 1")
    extras = {"kits": kits, "substitutes": substitutes, "commitments": commitments}
    _need_sense(areas, extras, {"hubs": hubs, "stores": stores or 0, "convoys": convoys or 0})
    if depots + crossings > areas:
        raise UsageError(f"{depots} depots and {crossings} crossings need as many areas")
    rng = np.random.default_rng(seed)
    chosen, kinds = goods(items), supply.truck_classes(classes)
    numbers = {"days": days, "depots": depots, "crossings": crossings, "links": links}
    country = _draw(areas, trucks, chosen, kinds, rng, **numbers)
    ids = [f"AR-{i:05d}" for i in range(1, areas + 1)]
    crews = max(1, links // 6) if teams is None else teams
    grounds = max(1, areas // 60) if sites is None else sites
    tables = _people(country, ids) | _roads(country, rng) | _goods(country, days, rng)
    tables |= _care(country, ids, crews, grounds, rng)
    held, tables["convoys"] = local_tables(
        country.land,
        country.area_nodes,
        ids,
        country.demand,
        item_id=country.chosen[0].item_id,
        start=START,
        days=days,
        rng=rng,
        stores=stores,
        convoys=convoys,
    )
    tables["stock"] = pl.concat([tables["stock"], held], how="diagonal")
    _extras(country, ids, tables, hubs=hubs, **extras, days=days, seed=seed)
    return Situation.of(_settings(areas, days, seed), tables)


def _settings(areas: int, days: int, seed: int) -> Settings:
    return Settings(
        name=f"Generated situation, {areas} areas, seed {seed} (fictional)",
        start_date=START,
        days=days,
        context="earthquake",
        as_of=START,
        notice="Synthetic: generated by rule; no real place or event.",
        fictional=True,
    )


def _need_sense(areas: int, extras: dict[str, int], in_areas: dict[str, int]) -> None:
    """Raise UsageError for numbers below 0, and for more areas than there are."""
    for name, count in (extras | in_areas).items():
        if count < 0:
            raise UsageError(f"{name} must not be negative")
    for name, count in in_areas.items():
        if count > areas:
            raise UsageError(f"{count} {name} need as many areas")


def _extras(
    country: Country,
    ids: list[str],
    tables: dict[str, pl.DataFrame],
    *,
    hubs: int,
    kits: int,
    substitutes: int,
    commitments: int,
    days: int,
    seed: int,
) -> None:
    """Add what was asked for beyond the usual, from random numbers of its own."""
    rng = np.random.default_rng([seed, 1])
    if hubs:
        near = country.hours.min(0)
        far = np.where(np.isfinite(near), near, 0.0) * country.demand.affected
        xy = country.land.xy[country.area_nodes]
        extra.add_hubs(tables, places.spaced(xy, far, hubs, rng), xy, ids)
    if kits:
        extra.add_kits(tables, country.chosen, kits)
    if substitutes:
        extra.add_substitutes(tables, country.chosen, substitutes)
    if commitments:
        extra.add_commitments(tables, commitments, start=START, days=days, rng=rng)


def _draw(
    areas: int,
    trucks: int,
    chosen: tuple[Good, ...],
    kinds: tuple[TruckClass, ...],
    rng: np.random.Generator,
    *,
    days: int,
    depots: int,
    crossings: int,
    links: int,
) -> Country:
    land = make_land(areas, max(areas + crossings, round(NODES_PER_AREA * areas)), rng)
    roads = make_roads(land, rng)
    area_nodes = np.sort(rng.choice(len(land.xy), areas, replace=False))
    demand = make_demand(land, area_nodes, chosen, days, rng)
    xy = land.xy[area_nodes]
    depot_areas = places.spaced(xy, np.sqrt(demand.affected), depots, rng)
    border = places.border(land.xy, area_nodes[depot_areas], crossings)
    hubs = np.concatenate([area_nodes[depot_areas], border])
    damage = make_damage(land, roads, area_nodes, hubs, days=days, links=links, rng=rng)
    usable = damage.usable(roads, days // 2)
    hours = roads.from_nodes(area_nodes[depot_areas], usable)[:, area_nodes]
    vehicles = supply.spread(trucks, np.array([k.share for k in kinds]))
    total = demand.total(chosen)
    taken = supply.needed_share(
        hours.min(0), total, chosen, classes=kinds, vehicles=vehicles, days=days
    )
    demand = scaled(demand, supply.PRESSURE / taken, chosen)
    return Country(
        land, roads, damage, demand, area_nodes, depot_areas, border, hours, chosen, kinds, vehicles
    )


def _people(country: Country, ids: list[str]) -> dict[str, pl.DataFrame]:
    areas, population = area_tables(country.land, country.area_nodes, ids, country.demand, START)
    return {
        "areas": areas,
        "population": population,
        "needs": need_table(country.demand, ids, country.chosen, START),
    }


def _roads(country: Country, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    segments, weak = road_table(country.land, country.roads, rng)
    status, blockages = status_table(country.damage, weak, START)
    return {"road_segments": segments, "road_status": status, "blockages": blockages}


def _goods(country: Country, days: int, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Items, trucks, stock, pipeline and crossings."""
    depots, crossings = len(country.depot_areas), len(country.border_nodes)
    depot_ids, border_ids = places.codes("WH", depots), places.codes("X", crossings)
    reached = np.isfinite(country.hours.min(0))
    total = country.demand.total(country.chosen) * reached[:, None]
    near = np.bincount(country.hours.argmin(0), weights=total.sum(1), minlength=depots)
    share = 0.5 * near / max(1.0, near.sum()) + 0.5 / depots
    base_of = places.bases(country.land.xy[country.area_nodes[country.depot_areas]])
    bases, number = np.unique(base_of, return_inverse=True)
    weight = np.bincount(number, weights=share)
    fleet = np.stack([supply.spread(int(v), weight) for v in country.vehicles], axis=1)
    units, chosen = total.sum(0), country.chosen
    when: _When = {"start": START, "days": days, "rng": rng}
    arrivals, pipeline = supply.arrival_table(
        depot_ids, share, border_ids, total=units, chosen=chosen, **when
    )
    gates, gate_days = supply.crossing_tables(border_ids, pipeline, chosen, **when)
    return {
        "items": item_table(chosen),
        "sources": source_table(),
        "vehicle_classes": supply.class_table(country.kinds),
        "fleets": supply.fleet_table([depot_ids[b] for b in bases], fleet, country.kinds),
        "stock": supply.stock_table(depot_ids, share, units, chosen, **when),
        "arrivals": arrivals,
        "crossings": gates,
        "crossing_days": gate_days,
    }


def _care(
    country: Country, ids: list[str], crews: int, grounds: int, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Places of every kind, hospitals, sites, casualties and teams."""
    xy = country.land.xy
    of_areas = xy[country.area_nodes]
    hospitals = places.spaced(of_areas, country.demand.population, max(1, len(ids) // 150), rng)
    sites = places.spaced(of_areas, country.demand.affected, min(grounds, len(ids)), rng)
    depot_ids = places.codes("WH", len(country.depot_areas))
    base_of = places.bases(of_areas[country.depot_areas])
    table = places.place_table(
        depots=(of_areas[country.depot_areas], [ids[a] for a in country.depot_areas]),
        base_ids=[depot_ids[b] for b in base_of],
        border=xy[country.border_nodes],
        hospitals=(of_areas[hospitals], [ids[a] for a in hospitals]),
        sites=(of_areas[sites], [ids[a] for a in sites]),
    )
    clinic_ids, site_ids = places.codes("HOSP", len(hospitals)), places.codes("SITE", len(sites))
    bases = sorted({depot_ids[b] for b in base_of})
    return care_tables(
        country.demand, ids, hospitals=clinic_ids, sites=site_ids, start=START, rng=rng
    ) | {
        "places": table,
        "teams": team_table(crews, bases, START),
    }
