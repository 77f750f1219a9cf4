"""Compiled kernels of siting: what each site would do at given prices, and searches by swaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.model.solve import Floats, Ints

    Flags = npt.NDArray[np.bool_]


@nb.njit(cache=True, nogil=True)
def best_fills(
    price: Floats, cost: Floats, demand: Floats, capacity: Floats, shares: Floats, theta: Floats
) -> Floats:
    """Fill each open site with the clients that pay best: the least Σ (cost - price) · share.

    A fractional knapsack per site: clients in the order of gain per unit of demand. Writes the
    shares and what one more unit of capacity would gain (`theta` ≤ 0).
    """
    sites, clients = cost.shape
    value = np.zeros(sites)
    who = np.empty(clients, np.int64)
    rate = np.empty(clients)
    for i in range(sites):
        n, load = 0, 0.0
        for j in range(clients):
            shares[i, j] = 0.0
            left = cost[i, j] - price[j]
            if left < 0.0:
                who[n] = j
                rate[n] = left / demand[j] if demand[j] > 0.0 else -np.inf
                n += 1
                load += demand[j]
        theta[i] = 0.0
        if load <= capacity[i]:
            for k in range(n):
                j = who[k]
                shares[i, j] = 1.0
                value[i] += cost[i, j] - price[j]
            continue
        room = capacity[i]
        for k in np.argsort(rate[:n], kind="mergesort"):
            j = who[k]
            part = 1.0 if demand[j] <= room else room / demand[j]
            shares[i, j] = part
            value[i] += part * (cost[i, j] - price[j])
            room -= part * demand[j]
            if part < 1.0:
                theta[i] = rate[k]
                break
    return value


@nb.njit(cache=True, nogil=True)
def whole_fills(
    price: Floats,
    cost: Floats,
    demand: Ints,
    capacity: Ints,
    wanted: Flags,
    shares: Floats,
) -> Floats:
    """Fill each site with whole clients: a 0-1 knapsack per site, by dynamic programming.

    Sites with `wanted` False keep a value of 0 and no clients.
    """
    sites, clients = cost.shape
    value = np.zeros(sites)
    most = capacity.max() + 1
    best = np.empty(most)
    took = np.empty((clients, most), np.bool_)
    who = np.empty(clients, np.int64)
    for i in range(sites):
        for j in range(clients):
            shares[i, j] = 0.0
        if not wanted[i]:
            continue
        n, load = 0, 0
        for j in range(clients):
            if cost[i, j] < price[j]:
                who[n] = j
                n += 1
                load += demand[j]
        if load <= capacity[i]:
            for k in range(n):
                shares[i, who[k]] = 1.0
                value[i] += cost[i, who[k]] - price[who[k]]
            continue
        room = capacity[i]
        best[: room + 1] = 0.0
        for k in range(n):
            j = who[k]
            size, gain = demand[j], price[j] - cost[i, j]
            for w in range(room, size - 1, -1):
                better = best[w - size] + gain > best[w]
                took[k, w] = better
                if better:
                    best[w] = best[w - size] + gain
            for w in range(min(size, room + 1)):
                took[k, w] = False
        value[i] = -best[room]
        w = room
        for k in range(n - 1, -1, -1):
            if took[k, w]:
                shares[i, who[k]] = 1.0
                w -= demand[who[k]]
    return value


@nb.njit(cache=True, nogil=True)
def search_uncapacitated(
    cost: Floats, opening: Floats, is_open: Flags, most: int, rounds: int
) -> None:
    """Improve a set of open sites by the best opening, closing or swap, until none helps.

    The best swap is found for all pairs at once from each client's nearest and second-nearest
    open site (Whitaker 1983, "A fast algorithm for the greedy interchange").
    """
    sites, clients = cost.shape
    near = np.empty(clients, np.int64)
    first, second = np.empty(clients), np.empty(clients)
    far = 2.0 * np.abs(cost).max() + 1.0  # stands for a second-nearest site where there is none
    for _ in range(rounds):
        count = 0
        for j in range(clients):
            near[j], first[j], second[j] = -1, far, far
        for i in range(sites):
            if is_open[i]:
                count += 1
                for j in range(clients):
                    c = cost[i, j]
                    if c < first[j]:
                        second[j] = first[j]
                        first[j], near[j] = c, i
                    elif c < second[j]:
                        second[j] = c
        loss = np.zeros(sites)
        for j in range(clients):
            loss[near[j]] += second[j] - first[j]
        change, into, out = -1e-9 * (1.0 + first.sum()), -1, -1
        if count > 1:
            for r in range(sites):
                if is_open[r] and loss[r] - opening[r] < change:
                    change, out = loss[r] - opening[r], r
        extra = np.empty(sites)
        for i in range(sites):
            if is_open[i]:
                continue
            gain = -opening[i]
            extra[:] = 0.0
            for j in range(clients):
                c = cost[i, j]
                if c < first[j]:
                    gain += first[j] - c
                    extra[near[j]] -= second[j] - first[j]
                elif c < second[j]:
                    extra[near[j]] -= second[j] - c
            if count < most and -gain < change:
                change, into, out = -gain, i, -1
            for r in range(sites):
                if is_open[r] and count > 0:
                    total = loss[r] + extra[r] - opening[r] - gain
                    if total < change:
                        change, into, out = total, i, r
        if into < 0 and out < 0:
            return
        if into >= 0:
            is_open[into] = True
        if out >= 0:
            is_open[out] = False


@nb.njit(cache=True, nogil=True)
def place_whole(cost: Floats, demand: Floats, room: Floats, is_open: Flags, where: Ints) -> bool:
    """Give each client to one open site with room: those who would lose most go first.

    Writes the site of each client. False where someone finds no room.
    """
    sites, clients = cost.shape
    regret = np.zeros(clients)
    for j in range(clients):
        first, second = np.inf, np.inf
        for i in range(sites):
            if is_open[i] and room[i] >= demand[j]:
                c = cost[i, j]
                if c < first:
                    first, second = c, first
                elif c < second:
                    second = c
        regret[j] = second - first if second < np.inf else 1e300
    for turn in range(2):
        left = room.copy()
        order = np.argsort(-regret if turn == 0 else -demand, kind="mergesort")
        done = True
        for j in order:
            best = -1
            for i in range(sites):
                if is_open[i] and left[i] >= demand[j] and (best < 0 or cost[i, j] < cost[best, j]):
                    best = i
            where[j] = best
            if best < 0:
                done = False
                break
            left[best] -= demand[j]
        if done:
            return True
    return False


@nb.njit(cache=True, nogil=True)
def improve_whole(
    cost: Floats, demand: Floats, room: Floats, opening: Floats, is_open: Flags, where: Ints,
    most: int,
) -> None:  # fmt: skip
    """Move and swap clients, close and open sites, as long as it costs less."""
    sites, clients = cost.shape
    left = room.copy()
    held = np.zeros(sites, np.int64)
    for j in range(clients):
        left[where[j]] -= demand[j]
        held[where[j]] += 1
    moved, taken = np.empty(clients, np.int64), np.empty(clients)
    better = True
    while better:
        better = False
        for j in range(clients):
            a = where[j]
            for i in range(sites):
                if is_open[i] and left[i] >= demand[j] and cost[i, j] < cost[where[j], j] - 1e-9:
                    a = where[j]
                    left[a] += demand[j]
                    held[a] -= 1
                    left[i] -= demand[j]
                    held[i] += 1
                    where[j] = i
                    better = True
            a = where[j]
            for k in range(j + 1, clients):
                b = where[k]
                if a == b or left[a] + demand[j] < demand[k] or left[b] + demand[k] < demand[j]:
                    continue
                if cost[b, j] + cost[a, k] < cost[a, j] + cost[b, k] - 1e-9:
                    left[a] += demand[j] - demand[k]
                    left[b] += demand[k] - demand[j]
                    where[j], where[k] = b, a
                    a = b
                    better = True
        for r in range(sites):
            if not is_open[r]:
                continue
            if held[r] == 0:
                if opening[r] > 0.0:
                    is_open[r] = False
                    better = True
                continue
            change, ok = -opening[r], True
            taken[:] = 0.0
            for j in range(clients):
                moved[j] = -1
                if where[j] != r:
                    continue
                best = -1
                for i in range(sites):
                    if i == r or not is_open[i] or left[i] < demand[j]:
                        continue
                    if best < 0 or cost[i, j] < cost[best, j]:
                        best = i
                if best < 0:
                    ok = False
                    break
                moved[j] = best
                left[best] -= demand[j]
                change += cost[best, j] - cost[r, j]
            done = ok and change < -1e-9
            for j in range(clients):
                if where[j] == r and moved[j] >= 0:
                    if done:
                        held[moved[j]] += 1
                    else:
                        left[moved[j]] += demand[j]
                if where[j] == r and moved[j] < 0:
                    break
            if done:
                for j in range(clients):
                    if where[j] == r:
                        where[j] = moved[j]
                is_open[r], left[r], held[r] = False, room[r], 0
                better = True
        for i in range(sites):
            if is_open[i] or is_open.sum() >= most:
                continue
            for j in range(clients):
                taken[j] = cost[i, j] - cost[where[j], j]
            gain, space = opening[i], room[i]
            chosen = 0
            for j in np.argsort(taken / np.maximum(demand, 1e-12), kind="mergesort"):
                if taken[j] >= 0.0:
                    break
                if demand[j] <= space:
                    space -= demand[j]
                    gain += taken[j]
                    moved[chosen] = j
                    chosen += 1
            if gain < -1e-9:
                is_open[i] = True
                left[i] = space
                for k in range(chosen):
                    j = moved[k]
                    left[where[j]] += demand[j]
                    held[where[j]] -= 1
                    where[j] = i
                held[i] = chosen
                better = True
