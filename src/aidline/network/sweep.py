"""Times from the same sources over many states of the roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aidline.network.roads import Roads

UP_TO_NODES = 100_000
"""Beyond this Dijkstra's algorithm is slower than the hierarchy, repair or not."""


class Sweep:
    """Times from fixed sources to all nodes, brought from one state of the roads to the next.

    The first state is routed by Dijkstra's algorithm; each later one is repaired from the one
    before (`aidline.network.kernels_repair`), which pays as long as few roads change at a time.

    Parameters
    ----------
    roads
        The graph.
    sources
        Nodes.
    """

    def __init__(self, roads: Roads, sources: np.ndarray) -> None:
        self._tail, self._head = roads.tail, roads.head
        self._first_out = roads.first_out.astype(np.int64)
        self._in_arc = np.argsort(roads.head, kind="stable")
        into = roads.head[self._in_arc]
        self._in_first = np.searchsorted(into, np.arange(roads.node_count + 1))
        self._sources = sources.astype(np.int64)
        self._times = np.empty((len(sources), roads.node_count), np.int32)
        self._weights: np.ndarray | None = None

    def times(self, weights_ms: np.ndarray) -> np.ndarray:
        """Return the times [sources, nodes] in ms for these weights.

        The array is the same one each time: copy what is to be kept.
        """
        from aidline.network.kernels_repair import repair, route

        if self._weights is None:
            route(self._first_out, self._head, weights_ms, self._sources, self._times)
        else:
            changed = np.flatnonzero(weights_ms != self._weights)
            repair(
                self._first_out, self._tail, self._head, self._in_first, self._in_arc,
                self._weights, weights_ms, changed, self._times,
            )  # fmt: skip
        self._weights = weights_ms
        return self._times


def pays(roads: Roads, sources: int, states: int) -> bool:
    """Say whether a sweep is quicker than the router, the time to load its kernels included."""
    work = states * sources * roads.node_count
    return work > 3_000_000 and roads.node_count <= UP_TO_NODES
