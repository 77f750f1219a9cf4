"""How good one plan of roads and supply is, how soon, and against the usual rules of clearing.

Generated situations with blocked links and crews, weight and volume; trips in fractions.
The gap is that of the verifier's value to the bound over all orders of clearing. Care is planned
too: its seconds count, its benefit is no part of the gap. Kernels are compiled before.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from aidline.generator.make import generate
from aidline.plan.check import check_plan
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]

# By size: seeds, generator, time limit in seconds, gap to reach, seconds to reach it in.
CASES: dict[str, tuple[range, dict[str, int], float, float, float]] = {
    "S": (
        range(5),
        {"areas": 50, "days": 7, "items": 5, "depots": 5, "links": 12, "teams": 3, "sites": 3},
        10.0, 0.005, 10.0,
    ),
    "M": (
        range(2),
        {"areas": 500, "days": 14, "items": 10, "depots": 20, "links": 50, "teams": 15,
         "sites": 10},
        40.0, 0.01, 40.0,
    ),
}  # fmt: skip


def run(sizes: Sequence[str]) -> Iterator[Row]:
    """Yield one row per situation."""
    _compile()
    for size in [s for s in sizes if s in CASES]:
        for seed in CASES[size][0]:
            yield _row(size, seed)


def _compile() -> None:
    small = generate(8, 4, 2, 2, links=4, teams=2, seed=0)
    options = PlanOptions(time_limit_s=5.0, whole_truck_days=0, explain=False)
    for method in ("exact", "auction"):
        make_plan(small, dataclasses.replace(options, method=method))


def _row(size: str, seed: int) -> Row:
    _, what, limit_s, goal, goal_s = CASES[size]
    seen: list[Progress] = []
    situation = generate(**what, seed=seed)
    options = PlanOptions(
        time_limit_s=limit_s, whole_truck_days=0, explain=False, progress=seen.append
    )
    started = time.perf_counter()
    plan = make_plan(situation, options)
    seconds = time.perf_counter() - started
    verdict = check_plan(situation, plan)
    first = next((p.seconds for p in seen if p.value is not None), None)
    gap = plan.record.gap
    values = dict(plan["baselines"].select("name", "value").iter_rows())
    best = min(values.values())
    against = ", ".join(
        f"{name.replace('_', ' ')} {value / best - 1:+.1%}"
        for name, value in sorted(values.items(), key=lambda pair: pair[1])
    )
    return {
        "bench": "joint", "size": size,
        "what": f"roads, care and supply, fractional trips, seed {seed}",
        "ours_s": round(seconds, 2), "other": "usual rules of clearing", "other_s": None,
        "ratio": None, "target": f"gap {goal:.1%} in {goal_s:.0f} s",
        "met": bool(gap is not None and gap <= goal and seconds <= goal_s),
        "note": (
            f"gap {'none' if gap is None else f'{gap:.2%}'}, first plan "
            f"{'none' if first is None else f'{first:.1f} s'}; against the best list: {against}; "
            f"verified: {verdict.feasible}"
        ),
    }  # fmt: skip
