"""Compiled kernels of explanation: what makes the cheapest way to an unmet need dear.

For every unmet (area, item, day) the cheapest route in time is taken at the prices of the
bound, and its price is split over what stands behind it. The shares are added up per area and
item, weighted by unmet person-days.

Limits are numbered through: crossings, pools of trucks, stock pairs, convoys by area, then
expiry by item, and behind them the causes that have no place (see `Limits`).
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from aidline.planning.auction.arrays import Net
from aidline.planning.auction.kernels_options import PART, candidate_room, candidates
from aidline.planning.auction.kernels_price import NO_WAY, route_price
from aidline.planning.kernels_bound import trip_price
from aidline.supply.problem import HOUR_COST, Floats, Ints

Flags = npt.NDArray[np.bool_]
NEAR = 0.02  # lots whose worth is that near to the price of stock count as its supply
MOST_PARTS = 256  # limits that one price can be split into, and that one gap can have
BINDS = 0.05  # a limit binds on days with at least so much of its share on its worst day


class Limits(NamedTuple):
    """Where each kind of limit starts in the common numbering.

    Attributes
    ----------
    pools, pairs, convoys, expiry
        First truck pool, stock pair, area with convoys, item that expires. Crossings start
        at 0.
    absent
        The item is nowhere to be had.
    too_late, unreachable, fairness, promise
        Causes without a place.
    total
        Number of limits.
    """

    pools: int
    pairs: int
    convoys: int
    expiry: int
    absent: int
    too_late: int
    unreachable: int
    fairness: int
    promise: int
    total: int


class Supply(NamedTuple):
    """What stands behind the price of stock of each (pair, day).

    Attributes
    ----------
    slack
        Worth of the cheapest lot that can supply it with its toll, minus the price; infinite
        where no lot can.
    toll, gate, day
        Part of the price that is paid for the slots of a crossing, which one, when (−1 = none).
    expired
        No lot can supply it, but one could if it did not expire.
    """

    slack: Floats
    toll: Floats
    gate: Ints
    day: Ints
    expired: Flags


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


@nb.njit(cache=True)
def supply_of(net: Net, z: Floats, n_rows: int) -> Supply:
    """Return, for each stock row, which lot supplies it and what of its price is for slots."""
    s = Supply(
        np.full(n_rows, np.inf), np.zeros(n_rows), np.full(n_rows, -1), np.full(n_rows, -1),
        np.zeros(n_rows, np.bool_),
    )  # fmt: skip
    for final in (False, True):
        for c in range(len(net.lot_item)):
            item, location, gate = net.lot_item[c], net.lot_location[c], net.lot_crossing[c]
            if location >= 0:
                _local_supply(net, z, c, item, location, s, final)
            elif gate >= 0:
                _gate_supply(net, z, c, item, gate, s, final)
    for n in range(n_rows):
        s.expired[n] = s.expired[n] and s.slack[n] == np.inf
    return s


@nb.njit(cache=True)
def _note(s: Supply, z: Floats, row: int, cost: float, toll: float, gate: int, day: int, final: bool) -> None:
    """First pass: find the least cost of supply. Second: of those near it keep the largest toll."""
    slack = cost - z[row]
    if not final:
        s.slack[row] = min(s.slack[row], slack)
    elif slack <= s.slack[row] + NEAR * z[row] and toll > s.toll[row]:
        s.toll[row], s.gate[row], s.day[row] = min(toll, z[row]), gate, day


@nb.njit(cache=True)
def _local_supply(
    net: Net, z: Floats, c: int, item: int, location: int, s: Supply, final: bool
) -> None:
    base = net.pair_of[location, item] * net.days
    last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
    worth = 0.0
    for day in range(net.lot_first[c], last + 1):
        worth = max(worth, z[base + day])
    for day in range(net.lot_first[c], net.days):
        if day <= last:
            _note(s, z, base + day, worth, 0.0, -1, -1, final)
        else:
            s.expired[base + day] = True


@nb.njit(cache=True)
def _gate_supply(net: Net, z: Floats, c: int, item: int, gate: int, s: Supply, final: bool) -> None:
    w, v = net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
    worth = 0.0
    for write in (False, True):
        for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]):
            location = net.edge_location[e]
            pair = net.pair_of[location, item]
            if pair < 0:
                continue
            last = min(net.days - 1, net.lot_expiry[c] - net.last_leave[location])
            for t in range(net.lot_first[c], net.days):
                slot = net.slot_row + 2 * (gate * net.days + t)
                toll = w * z[slot] + v * z[slot + 1]
                for u in range(net.edge_arrive[e, t], net.days):
                    row = pair * net.days + u
                    if u > last:
                        s.expired[row] = True
                    elif write:
                        _note(s, z, row, worth + toll, toll, gate, t, final)
                    else:
                        worth = max(worth, z[row] - toll)


@nb.njit(cache=True)
def _put(key: Ints, day: Ints, amount: Floats, n: int, k: int, d: int, x: float) -> int:
    """Append a part of a price; returns the new number of parts."""
    if x > 0.0 and n < MOST_PARTS:
        key[n], day[n], amount[n] = k, d, x
        return n + 1
    return n


@nb.njit(cache=True)
def _trip_parts(
    net: Net, z: Floats, lim: Limits, area: int, move: int, item: int, ratio: float,
    key: Ints, day: Ints, amount: Floats, n: int,
) -> int:  # fmt: skip
    """Split the price of loading a movement over truck-hours and convoy places."""
    at = net.load_row + 2 * move
    price = ratio * (net.weight[item] * z[at] + net.volume[item] * z[at + 1])
    best, cost, even = -1, 1.0, -1.0
    for m in range(net.trip_ptr[move], net.trip_ptr[move + 1]):
        k = net.trip_class[m]
        trip = trip_price(net, m, move, z)
        earned = (net.payload[k] * z[at] + net.capacity_m3[k] * z[at + 1]) / trip
        if earned > even:
            best, cost, even = m, trip, earned
    if best < 0:
        return n
    scale = price / cost
    hours, shift, fleet = net.trip_hours[best], net.shift[net.trip_fleet[best]], net.trip_fleet[best]
    t = net.move_day[move]
    while hours > 1e-9 and t < net.days:
        worked = min(hours, shift)
        # the tie-break cost of an hour counts too: it names the truck where nothing is short
        x = worked * (z[net.hours_row + fleet * net.days + t] + HOUR_COST) * scale
        n = _put(key, day, amount, n, lim.pools + fleet, t, x)
        hours -= worked
        t += 1
    convoy = net.move_convoy[move]
    if convoy >= 0:
        x = z[net.convoy_row + convoy] * scale
        n = _put(key, day, amount, n, lim.convoys + area, net.move_day[move], x)
    return n


@nb.njit(cache=True)
def _route_parts(
    net: Net, z: Floats, s: Supply, lim: Limits, area: int, r: int, item: int, ratio: float,
    key: Ints, day: Ints, amount: Floats,
) -> int:  # fmt: skip
    """Split the price of a unit on a route over the limits behind it."""
    pair, t = net.pair_of[net.route_start[r], item], net.route_day[r]
    row = pair * net.days + t
    n = 0
    if s.gate[row] >= 0:
        n = _put(key, day, amount, n, s.gate[row], s.day[row], ratio * s.toll[row])
    goods = lim.expiry + item if s.expired[row] else lim.pairs + pair
    n = _put(key, day, amount, n, goods, t, ratio * (z[row] - s.toll[row]))
    for move in (net.route_first[r], net.route_second[r]):
        if move >= 0:
            n = _trip_parts(net, z, lim, area, move, item, ratio, key, day, amount, n)
    if n == 0:
        n = _put(key, day, amount, n, goods, t, 1e-12)
    return n


@nb.njit(cache=True)
def _candidate_parts(
    net: Net, z: Floats, s: Supply, lim: Limits, area: int, tag: int, way: int, arrive: int,
    key: Ints, day: Ints, amount: Floats,
) -> int:  # fmt: skip
    """Split the price of a candidate; a part of a kit stands for the cheapest way of its kit."""
    if tag < PART:
        item, ratio = net.way_item[way], net.way_ratio[way]
        return _route_parts(net, z, s, lim, area, tag, item, ratio, key, day, amount)
    kit = net.kit_item[-1 - way]
    best, cheapest = -1, NO_WAY
    for r in range(net.route_ptr[area], net.route_ptr[area + 1]):
        if net.route_arrive[r] == arrive:
            price = route_price(net, r, kit, z)
            if price < cheapest:
                best, cheapest = r, price
    if best < 0:
        return 0
    return _route_parts(net, z, s, lim, area, best, kit, 1.0, key, day, amount)


@nb.njit(cache=True)
def _best_candidate(
    net: Net, g: Gaps, c: int, n: int, price: Floats, arrive: Ints, tag: Ints, way: Ints,
    own: Ints, hold: Ints,
) -> int:  # fmt: skip
    """Return the cheapest candidate that would have met a need on its day, −1 = none in time."""
    best, low = -1, NO_WAY
    for m in range(n):
        late = g.day[c] - arrive[m]
        if late < 0 or price[m] >= low:
            continue
        if not g.once[c] and late > (0 if own[m] else hold[m]):
            continue
        if tag[m] >= PART and not _kit_comes(net, g.area[c], way[m], arrive[m]):
            continue
        best, low = m, price[m]
    return best


@nb.njit(cache=True)
def _kit_comes(net: Net, area: int, way: int, day: int) -> bool:
    """Can any kit with this part arrive on that day?"""
    kit = net.kit_item[-1 - way]
    for r in range(net.route_ptr[area], net.route_ptr[area + 1]):
        if net.route_arrive[r] == day and net.pair_of[net.route_start[r], kit] >= 0:
            return True
    return False


@nb.njit(cache=True)
def _worth(net: Net, z: Floats, g: Gaps, c: int) -> tuple[float, float]:
    """Return what one more unit met is worth without fairness, and for fairness."""
    level = 0 if g.share[c] <= net.widths[0] else 1 if g.share[c] <= 1.0 - net.widths[2] else 2
    fair = 0.0
    if g.fair_row[c] >= 0:
        fair = g.person_days[c] * z[net.fair_row + g.fair_row[c]]
    return net.marginals[level] * g.value[c], fair


@nb.njit(cache=True)
def _pulls(net: Net, z: Floats, s: Supply, lim: Limits, g: Gaps) -> tuple[Floats, Floats]:
    """Return, per limit, which share of what its users pay is paid for fairness, for promises."""
    room = candidate_room(net)
    price = np.empty(room)
    arrive, tag, way = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    own, hold = np.empty(room, np.int64), np.empty(room, np.int64)
    key, day, amount = np.empty(MOST_PARTS, np.int64), np.empty(MOST_PARTS, np.int64), np.empty(MOST_PARTS)
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
        parts = _candidate_parts(
            net, z, s, lim, area, tag[best], way[best], arrive[best], key, day, amount
        )
        for m in range(parts):
            x = amount[m] * g.met[c]
            all_[key[m]] += x
            fair[key[m]] += x * lifted / total
            kept[key[m]] += x * promised / total
    return fair / all_, kept / all_


@nb.njit(cache=True)
def _add(
    found: Ints, by_day: Floats, count: int, key: int, day: int, x: float
) -> int:
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


@nb.njit(cache=True)
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


@nb.njit(cache=True)
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
    arrive, tag, way = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    own, hold = np.empty(room, np.int64), np.empty(room, np.int64)
    key, day, amount = np.empty(MOST_PARTS, np.int64), np.empty(MOST_PARTS, np.int64), np.empty(MOST_PARTS)
    found, by_day = np.empty(MOST_PARTS, np.int64), np.zeros((MOST_PARTS, net.days))
    out_row, out_limit = np.empty(len(g.area) * most, np.int64), np.empty(len(g.area) * most, np.int64)
    out_first, out_last = np.empty(len(g.area) * most, np.int64), np.empty(len(g.area) * most, np.int64)
    out_share, out_unmet = np.empty(len(g.area) * most), np.empty(len(g.area) * most)
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
                best = _best_candidate(net, g, c, n, price, arrive, tag, way, own, hold) if driven[area] else -1
                if best < 0:
                    cause = _no_way(net, lim, g, c, n, cut, in_convoy)
                    count = _add(found, by_day, count, cause, g.day[c], g.unmet[c])
                    continue
                parts = _candidate_parts(
                    net, z, s, lim, area, tag[best], way[best], arrive[best], key, day, amount
                )
                count = _share_out(net, z, lim, g, c, fair, kept, key, day, amount, parts, found, by_day, count)
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


@nb.njit(cache=True)
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


@nb.njit(cache=True)
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


@nb.njit(cache=True)
def _binding_days(found: Ints, by_day: Floats, count: int, limit: int) -> tuple[int, int]:
    """Return the first and last day on which a limit binds."""
    for m in range(count):
        if found[m] == limit:
            floor = BINDS * by_day[m].max()
            days = np.flatnonzero(by_day[m] > floor)
            return int(days[0]), int(days[-1])
    return -1, -1
