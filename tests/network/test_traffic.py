"""Ways as shared stretches: nothing is drawn twice, and every way is whole."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import polars as pl
from road_worlds import START, grid_world, line, roads

from aidline.network.traffic import Traffic, traffic
from aidline.network.ways import paths
from aidline.situation.situation import Settings, Situation

# A depot at 0, roads east that fork at 0.2: a bay to the north, a cape at the end.
LINES = {
    "R1": line((0, 0), (0.1, 0), (0.2, 0)),
    "R2": line((0.2, 0), (0.3, 0)),
    "R3": line((0.2, 0), (0.2, 0.1)),
    "WEAK": line((0, 0), (0.15, -0.05), (0.3, 0)),
}


def fork(**columns: list[object]) -> Situation:
    """Return the fork with a heavy and a light class."""
    return Situation.of(
        Settings(start_date=START, days=3),
        {
            "road_segments": roads(LINES, **columns),
            "road_status": pl.DataFrame(
                {"segment_id": ["R2"], "date": [START + dt.timedelta(days=1)], "status": ["closed"]}
            ),
            "places": pl.DataFrame({"place_id": ["D"], "longitude": [0.0], "latitude": [0.0]}),
            "areas": pl.DataFrame(
                {
                    "area_id": ["BAY", "CAPE", "SEA"],
                    "longitude": [0.2, 0.3, 0.0],
                    "latitude": [0.1, 0.0, 9.0],
                }
            ),
            "vehicle_classes": pl.DataFrame(
                {
                    "class_id": ["HEAVY", "LIGHT"],
                    "profile": ["truck", "4x4"],
                    "gross_t": [18.0, 3.0],
                }
            ),
        },
    )


LIMITS: dict[str, list[object]] = {
    "max_weight_t": [None, None, None, 5.0],
    "length_km": [30.0, 30.0, 20.0, 10.0],
}


def legs(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    """Return legs from, to, class and day."""
    schema = {"from_id": pl.String, "to_id": pl.String, "class_id": pl.String, "day": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def points(found: Traffic, way: tuple[int, ...]) -> list[tuple[float, float]]:
    """Return the line of a way, each point once."""
    line = [
        (float(found.lon[k]), float(found.lat[k]))
        for stretch in way
        for k in range(found.start[stretch], found.start[stretch + 1])
    ]
    return [p for p, _ in itertools.groupby(line)]


def test_a_shared_road_is_one_stretch():
    """Up to the fork both ways are the same stretch, then each has its own; the last is its own."""
    found = traffic(fork(**LIMITS), legs(("D", "BAY", "HEAVY", 0), ("D", "CAPE", "HEAVY", 0)))
    bay, cape = found.ways
    assert found.count == 3
    assert bay[0] == cape[0]
    assert points(found, bay) == [(0, 0), (0.1, 0), (0.2, 0), (0.2, 0.1)]
    assert points(found, cape) == [(0, 0), (0.1, 0), (0.2, 0), (0.3, 0)]
    assert found.segment_ids == ("R1", "R2", "R3")


def test_there_and_back_are_different_stretches():
    """Each direction has its own line, in the order of driving."""
    found = traffic(fork(**LIMITS), legs(("D", "BAY", "HEAVY", 0), ("BAY", "D", "HEAVY", 0)))
    there, back = found.ways
    assert set(there).isdisjoint(back)
    assert points(found, back) == points(found, there)[::-1]


def test_each_class_and_day_has_its_own_way():
    """The light class takes the weak road; where no class is said, the light one drives."""
    rows = [("D", "CAPE", c, d) for c in ("HEAVY", "LIGHT", None) for d in (0, 1)]
    found = traffic(fork(**LIMITS), legs(*rows))
    heavy, shut, light, later, unsaid, _ = found.ways
    assert heavy == shut  # the heavy class has no other way: drawn as on undamaged roads
    assert light == later == unsaid != heavy
    assert (0.15, -0.05) in points(found, light)


def test_no_road_no_way():
    """A place at sea, an unknown code and a world without roads have ways without stretches."""
    asked = legs(("D", "SEA", "HEAVY", 0), ("D", "NOWHERE", "HEAVY", 0))
    assert traffic(fork(), asked).ways == ((), ())
    bare = fork().replace(road_segments=fork()["road_segments"].clear())
    assert traffic(bare, asked).ways == ((), ())
    assert traffic(fork(), legs()).ways == ()


def test_stretches_join_to_the_same_lines_as_the_ways():
    """On a damaged grid every way is, point by point, the line that `paths` gives."""
    situation = grid_world(10, 20, 3, days=3, seed=4)
    areas = situation["areas"]["area_id"].to_list()
    asked = legs(*itertools.product(("D00", "D01", "D02"), areas, ("big", "bus"), (0, 2)))
    found = traffic(situation, asked)
    lines = paths(situation, asked)
    for way, lon, lat in zip(found.ways, lines["lon"], lines["lat"], strict=True):
        expected = [p for p, _ in itertools.groupby(zip(lon, lat, strict=True))]
        assert np.allclose(points(found, way), expected)
    drawn = sum(len(line) for line in lines["lon"])
    assert len(found.lon) < drawn / 5
