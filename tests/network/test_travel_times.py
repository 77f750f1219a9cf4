"""Driving times: what people know, the roads of the day, the straight line."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from road_worlds import START, grid_world, line, roads

from aidline.network.access import TravelTimes, travel_times
from aidline.network.geo import distance_km
from aidline.network.profiles import figures
from aidline.situation.defaults import Ledger, defaults
from aidline.situation.situation import Settings, Situation


def world(days: int = 4, **tables: pl.DataFrame) -> Situation:
    """Return a depot D, areas A and B 11 km apart each, and two classes."""
    classes = {
        "class_id": ["big", "small"],
        "profile": ["truck", "truck"],
        "gross_t": [18.0, 3.0],
        "speed_factor": [None, 2.0],
    }
    usual = {
        "places": pl.DataFrame({"place_id": ["D"], "longitude": [0.0], "latitude": [0.0]}),
        "areas": pl.DataFrame(
            {"area_id": ["A", "B"], "longitude": [0.1, 0.2], "latitude": [0.0, 0.0]}
        ),
        "vehicle_classes": pl.DataFrame(classes),
    }
    return Situation.of(Settings(start_date=START, days=days), usual | tables)


ROADS = roads(
    {"R1": line((0, 0), (0.1, 0)), "R2": line((0.1, 0), (0.2, 0))}, speed_kmh=[20.0, 20.0]
)


def times(situation: Situation, ledger: Ledger | None = None) -> TravelTimes:
    """Return the times from D to A and B with both classes."""
    return travel_times(situation, ["D"], ["A", "B"], ["big", "small"], ledger or Ledger())


def by_day(found: TravelTimes, class_at: int, to_at: int) -> list[float]:
    """Return the hours of each day from D."""
    return found.hours[found.state_of_day, class_at, 0, to_at].tolist()


def known(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Return rows (to, class, day, status, hours, km) of the table travel_times."""
    dated = [
        ("D", to, c, None if day is None else START + dt.timedelta(days=day), *rest)
        for to, c, day, *rest in rows
    ]
    schema = {
        "from_id": pl.String, "to_id": pl.String, "class_id": pl.String, "date": pl.Date,
        "status": pl.String, "travel_h": pl.Float64, "distance_km": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(dated, schema=schema, orient="row")


def test_without_roads_the_straight_line_counts_and_is_noted():
    """Distance × detour / speed, with both defaults in the ledger."""
    ledger = Ledger()
    found = times(world(), ledger)
    km = distance_km(np.array(0.0), np.array(0.0), np.array(0.1), np.array(0.0))
    km = km * defaults()["road.detour_factor"].value
    assert found.km[0, 0] == pytest.approx(km, rel=1e-5)
    assert found.hours[0, 0, 0, 0] == pytest.approx(
        km / defaults()["road.straight_line_kmh"].value, rel=1e-5
    )
    assert found.hours[0, 1, 0, 0] == pytest.approx(found.hours[0, 0, 0, 0] / 2, rel=1e-5)
    assert set(ledger.table()["default_id"]) == {"road.detour_factor", "road.straight_line_kmh"}
    assert set(found.state_of_day) == {0}


def test_what_is_unknown_is_no_way_and_never_zero():
    """An area without coordinates and roads cannot be reached; nor can an unknown code."""
    areas = pl.DataFrame({"area_id": ["A"], "longitude": [None], "latitude": [None]})
    found = travel_times(world(areas=areas), ["D"], ["A", "XX"], ["big"], Ledger())
    assert np.isinf(found.hours).all()
    assert np.isinf(found.km).all()


def test_roads_go_before_the_straight_line():
    """11.1 km at 20 km/h; the smaller class at twice the speed."""
    ledger = Ledger()
    found = times(world(road_segments=ROADS), ledger)
    assert by_day(found, 0, 0)[0] == pytest.approx(11.1195 / 20, rel=1e-3)
    assert by_day(found, 1, 1)[0] == pytest.approx(2 * 11.1195 / 40, rel=1e-3)
    assert found.km[0].tolist() == pytest.approx([11.1195, 22.239], rel=1e-3)
    assert "road.straight_line_kmh" not in ledger.table()["default_id"].to_list()


def test_a_closed_road_is_no_way_on_its_days():
    """R2 is closed on days 1 and 2: B is out of reach then, A never."""
    status = pl.DataFrame(
        {
            "segment_id": ["R2", "R2"],
            "date": [START + dt.timedelta(days=1), START + dt.timedelta(days=3)],
            "status": ["closed", "open"],
        }
    )
    found = times(world(road_segments=ROADS, road_status=status))
    assert np.isinf(by_day(found, 0, 1)).tolist() == [False, True, True, False]
    assert np.isfinite(by_day(found, 0, 0)).all()
    assert len(found.hours) == 2  # two states, not four days
    assert np.isfinite(found.km).all()  # distances are those of undamaged roads


def test_a_weak_bridge_bears_the_light_class_alone():
    """Limit 5 t: 18 t cannot pass, 3 t can."""
    status = pl.DataFrame(
        {
            "segment_id": ["R2"],
            "date": [START],
            "status": ["restricted"],
            "max_weight_t": [5.0],
            "speed_factor": [1.0],
        }
    )
    found = times(world(road_segments=ROADS, road_status=status))
    assert np.isinf(by_day(found, 0, 1)).all()
    assert np.isfinite(by_day(found, 1, 1)).all()


def test_the_last_stretch_off_the_road_takes_time():
    """An area 1.1 km off the road pays for it at the speed of a track, and it is noted."""
    ledger = Ledger()
    areas = pl.DataFrame({"area_id": ["A", "B"], "longitude": [0.1, 0.2], "latitude": [0.01, 0.0]})
    found = times(world(road_segments=ROADS, areas=areas), ledger)
    off = 1.11195 / figures()["road.last_stretch_kmh"].value
    assert by_day(found, 0, 0)[0] == pytest.approx(11.1195 / 20 + off, rel=1e-3)
    assert "road.last_stretch_kmh" in ledger.table()["default_id"].to_list()


def test_known_times_go_before_everything():
    """Hours that people know replace those of the road, for the classes that they name."""
    rows = known(("A", None, None, None, 5.0, 80.0), ("A", "small", None, "open", 3.0, None))
    found = times(world(road_segments=ROADS, travel_times=rows))
    assert by_day(found, 0, 0) == [5.0] * 4
    assert by_day(found, 1, 0) == [3.0] * 4
    assert found.km[0, 0] == 80
    assert by_day(found, 0, 1)[0] == pytest.approx(2 * 11.1195 / 20, rel=1e-3)


def test_known_times_change_with_their_dates():
    """Open, closed from day 1, open again from day 3 with the hours of before."""
    rows = known(
        ("A", None, None, "open", 5.0, None),
        ("A", None, 1, "closed", None, None),
        ("A", None, 3, "open", None, None),
    )
    found = times(world(travel_times=rows))
    assert by_day(found, 0, 0) == [5.0, np.inf, np.inf, 5.0]


def test_a_known_way_before_its_first_date_is_that_of_the_road():
    """A row that begins on day 2 says nothing of days 0 and 1."""
    found = times(
        world(road_segments=ROADS, travel_times=known(("A", None, 2, "closed", None, None)))
    )
    assert np.isinf(by_day(found, 0, 0)).tolist() == [False, False, True, True]


def test_a_known_distance_without_hours_takes_the_usual_speed():
    """50 km at 25 km/h, noted; a restricted way takes longer by the default factor."""
    ledger = Ledger()
    rows = known(("A", None, None, None, None, 50.0), ("B", None, None, "restricted", None, 50.0))
    found = times(world(travel_times=rows), ledger)
    slow = figures()["damage.other"].value
    assert by_day(found, 0, 0)[0] == pytest.approx(2.0)
    assert by_day(found, 0, 1)[0] == pytest.approx(2.0 / slow)
    assert {"road.straight_line_kmh", "damage.other"} <= set(ledger.table()["default_id"])


def test_no_straight_line_is_noted_where_all_times_are_known():
    """A default that nothing rests on is not in the ledger."""
    ledger = Ledger()
    times(
        world(
            travel_times=known(
                ("A", None, None, None, 5.0, 80.0), ("B", None, None, None, 6.0, 90.0)
            )
        ),
        ledger,
    )
    assert ledger.table().height == 0


def test_a_place_without_coordinates_takes_those_of_its_area():
    """A depot somewhere in area A lies at no distance from A."""
    places = pl.DataFrame({"place_id": ["D"], "kind": ["depot"], "area_id": ["A"]})
    found = times(world(road_segments=ROADS, places=places))
    assert found.hours[0, :, 0, 0].tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(3))
def test_one_more_closure_never_shortens_a_way(seed: int):
    """Monotone: whatever is closed in addition, no driving time falls."""
    situation = grid_world(8, 12, 3, days=2, seed=seed)
    log = situation["road_status"]
    more = log.with_columns(date=pl.lit(START), segment_id=pl.col("segment_id").sort())
    fewer = situation.replace(road_status=log.head(3))
    ids = (
        situation[t][c].to_list()
        for t, c in (("places", "place_id"), ("areas", "area_id"), ("vehicle_classes", "class_id"))
    )
    ids = tuple(ids)
    a, b = (
        travel_times(s, *ids, Ledger())
        for s in (fewer, situation.replace(road_status=pl.concat([log.head(3), more])))
    )
    days = np.arange(2)
    assert (b.hours[b.state_of_day[days]] >= a.hours[a.state_of_day[days]] - 1e-6).all()


def test_shuffled_rows_give_the_same_times():
    """Rows in any order: the same arrays."""
    situation = grid_world(6, 8, 2, seed=1)
    turned = Situation.of(situation.settings, {n: t.reverse() for n, t in situation.tables.items()})
    found = [
        travel_times(s, ["D00", "D01"], ["A0003", "A0001"], ["big", "bus"], Ledger())
        for s in (situation, turned)
    ]
    assert np.array_equal(found[0].hours, found[1].hours)
    assert np.array_equal(found[0].km, found[1].km)


def test_input_is_never_changed():
    """The situation has the same digest afterwards."""
    situation = grid_world(5, 4, 2)
    before = situation.digest()
    travel_times(situation, ["D00"], ["A0000"], ["big"], Ledger())
    assert situation.digest() == before


def test_roads_that_cannot_be_used_are_no_roads():
    """A table whose lines are all broken reaches nobody; it is no straight line either."""
    broken = roads({"R1": "nothing", "R2": "LINESTRING EMPTY"})
    found = times(world(road_segments=broken))
    assert np.isinf(found.hours).all()


@pytest.mark.parametrize("side", ["from", "to", "class", "all"])
@pytest.mark.parametrize("with_roads", [True, False])
def test_empty_questions_have_empty_answers(side: str, with_roads: bool):
    """No places, no areas or no classes: arrays of that shape, no error."""
    situation = world(**({"road_segments": ROADS} if with_roads else {}))
    ids = [
        [] if side in {n, "all"} else [i] for n, i in (("from", "D"), ("to", "A"), ("class", "big"))
    ]
    found = travel_times(situation, *ids, Ledger())
    assert found.hours.shape[1:] == (len(ids[2]), len(ids[0]), len(ids[1]))
    assert found.km.shape == (len(ids[0]), len(ids[1]))
