"""How good a supply plan is, how soon, at growing sizes.

Generated situations with weight and volume, daily periods and fairness. The gap is that of the
verifier's value to the proven bound; `whole` rows plan whole truckloads on the first three days.
"""

from __future__ import annotations

import json
import resource
import time
from typing import TYPE_CHECKING

from aidline.generator.make import SIZES, generate
from aidline.plan.check import check_plan
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

# Time limit in seconds and gap to reach, by size.
TARGETS = {"S": (10.0, 1e-4), "M": (40.0, 0.005), "L": (240.0, 0.01), "XL": (300.0, 0.02)}


def run(sizes: Sequence[str]) -> list[dict[str, object]]:
    """Plan each size twice: without and with whole truckloads.

    Parameters
    ----------
    sizes
        Any of S, M, L and XL.
    """
    return [_plan(name, whole) for name in TARGETS if name in sizes for whole in (0, 3)]


def _plan(name: str, whole: int) -> dict[str, object]:
    limit_s, target = TARGETS[name]
    situation = generate(**SIZES[name], seed=0)
    seen: list[Progress] = []
    options = PlanOptions(
        time_limit_s=limit_s,
        gap=target,
        whole_truck_days=whole,
        explain=False,
        progress=seen.append,
    )
    started = time.perf_counter()
    plan = make_plan(situation, options)
    seconds = time.perf_counter() - started
    first = next((p.seconds for p in seen if p.value is not None), None)
    verdict = check_plan(situation, plan)
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    gap = plan.record.gap
    return {
        "bench": "plan_supply",
        "size": name,
        "what": f"supply plan, {'whole trucks on days 0-2' if whole else 'fractional trips'}",
        "ours_s": round(seconds, 2),
        "other": "",
        "other_s": None,
        "ratio": None,
        "target": f"gap {target:.2%}",
        "met": bool(verdict.feasible and gap is not None and gap <= target),
        "note": f"gap {gap:.2%}, first plan {first:.1f} s, {memory_gb:.1f} GB, "
        f"{plan.record.method}, {plan.record.stopped}, verified: {verdict.feasible}",
    }


if __name__ == "__main__":
    for row in run(["S"]):
        print(json.dumps(row))
