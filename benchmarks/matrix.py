"""Travel times from 500 places to 5,000 areas on 1.5 million nodes, after damage.

The network is made up: towns of heavy-tailed size and country between them; a third of the
nodes form a mesh of two links per node, the rest hangs on it as branches, which makes about
1.4 links per node as in real networks; three speeds, one link in 200 closed. The order of the
nodes is worked out once and stored under the digest of the graph; what is timed is the day's
work: new weights and the matrix. SciPy's Dijkstra does the same on the same weights.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from aidline.network import stored_order
from aidline.network.damage import INF_MS
from aidline.network.routing import CchRouter, ScipyRouter

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = {"S": (3_000, 20, 200), "M": (90_000, 100, 1_000), "L": (1_500_000, 500, 5_000)}
MESH_SHARE, MESH_LINKS = 1 / 3, 1.5
CLOSED = 0.005  # share of links; more would leave little of the country to route in
TARGET_S, TARGET_RATIO = 15.0, 15.0
OTHER_SOURCES = 50  # SciPy's time grows exactly with the sources: the rest is scaled up


class Net(NamedTuple):
    """A road-like network."""

    tail: np.ndarray
    head: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    weights_ms: np.ndarray


def run(sizes: Sequence[str]) -> list[dict[str, Any]]:
    """Run the benchmark.

    Parameters
    ----------
    sizes
        Any of S, M and L (1.5 million nodes); others are left out.
    """
    return [_row(*SIZES[size], main=size == "L") for size in sizes if size in SIZES]


def network(nodes: int, seed: int = 0) -> Net:
    """Return a country: towns of heavy-tailed size, villages between them, roads."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 10, (max(3, nodes // 1000), 2))
    share = rng.pareto(1.1, len(towns)) + 0.2
    town = rng.choice(len(towns), nodes, p=share / share.sum())
    spread = 0.1 * np.sqrt(share / share.max())[town, None]
    xy = towns[town] + rng.normal(0, 1, (nodes, 2)) * spread
    country = rng.random(nodes) < 0.3
    xy[country] = rng.uniform(0, 10, (country.sum(), 2))
    a, b = _links(xy, rng)
    km = np.hypot(*(xy[a] - xy[b]).T) * 111
    kmh = rng.choice([12.0, 25.0, 45.0], len(a), p=[0.3, 0.5, 0.2])
    ms = np.maximum(np.rint(km / kmh * 3.6e6), 1)
    ms[rng.random(len(a)) < CLOSED] = INF_MS
    two = np.concatenate([ms, ms]).astype(np.int32)
    return Net(np.concatenate([a, b]), np.concatenate([b, a]), xy[:, 0], xy[:, 1], two)


def _links(xy: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a mesh on a third of the nodes, and the others on it as branches."""
    mesh = np.flatnonzero(rng.random(len(xy)) < MESH_SHARE)
    main = np.zeros(len(xy), bool)
    main[mesh] = True
    core = mesh[_neighbours(xy[mesh])]
    length = np.hypot(*(xy[core[:, 0]] - xy[core[:, 1]]).T)
    chosen = rng.random(len(core)) < MESH_LINKS / 3  # a triangulation has three links per node
    core = np.concatenate([core[chosen], _tree(core, length, len(xy))])
    near = _neighbours(xy)
    length = np.hypot(*(xy[near[:, 0]] - xy[near[:, 1]]).T)
    length[main[near].all(axis=1)] *= 1e-9  # the mesh is one: branches are shortest trees on it
    branches = _tree(near, length, len(xy))
    links = np.concatenate([core, branches[~main[branches].all(axis=1)]])
    links = np.unique(np.sort(links, axis=1), axis=0)
    return links[:, 0].astype(np.int32), links[:, 1].astype(np.int32)


def _tree(pairs: np.ndarray, length: np.ndarray, nodes: int) -> np.ndarray:
    """Return the pairs of the shortest tree."""
    graph = csr_array((length + 1e-12, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    return np.stack(minimum_spanning_tree(graph).nonzero(), 1)


def _neighbours(xy: np.ndarray) -> np.ndarray:
    """Return the pairs of points that are neighbours in the Delaunay triangulation."""
    corners = Delaunay(xy).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]))
    return np.unique(pairs, axis=0)


def _row(nodes: int, sources: int, targets: int, *, main: bool) -> dict[str, Any]:
    net = network(nodes)
    router, note = _prepared(net, nodes)
    rng = np.random.default_rng(1)
    start, end = (
        rng.choice(nodes, sources, replace=False),
        rng.choice(nodes, targets, replace=False),
    )
    clock, cpu = time.perf_counter(), time.process_time()
    metric = router.weigh(net.weights_ms)
    weighed = time.perf_counter() - clock
    ours = metric.matrix(start, end)
    ours_s, cpu = time.perf_counter() - clock, time.process_time() - cpu
    asked = min(sources, OTHER_SOURCES)
    clock = time.perf_counter()
    other = ScipyRouter(nodes, net.tail, net.head).weigh(net.weights_ms).matrix(start[:asked], end)
    other_s = (time.perf_counter() - clock) * sources / asked
    if not np.array_equal(ours[:asked], other):
        raise AssertionError("the two engines do not agree")
    ratio = other_s / ours_s
    scaled = f", SciPy from {asked} of {sources} sources" if asked < sources else ""
    return {
        "bench": "matrix",
        "size": f"{nodes:,} nodes",
        "what": f"{sources} x {targets} times after damage",
        "ours_s": round(ours_s, 2),
        "other": "scipy dijkstra",
        "other_s": round(other_s, 2),
        "ratio": round(ratio, 1),
        "target": f"<= {TARGET_S:g} s, >= {TARGET_RATIO:g}x" if main else None,
        "met": ours_s <= TARGET_S and ratio >= TARGET_RATIO if main else None,
        "note": f"new weights {weighed:.2f} s, {cpu:.1f} s of one core; {note}{scaled}; "
        f"equal times; {(ours < INF_MS).mean():.0%} of pairs have a way",
    }


def _prepared(net: Net, nodes: int) -> tuple[CchRouter, str]:
    """Return a router; the order of the nodes of a large graph is kept for the next run."""
    stored = stored_order.load(net.tail, net.head, nodes) is not None
    clock = time.perf_counter()
    router = CchRouter(nodes, net.tail, net.head, lon=net.lon, lat=net.lat)
    seconds = time.perf_counter() - clock
    return router, f"{'stored order' if stored else 'order'} and hierarchy {seconds:.0f} s"


if __name__ == "__main__":
    for line in run(sys.argv[1:] or ["S"]):
        print(json.dumps(line))
