"""Field hospitals: weighed against ground, trucks, water and fuel, and put on the load list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from care_world import CASUALTIES, date, means, planned, rows, treated, units, world

from aidline.medical.freight import with_units
from aidline.plan.verify.care import checked_care

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

MANY = rows(
    CASUALTIES, ("B", date(0), "red", "surgery", 40.0), ("B", date(0), "green", "general", 90.0)
)


def with_unit(**replaced: pl.DataFrame) -> Situation:
    tables = {
        "field_units": units(), "casualties": MANY, "evacuation_means": means().clear(), **replaced
    }  # fmt: skip
    return world(**tables)


def placed(situation: Situation) -> int:
    return planned(situation).tables["field_sites"].height


def test_a_unit_is_proposed_where_it_helps():
    result = planned(with_unit())
    site = result.tables["field_sites"].row(0, named=True)
    assert (site["unit_id"], site["place_id"]) == ("EMT", "SITE")
    assert site["text"].startswith("Proposal to the health authority")
    assert site["open_day"] == site["leave_day"] + 1
    assert site["last_day"] - site["open_day"] + 1 >= 7
    assert treated(result, unit_id="EMT") > 0
    assert checked_care(with_unit(), result.tables) == []


def test_a_unit_that_would_treat_nobody_is_not_opened():
    assert placed(with_unit(casualties=MANY.clear())) == 0
    elsewhere = rows(CASUALTIES, ("C", date(0), "green", "general", 5.0))
    assert placed(with_unit(casualties=elsewhere)) == 0


@pytest.mark.parametrize(
    "missing",
    [
        {"fleets": world()["fleets"].clear()},
        {"stock": world()["stock"].filter(pl.col("item_id") == "diesel")},
        {"stock": world()["stock"].filter(pl.col("item_id") == "water")},
        {"stock": world()["stock"].with_columns(quantity=pl.lit(90.0))},
        {"candidate_sites": rows("place_id footprint_m2 access", ("SITE", 4000.0, "truck"))},
        {"candidate_sites": rows("place_id footprint_m2 access", ("SITE", 8000.0, "4x4"))},
        {"candidate_sites": rows("place_id footprint_m2 access", ("SITE", None, "truck"))},
        {"field_units": units(weight_t=None)},
        {"field_units": units(available_from=date(7))},
    ],
    ids=["trucks", "water", "fuel", "too little", "ground", "access", "unknown", "weight", "late"],
)
def test_a_unit_whose_trucks_water_or_ground_are_missing_is_not_opened(missing):
    situation = with_unit(**missing)
    assert placed(situation) == 0
    assert any(n.startswith("EMT:") for n in planned(situation).notes)


def test_two_units_share_the_ground_of_a_site():
    two = pl.concat([units(), units(unit_id="EMT-2")])
    assert placed(with_unit(field_units=two)) == 1
    wide = rows("place_id footprint_m2 access", ("SITE", 10000.0, "truck"))
    assert placed(with_unit(field_units=two, candidate_sites=wide)) == 2


def test_a_specialised_cell_does_not_treat_light_wounds():
    cell = units(type="specialised", specialties="dialysis")
    assert placed(with_unit(field_units=cell)) == 0


def test_a_proposed_unit_is_freight_and_daily_water_and_fuel():
    situation = with_unit()
    sites = planned(situation).tables["field_sites"]
    loaded = with_units(situation, sites)
    item = loaded["items"].filter(item_id="unit.EMT").row(0, named=True)
    assert (item["weight_kg"], item["volume_m3"]) == (1000, 5)
    assert loaded["stock"].filter(item_id="unit.EMT")["quantity"].to_list() == [12]
    promised = loaded["commitments"].row(0, named=True)
    assert (promised["area_id"], promised["quantity"]) == ("B", 12)
    assert promised["date"] == date(sites["open_day"][0] - 1)
    daily = loaded["needs"].filter(pl.col("item_id") != "unit.EMT")
    assert dict(daily.select("item_id", "quantity").iter_rows()) == {"water": 2000, "diesel": 100}
    assert daily["date"].unique().to_list() == [date(sites["open_day"][0])]


def test_a_unit_at_a_crossing_comes_with_the_pipeline():
    gate = rows("place_id slots_per_day", ("PORT", 10.0))
    situation = with_unit(crossings=gate)
    loaded = with_units(situation, planned(situation).tables["field_sites"])
    assert loaded["arrivals"]["item_id"].to_list() == ["unit.EMT"]
    assert loaded["stock"].height == situation["stock"].height


def test_nothing_proposed_leaves_the_situation_as_it_is():
    situation = with_unit()
    assert with_units(situation, planned(situation).tables["field_sites"].clear()) is situation
