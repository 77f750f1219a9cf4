"""The roads of the map, from the table of road lines or from an OSM file, with their states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely

from aidline.formats.report_html.frame import FINEST, Frame, parsed, simplified
from aidline.network.damage import in_order
from aidline.network.network import network_of
from aidline.situation.tables import ROAD_CLASSES, SURFACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aidline.network.roads import Roads
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

States = dict[str, tuple[tuple[tuple[int, int], ...], str]]
OPEN, RESTRICTED, CLOSED = 0, 1, 2
ROAD_RANKS = {
    "motorway": 0, "trunk": 0, "primary": 0, "secondary": 1, "tertiary": 2,
    "unclassified": 3, "residential": 3, "service": 3, "track": 3,
}  # fmt: skip
MAIN_CLASSES = ("motorway", "trunk", "primary", "secondary")
"""Classes of an OSM file that are drawn even where no truck goes."""
COLUMNS = ("segment_id", "name", "road_class", "surface", "max_weight_t")


@dataclass(frozen=True)
class Road:
    """Road lines that share class and state.

    `states` lists (first day, state code 0 open, 1 restricted, 2 closed); `x`, `y` is the
    middle of the line, where a closure is marked. `blocks` is True where it cuts an area off.
    """

    path: str
    rank: int
    states: tuple[tuple[int, int], ...]
    x: int
    y: int
    name: str
    cause: str
    blocks: bool = False


def road_states(situation: Situation) -> States:
    """Return for each reported segment its states (day, code) and the last cause of trouble.

    The last report up to a day counts; what was reported before the plan starts holds on day 0.
    """
    code = {"open": OPEN, "restricted": RESTRICTED, "closed": CLOSED}
    found: dict[str, tuple[dict[int, int], str]] = {}
    columns = ("segment_id", "date", "status", "cause")
    log = in_order(situation["road_status"]).select(columns)
    for segment, date, status, cause in log.iter_rows():
        states, last = found.get(segment, ({}, ""))
        states[max(0, situation.settings.day_of(date))] = code.get(status, OPEN)
        found[segment] = (states, cause or last)
    return {
        segment: (tuple(sorted(states.items())), cause)
        for segment, (states, cause) in found.items()
    }


def blocking(plan: Plan) -> frozenset[str]:
    """Return the segments that cut some area off."""
    lists = plan["unreachable"]["segments"].drop_nulls().to_list()
    return frozenset(code for text in lists for code in text.split())


def road_lines(
    situation: Situation, needed: Iterable[str], box: Any = None
) -> tuple[pl.DataFrame, list[Any]]:
    """Return the roads worth drawing: facts and lines.

    Parameters
    ----------
    situation
        Its table of road segments goes before an OSM file.
    needed
        Segments that are drawn whatever their class, beside those with a report.
    box
        Of an OSM file, only what touches this polygon (degrees) is returned.

    Returns
    -------
    tuple
        segment_id, name, road_class, surface, max_weight_t; and a line for each row, None
        where it has none. All rows of the table, but of an OSM file only main roads, those
        with a report and those needed.

    Raises
    ------
    FormatError
        The OSM file is missing or broken.
    """
    table = situation["road_segments"]
    if table.height or not situation.settings.roads:
        return table.select(COLUMNS), parsed(table["geometry"].to_list())
    network = network_of(situation)
    if network is None:
        return table.select(COLUMNS), []
    wanted = {*needed, *situation["road_status"]["segment_id"]}
    return _from_network(network.roads, wanted, box)


def _from_network(roads: Roads, wanted: set[str], box: Any) -> tuple[pl.DataFrame, list[Any]]:
    segments, pieces = roads.segments, roads.pieces
    main = np.isin(segments.road_class, [ROAD_CLASSES.index(name) for name in MAIN_CLASSES])
    main |= np.isin(segments.ids.astype(str), sorted(wanted))
    among = np.flatnonzero(main[pieces.segment])
    size = np.diff(pieces.start)[among]
    begin = np.concatenate([[0], np.cumsum(size)])
    pick = np.repeat(pieces.start[among] - begin[:-1], size) + np.arange(begin[-1])
    points = np.stack([pieces.lon[pick], pieces.lat[pick]], axis=1)
    lines = shapely.linestrings(points, indices=np.repeat(np.arange(len(among)), size))
    owner = pieces.segment[among]
    if box is not None:
        seen = shapely.intersects(lines, box)
        lines, owner = lines[seen], owner[seen]
    order = np.argsort(owner, kind="stable")
    chosen, row = np.unique(owner[order], return_inverse=True)
    shapes = shapely.line_merge(shapely.multilinestrings(lines[order], indices=row))
    limit = segments.max_weight_t[chosen].astype(float)
    facts = {
        "segment_id": segments.ids[chosen].astype(str),
        "name": segments.names[chosen].astype(str),
        "road_class": [ROAD_CLASSES[c] for c in segments.road_class[chosen]],
        "surface": [SURFACES[c] for c in segments.surface[chosen]],
        "max_weight_t": pl.Series(np.where(np.isfinite(limit), limit, np.nan), nan_to_null=True),
    }
    return pl.DataFrame(facts), list(shapes)


def roads_drawn(
    situation: Situation, plan: Plan, rows: pl.DataFrame, lines: list[Any], frame: Frame
) -> tuple[Road, ...]:
    """Join all segments of a rank into one path; those in trouble stay single.

    Parameters
    ----------
    situation, plan
        Where the states come from, and who is cut off by what.
    rows, lines
        What `road_lines` gave.
    frame
        The drawing.
    """
    states, blocks = road_states(situation), blocking(plan)
    slim = simplified(lines, FINEST / frame.x_scale)
    joined: dict[int, list[str]] = {}
    single = []
    facts = rows.select("segment_id", "name", "road_class").iter_rows()
    for (code, name, kind), line in zip(facts, slim, strict=True):
        if line is None:
            continue
        rank = ROAD_RANKS.get(kind or "unclassified", 3)
        changes, cause = states.get(code, ((), ""))
        troubled = [c for c in changes if c[0] < plan.record.days]
        if code in blocks and not any(state for _, state in troubled):
            troubled = [(0, RESTRICTED)]  # too weak for the trucks, with no report of damage
        if not any(state for _, state in troubled):
            joined.setdefault(rank, []).append(frame.path(line))
            continue
        middle = line.interpolate(0.5, normalized=True)
        single.append(
            Road(frame.path(line), rank, tuple(troubled), *frame.xy(middle.x, middle.y),
                 name or code, cause, code in blocks)
        )  # fmt: skip
    open_roads = [
        Road("".join(joined[r]), r, ((0, OPEN),), 0, 0, "", "")
        for r in sorted(joined, reverse=True)
    ]
    return (*open_roads, *sorted(single, key=lambda road: road.blocks))
