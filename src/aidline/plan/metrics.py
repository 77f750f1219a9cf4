"""Coverage of a plan: by area, need group and day; how evenly it is spread; who waits longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from aidline.plan.served import Served

    Array = NDArray[np.float64]


def coverage_by_group(served: Served, reachable: frozenset[str]) -> pl.DataFrame:
    """Return coverage over the whole plan by area and need group.

    Parameters
    ----------
    served
        Need and what is met.
    reachable
        Codes of the areas that can be reached.

    Returns
    -------
    DataFrame
        area_id, need_group, priority, person_days (in need), unmet (person-days), share (met,
        0-1), reachable; sorted by area and group.
    """
    rows = served.needs.pairs.select("area_id", "need_group", "priority").with_columns(
        person_days=pl.Series(served.person_days.sum(axis=1), dtype=pl.Float64),
        unmet=pl.Series(served.unmet.sum(axis=1), dtype=pl.Float64),
    )
    return _shares(
        rows.group_by("area_id", "need_group").agg(
            pl.col("priority").first(), pl.col("person_days", "unmet").sum()
        ),
        ["area_id", "need_group"],
    ).with_columns(reachable=_reachable(reachable))


def coverage_by_area(served: Served, reachable: frozenset[str]) -> pl.DataFrame:
    """Return coverage over the whole plan by area.

    Returns
    -------
    DataFrame
        area_id, people (most people in need of one item on one day: needs of different items
        are never added up to people), person_days, unmet, share, reachable; sorted by area.
    """
    rows = served.needs.pairs.select("area_id").with_columns(
        people=pl.Series(served.person_days.max(axis=1, initial=0.0), dtype=pl.Float64),
        person_days=pl.Series(served.person_days.sum(axis=1), dtype=pl.Float64),
        unmet=pl.Series(served.unmet.sum(axis=1), dtype=pl.Float64),
    )
    return _shares(
        rows.group_by("area_id").agg(pl.col("people").max(), pl.col("person_days", "unmet").sum()),
        ["area_id"],
    ).with_columns(reachable=_reachable(reachable))


def minimum(groups: pl.DataFrame) -> float:
    """Return the least share of any need group in any area that can be reached.

    Parameters
    ----------
    groups
        As `coverage_by_group` gives them.

    Returns
    -------
    float
        0 where no area with need can be reached, 1 where there is no need at all.
    """
    needed = groups.filter(pl.col("person_days") > 0)
    reached = needed.filter("reachable")["share"].to_list()
    return min(reached) if reached else float(needed.is_empty())


def coverage_by_day(served: Served, need_group: str | None = None) -> pl.DataFrame:
    """Return the share of person-days met by area and day.

    Parameters
    ----------
    served
        Need and what is met.
    need_group
        Only this group of needs; None = all.

    Returns
    -------
    DataFrame
        area_id, day, person_days, unmet, share; days without need are left out.
    """
    pairs = served.needs.pairs
    chosen = np.ones(pairs.height, bool)
    if need_group is not None:
        chosen = (pairs["need_group"] == need_group).to_numpy()
    area = pairs["area_id"].filter(pl.Series(chosen, dtype=pl.Boolean))
    names = area.unique().sort()
    row = np.searchsorted(names.to_numpy().astype(str), area.to_numpy().astype(str))
    days = served.unmet.shape[1]
    whole, unmet = np.zeros((len(names), days)), np.zeros((len(names), days))
    np.add.at(whole, row, served.person_days[chosen])
    np.add.at(unmet, row, served.unmet[chosen])
    at, day = np.nonzero(whole > 0)
    frame = pl.DataFrame(
        {"day": day, "person_days": whole[at, day], "unmet": unmet[at, day]},
        schema={"day": pl.Int64, "person_days": pl.Float64, "unmet": pl.Float64},
    ).with_columns(area_id=names[at])
    return _shares(frame.select("area_id", "day", "person_days", "unmet"), ["area_id", "day"])


def lorenz(shares: ArrayLike, people: ArrayLike) -> Array:
    """Return the Lorenz curve of coverage: [points, 2], people and coverage, both 0 to 1.

    Areas stand in order of their share, the least covered first; the second column is the part
    of all coverage (share × people) that falls to them.
    """
    x, w = np.asarray(shares, float), np.asarray(people, float)
    order = np.argsort(x, kind="stable")
    head = np.concatenate([[0.0], np.cumsum(w[order])])
    mass = np.concatenate([[0.0], np.cumsum((x * w)[order])])
    even = np.divide(head, head[-1], out=np.zeros_like(head), where=head[-1] > 0)
    part = np.divide(mass, mass[-1], out=even.copy(), where=mass[-1] > 0)
    return np.column_stack([even, part])


def gini(shares: ArrayLike, people: ArrayLike) -> float:
    """Return the Gini coefficient of coverage shares weighted by people, 0 = even.

    Twice the area between the Lorenz curve and the diagonal, which equals
    Σ_ij w_i w_j |x_i − x_j| / (2 μ (Σ w)²). 0 where nobody has anything.
    """
    curve = lorenz(shares, people)
    step = np.diff(curve[:, 0])
    under = float((step * (curve[1:, 1] + curve[:-1, 1])).sum())
    return max(0.0, 1.0 - under) if step.sum() > 0 else 0.0


def percentile(shares: ArrayLike, people: ArrayLike, level: float) -> float:
    """Return the least share below or at which at least `level` (0-1) of the people live.

    1 where there are no people.
    """
    x, w = np.asarray(shares, float), np.asarray(people, float)
    order = np.argsort(x, kind="stable")
    head = np.cumsum(w[order])
    if head.size == 0 or head[-1] <= 0:
        return 1.0
    at = int(np.searchsorted(head, level * head[-1] * (1 - 1e-12)))
    return float(x[order][min(at, x.size - 1)])


def longest_gaps(served: Served, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return, per area with need, the longest run of days on which nothing arrives.

    Parameters
    ----------
    served
        Need and what is met: the run is looked for from the first to the last day of need.
    arrivals
        area_id, day of everything that arrives in an area.

    Returns
    -------
    DataFrame
        area_id, gap_days, from_day (first day of the run, null where there is none).
    """
    areas = served.needs.pairs["area_id"]
    names = areas.unique().sort()
    days = served.unmet.shape[1]
    index = pl.DataFrame({"area_id": names}).with_row_index("row")
    there = arrivals.join(index, on="area_id").filter(pl.col("day").is_between(0, days - 1))
    came = np.zeros((len(names), days), bool)
    came[there["row"].to_numpy(), there["day"].to_numpy()] = True
    row = (
        pl.DataFrame({"area_id": areas})
        .join(index, on="area_id", maintain_order="left")["row"]
        .to_numpy()
    )
    wanted = np.zeros((len(names), days), bool)
    np.logical_or.at(wanted, row, served.person_days > 0)
    run, best, start = (np.zeros(len(names), np.int64) for _ in range(3))
    begun = np.zeros(len(names), bool)
    left = wanted[:, ::-1].cumsum(axis=1)[:, ::-1] > 0
    for day in range(days):
        begun |= wanted[:, day]
        run = np.where(begun & left[:, day] & ~came[:, day], run + 1, 0)
        start = np.where(run > best, day - run + 1, start)
        best = np.maximum(best, run)
    return pl.DataFrame({"area_id": names, "gap_days": best, "from_day": start}).with_columns(
        from_day=pl.when(pl.col("gap_days") > 0).then("from_day")
    )


def _shares(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    share = 1.0 - pl.col("unmet") / pl.col("person_days")
    return rows.with_columns(
        share=pl.when(pl.col("person_days") > 0).then(share.clip(0.0, 1.0)).otherwise(1.0)
    ).sort(key)


def _reachable(reachable: frozenset[str]) -> pl.Expr:
    return pl.col("area_id").is_in(sorted(reachable))
