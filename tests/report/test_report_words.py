"""The words of the report: complete in every language, plural and number rules kept."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from aidline.errors import UsageError
from aidline.formats.report_html.language import LANGUAGES, language, plural_form
from aidline.plan.tables import PLAN_BY_NAME
from aidline.situation.tables import BY_NAME, NEED_GROUPS

if TYPE_CHECKING:
    from aidline.situation.schema import Table

FOLDER = files("aidline.formats.report_html")


def choices(table: Table, column: str) -> tuple[str, ...]:
    """Return the codes that a column may hold."""
    return table[column].choices


def placeholders(value: object) -> set[str]:
    """Return the names in braces of a text."""
    return set(re.findall(r"\{(\w*)\}", str(value))) if isinstance(value, str) else set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_word(code: str):
    """No key is missing or left over, and each sentence has the same places to fill."""
    english, other = language("en").words, language(code).words
    assert set(other) == set(english)
    for key, text in english.items():
        assert placeholders(other[key]) == placeholders(text), key
        assert type(other[key]) is type(text), key


def test_every_word_that_is_used_exists_and_every_word_is_used():
    """Template, script and code ask for words that are there; no word is dead."""
    used = ""
    for path in FOLDER.iterdir():
        if path.name.endswith((".py", ".j2", ".js")):
            used += path.read_text(encoding="utf-8")
    brief = FOLDER.parent / "brief_pdf.py"
    used += brief.read_text(encoding="utf-8") if brief.is_file() else ""
    words = language("en").words
    asked = set(re.findall(r'w\["([a-z_]+\.[a-z0-9_]+)"\]', used))
    asked |= set(re.findall(r'(?:say|plain|count)\(\s*"([a-z_]+\.[a-z0-9_]+)"', used))
    assert asked <= set(words)
    by_code = {
        "cause", "resource", "unit", "status", "method", "method_name", "group", "place",
        "road_cause", "left_out", "task", "grade", "team", "baseline",
        "triage",
    }  # fmt: skip
    by_name = {"basis", "fair", "chart", "nav", "head"}
    for key in words:
        family, name = key.split(".")
        if family == "js":
            assert f"words.{name}" in used, key
        elif family in by_name and not name.endswith("_line"):
            assert f'"{name}"' in used or key in used, key
        elif family not in by_code | by_name and not name.startswith("layer_"):
            assert key in used, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_code_of_the_tables_has_a_word(code: str):
    """Causes, resources, kinds of places, need groups and states are all translated."""
    words = language(code)
    families = {
        "cause": choices(PLAN_BY_NAME["reasons"], "cause"),
        "resource": choices(PLAN_BY_NAME["bottlenecks"], "resource"),
        "unit": choices(PLAN_BY_NAME["bottlenecks"], "resource"),
        "status": choices(PLAN_BY_NAME["defaults_used"], "status"),
        "place": choices(BY_NAME["places"], "kind"),
        "road_cause": {
            *choices(BY_NAME["road_status"], "cause"),
            *choices(BY_NAME["blockages"], "kind"),
        },
        "method": choices(BY_NAME["sources"], "method"),
        "group": NEED_GROUPS,
        "task": choices(PLAN_BY_NAME["tasks"], "kind"),
        "grade": choices(PLAN_BY_NAME["road_openings"], "grade"),
        "baseline": choices(PLAN_BY_NAME["baselines"], "name"),
        "team": choices(BY_NAME["teams"], "kind"),
    }
    missing = [
        f"{f}.{c}" for f, codes in families.items() for c in codes if f"{f}.{c}" not in words
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (10, "few"), (11, "many"), (99, "many"),
     (100, "other"), (102, "other"), (103, "few"), (111, "many")],
)  # fmt: skip
def test_arabic_has_six_plurals(n: int, form: str):
    """Arabic numbers take one of six forms."""
    assert plural_form("ar", n) == form


def test_french_counts_zero_as_one():
    """French uses the singular below two, English only for one."""
    assert [language("fr").count("count.days", n) for n in (0, 1, 2)] == [
        "0 jour",
        "1 jour",
        "2 jours",
    ]
    assert [language("en").count("count.days", n) for n in (0, 1, 2)] == [
        "0 days",
        "1 day",
        "2 days",
    ]


def test_numbers_follow_the_language():
    """Thousands and decimals are separated as the language does it."""
    assert language("en").number(12345.67, 1) == "12,345.7"
    assert language("fr").number(12345.67, 1) == "12\u202f345,7"
    assert language("en").number(-0.04, 1) == "0.0"
    compact = [language("en").compact(v) for v in (1234.5, 12.34, 9.3, 3.0, 0.123, 0.001)]
    assert compact == ["1,234", "12.3", "9.3", "3", "0.12", "0"]
    assert language("en").number(None) == "not known"
    assert language("en").number(float("nan")) == "not known"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.004, "under 1%"), (0.5, "50%"), (0.996, "over 99%"), (1.0, "100%")],
)
def test_all_and_nothing_are_never_rounded_to(share: float, text: str):
    """0 % means nothing and 100 % means all; in between is never shown as either."""
    assert language("en").percent(share) == text


def test_dates_and_periods_in_words():
    """Dates carry the month by name, so that day and month cannot be mistaken."""
    first, last = dt.date(2027, 3, 2), dt.date(2027, 3, 5)
    assert language("en").date(first) == "2 March 2027"
    assert language("en").period(first, last) == "2 Mar to 5 Mar"
    assert language("fr").period(first, first) == "le 2 mars"
    assert language("en").period(None, None) == ""


def test_values_in_sentences_are_escaped_and_isolated():
    """A value can neither bring markup nor turn the direction of the sentence."""
    said = language("ar").say("head.worst", area="<b>", share="1%", group="x")
    assert "<bdi>&lt;b&gt;</bdi>" in said


def test_unknown_language_is_refused():
    """There is no silent fall-back to English."""
    with pytest.raises(UsageError, match="xx"):
        language("xx")
