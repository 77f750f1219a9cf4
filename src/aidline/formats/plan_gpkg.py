"""A plan as map layers in one GeoPackage: areas, places, flows, traffic on roads, roads."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyogrio
import shapely

from aidline.errors import FormatError
from aidline.formats.report_html.coverage import coverage
from aidline.formats.report_html.flows import legs_of, traffic_of
from aidline.formats.report_html.map_roads import blocking, road_lines, road_states
from aidline.network.traffic import Traffic
from aidline.plan.opened import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

CRS = "EPSG:4326"
STATES = ("open", "restricted", "closed")
Points = dict[str, shapely.Point]


def write_layers(situation: Situation, plan: Plan, path: Path, *, along_roads: bool = True) -> None:
    """Write a plan as a GeoPackage (WGS84).

    Layers: `areas` (outline or point, people, coverage by need group, first reason),
    `coverage_by_day` (points), `places`, `flows` (straight lines by day, from where to where,
    trips and tonnes; transfers from crossings as well), `traffic` (stretches of road in the
    direction of driving, with the tonnes that all flows together bring, over the plan and by
    day), `roads` (one line per segment and state, with its dates). Of an OSM file, main roads,
    those with a report, those that trucks use and those that cut areas off are in `roads`. A
    layer without rows is left out.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    path
        The file; one that is there is replaced.
    along_roads
        False leaves `traffic` out: where some roads may not be shown, the ways over the others
        would be wrong.

    Raises
    ------
    FormatError
        There is nothing with a place on a map.
    """
    path.unlink(missing_ok=True)
    situation = opened(situation, plan)
    points = _points(situation)
    legs = legs_of(situation, plan)
    ways = traffic_of(situation, legs) if along_roads else Traffic.off_road(legs.height)
    needed = {*ways.segment_ids, *blocking(plan)}
    for name, rows, shapes in (
        ("areas", *_areas(situation, plan)),
        ("coverage_by_day", *_at(points, _by_day(situation, plan), "area_id")),
        ("places", *_at(points, _places(situation), "place_id")),
        ("flows", *_flows(situation, plan, points)),
        ("traffic", *_traffic(situation, plan, legs, ways)),
        ("roads", *_roads(situation, needed)),
    ):
        _write(path, name, rows, shapes)
    if not path.exists():
        raise FormatError(
            "nothing in this plan has a place on a map: give coordinates to areas and places, or "
            "the lines of roads",
            file=path.name,
        )


def _write(
    path: Path, layer: str, rows: pl.DataFrame, shapes: list[shapely.Geometry | None]
) -> None:
    if rows.is_empty():
        return
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    wkb = [None if shape is None else shapely.to_wkb(shape) for shape in shapes]
    table = rows.with_columns(pl.Series("geometry", wkb, pl.Binary)).to_arrow()
    pyogrio.write_arrow(
        table,
        path,
        layer=layer,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=CRS,
    )


def _points(situation: Situation) -> Points:
    """Where flows start and end: the given position, else a point within the outline."""
    points: Points = {}
    for row in situation["areas"].iter_rows(named=True):
        shape = _shape(row["geometry"])
        if row["latitude"] is not None and row["longitude"] is not None:
            points[row["area_id"]] = shapely.Point(row["longitude"], row["latitude"])
        elif shape is not None:
            points[row["area_id"]] = shapely.point_on_surface(shape)
    for row in situation["places"].iter_rows(named=True):
        if row["latitude"] is not None and row["longitude"] is not None:
            points[row["place_id"]] = shapely.Point(row["longitude"], row["latitude"])
        elif row["area_id"] in points:
            points[row["place_id"]] = points[row["area_id"]]
    return points


def _shape(text: str | None) -> shapely.Geometry | None:
    shape = None if not text else shapely.from_wkt(text, on_invalid="ignore")
    return None if shape is None or shape.is_empty else shape


def _at(
    points: Mapping[str, shapely.Point], rows: pl.DataFrame, key: str
) -> tuple[pl.DataFrame, list[shapely.Geometry | None]]:
    return rows, [points.get(code) for code in rows[key]]


def _areas(situation: Situation, plan: Plan) -> tuple[pl.DataFrame, list[shapely.Geometry | None]]:
    cover = coverage(situation, plan)
    shares = {f"met_{group}": cover.whole[g] for g, group in enumerate(cover.groups)}
    figures = pl.DataFrame(
        {"area_id": pl.Series(cover.area_ids, dtype=pl.String), "people": cover.people}
    ).with_columns(
        pl.Series("unmet_person_days", cover.unmet),
        *(pl.Series(name, values, nan_to_null=True) for name, values in shares.items()),
    )
    first = (
        plan["reasons"]
        .sort("area_id", "rank", "unmet", descending=[False, False, True])
        .unique("area_id", keep="first", maintain_order=True)
        .select("area_id", pl.col("text").alias("reason"))
    )
    cut_off = plan["unreachable"].select("area_id").unique().with_columns(cut_off=True)
    rows = (
        situation["areas"]
        .select("area_id", "name", "severity", "geometry")
        .join(figures, on="area_id", how="left")
        .join(cut_off, on="area_id", how="left")
        .with_columns(pl.col("cut_off").fill_null(value=False))
        .join(first, on="area_id", how="left")
        .sort("area_id")
    )
    points = _points(situation)
    shapes = [
        _shape(text) or points.get(code)
        for code, text in rows.select("area_id", "geometry").iter_rows()
    ]
    return rows.drop("geometry"), shapes


def _by_day(situation: Situation, plan: Plan) -> pl.DataFrame:
    """Coverage of all needs by area and day."""
    cover = coverage(situation, plan)
    days = range(plan.record.days)
    share = cover.share[0]
    return pl.DataFrame(
        {
            "area_id": [area for area in cover.area_ids for _ in days],
            "day": [day for _ in cover.area_ids for day in days],
            "date": [situation.settings.date_of(day) for _ in cover.area_ids for day in days],
            "met": pl.Series(share.ravel(), nan_to_null=True),
        }
    ).drop_nulls("met")


def _places(situation: Situation) -> pl.DataFrame:
    columns = ("place_id", "name", "kind", "area_id", "storage_t", "storage_m3")
    return situation["places"].select(columns)


def _flows(
    situation: Situation, plan: Plan, points: Points
) -> tuple[pl.DataFrame, list[shapely.Geometry | None]]:
    """Trips by leg, class and day, then transfers from crossings; the line runs straight."""
    weight = situation["items"].select("item_id", (pl.col("weight_kg") / 1000).alias("unit_t"))
    volume = situation["items"].select("item_id", "volume_m3")
    transfers = (
        plan["transfers"]
        .join(weight, on="item_id", how="left")
        .join(volume, on="item_id", how="left")
        .group_by("day", "from_id", "to_id", "arrive_day")
        .agg(
            load_t=(pl.col("quantity") * pl.col("unit_t")).sum(),
            load_m3=(pl.col("quantity") * pl.col("volume_m3")).sum(),
        )
        .with_columns(kind=pl.lit("transfer"))
    )
    trips = plan["trips"].with_columns(kind=pl.lit("trip"))
    start = pl.lit(situation.settings.start_date)
    rows = (
        pl.concat([trips, transfers], how="diagonal_relaxed")
        .with_columns(date=(start + pl.duration(days="day")).cast(pl.Date))
        .select(
            "kind", "day", "date", "arrive_day", "from_id", "to_id", "class_id", "trips",
            "load_t", "load_m3",
        )
        .sort("day", "kind", "from_id", "to_id", "class_id")
    )  # fmt: skip
    lines = [
        shapely.LineString([points[a], points[b]]) if a in points and b in points else None
        for a, b in rows.select("from_id", "to_id").iter_rows()
    ]
    return rows, lines


def _traffic(
    situation: Situation, plan: Plan, legs: pl.DataFrame, ways: Traffic
) -> tuple[pl.DataFrame, list[shapely.Geometry | None]]:
    """Tonnes by stretch of road and direction: over the plan, at most on a day, by day."""
    size = [len(way) for way in ways.ways]
    stretch = np.fromiter(chain.from_iterable(ways.ways), np.int64)
    tonnes = np.zeros((ways.count, plan.record.days))
    days = legs["day"].to_numpy()
    np.add.at(tonnes, (stretch, np.repeat(days, size)), np.repeat(legs["t"].to_numpy(), size))
    dates = [situation.settings.date_of(day) for day in range(plan.record.days)]
    facts = {"stretch": np.arange(ways.count), "tonnes": tonnes.sum(axis=1)}
    facts["most_t_per_day"] = tonnes.max(axis=1, initial=0.0)
    facts |= {f"t_{date.isoformat()}": tonnes[:, day] for day, date in enumerate(dates)}
    points = np.stack([ways.lon, ways.lat], axis=1)
    owner = np.repeat(np.arange(ways.count), np.diff(ways.start))
    return pl.DataFrame(facts), list(shapely.linestrings(points, indices=owner))


def _roads(
    situation: Situation, needed: set[str]
) -> tuple[pl.DataFrame, list[shapely.Geometry | None]]:
    """One row per segment and state: from when until when."""
    states = road_states(situation)
    settings = situation.settings
    rows, shapes = [], []
    table, lines = road_lines(situation, needed)
    for facts, line in zip(table.iter_rows(), lines, strict=True):
        periods, cause = states.get(facts[0], ((), ""))
        known = sorted(({0: 0} | {max(day, 0): code for day, code in periods}).items())
        ends = [day - 1 for day, _ in known[1:]] + [settings.days - 1]
        for (day, code), last in zip(known, ends, strict=True):
            rows.append(
                (*facts, STATES[code], settings.date_of(day), settings.date_of(last), cause or None)
            )
            shapes.append(line)
    schema = {
        "segment_id": pl.String, "name": pl.String, "road_class": pl.String,
        "surface": pl.String, "max_weight_t": pl.Float64, "state": pl.String,
        "from_date": pl.Date, "until_date": pl.Date, "cause": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row"), shapes
