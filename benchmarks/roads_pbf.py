"""Make a road graph of an OSM file of 3 MB and of 100 MB.

The files are tiled from a real extract where it is on this machine (`AIDLINE_SHARED`), else
from a grid: every tile has shifted ids and coordinates, so that nothing is shared. The other
side is the plain way of reading such a file in Python: a handler with a callback per object.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import osmium

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES_MB = {"S": 0.2, "M": 3.0, "L": 100.0}
TARGET_S = {3.0: 5.0, 100.0: 90.0}
TARGET_GB = 2.5
TILE_DEGREES = 0.5
OTHER_UP_TO_MB = 5.0  # beyond this the other side is not worth the wait
HERE = Path(__file__).resolve()


class Extract(NamedTuple):
    """What is tiled."""

    nodes: list[tuple[int, float, float, dict[str, str]]]
    ways: list[tuple[list[int], dict[str, str]]]


def run(sizes: Sequence[str]) -> list[dict[str, Any]]:
    """Run the benchmark.

    Parameters
    ----------
    sizes
        Any of S (a tenth of a second), M (3 MB) and L (100 MB); others are left out.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in (SIZES_MB[size] for size in sizes if size in SIZES_MB):
            file = Path(folder) / f"roads_{megabytes:g}.osm.pbf"
            real = write_tiles(file, megabytes)
            size = file.stat().st_size / 1e6
            ours = _measure("ours", file)
            other = _measure("other", file) if megabytes <= OTHER_UP_TO_MB else None
            target = TARGET_S.get(megabytes)
            met = target and ours["seconds"] <= target and ours["gigabytes"] <= TARGET_GB
            rows.append(
                {
                    "bench": "roads_pbf",
                    "size": f"{size:.1f} MB",
                    "what": "graph from an OSM file",
                    "ours_s": round(ours["seconds"], 2),
                    "other": "osmium handler in Python" if other else None,
                    "other_s": round(other["seconds"], 2) if other else None,
                    "ratio": round(other["seconds"] / ours["seconds"], 1) if other else None,
                    "target": f"<= {target:g} s, <= {TARGET_GB} GB" if target else None,
                    "met": met if target else None,
                    "note": f"{ours['arcs']:,} arcs, {ours['cpu']:.1f} s of one core, "
                    f"{ours['gigabytes']:.2f} GB at most, "
                    f"{'tiles of a real extract' if real else 'tiles of a grid'}",
                }
            )
    return rows


def write_tiles(file: Path, megabytes: float) -> bool:
    """Write a road file of about this size; return whether it is made of a real extract."""
    shared = Path(os.environ.get("AIDLINE_SHARED", HERE.parents[2] / "shared"))
    source = shared / "data" / "porto-alegre" / "poa_osm.pbf"
    extract = _read(source) if source.is_file() else _grid(120)
    each = 0.585 if source.is_file() else 0.15  # megabytes of one tile as written here
    tiles = max(1, round(megabytes / each))
    highest = max(n[0] for n in extract.nodes) + 1
    with osmium.SimpleWriter(str(file)) as out:
        for tile in range(tiles):
            east, north = (tile % 20) * TILE_DEGREES, (tile // 20) * TILE_DEGREES
            for ident, lon, lat, tags in extract.nodes:
                node = osmium.osm.mutable.Node(
                    id=tile * highest + ident,
                    location=(lon + east, lat + north),
                    tags=tags,
                    version=1,
                )
                out.add_node(node)
        for tile in range(tiles):
            for k, (refs, tags) in enumerate(extract.ways):
                ident = tile * len(extract.ways) + k + 1
                shifted = [tile * highest + ref for ref in refs]
                out.add_way(osmium.osm.mutable.Way(id=ident, nodes=shifted, tags=tags, version=1))
    return source.is_file()


def _read(source: Path) -> Extract:
    """Read an extract, nodes numbered from 1."""
    number: dict[int, int] = {}
    extract = Extract([], [])
    for thing in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY):
        if isinstance(thing, osmium.osm.Node):
            number[thing.id] = len(number) + 1
            extract.nodes.append((number[thing.id], thing.lon, thing.lat, dict(thing.tags)))
        elif isinstance(thing, osmium.osm.Way):
            refs = [number[n.ref] for n in thing.nodes if n.ref in number]
            if len(refs) > 1:
                extract.ways.append((refs, dict(thing.tags)))
    return extract


def _grid(side: int) -> Extract:
    """Return a square grid of streets."""
    nodes = [(y * side + x + 1, x * 0.001, y * 0.001, {}) for y in range(side) for x in range(side)]
    tags = {"highway": "residential", "surface": "asphalt"}
    rows = [[y * side + x + 1 for x in range(side)] for y in range(side)]
    columns = [list(c) for c in zip(*rows, strict=True)]
    return Extract(nodes, [(line, tags) for line in [*rows, *columns]])


def _measure(side: str, file: Path) -> dict[str, float]:
    """Run one side in a process of its own, so that its memory can be told apart."""
    done = subprocess.run(
        [sys.executable, str(HERE), side, str(file)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def _ours(file: Path) -> int:
    from aidline.network.pbf import read_pbf
    from aidline.network.roads import assemble

    return assemble(*read_pbf(file)).arc_count


class _Handler(osmium.SimpleHandler):  # type: ignore[misc]
    """The plain way: every node in a dict, every piece of every way in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[int, tuple[float, float]] = {}
        self.arcs: list[tuple[int, int, str]] = []

    def node(self, n: Any) -> None:
        """Keep the position of a node."""
        self.at[n.id] = (n.location.lon, n.location.lat)

    def way(self, w: Any) -> None:
        """Keep the arcs of a road."""
        tags = dict(w.tags)
        if "highway" in tags:
            refs = [n.ref for n in w.nodes]
            self.arcs += [(a, b, tags["highway"]) for a, b in itertools.pairwise(refs)]
            if tags.get("oneway") != "yes":
                self.arcs += [(b, a, tags["highway"]) for a, b in itertools.pairwise(refs)]


def _other(file: Path) -> int:
    handler = _Handler()
    handler.apply_file(str(file))
    return len(handler.arcs)


SIDES = {"ours": _ours, "other": _other}


def main() -> None:
    """Print the rows, or measure one side of one file."""
    if len(sys.argv) == 3 and sys.argv[1] in SIDES:
        start, cpu = time.perf_counter(), time.process_time()
        arcs = SIDES[sys.argv[1]](Path(sys.argv[2]))
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(json.dumps({"arcs": arcs, "seconds": seconds, "cpu": cpu, "gigabytes": peak}))
        return
    for row in run(sys.argv[1:] or ["S"]):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
