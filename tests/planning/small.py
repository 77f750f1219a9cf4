"""Tiny situations from literals: a warehouse with one truck, one area, numbers for the head.

The truck carries 10 t or 40 m³ and a trip to area A1 takes 10 h, its whole day. The area needs
10,000 rations of 1 kg a day for 10,000 people, so that one unit is one weighted person-day.
The formulas of the objective stand here a third time, in the plainest form.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.plan.check import Verdict, check_plan
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    from aidline.plan.plan import Plan

START = dt.date(2027, 3, 2)

STOCK = "lot_id place_id area_id item_id quantity available_from expiry"
FLEETS = "fleet_id place_id class_id vehicles hours_per_day from_date until"
NEEDS = "area_id item_id date until people quantity"
ITEMS = "item_id need_group kind weight_kg volume_m3 per_person hold_days"
ROADS = "from_id to_id class_id date status travel_h"
PLACES = "place_id kind transship"
ARRIVALS = "arrival_id place_id item_id quantity eta"
COMMITMENTS = "commitment_id kind area_id item_id quantity date"
CROSSINGS = (
    "place_id slots_per_day slots_per_hour opens_at closes_at truck_payload_t truck_volume_m3 "
    "allowed_groups refused_items"
)
CLASSES = "class_id profile payload_t volume_m3 load_h unload_h"


def date(day: int) -> dt.date:
    """The date of a day of the plan."""
    return START + dt.timedelta(days=day)


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    """A table; lines may be shorter than the columns, what is missing is unknown."""
    names = columns.split()
    filled = [(*line, *[None] * (len(names) - len(line))) for line in lines]
    return pl.DataFrame(filled, schema=names, orient="row", infer_schema_length=None)


def food(
    *, weight_kg: float | None = 1.0, volume_m3: float | None = 0.002, hold: int | None = 0
) -> pl.DataFrame:
    """Table `items` with daily food, by default to be eaten on the day on which it comes."""
    return rows(ITEMS, ("food", "food", "daily", weight_kg, volume_m3, 1.0, hold))


def hungry(quantity: float = 10_000.0, *areas: str) -> pl.DataFrame:
    """Table `needs`: daily food, one unit a person."""
    return rows(NEEDS, *((a, "food", date(0), None, quantity, quantity) for a in areas or ("A1",)))


def trucks(vehicles: float, hours: float = 10.0, *, until: int | None = None) -> pl.DataFrame:
    """Table `fleets`: big trucks at the warehouse."""
    last = None if until is None else date(until)
    return rows(FLEETS, ("F1", "WH", "big", vehicles, hours, None, last))


def road(travel_h: float = 4.0) -> pl.DataFrame:
    """Table `travel_times`: warehouse to area, port to warehouse."""
    return rows(
        ROADS,
        ("WH", "A1", None, None, "open", travel_h),
        ("PORT", "WH", None, None, "open", 6.0),
    )


def tiny(days: int, **tables: pl.DataFrame) -> Situation:
    """One area, plenty of stock, one truck that makes one trip a day; tables can be replaced."""
    usual = {
        "areas": rows("area_id name", ("A1", "Bay")),
        "items": food(),
        "places": rows(PLACES, ("WH", "depot")),
        "stock": rows(STOCK, ("LOT", "WH", None, "food", 1e6)),
        "vehicle_classes": rows(CLASSES, ("big", "truck", 10.0, 40.0, 1.0, 1.0)),
        "fleets": trucks(1.0),
        "travel_times": road(),
        "needs": hungry(),
    }
    return Situation.of(Settings("Tiny", START, days), {**usual, **tables})


def port(days: int, quantity: float = 1e6, item: str = "food", **tables: pl.DataFrame) -> Situation:
    """All goods lie at the port, whose crossing lets trucks of 10 t through; many trucks."""
    usual = {
        "places": rows(PLACES, ("WH", "depot"), ("PORT", "port")),
        "stock": rows(STOCK),
        "arrivals": rows(ARRIVALS, ("PIPE", "PORT", item, quantity, date(0))),
        "crossings": rows(CROSSINGS, ("PORT", 1.0, None, None, None, 10.0, 40.0)),
        "fleets": trucks(20.0),
    }
    return tiny(days, **{**usual, **tables})


def pair(days: int, **tables: pl.DataFrame) -> Situation:
    """Two areas that need the same, A2 an hour farther, and one truck."""
    usual = {
        "areas": rows("area_id name", ("A1", "Bay"), ("A2", "Hill")),
        "travel_times": rows(
            ROADS,
            ("WH", "A1", None, None, "open", 4.0),
            ("WH", "A2", None, None, "open", 4.0),
            ("PORT", "WH", None, None, "open", 6.0),
        ),
        "needs": hungry(10_000.0, "A1", "A2"),
    }
    return tiny(days, **{**usual, **tables})


def planned(situation: Situation, **options: Any) -> tuple[Plan, Verdict]:
    """Plan to the optimum and verify; whole trucks only where asked for."""
    usual = {"time_limit_s": 20.0, "gap": 1e-6, "whole_truck_days": 0, "explain": False}
    plan = make_plan(situation, PlanOptions(**{**usual, **options}))
    verdict = check_plan(situation, plan)
    assert verdict.feasible, [v.text for v in verdict.violations]
    return plan, verdict


def phi(unmet: float) -> float:
    """Cost of an unmet share of one need: 1, 3, 6 (/4.1) on the shares 20 %, 30 %, 50 %."""
    return (min(unmet, 0.2) + 3 * max(0, min(unmet, 0.5) - 0.2) + 6 * max(0, unmet - 0.5)) / 4.1


def psi(unmet: float) -> float:
    """Cost of the unmet share of an area and need group: 0, ¼, 1, 4, 16 on its fifths."""
    fifths = [max(0.0, min(unmet, (k + 1) / 5) - k / 5) for k in range(5)]
    return sum(m * f for m, f in zip((0.0, 0.25, 1.0, 4.0, 16.0), fifths, strict=True))


def worth(need: float, *met: float, truck_hours: float = 0.0) -> float:
    """Value of a plan that meets one daily need so and so on its days, one person a unit."""
    unmet = [1 - m / need for m in met]
    fair = need * len(met) * psi(sum(unmet) / len(met))
    return need * sum(phi(u) for u in unmet) + fair + 0.1 * truck_hours


def met(plan: Plan, area: str = "A1", item: str = "food") -> list[float]:
    """What is met of a need, by day (of a need that comes up once: so far)."""
    return plan["coverage"].filter(area_id=area, item_id=item).sort("day")["met"].to_list()
