"""Line layers become networks: cut, snapped, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from road_worlds import grid, line, roads

from aidline.network.lines import JoinReport, join_lines
from aidline.network.roads import Pieces, assemble, components
from aidline.situation.situation import Settings, Situation

if TYPE_CHECKING:
    import polars as pl

METRE = 1 / 111_195  # degrees at the equator


def joined(table: pl.DataFrame, snap_m: float = 25.0) -> tuple[Pieces, JoinReport]:
    """Join a table that may lack columns."""
    pieces, _, report = join_lines(
        Situation.of(Settings(), {"road_segments": table})["road_segments"], snap_m
    )
    return pieces, report


def degrees(pieces: Pieces) -> list[int]:
    """Return how many pieces end at each node, sorted."""
    ends = np.concatenate([pieces.a, pieces.b])
    return sorted(np.bincount(ends, minlength=len(pieces.node_lon)).tolist())


CROSS = {"EAST": line((0, 0), (2, 0)), "NORTH": line((1, -1), (1, 1))}


def test_lines_that_cross_without_a_point_are_joined():
    """Two roads that cross become four pieces around one node."""
    pieces, report = joined(roads(CROSS))
    assert degrees(pieces) == [1, 1, 1, 1, 4]
    assert report.cuts == 2
    assert (report.components_before, report.components_after) == (2, 1)


def test_a_footpath_is_no_road():
    """Lines for feet alone cut no road and are no part of the network."""
    pieces, report = joined(roads(CROSS, road_class=["primary", "no_vehicles"]))
    assert degrees(pieces) == [1, 1]
    assert (report.lines, report.dropped) == (1, ())


def test_a_bridge_is_not_joined_with_what_passes_below():
    """A truck cannot drive off a bridge onto the road beneath."""
    pieces, report = joined(roads(CROSS, bridge=[False, True]))
    assert degrees(pieces) == [1, 1, 1, 1]
    assert report.components_after == 2


def test_a_bridge_is_joined_at_its_ends():
    """A road that ends at a bridge's end, or touches it there, goes over it."""
    table = roads(
        {"A": line((0, 0), (1, 0)), "B": line((1, 0), (2, 0)), "C": line((2, -1), (2, 1))},
        bridge=[False, True, False],
    )
    pieces, report = joined(table)
    assert degrees(pieces) == [1, 1, 1, 2, 3]
    assert report.components_after == 1


@pytest.mark.parametrize(("gap_m", "joins"), [(10, True), (24, True), (40, False)])
def test_a_free_end_is_snapped_within_the_tolerance_and_reported(gap_m: float, joins: bool):
    """An end that stops short of a road is joined with it, and the gap is told."""
    pieces, report = joined(
        roads({"MAIN": line((0, 0), (2, 0)), "SIDE": line((1, 1), (1, gap_m * METRE))})
    )
    assert report.components_after == (1 if joins else 2)
    assert [i for i, _ in report.snapped] == (["SIDE"] if joins else [])
    if joins:
        assert report.snapped[0][1] == pytest.approx(gap_m, rel=0.01)
        assert degrees(pieces) == [1, 1, 1, 3]


def test_a_free_end_is_never_snapped_onto_a_bridge():
    """A lane that ends beside a bridge does not lead onto it."""
    table = roads(
        {"BRIDGE": line((0, 0), (2, 0)), "LANE": line((1, 1), (1, 10 * METRE))},
        bridge=[True, False],
    )
    assert joined(table)[1].components_after == 2


def test_a_road_drawn_twice_meets_at_the_ends_of_the_stretch():
    """Two lines that run together for a while are joined where they part."""
    pieces, report = joined(
        roads(
            {"A": line((0, 0), (1, 0), (2, 0), (3, 1)), "B": line((0, 1), (1, 0), (2, 0), (3, 0))}
        )
    )
    assert report.components_after == 1
    assert degrees(pieces) == [1, 1, 1, 1, 4, 4]


def test_what_cannot_be_used_is_dropped_by_name():
    """Empty, broken, pointlike and zero-length lines are reported, the rest is used."""
    table = roads(
        {
            "GOOD": line((0, 0), (1, 0)),
            "EMPTY": "LINESTRING EMPTY",
            "BROKEN": "LINESTRING(0 0,1",
            "POINT": "POINT(1 1)",
            "ZERO": line((1, 1), (1, 1)),
            "HOLE": "LINESTRING(0 0,nan 1)",
        }
    )
    pieces, report = joined(table)
    assert pieces.count == 1
    assert {code for code, _ in report.dropped} == {"EMPTY", "BROKEN", "POINT", "ZERO", "HOLE"}
    assert report.lines == 1 + len(report.dropped)


def test_parts_of_a_multi_line_keep_their_segment():
    """Both parts of a multi-line belong to the same segment."""
    pieces, _ = joined(
        roads({"A": line((5, 5), (6, 5)), "M": "MULTILINESTRING((0 0,1 0),(1 0,1 1))"})
    )
    assert pieces.segment.tolist() == [0, 1, 1]


def test_cutting_loses_no_road():
    """The pieces together are as long as the lines were."""
    table = roads({f"L{i}": line((0, i / 7), (2, 2 - i / 5), (3, i)) for i in range(8)})
    pieces, _ = joined(table)
    parts = [joined(table[i : i + 1])[0].lengths_m().sum() for i in range(8)]
    assert pieces.lengths_m().sum() == pytest.approx(sum(parts), rel=1e-6)


def test_the_order_of_rows_does_not_matter():
    """Shuffled rows give the same graph with the same arc ids."""
    table = roads(grid(5))
    graphs = []
    for rows in (table, table.reverse()):
        frame = Situation.of(Settings(), {"road_segments": rows})["road_segments"]
        graphs.append(assemble(*join_lines(frame, 25.0)[:2]))
    for name in ("tail", "head", "length_m", "segment"):
        assert np.array_equal(getattr(graphs[0], name), getattr(graphs[1], name)), name


def test_no_lines_make_an_empty_network():
    """A table whose lines are all broken gives no nodes and no error."""
    pieces, report = joined(roads({"BROKEN": "nothing"}))
    assert (pieces.count, components(pieces)[0], report.components_after) == (0, 0, 0)
