"""Layers of areas, places and roads: GeoPackage, GeoJSON and shapefiles, read in the sandbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.formats.findings import Findings
from aidline.formats.grid import BOOL, DATE, NUMBER, TEXT, Grid
from aidline.formats.sandbox import run_sandboxed

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.formats.sheet import Hints

_LETTERS = {"F": "yes", "T": "reverse", "B": "no"}
"""Directions in layers cut from OSM by Geofabrik: with the line, against it, both."""
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}(T00:00:00Z?)?$")


def read_layers(path: Path, hints: Hints) -> tuple[list[Grid], pl.DataFrame]:
    """Return the layers of a file as sheets, and problems with their shapes.

    Each attribute is a column; shapes come as well-known text in degrees in the column
    "geometry", with a point inside as "latitude" and "longitude" where the layer has no
    such attributes. Features are counted from 1. Polygons that cross themselves are
    repaired, wrongly nested ones read as they are nested, both with a warning.

    Raises
    ------
    FormatError
        It cannot be read, or has no known coordinate system.
    """
    answer = run_sandboxed("layers", path, epsg=hints.epsg)
    findings = Findings()
    grids = []
    several = len(answer["layers"]) > 1
    for layer in answer["layers"]:
        name = layer["name"] if several or layer["name"] != path.stem else ""
        for feature, level, rule, found, expected, mend in layer["problems"]:
            findings.add(
                level,
                rule,
                file=path.name,
                sheet=name,
                row=feature or None,
                column="geometry",
                found=found,
                expected=expected,
                mend=mend,
            )
        coded = hints.columns.get("road_segments", {}).get("segment_id", "")
        grids.append(_grid(path.name, name, layer, coded))
    return grids, findings.table()


def _grid(file: str, name: str, layer: dict[str, Any], coded: str) -> Grid:
    """Lay a layer out as a sheet; lines are numbered unless a column (or `coded`) has a code."""
    columns = [(c["name"], *_cells(_directions(c))) for c in layer["columns"]]
    lower = {name.lower() for name, _, _ in columns}
    if "geometry" not in lower and layer["dimensions"] != [0]:
        columns.append(("geometry", *_cells(layer["wkt"])))
    if layer["dimensions"] == [0] and not lower & {"latitude", "lat"}:
        points = layer["points"]
        columns.append(("longitude", *_cells([p and p[0] for p in points])))
        columns.append(("latitude", *_cells([p and p[1] for p in points])))
    if layer["dimensions"] == [1] and not any(
        n == coded.lower() or re.search(r"segment|osm.?way|^way$", n) for n in lower
    ):
        columns.insert(
            0, ("segment_id", *_cells([str(i) for i in range(1, layer["features"] + 1)]))
        )
    return Grid(
        file,
        name,
        pl.DataFrame(
            {str(i): pl.concat([pl.Series([n]), text]) for i, (n, text, _) in enumerate(columns)}
        ),
        pl.DataFrame(
            {
                str(i): pl.concat([pl.Series([TEXT], dtype=pl.UInt8), kind])
                for i, (_, _, kind) in enumerate(columns)
            }
        ),
        first_row=0,
    )


def _directions(column: dict[str, Any]) -> list[Any]:
    """Return the values of a column; one-way letters are put into words."""
    values: list[Any] = column["values"]
    said = {v for v in values if v is not None}
    if column["name"].lower() != "oneway" or "B" not in said or not said <= set(_LETTERS):
        return values
    return [v and _LETTERS[v] for v in values]


def _cells(values: list[Any]) -> tuple[pl.Series, pl.Series]:
    """Return text and kinds of attribute values."""
    texts: list[str | None] = []
    kinds: list[int] = []
    for value in values:
        text, kind = _cell(value)
        texts.append(text)
        kinds.append(kind)
    return pl.Series(texts, dtype=pl.String), pl.Series(kinds, dtype=pl.UInt8)


def _cell(value: Any) -> tuple[str | None, int]:
    if value is None:
        return None, TEXT
    if isinstance(value, str):
        return (value[:10], DATE) if _DATE.match(value) else (value, TEXT)
    if isinstance(value, bool):
        return ("true" if value else "false"), BOOL
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), NUMBER
    return repr(value), NUMBER
