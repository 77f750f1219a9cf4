"""What goods are at hand: transfers from crossings within their slots, and stock by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.kernels_repair import push_lots
from aidline.supply.flows import Transfers

if TYPE_CHECKING:
    from aidline.planning.auction.engine import Auction
    from aidline.supply.problem import Floats, Ints

FOR_EVER = 100_000  # an expiry from here on is none


def transfers_of(auction: Auction, z: Floats) -> Transfers:
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


def stock_of(auction: Auction, transfers: Transfers) -> tuple[Floats, Floats]:
    """Return cumulative stock without expiry and dated stock, both [pair × day]."""
    net = auction.net
    n = len(auction.rows.pair_item) * net.days
    fresh, dated = np.zeros(n), np.zeros(n)
    ever = net.lot_expiry >= FOR_EVER
    own = np.flatnonzero((net.lot_location >= 0) & ever)
    pair = net.pair_of[net.lot_location[own], net.lot_item[own]]
    np.add.at(fresh, pair * net.days + net.lot_first[own], net.lot_quantity[own])
    lot, day, amount = dated_lots(auction)
    pair = net.pair_of[net.lot_location[lot], net.lot_item[lot]]
    np.add.at(dated, pair * net.days + day, amount)
    pair = net.pair_of[net.edge_location[transfers.edge], net.lot_item[transfers.lot]]
    stays = ever[transfers.lot]
    arrive = net.edge_arrive[transfers.edge, transfers.day]
    np.add.at(fresh, (pair * net.days + arrive)[stays], transfers.amount[stays])
    np.add.at(dated, (pair * net.days + transfers.use_day)[~stays], transfers.amount[~stays])
    return fresh, dated


def dated_lots(auction: Auction) -> tuple[Ints, Ints, Floats]:
    """Return the lots with an expiry at locations: lot, day of use, units assigned."""
    net, lots = auction.net, auction.lots
    lot_of = np.repeat(np.arange(len(lots.size)), np.diff(lots.ptr))
    here = (net.lot_location[lot_of] >= 0) & (net.lot_expiry[lot_of] < FOR_EVER)
    on = np.flatnonzero((lots.amount > 0) & here & (lots.tag >= 0))
    return lot_of[on], lots.tag[on], lots.amount[on]
