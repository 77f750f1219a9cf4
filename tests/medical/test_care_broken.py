"""Every rule of care, broken on purpose: the independent check finds it."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from care_world import date, means, planned, units, world

from aidline.plan.verify.care import checked_care

C = pl.col


@cache
def situation():
    return world(field_units=units(outpatients_per_day=3.0), evacuation_means=means(1.0))


@cache
def tables():
    return planned(situation()).tables


def change(name, where, **columns):
    """Change columns of the rows that `where` marks."""

    def broken(frames):
        frame = frames[name]
        changed = [
            pl.when(where).then(v).otherwise(C(k)).cast(frame.schema[k]).alias(k)
            for k, v in columns.items()
        ]
        return {**frames, name: frame.with_columns(changed)}

    return broken


def double(frames):
    return {**frames, "care": pl.concat([frames["care"]] * 2)}


RED_A = (C("triage") == "red") & (C("area_id") == "A")
FAR = C("means_id") == "AMB"
SMALL = pl.lit(10.0).alias("footprint_m2")
NO_BEDS = pl.lit(None, pl.Float64).alias("beds")
BROKEN = {
    "M0.form": change("care", RED_A, area_id=pl.lit("Z")),
    "M1.beds": change("care", RED_A, people=pl.lit(500.0)),
    "M2.operations": change("care", RED_A, people=pl.lit(100.0)),
    "M3.outpatients": change("care", C("triage") == "green", people=C("people") * 9),
    "M4.specialty": change("care", RED_A, specialty=pl.lit("burns")),
    "M5.room": change("care", FAR, means_id=pl.lit("BUS")),
    "M5.vehicles": change("care", FAR, people=C("people") * 20),
    "M5.leaving": change(
        "care", RED_A, onward_id=pl.lit("SHIP"), destination=pl.lit("Hospital ship"),
        place_id=pl.lit(None), day=pl.lit(0),
    ),
    "M6.access": change("care", FAR, means_id=pl.lit(None)),
    "M7.early": change("care", C("came_day") == 2, day=pl.lit(1)),
    "M8.people": double,
    "M9.waiting": change("waiting", C("day") == 0, people=C("people") + 1),
    "M10.unit": change("field_sites", C("unit_id") == "EMT", open_day=pl.lit(7)),
    "M11.unit": change("field_sites", C("unit_id") == "EMT", text=pl.lit("Put it there.")),
    "M11.setup": change("field_sites", C("unit_id") == "EMT", leave_day=C("open_day")),
    "M11.stay": change("field_sites", C("unit_id") == "EMT", last_day=C("open_day")),
    "M12.facility_days": change("facility_days", C("beds_used") > 0, beds_used=C("beds_used") + 1),
}  # fmt: skip


def test_the_plan_itself_is_sound_and_uses_everything():
    assert checked_care(situation(), tables()) == []
    care = tables()["care"]
    assert {"AMB", "BUS"} <= set(care["means_id"].drop_nulls())
    assert "EMT" in set(care["unit_id"].drop_nulls())


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(rule):
    found = {v.rule for v in checked_care(situation(), BROKEN[rule](tables()))}
    assert rule in found


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("M11.freight", {"fleets": world()["fleets"].clear()}),
        ("M11.water", {"stock": world()["stock"].filter(C("item_id") == "diesel")}),
        ("M11.fuel", {"stock": world()["stock"].filter(C("item_id") == "water")}),
        ("M11.ground", {"candidate_sites": world()["candidate_sites"].with_columns(SMALL)}),
        ("M11.unit", {"candidate_sites": world()["candidate_sites"].clear()}),
        ("M11.setup", {"field_units": units(available_from=date(3))}),
        ("M1.beds", {"hospitals": world()["hospitals"].with_columns(NO_BEDS)}),
        ("M10.unit", {"hospitals": world()["hospitals"].with_columns(functioning=pl.lit("none"))}),
        ("M5.vehicles", {"evacuation_means": means(0.1)}),
        ("M6.access", {"evacuation_means": means().with_columns(hours_per_day=pl.lit(0.5))}),
    ],
)  # fmt: skip
def test_a_plan_of_other_facts_is_found(rule, changed):
    """The same plan, where the situation does not allow it."""
    other = situation().replace(**changed)
    assert rule in {v.rule for v in checked_care(other, tables())}
