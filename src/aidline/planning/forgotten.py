"""Nobody forgotten: a little for those whom the search left with nothing.

A small area weighs next to nothing in the value, so a search that stops at a gap may leave it
out although a truck gets there. It is given a first sliver of what it lacks before the repair;
the repair then shares out what is scarce, and everyone gives up a little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aidline.planning.auction.kernels_ways import PART
from aidline.planning.kernels_repair import option_prices

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net
    from aidline.supply.problem import Floats, Ints

NOTHING = 1e-3  # a share up to which an area and need group counts as left out
SLIVER = 0.02  # share of its need that it is then given
NO_KIT = -2


def with_slivers(net: Net, needs: Columns, kits: Columns, z: Floats) -> tuple[Columns, Columns]:
    """Return columns of need and of kits in which nobody who can be reached gets nothing.

    Parameters
    ----------
    net
        The problem.
    needs, kits
        Columns with their amounts; not changed. What needs take from kits is brought by them.
    z
        Row prices: which way is the cheapest.

    Returns
    -------
    needs, kits
        The same where nobody is left out.
    """
    cell = np.repeat(np.arange(len(needs.size)), np.diff(needs.ptr))
    left_out = _left_out(net, needs, cell)
    ways = np.flatnonzero(left_out[cell] & (needs.size[cell] > 0) & (needs.tag >= 0))
    if not len(ways):
        return needs, kits
    kit = _kit_of(net, needs.tag[ways], kits, z)
    ways, kit = ways[kit > NO_KIT], kit[kit > NO_KIT]
    price = option_prices(needs, z)[ways] + np.append(option_prices(kits, z), 0.0)[kit]
    order = np.lexsort((price, cell[ways]))
    cheapest = order[np.flatnonzero(np.diff(cell[ways[order]], prepend=-1))]
    way, kit = ways[cheapest], kit[cheapest]
    sliver = SLIVER * needs.size[cell[way]]
    given, brought = needs.amount.copy(), kits.amount.copy()
    given[way] += sliver
    from_kit = kit >= 0
    np.maximum.at(brought, kit[from_kit], sliver[from_kit])  # a kit holds one or more of a part
    return needs._replace(amount=given), kits._replace(amount=brought)


def _left_out(net: Net, needs: Columns, cell: Ints) -> npt.NDArray[np.bool_]:
    """Say of each cell whether its area and need group gets nothing."""
    rows = len(net.fair_size)
    served = np.bincount(
        cell, np.where(needs.tag >= 0, needs.amount, 0.0), minlength=len(needs.size)
    )
    fair = np.where(net.cell_fair >= 0, net.cell_fair, rows)
    met = np.bincount(fair, served * net.cell_person_days, minlength=rows + 1)[:rows]
    return np.append(met <= NOTHING * net.fair_size, False)[fair]


def _kit_of(net: Net, tag: Ints, kits: Columns, z: Floats) -> Ints:
    """Return the cheapest option of kits that brings what an option of need takes.

    −1 where it takes nothing from a kit, `NO_KIT` where no kit comes there on that day.
    """
    kit = np.full(len(tag), -1, dtype=np.int64)
    parts = np.flatnonzero(tag >= PART)
    if not len(parts):
        return kit
    on = np.flatnonzero(kits.tag >= 0)
    on = on[np.argsort(-option_prices(kits, z)[on], kind="stable")]  # the cheapest is set last
    route = kits.tag[on]
    area = np.searchsorted(net.route_ptr, route, side="right") - 1
    best = np.full((int(net.part_of.max(initial=-1)) + 1) * net.days, NO_KIT, dtype=np.int64)
    for part in range(len(net.kit_item)):
        mine = (kits.tag_more[on] == net.kit_item[part]) & (net.part_of[area, part] >= 0)
        block = net.part_of[area[mine], part] * net.days + net.route_arrive[route[mine]]
        best[block] = on[mine]
    kit[parts] = best[tag[parts] - PART]
    return kit
