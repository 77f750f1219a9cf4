"""Which areas no truck reaches on which days, and what cuts them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.network.access import travel_times
from aidline.network.cut_off import cut_off
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from aidline.situation.situation import Situation
    from aidline.supply.problem import SupplyProblem


def unreachable_areas(p: SupplyProblem, situation: Situation) -> pl.DataFrame:
    """Return the plan's table `unreachable`.

    Parameters
    ----------
    p
        The problem: only areas that miss a departure on some day are looked at on the roads.
    situation
        What it was made from.

    Returns
    -------
    DataFrame
        One row per area and run of days with the same reason. An area that holds stock of its
        own but that no truck reaches stands there too.
    """
    lost = [p.area_ids[a] for a in np.flatnonzero(_may_be_cut_off(p))]
    own = set(p.area_ids)
    starts = [place for place in p.location_ids if place not in own]
    times = travel_times(situation, starts, lost, p.class_ids, Ledger())
    return cut_off(situation, times)


def _may_be_cut_off(p: SupplyProblem) -> npt.NDArray[np.bool_]:
    """Return the areas without a departure on some day, and not for the length of the way."""
    moves, days = p.moves, p.days
    leaves = np.zeros((len(p.area_ids), days), dtype=bool)
    quickest = np.full(len(p.area_ids), days)
    real = moves.end >= 0
    leaves[moves.end[real], moves.day[real]] = True
    np.minimum.at(quickest, moves.end[real], (moves.arrive - moves.day)[real])
    in_time = np.arange(days) < days - quickest[:, None]
    some_day, never = (in_time & ~leaves).any(axis=1), ~leaves.any(axis=1)
    return np.asarray(some_day | never, dtype=np.bool_)


def cut_days(p: SupplyProblem, table: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return [area, day] whether an area is cut off, from the table `unreachable`."""
    index = {code: n for n, code in enumerate(p.area_ids)}
    cut = np.zeros((len(p.area_ids), p.days), dtype=bool)
    for area, first, last in table.select("area_id", "from_day", "to_day").iter_rows():
        cut[index[area], first : last + 1] = True
    return cut
