"""Who leaves from where with what: the trips of the first days as sheets for the yard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from aidline.formats.report_html.language import Language
    from aidline.formats.report_html.names import Names
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

LEG = ("day", "from_id", "to_id", "class_id")
SHEET_DAYS = 3
MOST_ROWS = 120
"""Rows of one day's sheet in the report; the workbook holds all."""


@dataclass(frozen=True)
class Leg:
    """One line of a sheet: so many trucks of a class from a place to an area or hub."""

    to: str
    truck: str
    trips: str
    arrives: str
    tonnes: str
    volume: str
    goods: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Start:
    """All that leaves one place on one day."""

    place: str
    legs: tuple[Leg, ...]
    trips: str
    tonnes: str


@dataclass(frozen=True)
class Transfer:
    """Goods that leave a crossing, port or other place for a warehouse, through its slots."""

    start: str
    to: str
    goods: tuple[tuple[str, str], ...]
    tonnes: str
    arrives: str


@dataclass(frozen=True)
class Sheet:
    """One day; `more` counts lines that are not shown."""

    date: dt.date
    starts: tuple[Start, ...]
    transfers: tuple[Transfer, ...]
    trips: float
    tonnes: float
    areas: int
    more: int

    @property
    def long(self) -> bool:
        """True where the sheet is too long to lie open on a screen."""
        return sum(len(start.legs) for start in self.starts) > 40


@dataclass(frozen=True)
class DayTotal:
    """Deliveries of one day."""

    date: dt.date
    trips: float
    tonnes: float
    areas: int


def sheets(situation: Situation, plan: Plan, names: Names, language: Language) -> tuple[Sheet, ...]:
    """Return the sheets of the first days; a day without trips has an empty sheet."""
    days = min(SHEET_DAYS, plan.record.days)
    units = dict(situation["items"].select("item_id", "unit").iter_rows())
    goods: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    moved = _moved(situation, plan)
    loads = pl.concat(
        [
            plan["loads"].select(*LEG, "item_id", "quantity"),
            moved.select(*LEG, "item_id", "quantity"),
        ]
    )
    loads = loads.filter((pl.col("day") < days) & (pl.col("quantity") > 0.005))
    for *leg, item, quantity in loads.iter_rows():
        whole = language.number(quantity) if quantity >= 0.995 else language.plain("dispatch.less")
        text = f"{whole} {units.get(item) or ''}".strip()
        goods.setdefault(tuple(leg), []).append((names.item(item), text))
    yard = _Yard(situation, names, language, goods, moved)
    trips = plan["trips"].filter(pl.col("trips") > 1e-6).sort(LEG)
    return tuple(yard.sheet(day, trips.filter(pl.col("day") == day)) for day in range(days))


@dataclass(frozen=True)
class _Yard:
    """What the sheets of all days share; `goods` lists the items of each leg."""

    situation: Situation
    names: Names
    language: Language
    goods: Mapping[tuple[Any, ...], list[tuple[str, str]]]
    moved: pl.DataFrame

    def sheet(self, day: int, trips: pl.DataFrame) -> Sheet:
        shown = trips.head(MOST_ROWS)
        starts = shown.partition_by("from_id", maintain_order=True) if shown.height else []
        return Sheet(
            self.situation.settings.date_of(day),
            tuple(self.start(part) for part in starts),
            self.transfers(day),
            float(trips["trips"].sum()),
            float(trips["load_t"].sum()),
            trips["to_id"].n_unique(),
            trips.height - shown.height,
        )

    def transfers(self, day: int) -> tuple[Transfer, ...]:
        legs = (
            self.moved.filter(pl.col("day") == day)
            .group_by(LEG)
            .agg(pl.col("t").sum(), pl.col("arrive_day").max())
            .sort(LEG)
        )
        return tuple(
            Transfer(
                self.names.place(row["from_id"]),
                self.names.place(row["to_id"]),
                tuple(self.goods.get(tuple(row[c] for c in LEG), ())),
                self.language.number(row["t"], 1),
                self.language.short_date(self.situation.settings.date_of(row["arrive_day"])),
            )
            for row in legs.head(MOST_ROWS).iter_rows(named=True)
        )

    def start(self, trips: pl.DataFrame) -> Start:
        legs = tuple(self.leg(row) for row in trips.iter_rows(named=True))
        return Start(
            self.names.place(trips["from_id"][0]),
            legs,
            self.language.compact(float(trips["trips"].sum())),
            self.language.number(float(trips["load_t"].sum()), 1),
        )

    def leg(self, row: Mapping[str, Any]) -> Leg:
        return Leg(
            self.names.any(row["to_id"]),
            self.names.truck(row["class_id"]),
            self.language.compact(row["trips"]),
            self.language.short_date(self.situation.settings.date_of(row["arrive_day"])),
            self.language.number(row["load_t"], 1),
            self.language.number(row["load_m3"], 1),
            tuple(self.goods.get(tuple(row[c] for c in LEG), ())),
        )


def _moved(situation: Situation, plan: Plan) -> pl.DataFrame:
    """Return transfers by leg and item with their weight; "" stands for the class of truck."""
    return (
        plan["transfers"]
        .filter(pl.col("quantity") > 0.005)
        .group_by("day", "from_id", "to_id", "item_id")
        .agg(pl.col("quantity").sum(), pl.col("arrive_day").max())
        .join(_unit_t(situation), on="item_id", how="left")
        .with_columns(class_id=pl.lit(""), t=pl.col("quantity") * pl.col("unit_t").fill_null(0))
        .sort("day", "from_id", "to_id", "item_id")
    )


def _unit_t(situation: Situation) -> pl.DataFrame:
    return situation["items"].select(
        "item_id", (pl.col("weight_kg").fill_null(0) / 1000).alias("unit_t")
    )


def day_totals(situation: Situation, plan: Plan) -> tuple[DayTotal, ...]:
    """Return what is handed over on each day, and how many trips leave."""
    handed = (
        plan["deliveries"]
        .join(_unit_t(situation), on="item_id", how="left")
        .group_by("arrive_day")
        .agg((pl.col("quantity") * pl.col("unit_t")).sum().alias("t"), pl.col("area_id").n_unique())
    )
    by_day = {day: (t, areas) for day, t, areas in handed.iter_rows()}
    leaving = dict(plan["trips"].group_by("day").agg(pl.col("trips").sum()).iter_rows())
    return tuple(
        DayTotal(situation.settings.date_of(day), leaving.get(day, 0.0), *by_day.get(day, (0.0, 0)))
        for day in range(plan.record.days)
    )
