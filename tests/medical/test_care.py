"""Care on a tiny map: each rule in one readable case."""

from __future__ import annotations

import polars as pl
import pytest
from care_world import (
    CASUALTIES,
    HOSPITAL,
    casualties,
    date,
    hospitals,
    means,
    planned,
    rows,
    shared,
    treated,
    world,
)

from aidline.errors import UsageError
from aidline.medical.curves import Curves
from aidline.medical.plan import plan_care
from aidline.plan.verify.care import checked_care
from aidline.plan.verify.care_value import care_benefit
from aidline.situation.defaults import Ledger
from aidline.situation.standards import care_benefit as shipped_curves

NONE = casualties().clear()


def test_a_plan_keeps_every_rule_and_is_worth_what_it_says():
    result = planned(world())
    assert checked_care(world(), result.tables) == []
    assert care_benefit(world(), result.tables) == pytest.approx(result.benefit)
    assert result.benefit_low < result.benefit < result.benefit_high
    assert result.benefit <= result.bound


def test_treated_and_waiting_are_all_who_came():
    result = planned(world())
    waiting = result.tables["waiting"].filter(day=7)["people"].sum()
    assert treated(result) + waiting == casualties()["people"].sum()


def test_people_are_whole():
    people = planned(world()).tables["care"]["people"]
    assert (people == people.round()).all()


def test_nobody_needs_a_vehicle_to_a_hospital_in_their_own_area():
    result = planned(world(evacuation_means=means().clear()))
    assert treated(result, area_id="A") == 46
    assert treated(result, area_id="B") == 0
    text = result.reasons.filter(area_id="B")["text"].to_list()
    assert any("no vehicle" in t for t in text)


def test_operations_are_a_trade_off_not_a_sum():
    """Seven major or fifteen minor: a theatre-day does not do both."""
    many = rows(
        CASUALTIES,
        ("A", date(0), "red", "surgery", 100.0),
        ("A", date(0), "yellow", "surgery", 100.0),
    )
    result = planned(world(casualties=many, hospitals=hospitals(400.0, 400.0)))
    used = result.tables["facility_days"].filter(place_id="H-A")
    share = used["major_operations"] / 7 + used["minor_operations"] / 15
    assert share.max() == pytest.approx(1, abs=0.12)
    assert share.max() <= 1 + 1e-9


def test_a_bed_is_held_for_the_whole_stay():
    """Eight free beds: nobody else lies in them before those of the first day leave."""
    many = rows(CASUALTIES, ("A", date(0), "red", "infectious", 30.0))
    able = hospitals(8.0, 8.0).with_columns(specialties=pl.lit("infectious"))
    result = planned(
        world(casualties=many, hospitals=able.head(1), evacuation_means=means().clear())
    )
    used = result.tables["facility_days"]["beds_used"].to_list()
    assert used == sorted(used, reverse=True)
    assert 0 < treated(result) <= 8


def test_unknown_stays_unknown():
    """A hospital of which nobody knows the beds, or whether it works, takes nobody."""
    unknown = rows(
        HOSPITAL,
        ("H-A", "unknown", 20.0, 12.0, 1.0, 7.0, 15.0, 30.0, "surgery"),
        ("H-C", "full", None, None, 1.0, 7.0, 15.0, None, "surgery"),
    )
    result = planned(world(hospitals=unknown, evacuation_means=means().head(2)))
    assert treated(result) == 0
    assert any(n.startswith("H-A: nobody said whether it works") for n in result.notes)
    assert any(n.startswith("H-C: beds unknown") for n in result.notes)


def test_a_hospital_treats_only_what_it_is_known_to_treat():
    burns = rows(CASUALTIES, ("A", date(0), "red", "burns", 4.0))
    result = planned(world(casualties=burns, evacuation_means=means().head(2)))
    assert treated(result) == 0
    assert result.reasons["cause"].to_list() == ["no_facility"]


def test_who_leaves_the_network_leaves_from_the_agreed_day():
    burns = rows(
        CASUALTIES,
        ("A", date(0), "red", "burns", 4.0),
        ("A", date(0), "green", "burns", 4.0),
    )
    care = planned(world(casualties=burns)).tables["care"]
    gone = care.filter(pl.col("onward_id") == "SHIP")
    assert gone["people"].sum() == 4
    assert gone["day"].min() == 5
    assert gone["triage"].unique().to_list() == ["red"]


def test_the_class_expectant_gets_care():
    grey = rows(CASUALTIES, ("A", date(0), "expectant", "surgery", 3.0))
    assert treated(planned(world(casualties=grey))) == 3


def test_everyone_is_treated_where_there_is_room():
    """Green patients do not wait for ever: what is left over goes to them."""
    result = planned(world(hospitals=hospitals(200.0, 150.0), evacuation_means=means(30.0)))
    assert result.tables["waiting"].filter(day=7).height == 0


def test_dialysis_takes_its_sessions_to_the_end():
    sessions = rows(CASUALTIES, ("A", date(1), "yellow", "dialysis", 7.0))
    able = hospitals().with_columns(specialties=pl.lit("dialysis"))
    used = planned(world(casualties=sessions, hospitals=able)).tables["facility_days"]
    assert used.filter(place_id="H-A")["outpatients"].to_list() == pytest.approx([0] + [3] * 7)


def test_a_change_of_a_hospital_holds_until_the_next():
    changes = rows("place_id date beds", ("H-A", date(2), 60.0), ("H-A", date(5), 10.0))
    beds = planned(world(hospital_days=changes)).tables["facility_days"].filter(place_id="H-A")
    assert beds["beds"].to_list()[2] > 12
    assert beds["beds"].to_list()[5] < beds["beds"].to_list()[4]


def test_a_closed_road_keeps_people_from_care_and_an_open_one_brings_them():
    """Where the ways change, so does the plan: known times say that B is cut off until day 4."""
    status = rows(
        "from_id to_id class_id date status travel_h",
        ("B", "H-A", None, date(0), "closed", None),
        ("B", "H-C", None, date(0), "closed", None),
        ("B", "PORT", None, date(0), "closed", None),
        ("B", "H-A", None, date(4), "open", 1.0),
    )
    care = planned(world(travel_times=status)).tables["care"].filter(area_id="B")
    assert care["day"].min() == 4


def test_nothing_to_do_gives_empty_tables():
    result = planned(world(casualties=NONE))
    assert treated(result) == 0
    assert result.benefit == result.bound == 0
    assert planned(world(casualties=NONE, hospitals=hospitals().clear())).gap == 0


def test_curves_that_make_waiting_free_are_refused():
    flat = shipped_curves().with_columns(benefit_mid=pl.lit(0.1))
    with pytest.raises(UsageError, match="waiting is never free"):
        plan_care(world(), ledger=Ledger(), benefit=flat)


def test_shipped_curves_are_higher_and_steeper_for_red_than_yellow_than_green():
    """So that waiting costs most where it is most urgent, however long people have waited."""
    curves = Curves.of()
    at = curves.find("red", "surgery").delay_h
    red, yellow, green = (curves.find(t, "surgery").benefit(at) for t in ("red", "yellow", "green"))
    assert (red > yellow).all()
    assert (yellow > green).all()
    loss = [-(level[1:] - level[:-1]) for level in (red, yellow)]
    assert (loss[0] > loss[1]).all()


def test_every_assumed_figure_is_listed():
    ledger = Ledger()
    plan_care(world(), ledger=ledger)
    used = set(ledger.table()["default_id"])
    assert {"care.stay_days.red", "care.everyday_bed_share", "care_benefit.red.any"} <= used


def test_shares_of_people_come_to_the_bound():
    care = shared(world())
    assert care.benefit == pytest.approx(care.bound, rel=1e-6)


def test_those_who_came_first_go_first():
    """Of people of one area with the same need; a steep curve would send the last ones first."""
    some = rows(
        CASUALTIES,
        ("A", date(0), "red", "surgery", 20.0),
        ("A", date(2), "red", "surgery", 20.0),
    )
    result = planned(world(casualties=some, evacuation_means=means().head(1)))
    early, late = (result.tables["care"].filter(came_day=d)["day"] for d in (0, 2))
    assert early.max() <= (late.min() if len(late) else 7)
    assert checked_care(world(casualties=some), result.tables) == []
