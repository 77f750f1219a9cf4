"""The clock of a search."""

from __future__ import annotations

import numba as nb
from small import tiny

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
