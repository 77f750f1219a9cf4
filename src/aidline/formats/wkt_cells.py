"""Outlines and lines as well-known text: checked, repaired where that is safe."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import shapely

from aidline.formats.cells import Cells, Parsed, scatter
from aidline.formats.findings import Finding

_KINDS = re.compile(
    r"^\s*(?:SRID=4326;)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON))\s*(?:Z|M|ZM)?\s*\(",
    re.IGNORECASE,
)
_LARGEST = 8_000_000  # characters: some 400,000 points
_FARTHEST = 1e15
_DEEPEST = 4  # brackets; a multipolygon has three


def parse_wkt(cells: Cells) -> Parsed:
    """Return well-known text whose coordinates are finite degrees and whose rings are sound.

    Polygons that cross themselves are repaired, with a warning; coordinates outside the
    globe, and latitude before longitude where that shows, are errors.
    """
    rows = cells.where(cells.text.is_not_null())
    findings: list[Finding] = []
    drop: list[int] = []
    safe: list[tuple[int, str]] = []
    for index, text in rows:
        if _KINDS.match(text) and len(text) <= _LARGEST and _depth(text) <= _DEEPEST:
            safe.append((index, text))
        else:
            drop.append(index)
            findings.append(_unreadable(index, text))
    plain = [re.sub(r"^\s*SRID=4326;", "", t, flags=re.IGNORECASE) for _, t in safe]
    with np.errstate(all="ignore"):
        shapes = shapely.from_wkt(np.array(plain, dtype=object), on_invalid="ignore")
    mended: list[tuple[int, object]] = []
    for i in np.flatnonzero(~_sound(shapes)).tolist():
        (index, text), shape = safe[i], shapes[i]
        finding, new = check_shape(index, shape, text)
        if finding:
            findings.append(finding)
        if new is None:
            drop.append(index)
        elif new is not shape:
            mended.append((index, to_wkt(new)))
    values = scatter(cells.text, [(i, None) for i in drop])
    return Parsed(scatter(values, mended).cast(pl.String), findings)


def _sound(shapes: np.ndarray) -> np.ndarray:
    """Say of all shapes at once which have nothing wrong with them; most have not."""
    sound: np.ndarray = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    with np.errstate(invalid="ignore"):
        sound[owner[~(np.abs(xy) <= (180, 90)).all(axis=1)]] = False
    sound[sound] = shapely.is_valid(shapes[sound])
    return sound


def check_shape(
    index: int, shape: shapely.Geometry | None, shown: str
) -> tuple[Finding | None, shapely.Geometry | None]:
    """Return what is wrong with a shape in degrees, and the shape (repaired, or None)."""
    if shape is None or shape.is_empty:
        return _unreadable(index, shown), None
    points = shapely.get_coordinates(shape)
    if not is_finite(points):
        return Finding(
            index,
            "infinite-coordinate",
            shown,
            "finite coordinates",
            "write longitude and latitude in degrees",
        ), None
    x, y = points[:, 0], points[:, 1]
    if (np.abs(x) > 180).any() or (np.abs(y) > 90).any():
        swapped = (np.abs(x) <= 90).all() and (np.abs(y) <= 180).all()
        mend = (
            "latitude and longitude are exchanged: longitude comes first"
            if swapped
            else ("these are no degrees: give the coordinate system (epsg = ... in situation.toml)")
        )
        return Finding(
            index, "coordinates", shown, "longitude -180 to 180, latitude -90 to 90", mend
        ), None
    if shapely.is_valid(shape):
        return None, shape
    why = shapely.is_valid_reason(shape)
    repaired = _same_kind(shapely.make_valid(shape), shape)
    if repaired is None or repaired.is_empty:
        return Finding(
            index,
            "broken-shape",
            shown,
            "rings that do not cross themselves",
            f"{why}: draw it again",
        ), None
    return Finding(
        index,
        "repaired-shape",
        shown,
        "rings that do not cross themselves",
        f"{why}: it was repaired; look at it on the map",
        "warning",
    ), repaired


def is_finite(coordinates: np.ndarray) -> bool:
    """Tell whether all coordinates are finite; the largest float stands for infinity too."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(coordinates) < _FARTHEST).all())


def _same_kind(shape: shapely.Geometry, like: shapely.Geometry) -> shapely.Geometry | None:
    """Return only the parts of the same dimension (areas of an area)."""
    dimension = shapely.get_dimensions(like)
    parts = [
        p
        for p in shapely.get_parts(shape, return_index=False)
        if shapely.get_dimensions(p) == dimension
    ]
    flat = [q for p in parts for q in shapely.get_parts(p)]
    if not flat:
        return None
    return (
        flat[0]
        if len(flat) == 1
        else (shapely.multipolygons(flat) if dimension == 2 else shapely.multilinestrings(flat))
    )


def to_wkt(shape: shapely.Geometry) -> str:
    """Return well-known text with 7 decimals (about a centimetre)."""
    return str(shapely.to_wkt(shapely.force_2d(shape), rounding_precision=7, trim=True))


def _unreadable(index: int, text: str) -> Finding:
    return Finding(
        index,
        "wkt",
        text,
        "well-known text, such as POLYGON((-61.4 12.4, -61.3 12.4, -61.3 12.5, -61.4 12.4))",
        "write a POINT, LINESTRING or POLYGON, longitude first; rings must be closed",
    )


def _depth(text: str) -> int:
    deepest = level = 0
    for sign in re.findall(r"[()]", text):
        level += 1 if sign == "(" else -1
        deepest = max(deepest, level)
        if deepest > _DEEPEST:
            break
    return deepest
