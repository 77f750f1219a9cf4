"""The situation of Liberia: built from the real layers, and the compact version in the repo."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from aidline.formats.read import read
from aidline.network.access import travel_times
from aidline.situation.check import check
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    from types import ModuleType

    from aidline.situation.situation import Situation

HERE = Path(__file__).parents[2] / "examples" / "liberia-2014"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The build script, loaded with the modules beside it."""
    sys.path.insert(0, str(HERE))
    spec = importlib.util.spec_from_file_location("liberia_build", HERE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(HERE))
    return module


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    """The real layers."""
    return shared / "data" / "liberia-2014"


@pytest.fixture(scope="module")
def built(script: ModuleType, folder: Path) -> tuple[Situation, list[str]]:
    """The situation by district and the lines of the build log."""
    log = script.layers.Log()
    return script.build(folder, log), log.lines


def test_compact_version_is_clean() -> None:
    """A stranger can run the compact version: no errors, no warnings, 15 counties."""
    found = read(HERE / "compact")
    assert found.problems.rows() == []
    assert found.situation["areas"].height == 15
    assert "synthetic" in found.situation.settings.notice


def test_compact_version_reaches_every_county_by_known_times() -> None:
    """Every county has a known driving time from some base; no straight line is guessed."""
    situation = read(HERE / "compact").situation
    bases = situation["places"].filter(pl.col("kind") == "depot")["place_id"].to_list()
    counties = situation["areas"]["area_id"].to_list()
    times = travel_times(situation, bases, counties, ["truck_12t"], Ledger())
    known = situation["travel_times"].filter(pl.col("from_id").is_in(bases))
    pairs = known.filter(pl.col("to_id").is_in(counties)).select("from_id", "to_id").unique()
    assert pairs.height == len(bases) * len(counties)
    assert np.isfinite(times.hours[0, 0]).any(0).all()


def test_compact_version_is_what_the_layers_give(
    script: ModuleType, built: tuple[Situation, list[str]]
) -> None:
    """The committed tables are the ones that the build writes today."""
    assert read(HERE / "compact").situation.digest() == script.compact(built[0]).digest()


def test_layers_build_a_clean_situation(built: tuple[Situation, list[str]]) -> None:
    """136 districts with valid outlines and people, and nothing for the check to find."""
    situation, _ = built
    shapes = shapely.from_wkt(situation["areas"]["geometry"].to_numpy())
    assert situation["areas"].height == 136
    assert shapely.is_valid(shapes).all()
    assert 3_489_072 < situation["population"]["people"].sum() < 5_302_679
    assert check(situation).rows() == []


def test_every_fault_of_the_layers_is_reported(built: tuple[Situation, list[str]]) -> None:
    """The build log names each fault that the layers are known for."""
    log = "\n".join(built[1])
    for words in (
        "120 of 136 polygons nested as MultiPolygon",
        "no .prj",
        "infinite or missing coordinates",
        "sum of the counties",
        "without a usable shape",
    ):
        assert words in log


def test_every_district_is_reached(built: tuple[Situation, list[str]]) -> None:
    """Lines that touch without a common point do not cut districts off."""
    situation, _ = built
    bases = situation["places"].filter(pl.col("kind") == "depot")["place_id"].to_list()
    areas = situation["areas"]["area_id"].to_list()
    times = travel_times(situation, bases, areas, ["light_3t5"], Ledger())
    assert np.isfinite(times.hours[0, 0]).any(0).all()


def test_capitals_are_turned_from_metres_to_degrees(script: ModuleType, folder: Path) -> None:
    """Gbarnga, in UTM zone 29 N in the layer, comes out where it is (6.995 N, 9.472 W)."""
    seats = script.layers.capitals(folder)
    gbarnga = seats.filter(pl.col("name") == "Gbarnga").row(0, named=True)
    assert gbarnga["latitude"] == pytest.approx(6.995, abs=0.01)
    assert gbarnga["longitude"] == pytest.approx(-9.472, abs=0.01)


def test_what_is_made_up_says_so(built: tuple[Situation, list[str]]) -> None:
    """Stock, fleets, pipeline, crossings and needs carry the synthetic source."""
    situation, _ = built
    for table in ("stock", "fleets", "arrivals", "crossings", "needs"):
        assert situation[table]["source_id"].unique().to_list() == ["SYNTHETIC"]
    methods = dict(situation["sources"].select("source_id", "method").iter_rows())
    assert methods["SYNTHETIC"] == "synthetic"


def test_cases_of_the_plan_do_not_know_the_future(built: tuple[Situation, list[str]]) -> None:
    """Weeks from 1 October on repeat the mean of the three weeks before."""
    situation, _ = built
    start = situation.settings.start_date
    counts = situation["casualties"].join(
        situation["areas"].select("area_id", county="parent_id"), on="area_id"
    )
    bong = counts.filter(pl.col("county") == "LR02")
    before = bong.filter(pl.col("date") < start)["people"].sum() / 3
    weeks = bong.filter((pl.col("date") >= start) & (pl.col("people") > 0)).sort("date")["people"]
    assert abs(weeks[0] - before) <= 1
    assert weeks[:4].n_unique() == 1


def test_stock_fits_the_published_storage(built: tuple[Situation, list[str]]) -> None:
    """The stock of each base fits into its storage, and the storage is 22,000 m³ in all."""
    situation, _ = built
    room = situation["places"].filter(pl.col("storage_m3").is_not_null())
    volume = (
        situation["stock"]
        .join(situation["items"], on="item_id")
        .group_by("place_id")
        .agg(m3=(pl.col("quantity") * pl.col("volume_m3")).sum())
    )
    both = room.join(volume, on="place_id")
    assert room["storage_m3"].sum() == pytest.approx(22_000, abs=5)
    assert (both["m3"] < both["storage_m3"]).all()


def test_the_wrong_folder_is_named_with_what_it_lacks(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """A stranger without the layers reads which are missing, not a traceback."""
    monkeypatch.setattr(sys, "argv", ["build.py", str(tmp_path), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as done:
        script.main()
    assert done.value.code == 2
    assert "lacks areas/LBR_adm1.json" in capsys.readouterr().err
