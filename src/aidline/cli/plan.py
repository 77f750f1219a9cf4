"""`aidline plan`: from a situation to a verified plan."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aidline.cli.output import ExitCode, json_option, say, show_json
from aidline.cli.summary import show_summary, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aidline.plan.plan import Plan
    from aidline.planning.options import PlanOptions, Progress
    from aidline.situation.situation import Situation


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
    "--scenario",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help="Plan the situation as changed by this scenario.",
)
@json_option
def plan(
    situation: Path, output: Path, scenario: tuple[Path, ...], as_json: bool, **options: Any
) -> ExitCode:
    """Plan SITUATION and write the plan to a folder.

    The plan is checked by the independent verifier before it is written. Ctrl-C stops the
    search and writes the best plan so far (exit code 3).
    """
    import aidline

    known = _with_scenario(aidline.read(situation), scenario)
    made = make(known, **options)
    from aidline.formats.plan_folder import write_plan

    write_plan(known, made, output)
    say(f"wrote {output}")
    facts = summary(known, made, aidline.check_plan(known, made))
    if as_json:
        show_json(facts | {"plan": str(output)})
    else:
        show_summary(facts)
    return exit_code(made)


def make(situation: Situation, **options: Any) -> Plan:
    """Make a plan with progress on stderr; Ctrl-C keeps the best plan so far.

    Parameters
    ----------
    situation
        What is planned.
    **options
        Fields of `PlanOptions`; those that are None keep their default.
    """
    import aidline

    set_options = {name: value for name, value in options.items() if value is not None}
    with cancelled_by_ctrl_c() as cancel:
        wanted: PlanOptions = aidline.PlanOptions(
            **set_options, progress=_say_progress, cancel=cancel
        )
        return aidline.make_plan(situation, wanted)


def exit_code(made: Plan) -> ExitCode:
    """Return 3 for a plan that was cut short, 0 otherwise."""
    return ExitCode.STOPPED if made.record.stopped == "cancelled" else ExitCode.DONE


@contextmanager
def cancelled_by_ctrl_c() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; a second one stops the program."""
    cancel = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        say("stopping; the best plan so far will be written (Ctrl-C again to give up)")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _say_progress(progress: Progress) -> None:
    value = "no plan yet" if progress.value is None else f"value {progress.value:,.0f}"
    bound = "no bound yet" if progress.bound is None else f"bound {progress.bound:,.0f}"
    worst = "" if progress.worst_share is None else f"  worst area {progress.worst_share:.0%}"
    say(f"{progress.seconds:6.1f} s  {value}  {bound}{worst}  {progress.step}")


def _with_scenario(situation: Situation, files: tuple[Path, ...]) -> Situation:
    if not files:
        return situation
    if len(files) > 1:
        raise click.UsageError("one scenario at a time: run once per scenario, then compare plans")
    from aidline.situation.scenario import read_scenario

    return read_scenario(files[0]).apply(situation)
