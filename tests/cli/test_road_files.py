"""Roads from a file, from the check to the map: an OSM file, and a line layer of others."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import osmium
import polars as pl
import pyogrio
import pytest
import shapely
from two_villages import TABLES

if TYPE_CHECKING:
    from pathlib import Path

AREAS = "area_id,name,latitude,longitude\nA1,Hill,1.0,1.0\nA2,Bay,1.1,1.1\nA3,Isle,1.2,1.1\n"
NODES = {
    1: (1.05, 1.05), 2: (1.02, 1.05), 3: (1.0, 1.0), 4: (1.1, 1.05), 5: (1.1, 1.1),
    6: (1.1, 1.2), 7: (1.06, 1.02), 8: (1.3, 1.05),
}  # fmt: skip
WAYS = [
    ([2, 1, 4], {"highway": "primary", "name": "Main road"}),
    ([2, 3], {"highway": "track"}),
    ([4, 5], {"highway": "tertiary", "maxweight": "30"}),
    ([5, 6], {"highway": "unclassified", "name": "Causeway"}),
    ([1, 7], {"highway": "residential"}),
    ([4, 8], {"highway": "secondary"}),
]
"""Numbered from 1: way 4 to the isle is closed, nobody needs way 5, way 6 leads far away."""


def write_pbf(file: Path) -> None:
    """Write the roads as an OSM file."""
    with osmium.SimpleWriter(str(file)) as out:
        for ident, place in NODES.items():
            out.add_node(osmium.osm.mutable.Node(id=ident, location=place))
        for ident, (refs, tags) in enumerate(WAYS, 1):
            out.add_way(osmium.osm.mutable.Way(id=ident, nodes=refs, tags=tags))


@pytest.fixture
def with_roads(folder: Path) -> Path:
    """Return a situation whose settings name an OSM file; the causeway to the isle is closed."""
    (folder / "travel_times.csv").unlink()
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    for name, row in (("population", "A3,300\n"), ("needs", "A3,ration,300,300\n")):
        (folder / f"{name}.csv").write_text(TABLES[f"{name}.csv"] + row, encoding="utf-8")
    (folder / "road_status.csv").write_text(
        "segment_id,date,status,cause\n4,2027-03-01,closed,flood\n", encoding="utf-8"
    )
    write_pbf(folder / "roads.osm.pbf")
    settings = TABLES["situation.toml"] + 'roads = "roads.osm.pbf"\n'
    (folder / "situation.toml").write_text(settings, encoding="utf-8")
    return folder


def data_of(report: Path) -> dict[str, Any]:
    """Return what the script of a report works on."""
    text = report.read_text(encoding="utf-8")
    found = re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found is not None
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def test_an_osm_file_from_check_to_map(aidline: Any, with_roads: Path, tmp_path: Path):
    """Driving times, who is cut off, the map and the layers all come from the OSM file."""
    assert aidline("check", with_roads).code == 0
    plan, report, layers = tmp_path / "plan", tmp_path / "report.html", tmp_path / "plan.gpkg"
    assert aidline("plan", with_roads, "-o", plan).code == 0
    lost = pl.read_csv(plan / "unreachable.csv", schema_overrides={"segments": pl.String})
    assert lost.select("area_id", "segments").rows() == [("A3", "4")]
    assert aidline("report", plan, "-o", report).code == 0
    shown = data_of(report)["map"]
    assert [(r["name"], r["blocks"], r["states"]) for r in shown["roads"] if r["name"]] == [
        ("Causeway", 1, [[0, 2]])
    ]
    assert all(runs for _, _, _, runs, _ in shown["flows"])
    assert {shown["nodes"][to][0] for _, to, *_ in shown["flows"]} == {"Hill", "Bay"}
    assert aidline("report", plan, "-o", layers).code == 0
    roads = pl.DataFrame(pyogrio.read_arrow(layers, layer="roads")[1])
    assert roads.select("segment_id", "road_class", "state").rows() == [
        ("1", "primary", "open"),
        ("2", "track", "open"),
        ("3", "tertiary", "open"),
        ("4", "unclassified", "closed"),
        ("6", "secondary", "open"),
    ]
    meta, table = pyogrio.read_arrow(layers, layer="traffic")
    lines = shapely.from_wkb(pl.DataFrame(table)[meta["geometry_name"]].to_numpy())
    assert {line.coords[-1] for line in lines} >= {(1.0, 1.0), (1.1, 1.1)}


def test_nothing_but_a_name_and_a_road_file(aidline: Any, with_roads: Path, tmp_path: Path):
    """Roads alone: checked, planned and shown, and said that no needs are known."""
    for table in with_roads.glob("*.csv"):
        table.unlink()
    plan = tmp_path / "plan"
    assert aidline("check", with_roads).code == 0
    done = aidline("plan", with_roads, "-o", plan)
    assert done.code == 0, done.err
    assert "No needs are known" in done.out
    assert "Nobody is left out" not in done.out
    assert aidline("verify", with_roads, plan).code == 0
    assert aidline("explain", plan).code == 0
    for name in ("report.html", "brief.pdf", "plan.xlsx", "plan.gpkg", "tables"):
        made = aidline("report", plan, "-o", tmp_path / name)
        assert made.code == 0, made.err
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "plan.gpkg")] == ["roads"]


def test_layers_of_nothing_are_refused_in_words(aidline: Any, folder: Path, tmp_path: Path):
    """Without coordinates and roads there is nothing for a map, and no file appears."""
    for table in folder.glob("*.csv"):
        table.unlink()
    assert aidline("plan", folder, "-o", tmp_path / "plan").code == 0
    done = aidline("report", tmp_path / "plan", "-o", tmp_path / "plan.gpkg")
    assert done.code == 1
    assert "nothing in this plan has a place on a map" in done.err
    assert not (tmp_path / "plan.gpkg").exists()


@pytest.mark.parametrize("later", ["open", "closed"])
def test_two_reports_of_one_day(aidline: Any, with_roads: Path, tmp_path: Path, later: str):
    """A log may hold both: the newer one counts, for the plan, its reasons and the map alike."""
    first = "closed" if later == "open" else "open"
    (with_roads / "road_status.csv").write_text(
        "segment_id,date,status,cause,as_of\n"
        f"4,2027-03-01,{first},flood,2027-02-27\n4,2027-03-01,{later},debris,2027-02-28\n",
        encoding="utf-8",
    )
    plan, report = tmp_path / "plan", tmp_path / "report.html"
    assert aidline("check", with_roads).code == 0
    assert aidline("plan", with_roads, "-o", plan).code == 0
    said = (plan / "unreachable.csv").read_text(encoding="utf-8")
    assert ("4 Causeway (debris)" in said) == (later == "closed")
    assert aidline("report", plan, "-o", report).code == 0
    closed = 2
    shut = [r["name"] for r in data_of(report)["map"]["roads"] if [0, closed] in r["states"]]
    assert shut == (["Causeway"] if later == "closed" else [])


def test_findings_on_roads_stand_at_the_row_of_the_file(aidline: Any, with_roads: Path):
    """Rows are counted as in the file, blank lines and header included."""
    (with_roads / "road_status.csv").write_text(
        "segment_id,date,status\n4,2027-03-01,closed\n\n99,2027-03-01,closed\n", encoding="utf-8"
    )
    (with_roads / "areas.csv").write_text(AREAS + "A4,Sea,1.0,9.0\n", encoding="utf-8")
    problems = json.loads(aidline("check", with_roads, "--json").out)["problems"]
    found = [
        (p["file"], p["row"], p["rule"])
        for p in problems
        if p["rule"] in {"no_road", "unknown_segment"}
    ]
    assert found == [("areas.csv", 5, "no_road"), ("road_status.csv", 4, "unknown_segment")]


def test_the_map_keeps_to_the_country(aidline: Any, with_roads: Path, tmp_path: Path):
    """A road that leads out of the areas and places does not shrink them."""
    plan, report = tmp_path / "plan", tmp_path / "report.html"
    aidline("plan", with_roads, "-o", plan)
    aidline("report", plan, "-o", report)
    shown = data_of(report)["map"]
    east = max(x for x, _ in shown["at"])
    assert east > 0.6 * shown["width"]


def test_a_road_file_that_is_missing_is_an_error(aidline: Any, with_roads: Path):
    """The check names the file before anyone plans."""
    (with_roads / "roads.osm.pbf").unlink()
    done = aidline("check", with_roads)
    assert done.code == 1
    assert "roads.osm.pbf" in done.out + done.err


@pytest.mark.parametrize("named", [True, False])
def test_a_line_layer_of_others(aidline: Any, folder: Path, tmp_path: Path, named: bool):
    """[road_columns] says which of their columns are ours; the setting names the file."""
    (folder / "travel_times.csv").unlink()
    file = "lignes_2026.gpkg" if named else "roads.gpkg"
    table = pl.DataFrame(
        {"CODE": ["N1", "N2"], "KLASSE": ["primary", "track"], "TMAX": [30.0, None]}
    )
    lines = ["LINESTRING(1.05 1.05,1 1)", "LINESTRING(1.05 1.05,1.1 1.1)"]
    wkb = shapely.to_wkb(shapely.from_wkt(lines))
    pyogrio.write_arrow(
        table.with_columns(pl.Series("geometry", list(wkb))).to_arrow(),
        folder / file,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="LineString",
        crs="EPSG:4326",
    )
    settings = TABLES["situation.toml"] + (f'roads = "{file}"\n' if named else "")
    settings += (
        '\n[road_columns]\nsegment_id = "CODE"\nroad_class = "KLASSE"\nmax_weight_t = "TMAX"\n'
    )
    (folder / "situation.toml").write_text(settings, encoding="utf-8")
    assert aidline("check", folder).code == 0
    plan, layers = tmp_path / "plan", tmp_path / "plan.gpkg"
    assert aidline("plan", folder, "-o", plan).code == 0
    assert aidline("report", plan, "-o", layers).code == 0
    roads = pl.DataFrame(pyogrio.read_arrow(layers, layer="roads")[1])
    assert roads.select("segment_id", "road_class", "max_weight_t").rows() == [
        ("N1", "primary", 30.0),
        ("N2", "track", None),
    ]
    assert pl.DataFrame(pyogrio.read_arrow(layers, layer="traffic")[1]).height == 2
    assert aidline("verify", folder, plan).code == 0


def test_a_wrong_column_of_theirs_is_named(aidline: Any, folder: Path):
    """A column that we do not have is an error of the settings."""
    settings = TABLES["situation.toml"] + '\n[road_columns]\nlanes = "LANES"\n'
    (folder / "situation.toml").write_text(settings, encoding="utf-8")
    done = aidline("check", folder)
    assert done.code == 1
    assert "lanes" in done.out + done.err
