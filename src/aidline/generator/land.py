"""The land of a generated situation: coast, ridges, rivers and settlements.

Everything is in km from the middle of the land; `to_degrees` puts it on the globe, in open
ocean that belongs to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

KM2_PER_AREA = 180.0
MIDDLE_LATITUDE, MIDDLE_LONGITUDE = -28.0, -15.0
KM_PER_DEGREE = 110.95


@dataclass(frozen=True, eq=False)
class Land:
    """Where things can be.

    Attributes
    ----------
    side_km
        Side of a square of the same extent.
    outline
        The coast (shapely polygon, km).
    xy
        [nodes, 2] settlements and road junctions, km.
    urban
        [nodes] true near a town.
    ridge, river
        Fields over the land: `ridge` from 0 (plain) to 1 (crest); a river runs where `river`
        changes its sign.
    centre
        Where the event struck, km.
    """

    side_km: float
    outline: shapely.Polygon
    xy: np.ndarray
    urban: np.ndarray
    ridge: Callable[[np.ndarray], np.ndarray]
    river: Callable[[np.ndarray], np.ndarray]
    centre: np.ndarray

    def from_centre(self, xy: np.ndarray) -> np.ndarray:
        """Return distances from where the event struck, as a share of `side_km`."""
        return np.asarray(np.linalg.norm(xy - self.centre, axis=-1) / self.side_km)


def make_land(areas: int, nodes: int, rng: np.random.Generator) -> Land:
    """Draw the land and its settlements.

    Parameters
    ----------
    areas
        Number of areas; the land grows with it.
    nodes
        Number of settlements and junctions, at least as many as areas.
    rng
        Source of chance.
    """
    side = float(np.sqrt(areas * KM2_PER_AREA))
    outline = _outline(side, rng)
    xy, urban = _settlements(areas, nodes, side, outline, rng)
    crest, river = _waves(side / 2.5, rng), _waves(side / 1.6, rng)
    inland = 0.35 * side * rng.uniform(0, 1) * _direction(rng)
    return Land(side, outline, xy, urban, lambda p: 1 / (1 + np.exp(-2 * crest(p))), river, inland)


def to_degrees(xy: np.ndarray) -> np.ndarray:
    """Return [.., 2] longitudes and latitudes of points in km."""
    squeeze = KM_PER_DEGREE * np.cos(np.radians(MIDDLE_LATITUDE))
    return np.stack(
        [MIDDLE_LONGITUDE + xy[..., 0] / squeeze, MIDDLE_LATITUDE + xy[..., 1] / KM_PER_DEGREE], -1
    )


def cells(land: Land, points: np.ndarray) -> list[str]:
    """Return an outline as well-known text for each point: its Voronoi cell within the coast."""
    far = 4 * land.side_km * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    sites = shapely.MultiPoint(np.vstack([points, far]))
    drawn = shapely.get_parts(shapely.voronoi_polygons(sites, ordered=True))[: len(points)]
    clipped = shapely.intersection(drawn, land.outline)
    parts, owner = shapely.get_parts(clipped, return_index=True)
    # A cell that the coast cuts in pieces keeps the piece with its point.
    own = shapely.distance(parts, shapely.points(points[owner]))
    order = np.lexsort((own, owner))
    first = order[np.unique(owner[order], return_index=True)[1]]
    shapes = shapely.transform(parts[first], to_degrees)
    return [str(text) for text in shapely.to_wkt(shapes, rounding_precision=4)]


def _direction(rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])


def _outline(side: float, rng: np.random.Generator) -> shapely.Polygon:
    """Draw a closed coast: a circle with bays of ever smaller size."""
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    radius = np.ones_like(angle)
    for order in range(2, 40):
        radius += rng.normal(0, 0.22 / order) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.55, 1.6)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None]
    shape = shapely.Polygon(ring)
    return shapely.affinity.scale(shape, *(2 * [side / np.sqrt(shape.area)]), origin=(0, 0))


def _settlements(
    areas: int, nodes: int, side: float, outline: shapely.Polygon, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Scatter points: half anywhere, half around towns, never two within about half a km."""
    towns = _inside(max(4, areas // 40), side, outline, rng)
    spread = 0.45 * side / np.sqrt(len(towns))
    found = np.empty((0, 2))
    urban = np.empty(0, bool)
    while len(found) < nodes:
        wild = _inside(nodes, side, outline, rng)
        near = towns[rng.integers(len(towns), size=nodes)] + rng.normal(0, spread / 2, (nodes, 2))
        pick = rng.random(nodes) < 0.5
        fresh = np.where(pick[:, None], near, wild)
        keep = shapely.contains_xy(outline, fresh)
        found, urban = np.vstack([found, fresh[keep]]), np.append(urban, pick[keep])
        _, first = np.unique(np.round(found / 0.5), axis=0, return_index=True)
        found, urban = found[np.sort(first)], urban[np.sort(first)]
    return found[:nodes], urban[:nodes]


def _inside(
    count: int, side: float, outline: shapely.Polygon, rng: np.random.Generator
) -> np.ndarray:
    found = np.empty((0, 2))
    while len(found) < count:
        fresh = rng.uniform(-side, side, (4 * count, 2))
        found = np.vstack([found, fresh[shapely.contains_xy(outline, fresh)]])
    return found[:count]


def _waves(
    length_km: float, rng: np.random.Generator, count: int = 24
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a smooth random field: a sum of plane waves around one wavelength."""
    angle = rng.uniform(0, 2 * np.pi, count)
    number = 2 * np.pi / (length_km * rng.lognormal(0, 0.4, count))
    wave = np.stack([np.cos(angle), np.sin(angle)]) * number
    phase = rng.uniform(0, 2 * np.pi, count)
    return lambda xy: np.cos(xy @ wave + phase).sum(-1) / np.sqrt(count / 2)
