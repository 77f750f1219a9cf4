"""The clock of a search."""

from __future__ import annotations

import numba as nb
from small import tiny

from aidline.planning import compiling
from aidline.planning.compiling import compiling_s
from aidline.planning.options import PlanOptions
from aidline.planning.search import start_search


def test_compiling_does_not_count_against_the_time_limit() -> None:
    """A kernel compiled during the search is left out of its seconds."""
    search = start_search(tiny(2), PlanOptions(explain=False))
    before, used = compiling_s(), search.seconds

    @nb.njit
    def twice(x: float) -> float:
        return 2.0 * x

    assert twice(1.0) == 2.0
    compiled = compiling_s() - before
    assert compiled > 0.0
    assert search.seconds - used < compiled


def test_slow_compiling_is_told_once(monkeypatch) -> None:
    """Nothing moves while kernels are compiled: the user hears of it, once, and only then."""
    monkeypatch.setattr(compiling, "SLOW_S", -1.0)
    told = []
    with compiling.told_when_slow(lambda: told.append(1)):
        for n in range(2):
            nb.njit(lambda x, n=n: x + n)(1)
    nb.njit(lambda x: x - 1)(1)
    assert told == [1]
