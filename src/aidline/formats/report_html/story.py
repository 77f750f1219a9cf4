"""What the plan means, in words: the headline, who is left behind and why, what would help."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.formats.report_html.coverage import LOW_SHARE, Coverage, Evenness, low_since
from aidline.formats.report_html.map_roads import road_states
from aidline.formats.report_html.names import Names, limit_words

if TYPE_CHECKING:
    import datetime as dt

    from markupsafe import Markup

    from aidline.formats.report_html.language import Language
    from aidline.plan.plan import Plan, RunRecord
    from aidline.situation.situation import Situation

MOST_NAMED = 60
"""People and areas left behind are named up to this many; the rest are counted."""
MOST_REASONS = 3
TIGHT_GAP = 0.1
"""Up to this gap a plan is called near the best possible one."""


@dataclass(frozen=True)
class Facts:
    """What every part of the story draws on."""

    situation: Situation
    plan: Plan
    names: Names
    language: Language
    coverage: Coverage
    evenness: Evenness

    def date(self, day: int | None) -> dt.date | None:
        """Return the date of a day of the plan."""
        return None if day is None else self.situation.settings.date_of(day)


@dataclass(frozen=True)
class Figure:
    """One large number: `tone` is "good", "bad" or ""."""

    value: str
    label: str
    note: str
    tone: str = ""


@dataclass(frozen=True)
class Named:
    """An area that is left behind, with the reason and since when."""

    area_id: str
    area: str
    people: str
    reason: str
    since: str


@dataclass(frozen=True)
class Forgotten:
    """Areas cut off, areas that get nothing, areas far behind in one need; `more` = not named."""

    cut_off: tuple[Named, ...]
    nothing: tuple[Named, ...]
    low: tuple[Named, ...]
    more: int

    @property
    def nobody(self) -> bool:
        """True where no area is left behind."""
        return not (self.cut_off or self.nothing or self.low)


@dataclass(frozen=True)
class Bottleneck:
    """One line of the board; `width` is its gain against the largest, 0 to 1.

    `also` names the other places where the same thing would help; a gain that was not found by
    planning again holds for small amounts and stands as "up to".
    """

    what: str
    unit: str
    period: str
    gain: str
    loss: str
    valid: str
    resolved: bool
    width: float
    also: str = ""


@dataclass(frozen=True)
class GapPart:
    """One cause of what stays unmet; `width` is its share, 0 to 1."""

    label: str
    person_days: str
    share: str
    width: float


@dataclass(frozen=True)
class Reason:
    """One limit of one area: what limits, when, for which items."""

    text: str
    period: str
    items: str
    unmet: float


def reasons_by_area(facts: Facts) -> dict[str, tuple[Reason, ...]]:
    """Return the first limits of each area, items with the same limit joined."""
    keys = ["area_id", "cause", "at_id", "of_id"]
    rows = (
        facts.plan["reasons"]
        .group_by(keys)
        .agg(
            pl.col("rank").min(),
            pl.col("unmet").sum(),
            pl.col("first_day").min(),
            pl.col("last_day").max(),
            pl.col("item_id").sort_by("unmet", "item_id", descending=[True, False]),
        )
        .sort("area_id", "rank", "unmet", *keys[1:], descending=[False, False, True, *[False] * 3])
    )
    found: dict[str, tuple[Reason, ...]] = {}
    language = facts.language
    for (area,), part in rows.group_by("area_id", maintain_order=True):
        found[str(area)] = tuple(
            Reason(
                limit_words(language, facts.names, "cause", r),
                language.period(facts.date(r["first_day"]), facts.date(r["last_day"])),
                language.listed([facts.names.item(i) for i in r["item_id"]], 2),
                r["unmet"],
            )
            for r in part.head(MOST_REASONS).iter_rows(named=True)
        )
    return found


def headline(facts: Facts, forgotten: Forgotten) -> tuple[Markup, ...]:
    """Return the sentences that say it all."""
    language, cover = facts.language, facts.coverage
    needy = int((cover.people > 0).sum())
    if needy == 0:
        return (language.say("head.no_needs"),)
    said = [
        language.say(
            "head.need",
            people=language.count("count.people", float(cover.people.sum())),
            areas=language.count("count.areas", needy),
        ),
        language.say(
            "head.met",
            share=language.percent(cover.total),
            days=language.count("count.days", facts.plan.record.days),
        ),
    ]
    even = facts.evenness
    if not math.isnan(even.minimum):
        said.append(
            language.say(
                "head.worst",
                area=facts.names.area(even.area_id),
                share=language.percent(even.minimum),
                group=language.plain(f"group.{even.need_group}"),
            )
        )
    said += _left_behind(facts, forgotten)
    return tuple(said)


def _left_behind(facts: Facts, forgotten: Forgotten) -> list[Markup]:
    language = facts.language
    if forgotten.nobody:
        return [language.say("head.nobody")]
    said = []
    always = facts.language.plain("left.whole_plan")
    whole = [r for r in forgotten.cut_off if r.since == always]
    some = [r for r in forgotten.cut_off if r.since != always]
    for key, rows in (("cut_off", whole), ("cut_some", some), ("nothing", forgotten.nothing)):
        if rows:
            said.append(
                language.say(
                    f"head.{key}",
                    areas=language.count("count.areas", len({r.area_id for r in rows})),
                    names=language.listed(list(dict.fromkeys(r.area for r in rows)), 4),
                )
            )
    if not said:
        said.append(
            language.say("head.low", areas=language.count("count.areas", len(forgotten.low)))
        )
    return said


def quality(language: Language, record: RunRecord) -> Markup:
    """Return how far from the best possible the plan is."""
    if record.gap is None:
        return language.say("head.no_bound")
    key = "head.gap" if record.gap <= TIGHT_GAP else "head.gap_wide"
    return language.say(key, gap=language.percent(record.gap, 2 if record.gap < 0.01 else 1))


def figures(facts: Facts) -> tuple[Figure, ...]:
    """Return the large numbers under the headline."""
    language, cover, even = facts.language, facts.coverage, facts.evenness
    gap = facts.plan.record.gap
    never = float(cover.people[cover.met[0].sum(axis=1) <= 0].sum())
    worst = facts.names.area(even.area_id) if even.area_id else ""
    return (
        Figure(
            language.number(float(cover.people.sum())), language.plain("figure.people"),
            language.count("count.areas", float((cover.people > 0).sum())),
        ),
        Figure(
            language.percent(cover.total), language.plain("figure.met"),
            language.plain("figure.met_note"),
        ),
        Figure(
            language.percent(even.minimum), language.plain("figure.worst"),
            f"{worst} · {language.plain(f'group.{even.need_group}')}" if worst else "",
        ),
        Figure(
            language.number(never), language.plain("figure.never"),
            language.plain("figure.never_note"), "bad" if never else "good",
        ),
        Figure(
            language.percent(gap, 2 if gap is not None and gap < 0.01 else 1),
            language.plain("figure.gap"),
            language.plain("figure.gap_note" if gap is not None else "figure.no_gap_note"),
        ),
    )  # fmt: skip


def forgotten(facts: Facts, reasons: dict[str, tuple[Reason, ...]]) -> Forgotten:
    """Return who is left behind: cut off first, then with nothing, then far behind."""
    cover = facts.coverage
    cut = _cut_off(facts)
    nothing, low = [], []
    reached = cover.met[0].sum(axis=1)
    share = cover.share
    whole = cover.whole
    order = np.argsort(-cover.people, kind="stable")
    cut_ids = {named.area_id for named in cut}
    for k in order.tolist():
        code = cover.area_ids[k]
        if code in cut_ids or cover.need[0, k].sum() <= 0:
            continue
        if reached[k] <= 0:
            nothing.append(_named(facts, reasons, k, facts.language.plain("left.whole_plan")))
            continue
        behind = [g for g in range(1, len(cover.groups)) if whole[g, k] < LOW_SHARE]
        if behind:
            since = [s for s in (low_since(share[g, k]) for g in behind) if s is not None]
            groups = facts.language.listed(
                [facts.language.plain(f"group.{cover.groups[g]}") for g in behind], 4
            )
            low.append(_named(facts, reasons, k, _since(facts, groups, since)))
    kept = [rows[:MOST_NAMED] for rows in (cut, nothing, low)]
    more = sum(max(0, len(rows) - MOST_NAMED) for rows in (cut, nothing, low))
    return Forgotten(tuple(kept[0]), tuple(kept[1]), tuple(kept[2]), more)


def _since(facts: Facts, groups: str, since: list[int]) -> str:
    day = facts.date(min(since)) if since else None
    if day is None:
        return groups
    return facts.language.plain("left.since", groups=groups, date=facts.language.short_date(day))


def _named(facts: Facts, reasons: dict[str, tuple[Reason, ...]], k: int, since: str) -> Named:
    code = facts.coverage.area_ids[k]
    language = facts.language
    why = [f"{r.text} {r.period}".strip() for r in reasons.get(code, ())[:2]]
    reason = str(language.words["meta.semicolon"]).join(why) or language.plain("left.no_reason")
    people = language.number(float(facts.coverage.people[k]))
    return Named(code, facts.names.area(code), people, reason, since)


def _cut_off(facts: Facts) -> list[Named]:
    """One row per area and period, the most people first."""
    language, last = facts.language, facts.plan.record.days - 1
    causes = road_states(facts.situation)
    needy = dict(zip(facts.coverage.area_ids, facts.coverage.people.tolist(), strict=True))
    rows = facts.plan["unreachable"].sort(
        "people", "area_id", descending=[True, False], nulls_last=True
    )
    named = []
    for row in rows.iter_rows(named=True):
        segments = [
            f"{facts.names.any(s)} ({language.plain(f'road_cause.{causes[s][1]}')})"
            if s in causes and causes[s][1]
            else facts.names.any(s)
            for s in (row["segments"] or "").split()
        ]
        segments = list(dict.fromkeys(segments))
        whole = row["from_day"] <= 0 and row["to_day"] >= last
        named.append(
            Named(
                row["area_id"], facts.names.area(row["area_id"]),
                language.number(needy.get(row["area_id"]) or row["people"]),
                language.plain("left.cut_by", roads=language.listed(segments, 4))
                if segments
                else language.plain("left.no_road"),
                language.plain("left.whole_plan")
                if whole
                else language.period(facts.date(row["from_day"]), facts.date(row["to_day"])),
            )
        )  # fmt: skip
    return named


def bottlenecks(facts: Facts, most: int = 12) -> tuple[Bottleneck, ...]:
    """Return what one more unit of each limited thing gives, the largest gain first.

    The same goods at several places are one line: that of the place where they give most.
    """
    rows = facts.plan["bottlenecks"].sort(
        "gain_up",
        "resource",
        "at_id",
        "of_id",
        descending=[True, False, False, False],
        nulls_last=True,
    )
    top = max((g for g in rows["gain_up"].to_list() if g is not None), default=0.0)
    lines: dict[object, list[dict[str, Any]]] = {}
    for k, r in enumerate(rows.iter_rows(named=True)):
        goods = r["resource"] == "stock" and r["of_id"]
        lines.setdefault(("stock", r["of_id"]) if goods else k, []).append(r)
    return tuple(_bottleneck(facts, same, top) for same in list(lines.values())[:most])


def _bottleneck(facts: Facts, same: list[dict[str, Any]], top: float) -> Bottleneck:
    """Put one line of the board into words; the first of the places is where it gives most."""
    language, r = facts.language, same[0]
    gain, also = language.compact(r["gain_up"]), ""
    if not r["resolved"]:
        gain = language.plain("limits.up_to", n=gain)
    if len(same) > 1:
        others = [
            f"{facts.names.any(o['at_id'])} ({language.compact(o['gain_up'])})" for o in same[1:]
        ]
        also = language.plain("limits.also", places=language.listed(others, 2))
    return Bottleneck(
        limit_words(language, facts.names, "resource", r),
        _unit(language, r["resource"], r["unit"]),
        language.period(facts.date(r["first_day"]), facts.date(r["last_day"])),
        gain,
        "" if r["loss_down"] is None else language.compact(r["loss_down"]),
        "" if r["valid_up"] is None else language.compact(r["valid_up"]),
        bool(r["resolved"]),
        (r["gain_up"] or 0.0) / top if top > 0 else 0.0,
        also,
    )


def _unit(language: Language, resource: str, unit: str) -> str:
    """Name the unit as the plan does in English, otherwise by kind of limit."""
    key = f"unit.{resource}"
    return unit if language.code == "en" or key not in language else language.plain(key)


def gap_parts(facts: Facts) -> tuple[GapPart, ...]:
    """Return how much of what stays unmet each kind of limit holds back, by the first limit."""
    language = facts.language
    rows = (
        facts.plan["reasons"]
        .filter(pl.col("rank") == 1)
        .group_by("cause")
        .agg(pl.col("unmet").sum())
        .sort("unmet", "cause", descending=[True, False])
    )
    total = float(rows["unmet"].sum())
    if total <= 0:
        return ()
    return tuple(
        GapPart(
            language.plain(f"cause.{cause}"),
            language.number(unmet),
            language.percent(unmet / total),
            unmet / total,
        )
        for cause, unmet in rows.iter_rows()
    )
