"""Random little crises with most kinds of rules in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from small import (
    ARRIVALS,
    CLASSES,
    COMMITMENTS,
    CROSSINGS,
    FLEETS,
    ITEMS,
    NEEDS,
    PLACES,
    ROADS,
    START,
    STOCK,
    date,
    rows,
)

from aidline.situation.situation import Settings, Situation

WAYS = (0.5, 2.0, 3.7, 6.3, 11.0)


def random_world(seed: int, days: int = 4) -> Situation:
    """Two depots, a port, three areas, four goods, two truck classes; all figures at random."""
    rng = np.random.default_rng(seed)
    areas = ["A1", "A2", "A3"]
    roads: list[tuple[Any, ...]] = [
        (p, a, None, None, "open", float(rng.choice(WAYS))) for p in ("WH", "SUD") for a in areas
    ]
    roads += [
        ("WH", "SUD", None, None, "open", 3.0),
        ("PORT", "WH", None, None, "open", float(rng.choice(WAYS))),
        ("WH", str(rng.choice(areas)), "big", date(1), "closed", None),
    ]
    people = {a: float(rng.integers(500, 9000)) for a in areas}
    needs = [(a, "food", date(0), None, n, n) for a, n in people.items()]
    needs += [(a, "blanket", date(0), None, n, 0.4 * n) for a, n in people.items()]
    needs += [(a, "soap", date(1), None, n, 0.2 * n) for a, n in people.items()]
    tables = {
        "areas": rows("area_id priority", *((a, float(rng.integers(1, 3))) for a in areas)),
        "places": rows(PLACES, ("WH", "depot", False), ("SUD", "hub", True), ("PORT", "port")),
        "items": rows(
            ITEMS,
            ("food", "food", "daily", 1.0, 0.002, 1.0, int(rng.integers(0, 4))),
            ("blanket", "shelter", "once", 2.0, 0.01, 0.4, None),
            ("soap", "hygiene", "once", 0.4, 0.001, 0.2, None),
            ("kit", "household", "once", 6.0, 0.03, None, None),
        ),
        "kits": rows("kit_id item_id quantity", ("kit", "blanket", 2.0), ("kit", "soap", 3.0)),
        "stock": rows(
            STOCK,
            ("L1", "WH", None, "food", float(rng.integers(0, 30_000)), None, date(2)),
            ("L2", "SUD", None, "food", float(rng.integers(0, 30_000))),
            ("L3", "WH", None, "blanket", float(rng.integers(0, 4_000))),
            ("L4", "SUD", None, "kit", float(rng.integers(0, 1_000))),
            ("L5", None, "A1", "food", float(rng.integers(0, 2_000)), None, date(1)),
        ),
        "arrivals": rows(
            ARRIVALS, ("P1", "PORT", "food", float(rng.integers(5_000, 60_000)), date(0))
        ),
        "crossings": rows(CROSSINGS, ("PORT", float(rng.integers(1, 3)), *[None] * 3, 10.0, 40.0)),
        "vehicle_classes": rows(
            CLASSES, ("big", "truck", 10.0, 40.0, 1.0, 1.0), ("small", "4x4", 3.0, 15.0, 0.5, 0.5)
        ),
        "fleets": rows(
            FLEETS,
            ("F1", "WH", "big", float(rng.integers(1, 4)), 10.0),
            ("F2", "SUD", "small", float(rng.integers(1, 4)), 9.0),
        ),
        "travel_times": rows(ROADS, *roads),
        "needs": rows(NEEDS, *needs),
        "commitments": rows(
            COMMITMENTS,
            ("C1", "moving", "A2", "blanket", 200.0, date(1)),
            ("C2", "promised", "A3", "food", 150.0, date(2)),
        ),
    }
    if rng.random() < 0.5:
        tables["convoys"] = rows(
            "area_id date max_trucks", ("A3", date(1), 1.0), ("A3", date(3), 2.0)
        )
    return Situation.of(Settings(f"Random {seed}", START, days), tables)
