"""The nearest known code to one that is not known: "did you mean AR-03?"."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

BY_LETTERS = 10
"""For how many codes of one search the letters are compared; then only spellings are."""

COMPARED = 3000
"""Known codes that one code is compared with letter by letter: a hundredth of a second."""


def folded(code: str) -> str:
    """Return a code without what people get wrong: case, spaces, dashes, leading zeros, script.

    Two codes that fold alike are most likely the same thing: " ar_3", "AR-٠٣" and "AR-03".
    """
    code = "".join(str(unicodedata.digit(sign, sign)) for sign in code)
    parts = re.findall(r"[^\W\d_]+|\d+", code.casefold())
    return "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def nearest(codes: Collection[str], candidates: Collection[str]) -> dict[str, str]:
    """Return the candidate most like each code; codes that are like none are left out.

    Parameters
    ----------
    codes
        What was written.
    candidates
        Known codes.
    """
    known = sorted(set(candidates))
    spelled = {folded(candidate): candidate for candidate in reversed(known)}
    found = {code: spelled[folded(code)] for code in codes if folded(code) in spelled}
    others = sorted(set(codes) - set(found))
    for code in others[:BY_LETTERS]:
        near = [c for c in known if abs(len(c) - len(code)) <= 2][:COMPARED]
        if matches := difflib.get_close_matches(code, near, n=1, cutoff=0.7):
            found[code] = matches[0]
    return found


def did_you_mean(codes: Collection[str], candidates: Collection[str]) -> dict[str, str]:
    """Return "Did you mean 'AR-03'? " for each code that is like a candidate."""
    return {code: f"Did you mean '{best}'? " for code, best in nearest(codes, candidates).items()}
