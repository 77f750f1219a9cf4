"""Shortest ways on the road graph, by two engines that must always agree.

`CchRouter` uses a customizable contraction hierarchy (Dibbelt, Strasser, Wagner 2016; C++ by
RoutingKit): an order of the nodes is worked out once for a graph, new weights take a moment,
queries are quick. `ScipyRouter` uses Dijkstra's algorithm from SciPy: no preparation, good for
small graphs, isochrones and nearest places, and the check on the other one.

Weights are milliseconds (int32), `INF_MS` = the arc is shut. Times come back in the same unit,
`INF_MS` = no way; a way that takes as long (25 days) is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from aidline.errors import UsageError
from aidline.network import stored_order
from aidline.network.damage import INF_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import routingkit_cch

    from aidline.network.roads import Roads

CCH_FROM_NODES = 1_000
"""From this size on the hierarchy pays for its preparation."""


_LONGEST_MS = float(INF_MS - 1)


class Metric(Protocol):
    """A graph with weights, ready for queries."""

    def matrix(self, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return times [sources, targets] in ms, int32."""

    def paths(self, sources: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
        """Return the arcs of the shortest way from each source to its target.

        The arrays have the same length; where there is no way the list of arcs is empty.
        """

    def isochrone(self, source: int, limit_ms: float) -> np.ndarray:
        """Return the time to every node, `INF_MS` beyond the limit, [nodes]."""

    def nearest(self, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for every node the quickest source (-1: none reaches it) and the time."""


class Router(Protocol):
    """A graph, prepared for any weights."""

    def weigh(self, weights_ms: np.ndarray) -> Metric:
        """Return the graph with these weights, [arcs]."""


class ScipyRouter:
    """Dijkstra's algorithm on sparse arrays.

    Parameters
    ----------
    node_count
        Nodes of the graph.
    tail, head
        Nodes of each arc.
    """

    def __init__(self, node_count: int, tail: np.ndarray, head: np.ndarray) -> None:
        self.node_count, self.tail, self.head = node_count, tail, head

    def weigh(self, weights_ms: np.ndarray) -> ScipyMetric:
        """Return the graph with these weights."""
        return ScipyMetric(self.node_count, self.tail, self.head, weights_ms)


class ScipyMetric:
    """A weighted graph for SciPy: shut arcs left out, of parallel arcs the quickest kept."""

    def __init__(
        self, node_count: int, tail: np.ndarray, head: np.ndarray, weights_ms: np.ndarray
    ) -> None:
        open_arcs = np.flatnonzero(weights_ms < INF_MS)
        pair = tail[open_arcs].astype(np.int64) * node_count + head[open_arcs]
        order = np.lexsort((open_arcs, weights_ms[open_arcs], pair))
        # SciPy adds parallel arcs up: only the quickest may go in
        keep = order[np.unique(pair[order], return_index=True)[1]]
        self._pair, self._arc = pair[keep], open_arcs[keep]
        self._node_count = node_count
        self.graph = csr_array(
            (
                weights_ms[self._arc].astype(np.float64),
                (tail[self._arc].astype(np.int32), head[self._arc].astype(np.int32)),
            ),
            shape=(node_count, node_count),
        )

    def matrix(self, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return times [sources, targets] in ms, int32."""
        out = np.empty((len(sources), len(targets)), np.int32)
        rows = max(1, 50_000_000 // max(self._node_count, 1))  # 400 MB of times at once
        for at in range(0, len(sources), rows):
            some = sources[at : at + rows]
            out[at : at + rows] = _ms(dijkstra(self.graph, indices=some, limit=_LONGEST_MS))[
                :, targets
            ]
        return out

    def paths(self, sources: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
        """Return the arcs of the shortest way from each source to its target."""
        found: list[np.ndarray] = [np.zeros(0, np.int64)] * len(sources)
        for source in np.unique(sources).tolist():
            _, before = dijkstra(
                self.graph, indices=source, return_predecessors=True, limit=_LONGEST_MS
            )
            for i in np.flatnonzero(sources == source).tolist():
                found[i] = self._walk(before, int(targets[i]))
        return found

    def isochrone(self, source: int, limit_ms: float) -> np.ndarray:
        """Return the time to every node, `INF_MS` beyond the limit, [nodes]."""
        return _ms(dijkstra(self.graph, indices=source, limit=min(float(limit_ms), _LONGEST_MS)))

    def nearest(self, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for every node the quickest source (-1: none reaches it) and the time."""
        times, _, source = dijkstra(
            self.graph,
            indices=np.unique(sources),
            min_only=True,
            return_predecessors=True,
            limit=_LONGEST_MS,
        )
        return np.where(np.isfinite(times), source, -1), _ms(times)

    def _walk(self, before: np.ndarray, node: int) -> np.ndarray:
        pairs = []
        while before[node] >= 0:
            pairs.append(int(before[node]) * self._node_count + node)
            node = int(before[node])
        return self._arc[np.searchsorted(self._pair, np.array(pairs[::-1], np.int64))]


class CchRouter:
    """A customizable contraction hierarchy.

    Parameters
    ----------
    node_count
        Nodes of the graph.
    tail, head
        Nodes of each arc.
    lon, lat
        Nodes in degrees; the order is worked out from them.
    order
        Order of the nodes from an earlier run on the same graph; None = the stored one, else
        it is worked out, and stored for the next run where the graph is large.

    Attributes
    ----------
    order
        Order of the nodes.
    """

    def __init__(
        self,
        node_count: int,
        tail: np.ndarray,
        head: np.ndarray,
        *,
        lon: np.ndarray,
        lat: np.ndarray,
        order: Sequence[int] | np.ndarray | None = None,
    ) -> None:
        import routingkit_cch

        if order is None:
            order = stored_order.load(tail, head, node_count)
        if order is None:
            order = routingkit_cch.compute_order_inertial(
                node_count, tail.tolist(), head.tolist(), lat.tolist(), lon.tolist()
            )
            stored_order.save(tail, head, np.asarray(order, np.uint32))
        if len(order) != node_count:
            raise UsageError(f"the order has {len(order)} nodes, the graph {node_count}")
        self.order = np.asarray(order, np.uint32)
        self._plain = ScipyRouter(node_count, tail, head)
        self._hierarchy = routingkit_cch.CCH(
            self.order.tolist(), tail.tolist(), head.tolist(), False
        )

    def weigh(self, weights_ms: np.ndarray) -> CchMetric:
        """Return the graph with these weights."""
        return CchMetric(self._hierarchy, weights_ms, self._plain)


class CchMetric:
    """A weighted hierarchy; questions about all nodes at once go to Dijkstra's algorithm."""

    def __init__(
        self, hierarchy: routingkit_cch.CCH, weights_ms: np.ndarray, plain: ScipyRouter
    ) -> None:
        import routingkit_cch

        self._plain, self._weights_ms = plain, weights_ms
        self._metric = routingkit_cch.CCHMetric(hierarchy, weights_ms.tolist())

    def matrix(self, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return times [sources, targets] in ms, int32."""
        import routingkit_cch

        out = np.empty((len(sources), len(targets)), np.int32)
        if len(sources) == 0 or len(targets) == 0:
            return out
        if len(sources) > len(targets):
            to = routingkit_cch.CCHManyToOne(self._metric, sources.tolist())
            for i, target in enumerate(targets.tolist()):
                out[:, i] = _from_list(to.distances_to(target))
            return out
        pinned = routingkit_cch.CCHOneToMany(self._metric, targets.tolist())
        for i, source in enumerate(sources.tolist()):
            out[i] = _from_list(pinned.distances_from(source))
        return out

    def paths(self, sources: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
        """Return the arcs of the shortest way from each source to its target."""
        import routingkit_cch

        query = routingkit_cch.CCHQuery(self._metric)
        found = []
        for source, target in zip(sources.tolist(), targets.tolist(), strict=True):
            result = query.run(source, target)
            reached = result.distance is not None
            found.append(np.array(result.arc_path if reached else [], np.int64))
            del result  # a result that lives on makes the next query fail
        return found

    def isochrone(self, source: int, limit_ms: float) -> np.ndarray:
        """Return the time to every node, `INF_MS` beyond the limit, [nodes]."""
        return self._plain.weigh(self._weights_ms).isochrone(source, limit_ms)

    def nearest(self, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for every node the quickest source (-1: none reaches it) and the time."""
        return self._plain.weigh(self._weights_ms).nearest(sources)


def router_for(roads: Roads, engine: str = "auto", order: np.ndarray | None = None) -> Router:
    """Return a router for a road graph.

    Parameters
    ----------
    roads
        The graph.
    engine
        "cch", "scipy", or "auto" = by size.
    order
        Stored order of the nodes for "cch".
    """
    if engine == "auto":
        engine = "cch" if roads.node_count >= CCH_FROM_NODES else "scipy"
    if engine == "scipy":
        return ScipyRouter(roads.node_count, roads.tail, roads.head)
    if engine == "cch":
        pieces = roads.pieces
        return CchRouter(
            roads.node_count,
            roads.tail,
            roads.head,
            lon=pieces.node_lon,
            lat=pieces.node_lat,
            order=order,
        )
    raise UsageError(f"no such routing engine: {engine!r} (auto, cch, scipy)")


def _from_list(times: list[int | None]) -> np.ndarray:
    found = np.array(times, np.float64)  # None = no way becomes not-a-number
    return np.where(np.isnan(found), INF_MS, found)


def _ms(times: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(times), times, INF_MS).astype(np.int32)
