"""Random crises, and feasible plans for them by a tiny greedy constructor of our own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from plan_world import DAYS, START, counted, date, record, rows

from aidline.plan.plan import Plan
from aidline.plan.tables import PLAN_BY_NAME
from aidline.situation.situation import Settings, Situation

PAYLOAD, ROOM, SHIFT = 5.0, 20.0, 9.0
TRUCK_T, TRUCK_M3, PIPED = 10.0, 40.0, 500_000.0


WEIGHT, VOLUME = {"ration": 1.0, "tent": 40.0}, {"ration": 0.002, "tent": 0.25}
LOAD_H = 1.25


@dataclass
class Made:
    """A random crisis of direct lanes, and a greedy plan for it."""

    situation: Situation
    plan: Plan


class Greedy:
    """Sends a truck wherever one is free, and uses what it brings on the day it comes."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.areas = [f"A{i}" for i in range(int(rng.integers(1, 5)))]
        self.places = [f"P{i}" for i in range(int(rng.integers(1, 3)))]
        lanes = [(p, a) for p in self.places for a in self.areas]
        self.travel = {lane: float(rng.choice([0.5, 2.0, 6.3, 11.0, 17.0])) for lane in lanes}
        self.need = {a: float(rng.integers(50, 2000)) for a in self.areas}
        self.once = {a: float(rng.integers(50, 900)) for a in self.areas}
        self.trucks = {p: float(rng.integers(1, 4)) for p in self.places}
        self.stock = {(p, i): float(rng.integers(0, 9000)) for p in self.places for i in WEIGHT}
        self.hours = {p: [n * SHIFT] * DAYS for p, n in self.trucks.items()}
        self.left = dict(self.stock)
        self.open_need = {(a, d): n for a, n in self.need.items() for d in range(DAYS)}
        self.open_once = dict(self.once)
        self.lines: dict[str, list[tuple[Any, ...]]] = {
            table: [] for table in ("trips", "loads", "deliveries")
        }
        for day in range(DAYS):
            for at in rng.permutation(len(lanes)):
                self.send(day, *lanes[at])
        self.slots = float(rng.choice([0.5, 1.0, 3.0]))
        passed = rng.uniform(0.1, 1.0, DAYS) * self.slots * TRUCK_T * 1000
        self.lines["transfers"] = [
            (day, "PORT", "P0", "ration", "PIPE", float(q), day + 1) for day, q in enumerate(passed)
        ]

    def stocks(self) -> list[tuple[Any, ...]]:
        """Rows of the table stocks: what came less what left, by plain loops."""
        held = {**self.stock, ("PORT", "ration"): PIPED}
        found = []
        for day in range(DAYS):
            for at, place, _, _, item, _, q, _ in self.lines["deliveries"]:
                held[place, item] -= q if at == day else 0.0
            for at, port, place, item, _, q, arrive in self.lines["transfers"]:
                held[port, item] -= q if at == day else 0.0
                held[place, item] += q if arrive == day else 0.0
            found += [(day, *key, max(0.0, q)) for key, q in held.items()]
        return found

    def usage(self) -> list[tuple[Any, ...]]:
        """Rows of the table usage: truck-hours and slots, by plain loops."""
        hours = [
            ("truck_hours", p, "T", day, n * SHIFT, n * SHIFT - self.hours[p][day], 0.0)
            for p, n in self.trucks.items()
            for day in range(DAYS)
        ]
        slots = [
            ("crossing_slots", "PORT", None, day, self.slots, q / 1000 / TRUCK_T, 0.0)
            for day, *_, q, _ in self.lines["transfers"]
        ]
        return hours + slots

    def send(self, day: int, place: str, area: str) -> None:
        """Send one truck, when there is one, and something to send."""
        out = LOAD_H + self.travel[place, area]
        arrive = day + max(0, math.ceil(out / SHIFT - 1e-9) - 1)
        spent = [min(SHIFT, max(0.0, 2 * out - SHIFT * k)) for k in range(DAYS - day)]
        free = all(self.hours[place][day + k] >= h for k, h in enumerate(spent))
        if arrive >= DAYS or not free:
            return
        load = {
            "ration": min(self.open_need[area, arrive], self.left[place, "ration"], 4000.0),
            "tent": min(self.open_once[area], self.left[place, "tent"], 90.0),
        }
        t = sum(q * WEIGHT[i] for i, q in load.items()) / 1000
        m3 = sum(q * VOLUME[i] for i, q in load.items())
        fill = max(1.0, t / PAYLOAD, m3 / ROOM)
        if t == 0:
            return
        for k, h in enumerate(spent):
            self.hours[place][day + k] -= h
        trip = (day, place, area, "T", place, 1.0, 2 * out, arrive, t / fill, m3 / fill)
        self.lines["trips"].append(trip)
        for item, wish in load.items():
            if wish == 0:
                continue
            q = wish / fill
            self.lines["loads"].append((day, place, area, "T", item, q))
            lot = f"{place}-{item}"
            self.lines["deliveries"].append((day, place, None, area, item, lot, q, arrive))
            self.left[place, item] -= q
        self.open_need[area, arrive] -= load["ration"] / fill
        self.open_once[area] -= load["tent"] / fill

    def situation(self) -> Situation:
        """The crisis as a situation."""
        needs = [
            (a, item, date(0), None, n, n)
            for item, of in (("ration", self.need), ("tent", self.once))
            for a, n in of.items()
        ]
        items = [
            ("ration", "food", "daily", 1.0, 0.002, 0),
            ("tent", "shelter", "once", 40.0, 0.25, 0),
        ]
        truck = ("T", "truck", PAYLOAD, ROOM, LOAD_H, LOAD_H)
        fleets = [(p, p, "T", n, SHIFT) for p, n in self.trucks.items()]
        stock = [(f"{p}-{i}", p, i, q) for (p, i), q in self.stock.items()]
        ways = [("PORT", "P0", 6.0), *((p, a, h) for (p, a), h in self.travel.items())]
        tables = {
            "areas": rows("area_id", *((a,) for a in self.areas)),
            "places": rows("place_id kind", ("PORT", "port"), *((p, "depot") for p in self.places)),
            "crossings": rows(
                "place_id slots_per_day truck_payload_t truck_volume_m3",
                ("PORT", self.slots, TRUCK_T, TRUCK_M3),
            ),
            "arrivals": rows(
                "arrival_id place_id item_id quantity eta", ("PIPE", "PORT", "ration", PIPED, START)
            ),
            "items": rows("item_id need_group kind weight_kg volume_m3 hold_days", *items),
            "vehicle_classes": rows("class_id profile payload_t volume_m3 load_h unload_h", truck),
            "fleets": rows("fleet_id place_id class_id vehicles hours_per_day", *fleets),
            "stock": rows("lot_id place_id item_id quantity", *stock),
            "travel_times": rows("from_id to_id travel_h", *ways),
            "needs": rows("area_id item_id date until people quantity", *needs),
        }
        return Situation.of(Settings("Random", START, DAYS), tables)


def made(seed: int) -> Made:
    """A random crisis and its greedy plan."""
    greedy = Greedy(seed)
    situation = greedy.situation()
    greedy.lines |= {"stocks": greedy.stocks(), "usage": greedy.usage()}
    frames = {
        name: pl.DataFrame(lines, schema=PLAN_BY_NAME[name].schema, orient="row")
        for name, lines in greedy.lines.items()
    }
    uses = (
        frames["deliveries"]
        .group_by("area_id", "item_id", day="arrive_day")
        .agg(pl.col("quantity").sum())
        .with_columns(from_item_id="item_id")
    )
    truth = counted(situation, uses, {"tent"}, {"ration": "food", "tent": "shelter"})
    return Made(situation, Plan.of(record(), {**frames, "uses": uses, **truth}))
