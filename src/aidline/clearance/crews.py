"""Crews and disposal teams: when they work, and how long they travel on the damaged roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.damage import INF_MS, undamaged, weights_ms
from aidline.network.network import damage_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.clearance.works import Works
    from aidline.network.network import Network
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ROAD_CREW, DISPOSAL = "road_crew", "explosive_disposal"
USUAL_HOURS = {
    ROAD_CREW: "team.hours_per_day",
    DISPOSAL: "team.hours_per_day.explosive_disposal",
}
PROFILE = "truck"  # crews and their machines travel as trucks do
MS_PER_H = 3_600_000.0


@dataclass(frozen=True, eq=False)
class Crews:
    """Teams that work on roads.

    Attributes
    ----------
    ids
        Codes, sorted.
    disposal
        Does the team assess explosive hazards? The others clear.
    start, end
        Days since the start of the plan: from when and until when it works.
    hours_per_day
        Hours of work or travel in a day.
    base
        Node of the road graph, −1 where it has no base on a road.
    """

    ids: tuple[str, ...]
    disposal: npt.NDArray[np.bool_]
    start: Floats
    end: Floats
    hours_per_day: Floats
    base: Ints


def make_crews(situation: Situation, network: Network, ledger: Ledger) -> Crews:
    """Read road crews and disposal teams.

    Parameters
    ----------
    situation
        Its table teams is read.
    network
        The roads, to find their bases.
    ledger
        Collects every default that is used.
    """
    rows = (
        situation["teams"]
        .filter(pl.col("kind").is_in([ROAD_CREW, DISPOSAL]))
        .filter(pl.col("hours_per_day").is_null() | (pl.col("hours_per_day") > 0))
        .sort("team_id")
        .rows(named=True)
    )
    day_of, days = situation.settings.day_of, situation.settings.days
    start = [max(0, day_of(r["available_from"])) if r["available_from"] else 0 for r in rows]
    end = [day_of(r["until"]) + 1 if r["until"] else days for r in rows]
    hours = [
        ledger.take(USUAL_HOURS[r["kind"]], f"team {r['team_id']}")
        if r["hours_per_day"] is None
        else r["hours_per_day"]
        for r in rows
    ]
    return Crews(
        tuple(r["team_id"] for r in rows),
        np.array([r["kind"] == DISPOSAL for r in rows], bool),
        np.array(start, float),
        np.minimum(np.array(end, float), days),
        np.array(hours, float),
        network.nodes([r["place_id"] or "" for r in rows]),
    )


@dataclass(frozen=True, eq=False)
class Ground:
    """Travel between bases and blockages.

    Points are the bases (one per team) and then both ends of each blockage.

    Attributes
    ----------
    state_of_day
        [days] state of the roads, before anything is opened.
    hours
        [states, points, points], infinite = no way.
    through
        [blockage, 2] hours through its segment once one lane is open, from the first to the
        second end and back; infinite where no one may drive.
    closed_since
        [days, blockage] last day up to then on which the log closes its segment, −1 = before the
        plan: what was opened earlier is closed again.
    """

    state_of_day: Ints
    hours: Floats
    through: Floats
    closed_since: Ints


def make_ground(
    situation: Situation, network: Network, works: Works, crews: Crews, lane_speed: float
) -> Ground:
    """Work out the travel times of crews; on one open lane they drive at a share of the speed."""
    roads = network.roads
    damage = damage_of(situation, roads)
    points = np.concatenate([crews.base, works.ends.ravel()])
    known = points >= 0
    nodes, at = np.unique(points[known], return_inverse=True)
    hours = np.full((damage.states, len(points), len(points)), np.inf)
    for state in range(damage.states):
        weights = weights_ms(roads, damage, state, PROFILE, 0.0)
        hours[state][np.ix_(known, known)] = _matrix(network, weights, nodes)[np.ix_(at, at)]
    hours[:, np.arange(len(points)), np.arange(len(points))] = 0.0
    return Ground(
        damage.state_of_day,
        hours,
        _through(network, works) / lane_speed,
        _closed_since(situation, works),
    )


def _closed_since(situation: Situation, works: Works) -> Ints:
    days, day_of = situation.settings.days, situation.settings.day_of
    since = np.full((days, works.count), -1, np.int64)
    closed = situation["road_status"].filter(pl.col("status") == "closed")
    for segment, date in closed.sort("date").select("segment_id", "date").iter_rows():
        first = max(-1, day_of(date))
        for b in [n for n, code in enumerate(works.segment_ids) if code == segment]:
            since[max(0, first) :, b] = first
    return since


def _matrix(network: Network, weights: npt.NDArray[np.int32], nodes: Ints) -> Floats:
    ms = network.router.weigh(weights).matrix(nodes, nodes)
    return np.where(ms >= INF_MS, np.inf, ms / MS_PER_H)


def _through(network: Network, works: Works) -> Floats:
    """Return the hours through each blocked segment alone, undamaged, in both directions."""
    roads = network.roads
    weights = weights_ms(roads, undamaged(roads.segments), 0, PROFILE, 0.0)
    code = roads.segments.ids[roads.segment].astype(str)
    hours = np.full((works.count, 2), np.inf)
    for b, segment in enumerate(works.segment_ids):
        alone = np.where(code == segment, weights, INF_MS).astype(np.int32)
        hours[b, 0], hours[b, 1] = _along(roads.tail, roads.head, alone, works.ends[b])
    return hours


def _along(
    tail: Ints, head: Ints, weights: npt.NDArray[np.int32], ends: Ints
) -> tuple[float, float]:
    """Return the hours from one end to the other and back on the arcs that are not shut."""
    arcs = np.flatnonzero(weights < INF_MS)
    there = []
    for start, goal in (ends, ends[::-1]):
        reached = {int(start): 0.0}
        for _ in range(len(arcs)):
            before = dict(reached)
            for a in arcs.tolist():
                time = reached.get(int(tail[a]), np.inf) + weights[a] / MS_PER_H
                if time < reached.get(int(head[a]), np.inf):
                    reached[int(head[a])] = time
            if reached == before:
                break
        there.append(reached.get(int(goal), np.inf))
    return there[0], there[1]
