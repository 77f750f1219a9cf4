from __future__ import annotations

import datetime as dt
import zipfile

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from told import errors, warned

from aidline.errors import FormatError, UsageError
from aidline.formats import corrected
from aidline.formats.book import sheet_name
from aidline.formats.corrected import write_corrected
from aidline.formats.labels import (
    LANGUAGES,
    column_label,
    meaning,
    table_label,
    table_meaning,
)
from aidline.formats.marked_copy import marked_copy
from aidline.formats.read import read
from aidline.formats.template import FIRST_ROW, template
from aidline.formats.write_situation import write_situation
from aidline.formats.write_workbook import write_workbook
from aidline.situation.check import check
from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import BY_NAME, TABLES

D = dt.date(2027, 3, 2)


def one_row_each() -> Situation:
    """One row of every table, from the examples of the specs; references may dangle."""
    tables = {}
    for table in TABLES:
        row = {c.name: _value(c.kind, c.example) for c in table.columns}
        tables[table.name] = pl.DataFrame([row], schema=table.schema, orient="row")
    return Situation.of(
        Settings("All tables", D, 7, "flood", as_of=D, notice="Fictional", fictional=True), tables
    )


def _value(kind, text):
    if not text:
        return None
    if kind in {"number", "whole"}:
        return float(text) if kind == "number" else int(text)
    if kind == "date":
        return dt.date.fromisoformat(text)
    return text == "yes" if kind == "yes_no" else text


def test_the_worked_examples_hold_no_fault_that_would_be_copied():
    """Only codes of rows that the examples do not have are wrong in them."""
    found = check(one_row_each()).filter(level="error")
    assert set(found["rule"]) <= {"reference", "refused-item-unknown"}


def book_of(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


SETTINGS = [["name", "Test"], ["start_date", D], ["days", 5]]
AREAS = [
    ["area_id", "name", "latitude", "longitude"],
    ["AR-01", "One", 12.1, -61.2],
    ["AR-02", "Two", 12.2, -61.3],
]
ITEMS = [["item_id", "need_group", "kind", "weight_kg"], ["food", "food", "daily", 0.6]]


def parsed_only(result):
    """Problems found while reading cells, without those of the checks between tables."""
    return result.problems.filter(
        pl.col("rule").is_in(
            [
                "number",
                "date",
                "choice",
                "yes_no",
                "wkt",
                "unknown-column",
                "ambiguous-number",
                "header-twice",
                "file",
            ]
        )
    )


def test_every_table_survives_a_workbook(tmp_path):
    """Every column of every table is written to a workbook and read back as it was."""
    situation = one_row_each()
    write_workbook(situation, tmp_path / "s.xlsx")
    result = read(tmp_path / "s.xlsx")
    assert parsed_only(result).is_empty()
    assert result.rows_in == {t.name: 1 for t in TABLES}
    accepted = {n for n, c in result.rows_accepted.items() if c}
    for name in accepted:
        assert result.situation[name].equals(situation[name]), name
    assert result.situation.settings == situation.settings


def test_every_table_survives_a_folder(tmp_path):
    """The same for a folder of CSV files."""
    situation = one_row_each()
    write_situation(situation, tmp_path / "s")
    result = read(tmp_path / "s")
    assert parsed_only(result).is_empty()
    assert all(
        result.situation[n].equals(situation[n]) for n, c in result.rows_accepted.items() if c
    )
    assert result.situation.settings == situation.settings


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sound_situation_survives_a_workbook_in_each_language(tmp_path, language):
    """read(write(s)) has the digest of s, whatever the language of the headers."""
    situation = Situation.of(
        Settings("Île", D, 6),
        {
            "areas": pl.DataFrame(
                {
                    "area_id": ["007", "AR 2"],
                    "name": ["=1+1", "المدينة"],
                    "latitude": [1.5, 2.0],
                    "longitude": [3.0, 4.0],
                    "assessed": [False, True],
                }
            ),
            "items": pl.DataFrame(
                {
                    "item_id": ["food"],
                    "need_group": ["food"],
                    "kind": ["daily"],
                    "weight_kg": [0.1 + 0.2],
                }
            ),
            "needs": pl.DataFrame(
                {"area_id": ["007"], "item_id": ["food"], "date": [D], "quantity": [1.234]}
            ),
        },
    )
    write_workbook(situation, tmp_path / "s.xlsx", language)
    result = read(tmp_path / "s.xlsx")
    assert errors(result) == []
    assert result.situation.digest() == situation.digest()


def test_an_outline_too_long_for_a_cell_is_refused(tmp_path):
    """A spreadsheet would cut the outline in silence: writing says so instead."""
    long = "POLYGON((" + ",".join(f"{i} 0" for i in range(9000)) + "))"
    situation = Situation.of(
        Settings(), {"areas": pl.DataFrame({"area_id": ["A"], "geometry": [long]})}
    )
    with pytest.raises(UsageError, match="folder"):
        write_workbook(situation, tmp_path / "s.xlsx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_untouched_template_has_no_rows_and_no_errors(tmp_path, language):
    """An empty template reads clean; the examples left in it are named, not read."""
    template(tmp_path / "t.xlsx", language)
    result = read(tmp_path / "t.xlsx")
    assert errors(result) == []
    assert set(result.rows_in) == {t.name for t in TABLES}
    assert sum(result.rows_in.values()) == 0
    assert set(result.problems["rule"]) == {"example-row", "no-start-date"}


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_every_meaning_is_told_in_each_language(language):
    """No column and no table of the template falls back to English."""
    english = [
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if meaning(table.name, column.name, language) == column.meaning
        and column.meaning not in {"Code.", "Volume."}  # the same word in French
    ]
    english += [(t.name, "") for t in TABLES if table_meaning(t.name, language) == t.meaning]
    assert english == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_template_makes_a_situation(tmp_path, language):
    """Rows written below the example become the tables, whatever the language."""
    path = tmp_path / "t.xlsx"
    template(path, language)
    book = openpyxl.load_workbook(path)
    fill = {
        "areas": {"area_id": "0101", "name": "Bay", "latitude": 12.4, "longitude": -61.3},
        "population": {"area_id": "0101", "people": 5000},
        "items": {
            "item_id": "food",
            "name": "Ration",
            "need_group": "food",
            "kind": "daily",
            "weight_kg": 0.6,
            "volume_m3": 0.001,
        },
        "needs": {"area_id": "0101", "item_id": "food", "date": D, "quantity": 100},
        "places": {
            "place_id": "W1",
            "name": "Depot",
            "kind": "depot",
            "latitude": 12.3,
            "longitude": -61.2,
        },
        "stock": {"lot_id": "1", "place_id": "W1", "item_id": "food", "quantity": 900},
        "vehicle_classes": {
            "class_id": "t10",
            "profile": "truck",
            "payload_t": 10,
            "volume_m3": 40,
        },
        "fleets": {"fleet_id": "F1", "place_id": "W1", "class_id": "t10", "vehicles": 3},
    }
    for name, row in fill.items():
        sheet = book[sheet_name(table_label(name, language))]
        for column, value in row.items():
            sheet.cell(FIRST_ROW + 1, BY_NAME[name].names.index(column) + 1, value)
    settings = book[table_label("settings", language)]
    for row in settings.iter_rows(min_row=2):
        if row[0].value.startswith(column_label("settings", "start_date", language)):
            row[1].value = D
    book.save(path)
    result = read(path)
    assert errors(result) == []
    assert result.rows_accepted == {t.name: int(t.name in fill) for t in TABLES}
    assert result.situation.settings.start_date == D
    assert result.situation["areas"]["area_id"].to_list() == ["0101"]


def test_an_example_that_was_changed_is_read(tmp_path):
    """Whoever overwrites the example means it."""
    path = tmp_path / "t.xlsx"
    template(path)
    book = openpyxl.load_workbook(path)
    book["Areas"].cell(3, 1, "AR-77")
    book.save(path)
    assert read(path).situation["areas"]["area_id"].to_list() == ["AR-77"]


def test_the_template_as_a_sheet_of_paper(tmp_path):
    """Names fit into tabs, first-plan sheets are in front, Arabic runs right to left."""
    for language in LANGUAGES:
        names = [table_label(t.name, language) for t in TABLES]
        assert len({sheet_name(n).lower() for n in names}) == len(names)
        assert all(len(n) <= 31 for n in names), language
    template(tmp_path / "t.xlsx", "ar")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert all(s.sheet_view.rightToLeft for s in book.worksheets if s.sheet_state == "visible")
    front = [t.name for t in TABLES if t.first_plan]
    assert book.sheetnames[2 : 2 + len(front)] == [table_label(n, "ar") for n in front]
    areas = book[table_label("areas", "ar")]
    assert areas.freeze_panes == "B3"
    assert areas.column_dimensions["A"].number_format == "@" or areas["A3"].number_format == "@"
    needs = book[table_label("needs", "ar")]
    kinds = {v.type for v in needs.data_validations.dataValidation}
    assert {"list", "date", "decimal"} <= kinds


def test_cells_of_a_workbook(tmp_path):
    """Dates, numbers as text, codes as numbers and errors arrive as what they are."""
    needs = [
        ["P-code", "Item", "From", "Qty", "People"],
        ["AR-01", "food", D, 1234.5, "1 200"],
        ["AR-02", "food", dt.datetime.fromisoformat("2027-03-03T08:30"), "12,5", True],
        [101.0, "food", 46449, "#REF!", 5],
    ]
    areas = [*AREAS, [101, "Three", 12.3, -61.4]]
    book_of(tmp_path / "s.xlsx", settings=SETTINGS, areas=areas, items=ITEMS, needs=needs)
    result = read(tmp_path / "s.xlsx")
    assert errors(result) == [(3, "people", "number"), (4, "quantity", "formula-error")]
    assert [w[:2] for w in warned(result, "id-as-number")] == [(4, "area_id"), (4, "area_id")]
    assert result.situation["areas"]["area_id"].to_list() == ["101", "AR-01", "AR-02"]
    row = result.situation["needs"].select("area_id", "date", "quantity", "people").rows()
    assert row == [("AR-01", D, 1234.5, 1200.0)]


def test_merged_cells_are_filled_down_with_a_warning(tmp_path):
    """A code merged over two rows counts for both."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "needs"
    for row in (
        ["Needs 2027"],
        [],
        ["area_id", "item_id", "quantity"],
        ["AR-01", "food", 1],
        [None, "tarp", 2],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A4:A5")
    book.save(tmp_path / "s.xlsx")
    result = read(tmp_path / "s.xlsx")
    assert [w[:2] for w in warned(result, "merged-cells")] == [(4, "area_id")]
    assert result.situation["needs"]["area_id"].to_list() == ["AR-01", "AR-01"]


def test_a_table_that_begins_far_from_the_corner(tmp_path):
    """Rows are counted as the user sees them even when the table begins at C5."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "population"
    for r, row in enumerate([["area_id", "people"], ["AR-01", "many"]], start=5):
        for c, value in enumerate(row, start=3):
            sheet.cell(r, c, value)
    book.save(tmp_path / "s.xlsx")
    assert (6, "people", "number") in errors(read(tmp_path / "s.xlsx"))


def test_formulas_without_results_are_errors_at_their_cell(tmp_path):
    """A formula that was never computed would read as empty: it is an error where it stands."""
    rows = [["area_id", "people"], ["AR-01", 5], ["AR-02", "=1+1"], ["=A2", 7]]
    book_of(tmp_path / "s.xlsx", population=rows, areas=AREAS)
    result = read(tmp_path / "s.xlsx")
    found = (
        result.problems.filter(pl.col("rule") == "formula-error")
        .select("row", "column", "found")
        .rows()
    )
    assert found == [(3, "people", "#NO RESULT"), (4, "area_id", "#NO RESULT")]


def test_settings_in_two_places(tmp_path):
    """Where situation.toml and a sheet both give settings, the file counts and it is told."""
    book_of(tmp_path / "s.xlsx", settings=[["name", "Sheet"], ["days", 3]], areas=AREAS)
    (tmp_path / "situation.toml").write_text('name = "File"\nstart_date = 2027-03-02\ndays = 9\n')
    result = read(tmp_path)
    assert (result.situation.settings.name, result.situation.settings.days) == ("File", 9)
    assert result.problems.filter(pl.col("rule") == "settings")["sheet"].to_list() == ["settings"]


def test_unknown_sheets_are_told(tmp_path):
    """A sheet that is no table is named and not read."""
    book_of(tmp_path / "s.xlsx", areas=AREAS, Notes=[["remember", "call"], [1, 2]])
    result = read(tmp_path / "s.xlsx")
    assert result.problems.filter(pl.col("rule") == "unknown-sheet")["sheet"].to_list() == ["Notes"]


def test_corrected_workbook(tmp_path):
    """Every cell comes back, wrong ones are coloured, and the added column says why."""
    needs = [["area_id", "item_id", "quantity"], ["AR-01", "food", "ten"], ["AR-02", "food", 3]]
    book_of(tmp_path / "s.xlsx", settings=SETTINGS, areas=AREAS, items=ITEMS, needs=needs)
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["needs"]
    assert [c.value for c in sheet[1]] == ["area_id", "item_id", "quantity", "aidline: problems"]
    assert sheet["C2"].value == "ten"
    assert sheet["C2"].fill.fgColor.rgb == "FFF4B6B0"
    assert "expected a number" in sheet["D2"].value
    assert (sheet["C3"].value, sheet["D3"].value) != (3, None) or sheet[
        "C3"
    ].fill.fgColor.rgb == "00000000"
    again = read(tmp_path / "out.xlsx")
    assert errors(again) == errors(read(tmp_path / "s.xlsx"))
    assert "unknown-sheet" not in set(again.problems["rule"])


def test_a_corrected_workbook_keeps_its_looks(tmp_path):
    """Number formats, widths, colours, formulas, comments and other sheets are as before."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "population"
    sheet.append(["area_id", "people", "households"])
    sheet.append(["AR-01", "many", 40])
    sheet.append(["AR-02", 1200, "=B3/5"])
    sheet["B3"].number_format = "#,##0.0"
    sheet["B3"].fill = PatternFill("solid", fgColor="FF00AA00")
    sheet["B3"].comment = Comment("asked by radio", "officer")
    sheet.column_dimensions["A"].width = 33
    sheet.freeze_panes = "B2"
    notes = book.create_sheet("Our notes")
    notes["B2"], notes["B2"].font = "call Ana", Font(bold=True, color="FF0000FF")
    notes.merge_cells("B2:D2")
    book.save(tmp_path / "s.xlsx")
    before = (tmp_path / "s.xlsx").read_bytes()
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "out.xlsx")
    assert (tmp_path / "s.xlsx").read_bytes() == before
    copy = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert copy.sheetnames == ["aidline problems", "settings", "population", "Our notes"]
    kept = copy["population"]
    assert kept["B3"].number_format == "#,##0.0"
    assert kept["B3"].fill.fgColor.rgb == "FF00AA00"
    assert kept["B3"].comment.text == "asked by radio"
    assert kept["C3"].value == "=B3/5"
    assert kept.column_dimensions["A"].width == 33
    assert kept.freeze_panes == "B2"
    assert kept["D1"].value == "aidline: problems"
    assert "'many'" in kept["D2"].value
    assert kept["B2"].fill.fgColor.rgb == "FFF4B6B0"
    assert "'many'" in kept["B2"].comment.text
    assert copy["Our notes"]["B2"].font.bold
    assert [str(m) for m in copy["Our notes"].merged_cells.ranges] == ["B2:D2"]


def test_a_copy_of_a_copy_says_only_what_is_still_wrong(tmp_path):
    """Mended cells lose colour and comment, the added column is used again, never doubled."""
    book_of(tmp_path / "s.xlsx", population=[["area_id", "people"], ["A1", "many"], ["A2", "few"]])
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "first.xlsx")
    mended = openpyxl.load_workbook(tmp_path / "first.xlsx")
    mended["population"]["B2"] = 700
    mended.save(tmp_path / "mended.xlsx")
    write_corrected(read(tmp_path / "mended.xlsx"), tmp_path / "second.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "second.xlsx")["population"]
    assert [c.value for c in sheet[1]] == ["area_id", "people", "aidline: problems"]
    assert sheet["B2"].fill.fgColor.rgb == "00000000"
    assert sheet["B2"].comment is None
    assert "'few'" in sheet["C3"].value
    assert sheet["B3"].fill.fgColor.rgb == "FFF4B6B0"


def test_text_in_a_copy_never_becomes_a_formula(tmp_path):
    """A value that looks like a formula is shown as text in the list of problems."""
    rows = [["area_id", "people"], ["A1", "=HYPERLINK(0)"]]
    with xlsxwriter.Workbook(tmp_path / "s.xlsx", {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("population")
        for r, row in enumerate(rows):
            sheet.write_row(r, 0, row)
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "out.xlsx")
    front = openpyxl.load_workbook(tmp_path / "out.xlsx")["aidline problems"]
    shown = [c for row in front.iter_rows() for c in row if c.value == "=HYPERLINK(0)"]
    assert [c.data_type for c in shown] == ["s"]


def test_a_workbook_that_cannot_be_changed_is_written_anew(tmp_path, monkeypatch):
    """Beyond the size for a copy the cells alone come back, as for a folder of CSV files."""
    monkeypatch.setattr(corrected, "MOST_CELLS", 3)
    book_of(tmp_path / "s.xlsx", population=[["area_id", "people"], ["A1", "many"]], Extra=[["x"]])
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["population"]
    assert sheet["B2"].value == "many"
    assert sheet["B2"].fill.fgColor.rgb == "FFF4B6B0"


def test_a_bomb_is_never_opened_for_a_copy(tmp_path):
    """The child refuses what the scan refuses; the caller hears of it and lives."""
    bomb = tmp_path / "s.xlsx"
    book_of(bomb, population=[["area_id", "people"], ["A1", 5]])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<x>" + b" " * 60_000_000)
    marks = {"sheets": {}, "front": [["level"]], "settings": []}
    with pytest.raises(FormatError):
        marked_copy(bomb, tmp_path / "out.xlsx", marks)
    assert not (tmp_path / "out.xlsx").exists()


def test_corrected_csv(tmp_path, read_tables):
    """A folder of CSV files comes back with the added column; one file as one file."""
    result = read_tables(population="area_id,people\nAR-01,many\nAR-02,5\n")
    write_corrected(result, tmp_path / "out")
    lines = (tmp_path / "out" / "population.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "area_id,people,aidline: problems"
    assert "ERROR people: 'many'" in lines[1]
    assert lines[2] == "AR-02,5,"
    with pytest.raises(UsageError, match="folder"):
        write_corrected(result, tmp_path / "one.csv")
    write_corrected(read(tmp_path / "population.csv"), tmp_path / "one.csv")
    assert "many" in (tmp_path / "one.csv").read_text("utf-8-sig")
