"""The table of needs: one golden case per rule, and a slow reckoning that must agree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aidline.situation.defaults import Ledger
from aidline.situation.needs import SCHEMA, need_table
from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 1)
ITEMS = [
    {"item_id": "food", "need_group": "food", "kind": "daily", "per_person": 2.0},
    {"item_id": "tarp", "need_group": "shelter", "kind": "once", "per_person": 0.4},
    {"item_id": "fuel", "need_group": "fuel", "kind": "daily", "per_person": None},
]


def day(number):
    return START + dt.timedelta(days=number)


def situation(needs, population=None, areas=None, days=5):
    """A situation of three items and whatever needs are given."""
    people = population or {}
    ids = sorted({n["area_id"] for n in needs} | set(people) | set(areas or {}))
    tables = {
        "areas": [{"area_id": i, "assessed": (areas or {}).get(i)} for i in ids],
        "population": [{"area_id": i, "people": float(p)} for i, p in people.items()],
        "items": ITEMS,
        "needs": needs,
    }
    frames = {n: pl.DataFrame(rows) for n, rows in tables.items() if rows}
    if needs:
        schema = {"date": pl.Date, "until": pl.Date, "people": pl.Float64, "quantity": pl.Float64}
        whole = [{**dict.fromkeys(schema), **need} for need in needs]
        frames["needs"] = pl.DataFrame(whole, schema_overrides=schema)
    return Situation.of(Settings(start_date=START, days=days), frames)


def rows(needs, **more):
    """What the table of needs says: (item, day, people, need, basis)."""
    table = need_table(situation(needs, **more), Ledger())
    return table.select("item_id", "day", "people", "need", "basis").rows()


def test_a_daily_need_stands_on_each_day_of_its_span():
    """Both ends are included, and what lies outside the plan is cut off."""
    need = {"area_id": "A", "item_id": "food", "date": day(3), "until": day(9), "quantity": 7.0}
    assert rows([need]) == [("food", 3, None, 7.0, "reported"), ("food", 4, None, 7.0, "reported")]
    early = need | {"date": day(-4), "until": day(0)}
    assert rows([early]) == [("food", 0, None, 7.0, "reported")]
    assert rows([need | {"date": day(6), "until": day(9)}]) == []
    assert rows([need | {"date": day(-6), "until": day(-2)}]) == []


def test_a_need_without_dates_holds_for_the_whole_plan():
    """An empty date is the first day, an empty end the last."""
    need = {"area_id": "A", "item_id": "food", "quantity": 7.0}
    assert [r[1] for r in rows([need])] == [0, 1, 2, 3, 4]


def test_a_one_off_need_comes_up_once():
    """On its date; before the plan means the first day; after it means not at all."""
    need = {"area_id": "A", "item_id": "tarp", "quantity": 7.0, "until": day(4)}
    assert [r[1] for r in rows([need | {"date": day(3)}])] == [3]
    assert [r[1] for r in rows([need | {"date": day(-3)}])] == [0]
    assert [r[1] for r in rows([need])] == [0]
    assert rows([need | {"date": day(5)}]) == []


def test_rows_of_one_area_and_item_add_up():
    """Two reports of one day are one need, of the people of both."""
    a = {"area_id": "A", "item_id": "food", "until": day(1), "people": 3.0, "quantity": 6.0}
    b = {"area_id": "A", "item_id": "food", "date": day(1), "until": day(1), "people": 1.0}
    assert rows([a, b]) == [("food", 0, 3.0, 6.0, "reported"), ("food", 1, 4.0, 8.0, "standard")]


def test_people_of_a_sum_are_unknown_where_a_part_is():
    """Half the people would look like all of them."""
    a = {"area_id": "A", "item_id": "tarp", "people": 3.0, "quantity": 6.0}
    b = {"area_id": "A", "item_id": "tarp", "date": day(0), "quantity": 1.0}
    assert rows([a, b]) == [("tarp", 0, None, 7.0, "reported")]


def test_an_empty_quantity_is_people_times_units_per_person():
    """By the people of the row, else by the population; without either it is left out."""
    need = {"area_id": "A", "item_id": "tarp"}
    assert rows([need | {"people": 10.0}]) == [("tarp", 0, 10.0, 4.0, "standard")]
    assert rows([need], population={"A": 50}) == [("tarp", 0, 50.0, 20.0, "standard")]
    assert rows([need]) == []
    assert rows([need | {"item_id": "fuel", "people": 10.0}]) == []


def test_people_stay_unknown_where_the_quantity_is_known():
    """The population is no report of how many are in need."""
    need = {"area_id": "A", "item_id": "tarp", "quantity": 3.0}
    assert rows([need], population={"A": 50}) == [("tarp", 0, None, 3.0, "reported")]


def test_known_none_is_no_need():
    """Zero was reported: nothing to plan, and no floor either."""
    need = {"area_id": "A", "item_id": "food", "quantity": 0.0}
    other = {"area_id": "B", "item_id": "food", "quantity": 5.0, "until": day(0)}
    table = need_table(situation([need, other], population={"A": 9, "B": 9}), Ledger())
    assert table["area_id"].to_list() == ["B"]


def test_an_area_that_nobody_assessed_gets_a_floor():
    """Half its people are counted for whatever the others need and has a quantity per person."""
    food = {"area_id": "A", "item_id": "food", "quantity": 5.0, "until": day(0)}
    fuel = {"area_id": "A", "item_id": "fuel", "quantity": 5.0, "until": day(0)}
    ledger = Ledger()
    table = need_table(situation([food, fuel], population={"A": 9, "B": 100}), ledger)
    floor = table.filter(pl.col("area_id") == "B")
    assert floor["day"].to_list() == [0, 1, 2, 3, 4]
    assert set(floor.select("item_id", "people", "need", "basis").rows()) == {
        ("food", 50.0, 100.0, "floor")
    }
    assert ledger.table().filter(default_id="need.floor_share")["used_for"].item() == "area B"


def test_said_to_be_unassessed_gets_a_floor_beside_its_reports():
    """What was reported stays; the rest comes from the population."""
    needs = [
        {"area_id": "A", "item_id": "food", "quantity": 5.0, "until": day(0)},
        {"area_id": "B", "item_id": "tarp", "quantity": 5.0},
    ]
    table = need_table(situation(needs, population={"A": 10}, areas={"A": False}), Ledger())
    of_a = table.filter(pl.col("area_id") == "A").select("item_id", "need", "basis").rows()
    assert of_a == [("food", 5.0, "reported"), ("tarp", 2.0, "floor")]


def test_nobody_needs_anything():
    """An empty table has its columns and types."""
    empty = need_table(situation([], population={"A": 10}), Ledger())
    assert empty.is_empty()
    assert dict(empty.schema) == SCHEMA


def test_the_figures_used_are_in_the_ledger():
    """Whoever reads the plan sees by which figure a quantity was worked out."""
    ledger = Ledger()
    need_table(situation([{"area_id": "A", "item_id": "tarp", "people": 10.0}]), ledger)
    used = ledger.table().row(0, named=True)
    assert (used["default_id"], used["value"]) == ("need.tarp.per_person", "0.4")
    assert used["used_for"] == "tarp in 1 area(s)"


dates = st.none() | st.integers(-3, 8).map(day)
need = st.fixed_dictionaries(
    {
        "area_id": st.sampled_from("ABC"),
        "item_id": st.sampled_from(["food", "tarp", "fuel"]),
        "date": dates,
        "until": dates,
        "people": st.none() | st.integers(0, 50).map(float),
        "quantity": st.none() | st.integers(0, 50).map(float),
    }
)


def reckoned(needs, population, days):
    """The needs by area, item and day, one row and one day at a time."""
    kinds = {i["item_id"]: (i["kind"], i["per_person"]) for i in ITEMS}
    total = defaultdict(float)
    for n in needs:
        kind, per_person = kinds[n["item_id"]]
        who = n["people"] if n["people"] is not None else population.get(n["area_id"])
        amount = n["quantity"]
        if amount is None and who is not None and per_person is not None:
            amount = who * per_person
        first = max(0, (n["date"] - START).days) if n["date"] else 0
        last = (n["until"] - START).days if n["until"] else days - 1
        for d in range(days):
            held = d == first if kind == "once" else first <= d <= last
            if held and amount:
                total[n["area_id"], n["item_id"], d] += amount
    return dict(total)


@given(
    needs=st.lists(need, max_size=8),
    population=st.dictionaries(st.sampled_from("ABC"), st.integers(1, 90)),
)
@settings(max_examples=60, deadline=None)
def test_the_table_agrees_with_a_slow_reckoning(needs, population):
    """Floors aside, every day's need is the sum of what its rows say."""
    table = need_table(situation(needs, population=population), Ledger())
    got = table.filter(pl.col("basis") != "floor")
    assert dict(zip(got.select("area_id", "item_id", "day").rows(), got["need"], strict=True)) == (
        reckoned(needs, population, 5)
    )
    assert not table.select("area_id", "item_id", "day").is_duplicated().any()
    assert table.equals(table.sort("area_id", "item_id", "day"))
    silent = set(population) - {n["area_id"] for n in needs}
    if any(n["item_id"] != "fuel" for n in needs):
        assert silent <= set(table["area_id"]), "an area with people must not be forgotten"
