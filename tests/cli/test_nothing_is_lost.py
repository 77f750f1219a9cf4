"""No command writes over what the user has filled in, and rows are named as the user counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_template_never_overwrites(aidline, tmp_path: Path):
    """Asked twice, the first workbook may be filled in; and a workbook has a workbook's name."""
    path = tmp_path / "situation.xlsx"
    assert aidline("template", "-o", path).code == 0
    before = path.read_bytes()
    done = aidline("template", "-o", path)
    assert (done.code, path.read_bytes()) == (2, before)
    assert "is there already" in done.err
    assert aidline("template", "-o", tmp_path / "situation.csv").code == 2


def test_generate_leaves_the_files_of_others_alone(aidline, folder: Path):
    """Only a folder that an earlier run has made is written again."""
    sizes = ("--areas", 4, "--days", 1)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    (folder / "situation.toml").write_bytes(before[folder / "situation.toml"] + b"fictional=true\n")
    assert aidline("generate", *sizes, "-o", folder).code == 2
    assert (folder / "stock.csv").read_bytes() == before[folder / "stock.csv"]
    for _ in range(2):
        assert aidline("generate", *sizes, "-o", folder.parent / "new").code == 0


@pytest.mark.parametrize("name", ["mended.xlsx", "areas.csv"])
def test_corrected_sheets_stay_out_of_the_situation(aidline, folder: Path, name: str):
    """In the folder they would be read beside the originals the next time."""
    before = (folder / "areas.csv").read_bytes()
    done = aidline("check", folder, "--corrected", folder / name)
    assert done.code == 2
    assert (folder / "areas.csv").read_bytes() == before
    assert not (folder / "mended.xlsx").exists()
    assert aidline("check", folder / "areas.csv", "--corrected", folder / "areas.csv").code == 2


def test_a_corrected_workbook_is_checked_as_the_first(aidline, tmp_path: Path):
    """The column that was added is neither read nor told about."""
    book = openpyxl.Workbook()
    book.active.title = "areas"
    for row in (("area_id", "latitude", "longitude"), ("A1", "north", 1.0), ("A2", 2.0, 2.0)):
        book.active.append(row)
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    book.save(first)
    told = aidline("check", first, "--corrected", second).out.replace("first.xlsx", "")
    again = aidline("check", second).out.replace("second.xlsx", "")
    assert [line for line in again.splitlines() if "problems" in line] == []
    assert again.splitlines()[-1] == told.splitlines()[-1]


def test_places_off_the_roads_are_named_by_the_rows_of_the_file(aidline, folder: Path):
    """The situation sorts its tables; the user counts the rows of the file."""
    (folder / "travel_times.csv").unlink()
    (folder / "areas.csv").write_text(
        "area_id,name,latitude,longitude\nA2,Bay,1.1,1.1\nA1,Far away,9.0,9.0\n"
    )
    (folder / "road_segments.csv").write_text(
        'segment_id,geometry\nR1,"LINESTRING(1.05 1.05,1.1 1.1)"\n'
    )
    said = aidline("check", folder).out
    assert re.search(r"warning: areas.csv, row 3, column latitude: found 'A1'", said)


def test_many_problems_end_with_what_they_come_down_to(aidline, folder: Path):
    """Ninety slips of one kind are one thing to mend."""
    rows = "".join(f"B{i},ration,5,5\n" for i in range(90))
    (folder / "needs.csv").write_text("area_id,item_id,people,quantity\n" + rows)
    said = aidline("check", folder).out
    assert said.count("error: needs.csv, row") == 90
    assert "90 x error, the first at needs.csv, row 2, column area_id" in said
