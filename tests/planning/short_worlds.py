"""Tiny situations in which it is plain what runs short, and their optimal plans."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, NamedTuple

import polars as pl

from aidline.planning.auction.engine import Auction
from aidline.planning.exact import solve_exactly
from aidline.planning.explain import explained
from aidline.planning.options import PlanOptions
from aidline.planning.search import Search, start_search
from aidline.situation.situation import Settings, Situation
from aidline.supply.usage import usage_table

START = dt.date(2027, 3, 2)
DAYS = 6


def date(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def rows(columns: str, *lines: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=columns.split(), orient="row", infer_schema_length=None)


def world(**replaced: pl.DataFrame) -> Situation:
    """Two areas that eat 10 t a day each, plenty of goods and of trucks, one port."""
    tables = {
        "areas": rows("area_id name", ("A1", "Bay"), ("A2", "Hill")),
        "items": rows(
            "item_id name need_group kind weight_kg volume_m3 per_person hold_days",
            ("food", "Food", "food", "daily", 1.0, 0.002, 1.0, 1),
        ),
        "places": rows(
            "place_id name kind",
            ("WH", "Warehouse", "depot"),
            ("PORT", "Port", "port"),
        ),
        "stock": rows("lot_id place_id item_id quantity", ("LOT", "WH", "food", 200_000.0)),
        "vehicle_classes": rows(
            "class_id name profile payload_t volume_m3 load_h unload_h",
            ("big", "Truck of 10 t", "truck", 10.0, 40.0, 1.0, 1.0),
        ),
        "fleets": rows(
            "fleet_id place_id class_id vehicles hours_per_day", ("F1", "WH", "big", 9.0, 10.0)
        ),
        "crossings": rows("place_id slots_per_day", ("PORT", 1.0)),
        "travel_times": rows(
            "from_id to_id class_id date status travel_h",
            ("WH", "A1", None, None, "open", 3.0),
            ("WH", "A2", None, None, "open", 4.0),
            ("PORT", "WH", None, None, "open", 6.0),
        ),
        "needs": rows(
            "area_id item_id date people quantity",
            ("A1", "food", date(0), 10_000.0, 10_000.0),
            ("A2", "food", date(0), 10_000.0, 10_000.0),
        ),
    }
    return Situation.of(Settings("Test", START, DAYS), {**tables, **replaced})


class Solved(NamedTuple):
    """The optimum of a situation, and what is said about it."""

    search: Search
    auction: Auction
    tables: dict[str, pl.DataFrame]
    explained: dict[str, pl.DataFrame]

    def causes(self, area: str) -> list[dict[str, Any]]:
        """Reasons of an area, in order."""
        rows = self.explained["reasons"].filter(pl.col("area_id") == area)
        return rows.sort("item_id", "rank").to_dicts()

    def on_board(self, resource: str, at: str) -> dict[str, Any]:
        """The row of the board for a limit."""
        return self.explained["bottlenecks"].filter(resource=resource, at_id=at).row(0, named=True)


def optimum(situation: Situation) -> tuple[Search, Auction]:
    """Solve the linear relaxation of a situation to optimality."""
    options = PlanOptions(method="exact", whole_truck_days=0)
    search = start_search(situation, options)
    auction = Auction(search.problem, search.rows)
    for _ in range(20):
        auction.sweep()
    bound = solve_exactly(auction, gap=1e-6, deadline=time.perf_counter() + 20)
    search.raise_bound(bound)
    return search, auction


def solved(situation: Situation) -> Solved:
    """Solve a situation and explain the optimum."""
    search, auction = optimum(situation)
    search.offer(auction, auction.prices)
    assert search.best is not None, search.rejected
    assert search.bound is not None
    prices = search.bound.prices
    tables = dict(search.best.tables)
    tables["usage"] = usage_table(search.problem, search.rows, tables, prices)
    said = explained(auction, prices, tables, situation, solve_again=True)
    return Solved(search, auction, tables, said)
