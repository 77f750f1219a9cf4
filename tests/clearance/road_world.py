"""A little country: a depot, three areas, and blocked roads between them.

Roads of 20 km at 40 km/h, half an hour each. Depot D; area A lies behind B1; area B behind B2 and,
further on, B3; area C has an open road of its own.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 2)
KM_PER_DEGREE = 111.195


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    """A table of a few rows."""
    return pl.DataFrame(list(lines), schema=columns.split(), orient="row")


def road(code: str, a: tuple[float, float], b: tuple[float, float]) -> tuple[Any, ...]:
    line = f"LINESTRING({a[0]} {a[1]},{b[0]} {b[1]})"
    return (code, code, "primary", "paved", 40.0, line)


STEP = 20 / KM_PER_DEGREE
DEPOT, AREA_A, MIDDLE, AREA_B, AREA_C = (
    (0.0, 0.0), (STEP, 0.0), (0.0, STEP), (0.0, 2 * STEP), (-STEP, 0.0),
)  # fmt: skip
BLOCKAGE = "blockage_id segment_id single_lane_crew_days full_crew_days explosive_hazard"
BLOCKAGES = (
    ("B1", "R-A", 2.0, 3.0, "assessed_clear"),
    ("B2", "R-B1", 1.0, 1.5, "assessed_clear"),
    ("B3", "R-B2", 1.0, 1.5, "assessed_clear"),
)


def world(days: int = 6, crews: int = 1, people: dict[str, float] | None = None, **tables: Any):
    """The country with as many crews at the depot."""
    people = people or {"A": 1000.0, "B": 1000.0, "C": 1000.0}
    at = {"A": AREA_A, "B": AREA_B, "C": AREA_C}
    made = {
        "areas": rows("area_id latitude longitude", *((a, at[a][1], at[a][0]) for a in people)),
        "population": rows("area_id people", *people.items()),
        "places": rows("place_id kind latitude longitude", ("D", "depot", DEPOT[1], DEPOT[0])),
        "items": rows(
            "item_id need_group kind weight_kg volume_m3 per_person",
            ("food", "food", "daily", 1.0, 0.002, 1.0),
        ),
        "needs": rows(
            "area_id item_id date people quantity",
            *((a, "food", START, n, n) for a, n in people.items()),
        ),
        "stock": rows("lot_id place_id item_id quantity", ("L1", "D", "food", 1e6)),
        "vehicle_classes": rows(
            "class_id profile payload_t volume_m3", ("truck", "truck", 10.0, 40.0)
        ),
        "fleets": rows(
            "fleet_id place_id class_id vehicles hours_per_day", ("F1", "D", "truck", 9.0, 10.0)
        ),
        "road_segments": rows(
            "segment_id name road_class surface speed_kmh geometry",
            road("R-A", DEPOT, AREA_A), road("R-B1", DEPOT, MIDDLE),
            road("R-B2", MIDDLE, AREA_B), road("R-C", DEPOT, AREA_C),
        ),
        "road_status": rows(
            "segment_id date status", *((s, START, "closed") for s in ("R-A", "R-B1", "R-B2"))
        ),
        "blockages": rows(BLOCKAGE, *BLOCKAGES),
        "teams": rows(
            "team_id kind place_id hours_per_day",
            *((f"C{n}", "road_crew", "D", 10.0) for n in range(1, crews + 1)),
        ),
    } | tables  # fmt: skip
    return Situation.of(Settings("Roads", START, days), made)
