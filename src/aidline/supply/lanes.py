"""Movements of trucks and routes of goods, from travel times.

A leg joins a place to an area or a hub. On each day, the truck classes that can run it and
arrive on the same day form one movement. A route strings one or two movements together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.supply.problem import Movements, Routes
from aidline.supply.trucks import working_days

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.network.access import TravelTimes
    from aidline.supply.problem import Floats, Ints
    from aidline.supply.trucks import Trucks


@dataclass(frozen=True, slots=True)
class Legs:
    """Candidate legs: pairs of start place and end.

    Attributes
    ----------
    start
        Location index of the start.
    end
        Area index, or −1 − hub location.
    hours
        [leg, class, day] one-way driving hours, infinite = no way.
    """

    start: Ints
    end: Ints
    hours: Floats


def make_movements(
    legs: Legs, base: list[str], trucks: Trucks, convoys: dict[int, dict[int, int]], *, pool: bool
) -> Movements:
    """Return every movement.

    Parameters
    ----------
    legs
        Candidate legs.
    base
        Home place of the trucks that load at each location.
    trucks
        Classes and pools.
    convoys
        Area -> day of arrival -> convoy row; an area that is listed is closed on other days.
    pool
        True: classes with different m³ per tonne share one movement (a relaxation, used at
        national size). False: they stand apart, so that loads are exact.

    Returns
    -------
    Movements
        Sorted by leg, day and day of arrival; hours of round trips.
    """
    leg, cls, day = np.nonzero(np.isfinite(legs.hours))
    fleet_of = np.array(
        [[trucks.pool_of.get((b, k), -1) for k in range(len(trucks.class_ids))] for b in base],
        dtype=np.int64,
    ).reshape(len(base), len(trucks.class_ids))
    fleet = fleet_of[legs.start[leg], cls]
    days = trucks.hours.shape[1]
    ok = (fleet >= 0) & (trucks.hours[fleet, day] > 0)
    leg, cls, day, fleet = leg[ok], cls[ok], day[ok], fleet[ok]
    one_way = legs.hours[leg, cls, day]
    out_h = trucks.load_h[cls] + one_way
    arrive = day + working_days(out_h, trucks.shift_h[fleet])
    convoy = _convoy_rows(legs.end[leg], arrive, convoys)
    ok = (arrive < days) & (convoy > -2)
    leg, cls, day, fleet = leg[ok], cls[ok], day[ok], fleet[ok]
    arrive, convoy, one_way = arrive[ok], convoy[ok], one_way[ok]
    hours = trucks.load_h[cls] + trucks.unload_h[cls] + 2 * one_way
    ratio = np.zeros(len(leg), dtype=np.int64)
    if not pool and len(cls):
        density = np.round(trucks.volume_m3 / trucks.payload_t, 6)
        ratio = np.unique(density, return_inverse=True)[1][cls].astype(np.int64)
    order = np.lexsort((cls, ratio, arrive, day, leg))
    key = np.stack([leg, day, arrive, ratio])[:, order]
    new = np.ones(len(leg), dtype=bool)
    new[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
    heads = np.flatnonzero(new)
    chosen = order[heads]
    return Movements(
        leg=leg[chosen],
        start=legs.start[leg[chosen]],
        end=legs.end[leg[chosen]],
        day=day[chosen],
        arrive=arrive[chosen],
        convoy=convoy[chosen],
        trip_ptr=np.append(heads, len(leg)).astype(np.int64),
        trip_class=cls[order],
        trip_fleet=fleet[order],
        trip_hours=hours[order],
    )


def _convoy_rows(end: Ints, arrive: Ints, convoys: dict[int, dict[int, int]]) -> Ints:
    """Return the convoy row of each movement: −1 = free, −2 = closed on that day."""
    rows = np.full(len(end), -1, dtype=np.int64)
    for area, by_day in convoys.items():
        mine = np.flatnonzero(end == area)
        rows[mine] = [by_day.get(int(d), -2) for d in arrive[mine]]
    return rows


def make_routes(moves: Movements, n_areas: int, own: list[tuple[int, int]], days: int) -> Routes:
    """Return every route into every area.

    Parameters
    ----------
    moves
        All movements.
    n_areas
        Number of areas.
    own
        (area, location) pairs of areas that hold stock of their own.
    days
        Length of the plan.

    Returns
    -------
    Routes
        Sorted by area and day of arrival.
    """
    direct = np.flatnonzero(moves.end >= 0)
    parts = [
        np.stack([
            moves.end[direct], moves.arrive[direct], moves.start[direct], moves.day[direct],
            direct, np.full(len(direct), -1),
        ]),
        _transshipped(moves),
    ]  # fmt: skip
    for area, location in own:
        day = np.arange(days)
        parts.append(
            np.stack([
                np.full(days, area), day, np.full(days, location), day, np.full(days, -1),
                np.full(days, -1),
            ])
        )  # fmt: skip
    table = np.concatenate(parts, axis=1).astype(np.int64)
    table = table[:, np.lexsort(table[::-1])]
    ptr = np.searchsorted(table[0], np.arange(n_areas + 1)).astype(np.int64)
    return Routes(
        ptr, table[2].copy(), table[3].copy(), table[1].copy(), table[4].copy(), table[5].copy()
    )


def _transshipped(moves: Movements) -> Ints:
    """Return the routes over hubs: the second leg leaves on the day after the first arrives."""
    into = np.flatnonzero(moves.end < 0)
    rows: list[Ints] = []
    for hub in np.unique(-1 - moves.end[into]):
        firsts = into[moves.end[into] == -1 - hub]
        seconds = np.flatnonzero((moves.start == hub) & (moves.end >= 0))
        for day in np.unique(moves.day[seconds]):
            one = firsts[moves.arrive[firsts] == day - 1]
            two = seconds[moves.day[seconds] == day]
            first, second = (x.ravel() for x in np.meshgrid(one, two, indexing="ij"))
            rows.append(
                np.stack([
                    moves.end[second], moves.arrive[second], moves.start[first], moves.day[first],
                    first, second,
                ])
            )  # fmt: skip
    return np.concatenate(rows, axis=1) if rows else np.zeros((6, 0), dtype=np.int64)


def choose_legs(
    times: TravelTimes,
    starts: list[int],
    ends: list[int],
    columns: list[int],
    usable: npt.NDArray[np.bool_],
    *,
    nearest: int,
) -> Legs:
    """Choose candidate legs: every start that is among the `nearest` of an end on some day.

    Parameters
    ----------
    times
        Travel times; row n of `from` is start n, `columns` are the `to` indices of the ends.
    starts, ends
        Location index per row; area index (or −1 − hub) per column.
    usable
        [start, class] has the base of the start such trucks?
    nearest
        How many starts per end to keep, by the best day and by each road state.

    Returns
    -------
    Legs
        The chosen pairs, with driving hours [leg, class, day].
    """
    hours = times.hours[:, :, :, columns]  # state, class, from, end
    open_hours = np.where(usable.T[None, :, :, None], hours, np.inf)
    best = open_hours.min(axis=1, initial=np.inf)  # state, from, end
    keep = np.zeros(best.shape[1:], dtype=bool)
    for view in (*best, best.min(axis=0)):
        rank = np.argsort(np.argsort(view, axis=0, kind="stable"), axis=0)
        keep |= (rank < nearest) & np.isfinite(view)
    n_from, n_end = np.nonzero(keep)
    by_day = hours[:, :, n_from, n_end]  # state, class, leg
    legs = np.moveaxis(by_day, 2, 0)  # leg, state, class
    per_day = np.moveaxis(legs[:, times.state_of_day, :], 2, 1).astype(float)
    return Legs(
        np.array(starts, dtype=np.int64)[n_from], np.array(ends, dtype=np.int64)[n_end], per_day
    )
