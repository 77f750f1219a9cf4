"""Roads of the field: Liberia, Porto Alegre, Dire Dawa."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from aidline.network.damage import undamaged, weights_ms
from aidline.network.lines import join_lines
from aidline.network.pbf import read_pbf, road_class
from aidline.network.roads import Pieces, assemble, components
from aidline.network.routing import router_for
from aidline.network.snapping import main_pieces
from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import ROAD_CLASSES

if TYPE_CHECKING:
    from pathlib import Path


def table(ids: list[str], wkt: np.ndarray, classes: list[str]) -> pl.DataFrame:
    """Return road segments."""
    frame = pl.DataFrame({"segment_id": ids, "geometry": wkt.tolist(), "road_class": classes})
    return Situation.of(Settings(), {"road_segments": frame})["road_segments"]


def largest_share(pieces: Pieces) -> float:
    """Return the share of the road length in the largest component."""
    label, length = components(pieces)[1], pieces.lengths_m()
    per = np.bincount(label[pieces.a], length)
    return float(per.max() / per.sum())


def test_liberia_hangs_together_after_mending(shared: Path):
    """3,470 surveyed lines: nothing is dropped but empty ones, and the parts become few."""
    import pyogrio

    file = shared / "data" / "liberia-2014" / "roads" / "Road_current.shp"
    _, _, geometry, (number,) = pyogrio.raw.read(file, columns=["OBJECTID"])
    wkt = shapely.to_wkt(shapely.from_wkb(geometry), rounding_precision=9)
    pieces, _, report = join_lines(table([str(n) for n in number], wkt, ["track"] * len(wkt)), 25.0)
    assert {reason for _, reason in report.dropped} == {"no line"}
    assert len(report.dropped) == 9
    assert report.components_before > 178
    assert report.components_after <= 42
    assert largest_share(pieces) > 0.95
    assert 16_000 < pieces.lengths_m().sum() / 1000 < 16_600  # 16,281 km by the survey


def test_porto_alegre_can_be_driven(shared: Path):
    """A real OSM file: most of the network is strongly connected, both engines agree on it."""
    pieces, segments = read_pbf(shared / "data" / "porto-alegre" / "poa_osm.pbf")
    built = assemble(pieces, segments)
    assert built.arc_count > 30_000
    assert main_pieces(pieces, segments).mean() > 0.9
    weights = weights_ms(built, undamaged(segments), 0, "truck", 18.8)
    rng = np.random.default_rng(0)
    source, target = rng.integers(0, built.node_count, (2, 40))
    cch, scipy = (router_for(built, e).weigh(weights) for e in ("cch", "scipy"))
    assert np.array_equal(cch.matrix(source, target), scipy.matrix(source, target))


def test_dire_dawa_streets_from_well_known_text(shared: Path):
    """3,885 streets of a town as multi-lines with OSM classes."""
    rows = pl.read_csv(shared / "data" / "dire-dawa" / "roads_osm.csv", infer_schema=False)
    rows = rows.with_columns(
        kind=pl.col("highway").map_elements(road_class, return_dtype=pl.Int64)
    ).filter(pl.col("kind") >= 0)
    frame = table(
        rows["fid"].to_list(), rows["wkt"].to_numpy(), [ROAD_CLASSES[k] for k in rows["kind"]]
    )
    pieces, _, report = join_lines(frame, 25.0)
    assert not report.dropped
    assert report.components_after < report.components_before
    assert largest_share(pieces) > 0.9
