"""The built-in example: every table filled, clean, with the roads that its story needs."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from aidline.formats.read import read
from aidline.network.access import travel_times
from aidline.situation.check import check
from aidline.situation.defaults import Ledger
from aidline.situation.example import example
from aidline.situation.tables import TABLES

CLASSES = ["heavy_18t", "truck_12t", "light_3t5", "4x4_2t"]
STARTS = ["WH-WEST", "WH-SOUTH", "WH-EAST", "HUB-DORN"]


@pytest.fixture(scope="module")
def reached() -> dict[str, np.ndarray]:
    """Area -> [days, classes]: is there a way from some warehouse?"""
    island = example()
    areas = island["areas"]["area_id"].to_list()
    times = travel_times(island, STARTS, areas, CLASSES, Ledger())
    some = np.isfinite(times.hours).any(2)[times.state_of_day]
    return {area: some[:, :, i] for i, area in enumerate(areas)}


def test_every_table_has_rows() -> None:
    """Each part of the product finds its data in the example."""
    assert [t.name for t in TABLES if example()[t.name].height == 0] == []


def test_every_column_is_used_somewhere() -> None:
    """Only columns that make no sense on the island stay empty in every row."""
    island = example()
    empty = {
        f"{t.name}.{c.name}"
        for t in TABLES
        for c in t.columns
        if island[t.name][c.name].null_count() == island[t.name].height
    }
    assert empty <= {
        "areas.priority",
        "road_segments.speed_kmh",
        "population.sensitivity",
        "sources.url",
    }


def test_it_is_marked_as_fictional() -> None:
    """Nobody can take the island for a real one, in no output."""
    settings = example().settings
    assert settings.fictional
    assert "Fictional" in settings.notice


def test_no_problem_is_found() -> None:
    """The check finds neither errors nor warnings."""
    assert check(example()).rows() == []


def test_the_folder_reads_as_the_same_situation() -> None:
    """The facts are a situation folder like any user's: the reader gets the same digest."""
    found = read(Path(str(files("aidline") / "data" / "example")))
    assert found.problems.rows() == []
    assert found.situation.digest() == example().digest()


def test_outlines_share_their_borders() -> None:
    """The areas cover the island without gap or overlap, and towns lie in their areas."""
    areas = example()["areas"]
    shapes = shapely.from_wkt(areas["geometry"].to_numpy())
    island = shapely.union_all(shapes)
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).sum() == pytest.approx(island.area, rel=1e-9)
    assert island.geom_type == "Polygon"
    assert len(island.interiors) == 0
    towns = shapely.points(areas["longitude"].to_numpy(), areas["latitude"].to_numpy())
    assert shapely.contains(shapes, towns).all()


def test_places_lie_in_their_areas() -> None:
    """Every place stands in the outline of the area that it names."""
    island = example()
    both = island["places"].join(island["areas"].select("area_id", "geometry"), on="area_id")
    shapes = shapely.from_wkt(both["geometry"].to_numpy())
    points = shapely.points(both["longitude"].to_numpy(), both["latitude"].to_numpy())
    assert both.height == island["places"].height
    assert shapely.contains(shapes, points).all()


def test_gannet_point_is_cut_off_for_the_whole_plan(reached: dict[str, np.ndarray]) -> None:
    """The broken bridge at the neck leaves no way for any truck on any day."""
    assert not reached["AR-06"].any()


def test_high_dorn_opens_on_day_five(reached: dict[str, np.ndarray]) -> None:
    """The mountain road opens on day 5, for light trucks only."""
    heavy, truck, light, jeep = reached["AR-11"].T
    assert not (heavy | truck).any()
    assert not (light | jeep)[:5].any()
    assert (light & jeep)[5:].all()


def test_weight_limits_keep_heavy_trucks_out(reached: dict[str, np.ndarray]) -> None:
    """Ashmere's damaged viaduct bears trucks of 18.8 t but not of 26 t."""
    assert not reached["AR-04"][:, 0].any()
    assert reached["AR-04"][:, 1].all()


def test_a_flood_splits_the_island_for_three_days() -> None:
    """On days 3 to 5 no truck gets from the west to the east."""
    island = example()
    times = travel_times(island, ["WH-WEST"], ["WH-EAST"], ["4x4_2t"], Ledger())
    open_ = np.isfinite(times.hours[times.state_of_day, 0, 0, 0])
    assert np.flatnonzero(~open_).tolist() == [3, 4, 5]


def test_all_other_areas_are_reached_at_once(reached: dict[str, np.ndarray]) -> None:
    """Apart from the two, every area has a way on the first day."""
    first = {area for area, days in reached.items() if days[0].any()}
    assert set(reached) - first == {"AR-06", "AR-11"}


def test_the_stories_are_there() -> None:
    """Expiry in the plan, a refusing port, convoys, an unassessed area, promises, kits."""
    island = example()
    end = island.settings.date_of(island.settings.days - 1)
    assert island["stock"].filter(pl.col("expiry") <= end).height >= 3
    assert (
        "diesel" in island["crossings"].filter(pl.col("place_id") == "PORT-E")["refused_items"][0]
    )
    assert island["convoys"]["area_id"].unique().to_list() == ["AR-03"]
    unassessed = island["areas"].filter(~pl.col("assessed"))["area_id"].to_list()
    assert unassessed == ["AR-05"]
    assert island["needs"].filter(pl.col("area_id").is_in(unassessed)).height == 0
    assert set(island["commitments"]["kind"]) == {"moving", "promised"}
    assert island["places"].filter("transship").height == 1
    assert island.settings.start_date == dt.date(2027, 3, 2)


def test_the_family_kit_weighs_what_is_in_it() -> None:
    """Weight and volume of the kit are those of its parts and a carton of up to a tenth more."""
    island = example()
    parts = island["kits"].join(island["items"], on="item_id")
    kit = island["items"].filter(pl.col("item_id") == "family_kit").row(0, named=True)
    for column in ("weight_kg", "volume_m3"):
        total = (parts["quantity"] * parts[column]).sum()
        assert total <= kit[column] <= 1.1 * total
