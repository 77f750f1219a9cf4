"""What is wrong with the roads of a situation, as rows of the table of problems.

These are warnings: a plan can be made on dirty roads, but the officer should know what was
mended, and who has no road at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.errors import FormatError
from aidline.network.network import network_of
from aidline.network.profiles import figures
from aidline.situation.problems import gather, problem, problems_of, with_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.network.lines import JoinReport
    from aidline.network.network import Network
    from aidline.situation.situation import Situation

FAR_KM = 5.0  # beyond this the way to the road is no longer a detail


def network_problems(
    situation: Situation, rows: Mapping[str, pl.DataFrame] | None = None
) -> pl.DataFrame:
    """Return what is wrong with the roads, and who lies far from them or off them.

    Parameters
    ----------
    situation
        The situation. Without roads there is nothing to find.
    rows
        Its tables with the columns `problems.ORIGIN`, which say where each row came from.
        Without them the rows of the situation's own tables are counted.

    Returns
    -------
    DataFrame
        The table of problems (`aidline.situation.problems`).
    """
    try:
        network = network_of(situation)
    except FormatError as error:
        return problem(
            "error", "road_file", file=error.file, found=situation.settings.roads,
            expected="an OSM file (.osm.pbf) that can be read", mend=error.message,
        )  # fmt: skip
    if network is None:
        return gather([])
    tables = {
        name: with_origin((rows or {}).get(name, situation[name]), name)
        for name in ("areas", "places", "road_status", "road_segments")
    }
    parts = [
        _ends(tables[table], network, code)
        for table, code in (("areas", "area_id"), ("places", "place_id"))
    ]
    if tables["road_segments"].is_empty():
        parts.append(_unknown_segments(tables["road_status"], network))
    if network.report is not None:
        lines = tables["road_segments"]
        parts += [_dropped(lines, network.report), _pieces(lines, network.report)]
    return gather(parts)


def _ends(frame: pl.DataFrame, network: Network, code: str) -> pl.DataFrame:
    """Areas or places that no road reaches, that lie far from it, or on a fragment."""
    rows = network.rows(frame[code].to_list())
    anchors = network.anchors
    on_main = np.append(anchors.on_main, False)[rows]
    frame = frame.with_columns(
        _known=pl.Series(np.isfinite(np.append(network.lon, np.nan))[rows]),
        _gap=pl.Series(np.append(anchors.gap_m, np.inf)[rows] / 1000),
        _main=pl.Series(on_main),
    )
    reach = figures()["road.reach_km"].value
    off = frame.filter(pl.col("_known") & pl.col("_gap").is_infinite())
    far = frame.filter(pl.col("_gap").is_between(FAR_KM, reach))
    stray = frame.filter(pl.col("_gap").is_finite() & ~pl.col("_main"))
    km = pl.format("{}: {} km from the nearest road", code, pl.col("_gap").round(1))
    return gather(
        [
            problems_of(
                off, "warning", "no_road", column="latitude", found=pl.col(code),
                expected=f"a road within {reach:g} km",
                mend="check the coordinates, add the road, or give its times in travel_times",
            ),
            problems_of(
                far, "warning", "far_from_road", column="latitude", found=km,
                expected=f"a road within {FAR_KM:g} km",
                mend="check the coordinates or add the missing road; until then the rest is "
                "counted at the speed of a track",
            ),
            problems_of(
                stray, "warning", "road_fragment", column="latitude", found=pl.col(code),
                expected="roads that are joined with the main network",
                mend="draw the missing link to the main roads",
            ),
        ]
    )  # fmt: skip


def _unknown_segments(log: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Log rows of OSM ways that are not in the road file (the table has its own check)."""
    known = pl.Series(network.roads.segments.ids.astype(str))
    lost = log.filter(~pl.col("segment_id").is_in(known.implode()))
    return problems_of(
        lost, "warning", "unknown_segment", column="segment_id", found=pl.col("segment_id"),
        expected="the number of an OSM way in the road file",
        mend="take the number of the way from the road file",
    )  # fmt: skip


def _dropped(lines: pl.DataFrame, report: JoinReport) -> pl.DataFrame:
    """Lines that could not be used."""
    why = pl.DataFrame(
        list(report.dropped), schema={"segment_id": pl.String, "_why": pl.String}, orient="row"
    )
    rows = lines.join(why, on="segment_id")
    return problems_of(
        rows, "warning", "road_line_dropped", column="geometry",
        found=pl.format("{}: {}", "segment_id", "_why"),
        expected="a line with at least two different points",
        mend="draw the line again; this part of the road is not used",
    )  # fmt: skip


def _pieces(lines: pl.DataFrame, report: JoinReport) -> pl.DataFrame:
    """Say what was mended, and into how many parts the network falls."""
    if report.components_after == 1 and not report.snapped:
        return gather([])
    where = lines.select("_file", "_sheet").row(0)
    return problem(
        "warning", "road_network_mended", file=where[0], sheet=where[1], column="geometry",
        found=report.text(), expected="lines that meet at common points",
        mend="nothing, if the mended network is right; else join the lines in the layer",
    )  # fmt: skip
