"""The summary of a plan: the same facts for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aidline.cli.output import number, percent, show, text_table

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def summary(situation: Situation, plan: Plan) -> dict[str, Any]:
    """Return the headline figures, the worst served, the bottlenecks and the run.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    """
    import dataclasses

    from aidline.plan.headline import headline, names_of

    names = names_of(situation)
    bottlenecks = [
        row | {"at": names.get(row["at_id"], row["at_id"])}
        for row in plan["bottlenecks"].iter_rows(named=True)
    ]
    bottlenecks.sort(key=lambda row: -(row["gain_up"] or 0))
    record = plan.record
    return {
        "situation": record.situation_name,
        "notice": record.notice,
        "headline": dataclasses.asdict(headline(situation, plan)),
        "value": record.value,
        "bound": record.bound,
        "gap": record.gap,
        "method": record.method,
        "stopped": record.stopped,
        "seconds": round(sum(record.timings_s.values()), 2),
        "bottlenecks": bottlenecks[:5],
        "defaults_used": plan["defaults_used"].height,
        "defaults_assumed": plan["defaults_used"]
        .filter(plan["defaults_used"]["status"].is_in(["assumption", "recalled"]))
        .height,
    }


def show_summary(facts: dict[str, Any]) -> None:
    """Print a summary for people."""
    head = facts["headline"]
    show(f"{facts['situation']}, {head['first_day']} to {head['last_day']}")
    if facts["notice"]:
        show(facts["notice"])
    show()
    show(f"needs met         {percent(head['met_share'], 1)} of all person-days")
    show(f"worst served      {percent(head['minimum_share'], 1)} of a reachable area's need group")
    show(f"never reached     {_never(head)}")
    show(f"delivered         {number(head['delivered_t'])} t in {number(head['trips'])} trips")
    show(f"proven gap        {_gap(facts)}")
    show(f"made in           {facts['seconds']} s ({facts['method']}, {facts['stopped']})")
    used, assumed = facts["defaults_used"], facts["defaults_assumed"]
    show(f"rests on          {used} default figure(s), {assumed} of them assumed or from memory")
    if head["worst"]:
        show("\nWho is worst off, and why")
        for row in head["worst"]:
            name = f"{row['name']}, {row['need_group']}"
            show(f"  {percent(row['share']):>6}  {name}: {row['reason'] or 'no reason found'}")
    if facts["bottlenecks"]:
        columns = {"at": "where", "of_id": "of", "unit": "one unit is", "gain_up": "person-days"}
        show("\nWhat one more unit would give")
        show(text_table(facts["bottlenecks"], columns))


def _never(head: dict[str, Any]) -> str:
    if not head["never_reached"]:
        return "nobody: every area gets something"
    return f"{', '.join(head['never_reached'])} ({number(head['people_never_reached'])} people)"


def _gap(facts: dict[str, Any]) -> str:
    if facts["gap"] is None:
        return "no bound was proven"
    return f"at most {percent(facts['gap'], 2)} worse than the best possible plan"
