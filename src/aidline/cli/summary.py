"""The summary of a plan: the same facts for people and as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aidline.cli.output import number, percent, show, text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.formats.report_html.clearing import Clearing
    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def summary(situation: Situation, plan: Plan, verdict: Verdict) -> dict[str, Any]:
    """Return headline and key figures, who is left behind, the bottlenecks and the run.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    verdict
        What the verifier says of it.
    """
    from aidline.formats.key_figures import key_figures
    from aidline.formats.report_html import prepare

    report = prepare(situation, plan, "en", verdict)
    behind = report.forgotten
    record, settings, used = plan.record, situation.settings, plan["defaults_used"]
    return {
        "feasible": verdict.feasible,
        "situation": record.situation_name,
        "notice": record.notice,
        "from": settings.start_date,
        "to": settings.date_of(record.days - 1),
        "headline": [_plain(sentence) for sentence in report.headline],
        "figures": [
            {"key": f.key, "label": f.label, "value": f.value, "unit": f.unit}
            for f in key_figures(situation, plan, verdict)
        ],
        "left_behind": [
            {"area_id": row.area_id, "area": row.area, "people": row.people, "why": row.reason}
            for row in (*behind.cut_off, *behind.nothing, *behind.low)
        ],
        "bottlenecks": [
            {"limit": row.what, "when": row.period, "one_more": row.unit, "gain": row.gain}
            for row in report.bottlenecks[:5]
        ],
        "roads": _roads(report.clearing),
        "rescue": _rescue(plan),
        "care": _care(situation, plan),
        "defaults_used": used.height,
        "defaults_unsure": int(used["status"].is_in(["assumption", "recalled"]).sum()),
        "method": record.method,
        "stopped": record.stopped,
        "timings_s": dict(record.timings_s),
    }


def _roads(work: Clearing | None) -> dict[str, Any] | None:
    """Return how many blockages are cleared so that a road opens, and the first road that does."""
    if work is None:
        return None
    first = work.openings[0] if work.openings else None
    return {
        "blockages_opened": work.opened,
        "first_segment": first.segment_id if first else None,
        "first_date": first.date if first else None,
        "first_teams": list(first.teams) if first else [],
    }


def _rescue(plan: Plan) -> dict[str, Any] | None:
    """Return how many worksites get a team, and whom they may find alive."""
    sites = plan["rescues"]
    if sites.is_empty():
        return None
    reached = sites.drop_nulls("start").height
    return {"worksites": sites.height, "with_a_team": reached, **plan.record.rescue}


def _care(situation: Situation, plan: Plan) -> dict[str, Any] | None:
    """Return who is treated and who waits, and where field units are proposed."""
    if plan["care"].is_empty() and plan["waiting"].is_empty():
        return None
    last = plan["waiting"].filter(day=plan.record.days - 1)
    names = dict(situation["places"].select("place_id", "name").iter_rows())
    sites = [
        {
            "unit_id": row["unit_id"],
            "place": names.get(row["place_id"]) or row["place_id"],
            "from": situation.settings.date_of(row["open_day"]).isoformat(),
        }
        for row in plan["field_sites"].iter_rows(named=True)
    ]
    return {
        "treated": float(plan["care"]["people"].sum()),
        "waiting_at_end": float(last["people"].sum()),
        "proposed_sites": sites,
        **plan.record.care,
    }


def _plain(sentence: str) -> str:
    """Return a sentence of the report without its markup."""
    import html

    return html.unescape(re.sub(r"<[^>]+>", "", str(sentence)))


def show_summary(facts: dict[str, Any]) -> None:
    """Print a summary for people."""
    show(f"{facts['situation']}, {facts['from']} to {facts['to']}")
    for line in (facts["notice"], *facts["headline"]):
        if line:
            show(line)
    show()
    width = max(len(f["label"]) for f in facts["figures"])
    for figure in facts["figures"]:
        show(f"{figure['label']:<{width}}  {_shown(figure)}")
    show(
        f"{'Default figures used':<{width}}  {facts['defaults_used']}, "
        f"{facts['defaults_unsure']} of them assumed or from memory"
    )
    if facts["roads"]:
        show(_roads_line(facts["roads"]))
    if facts["rescue"]:
        show(_rescue_line(facts["rescue"]))
    if facts["care"]:
        for line in _care_lines(facts["care"]):
            show(line)
    if facts["left_behind"]:
        show("\nWho is left behind, and why")
        columns = {"area": "area", "people": "people", "why": "why"}
        show(text_table(facts["left_behind"][:8], columns))
    if facts["bottlenecks"]:
        show("\nWhat one more would give, in weighted person-days")
        columns = {"limit": "limit", "when": "when", "one_more": "one more", "gain": "gain"}
        show(text_table(facts["bottlenecks"], columns))


def _rescue_line(rescue: dict[str, Any]) -> str:
    low, high = number(rescue["found_alive_low"]), number(rescue["found_alive_high"])
    return (
        f"Search and rescue: teams at {rescue['with_a_team']} of {rescue['worksites']} worksites; "
        f"{low} to {high} people may be found alive"
    )


def _care_lines(care: dict[str, Any]) -> list[str]:
    treated, waiting = number(care["treated"]), number(care["waiting_at_end"])
    lines = [f"Care: {treated} people are treated, {waiting} still wait after the last day"]
    if care["proposed_sites"]:
        told = ", ".join(
            f"{s['unit_id']} at {s['place']} from {s['from']}" for s in care["proposed_sites"]
        )
        lines.append(f"Proposal to the health authority: {told}")
    return lines


def _roads_line(roads: dict[str, Any]) -> str:
    if not roads["first_segment"]:
        return "Roads: crews work, but no road opens within the plan"
    n, by = roads["blockages_opened"], ", ".join(roads["first_teams"])
    return (
        f"Roads: {n} blockage{'' if n == 1 else 's'} opened, first {roads['first_segment']} on "
        f"{roads['first_date']} by {by}"
    )


def show_comparison(facts: Sequence[dict[str, Any]]) -> None:
    """Print the key figures of several plans side by side, one row per scenario."""
    chosen = {
        "needs_met": "needs met", "minimum_coverage": "lowest coverage",
        "people_never_reached": "get nothing", "value": "value", "gap": "proven gap",
    }  # fmt: skip
    rows = []
    for one in facts:
        figures = {f["key"]: f for f in one["figures"]}
        row = {key: _shown(figures[key]).removesuffix(f" {figures[key]['unit']}") for key in chosen}
        rows.append(row | {"scenario": one["scenario"], "plan": one["plan"] or "not written"})
    show("The scenarios side by side")
    show(text_table(rows, {"scenario": "scenario", **chosen, "plan": "plan"}))


def _shown(figure: dict[str, Any]) -> str:
    value, unit = figure["value"], figure["unit"]
    if unit == "share":
        return percent(value, 2 if value is not None and value < 0.02 else 1)
    digits = 3 if not unit else 0
    return f"{number(value, digits)} {unit}".rstrip()
