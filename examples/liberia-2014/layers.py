"""Read the real layers as they are, with their faults, and say what was wrong with them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyogrio.raw
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from pathlib import Path

UTM_29N = "EPSG:32629"
CENSUS, RECOUNT = dt.date(2008, 3, 21), dt.date(2022, 11, 11)
"""Reference days of the two counts that the population of 2014 is interpolated between."""

NEEDED = (
    "areas/LBR_adm1.json",
    "areas/LBR_adm2.json",
    "areas/population_LBR.csv",
    "areas/county.shp",
    "areas/County_Capital.shp",
    "areas/district-100.shp",
    "roads/Road_current.shp",
    "cases/liberia_tidy.csv",
    "facilities/lib-ETU.geojson",
    "facilities/who_kemri_facilities_LBR.csv",
    "airports/airports_LBR.csv",
    "logistics/wfp_bases_2014.csv",
)
"""The layers without which nothing can be built."""


@dataclass(slots=True)
class Log:
    """What was noticed while reading, in words."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Remember a line."""
        self.lines.append(line)


def fold(name: str) -> str:
    """Return a county name without case, spaces and the word County."""
    return name.casefold().replace("county", "").replace(" ", "")


def roads(folder: Path, log: Log) -> pl.DataFrame:
    """Return the road lines: segment_id, name, category, geometry (well-known text)."""
    meta, _, shapes, columns = pyogrio.raw.read(folder / "roads" / "Road_current.shp")
    table = dict(zip(meta["fields"], columns, strict=True))
    lines = shapely.from_wkb(shapes)
    usable = _usable(lines)
    if not usable.all():
        log.say(f"roads: {(~usable).sum()} line(s) without a usable shape left out")
    parts, owner = shapely.get_parts(lines[usable], return_index=True)
    keep = shapely.length(parts) > 0
    parts, row = parts[keep], np.flatnonzero(usable)[owner[keep]]
    if len(parts) != usable.sum():
        log.say(f"roads: {usable.sum()} usable lines are {len(parts)} parts after splitting")
    category = np.char.rstrip(table["CATEGORY"][row].astype(str), "s")
    part = np.arange(len(row)) - np.searchsorted(row, row)
    ids = [
        f"R-{table['OBJECTID'][r]}{'' if p == 0 else f'-{p}'}"
        for r, p in zip(row, part, strict=True)
    ]
    return pl.DataFrame(
        {
            "segment_id": ids,
            "name": [str(n) if n else None for n in table["NAM"][row]],
            "category": category,
            "geometry": shapely.to_wkt(parts, rounding_precision=5).tolist(),
        }
    )


def districts(folder: Path, log: Log) -> pl.DataFrame:
    """Return the 136 districts: pcode, name, county_pcode, county, geometry, longitude, latitude.

    Outlines that call themselves Polygon but are nested as MultiPolygon are read as what they
    are; borders are thinned together, so that neighbours still touch.
    """
    names = {p: n for p, n, _ in _nested(folder / "areas" / "LBR_adm1.json", "ADM1", log)}
    found = _nested(folder / "areas" / "LBR_adm2.json", "ADM2", log)
    shapes = np.array([shape for _, _, shape in found])
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        log.say(f"districts: {broken.sum()} self-crossing outline(s) mended")
        shapes[broken] = shapely.make_valid(shapes[broken])
    thin = shapely.set_precision(shapely.coverage_simplify(shapes, 0.003), 1e-4)
    inside = shapely.point_on_surface(thin)
    meta, _, old, _ = pyogrio.raw.read(folder / "areas" / "district-100.shp")
    if meta["crs"] is None:
        log.say(
            f"district-100.shp: no .prj, {len(old)} outlines in metres; read as {UTM_29N}, not used"
        )
    if len(old) != len(found):
        log.say(f"districts: {len(found)} in LBR_adm2.json against {len(old)} in district-100.shp")
    return pl.DataFrame(
        {
            "pcode": [code for code, _, _ in found],
            "name": [name for _, name, _ in found],
            "county_pcode": [code[:4] for code, _, _ in found],
            "county": [names[code[:4]] for code, _, _ in found],
            "geometry": shapely.to_wkt(thin, rounding_precision=4).tolist(),
            "longitude": np.round(shapely.get_x(inside), 4),
            "latitude": np.round(shapely.get_y(inside), 4),
        }
    )


def population(folder: Path, of: pl.DataFrame, on: dt.date, log: Log) -> pl.DataFrame:
    """Return people by district on a day: pcode, people.

    County totals are interpolated geometrically between the census of 2008 and the figures of
    2022 in the layers; within a county by the shares of 2022.
    """
    meta, _, _, columns = pyogrio.raw.read(folder / "areas" / "county.shp", read_geometry=False)
    table = dict(zip(meta["fields"], columns, strict=True))
    census = {
        fold(str(n)): float(v) for n, v in zip(table["FIRST_FIRS"], table["Total"], strict=True)
    }
    later = pl.read_csv(folder / "areas" / "population_LBR.csv")
    later = later.filter(pl.col("indicator") == "populationTotal")
    people = dict(later.select("placeCode", pl.col("value").cast(pl.Float64)).iter_rows())
    span = (on - CENSUS).days / (RECOUNT - CENSUS).days
    by_district = sum(people[code] for code in of["pcode"])
    by_county = sum(people[code] for code in set(of["county_pcode"]))
    if by_district != by_county:
        log.say(f"population: districts {by_district:.0f} against counties {by_county:.0f}")
    log.say(f"population: census 2008 {sum(census.values()):.0f}, later {by_county:.0f}")
    rows = []
    for code, county_code, county in of.select("pcode", "county_pcode", "county").iter_rows():
        then, now = census[fold(county)], people[county_code]
        rows.append((code, round(then * (now / then) ** span * people[code] / now)))
    return pl.DataFrame(rows, schema=["pcode", "people"], orient="row")


def capitals(folder: Path) -> pl.DataFrame:
    """Return the county capitals: county, name, longitude, latitude (from UTM zone 29 N)."""
    meta, _, shapes, columns = pyogrio.raw.read(folder / "areas" / "County_Capital.shp")
    table = dict(zip(meta["fields"], columns, strict=True))
    points = shapely.from_wkb(shapes)
    turn = Transformer.from_crs(UTM_29N, "EPSG:4326", always_xy=True)
    longitude, latitude = turn.transform(shapely.get_x(points), shapely.get_y(points))
    return pl.DataFrame(
        {
            "county": [fold(str(n)) for n in table["CNAME05"]],
            "name": [str(n) for n in table["NAME_NEW"]],
            "longitude": np.round(longitude, 4),
            "latitude": np.round(latitude, 4),
        }
    )


def units(folder: Path, log: Log) -> pl.DataFrame:
    """Return treatment units and care centres of Liberia in December 2014.

    Columns: code, name, type, status, beds_open, beds_planned, county, longitude, latitude.
    """
    rows = []
    for file in sorted((folder / "facilities").glob("*-*.geojson")):
        if not file.stem.endswith(("ETU", "ccc")):
            continue
        kept, lost = points(file)
        if lost:
            log.say(f"{file.name}: {lost} point(s) with infinite or missing coordinates left out")
        rows += [
            (p["ECF_Code"], p["ECF_Name"], p["Type"], p["Status"], float(p["Beds_Open"] or 0),
             float(p["Beds_Plan"] or 0), p["DSTR_NM"], x, y)
            for p, x, y in kept
            if str(p["ECF_Code"]).startswith("LBR_")
        ]  # fmt: skip
    schema = [
        "code",
        "name",
        "type",
        "status",
        "beds_open",
        "beds_planned",
        "county",
        "longitude",
        "latitude",
    ]
    return pl.DataFrame(rows, schema=schema, orient="row").sort("code")


def points(file: Path) -> tuple[list[tuple[dict[str, Any], float, float]], int]:
    """Return (properties, longitude, latitude) of GeoJSON points, and how many had no place."""
    kept, lost = [], 0
    for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
        at = (feature["geometry"] or {}).get("coordinates") or [np.inf, np.inf]
        if all(np.isfinite(v) for v in at[:2]) and abs(at[0]) <= 180 and abs(at[1]) <= 90:
            kept.append((feature["properties"], round(float(at[0]), 5), round(float(at[1]), 5)))
        else:
            lost += 1
    return kept, lost


def facilities(folder: Path) -> pl.DataFrame:
    """Return the health facilities of the WHO/KEMRI list: name, type, longitude, latitude."""
    table = pl.read_csv(
        folder / "facilities" / "who_kemri_facilities_LBR.csv", infer_schema_length=None
    )
    return (
        table.select(name="Facility name", type="Facility type", longitude="Long", latitude="Lat")
        .filter(pl.col("longitude").is_not_null(), pl.col("latitude").is_not_null())
        .unique("name", keep="first", maintain_order=True)
        .sort("name")
    )


def hospitals(folder: Path) -> pl.DataFrame:
    """Return the hospitals among the health facilities."""
    return facilities(folder).filter(pl.col("type").str.contains("(?i)hospital"))


def cases(folder: Path, log: Log, on: dt.date) -> pl.DataFrame:
    """Return the reported figures: date, variable, county (folded), value; totals left out.

    Where the national figure of the day `on` is not the sum of the counties, the log says so.
    """
    table = pl.read_csv(folder / "cases" / "liberia_tidy.csv", try_parse_dates=True)
    day = table.filter(pl.col("date") == on)
    national = pl.col("area") == "National"
    total = day.filter(national).select("variable", stated="value")
    added = day.filter(~national).group_by("variable").agg(pl.col("value").sum().alias("added"))
    for row in total.join(added, on="variable").sort("variable").iter_rows(named=True):
        if abs(row["stated"] - row["added"]) > 0.5:
            log.say(
                f"cases {on}: {row['variable']}: national {row['stated']:.0f}, "
                f"sum of the counties {row['added']:.0f}; the counties are used"
            )
    counties = table.filter(~national).with_columns(
        county=pl.col("area").map_elements(fold, return_dtype=pl.String)
    )
    return counties.select("date", "variable", "county", "value")


def _usable(shapes: np.ndarray) -> np.ndarray:
    """Return which shapes are there, not empty and finite."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return np.asarray(there & np.isfinite(shapely.bounds(shapes)).all(1))


def _nested(file: Path, level: str, log: Log) -> list[tuple[str, str, Any]]:
    """Return (P-code, name, shape) with wrongly nested polygons read as MultiPolygon."""
    found, wrong = [], 0
    for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        if shape["type"] == "Polygon" and isinstance(shape["coordinates"][0][0][0], list):
            shape, wrong = shape | {"type": "MultiPolygon"}, wrong + 1
        names = feature["properties"]
        found.append((names[f"{level}_PCODE"], names[f"{level}_EN"], shapely.geometry.shape(shape)))
    if wrong:
        log.say(f"{file.name}: {wrong} of {len(found)} polygons nested as MultiPolygon, repaired")
    return sorted(found, key=lambda row: row[0])
