"""Distances on the globe."""

from __future__ import annotations

import numpy as np

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def distance_km(
    lon_a: np.ndarray, lat_a: np.ndarray, lon_b: np.ndarray, lat_b: np.ndarray
) -> np.ndarray:
    """Return great-circle distances in km (haversine formula on a sphere).

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees, shapes that broadcast. Not-a-number stays not-a-number.
    """
    la, lb = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (lb - la) / 2, np.radians(lon_b - lon_a) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(la) * np.cos(lb) * np.sin(half_lon) ** 2
    km: np.ndarray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return km


def to_metres(lon: np.ndarray, lat: np.ndarray, lat_0: float) -> np.ndarray:
    """Return plane coordinates [n, 2] in metres, true in scale along the parallel `lat_0`.

    Good for nearness and crossings within a country; lengths are taken on the sphere.
    """
    metre_per_degree = np.radians(1) * EARTH_RADIUS_KM * 1000
    return np.column_stack(
        [lon * metre_per_degree * np.cos(np.radians(lat_0)), lat * metre_per_degree]
    )
