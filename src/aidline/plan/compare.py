"""What differs between two plans: in value, for whom, on which days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.plan.plan import Plan

SEEN = 0.0005  # a share of coverage that people can see: half a tenth of a percent
NAMED = 5  # areas named in a sentence


class Worst(NamedTuple):
    """The worst-covered area of a plan that can be reached: its code and its share."""

    area_id: str | None
    share: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two plans side by side; every change is B minus A.

    Attributes
    ----------
    labels
        What the plans are called in sentences.
    value
        Main objective of A and of B (smaller is better).
    margin
        What the gaps of both plans explain together, in the unit of the value: a smaller
        difference says nothing about which choice is better. None where a bound is missing.
    unmet
        Person-days of unmet need of A and of B.
    worst
        Worst-covered reachable area of A and of B.
    same_situation
        True when both plans were made for the same figures.
    tables
        areas: area_id, person_days_a, person_days_b, share_a, share_b, change (of the share),
        person_days_gained; reachable or not.
        days: day, trips_a, trips_b, load_t_a, load_t_b (arriving in areas that day).
        trips: day, from_id, to_id, class_id, trips_a, trips_b, change; changed rows only.
        transfers: day, from_id, to_id, item_id, quantity_a, quantity_b, change; changed only.
    """

    labels: tuple[str, str]
    value: tuple[float, float]
    margin: float | None
    unmet: tuple[float, float]
    worst: tuple[Worst, Worst]
    same_situation: bool
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    start_date: str = ""

    @property
    def distinguishable(self) -> bool | None:
        """Is the difference in value larger than what the gaps explain? None = not known."""
        if self.margin is None:
            return None
        return abs(self.value[1] - self.value[0]) > self.margin

    def text(self) -> list[str]:
        """Return the differences as sentences."""
        lines = [] if self.same_situation else [_OTHER.format(*self.labels)]
        lines += [self._value_line(), self._unmet_line(), self._worst_line()]
        lines += [*self._area_lines(), *self._day_lines(), *self._transfer_lines()]
        return [line for line in lines if line]

    def _value_line(self) -> str:
        a, b = self.labels
        before, after = self.value
        difference = abs(after - before)
        size = f"{_figure(before)} and {_figure(after)} weighted person-days"
        if difference <= 1e-9 * max(abs(before), abs(after), 1.0):
            return f"{a} and {b} have the same value ({_figure(before)} weighted person-days)."
        if not self.same_situation:
            return f"The values are {size} for {a} and {b} (smaller is better)."
        if self.distinguishable is False:
            return (
                f"In value {a} and {b} are not distinguishable: {size} differ by less than the "
                f"{_figure(self.margin or 0.0)} that their gaps explain."
            )
        better = b if after < before else a
        share = f" ({difference / abs(before):.1%})" if before else ""
        known = "" if self.distinguishable else " No bound is known, so it may be chance."
        return f"{better} is better by {_figure(difference)}{share}: {size} for {a} and {b}.{known}"

    def _unmet_line(self) -> str:
        before, after = self.unmet
        change = after - before
        if abs(change) < 0.5:
            return f"Both leave {_figure(before)} person-days unmet."
        word = "fewer" if change < 0 else "more"
        return (
            f"{self.labels[1]} leaves {_figure(abs(change))} person-days {word} unmet "
            f"({_figure(after)} against {_figure(before)})."
        )

    def _worst_line(self) -> str:
        before, after = self.worst
        if before.area_id is None or after.area_id is None:
            return ""
        if before.area_id == after.area_id and abs(before.share - after.share) < SEEN:
            return (
                f"The worst-covered area stays {self._name(before.area_id)} ({before.share:.1%})."
            )
        return (
            f"The worst-covered area is {self._name(before.area_id)} in {self.labels[0]} "
            f"({before.share:.1%}) and {self._name(after.area_id)} in {self.labels[1]} "
            f"({after.share:.1%})."
        )

    def _area_lines(self) -> list[str]:
        lines = []
        areas = self.tables["areas"].drop_nulls("change")
        if areas.height == 0 and self.tables["areas"].height:
            return [f"{self.labels[0]} and {self.labels[1]} have no area in common."]
        for word, sign in (("gains", 1), ("loses", -1)):
            moved = areas.filter(pl.col("change") * sign > SEEN).sort(
                pl.col("change") * -sign, "area_id"
            )
            if moved.height == 0:
                continue
            named = ", ".join(
                f"{self._name(r['area_id'])} ({_change(r['share_a'], r['share_b'])})"
                for r in moved.head(NAMED).iter_rows(named=True)
            )
            more = f" and {moved.height - NAMED} more" if moved.height > NAMED else ""
            count = "1 area" if moved.height == 1 else f"{moved.height} areas"
            verb = word if moved.height == 1 else word.removesuffix("s")
            lines.append(f"With {self.labels[1]} {count} {verb} coverage: {named}{more}.")
        return lines or ["No area gains or loses coverage."]

    def _day_lines(self) -> list[str]:
        moved = self.tables["days"].filter((pl.col("trips_b") - pl.col("trips_a")).abs() > 0.05)
        if moved.height == 0:
            return ["The same number of trucks leaves on each day."]
        parts = [
            f"{self._day(r['day'])} {_trucks(r)}" for r in moved.head(NAMED).iter_rows(named=True)
        ]
        more = ""
        if moved.height > NAMED:
            columns = [pl.col(f"{what}_{s}").sum() for what in ("trips", "load_t") for s in "ab"]
            more = f"; and {_count(moved.height - NAMED, 'more day')}; in all " + _trucks(
                self.tables["days"].select(columns).row(0, named=True)
            )
        days = _count(moved.height, "day")
        return [f"With {self.labels[1]} trucks change on {days}: {'; '.join(parts)}{more}."]

    def _transfer_lines(self) -> list[str]:
        moved = self.tables["transfers"]
        if moved.height == 0:
            return []
        pairs = moved.select("from_id", "to_id").unique().sort("from_id", "to_id")
        named = ", ".join(
            f"{self._name(a)} to {self._name(b)}" for a, b in pairs.head(NAMED).iter_rows()
        )
        more = f" and {pairs.height - NAMED} more" if pairs.height > NAMED else ""
        return [f"{_count(moved.height, 'transfer')} changed: {named}{more}."]

    def _name(self, code: str) -> str:
        return self.names.get(code) or code

    def _day(self, day: int) -> str:
        try:
            date = dt.date.fromisoformat(self.start_date) + dt.timedelta(days=day)
        except ValueError:
            return f"day {day}"
        return date.isoformat()


_OTHER = "{} and {} were made for different figures, so a difference need not come from the plan."


def compare(
    plan_a: Plan,
    plan_b: Plan,
    *,
    names: Mapping[str, str] | None = None,
    labels: tuple[str, str] = ("Plan A", "Plan B"),
) -> Comparison:
    """Compare two plans.

    Parameters
    ----------
    plan_a, plan_b
        The plans; their recorded values and bounds and their tables are used.
    names
        Code -> name of areas and places, for the sentences.
    labels
        What to call the plans.

    Returns
    -------
    Comparison
        Differences as sentences (`text`) and as tables.
    """
    a, b = plan_a.record, plan_b.record
    areas = _areas(plan_a, plan_b)
    return Comparison(
        labels=labels,
        value=(a.value, b.value),
        margin=_margin(plan_a, plan_b),
        unmet=(_unmet(areas, "a"), _unmet(areas, "b")),
        worst=(_worst(areas, "a"), _worst(areas, "b")),
        same_situation=a.situation_digest == b.situation_digest and a.days == b.days,
        tables={
            "areas": areas,
            "days": _days(plan_a, plan_b),
            "trips": _changed(
                plan_a, plan_b, "trips", ["day", "from_id", "to_id", "class_id"], "trips"
            ),
            "transfers": _changed(
                plan_a, plan_b, "transfers", ["day", "from_id", "to_id", "item_id"], "quantity"
            ),
        },
        names=names or {},
        start_date=a.start_date,
    )


def _margin(plan_a: Plan, plan_b: Plan) -> float | None:
    a, b = plan_a.record, plan_b.record
    if a.bound is None or b.bound is None:
        return None
    return max(0.0, a.value - a.bound) + max(0.0, b.value - b.bound)


def _areas(plan_a: Plan, plan_b: Plan) -> pl.DataFrame:
    """Coverage of each area in both plans; null where a plan does not know the area."""
    sides = [
        plan["fairness"]
        .group_by("area_id")
        .agg(
            pl.col("person_days").sum().alias(f"person_days_{side}"),
            (pl.col("person_days") * (1.0 - pl.col("share"))).sum().alias(f"unmet_{side}"),
            pl.col("reachable").any().alias(f"reachable_{side}"),
        )
        .with_columns(
            (1.0 - pl.col(f"unmet_{side}") / pl.col(f"person_days_{side}"))
            .fill_nan(1.0)
            .alias(f"share_{side}")
        )
        for side, plan in (("a", plan_a), ("b", plan_b))
    ]
    return (
        sides[0]
        .join(sides[1], on="area_id", how="full", coalesce=True)
        .with_columns(
            change=pl.col("share_b") - pl.col("share_a"),
            person_days_gained=pl.col("unmet_a") - pl.col("unmet_b"),
        )
        .sort("area_id")
    )


def _unmet(areas: pl.DataFrame, side: str) -> float:
    return float(areas[f"unmet_{side}"].sum())


def _worst(areas: pl.DataFrame, side: str) -> Worst:
    known = areas.filter(
        pl.col(f"reachable_{side}").fill_null(value=False) & (pl.col(f"person_days_{side}") > 0)
    ).sort(f"share_{side}", "area_id")
    if known.height == 0:
        return Worst(None, 1.0)
    return Worst(known["area_id"][0], float(known[f"share_{side}"][0]))


def _days(plan_a: Plan, plan_b: Plan) -> pl.DataFrame:
    """Trips that leave, and tonnes that arrive in areas, on each day of both plans."""
    days = max(plan_a.record.days, plan_b.record.days)
    frame = pl.DataFrame({"day": range(days)}, schema={"day": pl.Int64})
    for side, plan in (("a", plan_a), ("b", plan_b)):
        trips = plan["trips"]
        leave = trips.group_by("day").agg(pl.col("trips").sum().alias(f"trips_{side}"))
        areas = trips.join(plan["fairness"], left_on="to_id", right_on="area_id", how="semi")
        come = areas.group_by(day="arrive_day").agg(pl.col("load_t").sum().alias(f"load_t_{side}"))
        frame = frame.join(leave, on="day", how="left").join(come, on="day", how="left")
    columns = ["trips_a", "trips_b", "load_t_a", "load_t_b"]
    return frame.select("day", *(pl.col(c).fill_null(0.0) for c in columns)).sort("day")


def _changed(plan_a: Plan, plan_b: Plan, table: str, key: list[str], column: str) -> pl.DataFrame:
    """Rows of a table whose figure differs, summed by key."""
    sides = [
        plan[table].group_by(key).agg(pl.col(column).sum().alias(f"{column}_{side}"))
        for side, plan in (("a", plan_a), ("b", plan_b))
    ]
    a, b = f"{column}_a", f"{column}_b"
    return (
        sides[0]
        .join(sides[1], on=key, how="full", coalesce=True)
        .with_columns(pl.col(a, b).fill_null(0.0))
        .with_columns(change=pl.col(b) - pl.col(a))
        .filter(pl.col("change").abs() > 1e-6 * pl.max_horizontal(a, b) + 1e-6)
        .select(*key, a, b, "change")
        .sort(key)
    )


def _change(before: float, after: float) -> str:
    """Return two shares with as many digits as it takes to tell them apart."""
    digits = 0 if f"{before:.0%}" != f"{after:.0%}" else 1
    return f"{before:.{digits}%} → {after:.{digits}%}"


def _trucks(row: Mapping[str, float]) -> str:
    """Return how many more trips leave and tonnes arrive in B: "2 trips fewer, 6.2 t less"."""
    trips, tonnes = row["trips_b"] - row["trips_a"], row["load_t_b"] - row["load_t_a"]
    size = f"{abs(trips):,.1f}".removesuffix(".0")
    noun = "trip" if size == "1" else "trips"
    return (
        f"{size} {noun} {'more' if trips > 0 else 'fewer'}, "
        f"{abs(tonnes):,.1f} t {'more' if tonnes > 0 else 'less'} arriving"
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
