"""The data that the map and the tables of the page work on, small enough to be embedded."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from aidline.formats.report_html.frame import WIDTH
from aidline.formats.report_html.map_layers import SYMBOLS, MapLayers
from aidline.formats.report_html.static_map import COLOURS, CUT_OFF, NO_NEED, STEPS, scale_km

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aidline.formats.report_html.coverage import Floats
    from aidline.formats.report_html.story import Facts, Reason

NOTHING_NEEDED = 255


def page_data(
    facts: Facts, layers: MapLayers | None, reasons: Mapping[str, tuple[Reason, ...]]
) -> dict[str, Any]:
    """Return everything the script of the page reads.

    Parameters
    ----------
    facts
        Situation, plan, language and coverage.
    layers
        What is on the map, None where nothing has a position.
    reasons
        The limits of each area, in words.
    """
    language, cover = facts.language, facts.coverage
    settings = facts.situation.settings
    dates = [settings.date_of(day) for day in range(facts.plan.record.days)]
    ids = cover.area_ids
    return {
        "days": [language.short_date(d) for d in dates],
        "longDays": [f"{language.weekday(d)} {language.date(d)}" for d in dates],
        "groups": [[g, language.plain(f"group.{g}")] for g in cover.groups],
        "areas": [facts.names.area(code) for code in ids],
        "codes": list(ids),
        "people": [round(p) for p in cover.people.tolist()],
        "shares": _packed(cover.share),
        "whole": _packed(cover.whole),
        "cutOff": _cut_off(facts),
        "reasons": [
            [[r.text, r.period, r.items] for r in reasons.get(code, ())] for code in ids
        ],
        "map": None if layers is None else _map(facts, layers),
        "colours": {
            "steps": [100 * s for s in STEPS], "fills": COLOURS, "cut": CUT_OFF, "none": NO_NEED,
        },
        "words": {k[3:]: v for k, v in language.words.items() if k.startswith("js.")},
        "numbers": [language.words[f"meta.{m}"] for m in ("thousands", "decimal", "percent")],
    }  # fmt: skip


def embedded(data: Mapping[str, Any]) -> Markup:
    """Return data as JSON that no HTML parser can misread: no <, >, & or line separators."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704


def _packed(shares: Floats) -> str:
    """Percent as one byte each, in base 64: 0 and 100 only where exactly nothing or all."""
    known = np.nan_to_num(shares, nan=0.0)
    percent: NDArray[np.uint8] = np.clip(np.rint(known * 100), 1, 99).astype(np.uint8)
    percent[known <= 1e-6] = 0
    percent[known >= 1 - 1e-6] = 100
    percent[np.isnan(shares)] = NOTHING_NEEDED
    return base64.b64encode(percent.tobytes()).decode("ascii")


def _cut_off(facts: Facts) -> dict[int, list[list[int]]]:
    order = {code: k for k, code in enumerate(facts.coverage.area_ids)}
    periods: dict[int, list[list[int]]] = {}
    rows = facts.plan["unreachable"].select("area_id", "from_day", "to_day")
    for area, first, last in rows.iter_rows():
        if area in order:
            periods.setdefault(order[area], []).append([first, last])
    return periods


def _map(facts: Facts, layers: MapLayers) -> dict[str, Any]:
    language = facts.language
    nodes = sorted({f.from_id for f in layers.flows} | {f.to_id for f in layers.flows})
    roads = [
        {
            "rank": r.rank, "states": r.states, "x": r.x, "y": r.y, "name": r.name,
            "cause": language.plain(f"road_cause.{r.cause}") if r.cause else "",
            "blocks": int(r.blocks),
        }
        for r in layers.roads
    ]  # fmt: skip
    spots = [
        [s.x, s.y, s.kind, facts.names.place(s.place_id), language.plain(f"place.{s.kind}")]
        for s in layers.spots
    ]
    return {
        "width": WIDTH,
        "height": layers.frame.height,
        "kmUnits": layers.frame.units_per_km,
        "scaleKm": scale_km(layers),
        "at": [[s.x, s.y] for s in layers.areas],
        "roads": roads,
        "spots": spots,
        "nodes": [[facts.names.any(c), *layers.positions.get(c, (None, None))] for c in nodes],
        "flows": _flows(layers, {code: k for k, code in enumerate(nodes)}),
        "stretches": [_steps(points) for points in layers.stretches],
        "symbols": SYMBOLS,
    }


def _flows(layers: MapLayers, index: Mapping[str, int]) -> list[list[Any]]:
    """Each way once: from, to, transfer, its stretches as runs, and tonnes by day."""
    ways: dict[tuple[int, int, int, tuple[int, ...]], list[float]] = {}
    for f in layers.flows:
        key = (index[f.from_id], index[f.to_id], int(f.transfer), f.way)
        ways.setdefault(key, []).extend((f.day, round(f.tonnes, 2)))
    return [[*key[:3], _runs(key[3]), tonnes] for key, tonnes in ways.items()]


def _runs(numbers: Sequence[int]) -> list[int]:
    """Write numbers as pairs: first and last of each run of neighbours."""
    runs: list[int] = []
    for number in numbers:
        if runs and runs[-1] == number - 1:
            runs[-1] = number
        else:
            runs += [number, number]
    return runs


def _steps(points: Sequence[tuple[int, int]]) -> list[int]:
    """Write a line as its first point and the steps from there."""
    flat = list(points[0])
    for (a, b), (c, d) in pairwise(points):
        flat += [c - a, d - b]
    return flat
