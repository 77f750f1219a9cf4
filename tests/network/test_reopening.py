"""Reopening roads: the insertion formula against routing anew."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from road_worlds import START, grid_world, line, roads

from aidline.errors import UsageError
from aidline.network.damage import INF_MS
from aidline.network.reopening import Closures, reopening_gains, reopening_sequence
from aidline.network.routing import ScipyRouter
from aidline.situation.situation import Settings, Situation


def random_closures(seed: int) -> tuple[Closures, ScipyRouter, np.ndarray, np.ndarray]:
    """Return closures of a random graph, its router, and weights when shut and when open."""
    rng = np.random.default_rng(seed)
    nodes = 16
    tail, head = rng.integers(0, nodes, (2, int(rng.integers(20, 60))))
    open_ms = rng.integers(1, 1000, len(tail)).astype(np.int32)
    open_ms[rng.random(len(tail)) < 0.1] = INF_MS  # stays shut whatever is cleared
    shut_ms = np.where(rng.random(len(tail)) < 0.4, INF_MS, open_ms).astype(np.int32)
    router = ScipyRouter(nodes, tail.astype(np.int32), head.astype(np.int32))
    closures = Closures(
        router, tail, head, shut_ms=shut_ms, open_ms=open_ms,
        sources=np.array([0, 1, 2]), targets=np.arange(3, nodes),
    )  # fmt: skip
    return closures, router, shut_ms, open_ms


def anew(router: ScipyRouter, weights: np.ndarray) -> np.ndarray:
    """Return the times by routing anew."""
    times = router.weigh(weights).matrix(np.array([0, 1, 2]), np.arange(3, 16)).astype(float)
    times[times == INF_MS] = np.inf
    return times


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32))
def test_insertion_equals_routing_anew(seed: int):
    """One road, several at once, and several for good: the same times to the millisecond."""
    closures, router, shut_ms, open_ms = random_closures(seed)
    rng = np.random.default_rng(seed + 1)
    count = len(closures.arcs)
    for size in {min(1, count), min(3, count), count}:
        some = rng.choice(count, size, replace=False)
        weights = shut_ms.copy()
        weights[closures.arcs[some]] = open_ms[closures.arcs[some]]
        assert np.array_equal(closures.opened(some), anew(router, weights))
    closures.open_up(np.arange(count)[: count // 2])
    weights = shut_ms.copy()
    weights[closures.arcs[: count // 2]] = open_ms[closures.arcs[: count // 2]]
    assert np.array_equal(closures.times, anew(router, weights))


def world(lines: dict[str, str], closed: list[str], places: dict[str, float]) -> Situation:
    """Return a world along the equator with a depot at 0 and areas at given longitudes."""
    count = len(closed)
    log = {"segment_id": closed, "date": [START] * count, "status": ["closed"] * count}
    areas = {"area_id": list(places), "longitude": list(places.values()), "latitude": 0.0}
    return Situation.of(
        Settings(start_date=START, days=2),
        {
            "road_segments": roads(lines),
            "road_status": pl.DataFrame(log),
            "places": pl.DataFrame({"place_id": ["D"], "longitude": [0.0], "latitude": [0.0]}),
            "areas": pl.DataFrame(areas),
            "vehicle_classes": pl.DataFrame({"class_id": ["T"], "profile": ["truck"]}),
        },
    )


STREET = {
    "NEAR": line((0, 0), (0.1, 0)),
    "BRIDGE": line((0.1, 0), (0.2, 0)),
    "SLIDE": line((0.2, 0), (0.3, 0)),
    "SHORT": line((0, 0), (0.05, -0.05)),
    "LONG": line((0, 0), (0, -0.3), (0.05, -0.05)),
    "END": line((0.05, -0.05), (0.05, 0)),
}


def test_two_closures_in_a_row_are_seen_as_one_step():
    """A bridge and a landslide behind it give nothing singly, and reach an area together."""
    situation = world(STREET, ["BRIDGE", "SLIDE"], {"A": 0.05, "B": 0.3})
    gains = reopening_gains(situation, ["D"], ["A", "B"], "T", 0)
    assert gains["areas_reached"].to_list() == [0, 0]
    steps = reopening_sequence(situation, ["D"], ["A", "B"], "T", 0)
    assert steps.drop("hours_saved").row(0) == (1, "BRIDGE SLIDE", 1, 1)


def test_hours_saved_are_those_of_the_pairs_that_had_a_way():
    """With the near road shut the way round is long; opening it saves the difference."""
    situation = world(STREET, ["NEAR", "SHORT"], {"A": 0.05})
    gains = reopening_gains(situation, ["D"], ["A"], "T", 0)
    assert gains["segments"].to_list()[0] == "NEAR"
    assert gains["pairs_reached"].to_list() == [0, 0]
    assert (gains["hours_saved"] > 0).all()
    steps = reopening_sequence(situation, ["D"], ["A"], "T", 0)
    assert steps["segments"].to_list() == ["NEAR"]  # the other then saves nothing


def test_gains_of_a_world_equal_routing_anew():
    """On a damaged grid the best opening gives what a new run without that closure gives."""
    situation = grid_world(7, 9, 2, days=1, seed=3)
    areas, depots = (
        situation["areas"]["area_id"].to_list(),
        situation["places"]["place_id"].to_list(),
    )
    gains = reopening_gains(situation, depots, areas, "big", 0)
    for row in gains.iter_rows(named=True):
        opened = situation.replace(
            road_status=situation["road_status"].filter(pl.col("segment_id") != row["segments"])
        )
        before, after = (hours(s, depots, areas) for s in (situation, opened))
        both = np.isfinite(before)
        assert row["hours_saved"] == pytest.approx((before[both] - after[both]).sum(), abs=1e-2)
        assert row["pairs_reached"] == (np.isfinite(after) & ~both).sum()


def hours(situation: Situation, depots: list[str], areas: list[str]) -> np.ndarray:
    """Return driving hours of the first day."""
    from aidline.network.access import travel_times
    from aidline.situation.defaults import Ledger

    return travel_times(situation, depots, areas, ["big"], Ledger()).hours[0, 0].astype(float)


def test_without_roads_there_is_nothing_to_reopen():
    """The question makes no sense, and says so."""
    with pytest.raises(UsageError, match="no roads"):
        reopening_gains(Situation.of(Settings(), {}), ["D"], ["A"], "T", 0)
