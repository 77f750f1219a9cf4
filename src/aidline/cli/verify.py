"""`aidline verify`: the independent verifier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidline.cli.output import ExitCode, json_option, number, percent, say, show, show_json

if TYPE_CHECKING:
    from aidline.plan.check import Verdict
    from aidline.plan.plan import RunRecord


@click.command()
@click.argument("situation", type=click.Path(exists=True, path_type=Path))
@click.argument("plan", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def verify(situation: Path, plan: Path, as_json: bool) -> ExitCode:
    """Check PLAN against SITUATION: every rule, the value, the bound and the gap.

    The verifier shares no code with the solver. Exit code 0 means feasible, 1 not.
    """
    import aidline
    from aidline.planning.bounds import certified_bound

    known = aidline.read(situation)
    made = aidline.Plan.read(plan)
    if made.record.situation_digest != known.digest():
        say("warning: the plan was made from another version of this situation")
    proven = certified_bound(known, made)
    verdict = aidline.check_plan(known, made, bound=proven)
    _hold_against_record(made.record, verdict, proven)
    if as_json:
        show_json(verdict.as_dict())
    else:
        _print(verdict)
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


def _print(verdict: Verdict) -> None:
    broken = len(verdict.violations)
    show("feasible" if verdict.feasible else f"NOT feasible: {broken} rule(s) broken")
    for violation in verdict.violations:
        show(f"  {violation.rule}: {violation.text}")
    show(f"value             {number(verdict.value, 1)} weighted person-days")
    show(f"proven bound      {number(verdict.bound, 1)}")
    show(f"gap               {percent(verdict.gap, 2)}")
    show(
        f"minimum coverage  {percent(verdict.minimum_coverage, 1)} of any kind of need where it "
        f"can be reached; {verdict.unreachable_areas} area(s) cannot"
    )
    show(f"10th percentile   {percent(verdict.coverage_p10, 1)}")
    show(f"Gini              {number(verdict.gini, 3)}")
    show(f"never reached     {number(verdict.people_never_reached)} people")
    show(f"longest gap       {verdict.longest_gap_days} days {verdict.longest_gap_area or ''}")
    if verdict.price_of_fairness is not None:
        show(f"price of fairness {number(verdict.price_of_fairness)} weighted person-days")
