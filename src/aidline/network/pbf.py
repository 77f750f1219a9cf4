"""Roads from an OpenStreetMap file (`.osm.pbf`).

The file is streamed once: the reader's own filters let only ways with `highway` and nodes with
`barrier` through, and its location index hands over the points of a way in one piece. Points
at which ways meet become nodes, all others stay shape.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from aidline.errors import FormatError
from aidline.network.roads import BRIDGE, FORD, NO_HGV, NO_MOTOR, Pieces, Segments
from aidline.situation.tables import ROAD_CLASSES, SURFACES

if TYPE_CHECKING:
    from pathlib import Path

OTHER_CLASSES = {
    "living_street": "residential",
    "road": "unclassified",
    "busway": "service",
    "bus_guideway": "service",
}
PAVED = "paved asphalt concrete concrete:plates concrete:lanes chipseal paving_stones sett metal"
GRAVEL = "gravel fine_gravel compacted pebblestone cobblestone unhewn_cobblestone wood"
DIRT = "unpaved dirt earth ground mud sand grass clay rock ice snow"
SURFACE_OF = {
    word: SURFACES.index(surface)
    for surface, words in (("paved", PAVED), ("gravel", GRAVEL), ("dirt", DIRT))
    for word in words.split()
}
GRADE_SURFACE = {
    "grade1": "paved",
    "grade2": "gravel",
    "grade3": "gravel",
    "grade4": "dirt",
    "grade5": "dirt",
}
SMOOTHNESS_SURFACE = {
    "excellent": "paved", "good": "paved", "intermediate": "paved", "bad": "gravel",
    "very_bad": "dirt", "horrible": "dirt", "very_horrible": "dirt", "impassable": "dirt",
}  # fmt: skip
SHUTTING = (
    "block bollard jersey_barrier concrete_block wall fence debris log chain ditch rock turnstile "
    "full-height_turnstile kissing_gate stile cycle_barrier motorcycle_barrier"
)
NO = frozenset({"no", "private"})
YES = frozenset({"yes", "permissive", "designated", "destination", "delivery", "official"})
POUND_T = 0.00045359237
TONNES = {
    "": 1.0,
    "t": 1.0,
    "ton": 1.0,
    "tons": 1.0,
    "kg": 1e-3,
    "lbs": POUND_T,
    "lb": POUND_T,
    "st": 2000 * POUND_T,
}
_WEIGHT = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*([a-z]*)\s*$", re.IGNORECASE)
WKB_HEADER = 18  # hex digits before the points: byte order, type, count


def tonnes(text: str | None) -> float:
    """Return a weight limit in tonnes from an OSM value ("3.5 t", "7,5", "8000 lbs").

    Infinite where there is none or it cannot be read as a weight.
    """
    match = _WEIGHT.match(text) if text else None
    if match is None:
        return float("inf")
    factor = TONNES.get(match[2].lower())
    value = float(match[1].replace(",", ".")) * factor if factor else 0.0
    return value if value > 0 else float("inf")


def road_class(highway: str) -> int:
    """Return the position in `ROAD_CLASSES` of an OSM highway value, -1 = not for vehicles."""
    name = OTHER_CLASSES.get(highway, highway.removesuffix("_link"))
    return ROAD_CLASSES.index(name) if name in ROAD_CLASSES else -1


def read_pbf(file: Path) -> tuple[Pieces, Segments]:
    """Read the roads of an OSM PBF file.

    Parameters
    ----------
    file
        The file; nodes must come before ways, as is usual.

    Returns
    -------
    tuple
        Pieces between nodes, and the facts of the ways; a segment is an OSM way.

    Raises
    ------
    FormatError
        The file is missing, broken, cut off, or holds no roads with coordinates.
    """
    if not file.is_file():
        raise FormatError(
            "there is no such road file: put it beside situation.toml, or correct 'roads' there",
            file=str(file),
        )
    ways = _Ways()
    try:
        _stream(file, ways)
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(
            f"the road file is broken or cut off ({error}); download it again", file=str(file)
        ) from error
    if not ways.ids:
        raise FormatError(
            "the road file holds no roads with coordinates; take an extract with nodes and "
            "ways, sorted by type", file=str(file)
        )  # fmt: skip
    return _pieces(ways), ways.segments()


class _Ways:
    """What is collected while the file streams by."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.names: list[str] = []
        self.facts: tuple[array[Any], ...] = tuple(
            array(code) for code in "bbbfB"
        )  # small: a country has millions
        self.refs = array("q")
        self.count = array("q")
        self.points: list[np.ndarray] = []
        self.barriers: list[int] = []
        self._hex: list[str] = []

    def add(self, way: Any, facts: tuple[int, int, int, float, int], wkb: str) -> None:
        """Take a way with all its points."""
        refs = [node.ref for node in way.nodes]
        self._note(way, facts, refs)
        self._hex.append(wkb[WKB_HEADER:])
        if len(self._hex) >= 20_000:
            self.flush()

    def add_partly(self, way: Any, facts: tuple[int, int, int, float, int]) -> None:
        """Take what lies in the extract of a way that leaves it."""
        inside = [node for node in way.nodes if node.location.valid()]
        if len(inside) < 2:
            return
        self.flush()
        self._note(way, facts, [node.ref for node in inside])
        self.points.append(np.array([(n.lon, n.lat) for n in inside], np.float64))

    def flush(self) -> None:
        """Turn the collected text into numbers."""
        if self._hex:
            raw = bytes.fromhex("".join(self._hex))
            self.points.append(np.frombuffer(raw, "<f8").reshape(-1, 2))
            self._hex.clear()

    def segments(self) -> Segments:
        """Return the facts as arrays."""
        kind, surface, oneway, limit, flags = (np.array(column) for column in self.facts)
        count = len(self.ids)
        return Segments(
            ids=np.array([str(i) for i in self.ids], object),
            names=np.array(self.names, object),
            road_class=kind,
            surface=surface,
            oneway=oneway,
            speed_kmh=np.zeros(count, np.float32),
            max_weight_t=limit,
            flags=flags,
            length_m=np.zeros(count),
        )

    def _note(self, way: Any, facts: tuple[int, int, int, float, int], refs: list[int]) -> None:
        self.ids.append(way.id)
        self.names.append(way.tags.get("name") or way.tags.get("ref") or "")
        for column, fact in zip(self.facts, facts, strict=True):
            column.append(fact)
        self.refs.extend(refs)
        self.count.append(len(refs))


def _stream(file: Path, ways: _Ways) -> None:
    import osmium

    barriers = osmium.filter.KeyFilter("barrier")
    barriers.enable_for(osmium.osm.NODE)
    highways = osmium.filter.KeyFilter("highway")
    highways.enable_for(osmium.osm.WAY)
    stream = osmium.FileProcessor(str(file), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    shape = osmium.geom.WKBFactory()
    for thing in stream.with_filter(barriers).with_filter(highways):
        if isinstance(thing, osmium.osm.Node):
            if _shuts(thing.tags):
                ways.barriers.append(thing.id)
            continue
        if not isinstance(thing, osmium.osm.Way) or (facts := _facts(thing.tags)) is None:
            continue
        try:
            wkb = shape.create_linestring(thing, osmium.geom.use_nodes.ALL)
        except (osmium.InvalidLocationError, RuntimeError):
            ways.add_partly(thing, facts)
        else:
            ways.add(thing, facts, wkb)
    ways.flush()


def _shuts(tags: Any) -> bool:
    """Say whether a barrier node stops every vehicle: by what it is, or who may pass it."""
    may = _may(tags)
    return may in NO or (tags["barrier"] in SHUTTING.split() and may not in YES)


def _may(tags: Any) -> str:
    """Return what is said of motor vehicles; the more exact key goes before the general one."""
    return tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access") or ""


def _facts(tags: Any) -> tuple[int, int, int, float, int] | None:
    """Class, surface, direction, weight limit and flags of a way; None = not for vehicles."""
    kind = road_class(tags["highway"])
    if kind < 0 or tags.get("area") == "yes":
        return None
    flags = BRIDGE if (tags.get("bridge") or "no") != "no" else 0
    if (tags.get("ford") or "no") != "no":
        flags |= FORD
    if _may(tags) in NO:
        flags |= NO_MOTOR
    if tags.get("hgv") == "no":
        flags |= NO_HGV
    return kind, _surface(tags), _direction(tags), tonnes(tags.get("maxweight")), flags


def _surface(tags: Any) -> int:
    said = tags.get("surface")
    if said in SURFACE_OF:
        return SURFACE_OF[said]
    name = GRADE_SURFACE.get(tags.get("tracktype")) or SMOOTHNESS_SURFACE.get(
        tags.get("smoothness")
    )
    return SURFACES.index(name or "unknown")


def _direction(tags: Any) -> int:
    said = tags.get("oneway")
    if said in {"yes", "true", "1"}:
        return 1
    if said in {"-1", "reverse"}:
        return -1
    if said is None and (
        tags.get("junction") in {"roundabout", "circular"} or tags["highway"] == "motorway"
    ):
        return 1
    return 0


def _pieces(ways: _Ways) -> Pieces:
    """Cut the ways where they meet, at their ends and at barriers."""
    refs = np.frombuffer(ways.refs, np.int64)
    points = np.concatenate(ways.points)
    size = np.frombuffer(ways.count, np.int64)
    start = np.concatenate([[0], np.cumsum(size)])
    osm_id, first_seen, node = np.unique(refs, return_index=True, return_inverse=True)
    is_node = np.bincount(node) > 1
    is_node[node[start[:-1]]] = is_node[node[start[1:] - 1]] = True
    is_node[np.isin(osm_id, np.array(ways.barriers, np.int64))] = True
    number = np.cumsum(is_node) - 1
    at = np.flatnonzero(is_node[node])
    way = np.repeat(np.arange(len(size)), size)
    within = way[at[1:]] == way[at[:-1]]
    first, last = at[:-1][within], at[1:][within]
    a, b = number[node[first]], number[node[last]]
    real = (a != b) | (last - first > 1)
    first, last, a, b = first[real], last[real], a[real], b[real]
    length = last - first + 1
    begin = np.concatenate([[0], np.cumsum(length)])
    pick = np.repeat(first - begin[:-1], length) + np.arange(begin[-1])
    where = first_seen[is_node]
    blocked = number[np.isin(osm_id, np.array(ways.barriers, np.int64))]
    return Pieces(
        begin, points[pick, 0], points[pick, 1], way[first], a, b,
        points[where, 0], points[where, 1], blocked,
    )  # fmt: skip
