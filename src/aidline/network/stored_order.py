"""The order of nodes for the contraction hierarchy, stored between runs.

Working it out takes about a minute for a country of 1.5 million nodes and depends on the graph
alone. It is kept under the digest of the graph in the user's cache folder: an order of another
graph would give right answers, but take hundreds of times as long. A cache that cannot be
written is done without.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

STORE_FROM_NODES = 100_000
"""Below this the order is worked out in a few seconds."""


def folder() -> Path:
    """Return the cache folder: `AIDLINE_CACHE`, else `aidline` in the user's cache."""
    given = os.environ.get("AIDLINE_CACHE")
    if given:
        return Path(given)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "aidline"


def load(tail: np.ndarray, head: np.ndarray, node_count: int) -> np.ndarray | None:
    """Return the stored order of a graph, None where there is none that fits.

    Parameters
    ----------
    tail, head, node_count
        The graph.
    """
    if node_count < STORE_FROM_NODES:
        return None
    try:
        order: np.ndarray = np.load(_file(tail, head), allow_pickle=False)
    except (OSError, ValueError):
        return None
    whole = order.shape == (node_count,) and np.array_equal(np.sort(order), np.arange(node_count))
    return order if whole else None


def save(tail: np.ndarray, head: np.ndarray, order: np.ndarray) -> None:
    """Store the order of a large graph; small graphs are left alone."""
    if len(order) < STORE_FROM_NODES:
        return
    file = _file(tail, head)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as stream:
            np.save(stream, order)
        part.replace(file)  # whole or not at all, also when two runs write at once


def _file(tail: np.ndarray, head: np.ndarray) -> Path:
    digest = hashlib.sha256(tail.astype("<i4").tobytes() + head.astype("<i4").tobytes())
    return folder() / f"order-{digest.hexdigest()[:24]}.npy"
