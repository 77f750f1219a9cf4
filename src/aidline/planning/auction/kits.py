"""Kits as columns: bringing one kit to an area supplies its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.auction.arrays import columns_of

if TYPE_CHECKING:
    from aidline.planning.auction.arrays import Columns, Net, Option
    from aidline.supply.problem import Floats, Ints


def kit_columns(net: Net, most: Floats) -> tuple[Columns, Ints]:
    """Return one cell per area and kit that is useful there, and the cells of each area.

    Parameters
    ----------
    net
        The problem.
    most
        [area, part row] how many kits an area could use at most.

    Returns
    -------
    Columns
        Options: leave it, or bring it on a route (`tag` = route).
    ptr
        Range of cells of each area.
    """
    cells: list[list[Option]] = []
    sizes: list[float] = []
    kits: list[int] = []
    ptr = [0]
    heads = [
        n for n in range(len(net.kit_item)) if n == 0 or net.kit_item[n] != net.kit_item[n - 1]
    ]
    for a in range(len(net.area_ptr) - 1):
        for part in heads:
            size = most[a, part]
            options = _routes(net, a, part) if size > 0 else []
            if options:
                idle: Option = (0.0, size, size, [], -1)
                cells.append([idle, *[(0.0, size, 0.0, rows, r) for r, rows in options]])
                sizes.append(size)
                kits.append(int(net.kit_item[part]))
        ptr.append(len(cells))
    cols = columns_of(cells, np.array(sizes))
    of_option = np.repeat(np.array(kits, dtype=np.int64), np.diff(cols.ptr))
    cols.tag_more[:] = of_option
    return cols, np.array(ptr, dtype=np.int64)


def _routes(net: Net, a: int, part: int) -> list[tuple[int, list[tuple[int, float]]]]:
    """Return the routes for a kit into an area, with the rows on which one kit weighs."""
    kit = int(net.kit_item[part])
    parts = [
        n for n in range(len(net.kit_item)) if net.kit_item[n] == kit and net.part_of[a, n] >= 0
    ]
    found = []
    for r in range(net.route_ptr[a], net.route_ptr[a + 1]):
        pair = int(net.pair_of[net.route_start[r], kit])
        if pair < 0:
            continue
        rows = [(pair * net.days + int(net.route_day[r]), 1.0)]
        for move in (int(net.route_first[r]), int(net.route_second[r])):
            if move >= 0:
                rows.append((net.load_row + 2 * move, float(net.weight[kit])))
                rows.append((net.load_row + 2 * move + 1, float(net.volume[kit])))
        for n in parts:
            block = int(net.part_of[a, n]) * net.days + int(net.route_arrive[r])
            rows.append((net.part_row + block, -float(net.kit_quantity[n])))
        found.append((r, rows))
    return found
