"""Need and coverage as arrays: by need group, area and day, and how evenly they are shared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aidline.situation.tables import NEED_GROUPS

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

Floats = NDArray[np.float64]
ALL = "all"
LOW_SHARE = 0.2
"""Below this share of a need group met, an area is named among those left behind: the fifth
in which the fairness cost is steepest."""


@dataclass(frozen=True)
class Coverage:
    """Person-days of need, and of need met.

    Attributes
    ----------
    area_ids
        Areas in sorted order.
    groups
        "all" and then the need groups that occur.
    need, met
        Person-days [group, area, day]. For once-needed items a person-day is one person
        whose need has come up, on each day from then on.
    people
        People in need by area [area]: the largest number over the items, for needs of
        several kinds are mostly those of the same people and are never added.
    """

    area_ids: tuple[str, ...]
    groups: tuple[str, ...]
    need: Floats
    met: Floats
    people: Floats

    @property
    def share(self) -> Floats:
        """Share met [group, area, day], NaN where nothing is needed."""
        return np.asarray(_ratio(self.met, self.need))

    @property
    def whole(self) -> Floats:
        """Share met over the whole plan [group, area], NaN where nothing is needed."""
        return np.asarray(_ratio(self.met.sum(axis=2), self.need.sum(axis=2)))

    @property
    def total(self) -> float:
        """Share of all need met, NaN where nothing is needed."""
        return float(_ratio(self.met[0].sum(), self.need[0].sum()))

    @property
    def unmet(self) -> Floats:
        """Person-days unmet over the whole plan [area]."""
        return np.asarray((self.need[0] - self.met[0]).sum(axis=1))


@dataclass(frozen=True)
class Evenness:
    """How evenly coverage is shared.

    Attributes
    ----------
    minimum, p10
        Least share and 10th percentile over areas × need groups that can be reached,
        NaN where there is none.
    area_id, need_group
        Where the least share is.
    gini
        0 = the same share everywhere, by the Lorenz curve of need met over need.
    lorenz
        Points (share of need, share of what is met), worst-off first, 0 to 1.
    """

    minimum: float
    p10: float
    area_id: str
    need_group: str
    gini: float
    lorenz: tuple[tuple[float, float], ...]


def coverage(situation: Situation, plan: Plan) -> Coverage:
    """Add up the coverage table of a plan by need group."""
    days = plan.record.days
    known = set(situation["areas"]["area_id"]) | set(plan["coverage"]["area_id"])
    area_ids = tuple(sorted(known))
    rows = (
        plan["coverage"]
        .join(situation["items"].select("item_id", "need_group"), on="item_id", how="left")
        .filter(pl.col("day") < days)
        .with_columns(
            pl.col("need_group").fill_null("other"),
            pl.coalesce("people", "need").alias("weight"),
        )
        .with_columns((pl.col("weight") * pl.col("share")).alias("met_weight"))
    )
    present = set(rows["need_group"])
    groups = (ALL, *(g for g in NEED_GROUPS if g in present))
    sums = rows.group_by("need_group", "area_id", "day").agg(
        pl.col("weight").sum(), pl.col("met_weight").sum()
    )
    need = np.zeros((len(groups), len(area_ids), days))
    met = np.zeros_like(need)
    at = (
        _codes(sums["need_group"], groups),
        _codes(sums["area_id"], area_ids),
        sums["day"].to_numpy(),
    )
    need[at] = sums["weight"].to_numpy()
    met[at] = sums["met_weight"].to_numpy()
    need[0], met[0] = need[1:].sum(axis=0), met[1:].sum(axis=0)
    people = np.zeros(len(area_ids))
    most = rows.group_by("area_id").agg(pl.col("weight").max())
    people[_codes(most["area_id"], area_ids)] = most["weight"].to_numpy()
    return Coverage(area_ids, groups, need, np.minimum(met, need), people)


def evenness(plan: Plan) -> Evenness:
    """Measure how evenly the plan shares, from its `fairness` table.

    Returns
    -------
    Evenness
        NaN throughout where no area can be reached.
    """
    rows = plan["fairness"].filter((pl.col("person_days") > 0) & pl.col("reachable")).sort("share")
    if not rows.height:
        return Evenness(np.nan, np.nan, "", "", np.nan, ())
    shares, need = rows["share"].to_numpy(), rows["person_days"].to_numpy()
    points, gini = _lorenz(shares, need)
    first = rows.row(0, named=True)
    return Evenness(
        float(shares[0]), float(np.quantile(shares, 0.1)), first["area_id"], first["need_group"],
        gini, points,
    )  # fmt: skip


def longest_wait(plan: Plan, area_ids: tuple[str, ...]) -> dict[str, int]:
    """Return for each area the most days in a row on which nothing is handed over there."""
    days = plan.record.days
    got: dict[str, set[int]] = {}
    for area, day in plan["deliveries"].select("area_id", "arrive_day").unique().iter_rows():
        got.setdefault(area, set()).add(day)
    waits = {}
    for area in area_ids:
        marks = [-1, *sorted(d for d in got.get(area, ()) if d < days), days]
        waits[area] = max(b - a - 1 for a, b in pairwise(marks))
    return waits


def low_since(share: Floats, floor: float = LOW_SHARE) -> int | None:
    """Return the first day of the last run of days below a floor, None where it ends above.

    Parameters
    ----------
    share
        Share by day; NaN days (nothing needed) are passed over.
    floor
        Below this it counts as low.
    """
    since = None
    for day, value in enumerate(share.tolist()):
        if value >= floor:
            since = None
        elif value < floor and since is None:
            since = day
    return since


def _lorenz(shares: Floats, need: Floats) -> tuple[tuple[tuple[float, float], ...], float]:
    """Lorenz curve of need met over need, and Gini = 1 - 2 × the area under it."""
    met = shares * need
    x = np.concatenate([[0.0], np.cumsum(need) / need.sum()])
    y = np.concatenate([[0.0], np.cumsum(met) / met.sum()]) if met.sum() > 0 else x
    gini = 1.0 - float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum())
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), 60)).astype(int))
    return tuple((float(x[k]), float(y[k])) for k in keep), max(0.0, gini)


def _ratio(part: Any, whole: Any) -> Any:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _codes(column: pl.Series, names: tuple[str, ...]) -> NDArray[np.int64]:
    order = {name: k for k, name in enumerate(names)}
    return column.replace_strict(order, return_dtype=pl.Int64).to_numpy()
