"""The two-page brief as PDF: what a coordination meeting reads before it decides."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import tomllib
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import typst

from aidline.formats.report_html import prepare
from aidline.formats.report_html.coverage import coverage
from aidline.formats.report_html.frame import WIDTH
from aidline.formats.report_html.static_map import COLOURS, DayState, static_map
from aidline.formats.sensitivity import shareable

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.formats.report_html import Report
    from aidline.formats.report_html.flows import Flow
    from aidline.formats.report_html.language import Language
    from aidline.formats.report_html.map_layers import MapLayers
    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

FIRST_DAYS = 3
MOST_WORST, MOST_LIMITS, MOST_LEGS, MOST_LABELS = 12, 6, 16, 40
ISOLATE, POP = "\u2068", "\u2069"


def write_brief(
    situation: Situation,
    plan: Plan,
    path: Path,
    language: str = "en",
    verdict: Verdict | None = None,
    *,
    level: str = "moderate",
) -> None:
    """Write the two-page brief of a plan: A4, PDF.

    Page one says how much of the need is met, on a map, and who is worst off and why. Page
    two says what limits the plan, who leaves from where in the first three days, how good
    the plan is and what it rests on.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    path
        The file; one that is there is replaced.
    language
        "en", "fr" or "ar".
    verdict
        What the independent verifier says of the plan; None leaves it unsaid.
    level
        Rows more sensitive than this are coarsened or left out, and a line says so.

    Raises
    ------
    UsageError
        No brief in that language, or no such level.
    """
    shown, shown_plan, left_out = shareable(situation, plan, level)
    report = prepare(shown, shown_plan, language, verdict, left_out)
    text = json.dumps(_content(shown, shown_plan, report), ensure_ascii=False)
    data = files("aidline") / "data"
    with as_file(data / "brief") as template, as_file(data / "fonts") as fonts:
        typst.compile(
            template / "brief.typ",
            output=path,
            font_paths=[fonts],
            sys_inputs={"data": text},
            timestamp=0,  # the same plan gives the same file
        )


def _content(situation: Situation, plan: Plan, report: Report) -> dict[str, Any]:
    """Everything the template shows, as text in the language of the report."""
    language = report.language
    own = _own_words(language.code)

    def say(key: str, **values: object) -> str:
        parts = {name: _apart(str(value), language) for name, value in values.items()}
        return own[key].format(**parts)

    return {
        "language": language.code,
        "rtl": language.rtl,
        "words": {
            **{key: own[key] for key in own if "{" not in own[key]},
            **_report_words(language),
        },
        "page": own["page"],
        "title": language.plain("head.title"),
        "name": _apart(report.name, language),
        "notice": _apart(report.notice, language),
        "dates": report.dates,
        "as_of": f"{language.plain('head.as_of')} {report.as_of}",
        "headline": [_plain(sentence, language) for sentence in report.headline],
        "figures": [dataclasses.asdict(figure) for figure in report.figures],
        "map": _map(situation, plan, report),
        "legend": [
            [colour, label] for colour, (_, label) in zip(COLOURS, report.legend, strict=True)
        ],
        "worst": _worst(report),
        "limits": [dataclasses.asdict(row) for row in report.bottlenecks[:MOST_LIMITS]],
        "gap_parts": [dataclasses.asdict(part) for part in report.gap_parts],
        "sheets": [_sheet(sheet, language) for sheet in report.sheets],
        "more_lines": language.words["dispatch.more"],
        "quality": [_plain(report.quality, language), report.checked],
        "fair": [
            [language.words[f"fair.{key}"], value, note] for key, value, note in report.fair.rows
        ],
        "defaults": say(
            "defaults",
            n=language.number(len(report.assumed)),
            unsure=language.number(sum(a.unsure for a in report.assumed)),
        ),
        "unsure": [f"{a.meaning or a.default_id} ({a.value})" for a in report.assumed if a.unsure],
        "left_out": list(report.left_out),
        "made": report.made,
        "digest": plan.record.situation_digest[:12],
    }


def _own_words(code: str) -> dict[str, str]:
    text = (files("aidline") / "data" / "words" / f"brief_{code}.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["brief"])


def _report_words(language: Language) -> dict[str, str]:
    """Words that report and brief share."""
    keys = {
        "limits": "limits.title", "board": "limits.board", "what": "limits.what",
        "unit": "limits.unit", "period": "limits.period", "gain": "limits.gain",
        "no_limits": "limits.none", "gap": "limits.gap", "no_trips": "dispatch.none",
        "to": "dispatch.to", "tonnes": "dispatch.tonnes", "goods": "dispatch.goods",
        "arrives": "dispatch.arrives", "area": "left.area", "reason": "left.reason",
        "cut": "map.legend_cut", "none": "map.legend_none", "closed": "map.legend_closed",
        "restricted": "map.legend_restricted", "no_map": "map.none", "nobody": "left.nobody",
        "left_out": "basis.left_out", "digest": "basis.digest",
    }  # fmt: skip
    return {name: str(language.words[key]) for name, key in keys.items()}


def _apart(text: str, language: Language) -> str:
    """Keep the direction of a text of the user apart from that of the sentence around it."""
    return f"{ISOLATE}{text}{POP}" if language.rtl and text else text


def _plain(sentence: str, language: Language) -> str:
    """Return a sentence of the report without markup; isolation becomes invisible marks."""
    marks = {"<bdi>": ISOLATE, "</bdi>": POP} if language.rtl else {}
    text = re.sub(r"<[^>]+>", lambda tag: marks.get(tag.group(), ""), str(sentence))
    return html.unescape(text)


def _worst(report: Report) -> list[dict[str, str]]:
    """Name those left behind first, then the areas with the lowest share of their need met."""
    behind = report.forgotten
    place = {line.area_id: k for k, line in enumerate(report.lines)}
    rows = [
        {"area": row.area, "note": row.people, "since": row.since, "why": row.reason, "tone": "bad"}
        for row in (*behind.cut_off, *behind.nothing, *behind.low)
    ]
    named = {row["area"] for row in rows}
    rows += [
        {
            "area": why.area,
            "note": why.share,
            "since": "",
            "why": "; ".join(f"{r.text} {r.period}".strip() for r in why.reasons[:2]),
            "tone": "",
        }
        for why in sorted(report.why, key=lambda why: place.get(why.area_id, len(place)))
        if why.area not in named
    ]
    return rows[:MOST_WORST]


def _sheet(sheet: Any, language: Language) -> dict[str, Any]:
    """One day of dispatch; the lines are in the order of the yard."""
    legs = [
        {
            "from": start.place,
            **{name: getattr(leg, name) for name in ("to", "truck", "trips", "arrives", "tonnes")},
            "goods": language.listed(
                [_apart(f"{name} {quantity}", language) for name, quantity in leg.goods], 2
            ),
        }
        for start in sheet.starts
        for leg in start.legs
    ]
    return {
        "date": language.date(sheet.date),
        "line": language.plain(
            "dispatch.day_line",
            trips=language.compact(sheet.trips),
            tonnes=language.number(sheet.tonnes),
            areas=language.number(sheet.areas),
        ),
        "legs": legs[:MOST_LEGS],
        "more": sheet.more + max(0, len(legs) - MOST_LEGS),
    }


def _map(situation: Situation, plan: Plan, report: Report) -> dict[str, Any] | None:
    """Draw coverage of the whole plan under the flows of the first days."""
    cover = coverage(situation, plan)
    layers = report.layers
    if layers is None:
        return None
    cut_off = plan["unreachable"]
    cut_off = cut_off.filter(
        (cut_off["from_day"] <= 0) & (cut_off["to_day"] >= plan.record.days - 1)
    )
    state = DayState(
        0,
        dict(zip(cover.area_ids, cover.whole[0].tolist(), strict=True)),
        frozenset(cut_off["area_id"]),
        dict(zip(cover.area_ids, cover.people.tolist(), strict=True)),
    )
    drawing = static_map(_first_days(layers), state, report.name, alone=True)
    return {
        "svg": str(drawing).replace("<svg ", '<svg font-family="Noto Sans" ', 1),
        "width": WIDTH,
        "height": layers.frame.height,
        "labels": _labels(situation, layers, dict(zip(cover.area_ids, cover.people, strict=True))),
    }


def _first_days(layers: MapLayers) -> MapLayers:
    """Add up the flows of the first days as if they were those of day 0."""
    tonnes: dict[tuple[str, str, bool, tuple[int, ...]], float] = {}
    for flow in layers.flows:
        if flow.day < FIRST_DAYS:
            leg = (flow.from_id, flow.to_id, flow.transfer, flow.way)
            tonnes[leg] = tonnes.get(leg, 0.0) + flow.tonnes
    flows: list[Flow] = [
        dataclasses.replace(layers.flows[0], day=0, from_id=a, to_id=b, transfer=c, way=w, tonnes=t)
        for (a, b, c, w), t in sorted(tonnes.items(), key=lambda leg: -leg[1])
    ]
    return dataclasses.replace(layers, flows=tuple(flows))


def _labels(
    situation: Situation, layers: MapLayers, people: dict[str, float]
) -> list[dict[str, Any]]:
    """Names of the areas with the most people, at their middle."""
    names = dict(situation["areas"].select("area_id", "name").iter_rows())
    placed = [shape for shape in layers.areas if shape.x is not None]
    placed.sort(key=lambda shape: -people.get(shape.area_id, 0.0))
    return [
        {"x": shape.x, "y": shape.y, "name": names.get(shape.area_id) or shape.area_id}
        for shape in placed[:MOST_LABELS]
    ]
