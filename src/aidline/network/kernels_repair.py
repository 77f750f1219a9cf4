"""Kernels: shortest times from many sources, and their repair after some weights changed.

From one day to the next few roads change. Instead of routing anew, the times are repaired as
Ramalingam and Reps (1996) do: find the nodes whose every shortest way used an arc that became
slower, give them the best time that their unaffected neighbours offer, and let Dijkstra's
algorithm run on from there and from the arcs that became quicker. The result is exact.

Arcs are sorted by tail (`first_out`); `in_first`, `in_arc` list the arcs into each node. A heap
holds time × 2³² + node in one number. Times are int32 milliseconds, `INF` = no way.
"""

from __future__ import annotations

import numpy as np
from numba import njit

INF = 2**31 - 1


@njit(cache=True, nogil=True)
def _push(heap: np.ndarray, size: int, key: np.int64) -> int:
    heap[size] = key
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= key:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = key
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heap: np.ndarray, size: int) -> np.int64:
    """Take the least key off the heap, which has `size` - 1 keys afterwards."""
    least: np.int64 = heap[0]
    size -= 1
    key = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= key:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key
    return least


@njit(cache=True, nogil=True)
def _run(
    first_out: np.ndarray,
    head: np.ndarray,
    weight: np.ndarray,
    times: np.ndarray,
    heap: np.ndarray,
    size: int,
) -> None:
    """Dijkstra's algorithm from what is on the heap."""
    while size > 0:
        key = _pop(heap, size)
        size -= 1
        node = key & 0xFFFFFFFF
        reached = key >> 32
        if reached > times[node]:
            continue
        for arc in range(first_out[node], first_out[node + 1]):
            if weight[arc] == INF:
                continue
            later = reached + weight[arc]
            if later < times[head[arc]]:
                times[head[arc]] = later
                size = _push(heap, size, (later << 32) | np.int64(head[arc]))


@njit(cache=True, nogil=True)
def route(
    first_out: np.ndarray,
    head: np.ndarray,
    weight: np.ndarray,
    sources: np.ndarray,
    times: np.ndarray,
) -> None:
    """Fill the times [sources, nodes] from scratch."""
    heap = np.empty(len(head) + 2, np.int64)
    for s in range(len(sources)):
        times[s, :] = INF
        times[s, sources[s]] = 0
        heap[0] = np.int64(sources[s])
        _run(first_out, head, weight, times[s], heap, 1)


@njit(cache=True, nogil=True)
def repair(
    first_out: np.ndarray,
    tail: np.ndarray,
    head: np.ndarray,
    in_first: np.ndarray,
    in_arc: np.ndarray,
    old: np.ndarray,
    new: np.ndarray,
    changed: np.ndarray,
    times: np.ndarray,
) -> None:
    """Bring times [sources, nodes] for the weights `old` up to the weights `new`, in place.

    Parameters
    ----------
    changed
        The arcs whose weight changed.
    """
    heap = np.empty(2 * len(head) + len(changed) + 2, np.int64)
    lost = np.zeros(times.shape[1], np.bool_)
    trail = np.empty(times.shape[1], np.int64)
    for s in range(times.shape[0]):
        row = times[s]
        size = 0
        for arc in changed:
            a, b = tail[arc], head[arc]
            if new[arc] > old[arc] and row[a] != INF and np.int64(row[a]) + old[arc] == row[b]:
                size = _push(heap, size, (np.int64(row[b]) << 32) | np.int64(b))
        found = 0
        while size > 0:  # in the order of time: who is nearer is settled before
            node = _pop(heap, size) & 0xFFFFFFFF
            size -= 1
            if lost[node]:
                continue
            kept = False
            for k in range(in_first[node], in_first[node + 1]):
                arc = in_arc[k]
                a = tail[arc]
                if lost[a] or new[arc] == INF or row[a] == INF:
                    continue
                if np.int64(row[a]) + new[arc] <= row[node]:
                    kept = True
                    break
            if kept:
                continue
            lost[node] = True
            trail[found] = node
            found += 1
            for arc in range(first_out[node], first_out[node + 1]):
                b = head[arc]
                if old[arc] != INF and np.int64(row[node]) + old[arc] == row[b] and not lost[b]:
                    size = _push(heap, size, (np.int64(row[b]) << 32) | np.int64(b))
        for f in range(found):
            node = trail[f]
            best = np.int64(INF)
            for k in range(in_first[node], in_first[node + 1]):
                arc = in_arc[k]
                a = tail[arc]
                if not lost[a] and new[arc] != INF and row[a] != INF:
                    best = min(best, np.int64(row[a]) + new[arc])
            row[node] = best
            if best < INF:
                size = _push(heap, size, (best << 32) | np.int64(node))
        for f in range(found):
            lost[trail[f]] = False
        for arc in changed:
            a, b = tail[arc], head[arc]
            if new[arc] < old[arc] and row[a] != INF and np.int64(row[a]) + new[arc] < row[b]:
                row[b] = np.int64(row[a]) + new[arc]
                size = _push(heap, size, (np.int64(row[b]) << 32) | np.int64(b))
        _run(first_out, head, new, row, heap, size)
