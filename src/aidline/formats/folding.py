"""Texts made comparable: case, accents, spaces, punctuation and digits of other scripts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGITS = {0x0660 + i: str(i) for i in range(10)} | {0x06F0 + i: str(i) for i in range(10)}
_ARABIC = {0x0640: None, ord("ة"): "ه", ord("ى"): "ي", ord("ی"): "ي", ord("ک"): "ك"}
_FOLD = str.maketrans({**_DIGITS, **_ARABIC, ord("³"): "3", ord("²"): "2", ord("œ"): "oe"})
_OTHER = re.compile(r"[^\w]+|_+")

INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\x00-\x08\x0e-\x1f]"
"""Pattern of characters that nobody sees: marks of direction, zero width, control."""


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return a text for comparison: no case, accents, punctuation or doubled spaces.

    Arabic letters that are written in two ways become one; Arabic-Indic and Persian
    digits become 0-9.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLD))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(_OTHER.sub(" ", plain).split())


def near(word: str, known: dict[str, str]) -> str:
    """Return the value of `known` whose folded key is nearest to `word`, "" if none is near."""
    import difflib

    hits = difflib.get_close_matches(fold(word), list(known), n=1, cutoff=0.6)
    return known[hits[0]] if hits else ""
