"""OSM files: tags, junctions, barriers, and files that are broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import osmium
import polars as pl
import pytest
from road_worlds import START

from aidline.errors import FormatError
from aidline.network.access import travel_times
from aidline.network.cut_off import cut_off
from aidline.network.damage import INF_MS, undamaged, weights_ms
from aidline.network.findings import network_problems
from aidline.network.pbf import read_pbf, road_class, tonnes
from aidline.network.roads import BRIDGE, FORD, NO_HGV, NO_MOTOR, Roads, assemble
from aidline.network.routing import router_for
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import ROAD_CLASSES, SURFACES

if TYPE_CHECKING:
    from pathlib import Path

Tags = dict[str, str]


def write(
    file: Path,
    nodes: dict[int, tuple[float, float]],
    ways: list[tuple[list[int], Tags]],
    node_tags: dict[int, Tags] | None = None,
) -> Path:
    """Write an OSM file; ways are numbered from 1."""
    with osmium.SimpleWriter(str(file)) as out:
        for ident, place in nodes.items():
            tags = (node_tags or {}).get(ident, {})
            out.add_node(osmium.osm.mutable.Node(id=ident, location=place, tags=tags))
        for ident, (refs, tags) in enumerate(ways, 1):
            out.add_way(osmium.osm.mutable.Way(id=ident, nodes=refs, tags=tags))
    return file


ROW = {i: (i / 100, 0.0) for i in range(1, 7)}


def read_way(tmp_path: Path, **tags: str) -> Roads:
    """Read a file of one way over four nodes."""
    way = (
        [1, 2, 3, 4],
        {"highway": "primary"} | {k.replace("__", ":"): v for k, v in tags.items()},
    )
    return assemble(*read_pbf(write(tmp_path / "one.osm.pbf", ROW, [way])))


def test_ways_become_arcs_between_junctions(tmp_path: Path):
    """Points inside a way are shape, points where ways meet are nodes."""
    nodes = {**ROW, 9: (0.03, 0.01)}
    file = write(
        tmp_path / "t.osm.pbf",
        nodes,
        [([1, 2, 3, 4, 5], {"highway": "primary"}), ([3, 9], {"highway": "residential"})],
    )
    built = assemble(*read_pbf(file))
    assert (built.node_count, built.arc_count) == (4, 6)
    assert built.segments.ids.tolist() == ["1", "2"]
    assert built.length_m.max() == pytest.approx(0.02 * 111_195, rel=1e-4)


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({}, {(1, 4), (4, 1)}),
        ({"oneway": "yes"}, {(1, 4)}),
        ({"oneway": "-1"}, {(4, 1)}),
        ({"junction": "roundabout"}, {(1, 4)}),
        ({"junction": "roundabout", "oneway": "no"}, {(1, 4), (4, 1)}),
        ({"highway": "motorway"}, {(1, 4)}),
    ],
)
def test_directions(tmp_path: Path, tags: Tags, directions: set[tuple[int, int]]):
    """Which way a way may be driven."""
    built = read_way(tmp_path, **tags)
    at = np.rint(built.pieces.node_lon * 100).astype(int)
    assert {
        (int(at[t]), int(at[h])) for t, h in zip(built.tail, built.head, strict=True)
    } == directions


def test_facts_of_a_way(tmp_path: Path):
    """Class, surface, limit and flags are read from the tags."""
    built = read_way(
        tmp_path, highway="secondary_link", surface="gravel", maxweight="7,5 t", bridge="yes",
        ford="yes", access="no", hgv="no", name="Ponte",
    )  # fmt: skip
    facts = built.segments
    assert ROAD_CLASSES[facts.road_class[0]] == "secondary"
    assert SURFACES[facts.surface[0]] == "gravel"
    assert facts.max_weight_t[0] == 7.5
    assert facts.flags[0] == BRIDGE | FORD | NO_MOTOR | NO_HGV
    assert facts.names[0] == "Ponte"


@pytest.mark.parametrize(
    ("tags", "open_to_trucks"),
    [
        ({"access": "private"}, False),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"hgv": "no"}, False),
        ({"maxweight": "3.5"}, False),
        ({"access": "destination"}, True),
    ],
)
def test_access_for_trucks(tmp_path: Path, tags: Tags, open_to_trucks: bool):
    """The more exact key goes before the general one."""
    built = read_way(tmp_path, **tags)
    ms = weights_ms(built, undamaged(built.segments), 0, "truck", 18.8)
    assert (ms < INF_MS).all() == open_to_trucks


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5), ("3.5 t", 3.5), ("7,5", 7.5), ("8000 lbs", 3.6287), ("3500 kg", 3.5),
        ("none", np.inf), ("0", np.inf), (None, np.inf), ("12 st", 10.886), ("below 5", np.inf),
    ],
)  # fmt: skip
def test_weights_in_any_unit(text: str | None, value: float):
    """OSM weights come in tonnes, kilograms, pounds and short tons; words limit nothing."""
    assert tonnes(text) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize(
    "highway", ["footway", "steps", "cycleway", "construction", "proposed", "platform"]
)
def test_what_no_truck_drives_on(highway: str):
    """Ways for feet and roads that do not exist yet are left out."""
    assert road_class(highway) == -1


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "block"}, False),
        ({"barrier": "bollard"}, False),
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate", "access": "no", "motor_vehicle": "destination"}, True),
        ({"barrier": "lift_gate", "vehicle": "no"}, False),
        ({"barrier": "block", "motor_vehicle": "yes"}, True),
    ],
)
def test_barriers(tmp_path: Path, tags: Tags, passes: bool):
    """A block in the road can be driven up to from both sides, and not passed."""
    file = write(tmp_path / "b.osm.pbf", ROW, [([1, 2, 3], {"highway": "primary"})], {2: tags})
    built = assemble(*read_pbf(file))
    ms = weights_ms(built, undamaged(built.segments), 0, "truck", 18.8)
    metric = router_for(built).weigh(ms)
    node = {round(x * 100): i for i, x in enumerate(built.pieces.node_lon.tolist())}
    ends = np.array([node[1]]), np.array([node[3]])
    assert (metric.matrix(*ends)[0, 0] < INF_MS) == passes
    if 2 in node:
        assert (metric.matrix(ends[0], np.array([node[2]])) < INF_MS).all()
        assert (metric.matrix(ends[1], np.array([node[2]])) < INF_MS).all()


def test_a_way_that_leaves_the_extract_keeps_what_lies_inside(tmp_path: Path):
    """Nodes that are not in the file are skipped, the rest of the way is used."""
    file = write(
        tmp_path / "cut.osm.pbf",
        ROW,
        [
            ([1, 2, 77, 78], {"highway": "primary"}),
            ([78, 3], {"highway": "primary"}),
            ([2, 3], {"highway": "track"}),
        ],
    )
    built = assemble(*read_pbf(file))
    assert built.segments.ids.tolist() == ["1", "3"]
    assert built.arc_count == 4


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_a_clear_error(tmp_path: Path, share: float):
    """A download that broke off never looks like a small network."""
    nodes = {i: (i % 100 / 100, i / 10_000) for i in range(1, 9001)}
    ways = [([i, i + 1], {"highway": "residential", "name": f"Street {i}"}) for i in range(1, 9000)]
    whole = write(tmp_path / "whole.osm.pbf", nodes, ways).read_bytes()
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FormatError, match="broken"):
        read_pbf(broken)


@pytest.mark.parametrize(
    "content",
    [b"", b"no map at all", bytes(5000), b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f" * 9],
)
def test_what_is_no_osm_file_is_a_clear_error(tmp_path: Path, content: bytes):
    """Empty files, text and noise are refused; the process lives."""
    file = tmp_path / "noise.osm.pbf"
    file.write_bytes(content)
    with pytest.raises(FormatError, match=r"noise\.osm\.pbf"):
        read_pbf(file)


def test_bytes_changed_at_random_never_kill_the_process(tmp_path: Path):
    """Ten damaged copies: a FormatError or a network, nothing else."""
    ways = [([i, i + 1], {"highway": "residential"}) for i in range(1, 6)]
    whole = write(tmp_path / "whole.osm.pbf", ROW, ways).read_bytes()
    rng = np.random.default_rng(5)
    for k in range(10):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 5).tolist():
            data[at] = int(rng.integers(0, 256))
        file = tmp_path / f"{k}.osm.pbf"
        file.write_bytes(bytes(data))
        try:
            built = assemble(*read_pbf(file))
        except FormatError:
            continue
        assert built.arc_count >= 0


def test_missing_file_and_file_without_roads(tmp_path: Path):
    """Both are said in words."""
    with pytest.raises(FormatError, match="no such road file"):
        read_pbf(tmp_path / "none.osm.pbf")
    file = write(tmp_path / "water.osm.pbf", ROW, [([1, 2], {"waterway": "river"})])
    with pytest.raises(FormatError, match="no roads"):
        read_pbf(file)


def test_an_osm_file_takes_the_place_of_the_table(tmp_path: Path):
    """`roads` of the settings names the file; the log closes a way by its OSM number."""
    write(
        tmp_path / "roads.osm.pbf",
        ROW,
        [([1, 2, 3], {"highway": "primary"}), ([3, 4, 5], {"highway": "primary", "name": "Ponte"})],
    )
    log = {"segment_id": ["2", "77"], "date": [START, START], "status": ["closed", "closed"]}
    situation = Situation.of(
        Settings(start_date=START, days=1, roads="roads.osm.pbf"),
        {
            "road_status": pl.DataFrame(log),
            "places": pl.DataFrame({"place_id": ["D"], "longitude": [0.01], "latitude": [0.0]}),
            "areas": pl.DataFrame(
                {"area_id": ["A", "B"], "longitude": [0.03, 0.05], "latitude": [0.0, 0.0]}
            ),
            "vehicle_classes": pl.DataFrame({"class_id": ["T"], "profile": ["truck"]}),
        },
        folder=tmp_path,
    )
    times = travel_times(situation, ["D"], ["A", "B"], ["T"], Ledger())
    assert np.isfinite(times.hours).ravel().tolist() == [True, False]
    assert "2 Ponte" in cut_off(situation, times)["text"][0]
    assert network_problems(situation)["found"].to_list() == ["77"]
