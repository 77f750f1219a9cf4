"""Scenarios: what they change, what they share, and what they refuse."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aidline.errors import FormatError, UsageError
from aidline.situation.scenario import Addition, Change, Removal, Scenario, read_scenario
from aidline.situation.situation import Settings, Situation


def situation():
    """Two fleets, a crossing and an arrival."""
    return Situation.of(
        Settings(),
        {
            "fleets": pl.DataFrame(
                {"fleet_id": ["F1", "F2"], "place_id": ["P", "P"], "vehicles": [4.0, 8.0]}
            ),
            "crossings": pl.DataFrame({"place_id": ["PORT"], "slots_per_day": [40.0]}),
            "arrivals": pl.DataFrame({"arrival_id": ["A"], "eta": [dt.date(2027, 1, 5)]}),
            "items": pl.DataFrame({"item_id": ["food"], "hold_days": [5]}),
        },
    )


def test_an_empty_patch_is_the_same_situation():
    """The same object, so the same digest."""
    before = situation()
    assert Scenario("as it is").apply(before) is before


def test_untouched_tables_are_shared():
    """Fifty scenarios cost fifty changed tables, not fifty situations."""
    before = situation()
    after = Scenario("slow", changes=(Change("crossings", "slots_per_day", 20.0),)).apply(before)
    assert after["fleets"] is before["fleets"]
    assert after["crossings"]["slots_per_day"].item() == 20.0
    assert before["crossings"]["slots_per_day"].item() == 40.0
    assert after.digest() != before.digest()


@pytest.mark.parametrize(
    ("change", "vehicles"),
    [
        (Change("fleets", "vehicles", 1.0, where={"fleet_id": "F2"}), [4.0, 1.0]),
        (Change("fleets", "vehicles", 0.5, "multiply"), [2.0, 4.0]),
        (Change("fleets", "vehicles", -1, "add", {"fleet_id": "F1", "place_id": "P"}), [3.0, 8.0]),
        (Change("fleets", "vehicles", None, where={"fleet_id": "F1"}), [None, 8.0]),
        (Change("fleets", "vehicles", 3.0, where={"owner": None}), [3.0, 3.0]),
    ],
)
def test_operations(change, vehicles):
    """Set, multiply and add, in the rows that meet all conditions."""
    assert (
        Scenario("s", changes=(change,)).apply(situation())["fleets"]["vehicles"].to_list()
        == vehicles
    )


def test_dates_move_by_days_and_whole_numbers_stay_whole():
    """A ship that is three days late, food that keeps half as long."""
    late = Change("arrivals", "eta", 3, "add")
    half = Change("items", "hold_days", 0.5, "multiply")
    after = Scenario("late", changes=(late, half)).apply(situation())
    assert after["arrivals"]["eta"].item() == dt.date(2027, 1, 8)
    assert after["items"]["hold_days"].item() == 2


def test_rows_are_taken_out_and_put_in():
    """The new rows are sorted in, so that their order in the patch does not matter."""
    patch = Scenario(
        "other trucks",
        removals=(Removal("fleets", {"fleet_id": "F2"}),),
        additions=(Addition("fleets", {"fleet_id": "F0", "place_id": "P", "vehicles": 2.0}),),
    )
    assert patch.apply(situation())["fleets"]["fleet_id"].to_list() == ["F0", "F1"]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ({"changes": (Change("fleet", "vehicles", 1),)}, "no such table: fleet"),
        ({"changes": (Change("fleets", "trucks", 1),)}, "no column trucks"),
        ({"changes": (Change("fleets", "vehicles", "ten"),)}, "vehicles cannot be 'ten'"),
        ({"changes": (Change("fleets", "vehicles", True),)}, "vehicles cannot be True"),
        ({"changes": (Change("fleets", "owner", 2, "multiply"),)}, "holds no figures"),
        ({"changes": (Change("fleets", "vehicles", "2", "multiply"),)}, "cannot multiply by '2'"),
        ({"changes": (Change("fleets", "vehicles", 1, where={"fleet_id": "F9"}),)}, "no row with"),
        ({"removals": (Removal("fleets", {"home": "P"}),)}, "no column home"),
        ({"removals": (Removal("nothing", {}),)}, "no such table: nothing"),
        ({"additions": (Addition("fleets", {"fleet": "F1"}),)}, "no column fleet"),
        ({"additions": (Addition("nothing", {}),)}, "no such table: nothing"),
        ({"weight": 0.0}, "weight must be above 0"),
    ],
)
def test_a_slip_is_refused(patch, message):
    """A patch that would change nothing, or something else, says so."""
    with pytest.raises(UsageError, match=message):
        Scenario("s", **patch).apply(situation())


def test_a_scenario_file(tmp_path):
    """What the documentation shows can be read and applied."""
    path = tmp_path / "port.toml"
    path.write_text(
        """
        name = "Port at half its pace"
        weight = 0.3
        [[change]]
        table = "crossings"
        where = { place_id = "PORT" }
        column = "slots_per_day"
        operation = "multiply"
        value = 0.5
        [[remove]]
        table = "fleets"
        where = { fleet_id = "F1" }
        [[add]]
        table = "convoys"
        row = { area_id = "A", date = 2027-01-03 }
        """,
        encoding="utf-8",
    )
    scenario = read_scenario(path)
    after = scenario.apply(situation())
    assert (scenario.name, scenario.weight) == ("Port at half its pace", 0.3)
    assert after["crossings"]["slots_per_day"].item() == 20.0
    assert after["fleets"]["fleet_id"].to_list() == ["F2"]
    assert after["convoys"]["date"].to_list() == [dt.date(2027, 1, 3)]


def test_an_empty_file_is_the_empty_patch(tmp_path):
    """Nothing said, nothing changed; the file gives its name."""
    path = tmp_path / "base.toml"
    path.touch()
    assert read_scenario(path) == Scenario("base")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name =", "no readable scenario"),
        ("colour = 'red'", "not known in a scenario: colour"),
        ("weight = true", "weight must be a number"),
        ("[change]\ntable = 'fleets'", "two brackets"),
        ("[[change]]\ntable = 'fleets'", "missing: column, value"),
        ("[[remove]]\ntable = 'fleets'\nwhere = 'F1'", "where must be"),
        ("[[remove]]\ntable = 1\nwhere = {}", "must be names"),
        (
            "[[change]]\ntable='a'\ncolumn='b'\nvalue=1\noperation='divide'",
            "operation must be one of",
        ),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, text, message):
    """The message names the file and what is wrong in it."""
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=message) as caught:
        read_scenario(path)
    assert caught.value.file == str(path)


@given(factor=st.floats(0.1, 10), late=st.integers(-9, 9))
@settings(max_examples=30, deadline=None)
def test_there_and_back_is_the_same_situation(factor, late):
    """A patch and its opposite give the first digest again."""
    before = situation()
    there = Scenario(
        "there",
        changes=(
            Change("fleets", "vehicles", factor, "multiply"),
            Change("arrivals", "eta", late, "add"),
        ),
    )
    back = Scenario(
        "back",
        changes=(
            Change("fleets", "vehicles", 1 / factor, "multiply"),
            Change("arrivals", "eta", -late, "add"),
        ),
    )
    assert back.apply(there.apply(before)).digest() == before.digest()
