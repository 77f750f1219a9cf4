"""Names of tables, columns and codes in English, French, Spanish and Arabic.

They stand in ``aidline/data/labels``: ``tables.csv``, ``columns.csv`` (``table`` is empty
where a label holds for every table) and ``choices.csv``. A cell may hold several names,
separated by ``|``; the first is shown, all are understood when reading.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aidline.formats.folding import fold
from aidline.situation.tables import BY_NAME

LANGUAGES = ("en", "fr", "es", "ar")
"""Languages for which there are labels; Arabic is written from right to left."""
_NEGATIVE = re.compile(r"^\s*[-\u2212]\d+\s*$")


@dataclass(frozen=True, slots=True)
class Labels:
    """Every label, by what it stands for and language.

    Attributes
    ----------
    tables
        Table name -> language -> names.
    columns
        (table or "", column) -> language -> names.
    choices
        Code -> language -> names.
    """

    tables: dict[str, dict[str, tuple[str, ...]]]
    columns: dict[tuple[str, str], dict[str, tuple[str, ...]]]
    choices: dict[str, dict[str, tuple[str, ...]]]


@cache
def labels() -> Labels:
    """Return all labels."""
    return Labels(
        {row["table"]: _names(row) for row in _rows("tables.csv")},
        {(row["table"], row["column"]): _names(row) for row in _rows("columns.csv")},
        {row["code"]: _names(row) for row in _rows("choices.csv")},
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("aidline") / "data" / "labels" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def start_words(language: str) -> dict[str, str]:
    """Return the words of the front sheet and of the sheet of settings, by line."""
    return {row["line"]: row[language] for row in _rows("start.csv")}


def _names(row: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        lang: tuple(n.strip() for n in (row[lang] or "").split("|") if n.strip())
        for lang in LANGUAGES
    }


def table_label(table: str, language: str = "en") -> str:
    """Return the name of a table as shown to people."""
    names = labels().tables.get(table, {}).get(language, ())
    return names[0] if names else table.replace("_", " ").capitalize()


def column_label(table: str, column: str, language: str = "en") -> str:
    """Return the name of a column as shown to people."""
    known = labels().columns
    for key in ((table, column), ("", column)):
        names = known.get(key, {}).get(language, ())
        if names:
            return names[0]
    return column.replace("_", " ").capitalize()


def choice_label(code: str, language: str = "en") -> str:
    """Return the name of a code as shown to people."""
    names = labels().choices.get(code, {}).get(language, ())
    return names[0] if names else code


def choice_key(text: str) -> str:
    """Return a text as choices are looked up: folded, but the sign of a number counts."""
    return ("-" if _NEGATIVE.match(text) else "") + fold(text)


@cache
def choice_names(codes: tuple[str, ...]) -> dict[str, str]:
    """Return name -> code for some codes (names by `choice_key`), the codes themselves first."""
    known = {choice_key(code): code for code in codes}
    for code in codes:
        for names in labels().choices.get(code, {}).values():
            for name in names:
                known.setdefault(choice_key(name), code)
    return known


@cache
def table_names() -> dict[str, str]:
    """Return folded sheet or file name -> table (or "start", "settings", "lists")."""
    known = {fold(name): name for name in BY_NAME}
    for name, table in BY_NAME.items():
        for other in table.also:
            known.setdefault(fold(other), name)
    for name, by_language in labels().tables.items():
        for names in by_language.values():
            for other in names:
                known.setdefault(fold(other), name)
    return known


@cache
def column_names(table: str) -> dict[str, tuple[str, ...]]:
    """Return folded header -> columns of a table that it may mean, the likeliest first.

    A column's own name comes first, then the names in the table's specification, then the
    labels for this table, then the labels that hold for every table.
    """
    spec = BY_NAME[table]
    known: dict[str, list[str]] = {}

    def add(name: str, column: str) -> None:
        meant = known.setdefault(fold(name), [])
        if column not in meant:
            meant.append(column)

    for column in spec.columns:
        add(column.name, column.name)
    for column in spec.columns:
        for other in column.also:
            add(other, column.name)
    for scope in (table, ""):
        for column in spec.columns:
            for names in labels().columns.get((scope, column.name), {}).values():
                for name in names:
                    add(name, column.name)
    return {name: tuple(meant) for name, meant in known.items()}


@cache
def _meanings() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["table"], row["column"]): row for row in _rows("meanings.csv")}


def table_meaning(table: str, language: str = "en") -> str:
    """Return what a table holds, in one or two sentences."""
    return _meanings().get((table, ""), {}).get(language) or BY_NAME[table].meaning


def meaning(table: str, column: str, language: str = "en") -> str:
    """Return what a column holds; in English where there is no translation."""
    for key in ((table, column), ("", column)):
        if text := _meanings().get(key, {}).get(language):
            return text
    return BY_NAME[table][column].meaning


@cache
def _units() -> dict[str, dict[str, str]]:
    return {row["unit"]: row for row in _rows("units.csv")}


def unit_label(unit: str, language: str = "en") -> str:
    """Return the name of a unit as shown to people."""
    return _units().get(unit, {}).get(language) or unit
