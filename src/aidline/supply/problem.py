"""The supply problem as arrays: what there is, what may move, what is needed.

Everything that follows (exact model, auction, bound, read-back) works on this one object, so
that there is one definition of the rules. Index letters: ``a`` area, ``i`` item, ``l`` stock
location (a place, or an area that holds stock of its own), ``k`` truck class, ``t`` day.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
else:
    Floats = Ints = np.ndarray

NEED_WIDTHS = np.array([0.2, 0.3, 0.5])
NEED_MARGINALS = np.array([1.0, 3.0, 6.0]) / 4.1
FAIRNESS_WIDTHS = np.full(5, 0.2)
FAIRNESS_MARGINALS = np.array([0.0, 0.25, 1.0, 4.0, 16.0])
HOUR_COST = 0.1
PROMISE_FACTOR = 20.0


@dataclass(frozen=True, slots=True)
class Goods:
    """The items.

    Attributes
    ----------
    ids, group_ids
        Codes of items and of need groups.
    weight_t, volume_m3
        Tonnes and m³ per unit.
    hold
        Days that an area can keep it before use.
    group
        Index of the need group.
    movable
        Are weight and volume known? What is not movable is used only where it lies.
    way_ptr, way_item, way_ratio
        Ways to meet a need of item i: the item itself (ratio 1) and its substitutes;
        `way_ratio` units of `way_item` meet one unit.
    kit_item, kit_part, kit_quantity
        One row per part of a kit; `kit_item` and `kit_part` are item indices.
    """

    ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    weight_t: Floats
    volume_m3: Floats
    hold: Ints
    group: Ints
    movable: npt.NDArray[np.bool_]
    way_ptr: Ints
    way_item: Ints
    way_ratio: Floats
    kit_item: Ints
    kit_part: Ints
    kit_quantity: Floats


@dataclass(frozen=True, slots=True)
class Demand:
    """Cells of need.

    A cell is (area, item, day) for daily items and (area, item, release day, level) for items
    needed once.

    Attributes
    ----------
    area, item, day
        Index arrays; `day` is the release day of a once-needed cell.
    level
        −1 for a daily cell, else the level (0 last 20 %, 1 next 30 %, 2 first 50 %).
    need
        Units.
    value
        Weighted person-days per unit and day, without the marginal of the level.
    person_days
        Person-days per unit and day.
    fair_row
        Index of the fairness row of (area, group), −1 where the area is unreachable.
    """

    area: Ints
    item: Ints
    day: Ints
    level: Ints
    need: Floats
    value: Floats
    person_days: Floats
    fair_row: Ints


@dataclass(frozen=True, slots=True)
class Fairness:
    """Rows of fairness: one per reachable area and need group.

    Attributes
    ----------
    area, group
        Index arrays.
    person_days
        All person-days of need of the row over the plan.
    weight
        Priority of the area.
    """

    area: Ints
    group: Ints
    person_days: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Movements:
    """What trucks can do: leave a place on a day for an area or hub, and arrive on a day.

    Trucks of several classes may serve one movement; `trip_ptr` lists them.

    Attributes
    ----------
    leg
        Index of the candidate leg (pair of start and end).
    start, end
        Location index of the start; index of the area, or −1 − hub location for a hub.
    day, arrive
        Day of departure and of hand-over.
    convoy
        Index of the convoy row (area and day of arrival), −1 where none binds.
    trip_ptr, trip_class, trip_fleet, trip_hours
        Per movement its usable classes: class, index of the (base, class) pool, hours of a
        round trip.
    """

    leg: Ints
    start: Ints
    end: Ints
    day: Ints
    arrive: Ints
    convoy: Ints
    trip_ptr: Ints
    trip_class: Ints
    trip_fleet: Ints
    trip_hours: Floats


@dataclass(frozen=True, slots=True)
class Routes:
    """Ways for goods to get from a location into an area, sorted by area and arrival.

    Attributes
    ----------
    ptr
        Per area its range of routes.
    start
        Location that the goods leave.
    day, arrive
        Day on which they leave it and day of hand-over.
    first, second
        Movements used; −1 = none (own stock of the area; direct).
    """

    ptr: Ints
    start: Ints
    day: Ints
    arrive: Ints
    first: Ints
    second: Ints


@dataclass(frozen=True, slots=True)
class Lots:
    """Goods: stock lines and shipments.

    Attributes
    ----------
    ids
        Codes.
    item, quantity
        What and how many units.
    location
        Location index, −1 for lots at a crossing.
    crossing
        Crossing index, −1 for lots at a location.
    first_day
        First day it can leave.
    expiry
        Last day of hand-over (large = none).
    """

    ids: tuple[str, ...]
    item: Ints
    quantity: Floats
    location: Ints
    crossing: Ints
    first_day: Ints
    expiry: Ints


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings and the ways from them to places.

    Attributes
    ----------
    ids
        Codes.
    slots
        [crossing, day], infinite = not limited.
    payload_t, volume_m3
        Per crossing, of the trucks that enter.
    allowed
        [crossing, item].
    edge_ptr, edge_location, edge_arrive
        Per crossing its destinations: location, and [edge, day] first day on which a
        transfer that leaves on `day` can be loaded there (days = too late or no way).
    """

    ids: tuple[str, ...]
    slots: Floats
    payload_t: Floats
    volume_m3: Floats
    allowed: npt.NDArray[np.bool_]
    edge_ptr: Ints
    edge_location: Ints
    edge_arrive: Ints


@dataclass(frozen=True, slots=True)
class SupplyProblem:
    """The whole supply problem (see the module docstring).

    Attributes
    ----------
    days
        Length of the plan.
    area_ids, location_ids, class_ids
        Codes of areas, of stock locations (places, then areas with stock of their own) and of
        truck classes.
    payload_t, volume_m3
        Per class, of one truck.
    fleet_base, fleet_class, fleet_hours, fleet_shift_h
        Per pool of trucks: home place, class, [pool, day] truck-hours, hours that a truck
        works in one day.
    convoy_area, convoy_day, convoy_trucks
        Per convoy: area, day of arrival, most trucks (infinite = not limited).
    goods, demand, fairness, moves, routes, lots, crossings
        See their classes.
    reachable
        [area] can a truck reach it on some day, or does it hold stock?
    last_leave
        [location] days between leaving it and hand-over on its slowest route.
    promise_area, promise_item, promise_day, promise_units, promise_value
        Per promise: where, what, last day of arrival, units still to be sent, cost per unit
        that does not arrive.
    needs
        The need table, as a data frame.
    scope
        Which places may serve an area, in words.
    fairness_marginals
        Cost of one person-day of unmet need on each fifth of the unmet share.
    """

    days: int
    area_ids: tuple[str, ...]
    location_ids: tuple[str, ...]
    class_ids: tuple[str, ...]
    payload_t: Floats
    volume_m3: Floats
    fleet_base: tuple[str, ...]
    fleet_class: Ints
    fleet_hours: Floats
    fleet_shift_h: Floats
    convoy_area: Ints
    convoy_day: Ints
    convoy_trucks: Floats
    goods: Goods
    demand: Demand
    fairness: Fairness
    reachable: npt.NDArray[np.bool_]
    moves: Movements
    routes: Routes
    lots: Lots
    crossings: Crossings
    last_leave: Ints
    promise_area: Ints
    promise_item: Ints
    promise_day: Ints
    promise_units: Floats
    promise_value: Floats
    needs: Any = None
    scope: str = ""
    fairness_marginals: Floats = field(default_factory=lambda: FAIRNESS_MARGINALS)

    def without_fairness(self) -> SupplyProblem:
        """Return the problem with fairness left out of the objective."""
        return dataclasses.replace(self, fairness_marginals=np.zeros(len(FAIRNESS_MARGINALS)))
