"""The work on blocked roads: what has to be done at each blockage, and in which order.

Before any machine an explosive hazard is assessed (and cleared) where it is suspected or
confirmed, or unknown in a conflict. Then one lane is opened, then the whole width. A segment is
open once that holds for all blockages on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    import numpy.typing as npt

    from aidline.network.roads import Roads
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ASSESS, LANE, FULL = 0, 1, 2
KINDS = ("assess", "single_lane", "full")


@dataclass(frozen=True, eq=False)
class Works:
    """Blockages that can be worked on.

    Attributes
    ----------
    ids
        Codes of the blockages, sorted.
    segment_ids
        Code of the segment of each.
    ends
        [blockage, 2] nodes of the road graph at the ends of its segment.
    days
        [blockage, kind] team-days of work: assessment (0 where none is needed), one lane, and
        what the whole width takes on top.
    left_out
        Blockage -> why it cannot be planned.
    """

    ids: tuple[str, ...]
    segment_ids: tuple[str, ...]
    ends: Ints
    days: Floats
    left_out: dict[str, str]

    @property
    def count(self) -> int:
        """How many blockages there are."""
        return len(self.ids)


def make_works(situation: Situation, roads: Roads, ledger: Ledger) -> Works:
    """Read the blockages.

    Parameters
    ----------
    situation
        Its table blockages is read.
    roads
        The road graph.
    ledger
        Collects every default that is used.
    """
    ends_of = segment_ends(roads)
    known, left_out = [], {}
    for row in situation["blockages"].sort("blockage_id").iter_rows(named=True):
        code = row["blockage_id"]
        days = _days(row, situation.settings.context, ledger)
        if row["segment_id"] not in ends_of:
            left_out[code] = "its road segment is not known"
        elif days is None:
            left_out[code] = "how much work it is, is not known"
        else:
            known.append((code, row["segment_id"], ends_of[row["segment_id"]], days))
    return Works(
        tuple(k[0] for k in known),
        tuple(k[1] for k in known),
        np.array([k[2] for k in known], np.int64).reshape(len(known), 2),
        np.array([k[3] for k in known], float).reshape(len(known), len(KINDS)),
        left_out,
    )


def segment_ends(roads: Roads) -> dict[str, tuple[int, int]]:
    """Return the two end nodes of each segment: those where one of its pieces ends alone."""
    pieces = roads.pieces
    segment = np.concatenate([pieces.segment, pieces.segment])
    node = np.concatenate([pieces.a, pieces.b])
    pairs, count = np.unique(np.stack([segment, node]), axis=1, return_counts=True)
    ends: dict[str, tuple[int, int]] = {}
    first = np.searchsorted(pairs[0], np.arange(len(roads.segments.ids) + 1))
    for s, code in enumerate(roads.segments.ids.astype(str).tolist()):
        here = slice(first[s], first[s + 1])
        alone = pairs[1, here][count[here] % 2 == 1]
        nodes = alone if len(alone) >= 2 else pairs[1, here]
        if len(nodes):
            ends[code] = (int(nodes[0]), int(nodes[-1]))
    return ends


def _days(row: dict[str, Any], context: str, ledger: Ledger) -> tuple[float, ...] | None:
    """Return the team-days of each kind of work, None where nothing is known of it."""
    lane, full = row["single_lane_crew_days"], row["full_crew_days"]
    used_for = f"blockage {row['blockage_id']}"
    if lane is None and row["volume_m3"]:
        lane = row["volume_m3"] / ledger.take("clearance.m3_per_crew_day", used_for)
    elif lane is None and row["span_m"]:
        lane = row["span_m"] * ledger.take("clearance.bridge_days_per_m", used_for)
    if lane is None:
        return None
    if full is None:
        full = lane * ledger.take("clearance.full_ratio", used_for)
    return _assess_days(row, context, ledger, used_for), lane, max(0.0, full - lane)


def _assess_days(row: dict[str, Any], context: str, ledger: Ledger, used_for: str) -> float:
    hazard = row["explosive_hazard"] or "unknown"
    if hazard == "confirmed":
        return ledger.take("clearance.disposal_days", used_for)
    if hazard == "suspected" or (hazard == "unknown" and context == "conflict"):
        return ledger.take("clearance.assess_days", used_for)
    return 0.0
