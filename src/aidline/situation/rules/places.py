"""Rules on places, crossings, trucks and the ways between them."""

from __future__ import annotations

import polars as pl

from aidline.situation.problems import ORIGIN
from aidline.situation.rules.rule import Facts, Rule, faulty, first_of, rule

NO_POINT = pl.col("latitude").is_null() | pl.col("longitude").is_null()
WITH_POINTS = ("areas", "places", "blockages", "worksites")


@rule(
    "trucks-nowhere",
    "warning",
    "fleets.place_id",
    "Give the place its latitude and longitude, or travel times from it.",
)
def trucks_nowhere(facts: Facts) -> pl.DataFrame:
    """Trucks stand at a place without coordinates and without travel times."""
    known = _with_times(facts, "from_id")
    lost = facts.based.filter(NO_POINT & ~pl.col("place_id").is_in(known))
    fleets = facts["fleets"].filter(pl.col("place_id").is_in(lost["place_id"].unique().implode()))
    return faulty(
        first_of(fleets, "place_id"),
        pl.format("trucks at {}, whose position is not known", "place_id"),
        "coordinates or travel times",
    )


@rule(
    "area-without-way",
    "warning",
    "areas.area_id",
    "Give its latitude and longitude, its outline, or a travel time to it.",
)
def area_without_way(facts: Facts) -> pl.DataFrame:
    """An area has no coordinates, no outline and no travel time: no truck finds it."""
    known = _with_times(facts, "to_id")
    rows = facts["areas"].filter(
        NO_POINT & pl.col("geometry").is_null() & ~pl.col("area_id").is_in(known)
    )
    return faulty(rows, pl.format("no way to {}", "area_id"), "coordinates, outline or travel time")


def _with_times(facts: Facts, end: str) -> pl.Series:
    times = facts["travel_times"].filter(pl.col("travel_h").is_not_null())
    return times[end].drop_nulls().unique().implode()


@rule(
    "crossing-without-slots",
    "warning",
    "crossings.slots_per_day",
    "Give the trucks that may enter per day; without them the crossing counts as not limited.",
)
def crossing_without_slots(facts: Facts) -> pl.DataFrame:
    """Nobody said how many trucks a crossing lets through."""
    hours = pl.all_horizontal(pl.col("slots_per_hour", "opens_at", "closes_at").is_not_null())
    days = facts["crossing_days"].filter(pl.col("slots").is_not_null())["place_id"]
    rows = facts["crossings"].filter(
        pl.col("slots_per_day").is_null()
        & ~hours
        & ~pl.col("place_id").is_in(days.drop_nulls().unique().implode())
    )
    return faulty(rows, pl.format("no slots at {}", "place_id"), "trucks per day")


@rule(
    "crossing-without-way",
    "warning",
    "crossings.place_id",
    "Give the place its latitude and longitude, or an open travel time to a place with trucks.",
)
def crossing_without_way(facts: Facts) -> pl.DataFrame:
    """No road or travel time leads from a crossing to a place with trucks."""
    based = facts.based.filter(pl.col("base_id").is_in(facts.ids("fleets", "place_id").implode()))
    homes = first_of(based, "place_id").select(home="place_id", home_lost=NO_POINT)
    points = first_of(facts["places"], "place_id").select("place_id", gate_lost=NO_POINT)
    gates = first_of(facts["crossings"], "place_id").join(points, on="place_id")
    gates = gates.filter(~pl.col("place_id").is_in(homes["home"].implode()))
    open_way = (
        gates.join(homes, how="cross")
        .join(_ways(facts), on=["place_id", "home"], how="left")
        .filter(
            pl.col("known").fill_null(value=False)
            | ~(pl.col("gate_lost") | pl.col("home_lost") | pl.col("shut").fill_null(value=False))
        )
    )
    rows = gates.filter(~pl.col("place_id").is_in(open_way["place_id"].unique().implode()))
    return faulty(
        rows if homes.height else rows.clear(),
        pl.format("no way from {} to any place with trucks", "place_id"),
        "an open way",
    )


def _ways(facts: Facts) -> pl.DataFrame:
    """Say of each pair in travel_times whether a way is known, or shut from the start."""
    is_closed = (pl.col("status") == "closed").fill_null(value=False)
    measured = pl.any_horizontal(pl.col("travel_h", "distance_km").is_not_null())
    later = (pl.col("date") > facts.settings.start_date).fill_null(value=False)
    return (
        facts["travel_times"]
        .group_by(place_id="from_id", home="to_id")
        .agg(
            known=(measured & ~is_closed).any(),
            shut=is_closed.all() & (pl.col("class_id").is_null() & ~later).any(),
        )
    )


@rule(
    "refused-item-unknown",
    "error",
    "crossings.refused_items",
    "Write codes of the table items, with a space between them.",
)
def refused_item_unknown(facts: Facts) -> pl.DataFrame:
    """A crossing refuses an item that nobody knows."""
    listed = (
        facts["crossings"]
        .select(*ORIGIN, pl.col("refused_items").str.extract_all(r"\S+").alias("code"))
        .explode("code", empty_as_null=True, keep_nulls=True)
        .filter(
            pl.col("code").is_not_null()
            & ~pl.col("code").is_in(facts.ids("items", "item_id").implode())
        )
    )
    return faulty(listed, pl.col("code"), "codes that stand in items")


@rule(
    "arrival-stuck",
    "warning",
    "arrivals.place_id",
    "Add the place to crossings (goods then move on to a warehouse), or a fleet that loads there.",
)
def arrival_stuck(facts: Facts) -> pl.DataFrame:
    """Goods arrive at a place that is no crossing and has no trucks."""
    moving = facts.based.filter(pl.col("base_id").is_in(facts.ids("fleets", "place_id").implode()))[
        "place_id"
    ]
    onward = pl.concat([moving, facts["crossings"]["place_id"]]).drop_nulls().unique().implode()
    known = facts.ids("places", "place_id").implode()
    rows = facts["arrivals"].filter(
        pl.col("place_id").is_in(known) & ~pl.col("place_id").is_in(onward)
    )
    return faulty(
        rows,
        pl.format("arrival at {}, from where nothing moves on", "place_id"),
        "a crossing or a place with trucks",
    )


@rule(
    "depot-without-trucks",
    "warning",
    "places.place_id",
    "Add a fleet with this home, or name the place whose trucks load here in fleet_base_id.",
)
def depot_without_trucks(facts: Facts) -> pl.DataFrame:
    """A warehouse has no trucks: what lies there stays there."""
    fleets = (
        facts["fleets"].filter(pl.col("vehicles") > 0)["place_id"].drop_nulls().unique().implode()
    )
    stocked = facts.ids("stock", "place_id").implode()
    passes = facts.ids("crossings", "place_id").implode()
    rows = facts.based.filter(
        ((pl.col("kind") == "depot") | pl.col("place_id").is_in(stocked))
        & ~pl.col("base_id").is_in(fleets)
        & ~pl.col("place_id").is_in(passes)
    )
    return faulty(rows, pl.format("no trucks at {}", "place_id"), "a fleet")


@rule(
    "speed",
    "warning",
    "travel_times.travel_h",
    "Check the units: travel_h is hours, one way (20 minutes = 0.33), distance_km kilometres.",
)
def speed(facts: Facts) -> pl.DataFrame:
    """Travel time and distance give a speed below 1 or above 120 km/h."""
    kmh = pl.col("distance_km") / pl.col("travel_h")
    rows = facts["travel_times"].filter(
        (pl.col("travel_h") > 0) & (pl.col("distance_km") > 0) & ~kmh.is_between(1, 120)
    )
    return faulty(rows, pl.format("{} km/h", kmh.round_sig_figs(2)), "1 to 120 km/h")


@rule(
    "travel-time-empty",
    "warning",
    "travel_times.travel_h",
    "Fill in the hours for one way, or write 'closed' as its status.",
)
def travel_time_empty(facts: Facts) -> pl.DataFrame:
    """A way that is not closed has no travel time."""
    rows = facts["travel_times"].filter(
        pl.col("travel_h").is_null() & (pl.col("status").fill_null("open") != "closed")
    )
    return faulty(
        rows, pl.format("no hours from {} to {}", "from_id", "to_id"), "hours for one way"
    )


@rule(
    "zero-point",
    "warning",
    "*.latitude",
    "Leave latitude and longitude empty where they are not known; 0, 0 lies in the ocean.",
)
def zero_point(facts: Facts) -> pl.DataFrame:
    """A point lies at latitude 0, longitude 0."""
    points = _points(facts).filter((pl.col("latitude") == 0) & (pl.col("longitude") == 0))
    return faulty(points, pl.lit("0, 0"), "a point on land, or nothing")


@rule(
    "swapped-point",
    "warning",
    "*.latitude",
    "Swap latitude and longitude: latitude is degrees north, longitude degrees east.",
)
def swapped_point(facts: Facts) -> pl.DataFrame:
    """A point lies far from all others, and among them once latitude and longitude are swapped.

    The others are the points nearer to the median point than to their own mirror image.
    """
    points = _points(facts)
    if points.height < 3:
        return faulty(points.clear(), pl.lit(""), "")
    lat, lon = pl.col("latitude"), pl.col("longitude")
    here = (lat - lat.median()).abs() + (lon - lon.median()).abs()
    there = (lon - lat.median()).abs() + (lat - lon.median()).abs()
    judged = points.with_columns((here > 2 * there).alias("_odd"))
    box = judged.filter(~pl.col("_odd")).select(
        lat.min().alias("south"),
        lat.max().alias("north"),
        lon.min().alias("west"),
        lon.max().alias("east"),
    )
    south, north, west, east = box.row(0)
    if south is None:
        return faulty(points.clear(), pl.lit(""), "")
    rows = judged.filter(
        pl.col("_odd")
        & lon.is_between(south - 0.5, north + 0.5)
        & lat.is_between(west - 0.5, east + 0.5)
        & ~(lat.is_between(south, north) & lon.is_between(west, east))
    )
    return faulty(
        rows,
        pl.format("{}, {}", lat, lon),
        pl.format("near {}, {}, among the other points", lon, lat),
    )


def _points(facts: Facts) -> pl.DataFrame:
    columns = [*ORIGIN, "latitude", "longitude"]
    return pl.concat([facts[table].select(columns) for table in WITH_POINTS]).drop_nulls(
        ["latitude", "longitude"]
    )


RULES: tuple[Rule, ...] = (
    trucks_nowhere,
    area_without_way,
    crossing_without_slots,
    crossing_without_way,
    refused_item_unknown,
    arrival_stuck,
    depot_without_trucks,
    speed,
    travel_time_empty,
    zero_point,
    swapped_point,
)
