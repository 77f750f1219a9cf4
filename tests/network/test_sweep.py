"""Times over many states: repairing equals routing anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from road_worlds import grid_world

from aidline.network import access, sweep
from aidline.network.damage import INF_MS
from aidline.network.network import network_of
from aidline.network.routing import ScipyRouter
from aidline.network.sweep import Sweep, pays
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    import pytest

WORLD = grid_world(7, 5, 3, days=2)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_repaired_times_equal_routing_anew(seed: int):
    """Random closures, openings, slower and quicker arcs, one state after another."""
    network = network_of(WORLD)
    assert network is not None
    roads, rng = network.roads, np.random.default_rng(seed)
    sources = rng.choice(roads.node_count, 4, replace=False)
    swept, router = Sweep(roads, sources), ScipyRouter(roads.node_count, roads.tail, roads.head)
    weights = rng.integers(1, 50, roads.arc_count).astype(np.int32)  # small: many equal ways
    for _ in range(5):
        weights = weights.copy()
        some = rng.random(roads.arc_count) < rng.choice([0.02, 0.2])
        weights[some] = rng.choice(
            np.array([1, 7, 60, INF_MS], np.int32), some.sum(), p=[0.2, 0.2, 0.2, 0.4]
        )
        anew = router.weigh(weights).matrix(sources, np.arange(roads.node_count))
        assert np.array_equal(swept.times(weights), anew)


def test_a_sweep_gives_the_travel_times_of_the_router(monkeypatch: pytest.MonkeyPatch):
    """Whether a world is swept or routed state by state, the answer is the same."""
    situation = grid_world(8, 12, 5, days=6, seed=4)
    ids = situation["places"]["place_id"].to_list(), situation["areas"]["area_id"].to_list()
    found = []
    for swept in (True, False):
        monkeypatch.setattr(access, "pays", lambda *_, swept=swept: swept)
        found.append(access.travel_times(situation, *ids, ["big", "bus"], Ledger()))
    assert np.array_equal(found[0].hours, found[1].hours)
    assert np.array_equal(found[0].km, found[1].km)
    assert len(found[0].hours) == 6


def test_a_sweep_pays_for_many_states_of_a_network_of_usual_size(monkeypatch: pytest.MonkeyPatch):
    """Not for a village on one day, not for a country with all its streets."""
    network = network_of(WORLD)
    assert network is not None
    assert not pays(network.roads, 3, 2)
    assert pays(network.roads, 3_000, 100)
    monkeypatch.setattr(sweep, "UP_TO_NODES", 10)
    assert not pays(network.roads, 3_000, 100)
