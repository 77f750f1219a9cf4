"""What may be shared: the filter that every export runs first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest
from sample import START, make

from aidline.errors import UsageError
from aidline.formats.sensitivity import shareable
from aidline.plan.tables import PLAN_BY_NAME
from aidline.situation.example import example

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def place(situation: Situation, code: str) -> dict[str, object]:
    """Return one place as a row."""
    return situation["places"].filter(pl.col("place_id") == code).row(0, named=True)


def with_convoy(area: str) -> tuple[Situation, Plan]:
    """Return the made-up conflict in which one area is entered by convoy only."""
    situation, plan = make(context="conflict")
    convoys = pl.DataFrame({"area_id": [area], "date": [START + dt.timedelta(days=2)]})
    return situation.replace(convoys=convoys), plan


def test_natural_hazard_is_left_as_it_is():
    """After an earthquake a hospital's position is no secret: nothing is touched."""
    situation, plan = make()
    shown, shown_plan, left = shareable(situation, plan)
    assert shown is situation
    assert shown_plan is plan
    assert left == ()


def test_hospital_in_a_conflict_moves_to_the_middle_of_its_area():
    """In a conflict the exact position of a hospital is not shown, that of a depot is."""
    situation, plan = make(context="conflict")
    shown, _, left = shareable(situation, plan)
    area = situation["areas"].filter(pl.col("area_id") == place(situation, "HOSP-1")["area_id"])
    at = (place(shown, "HOSP-1")["latitude"], place(shown, "HOSP-1")["longitude"])
    assert at == (area["latitude"][0], area["longitude"][0])
    assert place(shown, "WH-1") == place(situation, "WH-1")
    assert [(item.code, item.count) for item in left] == [("places", 1)]


def test_the_row_says_more_than_the_context():
    """A row marked low stays, a row marked high goes, whatever the context."""
    situation, plan = make(context="conflict")
    marks = pl.Series("sensitivity", ["low", None, None, "high"])
    marked = situation.replace(places=situation["places"].with_columns(marks))
    shown, _, _ = shareable(marked, plan)
    assert place(shown, "HOSP-1")["latitude"] == place(situation, "HOSP-1")["latitude"]
    assert place(shown, "WH-2")["latitude"] != place(situation, "WH-2")["latitude"]


def test_severe_places_lose_name_and_position():
    """What is severe is shown neither by name nor on the map."""
    situation, plan = make()
    marks = pl.Series("sensitivity", ["severe", None, None, None])
    shown, _, _ = shareable(situation.replace(places=situation["places"].with_columns(marks)), plan)
    row = place(shown, "HOSP-1")
    assert (row["name"], row["latitude"], row["longitude"]) == (None, None, None)


def test_position_in_an_unknown_area_is_dropped():
    """Without an area there is no middle to go to, and the exact position must not stay."""
    situation, plan = make(context="conflict")
    shown, _, _ = shareable(
        situation.replace(places=situation["places"].with_columns(area_id=pl.lit(None, pl.String))),
        plan,
    )
    assert place(shown, "HOSP-1")["latitude"] is None


def test_sensitive_area_loses_its_outline():
    """The outline goes; the position becomes the mean of the other areas of its parent."""
    situation, plan = make()
    areas = situation["areas"].with_columns(
        parent_id=pl.lit("P"),
        sensitivity=pl.when(pl.col("area_id") == "A-0000").then(pl.lit("high")),
    )
    shown, _, left = shareable(situation.replace(areas=areas), plan)
    row = shown["areas"].row(0, named=True)
    others = situation["areas"]["latitude"][1:]
    assert row["geometry"] is None
    assert row["latitude"] == pytest.approx(others.mean())
    assert left[0].code == "areas"


def test_stock_is_rounded_and_loses_its_owner():
    """A sensitive lot shows two figures of its quantity and no owner, in the plan's stocks too."""
    situation, plan = make()
    stock = situation["stock"].with_columns(sensitivity=pl.Series(["high", "low"]))
    precise = plan.replace(stocks=plan["stocks"].with_columns(quantity=pl.lit(81234.0)))
    shown, shown_plan, _ = shareable(situation.replace(stock=stock), precise)
    assert shown["stock"]["quantity"].to_list() == [81000.0, 9000.0]
    assert shown["stock"]["owner"].to_list() == [None, "IFRC"]
    by_place = dict(shown_plan["stocks"].select("place_id", "quantity").unique().iter_rows())
    assert by_place == {"WH-1": 81000.0, "WH-2": 81234.0}


def test_convoys_leave_no_trace_of_days_and_routes():
    """Trips, loads and deliveries of convoys go; coverage keeps its total and tells no day."""
    situation, plan = with_convoy("A-0001")
    shown, shown_plan, left = shareable(situation, plan)
    assert shown["convoys"].is_empty()
    for name, column in (("trips", "to_id"), ("loads", "to_id"), ("deliveries", "area_id")):
        assert "A-0001" not in set(shown_plan[name][column]), name
        assert "A-0002" in set(shown_plan[name][column]), name
    area = pl.col("area_id") == "A-0001"
    days = shown_plan["coverage"].filter(area & (pl.col("item_id") == "ration"))
    assert days["share"].n_unique() == 1
    met = [p["coverage"].filter(area)["met"].sum() for p in (plan, shown_plan)]
    assert met[1] == pytest.approx(met[0])
    reasons = shown_plan["reasons"].filter(area)
    assert reasons["first_day"].null_count() == reasons.height
    assert "convoys" in [item.code for item in left]


def test_convoys_stay_for_those_who_may_see_them():
    """At the highest level nothing is left out."""
    situation, plan = with_convoy("A-0001")
    assert shareable(situation, plan, "severe") == (situation, plan, ())


def test_sensitive_tables_are_left_out():
    """Casualty counts and hospital states in a conflict are not exported."""
    situation, plan = make(context="conflict")
    casualties = pl.DataFrame(
        {"area_id": ["A-0001"], "date": [START], "triage": ["red"], "specialty": ["surgery"]}
    ).with_columns(people=4.0)
    hospitals = pl.DataFrame({"place_id": ["HOSP-1"], "beds": [60.0]})
    days = pl.DataFrame({"place_id": ["HOSP-1"], "date": [START], "beds": [60.0]})
    full = situation.replace(casualties=casualties, hospitals=hospitals, hospital_days=days)
    shown, _, left = shareable(full, plan)
    assert [shown[t].height for t in ("casualties", "hospitals", "hospital_days")] == [0, 0, 0]
    assert {item.code for item in left} >= {"rows_casualties", "rows_hospitals"}


def test_the_original_is_never_changed():
    """Situation and plan are the same after the filter as before."""
    situation, plan = with_convoy("A-0001")
    before = situation.digest(), plan["trips"].height
    shareable(situation, plan, "low")
    assert (situation.digest(), plan["trips"].height) == before


def test_filtering_twice_is_filtering_once():
    """A plan that has been through the filter passes it unchanged."""
    situation, plan = with_convoy("A-0001")
    once, once_plan, _ = shareable(situation, plan)
    twice, twice_plan, _ = shareable(once, once_plan)
    assert twice.digest() == once.digest()
    assert all(twice_plan[name].equals(table) for name, table in once_plan.tables.items())


def test_unknown_level_is_refused():
    """A level that does not exist is a wrong call, not a licence to show all."""
    with pytest.raises(UsageError, match="secret"):
        shareable(*make(), "secret")


def test_care_at_hidden_hospitals_and_of_hidden_casualties_is_left_out() -> None:
    """In a conflict nothing of a plan of care tells where hospitals are or who lies there."""
    island = example()
    situation = island.with_settings(context="conflict")
    rows = {
        "care": pl.DataFrame({
            "area_id": ["AR-01"], "triage": ["red"], "specialty": ["surgery"], "came_day": [0],
            "day": [0], "place_id": ["HOSP-1"], "people": [3.0],
        }),
        "waiting": pl.DataFrame({
            "area_id": ["AR-01"], "triage": ["red"], "specialty": ["surgery"], "day": [0],
            "people": [1.0],
        }),
        "field_sites": pl.DataFrame({
            "unit_id": ["EMT-A"], "place_id": ["SITE-1"], "leave_day": [0], "open_day": [1],
            "last_day": [9], "text": ["Proposal"],
        }),
    }  # fmt: skip
    tables = {
        name: pl.concat([PLAN_BY_NAME[name].empty(), frame], how="diagonal_relaxed")
        for name, frame in rows.items()
    }
    hospitals = situation["hospitals"].with_columns(sensitivity=pl.lit(None, pl.String))
    casualties = situation["casualties"].with_columns(sensitivity=pl.lit(None, pl.String))
    sites = situation["candidate_sites"].with_columns(sensitivity=pl.lit(None, pl.String))
    situation = situation.replace(hospitals=hospitals, casualties=casualties, candidate_sites=sites)
    made = make()[1].replace(**tables)
    _, shown, _ = shareable(situation, made, "moderate")
    assert all(shown[name].is_empty() for name in rows)
    _, whole, _ = shareable(situation, made, "severe")
    assert all(whole[name].height == 1 for name in rows)
