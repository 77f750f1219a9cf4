"""Whole truckloads for the first days: trips become whole numbers within hours and convoys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.kernels_repair import hours_used, run_first

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.planning.auction.arrays import Net
    from aidline.supply.problem import Floats, Ints, SupplyProblem

NEARLY = 1e-6


def early_trips(net: Net, whole_days: int) -> npt.NDArray[np.bool_]:
    """Return which trips leave before `whole_days`."""
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    return net.move_day[move] < whole_days


def make_whole(p: SupplyProblem, net: Net, trips: Floats, z: Floats, whole_days: int) -> Floats:
    """Round the trips that leave before `whole_days`.

    Fractions of trips to the same end are carried over from one trip to the next (by class and
    day), so that an area keeps its number of truckloads. Trips for which hours or convoy places
    are missing are dropped, the least loaded first; what hours are left go to the largest
    fractions.

    Parameters
    ----------
    p, net
        The problem.
    trips
        Per movement and class.
    z
        Row prices; where hours are short, the dearer loads go first.
    whole_days
        Number of days with whole trips.
    """
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    early = net.move_day[move] < whole_days
    end = np.array(p.moves.end)[move]
    whole = np.where(early, 0.0, trips)
    order = np.flatnonzero(early & (trips > NEARLY))
    order = order[np.lexsort((net.move_day[move[order]], net.trip_class[order], end[order]))]
    whole[order] = _diffuse(trips[order], end[order])
    worth = z[net.load_row + 2 * move] * net.payload[net.trip_class]
    worth += z[net.load_row + 2 * move + 1] * net.capacity_m3[net.trip_class]
    worth /= net.trip_hours
    kept = np.where(early, 0.0, whole)
    spare = p.fleet_hours.ravel() - hours_used(net, kept)
    convoy = np.where(np.isfinite(p.convoy_trucks), p.convoy_trucks, 1e15)
    run_first(
        net, move, kept, whole, order[np.argsort(-worth[order], kind="stable")], spare, convoy
    )
    rest = np.where(early, trips - kept, 0.0)
    candidates = np.flatnonzero(rest > 0.3)
    candidates = candidates[
        np.lexsort((candidates, -worth[candidates], -np.round(rest[candidates], 2)))
    ]
    one = kept + 1.0
    run_first(net, move, kept, one, candidates, spare, convoy)
    return kept


def _diffuse(fractions: Floats, end: Ints) -> Floats:
    """Round numbers in order so that the running total of each end stays within one half."""
    out = np.zeros(len(fractions))
    carried, last = 0.0, None
    for n, (amount, to) in enumerate(zip(fractions, end, strict=True)):
        if to != last:
            carried, last = 0.0, to
        carried += amount
        out[n] = np.floor(carried + 0.5 + NEARLY)
        carried -= out[n]
    return out
