"""M: medical care: beds, theatres, outpatients, specialties, ways, vehicles, people, units.

Everything is worked out anew from the situation and the tables of the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.plan.verify import care_facts
from aidline.plan.verify.care_book import TOLERANCE, WHO, Book, usable
from aidline.plan.verify.care_sites import checked_sites
from aidline.plan.verify.care_ways import m5_leaving, m5_vehicles, m6_access
from aidline.plan.verify.violations import Violation, differs, number, over, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

PLACE = ["place_id", "unit_id"]


def checked_care(situation: Situation, plan: Plan | Mapping[str, pl.DataFrame]) -> list[Violation]:
    """Return every rule of care that a plan breaks.

    Parameters
    ----------
    situation
        What is known; with the roads that the plan opens in its road log.
    plan
        A plan, or its tables `care`, `waiting`, `facility_days` and `field_sites` by name.
        Nothing in them is trusted.

    Returns
    -------
    list of Violation
        M0 form, M1 beds, M2 theatres, M3 outpatients, M4 specialty, M5 vehicles, M6 access, M7
        treated before they came, M8 more treated than came, M9 waiting, M10 unit, M11 site, M12
        table `facility_days`.
    """
    care, found = usable(situation, plan["care"])
    book = Book(
        situation,
        care,
        plan["waiting"],
        plan["facility_days"],
        plan["field_sites"],
        care_facts.came(situation),
        care_facts.capacity(situation, plan["field_sites"]),
        care_facts.means(situation),
    )
    rules: tuple[Callable[[Book], list[Violation]], ...] = (
        _m1_to_m3, _m4_specialty, m5_vehicles, m5_leaving, m6_access, _m7_early, _m8_people,
        _m9_waiting, _m10_unit, _m12_facility_days,
    )  # fmt: skip
    for rule in rules:
        found += rule(book)
    return found + checked_sites(situation, book.sites)


def _used(book: Book) -> pl.DataFrame:
    """Return bed, major, minor, visits by facility and day, inside the network."""
    inside = book.care.filter(pl.col("onward_id").is_null())
    takes = care_facts.takes(inside.select("triage", "specialty").unique(), book.days)
    return (
        inside.join(takes, on=["triage", "specialty"])
        .with_columns(day=pl.col("day") + pl.col("shift"))
        .filter(pl.col("day") < book.days)
        .group_by(*PLACE, "day")
        .agg((pl.col(c) * pl.col("people")).sum() for c in ("bed", "major", "minor", "visits"))
        .sort(*PLACE, "day", nulls_last=True)
    )


def _m1_to_m3(book: Book) -> list[Violation]:
    """M1.beds, M2.operations, M3.outpatients: no more than there is; unknown is none."""
    rows = _used(book).join(
        book.capacity, on=[*PLACE, "day"], how="left", nulls_equal=True, maintain_order="left"
    )
    rows = rows.with_columns(
        pl.col("beds", "major_right", "minor_right", "outpatients").fill_null(0)
    )
    share = pl.lit(0.0)
    for kind in ("major", "minor"):
        most = pl.col(f"{kind}_right")
        none = pl.when(pl.col(kind) > TOLERANCE).then(float("inf")).otherwise(0.0)
        share += pl.when(most > 0).then(pl.col(kind) / most).otherwise(none)
    rows = rows.with_columns(share=share, one=1.0)
    found = []
    for rule, used, limit, what in (
        ("M1.beds", "bed", "beds", "people hold beds; there are"),
        ("M2.operations", "share", "one", "of the theatre-day is used; there is"),
        ("M3.outpatients", "visits", "outpatients", "outpatients come; the limit is"),
    ):
        bad = rows.filter(over(used, limit, TOLERANCE)).with_columns(found=used, limit=limit)
        found += violations(
            bad,
            rule,
            _sentence("{at} on day {day}: {found} " + what + " {limit}."),
            tuple(PLACE),
        )
    return found


def _sentence(form: str) -> Callable[[dict[str, Any]], str]:
    """Return what makes a sentence of a row about a facility."""
    return lambda row: form.format(
        at=_at(row), day=row["day"], found=number(row["found"]), limit=number(row["limit"])
    )


def _at(row: dict[str, Any]) -> str:
    return f"{row['unit_id']} at {row['place_id']}" if row["unit_id"] else str(row["place_id"])


def _m4_specialty(book: Book) -> list[Violation]:
    """M4.specialty: a facility treats what it is known to treat; light wounds stay inside."""
    treats = book.capacity.select(*PLACE, "treats").unique()
    rows = book.care.join(treats, on=PLACE, how="left", nulls_equal=True, maintain_order="left")
    general = pl.col("triage").is_in(["green", "expectant"]) & (pl.col("specialty") != "dialysis")
    needed = pl.when(general).then(pl.lit("general")).otherwise(pl.col("specialty"))
    able = pl.col("treats").fill_null("").str.split(" ").list.contains(needed)
    outside = pl.col("onward_id").is_not_null()
    able = pl.when(outside).then(pl.col("triage").is_in(["red", "yellow"])).otherwise(able)
    return violations(
        rows.filter(~able),
        "M4.specialty",
        lambda r: (
            f"{r['triage']} {r['specialty']} patients of {r['area_id']} are sent on day {r['day']} "
            f"to {r['destination'] or _at(r)}, which is not known to treat them."
        ),
        ("area_id", "triage", "specialty"),
    )


def _m7_early(book: Book) -> list[Violation]:
    """M7.early: nobody is treated before the day on which they came."""
    return violations(
        book.care.filter(pl.col("day") < pl.col("came_day")),
        "M7.early",
        lambda r: (
            f"People of {r['area_id']} who come on day {r['came_day']} are treated on day "
            f"{r['day']}, before they come."
        ),
        WHO[:3],
    )


def _m8_people(book: Book) -> list[Violation]:
    """M8.people: of those who came on a day no more are treated than came: nobody twice."""
    treated = book.care.group_by(WHO).agg(found=pl.col("people").sum())
    rows = treated.join(book.came, on=list(WHO), how="left").with_columns(
        limit=pl.col("people").fill_null(0.0)
    )
    return violations(
        rows.filter(over("found", "limit", TOLERANCE)).sort(WHO),
        "M8.people",
        lambda r: (
            f"{r['triage']} {r['specialty']} patients of {r['area_id']} who came on day "
            f"{r['came_day']}: {number(r['found'])} treated, {number(r['limit'])} came."
        ),
        WHO[:3],
    )


def _m9_waiting(book: Book) -> list[Violation]:
    """M9.waiting: on every day treated and waiting make up all who came."""
    key = list(WHO[:3])
    moves = pl.concat(
        [
            book.came.select(*key, day=pl.col("came_day").clip(lower_bound=0), n="people"),
            book.care.select(*key, day="day", n=-pl.col("people")),
        ]
    )
    grid = moves.select(key).unique().join(pl.DataFrame({"day": range(book.days)}), how="cross")
    should = (
        grid.join(moves.group_by(*key, "day").agg(pl.col("n").sum()), on=[*key, "day"], how="left")
        .sort(*key, "day")
        .with_columns(limit=pl.col("n").fill_null(0.0).cum_sum().over(key))
        .select(*key, "day", "limit")
    )
    said = book.waiting.select(*key, "day", found="people")
    rows = should.join(said, on=[*key, "day"], how="full", coalesce=True)
    return violations(
        rows.filter(differs("found", "limit", 1e-5)).sort(*key, "day"),
        "M9.waiting",
        lambda r: (
            f"{r['triage']} {r['specialty']} patients of {r['area_id']} at the end of day "
            f"{r['day']}: the plan says that {number(r['found'])} wait; by came and treated it "
            f"is {number(r['limit'])}."
        ),
        WHO[:3],
    )


def _m10_unit(book: Book) -> list[Violation]:
    """M10.unit: care by a unit is at its site, from the day it opens; others are hospitals."""
    known = book.capacity.select(*PLACE, "day", known=pl.lit(value=True))
    inside = book.care.filter(pl.col("onward_id").is_null())
    rows = inside.join(known, on=[*PLACE, "day"], how="left", nulls_equal=True)
    sites = book.sites.select(*PLACE, "open_day", "last_day")
    rows = rows.join(sites, on=PLACE, how="left", nulls_equal=True)
    shut = (pl.col("day") < pl.col("open_day")) | (pl.col("day") > pl.col("last_day"))
    return violations(
        rows.filter(pl.col("known").is_null() | shut.fill_null(value=False)),
        "M10.unit",
        lambda r: f"{_at(r)} treats people on day {r['day']}, when it does not work there.",
        tuple(PLACE),
    )


def _m12_facility_days(book: Book) -> list[Violation]:
    """M12.facility_days: the table agrees with table care and with the limits."""
    pairs = (
        ("beds_used", "bed"), ("major_operations", "major"), ("minor_operations", "minor"),
        ("outpatients", "visits"),
    )  # fmt: skip
    rows = book.facility_days.join(
        _used(book), on=[*PLACE, "day"], how="full", coalesce=True, nulls_equal=True
    ).sort(*PLACE, "day")
    found = []
    for said, so in pairs:
        bad = rows.filter(differs(said, so, 1e-5)).with_columns(found=said, limit=so)
        found += violations(
            bad,
            "M12.facility_days",
            _sentence(
                "Table facility_days says {found} " + said + " at {at} on day {day}; by table "
                "care it is {limit}."
            ),
            tuple(PLACE),
        )
    return found
