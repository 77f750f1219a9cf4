"""Small worlds for the tests of the roads."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from aidline.situation.situation import Settings, Situation

START = dt.date(2027, 3, 1)
STEP = 0.01  # degrees between the nodes of a grid: 1.1 km at the equator


def line(*points: tuple[float, float]) -> str:
    """Return a line as well-known text."""
    return "LINESTRING(" + ",".join(f"{x} {y}" for x, y in points) + ")"


def roads(rows: dict[str, str], **columns: list[object]) -> pl.DataFrame:
    """Return road segments from code -> line, with further columns."""
    return pl.DataFrame({"segment_id": list(rows), "geometry": list(rows.values()), **columns})


def grid(side: int) -> dict[str, str]:
    """Return a square grid of roads, one segment per edge: H-<x>-<y> and V-<x>-<y>."""
    lines = {}
    for x in range(side):
        for y in range(side):
            at = (x * STEP, y * STEP)
            if x + 1 < side:
                lines[f"H-{x}-{y}"] = line(at, (at[0] + STEP, at[1]))
            if y + 1 < side:
                lines[f"V-{x}-{y}"] = line(at, (at[0], at[1] + STEP))
    return lines


def grid_world(side: int, areas: int, depots: int, days: int = 5, seed: int = 0) -> Situation:
    """Return a grid with areas and depots at random and new closures each day."""
    rng = np.random.default_rng(seed)
    lines = grid(side)
    codes = sorted(lines)
    kinds = rng.choice(["primary", "tertiary", "track"], len(codes))
    table = roads({c: lines[c] for c in codes}, road_class=kinds.tolist())
    points = rng.uniform(0, (side - 1) * STEP, (areas + depots, 2))
    shut = rng.choice(codes, (days, max(1, len(codes) // 50)))
    status = pl.concat(
        [
            pl.DataFrame({"segment_id": sorted(set(row.tolist()))}).with_columns(
                date=pl.lit(START + dt.timedelta(days=day)),
                status=pl.lit("closed"),
                cause=pl.lit("landslide"),
            )
            for day, row in enumerate(shut)
        ]
    )
    return Situation.of(
        Settings(start_date=START, days=days),
        {
            "road_segments": table,
            "road_status": status,
            "areas": pl.DataFrame(
                {
                    "area_id": [f"A{i:04d}" for i in range(areas)],
                    "longitude": points[:areas, 0],
                    "latitude": points[:areas, 1],
                }
            ),
            "places": pl.DataFrame(
                {
                    "place_id": [f"D{i:02d}" for i in range(depots)],
                    "kind": ["depot"] * depots,
                    "longitude": points[areas:, 0],
                    "latitude": points[areas:, 1],
                }
            ),
            "vehicle_classes": pl.DataFrame(
                {
                    "class_id": ["big", "small", "cross", "bus"],
                    "profile": ["truck", "light_truck", "4x4", "bus"],
                    "payload_t": [10.0, 3.5, 1.0, 1.0],
                    "volume_m3": [40.0, 15.0, 5.0, 5.0],
                }
            ),
        },
    )
