"""What the rules need to know of a situation, read once and laid out by day."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aidline.plan.served import Needs
from aidline.plan.verify import crossings, fleets, goods
from aidline.plan.verify.roads import Ways
from aidline.plan.verify.violations import Words
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

CODE_COLUMNS = (
    "area_id", "place_id", "item_id", "from_item_id", "class_id", "base_id", "lot_id", "from_id",
    "to_id", "via_id",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Facts:
    """A situation as the rules see it.

    Attributes
    ----------
    situation
        The situation itself.
    days
        Length of the plan.
    words
        Names and dates for sentences.
    codes
        Every code of areas, places, items, classes and lots, in order: the tables below, and
        those of a plan, hold codes of this type, which join quickly.
    needs
        Need by area, item and day.
    items
        item_id, need_group, weight_kg, volume_m3, hold_days.
    relations
        item_id, from_item_id, part, per: what may meet a need, and how many units of it one
        unit of the need takes (`part`: the need is a part of the kit `from_item_id`).
    places
        place_id, base_id, transship, crossing, starts (may send trucks).
    classes
        class_id, payload_t, volume_m3, load_h, unload_h.
    shifts
        base_id, class_id, shift_h: hours a truck works per day, the least of its lines.
    fleet_hours
        base_id, class_id, day, hours: truck-hours there are.
    lots
        lot_id, place_id, item_id, quantity, from_day, expiry_day: what can be sent.
    held
        area_id, item_id, quantity, day, expiry_day: what areas hold or is moving to them;
        `moving` says which.
    promised
        commitment_id, area_id, item_id, quantity, day: what was promised, due inside the plan.
    crossings
        place_id, payload_t, volume_m3, allowed, refused.
    slots
        place_id, day, slots (null = not limited).
    convoys
        area_id, day, max_trucks (null = not limited); an area without rows is open.
    ways
        Driving times.
    reachable
        area_id of every area that a truck can reach on some day or that holds stock.
    counted
        The same and those whose coverage counts in fairness although they are cut off: a plan
        that clears roads could reach them.
    drive_h_per_day
        Driving hours per day between a crossing and a warehouse.
    """

    situation: Situation
    days: int
    words: Words
    codes: pl.Enum
    needs: Needs
    items: pl.DataFrame
    relations: pl.DataFrame
    places: pl.DataFrame
    classes: pl.DataFrame
    shifts: pl.DataFrame
    fleet_hours: pl.DataFrame
    lots: pl.DataFrame
    held: pl.DataFrame
    promised: pl.DataFrame
    crossings: pl.DataFrame
    slots: pl.DataFrame
    convoys: pl.DataFrame
    ways: Ways
    reachable: frozenset[str]
    counted: frozenset[str]
    drive_h_per_day: float

    @classmethod
    def of(cls, situation: Situation, counted: frozenset[str] = frozenset()) -> Facts:
        """Read a situation; `counted` areas count in fairness even where they are cut off."""
        ledger = Ledger()
        situation = completed(situation, ledger)
        places = fleets.places(situation)
        classes = fleets.classes(situation, ledger)
        shifts = fleets.shifts(situation, ledger)
        hours = fleets.fleet_hours(situation, ledger)
        convoys = fleets.convoys(situation)
        ways = Ways.of(situation, places, ledger)
        held = goods.held(situation)
        reached = ways.reached(fleets.start_classes(places, classes, shifts, hours), convoys)
        own = held.filter(~pl.col("moving") & (pl.col("quantity") > 0))["area_id"]
        reachable = frozenset(reached) | frozenset(own.to_list())
        codes = _codes(situation)
        needs = Needs.of(situation)
        items = situation["items"].select(
            "item_id", "need_group", "weight_kg", "volume_m3", "hold_days"
        )
        return cls(
            situation=situation,
            days=situation.settings.days,
            words=_words(situation),
            codes=codes,
            needs=dataclasses.replace(needs, pairs=coded(needs.pairs, codes)),
            items=coded(items, codes),
            relations=coded(goods.relations(situation), codes),
            places=coded(places, codes),
            classes=coded(classes, codes),
            shifts=coded(shifts, codes),
            fleet_hours=coded(hours, codes),
            lots=coded(goods.lots(situation), codes),
            held=coded(held, codes),
            promised=coded(goods.promised(situation), codes),
            crossings=coded(crossings.crossings(situation, ledger), codes),
            slots=coded(crossings.slots(situation, ledger), codes),
            convoys=coded(convoys, codes),
            ways=ways,
            reachable=reachable,
            counted=reachable | counted,
            drive_h_per_day=ledger.take("transfer.hours_per_day"),
        )

    def fit(self, situation: Situation) -> bool:
        """Tell whether these are the facts of as many days, with the same state of the roads."""
        mine, its = self.situation["road_status"], situation["road_status"]
        return self.days == situation.settings.days and mine.equals(its)


def coded(frame: pl.DataFrame, codes: pl.Enum) -> pl.DataFrame:
    """Turn columns of codes into small integers; codes that are not known become null."""
    return frame.with_columns(
        pl.col(c).cast(codes, strict=False) for c in frame.columns if c in CODE_COLUMNS
    )


def _codes(situation: Situation) -> pl.Enum:
    known = [
        situation[table][column].drop_nulls()
        for table, column in (
            ("areas", "area_id"),
            ("places", "place_id"),
            ("items", "item_id"),
            ("vehicle_classes", "class_id"),
            ("stock", "lot_id"),
            ("arrivals", "arrival_id"),
        )
    ]
    return pl.Enum(pl.concat([k.rename("code") for k in known]).unique().sort())


def _words(situation: Situation) -> Words:
    names: dict[str, str] = {}
    for table, code in (
        ("vehicle_classes", "class_id"),
        ("items", "item_id"),
        ("areas", "area_id"),
        ("places", "place_id"),
    ):
        rows = situation[table].select(code, "name").drop_nulls()
        names.update(rows.iter_rows())
    settings = situation.settings
    return Words(names, tuple(settings.date_of(d).isoformat() for d in range(settings.days)))
