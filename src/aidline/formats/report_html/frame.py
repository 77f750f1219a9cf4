"""From degrees to the whole numbers of one drawing, with no more points than it can show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 10_000
MOST_POINTS = 90_000
"""Points of outlines, of roads and of deliveries that a map may hold each."""
KM_PER_DEGREE = 111.32
FINEST = 1.2
"""Drawing units that a line may be off at least: a tenth of a millimetre on A4."""


@dataclass(frozen=True)
class Frame:
    """How coordinates become drawing units.

    Attributes
    ----------
    west, north
        Corner of the drawing, degrees.
    x_scale, y_scale
        Units per degree.
    height
        Height of the drawing in units.
    """

    west: float
    north: float
    x_scale: float
    y_scale: float
    height: int

    @property
    def units_per_km(self) -> float:
        """Drawing units per kilometre."""
        return self.y_scale / KM_PER_DEGREE

    @property
    def box(self) -> Any:
        """The drawing as a polygon in degrees."""
        east, south = self.west + WIDTH / self.x_scale, self.north - self.height / self.y_scale
        return shapely.box(self.west, south, east, self.north)

    def xy(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Return a position in drawing units."""
        x = round((longitude - self.west) * self.x_scale)
        return x, round((self.north - latitude) * self.y_scale)

    def path(self, shape: Any) -> str:
        """Return rings or lines as an SVG path of relative whole-number steps."""
        parts = []
        for part in shapely.get_parts(shape):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            end = "z" if part.geom_type == "Polygon" else ""
            parts += [self._steps(np.asarray(ring.coords)[:, :2]) + end for ring in rings]
        return "".join(parts)

    def units(self, degrees: Any) -> Any:
        """Return points [n, 2] of longitude and latitude as whole drawing units."""
        corner, scale = np.array([self.west, self.north]), np.array([self.x_scale, -self.y_scale])
        return np.rint((degrees - corner) * scale).astype(int)

    def _steps(self, points: Any) -> str:
        at = self.units(points)
        moves = [f"{a} {b}" for a, b in np.diff(at, axis=0).tolist() if a or b]
        return f"M{at[0, 0]} {at[0, 1]}" + ("l" + " ".join(moves) if moves else "")


def frame_of(boxes: Iterable[tuple[float, float, float, float]]) -> Frame | None:
    """Return the frame around everything, None where nothing has a position.

    Parameters
    ----------
    boxes
        West, south, east, north of each thing, degrees; infinite ones do not count.
    """
    known = [b for b in boxes if all(math.isfinite(v) for v in b)]
    if not known:
        return None
    corners = np.array(known)
    west, south = corners[:, 0].min(), corners[:, 1].min()
    east, north = corners[:, 2].max(), corners[:, 3].max()
    pad = 0.03 * max(east - west, north - south, 0.02)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    shrink = max(0.05, math.cos(math.radians((south + north) / 2)))
    # A drawing neither taller than 1.5 nor flatter than 0.45 of its width.
    wide, high = (east - west) * shrink, north - south
    if high / wide > 1.5:
        grow = (high / 1.5 / shrink - (east - west)) / 2
        west, east = west - grow, east + grow
    elif high / wide < 0.45:
        grow = (0.45 * wide - high) / 2
        south, north = south - grow, north + grow
    x_scale = WIDTH / (east - west)
    y_scale = x_scale / shrink
    return Frame(float(west), float(north), x_scale, y_scale, round((north - south) * y_scale))


def parsed(texts: Sequence[str | None]) -> list[Any]:
    """Return shapes from well-known text; None where there is none that can be drawn."""
    shapes = shapely.from_wkt([t or None for t in texts], on_invalid="ignore")
    return [s if s is not None and not s.is_empty else None for s in shapes]


def simplified(shapes: list[Any], start: float) -> list[Any]:
    """Drop points until there are few enough; shared borders stay shared where they were.

    Parameters
    ----------
    shapes
        Polygons or lines, None where there is nothing.
    start
        Smallest tolerance in degrees; doubled until the points are within `MOST_POINTS`.
    """
    known = [k for k, s in enumerate(shapes) if s is not None]
    if not known:
        return shapes
    exact = np.array([shapes[k] for k in known], dtype=object)
    polygons = exact[0].geom_type.endswith("Polygon")
    shared = polygons and len(known) > 1 and bool(shapely.coverage_is_valid(exact))
    tolerance, slim = start, exact
    for _ in range(12):
        slim = (
            shapely.coverage_simplify(exact, tolerance)
            if shared
            else shapely.simplify(exact, tolerance, preserve_topology=True)
        )
        if shapely.get_num_coordinates(slim).sum() <= MOST_POINTS:
            break
        tolerance *= 2
    result = list(shapes)
    for k, shape in zip(known, slim, strict=True):
        result[k] = shape
    return result
