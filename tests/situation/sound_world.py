"""A small situation without a single problem, and ways to spoil it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from aidline.situation.check import check_frames
from aidline.situation.situation import Settings
from aidline.situation.tables import BY_NAME

START = dt.date(2027, 3, 1)
SETTINGS = Settings(start_date=START, days=10)

Rows = dict[str, list[dict[str, Any]]]


def day(number: int) -> dt.date:
    """The date of a day of the plan."""
    return START + dt.timedelta(days=number)


def sound() -> Rows:
    """Rows by table: three areas, two items, a port, a warehouse with trucks."""
    return {
        "areas": [
            {"area_id": "AR-1", "name": "Bay", "latitude": 12.1, "longitude": -61.1},
            {"area_id": "AR-2", "name": "Hill", "latitude": 12.2, "longitude": -61.2},
            {"area_id": "AR-3", "name": "Cape", "latitude": 12.3, "longitude": -61.4},
        ],
        "population": [
            {"area_id": "AR-1", "people": 1000.0, "households": 200.0},
            {"area_id": "AR-2", "people": 1300.0, "households": 250.0},
            {"area_id": "AR-3", "people": 1700.0, "households": 340.0},
        ],
        "items": [
            {
                "item_id": "food", "need_group": "food", "kind": "daily", "unit": "ration",
                "weight_kg": 0.6, "volume_m3": 0.001, "pack_units": 50.0, "per_person": 1.0,
            },
            {
                "item_id": "blanket", "need_group": "household", "kind": "once", "unit": "piece",
                "weight_kg": 2.0, "volume_m3": 0.008, "per_person": 1.0,
            },
        ],
        "needs": [
            {"area_id": "AR-1", "item_id": "food", "people": 800.0, "quantity": 800.0},
            {"area_id": "AR-2", "item_id": "food", "people": 900.0, "quantity": 900.0},
            {"area_id": "AR-3", "item_id": "food", "people": 1500.0},
            {"area_id": "AR-1", "item_id": "blanket", "people": 300.0, "quantity": 310.0},
        ],
        "places": [
            {"place_id": "WH-1", "kind": "depot", "latitude": 12.15, "longitude": -61.15},
            {"place_id": "PORT", "kind": "port", "latitude": 12.0, "longitude": -61.0},
        ],
        "stock": [
            {"lot_id": "L1", "place_id": "WH-1", "item_id": "food", "quantity": 9000.0},
            {"lot_id": "L2", "area_id": "AR-2", "item_id": "blanket", "quantity": 50.0},
        ],
        "arrivals": [
            {
                "arrival_id": "A1", "place_id": "PORT", "item_id": "blanket", "quantity": 400.0,
                "eta": day(2), "eta_low": day(1), "eta_high": day(4),
            },
        ],
        "crossings": [
            {"place_id": "PORT", "slots_per_day": 10.0, "opens_at": "08:00", "closes_at": "16:00"},
        ],
        "vehicle_classes": [
            {"class_id": "truck", "profile": "truck", "payload_t": 10.0, "volume_m3": 40.0},
        ],
        "fleets": [{"fleet_id": "F1", "place_id": "WH-1", "class_id": "truck", "vehicles": 4.0}],
        "travel_times": [
            {"from_id": "WH-1", "to_id": "AR-1", "travel_h": 2.0, "distance_km": 60.0},
        ],
        "sources": [{"source_id": "S1", "title": "Situation report"}],
    }  # fmt: skip


def frames(rows: Rows) -> dict[str, pl.DataFrame]:
    """Typed tables of these rows, with the origin of each: row 2 of the sheet is the first."""
    made = {}
    for table, listed in rows.items():
        schema = BY_NAME[table].schema
        frame = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in listed], schema=schema)
        made[table] = frame.with_columns(
            pl.lit("book.xlsx").alias("_file"),
            pl.lit(table).alias("_sheet"),
            pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("_row"),
        )
    return made


def problems(rows: Rows, settings: Settings = SETTINGS) -> pl.DataFrame:
    """What the check says of these rows."""
    return check_frames(frames(rows), settings)


def edited(table: str, index: int, **values: Any) -> Rows:
    """The sound rows with one of them changed."""
    rows = sound()
    rows[table][index] |= values
    return rows


def added(table: str, *new: dict[str, Any]) -> Rows:
    """The sound rows and some more."""
    rows = sound()
    rows[table] = rows.get(table, []) + list(new)
    return rows
