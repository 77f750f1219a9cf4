"""Where depots, crossings, hospitals and sites of a generated situation stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.generator.land import to_degrees

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPOTS_PER_BASE = 5


def codes(prefix: str, count: int) -> list[str]:
    """Return `count` codes with a prefix: WH-001, WH-002 ..."""
    return [f"{prefix}-{i:03d}" for i in range(1, count + 1)]


def spaced(xy: np.ndarray, weight: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Pick points of much weight that lie far from each other.

    Each next point is drawn with chance ∝ weight × squared distance to the nearest picked one
    (Arthur and Vassilvitskii 2007, k-means++ seeding).
    """
    picked = [int(np.argmax(weight))]
    far = ((xy - xy[picked[0]]) ** 2).sum(1)
    while len(picked) < count:
        chance = np.where(far > 0, weight * far, 0)
        if chance.sum() == 0:
            chance = np.ones(len(xy))
            chance[picked] = 0
        picked.append(int(rng.choice(len(xy), p=chance / chance.sum())))
        far = np.minimum(far, ((xy - xy[picked[-1]]) ** 2).sum(1))
    return np.array(picked)


def border(xy: np.ndarray, taken: np.ndarray, count: int) -> np.ndarray:
    """Pick the outermost free node in each of `count` equal sectors around the middle."""
    middle = xy.mean(0)
    angle = np.arctan2(*(xy - middle).T)
    far = np.linalg.norm(xy - middle, axis=1)
    far[taken] = -1
    sector = np.floor((angle + np.pi) / (2 * np.pi) * max(count, 1)).astype(int)
    picked: list[int] = []
    for s in range(count):
        inside = np.where((sector == s) & (far >= 0), far, -1)
        best = int(np.argmax(inside)) if inside.max() >= 0 else int(np.argmax(far))
        picked.append(best)
        far[best] = -1
    return np.array(picked, np.int64)


def bases(depots: np.ndarray) -> np.ndarray:
    """Return for each depot the number of the depot whose trucks serve it.

    One base per five depots, spread out; every depot uses the nearest.
    """
    count = max(1, round(len(depots) / DEPOTS_PER_BASE))
    picked = [0]
    while len(picked) < count:
        far = np.linalg.norm(depots[:, None] - depots[picked][None], axis=2).min(1)
        picked.append(int(np.argmax(far)))
    gap = np.linalg.norm(depots[:, None] - depots[picked][None], axis=2)
    return np.asarray(np.array(picked)[gap.argmin(1)])


def place_table(
    depots: tuple[np.ndarray, list[str]],
    base_ids: list[str],
    border: np.ndarray,
    hospitals: tuple[np.ndarray, list[str]],
    sites: tuple[np.ndarray, list[str]],
) -> pl.DataFrame:
    """Return the table `places`.

    Parameters
    ----------
    depots, hospitals, sites
        Points in km and the codes of the areas in which they lie.
    base_ids
        For each depot the place whose trucks serve it.
    border
        Points of the crossings in km.
    """
    own = codes("WH", len(depots[1]))
    other = [None if b == o else b for b, o in zip(base_ids, own, strict=True)]
    frames = [
        _places("WH", "depot", "Warehouse", *depots).with_columns(
            fleet_base_id=pl.Series(other, dtype=pl.String)
        ),
        _places("X", "crossing", "Crossing", border, [None] * len(border)),
        _places("HOSP", "hospital", "Hospital", *hospitals),
        _places("SITE", "site", "Open ground", *sites),
    ]
    return pl.concat(frames, how="diagonal").with_columns(
        transship=pl.lit(value=False), sensitivity=pl.lit("low"), source_id=pl.lit("SYNTHETIC")
    )


def hub_table(xy: np.ndarray, areas: list[str]) -> pl.DataFrame:
    """Return rows of `places` for hubs at points in km, in areas of these codes."""
    return _places("HUB", "hub", "Hub", xy, areas).with_columns(
        transship=pl.lit(value=True), sensitivity=pl.lit("low"), source_id=pl.lit("SYNTHETIC")
    )


def _places(
    prefix: str, kind: str, word: str, xy: np.ndarray, areas: Sequence[str | None]
) -> pl.DataFrame:
    degrees = np.round(to_degrees(xy.reshape(-1, 2)), 5)
    return pl.DataFrame(
        {
            "place_id": pl.Series(codes(prefix, len(areas)), dtype=pl.String),
            "name": pl.Series([f"{word} {i}" for i in range(1, len(areas) + 1)], dtype=pl.String),
            "area_id": pl.Series(areas, dtype=pl.String),
            "longitude": degrees[:, 0],
            "latitude": degrees[:, 1],
        }
    ).with_columns(kind=pl.lit(kind))
