"""What each area loses by each day for which a blocked segment stays shut, at given prices.

The supply problem is laid out with every blocked segment open as early as any crew could have
opened it, and once more for each of them with that one alone shut. At fixed prices of stock,
trucks and crossings what is left falls apart by areas. So the least cost of an area is known
for each day on which a segment on its way opens while all others open as early as they can; the
dearest of its segments bounds the cost under any schedule from below, and it is exact where one
segment matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.access import travel_times
from aidline.network.openings import with_openings
from aidline.planning.auction.arrays import lay_flat
from aidline.planning.bounds import lagrangian, most_kits
from aidline.planning.kernels_bound import cells_cost
from aidline.planning.warm import prices_after, row_families
from aidline.situation.defaults import Ledger
from aidline.supply.build import build_problem
from aidline.supply.lanes import Legs
from aidline.supply.rows import Rows, make_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.clearance.schedule import Site
    from aidline.plan.plan import Plan
    from aidline.planning.auction.arrays import Net
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Ints, SupplyProblem

SHUT = 1e15  # price of a movement that does not exist on a day


@dataclass(frozen=True, eq=False)
class Ways:
    """The situation and its blocked segments, as the layout needs them.

    Attributes
    ----------
    situation
        What is known, completed by defaults.
    site
        The blockages.
    earliest
        [segment] first day on which it could be open.
    counted, pool
        As for `build_problem`.
    """

    situation: Situation
    site: Site
    earliest: Ints
    counted: frozenset[str]
    pool: bool

    @property
    def days(self) -> range:
        """The days of the plan."""
        return range(self.situation.settings.days)

    def opened(self, opens: Ints, segment: int = -1, day: int = 0) -> Situation:
        """Return the situation with the segments open from their days on, one from another day."""
        at = opens.copy()
        if segment >= 0:
            at[segment] = day
        openings = all_open(self.site.segment_ids, at.tolist())
        return with_openings(self.situation, openings.filter(pl.col("day") < len(self.days)))


@dataclass(frozen=True, eq=False)
class Wide:
    """The supply problem with every way that some state of the blocked segments gives.

    Attributes
    ----------
    net, rows
        Arrays of the problem.
    kits
        `most_kits` of it.
    families
        What its rows stand for.
    area, segment
        [pair] area and blocked segment that matters to it, sorted by area.
    usual
        [pair] movements into the area, as things are, on which the segment has a bearing.
    open_moves, shut_moves
        [pair] what takes their place while the segment is open, and while it is shut.
    hidden
        All of the latter two.
    end
        [movement] area into which it leads, −1 for a hub.
    """

    net: Net
    rows: Rows
    kits: Floats
    families: dict[str, tuple[int, int, str]]
    area: Ints
    segment: Ints
    usual: tuple[Ints, ...]
    open_moves: tuple[Ints, ...]
    shut_moves: tuple[Ints, ...]
    hidden: Ints
    end: Ints


@dataclass(frozen=True, eq=False)
class Losses:
    """Least cost of areas by the day on which a segment opens, at fixed prices.

    Attributes
    ----------
    rest
        Least cost of everything else, less what is limited: any plan costs at least `rest` and
        the sum over areas of the dearest of its pairs.
    base
        [pair] cost of its area as things are.
    area, segment
        [pair], as in `Wide`.
    prices
        At which they hold, those of movements fitted.
    cost
        [pair, days + 1] least cost of the area if the segment opens on that day, all others as
        early as they can; the last one: if it stays shut.
    """

    rest: float
    prices: Floats
    base: Floats
    area: Ints
    segment: Ints
    cost: Floats


def all_open(segment_ids: Sequence[str], day: Sequence[int] | int = 0) -> pl.DataFrame:
    """Return openings of all segments, fully, from a day each (or the first day) on."""
    days = [day] * len(segment_ids) if isinstance(day, int) else list(day)
    ids = pl.DataFrame(
        {"segment_id": list(segment_ids), "day": days},
        schema={"segment_id": pl.String, "day": pl.Int64},
    )
    return ids.with_columns(grade=pl.lit("full"), speed_factor=pl.lit(1.0))


def make_wide(
    course: Ways, opens: Ints, legs: tuple[Ints, Ints] | None = None
) -> tuple[Wide, tuple[Ints, Ints]]:
    """Lay out the problem with every way that matters.

    Parameters
    ----------
    course
        The situation and its blocked segments.
    opens
        [segment] day from which it is open unless it is the one that is looked at; the length of
        the plan where it is not. With the first days on which they could be open, what follows
        holds for every schedule.
    legs
        Start and end of the legs to use; those of the roads with all open where not given.

    Returns
    -------
    Wide
        The problem.
    legs
        Start and end of its legs.
    """
    opened, ids = course.opened(opens), course.site.segment_ids
    if legs is None:
        moves = build_problem(opened, Ledger(), pool=course.pool, counted=course.counted).moves
        _, at = np.unique(moves.leg, return_index=True)
        legs = moves.start[at], moves.end[at]
    frame = build_problem(opened, Ledger(), pool=course.pool, counted=course.counted)
    start, end = legs
    base = _hours(opened, frame, start, end)
    parts = [(np.arange(len(start)), base, np.full(len(start), -1))]
    for s in range(len(ids)):
        shut = _hours(course.opened(opens, s, len(course.days)), frame, start, end)
        early = base
        if opens[s] != course.earliest[s]:
            early = _hours(course.opened(opens, s, int(course.earliest[s])), frame, start, end)
        with np.errstate(invalid="ignore"):
            slower = (shut > early * (1 + 1e-6)).any(axis=(1, 2)) & (end >= 0)
        hit = np.flatnonzero(slower)
        parts += [(hit, early[hit], np.full(len(hit), 2 * s))]
        parts += [(hit, shut[hit], np.full(len(hit), 2 * s + 1))]
    parent, hours, variant = (np.concatenate(column) for column in zip(*parts, strict=True))
    wide = build_problem(
        opened, Ledger(), pool=course.pool, counted=course.counted,
        legs=Legs(start[parent], end[parent], hours),
    )  # fmt: skip
    return _paired(wide, variant, parent, end[parent]), legs


def _hours(situation: Situation, problem: SupplyProblem, start: Ints, end: Ints) -> Floats:
    """Return [leg, class, day] one-way driving hours."""
    areas = set(problem.area_ids)
    starts = tuple(p for p in problem.location_ids if p not in areas)
    times = travel_times(
        situation, starts, (*problem.area_ids, *starts), problem.class_ids, Ledger()
    )
    to = np.where(end >= 0, end, len(problem.area_ids) - 1 - end)
    hours = np.moveaxis(times.hours[:, :, start, to], 2, 0)
    by_day: Floats = np.moveaxis(hours[:, times.state_of_day, :], 2, 1).astype(float)
    return by_day


def _paired(wide: SupplyProblem, variant: Ints, parent: Ints, end: Ints) -> Wide:
    """Sort movements by area and by the segment that they need or do without.

    Parameters
    ----------
    wide
        The problem.
    variant
        [leg] −1 as things are, 2 × segment with it open, 2 × segment + 1 with it shut.
    parent
        [leg] the leg as things are.
    end
        [leg] area into which it leads.
    """
    rows, moves = make_rows(wide), wide.moves
    of_move = variant[moves.leg]
    pairs = sorted({(int(a), int(v) // 2) for a, v in zip(end, variant, strict=True) if v >= 0})
    usual, needed, instead = [], [], []
    into = {a: np.flatnonzero(moves.end == a) for a in {a for a, _ in pairs}}
    for area, s in pairs:
        here = into[area]
        hit = np.isin(moves.leg[here], parent[variant == 2 * s]) & (of_move[here] < 0)
        usual.append(here[hit])
        needed.append(here[of_move[here] == 2 * s])
        instead.append(here[of_move[here] == 2 * s + 1])
    net = lay_flat(wide, rows)
    return Wide(
        net, rows, most_kits(net), row_families(wide, rows),
        np.array([a for a, _ in pairs], np.int64), np.array([s for _, s in pairs], np.int64),
        tuple(usual), tuple(needed), tuple(instead), np.flatnonzero(of_move >= 0),
        np.maximum(moves.end, -1),
    )  # fmt: skip


def prices_for(wide: Wide, plan: Plan) -> Floats:
    """Return the prices of a plan for the rows of the wide problem, 0 where it has none."""
    known = prices_after(plan, wide.families)
    return np.zeros(wide.rows.total) if known is None else np.nan_to_num(known)


def losses_at(wide: Wide, prices: Floats, mix: Floats | None = None) -> Losses:
    """Work out the losses at prices of the rows of the wide problem (see `Wide`).

    `mix` is per area the share of a trip's cost that weight bears.
    """
    net, first = wide.net, wide.rows.load
    by_move = None if mix is None else np.append(mix, 0.5)[wide.end]
    bound = lagrangian(net, wide.rows, prices, wide.kits, by_move)
    z, ptr, days = bound.prices.copy(), net.area_ptr, net.days
    areas, at_area = np.unique(wide.area, return_inverse=True)
    all_ways = sum(cells_cost(net, z, ptr[a], ptr[a + 1]) for a in areas)
    price = z[first : wide.rows.fair].reshape(-1, 2).copy()
    at = z[first : wide.rows.fair].reshape(-1, 2)  # a view: what is written here is in z
    at[wide.hidden] = SHUT
    base = np.array([cells_cost(net, z, ptr[a], ptr[a + 1]) for a in areas])
    cost = np.empty((len(wide.area), days + 1))
    for n, area in enumerate(wide.area):
        usual, needed, instead = wide.usual[n], wide.open_moves[n], wide.shut_moves[n]
        at[usual] = SHUT
        for day in range(days + 1):
            early, late = net.move_day[needed] < day, net.move_day[instead] >= day
            at[needed] = np.where(early[:, None], SHUT, price[needed])
            at[instead] = np.where(late[:, None], SHUT, price[instead])
            cost[n, day] = cells_cost(net, z, ptr[area], ptr[area + 1])
        at[needed], at[instead], at[usual] = SHUT, SHUT, price[usual]
    rest = bound.value - float(all_ways)
    return Losses(rest, bound.prices, base[at_area], wide.area, wide.segment, cost)
