"""Two plans side by side: the differences, in words and numbers."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from plan_world import TRANSFERS, TRIPS, USES, plan, record, world

from aidline.plan.check import check_plan
from aidline.plan.compare import compare
from aidline.plan.plan import Plan

NAMES = {"A1": "Bay", "A2": "Hill", "A3": "Isle", "WH": "Warehouse", "PORT": "Port"}


def valued(made: Plan, bound: float | None = None) -> Plan:
    value = check_plan(world(), made).value
    return made.replace(record=dataclasses.replace(record(), value=value, bound=bound))


def worse() -> Plan:
    """The plan without the goods for A3, and with one trip less on day 3."""
    return plan(
        uses=USES.filter(pl.col("area_id") != "A3"),
        trips=TRIPS.filter(pl.col("day") != 3),
        transfers=TRANSFERS.with_columns(quantity=pl.lit(5000.0)),
    )


def test_a_plan_and_itself() -> None:
    """Nothing differs between a plan and itself, and the text says so."""
    same = compare(valued(plan()), valued(plan()), names=NAMES)
    assert same.text() == [
        "Plan A and Plan B have the same value (13,429 weighted person-days).",
        "Both leave 9,900 person-days unmet.",
        "The worst-covered area stays Isle (33.3%).",
        "No area gains or loses coverage.",
        "The same number of trucks leaves on each day.",
    ]
    assert same.tables["trips"].height == same.tables["transfers"].height == 0


def test_differences_in_words() -> None:
    """Who loses, on which days trucks change, which transfers change."""
    found = compare(valued(plan(), 13000.0), valued(worse(), 18000.0), names=NAMES)
    assert found.distinguishable
    assert found.unmet == pytest.approx((9900, 10300))
    text = found.text()
    assert text[0].startswith("Plan A is better by ")
    assert text[1:] == [
        "Plan B leaves 400 person-days more unmet (10,300 against 9,900).",
        "The worst-covered area is Isle in Plan A (33.3%) and Isle in Plan B (0.0%).",
        "With Plan B 1 area loses coverage: Isle (33% → 0%).",
        "With Plan B trucks change on 1 day: 2027-03-05 1 trip fewer, 3.0 t less arriving.",
        "1 transfer changed: Port to Warehouse.",
    ]


def test_a_comparison_the_other_way_round_is_the_opposite() -> None:
    """B against A has every change with the other sign."""
    one, other = compare(valued(plan()), valued(worse())), compare(valued(worse()), valued(plan()))
    for table in ("areas", "trips", "transfers"):
        back = other.tables[table]["change"].to_list()
        assert one.tables[table]["change"].to_list() == pytest.approx([-c for c in back])
    assert any("gains coverage: A3" in line for line in other.text())


def test_differences_within_the_gaps_say_nothing() -> None:
    """A difference smaller than the sum of both gaps is not distinguishable."""
    found = compare(valued(plan(), 10000.0), valued(worse(), 10000.0))
    assert found.distinguishable is False
    assert "not distinguishable" in found.text()[0]


def test_without_a_bound_it_may_be_chance() -> None:
    """Without a bound nobody knows whether the difference is real, and the text says so."""
    found = compare(valued(plan()), valued(worse()))
    assert found.distinguishable is None
    assert "may be chance" in found.text()[0]


def test_plans_of_different_situations() -> None:
    """A difference between plans of different figures is not the plan's merit."""
    other = valued(plan())
    other = other.replace(record=dataclasses.replace(other.record, situation_digest="x"))
    worth_less = dataclasses.replace(other.record, value=2 * other.record.value)
    text = compare(valued(plan()), other.replace(record=worth_less)).text()
    assert "different figures" in text[0]
    assert not any("better by" in line for line in text)


def test_plans_without_a_common_area() -> None:
    """Where nothing can be compared area by area, the text does not say that nothing changes."""
    other = valued(plan())
    other = other.replace(fairness=other["fairness"].with_columns(area_id="X" + pl.col("area_id")))
    text = compare(valued(plan()), other).text()
    assert "Plan A and Plan B have no area in common." in text
    assert not any("No area gains" in line for line in text)


def test_a_small_change_shows_its_digits() -> None:
    """A change from 33 % to 33 % is none that anyone can read."""
    before = valued(plan())
    share = pl.when(pl.col("share") < 0.5).then(pl.col("share") + 0.001).otherwise("share")
    after = before.replace(fairness=before["fairness"].with_columns(share=share))
    assert any("A3 (33.3% → 33.4%)" in line for line in compare(before, after).text())


def test_areas_that_only_one_plan_knows() -> None:
    """An area that one plan does not have is in the table, without a change."""
    small = valued(plan())
    small = small.replace(fairness=small["fairness"].filter(pl.col("area_id") != "A3"))
    found = compare(valued(plan()), small)
    assert found.tables["areas"].filter(area_id="A3")["change"].to_list() == [None]
    assert found.text()


def test_empty_plans() -> None:
    """Plans without any row are compared without a traceback."""
    empty = Plan.of(record(), {})
    assert compare(empty, empty).text()
