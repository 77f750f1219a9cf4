"""`aidline plan`: from a situation to a verified plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from aidline.cli.keeping import keep, need_writable
from aidline.cli.output import ExitCode, json_option, say, show, show_json
from aidline.cli.stopping import cancelled_by_signal, exit_code
from aidline.cli.summary import show_comparison, show_summary, summary
from aidline.errors import UsageError

if TYPE_CHECKING:
    import threading

    from aidline.plan.plan import Plan
    from aidline.planning.options import PlanOptions, Progress
    from aidline.situation.situation import Situation


class Case(NamedTuple):
    """A situation to plan: as it is, or as changed by a scenario.

    Attributes
    ----------
    name
        Name of the scenario, "" for the situation as it is.
    situation
        What is planned.
    output
        Folder for its plan.
    """

    name: str
    situation: Situation
    output: Path


@click.command()
@click.argument("situation", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="PLAN",
    help="Folder for the plan; made where it does not exist.",
)
@click.option("--days", type=click.IntRange(1, 366), help="Plan only the first N days.")
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Seconds after which the best plan so far is kept.",
)
@click.option(
    "--gap",
    type=click.FloatRange(0, 1),
    help="Stop when the plan is proven to be this close to the best (0.01 = 1 %).",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of all that is random.")
@click.option(
    "--method",
    type=click.Choice(["auto", "exact", "auction"]),
    default="auto",
    show_default=True,
    help="exact solves small situations to the optimum; auction plans any size.",
)
@click.option(
    "--fairness/--no-fairness", default=True, show_default=True, help="Nobody forgotten first."
)
@click.option(
    "--fair-levels",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Solved exactly: raise the N lowest levels of coverage as far as they go, before "
    "anything else counts (1 = the lowest one).",
)
@click.option(
    "--price-of-fairness",
    is_flag=True,
    help="At any size: plan once more without fairness to tell what it costs.",
)
@click.option(
    "--clearing/--no-clearing",
    default=True,
    show_default=True,
    help="Plan also which blocked roads are opened when, where there are crews.",
)
@click.option(
    "--rescue/--no-rescue",
    default=True,
    show_default=True,
    help="Plan also search and rescue, where there are worksites.",
)
@click.option(
    "--care/--no-care",
    default=True,
    show_default=True,
    help="Plan also who is treated where and when, where there are casualties.",
)
@click.option(
    "--after",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="PLAN_FOLDER",
    help="An earlier plan of nearly the same situation: the search starts from its prices, "
    "where the same limits are still there. What is proven does not depend on it.",
)
@click.option(
    "--scenario",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Plan the situation as changed by this scenario. Repeatable: each gets a plan in a "
    "folder of its own inside PLAN, named after its file, and a table compares them.",
)
@json_option
def plan(
    situation: Path,
    output: Path,
    scenario: tuple[Path, ...],
    after: Path | None,
    as_json: bool,
    **options: Any,
) -> ExitCode:
    """Plan SITUATION and write the plan to a folder.

    The plan is checked by the independent verifier before it is written. Ctrl-C stops the
    search and writes the best plan so far. Exit code 3 means that time limit or Ctrl-C came
    before the plan was as close to the best as --gap asks. Where PLAN cannot be written, on a
    full disk say, the plan is written into a new folder elsewhere and the exit code is 1.
    """
    import aidline

    need_writable(output)
    earlier = None if after is None else aidline.Plan.read(after)
    cases = _cases(aidline.read(situation), scenario, output)
    facts, codes = [], []
    with cancelled_by_signal() as cancel:
        for case in cases:
            if cancel.is_set():
                say(f"not planned: {case.name}")
                continue
            if len(cases) > 1:
                say(f"scenario {case.name}")
            told, code = _plan(case, cancel, earlier, options)
            facts.append(told)
            codes.append(code)
    if as_json:
        show_json(facts[0] if len(cases) == 1 else {"scenarios": facts})
    else:
        for told in facts:
            show_summary(told)
            show()
        if len(cases) > 1:
            show_comparison(facts)
    return next(c for c in (ExitCode.ERRORS, ExitCode.STOPPED, ExitCode.DONE) if c in codes)


def _cases(known: Situation, files: tuple[Path, ...], output: Path) -> list[Case]:
    """Return what is to be planned; a fault in any scenario is found before the first plan."""
    from aidline.situation.scenario import read_scenario

    read = [(path, read_scenario(path)) for path in files]
    if len(read) < 2:
        changed = read[0][1].apply(known) if read else known
        return [Case(read[0][1].name if read else "", changed, output)]
    stems = [path.stem for path in files]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise UsageError(
            f"two scenario files are named {twice[0]}: each plan gets a folder of that name"
        )
    return [Case(s.name, s.apply(known), output / path.stem) for path, s in read]


def _plan(
    case: Case, cancel: threading.Event, after: Plan | None, options: dict[str, Any]
) -> tuple[dict[str, Any], ExitCode]:
    """Plan one case and write it; return its summary and exit code."""
    import aidline

    made = make(case.situation, cancel, after, **options)
    where = keep(case.situation, made, case.output)
    facts = summary(case.situation, made, aidline.check_plan(case.situation, made))
    facts |= {"plan": where and str(where), "scenario": case.name or None}
    return facts, exit_code(made) if where == case.output else ExitCode.ERRORS


def make(
    situation: Situation, cancel: threading.Event, after: Plan | None = None, **options: Any
) -> Plan:
    """Make a plan with progress on stderr.

    Parameters
    ----------
    situation
        What is planned.
    cancel
        Once it is set, the best plan so far is returned.
    after
        An earlier plan, from whose flows and prices the search starts.
    **options
        Fields of `PlanOptions`; those that are None keep their default.
    """
    import aidline

    set_options = {name: value for name, value in options.items() if value is not None}
    wanted: PlanOptions = aidline.PlanOptions(**set_options, progress=_say_progress, cancel=cancel)
    return aidline.make_plan(situation, wanted, after)


def _say_progress(progress: Progress) -> None:
    value = "no plan yet" if progress.value is None else f"value {progress.value:,.0f}"
    bound = "no bound yet" if progress.bound is None else f"bound {progress.bound:,.0f}"
    worst = "" if progress.worst_share is None else f"  worst area {progress.worst_share:.0%}"
    say(f"{progress.seconds:6.1f} s  {value}  {bound}{worst}  {progress.step}")
