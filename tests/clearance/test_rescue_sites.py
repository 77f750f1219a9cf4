"""Worksites and chances: triage of both schemes, hazards, survival, who can work where."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rescue_world import date, rows, site, team, world

from aidline.clearance.rescue_survival import survival
from aidline.clearance.worksites import DEAD, LIVE, POSSIBLE, can_work, normal_triage, teams
from aidline.clearance.worksites import worksites as worksites_of
from aidline.situation.defaults import Ledger
from aidline.situation.standards import STATUSES

STRUCTURES = ("wood", "masonry", "reinforced_concrete", "steel", "unknown")
VOIDS = ("big", "small", "unknown")
DAYS = st.floats(0, 14)


def sites_of(*lines, **more):
    """The worksites of a small world, by code."""
    found = worksites_of(world(list(lines), [], **more), Ledger(), survival())
    return {s.worksite_id: s for s in found}


@pytest.mark.parametrize(
    ("letter", "year", "meant"),
    [
        ("A", 2015, ("A", None)),
        ("B", 2020, ("B", None)),
        ("C", 2015, ("C", "big")),
        ("E", 2015, ("C", "big")),
        ("D", 2015, ("C", "small")),
        ("F", 2012, ("C", "small")),
        ("C", 2020, ("C", None)),
        ("D", 2020, ("D", None)),
        ("D", None, (None, None)),
        ("C", None, ("C", None)),
        ("F", 2020, (None, None)),
        (None, 2020, (None, None)),
        ("x", 2015, (None, None)),
    ],
)
def test_letters_of_both_schemes(letter, year, meant):
    """D of 2015 are people unknown in small voids, not the dead."""
    if letter == "F" and year == 2020:
        assert normal_triage(letter, year) == (None, None)
    assert normal_triage(letter, year) == meant


def test_the_better_of_letter_and_counts_holds_for_those_inside():
    """D with somebody alive is live; D of an unknown year and no letter are possible."""
    found = sites_of(
        site("dead", triage="D", confirmed_live=0.0, dead=2.0),
        site("heard", triage="D", confirmed_live=1.0),
        site("old", triage="D", scheme_year=2015, confirmed_live=0.0),
        site("yearless", triage="D", scheme_year=None, confirmed_live=0.0),
        site("blank", triage=None, confirmed_live=None),
        site("lettered", triage="A", confirmed_live=None),
    )
    turns = {code: s.turn for code, s in found.items()}
    assert turns == {
        "dead": DEAD, "heard": LIVE, "old": POSSIBLE, "yearless": POSSIBLE, "blank": POSSIBLE,
        "lettered": LIVE,
    }  # fmt: skip
    assert found["old"].void == "small"
    assert found["blank"].triage is None
    assert found["lettered"].live == 1


def test_unknown_missing_is_not_nobody():
    """A possible site with no figure gets the default, and the default is noted."""
    ledger = Ledger()
    lines = [site("C1", triage="C", missing=None, last_contact=None)]
    (found,) = worksites_of(world(lines, []), ledger, survival())
    assert found.missing is None
    assert found.others == 2
    assert "worksite.unknown_missing" in ledger.taken


def test_those_confirmed_alive_are_among_the_missing():
    """4 missing, 3 of them confirmed alive: one more may be found."""
    found = sites_of(site("B1", confirmed_live=3.0, missing=4.0))["B1"]
    assert (found.live, found.others) == (3, 1)


def hazards(*lines):
    """Table `hazards` of explosive hazards: area, segment, status, from, until."""
    filled = [(f"H{i}", "unexploded", *line) for i, line in enumerate(lines)]
    columns = "hazard_id kind area_id segment_id status from_date until"
    text = {"segment_id": pl.String, "from_date": pl.Date, "until": pl.Date}
    return rows(columns, *filled).cast(text)


@pytest.mark.parametrize(
    ("context", "line", "own", "explosive"),
    [
        ("earthquake", ("A1", None, "suspected"), None, "assess"),
        ("earthquake", ("A1", None, "confirmed"), None, "confirmed"),
        ("earthquake", ("A1", None, "unknown"), None, ""),
        ("earthquake", ("A1", "R-1", "confirmed"), None, ""),
        ("earthquake", ("A1", None, "suspected", date(-9), date(-1)), None, ""),
        ("earthquake", ("A2", None, "suspected"), None, ""),
        ("earthquake", ("A1", None, "assessed_clear"), "gas unexploded", "assess"),
        ("conflict", ("A1", None, "unknown"), None, "assess"),
        ("conflict", ("A2", None, "assessed_clear"), None, "assess"),
        ("conflict", ("A1", None, "assessed_clear"), None, ""),
    ],
)
def test_explosive_hazards(context, line, own, explosive):
    """In a conflict what is unknown is not clear."""
    found = sites_of(site("B1", hazards=own), context=context, hazards=hazards(line))
    assert found["B1"].explosive == explosive


def test_a_heavier_team_may_do_lighter_work():
    """And never the other way round."""
    able = {s: [k for k in ("usar_light", "usar_medium", "usar_heavy") if can_work(k, s)]
            for s in STRUCTURES}  # fmt: skip
    assert able["wood"] == able["masonry"] == ["usar_light", "usar_medium", "usar_heavy"]
    assert able["unknown"] == ["usar_medium", "usar_heavy"]
    assert able["reinforced_concrete"] == able["steel"] == ["usar_heavy"]
    assert not can_work("recovery", "wood")


def test_what_a_team_does_not_say_comes_from_its_class():
    """A heavy team: two sites, 24 hours, ten days; all noted."""
    ledger = Ledger()
    line = team("H", "usar_heavy", until=None, hours_per_day=None, sites_at_once=None)
    (found,) = teams(world([], [line]).with_settings(days=30), ledger, ("usar_heavy",))
    assert (found.slots, found.hours_per_day, found.closes) == (2, 24, 10)
    assert "search_team.usar_heavy.days_self_sustained" in ledger.taken


def test_teams_that_are_gone_or_do_not_work_are_no_teams():
    """Left before the plan begins, come after it ends, or work no hour."""
    lines = [
        team("gone", until=date(-1)),
        team("late", available_from=date(10), until=None),
        team("idle", hours_per_day=0.0),
    ]
    assert teams(world([], lines), Ledger(), ("usar_medium",)) == ()


def test_every_chance_names_its_source_and_status():
    """Nothing in the curves without both."""
    ledger = Ledger()
    for structure, void in itertools.product(STRUCTURES, VOIDS):
        survival().note(ledger, structure, void, "X")
    table = ledger.table()
    assert set(table["status"]) <= set(STATUSES)
    assert table["source"].str.len_chars().min() > 3


@given(DAYS, DAYS, st.sampled_from(STRUCTURES), st.sampled_from(VOIDS), st.booleans())
def test_chances_fall_and_are_in_order(a, b, structure, void, contact):
    """Never rising with time, low ≤ mid ≤ high, between 0 and 1."""
    early, late = sorted((a, b))
    found = survival().alive(np.array([early, late]), structure, void, contact=contact)
    assert (found[:, 1] <= found[:, 0] + 1e-12).all()
    assert (np.diff(found, axis=0) >= -1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


@given(st.floats(0, 13.5), st.sampled_from(STRUCTURES), st.sampled_from(VOIDS), st.booleans())
def test_there_is_no_cliff(day, structure, void, contact):
    """In no hour does more than 8 % of the chance go, at 72 hours no more than before."""
    hour = survival().alive(np.array([day, day + 1 / 24]), structure, void, contact=contact)
    assert (hour[:, 1] >= 0.92 * hour[:, 0]).all()
    assert (survival().alive(np.array([14.0]), structure, void, contact=contact) > 0).all()


def test_the_hazard_falls():
    """Each piece is no higher than the one before."""
    assert (np.diff(survival().hazard, axis=1) <= 0).all()


@given(DAYS, st.floats(0, 5), st.sampled_from(STRUCTURES), st.sampled_from(VOIDS))
def test_contact_never_lowers_a_chance(after, contact_at, structure, void):
    """Whoever was heard some days after the event is at least as likely to live as the others."""
    heard = survival().alive(np.array([after]), structure, void, contact=True)
    without = survival().alive(np.array([contact_at + after]), structure, void, contact=False)
    assert (heard >= without - 1e-12).all()


def test_a_later_contact_starts_the_clock_anew():
    """The same site, heard a day later."""
    early = sites_of(site("B1", last_contact=date(-2)))["B1"]
    late = sites_of(site("B1", last_contact=date(-1)))["B1"]
    when = np.array([1.0])
    assert (late.expected(when, survival()) > early.expected(when, survival())).all()


@given(st.integers(0, 6), st.integers(0, 20), DAYS)
def test_one_more_confirmed_alive_is_never_worse(live, missing, when):
    """At any time the people expected alive do not fall, and the turn is no later."""
    base = site("X", triage="C", confirmed_live=float(live), missing=float(missing))
    more = site("X", triage="C", confirmed_live=float(live + 1), missing=float(missing))
    a, b = sites_of(base)["X"], sites_of(more)["X"]
    at = np.array([when])
    assert b.turn <= a.turn
    assert (b.expected(at, survival()) >= a.expected(at, survival()) - 1e-12).all()
