from __future__ import annotations

import json
import shutil
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import shapely
from polars.testing import assert_frame_equal
from pyogrio import write_arrow
from pyogrio.raw import write

from aidline.errors import FormatError
from aidline.formats.read import read
from aidline.formats.sandbox import run_sandboxed
from aidline.situation.example import example

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = shapely.box(-61.4, 12.4, -61.3, 12.5)
LINE = shapely.LineString([(-61.38, 12.43), (-61.36, 12.45)])


def layer(
    path: Path, shapes: list[Any], crs: str | None = "EPSG:4326", **fields: list[Any]
) -> Path:
    """Write a layer by GDAL; its kind follows the ending."""
    kind = shapes[0].geom_type
    data = [np.array(v, dtype=object if isinstance(v[0], str) else None) for v in fields.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # GDAL warns of the missing system
        wkb = shapely.to_wkb(np.array(shapes, dtype=object))
        write(path, wkb, data, list(fields), geometry_type=kind, crs=crs)
    return path


def rules(result: Any) -> set[str]:
    return set(result.problems["rule"])


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson"])
def test_areas_in_each_format(tmp_path, ending):
    """Areas arrive from each format, with codes as text and outlines in degrees."""
    layer(
        tmp_path / f"areas.{ending}",
        [SQUARE, SQUARE],
        ADM2_PCODE=["0101", "0102"],
        ADM2_EN=["Bay", "Hill"],
    )
    result = read(tmp_path)
    areas = result.situation["areas"]
    assert areas["area_id"].to_list() == ["0101", "0102"]
    assert areas["name"].to_list() == ["Bay", "Hill"]
    assert shapely.from_wkt(areas["geometry"][0]).equals(SQUARE)
    assert not rules(result) & {"file", "wkt", "no-coordinate-system", "id-as-number"}


def test_places_are_points(tmp_path):
    """Points give latitude and longitude."""
    points = [shapely.Point(-61.38, 12.43)]
    layer(tmp_path / "places.gpkg", points, place_id=["W1"], name=["Depot"], kind=["depot"])
    places = read(tmp_path).situation["places"]
    assert places.select("longitude", "latitude").rows() == [(-61.38, 12.43)]


def test_roads_cut_from_openstreetmap(tmp_path):
    """Links, streets for feet, one-way letters and T/F arrive in our words, row for row."""
    classes = ["primary_link", "living_street", "footway", "track_grade4"]
    layer(
        tmp_path / "gis_osm_roads_free_1.shp", [LINE] * 4, osm_id=["1", "2", "3", "4"],
        fclass=classes, oneway=["F", "T", "B", "B"], bridge=["T", "F", "F", "F"],
    )  # fmt: skip
    settings = 'name = "T"\nstart_date = 2027-03-02\nroads = "gis_osm_roads_free_1.shp"\n'
    (tmp_path / "situation.toml").write_text(
        settings + '[road_columns]\nsegment_id = "osm_id"\nroad_class = "fclass"\n'
    )
    result = read(tmp_path)
    assert result.situation["road_segments"].drop_nulls("segment_id").select(
        "segment_id", "road_class", "oneway", "bridge"
    ).rows() == [
        ("1", "primary", "yes", True),
        ("2", "residential", "reverse", False),
        ("3", "no_vehicles", "no", False),
        ("4", "track", "no", False),
    ]


def test_one_way_letters_are_not_guessed(tmp_path):
    """T and F without B may be true and false: an error, never the wrong direction."""
    layer(tmp_path / "roads.shp", [LINE, LINE], segment_id=["1", "2"], oneway=["T", "F"])
    found = read(tmp_path).problems.filter(pl.col("column") == "oneway")
    assert found.select("row", "level", "found").rows() == [(1, "error", "T"), (2, "error", "F")]


def test_roads_as_lines_in_a_csv(tmp_path):
    """`roads` may name a CSV with lines as well-known text, whatever it is called."""
    (tmp_path / "streets_2026.csv").write_text(
        'wkt,highway,fid\n"LINESTRING(-61.38 12.43,-61.36 12.45)",secondary_link,7\n'
    )
    settings = 'name = "T"\nstart_date = 2027-03-02\nroads = "streets_2026.csv"\n'
    (tmp_path / "situation.toml").write_text(
        settings + '[road_columns]\nsegment_id = "fid"\nroad_class = "highway"\n'
    )
    result = read(tmp_path)
    assert result.situation["road_segments"].select("segment_id", "road_class").rows() == [
        ("7", "secondary")
    ]
    assert result.problems.filter(pl.col("level") == "error").is_empty()


def test_roads_of_others_by_mapping(tmp_path):
    """Lines without a code are numbered; a mapping names columns that nobody could guess."""
    layer(tmp_path / "roads.shp", [LINE, LINE], KAT=["primary", "track"], LAENGE=[2.5, 3.5])
    mapping = '[columns.road_segments]\nroad_class = "KAT"\nlength_km = "LAENGE"\n'
    (tmp_path / "situation.toml").write_text(
        f'name = "T"\nstart_date = 2027-03-02\ndays = 3\n{mapping}'
    )
    roads = read(tmp_path).situation["road_segments"]
    assert roads.select("segment_id", "road_class", "length_km").rows() == [
        ("1", "primary", 2.5),
        ("2", "track", 3.5),
    ]
    assert roads["geometry"][0].startswith("LINESTRING")


DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "shp": "ESRI Shapefile"}


def shapes_of(frame: pl.DataFrame) -> list[str]:
    """Return the shapes of rows, or the points where they have none."""
    if "geometry" in frame.columns:
        return frame["geometry"].to_list()
    return [f"POINT ({x} {y})" for x, y in frame.select("longitude", "latitude").rows()]


@pytest.mark.parametrize("ending", list(DRIVERS))
def test_layers_written_from_tables_give_the_tables_again(tmp_path, ending):
    """Areas, places and roads of the example go out as layers and come back as they were."""
    settings = 'name = "T"\nstart_date = 2027-03-02\n'
    tables = {name: example()[name] for name in ("areas", "places", "road_segments")}
    for name, frame in tables.items():
        columns = [c for c in frame.columns if c != "geometry" and frame[c].count()]
        shapes = shapely.from_wkt(shapes_of(frame))
        longest = 10 if ending == "shp" else 99  # letters in the name of a column
        rows = frame.select(pl.col(c).alias(c[:longest]) for c in columns).with_columns(
            geometry=pl.Series(shapely.to_wkb(shapes))
        )
        write_arrow(
            rows.to_arrow(), tmp_path / f"{name}.{ending}", driver=DRIVERS[ending],
            geometry_name="geometry", geometry_type=shapes[0].geom_type, crs="EPSG:4326",
        )  # fmt: skip
        if ending == "shp":
            cut = "".join(f'{c} = "{c[:10]}"\n' for c in columns if len(c) > 10)
            settings += f"[columns.{name}]\n{cut}"
    (tmp_path / "situation.toml").write_text(settings)
    again = read(tmp_path)
    assert again.problems.filter(pl.col("level") == "error").is_empty()
    for name, frame in tables.items():
        plain = frame.drop("geometry", strict=False)
        assert_frame_equal(again.situation[name].select(plain.columns), plain)
        both = [shapely.from_wkt(shapes_of(f)) for f in (again.situation[name], frame)]
        assert shapely.equals_exact(*both, 1e-9, normalize=True).all()


def test_other_coordinate_systems_are_turned_into_degrees(tmp_path):
    """A square in UTM zone 20 comes out in degrees."""
    utm = shapely.box(674_000, 1_371_000, 685_000, 1_382_000)
    layer(tmp_path / "areas.gpkg", [utm], crs="EPSG:32620", area_id=["A"])
    outline = shapely.from_wkt(read(tmp_path).situation["areas"]["geometry"][0])
    assert shapely.bounds(outline) == pytest.approx([-61.4, 12.4, -61.3, 12.5], abs=0.01)


def test_a_layer_without_a_coordinate_system(tmp_path):
    """Metres without .prj are refused until epsg is given; degrees are taken with a warning."""
    utm = shapely.box(674_000, 1_371_000, 685_000, 1_382_000)
    path = layer(tmp_path / "areas.shp", [utm], crs=None, area_id=["A"])
    with pytest.raises(FormatError, match="epsg"):
        read(path)
    (tmp_path / "situation.toml").write_text(
        'name = "T"\nstart_date = 2027-03-02\ndays = 3\nepsg = 32620\n'
    )
    assert read(tmp_path).rows_accepted == {"areas": 1}
    outline = layer(tmp_path / "areas2.shp", [SQUARE], crs=None, area_id=["A"])
    assert "no-coordinate-system" in rules(read(outline))


def test_a_shapefile_without_its_parts(tmp_path):
    """A lone .shp says what it misses or is read without attributes; it never crashes."""
    path = layer(tmp_path / "areas.shp", [SQUARE], area_id=["A"])
    path.with_suffix(".dbf").unlink()
    result_or_error: object
    try:
        result_or_error = read(path).problems["rule"].to_list()
    except FormatError as error:
        result_or_error = error.message
    assert result_or_error


def test_several_layers_of_one_file(tmp_path):
    """Each layer of a GeoPackage goes to the table of its name."""
    path = tmp_path / "all.gpkg"
    for name, shapes, fields in (
        ("areas", [SQUARE], {"area_id": ["A"]}),
        ("roads", [LINE], {"segment_id": ["R1"]}),
    ):
        data = [np.array(v, dtype=object) for v in fields.values()]
        write(
            path,
            shapely.to_wkb(np.array(shapes, dtype=object)),
            data,
            list(fields),
            geometry_type=shapes[0].geom_type,
            crs="EPSG:4326",
            layer=name,
            append=path.exists(),
        )
    assert read(path).rows_accepted == {"areas": 1, "road_segments": 1}


def test_damaged_geopackage(tmp_path):
    """A GeoPackage cut in the middle is a clear error."""
    path = layer(tmp_path / "areas.gpkg", [SQUARE], area_id=["A"])
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FormatError):
        read(path)


def test_open_rings_are_closed(tmp_path):
    """A ring that does not end where it begins is closed, with a warning."""
    ring = [[0, 0], [0, 1], [1, 1], [1, 0]]
    feature = {
        "type": "Feature",
        "properties": {"area_id": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "areas.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    result = read(tmp_path / "areas.geojson")
    assert "open-ring" in rules(result)
    assert shapely.from_wkt(result.situation["areas"]["geometry"][0]).area == 1


def test_swapped_axes_are_named(tmp_path):
    """Latitude before longitude, where it shows, is an error that says so."""
    layer(tmp_path / "areas.gpkg", [shapely.box(12.4, 120.0, 12.5, 121.0)], area_id=["A"])
    problems = read(tmp_path).problems
    assert "exchanged" in problems.filter(pl.col("rule") == "coordinates")["mend"][0]


def test_wrongly_nested_districts_of_liberia(tmp_path, shared):
    """120 districts that say Polygon but are nested as MultiPolygon are read, none is lost."""
    shutil.copy(shared / "data/liberia-2014/areas/LBR_adm2.json", tmp_path / "areas.json")
    result = read(tmp_path)
    nested = result.problems.filter(pl.col("rule") == "wrongly-nested")
    assert nested["found"].to_list() == ["Polygon nested as MultiPolygon (120 features)"]
    assert result.rows_accepted == {"areas": 136}
    assert result.situation["areas"]["geometry"].null_count() == 0


def test_infinite_coordinates_of_a_treatment_unit(tmp_path, shared):
    """The treatment units at infinity, and only they, are left out."""
    source = shared / "data/liberia-2014/facilities/sl-ETU.geojson"
    answer = run_sandboxed("layers", source, epsg=None)
    found = [(p[0], p[2]) for p in answer["layers"][0]["problems"] if p[1] == "error"]
    assert found == [(n, "infinite-coordinate") for n in (9, 16, 19)]
    assert sum(w is None for w in answer["layers"][0]["wkt"]) == 3


def test_districts_of_liberia_without_a_coordinate_system(tmp_path, shared):
    """137 districts without .prj need epsg; with it they lie in Liberia."""
    for ending in ("shp", "shx", "dbf"):
        shutil.copy(
            shared / f"data/liberia-2014/areas/district-100.{ending}", tmp_path / f"areas.{ending}"
        )
    answer = run_sandboxed("layers", tmp_path / "areas.shp", epsg=32629)
    x, y = zip(*[p for p in answer["layers"][0]["points"] if p], strict=True)
    assert len(x) >= 136
    assert -11.6 < min(x) < max(x) < -7.3
    assert 4.3 < min(y) < max(y) < 8.6
