"""The frozen context of the report: everything the template shows, nothing left to work out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from aidline.formats.report_html import charts, dispatch, story
from aidline.formats.report_html.clearing import Clearing, clearing
from aidline.formats.report_html.coverage import coverage, evenness, longest_wait
from aidline.formats.report_html.data import embedded, page_data
from aidline.formats.report_html.fairness import Fair, fair_sharing
from aidline.formats.report_html.language import Language
from aidline.formats.report_html.language import language as language_of
from aidline.formats.report_html.map_layers import MapLayers, map_layers
from aidline.formats.report_html.names import Names
from aidline.formats.report_html.panels import Drawing, Panels, all_panels
from aidline.formats.report_html.people import People, people
from aidline.formats.report_html.static_map import STEPS, DayState, definitions, static_map
from aidline.formats.sensitivity import roads_hidden
from aidline.network.profiles import figures as road_figures
from aidline.plan.opened import opened
from aidline.situation.defaults import defaults

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from aidline.formats.sensitivity import LeftOut
    from aidline.plan.plan import Plan, RunRecord
    from aidline.situation.situation import Situation

MOST_LINES = 100
"""Areas in the coverage table and in the list of reasons before a search."""
STATUS_MARKS = {
    "found": "✓",
    "second_hand": "~",
    "derived": "=",
    "recalled": "?",
    "assumption": "!",
}
UNSURE = ("recalled", "assumption")


@dataclass(frozen=True)
class Line:
    """One area of the coverage table: (class, text) for the whole plan and for each day."""

    area_id: str
    area: str
    people: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Why:
    """One area of the list of reasons."""

    area_id: str
    area: str
    unmet: str
    share: str
    wait: str
    reasons: tuple[story.Reason, ...]


@dataclass(frozen=True)
class Assumed:
    """One default that the plan rests on."""

    default_id: str
    meaning: str
    value: str
    status: str
    status_words: str
    mark: str
    unsure: bool
    source: str
    used_for: str


@dataclass(frozen=True)
class Report:
    """Everything on the page; texts are in the language of the report."""

    language: Language
    name: str
    notice: str
    dates: str
    as_of: str
    made: str
    headline: tuple[Markup, ...]
    quality: Markup
    checked: str
    figures: tuple[story.Figure, ...]
    groups: tuple[tuple[str, str], ...]
    days: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    areas: int
    forgotten: story.Forgotten
    bottlenecks: tuple[story.Bottleneck, ...]
    gap_parts: tuple[story.GapPart, ...]
    nothing_short: bool
    why: tuple[Why, ...]
    sheets: tuple[dispatch.Sheet, ...]
    day_totals: tuple[dispatch.DayTotal, ...]
    parts: bool
    panels: tuple[Panels, ...]
    fair: Fair
    clearing: Clearing | None
    people: People
    assumed: tuple[Assumed, ...]
    sources: tuple[dict[str, str], ...]
    left_out: tuple[str, ...]
    record: tuple[tuple[str, str], ...]
    progress: tuple[tuple[str, str, str], ...]
    definitions: Markup
    static_maps: tuple[tuple[str, Markup], ...]
    layers: MapLayers | None
    legend: tuple[tuple[str, str], ...]
    place_kinds: tuple[tuple[str, str], ...]
    data: Markup


def prepare(
    situation: Situation,
    plan: Plan,
    language: str = "en",
    verdict: Any = None,
    left_out: tuple[LeftOut, ...] = (),
) -> Report:
    """Work out everything that the report shows.

    Parameters
    ----------
    situation, plan
        As they may be shared (see `aidline.formats.sensitivity`).
    language
        "en", "fr" or "ar".
    verdict
        What the independent verifier says of the plan, or None.
    left_out
        What was coarsened or left out before.
    """
    tongue, names = language_of(language), Names.of(situation)
    facts = story.Facts(
        situation, plan, names, tongue, coverage(situation, plan), evenness(situation, plan)
    )
    reasons = story.reasons_by_area(facts)
    forgotten = story.forgotten(facts, reasons)
    along_roads = not roads_hidden(left_out)
    with_roads = opened(situation, plan)
    layers = map_layers(with_roads, plan, facts.coverage.area_ids, along_roads=along_roads)
    settings, record = situation.settings, plan.record
    dates = [settings.date_of(day) for day in range(record.days)]
    axis = charts.Axis(tuple(tongue.short_date(d) for d in dates), tongue.rtl, tongue.compact)
    notice = record.notice or settings.notice
    return Report(
        language=tongue,
        name=settings.name,
        notice=notice or (tongue.plain("head.fictional") if settings.fictional else ""),
        dates=_from_to(tongue, dates),
        as_of=tongue.date(settings.as_of),
        made=_made(tongue, record),
        headline=story.headline(facts, forgotten),
        quality=story.quality(tongue, record),
        checked=_checked(tongue, verdict),
        figures=story.figures(facts),
        groups=tuple((g, tongue.plain(f"group.{g}")) for g in facts.coverage.groups),
        days=tuple((tongue.weekday(d), tongue.short_date(d)) for d in dates),
        lines=_lines(facts),
        areas=len(facts.coverage.area_ids),
        forgotten=forgotten,
        bottlenecks=story.bottlenecks(facts),
        gap_parts=story.gap_parts(facts),
        nothing_short=float(facts.coverage.unmet.sum()) < 0.5,
        why=_why(facts, reasons),
        sheets=dispatch.sheets(situation, plan, names, tongue),
        day_totals=dispatch.day_totals(situation, plan),
        parts=bool(((plan["trips"]["trips"] % 1.0 - 0.5).abs() < 0.499).any()),
        panels=all_panels(Drawing(situation, plan, names, tongue, axis)),
        fair=fair_sharing(facts, verdict),
        clearing=clearing(facts, axis),
        people=people(facts),
        assumed=_assumed(facts),
        sources=_sources(facts),
        left_out=tuple(_left_out(tongue, item) for item in left_out),
        record=_record(facts),
        progress=_progress(tongue, record.progress),
        definitions=definitions(layers) if layers else Markup(""),
        static_maps=_static_maps(facts, layers),
        layers=layers,
        legend=_legend(tongue),
        place_kinds=_place_kinds(tongue, layers),
        data=embedded(page_data(facts, layers, reasons)),
    )


def _from_to(language: Language, dates: list[dt.date]) -> str:
    first, last = language.date(dates[0]), language.date(dates[-1])
    return language.plain("meta.from_to", first=first, last=last)


def shade(share: float) -> str:
    """Return the style class of a share, "c0" worst to "c5", "none" where nothing is needed."""
    return "none" if math.isnan(share) else f"c{sum(share >= step for step in STEPS)}"


def _lines(facts: story.Facts) -> tuple[Line, ...]:
    """Build the coverage table over all needs, worst first."""
    cover, language = facts.coverage, facts.language
    whole, share = cover.whole[0], cover.share[0]
    order = np.lexsort((-cover.people, np.nan_to_num(whole, nan=9.0)))[:MOST_LINES]
    cut = {
        (area, day)
        for area, first, last in facts.plan["unreachable"]
        .select("area_id", "from_day", "to_day")
        .iter_rows()
        for day in range(first, last + 1)
    }
    lines = []
    for k in order.tolist():
        code = cover.area_ids[k]
        days = [
            ("cut" if (code, day) in cut else shade(s), _cell(s))
            for day, s in enumerate(share[k].tolist())
        ]
        cells = ((shade(whole[k]), _cell(whole[k])), *days)
        people = language.number(float(cover.people[k]))
        lines.append(Line(code, facts.names.area(code), people, cells))
    return tuple(lines)


def _cell(share: float) -> str:
    """Whole percent without its sign; 0 and 100 only where exactly nothing or all."""
    if math.isnan(share):
        return "–"
    exact = share <= 1e-6 or share >= 1 - 1e-6
    return str(round(share * 100) if exact else min(99, max(1, round(share * 100))))


def _why(facts: story.Facts, reasons: dict[str, tuple[story.Reason, ...]]) -> tuple[Why, ...]:
    cover, language = facts.coverage, facts.language
    waits = longest_wait(facts.plan, cover.area_ids)
    order = np.argsort(-cover.unmet, kind="stable").tolist()
    rows = [k for k in order if cover.unmet[k] > 0.5 and cover.area_ids[k] in reasons]
    return tuple(
        Why(
            cover.area_ids[k],
            facts.names.area(cover.area_ids[k]),
            language.number(float(cover.unmet[k])),
            language.percent(float(cover.whole[0, k])),
            language.count("count.days", waits[cover.area_ids[k]]),
            reasons[cover.area_ids[k]],
        )
        for k in rows[:MOST_LINES]
    )


def _assumed(facts: story.Facts) -> tuple[Assumed, ...]:
    """List the defaults, the unsure ones first."""
    known, language = {**road_figures(), **defaults()}, facts.language
    rows = [
        Assumed(
            r["default_id"],
            known[r["default_id"]].meaning
            if r["default_id"] in known
            else _per_person(facts, r["default_id"]),
            f"{r['value']} {r['unit'] or ''}".strip(),
            r["status"],
            language.plain(f"status.{r['status']}"),
            STATUS_MARKS[r["status"]],
            r["status"] in UNSURE,
            r["source"] or "",
            r["used_for"] or "",
        )
        for r in facts.plan["defaults_used"].iter_rows(named=True)
    ]
    return tuple(sorted(rows, key=lambda a: (not a.unsure, a.status, a.default_id)))


def _per_person(facts: story.Facts, default_id: str) -> str:
    """Name a quantity per person that the situation's items give; "" for anything else."""
    first, _, item = default_id.partition(".")
    item, _, last = item.rpartition(".")
    if (first, last) != ("need", "per_person"):
        return ""
    return facts.language.plain("basis.per_person", item=facts.names.item(item))


def _sources(facts: story.Facts) -> tuple[dict[str, str], ...]:
    language = facts.language
    return tuple(
        {
            "code": r["source_id"],
            "title": r["title"] or "",
            "organisation": r["organisation"] or "",
            "published": language.date(r["published"]) if r["published"] else "",
            "method": language.plain(f"method.{r['method']}") if r["method"] else "",
            "grade": f"{r['reliability'] or ''}{r['credibility'] or ''}",
            "url": r["url"] or "",
        }
        for r in facts.situation["sources"].iter_rows(named=True)
    )


def _left_out(language: Language, item: LeftOut) -> str:
    key = f"left_out.{item.code}"
    if key not in language:
        key = "left_out.rows"
    return language.plain(key, n=language.number(item.count))


def _made(language: Language, record: RunRecord) -> str:
    key = f"method_name.{record.method}"
    method = language.plain(key) if key in language else record.method
    return language.plain("head.made", version=record.version, method=method)


def _checked(language: Language, verdict: Any) -> str:
    if verdict is None:
        return ""
    if verdict.feasible:
        return language.plain("head.checked")
    return language.plain("head.broken", n=language.number(len(verdict.violations)))


def _record(facts: story.Facts) -> tuple[tuple[str, str], ...]:
    record, language = facts.plan.record, facts.language
    rows = {
        "digest": record.situation_digest,
        "version": record.version,
        "run_method": record.method,
        "stopped": record.stopped,
        "seed": str(record.seed),
        "options": ", ".join(f"{k} = {v}" for k, v in sorted(record.options.items())),
        "value_row": language.compact(record.value),
        "bound": language.compact(record.bound),
        "gap": language.percent(record.gap, 2) if record.gap is not None else "",
        "bound_scope": record.bound_scope,
        "timings": ", ".join(f"{k} {language.number(v, 2)} s" for k, v in record.timings_s.items()),
    }
    return tuple((key, value) for key, value in rows.items() if value)


def _progress(
    language: Language, rows: Sequence[tuple[float, float | None, float | None]]
) -> tuple[tuple[str, str, str], ...]:
    """Put the steps into text, at most some thirty of them, the last one always."""
    every = max(1, len(rows) // 30)
    kept = [row for k, row in enumerate(rows) if k % every == 0 or k == len(rows) - 1]
    return tuple(
        (language.number(s, 1), language.compact(v), language.compact(b)) for s, v, b in kept
    )


def _static_maps(facts: story.Facts, layers: MapLayers | None) -> tuple[tuple[str, Markup], ...]:
    """Draw the first, the middle and the last day for paper."""
    if layers is None:
        return ()
    cover, language, days = facts.coverage, facts.language, facts.plan.record.days
    people = dict(zip(cover.area_ids, cover.people.tolist(), strict=True))
    names = {**facts.names.tables["areas"], **facts.names.tables["places"]}
    maps = []
    for day in sorted({0, (days - 1) // 2, days - 1}):
        cut = facts.plan["unreachable"]
        cut = cut.filter((cut["from_day"] <= day) & (cut["to_day"] >= day))
        shares = dict(zip(cover.area_ids, cover.share[0, :, day].tolist(), strict=True))
        state = DayState(day, shares, frozenset(cut["area_id"]), people)
        date: dt.date = facts.situation.settings.date_of(day)
        title = language.plain(
            "map.day_title", day=language.number(day + 1), date=language.date(date)
        )
        maps.append((title, static_map(layers, state, title, names=names)))
    return tuple(maps)


def _legend(language: Language) -> tuple[tuple[str, str], ...]:
    edges = (0, *(round(100 * s) for s in STEPS), 100)
    spans = (f"{a}–{b}" for a, b in pairwise(edges))
    return tuple(
        (f"c{k}", str(language.words["meta.percent"]).format(n=span))
        for k, span in enumerate(spans)
    )


def _place_kinds(language: Language, layers: MapLayers | None) -> tuple[tuple[str, str], ...]:
    kinds = sorted({s.kind for s in layers.spots}) if layers else []
    return tuple((kind, language.plain(f"place.{kind}")) for kind in kinds)
