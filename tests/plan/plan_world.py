"""A tiny crisis with every kind of rule in it, and a feasible plan for it, both written out.

Six days, three areas, one warehouse, one hub, one port. The plan's coverage is worked out by
plain loops, apart from the code under test.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from aidline.plan.plan import Plan, RunRecord
from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 2)
DAYS = 6


def date(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=columns.split(), orient="row", infer_schema_length=None)


def world(**replaced: pl.DataFrame) -> Situation:
    """The situation; tables can be replaced."""
    tables = {
        "areas": rows(
            "area_id name priority", ("A1", "Bay", 1.0), ("A2", "Hill", 2.0), ("A3", "Isle", 1.0)
        ),
        "items": rows(
            "item_id name need_group kind weight_kg volume_m3 per_person hold_days weight",
            ("ration", "Ration", "food", "daily", 1.0, 0.002, 1.0, 2, None),
            ("blanket", "Blanket", "shelter", "once", 2.0, 0.01, 0.4, None, 0.5),
            ("soap", "Soap", "hygiene", "once", 0.1, 0.0002, 0.5, None, None),
            ("kit", "Family kit", "household", "once", 6.0, 0.05, None, None, None),
            ("bag", "Sleeping bag", "household", "once", 3.0, 0.02, None, None, None),
        ),
        "kits": rows("kit_id item_id quantity", ("kit", "blanket", 2.0), ("kit", "soap", 5.0)),
        "substitutes": rows("item_id substitute_id ratio", ("blanket", "bag", 2.0)),
        "places": rows(
            "place_id name kind transship",
            ("WH", "Warehouse", "depot", None),
            ("HUB", "Hub", "hub", True),
            ("PORT", "Port", "port", None),
        ),
        "stock": rows(
            "lot_id place_id area_id item_id quantity available_from expiry",
            ("L-RAT", "WH", None, "ration", 20000.0, None, date(4)),
            ("L-BLA", "WH", None, "blanket", 600.0, None, None),
            ("L-KIT", "WH", None, "kit", 100.0, None, None),
            ("L-BAG", "WH", None, "bag", 200.0, None, None),
            ("L-OWN", None, "A1", "ration", 300.0, None, date(1)),
        ),
        "arrivals": rows(
            "arrival_id place_id item_id quantity eta", ("PIPE", "PORT", "ration", 8000.0, date(1))
        ),
        "crossings": rows("place_id slots_per_day refused_items", ("PORT", 1.0, "bag")),
        "vehicle_classes": rows(
            "class_id name profile payload_t volume_m3 load_h unload_h",
            ("big", "Truck", "truck", 10.0, 40.0, 1.0, 1.0),
            ("small", "Pick-up", "4x4", 4.0, 16.0, 0.5, 0.5),
        ),
        "fleets": rows(
            "fleet_id place_id class_id vehicles hours_per_day",
            ("F1", "WH", "big", 4.0, 10.0),
            ("F2", "HUB", "small", 2.0, 10.0),
        ),
        "convoys": rows("area_id date max_trucks", ("A3", date(1), 2.0), ("A3", date(4), 2.0)),
        "travel_times": rows(
            "from_id to_id class_id date status travel_h",
            ("WH", "A1", None, None, "open", 3.0),
            ("WH", "A1", "big", date(5), "closed", None),
            ("WH", "A2", None, None, "open", 12.0),
            ("WH", "HUB", None, None, "open", 4.0),
            ("HUB", "A3", "small", None, "open", 2.0),
            ("PORT", "WH", None, None, "open", 6.0),
        ),
        "needs": rows(
            "area_id item_id date until people quantity",
            ("A1", "ration", date(0), None, 1000.0, 1000.0),
            ("A2", "ration", date(0), None, 500.0, 500.0),
            ("A3", "ration", date(0), None, 200.0, 200.0),
            ("A1", "blanket", date(0), None, 1000.0, 400.0),
            ("A2", "blanket", date(1), None, 500.0, 200.0),
            ("A1", "soap", date(0), None, 1000.0, 500.0),
        ),
        "commitments": rows(
            "commitment_id kind area_id item_id quantity date",
            ("CM-1", "moving", "A2", "blanket", 50.0, date(2)),
            ("CM-2", "promised", "A1", "blanket", 100.0, date(3)),
        ),
    }
    return Situation.of(Settings("Test", START, DAYS), {**tables, **replaced})


TRIPS = rows(
    "day from_id to_id class_id base_id trips hours_per_trip arrive_day load_t load_m3",
    (0, "WH", "A1", "big", "WH", 1.0, 8.0, 0, 3.62, 10.2),
    (0, "WH", "A2", "big", "WH", 1.0, 26.0, 1, 2.2, 5.0),
    (0, "WH", "HUB", "big", "WH", 1.0, 10.0, 0, 0.4, 0.8),
    (1, "HUB", "A3", "small", "HUB", 1.0, 5.0, 1, 0.4, 0.8),
    (3, "WH", "A1", "big", "WH", 1.0, 8.0, 3, 3.0, 6.0),
    (4, "WH", "A1", "big", "WH", 0.5, 8.0, 4, 1.0, 2.0),
)
LOADS = rows(
    "day from_id to_id class_id item_id quantity",
    (0, "WH", "A1", "big", "ration", 3000.0),
    (0, "WH", "A1", "big", "blanket", 100.0),
    (0, "WH", "A1", "big", "kit", 40.0),
    (0, "WH", "A1", "big", "bag", 60.0),
    (0, "WH", "A2", "big", "ration", 2000.0),
    (0, "WH", "A2", "big", "blanket", 100.0),
    (0, "WH", "HUB", "big", "ration", 400.0),
    (1, "HUB", "A3", "small", "ration", 400.0),
    (3, "WH", "A1", "big", "ration", 3000.0),
    (4, "WH", "A1", "big", "ration", 1000.0),
)
DELIVERIES = rows(
    "day from_id via_id area_id item_id lot_id quantity arrive_day",
    (0, "WH", None, "A1", "ration", "L-RAT", 3000.0, 0),
    (0, "WH", None, "A1", "blanket", "L-BLA", 100.0, 0),
    (0, "WH", None, "A1", "kit", "L-KIT", 40.0, 0),
    (0, "WH", None, "A1", "bag", "L-BAG", 60.0, 0),
    (0, "WH", None, "A2", "ration", "L-RAT", 2000.0, 1),
    (0, "WH", None, "A2", "blanket", "L-BLA", 100.0, 1),
    (0, "WH", "HUB", "A3", "ration", "L-RAT", 400.0, 1),
    (3, "WH", None, "A1", "ration", "PIPE", 3000.0, 3),
    (4, "WH", None, "A1", "ration", "PIPE", 1000.0, 4),
)
TRANSFERS = rows(
    "day from_id to_id item_id lot_id quantity arrive_day",
    (1, "PORT", "WH", "ration", "PIPE", 6000.0, 2),
)
USES = rows(
    "day area_id item_id from_item_id quantity",
    *((day, "A1", "ration", "ration", 1000.0) for day in range(6)),
    *((day, "A2", "ration", "ration", 500.0) for day in (1, 2, 3)),
    *((day, "A3", "ration", "ration", 200.0) for day in (1, 2)),
    (0, "A1", "blanket", "blanket", 100.0),
    (0, "A1", "blanket", "kit", 80.0),
    (0, "A1", "blanket", "bag", 30.0),
    (1, "A1", "soap", "kit", 200.0),
    (1, "A2", "blanket", "blanket", 100.0),
    (2, "A2", "blanket", "blanket", 50.0),
)
COVERAGE = ["area_id", "item_id", "day", "people", "need", "met", "share", "basis"]
FAIRNESS = ["area_id", "need_group", "person_days", "share", "reachable", "floor"]
ONCE = {"blanket", "soap"}
GROUP = {"ration": "food", "blanket": "shelter", "soap": "hygiene"}


def plan(situation: Situation | None = None, **replaced: pl.DataFrame) -> Plan:
    """The feasible plan; replaced tables bring their own coverage when they are not `uses`."""
    tables = {
        "trips": TRIPS,
        "loads": LOADS,
        "deliveries": DELIVERIES,
        "transfers": TRANSFERS,
        "uses": USES,
    }
    tables |= replaced
    tables = {**counted(situation or world(), tables["uses"]), **tables}
    return Plan.of(record(), tables)


def record(**options: Any) -> RunRecord:
    return RunRecord(
        "", "Test", START.isoformat(), DAYS, "0", options, 0, "hand", "optimal", 0.0, None
    )


def wanted(
    situation: Situation, once: set[str]
) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """(area, item) -> (units, people) that come up on each day, by plain loops."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for need in situation["needs"].iter_rows(named=True):
        first = (need["date"] - START).days
        last = (need["until"] - START).days if need["until"] else DAYS - 1
        days = [first] if need["item_id"] in once else range(first, last + 1)
        series = found.setdefault((need["area_id"], need["item_id"]), [(0.0, 0.0)] * DAYS)
        for day in days:
            units, people = series[day]
            series[day] = (units + need["quantity"], people + need["people"])
    return found


def cells(situation: Situation, uses: pl.DataFrame, once: set[str] = ONCE) -> list[dict[str, Any]]:
    """Every row of the table coverage, by plain loops."""
    found = []
    for (area, item), series in wanted(situation, once).items():
        need = met = people = 0.0
        for day, (units, count) in enumerate(series):
            here = uses.filter(
                (pl.col("area_id") == area) & (pl.col("item_id") == item) & (pl.col("day") == day)
            )["quantity"].sum()
            need, met, people = (
                (need + units, met + here, people + count) if item in once else (units, here, count)
            )
            if need:
                share = min(1.0, met / need)
                row = (area, item, day, people, need, met, share, "reported")
                found.append(dict(zip(COVERAGE, row, strict=True)))
    return found


def counted(
    situation: Situation,
    uses: pl.DataFrame,
    once: set[str] = ONCE,
    group: dict[str, str] = GROUP,
) -> dict[str, pl.DataFrame]:
    """Tables coverage and fairness, by plain loops."""
    coverage = cells(situation, uses, once)
    sums: dict[tuple[str, str], list[float]] = {}
    for cell in coverage:
        both = sums.setdefault((cell["area_id"], group[cell["item_id"]]), [0.0, 0.0])
        both[0] += cell["people"]
        both[1] += cell["people"] * cell["share"]
    fairness = [
        dict(zip(FAIRNESS, (a, g, n, m / n, True, None), strict=True))
        for (a, g), (n, m) in sums.items()
    ]
    return {
        "coverage": pl.DataFrame(coverage),
        "fairness": pl.DataFrame(fairness, schema_overrides={"floor": pl.Float64}),
    }
