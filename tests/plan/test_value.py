"""The value of a plan: by hand on tiny cases, and against plain loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import (
    DAYS,
    DELIVERIES,
    LOADS,
    ONCE,
    TRANSFERS,
    TRIPS,
    USES,
    cells,
    counted,
    plan,
    record,
    rows,
    wanted,
    world,
)

from aidline.plan import value
from aidline.plan.check import check_plan

USUAL = value.prices_of({})


def test_a_wholly_unmet_person_day_costs_one() -> None:
    """Φ is 0 where all is met, 1 where nothing is, with marginals 1, 3, 6 over 4.1 between."""
    shares = [0.0, 0.2, 0.5, 1.0, 1.7]
    assert value.need_cost(shares, USUAL.need) == pytest.approx([0, 0.2 / 4.1, 1.1 / 4.1, 1, 1])


def test_fairness_rises_steeply() -> None:
    """Ψ costs nothing up to a fifth unmet and 4.25 where nothing is met."""
    shares = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    expected = [0, 0, 0.05, 0.25, 1.05, 4.25]
    assert value.fairness_cost(shares, USUAL.fairness) == pytest.approx(expected)


@given(st.floats(0, 1), st.floats(0, 1))
def test_costs_are_convex_and_never_fall(a: float, b: float) -> None:
    """Half-way between two shares costs at most the mean of both, more unmet never less."""
    for segments in (USUAL.need, USUAL.fairness):
        low, middle, high = value.segment_cost(sorted((a, b, (a + b) / 2)), segments)
        assert low <= middle + 1e-12
        assert middle <= high + 1e-12
        assert middle <= (low + high) / 2 + 1e-12


def test_once_needs_by_hand() -> None:
    """100 units come up, 60 are met on day 1: the dearest half goes, then 10 of the middle."""
    released, met = np.array([[100.0, 0, 0]]), np.array([[0, 60.0, 0]])
    left = value.backlog_levels(released, met, (0.2, 0.3, 0.5))[:, 0]
    assert left.T.tolist() == [[20, 30, 50], [20, 20, 0], [20, 20, 0]]
    cost = value.once_cost(released, met, np.array([2.0]), USUAL.need)
    assert cost == pytest.approx(2 * (410 + 80 + 80) / 4.1)


def test_a_second_release_joins_the_levels() -> None:
    """What comes up later fills the levels again, and the dearest is met first."""
    released, met = np.array([[10.0, 10.0]]), np.array([[8.0, 6.0]])
    left = value.backlog_levels(released, met, (0.2, 0.3, 0.5))[:, 0]
    np.testing.assert_allclose(left.T, [[2, 0, 0], [4, 2, 0]], atol=1e-12)


def test_one_area_two_days_by_hand() -> None:
    """100 people, half met on day 0, all on day 1, one trip of 4 h: value in five parts."""
    tiny = world(
        areas=rows("area_id priority", ("A1", 2.0)),
        needs=rows(
            "area_id item_id date until people quantity",
            ("A1", "ration", world().settings.date_of(0), world().settings.date_of(1), 100.0, 50.0),
        ),
        stock=rows("lot_id place_id item_id quantity", ("L", "WH", "ration", 75.0)),
        commitments=world()["commitments"].clear(),
        convoys=world()["convoys"].clear(),
        travel_times=rows("from_id to_id travel_h", ("WH", "A1", 1.0)),
    )
    uses = rows(
        "day area_id item_id from_item_id quantity",
        (0, "A1", "ration", "ration", 25.0),
        (1, "A1", "ration", "ration", 50.0),
    )
    verdict = check_plan(
        tiny,
        plan(
            tiny,
            uses=uses,
            trips=rows(
                " ".join(TRIPS.columns), (0, "WH", "A1", "big", "WH", 1.0, 4.0, 0, 0.075, 0.15)
            ),
            loads=rows(" ".join(LOADS.columns), (0, "WH", "A1", "big", "ration", 75.0)),
            deliveries=rows(
                " ".join(DELIVERIES.columns), (0, "WH", None, "A1", "ration", "L", 75.0, 0)
            ),
            transfers=TRANSFERS.clear(),
            **counted(tiny, uses),
        ),
        bound=50.0,
    )
    assert verdict.violations == ()
    unit_value = 2.0 * 200 / 100  # priority × people / need
    assert verdict.need_daily == pytest.approx(50 * unit_value * 1.1 / 4.1)
    assert verdict.fairness == pytest.approx(2.0 * 200 * 0.05 * 0.25)  # a quarter is unmet
    assert verdict.hours == pytest.approx(0.4)
    assert (verdict.need_once, verdict.promises) == (0, 0)
    assert verdict.value == pytest.approx(200 * 1.1 / 4.1 + 5 + 0.4)
    assert (verdict.person_days_need, verdict.person_days_unmet) == (200, 50)
    assert verdict.minimum_coverage == verdict.coverage_p10 == 0.75
    assert verdict.gini == 0
    assert verdict.gap == pytest.approx((verdict.value - 50) / verdict.value)


def test_the_value_against_plain_loops() -> None:
    """Daily, once and fairness parts of the small crisis, recomputed cell by cell."""
    situation, verdict = world(), check_plan(world(), plan())
    weight = {"ration": 1.0, "blanket": 0.5, "soap": 1.0}
    priority = {"A1": 1.0, "A2": 2.0, "A3": 1.0}
    daily = sum(
        c["people"] * priority[c["area_id"]] * phi(1 - c["share"])
        for c in cells(situation, USES)
        if c["item_id"] == "ration"
    )
    assert verdict.need_daily == pytest.approx(daily)
    once = 0.0
    for (area, item), series in wanted(situation, ONCE).items():
        if item == "ration":
            continue
        units, people = (sum(v[k] for v in series) for k in (0, 1))
        met = [0.0] * DAYS
        for day, _, _, _, quantity in USES.filter(area_id=area, item_id=item).iter_rows():
            met[day] += quantity
        once += weight[item] * priority[area] * people / units * backlog(series, met)
    assert verdict.need_once == pytest.approx(once)
    assert verdict.value == pytest.approx(
        verdict.need_daily + verdict.need_once + verdict.fairness + verdict.hours
    )


def phi(share: float) -> float:
    return (min(share, 0.2) + 3 * min(max(share - 0.2, 0), 0.3) + 6 * max(share - 0.5, 0)) / 4.1


def backlog(series: list[tuple[float, float]], met: list[float]) -> float:
    levels, total = [0.0, 0.0, 0.0], 0.0
    for day, (units, _) in enumerate(series):
        levels = [have + part * units for have, part in zip(levels, (0.2, 0.3, 0.5), strict=True)]
        rest = met[day]
        for k in (2, 1, 0):
            taken = min(levels[k], rest)
            levels[k] -= taken
            rest -= taken
        total += (levels[0] + 3 * levels[1] + 6 * levels[2]) / 4.1
    return total


def test_unreachable_areas_have_no_fairness_term() -> None:
    """Fairness is kept among those whom trucks or own stock can reach."""
    verdict = check_plan(cut := world(travel_times=world()["travel_times"].clear()), plan(cut))
    assert verdict.areas.filter("reachable")["area_id"].to_list() == ["A1"]  # own stock
    groups = verdict.groups.filter("reachable")
    expected = sum(
        n * float(value.fairness_cost(u / n, USUAL.fairness))
        for u, n in groups.select("unmet", "person_days").iter_rows()
    )
    assert verdict.fairness == pytest.approx(expected)
    assert verdict.minimum_coverage == pytest.approx(groups["share"].min())
    assert verdict.unreachable_areas == 2


def test_a_broken_promise_costs_and_is_counted() -> None:
    """20 × value per unit × what is missing; not a violation."""
    more = world()["commitments"].with_columns(quantity=world()["commitments"]["quantity"] + 10)
    verdict = check_plan(world(commitments=more), plan())
    assert verdict.feasible
    assert verdict.promises_broken == 1
    assert verdict.promises == pytest.approx(20 * 0.5 * 1000 / 400 * 10)


@pytest.mark.parametrize(("last", "broken"), [(2, 0), (1, 1)])
def test_goods_that_arrive_too_late_do_not_keep_a_promise(last: int, broken: int) -> None:
    """Only what arrives up to the date counts, what is moving included."""
    due = rows(
        "commitment_id kind area_id item_id quantity date",
        *world()["commitments"].filter(kind="moving").select(
            "commitment_id", "kind", "area_id", "item_id", "quantity", "date"
        ).iter_rows(),
        ("P", "promised", "A2", "blanket", 150.0, world().settings.date_of(last)),
    )  # fmt: skip
    assert check_plan(world(commitments=due), plan()).promises_broken == broken


def test_own_prices_of_a_plan_are_used() -> None:
    """The record may name marginals of need and fairness; nonsense in it is passed over."""
    flat = plan().replace(record=record(need_marginals=[1, 1, 1], fairness_marginals=[0] * 5))
    verdict = check_plan(world(), flat)
    assert verdict.fairness == 0
    weighted = sum(
        c["people"] * (2 if c["area_id"] == "A2" else 1) * (1 - c["share"])
        for c in cells(world(), USES)
        if c["item_id"] == "ration"
    )
    assert verdict.need_daily == pytest.approx(weighted)
    odd = plan().replace(record=record(need_marginals="many", fairness_marginals=[1, 2]))
    assert check_plan(world(), odd).value == check_plan(world(), plan()).value


def test_price_of_fairness() -> None:
    """What need is left unmet beyond the best without fairness, where the record knows it."""
    known = dataclasses.replace(record(), value_without_fairness=7000.0)
    verdict = check_plan(world(), plan().replace(record=known))
    assert verdict.price_of_fairness == pytest.approx(verdict.need_daily + verdict.need_once - 7000)


BASE = world()


@settings(max_examples=8, deadline=None)
@given(st.floats(0.05, 40.0))
def test_scaling_people_needs_and_means_scales_the_value(factor: float) -> None:
    """Twice the people, needs and trucks: twice the value, the same shares and Gini."""
    by = {"vehicles", "quantity", "people", "slots_per_day", "max_trucks"}
    tables = {
        name: frame.with_columns(
            frame[c] * factor for c in frame.columns if c in by and name != "kits"
        )
        for name, frame in BASE.tables.items()
        if frame.height
    }
    first = plan()
    amounts = {"trips", "load_t", "load_m3", "quantity", "met", "need", "people", "person_days"}
    scaled = {
        name: frame.with_columns(frame[c] * factor for c in frame.columns if c in amounts)
        for name, frame in first.tables.items()
        if frame.height
    }
    one = check_plan(world(), first)
    other = check_plan(world(**tables), first.replace(record=record(whole_truck_days=0), **scaled))
    assert other.violations == ()
    assert other.value == pytest.approx(factor * one.value)
    assert (other.gini, other.minimum_coverage, other.coverage_p10) == pytest.approx(
        (one.gini, one.minimum_coverage, one.coverage_p10)
    )
