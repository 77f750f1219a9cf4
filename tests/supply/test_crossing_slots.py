"""Slots of a crossing by day, and what else the problem reads from the tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation
from aidline.supply.build import build_problem

START = dt.date(2027, 3, 2)


def gate(days: list[dict[str, Any]] | None = None, **crossing: object) -> list[float]:
    """Slots of a crossing on three days."""
    dates = [
        {**d, "place_id": "PORT", "date": START + dt.timedelta(days=d["date"])} for d in days or []
    ]
    tables: dict[str, Any] = {
        "areas": pl.DataFrame({"area_id": ["A1"]}),
        "places": pl.DataFrame({"place_id": ["PORT"], "kind": ["port"]}),
        "crossings": pl.DataFrame([{"place_id": "PORT", **crossing}]),
    }
    if dates:
        tables["crossing_days"] = pl.DataFrame(dates)
    problem = build_problem(Situation.of(Settings("Gate", START, 3), tables), Ledger())
    return problem.crossings.slots[0].tolist()


def test_slots_of_a_day() -> None:
    """Slots per day hold on every day; without any figure there is no limit."""
    assert gate(slots_per_day=7.0) == [7, 7, 7]
    assert gate() == [np.inf] * 3


def test_slots_by_opening_hours() -> None:
    """Six an hour from 8 to 16 are 48; past midnight counts too; the lower limit holds."""
    eight = {"slots_per_hour": 6.0, "opens_at": "08:00", "closes_at": "16:00"}
    assert gate(**eight) == [48] * 3
    assert gate(**{**eight, "opens_at": "22:30", "closes_at": "02:00"}) == [21] * 3
    assert gate(**eight, slots_per_day=40.0) == [40] * 3
    assert gate(slots_per_hour=6.0) == [np.inf] * 3


def test_single_days() -> None:
    """Closed is none, a number is that number, other opening hours count for that day."""
    eight = {"slots_per_hour": 6.0, "opens_at": "08:00", "closes_at": "16:00"}
    assert gate([{"date": 1, "status": "closed", "slots": 9.0}], **eight) == [48, 0, 48]
    assert gate([{"date": 2, "status": "open", "slots": 9.0}], **eight) == [48, 48, 9]
    assert gate([{"date": 0, "open_h": 2.0}], **eight) == [12, 48, 48]
    assert gate([{"date": 9, "status": "closed"}], **eight) == [48] * 3


def test_a_restricted_day() -> None:
    """Restricted without a number is a share of the usual slots, told as a default."""
    share = Ledger().take("crossing.restricted_share", "a test")
    usual = gate([{"date": 1, "status": "restricted"}], slots_per_day=10.0)
    assert usual == pytest.approx([10, 10 * share, 10])
    assert 0 < share < 1
