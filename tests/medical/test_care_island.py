"""The built-in island: what a coordinator of health care would look at first."""

from __future__ import annotations

from functools import cache

import polars as pl

from aidline.medical.freight import with_units
from aidline.medical.plan import CareResult, plan_care
from aidline.network.openings import with_openings
from aidline.plan.verify.care import checked_care
from aidline.situation.defaults import Ledger
from aidline.situation.example import example


@cache
def result() -> CareResult:
    return plan_care(example(), ledger=Ledger())


def test_the_plan_is_sound_and_close_to_the_best():
    assert checked_care(example(), result().tables) == []
    assert result().gap < 0.01


def test_all_who_came_are_accounted_for():
    came = example()["casualties"]["people"].sum()
    waiting = result().tables["waiting"].filter(day=13)["people"].sum()
    assert result().tables["care"]["people"].sum() + waiting == came == 4282


def test_urgent_people_come_first_and_light_wounds_do_not_wait_for_ever():
    care = result().tables["care"]
    came = dict(example()["casualties"].group_by("triage").agg(pl.col("people").sum()).iter_rows())
    treated = dict(care.group_by("triage").agg(pl.col("people").sum()).iter_rows())
    assert treated["red"] / came["red"] > 0.98
    assert treated["green"] == came["green"]


def test_the_proposals():
    """The hospital where trucks get first; the clinics at the site that is cut off till day 8."""
    sites = result().tables["field_sites"]
    where = dict(sites.select("unit_id", "place_id").iter_rows())
    assert where["EMT-A"] == "SITE-2"
    assert where["EMT-B"] == "SITE-1"
    assert sites["text"].str.starts_with("Proposal to the health authority").all()
    # nobody with a failing kidney is near a site: the cell is not sent for nothing
    assert "EMT-D" not in where


def test_light_wounds_fly_only_where_there_is_no_road():
    care = result().tables["care"]
    flown = care.filter((pl.col("means_id") == "HEL-1") & (pl.col("triage") == "green"))
    assert set(flown["area_id"]) <= {"AR-03", "AR-04", "AR-06", "AR-11", "AR-12"}


def test_the_ship_takes_nobody_before_the_day_agreed():
    care = result().tables["care"]
    gone = care.filter(pl.col("onward_id").is_not_null())
    assert gone["day"].min() >= 4
    assert gone["destination"].unique().to_list() == ["Mainland hospital ship"]


def test_every_area_that_waits_has_a_reason():
    waits = set(result().tables["waiting"].filter(day=13)["area_id"])
    assert waits <= set(result().reasons["area_id"])


def test_roads_that_a_plan_opens_never_make_care_worse():
    openings = pl.DataFrame(
        {
            "segment_id": ["R-148", "R-168"],
            "grade": "single_lane",
            "day": 2,
            "speed_factor": 0.5,
        }
    )
    opened = with_openings(example(), openings)
    better = plan_care(opened, ledger=Ledger())
    assert better.bound > result().bound
    assert checked_care(opened, better.tables) == []


def test_units_become_freight_that_the_supply_plan_can_read():
    loaded = with_units(example(), result().tables["field_sites"])
    weight = loaded["arrivals"].filter(pl.col("item_id").str.starts_with("unit."))
    assert weight["quantity"].sum() == 52
