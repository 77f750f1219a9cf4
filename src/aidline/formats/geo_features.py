"""In the child process: the features of a layer as plain JSON.

GeoJSON is read by us, because GDAL drops features whose rings are nested one level too deep
and says nothing of infinite coordinates; what is too large for that, and everything else,
goes through GDAL.
"""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from aidline.errors import FormatError
from aidline.formats.wkt_cells import check_shape, is_finite, to_wkt

if TYPE_CHECKING:
    from pathlib import Path

MOST_JSON_BYTES = 60_000_000
MOST_FEATURES = 500_000
MOST_POINTS = 400_000
_DEPTH = {
    "Point": 1,
    "MultiPoint": 2,
    "LineString": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}
_DEGREES = {"EPSG:4326", "OGC:CRS84"}

Problem = tuple[int, str, str, str, str, str]
"""Feature (from 1; 0: the layer), level, rule, found, expected, mend."""


class Layer:
    """A layer on its way to plain JSON."""

    def __init__(self, name: str, crs: str | None, names: list[str]) -> None:
        self.name, self.crs, self.names = name, crs, names
        self.rows: list[list[Any]] = []
        self.shapes: list[shapely.Geometry | None] = []
        self.problems: list[Problem] = []
        self.nested: list[tuple[int, str, str]] = []

    def say(self, feature: int, level: str, rule: str, *words: str) -> None:
        """Add a problem; the words are what was found, what was expected, how to mend it."""
        found, expected, mend = words
        self.problems.append((feature, level, rule, found[:80], expected, mend))

    def as_json(self, epsg: int | None) -> dict[str, Any]:
        """Return the layer in degrees, its shapes checked and repaired."""
        shapes = self._in_degrees(epsg)
        texts: list[str | None] = []
        points: list[list[float] | None] = []
        kinds: set[int] = set()
        for number, shape in enumerate(shapes, start=1):
            good = self._checked(number, shape)
            texts.append(None if good is None else to_wkt(good))
            centre = None if good is None else shapely.point_on_surface(good)
            points.append(None if centre is None else [round(centre.x, 7), round(centre.y, 7)])
            if good is not None:
                kinds.add(int(shapely.get_dimensions(good)))
        columns = [
            {"name": n, "values": [_plain(row[i]) for row in self.rows]}
            for i, n in enumerate(self.names)
        ]
        return {
            "name": self.name,
            "columns": columns,
            "wkt": texts,
            "points": points,
            "dimensions": sorted(kinds),
            "problems": self.problems,
            "features": len(self.rows),
        }

    def _in_degrees(self, epsg: int | None) -> list[shapely.Geometry | None]:
        crs = self.crs or (f"EPSG:{epsg}" if epsg else None)
        if crs is None:
            if not _look_like_degrees(self.shapes):
                raise FormatError(
                    "the layer does not tell its coordinate system (no .prj): put epsg = 32629, or "
                    "whichever it is, into situation.toml",
                    sheet=self.name,
                )
            self.say(
                0,
                "warning",
                "no-coordinate-system",
                "none",
                "a coordinate system (.prj)",
                "its figures look like degrees and were read as such; look at it on the map",
            )
            return self.shapes
        if crs in _DEGREES:
            return self.shapes
        return _reproject(self.shapes, crs, self.name)

    def _checked(self, number: int, shape: shapely.Geometry | None) -> shapely.Geometry | None:
        if shape is None:
            if not any(p[0] == number for p in self.problems):
                self.say(
                    number,
                    "warning",
                    "no-shape",
                    "",
                    "a point, line or outline",
                    "draw it, or give latitude and longitude",
                )
            return None
        if shapely.get_num_coordinates(shape) > MOST_POINTS:
            self.say(
                number,
                "error",
                "shape-too-large",
                f"{shapely.get_num_coordinates(shape):,} points",
                f"at most {MOST_POINTS:,} points",
                "simplify the outline",
            )
            return None
        if shapely.get_type_id(shape) == 7:
            self.say(
                number,
                "error",
                "wkt",
                "a collection of shapes",
                "a point, line or outline",
                "split it",
            )
            return None
        finding, good = check_shape(0, shape, _short(shape))
        if finding:
            self.say(
                number, finding.level, finding.rule, finding.found, finding.expected, finding.mend
            )
        if good is not None and shapely.get_type_id(good) == 5:
            good = shapely.line_merge(good)
        return good


def parse_layers(path: Path, epsg: int | None) -> dict[str, Any]:
    """Return the layers of a file.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage or shapefile.
    epsg
        Coordinate system of layers that tell none.

    Raises
    ------
    FormatError
        It cannot be read, or a layer has no known coordinate system.
    """
    if path.suffix.lower() in {".gpkg", ".shp"} or path.stat().st_size > MOST_JSON_BYTES:
        layers = _by_gdal(path)
    else:
        layers = [_geojson(path)]
    return {"layers": [layer.as_json(epsg) for layer in layers]}


def _geojson(path: Path) -> Layer:
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except RecursionError as error:
        raise FormatError("the JSON is nested too deeply: export the layer again") from error
    except ValueError as error:
        raise FormatError(f"no valid JSON ({error}): was it copied whole?") from error
    if not isinstance(data, dict) or data.get("type") not in {"FeatureCollection", "Feature"}:
        kind = data.get("type") if isinstance(data, dict) else type(data).__name__
        raise FormatError(
            f"no GeoJSON feature collection (found {str(kind)[:40]}): export the layer as GeoJSON"
        )
    features = data.get("features", []) if data["type"] == "FeatureCollection" else [data]
    if not isinstance(features, list) or len(features) > MOST_FEATURES:
        raise FormatError(f"features must be a list of at most {MOST_FEATURES:,}: split the layer")
    features = [f if isinstance(f, dict) else {} for f in features]
    found = [f.get("properties") for f in features]
    properties: list[dict[str, Any]] = [p if isinstance(p, dict) else {} for p in found]
    names = list(dict.fromkeys(str(key) for p in properties for key in p))
    if len(names) > 2_000:
        raise FormatError(
            f"{len(names):,} properties are more than the 2,000 that a layer may have"
        )
    layer = Layer(path.stem, _crs_of(data.get("crs")), names)
    layer.rows = [[p.get(n) for n in names] for p in properties]
    layer.shapes = [_shape(layer, i, f.get("geometry")) for i, f in enumerate(features, start=1)]
    if layer.nested:
        number, said, nested = layer.nested[0]
        layer.say(
            number,
            "warning",
            "wrongly-nested",
            f"{said} nested as {nested} ({len(layer.nested)} features)",
            "the nesting of its type",
            "they were read as they are nested; export the layer again to be sure",
        )
    return layer


def _crs_of(member: Any) -> str:
    """Return the coordinate system of a GeoJSON file; without the old member it is degrees."""
    try:
        name = str(member["properties"]["name"])
    except (TypeError, KeyError):
        return "OGC:CRS84"
    if "CRS84" in name:
        return "OGC:CRS84"
    code = name.replace("::", ":").rsplit(":", 1)[-1]
    return f"EPSG:{code}" if code.isdigit() else name


def _shape(layer: Layer, number: int, geometry: Any) -> shapely.Geometry | None:
    if geometry is None:
        return None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in _DEPTH or not isinstance(coordinates, list):
        layer.say(number, "error", "wkt", str(kind), "a point, line or polygon", "draw it again")
        return None
    depth, wanted = _depth_of(coordinates), _DEPTH[kind]
    if depth != wanted and {kind, _kind_of(kind, depth)} <= {"Polygon", "MultiPolygon"}:
        layer.nested.append((number, kind, _kind_of(kind, depth)))
        kind = _kind_of(kind, depth)
    try:
        return _built(layer, number, kind, coordinates)
    except (ValueError, TypeError, IndexError, OverflowError, shapely.errors.ShapelyError) as error:
        layer.say(number, "error", "wkt", str(error), f"coordinates of a {kind}", "draw it again")
        return None


def _built(layer: Layer, number: int, kind: str, coordinates: list[Any]) -> shapely.Geometry | None:
    flat = np.array(_flatten(coordinates), dtype=float)
    if not is_finite(flat):
        layer.say(
            number,
            "error",
            "infinite-coordinate",
            f"{kind} with infinite coordinates",
            "finite coordinates",
            "give longitude and latitude in degrees",
        )
        return None
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind)
    if polygons is not None:
        closed = [[_closed(layer, number, ring) for ring in p] for p in polygons]
        made = [shapely.Polygon(p[0], p[1:]) for p in closed if p]
        return made[0] if len(made) == 1 else shapely.MultiPolygon(made)
    shape: shapely.Geometry = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    return shape


def _closed(layer: Layer, number: int, ring: list[Any]) -> list[Any]:
    ring = [p[:2] for p in ring]
    if ring and ring[0] != ring[-1]:
        layer.say(
            number,
            "warning",
            "open-ring",
            f"{ring[0]} to {ring[-1]}",
            "rings that end where they begin",
            "it was closed",
        )
        ring.append(ring[0])
    return ring


def _flatten(value: Any) -> list[float]:
    if isinstance(value, list):
        if value and not isinstance(value[0], list):
            return [float("nan") if v is None else float(v) for v in value[:2]]
        return [x for part in value for x in _flatten(part)]
    raise TypeError("coordinates must be lists of numbers")


def _depth_of(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and depth < 10:
        depth += 1
        value = value[0] if value else None
    return depth


def _kind_of(kind: str, depth: int) -> str:
    if kind.endswith("Polygon"):
        return {3: "Polygon", 4: "MultiPolygon"}.get(depth, "")
    return kind


def _by_gdal(path: Path) -> list[Layer]:
    for name in ("pandas", "geopandas", "pyarrow"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # pyogrio tries them: seconds
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        names = [(str(n), kind) for n, kind in pyogrio.list_layers(path)]
        if len(names) > 100:
            raise FormatError(f"{len(names)} layers are more than 100: split the file")
        return [
            _gdal_layer(path, name) for name, kind in names if kind is not None or len(names) == 1
        ]
    except (DataSourceError, RuntimeError) as error:
        beside = (
            " (a shapefile needs its .dbf and .shx beside it)"
            if path.suffix.lower() == ".shp"
            else ""
        )
        raise FormatError(f"no layer that can be read{beside}: {str(error)[:150]}") from error


def _gdal_layer(path: Path, name: str) -> Layer:
    from pyogrio.raw import read

    meta, _, wkb, fields = read(path, layer=name, max_features=MOST_FEATURES + 1)
    if wkb is not None and len(wkb) > MOST_FEATURES:
        raise FormatError(f"more than {MOST_FEATURES:,} features: split the layer", sheet=name)
    layer = Layer(name, meta["crs"], [str(n) for n in meta["fields"]])
    layer.rows = [list(row) for row in zip(*fields, strict=True)] if fields else [[] for _ in wkb]
    layer.shapes = (
        list(shapely.from_wkb(wkb, on_invalid="ignore"))
        if wkb is not None
        else [None] * len(layer.rows)
    )
    return layer


def _look_like_degrees(shapes: list[shapely.Geometry | None]) -> bool:
    points = shapely.get_coordinates([s for s in shapes if s is not None])
    points = points[np.isfinite(points).all(axis=1)]
    return len(points) > 0 and bool(
        (np.abs(points[:, 0]) <= 180).all() and (np.abs(points[:, 1]) <= 90).all()
    )


def _reproject(
    shapes: list[shapely.Geometry | None], crs: str, name: str
) -> list[shapely.Geometry | None]:
    import pyproj

    try:
        system = pyproj.CRS.from_user_input(crs)
        if system.is_geographic and system.to_epsg() == 4326:
            return shapes
        transformer = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise FormatError(
            f"unknown coordinate system {crs[:60]}: export the layer in EPSG:4326", sheet=name
        ) from error

    def turn(points: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return [None if s is None else shapely.transform(s, turn) for s in shapes]


def _short(shape: shapely.Geometry) -> str:
    box = ", ".join(f"{v:g}" for v in shapely.bounds(shape))
    return f"{shape.geom_type} within {box}"


def _plain(value: Any) -> str | float | bool | None:
    """Return a value that JSON knows; dates as ISO text."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value.astype("datetime64[s]"))
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str | bool | int | float):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
