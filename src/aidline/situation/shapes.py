"""Checks on outlines and lines: well-known text that can be read, in degrees, and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.situation.problems import problems_of

if TYPE_CHECKING:
    from aidline.situation.schema import Table

SHOWN = 60
"""Letters of a text that are shown."""


def check_shapes(spec: Table, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the problems of the columns that hold well-known text.

    Parameters
    ----------
    spec
        What the table should be.
    frame
        Rows with the columns of `problems.ORIGIN`.
    """
    columns = [c.name for c in spec.columns if c.kind == "wkt"]
    return [part for name in columns for part in _check_column(frame, name)]


def _check_column(frame: pl.DataFrame, name: str) -> list[pl.DataFrame]:
    import shapely

    rows = frame.filter(pl.col(name).is_not_null())
    if rows.is_empty():
        return []
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkt(rows[name].to_numpy(), on_invalid="ignore")
        bounds = shapely.bounds(shapes)
        sound = shapely.is_valid(shapes)
    readable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    limits = np.array([180.0, 90.0, 180.0, 90.0])
    inside = np.all(np.abs(np.nan_to_num(bounds, nan=np.inf)) <= limits, axis=1)
    start = pl.col(name).str.slice(0, SHOWN)
    return [
        problems_of(
            rows.filter(~readable),
            "error",
            "wkt",
            column=name,
            found=start,
            expected="well-known text such as LINESTRING(-61.38 12.43,-61.36 12.45)",
            mend="Export the shape again as WKT, or leave the cell empty.",
        ),
        problems_of(
            rows.filter(readable & ~inside),
            "error",
            "wkt-degrees",
            column=name,
            found=start,
            expected="degrees, longitude first (EPSG:4326)",
            mend="Export it again in EPSG:4326; metres of a national grid are not understood here.",
        ),
        problems_of(
            rows.filter(readable & inside & ~sound),
            "warning",
            "wkt-crossing",
            column=name,
            found=start,
            expected="an outline that does not cross itself",
            mend="Repair the outline in a GIS (check and fix geometries).",
        ),
    ]
