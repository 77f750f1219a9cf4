"""The shipped tables of standards, and how items are completed from them."""

from __future__ import annotations

import csv

import polars as pl
import pytest

from aidline.situation import standards
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import NEED_GROUPS, PROFILES

TABLES = {
    "need_code": standards.needs_standards(),
    "code": standards.catalogue(),
    "class_id": standards.truck_classes(),
    "cargo": standards.stowage(),
    "unit_id": standards.deployable_units(),
    "kind": standards.search_teams(),
}


def items(**columns):
    """A table of items with these columns, and those that the standards look at."""
    wanted = {
        "item_id": pl.String, "kind": pl.String, "unit": pl.String, "weight_kg": pl.Float64,
        "volume_m3": pl.Float64, "per_person": pl.Float64, "catalogue_code": pl.String,
    }  # fmt: skip
    n = len(next(iter(columns.values())))
    filled = {name: columns.get(name, [None] * n) for name in wanted}
    return pl.DataFrame(filled, schema=wanted)


@pytest.mark.parametrize("key", TABLES)
def test_every_row_says_how_sure_it_is(key):
    """Source and status on each row, keys once, nothing labelled by another word."""
    table = TABLES[key]
    assert table[key].is_unique().all()
    assert table["source"].null_count() == 0
    assert set(table["status"]) <= set(standards.STATUSES)
    assert {"edition_year", "section", "valid_context"} <= set(table.columns)


def test_the_catalogue_fits_the_data_model():
    """Groups and densities are those that the check accepts of users."""
    table = standards.catalogue()
    assert set(table["need_group"]) <= set(NEED_GROUPS)
    density = table["weight_kg"] / 1000 / table["volume_m3"]
    assert density.is_between(0.02, 3).all()
    assert set(standards.truck_classes()["profile"]) <= set(PROFILES)


def test_codes_of_the_needs_stand_in_the_catalogue():
    """A standard that names an item that nobody knows would never be used."""
    codes = standards.needs_standards()["catalogue_codes"].drop_nulls().str.split(" ").explode()
    assert set(codes) <= set(standards.catalogue()["code"])


def test_the_catalogue_agrees_with_the_published_figures(shared):
    """Every weight and volume is the one of the source, where the source has it."""
    with (shared / "standards" / "items.csv").open(encoding="utf-8") as file:
        published = {row["item_code"]: row for row in csv.DictReader(file)}
    ours = {row["code"]: row for row in standards.catalogue().iter_rows(named=True)}
    assert set(published) <= set(ours)
    for code, row in published.items():
        assert ours[code]["weight_kg"] == float(row["weight_kg"]), code
        if row["volume_m3"]:
            assert ours[code]["volume_m3"] == float(row["volume_m3"]), code
        else:
            assert ours[code]["status"] == "derived", code


def test_weights_come_from_the_catalogue_code():
    """What is missing is filled in and noted; what the user gave stays."""
    ledger = Ledger()
    table = items(
        item_id=["tarp", "own", "odd"],
        weight_kg=[None, 9.0, None],
        catalogue_code=["HSHETARPW406", "HSHETARPW406", "XYZ"],
    )
    filled = standards.fill_measures(table, ledger)
    assert filled["weight_kg"].to_list() == [4.2, 9.0, None]
    assert filled["volume_m3"].to_list() == [0.0112, 0.0112, None]
    used = ledger.table()
    assert used["default_id"].to_list() == [
        "catalogue.HSHETARPW406.volume_m3",
        "catalogue.HSHETARPW406.weight_kg",
    ]
    assert used["used_for"].to_list() == ["item own, item tarp", "item tarp"]


@pytest.mark.parametrize(
    ("item", "per_person"),
    [
        ({"item_id": "water", "kind": "daily", "unit": "L"}, 15.0),
        ({"item_id": "water", "kind": "daily", "unit": "m³"}, None),
        ({"item_id": "water", "kind": "once", "unit": "L"}, None),
        ({"item_id": "food_ration", "kind": "daily", "unit": "person-day ration"}, 1.0),
        ({"item_id": "food", "kind": "daily", "unit": "kg"}, 0.555),
        ({"item_id": "x", "kind": "once", "catalogue_code": "HSHETARPW406"}, 0.4),
        ({"item_id": "tarpaulin", "kind": "once", "unit": "piece"}, 0.4),
        ({"item_id": "tarpaulin", "kind": "once"}, None),
        ({"item_id": "soap", "kind": "once", "unit": "piece", "per_person": 7.0}, 7.0),
    ],
)
def test_a_standard_fits_only_the_unit_that_it_counts_in(item, per_person):
    """15 litres are not 15 cubic metres: without the right unit there is no figure."""
    table = items(**{name: [value] for name, value in item.items()})
    assert standards.fill_per_person(table, Ledger())["per_person"].item() == per_person


def test_a_standard_per_household_notes_the_household():
    """Both figures that the quantity rests on are listed with the plan."""
    ledger = Ledger()
    table = items(item_id=["tarpaulin"], kind=["once"], unit=["piece"])
    standards.fill_per_person(table, ledger)
    assert set(ledger.taken) == {"standard.shelter.tarpaulin", "household.people"}


def test_only_what_is_wanted_is_filled():
    """An item whose need is reported needs no standard, and none is listed."""
    ledger = Ledger()
    table = items(item_id=["blanket", "soap"], kind=["once"] * 2, unit=["piece"] * 2)
    filled = standards.fill_per_person(table, ledger, only=["soap"])
    assert filled["per_person"].to_list() == [None, 2.5]
    assert list(ledger.taken) == ["standard.hygiene.soap"]


def test_a_situation_that_lacks_nothing_comes_back_itself():
    """Completing is free where there is nothing to complete."""
    situation = Situation.of(Settings(), {"items": items(item_id=["a"], weight_kg=[1.0])})
    assert standards.completed(situation, Ledger()) is situation
    coded = items(item_id=["a"], catalogue_code=["HSHEMNETRL"])
    whole = standards.completed(Situation.of(Settings(), {"items": coded}), Ledger())
    assert whole["items"]["weight_kg"].item() == 0.444
