"""From a nearly feasible allocation to one that keeps every rule.

What is overdrawn is scaled down in the order in which goods flow (crossings, stock, loads,
truck-hours), trips of the first days become whole, and what is then left over serves the
dearest unmet needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aidline.planning.at_hand import dated_lots, stock_of, transfers_of
from aidline.planning.auction.kernels_ways import PART
from aidline.planning.forgotten import with_slivers
from aidline.planning.kernels_bound import fit_load_prices
from aidline.planning.kernels_refill import new_log, refill
from aidline.planning.kernels_repair import (
    SPECK,
    hours_used,
    option_prices,
    scale_trips,
)
from aidline.planning.whole_trips import left_over, make_whole
from aidline.supply.flows import Flows
from aidline.supply.stowage import Cargo, Stowage, Stower, stowage_of

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.planning.auction.engine import Auction
    from aidline.supply.flows import Transfers
    from aidline.supply.problem import Floats, Ints, SupplyProblem
    from aidline.supply.rows import Rows


def _nothing() -> Stowage:
    none = np.zeros(0, dtype=np.int64)
    return Stowage(none, none, np.zeros(0))


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
    stowage
        What is on board of them.
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
    stowage: Stowage = field(default_factory=_nothing)


def repair(auction: Auction, z: Floats, *, whole_days: int, slivers: bool = True) -> Flows:
    """Return a feasible allocation near the auction's present one.

    Parameters
    ----------
    auction
        Its amounts are the start; they are not changed.
    z
        Row prices that rank what is scarce.
    whole_days
        Trips that leave before this day are whole numbers.
    slivers
        Give those who would get nothing a little first (see `with_slivers`).
    """
    if auction.fixed.any():
        auction, z = _reopened(auction, z)
    net, rows = auction.net, auction.rows
    transfers = transfers_of(auction, z)
    fresh, dated = stock_of(auction, transfers)
    work = Work(
        auction.needs._replace(amount=_worth_moving(auction.needs)),
        auction.kits._replace(amount=auction.kits.amount.copy()),
        auction.trips.amount[1::2].copy(),
        transfers,
        fresh,
        dated,
    )
    if slivers and net.fair_cost.any():
        _limit_parts(net, work)
        work.needs, work.kits = with_slivers(net, work.needs, work.kits, z)
    _draw_stock(net, rows, work)
    _cover_loads(net, auction.stower, work, auction.fixed)
    _keep_hours(auction.problem, net, work, auction.fixed)
    if whole_days > 0 and not auction.fixed.any():
        work.trips = make_whole(auction.problem, net, work.trips, z, whole_days)
    _limit_to_trips(net, auction.stower, work, z)
    _limit_parts(net, work)
    _restore_unmet(net, work.needs)
    _refill(auction, work, z, whole_days)
    return _flows(auction, work)


def _reopened(auction: Auction, prices: Floats) -> tuple[Auction, Floats]:
    """Return a copy with options also on ways that are shut, for trucks that are left over.

    Returns also the prices at which they were chosen: those of shut ways became what a trip
    costs there.
    """
    net, rows, z = auction.net, auction.rows, prices.copy()
    shut = rows.load + np.flatnonzero(z[rows.load : rows.fair] >= auction.scales.shut)
    z[shut] = 0.0
    fitted = z.copy()
    fit_load_prices(net, fitted, auction.mix())
    z[shut] = fitted[shut]
    wide = auction.snapshot()
    wide.choose(z)
    return wide, z


def _worth_moving(needs: Columns) -> Floats:
    """Return the amounts without those that are next to nothing."""
    size = np.repeat(needs.size, np.diff(needs.ptr))
    return np.where(needs.amount > SPECK * size, needs.amount, 0.0)


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
    from_dated = np.minimum(wanted, dated)
    from_fresh = (wanted - from_dated) * shared_out(wanted - from_dated, fresh)
    given = from_dated + from_fresh
    work.pool = np.maximum(0.0, np.cumsum(fresh - from_fresh, axis=1)).ravel()
    factor = (given / np.maximum(wanted, 1e-300)).ravel()
    work.needs.amount[on] *= np.minimum(1.0, factor[at])
    work.kits.amount[kit_on] *= np.minimum(1.0, factor[kit_at])


def shared_out(wanted: Floats, fresh: Floats) -> Floats:
    """Return [row, day] the share of what is wanted that there is.

    Whoever draws from the same scarce goods gets the same share, be it early or late: the days
    up to the one on which they fall shortest share alike, then those after it.

    Parameters
    ----------
    wanted, fresh
        [row, day] units wanted, and units that become available; what is not used stays.
    """
    share = np.ones(wanted.shape)
    open_from = np.zeros((len(wanted), 1), dtype=np.int64)
    day = np.arange(wanted.shape[1])
    while True:
        later = day >= open_from
        want = np.cumsum(np.where(later, wanted, 0.0), axis=1)
        there = np.cumsum(np.where(later, fresh, 0.0), axis=1)
        reach = np.where(want > 0, there / np.maximum(want, 1e-300), np.inf)
        worst = reach.min(axis=1, initial=1.0, keepdims=True)
        short = worst < 1.0
        if not short.any():
            return share
        until = wanted.shape[1] - 1 - np.argmin(reach[:, ::-1], axis=1)[:, None]
        now = short & later & (day <= until)
        share[now] = np.broadcast_to(worst, share.shape)[now]
        open_from = np.where(short, until + 1, wanted.shape[1])


@dataclass(frozen=True, slots=True)
class _Lines:
    """Goods under way: options of needs and of kits, the first and then the second legs.

    Attributes
    ----------
    needs, kits
        Options in use.
    move, item, units
        [leg, option], units of the item; move −1 = no such leg.
    stock
        [option] row of the stock that it draws on.
    """

    needs: Ints
    kits: Ints
    move: Ints
    item: Ints
    units: Floats
    stock: Ints


def _lines(net: Net, needs: Columns, kits: Columns) -> _Lines:
    """Return what the present amounts put on the road."""
    on, route, item, ratio = _options(net, needs)
    kit_on, kit_route, kit_item = _kit_options(kits)
    route, item = np.concatenate([route, kit_route]), np.concatenate([item, kit_item])
    units = np.concatenate([needs.amount[on] * ratio, kits.amount[kit_on]])
    legs = np.stack([net.route_first[route], net.route_second[route]])
    stock = net.pair_of[net.route_start[route], item] * net.days + net.route_day[route]
    return _Lines(on, kit_on, legs, np.stack([item, item]), np.stack([units, units]), stock)


def _cargo(stower: Stower, lines: _Lines) -> tuple[Cargo, Ints]:
    """Return the goods of each movement, and [leg, option] which good a line is (−1 = none)."""
    real = lines.move >= 0
    cargo, line = stower.cargo(lines.move[real], lines.item[real], lines.units[real])
    good = np.full(lines.move.shape, -1, dtype=np.int64)
    good[real] = line
    return cargo, good


def _cover_loads(net: Net, stower: Stower, work: Work, fixed: npt.NDArray[np.bool_]) -> None:
    """Scale trips that are not fixed so that each movement just carries its load."""
    cargo, _ = _cargo(stower, _lines(net, work.needs, work.kits))
    loaded = np.diff(cargo.ptr) > 0
    running = stower.by_movement(work.trips) > 1e-9
    first = net.trip_ptr[:-1][loaded & ~running]
    first = first[~fixed[first]]
    move = stower.move_of
    best = np.lexsort((net.trip_hours / net.payload[net.trip_class], move))
    cheapest = best[np.searchsorted(move[best], move[first])] if len(first) else first
    work.trips[cheapest] = 1.0
    work.trips = np.where(fixed, work.trips, stower.cover(cargo, work.trips))


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


def _limit_to_trips(net: Net, stower: Stower, work: Work, z: Floats) -> None:
    """Load the trips; what finds no room stays behind and returns to the pool."""
    lines = _lines(net, work.needs, work.kits)
    cargo, good = _cargo(stower, lines)
    real = good >= 0
    worth = np.zeros(len(cargo.item))
    worth[good[real]] = np.stack([z[lines.stock]] * 2)[real]
    by_weight, by_volume = z[net.load_row :][2 * cargo.move], z[net.load_row :][2 * cargo.move + 1]
    space = net.weight[cargo.item] * by_weight + net.volume[cargo.item] * by_volume
    worth /= space + 1e-9 * stower.truckloads(cargo.item)
    stowage, carried, of = stower.stow(cargo, work.trips, worth)
    kept = np.append(carried, 1.0)[good].min(axis=0)  # −1 = no such leg: the last share, 1
    kept = np.where(kept > SPECK, kept, 0.0)
    split = len(lines.needs)
    work.needs.amount[lines.needs] *= kept[:split]
    work.kits.amount[lines.kits] *= kept[split:]
    back = np.bincount(lines.stock, lines.units[0] * (1.0 - kept), minlength=len(work.pool)).astype(
        np.float64
    )
    _return(work, back.reshape(-1, net.days))
    final = np.bincount(good[real], (lines.units * kept)[real], minlength=len(carried))
    share = np.minimum(1.0, final / np.maximum(cargo.units * carried, 1e-300))
    work.stowage = Stowage(stowage.slot, stowage.item, stowage.units * share[of])


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
    spare, convoy = left_over(p, net, work.trips)
    on_t, on_m3 = auction.stower.on_board(work.stowage)
    order = _refill_order(net, work.needs, z)
    price = option_prices(work.needs, z)
    log = new_log(len(work.needs.cost) + 1024)
    for free in (False, True):
        refill(
            net, work.needs, order, price, z, work.trips, on_t, on_m3, spare, convoy, work.pool,
            whole_days, free, log,
        )  # fmt: skip
    n = int(log.lines[0])
    more = Stowage(log.slot[:n], log.item[:n], log.units[:n])
    work.stowage = stowage_of([work.stowage, more])


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
    lot, day, amount = dated_lots(auction)
    return Flows(
        cell=cell[on],
        tag=needs.tag[on],
        way=needs.tag_more[on],
        amount=needs.amount[on],
        kit_route=kits.tag[kit_on],
        kit_item=kits.tag_more[kit_on],
        kit_amount=kits.amount[kit_on],
        trips=np.where(_carrying(work), work.trips, 0.0),
        stowage=work.stowage,
        transfers=work.transfers,
        dated_lot=lot,
        dated_day=day,
        dated_amount=amount,
    )


def _carrying(work: Work) -> npt.NDArray[np.bool_]:
    """Tell which trips have anything on board."""
    return np.bincount(work.stowage.slot, work.stowage.units, minlength=len(work.trips)) > 0
