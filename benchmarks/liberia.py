"""From the real layers of Liberia to a report on a verified plan, in a fresh process.

The layers are those that `examples/liberia-2014/README.md` describes; they are no part of
Aidline, and where they are not on this machine (`AIDLINE_SHARED`) the row says so. The situation
of 136 districts, 3,470 road lines and 30 days is built from them, written, read and checked; the
roads are joined; a plan is made, verified and reported. Two processes do the same, one after the
other: the first as after installation, with every kernel still to be compiled, the second with
what the first one left. What a stage imports counts as its time.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve()
EXAMPLE = HERE.parents[1] / "examples" / "liberia-2014"
LAYERS = Path(os.environ.get("AIDLINE_SHARED", HERE.parents[2] / "shared")) / "data" / EXAMPLE.name
PLAN_S = 18.0  # time limit of the planner
TARGET_S = 30.0
STAGES = {
    "layers": "136 districts from the layers, written as tables",
    "check": "read and check the tables",
    "network": "join the roads, put districts and places on them",
    "plan": f"plan for 30 days, limit {PLAN_S:g} s",
    "verify": "verify the plan",
    "report": "report.html",
}


def run(sizes: Sequence[str]) -> list[dict[str, Any]]:
    """Run the benchmark.

    Parameters
    ----------
    sizes
        It runs where L is among them; there is one size only.
    """
    if "L" not in sizes:
        return []
    if not LAYERS.is_dir():
        return [_row("whole way", None, note="skipped: the layers are not on this machine")]
    with tempfile.TemporaryDirectory() as folder:
        first, second = (_apart(Path(folder)) for _ in range(2))
    total = second["total"]
    gap = second["gap"]
    return [
        *[_row(text, second[stage]) for stage, text in STAGES.items()],
        _row(
            "whole way, kernels compiled",
            total,
            target=f"<= {TARGET_S:g} s",
            met=bool(total <= TARGET_S and second["feasible"]),
            note=f"gap {gap:.2%} ({second['method']}, {second['stopped']}), "
            f"verified: {second['feasible']}, {second['gigabytes']:.1f} GB at most",
        ),
        _row(
            "whole way, first run after installation",
            first["total"],
            note=f"kernels and modules still to be compiled; plan {first['plan']:.1f} s, "
            f"gap {first['gap']:.2%}",
        ),
    ]


def _row(
    what: str,
    seconds: float | None,
    *,
    target: str | None = None,
    met: bool | None = None,
    note: str = "",
) -> dict[str, Any]:
    return {
        "bench": "liberia",
        "size": "136 districts",
        "what": what,
        "ours_s": seconds if seconds is None else round(seconds, 2),
        "other": None,
        "other_s": None,
        "ratio": None,
        "target": target,
        "met": met,
        "note": note,
    }


def _apart(folder: Path) -> dict[str, Any]:
    """Go the whole way in processes of its own; compiled code is kept in the folder."""
    env = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"NUMBA_CACHE_DIR": str(folder / "kernels"), "PYTHONPYCACHEPREFIX": str(folder / "code")}
    started = time.perf_counter()
    build = [str(EXAMPLE / "build.py"), str(LAYERS), "-o", str(folder / "situation")]
    subprocess.run([sys.executable, *build], env=env, check=True, capture_output=True)
    built = time.perf_counter() - started
    rest = [sys.executable, str(HERE), "--within", str(folder)]
    done = subprocess.run(rest, env=env, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"layers": built, "total": time.perf_counter() - started}


def from_tables(folder: Path) -> dict[str, Any]:
    """Check, plan, verify and report; return the seconds of each stage and the result.

    Parameters
    ----------
    folder
        Holds the folder `situation`; the report is written there.
    """
    clock, seconds = time.perf_counter(), {}

    def lap(stage: str) -> None:
        nonlocal clock
        before, clock = clock, time.perf_counter()
        seconds[stage] = clock - before

    from aidline.formats.read import read

    situation = read(folder / "situation", strict=True).situation
    lap("check")
    from aidline.network.findings import network_problems

    network_problems(situation)
    lap("network")
    from aidline.planning.joint import make_plan
    from aidline.planning.options import PlanOptions

    plan = make_plan(situation, PlanOptions(time_limit_s=PLAN_S, gap=0.01))
    lap("plan")
    from aidline.plan.check import check_plan

    verdict = check_plan(situation, plan)
    lap("verify")
    from aidline.formats.shared_plan import write_shared

    write_shared(situation, plan, folder / "report.html", language="en", level="moderate")
    lap("report")
    return seconds | {
        "gap": verdict.gap,
        "feasible": verdict.feasible,
        "method": plan.record.method,
        "stopped": plan.record.stopped,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--within"]:
        print(json.dumps(from_tables(Path(sys.argv[2]))))
    else:
        for line in run(["L"]):
            print(json.dumps(line))
