"""How numbers are written: digits, separators, words for unknown; what a column proves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aidline.formats.grid import NUMBER

if TYPE_CHECKING:
    import polars as pl

    from aidline.formats.cells import Cells

Mark = Literal[".", ","]

_FOREIGN = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫،−٪"
_PLAIN = "01234567890123456789.,-%"
ARABIC = str.maketrans(_FOREIGN, _PLAIN, "٬")
"""Arabic-Indic and Persian digits and signs to ASCII; the Arabic thousands mark goes."""

PLAIN = r"^[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?$"
"""A number as computers write it."""

UNCLEAR = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""A number that may have a fraction or thousands: 1,234."""

POINT = (
    r"^[+-]?(\d*\.\d{1,2}|\d*\.\d{4,}|0+\.\d+|\d{4,}\.\d+"
    r"|\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,})$"
)
"""A number that proves a decimal point."""

COMMA = (
    r"^[+-]?(\d*,\d{1,2}|\d*,\d{4,}|0+,\d+|\d{4,},\d+"
    r"|\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,})$"
)
"""A number that proves a decimal comma."""

INDIAN = re.compile(r"^[+-]?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?$")
SPACED = re.compile(r"^[+-]?\d{1,3}([ \u00a0\u202f\u2009'’]\d{3})+([.,]\d+)?$")
WITH_UNIT = re.compile(
    r"^([+-]?[\d.,][\d.,\s\u00a0\u202f'’]*?(?:[eE][+-]?\d+)?)\s*([^\d\s.,+'’-].*)$"
)

MISSING = frozenset(
    [
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "..",
        "...",
        "…",
        "?",
        "??",
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "n/d",
        "nd",
        "n.d.",
        "s/d",
        "sd",
        "s.d.",
        "null",
        "unknown",
        "inconnu",
        "desconocido",
        "tbd",
        "tbc",
        "غ/م",
    ]
) | {"غير معروف", "not available", "non disponible", "no disponible"}
"""Words that people write where nothing is known."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a column shows about its decimal mark."""

    point: bool
    comma: bool

    @property
    def decimal(self) -> Mark | None:
        """The mark, if the column shows exactly one."""
        if self.point == self.comma:
            return None
        return "." if self.point else ","


def marks_of(cells: Cells) -> Marks:
    """Return which decimal marks the written cells of a column prove."""
    written = cells.text.filter(cells.kind != NUMBER).drop_nulls()
    written = written.filter(written.str.contains(r"[.,٫،]"))
    if written.is_empty():
        return Marks(point=False, comma=False)
    parts = ascii_digits(written).str.extract(r"^([+-]?[\d.,\s\u00a0\u202f'’]+)")
    parts = parts.str.strip_chars()
    return Marks(bool(parts.str.contains(POINT).any()), bool(parts.str.contains(COMMA).any()))


def ascii_digits(text: pl.Series) -> pl.Series:
    """Return a column of texts with the digits and signs of `ARABIC` in ASCII."""
    if not text.str.contains(f"[{_FOREIGN}٬]").any():
        return text
    return text.str.replace_many([*_FOREIGN, "٬"], [*_PLAIN, ""])


def split_unit(text: str) -> tuple[str, str | None]:
    """Return the number and what follows it, None where nothing does."""
    hit = WITH_UNIT.match(text)
    return (hit[1].strip(), hit[2].strip()) if hit else (text, None)
