"""C: tables of a plan that contradict each other are refused."""

from __future__ import annotations

from broken_rules import broken, changed
from plan_world import TRIPS, plan, world

from aidline.plan.check import check_plan


def test_the_feasible_plan_is_accepted() -> None:
    """A plan that keeps every rule has no violation."""
    verdict = check_plan(world(), plan())
    assert verdict.feasible
    assert verdict.violations == ()


def test_loads_that_trips_claim() -> None:
    """C: the weight that trips name is that of their loads."""
    assert broken(trips=changed(TRIPS, {"to_id": "A2"}, load_t=9.0)) == {"C.trips"}


def test_coverage_says_what_uses_say() -> None:
    """C: coverage cannot claim more than uses and needs give."""
    good = plan()
    for column, value in (("met", 5.0), ("need", 900.0), ("share", 0.99), ("people", 1.0)):
        first = {"area_id": "A3", "item_id": "ration", "day": 5}
        bad = good.replace(coverage=changed(good["coverage"], first, **{column: value}))
        found = check_plan(world(), bad).violations
        assert {v.rule for v in found} == {"C.coverage"}
        assert [v.day for v in found] == [5]
    short = good.replace(coverage=good["coverage"].head(-1))
    assert [v.rule for v in check_plan(world(), short).violations] == ["C.coverage"]


def test_fairness_says_what_uses_say() -> None:
    """C: shares and reachability of the table fairness are recomputed."""
    good, first = plan(), {"area_id": "A3", "need_group": "food"}
    for column, value in (("share", 0.9), ("person_days", 7.0), ("reachable", False)):
        bad = good.replace(fairness=changed(good["fairness"], first, **{column: value}))
        assert [v.rule for v in check_plan(world(), bad).violations] == ["C.fairness"]
    short = good.replace(fairness=good["fairness"].head(-1))
    assert [v.rule for v in check_plan(world(), short).violations] == ["C.fairness"]
