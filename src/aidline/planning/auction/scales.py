"""First prices and slopes of the coupling rows.

A row's slope is (price scale) / (flow scale) × κ: how much its price moves when it is used by
so much more. Measured at 500 areas: small κ for stock, because its flow is spread over days and
places; a large one for the rows of single movements, which must answer at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.kernels_bound import fit_load_prices
from aidline.supply.rows import UNLIMITED, Rows

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats

KAPPA = 2.0  # truck-hours, slots, convoys, promises, parts of kits
KAPPA_STOCK = 0.4
KAPPA_LOAD = 16.0
KAPPA_FAIR = 0.6
ONCE_START = 3.6  # first price of what is needed once, on day 0, per mean worth of a unit
CLOSED = 100.0  # first price of a closed slot, per worth of the most worthwhile load: nobody goes
DAILY_START = 0.9  # the same for what is needed daily
SHUT = 1e4  # times the highest first price: what a way costs that must not be taken


@dataclass(frozen=True, slots=True)
class Scales:
    """First price and slope of every row."""

    price: Floats
    slope: Floats

    @property
    def shut(self) -> float:
        """The price of a way that must not be taken."""
        return SHUT * max(1.0, float(self.price.max(initial=0.0)))


def item_values(net: Net) -> Floats:
    """Return the mean worth of one unit of each item (weighted person-days)."""
    waits = np.where(net.cell_level >= 0, (net.days - net.cell_day) / 3.0, 1.0)
    worth = np.bincount(
        net.cell_item, net.cell_need * net.cell_value * waits, minlength=len(net.hold)
    )
    need = np.bincount(net.cell_item, net.cell_need, minlength=len(net.hold))
    value = worth / np.maximum(need, 1e-300)
    for i in range(len(net.way_ptr) - 1):
        for w in range(net.way_ptr[i], net.way_ptr[i + 1]):
            j = net.way_item[w]
            value[j] = max(value[j], value[i] / net.way_ratio[w])
    for kit, part, q in zip(net.kit_item, net.kit_part, net.kit_quantity, strict=True):
        value[kit] += q * value[part]
    return value


def make_scales(net: Net, rows: Rows) -> Scales:
    """Choose first prices and slopes of all coupling rows."""
    value = item_values(net)
    price, slope = np.zeros(rows.total), np.zeros(rows.total)
    per_t = _worth_per_tonne(net, value)
    _stock(net, rows, value, price, slope)
    _hours_and_slots(net, rows, value, price, slope)
    _loads(net, rows, price, slope)
    slope[rows.fair : rows.convoy] = (
        KAPPA_FAIR * net.fair_cost[:, 2] / np.maximum(0.2 * net.fair_size, 1e-12)
    )
    worth = per_t * float(net.payload.mean() if len(net.payload) else 1.0)
    convoy = np.maximum(rows.capacity[rows.convoy : rows.promise], 1.0)
    slope[rows.convoy : rows.promise] = KAPPA * 0.3 * worth / convoy
    slope[rows.promise : rows.part] = (
        KAPPA * 0.2 * net.promise_value / np.maximum(net.promise_units, 1e-12)
    )
    for part in range(len(net.kit_item)):
        blocks = net.part_of[:, part][net.part_of[:, part] >= 0]
        need = _need_of(net, int(net.kit_part[part]))[net.part_of[:, part] >= 0]
        at = rows.part + blocks[:, None] * net.days + np.arange(net.days)
        price[at] = value[net.kit_part[part]]
        slope[at] = KAPPA * value[net.kit_part[part]] / np.maximum(need[:, None] / net.days, 1e-9)
    return Scales(price, slope)


def _need_of(net: Net, item: int) -> Floats:
    """Return the whole need of an item by area."""
    mine = net.cell_item == item
    need = np.bincount(net.cell_area[mine], net.cell_need[mine], minlength=len(net.area_ptr) - 1)
    return need.astype(np.float64)


def _worth_per_tonne(net: Net, value: Floats) -> float:
    """Return the mean worth of a tonne of what is needed, the unit of all truck prices."""
    tonnes = float((net.cell_need * net.weight[net.cell_item]).sum())
    worth = float((net.cell_need * value[net.cell_item]).sum())
    return worth / max(tonnes, 1e-9)


def _stock(net: Net, rows: Rows, value: Floats, price: Floats, slope: Floats) -> None:
    """Set the rows of stock, from the worth of items and how much of them there is."""
    supply = np.zeros(len(rows.pair_item))
    for c in range(len(net.lot_item)):
        item, gate = net.lot_item[c], net.lot_crossing[c]
        if gate < 0:
            supply[net.pair_of[net.lot_location[c], item]] += net.lot_quantity[c]
            continue
        places = net.edge_location[net.edge_ptr[gate] : net.edge_ptr[gate + 1]]
        pairs = net.pair_of[places, item]
        supply[pairs[pairs >= 0]] += net.lot_quantity[c] / max(1, len(places))
    flow = np.maximum(0.55 * supply / net.days, 1e-6 * supply.max(initial=1e-9))
    worth = value[rows.pair_item]
    at = slice(0, rows.hours)
    price[at] = (worth[:, None] * _first_shape(net)[rows.pair_item]).ravel()
    slope[at] = np.repeat(KAPPA_STOCK * 1.5 * worth / np.maximum(flow, 1e-9), net.days)


def _first_shape(net: Net) -> Floats:
    """Return [item, day] the first price of a unit, as a multiple of its mean worth.

    What is needed once loses worth with every day of waiting; what is needed daily keeps it.
    """
    once = np.zeros(len(net.hold), dtype=bool)
    once[net.cell_item[net.cell_level >= 0]] = True
    left = 1.0 - (np.arange(net.days) + 0.3) / net.days
    return np.where(once[:, None], ONCE_START * left, DAILY_START)


def _hours_and_slots(net: Net, rows: Rows, value: Floats, price: Floats, slope: Floats) -> None:
    """Set the rows of truck-hours and crossing slots, from the worth of a tonne."""
    per_t = _worth_per_tonne(net, value)
    hours = rows.capacity[rows.hours : rows.slots]
    if len(net.trip_hours):
        rate = np.median(net.payload[net.trip_class] / net.trip_hours)
        first = 0.7 * per_t * float(rate)
        price[rows.hours : rows.slots] = first
        slope[rows.hours : rows.slots] = KAPPA * first / np.maximum(hours, 1.0)
    slots = rows.capacity[rows.slots : rows.load]
    payload = np.repeat(net.gate_payload, 2 * net.days)
    limited = slots < UNLIMITED
    pressure = np.repeat(_pressure(net, slots), 2 * net.days)
    usual = np.where(limited, 0.4 * per_t * payload * pressure, 0.0)
    dearest = np.repeat(_dearest_load(net, value), 2 * net.days)
    price[rows.slots : rows.load] = np.where(slots > 0, usual, CLOSED * dearest)
    slope[rows.slots : rows.load] = np.where(
        limited, KAPPA * 0.2 * per_t * payload / np.maximum(slots, 0.5), 0.0
    )


def _dearest_load(net: Net, value: Floats) -> Floats:
    """Return, per crossing, what a truck full of the most worthwhile item is worth."""
    share = np.maximum(
        net.weight / net.gate_payload[:, None], net.volume / net.gate_volume[:, None]
    )
    dearest: Floats = (value / np.maximum(share, 1e-12)).max(axis=1, initial=0.0)
    return dearest


def _pressure(net: Net, slots: Floats) -> Floats:
    """Return, per crossing, the share of its slots that all its goods would fill (at most 1)."""
    n = len(net.gate_payload)
    if n == 0:
        return np.zeros(0)
    here = net.lot_crossing >= 0
    gate, item = net.lot_crossing[here], net.lot_item[here]
    trucks = net.lot_quantity[here] * np.maximum(
        net.weight[item] / net.gate_payload[gate], net.volume[item] / net.gate_volume[gate]
    )
    total = np.minimum(slots, 1e9).reshape(n, -1).sum(axis=1) / 2.0
    share = np.bincount(gate, trucks, minlength=n) / np.maximum(total, 1e-9)
    least: Floats = np.minimum(1.0, share)
    return least


def _loads(net: Net, rows: Rows, price: Floats, slope: Floats) -> None:
    """Set the rows of single movements: prices that let trips break even, steep slopes."""
    n = len(net.move_day)
    if n == 0:
        return
    at = rows.load + 2 * np.arange(n)
    fit_load_prices(net, price, np.full(n, 0.5))
    daily_t = net.cell_need * net.weight[net.cell_item] / net.days
    daily_m3 = net.cell_need * net.volume[net.cell_item] / net.days
    n_areas = len(net.area_ptr) - 1
    flow_t, flow_m3 = np.full(n, np.nan), np.full(n, np.nan)
    area = np.repeat(np.arange(n_areas), np.diff(net.route_ptr))
    by_t = np.bincount(net.cell_area, daily_t, minlength=n_areas)
    by_m3 = np.bincount(net.cell_area, daily_m3, minlength=n_areas)
    for leg in (net.route_first, net.route_second):
        on = leg >= 0
        flow_t[leg[on]], flow_m3[leg[on]] = by_t[area[on]], by_m3[area[on]]
    flow_t = np.where(np.isnan(flow_t), np.nanmean(by_t), flow_t)
    flow_m3 = np.where(np.isnan(flow_m3), np.nanmean(by_m3), flow_m3)
    slope[at] = KAPPA_LOAD * price[at] / np.maximum(flow_t, 1e-6)
    slope[at + 1] = (
        KAPPA_LOAD * np.maximum(price[at + 1], 0.05 * price[at]) / np.maximum(flow_m3, 1e-6)
    )
