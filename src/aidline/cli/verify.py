"""`aidline verify`: the independent verifier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    verdict = aidline.check_plan(known, made)
    facts = _facts(verdict, certified_bound(known, made))
    if as_json:
        show_json(facts)
    else:
        _print(facts)
    return ExitCode.DONE if verdict.feasible else ExitCode.ERRORS


def _facts(verdict: Verdict, bound: float | None) -> dict[str, Any]:
    return {
        "feasible": verdict.feasible,
        "violations": verdict.violations.to_dicts(),
        "value": verdict.value,
        "bound": bound,
        "gap": gap(verdict.value, bound),
        "minimum_coverage": verdict.minimum_coverage,
        "coverage_p10": verdict.coverage_p10,
        "gini": verdict.gini,
    }


def gap(value: float, bound: float | None) -> float | None:
    """Return (value − bound) / |value|, None without a bound, 0 where the value is 0."""
    if bound is None:
        return None
    return (value - bound) / abs(value) if value else 0.0


def _print(facts: dict[str, Any]) -> None:
    violations = facts["violations"]
    show("feasible" if facts["feasible"] else f"NOT feasible: {len(violations)} rule(s) broken")
    for row in violations:
        show(f"  {row['rule']}: {row['text']}")
    show(f"value             {number(facts['value'], 1)} weighted person-days unmet")
    show(f"proven bound      {number(facts['bound'], 1)}")
    show(f"gap               {percent(facts['gap'], 2)}")
    show(f"minimum coverage  {percent(facts['minimum_coverage'], 1)}")
    show(f"10th percentile   {percent(facts['coverage_p10'], 1)}")
    show(f"Gini              {number(facts['gini'], 3)}")
