"""Build the situation of 1 October 2014 in Liberia from the real layers.

    python examples/liberia-2014/build.py LAYERS -o SITUATION [--compact]

`LAYERS` is the folder of layers that README.md describes. With `--compact` the situation has
15 counties instead of 136 districts and driving times, worked out on the roads and rounded,
instead of the roads; that version lies beside this file.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import layers
import numpy as np
import polars as pl
import rules
import shapely

from aidline.formats.write_situation import write_situation
from aidline.network.access import travel_times
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation

HERE = Path(__file__).parent
SETTINGS = Settings(
    name="Liberia, epidemic of 2014",
    start_date=rules.START,
    days=rules.DAYS,
    context="epidemic",
    as_of=rules.START,
    notice="Partly synthetic: stock, fleets, pipeline and most needs are made up by rule.",
)
ROAD_KINDS = {
    "Paved": ("primary", "paved"),
    "Primary Route": ("secondary", "gravel"),
    "Track": ("track", "dirt"),
}
RAIN = {"Primary Route": (30.0, 0.7), "Track": (20.0, 0.5)}
"""Weight limit in tonnes and speed factor of unpaved roads at the end of the rainy season."""
MAIN = ("Freeport of Monrovia", "SKD Stadium Monrovia", "Roberts International Airport")
MAIN_SHARE = (0.35, 0.2, 0.15)
"""Share of the stock in the main bases; the forward bases share the rest."""


def build(folder: Path, log: layers.Log) -> Situation:
    """Return the situation of 136 districts from the layers in a folder."""
    districts = layers.districts(folder, log)
    districts = _meeting_points(districts, folder)
    people = layers.population(folder, districts, rules.START, log)
    cases = layers.cases(folder, log, rules.START)
    districts = districts.join(people, on="pcode").with_columns(
        county_key=pl.col("county").map_elements(layers.fold, return_dtype=pl.String)
    )
    cases = cases.filter(pl.col("county").is_in(districts["county_key"].unique().to_list()))
    units = layers.units(folder, log).join(
        pl.read_csv(HERE / "units_2014-10-01.csv", try_parse_dates=True).select(
            "code", "opened", "beds", open_status="status"
        ),
        on="code",
        how="left",
    )
    units = units.with_columns(
        area_id=pl.Series(_district_of(units, districts)),
        open=(pl.col("opened") <= rules.START).fill_null(value=False),
    )
    open_units = units.filter("open")
    log.say(f"treatment units: {open_units.height} open on {rules.START}, beds recalled or derived")
    areas = districts.select("people", area_id="pcode", county="county_key")
    needs = rules.needs(areas, cases, open_units.select("area_id", "beds"))
    bases = pl.read_csv(folder / "logistics" / "wfp_bases_2014.csv").sort("lon")
    tables = {
        **rules.item_tables(),
        **_areas(districts),
        **_roads(folder, log),
        **_places(folder, bases, units, districts),
        **_medical(units, cases, districts, layers.capitals(folder)),
        **_gates(),
        "needs": needs,
    }
    situation = Situation.of(SETTINGS, tables)
    tables["fleets"] = _fleets(situation)
    tables |= rules.goods(rules.daily_total(needs), _shares(situation))
    return Situation.of(SETTINGS, tables)


def compact(full: Situation) -> Situation:
    """Return the situation by county, with driving times instead of roads and outlines."""
    county_of = full["areas"].select("area_id", county_id="parent_id")
    seats = pl.read_csv(HERE / "capitals.csv")
    people = (
        full["population"]
        .join(county_of, on="area_id")
        .group_by("county_id")
        .agg(pl.col("people").sum())
    )
    areas = seats.select("area_id", "name", "longitude", "latitude").with_columns(
        pcode_version=pl.lit("COD-AB"), assessed=pl.lit(value=True), source_id=pl.lit("OCHA")
    )
    needs = (
        full["needs"]
        .join(county_of, on="area_id")
        .group_by("county_id", "item_id", "date")
        .agg(pl.col("people").sum(), pl.col("quantity").sum(), pl.col("as_of", "source_id").first())
    )
    casualties = full["casualties"].join(county_of, on="area_id").drop("area_id")
    places = (
        full["places"].join(county_of, on="area_id", how="left").with_columns(area_id="county_id")
    )
    return full.replace(
        areas=areas,
        population=people.rename({"county_id": "area_id"}).with_columns(
            as_of=pl.lit(rules.START), source_id=pl.lit("GROWTH")
        ),
        needs=needs.rename({"county_id": "area_id"}).with_columns(
            people=pl.when(pl.col("people") > 0).then("people")
        ),
        casualties=casualties.rename({"county_id": "area_id"}),
        places=places.drop("county_id"),
        travel_times=_driving(full, seats),
        road_segments=full["road_segments"].clear(),
        road_status=full["road_status"].clear(),
    )


def _driving(full: Situation, seats: pl.DataFrame) -> pl.DataFrame:
    """Driving times from bases and crossings to county capitals and bases, rounded."""
    points = seats.select("area_id", "name", "longitude", "latitude")
    with_seats = full.replace(areas=points)
    starts = (
        full["places"]
        .filter(pl.col("kind").is_in(["depot", "port", "airport"]))["place_id"]
        .to_list()
    )
    ends = [*points["area_id"].to_list(), *[p for p in starts if p.startswith("WFP")]]
    classes = full["vehicle_classes"]["class_id"].to_list()
    times = travel_times(with_seats, starts, ends, classes, Ledger())
    rows: list[tuple[object, ...]] = []
    for i, start in enumerate(starts):
        for j, end in enumerate(ends):
            km = float(times.km[i, j])
            for k, code in enumerate(classes):
                hours = float(times.hours[0, k, i, j])
                if start != end and np.isfinite(hours):
                    rows.append((start, end, code, "open", max(0.1, round(hours, 1)), round(km)))
                elif start != end:
                    rows.append((start, end, code, "closed", None, None))
    schema = ["from_id", "to_id", "class_id", "status", "travel_h", "distance_km"]
    return pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None).with_columns(
        source_id=pl.lit("LISGIS")
    )


def _district_of(points: pl.DataFrame, districts: pl.DataFrame) -> list[str]:
    """Return for each point the P-code of the district in which it lies, or of the nearest."""
    shapes = shapely.from_wkt(districts["geometry"].to_numpy())
    at = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    nearest = shapely.STRtree(shapes).nearest(at)
    return districts["pcode"].gather(nearest).to_list()


def _meeting_points(districts: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Place each district where its goods are handed over.

    The county capital where it lies in the district, else the health facility nearest to the
    middle of those of the district, else the point inside the outline.
    """
    clinics = layers.facilities(folder)
    own = clinics.with_columns(pcode=pl.Series(_district_of(clinics, districts)))
    middle = (pl.col(c) - pl.col(c).mean().over("pcode") for c in ("longitude", "latitude"))
    near = own.with_columns(far=sum(m**2 for m in middle)).sort("pcode", "far", "name")
    seats = layers.capitals(folder)
    seats = seats.with_columns(pcode=pl.Series(_district_of(seats, districts)))
    at = pl.concat([seats, near], how="diagonal").unique("pcode", keep="first", maintain_order=True)
    joined = districts.join(
        at.select("pcode", "longitude", "latitude"), on="pcode", how="left", suffix="_at"
    )
    return joined.with_columns(
        longitude=pl.coalesce("longitude_at", "longitude"),
        latitude=pl.coalesce("latitude_at", "latitude"),
    ).drop("longitude_at", "latitude_at")


def _areas(districts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    areas = districts.select(
        "name", "longitude", "latitude", "geometry",
        area_id="pcode", parent_id="county_pcode",
        pcode_version=pl.lit("COD-AB"), assessed=pl.lit(value=True),
        sensitivity=pl.lit("low"), source_id=pl.lit("OCHA"),
    )  # fmt: skip
    population = districts.select(
        area_id="pcode", people=pl.col("people").cast(pl.Float64),
        as_of=pl.lit(rules.START), source_id=pl.lit("GROWTH"),
    )  # fmt: skip
    return {"areas": areas, "population": population}


def _roads(folder: Path, log: layers.Log) -> dict[str, pl.DataFrame]:
    lines = layers.roads(folder, log)
    kind = pl.col("category")
    segments = lines.select(
        "segment_id", "name", "geometry",
        road_class=kind.replace_strict({k: v[0] for k, v in ROAD_KINDS.items()}),
        surface=kind.replace_strict({k: v[1] for k, v in ROAD_KINDS.items()}),
        sensitivity=pl.lit("low"), source_id=pl.lit("LISGIS"),
    )  # fmt: skip
    wet = lines.filter(kind.is_in(list(RAIN)))
    status = wet.select(
        "segment_id", date=pl.lit(rules.START), status=pl.lit("restricted"),
        max_weight_t=kind.replace_strict({k: v[0] for k, v in RAIN.items()}),
        speed_factor=kind.replace_strict({k: v[1] for k, v in RAIN.items()}),
        cause=pl.lit("road_damage"), as_of=pl.lit(rules.START), source_id=pl.lit("RAIN"),
    )  # fmt: skip
    return {"road_segments": segments, "road_status": status}


def _places(
    folder: Path, bases: pl.DataFrame, units: pl.DataFrame, districts: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Bases, crossings, treatment units, care centres and hospitals."""
    forward = pl.col("kind") == "forward"
    main_m3, forward_m3 = 0.7 * rules.STORAGE_M3 / 3, 0.3 * rules.STORAGE_M3 / 5
    number = pl.col("n").cast(pl.String).str.zfill(2)
    parts = [
        bases.select(
            place_id=pl.col("name").map_elements(base_code, return_dtype=pl.String),
            name="name",
            kind=pl.lit("depot"),
            longitude="lon",
            latitude="lat",
            transship=forward,
            storage_m3=pl.when(forward).then(forward_m3).otherwise(main_m3).round(0),
            source_id=pl.lit("WFP"),
        ),
        _gate_places(folder, bases),
        units.select(
            _unit_code(),
            "name",
            "longitude",
            "latitude",
            kind=pl.when("open").then(pl.lit("hospital")).otherwise(pl.lit("site")),
            source_id=pl.lit("UNMEER"),
        ),
        layers.hospitals(folder)
        .with_row_index("n", 1)
        .select(
            pl.format("HOSP-{}", number).alias("place_id"),
            "name",
            "longitude",
            "latitude",
            kind=pl.lit("hospital"),
            source_id=pl.lit("WHO"),
        ),
    ]
    places = pl.concat(parts, how="diagonal")
    area = pl.Series("area_id", _district_of(places, districts))
    return {"places": places.with_columns(area, sensitivity=pl.lit("low"))}


def _gate_places(folder: Path, bases: pl.DataFrame) -> pl.DataFrame:
    """Two ports, at the bases beside them, and the airport."""
    air = pl.read_csv(folder / "airports" / "airports_LBR.csv", infer_schema_length=None)
    roberts = air.filter(pl.col("ident") == "GLRB").row(0, named=True)
    at = {row["name"]: (row["lon"], row["lat"]) for row in bases.iter_rows(named=True)}
    apron = (roberts["longitude_deg"], roberts["latitude_deg"])
    rows = [
        ("PORT-MONROVIA", "Freeport of Monrovia, quay", "port", *at[MAIN[0]], "WFP"),
        ("PORT-BUCHANAN", "Port of Buchanan", "port", *at["Buchanan"], "WFP"),
        ("AIR-RIA", "Roberts International Airport, apron", "airport", *apron, "AIRPORTS"),
    ]
    schema = ["place_id", "name", "kind", "longitude", "latitude", "source_id"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _unit_code() -> pl.Expr:
    return pl.concat_str(pl.lit("ETU-"), pl.col("code").str.slice(4)).alias("place_id")


def _medical(
    units: pl.DataFrame, cases: pl.DataFrame, districts: pl.DataFrame, capitals: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Treatment units, sites of later ones, weekly cases in the district of the capital."""
    working = units.filter("open").select(
        _unit_code(),
        functioning=pl.lit("full"),
        beds=pl.col("beds").cast(pl.Float64),
        specialties=pl.lit("infectious"),
        reported_at=pl.lit("2014-10-01"),
        source_id=pl.lit("RECALLED"),
    )
    later = units.filter(~pl.col("open")).select(
        _unit_code(), access=pl.lit("truck"), source_id=pl.lit("UNMEER")
    )
    seat = capitals.with_columns(area_id=pl.Series(_district_of(capitals, districts)))
    casualties = (
        rules.weekly_cases(cases)
        .filter(pl.col("people") > 0)
        .join(seat.select("county", "area_id"), on="county")
        .select(
            "area_id", "date", "people", triage=pl.lit("red"), specialty=pl.lit("infectious"),
            as_of=pl.lit(rules.START),
            source_id=pl.when("observed").then(pl.lit("SITREP")).otherwise(pl.lit("SYNTHETIC")),
        )
    )  # fmt: skip
    return {"hospitals": working, "candidate_sites": later, "casualties": casualties}


def _gates() -> dict[str, pl.DataFrame]:
    """Crossings: slots are synthetic."""
    rows = [
        ("PORT-MONROVIA", 10.0, "08:00", "18:00", 12.0, 42.0),
        ("PORT-BUCHANAN", 3.0, "08:00", "17:00", 12.0, 42.0),
        ("AIR-RIA", 3.0, "07:00", "18:00", 12.0, 42.0),
    ]
    schema = [
        "place_id",
        "slots_per_day",
        "opens_at",
        "closes_at",
        "truck_payload_t",
        "truck_volume_m3",
    ]
    return {
        "crossings": pl.DataFrame(rows, schema=schema, orient="row").with_columns(
            source_id=pl.lit("SYNTHETIC")
        )
    }


def base_code(name: str) -> str:
    """Return the place code of a base: WFP-GBARNGA, WFP-FREEPORT."""
    return f"WFP-{name.partition(' ')[0].upper()}"


def _base_ids(situation: Situation) -> list[str]:
    return (
        situation["places"].filter(pl.col("place_id").str.starts_with("WFP"))["place_id"].to_list()
    )


def _shares(situation: Situation) -> list[tuple[str, float]]:
    """Share of the stock of each base."""
    main = dict(zip(map(base_code, MAIN), MAIN_SHARE, strict=True))
    ids = _base_ids(situation)
    rest = (1 - sum(MAIN_SHARE)) / (len(ids) - len(main))
    return [(place, main.get(place, rest)) for place in ids]


def _fleets(situation: Situation) -> pl.DataFrame:
    """Trucks by base from the tonnes and driving times of the districts nearest to it."""
    bases, area_ids = _base_ids(situation), situation["areas"]["area_id"].to_list()
    light = travel_times(situation, bases, area_ids, ["light_3t5"], Ledger()).hours[0, 0]
    weight = {row[0]: row[5] / 1000 for row in rules.ITEMS}
    kind = {row[0]: row[3] for row in rules.ITEMS}
    daily = dict.fromkeys(area_ids, 0.0)
    for area, item, quantity in (
        situation["needs"].select("area_id", "item_id", "quantity").iter_rows()
    ):
        daily[area] += quantity * weight[item] / (1 if kind[item] == "daily" else rules.DAYS)
    load = np.array([daily[area] for area in area_ids])
    nearest = np.where(np.isfinite(light.min(0)), light.argmin(0), -1)
    tonnes, hours = {}, {}
    for i, base in enumerate(bases):
        own = nearest == i
        tonnes[base] = float(load[own].sum())
        hours[base] = float((load[own] @ light[i, own]) / max(load[own].sum(), 1e-9))
    return rules.fleets(tonnes, hours)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the situation of Liberia, 1 October 2014.")
    parser.add_argument("layers", type=Path, help="folder of layers")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the situation")
    parser.add_argument("--compact", action="store_true", help="counties and driving times")
    options = parser.parse_args()
    if missing := [name for name in layers.NEEDED if not (options.layers / name).is_file()]:
        parser.error(f"{options.layers} lacks {', '.join(missing)}: README.md says what they are")
    log = layers.Log()
    situation = build(options.layers, log)
    if options.compact:
        situation = compact(situation)
    write_situation(situation, options.output)
    for line in log.lines:
        print(f"warning: {line}", file=sys.stderr)
    print(f"wrote {options.output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
