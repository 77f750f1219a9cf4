"""Roads and supply in one plan: against all lists tried out, its own yardsticks, its bound."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl
import pytest
from road_world import BLOCKAGE, START, rows, world

from aidline.generator import generate
from aidline.plan.check import check_plan
from aidline.planning.certificate import certified_bound
from aidline.planning.clearing.course import start_course
from aidline.planning.joint import make_plan, searched
from aidline.planning.options import PlanOptions
from aidline.situation.situation import Situation

if TYPE_CHECKING:
    from aidline.plan.plan import Plan

OPTIONS = {"whole_truck_days": 0, "explain": False, "gap": 1e-4, "time_limit_s": 120.0}


def joint(situation: Situation, **options: object) -> Plan:
    """A verified plan with clearing."""
    plan = make_plan(situation, PlanOptions(**{**OPTIONS, **options}))  # type: ignore[arg-type]
    verdict = check_plan(situation, plan)
    assert verdict.feasible, verdict.violations[:3]
    assert verdict.value == pytest.approx(plan.record.value)
    assert plan.record.bound is not None
    assert plan.record.bound <= verdict.value * (1 + 1e-9)
    return plan


def best_of_all_lists(situation: Situation) -> float:
    """Value of the best plan over every list of blockages."""
    course = start_course(situation, PlanOptions(**OPTIONS), searched)  # type: ignore[arg-type]
    assert course is not None
    for order in itertools.permutations(range(course.site.works.count)):
        course.try_order(str(order), order)
    return course.best.value


@pytest.mark.parametrize(
    "people",
    [
        {"A": 1000.0, "B": 1000.0, "C": 1000.0},
        {"A": 4000.0, "B": 500.0, "C": 1000.0},
        {"A": 500.0, "B": 4000.0, "C": 1000.0},
    ],
)
@pytest.mark.parametrize("crews", [1, 2])
def test_as_good_as_the_best_of_all_lists(people: dict[str, float], crews: int) -> None:
    situation = world(people=people, crews=crews)
    assert joint(situation).record.value <= best_of_all_lists(situation) * (1 + 1e-3)


def test_a_road_opened_on_day_1_brings_trucks_on_that_day() -> None:
    """Nobody gets to B before its roads are open; then they are served, and the plan says so."""
    plan = joint(world(people={"A": 10.0, "B": 3000.0, "C": 10.0}))
    day = plan["road_openings"].filter(segment_id="R-B2", grade="single_lane")["day"].item()
    came = plan["deliveries"].filter(area_id="B")["arrive_day"]
    assert day == came.min() == 2
    assert plan["fairness"].filter(area_id="B")["reachable"].item()


def test_never_worse_than_the_usual_rules() -> None:
    plan = joint(generate(12, 5, 2, 2, links=6, teams=2, seed=3))
    table = plan["baselines"]
    assert table["name"].to_list() == sorted(
        ["no_clearing", "need_order", "traffic_order", "clear_first", "joint"]
    )
    assert table.filter("chosen")["value"].item() == table["value"].min()
    assert plan.record.value <= table["value"].min() * (1 + 1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_one_more_crew_makes_nothing_worse_and_the_bound_holds(seed: int) -> None:
    situation = generate(6, 4, 2, 2, links=4, teams=1, seed=seed)
    first = situation["teams"].head(1)
    more = situation.replace(
        teams=pl.concat([first, first.with_columns(team_id=pl.lit("CREW-MORE"))])
    )
    one, two = joint(situation), joint(more)
    assert one.record.bound is not None
    assert two.record.bound is not None
    assert two.record.value <= one.record.value * (1 + 2e-3)
    assert two.record.bound <= one.record.bound * (1 + 1e-3)
    assert best_of_all_lists(situation) >= one.record.bound * (1 - 1e-9)


def test_the_bound_follows_from_the_stored_prices() -> None:
    situation = world()
    plan = joint(situation)
    assert certified_bound(situation, plan) == pytest.approx(plan.record.bound, rel=1e-6)


def test_shuffled_rows_give_the_same_plan() -> None:
    situation = world(crews=2)
    mixed = Situation.of(
        situation.settings,
        {n: f.sample(fraction=1.0, shuffle=True, seed=1) for n, f in situation.tables.items()},
    )
    one, two = joint(situation), joint(mixed)
    for name in ("tasks", "road_openings", "trips", "baselines"):
        assert one[name].equals(two[name]), name


def test_what_the_log_expects_of_blocked_roads_is_decided_anew() -> None:
    """A forecast that A is open on day 1 counts nothing where no crew can do it by then."""
    log = world()["road_status"].select("segment_id", "date", "status")
    told = rows("segment_id date status", ("R-A", START.replace(day=3), "open"))
    plan = joint(world(road_status=log.vstack(told)))
    without = joint(world())
    assert plan["road_openings"].equals(without["road_openings"])
    assert plan.record.value == pytest.approx(without.record.value)


NOTHING_TO_DO = {
    "no blockages": world(blockages=rows(BLOCKAGE)),
    "no teams": world(teams=rows("team_id kind")),
    "only disposal teams": world(teams=rows("team_id kind", ("E", "explosive_disposal"))),
    "no road of that name": world(blockages=rows(BLOCKAGE, ("B1", "R-X", 1.0, 2.0, None))),
    "no work known": world(blockages=rows(BLOCKAGE, ("B1", "R-A", None, None, None))),
    "no roads": world(road_segments=rows("segment_id"), road_status=rows("segment_id")),
}


@pytest.mark.parametrize("name", NOTHING_TO_DO)
def test_nothing_to_clear_or_nobody_to_do_it(name: str) -> None:
    plan = make_plan(NOTHING_TO_DO[name], PlanOptions(**OPTIONS))  # type: ignore[arg-type]
    assert plan["tasks"].is_empty()
    assert check_plan(NOTHING_TO_DO[name], plan).feasible


def test_crews_too_late_for_anything() -> None:
    teams = rows("team_id kind available_from", ("C1", "road_crew", START.replace(day=30)))
    assert joint(world(teams=teams))["tasks"].is_empty()


def test_without_clearing_the_roads_stay_as_they_are() -> None:
    plan = make_plan(world(), PlanOptions(**OPTIONS, clearing=False))  # type: ignore[arg-type]
    assert plan["tasks"].is_empty()
    assert plan["fairness"].filter(~pl.col("reachable"))["area_id"].to_list() == ["A", "B"]


def test_whoever_no_crew_can_reach_in_time_holds_no_level_of_fairness_down() -> None:
    """B stays cut off; the lowest share of all others is raised as if it were not there."""
    days = {"R-A": 1.0, "R-B1": 99.0, "R-B2": 1.0}
    hard = rows(BLOCKAGE, *((f"B-{s}", s, d, d, None) for s, d in days.items()))
    plan = joint(world(blockages=hard), method="exact", fair_levels=1)
    shares = plan["fairness"].select("area_id", "reachable", "floor").rows()
    assert [(a, r) for a, r, _ in shares] == [("A", True), ("B", False), ("C", True)]
    assert all(floor > 0.1 for a, _, floor in shares if a != "B" and floor is not None)
    assert any(floor is not None for _, _, floor in shares)
