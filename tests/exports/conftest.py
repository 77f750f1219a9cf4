"""Two villages, one warehouse, one truck, two days: small enough to know every figure."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from aidline.plan.plan import Plan, RunRecord
from aidline.plan.tables import PLAN_BY_NAME
from aidline.situation.situation import Settings, Situation


def rows(*values: dict[str, object]) -> pl.DataFrame:
    """Return rows as a table."""
    return pl.DataFrame(list(values), infer_schema_length=None)


@pytest.fixture
def villages() -> Situation:
    """Hill (100 people) and Bay (200 people) need a ration each per day; 250 rations are there."""
    settings = Settings(
        name="Two villages", start_date=dt.date(2027, 3, 1), days=2, notice="Invented for a test."
    )
    return Situation.of(
        settings,
        {
            "areas": rows(
                {"area_id": "A1", "name": "Hill", "latitude": 1.0, "longitude": 1.0,
                 "geometry": "POLYGON((0.9 0.9,1.1 0.9,1.1 1.1,0.9 1.1,0.9 0.9))"},
                {"area_id": "A2", "name": "Bay", "latitude": 1.0, "longitude": 1.4},
            ),
            "population": rows({"area_id": "A1", "people": 100}, {"area_id": "A2", "people": 200}),
            "items": rows(
                {"item_id": "007", "name": "=Ration", "need_group": "food", "kind": "daily",
                 "unit": "ration", "weight_kg": 2.0, "volume_m3": 0.004, "per_person": 1.0}
            ),
            "needs": rows(
                {"area_id": "A1", "item_id": "007", "people": 100, "quantity": 100},
                {"area_id": "A2", "item_id": "007", "people": 200, "quantity": 200},
            ),
            "places": rows(
                {"place_id": "WH", "name": "Warehouse", "kind": "depot", "area_id": "A1",
                 "latitude": 1.0, "longitude": 1.05}
            ),
            "stock": rows({"lot_id": "L1", "place_id": "WH", "item_id": "007", "quantity": 250}),
            "vehicle_classes": rows(
                {"class_id": "T", "name": "Truck", "profile": "truck", "payload_t": 5.0,
                 "volume_m3": 20.0, "load_h": 0.5, "unload_h": 0.5}
            ),
            "fleets": rows(
                {"fleet_id": "F", "place_id": "WH", "class_id": "T", "vehicles": 1,
                 "hours_per_day": 10}
            ),
            "travel_times": rows(
                {"from_id": "WH", "to_id": "A1", "travel_h": 1.0},
                {"from_id": "WH", "to_id": "A2", "travel_h": 2.0},
            ),
            "road_segments": rows(
                {"segment_id": "R1", "name": "Coast road", "road_class": "primary",
                 "geometry": "LINESTRING(1 1,1.2 1.05,1.4 1)"}
            ),
            "road_status": rows(
                {"segment_id": "R1", "date": dt.date(2027, 3, 2), "status": "closed",
                 "cause": "flood"}
            ),
        },
    )  # fmt: skip


@pytest.fixture
def delivered(villages: Situation) -> Plan:
    """On day 0 one trip takes 100 rations to Hill and one 150 to Bay; then none is left."""

    def table(name: str, *values: tuple[object, ...]) -> pl.DataFrame:
        return pl.DataFrame(list(values), schema=PLAN_BY_NAME[name].schema, orient="row")

    record = RunRecord(
        villages.digest(), "Two villages", "2027-03-01", 2, "0.1.0", {}, 0, "exact", "optimal",
        value=250.0, bound=200.0, bound_scope="this situation", notice="Invented for a test.",
    )  # fmt: skip
    return Plan.of(
        record,
        {
            "trips": table(
                "trips",
                (0, "WH", "A1", "T", "WH", 1.0, 3.0, 0, 0.2, 0.4),
                (0, "WH", "A2", "T", "WH", 1.0, 5.0, 0, 0.3, 0.6),
            ),
            "loads": table(
                "loads", (0, "WH", "A1", "T", "007", 100.0), (0, "WH", "A2", "T", "007", 150.0)
            ),
            "deliveries": table(
                "deliveries",
                (0, "WH", None, "A1", "007", "L1", 100.0, 0),
                (0, "WH", None, "A2", "007", "L1", 150.0, 0),
            ),
            "uses": table("uses", (0, "A1", "007", "007", 100.0), (0, "A2", "007", "007", 150.0)),
            "coverage": table(
                "coverage",
                ("A1", "007", 0, 100.0, 100.0, 100.0, 1.0, "reported"),
                ("A1", "007", 1, 100.0, 100.0, 0.0, 0.0, "reported"),
                ("A2", "007", 0, 200.0, 200.0, 150.0, 0.75, "reported"),
                ("A2", "007", 1, 200.0, 200.0, 0.0, 0.0, "reported"),
            ),
            "fairness": table(
                "fairness",
                ("A1", "food", 200.0, 0.5, True, None),
                ("A2", "food", 400.0, 0.375, True, None),
            ),
            "reasons": table(
                "reasons",
                ("A1", "007", 1, "stock", "WH", "007", 1, 1, 100.0, 1.5, "Limited by stock."),
                ("A2", "007", 1, "stock", "WH", "007", 0, 1, 250.0, 1.5, "Limited by stock."),
            ),
            "bottlenecks": table(
                "bottlenecks",
                ("stock", "WH", "007", 0, 1, "one more ration", 1.5, 1.6, 10.0, True),
            ),
            "defaults_used": table(
                "defaults_used",
                ("truck.hours_per_day", "10", "h/day", "assumption", "Aidline", "fleet F", 1),
            ),
        },
    )
