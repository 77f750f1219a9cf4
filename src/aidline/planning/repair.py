"""From a nearly feasible allocation to one that keeps every rule.

What is overdrawn is scaled down in the order in which goods flow (crossings, stock, loads,
truck-hours), trips of the first days become whole, and what is then left over serves the
dearest unmet needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aidline.planning.auction.kernels_options import PART
from aidline.planning.kernels_repair import (
    hours_used,
    option_prices,
    push_lots,
    refill,
    scale_trips,
    shares_carried,
)
from aidline.planning.whole_trips import make_whole
from aidline.supply.flows import Flows, Transfers

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.planning.auction.engine import Auction
    from aidline.supply.problem import Floats, Ints, SupplyProblem
    from aidline.supply.rows import Rows

FOR_EVER = 100_000


@dataclass(slots=True)
class Work:
    """What is being repaired.

    Attributes
    ----------
    needs
        Columns of need with their amounts (a copy).
    kits
        Columns of kits (a copy).
    trips
        Trips per movement and class.
    transfers
        Goods from crossings.
    pool
        [pair × day] units not yet used, cumulative, of lots without an expiry.
    dated
        [pair × day] units of lots with an expiry, on the day to which they are assigned.
    """

    needs: Columns
    kits: Columns
    trips: Floats
    transfers: Transfers
    pool: Floats
    dated: Floats


def repair(auction: Auction, z: Floats, *, whole_days: int) -> Flows:
    """Return a feasible allocation near the auction's present one.

    Parameters
    ----------
    auction
        Its amounts are the start; they are not changed.
    z
        Row prices that rank what is scarce.
    whole_days
        Trips that leave before this day are whole numbers.
    """
    net, rows = auction.net, auction.rows
    transfers = _transfers(auction, z)
    fresh, dated = _stock(auction, transfers)
    work = Work(
        auction.needs._replace(amount=auction.needs.amount.copy()),
        auction.kits._replace(amount=auction.kits.amount.copy()),
        auction.trips.amount[1::2].copy(),
        transfers,
        fresh,
        dated,
    )
    _draw_stock(net, rows, work)
    _cover_loads(net, work, auction.fixed)
    _keep_hours(auction.problem, net, work, auction.fixed)
    if whole_days > 0 and not auction.fixed.any():
        work.trips = make_whole(auction.problem, net, work.trips, z, whole_days)
    _limit_to_trips(net, work)
    _limit_parts(net, work)
    _restore_unmet(net, work.needs)
    _refill(auction, work, z, whole_days)
    return _flows(auction, work)


def _transfers(auction: Auction, z: Floats) -> Transfers:
    """Return the transfers of the auction, scaled to the slots; left-over lots fill free slots."""
    net, p, lots = auction.net, auction.problem, auction.lots
    lot_of = np.repeat(np.arange(len(lots.size)), np.diff(lots.ptr))
    on = np.flatnonzero((lots.amount > 0) & (net.lot_crossing[lot_of] >= 0) & (lots.tag >= 0))
    lot, edge, day = lot_of[on], lots.tag[on] // net.days, lots.tag[on] % net.days
    use_day, amount = lots.tag_more[on], lots.amount[on].copy()
    gate, item = net.lot_crossing[lot], net.lot_item[lot]
    slot = 2 * (gate * net.days + day)
    by_weight = net.weight[item] / net.gate_payload[gate]
    by_volume = net.volume[item] / net.gate_volume[gate]
    limit = np.repeat(p.crossings.slots.ravel(), 2)
    used = np.zeros(len(limit))
    np.add.at(used, slot, amount * by_weight)
    np.add.at(used, slot + 1, amount * by_volume)
    factor = np.where(used > limit, limit / np.maximum(used, 1e-300), 1.0)
    amount *= np.minimum(factor[slot], factor[slot + 1])
    sent = np.bincount(lot, amount, minlength=len(lots.size))
    left = np.where(net.lot_crossing >= 0, net.lot_quantity - sent, 0.0)
    most = len(left) * 4 + 16
    new_lot, new_edge, new_day = (np.zeros(most, np.int64) for _ in range(3))
    more = np.zeros(most)
    room = _room_left(limit, slot, amount, by_weight, by_volume)
    n = push_lots(net, z, left, room, new_lot, new_edge, new_day, more)
    arrive = net.edge_arrive[new_edge[:n], new_day[:n]]
    return Transfers(
        lot=np.concatenate([lot, new_lot[:n]]),
        edge=np.concatenate([edge, new_edge[:n]]),
        day=np.concatenate([day, new_day[:n]]),
        use_day=np.concatenate([use_day, arrive]),
        amount=np.concatenate([amount, more[:n]]),
    )


def _room_left(
    limit: Floats, slot: Ints, amount: Floats, by_weight: Floats, by_volume: Floats
) -> Floats:
    """Return how much room the transfers leave of each slot row."""
    room = np.where(np.isfinite(limit), limit, 1e15)
    np.subtract.at(room, slot, amount * by_weight)
    np.subtract.at(room, slot + 1, amount * by_volume)
    return np.maximum(room, 0.0)


def _stock(auction: Auction, transfers: Transfers) -> tuple[Floats, Floats]:
    """Return cumulative stock without expiry and dated stock, both [pair × day]."""
    net = auction.net
    n = len(auction.rows.pair_item) * net.days
    fresh, dated = np.zeros(n), np.zeros(n)
    ever = net.lot_expiry >= FOR_EVER
    own = np.flatnonzero((net.lot_location >= 0) & ever)
    pair = net.pair_of[net.lot_location[own], net.lot_item[own]]
    np.add.at(fresh, pair * net.days + net.lot_first[own], net.lot_quantity[own])
    lot, day, amount = _dated(auction)
    pair = net.pair_of[net.lot_location[lot], net.lot_item[lot]]
    np.add.at(dated, pair * net.days + day, amount)
    pair = net.pair_of[net.edge_location[transfers.edge], net.lot_item[transfers.lot]]
    stays = ever[transfers.lot]
    arrive = net.edge_arrive[transfers.edge, transfers.day]
    np.add.at(fresh, (pair * net.days + arrive)[stays], transfers.amount[stays])
    np.add.at(dated, (pair * net.days + transfers.use_day)[~stays], transfers.amount[~stays])
    return fresh, dated


def _dated(auction: Auction) -> tuple[Ints, Ints, Floats]:
    """Return the lots with an expiry at locations: lot, day of use, units assigned."""
    net, lots = auction.net, auction.lots
    lot_of = np.repeat(np.arange(len(lots.size)), np.diff(lots.ptr))
    here = (net.lot_location[lot_of] >= 0) & (net.lot_expiry[lot_of] < FOR_EVER)
    on = np.flatnonzero((lots.amount > 0) & here & (lots.tag >= 0))
    return lot_of[on], lots.tag[on], lots.amount[on]


def _options(net: Net, cols: Columns) -> tuple[Ints, Ints, Ints, Floats]:
    """Return the routes of need in use: option, route, item, units of it per unit of need."""
    on = np.flatnonzero((cols.amount > 0) & (cols.tag >= 0) & (cols.tag < PART))
    way = cols.tag_more[on]
    return on, cols.tag[on], net.way_item[way], net.way_ratio[way]


def _kit_options(kits: Columns) -> tuple[Ints, Ints, Ints]:
    """Return the options of kits in use: option, route, item of the kit."""
    on = np.flatnonzero((kits.amount > 0) & (kits.tag >= 0))
    return on, kits.tag[on], kits.tag_more[on]


def _draw_stock(net: Net, rows: Rows, work: Work) -> None:
    """Scale what leaves each location down to what is there; turn `pool` into what stays."""
    n_pairs = len(rows.pair_item)
    want = np.zeros(n_pairs * net.days)
    on, route, item, ratio = _options(net, work.needs)
    at = net.pair_of[net.route_start[route], item] * net.days + net.route_day[route]
    np.add.at(want, at, work.needs.amount[on] * ratio)
    kit_on, kit_route, kit_item = _kit_options(work.kits)
    kit_at = net.pair_of[net.route_start[kit_route], kit_item] * net.days + net.route_day[kit_route]
    np.add.at(want, kit_at, work.kits.amount[kit_on])
    shape = (n_pairs, net.days)
    wanted, fresh, dated = want.reshape(shape), work.pool.reshape(shape), work.dated.reshape(shape)
    given, left = np.zeros(shape), np.zeros(n_pairs)
    stays = np.zeros(shape)
    for day in range(net.days):
        left += fresh[:, day]
        from_dated = np.minimum(wanted[:, day], dated[:, day])
        from_fresh = np.minimum(wanted[:, day] - from_dated, left)
        left -= from_fresh
        given[:, day] = from_dated + from_fresh
        stays[:, day] = left
    factor = (given / np.maximum(wanted, 1e-300)).ravel()
    work.needs.amount[on] *= np.minimum(1.0, factor[at])
    work.kits.amount[kit_on] *= np.minimum(1.0, factor[kit_at])
    work.pool = stays.ravel()


def loads_of(net: Net, needs: Columns, kits: Columns) -> tuple[Floats, Floats]:
    """Return weight (t) and volume (m³) carried by each movement."""
    weight, volume = np.zeros(len(net.move_day)), np.zeros(len(net.move_day))
    on, route, item, ratio = _options(net, needs)
    kit_on, kit_route, kit_item = _kit_options(kits)
    route, item = np.concatenate([route, kit_route]), np.concatenate([item, kit_item])
    units = np.concatenate([needs.amount[on] * ratio, kits.amount[kit_on]])
    for leg in (net.route_first[route], net.route_second[route]):
        real = leg >= 0
        np.add.at(weight, leg[real], (units * net.weight[item])[real])
        np.add.at(volume, leg[real], (units * net.volume[item])[real])
    return weight, volume


def _cover_loads(net: Net, work: Work, fixed: npt.NDArray[np.bool_]) -> None:
    """Scale trips that are not fixed so that each movement just carries its load."""
    weight, volume = loads_of(net, work.needs, work.kits)
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    loaded = (weight > 0) | (volume > 0)
    running = np.bincount(move, work.trips, minlength=len(loaded)) > 1e-9
    first = net.trip_ptr[:-1][loaded & ~running]
    first = first[~fixed[first]]
    best = np.lexsort((net.trip_hours / net.payload[net.trip_class], move))
    cheapest = best[np.searchsorted(move[best], move[first])] if len(first) else first
    work.trips[cheapest] = 1.0
    share = shares_carried(net, work.trips, weight, volume)
    covering = np.where(loaded[move], work.trips / np.maximum(share[move], 1e-300), 0.0)
    work.trips = np.where(fixed, work.trips, covering)


def _keep_hours(p: SupplyProblem, net: Net, work: Work, fixed: npt.NDArray[np.bool_]) -> None:
    """Scale trips that are not fixed down to the hours and convoy places that are left."""
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    hours, places = p.fleet_hours.ravel().copy(), p.convoy_trucks.copy()
    convoy = np.zeros(len(places))
    free = np.where(fixed, 0.0, work.trips)
    held = np.where(fixed, work.trips, 0.0)
    in_convoy = net.move_convoy[move] >= 0
    hours = np.maximum(0.0, hours - hours_used(net, held))
    np.subtract.at(places, net.move_convoy[move][in_convoy], held[in_convoy])
    np.add.at(convoy, net.move_convoy[move][in_convoy], free[in_convoy])
    scale_trips(net, free, hours_used(net, free), hours, convoy, np.maximum(places, 0.0))
    work.trips = free + held


def _limit_to_trips(net: Net, work: Work) -> None:
    """Take off the loads that the trips cannot carry; what stays behind returns to the pool."""
    weight, volume = loads_of(net, work.needs, work.kits)
    share = np.append(np.minimum(1.0, shares_carried(net, work.trips, weight, volume)), 1.0)
    for cols, (on, route, item, ratio) in (
        (work.needs, _options(net, work.needs)),
        (work.kits, (*_kit_options(work.kits), None)),
    ):
        first, second = net.route_first[route], net.route_second[route]
        kept = np.minimum(share[first], share[second])  # −1 = no such leg: the last share, 1
        back = cols.amount[on] * (1.0 - kept) * (1.0 if ratio is None else ratio)
        cols.amount[on] *= kept
        at = net.pair_of[net.route_start[route], item] * net.days + net.route_day[route]
        returned = np.zeros(len(work.pool))
        np.add.at(returned, at, back)
        _return(work, returned.reshape(-1, net.days))


def _return(work: Work, returned: Floats) -> None:
    """Put goods back into the pool; dated ones are lost to the refill."""
    dated = work.dated.reshape(returned.shape)
    undated = np.where(dated > 0, 0.0, returned)
    work.pool = (work.pool.reshape(returned.shape) + np.cumsum(undated, axis=1)).ravel()


def _limit_parts(net: Net, work: Work) -> None:
    """Scale the use of kit parts down to what kits bring."""
    on = np.flatnonzero((work.needs.amount > 0) & (work.needs.tag >= PART))
    if not len(net.kit_item):
        return
    blocks = int(net.part_of.max(initial=-1)) + 1
    brought, used = np.zeros(blocks * net.days), np.zeros(blocks * net.days)
    kit_on, route, kit = _kit_options(work.kits)
    area = np.searchsorted(net.route_ptr, route, side="right") - 1
    for part in range(len(net.kit_item)):
        mine = (kit == net.kit_item[part]) & (net.part_of[area, part] >= 0)
        at = net.part_of[area[mine], part] * net.days + net.route_arrive[route[mine]]
        np.add.at(brought, at, work.kits.amount[kit_on[mine]] * net.kit_quantity[part])
    block = work.needs.tag[on] - PART
    np.add.at(used, block, work.needs.amount[on])
    factor = np.minimum(1.0, brought / np.maximum(used, 1e-300))
    work.needs.amount[on] *= factor[block]


def _restore_unmet(net: Net, needs: Columns) -> None:
    """Put what is not served back into the unmet options, cheapest level first."""
    cell = np.repeat(np.arange(len(needs.size)), np.diff(needs.ptr))
    served = np.bincount(
        cell, np.where(needs.tag >= 0, needs.amount, 0.0), minlength=len(needs.size)
    )
    left = np.maximum(0.0, needs.size - served)
    unmet = np.flatnonzero(needs.tag == -1)
    for s in range(len(net.marginals)):
        mine = unmet[needs.tag_more[unmet] == s]
        amount = np.minimum(left[cell[mine]], needs.upper[mine])
        needs.amount[mine] = amount
        left[cell[mine]] -= amount


def _refill(auction: Auction, work: Work, z: Floats, whole_days: int) -> None:
    """Use what is left over for needs that are still unmet."""
    p, net = auction.problem, auction.net
    spare = np.maximum(0.0, p.fleet_hours.ravel() - hours_used(net, work.trips))
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    convoy = np.where(np.isfinite(p.convoy_trucks), p.convoy_trucks, 1e15)
    on = net.move_convoy[move] >= 0
    np.subtract.at(convoy, net.move_convoy[move][on], work.trips[on])
    weight, volume = loads_of(net, work.needs, work.kits)
    order = _refill_order(net, work.needs, z)
    price = option_prices(work.needs, z)
    for free in (False, True):
        refill(
            net, work.needs, order, price, z, work.trips, weight, volume, spare, convoy, work.pool,
            whole_days, free,
        )  # fmt: skip


def _refill_order(net: Net, needs: Columns, z: Floats) -> Ints:
    """Return the cells with options, first those whose unmet need costs most per load."""
    cells = np.flatnonzero(np.diff(needs.ptr) > 0)
    row = np.where(net.cell_fair >= 0, net.fair_row + net.cell_fair, -1)
    fair = np.append(z, 0.0)[row]  # −1 = no fairness: the last price, 0
    level = net.cell_level
    days = np.where(level >= 0, net.days - net.cell_day, 1)
    marginal = np.where(level >= 0, net.marginals[np.maximum(level, 0)], net.marginals[-1])
    worth = (marginal * net.cell_value + net.cell_person_days * fair) * days
    load = np.maximum(net.weight[net.cell_item] / 10.0, net.volume[net.cell_item] / 40.0)
    return cells[np.argsort(-(worth / load)[cells], kind="stable")]


def _flows(auction: Auction, work: Work) -> Flows:
    """Return what remains in use as flows."""
    needs, kits = work.needs, work.kits
    cell = np.repeat(np.arange(len(needs.size)), np.diff(needs.ptr))
    on = np.flatnonzero(
        (needs.amount > 1e-9 * np.maximum(needs.size[cell], 1e-12)) & (needs.tag >= 0)
    )
    kit_on = np.flatnonzero((kits.amount > 1e-9) & (kits.tag >= 0))
    lot, day, amount = _dated(auction)
    return Flows(
        cell=cell[on],
        tag=needs.tag[on],
        way=needs.tag_more[on],
        amount=needs.amount[on],
        kit_route=kits.tag[kit_on],
        kit_item=kits.tag_more[kit_on],
        kit_amount=kits.amount[kit_on],
        trips=work.trips,
        transfers=work.transfers,
        dated_lot=lot,
        dated_day=day,
        dated_amount=amount,
    )
