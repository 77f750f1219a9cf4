"""The one source of published bounds: the exact Lagrangian value at given prices.

For any non-negative prices of the coupling rows, the least cost of all cells at these prices
minus the worth of what is limited is below the cost of every plan (weak duality). All options
count, also those that the solver never looked at. Nothing here depends on how the prices were
found: bad prices give a low bound, never a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.kernels_bound import (
    fit_load_prices,
    kits_gain,
    lots_gain,
    needs_cost,
    rows_cost,
)
from aidline.planning.kernels_closed import fit_closed_slots
from aidline.supply.problem import FAIRNESS_WIDTHS, Floats, SupplyProblem
from aidline.supply.rows import UNLIMITED, Rows

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.planning.auction.arrays import Net


@dataclass(frozen=True, slots=True)
class Bound:
    """A proven lower bound with its certificate.

    Attributes
    ----------
    value
        No plan costs less (weighted person-days).
    prices
        The row prices that prove it.
    """

    value: float
    prices: Floats


def most_kits(net: Net) -> Floats:
    """Return [area, part row] how many kits an area could use at most (0 where none)."""
    total = np.zeros((len(net.area_ptr) - 1, len(net.hold)))
    np.add.at(total, (net.cell_area, net.cell_item), net.cell_need)
    most = np.zeros(net.part_of.shape)
    for kit in np.unique(net.kit_item):
        parts = np.flatnonzero(net.kit_item == kit)
        useful = np.where(
            net.part_of[:, parts] >= 0, total[:, net.kit_part[parts]] / net.kit_quantity[parts], 0.0
        )
        most[:, parts] = useful.max(axis=1, keepdims=True)
    return most


def lagrangian(
    net: Net,
    rows: Rows,
    prices: Floats,
    kits: Floats | None = None,
    mix: Floats | None = None,
) -> Bound:
    """Evaluate the bound at row prices.

    Parameters
    ----------
    net, rows
        The problem.
    prices
        One per row; negative ones count as 0. Load prices are rescaled so that no trip earns
        more than it costs, which keeps the bound finite; slots on closed days cost just
        what keeps everybody away.
    kits
        `most_kits(net)`, where the caller has it.
    mix
        Per movement, the share of a trip's cost that weight bears where the movement has no
        prices; any share gives a valid bound (one half where not given).

    Returns
    -------
    Bound
        Value and the prices at which it holds.
    """
    z = np.maximum(prices, 0.0)
    z[rows.capacity >= UNLIMITED] = 0.0
    fit_load_prices(net, z, np.full(len(net.move_day), 0.5) if mix is None else mix)
    slots = rows.capacity[rows.slots : rows.load]
    if (slots <= 0).any():
        fit_closed_slots(net, z, slots)
    fair = z[rows.fair : rows.convoy]
    promise = z[rows.promise : rows.part]
    cost = needs_cost(net, z) - lots_gain(net, z) - rows_cost(z, rows.capacity)
    gain = np.minimum(0.0, net.fair_cost - fair[:, None])
    cost += float((net.fair_size[:, None] * FAIRNESS_WIDTHS * gain).sum())
    cost += float((net.promise_units * np.minimum(0.0, net.promise_value - promise)).sum())
    if len(net.kit_item):
        cost -= kits_gain(net, z, most_kits(net) if kits is None else kits)
    return Bound(float(cost), z)


def with_floors(net: Net, rows: Rows, bound: Bound, floors: Floats) -> Bound:
    """Return a bound for all plans that keep floors of coverage.

    A floor leaves fewer unmet person-days to take: what the bound counted as a way out beyond
    that is no way out, so the bound rises.

    Parameters
    ----------
    net, rows
        The problem.
    bound
        From `lagrangian`, without floors.
    floors
        Per row of fairness the share (0 to 1) that each plan must reach.
    """
    price = bound.prices[rows.fair : rows.convoy]
    gain = np.minimum(0.0, net.fair_cost - price[:, None])
    closed = FAIRNESS_WIDTHS - open_widths(floors)
    return Bound(bound.value - float((net.fair_size[:, None] * closed * gain).sum()), bound.prices)


def open_widths(floors: Floats) -> Floats:
    """Return [row, level] how much of each fairness level a floor leaves open, as a share."""
    start = np.cumsum(FAIRNESS_WIDTHS) - FAIRNESS_WIDTHS
    widths: Floats = np.clip((1.0 - floors)[:, None] - start, 0.0, FAIRNESS_WIDTHS)
    return widths


def floors_of(problem: SupplyProblem, plan: Plan) -> Floats:
    """Return the floors that a plan states, per row of fairness; 0 where it states none."""
    stated = plan["fairness"].drop_nulls("floor").select("area_id", "need_group", "floor")
    floors = {(area, group): floor for area, group, floor in stated.iter_rows()}
    rows, areas, groups = problem.fairness, problem.area_ids, problem.goods.group_ids
    return np.array(
        [
            floors.get((areas[a], groups[g]), 0.0)
            for a, g in zip(rows.area, rows.group, strict=True)
        ],
        dtype=np.float64,
    )
