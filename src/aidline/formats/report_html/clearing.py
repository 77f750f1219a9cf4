"""Roads and crews: who clears what and when, which roads open, and what other plans would give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.formats.report_html import gantt
from aidline.plan.verify.form import clearing_rows

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from markupsafe import Markup

    from aidline.formats.report_html.charts import Axis
    from aidline.formats.report_html.language import Language
    from aidline.formats.report_html.story import Facts

NEAR = 1e-6
ON_ROADS = ("assess", "single_lane", "full")
SHOWN_BLOCKED = 6


@dataclass(frozen=True)
class Job:
    """One task as a line of the chart.

    Attributes
    ----------
    road, blockage
        Where, in words.
    kind, work
        Code and name of the task.
    when
        First and last day of the work, in words.
    note
        What comes of it: the road is open from a date, or the work ends after the plan.
    chart
        The line of the chart.
    """

    road: str
    blockage: str
    kind: str
    work: str
    when: str
    note: str
    chart: Markup


@dataclass(frozen=True)
class Crew:
    """A team, where it starts from, and its tasks in order."""

    team: str
    kind: str
    base: str
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Opening:
    """A road that opens: from when, how far, and who opens it."""

    date: dt.date
    segment_id: str
    road: str
    grade: str
    grade_words: str
    teams: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """The same situation planned in another way; `worst` is the lowest share of an area."""

    name: str
    value: str
    gap: str
    worst: str
    not_reached: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Clearing:
    """Everything of the part "Roads and crews".

    Attributes
    ----------
    lead
        What is opened, in a sentence.
    opened
        Blockages that are cleared so that a road opens within the plan.
    crews
        Teams with their tasks.
    axis
        The head of the chart: dates.
    openings
        In the order of their dates.
    baselines
        Best first.
    blocked
        Roads on which blockages stay, in words, "" where there are none.
    """

    lead: Markup
    opened: int
    crews: tuple[Crew, ...]
    axis: Markup
    openings: tuple[Opening, ...]
    baselines: tuple[Baseline, ...]
    blocked: str


def clearing(facts: Facts, axis: Axis) -> Clearing | None:
    """Return the part "Roads and crews"; None where the plan has no tasks on roads."""
    tables, _ = clearing_rows(facts.situation, facts.plan)
    days = facts.plan.record.days
    tasks = tables["tasks"].filter(pl.col("kind").is_in(ON_ROADS) & (pl.col("start") < days))
    rows = tables["road_openings"].filter(pl.col("day") < days).sort("day", "segment_id", "grade")
    if tasks.height == 0:
        return None
    blockages = facts.situation["blockages"]
    segment_of = dict(blockages.select("blockage_id", "segment_id").iter_rows())
    sites = _Sites(
        segment_of,
        dict(blockages.select("blockage_id", "kind").iter_rows()),
        {(s, g): d for s, g, d in rows.select("segment_id", "grade", "day").iter_rows()},
    )
    openings = tuple(_opening(facts, row, tasks, segment_of) for row in rows.iter_rows(named=True))
    lanes = {o.segment_id for o in openings}
    done = tasks.filter(pl.col("kind") == "single_lane")["at_id"].unique().to_list()
    opened = sum(segment_of.get(b) in lanes for b in done)
    return Clearing(
        _lead(facts, opened, openings),
        opened,
        _crews(facts, axis, tasks, sites),
        gantt.head(axis),
        openings,
        _baselines(facts),
        _blocked(facts, segment_of, lanes),
    )


def road_words(facts: Facts, segment: str | None) -> str:
    """Return "B2 Mountain Road (R-148)", or the bare code where the road has no name."""
    if not segment:
        return str(facts.language.words["meta.unknown"])
    name = facts.names.any(segment)
    return name if name == segment else f"{name} ({segment})"


def _lead(facts: Facts, opened: int, openings: tuple[Opening, ...]) -> Markup:
    language = facts.language
    blockages = language.count("count.blockages", facts.situation["blockages"].height)
    if not openings:
        return language.say("roads.lead_none", all=blockages)
    first = openings[0]
    return language.say(
        "roads.lead",
        n=language.number(opened),
        all=blockages,
        road=first.road,
        date=language.date(first.date),
    )


def _opening(
    facts: Facts, row: dict[str, Any], tasks: pl.DataFrame, segment_of: dict[str, str | None]
) -> Opening:
    segment, grade, language = row["segment_id"], row["grade"], facts.language
    here = [b for b, s in segment_of.items() if s == segment]
    by = tasks.filter(pl.col("at_id").is_in(here) & (pl.col("kind") == grade))
    teams = tuple(sorted(set(by["team_id"])))
    date, words = facts.situation.settings.date_of(row["day"]), language.plain(f"grade.{grade}")
    return Opening(date, segment, road_words(facts, segment), grade, words, teams)


@dataclass(frozen=True)
class _Sites:
    """Blockage -> segment and cause; (segment, grade) -> day on which it opens."""

    segment: Mapping[str, str | None]
    cause: Mapping[str, str | None]
    open_day: Mapping[tuple[str | None, str], int]


def _crews(facts: Facts, axis: Axis, tasks: pl.DataFrame, sites: _Sites) -> tuple[Crew, ...]:
    teams = {row["team_id"]: row for row in facts.situation["teams"].iter_rows(named=True)}
    rows = tasks.sort("team_id", "leave", "start", "task_id").iter_rows(named=True)
    crews = []
    for code, own in groupby(rows, lambda row: row["team_id"]):
        jobs = tuple(_job(facts, axis, row, sites) for row in own)
        base = teams[code]["place_id"]
        kind = facts.language.plain(f"team.{teams[code]['kind']}")
        crews.append(Crew(code, kind, facts.names.place(base) if base else "", jobs))
    return tuple(crews)


def _job(facts: Facts, axis: Axis, row: dict[str, Any], sites: _Sites) -> Job:
    segment, cause = sites.segment.get(row["at_id"]), sites.cause.get(row["at_id"])
    open_day = sites.open_day.get((segment, row["kind"]))
    language, settings, days = facts.language, facts.situation.settings, facts.plan.record.days
    work, road = language.plain(f"task.{row['kind']}"), road_words(facts, segment)
    first = math.floor(row["start"] + NEAR)
    last = max(first, math.ceil(min(row["finish"], days) - NEAR) - 1)
    when = language.plain(
        "meta.from_to",
        first=language.short_date(settings.date_of(first)),
        last=language.short_date(settings.date_of(last)),
    )
    if last == first:
        when = language.short_date(settings.date_of(first))
    late = row["finish"] > days + NEAR
    note = language.plain("roads.after_plan") if late else ""
    if open_day is not None and not late:
        date = language.short_date(settings.date_of(open_day))
        note = language.plain("roads.open_from", date=date)
    words = [language.plain(f"road_cause.{cause}")] if cause else []
    blockage = language.listed([*words, row["at_id"]])
    bar = gantt.Bar(
        row["kind"], row["leave"], row["start"], row["finish"], row["finish_low"],
        row["finish_high"], open_day,
    )  # fmt: skip
    said = language.plain("roads.chart_words", road=road, work=work, when=when)
    chart = gantt.line(bar, axis, f"{said} {note}".strip())
    return Job(road, blockage, row["kind"], work, when, note, chart)


def _baselines(facts: Facts) -> tuple[Baseline, ...]:
    """Put the plans beside each other, the best first; nothing where there is only one."""
    language = facts.language
    known = facts.plan["baselines"].drop_nulls(["name", "value", "chosen"])
    known = known.filter(pl.col("value").is_finite()).sort("value", "name")
    if known.height < 2:
        return ()
    chosen = known.filter("chosen").row(0, named=True) if known["chosen"].any() else None
    return tuple(
        Baseline(
            language.plain(f"baseline.{row['name']}"),
            language.compact(row["value"]),
            language.percent(row["gap"], 1),
            language.percent(row["minimum_coverage"]),
            language.number(row["unreachable_areas"]),
            _against(language, row, chosen),
            row["chosen"],
        )
        for row in known.iter_rows(named=True)
        if f"baseline.{row['name']}" in language
    )


def _against(language: Language, row: dict[str, Any], chosen: dict[str, Any] | None) -> str:
    """Return what a plan gives against the chosen one, in the language of the report."""
    if row["chosen"]:
        return language.plain("roads.this_plan")
    if language.code == "en" or chosen is None:
        return row["text"] or ""
    more = row["value"] - chosen["value"]
    unsure = max(row["gap"] or 0.0, chosen["gap"] or 0.0) * abs(chosen["value"])
    if abs(more) <= unsure or chosen["value"] <= 0:
        return language.plain("roads.not_told_apart")
    key = "roads.more_unmet" if more > 0 else "roads.less_unmet"
    return language.plain(key, share=language.percent(abs(more) / chosen["value"], 1))


def _blocked(facts: Facts, segment_of: dict[str, str | None], opened: set[str]) -> str:
    """Say on which roads blockages stay over the whole plan."""
    language = facts.language
    left = sorted({s for s in segment_of.values() if s and s not in opened})
    if not left:
        return ""
    names = language.listed([road_words(facts, s) for s in left], SHOWN_BLOCKED)
    return language.plain("roads.blocked", roads=names)
