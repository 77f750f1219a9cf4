"""Compiled kernels: which options a cell of need gets, chosen at present prices.

A cell keeps the options that it uses and gets the cheapest others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from aidline.planning.auction.kernels_price import NO_WAY
from aidline.planning.auction.kernels_ways import (
    PART,
    best_offer,
    block_room,
    candidate_room,
    candidates,
    find_blocks,
    offer_of,
    window,
)
from aidline.planning.leaf import leaf

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.supply.problem import Floats, Ints

ALWAYS_NEW = 2  # options that a cell gets however many it uses: one of them may be better
ONCE_MORE = 3  # needs that wait have so many times the options: one per day of arrival counts
MOST_ROWS = 7  # of an option: stock, two legs, fairness, promise


@leaf
def _find(tag: Ints, way: Ints, begin: Ints, blocks: int, days: int, key: int, by: int) -> int:
    """Return the candidate with this tag and way, −1 where there is none."""
    for b in range(blocks):
        low, high = begin[b, 0], begin[b, days]
        if low == high or way[low] != by:
            continue
        for m in range(low, high):
            if tag[m] == key:
                return m
    return -1


@leaf
def _keep_used(
    first: int, last: int, old_tag: Ints, old_way: Ints, old_amount: Floats, tag: Ints, way: Ints,
    begin: Ints, blocks: int, days: int, keep_all: bool, chosen: Ints, amount: Floats,
) -> int:  # fmt: skip
    """Take over the options that a cell uses (or all that it has), with their amounts."""
    kept = 0
    for o in range(first, last):
        if old_tag[o] < 0 or (old_amount[o] <= 0.0 and not keep_all):
            continue
        m = _find(tag, way, begin, blocks, days, old_tag[o], old_way[o])
        if m >= 0:
            chosen[kept], amount[kept] = m, max(0.0, old_amount[o])
            kept += 1
    return kept


@leaf
def _add_best(
    level: int, day: int, wait: float, limit: float, most: int, days: int, blocks: int,
    begin: Ints, price: Floats, arrive: Ints, own: Ints, hold: Ints, kept: int, chosen: Ints,
    rank: Floats,
) -> int:  # fmt: skip
    """Add the `most` cheapest candidates up to a limit that are not there; returns how many."""
    n = 0
    for b in range(blocks if most > 0 else 0):
        if begin[b, 0] == begin[b, days]:
            continue
        first, last = window(level, day, hold[begin[b, 0]], days)
        for m in range(begin[b, first], begin[b, last]):
            offer = offer_of(level, day, wait, price[m], arrive[m], own[m])
            if offer > limit or offer >= NO_WAY or (n == most and offer >= rank[n - 1]):
                continue
            known = False
            for k in range(kept):
                known = known or chosen[k] == m
            if known:
                continue
            at = n if n < most else most - 1
            while at > 0 and rank[at - 1] > offer:
                rank[at], chosen[kept + at] = rank[at - 1], chosen[kept + at - 1]
                at -= 1
            rank[at], chosen[kept + at] = offer, m
            n = min(n + 1, most)
    return n


@nb.njit(cache=True, nogil=True)
def choose_options(
    net: Net, z: Floats, old: Columns, slack: float, most: int, keep_all: bool, new: Columns,
    base: Floats, first_cell: int, last_cell: int, from_option: int, to_option: int,
    from_entry: int, to_entry: int,
) -> tuple[int, int]:  # fmt: skip
    """Choose the options of cells of need.

    Parameters
    ----------
    z
        Prices of the rows.
    old
        Present options; those in use stay, with their amounts (all where `keep_all`).
    slack, most
        At most so many more per cell, up to so much dearer than the best.
    new
        Written; `base` too: the unmet person-days of cells that get no option.
    first_cell, last_cell
        The cells: all those of some areas.
    from_option, to_option, from_entry, to_entry
        Where in `new` their options and row entries may stand.

    Returns
    -------
    tuple of int
        Options and row entries written; −1, −1 where there is not enough room.
    """
    # Plain local arrays throughout: reaching into tuples of arrays costs more than the work.
    room, days = candidate_room(net), net.days
    price = np.empty(room)
    arrive, tag, way, own, hold = (
        np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64),
        np.empty(room, np.int64), np.empty(room, np.int64),
    )  # fmt: skip
    chosen, had, rank = np.empty(room + 256, np.int64), np.zeros(room + 256), np.empty(256)
    begin = np.zeros((block_room(net), days + 1), np.int64)
    areas, items, levels, release = net.cell_area, net.cell_item, net.cell_level, net.cell_day
    need, values, fairs, rate = net.cell_need, net.cell_value, net.cell_fair, net.cell_person_days
    marginals, widths, dearest = net.marginals, net.widths, net.marginals[len(net.marginals) - 1]
    fair_row, promise_row, part_row, load_row = (
        net.fair_row, net.promise_row, net.part_row, net.load_row
    )  # fmt: skip
    promise_of, promise_day = net.promise_of, net.promise_day
    start, leave, one, two = net.route_start, net.route_day, net.route_first, net.route_second
    way_item, way_ratio, pair_of = net.way_item, net.way_ratio, net.pair_of
    weight, volume = net.weight, net.volume
    quiet, old_quiet = new.quiet, old.quiet
    old_ptr, old_tag, old_way, old_amount = old.ptr, old.tag, old.tag_more, old.amount
    ptr, cost, upper, amount, row_ptr = new.ptr, new.cost, new.upper, new.amount, new.row_ptr
    row, coefficient, new_tag, new_way = new.row, new.coefficient, new.tag, new.tag_more
    o, at, n, blocks, area, item, promise = from_option, from_entry, 0, 0, -1, -1, -1
    for c in range(first_cell, last_cell):
        ptr[c] = o
        if areas[c] != area or items[c] != item:
            area, item = areas[c], items[c]
            n = candidates(net, area, item, z, price, arrive, tag, way, own, hold)
            blocks = find_blocks(n, days, arrive, way, begin)
            promise = promise_of[area, item]
        level, day, fair = levels[c], release[c], fairs[c]
        until = days - day if level >= 0 else 1
        equity = rate[c] * z[fair_row + fair] if fair >= 0 else 0.0
        wait = (marginals[level] if level >= 0 else dearest) * values[c] + equity
        first, last = old_ptr[c], old_ptr[c + 1]
        best = best_offer(level, day, wait, days, blocks, begin, price, arrive, own, hold)
        top = wait * until * (1.0 + slack)
        kept = _keep_used(
            first, last, old_tag, old_way, old_amount, tag, way, begin, blocks, days, keep_all,
            chosen, had,
        )  # fmt: skip
        if best < NO_WAY and (best <= top or first < last):
            more = most if level < 0 else ONCE_MORE * most
            more = more if keep_all else max(ALWAYS_NEW, more - kept)
            limit = min(best + slack * abs(best) + 0.02 * values[c], top)
            fresh = _add_best(
                level, day, wait, limit, more, days, blocks, begin, price, arrive, own, hold, kept,
                chosen, rank,
            )  # fmt: skip
            had[kept : kept + fresh] = 0.0
            dearest_used = wait * until if level >= 0 else wait
            for k in range(kept):
                m = chosen[k]
                if had[k] > 0.0:
                    offer = offer_of(level, day, wait, price[m], arrive[m], own[m])
                    dearest_used = max(dearest_used, offer)
            # A cell at rest wakes up where something cheaper has come.
            awake = fresh > 0 and rank[0] < dearest_used - 1e-3 * abs(dearest_used)
            quiet[c] = 0 if awake else old_quiet[c]
            kept += fresh
        if kept == 0:
            if fair >= 0:
                base[fair] += need[c] * rate[c] * until
            continue
        unmet = 1 if level >= 0 else len(marginals)
        if o + unmet + kept > to_option or at + MOST_ROWS * (unmet + kept) > to_entry:
            return -1, -1
        left, opened = need[c], o
        for s in range(unmet):
            marginal = marginals[level] if level >= 0 else marginals[s]
            cost[o] = marginal * values[c] * until
            upper[o] = need[c] if level >= 0 else need[c] * widths[s]
            new_tag[o], new_way[o], row_ptr[o] = -1, s, at
            if fair >= 0:
                row[at], coefficient[at] = fair_row + fair, rate[c] * until
                at += 1
            o += 1
        for k in range(kept):
            m = chosen[k]
            waits = max(0, arrive[m] - day)
            cost[o] = (marginals[level] if level >= 0 else 0.0) * values[c] * waits
            upper[o], new_tag[o], new_way[o], row_ptr[o] = need[c], tag[m], way[m], at
            amount[o] = min(had[k], left)
            left -= amount[o]
            if tag[m] >= PART:
                row[at], coefficient[at] = part_row + tag[m] - PART, 1.0
                at += 1
            else:
                r, j, ratio = tag[m], way_item[way[m]], way_ratio[way[m]]
                row[at], coefficient[at] = pair_of[start[r], j] * days + leave[r], ratio
                at += 1
                for move in (one[r], two[r]):
                    if move >= 0:
                        row[at], coefficient[at] = load_row + 2 * move, ratio * weight[j]
                        row[at + 1] = load_row + 2 * move + 1
                        coefficient[at + 1] = ratio * volume[j]
                        at += 2
                if promise >= 0 and j == item and own[m] == 0 and arrive[m] <= promise_day[promise]:
                    row[at], coefficient[at] = promise_row + promise, -1.0
                    at += 1
            if waits > 0 and fair >= 0:
                row[at], coefficient[at] = fair_row + fair, rate[c] * waits
                at += 1
            o += 1
        for u in range(opened, opened + unmet):
            amount[u] = min(left, upper[u])
            left -= amount[u]
    return o - from_option, at - from_entry


@leaf
def close_gap(
    cols: Columns, first_cell: int, last_cell: int, option: int, entry: int, to_option: int,
    to_entry: int, options: int, entries: int,
) -> None:  # fmt: skip
    """Move the options of some cells, which stand from `option` on, down to where others end."""
    down, rows_down = option - to_option, entry - to_entry
    cost, upper, amount, row_ptr = cols.cost, cols.upper, cols.amount, cols.row_ptr
    tag, tag_more, row, coefficient = cols.tag, cols.tag_more, cols.row, cols.coefficient
    for o in range(to_option, to_option + options):
        cost[o], upper[o], amount[o] = cost[o + down], upper[o + down], amount[o + down]
        tag[o], tag_more[o] = tag[o + down], tag_more[o + down]
        row_ptr[o] = row_ptr[o + down] - rows_down
    for e in range(to_entry, to_entry + entries):
        row[e], coefficient[e] = row[e + rows_down], coefficient[e + rows_down]
    for c in range(first_cell, last_cell):
        cols.ptr[c] -= down
