"""Need and coverage as arrays: by need group, area and day, and how evenly they are shared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aidline.plan import metrics
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
    """How evenly coverage is shared; NaN where there is nothing to share.

    Attributes
    ----------
    minimum
        Least share of any need group met in an area that can be reached.
    area_id, need_group
        Where that is.
    cut_off
        Areas with need that cannot be reached: not in the minimum, beside it.
    never
        People in areas where no need is met on any day.
    p10
        Share at or below which the worst-covered tenth of the people live.
    gini
        Lorenz Gini of the areas' shares weighted by people; 0 = the same share everywhere.
    lorenz
        Points (share of people, share of what is met), worst-off first, 0 to 1.
    """

    minimum: float
    area_id: str
    need_group: str
    cut_off: int
    never: float
    p10: float
    gini: float
    lorenz: tuple[tuple[float, float], ...]


def coverage(situation: Situation, plan: Plan) -> Coverage:
    """Add up the coverage table of a plan by need group."""
    days = plan.record.days
    known = set(situation["areas"]["area_id"]) | set(plan["coverage"]["area_id"])
    area_ids = tuple(sorted(known))
    rows = _with_people(situation, plan["coverage"].filter(pl.col("day") < days)).with_columns(
        (pl.col("weight") * pl.col("share")).alias("met_weight")
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
    most = _most_people(situation, rows)
    people[_codes(most["area_id"], area_ids)] = most["people"].to_numpy()
    return Coverage(area_ids, groups, need, np.minimum(met, need), people)


def evenness(situation: Situation, plan: Plan) -> Evenness:
    """Measure how evenly the plan shares, from its tables `fairness` and `coverage`.

    The definitions are those of the independent verifier (`aidline.plan.metrics`).
    """
    needed = plan["fairness"].filter(pl.col("person_days") > 0)
    most = _with_people(situation, plan["coverage"]).group_by("area_id").agg(pl.col("weight").max())
    met = pl.col("share") * pl.col("person_days")
    areas = (
        needed.group_by("area_id")
        .agg((met.sum() / pl.col("person_days").sum()).alias("share"))
        .join(most, on="area_id", how="left")
        .sort("area_id")
    )
    shares, people = areas["share"].to_numpy(), areas["weight"].fill_null(0.0).to_numpy()
    if not areas.height:
        return Evenness(np.nan, "", "", 0, 0.0, np.nan, np.nan, ())
    points = metrics.lorenz(shares, people)
    keep = np.unique(np.linspace(0, len(points) - 1, min(len(points), 60)).astype(int))
    worst = (
        needed.filter("reachable").sort("share", "area_id", "need_group").head(1).rows(named=True)
    )
    return Evenness(
        worst[0]["share"] if worst else np.nan,
        worst[0]["area_id"] if worst else "",
        worst[0]["need_group"] if worst else "",
        needed.filter(~pl.col("reachable"))["area_id"].n_unique(),
        float(people[shares <= 0].sum()),
        metrics.percentile(shares, people, 0.1),
        metrics.gini(shares, people),
        tuple((float(x), float(y)) for x, y in points[keep]),
    )


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


def _with_people(situation: Situation, rows: pl.DataFrame) -> pl.DataFrame:
    """Add `need_group`, and as `weight` the people: where nobody said, need / units per person."""
    items = situation["items"].select(
        "item_id",
        pl.col("need_group"),
        pl.when(pl.col("per_person") > 0).then(pl.col("per_person")).alias("per_person"),
    )
    return rows.join(items, on="item_id", how="left").with_columns(
        pl.col("need_group").fill_null("other"),
        pl.coalesce("people", pl.col("need") / pl.col("per_person"), "need").alias("weight"),
    )


def _most_people(situation: Situation, rows: pl.DataFrame) -> pl.DataFrame:
    """People in need by area: as reported, else as worked out but no more than live there."""
    there = situation["population"].group_by("area_id").agg(pl.col("people").max().alias("there"))
    return (
        rows.group_by("area_id")
        .agg(pl.col("people").max(), pl.col("weight").max())
        .join(there, on="area_id", how="left")
        .select("area_id", pl.coalesce("people", pl.min_horizontal("weight", "there")))
    )


def _ratio(part: Any, whole: Any) -> Any:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _codes(column: pl.Series, names: tuple[str, ...]) -> NDArray[np.int64]:
    order = {name: k for k, name in enumerate(names)}
    return np.array([order[name] for name in column.to_list()], dtype=np.int64)
