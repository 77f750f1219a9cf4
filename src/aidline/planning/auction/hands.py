"""Several hands for one auction: threads that share out areas and needs.

How the work is dealt out depends on the problem alone, never on the machine, so that every run
takes the same steps; one processor only takes longer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aidline.supply.problem import Floats, Ints

Item = TypeVar("Item")
Result = TypeVar("Result")
MANY_NEEDS = 20_000  # cells of need from which on a second hand is worth waiting for
MOST = 2


class Hands:
    """Threads that work on an auction side by side.

    In a block of a sweep each hand moves the goods of its own areas, at a copy of the prices of
    its own. Then all learn what the others took of what areas share: stock, truck-hours, hubs.

    Parameters
    ----------
    needs
        Number of cells of need.
    shared
        Rows on which goods and trips of several areas weigh.
    """

    def __init__(self, needs: int, shared: Ints) -> None:
        self.count = MOST if needs >= MANY_NEEDS else 1
        self._shared = shared
        self._threads = ThreadPoolExecutor(max_workers=self.count)
        self._prices: list[Floats] = []

    def each(self, work: Callable[[int], Result]) -> list[Result]:
        """Let every hand do its part of some work; returns what they found, in order."""
        return self.map(work, range(self.count))

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Do some work on each item, each in the hand that is free."""
        doing = self._threads.map if self.count > 1 else map
        return list(doing(work, items))

    def cut(self, first: int, last: int) -> list[int]:
        """Deal out a range evenly: hand n has [cut[n], cut[n + 1])."""
        return [first + (last - first) * n // self.count for n in range(self.count + 1)]

    def start(self, z: Floats) -> None:
        """Begin a sweep at row prices `z`, which `sweep_block` keeps up to date."""
        self._prices = [z, *(z.copy() for _ in range(1, self.count))]

    def sweep_block(self, first: int, last: int, work: Callable[[int, int, Floats], None]) -> None:
        """Let each hand work on its part of some areas, then bring together what they moved.

        Parameters
        ----------
        first, last
            The areas.
        work
            Called with the first area, the one after the last, and prices to work at.
        """
        z, shared, cut = self._prices[0], self._shared, self.cut(first, last)
        before = z[shared]
        for other in self._prices[1:]:
            other[shared] = before
        self.each(lambda hand: work(cut[hand], cut[hand + 1], self._prices[hand]))
        for other in self._prices[1:]:
            z[shared] += other[shared] - before


def shared_rows(load_row: int, hub_moves: Ints) -> Ints:
    """Return the rows that areas share: stock, hours, slots, and the space on ways to hubs."""
    hubs = load_row + 2 * hub_moves
    return np.concatenate([np.arange(load_row), hubs, hubs + 1])
