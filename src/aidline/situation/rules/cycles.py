"""Cycles in small directed graphs (kits of kits, substitutes of substitutes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def cycles(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return one cycle through each node that lies on one, each cycle once.

    Parameters
    ----------
    edges
        Pairs (from, to).

    Returns
    -------
    list of list of str
        Nodes in the order of the edges, starting at the first in the alphabet; sorted.
    """
    after: dict[str, list[str]] = {}
    for start, end in sorted(set(edges)):
        after.setdefault(start, []).append(end)
    found = {tuple(cycle) for node in after if (cycle := _cycle_through(node, after))}
    return sorted(list(cycle) for cycle in found)


def _cycle_through(node: str, after: dict[str, list[str]]) -> list[str]:
    """The shortest way from a node back to it, by breadth-first search."""
    before: dict[str, str] = {}
    front = [node]
    while front and node not in before:
        reached = []
        for at in front:
            for end in after.get(at, ()):
                if end not in before:
                    before[end] = at
                    reached.append(end)
        front = reached
    if node not in before:
        return []
    way = [before[node]]
    while way[-1] != node:
        way.append(before[way[-1]])
    way.reverse()
    first = way.index(min(way))
    return way[first:] + way[:first]
