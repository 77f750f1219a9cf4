"""The few figures by which a plan is known, the same ones in every output."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import datetime as dt

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class Worst:
    """One area and group of needs that is served worst.

    Attributes
    ----------
    area_id, name
        The area.
    need_group
        The group of needs.
    share
        Share of its person-days that is met.
    unmet_person_days
        Person-days that are not.
    cause, reason
        What limits it first, as a code and in words; "" where the plan gives no reason.
    """

    area_id: str
    name: str
    need_group: str
    share: float
    unmet_person_days: float
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline figures of a plan.

    Attributes
    ----------
    first_day, last_day
        Dates of the plan.
    areas, people
        Areas with needs, and people in them (the largest number in need of one item).
    met_share
        Share of all person-days of need that is met (daily needs and waiting alike).
    unmet_person_days
        Person-days that are not.
    minimum_share, p10_share
        Lowest share, and the share that nine in ten exceed, over reachable areas and groups
        of needs; None where nothing is reachable.
    never_reached
        Areas with needs in which nothing at all is met, by name.
    people_never_reached
        People in them.
    cut_off
        Areas that no truck reaches on any day, by name.
    delivered_t, trips
        Weight handed over in areas, and truck trips.
    longest_gap_days
        Most days in a row that a served area waits for its next (or first) delivery.
    worst
        The worst served, worst first.
    """

    first_day: dt.date
    last_day: dt.date
    areas: int
    people: float
    met_share: float
    unmet_person_days: float
    minimum_share: float | None
    p10_share: float | None
    never_reached: tuple[str, ...]
    people_never_reached: float
    cut_off: tuple[str, ...]
    delivered_t: float
    trips: float
    longest_gap_days: int
    worst: tuple[Worst, ...]


def headline(situation: Situation, plan: Plan, worst: int = 5) -> Headline:
    """Return the headline figures of a plan.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    worst
        How many of the worst served to name.
    """
    settings = situation.settings
    fairness = plan["fairness"]
    days = fairness["person_days"].sum()
    met = (fairness["person_days"] * fairness["share"]).sum()
    reachable = fairness.filter("reachable")["share"]
    people = _people(plan)
    names = names_of(situation)
    reached = set(plan["coverage"].filter(pl.col("met") > 0)["area_id"])
    never = people.filter(~pl.col("area_id").is_in(sorted(reached)))
    return Headline(
        first_day=settings.start_date,
        last_day=settings.date_of(plan.record.days - 1),
        areas=people.height,
        people=float(people["people"].sum()),
        met_share=met / days if days else 1.0,
        unmet_person_days=days - met,
        minimum_share=_figure(reachable.min()),
        p10_share=_figure(reachable.quantile(0.1)),
        never_reached=tuple(names[area] for area in never["area_id"]),
        people_never_reached=float(never["people"].sum()),
        cut_off=tuple(names[area] for area in _always_cut_off(plan)),
        delivered_t=_delivered_t(situation, plan),
        trips=float(plan["trips"]["trips"].sum()),
        longest_gap_days=_longest_gap(plan),
        worst=_worst(situation, plan, names, worst),
    )


def names_of(situation: Situation) -> dict[str, str]:
    """Return the names of areas, places, items, vehicle classes and segments by id."""
    names: dict[str, str] = {}
    for table, key in (
        ("road_segments", "segment_id"),
        ("vehicle_classes", "class_id"),
        ("items", "item_id"),
        ("places", "place_id"),
        ("areas", "area_id"),
    ):
        for code, name in situation[table].select(key, "name").iter_rows():
            names[code] = name or code
    return names


def _figure(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _people(plan: Plan) -> pl.DataFrame:
    """People in need by area: the largest number that needs one item on one day."""
    return (
        plan["coverage"]
        .filter(pl.col("need") > 0)
        .group_by("area_id")
        .agg(pl.col("people").max().fill_null(0.0))
        .sort("area_id")
    )


def _always_cut_off(plan: Plan) -> list[str]:
    last = plan.record.days - 1
    whole = (pl.col("from_day") <= 0) & (pl.col("to_day") >= last)
    return plan["unreachable"].filter(whole)["area_id"].unique().sort().to_list()


def _delivered_t(situation: Situation, plan: Plan) -> float:
    weights = situation["items"].select("item_id", "weight_kg")
    loads = plan["deliveries"].join(weights, on="item_id", how="left")
    return float((loads["quantity"] * loads["weight_kg"]).sum()) / 1000


def _longest_gap(plan: Plan) -> int:
    """Most days in a row without a delivery in an area that has any, from day 0 to the end."""
    served = plan["deliveries"].filter(pl.col("quantity") > 0)
    longest = 0
    for (_area,), rows in served.group_by("area_id"):
        days = [-1, *sorted(set(rows["arrive_day"])), plan.record.days]
        longest = max(longest, *(b - a - 1 for a, b in pairwise(days)))
    return longest


def _worst(situation: Situation, plan: Plan, names: dict[str, str], most: int) -> tuple[Worst, ...]:
    """Lowest shares first; of equal shares the one with more people waiting."""
    unmet = (pl.col("person_days") * (1 - pl.col("share"))).alias("unmet")
    rows = (
        plan["fairness"]
        .with_columns(unmet)
        .filter(pl.col("share") < 1 - 1e-9)
        .sort("share", "unmet", "area_id", "need_group", descending=[False, True, False, False])
        .head(most)
    )
    groups = situation["items"].select("item_id", "need_group")
    first = plan["reasons"].filter(pl.col("rank") == 1).join(groups, on="item_id", how="left")
    found = []
    for row in rows.iter_rows(named=True):
        here = (pl.col("area_id") == row["area_id"]) & (pl.col("need_group") == row["need_group"])
        why = first.filter(here).sort("unmet", "item_id", descending=[True, False])
        reason = why.row(0, named=True) if why.height else {"cause": "", "text": ""}
        found.append(
            Worst(
                row["area_id"],
                names.get(row["area_id"], row["area_id"]),
                row["need_group"],
                row["share"],
                row["unmet"],
                reason["cause"],
                reason["text"],
            )
        )
    return tuple(found)
