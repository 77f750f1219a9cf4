"""Vehicle profiles: how fast which vehicle is on which road, and what it weighs.

All figures stand in `aidline/data/standards/speeds.csv`, every one marked as an assumption
until somebody measures it. The speed of a profile on a road is

    speed(class, surface) of a loaded truck × ratio(profile, surface)

or, where the segment says how fast a loaded truck is on it, that speed × the ratio.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.situation.defaults import Default
from aidline.situation.tables import PROFILES, ROAD_CLASSES, SURFACES

if TYPE_CHECKING:
    from aidline.network.roads import Segments
    from aidline.situation.defaults import Ledger

HEAVY_GOODS = frozenset({"heavy_truck", "truck"})
"""Profiles that `hgv=no` shuts out (goods vehicles above 3.5 t on heavy chassis)."""


@cache
def figures() -> dict[str, Default]:
    """Return the road figures by code."""
    text = (files("aidline") / "data" / "standards" / "speeds.csv").read_bytes()
    rows = pl.read_csv(text, infer_schema=False)
    return {
        row["default_id"]: Default(
            row["default_id"],
            float(row["value"]),
            row["unit"],
            row["status"],
            " ".join(p for p in (row["source"], row["edition_year"]) if p),
            row["meaning"],
        )
        for row in rows.iter_rows(named=True)
    }


def take(code: str, ledger: Ledger | None, used_for: str = "") -> float:
    """Return a road figure and note its use.

    Parameters
    ----------
    code
        Code of the figure in `speeds.csv`.
    ledger
        Where the use is noted; None where nothing is planned with it (drawing, checks).
    used_for
        What it is used for, in words.
    """
    figure = figures()[code]
    return ledger.note(figure, used_for) if ledger is not None else figure.value


@cache
def free_speed_kmh() -> np.ndarray:
    """Speed of a loaded truck in km/h, [road class, surface], in the order of the code lists."""
    return np.array(
        [[figures()[f"speed.{c}.{s}"].value for s in SURFACES] for c in ROAD_CLASSES], np.float64
    )


@cache
def speed_ratio(profile: str) -> np.ndarray:
    """Speed of a profile against a loaded truck, [surface]."""
    if profile not in PROFILES:
        profile = "truck"
    return np.array([figures()[f"profile.{profile}.{s}"].value for s in SURFACES], np.float64)


def gross_t(profile: str, given: float | None, ledger: Ledger | None, class_id: str) -> float:
    """Return the gross weight of a vehicle class in tonnes.

    Parameters
    ----------
    profile
        Profile of the class.
    given
        What the situation says, None where it says nothing.
    ledger, class_id
        Where and for what the default is noted.
    """
    return given if given is not None else take(f"gross.{profile}", ledger, f"class {class_id}")


def note_roads(segments: Segments, profiles: list[str], ledger: Ledger) -> None:
    """Note every assumed speed that a network rests on, once per class and surface.

    Parameters
    ----------
    segments
        Segments that say how fast they are rest on no assumed speed.
    profiles
        Profiles of the vehicles that drive.
    """
    silent = segments.speed_kmh == 0
    pairs = np.unique(segments.road_class[silent].astype(np.int64) * 100 + segments.surface[silent])
    for pair in pairs.tolist():
        code = f"speed.{ROAD_CLASSES[pair // 100]}.{SURFACES[pair % 100]}"
        take(code, ledger, "speeds on roads")
    for profile in profiles:
        for surface in np.unique(segments.surface).tolist():
            take(f"profile.{profile}.{SURFACES[surface]}", ledger, "speeds on roads")
