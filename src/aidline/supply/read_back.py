"""From flows to the tables of a plan: trips, loads, deliveries by lot, transfers, uses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    trips, loads = _trips(p, flows, shipped)
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


def _supplies(
    p: SupplyProblem, rows: Rows, flows: Flows
) -> dict[tuple[int, int], list[tuple[int, float]]]:
    """Return (pair, day) -> lots with an expiry assigned to that day: (lot, units)."""
    out: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    lots, tr = p.lots, flows.transfers
    for lot, day, units in zip(flows.dated_lot, flows.dated_day, flows.dated_amount, strict=True):
        out[int(rows.pair_of[lots.location[lot], lots.item[lot]]), int(day)].append(
            (int(lot), float(units))
        )
    for n in np.flatnonzero(lots.expiry[tr.lot] < FOR_EVER):
        place = p.crossings.edge_location[tr.edge[n]]
        pair = int(rows.pair_of[place, lots.item[tr.lot[n]]])
        out[pair, int(tr.use_day[n])].append((int(tr.lot[n]), float(tr.amount[n])))
    return out


def _fresh(p: SupplyProblem, rows: Rows, flows: Flows) -> dict[int, list[tuple[int, int, float]]]:
    """Return pair -> lots without expiry: (first day, lot, units), the earliest first."""
    out: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    lots, tr = p.lots, flows.transfers
    for lot in np.flatnonzero((lots.location >= 0) & (lots.expiry >= FOR_EVER)):
        pair = int(rows.pair_of[lots.location[lot], lots.item[lot]])
        out[pair].append((int(lots.first_day[lot]), int(lot), float(lots.quantity[lot])))
    for n in np.flatnonzero(lots.expiry[tr.lot] >= FOR_EVER):
        place = p.crossings.edge_location[tr.edge[n]]
        pair = int(rows.pair_of[place, lots.item[tr.lot[n]]])
        arrive = int(p.crossings.edge_arrive[tr.edge[n], tr.day[n]])
        out[pair].append((arrive, int(tr.lot[n]), float(tr.amount[n])))
    for queue in out.values():
        queue.sort()
    return out


def _draw(want: float, queue: list[list[float]]) -> Iterator[tuple[int, float]]:
    """Take units from a queue of [lot, units]; the rest of a rounding error is let go."""
    while want > 1e-12 and queue:
        lot, left = queue[0]
        take = min(want, left)
        yield int(lot), take
        want -= take
        if left - take <= 1e-12:
            queue.pop(0)
        else:
            queue[0][1] = left - take


def _deliveries(p: SupplyProblem, rows: Rows, flows: Flows, shipped: _Shipments) -> pl.DataFrame:
    """Return one row per route, item and lot; first the lots that expire, then the oldest."""
    routes, items, units = shipped.route, shipped.item, shipped.units
    pair = rows.pair_of[p.routes.start[routes], items]
    day = p.routes.day[routes]
    order = np.lexsort((routes, day, pair))
    dated, fresh = _supplies(p, rows, flows), _fresh(p, rows, flows)
    queues: dict[int, list[list[float]]] = defaultdict(list)
    out: dict[tuple[int, int, int], float] = defaultdict(float)
    for n in order:
        at, today = int(pair[n]), int(day[n])
        waiting = fresh.get(at, [])
        while waiting and waiting[0][0] <= today:
            _, lot, amount = waiting.pop(0)
            queues[at].append([lot, amount])
        first = [[float(lot), left] for lot, left in dated.get((at, today), [])]
        want = float(units[n])
        for queue in (first, queues[at]):
            for lot, take in _draw(want, queue):
                out[int(routes[n]), int(items[n]), lot] += take
                want -= take
        dated[at, today] = [(int(lot), left) for lot, left in first]
    keys = np.array(list(out), dtype=np.int64).reshape(len(out), 3)
    taken = np.array(list(out.values()), dtype=float)
    moved = p.routes.first[keys[:, 0]] >= 0
    return _delivery_frame(p, keys[moved], taken[moved])


def _delivery_frame(p: SupplyProblem, keys: Ints, amount: Floats) -> pl.DataFrame:
    """Return the table `deliveries` from rows (route, item, lot) and their units."""
    route = keys[:, 0]
    area = np.searchsorted(p.routes.ptr, route, side="right") - 1
    second = p.routes.second[route]
    hub = np.where(second >= 0, p.moves.start[np.maximum(second, 0)], -1)
    names = np.array([*p.location_ids, None], dtype=object)
    frame = pl.DataFrame(
        {
            "day": p.routes.day[route],
            "from_id": _names(p.location_ids, p.routes.start[route]),
            "via_id": pl.Series(names[hub].tolist(), dtype=pl.String),
            "area_id": _names(p.area_ids, area),
            "item_id": _names(p.goods.ids, keys[:, 1]),
            "lot_id": _names(p.lots.ids, keys[:, 2]),
            "quantity": amount,
            "arrive_day": p.routes.arrive[route],
        }
    )
    by = ["day", "from_id", "via_id", "area_id", "item_id", "lot_id", "arrive_day"]
    return frame.group_by(by).agg(pl.col("quantity").sum()).sort(by)


def _names(ids: tuple[str, ...], index: Ints) -> pl.Series:
    """Return the codes at the indices."""
    return pl.Series([ids[n] for n in index.tolist()], dtype=pl.String)


def _ends(p: SupplyProblem, move: Ints) -> pl.Series:
    """Return where each movement goes: an area or a hub."""
    end = p.moves.end[move].tolist()
    return pl.Series(
        [p.area_ids[e] if e >= 0 else p.location_ids[-1 - e] for e in end], dtype=pl.String
    )


def _shares(p: SupplyProblem, trips: Floats, move: Ints, weight: Floats, volume: Floats) -> Floats:
    """Return which part of the goods of its movement each class carries."""
    cls = p.moves.trip_class
    with np.errstate(divide="ignore", invalid="ignore"):
        by_weight = np.where(weight[move] > 0, p.payload_t[cls] * trips / weight[move], np.inf)
        by_volume = np.where(volume[move] > 0, p.volume_m3[cls] * trips / volume[move], np.inf)
    able = np.where(trips > 0, np.minimum(by_weight, by_volume), 0.0)
    able = np.where(np.isfinite(able), able, 1.0)
    total = np.bincount(move, able, minlength=len(weight))
    return able / np.maximum(total[move], 1e-300)


def _trips(
    p: SupplyProblem, flows: Flows, shipped: _Shipments
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return trips of each class and their loads; classes of a movement share the goods evenly."""
    n_items, n_moves = len(p.goods.ids), len(p.moves.day)
    leg = np.concatenate([p.routes.first[shipped.route], p.routes.second[shipped.route]])
    item, amount = np.tile(shipped.item, 2), np.tile(shipped.units, 2)
    real = leg >= 0
    key, where = np.unique(leg[real] * n_items + item[real], return_inverse=True)
    carried = _sums(where, amount[real], len(key))
    move_of, item_of = key // n_items, key % n_items
    weight = _sums(move_of, carried * p.goods.weight_t[item_of], n_moves)
    volume = _sums(move_of, carried * p.goods.volume_m3[item_of], n_moves)
    move = np.repeat(np.arange(n_moves), np.diff(p.moves.trip_ptr))
    share = _shares(p, flows.trips, move, weight, volume)
    running = np.flatnonzero((flows.trips > 0) & (weight[move] + volume[move] > 0))
    m, cls = move[running], p.moves.trip_class[running]
    fleet = p.moves.trip_fleet[running]
    head = {
        "day": p.moves.day[m],
        "from_id": _names(p.location_ids, p.moves.start[m]),
        "to_id": _ends(p, m),
        "class_id": _names(p.class_ids, cls),
    }
    trips = pl.DataFrame(
        {
            **head,
            "base_id": _names(p.fleet_base, fleet),
            "trips": flows.trips[running],
            "hours_per_trip": p.moves.trip_hours[running],
            "arrive_day": p.moves.arrive[m],
            "load_t": weight[m] * share[running],
            "load_m3": volume[m] * share[running],
        }
    )
    first = np.searchsorted(move_of, m)
    count = np.searchsorted(move_of, m, side="right") - first
    trip_row = np.repeat(np.arange(len(running)), count)
    entry = first[trip_row] + np.arange(len(trip_row)) - np.repeat(np.cumsum(count) - count, count)
    loads = pl.DataFrame(head)[trip_row].with_columns(
        item_id=_names(p.goods.ids, item_of[entry]),
        quantity=pl.Series(carried[entry] * share[running][trip_row]),
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
    frame = pl.DataFrame(
        {
            "day": day,
            "area_id": _names(p.area_ids, d.area[cell]),
            "item_id": _names(p.goods.ids, d.item[cell]),
            "from_item_id": _names(p.goods.ids, source),
            "quantity": flows.amount,
        }
    )
    keys = ["area_id", "item_id", "day", "from_item_id"]
    return frame.group_by(keys).agg(pl.col("quantity").sum()).sort(keys)
