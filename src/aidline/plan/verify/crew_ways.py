"""Driving times of teams on the roads that are open when they set out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aidline.network.damage import INF_MS, weights_ms
from aidline.network.network import damage_of, network_of
from aidline.network.openings import with_openings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    from numpy.typing import NDArray

    from aidline.network.damage import Damage
    from aidline.network.network import Network
    from aidline.network.routing import Metric
    from aidline.situation.situation import Situation

NEAR = 1e-6  # days: times are sums, so this near to midnight either day is right
MS_PER_H = 3_600_000
LONGEST_DAYS = 366


@dataclass(frozen=True, eq=False)
class CrewWays:
    """Where teams and segments lie on the roads, and how long the ways between them take.

    Attributes
    ----------
    network
        The roads.
    damage
        Their states, with the openings of the plan.
    ends
        Segment -> the nodes at its two ends.
    """

    network: Network
    damage: Damage
    ends: dict[str, NDArray[np.int64]]
    _metrics: dict[int, Metric] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        situation: Situation,
        openings: pl.DataFrame,
        segments: Iterable[str],
        last_leave: float,
    ) -> CrewWays | None:
        """Return the ways, or None where the situation has no roads.

        Parameters
        ----------
        situation
            As it is known, without openings.
        openings
            segment_id, grade, day, speed_factor: what is open to the teams, and from when.
        segments
            Segments whose ends are asked for; those that are no roads are left out.
        last_leave
            When the last team sets out: the roads after the plan stay as its log says.
        """
        network = network_of(situation)
        if network is None:
            return None
        days = situation.settings.days
        longer = min(LONGEST_DAYS, max(days, math.floor(min(last_leave, LONGEST_DAYS)) + 2))
        open_now = with_openings(situation, openings).with_settings(days=longer)
        return cls(network, damage_of(open_now, network.roads), _ends(network, segments))

    def base(self, place_id: str) -> NDArray[np.int64]:
        """Return the node of a place, none where no road is near it."""
        node = self.network.nodes([place_id])
        return node[node >= 0]

    def hours(self, leave: float, start: NDArray[np.int64], end: NDArray[np.int64]) -> float:
        """Return the least driving hours from any of some nodes to any of others; inf = no way.

        Parameters
        ----------
        leave
            Days since the start of the plan: the roads are those of that day.
        start, end
            Nodes.
        """
        if not len(start) or not len(end):
            return math.inf
        last = len(self.damage.state_of_day) - 1
        days = {min(last, math.floor(min(at, last))) for at in (leave, leave + NEAR)}
        states = {int(self.damage.state_of_day[day]) for day in days}
        least = min(int(self._metric(state).matrix(start, end).min()) for state in states)
        return math.inf if least == INF_MS else least / MS_PER_H

    def _metric(self, state: int) -> Metric:
        if state not in self._metrics:
            weights = weights_ms(self.network.roads, self.damage, state, "truck", 0.0)
            self._metrics[state] = self.network.router.weigh(weights)
        return self._metrics[state]


def segment_ids(situation: Situation) -> list[str]:
    """Return the codes of all segments that are roads."""
    network = network_of(situation)
    return [] if network is None else [str(code) for code in network.roads.segments.ids.tolist()]


def _ends(network: Network, segments: Iterable[str]) -> dict[str, NDArray[np.int64]]:
    """Return the nodes at which an odd number of the pieces of a segment meet: its two ends.

    A segment that runs in a ring has none; then every node of it counts.
    """
    pieces = network.roads.pieces
    ids = network.roads.segments.ids.astype(str)
    found = {}
    for at in np.flatnonzero(np.isin(ids, sorted(set(segments)))).tolist():
        own = pieces.segment == at
        node, count = np.unique(np.append(pieces.a[own], pieces.b[own]), return_counts=True)
        ends = node[count % 2 == 1]
        if len(node):
            found[str(ids[at])] = (ends if len(ends) else node).astype(np.int64)
    return found
