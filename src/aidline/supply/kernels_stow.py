"""Compiled kernels: which goods go onto which trucks, so that weight and volume both fit.

Trucks of several classes may share one movement. Dense goods and bulky goods together fill a
truck better than either alone, and each class wants a mix of its own density. The goods of a
movement stand in order of density; each class takes the stretch of them whose weight and volume
both fit it best, the class with most room per tonne first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints

LEFT = 1e-9  # so small a share left over counts as nothing
HALVINGS = 40


@nb.njit(cache=True, nogil=True)
def _volume_of(start: float, span: float, length: Floats, volume: Floats) -> float:
    """Return the volume of the goods between `start` and `start + span` of the stretch."""
    total, at, end = 0.0, 0.0, start + span
    for e in range(len(length)):
        low, high = max(at, start), min(at + length[e], end)
        if high > low:
            total += volume[e] * (high - low) / length[e]
        at += length[e]
        if at >= end:
            break
    return total


@nb.njit(cache=True, nogil=True)
def _span_of(room_m3: float, length: Floats, volume: Floats) -> float:
    """Return how far the densest goods reach until their volume fills the room."""
    total, at = 0.0, 0.0
    for e in range(len(length)):
        if total + volume[e] > room_m3:
            return at + length[e] * (room_m3 - total) / max(volume[e], 1e-300)
        total += volume[e]
        at += length[e]
    return at


@nb.njit(cache=True, nogil=True)
def _window(room_t: float, room_m3: float, length: Floats, volume: Floats) -> tuple[float, float]:
    """Return start and span of the stretch of goods that fills a class best."""
    total = length.sum()
    span = min(room_t, total)
    if _volume_of(0.0, span, length, volume) > room_m3:
        return 0.0, min(span, _span_of(room_m3, length, volume))
    low, high = 0.0, total - span
    if _volume_of(high, span, length, volume) <= room_m3:
        return high, span
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _volume_of(middle, span, length, volume) <= room_m3:
            low = middle
        else:
            high = middle
    return low, span


@nb.njit(cache=True, nogil=True)
def _only_class(room_t: Floats, room_m3: Floats) -> int:
    """Return the class that has room where it is the only one, else −1."""
    alone = -1
    for k in range(len(room_t)):
        if room_t[k] > 0.0 and room_m3[k] > 0.0:
            if alone >= 0:
                return -1
            alone = k
    return alone


@nb.njit(cache=True, nogil=True)
def stow_movement(
    weight: Floats, volume: Floats, room_t: Floats, room_m3: Floats, share: Floats
) -> float:
    """Stow the goods of one movement.

    Parameters
    ----------
    weight, volume
        [good] tonnes and m³, the densest first.
    room_t, room_m3
        [class] what its trucks hold, the class with most m³ per tonne first.
    share
        [class, good] written: which share of each good goes onto which class.

    Returns
    -------
    float
        The largest share of a good that found no room.
    """
    n = len(weight)
    share[:] = 0.0
    alone = _only_class(room_t, room_m3)
    if alone >= 0 and weight.sum() <= room_t[alone] and volume.sum() <= room_m3[alone]:
        share[alone, :] = 1.0
        return 0.0
    rest = np.ones(n)
    for e in range(n):
        if weight[e] <= 0.0 and volume[e] <= 0.0:
            rest[e] = 0.0
    length, bulk = np.empty(n), np.empty(n)
    for k in range(len(room_t)):
        if room_t[k] <= 0.0 or room_m3[k] <= 0.0:
            continue
        for e in range(n):
            # Goods almost without weight get a little, so that they have a place in the row.
            length[e] = rest[e] * (weight[e] + 1e-9 * volume[e])
            bulk[e] = rest[e] * volume[e]
        start, span = _window(room_t[k], room_m3[k], length, bulk)
        at = 0.0
        for e in range(n):
            low, high = max(at, start), min(at + length[e], start + span)
            at += length[e]
            if high > low:
                taken = rest[e] * min(1.0, (high - low) / length[e])
                share[k, e] = taken
                rest[e] = max(0.0, rest[e] - taken)
    left = 0.0
    for e in range(n):
        if rest[e] <= LEFT:
            rest[e] = 0.0
        left = max(left, rest[e])
    return left


@nb.njit(cache=True, nogil=True)
def _goods_of(
    first: int, last: int, item: Ints, units: Floats, unit_t: Floats, unit_m3: Floats
) -> tuple[Floats, Floats]:
    """Return weight and volume of the goods `first` to `last`."""
    weight, volume = np.empty(last - first), np.empty(last - first)
    for e in range(first, last):
        weight[e - first] = units[e] * unit_t[item[e]]
        volume[e - first] = units[e] * unit_m3[item[e]]
    return weight, volume


@nb.njit(cache=True, nogil=True)
def cover_loads(
    ptr: Ints, item: Ints, units: Floats, unit_t: Floats, unit_m3: Floats, trip_ptr: Ints,
    bulky_first: Ints, payload: Floats, capacity: Floats, trips: Floats,
) -> None:  # fmt: skip
    """Scale the trips of each movement so that they just carry its goods.

    Parameters
    ----------
    ptr, item, units
        Goods by movement, the densest first.
    unit_t, unit_m3
        Per item.
    trip_ptr, bulky_first
        Trips of each movement; the same in the order of m³ per tonne of their class.
    payload, capacity
        Per trip: t and m³.
    trips
        Changed in place; those of movements without goods become 0.
    """
    for m in range(len(ptr) - 1):
        slots = bulky_first[trip_ptr[m] : trip_ptr[m + 1]]
        if ptr[m] == ptr[m + 1]:
            trips[slots] = 0.0
            continue
        weight, volume = _goods_of(ptr[m], ptr[m + 1], item, units, unit_t, unit_m3)
        room_t, room_m3 = payload[slots] * trips[slots], capacity[slots] * trips[slots]
        if room_t.sum() <= 0.0:
            continue
        low = max(weight.sum() / room_t.sum(), volume.sum() / room_m3.sum())
        if _only_class(room_t, room_m3) >= 0:
            trips[slots] *= low * (1.0 + 1e-9)
            continue
        even = 0.0  # what evenly mixed loads would carry; always enough
        for k in range(len(slots)):
            by_weight = room_t[k] / weight.sum() if weight.sum() > 0.0 else 1e18
            by_volume = room_m3[k] / volume.sum() if volume.sum() > 0.0 else 1e18
            even += min(by_weight, by_volume)
        share = np.empty((len(slots), len(weight)))
        scale = low * (1.0 + 1e-9)
        if stow_movement(weight, volume, room_t * scale, room_m3 * scale, share) > 0.0:
            high = max(low, 1.0 / even) * (1.0 + 1e-6)
            for _ in range(12):
                scale = 0.5 * (low + high)
                if stow_movement(weight, volume, room_t * scale, room_m3 * scale, share) > 0.0:
                    low = scale
                else:
                    high = scale
            scale = high
        trips[slots] *= scale


@nb.njit(cache=True, nogil=True)
def _leave_behind(
    weight: Floats, volume: Floats, room_t: Floats, room_m3: Floats, worth: Floats, share: Floats
) -> Floats:
    """Leave the goods worth least behind, so that the others fit; returns what share is taken.

    `share` is written for what is taken.
    """
    n = len(weight)
    load = weight / max(room_t.sum(), 1e-300) + volume / max(room_m3.sum(), 1e-300)
    order = np.argsort(worth, kind="mergesort")
    taken = np.ones(n)
    alone = _only_class(room_t, room_m3)
    low, high = 0.0, load.sum()
    for _ in range(16):
        cut = 0.5 * (low + high)
        left = cut
        for e in order:
            taken[e] = 1.0 - min(1.0, left / max(load[e], 1e-300))
            left -= load[e] * (1.0 - taken[e])
        if alone >= 0:
            by_weight, by_volume = 0.0, 0.0
            for e in range(n):
                by_weight += weight[e] * taken[e]
                by_volume += volume[e] * taken[e]
            fits = by_weight <= room_t[alone] and by_volume <= room_m3[alone]
        else:
            fits = stow_movement(weight * taken, volume * taken, room_t, room_m3, share) <= 0.0
        if fits:
            high = cut
        else:
            low = cut
    left = high
    for e in order:
        taken[e] = 1.0 - min(1.0, left / max(load[e], 1e-300))
        left -= load[e] * (1.0 - taken[e])
    stow_movement(weight * taken, volume * taken, room_t, room_m3, share)
    return taken


@nb.njit(cache=True, nogil=True)
def stow(
    ptr: Ints, item: Ints, units: Floats, unit_t: Floats, unit_m3: Floats, trip_ptr: Ints,
    bulky_first: Ints, payload: Floats, capacity: Floats, trips: Floats, worth: Floats,
    carried: Floats, slot: Ints, good: Ints, loaded: Floats,
) -> int:  # fmt: skip
    """Stow goods on the given trips; where not all fit, those worth least stay behind.

    Parameters
    ----------
    ptr, item, units, unit_t, unit_m3, trip_ptr, bulky_first, payload, capacity
        As in `cover_loads`.
    trips
        Number of trips.
    worth
        [good] what a truckload of it is worth, to rank them.
    carried
        [good] written: share that found room.
    slot, good, loaded
        Written: which trip takes how many units of which good.

    Returns
    -------
    int
        How many entries of the last three were written.
    """
    n = 0
    for m in range(len(ptr) - 1):
        if ptr[m] == ptr[m + 1]:
            continue
        slots = bulky_first[trip_ptr[m] : trip_ptr[m + 1]]
        weight, volume = _goods_of(ptr[m], ptr[m + 1], item, units, unit_t, unit_m3)
        share = np.empty((len(slots), len(weight)))
        room_t, room_m3 = payload[slots] * trips[slots], capacity[slots] * trips[slots]
        taken = np.ones(len(weight))
        if stow_movement(weight, volume, room_t, room_m3, share) > 0.0:
            mine = worth[ptr[m] : ptr[m + 1]]
            taken = _leave_behind(weight, volume, room_t, room_m3, mine, share)
        for e in range(len(weight)):
            total = 0.0
            for k in range(len(slots)):
                total += share[k, e]
            # What rounding leaves over is shared out: the verifier allows for rounding too.
            factor = taken[e] / total if total >= 1.0 - LEFT else taken[e]
            carried[ptr[m] + e] = min(1.0, total * factor)
            for k in range(len(slots)):
                if share[k, e] > 0.0:
                    slot[n], good[n] = slots[k], ptr[m] + e
                    loaded[n] = share[k, e] * factor * units[ptr[m] + e]
                    n += 1
    return n
