"""How good a supply plan is, how soon, at growing sizes; and what a general solver makes of it.

Generated situations with weight and volume, daily periods and fairness. The gap is that of the
verifier's value to the proven bound. `whole` rows plan whole truckloads on the first three days;
no target was set for them. Kernels are compiled before the clock starts, by a small plan.

The competitor gets the same problem as one linear program, built from the same columns: up to 85
ways to meet a need (three times that for what is needed once; at most what there is at these
sizes), every day to cross, and stock that is carried over from day to day, which takes fewer
columns than ours. Its clock starts once the model is built.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import polars as pl
import scipy.sparse as sp

from aidline.generator.make import SIZES, generate
from aidline.model.solve import solve
from aidline.plan.check import check_plan
from aidline.planning.at_hand import FOR_EVER
from aidline.planning.auction import engine
from aidline.planning.auction.arrays import columns_of, lay_flat
from aidline.planning.exact import linear_model
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions, Progress
from aidline.planning.search import start_search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aidline.model.solve import LinearModel
    from aidline.plan.plan import Plan
    from aidline.planning.auction.arrays import Columns, Net, Option
    from aidline.situation.situation import Situation

Row = dict[str, Any]

# By size: time limit in seconds, gap to reach, seconds to reach it in, seconds to the first plan,
# memory in GB (None = no target).
TARGETS = {
    "S": (10.0, 1e-4, 3.0, None, None),
    "M": (15.0, 0.005, 15.0, 3.0, None),
    "L": (60.0, 0.01, 60.0, 15.0, 4.0),
    "XL": (300.0, 0.02, 300.0, None, 12.0),
}
AGAIN_S = 5.0  # for planning again after a crossing closed
SOLVER_S = {"S": 10.0, "M": 60.0}  # time-out of the general solver; larger ones are not tried
ALL_WAYS = 85  # per need: more than there are at these sizes


def run(sizes: Sequence[str]) -> Iterator[Row]:
    """Plan each size without and with whole truckloads, each row as soon as it is measured.

    Parameters
    ----------
    sizes
        Any of S, M, L and XL.
    """
    _compile()
    for size in (s for s in TARGETS if s in sizes):
        situation = generate(**SIZES[size], seed=0)
        plan, row = _planned(size, situation, whole=0)
        yield row
        yield _planned(size, situation, whole=3)[1]
        if size == "M":
            yield _again(situation, plan)
        if size != "XL":
            yield _one_model(size, situation, row)


def _compile() -> None:
    small = generate(**SIZES["S"], seed=1)
    options = PlanOptions(method="auction", time_limit_s=1.0, whole_truck_days=1, explain=False)
    plan = make_plan(small, options)
    make_plan(_closed(small)[1], options, plan)
    check_plan(small, plan)


def _row(size: str, what: str, **known: object) -> Row:
    empty = {"ours_s": None, "other": "", "other_s": None, "ratio": None, "target": "", "met": None}
    return {"bench": "plan_supply", "size": size, "what": what, **empty, **known}


def _planned(size: str, situation: Situation, *, whole: int) -> tuple[Plan, Row]:
    limit_s, target, within_s, first_s, most_gb = TARGETS[size]
    plan, seen, seconds = _timed(situation, limit_s, target, whole)
    feasible = check_plan(situation, plan).feasible
    gb, gap = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, plan.record.gap
    first = next((p.seconds for p in seen if p.value is not None), None)
    wanted = f"gap {target:.2%} in {within_s:.0f} s"
    wanted += f", first plan {first_s:.0f} s" if first_s else ""
    wanted += f", {most_gb:.0f} GB" if most_gb else ""
    met = (
        feasible and gap is not None and gap <= target and seconds <= 1.02 * within_s
        and (first_s is None or (first is not None and first <= first_s))
        and (most_gb is None or gb <= most_gb)
    )  # fmt: skip
    return plan, _row(
        size,
        f"supply plan, {'whole trucks on days 0-2' if whole else 'fractional trips'}",
        ours_s=round(seconds, 2),
        target="none set" if whole else wanted,
        met=None if whole else bool(met),
        note=f"gap {_share(gap)}, first plan {first or float('nan'):.1f} s, {gb:.1f} GB, "
        f"time limit {limit_s:.0f} s, {plan.record.method}, {plan.record.stopped}, "
        f"verified: {feasible}",
        gap=gap,
        gaps=_gaps(seen),
    )


def _timed(
    situation: Situation, limit_s: float, gap: float, whole: int, after: Plan | None = None
) -> tuple[Plan, list[Progress], float]:
    seen: list[Progress] = []
    options = PlanOptions(
        time_limit_s=limit_s,
        gap=gap,
        whole_truck_days=whole,
        explain=False,
        clearing=False,
        care=False,
        progress=seen.append,
    )
    started = time.perf_counter()
    plan = make_plan(situation, options, after)
    return plan, seen, time.perf_counter() - started


def _gaps(seen: list[Progress]) -> list[tuple[float, float]]:
    """Return (seconds, gap of the best plan), where it changed visibly."""
    out: list[tuple[float, float]] = []
    for p in seen:
        if p.value is None or p.bound is None or p.value <= 0:
            continue
        gap = max(0.0, (p.value - p.bound) / p.value)
        if not out or gap < 0.98 * out[-1][1]:
            out.append((round(p.seconds, 2), round(gap, 6)))
    return out


def _share(gap: float | None) -> str:
    return "unknown" if gap is None else f"{gap:.2%}"


def _closed(situation: Situation) -> tuple[str, Situation]:
    """Close the crossing with the second most slots of those that have a number of them."""
    crossings = situation["crossings"].drop_nulls("slots_per_day")
    ranked = crossings.sort("slots_per_day", "place_id", descending=[True, False])["place_id"]
    name = ranked[min(1, len(ranked) - 1)]
    shut = pl.when(pl.col("place_id") == name).then(0.0).otherwise("slots_per_day")
    return name, situation.replace(
        crossings=situation["crossings"].with_columns(slots_per_day=shut)
    )


def _again(situation: Situation, plan: Plan) -> Row:
    name, closed = _closed(situation)
    target = TARGETS["M"][1]
    cold, _, cold_s = _timed(closed, AGAIN_S, target, 0)
    warm, seen, warm_s = _timed(closed, AGAIN_S, target, 0, plan)
    feasible, gap = check_plan(closed, warm).feasible, warm.record.gap
    return _row(
        "M'",
        "re-plan after one crossing closes, fractional trips",
        ours_s=round(warm_s, 2),
        other="the same without the earlier plan",
        other_s=round(cold_s, 2),
        ratio=round(cold_s / warm_s, 2),
        target=f"gap {target:.2%} in {AGAIN_S:.0f} s",
        met=bool(feasible and gap is not None and gap <= target and warm_s <= 1.02 * AGAIN_S),
        note=f"{name} closed; gap {_share(gap)}, without the earlier plan "
        f"{_share(cold.record.gap)}; verified: {feasible}",
        gap=gap,
        gaps=_gaps(seen),
    )


def _one_model(size: str, situation: Situation, ours: Row) -> Row:
    """Give the whole problem to the general solver; at L only count its rows and columns."""
    other = "one linear program, HiGHS"
    what = "the same as one linear program"
    if size not in SOLVER_S:
        return _row(size, what, other=other, note=f"{_counted(situation)}: not tried")
    model, constant = _all_columns(situation)
    shape = f"{len(model.row_high):,} rows, {len(model.cost):,} columns"
    started = time.perf_counter()
    found = solve(model, time_limit_s=SOLVER_S[size])
    seconds = round(time.perf_counter() - started, 2)
    done = found.status == "optimal"
    said = f"optimum {found.objective + constant:,.0f}" if done else f"time-out after {seconds} s"
    ours_s = ours["ours_s"]
    return _row(
        size,
        what,
        ours_s=ours_s,
        other=other,
        other_s=seconds if done else None,
        ratio=round(seconds / ours_s, 2) if done else None,
        note=f"{shape}; {said}; ours with gap {_share(ours['gap'])}",
    )


def _all_columns(situation: Situation) -> tuple[LinearModel, float]:
    """Return the problem with all columns as one model, and the constant of its objective."""
    search = start_search(situation, PlanOptions())
    with patch.object(engine, "SLACK", 1e12), patch.object(engine, "MOST_NEED", ALL_WAYS):
        auction = engine.Auction(search.problem, search.rows)
    auction.lots = _all_lots(auction.net)
    return _with_stock_carried_over(linear_model(auction)[0], auction), auction.unserved_cost()


def _all_lots(net: Net) -> Columns:
    """Return every way of each lot to a place, for the day on which it comes there."""
    cells: list[list[Option]] = []
    for c, size in enumerate(net.lot_quantity):
        item, gate, here = net.lot_item[c], net.lot_crossing[c], net.lot_location[c]
        options: list[Option] = [(0.0, size, size, [], -1)]
        if here >= 0:
            row = net.pair_of[here, item] * net.days
            days = _days(net, c, here, net.lot_first[c])
            options += [(0.0, size, 0.0, [(row + day, -1.0)], 0) for day in days]
        for e in range(net.edge_ptr[gate], net.edge_ptr[gate + 1]) if gate >= 0 else ():
            to = net.edge_location[e]
            row = net.pair_of[to, item] * net.days
            by_weight = net.weight[item] / net.gate_payload[gate]
            by_volume = net.volume[item] / net.gate_volume[gate]
            for day in range(net.lot_first[c], net.days) if row >= 0 else ():
                slot = net.slot_row + 2 * (gate * net.days + day)
                toll = [(slot, by_weight), (slot + 1, by_volume)]
                for use in _days(net, c, to, net.edge_arrive[e, day]):
                    options.append((0.0, size, 0.0, [(row + use, -1.0), *toll], 0))
        cells.append(options)
    return columns_of(cells, net.lot_quantity)


def _days(net: Net, lot: int, place: int, first: int) -> range:
    """Return the days to which a lot may be assigned; one that keeps is carried over from there."""
    last = min(net.days - 1, net.lot_expiry[lot] - net.last_leave[place])
    return range(first, min(last, first) + 1 if net.lot_expiry[lot] >= FOR_EVER else last + 1)


def _with_stock_carried_over(model: LinearModel, auction: engine.Auction) -> LinearModel:
    """Add a column per place, item and night: what is not used stays for the next day."""
    days, pairs = auction.net.days, len(auction.rows.pair_item)
    tonight = (np.arange(pairs)[:, None] * days + np.arange(days - 1)).ravel()
    n = len(tonight)
    carried = sp.csc_matrix(
        (
            np.tile([1.0, -1.0], n),
            np.stack([tonight, tonight + 1], 1).ravel(),
            2 * np.arange(n + 1),
        ),
        shape=(model.matrix.shape[0], n),
    )
    return dataclasses.replace(
        model,
        cost=np.append(model.cost, np.zeros(n)),
        low=np.append(model.low, np.zeros(n)),
        high=np.append(model.high, np.full(n, np.inf)),
        matrix=sp.hstack([model.matrix, carried]).tocsc(),
    )


def _counted(situation: Situation) -> str:
    """Count rows, and columns as if each route in time could bring each need; builds nothing."""
    search = start_search(situation, PlanOptions())
    net, p = lay_flat(search.problem, search.rows), search.problem
    area = np.repeat(np.arange(len(p.area_ids)), np.diff(p.routes.ptr))
    arrivals = np.sort(area * 2 * p.days + np.minimum(p.routes.arrive, p.days))
    hold = np.where(net.cell_level >= 0, 0, net.hold[net.cell_item])
    first = net.cell_area * 2 * p.days + np.maximum(0, net.cell_day - hold)
    last = np.where(net.cell_level >= 0, p.days - 1, net.cell_day)
    ways = np.searchsorted(arrivals, net.cell_area * 2 * p.days + last, side="right")
    ways -= np.searchsorted(arrivals, first)
    rows = search.rows.total + len(net.cell_area)
    return f"{rows:,} rows, some {ways.sum() / 1e6:.0f} million columns for needs alone"


if __name__ == "__main__":
    for row in run(["S"]):
        print(json.dumps(row))
