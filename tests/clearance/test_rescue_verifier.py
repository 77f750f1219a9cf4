"""Each rule of the verifier of worksites catches a plan that breaks it and only it."""

from __future__ import annotations

import polars as pl
import pytest
from rescue_world import planned, site, team, verdict, world

SITUATION = world(
    [
        site("B1", structure="reinforced_concrete", dead=2.0),
        site("B2", "A2", structure="reinforced_concrete"),
        site("C1", triage="C", missing=3.0),
        site("C2", "A2", triage="C", missing=2.0, hazards="unexploded"),
        site("D1", triage="D", dead=2.0, confirmed_live=0.0, missing=0.0),
    ],
    [
        team("H", "usar_heavy", sites_at_once=2),
        team("L", "usar_light", hours_per_day=12.0),
        team("E", "explosive_disposal", hours_per_day=8.0),
        team("R", "recovery", hours_per_day=10.0),
    ],
)


@pytest.fixture(scope="module")
def plan():
    """A plan with every kind of task."""
    made = planned(SITUATION)
    assert set(made.tasks["kind"]) == {"assess", "search", "rescue", "recover"}
    assert verdict(SITUATION, made.tasks, made.rescues) == []
    return made


def changed(plan, task_id, **columns):
    """The tasks with some values of one of them changed."""
    mine = pl.col("task_id") == task_id
    return plan.tasks.with_columns(
        pl.when(mine).then(pl.lit(value, plan.tasks.schema[name])).otherwise(name).alias(name)
        for name, value in columns.items()
    )


def moved(plan, task_id, days):
    """The tasks with one of them moved in time."""
    mine = pl.col("task_id") == task_id
    names = ("leave", "start", "finish", "finish_low", "finish_high")
    return plan.tasks.with_columns(
        pl.when(mine).then(pl.col(n) + days).otherwise(n).alias(n) for n in names
    )


def rules(tasks, rescues):
    """Codes of the broken rules."""
    return {v.rule for v in verdict(SITUATION, tasks, rescues)}


def test_w1_a_team_that_is_too_light_or_of_another_kind(plan):
    """A light team on concrete; a recovery team that rescues; nobody's team."""
    assert "W1.team" in rules(changed(plan, "B1:rescue", team_id="L"), plan.rescues)
    assert "W1.team" in rules(changed(plan, "B1:rescue", team_id="R"), plan.rescues)
    assert "W1.team" in rules(changed(plan, "B1:rescue", team_id="??"), plan.rescues)
    assert "W1.team" in rules(changed(plan, "B1:rescue", kind="full"), plan.rescues)


def test_w2_work_outside_the_window(plan):
    """Before the first day, after the last."""
    last = plan.tasks.sort("finish")["task_id"][-1]
    assert "W2.window" in rules(moved(plan, last, 20), plan.rescues)
    assert "W2.window" in rules(moved(plan, "B1:rescue", -0.05), plan.rescues)


def test_w3_too_many_sites_at_once(plan):
    """The heavy team may work two, not three."""
    third = plan.tasks.filter(task_id="B1:rescue").with_columns(task_id=pl.lit("B1:again"))
    assert "W3.at_once" in rules(pl.concat([plan.tasks, third]), plan.rescues)
    road = third.with_columns(task_id=pl.lit("road"), at_id=pl.lit("B-07"), kind=pl.lit("full"))
    assert "W3.at_once" in rules(pl.concat([plan.tasks, road]), plan.rescues)


def test_w4_a_way_that_is_too_quick(plan):
    """Less travel than it takes; a start before the arrival; a road that is closed."""
    assert rules(changed(plan, "B1:rescue", travel_h=0.1), plan.rescues) == {"W4.travel"}
    row = plan.tasks.row(by_predicate=pl.col("task_id") == "D1:recover", named=True)
    late = changed(plan, "D1:recover", leave=row["start"])
    assert rules(late, plan.rescues) == {"W4.travel"}
    shut = world([], [], closed_until=9)["travel_times"]
    found = verdict(SITUATION.replace(travel_times=shut), plan.tasks, plan.rescues)
    assert {v.rule for v in found} == {"W4.travel"}


def test_w4_one_team_in_two_places(plan):
    """The recovery team: the second task from the base, while the first is not done."""
    mine = plan.tasks.filter(team_id="R").sort("start")
    assert mine.height >= 2
    second = mine["task_id"][1]
    at_base = changed(plan, second, leave=mine["leave"][0])
    assert "W4.travel" in rules(at_base, plan.rescues) or "W3.at_once" in rules(
        at_base, plan.rescues
    )


def test_w5_work_before_the_assessment(plan):
    """None at all, or later than the search."""
    without = plan.tasks.filter(pl.col("kind") != "assess")
    assert rules(without, plan.rescues) == {"W5.assess"}
    assert "W5.assess" in rules(moved(plan, "C2:assess", 3), plan.rescues)


def test_w6_recovery_before_rescue(plan):
    """Before its end, or where nobody has searched."""
    early = plan.tasks.row(by_predicate=pl.col("task_id") == "B1:recover", named=True)
    rescue = plan.tasks.row(by_predicate=pl.col("task_id") == "B1:rescue", named=True)
    shift = rescue["start"] - early["start"]
    assert "W6.order" in rules(moved(plan, "B1:recover", shift), plan.rescues)
    alone = plan.tasks.filter(pl.col("task_id") != "B1:rescue")
    assert "W6.order" in rules(alone, plan.rescues)
    row = plan.tasks.row(by_predicate=pl.col("task_id") == "C1:search", named=True)
    swapped = changed(plan, "C1:rescue", start=row["start"])
    assert "W6.order" in rules(swapped, plan.rescues)


def test_w7_times_and_work(plan):
    """Times that do not fit the work, less work than it takes, a range beside the finish."""
    row = plan.tasks.row(by_predicate=pl.col("task_id") == "D1:recover", named=True)
    assert rules(changed(plan, "D1:recover", work_team_days=9.0), plan.rescues) == {"W7.work"}
    quick = changed(
        plan, "D1:recover", finish=row["start"] + 0.01, finish_low=row["start"],
        work_team_days=0.01,
    )  # fmt: skip
    assert "W7.work" in rules(quick, plan.rescues)
    assert rules(changed(plan, "D1:recover", finish_low=99.0), plan.rescues) == {"W7.work"}


def test_w8_every_site_stands_in_the_table(plan):
    """One left out, another team, other times, ends out of order."""
    table = plan.rescues
    assert rules(plan.tasks, table.filter(pl.col("worksite_id") != "C1")) == {"W8.rescues"}
    for column in (
        pl.lit("L").alias("team_id"),
        (pl.col("start") + 1).alias("start"),
        (pl.col("finish") + 1).alias("finish"),
        (pl.col("alive_high") + 1).alias("alive_low"),
    ):
        assert "W8.rescues" in rules(plan.tasks, table.with_columns(column))


def test_a_plan_without_worksites_breaks_no_rule(plan):
    """Plans of before, and plans of roads alone."""
    assert rules(plan.tasks.head(0), plan.rescues.head(0)) == set()
