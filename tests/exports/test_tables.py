"""Workbook, map layers and CSV files of a plan whose every figure is known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pyogrio
import pytest
import shapely
from polars.testing import assert_frame_equal

from aidline.errors import UsageError
from aidline.formats.key_figures import key_figures
from aidline.formats.plan_folder import read_plan, write_plan
from aidline.formats.shared_plan import write_shared
from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def test_the_plan_of_these_tests_keeps_every_rule(villages: Situation, delivered: Plan):
    """What is exported here is a plan that the verifier accepts."""
    assert check_plan(villages, delivered).violations == ()


def test_key_figures_are_those_of_the_verifier(villages: Situation, delivered: Plan):
    """250 of 600 person-days are met, the worst area has 37.5 %, 500 kg are handed over."""
    verdict = check_plan(villages, delivered)
    figures = {f.key: f.value for f in key_figures(villages, delivered, verdict)}
    assert figures["people_in_need"] == 300
    assert figures["needs_met"] == pytest.approx(250 / 600)
    assert figures["minimum_coverage"] == pytest.approx(0.375)
    assert figures["delivered"] == pytest.approx(0.5)
    assert figures["trips"] == 2
    assert figures["value"] == verdict.value


@pytest.fixture
def book(villages: Situation, delivered: Plan, tmp_path: Path) -> openpyxl.Workbook:
    """The workbook, read back by another library than the one that wrote it."""
    write_shared(villages, delivered, tmp_path / "plan.xlsx")
    return openpyxl.load_workbook(tmp_path / "plan.xlsx")


def test_front_sheet_has_figures_as_numbers_and_the_notice(book: openpyxl.Workbook):
    """Name, dates and notice stand on top; figures can be reckoned with."""
    front = {row[0].value: row[1].value for row in book["plan"].iter_rows()}
    assert "Two villages" in front
    assert "Invented for a test." in front
    assert front["People in need"] == 300
    assert front["Handed over"] == pytest.approx(0.5)


def test_each_table_has_header_units_filter_and_frozen_top(book: openpyxl.Workbook):
    """The header is row 2, the units row 3, the rows follow, with filter and frozen panes."""
    sheet = book["trips"]
    header = [cell.value for cell in sheet[2]]
    units = dict(zip(header, (cell.value for cell in sheet[3]), strict=True))
    first = dict(zip(header, (cell.value for cell in sheet[4]), strict=True))
    assert units["load_t"] == "t"
    assert first["load_t"] == pytest.approx(0.2)
    assert first["date"].date() == dt.date(2027, 3, 1)
    assert (first["from_id"], first["from"], first["to"]) == ("WH", "Warehouse", "Hill")
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row))


def test_codes_and_names_stay_text(book: openpyxl.Workbook):
    """'007' keeps its zeros, and a name that starts with '=' is no formula."""
    sheet = book["loads"]
    header = [cell.value for cell in sheet[2]]
    code, name = sheet[4][header.index("item_id")], sheet[4][header.index("item")]
    assert (code.value, code.data_type) == ("007", "s")
    assert (name.value, name.data_type) == ("=Ration", "s")


def test_columns_are_wide_enough_to_read(book: openpyxl.Workbook):
    """No header is cut off."""
    for sheet in book.worksheets[1:]:
        for cell in sheet[2]:
            width = sheet.column_dimensions[cell.column_letter].width
            assert width > len(str(cell.value)), (sheet.title, cell.value)


def read_layer(path: Path, layer: str) -> tuple[pl.DataFrame, list[shapely.Geometry]]:
    """Return rows and shapes of a layer."""
    meta, table = pyogrio.read_arrow(path, layer=layer)
    frame = pl.DataFrame(table)
    name = meta["geometry_name"] or "wkb_geometry"
    return frame.drop(name), list(shapely.from_wkb(frame[name].to_numpy()))


def test_map_layers_show_coverage_flows_and_roads(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """Areas carry their coverage, flows run from the warehouse, roads have a row per state."""
    path = tmp_path / "plan.gpkg"
    write_shared(villages, delivered, path)
    areas, shapes = read_layer(path, "areas")
    assert areas["area_id"].to_list() == ["A1", "A2"]
    assert areas["met_food"].to_list() == pytest.approx([0.5, 0.375])
    assert [s.geom_type for s in shapes] == ["Polygon", "Point"]
    flows, lines = read_layer(path, "flows")
    assert flows["load_t"].to_list() == pytest.approx([0.2, 0.3])
    assert list(lines[1].coords) == [(1.05, 1.0), (1.4, 1.0)]
    roads, _ = read_layer(path, "roads")
    states = roads.select("state", "from_date", "until_date").rows()
    first, second = dt.date(2027, 3, 1), dt.date(2027, 3, 2)
    assert states == [("open", first, first), ("closed", second, second)]
    assert pyogrio.read_info(path, layer="areas")["crs"] == "EPSG:4326"


def test_writing_layers_again_replaces_the_file(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """A second export does not add to the first."""
    path = tmp_path / "plan.gpkg"
    for _ in range(2):
        write_shared(villages, delivered, path)
    assert pyogrio.read_info(path, layer="flows")["features"] == 2


def test_csv_files_hold_every_table_and_its_units(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """A file per table; `columns.csv` says what each column means."""
    write_shared(villages, delivered, tmp_path / "csv")
    trips = pl.read_csv(tmp_path / "csv" / "trips.csv")
    assert trips["load_t"].to_list() == pytest.approx([0.2, 0.3])
    columns = pl.read_csv(tmp_path / "csv" / "columns.csv")
    assert columns.filter(table="trips", column="load_t")["unit"].to_list() == ["t"]


def test_every_figure_of_the_plan_comes_back_from_workbook_and_files(
    book: openpyxl.Workbook, villages: Situation, delivered: Plan, tmp_path: Path
):
    """Each table that has rows is there with each of its own columns, cell for cell."""
    write_shared(villages, delivered, tmp_path / "csv")
    filled = {name: frame for name, frame in delivered.tables.items() if frame.height}
    assert {"trips", "loads", "deliveries", "uses", "coverage", "fairness"} <= set(filled)
    for name, frame in filled.items():
        header, _, *lines = [list(row) for row in book[name].iter_rows(2, values_only=True)]
        cells = {c: [line[header.index(c)] for line in lines] for c in frame.columns}
        sheet = pl.DataFrame({c: pl.Series(v, dtype=frame[c].dtype) for c, v in cells.items()})
        file = pl.read_csv(tmp_path / "csv" / f"{name}.csv", schema_overrides=frame.schema)
        assert_frame_equal(sheet, frame, rel_tol=1e-12)
        assert_frame_equal(file.select(frame.columns), frame, rel_tol=1e-12)


def test_a_plan_folder_stands_alone(villages: Situation, delivered: Plan, tmp_path: Path):
    """Plan and situation come back the same, without the original folder."""
    write_plan(villages, delivered, tmp_path / "plan")
    situation, plan = read_plan(tmp_path / "plan")
    assert situation.digest() == villages.digest()
    assert plan.record == delivered.record
    assert all(plan[name].equals(frame) for name, frame in delivered.tables.items())


def test_the_road_file_goes_along(villages: Situation, delivered: Plan, tmp_path: Path):
    """A road file beside the situation is in the plan folder too."""
    (tmp_path / "roads.pbf").write_bytes(b"roads")
    known = (
        type(villages)
        .of(villages.settings, villages.tables, tmp_path)
        .with_settings(roads="roads.pbf")
    )
    write_plan(known, delivered, tmp_path / "plan")
    assert (tmp_path / "plan" / "situation" / "roads.pbf").read_bytes() == b"roads"


def test_sensitive_rows_are_coarsened_and_said_so(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """The exact position of a sensitive warehouse is in no export below its level."""
    places = villages["places"].with_columns(sensitivity=pl.lit("high"))
    known = villages.replace(places=places)
    said = write_shared(known, delivered, tmp_path / "plan.gpkg", level="moderate")
    assert said == ("exact position of 1 place(s)",)
    _, shown = read_layer(tmp_path / "plan.gpkg", "places")
    assert list(shown[0].coords) == [(1.0, 1.0)]
    assert write_shared(known, delivered, tmp_path / "all.gpkg", level="high") == ()
    _, exact = read_layer(tmp_path / "all.gpkg", "places")
    assert list(exact[0].coords) == [(1.05, 1.0)]


def test_an_unknown_ending_names_the_known_ones(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """`plan.docx` is refused before anything is computed or written."""
    with pytest.raises(UsageError, match=r"\.html, \.pdf, \.xlsx or \.gpkg"):
        write_shared(villages, delivered, tmp_path / "sub" / "plan.docx")
    assert not (tmp_path / "sub").exists()
