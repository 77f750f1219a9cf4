"""A valid clearing plan is clean; each rule of clearing that is broken on purpose is found."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from broken_rules import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import START, date, rows
from road_work_world import BLOCKAGES, OPENINGS, TASKS, TEAMS, plan, world

from aidline.plan.check import Facts, check_plan
from aidline.plan.opened import opened
from aidline.plan.tables import PLAN_BY_NAME
from aidline.plan.verify.clearing import checked_clearing

FULL = plan()


def task(task_id: str, **values: Any) -> pl.DataFrame:
    """The tasks of the plan with one of them changed."""
    return changed(FULL["tasks"], {"task_id": task_id}, **values)


def opening(segment: str, grade: str, **values: Any) -> pl.DataFrame:
    return changed(OPENINGS, {"segment_id": segment, "grade": grade}, **values)


def rules(situation: Any = None, **tables: pl.DataFrame) -> set[str]:
    """Rules of clearing that a changed plan breaks."""
    situation = situation or world()
    return {v.rule for v in checked_clearing(situation, plan(situation, **tables), 1e-6)}


def without(*task_ids: str) -> pl.DataFrame:
    return FULL["tasks"].filter(~pl.col("task_id").is_in(task_ids))


def more(*lines: tuple[Any, ...]) -> pl.DataFrame:
    """The tasks of the plan and further ones."""
    added = rows(" ".join(TASKS.columns), *lines)
    return pl.concat([FULL["tasks"], added], how="diagonal_relaxed")


def test_a_valid_plan_is_clean() -> None:
    verdict = check_plan(world(), FULL)
    assert verdict.violations == ()
    assert verdict.unreachable_areas == 0


def test_without_the_openings_nobody_is_reached() -> None:
    """The supply rules see the roads that the plan opens, and only those."""
    bare = plan(tasks=TASKS.clear(), road_openings=OPENINGS.clear())
    assert "S1.road" in {v.rule for v in check_plan(world(), bare).violations}
    assert check_plan(world(), bare).unreachable_areas == 1


def test_facts_of_other_roads_are_not_used() -> None:
    situation = world()
    facts = Facts.of(situation)
    assert facts.fit(situation)
    assert not facts.fit(opened(situation, FULL))
    assert check_plan(situation, FULL, facts=facts).feasible


@pytest.mark.parametrize(
    ("rule", "tasks"),
    [
        ("R1.kind", task("t5", kind="search")),
        ("R1.team", task("t1", team_id="E")),
        ("R1.team", task("t5", team_id="S")),
        ("R1.team", task("t3", team_id="C2")),
        ("R1.blockage", task("t5", at_id="W1")),
        ("R1.blockage", task("t5", at_id="B4")),
        ("R1.blockage", task("t5", at_id="B5")),
        ("R1.work", task("t5", at_id="B6")),
        ("R2.once", more(("t6", "single_lane", "C2", "B1", 3.0, 0.0, 3.0, 4.0, 1.0))),
        ("R2.once", more(("t1", "single_lane", "C2", "B1", 3.0, 0.0, 3.0, 4.0, 1.0))),
        ("R2.assess", without("t3")),
        ("R2.assess", task("t4", start=3.4, finish=4.5)),
        ("R2.order", task("t5", leave=1.0, start=1.0, finish=3.0)),
        ("R2.order", without("t1")),
        ("R3.work", task("t1", finish=1.0)),
        ("R3.work", task("t1", work_team_days=0.9)),
        ("R3.work", task("t2", finish=1.5)),  # 125 m³ take half a day
        ("R3.work", task("t4", finish=4.4)),  # 4 m of bridge take one
        ("R3.work", task("t5", finish=2.9)),
        ("R3.work", task("t3", finish=3.4)),
        ("R3.start", task("t1", start=0.09, finish=1.1)),
        ("R3.start", task("t3", start=2.4)),
        ("R4.days", task("t5", leave=1.9)),
        ("R4.days", task("t5", finish=4.1)),
        ("R4.overlap", task("t2", leave=1.0)),
        ("R5.travel", task("t1", travel_h=0.9)),
        ("R5.travel", task("t3", travel_h=2.9)),
        ("R5.way", task("t3", leave=1.9)),
        ("R5.way", task("t1", at_id="B2")),
    ],
)  # fmt: skip
def test_each_rule_of_tasks(rule: str, tasks: pl.DataFrame) -> None:
    assert rule in rules(tasks=tasks)


@pytest.mark.parametrize(
    ("rule", "openings"),
    [
        ("R6.day", opening("R-2", "single_lane", day=1)),
        ("R6.day", opening("R-2", "full", day=2)),
        ("R6.day", opening("R-3", "single_lane", day=4)),
        ("R6.speed", opening("R-2", "single_lane", speed_factor=0.6)),
        ("T.range", opening("R-2", "full", speed_factor=1.1)),
        ("R6.segment", opening("R-2", "full", segment_id="R-3")),
        ("R6.segment", opening("R-2", "full", segment_id="R-1")),
    ],
)
def test_each_rule_of_openings(rule: str, openings: pl.DataFrame) -> None:
    assert rules(road_openings=openings) == {rule}


def test_a_segment_is_open_when_all_its_blockages_are() -> None:
    assert rules(tasks=without("t2")) == {"R6.segment"}


def test_later_slower_and_missing_openings_are_fine() -> None:
    assert rules(road_openings=opening("R-3", "single_lane", day=5, speed_factor=0.2)) == set()
    assert rules(road_openings=opening("R-2", "full", day=5)) == set()
    assert rules(road_openings=OPENINGS.filter(pl.col("grade") == "single_lane")) == set()


def test_a_task_may_end_after_the_plan_and_then_opens_nothing() -> None:
    late = task("t4", finish=9.0)
    assert rules(tasks=late, road_openings=OPENINGS.head(2)) == set()
    assert rules(tasks=late) == {"R6.day"}
    assert rules(tasks=late, road_openings=opening("R-3", "single_lane", day=9)) == {"T.day"}


def test_after_the_plan_teams_use_the_roads_that_are_open_by_then() -> None:
    """R-3 is done on day 9, three days after the plan; the way along it is open then."""
    teams = changed(TEAMS, {"team_id": "E"}, until=None)
    far = changed(BLOCKAGES, {"blockage_id": "B6"}, segment_id="R-5", explosive_hazard="suspected")
    segments = world()["road_segments"]
    beyond = segments.filter(pl.col("segment_id") == "R-3").with_columns(
        segment_id=pl.lit("R-5"), geometry=pl.lit("LINESTRING(0.3 0,0.4 0)")
    )
    situation = world(teams=teams, blockages=far, road_segments=pl.concat([segments, beyond]))
    for leave, found in ((9.0, set()), (8.9, {"R5.way"})):
        tasks = pl.concat(
            [
                without("t3").filter(pl.col("task_id") != "t4"),
                task("t3", leave=2.0).filter(pl.col("task_id") == "t3"),
                task("t4", finish=9.0).filter(pl.col("task_id") == "t4"),
                rows(
                    " ".join(TASKS.columns),
                    ("t7", "assess", "E2", "B6", leave, 4.0, leave + 1, leave + 2, 1.0),
                ),
            ],
            how="diagonal_relaxed",
        )
        second = teams.filter(pl.col("team_id") == "E").with_columns(team_id=pl.lit("E2"))
        second = pl.concat([teams, second])
        here = situation.replace(teams=second)
        assert rules(here, tasks=tasks, road_openings=OPENINGS.head(2)) == found


def test_hazards_nobody_knows_of_count_in_a_conflict_only() -> None:
    """B2 has no entry, B1 is assessed clear."""
    assert rules(world("conflict")) == {"R2.assess"}
    unknown = changed(BLOCKAGES, {"blockage_id": "B2"}, explosive_hazard="unknown")
    assert rules(world("conflict", blockages=unknown)) == {"R2.assess"}
    assert rules(world(blockages=unknown)) == set()


def test_a_confirmed_hazard_takes_three_days() -> None:
    confirmed = changed(BLOCKAGES, {"blockage_id": "B3"}, explosive_hazard="confirmed")
    assert rules(world(blockages=confirmed)) == {"R3.work"}


def test_full_opening_is_what_is_left_or_the_usual_ratio() -> None:
    alone = changed(BLOCKAGES, {"blockage_id": "B1"}, full_crew_days=None)
    assert rules(world(blockages=alone)) == set()
    less = changed(BLOCKAGES, {"blockage_id": "B1"}, full_crew_days=0.5)
    quick = task("t5", finish=2.0, work_team_days=0.0)
    openings = opening("R-2", "full", day=2)
    assert rules(world(blockages=less), tasks=quick, road_openings=openings) == set()


def test_a_team_starts_from_either_end_of_its_last_road() -> None:
    """From B1 the near end is nearer to R-4's side, the far end to R-3: both count."""
    assert rules(tasks=task("t2", at_id="B1", kind="full", finish=2.1, work_team_days=1.0)) >= {
        "R2.once"
    }
    back = TEAMS.with_columns(place_id=pl.lit(None, pl.String))
    assert rules(world(teams=back)) == set()


def test_a_team_without_hours_or_roads_near_its_base_cannot_go() -> None:
    idle = changed(TEAMS, {"team_id": "C1"}, hours_per_day=0.0)
    assert {"R4.days", "R3.start"} <= rules(world(teams=idle))
    far = pl.concat(
        [
            world()["places"],
            rows("place_id kind longitude latitude", ("Q", "base", 60.0, 60.0)),
        ],
        how="diagonal_relaxed",
    )
    lost = changed(TEAMS, {"team_id": "C1"}, place_id="Q")
    assert rules(world(teams=lost, places=far)) == {"R5.way"}


def test_without_any_road_no_blockage_can_be_planned() -> None:
    none = world(road_segments=world()["road_segments"].clear())
    assert {"R1.blockage", "T.unknown"} <= rules(none)


@pytest.mark.parametrize(
    ("table", "values", "rule"),
    [
        ("tasks", {"leave": math.nan}, "T.number"),
        ("tasks", {"finish": math.inf}, "T.number"),
        ("tasks", {"travel_h": -1.0}, "T.negative"),
        ("tasks", {"start": None}, "T.number"),
        ("tasks", {"team_id": "nobody"}, "T.unknown"),
        ("tasks", {"at_id": "nowhere"}, "T.unknown"),
        ("tasks", {"kind": "paint"}, "T.choice"),
        ("tasks", {"kind": None}, "T.empty"),
        ("road_openings", {"segment_id": "R-99"}, "T.unknown"),
        ("road_openings", {"segment_id": None}, "T.empty"),
        ("road_openings", {"grade": "motorway"}, "T.choice"),
        ("road_openings", {"day": 10**12}, "T.day"),
        ("road_openings", {"day": -1}, "T.day"),
        ("road_openings", {"speed_factor": math.nan}, "T.number"),
        ("road_openings", {"speed_factor": 0.0}, "T.range"),
        ("road_openings", {"speed_factor": -0.5}, "T.negative"),
    ],
)  # fmt: skip
def test_malformed_rows(table: str, values: dict[str, Any], rule: str) -> None:
    frame = FULL[table]
    first = frame.head(1).with_columns(
        pl.lit(v, frame.schema[c]).alias(c) for c, v in values.items()
    )
    bad = plan(**{table: pl.concat([first, frame[1:]])})
    assert rule in {v.rule for v in check_plan(world(), bad).violations}


def test_tables_that_are_missing_or_lack_columns() -> None:
    assert rules(tasks=FULL["tasks"].drop("leave")) >= {"T.columns", "T.number"}
    assert "T.columns" in rules(road_openings=OPENINGS.drop("day"))
    assert "T.columns" in rules(road_openings=OPENINGS.with_columns(day=pl.lit([1])))
    assert "T.duplicate" in rules(tasks=pl.concat([FULL["tasks"]] * 2))


def frame(table: str, lines: list[dict[str, Any]]) -> pl.DataFrame:
    """A table from rows as they come."""
    return pl.DataFrame(lines, schema_overrides=PLAN_BY_NAME[table].schema, strict=False)


HOSTILE = st.sampled_from(
    [
        0.0,
        -0.0,
        1e-9,
        0.5,
        2.0,
        5.0,
        6.0,
        365.9,
        1e9,
        1e300,
        1.7e308,
        math.nan,
        math.inf,
        -1.0,
        None,
    ]
)
CODE = st.sampled_from(["B1", "B2", "B3", "B4", "B5", "B6", "W1", "A", "", None, "C1", "E", "S"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_hostile_rows_are_violations_never_errors(data: st.DataObject) -> None:
    task_rows = [
        {
            "task_id": str(k),
            "kind": data.draw(
                st.sampled_from(["assess", "single_lane", "full", "rescue", "x", None])
            ),
            "team_id": data.draw(CODE),
            "at_id": data.draw(CODE),
            **{
                c: data.draw(HOSTILE)
                for c in ("leave", "travel_h", "start", "finish", "work_team_days")
            },
        }
        for k in range(data.draw(st.integers(0, 4)))
    ]
    opened = [
        {
            "segment_id": data.draw(st.sampled_from(["R-1", "R-2", "R-3", "", None])),
            "grade": data.draw(st.sampled_from(["single_lane", "full", "x", None])),
            "day": data.draw(st.sampled_from([0, 1, 5, 6, -1, 2**62, None])),
            "speed_factor": data.draw(HOSTILE),
        }
        for _ in range(data.draw(st.integers(0, 3)))
    ]
    bad = plan(tasks=frame("tasks", task_rows), road_openings=frame("road_openings", opened))
    verdict = check_plan(world(), bad)
    assert all(v.text and v.rule for v in verdict.violations)


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_does_not_matter(random: Any) -> None:
    order = list(range(TASKS.height))
    random.shuffle(order)
    tasks = task("t4", finish=4.4)[order]
    first = checked_clearing(world(), plan(tasks=task("t4", finish=4.4)), 1e-6)
    again = checked_clearing(world(), plan(tasks=tasks, road_openings=OPENINGS.reverse()), 1e-6)
    assert first == again


def test_sentences_name_road_team_and_day() -> None:
    [found] = checked_clearing(world(), plan(tasks=task("t4", finish=4.4)), 1e-6)
    assert (found.rule, found.where, found.day) == ("R3.work", "C1 B3", 3)
    assert "Valley road (R-3)" in found.text
    early = opening("R-3", "single_lane", day=4)
    [found] = checked_clearing(world(), plan(road_openings=early), 1e-6)
    assert date(4).isoformat() in found.text
    assert START.isoformat() not in found.text
