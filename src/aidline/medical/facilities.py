"""Where people can be treated: hospitals, field units where they could stand, places outside.

Unknown stays unknown: a capacity that nobody gave is NaN here, serves nobody, and is listed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from aidline.situation.tables import SPECIALTIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from aidline.medical.sites import Option
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

BY_TYPE = {
    "T1_mobile": (),
    "T1_fixed": (),
    "T2": ("surgery", "orthopaedic", "maternity", "paediatric"),
    "T3": ("surgery", "orthopaedic", "maternity", "paediatric", "burns"),
    "specialised": (),
}


@dataclass(frozen=True, eq=False)
class Facility:
    """One place of treatment.

    Attributes
    ----------
    place_id
        Hospital or site; for a place outside: where one leaves for it.
    unit_id
        The field unit, or None.
    option
        Index of the siting option, −1 where it stands in any case.
    means_id, destination
        By what and to where people leave the network, or None.
    beds, major, minor, outpatients
        [days] capacity, NaN where unknown. `major` if no minor operations are done, and the
        other way round.
    leaving
        [days] lying people who can leave the network.
    treats
        [specialties]: can it treat them?
    extra_h
        Hours that are added to the way: the passage out of the network.
    """

    place_id: str
    unit_id: str | None
    option: int
    means_id: str | None
    destination: str | None
    beds: Floats
    major: Floats
    minor: Floats
    outpatients: Floats
    leaving: Floats
    treats: Bools
    extra_h: float = 0.0

    @property
    def outside(self) -> bool:
        """True where it lies outside the network."""
        return self.means_id is not None


@dataclass(slots=True)
class Notes:
    """What is unknown and therefore not used, in words."""

    texts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note one thing, once."""
        if text not in self.texts:
            self.texts.append(text)


def hospitals(situation: Situation, ledger: Ledger, notes: Notes) -> list[Facility]:
    """Return the hospitals that work, by place."""
    days = situation.settings.days
    found = []
    for row in situation["hospitals"].iter_rows(named=True):
        code = row["place_id"]
        if row["functioning"] == "none":
            continue
        if row["functioning"] in (None, "unknown"):
            notes.add(f"{code}: nobody said whether it works; it takes nobody in this plan")
            continue
        total, theatres = _by_day(situation, row)
        beds = np.floor(total - _held(row, total, ledger) + 1e-9)
        major, minor = _operations(row, theatres, ledger, code)
        outpatients = np.full(days, _figure(row["outpatients_per_day"]))
        for what, amount in (
            ("beds", beds),
            ("operations", major),
            ("outpatients", outpatients),
        ):
            if np.isnan(amount).all():
                notes.add(f"{code}: {what} unknown; nobody who needs them is sent there")
        if row["specialties"] is None:
            notes.add(f"{code}: specialties unknown; only general care is counted on")
        none = np.zeros(days)
        found.append(
            Facility(
                code, None, -1, None, None, beds, major, minor, outpatients, none,
                _treats((row["specialties"] or "").split()),
            )
        )  # fmt: skip
    return found


def field_units(
    situation: Situation, options: Sequence[Option], ledger: Ledger, notes: Notes
) -> list[Facility]:
    """Return one facility for each unit and site where it could stand, closed before it opens."""
    days = np.arange(situation.settings.days)
    units = {r["unit_id"]: r for r in situation["field_units"].iter_rows(named=True)}
    found = []
    for i, option in enumerate(options):
        row = units[option.unit_id]
        able = row["specialties"]
        if able is None and row["type"] == "specialised":
            notes.add(f"{option.unit_id}: specialties unknown; it takes nobody in this plan")
        codes = BY_TYPE.get(row["type"], ()) if able is None else able.split()
        is_open = (days >= option.open_day) & (days <= option.last_day)
        theatres = np.full(len(days), _figure(row["theatres"]))
        major, minor = _operations(row, theatres, ledger, option.unit_id)
        found.append(
            Facility(
                option.place_id, option.unit_id, i, None, None,
                np.where(is_open, _figure(row["beds"]), 0.0),
                np.where(is_open, major, 0.0),
                np.where(is_open, minor, 0.0),
                np.where(is_open, _figure(row["outpatients_per_day"]), 0.0),
                np.zeros(len(days)), _treats(codes, general=row["type"] != "specialised"),
            )
        )  # fmt: skip
    return found


def outside(situation: Situation, ledger: Ledger, notes: Notes) -> list[Facility]:
    """Return the agreed places outside the network, each with the means that goes there."""
    settings = situation.settings
    days = np.arange(settings.days)
    found = []
    for row in situation["evacuation_means"].iter_rows(named=True):
        code = row["means_id"]
        if not row["destination"]:
            continue
        if row["permission_from"] is None:
            notes.add(f"{code}: the receiving side has not said from when; it takes nobody")
            continue
        if row["stretchers"] is None or row["vehicles"] is None:
            notes.add(f"{code}: stretchers or vehicles unknown; it takes nobody")
            continue
        hours = figure_or(row["hours_per_day"], "care.means_hours_per_day", ledger, code)
        turn = figure_or(row["turnaround_h"], "care.turnaround_h", ledger, code)
        away = ledger.take(f"care.outside_round_trip_h.{row['mode']}", code)
        per_day = row["vehicles"] * hours / (away + turn) * row["stretchers"]
        agreed = days >= settings.day_of(row["permission_from"])
        none = np.zeros(len(days))
        found.append(
            Facility(
                row["place_id"], None, -1, code, row["destination"], none, none, none, none,
                np.where(agreed, per_day, 0.0), np.ones(len(SPECIALTIES), np.bool_), away / 2,
            )
        )  # fmt: skip
    return found


def figure_or(value: float | None, default_id: str, ledger: Ledger, used_for: str) -> float:
    """Return a figure, or a default where nobody gave it."""
    return float(value) if value is not None else ledger.take(default_id, used_for)


def _figure(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _treats(codes: Sequence[str], *, general: bool = True) -> Bools:
    """Return what a facility treats: general care too, unless it is a specialised cell."""
    return np.array([(general and s == "general") or s in codes for s in SPECIALTIES], np.bool_)


def _by_day(situation: Situation, row: dict[str, Any]) -> tuple[Floats, Floats]:
    """Return functioning beds and theatres by day: a row of `hospital_days` holds until the next.

    Beds that nobody gave for the hospital stay unknown until a row says so.
    """
    settings = situation.settings
    beds = np.full(settings.days, _figure(row["beds"]))
    theatres = np.full(settings.days, _figure(row["theatres"]))
    for change in situation["hospital_days"].iter_rows(named=True):
        if change["place_id"] != row["place_id"] or change["date"] is None:
            continue
        start = max(0, settings.day_of(change["date"]))
        if change["beds"] is not None:
            beds[start:] = change["beds"]
        if change["theatres"] is not None:
            theatres[start:] = change["theatres"]
    return beds, theatres


def _held(row: dict[str, Any], total: Floats, ledger: Ledger) -> Floats:
    """Return the beds that others hold, by day.

    Those who lie there today leave evenly; in the end everyday patients hold their usual share.
    """
    code = row["place_id"]
    share = ledger.take("care.everyday_bed_share", code)
    usual = share * total
    if row["beds_free"] is None or row["beds"] is None:
        return usual
    turnover = ledger.take("care.bed_turnover_days", code)
    now = max(0.0, row["beds"] - row["beds_free"])
    gone = np.minimum(1.0, np.arange(len(total)) / turnover)
    held: Floats = np.minimum(total, now + (usual - now) * gone)
    return held


def _operations(
    row: dict[str, Any], theatres: Floats, ledger: Ledger, code: str
) -> tuple[Floats, Floats]:
    """Return major and minor operations per day, each if none of the other kind are done.

    They go with the theatres that work on the day; a figure of the facility holds for its usual
    number of theatres.
    """
    usual = row["theatres"]
    share = np.ones(len(theatres)) if not usual else theatres / usual
    major, minor = row["major_operations_per_day"], row["minor_operations_per_day"]
    standard_major = "care.theatre_major_per_day"
    standard_minor = "care.theatre_minor_per_day"
    if major is not None:
        majors = major * share
    elif usual is None and np.isnan(theatres).all():
        majors = np.full(len(theatres), np.nan)
    else:
        majors = theatres * ledger.take(standard_major, code)
    if minor is not None:
        return majors, minor * share
    if np.isnan(majors).all():
        return majors, majors
    ratio = ledger.take(standard_minor, code) / ledger.take(standard_major, code)
    return majors, majors * ratio
