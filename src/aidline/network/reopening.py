"""What if a closed road were open again: exact, without routing anew.

With D the times from sources to targets while arc a→b of weight w is shut, its opening gives

    D' = min(D, D[:, a] + w + D[b, :])

because a shortest way uses the arc once or not at all. For several arcs the same step is done
one after the other, as long as D also holds the rows of all heads and the columns of all tails
(the insertion step of Floyd and Warshall). One routing run thus answers every question about
every set of closed roads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.errors import UsageError
from aidline.network.damage import INF_MS, undamaged, weights_ms
from aidline.network.network import damage_of, fleet_of, network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.network.routing import Router
    from aidline.situation.situation import Situation

MS_PER_H = 3_600_000


@dataclass(frozen=True, eq=False)
class Gain:
    """What an opening gives.

    Attributes
    ----------
    reached
        Targets that some source now reaches and none did before.
    pairs
        Pairs of source and target that have a way now and had none.
    hours
        Hours saved, added up over the pairs that had a way before.
    """

    reached: int
    pairs: int
    hours: float

    @property
    def rank(self) -> tuple[int, int, float]:
        """Order of merit: first who is reached at all, then time."""
        return self.reached, self.pairs, self.hours


class Closures:
    """The closed roads of a state and the times with any of them opened.

    Parameters
    ----------
    router
        Router of the graph.
    tail, head
        Nodes of the arcs of the graph.
    shut_ms
        Weights now, [arcs].
    open_ms
        Weights once opened, [arcs]; only arcs shut now and open here can be opened.
    sources, targets
        Nodes between which times count.
    """

    def __init__(
        self,
        router: Router,
        tail: np.ndarray,
        head: np.ndarray,
        *,
        shut_ms: np.ndarray,
        open_ms: np.ndarray,
        sources: np.ndarray,
        targets: np.ndarray,
    ) -> None:
        self.arcs = np.flatnonzero((shut_ms == INF_MS) & (open_ms < INF_MS))
        self._weight = open_ms[self.arcs].astype(np.float64)
        heads, row = np.unique(head[self.arcs], return_inverse=True)
        tails, column = np.unique(tail[self.arcs], return_inverse=True)
        self._row, self._column = len(sources) + row, len(targets) + column
        self._size = (len(sources), len(targets))
        rows = np.concatenate([sources, heads]).astype(np.int64)
        columns = np.concatenate([targets, tails]).astype(np.int64)
        # whole milliseconds are exact in float64, and infinity adds up as it should
        times = router.weigh(shut_ms).matrix(rows, columns).astype(np.float64)
        times[times >= INF_MS] = np.inf
        self._all = times

    @property
    def times(self) -> np.ndarray:
        """Times [sources, targets] in ms with what has been opened so far."""
        times: np.ndarray = self._all[: self._size[0], : self._size[1]]
        return times

    def opened(self, arcs: np.ndarray) -> np.ndarray:
        """Return the times [sources, targets] in ms with these arcs opened too.

        Parameters
        ----------
        arcs
            Positions in `arcs`.
        """
        s, t = self._size
        rows, row = np.unique(self._row[arcs], return_inverse=True)
        columns, column = np.unique(self._column[arcs], return_inverse=True)
        keep_rows = np.concatenate([np.arange(s), rows])
        keep_columns = np.concatenate([np.arange(t), columns])
        part: np.ndarray = self._all[np.ix_(keep_rows, keep_columns)]
        for k, arc in enumerate(arcs.tolist()):
            _insert(part, s + row[k], t + column[k], self._weight[arc])
        return part[:s, :t]

    def open_up(self, arcs: np.ndarray) -> None:
        """Open these arcs (positions in `arcs`) for good."""
        for arc in arcs.tolist():
            _insert(self._all, self._row[arc], self._column[arc], self._weight[arc])

    def gain(self, arcs: np.ndarray) -> Gain:
        """Return what opening these arcs (positions in `arcs`) would give."""
        before, after = self.times, self.opened(arcs)
        had, has = np.isfinite(before), np.isfinite(after)
        reached = int((has.any(axis=0) & ~had.any(axis=0)).sum())
        saved = float((before[had] - after[had]).sum()) / MS_PER_H
        return Gain(reached, int((has & ~had).sum()), saved)


def reopening_gains(
    situation: Situation, from_ids: Sequence[str], to_ids: Sequence[str], class_id: str, day: int
) -> pl.DataFrame:
    """Return what opening each closed segment alone would give on a day, best first.

    Parameters
    ----------
    situation
        The situation.
    from_ids, to_ids
        Places and areas between which times count; those off the roads are left out.
    class_id
        Vehicle class.
    day
        Day of the plan.

    Returns
    -------
    DataFrame
        segments, areas_reached, pairs_reached, hours_saved; only roads count, not what
        the table `travel_times` overrides.

    Raises
    ------
    UsageError
        The situation has no roads.
    """
    closed = _Closed(situation, from_ids, to_ids, class_id, day)
    gains: list[tuple[tuple[str, ...], Gain]] = [
        ((i,), closed.closures.gain(arcs)) for i, arcs in closed.arcs_of.items()
    ]
    gains.sort(key=_merit)
    return _table(gains).drop("rank")


def reopening_sequence(  # noqa: PLR0917 -- the question of `reopening_gains` and how far to go
    situation: Situation,
    from_ids: Sequence[str],
    to_ids: Sequence[str],
    class_id: str,
    day: int,
    steps: int = 10,
) -> pl.DataFrame:
    """Return closed segments in the order in which opening them gives most, one after another.

    Each step takes what gives most per segment on top of what is already opened: a single
    segment, or all closed segments on the best way to an area that nothing reaches (a bridge
    and a landslide behind it give nothing singly). The order is greedy, each gain is exact.

    Parameters
    ----------
    situation, from_ids, to_ids, class_id, day
        As for `reopening_gains`.
    steps
        How many openings at most; it stops when nothing gives anything.

    Returns
    -------
    DataFrame
        rank, segments (codes separated by spaces), areas_reached, pairs_reached, hours_saved,
        each on top of the steps before.
    """
    closed = _Closed(situation, from_ids, to_ids, class_id, day)
    taken: list[tuple[tuple[str, ...], Gain]] = []
    while len(taken) < steps and closed.arcs_of:
        options = sorted({(i,) for i in closed.arcs_of} | closed.bundles())
        gains = [(option, closed.closures.gain(closed.arcs(option))) for option in options]
        best = min(gains, key=_merit)
        if not any(best[1].rank):
            break
        closed.open_up(best[0])
        taken.append(best)
    return _table(taken)


def _merit(option: tuple[tuple[str, ...], Gain]) -> tuple[object, ...]:
    """Sort key: the most per segment first, then by code."""
    segments, gain = option
    return (*(-x / len(segments) for x in gain.rank), segments)


def _insert(times: np.ndarray, row: int, column: int, weight: float) -> None:
    """Open the arc whose tail is a column and whose head is a row of the times, in place."""
    up_to, onward = times[:, column] + weight, times[row].copy()
    rows, columns = np.flatnonzero(np.isfinite(up_to)), np.flatnonzero(np.isfinite(onward))
    if len(rows) == 0 or len(columns) == 0:
        return
    if len(rows) == len(up_to) and len(columns) == len(onward):
        np.minimum(times, up_to[:, None] + onward[None, :], out=times)
        return
    block = np.ix_(rows, columns)
    times[block] = np.minimum(times[block], up_to[rows][:, None] + onward[columns][None, :])


class _Closed:
    """The closed segments of a day that some class could use again."""

    def __init__(
        self,
        situation: Situation,
        from_ids: Sequence[str],
        to_ids: Sequence[str],
        class_id: str,
        day: int,
    ) -> None:
        network = network_of(situation)
        if network is None:
            raise UsageError("this situation has no roads, so there is nothing to reopen")
        roads, damage = network.roads, damage_of(situation, network.roads)
        fleet = fleet_of(situation, [class_id], roads, damage, None)
        profile, gross = fleet.profiles[0], float(fleet.gross_t[0])
        self._roads, self._router = roads, network.router
        nodes = [network.nodes(ids) for ids in (from_ids, to_ids)]
        self._sources, self._targets = (n[n >= 0] for n in nodes)
        self._open_ms = weights_ms(roads, undamaged(roads.segments), 0, profile, gross)
        self.closures = Closures(
            network.router,
            roads.tail,
            roads.head,
            shut_ms=weights_ms(roads, damage, int(damage.state_of_day[day]), profile, gross),
            open_ms=self._open_ms,
            sources=self._sources,
            targets=self._targets,
        )
        ids = roads.segments.ids[roads.segment[self.closures.arcs]].astype(str)
        self.arcs_of = {i: np.flatnonzero(ids == i) for i in np.unique(ids).tolist()}

    def arcs(self, segments: tuple[str, ...]) -> np.ndarray:
        """Return the arcs of segments, as positions in the closures."""
        return np.concatenate([self.arcs_of[i] for i in segments])

    def open_up(self, segments: tuple[str, ...]) -> None:
        """Open segments for good."""
        self.closures.open_up(self.arcs(segments))
        for i in segments:
            del self.arcs_of[i]

    def bundles(self) -> set[tuple[str, ...]]:
        """Return, for each target that nothing reaches, what is closed on its best way."""
        lost = np.flatnonzero(~np.isfinite(self.closures.times).any(axis=0))
        if len(lost) == 0 or len(self._sources) == 0:
            return set()
        metric = self._router.weigh(self._open_ms)
        times = metric.matrix(self._sources, self._targets[lost])
        start = self._sources[times.argmin(axis=0)]
        codes = self._roads.segments.ids[self._roads.segment].astype(str)
        ways = metric.paths(start, self._targets[lost])
        found = {tuple(sorted(set(codes[way].tolist()) & set(self.arcs_of))) for way in ways}
        return found - {()}


def _table(gains: list[tuple[tuple[str, ...], Gain]]) -> pl.DataFrame:
    schema = {
        "rank": pl.Int64, "segments": pl.String, "areas_reached": pl.Int64,
        "pairs_reached": pl.Int64, "hours_saved": pl.Float64,
    }  # fmt: skip
    rows = [(k + 1, " ".join(i), g.reached, g.pairs, g.hours) for k, (i, g) in enumerate(gains)]
    return pl.DataFrame(rows, schema=schema, orient="row")
