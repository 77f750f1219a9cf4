"""The directed graph: ids, directions, lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from road_worlds import line, roads

from aidline.network.lines import join_lines
from aidline.network.roads import Roads, assemble, components
from aidline.network.snapping import anchor, main_pieces
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    import polars as pl


def graph(table: pl.DataFrame) -> Roads:
    """Build the graph of a table that may lack columns."""
    frame = Situation.of(Settings(), {"road_segments": table})["road_segments"]
    return assemble(*join_lines(frame, 0.0)[:2])


def test_a_two_way_road_has_two_arcs_and_a_one_way_road_one():
    """One way means in the direction of the line."""
    built = graph(
        roads({"A": line((0, 0), (1, 0)), "B": line((1, 0), (2, 0))}, oneway=["no", "yes"])
    )
    lon = built.pieces.node_lon
    arcs = sorted((lon[t], lon[h]) for t, h in zip(built.tail, built.head, strict=True))
    assert arcs == [(0, 1), (1, 0), (1, 2)]


def test_a_road_may_be_one_way_against_its_line():
    """Reverse leaves the arc from the end of the line to its start alone."""
    built = graph(roads({"A": line((0, 0), (1, 0))}, oneway=["reverse"]))
    lon = built.pieces.node_lon
    assert [(lon[t], lon[h]) for t, h in zip(built.tail, built.head, strict=True)] == [(1, 0)]


def test_arcs_are_sorted_by_tail_and_found_by_first_out():
    """The arcs that leave a node are a slice of the arrays."""
    built = graph(
        roads({"A": line((0, 0), (1, 0)), "B": line((1, 0), (2, 0)), "C": line((1, 0), (1, 1))})
    )
    for node in range(built.node_count):
        leaving = slice(built.first_out[node], built.first_out[node + 1])
        assert set(built.tail[leaving].tolist()) <= {node}
    assert built.first_out[-1] == built.arc_count == 6


def test_lengths_are_taken_on_the_globe_or_as_given():
    """A degree of longitude at 60° north is half as long; a given length goes before the line."""
    built = graph(
        roads(
            {"A": line((0, 60), (1, 60)), "B": line((5, 0), (6, 0), (7, 0))},
            length_km=[None, 300.0],
        )
    )
    per_segment = dict(zip(built.segment.tolist(), built.length_m.tolist(), strict=True))
    assert per_segment[0] == pytest.approx(55_600, rel=0.001)
    assert per_segment[1] == pytest.approx(300_000)


def test_strong_components_see_one_way_streets():
    """A dead end that can only be left is not a part of the main network."""
    table = roads(
        {"A": line((0, 0), (1, 0)), "B": line((1, 0), (2, 0)), "OUT": line((3, 0), (2, 0))},
        oneway=["no", "no", "yes"],
    )
    frame = Situation.of(Settings(), {"road_segments": table})["road_segments"]
    pieces, segments, _ = join_lines(frame, 0.0)
    assert components(pieces)[0] == 1
    assert components(pieces, segments)[0] == 2
    assert main_pieces(pieces, segments).tolist() == [True, True, False]


def anchored(lon: float, lat: float, reach_m: float = 50_000):
    """Anchor one point on a long road with a stray scrap of road nearer to the point."""
    table = roads({"LONG": line((0, 0), (2, 0)), "SCRAP": line((1.0, 0.2), (1.001, 0.2))})
    frame = Situation.of(Settings(), {"road_segments": table})["road_segments"]
    pieces, segments, _ = join_lines(frame, 0.0)
    return anchor(pieces, segments, np.array([lon]), np.array([lat]), reach_m)


def test_a_road_is_cut_at_the_nearest_point_of_a_village():
    """A village beside a long road gets a node of its own, not a far junction."""
    pieces, anchors = anchored(0.5, 0.01)
    node = anchors.node[0]
    assert (pieces.node_lon[node], pieces.node_lat[node]) == pytest.approx((0.5, 0))
    assert anchors.gap_m[0] == pytest.approx(1112, rel=0.01)
    assert pieces.count == 3
    assert pieces.lengths_m().sum() == pytest.approx(2 * 111_195 + 111, rel=1e-4)


def test_the_main_network_goes_before_a_nearer_scrap():
    """A fragment of 100 m beside a village is not its road."""
    pieces, anchors = anchored(1.0, 0.15)
    assert anchors.on_main[0]
    assert pieces.node_lat[anchors.node[0]] == pytest.approx(0)


def test_beyond_reach_there_is_no_road():
    """A point on the sea gets no node and an infinite gap; so does an unknown point."""
    for lon in (9.0, np.nan):
        _, anchors = anchored(lon, 5.0)
        assert anchors.node[0] == -1
        assert np.isinf(anchors.gap_m[0])


def test_points_at_the_same_spot_share_a_node():
    """Two points on one spot and a third farther on cut the road twice."""
    table = roads({"LONG": line((0, 0), (2, 0))})
    frame = Situation.of(Settings(), {"road_segments": table})["road_segments"]
    pieces, segments, _ = join_lines(frame, 0.0)
    cut, anchors = anchor(pieces, segments, np.array([0.5, 1.5, 0.5, 0.0]), np.zeros(4), 1000)
    assert anchors.node[0] == anchors.node[2]
    assert cut.count == 3
    assert cut.node_lon[anchors.node].tolist() == pytest.approx([0.5, 1.5, 0.5, 0.0])
    assert components(cut)[0] == 1
