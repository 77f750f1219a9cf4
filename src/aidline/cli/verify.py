"""`aidline verify`: the independent verifier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidline.cli.output import ExitCode, json_option, number, percent, say, show, show_json

if TYPE_CHECKING:
    from aidline.plan.check import Verdict


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
    verdict = aidline.check_plan(known, made, bound=certified_bound(known, made))
    if as_json:
        show_json(verdict.as_dict())
    else:
        _print(verdict)
    return ExitCode.DONE if verdict.feasible else ExitCode.ERRORS


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
