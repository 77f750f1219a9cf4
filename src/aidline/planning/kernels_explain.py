"""Compiled kernels of explanation: what makes the cheapest way to an unmet need dear.

For every unmet (area, item, day) the cheapest route in time is taken at the prices of the
bound, and its price is split over what stands behind it. The shares are added up per area and
item, weighted by unmet person-days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from aidline.planning.auction.kernels_price import NO_WAY
from aidline.planning.auction.kernels_ways import PART, candidate_room, candidates
from aidline.planning.kernels_split import (
    MOST_PARTS,
    SAME,
    Limits,
    Supply,
    candidate_parts,
    kit_comes,
    supply_of,
)

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats, Ints

Flags = npt.NDArray[np.bool_]
BINDS = 0.05  # a limit binds on days with at least so much of its share on its worst day


class Gaps(NamedTuple):
    """Needs by area, item and day, sorted so, with what is met of them.

    Attributes
    ----------
    area, item, day
        Indices.
    unmet, met
        Person-days.
    share
        Unmet share.
    value, person_days
        Per unit (see `aidline.supply.problem.Demand`).
    fair_row
        Row of fairness, −1 where there is none.
    once
        Is the item needed once?
    """

    area: Ints
    item: Ints
    day: Ints
    unmet: Floats
    met: Floats
    share: Floats
    value: Floats
    person_days: Floats
    fair_row: Ints
    once: Flags


@nb.njit(cache=True, nogil=True)
def _best_candidate(
    net: Net, g: Gaps, c: int, n: int, price: Floats, arrive: Ints, tag: Ints, way: Ints,
    own: Ints, hold: Ints,
) -> int:  # fmt: skip
    """Return the cheapest candidate that would have met a need on its day, −1 = none in time."""
    best, low = -1, NO_WAY
    for m in range(n):
        late = g.day[c] - arrive[m]
        if late < 0 or price[m] > low + SAME * abs(low):
            continue
        if best >= 0 and price[m] >= low - SAME * abs(low) and arrive[m] <= arrive[best]:
            continue
        if not g.once[c] and late > (0 if own[m] else hold[m]):
            continue
        if tag[m] >= PART and not kit_comes(net, g.area[c], way[m], arrive[m]):
            continue
        best, low = m, price[m]
    return best


@nb.njit(cache=True, nogil=True)
def _worth(net: Net, z: Floats, g: Gaps, c: int) -> tuple[float, float]:
    """Return what one more unit met is worth without fairness, and for fairness."""
    level = 0 if g.share[c] <= net.widths[0] else 1 if g.share[c] <= 1.0 - net.widths[2] else 2
    fair = 0.0
    if g.fair_row[c] >= 0:
        fair = g.person_days[c] * z[net.fair_row + g.fair_row[c]]
    return net.marginals[level] * g.value[c], fair


@nb.njit(cache=True, nogil=True)
def _pulls(net: Net, z: Floats, s: Supply, lim: Limits, g: Gaps) -> tuple[Floats, Floats]:
    """Return, per limit, which share of what its users pay is paid for fairness, for promises."""
    room = candidate_room(net)
    price = np.empty(room)
    arrive, tag, way, own, hold = np.empty((5, room), np.int64)
    key, day = np.empty((2, MOST_PARTS), np.int64)
    amount = np.empty(MOST_PARTS)
    fair, kept, all_ = np.zeros(lim.total), np.zeros(lim.total), np.full(lim.total, 1e-300)
    n, area, item = 0, -1, -1
    for c in range(len(g.area)):
        if g.met[c] <= 0.0:
            continue
        if g.area[c] != area or g.item[c] != item:
            area, item = g.area[c], g.item[c]
            n = candidates(net, area, item, z, price, arrive, tag, way, own, hold)
        best = _best_candidate(net, g, c, n, price, arrive, tag, way, own, hold)
        if best < 0:
            continue
        plain, lifted = _worth(net, z, g, c)
        promise = net.promise_of[area, item]
        due = promise >= 0 and arrive[best] <= net.promise_day[promise] and tag[best] < PART
        promised = z[net.promise_row + promise] if due else 0.0
        total = max(plain + lifted + promised, 1e-300)
        parts = candidate_parts(
            net, z, s, lim, area, tag[best], way[best], arrive[best], key, day, amount
        )
        for m in range(parts):
            x = amount[m] * g.met[c]
            all_[key[m]] += x
            fair[key[m]] += x * lifted / total
            kept[key[m]] += x * promised / total
    return fair / all_, kept / all_


@nb.njit(cache=True, nogil=True)
def _add(found: Ints, by_day: Floats, count: int, key: int, day: int, x: float) -> int:
    """Add to a limit of the present gap; returns the number of limits."""
    for m in range(count):
        if found[m] == key:
            by_day[m, day] += x
            return count
    if count < MOST_PARTS:
        found[count] = key
        by_day[count, :] = 0.0
        by_day[count, day] = x
        return count + 1
    return count


@nb.njit(cache=True, nogil=True)
def _no_way(net: Net, lim: Limits, g: Gaps, c: int, n: int, cut: Flags, in_convoy: Flags) -> int:
    """Return the cause where no candidate is in time."""
    area, day = g.area[c], g.day[c]
    if cut[area, : day + 1].any():
        return int(lim.unreachable)
    if n == 0 and net.route_ptr[area] < net.route_ptr[area + 1]:
        return int(lim.absent)
    if in_convoy[area]:
        return int(lim.convoys + area)
    return int(lim.too_late)


@nb.njit(cache=True, nogil=True)
def causes(
    net: Net, z: Floats, lim: Limits, g: Gaps, cut: Flags, in_convoy: Flags, driven: Flags,
    least: float, most: int,
) -> tuple[Ints, Ints, Floats, Ints, Ints, Floats]:  # fmt: skip
    """Return the causes of every gap.

    Parameters
    ----------
    net, z, lim, g
        Problem, prices (fitted), numbering of limits, needs.
    cut
        [area, day] no road leads there.
    in_convoy
        [area] entered by convoys only.
    driven
        [area] does any truck ever get there?
    least, most
        Least share of a cause, most causes per gap.

    Returns
    -------
    row
        Index of the first entry of `g` of that area and item.
    limit, share
        Number of the limit, and its share of the unmet person-days; largest first.
    first, last
        Days on which it binds.
    unmet
        Unmet person-days of the area and item.
    """
    s = supply_of(net, z, net.hours_row)
    fair, kept = _pulls(net, z, s, lim, g)
    room = candidate_room(net)
    price = np.empty(room)
    arrive, tag, way, own, hold = np.empty((5, room), np.int64)
    key, day = np.empty((2, MOST_PARTS), np.int64)
    amount = np.empty(MOST_PARTS)
    found, by_day = np.empty(MOST_PARTS, np.int64), np.zeros((MOST_PARTS, net.days))
    out_row, out_limit, out_first, out_last = np.empty((4, len(g.area) * most), np.int64)
    out_share, out_unmet = np.empty((2, len(g.area) * most))
    written, start = 0, 0
    while start < len(g.area):
        area, item, end = g.area[start], g.item[start], start
        unmet = 0.0
        while end < len(g.area) and g.area[end] == area and g.item[end] == item:
            unmet += g.unmet[end]
            end += 1
        if unmet > 0.0:
            n = candidates(net, area, item, z, price, arrive, tag, way, own, hold)
            count = 0
            for c in range(start, end):
                if g.unmet[c] <= 0.0:
                    continue
                best = -1
                if driven[area]:
                    best = _best_candidate(net, g, c, n, price, arrive, tag, way, own, hold)
                if best < 0:
                    cause = _no_way(net, lim, g, c, n, cut, in_convoy)
                    count = _add(found, by_day, count, cause, g.day[c], g.unmet[c])
                    continue
                parts = candidate_parts(
                    net, z, s, lim, area, tag[best], way[best], arrive[best], key, day, amount
                )
                count = _share_out(
                    net, z, lim, g, c, fair, kept, key, day, amount, parts, found, by_day, count
                )
            top = _largest(found, by_day, count, unmet, least, most, out_limit, out_share, written)
            for m in range(written, top):
                out_row[m], out_unmet[m] = start, unmet
                out_first[m], out_last[m] = _binding_days(found, by_day, count, out_limit[m])
            written = top
        start = end
    return (
        out_row[:written], out_limit[:written], out_share[:written], out_first[:written],
        out_last[:written], out_unmet[:written],
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _share_out(
    net: Net, z: Floats, lim: Limits, g: Gaps, c: int, fair: Floats, kept: Floats,
    key: Ints, day: Ints, amount: Floats, parts: int, found: Ints, by_day: Floats, count: int,
) -> int:  # fmt: skip
    """Share the unmet person-days of one need out over the parts of its price.

    The part of a price that others pay for fairness counts as fairness where the need would be
    worth the rest of the price, and where it is itself lifted less by fairness; that for
    promises likewise.
    """
    plain, own = _worth(net, z, g, c)
    mine = own / max(plain + own, 1e-300)
    total, without = 0.0, 0.0
    for m in range(parts):
        total += amount[m]
        without += amount[m] * (1.0 - fair[key[m]])
    held = plain >= without
    elsewhere = net.promise_of[g.area[c], g.item[c]] < 0
    for m in range(parts):
        x = g.unmet[c] * amount[m] / total
        pulled = x * max(0.0, fair[key[m]] - mine) if held else 0.0
        promised = x * kept[key[m]] if elsewhere else 0.0
        if pulled > 0.0:
            count = _add(found, by_day, count, lim.fairness, g.day[c], pulled)
        if promised > 0.0:
            count = _add(found, by_day, count, lim.promise, g.day[c], promised)
        count = _add(found, by_day, count, key[m], day[m], max(0.0, x - pulled - promised))
    return count


@nb.njit(cache=True, nogil=True)
def _largest(
    found: Ints, by_day: Floats, count: int, unmet: float, least: float, most: int,
    out: Ints, share: Floats, at: int,
) -> int:  # fmt: skip
    """Write the limits with the largest shares; at least one; returns the next free place."""
    total = np.empty(count)
    for m in range(count):
        total[m] = by_day[m].sum() / unmet
    order = np.argsort(-total, kind="mergesort")
    for rank in range(min(count, most)):
        m = order[rank]
        if rank > 0 and total[m] < least:
            break
        out[at], share[at] = found[m], total[m]
        at += 1
    return at


@nb.njit(cache=True, nogil=True)
def _binding_days(found: Ints, by_day: Floats, count: int, limit: int) -> tuple[int, int]:
    """Return the first and last day on which a limit binds."""
    for m in range(count):
        if found[m] == limit:
            floor = BINDS * by_day[m].max()
            days = np.flatnonzero(by_day[m] > floor)
            return int(days[0]), int(days[-1])
    return -1, -1
