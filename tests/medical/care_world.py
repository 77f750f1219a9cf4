"""A tiny crisis with people to treat: three areas in a row, two hospitals, ambulances, a bus.

No roads are known, so driving times follow from straight lines.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from aidline.medical.plan import CareResult, plan_care
from aidline.medical.problem import CareProblem, care_problem
from aidline.medical.solve import Care, solve_care
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 2)
DAYS = 8


def date(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=columns.split(), orient="row", infer_schema_length=None)


HOSPITAL = (
    "place_id functioning beds beds_free theatres major_operations_per_day "
    "minor_operations_per_day outpatients_per_day specialties"
)
UNIT = (
    "unit_id type name place_id available_from weight_t volume_m3 footprint_m2 setup_days beds "
    "theatres major_operations_per_day minor_operations_per_day outpatients_per_day "
    "water_l_per_day fuel_l_per_day minimum_stay_days"
)
MEANS = (
    "means_id class_id mode place_id vehicles seats stretchers turnaround_h hours_per_day "
    "destination permission_from"
)
CASUALTIES = "area_id date triage specialty people"


def hospitals(beds: float = 20.0, near: float = 12.0) -> pl.DataFrame:
    return rows(
        HOSPITAL,
        ("H-A", "full", beds, near, 1.0, 7.0, 15.0, 30.0, "surgery orthopaedic"),
        ("H-C", "partial", 20.0, 12.0, 1.0, 7.0, 15.0, 30.0, "surgery orthopaedic"),
    )


def means(ambulances: float = 2.0) -> pl.DataFrame:
    return rows(
        MEANS,
        ("AMB", "ambulance", "road", "H-A", ambulances, 0, 1, 0.5, 10.0, None, None),
        ("BUS", "bus", "road", "H-A", 1.0, 20, 0, 0.5, 10.0, None, None),
        ("SHIP", None, "sea", "PORT", 1.0, 0, 6, 4.0, 24.0, "Hospital ship", date(5)),
    )


def units(**changed: Any) -> pl.DataFrame:
    row = (
        "EMT", "T2", "Field hospital", "PORT", date(0), 12.0, 60.0, 5000.0, 1, 20.0, 1.0, 7.0,
        15.0, 100.0, 2000.0, 100.0, 7,
    )  # fmt: skip
    made = rows(UNIT, row)
    return made.with_columns(**{k: pl.lit(v) for k, v in changed.items()})


def casualties(*more: tuple[Any, ...]) -> pl.DataFrame:
    return rows(
        CASUALTIES,
        ("A", date(0), "red", "surgery", 6.0),
        ("A", date(0), "green", "general", 40.0),
        ("B", date(-1), "red", "surgery", 8.0),
        ("B", date(0), "yellow", "orthopaedic", 20.0),
        ("B", date(2), "green", "general", 50.0),
        *more,
    )


def world(**replaced: pl.DataFrame) -> Situation:
    """The situation; tables can be replaced."""
    tables = {
        "areas": rows(
            "area_id name latitude longitude",
            ("A", "Bay", 10.0, 20.0),
            ("B", "Hill", 10.0, 20.3),
            ("C", "Cape", 10.0, 20.8),
        ),
        "places": rows(
            "place_id name kind area_id latitude longitude",
            ("H-A", "Bay hospital", "hospital", "A", 10.0, 20.0),
            ("H-C", "Cape hospital", "hospital", "C", 10.0, 20.8),
            ("PORT", "Port", "port", "A", 10.0, 19.98),
            ("SITE", "Football ground", "site", "B", 10.0, 20.3),
        ),
        "vehicle_classes": rows(
            "class_id profile payload_t volume_m3 seats stretchers",
            ("ambulance", "ambulance", 0.4, 4.0, None, None),
            ("bus", "bus", 2.0, 10.0, None, None),
            ("truck", "truck", 10.0, 40.0, None, None),
        ),
        "fleets": rows("fleet_id place_id class_id vehicles", ("F1", "PORT", "truck", 2.0)),
        "items": rows(
            "item_id need_group kind unit weight_kg volume_m3",
            ("water", "water", "daily", "litre", 1.0, 0.001),
            ("diesel", "fuel", "daily", "litre", 0.85, 0.001),
        ),
        "stock": rows(
            "lot_id place_id item_id quantity",
            ("L1", "PORT", "water", 50000.0),
            ("L2", "PORT", "diesel", 5000.0),
        ),
        "hospitals": hospitals(),
        "evacuation_means": means(),
        "casualties": casualties(),
        "candidate_sites": rows("place_id footprint_m2 access", ("SITE", 8000.0, "truck")),
        **replaced,
    }
    return Situation.of(Settings(name="Care", start_date=START, days=DAYS), tables)


def planned(situation: Situation) -> CareResult:
    return plan_care(situation, ledger=Ledger())


def solved(situation: Situation) -> tuple[CareProblem, Care]:
    """The plan in shares of people: exact, as the bound is."""
    problem = care_problem(situation, Ledger())
    return problem, solve_care(problem, whole=False)


def shared(situation: Situation) -> Care:
    return solved(situation)[1]


def treated(result: CareResult, **of: Any) -> float:
    """People treated, of those rows of table care."""
    return float(result.tables["care"].filter(**of)["people"].sum())
