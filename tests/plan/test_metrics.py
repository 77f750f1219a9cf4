"""Coverage and its spread: Gini, percentiles, gaps."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_world import DAYS, DELIVERIES, USES, cells, plan, world
from random_plans import made

from aidline.plan import metrics
from aidline.plan.check import check_plan
from aidline.plan.served import Needs, Served

PEOPLE = st.lists(st.tuples(st.floats(0, 1), st.floats(1, 10_000)), min_size=1, max_size=30)


def pairwise(shares: list[float], people: list[float]) -> float:
    x, w = np.array(shares), np.array(people)
    mean = (x * w).sum() / w.sum()
    if mean == 0:
        return 0.0
    return float((w[:, None] * w * abs(x[:, None] - x)).sum() / (2 * mean * w.sum() ** 2))


@given(PEOPLE)
def test_gini_is_the_mean_difference(areas: list[tuple[float, float]]) -> None:
    """The area under the Lorenz curve gives the same as all pairs of people."""
    shares, people = [a[0] for a in areas], [a[1] for a in areas]
    assert metrics.gini(shares, people) == pytest.approx(pairwise(shares, people), abs=1e-9)


def test_gini_by_hand() -> None:
    """Even = 0; one of two alike areas with everything = 1/2; nothing anywhere = 0."""
    assert metrics.gini([0.4, 0.4, 0.4], [5, 1, 9]) == pytest.approx(0)
    assert metrics.gini([0.0, 1.0], [10, 10]) == pytest.approx(0.5)
    assert metrics.gini([0.0, 0.0], [10, 10]) == 0
    assert metrics.gini([], []) == 0


@given(PEOPLE, st.floats(0.1, 50))
def test_gini_does_not_see_size(areas: list[tuple[float, float]], factor: float) -> None:
    """Ten times the people, and people split into areas alike, change nothing."""
    shares, people = [a[0] for a in areas], [a[1] for a in areas]
    one = metrics.gini(shares, people)
    assert metrics.gini(shares, [factor * p for p in people]) == pytest.approx(one, abs=1e-9)
    assert metrics.gini(shares * 2, [p / 2 for p in people] * 2) == pytest.approx(one, abs=1e-9)


def test_percentile_counts_people() -> None:
    """The worst tenth of the people, not of the areas."""
    assert metrics.percentile([0.1, 0.5, 0.9], [5, 5, 90], 0.1) == 0.5
    assert metrics.percentile([0.1, 0.5, 0.9], [10, 5, 85], 0.1) == 0.1
    assert metrics.percentile([0.9], [1], 0.1) == 0.9
    assert metrics.percentile([], [], 0.1) == 1.0


def served(uses: pl.DataFrame = USES) -> Served:
    return Served.of(Needs.of(world()), uses)


def test_coverage_by_area_and_group_by_loops() -> None:
    """Shares per area, and per area and group, are person-days met over person-days in need."""
    verdict = check_plan(world(), plan())
    for area, _, need, unmet, share, *_ in verdict.areas.iter_rows():
        here = [c for c in cells(world(), USES) if c["area_id"] == area]
        assert need == pytest.approx(sum(c["people"] for c in here))
        assert unmet == pytest.approx(sum(c["people"] * (1 - c["share"]) for c in here))
        assert share == pytest.approx(1 - unmet / need)
    assert verdict.minimum_coverage == verdict.groups["share"].min()
    assert verdict.groups.height == 6
    assert verdict.groups["unmet"].sum() == pytest.approx(verdict.person_days_unmet)


def test_coverage_by_day_adds_up() -> None:
    """By day and area; one group alone; both add up to the whole."""
    by_day = metrics.coverage_by_day(served())
    assert by_day["unmet"].sum() == pytest.approx(check_plan(world(), plan()).person_days_unmet)
    food = metrics.coverage_by_day(served(), "food")
    assert food.filter(area_id="A3")["share"].to_list() == [0, 1, 1, 0, 0, 0]
    assert metrics.coverage_by_day(served(), "fuel").height == 0


def test_people_of_an_area_are_never_added_over_items() -> None:
    """1,000 people who need three things are 1,000 people."""
    areas = metrics.coverage_by_area(served(), frozenset())
    assert dict(areas.select("area_id", "people").iter_rows()) == {"A1": 1000, "A2": 500, "A3": 200}


def test_longest_gap_by_hand() -> None:
    """The longest run of days without an arrival, counted from the first day of need."""
    arrivals = pl.DataFrame({"area_id": ["A1", "A1", "A2"], "day": [0, 4, 1]})
    gaps = metrics.longest_gaps(served(), arrivals)
    assert gaps.rows() == [("A1", 3, 1), ("A2", 4, 2), ("A3", 6, 0)]


def test_gaps_of_a_plan() -> None:
    """Deliveries and what is already moving end a gap; stock in the area does not."""
    verdict = check_plan(world(), plan())
    assert (verdict.longest_gap_days, verdict.longest_gap_area) == (4, "A3")
    assert verdict.areas["gap_days"].to_list() == [2, 3, 4]


def test_the_minimum_is_over_reachable_areas_and_need_groups() -> None:
    """A group with nothing shows although its area has much; whoever is cut off stands apart."""
    without = plan(uses=USES.filter(pl.col("item_id") != "soap"))
    verdict = check_plan(world(), without)
    assert verdict.minimum_coverage == 0
    assert verdict.areas["share"].min() > 0
    blocked = world(travel_times=world()["travel_times"].filter(pl.col("to_id") != "A3"))
    cut = check_plan(blocked, plan(uses=USES.filter(pl.col("area_id") != "A3")))
    assert cut.unreachable_areas == 1
    assert cut.minimum_coverage == cut.groups.filter(pl.col("area_id") != "A3")["share"].min() > 0


def test_a_minimum_of_nothing() -> None:
    """Nobody can be reached: 0; nobody needs anything: 1."""
    groups = check_plan(world(), plan()).groups
    assert metrics.minimum(groups.with_columns(reachable=pl.lit(value=False))) == 0
    assert metrics.minimum(groups.clear()) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_all_figures_by_their_plain_definitions(seed: int) -> None:
    """Minimum, tenth of the people, Gini, never reached, longest gap: by loops over the tables."""
    one = made(seed)
    verdict = check_plan(one.situation, one.plan)
    found = cells(one.situation, one.plan["uses"], {"tent"})
    sums: dict[tuple[str, str], list[float]] = {}
    for cell in found:
        for key in ((cell["area_id"], cell["item_id"]), (cell["area_id"], "all")):
            both = sums.setdefault(key, [0.0, 0.0, 0.0])
            both[0] += cell["people"] * cell["share"]
            both[1] += cell["people"]
            both[2] = max(both[2], cell["people"])
    share = {key: met / need for key, (met, need, _) in sums.items()}
    areas = sorted({area for area, _ in sums})
    x = [share[area, "all"] for area in areas]
    people = [max(sums[area, item][2] for item in ("ration", "tent")) for area in areas]
    tenth = min(
        s for s in x if sum(p for p, o in zip(people, x, strict=True) if o <= s) >= sum(people) / 10
    )
    came = one.plan["deliveries"].select("area_id", "arrive_day").rows()
    marks = ["".join("x" if (a, d) in came else "." for d in range(DAYS)) for a in areas]
    assert verdict.minimum_coverage == pytest.approx(
        min(s for (_, item), s in share.items() if item != "all")
    )
    assert verdict.coverage_p10 == pytest.approx(tenth)
    assert verdict.gini == pytest.approx(pairwise(x, people), abs=1e-9)
    assert verdict.people_never_reached == pytest.approx(
        sum(p for p, s in zip(people, x, strict=True) if s == 0)
    )
    assert verdict.longest_gap_days == max(len(run) for m in marks for run in m.split("x"))


def test_never_reached_are_people_without_any_help() -> None:
    """People in areas where nothing is met on any day."""
    without = plan(uses=USES.filter(pl.col("area_id") != "A3"), deliveries=DELIVERIES)
    verdict = check_plan(world(), without)
    assert verdict.people_never_reached == 200
    assert verdict.minimum_coverage == 0


def test_shuffled_rows_same_verdict() -> None:
    """The order of rows, of the situation and of the plan, never matters."""
    one = check_plan(world(), plan())
    mixed = {n: f.sample(fraction=1.0, shuffle=True, seed=3) for n, f in world().tables.items()}
    tables = {n: f.sample(fraction=1.0, shuffle=True, seed=4) for n, f in plan().tables.items()}
    raw = type(plan())(plan().record, tables)
    other = check_plan(world(**mixed), raw)
    assert one.violations == other.violations == ()
    for name, figure in one.as_dict().items():
        if name != "violations":
            assert getattr(other, name) == pytest.approx(figure), name
    assert other.areas.equals(one.areas)


def test_shuffled_violations() -> None:
    """A broken plan is broken in the same way in any order of rows."""
    bad = plan(deliveries=DELIVERIES.with_columns(pl.col("quantity") * 1.5))
    tables = {n: f.sample(fraction=1.0, shuffle=True, seed=5) for n, f in bad.tables.items()}
    one = check_plan(world(), bad).violations
    other = check_plan(world(), type(bad)(bad.record, tables)).violations
    assert sorted(v.text for v in one) == sorted(v.text for v in other)
    assert one


def test_a_verdict_is_plain_json() -> None:
    """What `verify --json` prints: everything but the tables, as plain figures."""
    bad = plan(deliveries=DELIVERIES.with_columns(pl.col("quantity") * 1.5))
    told = json.loads(json.dumps(check_plan(world(), bad, bound=1.0).as_dict(), allow_nan=False))
    assert told["feasible"] is False
    assert {"rule", "where", "day", "found", "limit", "text"} == set(told["violations"][0])
    assert {"value", "bound", "gap", "minimum_coverage", "coverage_p10", "gini"} <= set(told)
