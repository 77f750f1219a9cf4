"""Where to open sites of limited capacity: published instances, to proven optima.

Facility location (OR-Library; Holmberg, whose clients are served whole; TBED1 with divisible
demand, to 1 %) and p-medians of OR-Library, as far as they lie in the shared folder. A row is
met where the value is the published optimum, or the gap is proven, in the seconds of its target,
and the answer passes a check of its own. Kernels are compiled before the clock starts.

The competitor gets some of the same problems as one mixed-integer program with every linking row,
on one thread like ours, to the same gap. Its clock starts once the model is built. "Optimum" means
a proven gap of one millionth.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import shortest_path

from aidline.model.siting import Sited, Siting, solve_siting
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]

BENCH = Path(os.environ.get("AIDLINE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
BENCH /= "bench"
LIMIT_S, OTHER_S = 60.0, 40.0  # time-outs of ours and of the general solver
EXACT, CLOSE = 1e-6, 0.01
OTHERS = ("cap131", "p32", "p58", "p59", "p1", "p2", "p6", "pmed6", "pmed16")
SMALL = {"cap": 2, "holmberg": 3, "tbed1-300": 1, "pmed": 3}  # how many are solved at size S

# Optima of pmed1 to pmed30 (Beasley 1985, OR-Library) as handed down with the instances, from
# memory; each is proven anew by the runs of this benchmark.
PMED = (
    5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255, 7696, 6634, 4374, 2968, 1729,
    8162, 6999, 4809, 2845, 1789, 9138, 8579, 4619, 2961, 1828, 9917, 8307, 4498, 3033, 1989,
)  # fmt: skip


def read_orlib(path: Path) -> Siting:
    """Read a file of OR-Library: capacity and cost by site, then demand and costs by client."""
    figures = np.array(path.read_text(encoding="utf-8").split(), float)
    sites, clients = int(figures[0]), int(figures[1])
    head, body = figures[2 : 2 + 2 * sites].reshape(sites, 2), figures[2 + 2 * sites :]
    body = body.reshape(clients, 1 + sites)
    return Siting(head[:, 1], head[:, 0], body[:, 0], body[:, 1:].T.copy())


def read_whole(path: Path) -> Siting:
    """Read a single-source problem: capacities, costs of sites, demand, costs by client."""
    figures = np.array(path.read_text(encoding="utf-8").split(), float)
    m, n = int(figures[0]), int(figures[1])
    capacity, cost, demand, body = np.split(figures[2:], [m, 2 * m, 2 * m + n])
    return Siting(cost, capacity, demand, body.reshape(n, m).T.copy(), single_source=True)


def read_pmed(path: Path) -> Siting:
    """Read a p-median: a graph, of whose edges the last figure counts, and how many may open."""
    figures = np.array(path.read_text(encoding="utf-8").split(), float)
    nodes, most, edges = int(figures[0]), int(figures[2]), figures[3:].reshape(-1, 3)
    length = np.zeros((nodes, nodes))
    for a, b, far in edges:
        length[int(a) - 1, int(b) - 1] = length[int(b) - 1, int(a) - 1] = far
    cost = shortest_path(sp.csr_matrix(length), directed=False)
    return Siting(np.zeros(nodes), np.full(nodes, np.inf), np.ones(nodes), cost, most_open=most)


def names() -> dict[str, list[str]]:
    """Return the names of the instances, by set."""
    files = (BENCH / "cflp-orlib" / "data").glob("beasley-cap/*/cap[0-9]*.txt")
    return {
        "cap": sorted((p.stem for p in files), key=lambda name: int(name[3:])),
        "holmberg": [f"p{i}" for i in range(1, 72)],
        "tbed1-300": ["p1", "p2", "p6"],
        "pmed": [f"pmed{i}" for i in range(1, len(PMED) + 1)],
    }


def instance(group: str, name: str) -> tuple[Siting, float | None]:
    """Read an instance and its published optimum, if there is one."""
    if group == "cap":
        data = BENCH / "cflp-orlib" / "data"
        text = (data / "optimal-solutions.txt").read_text(encoding="utf-8", errors="replace")
        best = dict(line.split() for line in text.splitlines()[1:] if line)
        return read_orlib(next(data.glob(f"beasley-cap/*/{name}.txt"))), float(best[name])
    if group == "pmed":
        return read_pmed(BENCH / "pmed" / f"{name}.txt"), float(PMED[int(name[4:]) - 1])
    problem = read_whole(BENCH / "cflp-single-source" / group / name)
    if group == "tbed1-300":
        return divided(problem), None
    values = (BENCH / "cflp-single-source" / group / "os").read_text(encoding="utf-8").split()
    return problem, float(values[int(name[1:]) - 1])


def divided(p: Siting) -> Siting:
    """Return the same problem with demand that may be divided."""
    return Siting(p.open_cost, p.capacity, p.demand, p.cost)


def fault(p: Siting, found: Sited) -> str:
    """Return what is wrong with an answer, counted anew from the instance; empty where nothing."""
    load, used = found.shares @ p.demand, found.shares > 0
    cost = p.open_cost[found.open].sum() + p.cost[used] @ found.shares[used]
    wrong = {
        "not everyone is served": not np.allclose(found.shares.sum(axis=0), 1.0),
        "a site that is shut serves": used[~found.open].any(),
        "too many sites": p.most_open is not None and found.open.sum() > p.most_open,
        "a site is overfull": (load > p.capacity * (1 + 1e-6)).any(),
        "a client is divided": p.single_source and (found.shares[used] != 1.0).any(),
        "the value is another": abs(cost - found.value) > 1e-6 * abs(cost),
        "the bound is above the value": found.bound > found.value,
    }
    return ", ".join(what for what, is_so in wrong.items() if is_so)


def run(sizes: Sequence[str]) -> Iterator[Row]:
    """Solve the first few of each set (S) or all (M).

    Parameters
    ----------
    sizes
        Any of S and M; others have no rows.
    """
    wanted = [size for size in ("S", "M") if size in sizes]
    if not wanted or not BENCH.is_dir():
        return
    for group, known in names().items():
        solve_siting(instance(group, known[0])[0], gap=CLOSE)  # compiles
    for size in wanted:
        for group, known in names().items():
            for name in known[: SMALL[group] if size == "S" else None]:
                yield _row(size, group, name, *instance(group, name))


def _row(size: str, group: str, name: str, problem: Siting, best: float | None) -> Row:
    target_s = 15.0 if group in {"cap", "holmberg"} else 5.0
    gap = CLOSE if group.startswith("tbed") else EXACT
    started = time.perf_counter()
    found = solve_siting(problem, gap=gap, time_limit_s=LIMIT_S)
    seconds = time.perf_counter() - started
    wrong = fault(problem, found)
    same = best is None or abs(found.value - best) <= 1e-6 * abs(best)
    proven = found.gap <= gap * 1.001
    note = f"value {found.value:,.3f}, bound {found.bound:,.3f}, gap {found.gap:.4%}"
    note += "" if best is None else f", published {best:,.3f}"
    row = {
        "bench": "siting",
        "size": size,
        "what": f"{group} {name}, {problem.cost.shape[0]} × {problem.cost.shape[1]}",
        "ours_s": round(seconds, 2),
        "other": "",
        "other_s": None,
        "ratio": None,
        "target": f"{'1 % proven' if gap == CLOSE else 'optimum proven'} in {target_s:.0f} s",
        "met": bool(not wrong and same and proven and seconds <= target_s),
        "note": f"{note}; fault: {wrong}" if wrong else note,
        "gap": found.gap,
    }
    return (
        row | _other(problem, gap, seconds, row["note"]) if size == "M" and name in OTHERS else row
    )


def _other(problem: Siting, gap: float, ours_s: float, note: str) -> Row:
    """Give the problem to the general solver as it stands."""
    model = whole_model(problem)
    started = time.perf_counter()
    found = solve(model, gap=gap, time_limit_s=OTHER_S)
    seconds = time.perf_counter() - started
    done = found.status == "optimal"
    value = f"{found.objective:,.3f}" if found.x is not None else "none"
    return {
        "other": "one mixed-integer program, HiGHS",
        "other_s": round(seconds, 2) if done else None,
        "ratio": round(seconds / ours_s, 1) if done else None,
        "note": f"{note}; the other: {found.status}, value {value}, bound {found.bound:,.3f}",
    }


def whole_model(p: Siting) -> LinearModel:
    """Return the problem with every linking row: sites' columns, then pairs'."""
    m, n = p.cost.shape
    site, client, pair = np.repeat(np.arange(m), n), np.tile(np.arange(n), m), np.arange(m * n)
    room, column = np.minimum(p.capacity, p.demand.sum()), m + pair
    served = sp.csc_matrix((np.ones(m * n), (client, column)), shape=(n, m + m * n))
    filled = sp.csc_matrix(
        (np.append(p.demand[client], -room), (np.append(site, np.arange(m)),
                                              np.append(column, np.arange(m)))),
        shape=(m, m + m * n),
    )  # fmt: skip
    linked = sp.csc_matrix(
        (np.repeat([1.0, -1.0], m * n), (np.tile(pair, 2), np.append(column, site))),
        shape=(m * n, m + m * n),
    )
    number = sp.csc_matrix((np.ones(m), (np.zeros(m), np.arange(m))), shape=(1, m + m * n))
    free = -np.inf
    most = m if p.most_open is None else p.most_open
    return LinearModel(
        np.append(p.open_cost, p.cost.ravel()),
        np.zeros(m + m * n),
        np.ones(m + m * n),
        sp.vstack([served, filled, linked, number]).tocsc(),
        np.concatenate([np.ones(n), np.full(m + m * n + 1, free)]),
        np.concatenate([np.ones(n), np.zeros(m + m * n), [float(most)]]),
        np.append(np.ones(m, bool), np.full(m * n, p.single_source)),
    )


if __name__ == "__main__":
    for row in run(["S"]):
        print(json.dumps(row))
