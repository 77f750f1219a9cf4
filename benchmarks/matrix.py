"""Travel times from 500 places to 5,000 areas on 1.5 million nodes, after damage.

The network is made up: towns of heavy-tailed size, country between them, planar roads with
1.3 links per node as real ones have, three speeds, one link in 200 closed. The order of the
nodes is worked out once and stored under the digest of the graph; what is timed is the day's
work: new weights and the matrix. SciPy's Dijkstra does the same on the same weights.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from aidline.network.damage import INF_MS
from aidline.network.routing import CchRouter, ScipyRouter

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = {"S": (3_000, 20, 200), "M": (90_000, 100, 1_000), "L": (1_500_000, 500, 5_000)}
LINKS_PER_NODE = 1.3
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
    """Return a country: towns of heavy-tailed size, villages between them, planar roads."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 10, (max(3, nodes // 1000), 2))
    share = rng.pareto(1.1, len(towns)) + 0.2
    town = rng.choice(len(towns), nodes, p=share / share.sum())
    spread = 0.1 * np.sqrt(share / share.max())[town, None]
    xy = towns[town] + rng.normal(0, 1, (nodes, 2)) * spread
    country = rng.random(nodes) < 0.3
    xy[country] = rng.uniform(0, 10, (country.sum(), 2))
    a, b = _planar(xy, rng)
    km = np.hypot(*(xy[a] - xy[b]).T) * 111
    kmh = rng.choice([12.0, 25.0, 45.0], len(a), p=[0.3, 0.5, 0.2])
    ms = np.maximum(np.rint(km / kmh * 3.6e6), 1)
    ms[rng.random(len(a)) < CLOSED] = INF_MS
    two = np.concatenate([ms, ms]).astype(np.int32)
    return Net(np.concatenate([a, b]), np.concatenate([b, a]), xy[:, 0], xy[:, 1], two)


def _planar(xy: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return roads that cross only at nodes: the shortest tree and some of the links near it."""
    corners = Delaunay(xy).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]))
    pairs = np.unique(pairs, axis=0)
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    shape = (len(xy), len(xy))
    tree = minimum_spanning_tree(
        csr_array((length + 1e-12, (pairs[:, 0], pairs[:, 1])), shape=shape)
    )
    in_tree = np.isin(pairs @ [len(xy), 1], np.stack(tree.nonzero(), 1) @ [len(xy), 1])
    others = np.flatnonzero(~in_tree & (length < np.median(length[~in_tree])))
    more = rng.choice(others, int(LINKS_PER_NODE * len(xy)) - in_tree.sum(), replace=False)
    chosen = np.sort(np.concatenate([np.flatnonzero(in_tree), more]))
    return pairs[chosen, 0].astype(np.int32), pairs[chosen, 1].astype(np.int32)


def _row(nodes: int, sources: int, targets: int, *, main: bool) -> dict[str, Any]:
    net = network(nodes)
    router, note = _prepared(net, nodes)
    rng = np.random.default_rng(1)
    start, end = (
        rng.choice(nodes, sources, replace=False),
        rng.choice(nodes, targets, replace=False),
    )
    clock = time.perf_counter()
    metric = router.weigh(net.weights_ms)
    weighed = time.perf_counter() - clock
    ours = metric.matrix(start, end)
    ours_s = time.perf_counter() - clock
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
        "note": f"new weights {weighed:.2f} s; {note}{scaled}; equal times; "
        f"{(ours < INF_MS).mean():.0%} of pairs have a way",
    }


def _prepared(net: Net, nodes: int) -> tuple[CchRouter, str]:
    """Return a router with the stored order of the nodes, which is worked out if need be."""
    graph = hashlib.sha256(net.tail.tobytes() + net.head.tobytes()).hexdigest()[:16]
    file = Path(tempfile.gettempdir()) / f"aidline-order-{graph}.npy"
    order = np.load(file) if file.is_file() else None
    clock = time.perf_counter()
    router = CchRouter(nodes, net.tail, net.head, lon=net.lon, lat=net.lat, order=order)
    seconds = time.perf_counter() - clock
    if order is None:
        np.save(file, router.order)
    return (
        router,
        f"{'stored order' if order is not None else 'order'} and hierarchy {seconds:.0f} s",
    )


if __name__ == "__main__":
    for line in run(sys.argv[1:] or ["S"]):
        print(json.dumps(line))
