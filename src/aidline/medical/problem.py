"""The care problem as arrays: people, places of treatment, ways, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.medical.curves import Curves
from aidline.medical.facilities import Facility, Notes, field_units, hospitals, outside
from aidline.medical.people import Cohorts, cohorts_of
from aidline.medical.sites import Limits, Option, limits_of, options_of
from aidline.medical.transport import Means, Ways, means_of, ways_of
from aidline.situation.tables import SPECIALTIES

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from aidline.medical.curves import Level
    from aidline.medical.people import Kind
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

HOURS = 24.0


@dataclass(frozen=True, eq=False)
class CareProblem:
    """Everything that the solver needs.

    Attributes
    ----------
    days
        Length of the plan.
    cohorts
        People.
    facilities
        Hospitals, field units at each site, places outside, in this order.
    means
        Vehicles.
    ways
        From areas to facilities, sorted by area; `place` is the index of the facility.
    way_ptr
        [areas + 1] where the ways of each area start.
    able
        [kinds, facilities, days]: can people of this kind start treatment there on that day?
    options, limits
        Siting.
    curves
        Benefit by delay.
    notes
        What is unknown and not used, in words.
    """

    days: int
    cohorts: Cohorts
    facilities: tuple[Facility, ...]
    means: tuple[Means, ...]
    ways: Ways
    way_ptr: Ints
    able: Bools
    options: tuple[Option, ...]
    limits: Limits
    curves: Curves
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Columns:
    """Choices: so many people of a cohort on one way.

    Attributes
    ----------
    cohort, way
        [columns] index.
    benefit
        [columns] benefit per person.
    """

    cohort: Ints
    way: Ints
    benefit: Floats


def care_problem(
    situation: Situation, ledger: Ledger, benefit: pl.DataFrame | None = None
) -> CareProblem:
    """Read the arrays from a situation.

    Parameters
    ----------
    situation
        What is known; roads that a plan opens count where they stand in its road log.
    ledger
        Notes each assumed figure.
    benefit
        The user's own benefit curves, None = those that are shipped.
    """
    notes = Notes()
    cohorts = cohorts_of(situation, ledger)
    options = options_of(situation, ledger, notes) if len(cohorts.people) else ()
    facilities = (
        *hospitals(situation, ledger, notes),
        *field_units(situation, options, ledger, notes),
        *outside(situation, ledger, notes),
    )
    means = means_of(situation, ledger, notes)
    places = sorted({f.place_id for f in facilities})
    ways = ways_of(situation, cohorts.area_ids, places, means, ledger)
    ways, ptr = _to_facilities(ways, facilities, places, len(cohorts.area_ids))
    curves = Curves.of(benefit)
    for kind in cohorts.kinds:
        curves.find(kind.triage, kind.specialty, ledger)
    able = np.array(
        [[_able(kind, f) for f in facilities] for kind in cohorts.kinds], np.bool_
    ).reshape(len(cohorts.kinds), len(facilities), situation.settings.days)
    return CareProblem(
        situation.settings.days, cohorts, facilities, means, ways, ptr, able, options,
        limits_of(situation, options), curves, tuple(notes.texts),
    )  # fmt: skip


def _to_facilities(
    ways: Ways, facilities: tuple[Facility, ...], places: list[str], areas: int
) -> tuple[Ways, Ints]:
    """Turn ways to places into ways to the facilities there, sorted by area."""
    at = np.array([places.index(f.place_id) for f in facilities], np.int64)
    extra = np.array([f.extra_h for f in facilities])
    parts = []
    for i, place in enumerate(at.tolist()):
        here = np.flatnonzero(ways.place == place)
        parts.append(np.stack([here, np.full(len(here), i)]))
    of, facility = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.int64)
    order = np.lexsort((ways.means[of], ways.day[of], facility, ways.area[of]))
    of, facility = of[order], facility[order]
    made = Ways(
        ways.area[of], facility, ways.day[of], ways.means[of],
        ways.hours[of] + (extra[facility] if len(extra) else 0.0), ways.round_h[of],
    )  # fmt: skip
    return made, np.searchsorted(made.area, np.arange(areas + 1))


def _able(kind: Kind, facility: Facility) -> Bools:
    """Return the days on which people of a kind can start treatment at a facility, [days].

    A capacity that is unknown is none. Green patients and those of the class expectant need
    general care only; nobody with light wounds is sent out of the network.
    """
    days = len(facility.beds)
    if facility.outside:
        return (facility.leaving > 0) & (kind.triage in ("red", "yellow"))
    general = kind.triage in ("green", "expectant") and kind.specialty != "dialysis"
    if not facility.treats[SPECIALTIES.index("general" if general else kind.specialty)]:
        return np.zeros(days, np.bool_)
    able = np.ones(days, np.bool_)
    if kind.stay_days:
        able &= np.nan_to_num(facility.beds) > 0
    if kind.visits:
        able &= np.nan_to_num(facility.outpatients) > 0
    if kind.visits_later:
        # every later day must be able too
        able &= np.logical_and.accumulate(able[::-1])[::-1]
    if kind.operated:
        theatre = _theatre(facility, kind.major, kind.minor)
        later = np.ones(days, np.bool_)
        if kind.minor_next:
            again = _theatre(facility, 0.0, kind.minor_next)
            later[: days - kind.next_after] = again[kind.next_after :]
        able &= theatre & later
    return able


def _theatre(facility: Facility, major: float, minor: float) -> Bools:
    """Say on which days there is a theatre for such operations."""
    can = np.ones(len(facility.beds), np.bool_)
    if major:
        can &= np.nan_to_num(facility.major) > 0
    if minor:
        can &= np.nan_to_num(facility.minor) > 0
    return can


def columns_of(problem: CareProblem, cohorts: Ints, nearest: int | None = None) -> Columns:
    """Return the choices of some cohorts.

    Parameters
    ----------
    problem
        The problem.
    cohorts
        Index of cohorts.
    nearest
        Only ways to so many facilities, those that are reached soonest; None = all.
    """
    c, ways = problem.cohorts, problem.ways
    ptr = problem.way_ptr
    starts, ends = ptr[c.area[cohorts]], ptr[c.area[cohorts] + 1]
    count = ends - starts
    cohort = np.repeat(cohorts, count)
    shift = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    way = np.repeat(starts, count) + shift
    kind = c.kind[cohort]
    keep = ways.day[way] >= c.came[cohort]
    keep &= problem.able[kind, ways.place[way], ways.day[way]]
    carried = ways.means[way] >= 0
    keep &= ~carried | (_room(problem)[_lying(problem)[kind].astype(int), ways.means[way]] > 0)
    keep &= _lying(problem)[kind] | ~_needless_flights(problem)[way]
    cohort, way, kind = cohort[keep], way[keep], kind[keep]
    made = Columns(cohort, way, benefit_of(problem, cohort, way))
    return made if nearest is None else _nearest(problem, made, nearest)


def benefit_of(problem: CareProblem, cohort: Ints, way: Ints, level: Level = "mid") -> Floats:
    """Return the benefit per person of cohorts on ways, by the low, middle or high curves.

    The delay counts from the day on which people come up, or from the first day of the plan
    where they came before: their triage class says how they are now, not how they were.
    """
    c, ways = problem.cohorts, problem.ways
    waited = ways.day[way] - np.maximum(0, c.came[cohort])
    delay_h = waited * HOURS + ways.hours[way]
    benefit, kind = np.zeros(len(cohort)), c.kind[cohort]
    for k, of in enumerate(c.kinds):
        at = np.flatnonzero(kind == k)
        benefit[at] = problem.curves.find(of.triage, of.specialty).benefit(delay_h[at], level)
    return benefit


def _needless_flights(problem: CareProblem) -> Bools:
    """Return the flights from areas from which a road leads to care that day [ways].

    Aircraft are for lying patients; who can sit flies only where there is no road.
    """
    ways, days = problem.ways, problem.days
    by_air = np.array([*(m.class_id is None for m in problem.means), False], np.bool_)
    flown = by_air[ways.means]
    number = ways.area * days + ways.day
    by_road = np.zeros(len(problem.cohorts.area_ids) * days, np.bool_)
    by_road[number[~flown]] = True
    needless: Bools = flown & by_road[number]
    return needless


def _lying(problem: CareProblem) -> Bools:
    return np.array([k.lying for k in problem.cohorts.kinds], np.bool_)


def _room(problem: CareProblem) -> Floats:
    """Return seats and stretchers of each means [2, means]; one more column for none."""
    rows = [[m.seats for m in problem.means], [m.stretchers for m in problem.means]]
    return np.column_stack([np.array(rows).reshape(2, -1), np.zeros(2)])


def trip_hours(problem: CareProblem, columns: Columns) -> Floats:
    """Return hours of vehicles per person of each column: round trip / places in the vehicle."""
    ways, kind = problem.ways, problem.cohorts.kind[columns.cohort]
    means = ways.means[columns.way]
    room = _room(problem)[_lying(problem)[kind].astype(int), means]
    hours: Floats = ways.round_h[columns.way] / np.where(means >= 0, np.maximum(room, 1e-9), 1.0)
    return hours


def _nearest(problem: CareProblem, columns: Columns, count: int) -> Columns:
    """Keep the ways to the facilities that each cohort reaches soonest; the field units all."""
    facility = problem.ways.place[columns.way]
    hours = problem.ways.hours[columns.way]
    size = len(problem.facilities)
    pair = columns.cohort * size + facility
    pairs, at = np.unique(pair, return_inverse=True)
    soonest = np.full(len(pairs), np.inf)
    np.minimum.at(soonest, at, hours)
    order = np.lexsort((pairs, soonest, pairs // size))
    cohort = (pairs // size)[order]
    rank = np.arange(len(order)) - np.searchsorted(cohort, cohort, side="left")
    good = np.zeros(len(pairs), np.bool_)
    good[order] = rank < count
    keep = good[at]
    return Columns(columns.cohort[keep], columns.way[keep], columns.benefit[keep])
