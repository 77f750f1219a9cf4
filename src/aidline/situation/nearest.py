"""The nearest known code to one that is not known: "did you mean AR-03?"."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

COMPARED = 100_000
"""Comparisons of letters that one search may cost; beyond that only spellings are compared."""


def folded(code: str) -> str:
    """Return a code without what people get wrong: case, spaces, dashes, leading zeros.

    Two codes that fold alike are most likely the same thing: " ar_3" and "AR-03".
    """
    parts = re.findall(r"[^\W\d_]+|\d+", code.casefold())
    return "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def nearest(code: str, candidates: Collection[str]) -> str | None:
    """Return the candidate most like a code, or None where none is much like it.

    Parameters
    ----------
    code
        What was written.
    candidates
        Known codes.
    """
    alike = folded(code)
    for candidate in candidates:
        if folded(candidate) == alike:
            return candidate
    near = [c for c in candidates if abs(len(c) - len(code)) <= 2][: COMPARED // (len(code) + 1)]
    matches = difflib.get_close_matches(code, near, n=1, cutoff=0.7)
    return matches[0] if matches else None


def did_you_mean(code: str, candidates: Collection[str]) -> str:
    """Return "Did you mean 'AR-03'? ", or "" where nothing is near."""
    best = nearest(code, candidates)
    return "" if best is None else f"Did you mean '{best}'? "
