"""The words of the report in one language: sentences, numbers, dates, plurals.

All text stands in `aidline/data/words/<code>.toml`; nothing here knows a sentence.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from aidline.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

LANGUAGES = ("en", "fr", "ar")
ISOLATE, POP = "\u2068", "\u2069"


@dataclass(frozen=True)
class Language:
    """One language.

    Attributes
    ----------
    code
        "en", "fr" or "ar".
    words
        Dotted key -> text with {placeholders}, or a table of plural forms.
    """

    code: str
    words: Mapping[str, Any]

    @property
    def direction(self) -> str:
        """Which way lines run: "ltr" or "rtl"."""
        return str(self.words["meta.direction"])

    @property
    def rtl(self) -> bool:
        """True where lines run from right to left."""
        return self.direction == "rtl"

    def __contains__(self, key: str) -> bool:
        return key in self.words

    def say(self, key: str, **values: object) -> Markup:
        """Return a sentence as HTML, every value escaped and isolated in `<bdi>`."""
        parts = {name: _isolated(value) for name, value in values.items()}
        return escape(self.words[key]).format(**parts)

    def plain(self, key: str, **values: object) -> str:
        """Return a sentence as plain text (for attributes, SVG and data), values isolated."""
        marks = (ISOLATE, POP) if self.rtl else ("", "")
        parts = {name: f"{marks[0]}{value}{marks[1]}" for name, value in values.items()}
        return str(self.words[key]).format(**parts)

    def count(self, key: str, n: float) -> str:
        """Return a number with its noun in the right plural ("12 areas")."""
        forms = self.words[key]
        form = plural_form(self.code, round(n))
        text: str = forms.get(form, forms["other"])
        return text.format(n=self.number(n))

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with the separators of the language; None is "?"."""
        if value is None or not math.isfinite(value):
            return str(self.words["meta.unknown"])
        text = f"{value:,.{digits}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        marks = {",": self.words["meta.thousands"], ".": self.words["meta.decimal"]}
        return "".join(marks.get(c, c) for c in text)

    def compact(self, value: float | None) -> str:
        """Return a number with no more digits than people read: 1,234, 12.3, 0.12, and 0 as 0."""
        if value is None or not math.isfinite(value):
            return str(self.words["meta.unknown"])
        size = abs(value)
        whole = size >= 100 or size < 0.005 or size == int(size)
        digits = 0 if whole else 1 if size >= 1 else 2
        return self.number(value, digits)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """Return a share as a percentage: 100 only when whole, 0 only when nothing."""
        if share is None or not math.isfinite(share):
            return str(self.words["meta.unknown"])
        low = 10.0**-digits
        value = 100 * share
        if 1e-6 < value < low:
            return str(self.words["meta.below"]).format(n=self.number(low, digits))
        if 100 - low < value < 100 - 1e-6:
            return str(self.words["meta.above"]).format(n=self.number(100 - low, digits))
        return str(self.words["meta.percent"]).format(n=self.number(value, digits))

    def date(self, date: dt.date | None) -> str:
        """Return a full date ("4 March 2027")."""
        if date is None:
            return str(self.words["meta.unknown"])
        months = self.words["meta.months"]
        return str(self.words["meta.date"]).format(
            day=date.day, month=months[date.month - 1], year=date.year
        )

    def short_date(self, date: dt.date) -> str:
        """Return day and month ("4 Mar")."""
        months = self.words["meta.months_short"]
        return str(self.words["meta.date_short"]).format(day=date.day, month=months[date.month - 1])

    def weekday(self, date: dt.date) -> str:
        """Return the short name of the day of the week."""
        return str(self.words["meta.weekdays"][date.weekday()])

    def period(self, first: dt.date | None, last: dt.date | None) -> str:
        """Return "on 4 Mar" or "from 4 Mar to 7 Mar"; "" where the first day is not known."""
        if first is None:
            return ""
        if last is None or last == first:
            return self.plain("meta.on_day", day=self.short_date(first))
        return self.plain("meta.from_to", first=self.short_date(first), last=self.short_date(last))

    def listed(self, names: list[str], most: int = 3) -> str:
        """Return names in a row, the rest as a number ("A, B, C and 4 more")."""
        joined = str(self.words["meta.comma"]).join(names[:most])
        if len(names) <= most:
            return joined
        return self.plain("meta.and_more", names=joined, n=self.number(len(names) - most))


@cache
def language(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    UsageError
        There is no report in that language.
    """
    if code not in LANGUAGES:
        raise UsageError(f"no report in language {code!r}; there are {', '.join(LANGUAGES)}")
    text = (files("aidline") / "data" / "words" / f"{code}.toml").read_text(encoding="utf-8")
    flat: dict[str, Any] = {}
    for section, entries in tomllib.loads(text).items():
        flat |= {f"{section}.{key}": value for key, value in entries.items()}
    return Language(code, flat)


def plural_form(code: str, n: int) -> str:
    """Return the plural category of a whole number (the rules of CLDR for en, fr and ar)."""
    n = abs(n)
    if code == "ar":
        return _arabic_form(n)
    if code == "fr":
        return "one" if n < 2 else "other"
    return "one" if n == 1 else "other"


def _arabic_form(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    if 3 <= n % 100 <= 10:
        return "few"
    return "many" if n % 100 >= 11 else "other"


def _isolated(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(value)
