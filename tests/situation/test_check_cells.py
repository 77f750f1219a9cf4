"""Cells, rows, keys, references and outlines: one golden case per rule of the specs."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from sound_world import SETTINGS, added, day, edited, frames, problems, sound

from aidline.errors import UsageError
from aidline.situation.check import check, check_frames, check_specs, check_table
from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import BY_NAME, TABLES

CASES = {
    "required": (edited("stock", 0, quantity=None), "stock", 2, "quantity"),
    "required text": (edited("areas", 1, area_id=""), "areas", 3, "area_id"),
    "not-a-number": (edited("needs", 1, quantity=float("nan")), "needs", 3, "quantity"),
    "not-a-number inf": (edited("needs", 0, people=float("inf")), "needs", 2, "people"),
    "too-large": (edited("needs", 1, quantity=1e308), "needs", 3, "quantity"),
    "too-large whole": (edited("items", 0, hold_days=10**15), "items", 2, "hold_days"),
    "range below": (edited("stock", 0, quantity=-5.0), "stock", 2, "quantity"),
    "range above": (edited("areas", 2, latitude=161.4), "areas", 4, "latitude"),
    "choice": (edited("places", 0, kind="warehose"), "places", 2, "kind"),
    "list": (edited("crossings", 0, allowed_groups="food;water"), "crossings", 2, "allowed_groups"),
    "time": (edited("crossings", 0, opens_at="8 am"), "crossings", 2, "opens_at"),
    "date": (edited("stock", 0, expiry=dt.date(1900, 1, 1)), "stock", 2, "expiry"),
    "spaces": (edited("sources", 0, source_id="S1 "), "sources", 2, "source_id"),
    "interval low": (edited("population", 1, people_low=1400.0), "population", 3, "people_low"),
    "interval high": (edited("arrivals", 0, eta_high=day(1)), "arrivals", 2, "eta_high"),
    "order": (edited("needs", 0, date=day(5), until=day(4)), "needs", 2, "until"),
    "order expiry": (edited("arrivals", 0, expiry=day(1)), "arrivals", 2, "expiry"),
    "order hours": (edited("crossings", 0, closes_at="07:30"), "crossings", 2, "closes_at"),
    "duplicate": (
        added("areas", {"area_id": "AR-2", "latitude": 12.2, "longitude": -61.2}),
        "areas", 5, "area_id",
    ),
    "reference": (edited("needs", 3, area_id="AR-9"), "needs", 5, "area_id"),
    "reference spelling": (edited("stock", 0, item_id="Food "), "stock", 2, "item_id"),
    "reference source": (edited("needs", 0, source_id="S7"), "needs", 2, "source_id"),
    "wkt": (edited("areas", 0, geometry="POLYGON((1 2"), "areas", 2, "geometry"),
    "wkt-degrees": (edited("areas", 0, geometry="POINT(450000 1340000)"), "areas", 2, "geometry"),
    "wkt-crossing": (
        edited("areas", 0, geometry="POLYGON((0 0,1 1,1 0,0 1,0 0))"), "areas", 2, "geometry",
    ),
}  # fmt: skip


def test_a_sound_situation_has_no_problems():
    """The check must not cry wolf."""
    assert problems(sound()).is_empty()


def test_an_empty_situation_has_no_problems():
    """Nothing known is no mistake."""
    assert check(Situation.of(Settings(), {})).is_empty()


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_reported_where_it_stands(case):
    """File, sheet, row and column are those of the cell that is wrong."""
    rows, sheet, row, column = CASES[case]
    found = problems(rows).filter(pl.col("rule") == case.split()[0])
    assert found.select("file", "sheet", "row", "column").rows() == [
        ("book.xlsx", sheet, row, column)
    ]
    assert found["mend"][0]


def test_a_duplicate_names_both_rows():
    """The user sees at once which two rows to compare."""
    found = problems(CASES["duplicate"][0]).filter(pl.col("rule") == "duplicate")
    assert found["found"].item() == "AR-2, as on row 3 of areas"
    assert "row 3 or row 5" in found["mend"].item()


def test_keys_with_an_empty_optional_part_are_compared_too():
    """Two needs of one area and item without a date are the same row twice."""
    rows = added("needs", {"area_id": "AR-1", "item_id": "food", "people": 1.0, "quantity": 1.0})
    found = problems(rows).filter(pl.col("rule") == "duplicate")
    assert found["row"].to_list() == [6]


@pytest.mark.parametrize(
    ("column", "wrong", "meant"),
    [
        ("area_id", "ar-01", "AR-1"),
        ("area_id", " AR 1", "AR-1"),
        ("item_id", "blankt", "blanket"),
        ("item_id", "zz", None),
    ],
)
def test_the_nearest_code_is_offered(column, wrong, meant):
    """Case, spaces, zeros and a missing letter lead to the right code; nonsense to none."""
    rows = edited("needs", 0, **{column: wrong})
    mend = problems(rows).filter(pl.col("rule") == "reference")["mend"].item()
    assert ("Did you mean" in mend) == (meant is not None)
    assert meant is None or f"'{meant}'" in mend


def test_a_table_that_is_missing_is_one_problem():
    """A thousand rows that point at a table that nobody gave are one thing to mend."""
    rows = sound()
    del rows["items"]
    found = problems(rows).filter((pl.col("rule") == "reference") & (pl.col("sheet") == "needs"))
    assert found.height == 1
    assert found["expected"].item() == "codes that stand in items, which has no rows"


def test_a_column_that_is_empty_is_one_problem():
    """A required column that was left out is reported once, not once for each row."""
    rows = sound()
    for row in rows["items"]:
        row["need_group"] = None
    found = problems(rows).filter(pl.col("rule") == "required")
    assert found.select("sheet", "row", "column").rows() == [("items", None, "need_group")]


def test_segments_of_a_road_file_need_no_row():
    """With a road file, segments are ways of that file."""
    rows = added("road_status", {"segment_id": "W1", "date": day(0), "status": "closed"})
    assert problems(rows)["column"].to_list() == ["segment_id"]
    with_roads = Settings(start_date=SETTINGS.start_date, days=10, roads="roads.osm.pbf")
    assert problems(rows, with_roads).is_empty()


def test_every_fault_is_reported_at_once():
    """An officer mends twenty cells in one go."""
    rows = edited("stock", 0, quantity=-1.0, expiry=dt.date(1900, 1, 1))
    rows["places"][0]["kind"] = "?"
    assert set(problems(rows)["rule"]) >= {"range", "date", "choice"}


def test_errors_come_first():
    """The first row of the table is what must be mended first."""
    rows = edited("population", 0, people_low=1400.0)
    rows["stock"][0]["quantity"] = -1.0
    assert problems(rows)["level"].to_list() == ["error", "warning"]


def test_rows_are_counted_from_one_without_an_origin():
    """A caller from Python gets the position in the table that it passed."""
    frame = pl.DataFrame({"source_id": ["S1", None]}, schema={"source_id": pl.String})
    found = check_table(BY_NAME["sources"], frame)
    assert found.select("sheet", "row").rows() == [("sources", 2)]


def test_the_origin_of_sorted_rows_is_kept():
    """A situation sorts its rows; the problems still point at the user's rows."""
    origin = pl.DataFrame({"_file": ["a.csv"], "_sheet": ["stock"], "_row": [77]})
    tables = {n: f.drop("_file", "_sheet", "_row") for n, f in frames(sound()).items()}
    tables["stock"] = tables["stock"].head(1).with_columns(quantity=pl.lit(-1.0))
    found = check(Situation.of(SETTINGS, tables), {"stock": origin})
    assert found.filter(pl.col("rule") == "range").select("file", "row").rows() == [("a.csv", 77)]


def test_unknown_tables_and_types_are_a_wrong_call():
    """What the caller got wrong is an error of the call, not a problem of the data."""
    with pytest.raises(UsageError, match="no such table"):
        check_frames({"area": pl.DataFrame()}, SETTINGS)
    with pytest.raises(UsageError, match="table stock"):
        check_specs({"stock": pl.DataFrame({"quantity": ["ten"]})}, SETTINGS)


def test_the_examples_of_the_specs_are_sound():
    """The worked example row of every table passes the checks of its own cells."""
    for spec in TABLES:
        row = {c.name: c.example or None for c in spec.columns}
        texts = pl.DataFrame([row], schema=dict.fromkeys(spec.names, pl.String))
        typed = texts.with_columns(_typed(c) for c in spec.columns)
        assert check_table(spec, typed).is_empty(), spec.name


def _typed(column):
    text = pl.col(column.name)
    if column.kind == "yes_no":
        return text == "yes"
    return text.str.to_date() if column.kind == "date" else text.cast(column.dtype)
