"""From flows to the tables of a plan: trips, loads, deliveries by lot, transfers, uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.situation.row_keys import packed
from aidline.supply.kernels_lots import draw_lots

if TYPE_CHECKING:
    from aidline.supply.flows import Flows
    from aidline.supply.problem import Floats, Ints, SupplyProblem
    from aidline.supply.rows import Rows

PART = 1 << 40  # tags from here on are kit parts, not routes
FOR_EVER = 100_000  # an expiry from here on is none


@dataclass(frozen=True, slots=True)
class _Shipments:
    """Units by route and item, own stock of areas included."""

    route: Ints
    item: Ints
    units: Floats


def plan_tables(p: SupplyProblem, rows: Rows, flows: Flows) -> dict[str, pl.DataFrame]:
    """Return the tables that say what moves and what it is used for.

    Parameters
    ----------
    p, rows
        The problem.
    flows
        A feasible allocation.

    Returns
    -------
    dict of pl.DataFrame
        `trips`, `loads`, `deliveries`, `transfers` and `uses`; quantities in units of the item,
        loads of trips in t and m³.
    """
    shipped = _shipments(p, flows)
    deliveries = _deliveries(p, rows, flows, shipped)
    trips, loads = _trips(p, flows)
    return {
        "trips": trips,
        "loads": loads,
        "deliveries": deliveries,
        "transfers": _transfers(p, flows),
        "uses": _uses(p, flows),
    }


def _shipments(p: SupplyProblem, flows: Flows) -> _Shipments:
    """Return what each route carries."""
    by_route = flows.tag < PART
    way = flows.way[by_route]
    route = np.concatenate([flows.tag[by_route], flows.kit_route])
    item = np.concatenate([p.goods.way_item[way], flows.kit_item])
    units = np.concatenate([flows.amount[by_route] * p.goods.way_ratio[way], flows.kit_amount])
    n_items = len(p.goods.ids)
    key, where = np.unique(route * n_items + item, return_inverse=True)
    return _Shipments(key // n_items, key % n_items, _sums(where, units, len(key)))


def _sums(where: Ints, amount: Floats, n: int) -> Floats:
    """Return the sum of the amounts at each of n indices."""
    return np.bincount(where, amount, minlength=n).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Supplies:
    """What shipments draw on, queue by queue: lots and parts of them."""

    start: Ints
    lot: Ints
    first_day: Ints
    amount: Floats


def _supplies(p: SupplyProblem, rows: Rows, flows: Flows) -> _Supplies:
    """Return the queues of lots.

    Queue pair × days + day holds the lots with an expiry that are assigned to that day, in the
    order of the flows; then one queue per pair holds those without, the earliest first.
    """
    lots, tr = p.lots, flows.transfers
    place = p.crossings.edge_location[tr.edge]
    own = np.flatnonzero((lots.location >= 0) & (lots.expiry >= FOR_EVER))
    arrive = p.crossings.edge_arrive[tr.edge, tr.day]
    never = lots.expiry[tr.lot] >= FOR_EVER
    lot = np.concatenate([flows.dated_lot, tr.lot, own])
    at = np.concatenate([lots.location[flows.dated_lot], place, lots.location[own]])
    fresh = np.concatenate([np.zeros(len(flows.dated_lot), bool), never, np.ones(len(own), bool)])
    use_day = np.concatenate([flows.dated_day, tr.use_day, np.zeros(len(own), np.int64)])
    first = np.concatenate([np.zeros(len(flows.dated_lot), np.int64), arrive, lots.first_day[own]])
    amount = np.concatenate([flows.dated_amount, tr.amount, lots.quantity[own]])
    pair = rows.pair_of[at, lots.item[lot]]
    dated_queues = len(rows.pair_item) * p.days
    queue = np.where(fresh, dated_queues + pair, pair * p.days + use_day)
    first = np.where(fresh, first, 0)
    amount_last = np.where(fresh, amount, 0.0)
    order = np.lexsort((amount_last, np.where(fresh, lot, 0), first, queue))
    start = np.searchsorted(queue[order], np.arange(dated_queues + len(rows.pair_item) + 1))
    return _Supplies(start, lot[order], first[order], amount[order])


def _deliveries(p: SupplyProblem, rows: Rows, flows: Flows, shipped: _Shipments) -> pl.DataFrame:
    """Return one row per route, item and lot; first the lots that expire, then the oldest."""
    pair = rows.pair_of[p.routes.start[shipped.route], shipped.item]
    day = p.routes.day[shipped.route]
    order = np.lexsort((shipped.route, day, pair))
    pair, day = pair[order], day[order]
    supplies = _supplies(p, rows, flows)
    queues = np.stack([pair * p.days + day, len(rows.pair_item) * p.days + pair], axis=1)
    who, at, taken = draw_lots(
        queues, day, shipped.units[order], supplies.start, supplies.first_day, supplies.amount
    )
    shipment = order[who]
    moved = p.routes.first[shipped.route[shipment]] >= 0
    shipment, at, taken = shipment[moved], at[moved], taken[moved]
    keys = (shipped.route[shipment], shipped.item[shipment], supplies.lot[at])
    return _delivery_frame(p, keys, taken)


def _delivery_frame(
    p: SupplyProblem, keys: tuple[Ints, Ints, Ints], amount: Floats
) -> pl.DataFrame:
    """Return the table `deliveries` from route, item and lot of each row and their units."""
    route, item, lot = keys
    area = np.searchsorted(p.routes.ptr, route, side="right") - 1
    second = p.routes.second[route]
    hub = np.where(second >= 0, p.moves.start[np.maximum(second, 0)], -1)
    start, day, arrive = p.routes.start[route], p.routes.day[route], p.routes.arrive[route]
    places = _ranks(p.location_ids)
    by = (
        day, places[start], np.append(places, -1)[hub], _ranks(p.area_ids)[area],
        _ranks(p.goods.ids)[item], _ranks(p.lots.ids)[lot], arrive,
    )  # fmt: skip
    _, first, where = np.unique(packed(by), return_index=True, return_inverse=True)
    return pl.DataFrame(
        {
            "day": day[first],
            "from_id": _names(p.location_ids, start[first]),
            "via_id": _names(p.location_ids, hub[first]),
            "area_id": _names(p.area_ids, area[first]),
            "item_id": _names(p.goods.ids, item[first]),
            "lot_id": _names(p.lots.ids, lot[first]),
            "quantity": _sums(where, amount, len(first)),
            "arrive_day": arrive[first],
        }
    )


def _names(ids: tuple[str, ...], index: Ints) -> pl.Series:
    """Return the codes at the indices, null at −1."""
    return pl.Series([*ids, None], dtype=pl.String).gather(np.where(index < 0, len(ids), index))


def _ranks(ids: tuple[str, ...]) -> Ints:
    """Return the position of each code in sorted order."""
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks


def _stops(p: SupplyProblem) -> tuple[tuple[str, ...], Ints]:
    """Return where movements end: codes of areas and places, and the position of each end."""
    end = p.moves.end
    return (*p.area_ids, *p.location_ids), np.where(end >= 0, end, len(p.area_ids) - 1 - end)


def _trips(p: SupplyProblem, flows: Flows) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return trips of each class and what is on board of them."""
    aboard = flows.stowage
    n_slots = len(p.moves.trip_class)
    weight = _sums(aboard.slot, aboard.units * p.goods.weight_t[aboard.item], n_slots)
    volume = _sums(aboard.slot, aboard.units * p.goods.volume_m3[aboard.item], n_slots)
    move = np.repeat(np.arange(len(p.moves.day)), np.diff(p.moves.trip_ptr))
    running = np.flatnonzero((flows.trips > 0) & (weight + volume > 0))
    stops, end = _stops(p)
    m, cls = move[running], p.moves.trip_class[running]
    places = _ranks(p.location_ids)[p.moves.start[m]]
    by = (p.moves.day[m], places, _ranks(stops)[end[m]], _ranks(p.class_ids)[cls], running)
    running = running[np.argsort(packed(by))]
    m, cls = move[running], p.moves.trip_class[running]
    head = {
        "day": p.moves.day[m],
        "from_id": _names(p.location_ids, p.moves.start[m]),
        "to_id": _names(stops, end[m]),
        "class_id": _names(p.class_ids, cls),
    }
    trips = pl.DataFrame(
        {
            **head,
            "base_id": _names(p.fleet_base, p.moves.trip_fleet[running]),
            "trips": flows.trips[running],
            "hours_per_trip": p.moves.trip_hours[running],
            "arrive_day": p.moves.arrive[m],
            "load_t": weight[running],
            "load_m3": volume[running],
        }
    )
    trip_row = np.zeros(n_slots, dtype=np.int64)
    trip_row[running] = np.arange(len(running))
    line = np.lexsort((_ranks(p.goods.ids)[aboard.item], trip_row[aboard.slot]))
    loads = pl.DataFrame(head)[trip_row[aboard.slot[line]]].with_columns(
        item_id=_names(p.goods.ids, aboard.item[line]),
        quantity=pl.Series(aboard.units[line]),
    )
    return trips, loads


def _transfers(p: SupplyProblem, flows: Flows) -> pl.DataFrame:
    """Return what leaves crossings for which place, by lot."""
    tr = flows.transfers
    gate = p.lots.crossing[tr.lot]
    frame = pl.DataFrame(
        {
            "day": tr.day,
            "from_id": _names(p.crossings.ids, gate),
            "to_id": _names(p.location_ids, p.crossings.edge_location[tr.edge]),
            "item_id": _names(p.goods.ids, p.lots.item[tr.lot]),
            "lot_id": _names(p.lots.ids, tr.lot),
            "quantity": tr.amount,
            "arrive_day": p.crossings.edge_arrive[tr.edge, tr.day],
        }
    )
    keys = ["day", "from_id", "to_id", "item_id", "lot_id"]
    return (
        frame.filter(pl.col("quantity") > 1e-9)
        .group_by(keys)
        .agg(pl.col("quantity").sum(), pl.col("arrive_day").first())
        .sort(keys)
    )


def _uses(p: SupplyProblem, flows: Flows) -> pl.DataFrame:
    """Return what meets which need on which day."""
    d, cell = p.demand, flows.cell
    part = flows.tag >= PART
    arrive = np.where(
        part, (flows.tag - PART) % p.days, p.routes.arrive[np.where(part, 0, flows.tag)]
    )
    once = d.level[cell] >= 0
    day = np.where(once, np.maximum(arrive, d.day[cell]), d.day[cell])
    kit_row = np.where(flows.way < 0, -1 - flows.way, 0)
    kits = p.goods.kit_item if len(p.goods.kit_item) else np.zeros(1, dtype=np.int64)
    source = np.where(part, kits[kit_row], p.goods.way_item[np.maximum(flows.way, 0)])
    area, item = d.area[cell], d.item[cell]
    ranks = _ranks(p.goods.ids)
    by = (_ranks(p.area_ids)[area], ranks[item], day, ranks[source])
    _, first, where = np.unique(packed(by), return_index=True, return_inverse=True)
    return pl.DataFrame(
        {
            "area_id": _names(p.area_ids, area[first]),
            "item_id": _names(p.goods.ids, item[first]),
            "day": day[first],
            "from_item_id": _names(p.goods.ids, source[first]),
            "quantity": _sums(where, flows.amount, len(first)),
        }
    )
