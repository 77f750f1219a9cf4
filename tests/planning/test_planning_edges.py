"""Situations at the edge, and runs cut short: a plan or a clear reason, never a traceback."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from small import (
    ARRIVALS,
    CLASSES,
    COMMITMENTS,
    FLEETS,
    NEEDS,
    PLACES,
    ROADS,
    STOCK,
    date,
    food,
    hungry,
    met,
    pair,
    planned,
    port,
    rows,
    tiny,
    trucks,
    worth,
)

from aidline.plan.check import check_plan
from aidline.planning.joint import make_plan
from aidline.planning.options import PlanOptions

if TYPE_CHECKING:
    import polars as pl

    from aidline.planning.options import Progress
    from aidline.situation.situation import Situation

NOBODY = {
    "zero trucks": tiny(3, fleets=trucks(0.0)),
    "no fleet lines": tiny(3, fleets=rows(FLEETS)),
    "no truck classes": tiny(3, fleets=rows(FLEETS), vehicle_classes=rows(CLASSES)),
    "trucks that may not work": tiny(3, fleets=trucks(5.0, 0.0)),
    "zero stock": tiny(3, stock=rows(STOCK, ("LOT", "WH", None, "food", 0.0))),
    "no stock lines": tiny(3, stock=rows(STOCK)),
    "no roads": tiny(3, travel_times=rows(ROADS)),
    "all roads closed": tiny(3, travel_times=rows(ROADS, ("WH", "A1", None, None, "closed", None))),
    "too far": tiny(3, travel_times=rows(ROADS, ("WH", "A1", None, None, "open", 99.0))),
    "no places": tiny(3, places=rows(PLACES), stock=rows(STOCK), fleets=rows(FLEETS)),
    "no way from the port": port(
        3, travel_times=rows(ROADS, ("WH", "A1", None, None, "open", 4.0))
    ),
    "shipment after the end": port(
        3, arrivals=rows(ARRIVALS, ("PIPE", "PORT", "food", 1e6, date(40)))
    ),
    "goods without weight": tiny(3, items=food(weight_kg=None)),
    "goods without volume": tiny(3, items=food(volume_m3=None)),
    "goods that expired before": tiny(
        3, stock=rows(STOCK, ("LOT", "WH", None, "food", 1e6, None, date(-1)))
    ),
}


@pytest.mark.parametrize("whole", [0, 3])
@pytest.mark.parametrize("method", ["exact", "auction"])
@pytest.mark.parametrize("name", NOBODY)
def test_nobody_can_be_served(name: str, method: str, whole: int) -> None:
    """The plan is empty, keeps the rules, and its value is that of all needs unmet."""
    plan, verdict = planned(NOBODY[name], method=method, whole_truck_days=whole)
    assert plan["deliveries"].is_empty()
    assert plan["trips"].is_empty()
    assert met(plan) == [0, 0, 0]
    assert verdict.value in (pytest.approx(3e4), pytest.approx(worth(10_000, 0, 0, 0)))
    assert plan.record.bound == pytest.approx(verdict.value, rel=1e-4)


@pytest.mark.parametrize("method", ["exact", "auction"])
@pytest.mark.parametrize(
    "tables",
    [
        {"needs": rows(NEEDS)},
        {"needs": hungry(0.0)},
        {"needs": rows(NEEDS, ("A1", "food", date(9), date(12), 10.0, 10.0))},
    ],
    ids=["no needs", "needs of nothing", "needs after the end"],
)
def test_nothing_is_needed(tables: dict[str, pl.DataFrame], method: str) -> None:
    """Where nothing is needed nothing runs and the value is 0."""
    plan, verdict = planned(tiny(3, **tables), method=method)
    assert plan["trips"].is_empty()
    assert verdict.value == 0


def test_a_situation_without_any_table() -> None:
    """An empty situation gives an empty plan."""
    empty = tiny(1).replace(**{name: None for name, f in tiny(1).tables.items() if f.height})
    plan = make_plan(empty, PlanOptions(time_limit_s=5, explain=False))
    assert plan["trips"].is_empty()


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_one_day_and_one_area(method: str) -> None:
    """The smallest plan there is."""
    plan, _ = planned(tiny(1), method=method)
    assert met(plan) == pytest.approx([1e4], rel=1e-3)


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_an_area_cut_off_beside_one_that_is_not(method: str) -> None:
    """The cut-off area is named as out of reach; the other one is served as if it were alone."""
    way = rows(ROADS, ("WH", "A1", None, None, "open", 4.0))
    plan, _ = planned(pair(2, travel_times=way), method=method)
    assert dict(plan["fairness"].select("area_id", "reachable").iter_rows()) == {
        "A1": True,
        "A2": False,
    }
    assert met(plan, "A1") == pytest.approx([1e4, 1e4], rel=1e-3)
    assert met(plan, "A2") == [0, 0]


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_promises_that_nobody_can_keep(method: str) -> None:
    """Promises without stock, without trucks, to places out of reach: a plan all the same."""
    promises = rows(
        COMMITMENTS,
        ("CM1", "promised", "A1", "food", 1e6, date(0)),
        ("CM2", "promised", "A2", "food", 5e4, date(1)),
        ("CM3", "promised", "A1", "food", 5e4, date(30)),
    )
    way = rows(ROADS, ("WH", "A1", None, None, "open", 4.0))
    plan, verdict = planned(pair(2, commitments=promises, travel_times=way), method=method)
    assert sum(met(plan, "A1")) == pytest.approx(2e4, rel=1e-3)
    assert plan.record.bound <= verdict.value * (1 + 1e-9)


def test_convoys_without_room() -> None:
    """A convoy of no trucks brings nothing."""
    none = rows("area_id date max_trucks", ("A1", date(1), 0.0))
    plan, _ = planned(tiny(3, convoys=none))
    assert plan["trips"].is_empty()


def test_convoys_only_outside_the_plan() -> None:
    """Convoy days before and after the plan: the area stays shut, without a traceback."""
    outside = rows("area_id date max_trucks", ("A1", date(-2), 5.0), ("A1", date(50), 5.0))
    plan, _ = planned(tiny(3, convoys=outside))
    assert plan["trips"].is_empty()


def test_fleets_that_come_and_go_outside_the_plan() -> None:
    """Trucks that left before or come after the plan do not run."""
    gone = rows(
        FLEETS,
        ("F1", "WH", "big", 5.0, 10.0, None, date(-1)),
        ("F2", "WH", "big", 5.0, 10.0, date(9), None),
    )
    plan, _ = planned(tiny(3, fleets=gone))
    assert plan["trips"].is_empty()


def test_huge_and_tiny_numbers() -> None:
    """A billion people, and one person in a thousand, in one plan."""
    needs = rows(
        NEEDS,
        ("A1", "food", date(0), None, 1e9, 1e9),
        ("A2", "food", date(0), None, 1e-3, 1e-3),
    )
    plan, verdict = planned(pair(2, needs=needs))
    assert plan.record.bound == pytest.approx(verdict.value, rel=1e-4)


class Stopper:
    """Asks to stop as soon as there is a first plan."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.told: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.told.append(progress)
        if progress.value is not None:
            self.event.set()


def crowd(areas: int, days: int) -> Situation:
    """Many areas that share two depots and one port."""
    ids = [f"A{n:03}" for n in range(areas)]
    lots = [(f"L-{p}", p, None, "food", 3e3 * areas) for p in ("WH", "SUD")]
    ways = [
        (p, a, None, None, "open", 2.0 + n % 7) for n, a in enumerate(ids) for p in ("WH", "SUD")
    ]
    return port(
        days,
        areas=rows("area_id", *((a,) for a in ids)),
        places=rows(PLACES, ("WH", "depot"), ("SUD", "depot"), ("PORT", "port")),
        stock=rows(STOCK, *lots),
        fleets=rows(
            FLEETS, ("F1", "WH", "big", areas / 3, 10.0), ("F2", "SUD", "big", areas / 5, 12.0)
        ),
        travel_times=rows(ROADS, *ways, ("PORT", "WH", None, None, "open", 9.0)),
        needs=rows(
            NEEDS,
            *((a, "food", date(0), None, 3e3 + 100 * n, 3e3 + 100 * n) for n, a in enumerate(ids)),
        ),
    )


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_cancel_returns_the_best_plan(method: str) -> None:
    """Set from a progress call, the event ends the run with a plan that passes the verifier."""
    stop = Stopper()
    situation = crowd(12, 6)
    plan, verdict = planned(
        situation, method=method, gap=0.0, progress=stop, cancel=stop.event, whole_truck_days=3
    )
    assert plan.record.stopped == "cancelled"
    assert plan.record.bound <= verdict.value * (1 + 1e-9)
    assert len(stop.told) <= 3


def test_cancelled_before_it_began() -> None:
    """A run cancelled at once still gives a verified plan."""
    event = threading.Event()
    event.set()
    plan, _ = planned(crowd(4, 3), cancel=event)
    assert plan.record.stopped == "cancelled"


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_the_time_limit_ends_a_run(method: str) -> None:
    """With no time to speak of the first verified plan comes back, and says why it stopped."""
    situation = crowd(12, 6)
    plan, _ = planned(situation, method=method, gap=0.0, time_limit_s=0.01)
    assert plan.record.stopped == "time limit"


def test_progress_tells_a_falling_value_and_a_rising_bound() -> None:
    """What is told while it works only ever gets better, and the bound stays below."""
    stop: list[Progress] = []
    situation = crowd(8, 5)
    plan, _ = planned(situation, method="auction", gap=1e-4, time_limit_s=4, progress=stop.append)
    values = [p.value for p in stop if p.value is not None]
    bounds = [p.bound for p in stop if p.bound is not None]
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds)
    assert bounds[-1] <= values[-1] * (1 + 1e-9)
    assert plan.record.value == values[-1]


def test_a_shorter_plan_than_the_situation() -> None:
    """`days` cuts the plan short; what comes back verifies against the shorter situation."""
    situation = tiny(5)
    plan = make_plan(situation, PlanOptions(days=2, whole_truck_days=0, explain=False))
    assert plan.record.days == 2
    assert check_plan(situation.with_settings(days=2), plan).feasible
    assert met(plan) == pytest.approx([1e4, 1e4], rel=1e-3)


@pytest.mark.parametrize("method", ["exact", "auction"])
def test_ambulances_and_buses_carry_no_goods(method: str) -> None:
    """A bus and an ambulance with payload stand beside the truck: the plan uses the truck alone."""
    classes = rows(
        CLASSES,
        ("big", "truck", 10.0, 40.0, 1.0, 1.0),
        ("bus", "bus", 5.0, 30.0, 1.0, 1.0),
        ("help", "ambulance", 1.0, 5.0, 1.0, 1.0),
    )
    fleets = rows(FLEETS, *((c, "WH", c, 1.0, 10.0) for c in ("big", "bus", "help")))
    plan, _ = planned(
        tiny(2, vehicle_classes=classes, fleets=fleets, needs=hungry(30_000.0)), method=method
    )
    assert plan["trips"]["class_id"].unique().to_list() == ["big"]


def test_small_needs_and_many_trucks_leave_nobody_out() -> None:
    """Each area needs a tenth of a truck a day and trucks stand idle: all is met in whole trips."""
    areas = [f"A{n}" for n in range(1, 5)]
    situation = tiny(
        3,
        areas=rows("area_id name", *((a, a) for a in areas)),
        vehicle_classes=rows(
            CLASSES, ("big", "truck", 20.0, 60.0, 1.0, 1.0), ("small", "truck", 3.0, 15.0, 0.5, 0.5)
        ),
        fleets=rows(FLEETS, ("F1", "WH", "big", 1.0, 10.0), ("F2", "WH", "small", 4.0, 10.0)),
        travel_times=rows(ROADS, *(("WH", a, None, None, "open", 0.5) for a in areas)),
        needs=rows(NEEDS, *((a, "food", date(0), None, 500.0, 500.0) for a in areas)),
    )
    plan, verdict = planned(situation, whole_truck_days=3)
    assert plan["coverage"]["share"].min() > 0.999
    assert verdict.value < 10
