"""What must hold for any numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from care_world import (
    CASUALTIES,
    casualties,
    date,
    hospitals,
    means,
    planned,
    rows,
    shared,
    solved,
    world,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from aidline.medical.problem import care_problem
from aidline.medical.solve import solve_care
from aidline.plan.verify.care import checked_care
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Situation

FEW = settings(max_examples=12, deadline=None)
counts = st.integers(1, 60)
KINDS = [("red", "surgery"), ("yellow", "orthopaedic"), ("green", "general")]
people = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(-2, 6), st.sampled_from(KINDS), counts),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[:3],
)


def crowd(drawn) -> pl.DataFrame:
    return rows(CASUALTIES, *((a, date(d), *kind, float(n)) for a, d, kind, n in drawn))


@FEW
@given(people)
def test_every_plan_keeps_every_rule_and_the_bound(drawn):
    situation = world(casualties=crowd(drawn))
    result = planned(situation)
    assert checked_care(situation, result.tables) == []
    assert result.benefit <= result.bound * (1 + 1e-9) + 1e-9
    assert shared(situation).benefit == pytest.approx(result.bound, rel=1e-6, abs=1e-9)


@FEW
@given(people, st.integers(0, 15))
def test_one_more_bed_or_ambulance_never_worsens_benefit_or_bound(drawn, beds):
    some = crowd(drawn)
    base, more = (
        shared(world(casualties=some, hospitals=hospitals(20.0, beds + extra)))
        for extra in (0.0, 1.0)
    )
    assert more.benefit >= base.benefit - 1e-6
    assert more.bound >= base.bound - 1e-6
    few, many = (shared(world(casualties=some, evacuation_means=means(n))) for n in (1.0, 2.0))
    assert many.benefit >= few.benefit - 1e-6
    assert many.bound >= few.bound - 1e-6


@FEW
@given(counts, st.floats(20.32, 20.75))
def test_a_nearer_hospital_is_never_less_attractive(injured, longitude):
    """Of two hospitals that are alike, the nearer one takes at least as many, and first."""
    places = world()["places"].with_columns(
        longitude=pl.when(pl.col("place_id") == "H-C")
        .then(pl.lit(longitude))
        .otherwise(pl.col("longitude"))
    )
    far = abs(longitude - 20.3) > 0.3
    some = rows(CASUALTIES, ("B", date(0), "red", "surgery", float(injured)))
    alike = hospitals().with_columns(functioning=pl.lit("full"))
    many = means(50.0).head(1).with_columns(hours_per_day=pl.lit(24.0))
    problem, care = solved(
        world(casualties=some, places=places, hospitals=alike, evacuation_means=many)
    )
    place = [f.place_id for f in problem.facilities]
    at = np.array(place)[problem.ways.place[care.columns.way]]
    near, other = ("H-A", "H-C") if far else ("H-C", "H-A")
    first = problem.ways.day[care.columns.way] == 0
    taken = {h: care.people[(at == h) & first].sum() for h in (near, other)}
    if abs(abs(longitude - 20.3) - 0.3) > 0.01:
        assert taken[near] >= taken[other] - 1e-6


@FEW
@given(counts, counts, st.integers(1, 20), st.sampled_from(["infectious", "surgery"]))
def test_raising_urgency_never_lowers_priority(first, second, beds, specialty):
    """Of two cohorts that differ in triage only, the more urgent one waits no longer."""
    # as many beds on every day: half are free today, half are kept for everyday patients
    able = hospitals(2.0 * beds, float(beds)).head(1)
    able = able.with_columns(specialties=pl.lit(specialty))
    some = rows(
        CASUALTIES,
        ("A", date(0), "red", specialty, float(first)),
        ("A", date(0), "yellow", specialty, float(second)),
    )
    problem, care = solved(world(casualties=some, hospitals=able, evacuation_means=means().clear()))
    kinds = [problem.cohorts.kinds[k].triage for k in problem.cohorts.kind]
    day = problem.ways.day[care.columns.way]
    shares = {}
    for c, triage in enumerate(kinds):
        mine = care.columns.cohort == c
        early = np.bincount(day[mine], care.people[mine], minlength=problem.days).cumsum()
        shares[triage] = early / problem.cohorts.people[c]
    assert (shares["red"] >= shares["yellow"] - 1e-6).all() or shares["red"][-1] > 1 - 1e-6


@FEW
@given(people, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn, random):
    situation = world(casualties=crowd(drawn))
    mixed = {}
    for name, frame in situation.tables.items():
        order = list(range(frame.height))
        random.shuffle(order)
        mixed[name] = frame[order]
    again = Situation.of(situation.settings, mixed)
    one, two = planned(situation), planned(again)
    for name, table in one.tables.items():
        assert table.equals(two.tables[name]), name


def test_the_nearest_facilities_alone_still_give_a_bound_over_all(monkeypatch):
    """Where not all ways are looked at, the bound still counts them."""
    situation = world(casualties=casualties(("C", date(0), "red", "surgery", 30.0)))
    whole = shared(situation)
    monkeypatch.setattr("aidline.medical.solve.MOST_COLUMNS", 1)
    monkeypatch.setattr("aidline.medical.solve.NEAREST", 1)
    part = solve_care(care_problem(situation, Ledger()), whole=False)
    assert part.benefit <= whole.benefit + 1e-9
    assert part.bound >= whole.benefit - 1e-9
