"""Three roads in a row, two of them blocked, and a feasible plan that opens them.

D --R-1-- x --R-2 (B1)-- x --R-3 (B2, B3)-- A: each road takes a truck one hour undamaged, two on
a single lane. B3 may hold explosives. Crew C1 and the disposal team E start from D, crew C2 may
start anywhere. Six days.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from plan_world import DAYS, START, counted, date, record, rows

from aidline.plan.plan import Plan
from aidline.situation.situation import Settings, Situation

TASKS = rows(
    "task_id kind team_id at_id leave travel_h start finish work_team_days",
    ("t1", "single_lane", "C1", "B1", 0.0, 1.0, 0.1, 1.1, 1.0),
    ("t2", "single_lane", "C1", "B2", 1.1, 0.0, 1.1, 1.6, 0.5),
    ("t3", "assess", "E", "B3", 2.0, 3.0, 2.5, 3.5, 1.0),
    ("t4", "single_lane", "C1", "B3", 1.6, 0.0, 3.5, 4.5, 1.0),
    ("t5", "full", "C2", "B1", 2.0, 0.0, 2.0, 3.0, 1.0),
)
OPENINGS = rows(
    "segment_id grade day speed_factor",
    ("R-2", "single_lane", 2, 0.5),
    ("R-2", "full", 3, 1.0),
    ("R-3", "single_lane", 5, 0.5),
)
BLOCKAGES = rows(
    "blockage_id segment_id kind volume_m3 span_m single_lane_crew_days full_crew_days "
    "explosive_hazard",
    ("B1", "R-2", "landslide", 900.0, None, 1.0, 2.0, "assessed_clear"),
    ("B2", "R-3", "debris", 125.0, None, None, None, None),
    ("B3", "R-3", "bridge_damage", 0.0, 4.0, None, 5.0, "suspected"),
    ("B4", None, "other", None, None, 1.0, 1.0, None),
    ("B5", "R-3x", "other", None, None, 1.0, 1.0, None),
    ("B6", "R-4", "other", None, None, None, 5.0, None),
)
TEAMS = rows(
    "team_id kind place_id available_from until hours_per_day",
    ("C1", "road_crew", "D", None, None, None),
    ("C2", "road_crew", None, date(2), date(3), 8.0),
    ("E", "explosive_disposal", "D", date(0), date(4), 6.0),
    ("S", "usar_light", "D", None, None, None),
)
STEP = 0.1  # degrees: 11 km at the equator


def world(context: str = "earthquake", **replaced: pl.DataFrame) -> Situation:
    """The situation; tables can be replaced."""

    def line(at: int, y: int = 0) -> str:
        return f"LINESTRING({at * STEP} {y * STEP},{(at + 1) * STEP} {y * STEP})"

    tables = {
        "areas": rows("area_id name longitude latitude", ("A", "Far", 3 * STEP, 0.0)),
        "items": rows(
            "item_id need_group kind weight_kg volume_m3", ("ration", "food", "daily", 1.0, 0.002)
        ),
        "places": rows("place_id kind longitude latitude", ("D", "depot", 0.0, 0.0)),
        "vehicle_classes": rows(
            "class_id profile payload_t volume_m3 gross_t load_h unload_h",
            ("T", "truck", 5.0, 20.0, 10.0, 1.0, 1.0),
        ),
        "fleets": rows(
            "fleet_id place_id class_id vehicles hours_per_day", ("F", "D", "T", 1, 10.0)
        ),
        "stock": rows("lot_id place_id item_id quantity", ("L", "D", "ration", 9000.0)),
        "needs": rows(
            "area_id item_id date until people quantity", ("A", "ration", START, None, 100.0, 100.0)
        ),
        "road_segments": rows(
            "segment_id name length_km speed_kmh geometry",
            ("R-1", "Plain road", 20.0, 20.0, line(0)),
            ("R-2", "Pass", 20.0, 20.0, line(1)),
            ("R-3", "Valley road", 20.0, 20.0, line(2)),
            ("R-4", "Other road", 20.0, 20.0, line(0, y=1)),
        ),
        "road_status": rows(
            "segment_id date status", ("R-2", START, "closed"), ("R-3", START, "closed")
        ),
        "blockages": BLOCKAGES,
        "teams": TEAMS,
        "worksites": rows("worksite_id", ("W1",)),
    }
    settings = Settings("Roads", START, DAYS, context=context)
    return Situation.of(settings, {**tables, **replaced})


def plan(situation: Situation | None = None, **replaced: Any) -> Plan:
    """The feasible plan: the roads are opened, and a truck drives on day 5."""
    situation = situation or world()
    uses = rows("day area_id item_id from_item_id quantity", (5, "A", "ration", "ration", 100.0))
    tables = {
        "trips": rows(
            "day from_id to_id class_id base_id trips hours_per_trip arrive_day load_t load_m3",
            (5, "D", "A", "T", "D", 1.0, 10.0, 5, 0.1, 0.2),
        ),
        "loads": rows(
            "day from_id to_id class_id item_id quantity", (5, "D", "A", "T", "ration", 100.0)
        ),
        "deliveries": rows(
            "day from_id via_id area_id item_id lot_id quantity arrive_day",
            (5, "D", None, "A", "ration", "L", 100.0, 5),
        ),
        "uses": uses,
        **counted(situation, uses, set(), {"ration": "food"}),
        "tasks": TASKS.with_columns(
            finish_low=pl.lit(None, pl.Float64), finish_high=pl.lit(None, pl.Float64)
        ),
        "road_openings": OPENINGS,
    }
    tables |= replaced
    made = Plan.of(record(), {k: v for k, v in tables.items() if k not in replaced})
    return Plan(made.record, {**made.tables, **replaced})
