"""`aidline`: wires one file per verb, and turns every fault into one clear line and a code.

Exit codes: 0 done, 1 the data or the plan has errors, 2 wrong usage, 3 stopped early with a
usable result. Results go to stdout, messages to stderr.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from aidline import __version__
from aidline.cli.bench import bench
from aidline.cli.check import check
from aidline.cli.compare import compare
from aidline.cli.demo import demo
from aidline.cli.explain import explain
from aidline.cli.generate import generate
from aidline.cli.output import ExitCode, say, show_json
from aidline.cli.plan import plan
from aidline.cli.report import report
from aidline.cli.template import template
from aidline.cli.verify import verify
from aidline.errors import AidlineError, DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERBS = (demo, check, plan, verify, explain, compare, report, template, generate, bench)


class _InOrder(click.Group):
    """Shows the verbs in the order in which they are used, not by letter."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aidline")
def aidline() -> None:
    """Plan relief operations: from a situation to a verified day-by-day plan.

    Try `aidline demo` first. Then `aidline template -o situation.xlsx`, fill it in,
    `aidline check situation.xlsx`, `aidline plan situation.xlsx -o plan`.
    """


for _verb in VERBS:
    aidline.add_command(_verb)


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Parameters
    ----------
    arguments
        Without the program's name.

    Returns
    -------
    int
        The exit code; nothing is raised.
    """
    try:
        code = aidline.main(list(arguments), prog_name="aidline", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("stopped; nothing was written")
        return ExitCode.ERRORS
    except Exception as fault:  # the user sees one line, never a traceback
        if os.environ.get("AIDLINE_DEBUG"):
            raise
        return _told(fault, as_json="--json" in arguments)
    return int(code or 0)


def _told(fault: Exception, *, as_json: bool) -> ExitCode:
    """Say on stderr what went wrong (with --json on stdout too) and give the exit code."""
    if as_json:
        error: dict[str, object] = {"kind": type(fault).__name__, "message": str(fault)}
        if isinstance(fault, DataError):
            error["problems"] = fault.problems.to_dicts()
        with contextlib.suppress(OSError):  # stdout itself may be what failed
            show_json({"error": error})
    if isinstance(fault, AidlineError):
        say(f"error: {fault}")
        return ExitCode.USAGE if isinstance(fault, UsageError) else ExitCode.ERRORS
    if isinstance(fault, BrokenPipeError):  # `| head` has read what it wanted
        return ExitCode.ERRORS
    if isinstance(fault, OSError):
        where = f"{fault.filename}: " if fault.filename else ""
        say(f"error: {where}{fault.strerror or fault}")
        return ExitCode.ERRORS
    if isinstance(fault, MemoryError):
        say("error: not enough memory; plan fewer days or close other programs")
        return ExitCode.ERRORS
    say(
        f"error: a fault in Aidline itself ({type(fault).__name__}: {fault}). "
        "Run again with AIDLINE_DEBUG=1 and report what it prints"
    )
    return ExitCode.ERRORS


def main() -> None:
    """Run the command line of this process."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 must not stop a plan
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as fault:
        code = code or _told(fault, as_json=False)
        # What could not be written must not be tried again, with a traceback, at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _interrupt(_signal: int, _frame: object) -> None:
    """Treat the request to end as Ctrl-C."""
    raise KeyboardInterrupt
