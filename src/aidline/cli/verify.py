"""`aidline verify`: the independent verifier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidline.cli.output import ExitCode, json_option, number, percent, say, show, show_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.plan.check import Verdict
    from aidline.plan.plan import RunRecord

MOST_SHOWN = 8
"""Broken rules of one kind that are printed; JSON has all."""


@click.command()
@click.argument("situation", type=click.Path(exists=True, path_type=Path))
@click.argument("plan", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def verify(situation: Path, plan: Path, as_json: bool) -> ExitCode:
    """Check PLAN against SITUATION: every rule, the value, the bound and the gap.

    The verifier shares no code with the solver. Exit code 0 means feasible, 1 not.
    """
    import aidline
    from aidline.plan.opened import opened
    from aidline.planning.bounds import certified_bound

    known = aidline.read(situation)
    made = aidline.Plan.read(plan)
    same = made.record.situation_digest == known.digest()
    if not same:
        mine, its = known.settings.name, made.record.situation_name
        other = "version of this situation" if mine == its else f"situation, {its!r}, not {mine!r}"
        say(f"warning: the plan was made from another {other}")
    proven = certified_bound(opened(known, made), made)  # it holds for these openings
    verdict = aidline.check_plan(known, made, bound=proven)
    if same:
        _hold_against_record(made.record, verdict, proven)
    if as_json:
        show_json(verdict.as_dict())
    else:
        _print(verdict, dict(known["areas"].select("area_id", "name").iter_rows()))
    return ExitCode.DONE if verdict.feasible else ExitCode.ERRORS


def _hold_against_record(record: RunRecord, verdict: Verdict, proven: float | None) -> None:
    """Warn where the run record claims other figures than the tables prove."""
    if abs(record.value - verdict.value) > 1e-6 * max(1.0, abs(verdict.value)):
        say(
            f"warning: the run record says value {number(record.value, 1)}; the tables give "
            f"{number(verdict.value, 1)}"
        )
    claimed, slack = record.bound, 1e-6 * max(1.0, abs(proven or 0.0))
    if proven is not None and claimed is not None and claimed > proven + slack:
        say(
            f"warning: the run record says bound {number(claimed, 1)}; the prices prove "
            f"{number(proven, 1)}"
        )


def _print(verdict: Verdict, names: Mapping[str, str | None]) -> None:
    broken = len(verdict.violations)
    show("feasible" if verdict.feasible else f"NOT feasible: {broken} rule(s) broken")
    by_rule: dict[str, list[str]] = {}
    for violation in verdict.violations:
        by_rule.setdefault(violation.rule, []).append(violation.text)
    for rule, texts in by_rule.items():
        for text in texts[:MOST_SHOWN]:
            show(f"  {rule}: {text}")
        if len(texts) > MOST_SHOWN:
            show(f"  {rule}: and {len(texts) - MOST_SHOWN:,} more; --json lists all")
    show(f"value             {number(verdict.value, 1)} weighted person-days")
    useless = verdict.bound is not None and verdict.bound < 0  # prices of something else
    bound, gap = (None, None) if useless else (verdict.bound, verdict.gap)
    show(f"proven bound      {number(bound, 1)}")
    show(f"gap               {percent(gap, 2)}")
    show(
        f"minimum coverage  {percent(verdict.minimum_coverage, 1)} of any kind of need where it "
        f"can be reached; {verdict.unreachable_areas} area(s) cannot"
    )
    show(f"10th percentile   {percent(verdict.coverage_p10, 1)}")
    show(f"Gini              {number(verdict.gini, 3)}")
    show(f"never reached     {number(verdict.people_never_reached)} people")
    area = verdict.longest_gap_area or ""
    where = f" in {names.get(area) or area}" if area else ""
    show(f"longest wait      {verdict.longest_gap_days} days without a delivery{where}")
    if verdict.price_of_fairness is not None:
        price, margin = verdict.price_share, verdict.price_margin
        within = price is not None and margin is not None and price <= margin
        note = f"; less than the gaps explain, {percent(margin, 2)}" if within else ""
        show(
            f"price of fairness {number(verdict.price_of_fairness)} weighted person-days "
            f"({percent(price, 2)} of what would be met without it{note})"
        )
