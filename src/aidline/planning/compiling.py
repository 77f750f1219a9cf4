"""How long kernels took to compile: once after installation, and no part of any time limit."""

from __future__ import annotations

import time
from typing import Any

from numba.core import event


class _Clock(event.Listener):
    """Adds up the time of compiling; what a kernel calls is compiled within its own time."""

    def __init__(self) -> None:
        self.depth, self.since, self.total_s = 0, 0.0, 0.0

    def on_start(self, _: Any) -> None:
        if self.depth == 0:
            self.since = time.perf_counter()
        self.depth += 1

    def on_end(self, _: Any) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.total_s += time.perf_counter() - self.since


_clock = _Clock()
event.register("numba:compile", _clock)  # type: ignore[no-untyped-call]


def compiling_s() -> float:
    """Return the seconds that this process has spent compiling kernels or fetching them."""
    return _clock.total_s
