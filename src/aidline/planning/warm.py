"""Planning again: the prices of an earlier plan as a start, where its rows still stand.

Prices say what is short. After a small change (a crossing closes, a lot comes late) most of
them still hold, and the auction has only the rest to find. They change where the search starts,
never what counts as proven: the bound is worked out anew, and any prices give a valid one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.plan.plan import Plan
    from aidline.supply.problem import Floats, SupplyProblem
    from aidline.supply.rows import Rows


def row_families(p: SupplyProblem, rows: Rows) -> dict[str, tuple[int, int, str]]:
    """Tell the families of coupling rows apart, and those of one problem from those of another.

    Parameters
    ----------
    p, rows
        The problem and its rows (see `aidline.supply.rows`).

    Returns
    -------
    dict
        Per family: its first row, the row after its last one, and a digest of what its rows
        stand for, in their order. The same digest in two problems: the same places, items,
        trucks, areas and days. Capacities and hours do not count.
    """
    moves = p.moves
    goods, areas = p.goods.ids, p.area_ids
    return {
        "stock": (
            0, rows.hours,
            _digest(p, p.location_ids, goods, rows.pair_location, rows.pair_item),
        ),
        "hours": (
            rows.hours, rows.slots, _digest(p, p.fleet_base, p.class_ids, p.fleet_class),
        ),
        "slots": (rows.slots, rows.load, _digest(p, p.crossings.ids)),
        "load": (
            rows.load, rows.fair,
            _digest(
                p, areas, p.location_ids, p.class_ids, p.fleet_base, moves.start, moves.end,
                moves.day, moves.arrive, moves.trip_ptr, moves.trip_class, moves.trip_fleet,
            ),
        ),
        "fair": (
            rows.fair, rows.convoy,
            _digest(p, areas, p.goods.group_ids, p.fairness.area, p.fairness.group),
        ),
        "convoy": (rows.convoy, rows.promise, _digest(p, areas, p.convoy_area, p.convoy_day)),
        "promise": (
            rows.promise, rows.part,
            _digest(p, areas, goods, p.promise_area, p.promise_item, p.promise_day),
        ),
        "part": (rows.part, rows.total, _digest(p, areas, goods, p.goods.kit_part, rows.part_of)),
    }  # fmt: skip


def _digest(p: SupplyProblem, *parts: object) -> str:
    """Return a short digest of codes and whole numbers."""
    total = hashlib.sha256(str(p.days).encode())
    for part in parts:
        whole = isinstance(part, np.ndarray)
        total.update(b"|")
        total.update(np.asarray(part, dtype=np.int64).tobytes() if whole else repr(part).encode())
    return total.hexdigest()[:16]


def prices_after(plan: Plan, families: Mapping[str, tuple[int, int, str]]) -> Floats | None:
    """Return the prices of an earlier plan for the rows of a problem.

    Parameters
    ----------
    plan
        The earlier plan: its table `prices`, and `row_families` in its run record.
    families
        Of the problem that is to be planned now.

    Returns
    -------
    Floats or None
        Per row its price, not a number in families whose rows are others now; None where
        nothing of the plan can be used.
    """
    if plan["prices"].is_empty():
        return None
    row, price = plan["prices"]["row"].to_numpy(), plan["prices"]["price"].to_numpy()
    prices = np.full(max(last for _, last, _ in families.values()), np.nan)
    for name, (first, last, digest) in families.items():
        start, end, known = plan.record.row_families.get(name, (0, 0, ""))
        if digest == known and end - start == last - first:
            mine = (row >= start) & (row < end)
            prices[first:last] = 0.0
            prices[first + row[mine] - start] = price[mine]
    return None if np.isnan(prices).all() else prices


def told(plan: Plan, prices: Floats | None, families: Mapping[str, tuple[int, int, str]]) -> str:
    """Say in the run record what the search started from."""
    of = f"plan of situation {plan.record.situation_digest[:12]}"
    if prices is None:
        return f"{of}: its prices fit no row here"
    anew = [n for n, (a, b, _) in families.items() if b > a and np.isnan(prices[a:b]).any()]
    return f"prices and flows of the {of}" + (f"; anew: {', '.join(anew)}" if anew else "")
