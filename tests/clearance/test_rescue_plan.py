"""The plan of search and rescue: order, precedence, words, and the verifier on it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from rescue_world import date, planned, site, team, verdict, world

from aidline.situation.example import example
from aidline.situation.situation import Situation


def task(plan, task_id):
    """One row of the tasks."""
    return plan.tasks.row(by_predicate=pl.col("task_id") == task_id, named=True)


def test_one_site_by_hand():
    """2.4 h of 24 to drive, then 12 h of work in masonry: day 0.1 to 0.6."""
    plan = planned(world([site("B1")], [team("T")]))
    row = task(plan, "B1:rescue")
    assert (row["leave"], row["start"], row["finish"]) == pytest.approx((0, 0.1, 0.6), abs=1e-6)
    assert row["finish_low"] == pytest.approx(0.1 + 0.6 * 0.5, abs=1e-6)
    assert row["finish_high"] == pytest.approx(0.1 + 1.8 * 0.5, abs=1e-6)
    assert plan.proven
    assert plan.confirmed == pytest.approx(plan.confirmed_bound)


def test_more_people_first():
    """One team, two sites alike but for the people."""
    sites = [site("few"), site("many", confirmed_live=3.0, missing=3.0, triage="A")]
    plan = planned(world(sites, [team("T")]))
    assert task(plan, "many:rescue")["finish"] < task(plan, "few:rescue")["start"]


def test_confirmed_live_before_possible_however_many_are_missing():
    """The guideline: all A and B before C."""
    sites = [site("B1"), site("C1", triage="C", missing=40.0)]
    plan = planned(world(sites, [team("T")]))
    assert task(plan, "B1:rescue")["finish"] <= task(plan, "C1:search")["start"]


def test_a_team_that_waits_for_a_road_searches_meanwhile():
    """B1 lies behind a road that opens on day 3: C1 is searched before, B1 is not later for it."""
    sites = [site("B1", "A2"), site("C1", triage="C", missing=1.0)]
    alone = planned(world(sites[:1], [team("T")], closed_until=3))
    both = planned(world(sites, [team("T")], closed_until=3))
    assert task(alone, "B1:rescue")["leave"] == pytest.approx(3)
    assert task(both, "B1:rescue")["finish"] == pytest.approx(task(alone, "B1:rescue")["finish"])
    assert task(both, "C1:search")["start"] < 1
    assert verdict(world(sites, [], closed_until=3).replace(teams=world(
        [], [team("T")])["teams"]), both.tasks, both.rescues) == []  # fmt: skip


def test_a_heavy_team_works_two_sites_at_once():
    """Both of concrete, one team: at the same time."""
    sites = [site(c, structure="reinforced_concrete") for c in ("B1", "B2")]
    situation = world(sites, [team("H", "usar_heavy", sites_at_once=2)])
    plan = planned(situation)
    assert plan.tasks["start"].to_list() == pytest.approx([0.1, 0.1], abs=1e-6)
    assert verdict(situation, plan.tasks, plan.rescues) == []


def test_explosive_hazards_are_assessed_first():
    """3 h of a disposal team with 8 h days, after its way; the rescue begins right then."""
    sites = [site("B1", hazards="unexploded")]
    crew = [team("T"), team("E", "explosive_disposal", hours_per_day=8.0)]
    plan = planned(world(sites, crew))
    end = task(plan, "B1:assess")["finish"]
    assert end == pytest.approx((2.4 + 3) / 8, abs=1e-6)
    assert task(plan, "B1:rescue")["start"] == pytest.approx(end, abs=1e-6)
    assert "assesses the explosive hazard first" in plan.rescues["text"][0]


def test_the_dead_are_recovered_after_the_rescue_and_by_a_team_for_it():
    """D at once, B a day after its rescue, both by the recovery team."""
    sites = [site("B1", dead=2.0), site("D1", triage="D", dead=3.0, missing=0.0)]
    situation = world(sites, [team("T"), team("R", "recovery", hours_per_day=10.0)])
    plan = planned(situation)
    assert task(plan, "D1:recover")["start"] < 0.5
    assert task(plan, "B1:recover")["start"] >= task(plan, "B1:rescue")["finish"] + 1
    assert set(plan.tasks.filter(kind="recover")["team_id"]) == {"R"}
    assert verdict(situation, plan.tasks, plan.rescues) == []


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (world([site("X", structure="steel")], [team("T")]), "heavy team (steel)"),
        (world([site("X", "A2", confirmed_live=3.0)], [team("T")], closed_until=9), "on day 9"),
        (world([site("X", hazards="unexploded")], [team("T")]), "explosive-disposal team"),
        (world([site("X")], [team("T", until=date(0), hours_per_day=2.0)]), "one more light team"),
        (world([site("X", triage="D", confirmed_live=0.0)], [team("T")]), "recovery team"),
        (world([site("X", "nowhere")], [team("T")]), "by air or sea"),
        (world([site("X")], [team("T", place=None)]), "by air or sea"),
    ],
)
def test_where_no_team_gets_in_time_the_text_says_what_would_help(situation, words):
    """Every site has a row and a way to be reached; nobody is said to be left out."""
    plan = planned(situation)
    (row,) = plan.rescues.to_dicts()
    assert row["team_id"] is None
    assert words in row["text"]
    assert plan.rescues.height == situation["worksites"].height


FORBIDDEN = ("not be rescued", "abandon", "given up", "written off", "hopeless", "debris", "bodies")


def test_words_are_those_of_people():
    """No output names people or sites as lost, on the island and where no team is."""
    for situation in (example(), example().replace(teams=world([], [])["teams"])):
        texts = " ".join(planned(situation).rescues["text"]).lower()
        assert not [word for word in FORBIDDEN if word in texts]


def test_the_island_is_verified_and_proven():
    """Every site with people confirmed alive has a team, and no schedule does better there."""
    island = example()
    plan = planned(island)
    assert verdict(island, plan.tasks, plan.rescues) == []
    assert plan.proven
    assert plan.rescues.filter(pl.col("triage").is_in(["A", "B"]))["team_id"].null_count() == 0
    assert plan.found_alive[0] < plan.found_alive[1] < plan.found_alive[2]
    assert plan.found_alive[1] <= plan.found_alive_bound + 1e-6
    assert plan.confirmed <= plan.confirmed_bound + 1e-9


def test_shuffled_rows_give_the_same_schedule():
    """The order of input rows never matters."""
    island = example()
    names = ("worksites", "teams", "hazards", "areas", "road_segments", "road_status")
    mixed = {n: island[n].sample(fraction=1, shuffle=True, seed=7) for n in names}
    shuffled = Situation.of(island.settings, {**island.tables, **mixed})
    first, second = planned(island), planned(shuffled)
    assert first.tasks.equals(second.tasks)
    assert first.rescues.equals(second.rescues)


def test_one_more_team_never_finds_fewer_alive_where_people_are_confirmed():
    """On the island, and the bound does not fall either."""
    island = example()
    more = island["teams"].filter(team_id="USAR-2").with_columns(team_id=pl.lit("USAR-9"))
    before, after = (
        planned(island),
        planned(island.replace(teams=pl.concat([island["teams"], more]))),
    )
    assert after.confirmed >= before.confirmed - 1e-9
    assert after.confirmed_bound >= before.confirmed - 1e-9
    assert after.found_alive_bound >= before.found_alive[1] - 1e-9


def test_teams_are_free_only_after_what_they_have_to_do_elsewhere():
    """A disposal team that is on a road until day 2 comes after that."""
    sites = [site("B1", hazards="unexploded")]
    crew = [team("T"), team("E", "explosive_disposal", hours_per_day=8.0)]
    taken = pl.DataFrame({"team_id": ["E"], "finish": [2.0]})
    plan = planned(world(sites, crew), taken=taken)
    assert task(plan, "B1:assess")["leave"] >= 2


@pytest.mark.parametrize("name", ["worksites", "teams", "areas", "places", "vehicle_classes"])
def test_an_empty_table_is_no_fault(name):
    """Whatever is missing, there is a plan with a row for each worksite."""
    island = example()
    bare = island.replace(**{name: island[name].head(0)})
    plan = planned(bare)
    assert plan.rescues.height == bare["worksites"].height
    assert verdict(bare, plan.tasks, plan.rescues) == []


def test_odd_values_are_no_fault():
    """Negative counts, codes that do not exist, dates far away."""
    sites = [
        site("X1", confirmed_live=-3.0, missing=float("nan"), structure="paper", void="huge"),
        site("X2", triage="Q", last_contact=dt.date(1900, 1, 1), missing=1e9),
        site("X3", None, last_contact=date(300)),
    ]
    plan = planned(world(sites, [team("T", place="??"), team("U", hours_per_day=99.0)]))
    assert plan.rescues.height == 3
