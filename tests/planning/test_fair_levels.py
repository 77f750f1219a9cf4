"""Nobody forgotten: the lowest shares of coverage, their floors and what fairness costs."""

from __future__ import annotations

import dataclasses

import pytest
from random_world import random_world
from small import FLEETS, NEEDS, ROADS, STOCK, date, hungry, pair, planned, rows, tiny

from aidline.plan.check import check_plan
from aidline.planning.certificate import certified_bound


def shares(plan, column="share"):
    """Coverage of the areas, by area."""
    return dict(plan["fairness"].select("area_id", column).iter_rows())


def four(*needs: float, stock: float):
    """Areas A1, A2, … that need food on one day, trucks for all, and so much stock."""
    areas = [f"A{n + 1}" for n in range(len(needs))]
    return tiny(
        1,
        areas=rows("area_id name", *((a, a) for a in areas)),
        stock=rows(STOCK, ("LOT", "WH", None, "food", stock)),
        fleets=rows(FLEETS, ("F1", "WH", "big", 60.0, 10.0)),
        travel_times=rows(ROADS, *(("WH", a, None, None, "open", 4.0) for a in areas)),
        needs=rows(
            NEEDS, *((a, "food", date(0), None, n, n) for a, n in zip(areas, needs, strict=True))
        ),
    )


def test_equal_shares_where_the_largest_shortage_would_take_all() -> None:
    """Stock for 45 %: everyone gets 45 %, also the three beside the large one.

    To lower the largest shortage in units, the large area alone would be served: half of its
    need, nothing for the others.
    """
    situation = four(90_000, 3_000, 3_000, 4_000, stock=45_000)
    plan, _ = planned(situation, fair_levels=1)
    # Floors lie 1e-5 below the level: what that leaves (half a unit) may go to a small area.
    assert list(shares(plan).values()) == pytest.approx([0.45] * 4, abs=2e-4)
    assert plan.record.lowest_share_bound == pytest.approx(0.45, abs=2e-3)


@pytest.mark.parametrize("small", [0.3, 0.03, 0.003])
def test_a_small_area_has_the_share_of_a_large_one(small: float) -> None:
    """However small an area is, its share is not below that of the larger one."""
    situation = four(50_000, 50_000 * small, stock=20_000)
    plan, _ = planned(situation, fair_levels=2)
    covered = shares(plan)
    assert covered["A2"] >= covered["A1"] - 1e-4
    assert covered["A2"] > 0.3


def far():
    """One truck, an area near by and one for which a trip takes more than two days' hours."""
    return pair(
        3,
        fleets=rows(FLEETS, ("F1", "WH", "big", 1.0, 10.0)),
        travel_times=rows(
            ROADS, ("WH", "A1", None, None, "open", 2.0), ("WH", "A2", None, None, "open", 9.0)
        ),
        needs=hungry(40_000.0, "A1", "A2"),
    )


def test_the_lowest_share_is_the_best_possible() -> None:
    """The worst-off get more than by prices alone, and as much as any plan can give them."""
    _, usual = planned(far())
    plan, verdict = planned(far(), fair_levels=1)
    lowest = min(shares(plan).values())
    assert lowest > usual.minimum_coverage + 1e-3
    assert lowest <= plan.record.lowest_share_bound + 1e-6
    assert lowest >= plan.record.lowest_share_bound - 2e-3
    assert verdict.value >= usual.value * (1 - 1e-6)


def test_who_can_have_more_is_raised_further() -> None:
    """The second level lies above the first: A2 is held back by its road, A1 only by stock."""
    situation = pair(
        4,
        stock=rows(STOCK, ("LOT", "WH", None, "food", 48_000.0)),
        fleets=rows(FLEETS, ("F1", "WH", "big", 20.0, 10.0)),
        travel_times=rows(
            ROADS,
            ("WH", "A1", None, None, "open", 4.0),
            ("WH", "A2", None, date(0), "closed"),
            ("WH", "A2", None, date(3), "open", 4.0),
        ),
    )
    plan, _ = planned(situation, fair_levels=2)
    assert shares(plan) == pytest.approx({"A1": 0.95, "A2": 0.25}, abs=1e-3)
    assert shares(plan, "floor") == pytest.approx({"A1": 0.95, "A2": 0.25}, abs=1e-3)


@pytest.mark.parametrize("seed", range(2))
def test_floors_hold_and_the_bound_is_found_again(seed: int) -> None:
    """With whole trucks: no share below its floor, value above a bound that prices prove."""
    situation = random_world(seed)
    plan, verdict = planned(situation, fair_levels=2, whole_truck_days=2)
    stated = plan["fairness"].drop_nulls("floor")
    assert (stated["share"] >= stated["floor"] - 1e-9).all()
    assert certified_bound(situation, plan) == pytest.approx(plan.record.bound, rel=1e-9)
    assert plan.record.bound <= verdict.value * (1 + 1e-9)


def test_a_floor_that_is_not_kept_is_reported() -> None:
    """The verifier does not trust the column floor."""
    situation = far()
    plan, _ = planned(situation, fair_levels=1)
    table = plan["fairness"].with_columns(floor=plan["fairness"]["share"] + 0.1)
    verdict = check_plan(situation, plan.replace(fairness=table))
    assert {v.rule for v in verdict.violations} == {"C.fairness"}


def test_the_price_of_fairness_is_that_of_the_plan_without() -> None:
    """What is given up for the worst-off, by both optima; nothing where nobody competes."""
    _, fair = planned(far())
    _, free = planned(far(), fairness=False)
    lost = fair.need_daily - free.need_daily
    assert fair.price_of_fairness == pytest.approx(lost, rel=0.02)
    assert fair.price_share == pytest.approx(lost / (240_000 - free.need_daily), rel=0.02)
    assert fair.price_share > fair.price_margin
    _, alone = planned(tiny(3))
    assert alone.price_share == pytest.approx(0.0, abs=1e-3)


def test_the_price_is_worked_out_at_any_size_when_asked() -> None:
    """The auction leaves it unknown, and plans a second time where asked."""
    options = {"method": "auction", "gap": 0.01, "time_limit_s": 6.0}
    plan, verdict = planned(far(), **options)
    assert plan.record.value_without_fairness is None
    assert verdict.price_share is None
    _, asked = planned(far(), price_of_fairness=True, **options)
    _, exact = planned(far())
    assert asked.price_share == pytest.approx(exact.price_share, abs=0.1)


def test_reasons_and_bottlenecks_above_floors() -> None:
    """A plan above floors is explained like any other: A2 waits for trucks."""
    plan, _ = planned(far(), fair_levels=1, explain=True)
    assert "truck_hours" in plan["reasons"].filter(area_id="A2")["cause"].to_list()
    gains = plan["bottlenecks"].filter("resolved", resource="truck_hours")
    assert (gains["gain_up"] > 0).all()


def test_levels_leave_the_search_reproducible() -> None:
    """Planned twice, the same record but for the clock."""
    one, two = (planned(far(), fair_levels=2)[0].record for _ in range(2))
    plain = {"timings_s": {}, "progress": ()}
    assert dataclasses.replace(one, **plain) == dataclasses.replace(two, **plain)
