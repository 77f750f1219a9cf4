"""Whole truckloads for the first days: trips become whole numbers within hours and convoys."""

from __future__ import annotations

import numpy as np

from aidline.planning.auction.arrays import Net
from aidline.planning.kernels_repair import book_hours, trips_left
from aidline.supply.problem import Floats, SupplyProblem

NEARLY = 1e-6


def make_whole(p: SupplyProblem, net: Net, trips: Floats, z: Floats, whole_days: int) -> Floats:
    """Round the trips that leave before `whole_days`.

    Trips are rounded down; then, largest remainder first, one more trip runs where the hours
    and convoy places of the day allow it. Space on trips rounded up is refilled afterwards,
    loads of trips rounded down wait or go by others.

    Parameters
    ----------
    trips
        Per movement and class.
    z
        Row prices (ties go to the dearer load).
    """
    move = np.repeat(np.arange(len(net.move_day)), np.diff(net.trip_ptr))
    early = net.move_day[move] < whole_days
    whole = np.where(early, np.floor(trips + NEARLY), trips)
    spare = p.fleet_hours.ravel().copy()
    used = np.zeros(len(spare))
    for n in np.flatnonzero(whole > 0):
        book_hours(net, n, net.move_day[move[n]], whole[n], used)
    spare -= used
    convoy = np.where(np.isfinite(p.convoy_trucks), p.convoy_trucks, 1e15)
    on = net.move_convoy[move] >= 0
    np.subtract.at(convoy, net.move_convoy[move][on], whole[on])
    rest = np.where(early, trips - whole, 0.0)
    worth = rest * (1.0 + z[net.load_row + 2 * move] + z[net.load_row + 2 * move + 1])
    for n in np.lexsort((np.arange(len(rest)), -worth, -np.round(rest, 3))):
        if rest[n] < 0.2:
            break
        m = move[n]
        if trips_left(net, n, m, spare, convoy) >= 1.0 - NEARLY:
            whole[n] += 1.0
            book_hours(net, n, net.move_day[m], -1.0, spare)
            if net.move_convoy[m] >= 0:
                convoy[net.move_convoy[m]] -= 1.0
    return whole
