"""Who is cut off and by what; ways for the map; findings on the roads."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest
from road_worlds import START, grid_world, line, roads

from aidline.network.access import travel_times
from aidline.network.cut_off import cut_off
from aidline.network.findings import network_problems
from aidline.network.network import network_of
from aidline.network.ways import paths
from aidline.plan.tables import PLAN_BY_NAME
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation

LINES = {
    "R1": line((0, 0), (0.1, 0)),
    "R2": line((0.1, 0), (0.2, 0)),
    "R3": line((0.2, 0), (0.3, 0)),
    "ISLE": line((0.5, 0), (0.6, 0)),
}


def world(status: list[tuple[str, int, str]], **columns: list[object]) -> Situation:
    """Return a depot at 0, an area on each road end, one on an isle, one at sea, one unknown."""
    log = [(s, START + dt.timedelta(days=d), st, "landslide") for s, d, st in status]
    schema = {"segment_id": pl.String, "date": pl.Date, "status": pl.String, "cause": pl.String}
    areas = {
        "area_id": ["END", "ISLE", "MID", "SEA", "UNKNOWN"],
        "longitude": [0.3, 0.6, 0.1, 0.1, None],
        "latitude": [0.0, 0.0, 0.0, 5.0, None],
    }
    truck = {"class_id": ["T"], "profile": ["truck"], "gross_t": [18.0]}
    return Situation.of(
        Settings(start_date=START, days=4),
        {
            "road_segments": roads(LINES, name=["One", None, "Three", None], **columns),
            "road_status": pl.DataFrame(log, schema=schema, orient="row"),
            "places": pl.DataFrame({"place_id": ["D"], "longitude": [0.0], "latitude": [0.0]}),
            "areas": pl.DataFrame(areas),
            "population": pl.DataFrame({"area_id": ["END"], "people": [1200.0]}),
            "vehicle_classes": pl.DataFrame(truck),
        },
    )


def lost(situation: Situation) -> dict[str, list[tuple[int, int, str, str]]]:
    """Return from day, to day, segments and text of each area that is cut off."""
    areas = situation["areas"]["area_id"].to_list()
    table = cut_off(situation, travel_times(situation, ["D"], areas, ["T"], Ledger()))
    assert table.columns == PLAN_BY_NAME["unreachable"].names
    found: dict[str, list[tuple[int, int, str, str]]] = {}
    for row in table.drop("people").iter_rows():
        found.setdefault(row[0], []).append(row[1:])
    return found


def test_the_closed_segments_on_the_best_way_in_are_named():
    """Both closures on the way are listed, with road name and cause, on their days alone."""
    found = lost(world([("R2", 1, "closed"), ("R3", 1, "closed"), ("R3", 3, "open")]))
    (first, second) = found["END"]
    assert first[:3] == (1, 2, "R2 R3")
    assert "R2 (landslide) and R3 Three (landslide)" in first[3]
    assert second[:3] == (3, 3, "R2")
    assert "MID" not in found


def test_what_never_had_a_road_is_said_so():
    """An isle, the open sea and an area without coordinates have reasons of their own."""
    found = lost(world([]))
    assert set(found) == {"ISLE", "SEA", "UNKNOWN"}
    assert all(rows[0][:3] == (0, 3, "") for rows in found.values())
    assert "do not join" in found["ISLE"][0][3]
    assert "within 30 km" in found["SEA"][0][3]
    assert "coordinates are unknown" in found["UNKNOWN"][0][3]


def test_a_bridge_that_is_too_weak_is_named():
    """The only road bears 5 t by law; the lightest class weighs 18 t."""
    found = lost(world([], max_weight_t=[None, None, 5.0, None]))
    assert found["END"][0][2] == "R3"
    assert "bears 5 t at R3 Three" in found["END"][0][3]
    assert "18 t" in found["END"][0][3]


def test_ways_that_people_report_closed():
    """The roads are open, but the known travel time says closed."""
    rows = pl.DataFrame({"from_id": ["D"], "to_id": ["MID"], "status": ["closed"]})
    found = lost(world([]).replace(travel_times=rows))
    assert "reported closed" in found["MID"][0][3]


def test_people_are_counted_and_unknown_people_stay_unknown():
    """People of the population table; null where nobody counted."""
    situation = world([("R1", 0, "closed")])
    times = travel_times(situation, ["D"], ["END", "MID"], ["T"], Ledger())
    table = cut_off(situation, times)
    assert dict(table.select("area_id", "people").iter_rows()) == {"END": 1200.0, "MID": None}


def test_without_roads_nothing_is_traced():
    """No roads, no coordinates: cut off, and said so."""
    situation = world([]).replace(road_segments=pl.DataFrame(schema={"segment_id": pl.String}))
    assert lost(situation) == {"UNKNOWN": [(0, 3, "", lost(situation)["UNKNOWN"][0][3])]}


@pytest.mark.parametrize(
    ("from_ids", "class_ids", "text"),
    [
        ([], ["T"], "No place sends goods."),
        (["D"], [], "No class of vehicles is known."),
        (["XX"], ["T"], "No place that sends goods lies on the road network."),
    ],
)
def test_without_places_or_vehicles_everyone_is_cut_off(
    from_ids: list[str], class_ids: list[str], text: str
):
    """Zero trucks and zero depots: a clear reason, never a traceback."""
    situation = world([])
    times = travel_times(situation, from_ids, ["MID"], class_ids, Ledger())
    assert cut_off(situation, times)["text"].to_list() == [text]
    empty = Situation.of(Settings(), {})
    assert cut_off(empty, travel_times(empty, from_ids, [], class_ids, Ledger())).height == 0


def asked(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Return pairs for the truck class."""
    schema = {"from_id": pl.String, "to_id": pl.String, "day": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(class_id=pl.lit("T"))


def test_a_way_is_a_line_from_start_to_end():
    """Segments in the order of driving, points from the depot to the area and back."""
    way = paths(world([]), asked(("D", "END", 0), ("END", "D", 0)))
    assert way["segments"].to_list() == [["R1", "R2", "R3"], ["R3", "R2", "R1"]]
    there, back = way["lon"].to_list()
    assert there == sorted(there)
    assert there[0] == 0
    assert there[-1] == pytest.approx(0.3)
    assert back == there[::-1]


def test_a_way_that_is_shut_is_drawn_on_undamaged_roads():
    """The map shows where the way would be; without any road, a straight line."""
    way = paths(world([("R2", 0, "closed")]), asked(("D", "END", 0), ("D", "SEA", 0)))
    assert way["segments"].to_list() == [["R1", "R2", "R3"], []]
    assert way["lat"].to_list()[1] == [0, 5]


def test_ways_are_continuous():
    """On a damaged grid no way has a jump longer than a street."""
    situation = grid_world(10, 20, 3, days=2, seed=2)
    areas = situation["areas"]["area_id"].to_list()
    pairs = pl.DataFrame(
        list(itertools.product(("D00", "D02"), areas, ("big", "bus"), (0, 1))),
        schema=["from_id", "to_id", "class_id", "day"],
        orient="row",
    )
    way = paths(situation, pairs)
    assert way.height == pairs.height
    for lon, lat in zip(way["lon"].to_list(), way["lat"].to_list(), strict=True):
        jumps = np.hypot(np.diff(lon), np.diff(lat))
        assert jumps.max() <= 0.0101


def test_no_pairs_no_ways():
    """An empty question has an empty answer."""
    assert paths(world([]), asked()).height == 0


def test_findings_on_dirty_roads():
    """Mended networks, dropped lines and people without roads are warnings."""
    situation = world([])
    table = pl.concat([situation["road_segments"], roads({"BAD": "nothing"})], how="diagonal")
    found = network_problems(situation.replace(road_segments=table))
    assert set(found["level"]) == {"warning"}
    by_rule = {rule: rows["found"].to_list() for (rule,), rows in found.group_by("rule")}
    assert by_rule["no_road"] == ["SEA"]
    assert by_rule["road_line_dropped"] == ["BAD: no line"]
    assert "2 unconnected parts" in by_rule["road_network_mended"][0]


def test_a_missing_road_file_is_an_error_of_its_own():
    """`aidline check` reports it instead of falling over."""
    situation = Situation.of(Settings(roads="none.osm.pbf"), {})
    assert network_problems(situation)["rule"].to_list() == ["road_file"]
    assert network_problems(Situation.of(Settings(), {})).height == 0


def test_a_network_is_kept_while_its_facts_stay_the_same():
    """A new state of the roads builds nothing anew; a new line does."""
    situation = world([])
    closed = world([("R2", 0, "closed")])
    other = situation.replace(road_segments=situation["road_segments"].head(3))
    assert network_of(situation) is network_of(closed)
    assert network_of(situation) is not network_of(other)
