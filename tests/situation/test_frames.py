"""Tables of pandas and Arrow go in and come out without loss."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from aidline.errors import UsageError
from aidline.situation.frames import as_polars
from aidline.situation.situation import Settings, Situation

ROWS = {"area_id": ["A2", "A1"], "name": ["Bay", None], "severity": [4, None]}


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(ROWS),
        pl.LazyFrame(ROWS),
        pd.DataFrame(ROWS, index=[7, 9]),
        pd.DataFrame(ROWS).astype({"area_id": "category"}),
        pa.table(ROWS),
        pa.table(ROWS).to_reader(),
    ],
    ids=["polars", "lazy", "pandas", "category", "arrow", "stream"],
)
def test_every_kind_of_frame_gives_the_same_situation(frame: object):
    """Index, categories and missing values of other libraries leave no trace."""
    situation = Situation.of(Settings(), {"areas": frame})
    areas = situation["areas"]
    assert areas["area_id"].to_list() == ["A1", "A2"]
    assert areas["name"].to_list() == [None, "Bay"]
    assert areas["severity"].to_list() == [None, 4]
    assert situation.digest() == Situation.of(Settings(), {"areas": pl.DataFrame(ROWS)}).digest()


def test_not_a_number_of_pandas_is_unknown():
    """NaN and NaT become null, never a figure."""
    frame = pd.DataFrame(
        {"lot_id": ["L1"], "item_id": ["rice"], "quantity": [float("nan")], "expiry": [pd.NaT]}
    )
    stock = Situation.of(Settings(), {"stock": frame})["stock"]
    assert stock["quantity"].to_list() == [None]
    assert stock["expiry"].to_list() == [None]


def test_dates_of_pandas_become_dates():
    """A pandas timestamp is a calendar date here."""
    frame = pd.DataFrame({"lot_id": ["L1"], "expiry": pd.to_datetime(["2027-09-30"])})
    stock = Situation.of(Settings(), {"stock": frame})["stock"]
    assert stock["expiry"].to_list() == [dt.date(2027, 9, 30)]


def test_tables_go_out_as_pandas_and_arrow():
    """What goes out comes back the same."""
    areas = Situation.of(Settings(), {"areas": pl.DataFrame(ROWS)})["areas"]
    assert (
        as_polars(areas.to_pandas())
        .select("area_id", "name")
        .equals(areas.select("area_id", "name"))
    )
    assert as_polars(areas.to_arrow()).equals(areas)


def test_what_is_no_table_is_refused_in_words():
    """A list of rows is a slip, said so."""
    with pytest.raises(UsageError, match="list is no table"):
        Situation.of(Settings(), {"areas": [("A1", "Bay")]})
