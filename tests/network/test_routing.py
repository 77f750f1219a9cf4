"""Two routing engines that must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aidline.errors import UsageError
from aidline.network import stored_order
from aidline.network.damage import INF_MS
from aidline.network.routing import CchRouter, ScipyRouter

if TYPE_CHECKING:
    from pathlib import Path


def random_graph(seed: int, nodes: int = 30) -> tuple[np.ndarray, ...]:
    """Return tail, head, weights of a random graph with parallel arcs, one-ways and closures."""
    rng = np.random.default_rng(seed)
    arcs = int(rng.integers(nodes, 4 * nodes))
    tail, head = rng.integers(0, nodes, (2, arcs))
    tail, head = np.concatenate([tail, tail[:9]]), np.concatenate([head, head[:9]])  # parallel arcs
    weights = rng.integers(1, 1_000_000, len(tail)).astype(np.int32)
    weights[rng.random(len(tail)) < 0.3] = INF_MS
    apart = tail != head
    return tail[apart].astype(np.int32), head[apart].astype(np.int32), weights[apart]


def both(tail: np.ndarray, head: np.ndarray, nodes: int = 30) -> list[CchRouter | ScipyRouter]:
    """Return both engines for a graph, nodes placed on a circle."""
    angle = np.linspace(0, 6, nodes)
    cch = CchRouter(nodes, tail, head, lon=np.cos(angle), lat=np.sin(angle))
    return [cch, ScipyRouter(nodes, tail, head)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_both_engines_give_the_same_times_on_random_damage(seed: int):
    """Same matrix, unreachable pairs, one-way and parallel arcs included; either shape."""
    tail, head, weights = random_graph(seed)
    some, all_nodes = np.array([3, 0, 7]), np.arange(30)
    cch, scipy = (r.weigh(weights) for r in both(tail, head))
    assert np.array_equal(cch.matrix(some, all_nodes), scipy.matrix(some, all_nodes))
    assert np.array_equal(cch.matrix(all_nodes, some), scipy.matrix(all_nodes, some))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32))
def test_paths_are_ways_and_take_the_time_of_the_matrix(seed: int):
    """The arcs of a path hang together, none is shut, and their weights add up to the time."""
    tail, head, weights = random_graph(seed)
    source, target = np.repeat(np.arange(6), 30), np.tile(np.arange(30), 6)
    for router in both(tail, head):
        metric = router.weigh(weights)
        times = metric.matrix(np.arange(6), np.arange(30)).ravel()
        for s, t, ms, arcs in zip(source, target, times, metric.paths(source, target), strict=True):
            if s == t or ms == INF_MS:
                assert len(arcs) == 0
                continue
            assert tail[arcs[0]] == s
            assert head[arcs[-1]] == t
            assert np.array_equal(head[arcs[:-1]], tail[arcs[1:]])
            assert weights[arcs].astype(np.int64).sum() == ms


@pytest.mark.parametrize("ms", [600_000_000, 1_500_000_000, INF_MS - 1])
def test_a_way_longer_than_can_be_counted_is_no_way(ms: int):
    """Very slow roads in a row: both engines give up at the same node, none counts below zero."""
    tail = np.arange(5, dtype=np.int32)
    nodes, start = np.arange(6), np.zeros(6, np.int64)
    times = np.minimum(nodes * ms, INF_MS)
    for router in both(tail, tail + 1, 6):
        metric = router.weigh(np.full(5, ms, np.int32))
        assert metric.matrix(np.array([0]), nodes)[0].tolist() == times.tolist()
        assert metric.isochrone(0, np.inf).tolist() == times.tolist()
        assert metric.nearest(np.array([0]))[1].tolist() == times.tolist()
        arcs = [len(way) for way in metric.paths(start, nodes)]
        assert arcs == [k if time < INF_MS else 0 for k, time in enumerate(times)]


def test_of_parallel_arcs_the_quicker_one_counts():
    """Two roads between the same towns: their times are not added up."""
    tail, head = np.array([0, 0, 1], np.int32), np.array([1, 1, 2], np.int32)
    for router in both(tail, head, 3):
        metric = router.weigh(np.array([500, 200, 1], np.int32))
        assert metric.matrix(np.array([0]), np.array([2])).tolist() == [[201]]
        assert metric.paths(np.array([0]), np.array([2]))[0].tolist() == [1, 2]


def test_one_way_means_one_way():
    """There is a way there and none back."""
    tail, head = np.array([0], np.int32), np.array([1], np.int32)
    for router in both(tail, head, 2):
        times = router.weigh(np.array([7], np.int32)).matrix(np.arange(2), np.arange(2))
        assert times.tolist() == [[0, 7], [INF_MS, 0]]


def test_new_weights_on_the_same_router_forget_the_old_ones():
    """Closing and reopening a road gives the first answer again."""
    tail, head = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    for router in both(tail, head, 3):
        ends = np.array([0]), np.array([2])
        for weights, ms in (([5, 5], 10), ([5, INF_MS], INF_MS), ([5, 5], 10)):
            assert router.weigh(np.array(weights, np.int32)).matrix(*ends)[0, 0] == ms


def test_a_stored_order_gives_the_same_answers():
    """The order of one run serves the next; one of another graph is refused."""
    tail, head, weights = random_graph(1)
    first = both(tail, head)[0]
    assert isinstance(first, CchRouter)
    again = CchRouter(30, tail, head, lon=np.zeros(30), lat=np.zeros(30), order=first.order)
    nodes = np.arange(30)
    assert np.array_equal(
        again.weigh(weights).matrix(nodes, nodes), first.weigh(weights).matrix(nodes, nodes)
    )
    with pytest.raises(UsageError, match="order"):
        CchRouter(30, tail, head, lon=np.zeros(30), lat=np.zeros(30), order=first.order[:-1])


def test_isochrone_and_nearest():
    """Within 12 ms of node 0 lie three nodes; every node belongs to its quickest source."""
    tail = np.array([0, 1, 2, 3, 4], np.int32)
    head = np.array([1, 2, 3, 4, 5], np.int32)
    for router in both(tail, head, 7):
        metric = router.weigh(np.full(5, 6, np.int32))
        assert metric.isochrone(0, 12).tolist() == [0, 6, 12] + [INF_MS] * 4
        source, ms = metric.nearest(np.array([0, 3]))
        assert source.tolist() == [0, 0, 0, 3, 3, 3, -1]
        assert ms.tolist() == [0, 6, 12, 0, 6, 12, INF_MS]


def test_an_order_is_stored_for_its_own_graph_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another graph, or a damaged file, has no stored order; a small graph stores none."""
    monkeypatch.setenv("AIDLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stored_order, "STORE_FROM_NODES", 30)
    tail, head, _ = random_graph(1)
    first = both(tail, head)[0]
    assert isinstance(first, CchRouter)
    assert np.array_equal(stored_order.load(tail, head, 30), first.order)
    assert stored_order.load(head, tail, 30) is None
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert stored_order.load(tail, head, 30) is None
    stored_order.save(tail[:5], head[:5], np.arange(29))
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file stands where the folder should be: no order is stored, nothing fails."""
    (tmp_path / "cache").write_text("in the way")
    monkeypatch.setenv("AIDLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stored_order, "STORE_FROM_NODES", 30)
    tail, head, weights = random_graph(1)
    nodes = np.arange(30)
    cch, scipy = (r.weigh(weights).matrix(nodes, nodes) for r in both(tail, head))
    assert np.array_equal(cch, scipy)
