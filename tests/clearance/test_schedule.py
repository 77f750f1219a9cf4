"""Crews take the first task that they can get to, travel on open roads, and finish in time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from road_world import BLOCKAGE, BLOCKAGES, START, rows, world

from aidline.clearance.orders import dependence, need_order, traffic_order
from aidline.clearance.read_back import opening_table, task_table
from aidline.clearance.schedule import Site, make_schedule
from aidline.network.network import damage_of, network_of
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    from aidline.situation.situation import Situation

NEVER = 99


def site_of(situation: Situation) -> Site:
    network = network_of(situation)
    assert network is not None
    return Site.of(situation, network, Ledger())


def lanes(situation: Situation, *order: int) -> list[int]:
    """Day from which one lane of each segment is open (R-A, R-B1, R-B2), by a list."""
    opened = make_schedule(site_of(situation), order).opened[:, 0]
    return [int(min(day, NEVER)) for day in opened]


def test_one_crew_works_through_the_list() -> None:
    """B1 takes two days, B2 one, and B3 begins where B2 ends.

    Back from B3 to the depot it is an hour, at half the speed: B1 ends on day 4.1.
    """
    assert lanes(world(), 0, 1, 2) == [2, 3, 4]
    assert lanes(world(), 1, 2, 0) == [5, 1, 2]


def test_the_far_blockage_waits_for_the_near_one() -> None:
    """B3 first in the list: nobody can get there before B2 is open."""
    assert lanes(world(), 2, 1, 0) == [5, 1, 2]


def test_two_crews_share_the_work() -> None:
    assert lanes(world(crews=2), 0, 1, 2) == [2, 1, 2]


def test_a_crew_that_comes_later_or_leaves() -> None:
    late = rows(
        "team_id kind place_id hours_per_day available_from until",
        ("C1", "road_crew", "D", 10.0, START.replace(day=3), START.replace(day=4)),
    )
    assert lanes(world(teams=late), 1, 2, 0) == [NEVER, 2, 3]


def test_what_opens_nothing_in_time_is_not_done_first() -> None:
    """Two days for B1 are too many in a plan of two days: the crew opens B2."""
    assert lanes(world(days=2), 0, 1, 2) == [NEVER, 1, 2]


def test_an_assessment_comes_before_any_machine() -> None:
    doubtful = [(*b[:4], "suspected" if b[0] == "B1" else b[4]) for b in BLOCKAGES]
    suspect = {"blockages": rows(BLOCKAGE, *doubtful)}
    assert lanes(world(**suspect), 0, 1, 2)[0] == NEVER
    teams = rows(
        "team_id kind place_id hours_per_day",
        ("C1", "road_crew", "D", 10.0), ("E1", "explosive_disposal", "D", 10.0),
    )  # fmt: skip
    situation = world(**suspect, teams=teams)
    schedule = make_schedule(site_of(situation), (0, 1, 2))
    assess, lane = schedule.times[0], schedule.times[1]
    assert assess[3] == pytest.approx(1.0)
    assert lane[2] >= assess[3]


def test_roads_that_close_again_are_closed_to_crews_too() -> None:
    """B2 is open on day 1; where the log closes it again on day 2, nobody gets to B3 from B1."""
    log = world()["road_status"].select("segment_id", "date", "status")
    again = rows("segment_id date status", ("R-B1", START.replace(day=4), "closed"))
    narrow = rows(BLOCKAGE, *((*b[:3], b[2], b[4]) for b in BLOCKAGES))  # no more than one lane
    assert lanes(world(blockages=narrow), 1, 0, 2) == [3, 1, 5]
    closed_again = world(blockages=narrow, road_status=log.vstack(again))
    assert lanes(closed_again, 1, 0, 2) == [3, 1, NEVER]


def test_need_order_puts_a_whole_way_together() -> None:
    """B is worth more than A only if both blockages on its way are seen together."""
    situation = world(people={"A": 900.0, "B": 1500.0, "C": 10.0})
    network, site = network_of(situation), site_of(situation)
    assert network is not None
    needs = dependence(situation, network, site)
    assert needs.on_way.tolist() == [[True, False, False], [False, True, True], [False] * 3]
    assert need_order(site, needs) == (1, 2, 0)
    assert sorted(traffic_order(site, needs)) == [0, 1, 2]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_tables_tell_what_the_schedule_does(order: tuple[int, ...]) -> None:
    situation = world(days=9, crews=2)
    network, site = network_of(situation), site_of(situation)
    assert network is not None
    schedule = make_schedule(site, order)
    tasks = task_table(site, schedule, Ledger())
    assert tasks.height == (schedule.team >= 0).sum() == 6
    np.testing.assert_allclose(tasks["finish"] - tasks["start"], tasks["work_team_days"])
    assert (tasks["finish_low"] < tasks["finish"]).all()
    assert (tasks["finish_high"] > tasks["finish"]).all()
    openings = opening_table(site, schedule, network.roads, damage_of(situation, network.roads))
    first = openings.filter(grade="single_lane")
    assert first["segment_id"].to_list() == ["R-A", "R-B1", "R-B2"]
    assert first["day"].to_list() == schedule.lane_day(9).tolist()
