"""Check of need rows: whole columns against one pydantic model per row.

Both sides start from typed rows in their own form in memory (a Polars frame; a list of
dictionaries) and apply the same rules to the rows: required cells, ranges, figures that are
finite, codes that must be known, dates in order, low and high ends, each key once. A second
line for each size is the whole check with the expert's questions of
`aidline.situation.semantics`, which the row models do not ask.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, model_validator

from aidline.situation.check import check_frames, check_specs
from aidline.situation.situation import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START = dt.date(2027, 1, 1)
ITEMS, DAYS = 20, 30
AREAS = {"S": 5, "M": 50, "L": 500}
LIMIT_S, RATIO, TURNS = 0.5, 15.0, 4

Figure = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class NeedRow(BaseModel):
    """The same rules as a pydantic model of one row."""

    model_config = ConfigDict(extra="forbid", strict=True)

    area_id: str = Field(min_length=1)
    item_id: str = Field(min_length=1)
    date: dt.date | None = None
    until: dt.date | None = None
    people: Figure | None = None
    quantity: Figure | None = None
    quantity_low: Figure | None = None
    quantity_high: Figure | None = None
    source_id: str | None = None

    @model_validator(mode="after")
    def follows_the_rules(self, info: ValidationInfo) -> NeedRow:
        """Known codes, dates and ends in order, key not seen before."""
        known: dict[str, Any] = info.context or {}
        if self.area_id not in known["areas"] or self.item_id not in known["items"]:
            raise ValueError("unknown code")
        if self.date is not None and self.until is not None and self.until < self.date:
            raise ValueError("until before date")
        if self.quantity is not None:
            if self.quantity_low is not None and self.quantity_low > self.quantity:
                raise ValueError("low end above the figure")
            if self.quantity_high is not None and self.quantity_high < self.quantity:
                raise ValueError("high end below the figure")
        key = (self.area_id, self.item_id, self.date)
        if key in known["seen"]:
            raise ValueError("key twice")
        known["seen"].add(key)
        return self


def frames_of(areas: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Return tables with areas × 20 items × 30 days need rows, in random order."""
    rng = np.random.default_rng(seed)
    area_ids = [f"AR-{i:05d}" for i in range(areas)]
    item_ids = [f"item_{i:02d}" for i in range(ITEMS)]
    n = areas * ITEMS * DAYS
    days = np.tile(np.arange(DAYS), areas * ITEMS)
    date = (np.datetime64(START, "D") + days).astype("datetime64[D]")
    quantity = rng.uniform(850, 950, n)
    needs = pl.DataFrame(
        {
            "area_id": np.repeat(area_ids, ITEMS * DAYS),
            "item_id": np.tile(np.repeat(item_ids, DAYS), areas),
            "date": date,
            "until": date,
            "people": np.full(n, 900.0),
            "quantity": quantity,
            "quantity_low": quantity * 0.8,
            "quantity_high": quantity * 1.2,
        }
    )
    return {
        "areas": pl.DataFrame(
            {
                "area_id": area_ids,
                "latitude": rng.uniform(10, 12, areas),
                "longitude": rng.uniform(30, 33, areas),
            }
        ),
        "population": pl.DataFrame({"area_id": area_ids, "people": 1000.0 + np.arange(areas)}),
        "items": pl.DataFrame(
            {
                "item_id": item_ids,
                "need_group": ["food"] * ITEMS,
                "kind": ["daily"] * ITEMS,
                "per_person": [1.0] * ITEMS,
                "weight_kg": [0.6] * ITEMS,
                "volume_m3": [0.001] * ITEMS,
            }
        ),
        "places": pl.DataFrame(
            {"place_id": ["WH-1"], "kind": ["depot"], "latitude": [11.0], "longitude": [31.0]}
        ),
        "stock": pl.DataFrame(
            {
                "lot_id": [f"L{i}" for i in range(ITEMS)],
                "place_id": ["WH-1"] * ITEMS,
                "item_id": item_ids,
                "quantity": [1e5] * ITEMS,
            }
        ),
        "vehicle_classes": pl.DataFrame(
            {"class_id": ["t"], "profile": ["truck"], "payload_t": [10.0], "volume_m3": [40.0]}
        ),
        "fleets": pl.DataFrame(
            {"fleet_id": ["F1"], "place_id": ["WH-1"], "class_id": ["t"], "vehicles": [9.0]}
        ),
        "needs": needs.sample(fraction=1.0, shuffle=True, seed=seed),
    }


def run(sizes: Sequence[str]) -> list[dict[str, Any]]:
    """Measure both ways side by side, in turns.

    Parameters
    ----------
    sizes
        Any of S (3,000 rows), M (30,000) and L (300,000); others are left out.
    """
    return [row for size in sizes if size in AREAS for row in _compare(AREAS[size])]


def _compare(areas: int) -> list[dict[str, Any]]:
    settings = Settings(start_date=START, days=DAYS)
    model = TypeAdapter(list[NeedRow])
    frames = frames_of(areas)
    dicts = frames["needs"].to_dicts()
    known = {"areas": set(frames["areas"]["area_id"]), "items": set(frames["items"]["item_id"])}
    assert check_frames(frames, settings).is_empty(), "the rows must be sound"
    ways: dict[str, Callable[[], object]] = {
        "the same rules": lambda: check_specs(frames, settings),
        "with the expert's questions": lambda: check_frames(frames, settings),
        "pydantic": lambda: model.validate_python(dicts, context={**known, "seen": set()}),
    }
    spent = {name: min(turn) for name, turn in _in_turns(ways, TURNS).items()}
    other = spent.pop("pydantic")
    full = areas == max(AREAS.values())
    return [
        {
            "bench": "check_rows",
            "size": f"{len(dicts)} need rows",
            "what": f"check of every row, {name}",
            "ours_s": round(ours, 4),
            "other": "pydantic, one model per row",
            "other_s": round(other, 4),
            "ratio": round(other / ours, 1),
            "target": f"<= {LIMIT_S} s, >= {RATIO:g} x" if full else "",
            "met": (ours <= LIMIT_S and other / ours >= RATIO) if full else None,
            "note": f"best of {TURNS} turns",
        }
        for name, ours in spent.items()
    ]


def _in_turns(ways: Mapping[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, work in ways.items():
            start = time.perf_counter()
            work()
            spent[name].append(time.perf_counter() - start)
    return spent


if __name__ == "__main__":
    for row in run(tuple(AREAS)):
        print(json.dumps(row))
