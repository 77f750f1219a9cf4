"""Who is cut off, from when to when, and by what.

For an area that no vehicle of any class reaches from any place, the best way in on undamaged
roads is taken, and the segments on it that are shut are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from aidline.network.damage import INF_MS, Damage, in_order, undamaged, weights_ms
from aidline.network.network import Fleet, Network, damage_of, fleet_of, network_of
from aidline.network.profiles import figures

if TYPE_CHECKING:
    from aidline.network.access import TravelTimes
    from aidline.situation.situation import Situation

SHOWN = 3  # segments named in a sentence; all of them stand in the column `segments`
SCHEMA = {
    "area_id": pl.String, "from_day": pl.Int64, "to_day": pl.Int64, "people": pl.Float64,
    "segments": pl.String, "text": pl.String,
}  # fmt: skip


class _Way(NamedTuple):
    """The best way in on undamaged roads."""

    from_id: str
    group: int
    segments: np.ndarray


def cut_off(situation: Situation, times: TravelTimes) -> pl.DataFrame:
    """Return the areas that no place reaches with any class, and why.

    Parameters
    ----------
    situation
        The situation.
    times
        Driving times from the places that send something; every area among `to_ids` is
        looked at.

    Returns
    -------
    DataFrame
        Columns of the plan table `unreachable`; a new row where the reason changes.
    """
    areas = situation["areas"]["area_id"].to_list()
    column = {area: i for i, area in enumerate(times.to_ids) if area in set(areas)}
    reached = np.isfinite(times.hours).any(axis=(1, 2))[times.state_of_day]  # [days, to]
    lost = [area for area, i in column.items() if not reached[:, i].all()]
    people = dict(
        situation["population"].group_by("area_id").agg(pl.col("people").sum()).iter_rows()
    )
    network = network_of(situation) if lost and times.from_ids and times.class_ids else None
    reasons = _Reasons(situation, network, times, lost) if network is not None else None
    rows = []
    for area in lost:
        days = np.flatnonzero(~reached[:, column[area]]).tolist()
        said = [(day, *(reasons.of(area, day) if reasons else _plain(times))) for day in days]
        for first, last, segments, text in _runs(said):
            rows.append((area, first, last, people.get(area), segments, text))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("area_id", "from_day")


def _plain(times: TravelTimes) -> tuple[str, str]:
    """Return the reason where no road can be looked at."""
    if not times.from_ids:
        return "", "No place sends goods."
    if not times.class_ids:
        return "", "No class of vehicles is known."
    return "", "No way is known: no roads, no open travel time, or no coordinates."


def _runs(said: list[tuple[int, str, str]]) -> list[tuple[int, int, str, str]]:
    """Put neighbouring days with the same reason together."""
    runs: list[tuple[int, int, str, str]] = []
    for day, segments, text in said:
        if runs and runs[-1][1] == day - 1 and runs[-1][2:] == (segments, text):
            runs[-1] = (runs[-1][0], day, segments, text)
        else:
            runs.append((day, day, segments, text))
    return runs


class _Reasons:
    """Works out why areas are cut off."""

    def __init__(
        self, situation: Situation, network: Network, times: TravelTimes, lost: list[str]
    ) -> None:
        self.situation, self.times, self.network = situation, times, network
        self.damage = damage_of(situation, network.roads)
        self.fleet = fleet_of(situation, times.class_ids, network.roads, self.damage, None)
        calm = undamaged(network.roads.segments)
        self.ways = _ways_in(network, calm, self.fleet, times.from_ids, lost)
        left = [area for area in lost if area not in self.ways]
        weightless = Fleet(["4x4"], np.zeros(1), np.zeros(1, np.int64), np.ones(1))
        self.light = _ways_in(network, calm, weightless, times.from_ids, left)

    def of(self, area: str, day: int) -> tuple[str, str]:
        """Return the segments and the sentence for an area on a day."""
        row = self.network.row_of[area]
        if self.network.anchors.node[row] < 0:
            return "", self._off_road(row)
        if area in self.ways:
            return self._shut(self.ways[area], day)
        if area in self.light:
            return self._too_heavy(self.light[area])
        if not (self.network.nodes(self.times.from_ids) >= 0).any():
            return "", "No place that sends goods lies on the road network."
        return (
            "",
            "No road leads there: its roads do not join those of any place that sends goods.",
        )

    def _off_road(self, row: int) -> str:
        if not np.isfinite(self.network.lon[row]):
            return "Its coordinates are unknown, so no road can be found to it."
        reach = figures()["road.reach_km"].value
        return f"No road at all: none lies within {reach:g} km."

    def _shut(self, way: _Way, day: int) -> tuple[str, str]:
        state = int(self.damage.state_of_day[day])
        gross = float(self.fleet.gross_t[self.fleet.first_of(way.group)])
        closed = way.segments[self.damage.closed[state, way.segments]]
        limit = self.damage.limit_t[state, way.segments]
        heavy = way.segments[(gross > limit) & ~self.damage.closed[state, way.segments]]
        ids = self.network.roads.segments.ids
        both = " ".join(str(ids[s]) for s in [*closed.tolist(), *heavy.tolist()])
        if not both:
            return "", "All ways there are reported closed in the known travel times."
        parts = []
        if len(closed):
            parts.append(f"closed at {self._named(closed, day)}")
        if len(heavy):
            tightest = float(limit[gross > limit].min())
            parts.append(
                f"too weak for {gross:g} t at {self._named(heavy, day)} (limit {tightest:g} t)"
            )
        start = self._place(way)
        return both, f"Cut off: the best way in, from {start}, is {' and '.join(parts)}."

    def _too_heavy(self, way: _Way) -> tuple[str, str]:
        segments = self.network.roads.segments
        lightest = float(self.fleet.gross_t.min())
        weak = way.segments[segments.max_weight_t[way.segments] < lightest]
        ids = " ".join(str(segments.ids[s]) for s in weak.tolist())
        if not ids:
            return (
                "",
                f"The roads in from {self._place(way)} are not open to these vehicles by law.",
            )
        limit = float(segments.max_weight_t[weak].min())
        return ids, (
            f"Too heavy: the best way in, from {self._place(way)}, bears {limit:g} t at "
            f"{self._named(weak, None)}; the lightest class weighs {lightest:g} t."
        )

    def _place(self, way: _Way) -> str:
        """Name the place that a way starts from, by its code where it has no name."""
        places = self.situation["places"].filter(pl.col("place_id") == way.from_id)
        return str((places["name"].drop_nulls().to_list() or [way.from_id])[0])

    def _named(self, segments: np.ndarray, day: int | None) -> str:
        """Name segments with their road and the cause of their state."""
        known = self.network.roads.segments
        shown = []
        for s in segments[:SHOWN].tolist():
            cause = _cause(self.situation, str(known.ids[s]), day) if day is not None else ""
            name = f"{known.ids[s]} {known.names[s]}".strip()
            shown.append(f"{name} ({cause})" if cause else name)
        more = len(segments) - SHOWN
        if more > 0:
            return f"{', '.join(shown)} and {more} more"
        return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _ways_in(
    network: Network, damage: Damage, fleet: Fleet, from_ids: tuple[str, ...], areas: list[str]
) -> dict[str, _Way]:
    """Return the quickest way in of each area from any place with any class, where there is one."""
    sources, targets = network.nodes(from_ids), network.nodes(areas)
    start, end = np.flatnonzero(sources >= 0), np.flatnonzero(targets >= 0)
    if len(start) == 0 or len(end) == 0:
        return {}
    best = np.full(len(end), float(INF_MS))
    ways: dict[str, _Way] = {}
    for group in np.unique(fleet.group).tolist():
        c = fleet.first_of(group)
        weights = weights_ms(network.roads, damage, 0, fleet.profiles[c], float(fleet.gross_t[c]))
        metric = network.router.weigh(weights)
        times = metric.matrix(sources[start], targets[end])
        nearest = times.argmin(axis=0)
        quickest = times[nearest, np.arange(len(end))]
        better = np.flatnonzero(quickest < best)
        best[better] = quickest[better]
        arcs = metric.paths(sources[start[nearest[better]]], targets[end[better]])
        for k, way in zip(better.tolist(), arcs, strict=True):
            segments = network.roads.segment[way]
            order = np.sort(np.unique(segments, return_index=True)[1])
            from_id = from_ids[int(start[nearest[k]])]
            ways[areas[int(end[k])]] = _Way(from_id, group, segments[order])
    return ways


def _cause(situation: Situation, segment_id: str, day: int) -> str:
    """Return the cause that the log gives for a segment on a day, in words."""
    date = situation.settings.date_of(day)
    rows = situation["road_status"].filter(
        (pl.col("segment_id") == segment_id) & (pl.col("date") <= date)
    )
    causes = in_order(rows)["cause"].drop_nulls().to_list()
    return str(causes[-1]).replace("_", " ") if causes else ""
