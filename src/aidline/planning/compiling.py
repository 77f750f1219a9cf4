"""How long kernels took to compile: once after installation, and no part of any time limit."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numba.core import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOW_S = 2.0  # fetching kernels that were compiled before takes less


class _Clock(event.Listener):
    """Adds up the time of compiling; what a kernel calls is compiled within its own time."""

    def __init__(self) -> None:
        self.depth, self.since, self.total_s = 0, 0.0, 0.0
        self.tell: Callable[[], None] | None = None

    def on_start(self, _: Any) -> None:
        if self.depth == 0:
            self.since = time.perf_counter()
        self.depth += 1

    def on_end(self, _: Any) -> None:
        self.depth -= 1
        seconds = time.perf_counter() - self.since
        if self.depth == 0:
            self.total_s += seconds
        if self.tell is not None and seconds > SLOW_S:
            tell, self.tell = self.tell, None
            tell()


_clock = _Clock()
event.register("numba:compile", _clock)  # type: ignore[no-untyped-call]


def compiling_s() -> float:
    """Return the seconds that this process has spent compiling kernels or fetching them."""
    return _clock.total_s


@contextmanager
def told_when_slow(tell: Callable[[], None]) -> Iterator[None]:
    """Have it told, once, when compiling takes a while: nothing else moves meanwhile."""
    _clock.tell = tell
    try:
        yield
    finally:
        _clock.tell = None
