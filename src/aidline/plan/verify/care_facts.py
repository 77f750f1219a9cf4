"""What the rules of care rest on, worked out anew from the situation."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.network.access import travel_times
from aidline.network.geo import distance_km
from aidline.network.network import points_of
from aidline.situation.defaults import Ledger
from aidline.situation.tables import PROFILES

if TYPE_CHECKING:
    import datetime as dt

    from aidline.situation.situation import Situation

INJURIES = ("surgery", "orthopaedic", "burns")
UNIT_TREATS = {
    "T1_mobile": "", "T1_fixed": "",
    "T2": "surgery orthopaedic maternity paediatric",
    "T3": "surgery orthopaedic maternity paediatric burns",
    "specialised": "",
}  # fmt: skip
UNKNOWN_ACCESS = "light_truck"
CAPACITY: dict[str, pl.DataType] = {
    "place_id": pl.String(), "unit_id": pl.String(), "day": pl.Int64(), "beds": pl.Float64(),
    "major": pl.Float64(), "minor": pl.Float64(), "outpatients": pl.Float64(),
    "treats": pl.String(),
}  # fmt: skip


def came(situation: Situation) -> pl.DataFrame:
    """Return area_id, triage, specialty, came_day, people of everybody who comes in the plan."""
    start = situation.settings.start_date
    return (
        situation["casualties"]
        .select(
            "area_id",
            "triage",
            "specialty",
            came_day=(pl.col("date") - pl.lit(start)).dt.total_days(),
            people="people",
        )
        .drop_nulls()
        .filter(
            pl.col("people").is_finite()
            & (pl.col("people") > 0)
            & (pl.col("came_day") < situation.settings.days)
        )
        .group_by("area_id", "triage", "specialty", "came_day")
        .agg(pl.col("people").sum())
    )


def takes(pairs: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return what one person takes `shift` days after treatment began.

    Parameters
    ----------
    pairs
        triage, specialty.
    days
        Length of the plan.

    Returns
    -------
    pl.DataFrame
        triage, specialty, shift, bed, major, minor, visits.
    """
    figure = Ledger().take
    rows: list[tuple[str, str, int, float, float, float, float]] = []
    for triage, specialty in pairs.iter_rows():
        if specialty == "dialysis":
            weekly = figure("care.dialysis_sessions_per_week")
            rows += [(triage, specialty, s, 0, 0, 0, weekly / 7) for s in range(days)]
            continue
        if triage == "green":
            rows.append((triage, specialty, 0, 0, 0, 0, 1))
            continue
        code = "maternity" if specialty == "maternity" else triage
        injured = specialty in INJURIES
        operated = injured or specialty == "maternity"
        share = figure(f"care.operated_share.{code}") if operated else 0.0
        big = figure(f"care.major_share.{code}") if operated else 0.0
        again = int(figure("care.next_operation_after_days"))
        more = figure("care.operations_per_person") - 1 if injured else 0.0
        lies = share if injured and triage == "yellow" else 1.0
        stay = int(figure(f"care.stay_days.{code}"))
        for s in range(max(stay, again + 1)):
            first = s == 0
            minor = share * (1 - big) * first + share * more * (s == again)
            bed = lies * (s < stay)
            rows.append((triage, specialty, s, bed, share * big * first, minor, (1 - lies) * first))
    names = ["triage", "specialty", "shift", "bed", "major", "minor", "visits"]
    number = dict.fromkeys(names[3:], pl.Float64)
    text: dict[str, Any] = {"triage": pl.String, "specialty": pl.String, "shift": pl.Int64}
    return pl.DataFrame(rows, schema={**text, **number}, orient="row", strict=False)


def capacity(situation: Situation, sites: pl.DataFrame) -> pl.DataFrame:
    """Return what hospitals, and the units of `field_sites`, can do on each day.

    Returns
    -------
    pl.DataFrame
        Columns of `CAPACITY`; `treats` is a list of codes separated by spaces; null = unknown.
        Hospitals that do not work, or of which nobody knows, are left out.
    """
    rows = []
    works = situation["hospitals"].filter(pl.col("functioning").is_in(["full", "partial"]))
    for hospital in works.iter_rows(named=True):
        rows += [_hospital_day(situation, hospital, d) for d in range(situation.settings.days)]
    units = {u["unit_id"]: u for u in situation["field_units"].iter_rows(named=True)}
    for site in sites.iter_rows(named=True):
        unit = units.get(site["unit_id"])
        if unit is not None:
            rows += [_unit_day(unit, site, d) for d in range(situation.settings.days)]
    return pl.DataFrame(rows, schema=CAPACITY, orient="row")


def _hospital_day(situation: Situation, hospital: dict[str, Any], day: int) -> tuple[Any, ...]:
    figure, code = Ledger().take, hospital["place_id"]
    beds = _on(situation, code, day, "beds", hospital["beds"])
    theatres = _on(situation, code, day, "theatres", hospital["theatres"])
    free = None
    if beds is not None:
        usual = figure("care.everyday_bed_share") * beds
        held = usual
        if hospital["beds"] is not None and hospital["beds_free"] is not None:
            now = max(0.0, hospital["beds"] - hospital["beds_free"])
            left = max(0.0, 1 - day / figure("care.bed_turnover_days"))
            held = min(beds, usual + (now - usual) * left)
        free = float(int(beds - held + 1e-9))
    major, minor = _theatres(hospital, theatres)
    treats = f"general {hospital['specialties'] or ''}"
    return (code, None, day, free, major, minor, hospital["outpatients_per_day"], treats)


def _unit_day(unit: dict[str, Any], site: dict[str, Any], day: int) -> tuple[Any, ...]:
    able = unit["specialties"]
    treats = UNIT_TREATS.get(unit["type"], "") if able is None else able
    if unit["type"] != "specialised":
        treats = f"general {treats}"
    works = site["open_day"] <= day <= site["last_day"]
    major, minor = _theatres(unit, unit["theatres"])
    amounts = [unit["beds"], major, minor, unit["outpatients_per_day"]]
    shown = amounts if works else [0.0] * 4
    return (site["place_id"], site["unit_id"], day, *shown, treats)


def _theatres(row: dict[str, Any], today: float | None) -> tuple[float | None, float | None]:
    """Return most major and most minor operations of a day."""
    figure, usual = Ledger().take, row["theatres"]
    standard = figure("care.theatre_major_per_day"), figure("care.theatre_minor_per_day")
    part = today / usual if usual and today is not None else 1.0
    major = row["major_operations_per_day"]
    if major is not None:
        major *= part
    elif today is not None:
        major = today * standard[0]
    minor = row["minor_operations_per_day"]
    if minor is not None:
        minor *= part
    elif major is not None:
        minor = major * standard[1] / standard[0]
    return major, minor


def _on(
    situation: Situation, code: str, day: int, column: str, usual: float | None
) -> float | None:
    """Return a figure of a hospital on a day: the last row of `hospital_days` up to it counts."""
    date: dt.date = situation.settings.date_of(day)
    rows = situation["hospital_days"].filter(
        (pl.col("place_id") == code) & (pl.col("date") <= date) & pl.col(column).is_not_null()
    )
    return rows.sort("date")[column].to_list()[-1] if rows.height else usual


def means(situation: Situation) -> dict[str, dict[str, Any]]:
    """Return ambulances, buses and aircraft by code, with what is assumed filled in."""
    figure = Ledger().take
    classes = {c["class_id"]: c for c in situation["vehicle_classes"].iter_rows(named=True)}
    found = {}
    for row in situation["evacuation_means"].iter_rows(named=True):
        kind = classes.get(row["class_id"], {})
        of_class = {w: kind.get(w) for w in ("seats", "stretchers")}
        for what, room in of_class.items():
            row[what] = (row[what] if row[what] is not None else room) or 0
        for what, code in (
            ("hours_per_day", "care.means_hours_per_day"),
            ("turnaround_h", "care.turnaround_h"),
        ):
            row[what] = figure(code) if row[what] is None else row[what]
        row["first_day"] = (
            situation.settings.day_of(row["permission_from"]) if row["permission_from"] else None
        )
        found[row["means_id"]] = row
    return found


def round_trips(situation: Situation, rides: pl.DataFrame) -> pl.DataFrame:
    """Return rides with `round_h`: home, area, place, home, with turnaround; null = no way.

    `there_h` are the hours until people are there.

    Parameters
    ----------
    situation
        What is known.
    rides
        means_id, area_id, to_id, day; each once.
    """
    by_code, hours, there = means(situation), [], []
    points = {i: (x, y) for i, x, y in points_of(situation).select(
        "id", "longitude", "latitude").drop_nulls().iter_rows()}  # fmt: skip
    kmh, times = Ledger().take("care.air_kmh"), _Drives(situation, rides, by_code)
    for code, area, to, day in rides.select("means_id", "area_id", "to_id", "day").iter_rows():
        row = by_code[code]
        stops = [row["place_id"], area, to, row["place_id"]]
        legs = list(itertools.pairwise(stops))
        if row["mode"] == "air":
            known = all(s in points for s in stops)
            taken = [_km(points[a], points[b]) / kmh if known else math.inf for a, b in legs]
        else:
            taken = [times.hours(row["class_id"], a, b, day) for a, b in legs]
        far = math.isinf(sum(taken))
        hours.append(None if far else sum(taken) + row["turnaround_h"])
        there.append(None if far else taken[0] + taken[1])
    return rides.with_columns(
        round_h=pl.Series(hours, dtype=pl.Float64), there_h=pl.Series(there, dtype=pl.Float64)
    )


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    import numpy as np

    return float(distance_km(*(np.array(v) for v in (*a, *b))))


class _Drives:
    """Driving times of the rides of a plan."""

    def __init__(
        self, situation: Situation, rides: pl.DataFrame, by_code: dict[str, dict[str, Any]]
    ) -> None:
        road = [c for c, r in by_code.items() if r["mode"] == "road" and r["class_id"]]
        of = rides.filter(pl.col("means_id").is_in(road))
        self._times: list[Any] = []
        if of.height == 0:
            return
        homes = sorted({by_code[c]["place_id"] for c in of["means_id"]})
        classes = sorted({by_code[c]["class_id"] for c in of["means_id"]})
        areas, places = (of[c].unique().sort().to_list() for c in ("area_id", "to_id"))
        for starts, ends in ((homes, areas), (areas, places), (places, homes)):
            self._times.append(travel_times(situation, starts, ends, classes, Ledger()))

    def hours(self, class_id: str | None, a: str, b: str, day: int) -> float:
        """Return hours of one leg, infinite where there is no way."""
        for times in self._times:
            if class_id in times.class_ids and a in times.from_ids and b in times.to_ids:
                at = times.from_ids.index(a), times.to_ids.index(b)
                k = times.class_ids.index(class_id)
                return float(times.hours[times.state_of_day[day], k, at[0], at[1]])
        return math.inf


def hauled(situation: Situation, unit: dict[str, Any], site: dict[str, Any]) -> pl.DataFrame:
    """Return tonnes and m³ that each base can bring to a site by day: base_id, day, t, m3."""
    figure, settings = Ledger().take, situation.settings
    access = situation["candidate_sites"].filter(pl.col("place_id") == site["place_id"])["access"]
    goods = PROFILES[:4]
    known = access.to_list()
    heaviest = known[0] if known and known[0] in goods else UNKNOWN_ACCESS
    classes = {
        c["class_id"]: c
        for c in situation["vehicle_classes"].iter_rows(named=True)
        if c["profile"] in goods[goods.index(heaviest) :]
    }
    fleets = situation["fleets"].filter(pl.col("class_id").is_in(list(classes)))
    rows: list[tuple[str, int, float, float]] = []
    if fleets.height:
        bases, kinds = (fleets[c].unique().sort().to_list() for c in ("place_id", "class_id"))
        at, to = [unit["place_id"]], [site["place_id"]]
        legs = [
            travel_times(situation, a, b, kinds, Ledger())
            for a, b in ((bases, at), (at, to), (to, bases))
        ]
    for fleet in fleets.iter_rows(named=True):
        kind, b = classes[fleet["class_id"]], bases.index(fleet["place_id"])
        k = kinds.index(fleet["class_id"])
        own = figure("truck.hours_per_day") if (h := fleet["hours_per_day"]) is None else h
        by_hand = figure("truck.load_h_base") + figure("truck.load_h_per_t") * kind["payload_t"]
        load = by_hand if kind["load_h"] is None else kind["load_h"]
        unload = load if kind["unload_h"] is None else kind["unload_h"]
        for day in range(settings.days):
            date = settings.date_of(day)
            if (fleet["from_date"] or date) > date or (fleet["until"] or date) < date:
                continue
            out, carry, back = (leg.hours[leg.state_of_day[day], k] for leg in legs)
            trip = float(out[b, 0] + carry[0, 0] + back[0, b]) + load + unload
            if trip <= own:
                trips = fleet["vehicles"] * own / trip
                amounts = trips * kind["payload_t"], trips * kind["volume_m3"]
                rows.append((fleet["place_id"], day, *amounts))
    schema = {"base_id": pl.String, "day": pl.Int64, "t": pl.Float64, "m3": pl.Float64}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("base_id", "day")
        .agg(pl.col("t", "m3").sum())
        .sort("base_id", "day")
    )
