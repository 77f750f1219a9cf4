"""Which goods cover which uses: the earliest last day of use goes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 20_000  # streams at a time: keeps the working array near 5 MB per day of the plan


def available(
    wanted: NDArray[np.float64],
    stream: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    quantity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return [streams, days]: units at hand on each day, before the uses of that day.

    Each supply can be used from day `first` to day `last`, each unit once. Uses take the units
    whose last day comes first; uses beyond what is at hand take nothing more. All uses can be
    covered exactly when none is beyond: serving day by day from what ends soonest is optimal
    for windows of days (an exchange argument: a unit with a later end can stand in on every
    later day for one with an earlier end).

    Parameters
    ----------
    wanted
        [streams, days], units used.
    stream, first, last, quantity
        One entry per supply; `first` and `last` lie within the plan, supplies with last < first
        are of no use.
    """
    streams, days = wanted.shape
    at_hand = np.zeros_like(wanted)
    useful = last >= first
    short_lived = np.zeros(streams, bool)
    short_lived[stream[useful & (last < days - 1)]] = True
    lasting = useful & ~short_lived[stream]
    at_hand[~short_lived] = _lasting(wanted, stream[lasting], first[lasting], quantity[lasting])[
        ~short_lived
    ]
    chosen = np.flatnonzero(short_lived)
    for start in range(0, chosen.size, CHUNK):
        part = chosen[start : start + CHUNK]
        local = np.full(streams, -1)
        local[part] = np.arange(part.size)
        mine = useful & (local[stream] >= 0)
        at_hand[part] = _short_lived(
            wanted[part], local[stream[mine]], first[mine], last[mine], quantity[mine]
        )
    return at_hand


def _lasting(
    wanted: NDArray[np.float64],
    stream: NDArray[np.int64],
    first: NDArray[np.int64],
    quantity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Goods that keep to the end of the plan: a running balance."""
    streams, days = wanted.shape
    come = np.bincount(stream * days + first, quantity, minlength=streams * days)
    come = come.reshape(streams, days)
    at_hand = np.empty_like(wanted)
    left = np.zeros(streams)
    for day in range(days):
        left += come[:, day]
        at_hand[:, day] = left
        left -= np.minimum(wanted[:, day], left)
    return at_hand


def _short_lived(
    wanted: NDArray[np.float64],
    stream: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    quantity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Goods with an end: a balance for each last day of use."""
    streams, days = wanted.shape
    order = np.argsort(first, kind="stable")
    bounds = np.searchsorted(first[order], np.arange(days + 1))
    left = np.zeros((days, streams))
    at_hand = np.empty_like(wanted)
    for day in range(days):
        new = order[bounds[day] : bounds[day + 1]]
        np.add.at(left, (last[new], stream[new]), quantity[new])
        at_hand[:, day] = left[day:].sum(axis=0)
        rest = wanted[:, day].copy()
        for end in range(day, days):
            taken = np.minimum(rest, left[end])
            left[end] -= taken
            rest -= taken
            if not rest.any():
                break
    return at_hand
