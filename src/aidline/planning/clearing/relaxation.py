"""A bound over all schedules of clearing: days of opening within the work that crews can do.

Any schedule opens each segment on some day, not before the earliest on which the best-placed
crew could be done, and by the end of each day no more work is done than all crews together can
do until then. The least sum of losses under these two is below the cost of every plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from aidline.clearance.kernels_schedule import open_up
from aidline.clearance.works import ASSESS, LANE
from aidline.model.solve import LinearModel, solve

if TYPE_CHECKING:
    from aidline.clearance.schedule import Site
    from aidline.planning.clearing.losses import Losses
    from aidline.supply.problem import Floats, Ints

GRAIN = 1e-6  # days of rounding that never cost a day


def least_losses(site: Site, found: Losses, days: int, *, time_limit_s: float, seed: int) -> float:
    """Return a lower bound on the sum of losses under every schedule.

    Parameters
    ----------
    site
        The work and the crews.
    found
        Losses by area, segment and day of opening.
    days
        Length of the plan.
    time_limit_s
        Seconds after which the solver stops with the bound that it has.
    seed
        Of the solver.
    """
    if not len(found.area):
        return 0.0
    areas, at = np.unique(found.area, return_inverse=True)
    n_segments, width = len(site.segment_ids), days + 1
    n_open = n_segments * width
    first = earliest_days(site, days)
    column = np.arange(n_open).reshape(n_segments, width)
    high = (np.arange(width) >= first[:, None]).astype(float)
    high[:, -1] = 1.0
    blocks = [
        _worst_rows(found, at, column, n_open, len(areas)),
        _one_day_each(column, n_open, len(areas)),
        _work_rows(site, column, n_open, len(areas), days),
    ]
    solution = solve(
        LinearModel(
            cost=np.append(np.zeros(n_open), np.ones(len(areas))),
            low=np.zeros(n_open + len(areas)),
            high=np.append(high.ravel(), np.full(len(areas), np.inf)),
            matrix=sp.vstack([b[0] for b in blocks]).tocsc(),
            row_low=np.concatenate([b[1] for b in blocks]),
            row_high=np.concatenate([b[2] for b in blocks]),
            integer=np.append(np.ones(n_open, bool), np.zeros(len(areas), bool)),
        ),
        time_limit_s=time_limit_s,
        seed=seed,
        gap=1e-5,
    )
    # whatever the solver says, each area loses at least what its earliest days leave
    least = np.full(len(areas), -np.inf)
    np.maximum.at(least, at, found.cost[np.arange(len(at)), first[found.segment]])
    usable = solution.status in ("optimal", "time limit") and np.isfinite(solution.bound)
    return max(float(least.sum()), float(solution.bound)) if usable else float(least.sum())


def earliest_days(site: Site, days: int) -> Ints:
    """Return [segment] the first day on which it could be open, had it the best crew to itself."""
    works, crews = site.works, site.crews
    ride = _least_ride(site)
    there = crews.start[:, None] + ride / crews.hours_per_day[:, None]
    none = np.full((1, works.count), np.inf)
    disposal = np.vstack([none, there[crews.disposal]]).min(axis=0) + works.days[:, ASSESS]
    ready = np.where(works.days[:, ASSESS] > 0, disposal, 0.0)
    done = np.maximum(ready, np.vstack([none, there[~crews.disposal]]).min(axis=0))
    done += works.days[:, LANE]
    latest = np.zeros(len(site.segment_ids))
    np.maximum.at(latest, site.segment, done)
    return np.minimum(days, np.ceil(np.minimum(latest, days) - GRAIN)).astype(np.int64)


def _least_ride(site: Site) -> Floats:
    """Return [team, blockage] the least hours from its base, were all blocked segments open."""
    teams, n = len(site.crews.ids), site.works.count
    best: Floats = _all_opened(site)[:teams, teams:].reshape(teams, n, 2).min(axis=2)
    best[site.crews.base < 0] = 0.0
    return best


def _way_there(site: Site) -> Floats:
    """Return [blockage] the least days of travel before the work: from a base or another one."""
    teams, n = len(site.crews.ids), site.works.count
    hours = _all_opened(site)[teams:, teams:].reshape(n, 2, n, 2).min(axis=(1, 3))
    np.fill_diagonal(hours, np.inf)
    crews = ~site.crews.disposal
    least = np.minimum(hours.min(axis=0), _least_ride(site)[crews].min(axis=0))
    days: Floats = np.where(np.isfinite(least), least, 0.0) / site.crews.hours_per_day[crews].max()
    return days


def _all_opened(site: Site) -> Floats:
    """Return the least hours between points over all days, were all blocked segments open."""
    ground, teams = site.ground, len(site.crews.ids)
    best = np.full(ground.hours.shape[1:], np.inf)
    for hours in ground.hours:
        opened = hours.copy()
        for b in range(site.works.count):
            # no faster than undamaged: the times through hold for one lane
            open_up(opened, teams + 2 * b, ground.through[b] * site.lane_speed)
        best = np.minimum(best, opened)
    return best


def _worst_rows(
    found: Losses, at: Ints, column: Ints, n_open: int, n_areas: int
) -> tuple[sp.csr_matrix, Floats, Floats]:
    """Return rows: what an area loses is at least what each of its segments costs it."""
    pairs, width = found.cost.shape
    row = np.repeat(np.arange(pairs), width)
    matrix = sp.csr_matrix(
        (
            np.concatenate([-found.cost.ravel(), np.ones(pairs)]),
            (
                np.concatenate([row, np.arange(pairs)]),
                np.concatenate([column[found.segment].ravel(), n_open + at]),
            ),
        ),
        shape=(pairs, n_open + n_areas),
    )
    return matrix, np.zeros(pairs), np.full(pairs, np.inf)


def _one_day_each(column: Ints, n_open: int, n_areas: int) -> tuple[sp.csr_matrix, Floats, Floats]:
    """Return rows: each segment opens on one day, or never."""
    n, width = column.shape
    row = np.repeat(np.arange(n), width)
    shape = (n, n_open + n_areas)
    matrix = sp.csr_matrix((np.ones(n * width), (row, column.ravel())), shape=shape)
    return matrix, np.ones(n), np.ones(n)


def _work_rows(
    site: Site, column: Ints, n_open: int, n_areas: int, days: int
) -> tuple[sp.csr_matrix, Floats, Floats]:
    """Return rows: what is open by a day took no more work than crews could do until then."""
    work = np.zeros(len(site.segment_ids))
    np.add.at(work, site.segment, site.works.days[:, LANE] + _way_there(site))
    crews = ~site.crews.disposal
    day = np.arange(days)[:, None]
    until = np.minimum(day, site.crews.end[crews])
    there = np.maximum(0.0, until - site.crews.start[crews]).sum(axis=1)
    by = (np.arange(days)[None, None, :] <= day[None, :, :]).astype(float)  # [1, row, day]
    values = work[:, None, None] * by  # [segment, row, day]
    row = np.broadcast_to(day[None, :, :], values.shape)
    at = np.broadcast_to(column[:, None, :days], values.shape)
    used = values > 0
    matrix = sp.csr_matrix((values[used], (row[used], at[used])), shape=(days, n_open + n_areas))
    return matrix, np.full(days, -np.inf), there + GRAIN
