"""The supply problem laid flat for compiled kernels, and columns of decisions.

Compiled code takes plain arrays; `Net` holds those of the problem, `Columns` those of one
family of decisions (needs, trips, lots, …). A *cell* is an amount that must go somewhere; its
*options* say where, at which cost, and on which coupling rows they weigh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aidline.supply.problem import (
    FAIRNESS_WIDTHS,
    HOUR_COST,
    NEED_MARGINALS,
    NEED_WIDTHS,
    Floats,
    Ints,
    SupplyProblem,
)

if TYPE_CHECKING:
    from aidline.supply.rows import Rows


Option = tuple[float, float, float, list[tuple[int, float]], int]


class Net(NamedTuple):
    """Arrays of the problem (see `aidline.supply.problem`) and of its rows."""

    days: int
    cell_area: Ints
    cell_item: Ints
    cell_day: Ints
    cell_level: Ints
    cell_need: Floats
    cell_value: Floats
    cell_person_days: Floats
    cell_fair: Ints
    area_ptr: Ints
    widths: Floats
    marginals: Floats
    weight: Floats
    volume: Floats
    hold: Ints
    way_ptr: Ints
    way_item: Ints
    way_ratio: Floats
    kit_item: Ints
    kit_part: Ints
    kit_quantity: Floats
    part_of: Ints
    part_row: int
    route_ptr: Ints
    route_start: Ints
    route_day: Ints
    route_arrive: Ints
    route_first: Ints
    route_second: Ints
    pair_of: Ints
    load_row: int
    trip_ptr: Ints
    trip_class: Ints
    trip_fleet: Ints
    trip_hours: Floats
    move_day: Ints
    move_convoy: Ints
    payload: Floats
    capacity_m3: Floats
    shift: Floats
    hours_row: int
    convoy_row: int
    lot_item: Ints
    lot_quantity: Floats
    lot_location: Ints
    lot_crossing: Ints
    lot_first: Ints
    lot_expiry: Ints
    last_leave: Ints
    edge_ptr: Ints
    edge_location: Ints
    edge_arrive: Ints
    gate_payload: Floats
    gate_volume: Floats
    slot_row: int
    fair_row: int
    fair_size: Floats
    fair_cost: Floats
    promise_row: int
    promise_of: Ints
    promise_day: Ints
    promise_units: Floats
    promise_value: Floats


def lay_flat(p: SupplyProblem, rows: Rows) -> Net:
    """Return the arrays of a problem for compiled kernels."""
    d, g = p.demand, p.goods
    promise_of = np.full((len(p.area_ids), len(g.ids)), -1, dtype=np.int64)
    promise_of[p.promise_area, p.promise_item] = np.arange(len(p.promise_area))
    return Net(
        p.days, d.area, d.item, d.day, d.level, d.need, d.value, d.person_days, d.fair_row,
        np.searchsorted(d.area, np.arange(len(p.area_ids) + 1)).astype(np.int64),
        NEED_WIDTHS, NEED_MARGINALS, g.weight_t, g.volume_m3, g.hold, g.way_ptr, g.way_item,
        g.way_ratio, g.kit_item, g.kit_part, g.kit_quantity, rows.part_of, rows.part,
        p.routes.ptr, p.routes.start, p.routes.day, p.routes.arrive, p.routes.first,
        p.routes.second, rows.pair_of, rows.load, p.moves.trip_ptr, p.moves.trip_class,
        p.moves.trip_fleet, p.moves.trip_hours, p.moves.day, p.moves.convoy, p.payload_t,
        p.volume_m3, p.fleet_shift_h, rows.hours, rows.convoy, p.lots.item, p.lots.quantity,
        p.lots.location, p.lots.crossing, p.lots.first_day, p.lots.expiry, p.last_leave,
        p.crossings.edge_ptr, p.crossings.edge_location, p.crossings.edge_arrive,
        p.crossings.payload_t, p.crossings.volume_m3, rows.slots, rows.fair,
        p.fairness.person_days, np.outer(p.fairness.weight, p.fairness_marginals),
        rows.promise, promise_of, p.promise_day, p.promise_units, p.promise_value,
    )  # fmt: skip


class Columns(NamedTuple):
    """Cells with options.

    Attributes
    ----------
    size
        Amount of each cell.
    ptr
        Options of each cell.
    cost, upper, amount
        Per option: cost per unit, most and present amount. The amounts of a cell add up to
        its size.
    row_ptr, row, coefficient
        Coupling rows on which an option weighs.
    tag, tag_more
        What the option means (its family says).
    quiet
        Sweeps for which a cell is skipped, because it did not move.
    """

    size: Floats
    ptr: Ints
    cost: Floats
    upper: Floats
    amount: Floats
    row_ptr: Ints
    row: Ints
    coefficient: Floats
    tag: Ints
    tag_more: Ints
    quiet: Ints


def without_options(size: Floats) -> Columns:
    """Return cells without options."""
    return with_room(size, 0, 0)


def cut_down(cols: Columns, options: int, entries: int) -> Columns:
    """Return columns without the room that is not used."""
    return cols._replace(
        cost=cols.cost[:options],
        upper=cols.upper[:options],
        amount=cols.amount[:options],
        row_ptr=cols.row_ptr[: options + 1],
        row=cols.row[:entries],
        coefficient=cols.coefficient[:entries],
        tag=cols.tag[:options],
        tag_more=cols.tag_more[:options],
    )


def with_room(size: Floats, options: int, entries: int) -> Columns:
    """Return columns with room for so many options and row entries."""
    return Columns(
        size=size,
        ptr=np.zeros(len(size) + 1, dtype=np.int64),
        cost=np.empty(options),
        upper=np.empty(options),
        amount=np.empty(options),
        row_ptr=np.zeros(options + 1, dtype=np.int64),
        row=np.empty(entries, dtype=np.int64),
        coefficient=np.empty(entries),
        tag=np.empty(options, dtype=np.int64),
        tag_more=np.empty(options, dtype=np.int64),
        quiet=np.zeros(len(size), dtype=np.int64),
    )


def columns_of(options: list[list[Option]], sizes: Floats) -> Columns:
    """Build small families option by option.

    Parameters
    ----------
    options
        Per cell its options: (cost, most, amount, [(row, coefficient)], tag).
    sizes
        Amount of each cell.
    """
    flat = [o for cell in options for o in cell]
    rows = [pair for o in flat for pair in o[3]]
    return Columns(
        size=np.asarray(sizes, dtype=float),
        ptr=np.cumsum([0, *[len(c) for c in options]]).astype(np.int64),
        cost=np.array([o[0] for o in flat], dtype=float),
        upper=np.array([o[1] for o in flat], dtype=float),
        amount=np.array([o[2] for o in flat], dtype=float),
        row_ptr=np.cumsum([0, *[len(o[3]) for o in flat]]).astype(np.int64),
        row=np.array([r for r, _ in rows], dtype=np.int64),
        coefficient=np.array([c for _, c in rows], dtype=float),
        tag=np.array([o[4] for o in flat], dtype=np.int64),
        tag_more=np.zeros(len(flat), dtype=np.int64),
        quiet=np.zeros(len(options), dtype=np.int64),
    )


def fairness_columns(net: Net) -> Columns:
    """Return cells of fairness: unmet person-days of a row go into levels of rising cost."""
    n, levels = net.fair_cost.shape
    idle = np.zeros((n, 1))
    cost = np.hstack([idle, net.fair_cost])
    upper = net.fair_size[:, None] * np.append(1.0, FAIRNESS_WIDTHS)
    amount = np.hstack([net.fair_size[:, None], np.zeros((n, levels))])
    weighs = np.tile(np.append(0, np.ones(levels, dtype=np.int64)), n)
    return Columns(
        size=net.fair_size.copy(),
        ptr=np.arange(n + 1) * (levels + 1),
        cost=cost.ravel(),
        upper=upper.ravel(),
        amount=amount.ravel(),
        row_ptr=np.append(0, np.cumsum(weighs)),
        row=net.fair_row + np.repeat(np.arange(n), levels),
        coefficient=np.full(n * levels, -1.0),
        tag=np.tile(np.arange(-1, levels), n),
        tag_more=np.zeros(n * (levels + 1), dtype=np.int64),
        quiet=np.zeros(n, dtype=np.int64),
    )


def even_levels(fair: Columns, parts: int = 4, rise: float = 1e-6) -> Columns:
    """Divide each level of fairness into parts, each dearer by next to nothing than the last.

    Within a level two areas cost the same, and a solver that goes from corner to corner gives
    one of them all and the other nothing. So they stay within a part of a level of each other.

    Parameters
    ----------
    fair
        Cells with an idle option and levels; each level weighs on one row.
    parts
        Of each level.
    rise
        By how much a part is dearer per person-day than the one before.
    """
    n = len(fair.size)
    if n == 0:
        return fair
    options = len(fair.cost) // n
    shape = (n, options - 1, parts)
    cost = fair.cost.reshape(n, options)[:, 1:, None] + rise * np.arange(parts)
    upper = np.broadcast_to(fair.upper.reshape(n, options)[:, 1:, None] / parts, shape)
    full = fair.amount.reshape(n, options)[:, 1:, None] - np.arange(parts) * upper
    levels = (options - 1) * parts
    idle = slice(0, None, options)
    return Columns(
        size=fair.size,
        ptr=np.arange(n + 1) * (levels + 1),
        cost=np.hstack([fair.cost[idle][:, None], cost.reshape(n, levels)]).ravel(),
        upper=np.hstack([fair.upper[idle][:, None], upper.reshape(n, levels)]).ravel(),
        amount=np.hstack(
            [fair.amount[idle][:, None], np.clip(full, 0.0, upper).reshape(n, levels)]
        ).ravel(),
        row_ptr=np.append(0, np.cumsum(np.tile(np.append(0, np.ones(levels, dtype=np.int64)), n))),
        row=np.repeat(fair.row, parts),
        coefficient=np.repeat(fair.coefficient, parts),
        tag=np.tile(np.arange(-1, levels), n),
        tag_more=np.zeros(n * (levels + 1), dtype=np.int64),
        quiet=fair.quiet,
    )


def fill_levels(fair: Columns, unmet: Floats) -> None:
    """Put unmet person-days into the levels of their cells of fairness, the cheapest first."""
    if len(unmet) == 0:
        return
    width = fair.upper.reshape(len(unmet), -1)
    before = np.cumsum(width[:, 1:], axis=1) - width[:, 1:]
    level = np.clip(unmet[:, None] - before, 0.0, width[:, 1:])
    idle = width[:, :1] - level.sum(axis=1, keepdims=True)
    fair.amount[:] = np.hstack([idle, level]).ravel()


def promise_columns(net: Net) -> Columns:
    """Return cells of promises: what is not sent is a shortfall at its penalty."""
    cells: list[list[Option]] = [
        [(0.0, q, 0.0, [], -1), (v, q, q, [(net.promise_row + r, -1.0)], 0)]
        for r, (q, v) in enumerate(zip(net.promise_units, net.promise_value, strict=True))
    ]
    return columns_of(cells, net.promise_units)


def trip_columns(net: Net) -> Columns:
    """Return cells of trips: one per movement and class, idle or running."""
    n = len(net.trip_class)
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    hours, shift = net.trip_hours, net.shift[net.trip_fleet]
    spread = np.minimum(
        np.ceil(hours / shift - 1e-9).astype(np.int64), net.days - net.move_day[move]
    )
    convoy = net.move_convoy[move] >= 0
    per_option = spread + 2 + convoy
    row_ptr = np.zeros(2 * n + 1, dtype=np.int64)
    row_ptr[2::2] = np.cumsum(per_option)
    row_ptr[1::2] = row_ptr[0:-1:2]
    row = np.empty(row_ptr[-1], dtype=np.int64)
    coefficient = np.empty(row_ptr[-1])
    at = row_ptr[1::2]
    k = net.trip_class
    row[at], coefficient[at] = net.load_row + 2 * move, -net.payload[k]
    row[at + 1], coefficient[at + 1] = net.load_row + 2 * move + 1, -net.capacity_m3[k]
    row[at[convoy] + 2] = net.convoy_row + net.move_convoy[move[convoy]]
    coefficient[at[convoy] + 2] = 1.0
    start = at + 2 + convoy
    for day in range(int(spread.max(initial=0))):
        on = spread > day
        row[start[on] + day] = (
            net.hours_row + net.trip_fleet[on] * net.days + net.move_day[move[on]] + day
        )
        coefficient[start[on] + day] = np.minimum(shift, hours - day * shift)[on]
    many = np.full(n, 1e12)
    pair = np.stack([np.zeros(n), HOUR_COST * hours], axis=1).ravel()
    return Columns(
        size=many,
        ptr=np.arange(0, 2 * n + 1, 2),
        cost=pair,
        upper=np.full(2 * n, 1e12),
        amount=np.stack([many, np.zeros(n)], axis=1).ravel(),
        row_ptr=row_ptr,
        row=row,
        coefficient=coefficient,
        tag=np.stack([np.full(n, -1), np.arange(n)], axis=1).ravel(),
        tag_more=np.repeat(move, 2),
        quiet=np.zeros(n, dtype=np.int64),
    )
