"""Who opens which road when: a list of tasks becomes a schedule of crews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.clearance.crews import make_crews, make_ground
from aidline.clearance.kernels_schedule import run_crews
from aidline.clearance.works import FULL, LANE, make_works

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy.typing as npt

    from aidline.clearance.crews import Crews, Ground
    from aidline.clearance.works import Works
    from aidline.network.network import Network
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Site:
    """The work on roads and those who do it.

    Attributes
    ----------
    works, crews, ground
        Blockages, teams, and the travel between them.
    segment_ids
        Codes of the blocked segments, sorted.
    segment
        [blockage] position in `segment_ids`.
    lane_speed
        Speed on one open lane against the undamaged road.
    """

    works: Works
    crews: Crews
    ground: Ground
    segment_ids: tuple[str, ...]
    segment: Ints
    lane_speed: float

    @classmethod
    def of(cls, situation: Situation, network: Network, ledger: Ledger) -> Site:
        """Read the blockages and crews of a situation."""
        works = make_works(situation, network.roads, ledger)
        crews = make_crews(situation, network, ledger)
        speed = ledger.take("clearance.single_lane_speed", "roads that are opened")
        ground = make_ground(situation, network, works, crews, speed)
        ids, at = np.unique(np.array(works.segment_ids, str), return_inverse=True)
        return cls(works, crews, ground, tuple(ids.tolist()), at.astype(np.int64), speed)

    @property
    def conditions(self) -> tuple[Any, ...]:
        """Arguments of `run_crews` after the list of tasks."""
        w, c, g = self.works, self.crews, self.ground
        return (
            w.days, self.segment, c.disposal, c.start, c.end, c.hours_per_day, c.base >= 0,
            g.state_of_day, g.hours, g.through, g.closed_since,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Schedule:
    """What the crews do.

    Attributes
    ----------
    order
        The list of blockages that it follows.
    team
        [task] team, −1 where it is not done; task number = 3 × blockage + kind.
    times
        [task, 4] days: leave, travel in hours, start, finish.
    opened
        [segment, grade] day from which it is open: one lane, full; `NEVER` where it is not.
    """

    order: tuple[int, ...]
    team: Ints
    times: Floats
    opened: Floats

    def lane_day(self, days: int) -> Ints:
        """Return [segment] the day from which one lane is open, `days` where it is not."""
        return np.minimum(self.opened[:, 0], days).astype(np.int64)


def make_schedule(site: Site, order: Sequence[int]) -> Schedule:
    """Let the crews work through a list of blockages.

    Parameters
    ----------
    site
        The work and the crews.
    order
        Every blockage, the most urgent first. One lane comes first at all of them; whatever
        time is left widens them, in the same order.
    """
    first = np.array(order, np.int64)
    lanes = np.stack([3 * first, 3 * first + LANE], axis=1).ravel()
    tasks = np.concatenate([lanes, 3 * first + FULL])
    team, times, opened = run_crews(tasks, *site.conditions)
    return Schedule(tuple(int(b) for b in order), team, times, opened)
