"""Whole truckloads for the first days: trips become whole numbers within hours and convoys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.planning.kernels_repair import hours_used, run_first

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.planning.auction.arrays import Net
    from aidline.planning.auction.engine import Auction
    from aidline.supply.problem import Floats, Ints, SupplyProblem

NEARLY = 1e-6
ADAPT = 25  # rounds in which the rest adapts to what was fixed
HALF = 0.5
Steps = tuple[float, ...]


def early_trips(net: Net, whole_days: int) -> npt.NDArray[np.bool_]:
    """Return which trips leave before `whole_days`."""
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    return net.move_day[move] < whole_days


def hold_whole_trips(
    auction: Auction, whole_days: int, steps: Steps = (), up_from: float = HALF
) -> None:
    """Fix whole trips for the first days in an auction; the rest adapts in later rounds.

    Parameters
    ----------
    auction
        Settled; changed in place.
    whole_days
        Trips that leave before this day become whole.
    steps
        Fractions, falling: trips with at least such a fraction are rounded up first, then the
        others adapt for some rounds. Then all that is left is rounded at once.
    up_from
        See `make_whole`.
    """
    net, p = auction.net, auction.problem
    early = early_trips(net, whole_days)
    fixed = np.zeros_like(early)
    for step in steps:
        trips = auction.trips.amount[1::2].copy()
        fraction = trips - np.floor(trips)
        sure = np.flatnonzero(early & ~fixed & (trips > NEARLY) & (fraction >= step))
        wanted = np.where(fixed, trips, 0.0)
        wanted[sure] = np.ceil(trips[sure])
        kept = np.where(fixed, trips, 0.0)
        spare, convoy = left_over(p, net, kept)
        order = sure[np.argsort(-fraction[sure], kind="stable")]
        run_first(net, auction.stower.move_of, kept, wanted, order, spare, convoy)
        fixed = fixed.copy()
        fixed[sure[kept[sure] > 0]] = True
        auction.fix_trips(np.where(fixed, kept, trips), fixed)
        for _ in range(ADAPT):
            auction.round()
    trips = auction.trips.amount[1::2].copy()
    held = np.where(fixed, trips, 0.0)
    auction.fix_trips(
        make_whole(p, net, trips, auction.mean, whole_days, held=held, up_from=up_from), early
    )


def make_whole(
    p: SupplyProblem,
    net: Net,
    trips: Floats,
    z: Floats,
    whole_days: int,
    *,
    held: Floats | None = None,
    up_from: float = HALF,
) -> Floats:
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
    held
        Whole trips that run in any case.
    up_from
        Share of a trip from which a running total is rounded up. A small one sends an area its
        first truck early, half full, and others later.
    """
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    early = net.move_day[move] < whole_days
    end = np.array(p.moves.end)[move]
    whole = np.where(early, 0.0, trips)
    order = np.flatnonzero(early & (trips > NEARLY))
    order = order[np.lexsort((net.move_day[move[order]], net.trip_class[order], end[order]))]
    whole[order] = _diffuse(trips[order], end[order], up_from)
    worth = z[net.load_row + 2 * move] * net.payload[net.trip_class]
    worth += z[net.load_row + 2 * move + 1] * net.capacity_m3[net.trip_class]
    worth /= net.trip_hours
    kept = np.where(early, 0.0 if held is None else held, whole)
    spare, convoy = left_over(p, net, kept)
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


def left_over(p: SupplyProblem, net: Net, trips: Floats) -> tuple[Floats, Floats]:
    """Return the truck-hours and convoy places that trips leave over."""
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    spare = p.fleet_hours.ravel() - hours_used(net, trips)
    convoy = np.where(np.isfinite(p.convoy_trucks), p.convoy_trucks, 1e15)
    on = net.move_convoy[move] >= 0
    np.subtract.at(convoy, net.move_convoy[move][on], trips[on])
    return np.maximum(spare, 0.0), np.maximum(convoy, 0.0)


def _diffuse(fractions: Floats, end: Ints, up_from: float) -> Floats:
    """Round numbers in order so that the running total of each end stays within one."""
    out = np.zeros(len(fractions))
    carried, last = 0.0, None
    for n, (amount, to) in enumerate(zip(fractions, end, strict=True)):
        if to != last:
            carried, last = 0.0, to
        carried += amount
        out[n] = np.floor(carried + 1.0 - up_from + NEARLY)
        carried -= out[n]
    return out
