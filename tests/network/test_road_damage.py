"""Damage: the log folds into the state of each day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from road_worlds import START, line, roads

from aidline.network.damage import INF_MS, Damage, fold, undamaged, weights_ms
from aidline.network.lines import join_lines
from aidline.network.profiles import figures
from aidline.network.roads import Roads, assemble
from aidline.situation.defaults import Ledger
from aidline.situation.situation import Settings, Situation

IDS = np.array(["A", "B"], object)


def log(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Return a road log from (segment, day, status, limit, factor, cause)."""
    frame = pl.DataFrame(
        [(s, START + dt.timedelta(days=d), *rest) for s, d, *rest in rows],
        schema={
            "segment_id": pl.String, "date": pl.Date, "status": pl.String,
            "max_weight_t": pl.Float64, "speed_factor": pl.Float64, "cause": pl.String,
        },
        orient="row",
    )  # fmt: skip
    return Situation.of(Settings(), {"road_status": frame})["road_status"]


def folded(*rows: tuple[object, ...], days: int = 6) -> Damage:
    """Fold rows over six days."""
    return fold(log(*rows), IDS, START, days)


def test_the_last_row_up_to_a_day_counts():
    """Closed on day 1, open again on day 3: two changes, three spans, two states."""
    damage = folded(("A", 1, "closed", None, None, None), ("A", 3, "open", None, None, None))
    assert damage.closed[damage.state_of_day, 0].tolist() == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    assert not damage.closed[:, 1].any()
    assert damage.state_of_day.tolist() == [0, 1, 1, 0, 0, 0]


def test_a_row_before_the_plan_holds_from_its_first_day():
    """What was closed last week is closed on day 0."""
    damage = folded(("A", -7, "closed", None, None, None))
    assert damage.closed[damage.state_of_day, 0].all()


def test_a_row_replaces_the_state_as_a_whole():
    """A later row without a limit takes the earlier limit away."""
    damage = folded(
        ("A", 0, "restricted", 10.0, 0.5, None), ("A", 2, "restricted", None, 0.8, None)
    )
    assert damage.limit_t[damage.state_of_day, 0].tolist() == [10, 10] + [np.inf] * 4
    assert damage.factor[damage.state_of_day, 0].tolist() == [0.5, 0.5, 0.8, 0.8, 0.8, 0.8]


def test_of_two_rows_of_one_day_the_careful_one_counts():
    """Two reports of one day that contradict each other close the road."""
    damage = folded(("A", 0, "closed", None, None, None), ("A", 0, "open", None, None, None))
    assert damage.closed[damage.state_of_day[0], 0]


def test_a_restricted_road_without_a_factor_takes_that_of_its_cause_and_says_so():
    """The assumed factor stands in the ledger with its status."""
    ledger = Ledger()
    rows = log(
        ("A", 0, "restricted", None, None, "landslide"), ("B", 0, "restricted", None, None, None)
    )
    damage = fold(rows, IDS, START, 1, ledger)
    assert damage.factor[0].tolist() == [
        figures()["damage.landslide"].value,
        figures()["damage.other"].value,
    ]
    table = ledger.table()
    assert table["default_id"].to_list() == ["damage.landslide", "damage.other"]
    assert set(table["status"]) == {"assumption"}


def test_a_growing_log_never_changes_the_past():
    """Appending a row for day 4 leaves days 0 to 3 as they were."""
    short = folded(("A", 1, "closed", None, None, None))
    long = folded(("A", 1, "closed", None, None, None), ("B", 4, "closed", None, None, None))
    assert np.array_equal(short.closed[short.state_of_day[:4]], long.closed[long.state_of_day[:4]])


def small(**columns: list[object]) -> Roads:
    """Return two roads in a row, 10 km in all."""
    table = roads({"A": line((0, 0), (0.05, 0)), "B": line((0.05, 0), (0.1, 0))}, **columns)
    frame = Situation.of(Settings(), {"road_segments": table})["road_segments"]
    return assemble(*join_lines(frame, 0.0)[:2])


def test_weights_are_length_over_speed():
    """A paved primary road takes a truck its length over the speed of the standards."""
    built = small(road_class=["primary", "primary"], surface=["paved", "paved"])
    ms = weights_ms(built, undamaged(built.segments), 0, "truck", 18.8)
    hours = built.length_m / 1000 / figures()["speed.primary.paved"].value
    assert ms == pytest.approx(hours * 3_600_000, abs=1)


def test_a_given_speed_is_that_of_a_loaded_truck():
    """Other profiles keep their ratio to it."""
    built = small(speed_kmh=[40.0, 40.0], surface=["dirt", "dirt"])
    calm = undamaged(built.segments)
    truck, cross = (weights_ms(built, calm, 0, p, 3.5) for p in ("truck", "4x4"))
    assert truck == pytest.approx(built.length_m * 3600 / 40, abs=1)
    assert truck / cross == pytest.approx(figures()["profile.4x4.dirt"].value, rel=1e-4)


@pytest.mark.parametrize(("gross_t", "shut"), [(10.0, False), (10.1, True)])
def test_the_limit_itself_may_pass(gross_t: float, shut: bool):
    """A vehicle of exactly the limit passes, a heavier one does not."""
    built = small(max_weight_t=[10.0, None])
    ms = weights_ms(built, undamaged(built.segments), 0, "truck", gross_t)
    assert (ms[built.segment == 0] == INF_MS).all() == shut
    assert (ms[built.segment == 1] < INF_MS).all()


def test_damage_never_changes_the_graph():
    """Closing a road changes weights alone: arc ids stay."""
    built = small()
    damage = fold(log(("A", 0, "closed", None, None, None)), built.segments.ids, START, 1)
    ms = weights_ms(built, damage, 0, "truck", 18.8)
    assert len(ms) == built.arc_count
    assert np.array_equal(ms == INF_MS, built.segment == 0)


def test_every_road_figure_is_flagged():
    """No figure of the roads claims to be found unless it has a source."""
    assert {f.status for f in figures().values()} == {"assumption"}
    assert all(f.meaning and f.unit and f.source for f in figures().values())
