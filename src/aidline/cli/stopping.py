"""Stopping: Ctrl-C and the request to end keep the best plan so far."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aidline.cli.output import ExitCode, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aidline.plan.plan import Plan

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def cancelled_by_signal() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C or SIGTERM sets; a second one stops the program."""
    cancel = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        say("stopping; the best plan so far will be written (Ctrl-C again to give up)")

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(made: Plan) -> ExitCode:
    """Return 3 for a plan that was cut short before it was as good as was asked, else 0."""
    record = made.record
    if record.stopped not in ("cancelled", "time limit"):
        return ExitCode.DONE
    reached = record.gap is not None and record.gap <= record.options.get("gap", 0.0)
    return ExitCode.DONE if reached else ExitCode.STOPPED
