"""What a plan is worth: the formulas of the published value, on plain arrays.

The value counts weighted person-days of unmet need; smaller is better. It is the sum of

* need met daily: Σ need · v · Φ(unmet / need), see `need_cost`;
* need met once: at the end of every day the backlog, in three levels, see `once_cost`;
* fairness: Σ weight · N · Ψ(U / N) per area and need group, see `fairness_cost`;
* hours: 0.1 per truck-hour, only to break ties;
* promises: 20 · v per unit promised and not arrived in time.

The solver has formulas of its own on purpose: this module is written from the rules, not from
the solver, and a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]


class Segments(NamedTuple):
    """A convex piecewise linear cost on a share between 0 and 1.

    Attributes
    ----------
    widths
        Widths of the segments, from share 0 up; they add up to 1.
    marginals
        Cost per share within each segment, not decreasing.
    """

    widths: tuple[float, ...]
    marginals: tuple[float, ...]


class Prices(NamedTuple):
    """What the parts of the value cost.

    Attributes
    ----------
    need
        Φ: unmet share of a need, scaled so that a wholly unmet person-day costs 1.
    fairness
        Ψ: unmet share of an area and need group over the whole plan.
    hour
        Weighted person-days per truck-hour.
    promise
        Cost of one unit promised and missing, in values of that unit.
    """

    need: Segments
    fairness: Segments
    hour: float
    promise: float


NEED_WIDTHS = (0.2, 0.3, 0.5)
NEED_MARGINALS = (1.0, 3.0, 6.0)
FAIRNESS_WIDTHS = (0.2, 0.2, 0.2, 0.2, 0.2)
FAIRNESS_MARGINALS = (0.0, 0.25, 1.0, 4.0, 16.0)
HOUR_PRICE = 0.1
PROMISE_FACTOR = 20.0


def prices_of(options: Mapping[str, Any]) -> Prices:
    """Return the prices that a run record names, else the usual ones.

    Parameters
    ----------
    options
        Options of the run record; `need_marginals` (3 numbers) and `fairness_marginals`
        (5 numbers) are read, anything unreadable is passed over.
    """
    need = _numbers(options.get("need_marginals"), NEED_MARGINALS)
    fairness = _numbers(options.get("fairness_marginals"), FAIRNESS_MARGINALS)
    whole = sum(w * m for w, m in zip(NEED_WIDTHS, need, strict=True))
    scaled = tuple(m / whole for m in need) if whole > 0 else need
    return Prices(
        Segments(NEED_WIDTHS, scaled),
        Segments(FAIRNESS_WIDTHS, fairness),
        HOUR_PRICE,
        PROMISE_FACTOR,
    )


def _numbers(given: object, usual: tuple[float, ...]) -> tuple[float, ...]:
    if not isinstance(given, list | tuple) or len(given) != len(usual):
        return usual
    try:
        numbers = tuple(float(value) for value in given)
    except (TypeError, ValueError):
        return usual
    return numbers if all(np.isfinite(numbers)) else usual


def segment_cost(share: ArrayLike, segments: Segments) -> Array:
    """Return the cost of shares: Σ_k marginal_k · |[0, share] ∩ segment_k|.

    Parameters
    ----------
    share
        Shares, any shape; cut off to 0..1.
    segments
        The convex piecewise linear function.
    """
    clipped = np.clip(np.asarray(share, float), 0.0, 1.0)
    cost = np.zeros(clipped.shape)
    start = 0.0
    for width, marginal in zip(segments.widths, segments.marginals, strict=True):
        cost += marginal * np.clip(clipped - start, 0.0, width)
        start += width
    return cost


def need_cost(unmet_share: ArrayLike, segments: Segments) -> Array:
    """Return Φ(unmet / need): marginals 1, 3, 6 over 4.1 on [0, .2], (.2, .5], (.5, 1]."""
    return segment_cost(unmet_share, segments)


def fairness_cost(unmet_share: ArrayLike, segments: Segments) -> Array:
    """Return Ψ(U / N): marginals 0, .25, 1, 4, 16 on the fifths of the unmet share."""
    return segment_cost(unmet_share, segments)


def daily_cost(need: Array, met: Array, unit_value: Array, segments: Segments) -> float:
    """Return Σ need · v · Φ(unmet / need) of needs that are met anew each day.

    Parameters
    ----------
    need, met
        [pairs, days], units per day.
    unit_value
        [pairs], weighted people per unit.
    segments
        Φ.
    """
    unmet = unmet_share(need, met)
    return float((need * unit_value[:, None] * need_cost(unmet, segments)).sum())


def unmet_share(need: Array, met: Array) -> Array:
    """Return 1 − met / need, cut off to 0..1; 0 where nothing is needed."""
    share = np.divide(need - met, need, out=np.zeros_like(need), where=need > 0)
    return np.clip(share, 0.0, 1.0)


def backlog_levels(released: Array, met: Array, widths: tuple[float, ...]) -> Array:
    """Return the backlog of once-needed items at the end of each day, by level.

    Each release fills the levels in proportion to their widths; what is met on a day takes
    from the last (dearest) level first, then from the one before it.

    Parameters
    ----------
    released, met
        [pairs, days], units that come up and units met on each day.
    widths
        Share of each level, the cheapest first.

    Returns
    -------
    array
        [levels, pairs, days], units left.
    """
    level = np.zeros((len(widths), released.shape[0]))
    left = np.zeros((len(widths), *released.shape))
    for day in range(released.shape[1]):
        level += np.asarray(widths)[:, None] * released[:, day]
        taken = met[:, day].copy()
        for k in reversed(range(len(widths))):
            part = np.minimum(level[k], taken)
            level[k] -= part
            taken -= part
        left[:, :, day] = level
    return left


def once_cost(released: Array, met: Array, unit_value: Array, segments: Segments) -> float:
    """Return Σ_t Σ_k marginal_k · v · level_k(end of t) of needs that are met once.

    Parameters
    ----------
    released, met
        [pairs, days], units that come up and units met on each day.
    unit_value
        [pairs], weighted people per unit.
    segments
        Φ: level widths and marginals.
    """
    left = backlog_levels(released, met, segments.widths).sum(axis=2)
    return float((np.asarray(segments.marginals)[:, None] * left * unit_value[None, :]).sum())


def group_cost(unmet: Array, whole: Array, weight: Array, segments: Segments) -> float:
    """Return Σ weight · N · Ψ(U / N) over areas and need groups.

    Parameters
    ----------
    unmet, whole
        U and N: person-days unmet and in all, one per area and need group.
    weight
        Priority of the area of each.
    segments
        Ψ.
    """
    share = np.divide(unmet, whole, out=np.zeros_like(whole), where=whole > 0)
    return float((weight * whole * fairness_cost(share, segments)).sum())


def promise_cost(shortfall: Array, unit_value: Array, factor: float) -> float:
    """Return factor · Σ v · shortfall, shortfall in units that did not arrive in time."""
    return float(factor * (shortfall * unit_value).sum())
