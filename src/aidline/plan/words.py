"""Reasons as plain sentences, in English, French and Arabic.

All text stands in `aidline/data/words/reasons_<code>.toml`; nothing here knows a sentence.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aidline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LANGUAGES = ("en", "fr", "ar")
ISOLATE, POP = "\u2068", "\u2069"  # keeps names and figures in their own direction


def reason_text(
    row: Mapping[str, Any],
    names: Mapping[str, str],
    language: str = "en",
    start_date: dt.date | None = None,
) -> str:
    """Return one row of the plan's table `reasons` as a sentence.

    Parameters
    ----------
    row
        A row: cause, at_id, of_id, first_day, last_day are read.
    names
        Code -> name of places, areas, items, vehicle classes and road segments.
    language
        "en", "fr" or "ar".
    start_date
        Day 0 of the plan: days are given as dates; None = as numbers of days.

    Raises
    ------
    UsageError
        There are no sentences in that language.
    """
    return join_reasons([row], names, language, start_date)


def join_reasons(
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    language: str = "en",
    start_date: dt.date | None = None,
) -> str:
    """Return the reasons of one gap as one sentence, in the order of their rank.

    Returns
    -------
    str
        "Limited by the slots of Port West on days 2–4; then by trucks of North warehouse on
        days 5–9."; "" where there is no row.

    Notes
    -----
    Parameters as in `reason_text`; rows without a rank keep their place.
    """
    words = _Words(language, names, start_date)
    ranked = sorted(rows, key=lambda r: r.get("rank") or 0)
    parts: list[str] = []
    for row in ranked:
        part = words.cause(row, first=not parts)
        if part not in parts:
            parts.append(part)
    return words.sentence(parts)


class _Words:
    """The templates of a language, with the names to put into them."""

    def __init__(self, language: str, names: Mapping[str, str], start_date: dt.date | None) -> None:
        self.texts = _texts(language)
        self.names = names
        self.start_date = start_date

    def cause(self, row: Mapping[str, Any], *, first: bool) -> str:
        """Return the part of a sentence that names one cause."""
        cause = str(row["cause"])
        if cause in self.texts["limit"]:
            what = self.phrase("limit", cause, row) + self.when(row)
            return self.say("frame", "limited" if first else "then_limited", what=what)
        known = cause if cause in self.texts["stated"] else "other"
        what = self.phrase("stated", known, row) + self.when(row)
        return what if first else self.say("frame", "then_stated", what=what)

    def phrase(self, section: str, key: str, row: Mapping[str, Any]) -> str:
        """Return the fullest template for which everything is known."""
        given = {
            "at": self.name(row.get("at_id")),
            "of": self.named(str(row.get("of_id") or "").split()),
        }
        templates: Mapping[str, str] = self.texts[section]
        for tail in ("_at_of", "_at", "_of", ""):
            known = all(given[part] for part in tail.split("_") if part)
            if known and key + tail in templates:
                return templates[key + tail].format(**given)
        return str(self.texts["meta"]["unknown"])

    def when(self, row: Mapping[str, Any]) -> str:
        """Return " on days 2–4", or "" where no day is given."""
        first = row.get("first_day")
        if first is None:
            return ""
        last = row.get("last_day")
        last = first if last is None else last
        kind = "day" if self.start_date is None else "date"
        one = first == last
        return self.say(
            "when", kind if one else f"{kind}s", first=self.day(first), last=self.day(last)
        )

    def day(self, day: int) -> str:
        """Return the date of a day, or its number where the start is not known."""
        if self.start_date is None:
            return self.isolated(str(day))
        date = self.start_date + dt.timedelta(days=day)
        month = self.texts["meta"]["months"][date.month - 1]
        text = self.texts["meta"]["date"].format(day=date.day, month=month, year=date.year)
        return self.isolated(text)

    def name(self, code: str | None) -> str:
        """Return the name of a code, the code where there is none, "" for none."""
        return self.isolated(self.names.get(code) or code) if code else ""

    def named(self, codes: Iterable[str]) -> str:
        """Return several names in a row."""
        return str(self.texts["meta"]["comma"]).join(self.name(code) for code in codes)

    def isolated(self, text: str) -> str:
        """Return the text so that its direction leaves that of the sentence alone."""
        return f"{ISOLATE}{text}{POP}" if self.texts["meta"]["isolate"] else text

    def say(self, section: str, key: str, **values: str) -> str:
        """Return a template with its values."""
        return str(self.texts[section][key]).format(**values)

    def sentence(self, parts: list[str]) -> str:
        """Join the parts of a sentence, with a capital in front and a stop at its end."""
        if not parts:
            return ""
        text = str(self.texts["frame"]["between"]).join(parts)
        return text[0].upper() + text[1:] + str(self.texts["frame"]["end"])


@cache
def _texts(language: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UsageError(f"no sentences in language {language!r}; there are {known}")
    path = files("aidline") / "data" / "words" / f"reasons_{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
