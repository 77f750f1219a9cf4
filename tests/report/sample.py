# ruff: noqa: E501  (tables are read row by row)
"""A made-up situation and a made-up plan by simple arithmetic: test data, never a real plan.

Areas lie on a grid of squares; each gets a share of its need that falls with its number.
The last area is cut off, the one before it can be reached and gets nothing.
"""

from __future__ import annotations

import datetime as dt
import math

import polars as pl

from aidline.plan.plan import Plan, RunRecord
from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 2)
ITEMS = (("ration", "Food ration", "food", "daily", 0.62, 0.0011), ("tarp", "Tarpaulin", "shelter", "once", 4.2, 0.0112), ("kit", "Hygiene kit", "hygiene", "once", 6.5, 0.015))  # fmt: skip


def make(
    areas: int = 12, days: int = 7, hostile: str = "", context: str = "earthquake"
) -> tuple[Situation, Plan]:
    """Return a situation with so many areas and days, and its plan.

    `hostile` is put into every name.
    """
    situation = _situation(areas, days, hostile, context)
    return situation, _plan(situation, days)


def _situation(count: int, days: int, hostile: str, context: str) -> Situation:
    side = math.ceil(math.sqrt(count))
    ids = [f"A-{k:04d}" for k in range(count)]
    at = [(k % side, k // side) for k in range(count)]
    areas = pl.DataFrame(
        {
            "area_id": ids,
            "name": [f"Area {k}{hostile}" for k in range(count)],
            "latitude": [12.05 + 0.1 * y for _, y in at],
            "longitude": [-61.45 + 0.1 * x for x, _ in at],
            "geometry": [_square(x, y) for x, y in at],
        }
    )
    people = [1000.0 + 700 * ((k * 7) % 13) for k in range(count)]
    middle = side // 2
    places = pl.DataFrame(
        {
            "place_id": ["WH-1", "WH-2", "PORT-1", "HOSP-1"],
            "name": [f"{n}{hostile}" for n in ("West store", "East store", "Port", "Hospital")],
            "kind": ["depot", "depot", "port", "hospital"],
            "area_id": [ids[0], ids[side - 1], ids[0], ids[min(count - 1, middle)]],
            "latitude": [12.03, 12.03, 12.0, 12.08],
            "longitude": [-61.47, -61.45 + 0.1 * (side - 1), -61.5, -61.42 + 0.1 * middle],
        }
    )
    segments = [(f"R-{k}", at[k], at[k + 1]) for k in range(count - 1) if at[k][1] == at[k + 1][1]]
    roads = pl.DataFrame(
        {
            "segment_id": [s[0] for s in segments],
            "name": [f"Road {s[0]}{hostile}" for s in segments],
            "road_class": ["primary" if k % 4 == 0 else "tertiary" for k in range(len(segments))],
            "geometry": [_line(a, b) for _, a, b in segments],
        }
    )
    status = pl.DataFrame(
        {
            "segment_id": [segments[0][0], segments[1][0], segments[1][0]],
            "date": [START, START - dt.timedelta(days=3), START + dt.timedelta(days=3)],
            "status": ["restricted", "closed", "open"],
            "cause": ["debris", "landslide", None],
        }
    )
    return Situation.of(
        Settings(
            name=f"Test island{hostile}", start_date=START, days=days, context=context,
            as_of=START - dt.timedelta(days=1), notice=f"Fictional{hostile}", fictional=True,
        ),
        {
            "areas": areas,
            "population": pl.DataFrame({"area_id": ids, "people": people}),
            "items": pl.DataFrame(
                [(*row, f"unit{hostile}", 1.0 if row[3] == "daily" else 0.2) for row in ITEMS], orient="row",
                schema=["item_id", "name", "need_group", "kind", "weight_kg", "volume_m3", "unit", "per_person"],
            ),
            "places": places,
            "road_segments": roads,
            "road_status": status,
            "crossings": pl.DataFrame({"place_id": ["PORT-1"], "slots_per_day": [12.0]}),
            "vehicle_classes": pl.DataFrame({"class_id": ["t10"], "name": [f"Truck 10 t{hostile}"], "profile": ["truck"], "payload_t": [10.0], "volume_m3": [40.0]}),
            "fleets": pl.DataFrame({"fleet_id": ["F1", "F2"], "place_id": ["WH-1", "WH-2"], "class_id": ["t10", "t10"], "vehicles": [8.0, 4.0]}),
            "stock": pl.DataFrame({"lot_id": ["L1", "L2"], "place_id": ["WH-1", "WH-2"], "item_id": ["ration", "tarp"], "quantity": [81234.0, 9000.0], "owner": ["NDMA", "IFRC"]}),
            "arrivals": pl.DataFrame({"arrival_id": ["P1", "P2"], "place_id": ["PORT-1", "PORT-1"], "item_id": ["ration", "kit"], "quantity": [50000.0, 8000.0], "eta": [START + dt.timedelta(days=1), START + dt.timedelta(days=2)]}),
            "sources": pl.DataFrame({"source_id": ["S1"], "title": [f"Invented{hostile}"], "organisation": ["Tests"], "method": ["synthetic"]}),
        },
    )  # fmt: skip


def _square(x: int, y: int) -> str:
    w, s = -61.5 + 0.1 * x, 12.0 + 0.1 * y
    e, n = w + 0.1, s + 0.1
    return f"POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))"


def _line(a: tuple[int, int], b: tuple[int, int]) -> str:
    (ax, ay), (bx, by) = a, b
    return (
        f"LINESTRING({-61.45 + 0.1 * ax} {12.05 + 0.1 * ay},{-61.45 + 0.1 * bx} {12.05 + 0.1 * by})"
    )


def target(k: int, count: int) -> float:
    """Return the share that area number k reaches in the end."""
    return 0.0 if k >= count - 2 else round(1.0 - 0.75 * k / max(1, count - 1), 3)


def _plan(situation: Situation, days: int) -> Plan:
    ids = situation["areas"]["area_id"].to_list()
    people = situation["population"]["people"].to_list()
    shares = [target(k, len(ids)) for k in range(len(ids))]
    coverage, fairness, trips, loads, deliveries = [], [], [], [], []
    for k, code in enumerate(ids):
        for item, _, group, kind, kg, m3 in ITEMS:
            by_day = [
                shares[k] * (1 if kind == "daily" else (t + 1) / days) * (t > 0)
                for t in range(days)
            ]
            need = people[k] * (1.0 if kind == "daily" else 0.2)
            coverage += [
                (code, item, t, people[k], need, need * s, s, "reported")
                for t, s in enumerate(by_day)
            ]
            fairness.append(
                (code, group, people[k] * days, sum(by_day) / days, k < len(ids) - 1, None)
            )
            if shares[k] and kind == "daily":
                home = f"WH-{1 + k % 2}"
                for t in range(0, days - 1, 1 + k % 3):
                    q = need * shares[k]
                    n = math.ceil(q * kg / 10000)
                    trips.append(
                        (t, home, code, "t10", home, float(n), 8.0, t + 1, q * kg / 1000, q * m3)
                    )
                    loads.append((t, home, code, "t10", item, q))
                    deliveries.append((t, home, None, code, item, "L1", q, t + 1))
    usage = [
        (
            "crossing_slots",
            "PORT-1",
            None,
            t,
            12.0,
            12.0 if 0 < t < 4 else 5.0,
            310.0 if 0 < t < 4 else 0.0,
        )
        for t in range(days)
    ]
    usage += [
        ("truck_hours", w, "t10", t, 80.0, 80.0 if t < 3 else 52.0, 12.0)
        for w in ("WH-1", "WH-2")
        for t in range(days)
    ]
    stocks = [
        (t, w, "ration", max(0.0, 80000.0 - 9000 * t))
        for w in ("WH-1", "WH-2")
        for t in range(days)
    ]
    reasons = [
        (
            c,
            "ration",
            1,
            "crossing_slots",
            "PORT-1",
            None,
            1,
            3,
            (1 - s) * p * days,
            310.0,
            "Limited by the slots of Port.",
        )
        for c, s, p in zip(ids, shares, people, strict=True)
        if s < 1
    ]
    reasons += [
        (
            c,
            "tarp",
            1,
            "stock",
            None,
            "tarp",
            None,
            None,
            (1 - s) * p * days,
            None,
            "Limited by stock.",
        )
        for c, s, p in zip(ids, shares, people, strict=True)
        if s < 1
    ]
    segment = situation["road_segments"]["segment_id"][-1]
    record = RunRecord(
        situation_digest=situation.digest(), situation_name=situation.settings.name,
        start_date=START.isoformat(), days=days, version="0.1.0", options={"seed": 7, "time_limit_s": 30},
        seed=7, method="exact", stopped="optimal", value=10500.0, bound=10460.0, bound_scope="the whole model",
        value_without_fairness=10100.0, timings_s={"network": 0.31, "solve": 1.2}, notice=situation.settings.notice,
        progress=((0.2, 12000.0, None), (1.2, 10500.0, 10460.0)),
    )  # fmt: skip
    return Plan.of(record, {
        "coverage": _frame(coverage, "area_id item_id day people need met share basis"),
        "fairness": _frame(fairness, "area_id need_group person_days share reachable floor"),
        "trips": _frame(trips, "day from_id to_id class_id base_id trips hours_per_trip arrive_day load_t load_m3"),
        "loads": _frame(loads, "day from_id to_id class_id item_id quantity"),
        "deliveries": _frame(deliveries, "day from_id via_id area_id item_id lot_id quantity arrive_day"),
        "transfers": _frame([(1, "PORT-1", "WH-1", "ration", "P1", 30000.0, 2), (2, "PORT-1", "WH-2", "kit", "P2", 4000.0, 3)], "day from_id to_id item_id lot_id quantity arrive_day"),
        "stocks": _frame(stocks, "day place_id item_id quantity"),
        "usage": _frame(usage, "resource at_id of_id day limit used price"),
        "reasons": _frame(reasons, "area_id item_id rank cause at_id of_id first_day last_day unmet gain text"),
        "bottlenecks": _frame([
            ("crossing_slots", "PORT-1", None, 1, 3, "one more truck slot on each of these days", 310.0, 322.0, 4.0, True),
            ("truck_hours", "WH-1", "t10", 0, 2, "one more truck-hour on each of these days", 12.0, 13.0, None, False),
        ], "resource at_id of_id first_day last_day unit gain_up loss_down valid_up resolved"),
        "unreachable": _frame([(ids[-1], 0, days - 1, people[-1], segment, "Cut off.")], "area_id from_day to_day people segments text"),
        "defaults_used": _frame([
            ("truck.hours_per_day", "10", "h/day", "assumption", "Aidline 2026", "fleet F1", 2),
            ("crossing.truck_payload_t", "18", "t", "found", "Logistics Operational Guide", "PORT-1", 1),
            ("truck.load_h_per_t", "0.08", "h/t", "recalled", "manual loading", "t10", 1),
        ], "default_id value unit status source used_for count"),
    })  # fmt: skip


def _frame(rows: list[tuple[object, ...]], columns: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None)
