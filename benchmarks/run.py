"""Runs the benchmarks and prints one table: `python benchmarks/run.py [NAME ...]`.

Every other module of this folder that has `run(sizes)` is a benchmark. It returns rows with
the keys of `COLUMNS`: what was done, our seconds, what it is compared with and that one's
seconds (null where it did not finish; `note` says so), the ratio of the two, the target, and
whether it was met. With `--out` the file is written anew after every row. Each runs in a
process of its own, so that none warms up another.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parent
COLUMNS = ("bench", "size", "what", "ours_s", "other", "other_s", "ratio", "target", "met", "note")
SIZES = ("S", "M", "L", "XL")
SMOKE_S = 55.0  # all benchmarks together in smoke mode, in seconds

Row = dict[str, Any]


def names() -> list[str]:
    """Return the names of all benchmarks."""
    files = sorted(p for p in FOLDER.glob("*.py") if p.name != Path(__file__).name)
    return [p.stem for p in files if "\ndef run(" in p.read_text(encoding="utf-8")]


def load(name: str) -> Any:
    """Import one benchmark by its file name."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no benchmark {name!r}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def run_apart(name: str, sizes: list[str], limit_s: float) -> Iterator[Row]:
    """Run one benchmark in a process of its own; what fails or takes too long is a row too."""
    command = [sys.executable, __file__, "--within", name, "--sizes", *sizes]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    clock = threading.Timer(limit_s, process.kill)
    clock.start()
    try:
        for line in process.stdout or ():
            if line.startswith("{"):
                yield json.loads(line)
        code = process.wait()
    finally:
        clock.cancel()
        process.kill()
    if code and time.monotonic() - started >= limit_s:
        yield _without_result(name, sizes, f"stopped after {limit_s:.0f} s", met=None)
    elif code:
        yield _without_result(name, sizes, f"failed with code {code}", met=False)


def _without_result(name: str, sizes: list[str], note: str, *, met: bool | None) -> Row:
    known = {"bench": name, "size": " ".join(sizes), "what": "-", "met": met, "note": note}
    return dict.fromkeys(COLUMNS) | known


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    own = getattr(os, "sched_getaffinity", None)  # the cores that this process may use
    return {
        "cores": len(own(0)) if own else os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def table(rows: list[Row]) -> str:
    """Return rows as aligned text."""
    texts = [COLUMNS, *[tuple(_cell(row.get(c)) for c in COLUMNS) for row in rows]]
    widths = [max(len(line[i]) for line in texts) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in texts
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> int:
    """Run what the command line asks for; 1 where a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--smoke", action="store_true", help="smallest size, a minute in all")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), metavar="SIZE")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds per benchmark")
    parser.add_argument("--out", type=Path, help="also write the JSON to this file")
    parser.add_argument("--within", metavar="NAME", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.within:
        for row in load(asked.within).run(tuple(asked.sizes)):
            print(json.dumps(row), flush=True)
        return 0
    known = names()
    if asked.list:
        print(json.dumps(known) if asked.json else "\n".join(known))
        return 0
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    sizes = [size for given in asked.sizes for size in given.split(",")]
    rows: list[Row] = []
    result = {"machine": machine(), "rows": rows}
    for row in _run_all(asked.names or known, sizes, asked.limit, smoke=asked.smoke):
        rows.append(row)
        if asked.out:  # row by row: what was measured outlives a run that is stopped
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(result, ensure_ascii=False) if asked.json else table(rows))
    return int(any(str(row["note"] or "").startswith("failed") for row in rows))


def _run_all(chosen: list[str], sizes: list[str], limit_s: float, *, smoke: bool) -> Iterator[Row]:
    started = time.monotonic()
    for i, name in enumerate(chosen):
        print(f"{name} …", file=sys.stderr)
        if smoke:
            left = SMOKE_S - (time.monotonic() - started)
            yield from run_apart(name, ["S"], max(1.0, left / (len(chosen) - i) * 1.5))
        else:
            yield from run_apart(name, sizes, limit_s)


if __name__ == "__main__":
    sys.exit(main())
