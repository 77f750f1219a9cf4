from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aidline.errors import DataError, FormatError
from aidline.formats.read import read
from aidline.formats.write_situation import write_situation
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    from pathlib import Path


def folder_of(folder: Path, **files: str | bytes) -> Path:
    for name, text in files.items():
        path = folder / (name + (".toml" if name == "situation" else ".csv"))
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


SETTINGS = 'name = "Test"\nstart_date = 2027-03-02\ndays = 5\n'
ITEMS = "item_id,need_group,kind,weight_kg,volume_m3\nfood,food,daily,0.6,0.001\n"
AREAS = "area_id,name,latitude,longitude\nAR-01,One,12.1,-61.2\nAR-02,Two,12.2,-61.3\n"


def test_reads_a_folder(tmp_path):
    """Settings and every table of a folder arrive, typed."""
    needs = "area_id,item_id,date,quantity\nAR-01,food,2027-03-02,10\nAR-02,food,2027-03-03,2.5\n"
    result = read(folder_of(tmp_path, situation=SETTINGS, areas=AREAS, items=ITEMS, needs=needs))
    assert result.situation.settings.name == "Test"
    assert result.situation.settings.start_date == dt.date(2027, 3, 2)
    assert result.situation["needs"]["quantity"].to_list() == [10.0, 2.5]
    assert result.situation.folder == tmp_path
    assert result.problems.filter(pl.col("level") == "error").is_empty()


def test_a_wrong_row_is_left_out_and_the_rest_stays(tmp_path):
    """Accepted and rejected rows add up, and only the row with the error is missing."""
    needs = "area_id,item_id,date,quantity\nAR-01,food,2027-03-02,ten\nAR-02,food,2027-03-03,2.5\n"
    result = read(folder_of(tmp_path, situation=SETTINGS, areas=AREAS, items=ITEMS, needs=needs))
    errors = result.problems.filter(pl.col("level") == "error")
    assert errors.select("file", "row", "column", "found").rows() == [
        ("needs.csv", 2, "quantity", "ten")
    ]
    assert result.situation["needs"]["area_id"].to_list() == ["AR-02"]
    assert (result.rows_in["needs"], result.rows_accepted["needs"]) == (2, 1)
    assert result.rows_rejected["needs"] == 1


def test_rows_that_need_a_rejected_row_are_named_as_such(tmp_path):
    """A need of an area whose own row is wrong goes too, and says why."""
    areas = AREAS.replace("12.1", "north")
    needs = "area_id,item_id,date,quantity\nAR-01,food,2027-03-02,1\nAR-02,food,2027-03-03,2.5\n"
    result = read(folder_of(tmp_path, situation=SETTINGS, areas=areas, items=ITEMS, needs=needs))
    errors = result.problems.filter(pl.col("level") == "error").select("file", "row", "rule")
    assert sorted(errors.rows()) == [
        ("areas.csv", 2, "number"),
        ("needs.csv", 2, "rejected-reference"),
    ]
    assert result.situation["needs"].height == 1


def test_strict_raises(tmp_path):
    """With strict, an error is an exception that holds all problems."""
    areas = AREAS.replace("12.1", "north")
    with pytest.raises(DataError, match="north"):
        read(folder_of(tmp_path, situation=SETTINGS, areas=areas), strict=True)


def test_nothing_there(tmp_path):
    """A path that does not exist is a clear error."""
    with pytest.raises(FormatError, match="no such file"):
        read(tmp_path / "nowhere")


def test_round_trip_of_a_folder(tmp_path):
    """What is written as a folder is read back as the same situation."""
    tables = {
        "areas": pl.DataFrame(
            {
                "area_id": ["0101", "AR 2"],
                "name": ['Quo"te, comma', "سانتا"],
                "assessed": [True, None],
                "geometry": [None, "POLYGON ((0 0, 1 0, 1 1, 0 0))"],
                "latitude": [1.234, None],
            }
        ),
        "items": pl.DataFrame(
            {
                "item_id": ["food"],
                "need_group": ["food"],
                "kind": ["daily"],
                "weight_kg": [0.1],
            }
        ),
        "needs": pl.DataFrame(
            {
                "area_id": ["0101"],
                "item_id": ["food"],
                "date": [dt.date(2027, 3, 2)],
                "quantity": [1.234],
            }
        ),
    }
    settings = Settings(
        'A "name"\n', dt.date(2027, 3, 2), 9, "flood", notice="Fictional", fictional=True
    )
    situation = Situation.of(settings, tables)
    write_situation(situation, tmp_path / "s")
    result = read(tmp_path / "s")
    assert result.problems.filter(pl.col("level") == "error").is_empty()
    assert result.situation.digest() == situation.digest()
