"""The coupling rows: every limit that several decisions share.

One row is "use ≤ capacity"; its price is what one more unit of capacity is worth. The
families stand one behind the other in one index space:

stock     (location, item, day)   what leaves − what lots are assigned to that day ≤ 0
hours     (base and class, day)   truck-hours ≤ those of the fleet
slots     (crossing, day) × 2     trucks by weight, trucks by volume ≤ slots
load      movement × 2            weight, volume of goods − capacity of trips ≤ 0
fair      (area, need group)      unmet person-days − what the fairness levels take ≤ 0
convoy    (area, day)             trucks ≤ those of the convoy
promise   promised quantities     −delivered − shortfall ≤ −promised
part      (area, kit part, day)   parts used − parts that kits brought ≤ 0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints, SupplyProblem

UNLIMITED = 1e15  # the capacity of a row that does not bind


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each family of rows starts, and the capacities.

    Attributes
    ----------
    pair_of
        [location, item] index of the stock pair, −1 where none exists.
    pair_location, pair_item
        Inverse of `pair_of`.
    hours, slots, load, fair, convoy, promise, part, total
        First row of each family, and the number of rows. Stock starts at 0.
    part_of
        [area, kit part] index of the part block, −1 where the area has no use for it.
    capacity
        Right-hand side of every row (infinite slots are left out by a large number).
    """

    pair_of: Ints
    pair_location: Ints
    pair_item: Ints
    hours: int
    slots: int
    load: int
    fair: int
    convoy: int
    promise: int
    part: int
    total: int
    part_of: Ints
    capacity: Floats


def make_rows(p: SupplyProblem) -> Rows:
    """Lay out the coupling rows of a problem.

    Parameters
    ----------
    p
        The problem.

    Returns
    -------
    Rows
        Capacities in the unit of each family: units of the item, truck-hours, trucks, t and m³,
        person-days.
    """
    pair_of = _pairs(p)
    pair_location, pair_item = np.nonzero(pair_of >= 0)
    n_pairs = len(pair_location)
    pair_of[pair_location, pair_item] = np.arange(n_pairs)
    part_of, n_parts = _parts(p)
    hours = n_pairs * p.days
    slots = hours + len(p.fleet_class) * p.days
    load = slots + len(p.crossings.ids) * p.days * 2
    fair = load + len(p.moves.day) * 2
    convoy = fair + len(p.fairness.area)
    promise = convoy + len(p.convoy_area)
    part = promise + len(p.promise_area)
    total = part + n_parts * p.days
    capacity = np.zeros(total)
    capacity[hours:slots] = p.fleet_hours.ravel()
    slot_rows = np.repeat(p.crossings.slots.ravel(), 2)
    capacity[slots:load] = np.where(np.isfinite(slot_rows), slot_rows, UNLIMITED)
    capacity[convoy:promise] = np.where(np.isfinite(p.convoy_trucks), p.convoy_trucks, UNLIMITED)
    capacity[promise:part] = -p.promise_units
    return Rows(
        pair_of, pair_location, pair_item, hours, slots, load, fair, convoy, promise, part, total,
        part_of, capacity,
    )  # fmt: skip


def _pairs(p: SupplyProblem) -> Ints:
    """Mark the (location, item) pairs that can ever hold goods."""
    pairs = np.full((len(p.location_ids), len(p.goods.ids)), -1, dtype=np.int64)
    lots = p.lots
    at_location = lots.location >= 0
    pairs[lots.location[at_location], lots.item[at_location]] = 0
    for c in range(len(p.crossings.ids)):
        items = np.unique(lots.item[lots.crossing == c])
        items = items[p.crossings.allowed[c, items]]
        edges = slice(p.crossings.edge_ptr[c], p.crossings.edge_ptr[c + 1])
        pairs[np.ix_(p.crossings.edge_location[edges], items)] = 0
    return pairs


def _parts(p: SupplyProblem) -> tuple[Ints, int]:
    """Return the numbers of the (area, kit part) blocks: reachable areas that need the part."""
    kits = p.goods.kit_part
    part_of = np.full((len(p.area_ids), len(kits)), -1, dtype=np.int64)
    n = 0
    for a in np.unique(p.demand.area):
        if p.routes.ptr[a] == p.routes.ptr[a + 1]:
            continue
        needed = set(p.demand.item[p.demand.area == a].tolist()) if len(kits) else set()
        for part in range(len(kits)):
            if int(kits[part]) in needed:
                part_of[a, part] = n
                n += 1
    return part_of, n
