"""The worked example row of each sheet of the template."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aidline.formats.folding import fold
from aidline.formats.labels import LANGUAGES, choice_label
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from aidline.situation.schema import Column

YES_NO = {"en": ("yes", "no"), "fr": ("oui", "non"), "es": ("sí", "no"), "ar": ("نعم", "لا")}
"""Words for true and false."""


def example(column: Column, language: str) -> str:
    """Return the example of a column as the template shows it."""
    if column.kind == "choice":
        return choice_label(column.example, language)
    if column.kind == "yes_no" and column.example:
        return YES_NO[language][0 if column.example == "yes" else 1]
    return column.example


@cache
def example_texts(table: str) -> dict[str, frozenset[str]]:
    """Return column -> every folded text that its example may have when it is read back."""
    return {
        c.name: frozenset(fold(example(c, lang)) for lang in LANGUAGES) | {fold(f"{c.example}.0")}
        for c in BY_NAME[table].columns
    }
