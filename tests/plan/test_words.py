"""Reasons as sentences in three languages."""

from __future__ import annotations

import datetime as dt
import string
from typing import Any

import pytest

from aidline.errors import UsageError
from aidline.plan.tables import PLAN_BY_NAME
from aidline.plan.words import (
    LANGUAGES,
    _texts,
    join_reasons,
    reason_text,
)

NAMES = {"PORT-W": "Port West", "WH": "North warehouse", "t10": "Truck 10 t", "ration": "Ration"}
SLOTS = {"cause": "crossing_slots", "at_id": "PORT-W", "of_id": None, "first_day": 2, "last_day": 4}
TRUCKS = {"cause": "truck_hours", "at_id": "WH", "of_id": None, "first_day": 5, "last_day": 9}


def test_reasons_in_order() -> None:
    """The sentence of the data model, word by word."""
    assert join_reasons([SLOTS, TRUCKS], NAMES) == (
        "Limited by the slots of Port West on days 2–4; "
        "then by trucks of North warehouse on days 5–9."
    )


def test_reasons_are_told_by_rank_and_once() -> None:
    """The first limit comes first, whatever the order of rows; nothing is said twice."""
    rows = [{**TRUCKS, "rank": 2}, {**SLOTS, "rank": 1}, {**TRUCKS, "rank": 3}]
    assert join_reasons(rows, NAMES) == join_reasons([SLOTS, TRUCKS], NAMES)
    assert join_reasons([], NAMES) == ""


def test_days_as_dates() -> None:
    """With the start of the plan, days are dates in the language of the reader."""
    start = dt.date(2027, 3, 2)
    assert reason_text(SLOTS, NAMES, "en", start) == (
        "Limited by the slots of Port West from 4 March 2027 to 6 March 2027."
    )
    assert reason_text({**SLOTS, "last_day": 2}, NAMES, "fr", start) == (
        "Ce qui limite : les créneaux de camions (Port West), le 4 mars 2027."
    )
    assert "4 مارس 2027" in reason_text(SLOTS, NAMES, "ar", start)


def test_causes_that_are_no_resource() -> None:
    """Being cut off, promises, fairness and time are statements of their own."""
    cut = {"cause": "unreachable", "of_id": "R-114 R-120", "first_day": 0, "last_day": 0}
    assert reason_text(cut, {"R-114": "Coast road"}) == "Cut off by Coast road, R-120 on day 0."
    late = {"cause": "too_late"}
    assert reason_text(late, {}) == "Nothing more could arrive in time."
    assert join_reasons([SLOTS, late], NAMES) == (
        "Limited by the slots of Port West on days 2–4; then: nothing more could arrive in time."
    )
    assert reason_text({"cause": "never seen"}, {}) == "The cause is not known."


def test_arabic_keeps_names_apart() -> None:
    """Latin names and figures stand in their own direction inside Arabic text."""
    text = reason_text(SLOTS, NAMES, "ar")
    assert "\u2068Port West\u2069" in text
    assert text.count("\u2068") == text.count("\u2069")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("known", ["", "at", "of", "at of"])
def test_every_cause_has_its_words(language: str, known: str) -> None:
    """Each code of the tables gives a whole sentence, however little is known."""
    row: dict[str, Any] = {
        "at_id": "WH" if "at" in known else None,
        "of_id": "ration" if "of" in known else None,
    }
    for cause in PLAN_BY_NAME["reasons"]["cause"].choices:
        text = reason_text({**row, "cause": cause}, NAMES, language)
        assert len(text) > 8
        assert text.endswith(".")
        assert _texts(language)["stated"]["other"].lower() not in text.lower()


def test_all_languages_have_the_same_sentences() -> None:
    """The same keys and the same values to fill in, in each language."""

    def shape(language: str) -> dict[tuple[str, str], set[str]]:
        return {
            (section, key): {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}
            for section, entries in _texts(language).items()
            for key, text in entries.items()
            if section != "meta"
        }

    assert shape("en") == shape("fr") == shape("ar")


def test_unknown_language() -> None:
    """A language without sentences is refused, with those that there are."""
    with pytest.raises(UsageError, match="en, fr, ar"):
        reason_text(SLOTS, NAMES, "xx")
