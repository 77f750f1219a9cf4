"""The settings of a situation: ``situation.toml``, or the sheet "settings" of a workbook."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.errors import FormatError
from aidline.formats.cells import Cells
from aidline.formats.date_cells import parse_dates
from aidline.formats.findings import Findings
from aidline.formats.folding import fold, near
from aidline.formats.labels import LANGUAGES, choice_names, labels, start_words
from aidline.formats.sheet import Hints
from aidline.situation.schema import Column
from aidline.situation.situation import CONTEXTS, Settings
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.formats.grid import Grid

FILE = "situation.toml"
KEYS = ("name", "start_date", "days", "context", "as_of", "notice", "roads", "fictional")
"""Keys of the settings sheet; ``situation.toml`` also knows the tables and keys of `_MORE`."""

_MORE = ("road_columns", "columns", "decimal", "epsg")
_LARGEST = 1_000_000
_TRUE = {"yes", "true", "1", "oui", "si", "نعم", "1 0"}
_FALSE = {"no", "false", "0", "non", "لا", "", "0 0"}


@dataclass(slots=True)
class Found:
    """Settings as they were found.

    Attributes
    ----------
    settings, hints
        What they say.
    given
        Keys that were given.
    problems
        What was wrong with them.
    """

    settings: Settings
    hints: Hints
    given: frozenset[str]
    problems: pl.DataFrame


@dataclass(slots=True)
class _Reader:
    file: str
    sheet: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    def wrong(
        self, key: str, value: object, expected: str, mend: str = "", level: str = "error"
    ) -> None:
        self.findings.add(
            "warning" if level == "warning" else "error",
            "settings",
            file=self.file,
            sheet=self.sheet,
            row=self.rows.get(key),
            column=key,
            found=str(value),
            expected=expected,
            mend=mend or f"write {expected}",
        )

    def text(self, raw: dict[str, Any], key: str) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str | int | float):
            self.wrong(key, value, "a text")
            return ""
        return str(value)

    def date(self, raw: dict[str, Any], key: str) -> dt.date | None:
        """Read a date as the tables do, with what had to be assumed about it."""
        value = raw.get(key)
        if value is None or value == "":
            return None
        text = value.date().isoformat() if isinstance(value, dt.datetime) else str(value)
        parsed = parse_dates(Cells.of(Column(key, "date", ""), pl.Series([text])))
        for finding in parsed.findings:
            self.wrong(key, value, finding.expected, finding.mend, finding.level)
        return parsed.values[0]  # type: ignore[no-any-return]

    def days(self, raw: dict[str, Any]) -> int:
        value = raw.get("days", Settings.__dataclass_fields__["days"].default)
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not 1 <= number <= 366 or number != int(number):
            self.wrong("days", value, "a whole number of days, 1 to 366")
            return 14
        return int(number)

    def context(self, raw: dict[str, Any]) -> str:
        value = raw.get("context") or "other"
        code = choice_names(CONTEXTS).get(fold(str(value)))
        if code is None:
            self.wrong("context", value, "one of " + ", ".join(CONTEXTS))
        return code or "other"

    def truth(self, raw: dict[str, Any], key: str) -> bool:
        value = raw.get(key, False)
        word = fold(str(value)) if isinstance(value, str | int | float) else "?"
        if word not in _TRUE | _FALSE:
            self.wrong(key, value, "yes or no")
        return word in _TRUE


def settings_of(
    raw: dict[str, Any], file: str, sheet: str = "", rows: dict[str, int] | None = None
) -> Found:
    """Return settings from keys and values.

    Parameters
    ----------
    raw
        Keys and values as they were written.
    file, sheet, rows
        Where they stand, for the problems.
    """
    reader = _Reader(file, sheet, rows or {})
    for key in sorted(set(raw) - {*KEYS, *_MORE}):
        hit = near(key, _key_names())
        reader.wrong(
            key,
            key,
            "one of " + ", ".join((*KEYS, *_MORE)),
            f"did you mean {hit}?" if hit else "it was not read",
            "warning",
        )
    start = reader.date(raw, "start_date")
    settings = Settings(
        name=reader.text(raw, "name") or "Untitled situation",
        start_date=start or Settings().start_date,
        days=reader.days(raw),
        context=reader.context(raw),
        as_of=reader.date(raw, "as_of"),
        notice=reader.text(raw, "notice"),
        roads=_beside(reader, raw),
        road_columns=_texts(reader, raw, "road_columns"),
        fictional=reader.truth(raw, "fictional"),
    )
    given = frozenset(k for k in KEYS if k in raw and raw[k] != "") - (
        set() if start else {"start_date"}
    )
    return Found(settings, _hints(reader, raw), given, reader.findings.table())


def _beside(reader: _Reader, raw: dict[str, Any]) -> str:
    name = reader.text(raw, "roads")
    if name and (
        name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name
    ):
        reader.wrong("roads", name, "a file beside situation.toml")
        return ""
    return name


def _texts(reader: _Reader, raw: dict[str, Any], key: str) -> dict[str, str]:
    value = raw.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        reader.wrong(key, value, "our column names, each with the name in the file")
        return {}
    return dict(sorted(value.items()))


def _hints(reader: _Reader, raw: dict[str, Any]) -> Hints:
    decimal = raw.get("decimal")
    if decimal is not None and decimal not in (".", ","):
        reader.wrong("decimal", decimal, '"." or ","')
        decimal = None
    epsg = raw.get("epsg")
    if epsg is not None and not (isinstance(epsg, int) and 1024 <= epsg <= 999_999):
        reader.wrong("epsg", epsg, "the number of a coordinate system, such as 32629")
        epsg = None
    columns: dict[str, dict[str, str]] = {}
    given = raw.get("columns", {})
    if not isinstance(given, dict):
        reader.wrong("columns", given, "tables, such as [columns.needs] with our names in them")
    lines = raw.get("road_columns", {})
    tables = [
        *([("road_segments", lines)] if isinstance(lines, dict) and lines else []),
        *(given.items() if isinstance(given, dict) else ()),
    ]
    for table, names in tables:
        if table not in BY_NAME or not isinstance(names, dict):
            reader.wrong("columns", table, "the name of a table")
            continue
        known = BY_NAME[table].names
        for ours, theirs in sorted(names.items()):
            if ours not in known:
                hit = near(ours, {fold(k): k for k in known})
                mend = f"did you mean {hit}?" if hit else "the template lists the columns"
                reader.wrong(f"columns.{table}", ours, f"a column of {table}", mend)
            elif not isinstance(theirs, str):
                reader.wrong(f"columns.{table}.{ours}", theirs, "the header in the file, in quotes")
            else:
                columns.setdefault(table, {})[ours] = theirs
    return Hints(columns, decimal, epsg)


def read_settings(path: Path) -> Found:
    """Read ``situation.toml``.

    Raises
    ------
    FormatError
        It is no TOML.
    """
    if path.stat().st_size > _LARGEST:
        raise FormatError("settings of more than 1 MB: is this the right file?", file=path.name)
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(
            f"no valid TOML ({error}): write lines such as days = 14", file=path.name
        ) from error
    return settings_of(raw, path.name)


@cache
def _key_names() -> dict[str, str]:
    """Return folded name -> key of every setting, in four languages."""
    names = {fold(k): k for k in (*KEYS, *_MORE)}
    for (scope, column), by_language in labels().columns.items():
        if scope == "settings":
            names.update({fold(n): column for words in by_language.values() for n in words})
    return names


def settings_sheet(grid: Grid) -> Found:
    """Read the sheet of settings: a key and its value in each row."""
    names = _key_names()
    heads = {fold(start_words(language)["key"]) for language in LANGUAGES}
    raw: dict[str, Any] = {}
    rows: dict[str, int] = {}
    for index in range(min(grid.height, 200)):
        written, value = [*(c for c in grid.row(index) if c is not None), None, None][:2]
        if not written or not value or fold(written) in heads:
            continue
        key = names.get(fold(written), written)
        raw[key], rows[key] = value, grid.number(index)
    if (number := re.fullmatch(r"(\d+)(\.0+)?", str(raw.get("epsg", "")))) is not None:
        raw["epsg"] = int(number[1])
    return settings_of(raw, grid.file, grid.sheet, rows)


def settings_toml(settings: Settings) -> str:
    """Return the text of ``situation.toml``."""
    lines = [
        f"name = {_quoted(settings.name)}",
        f"start_date = {settings.start_date.isoformat()}",
        f"days = {settings.days}",
        f"context = {_quoted(settings.context)}",
    ]
    if settings.as_of:
        lines.append(f"as_of = {settings.as_of.isoformat()}")
    texts = {"notice": settings.notice, "roads": settings.roads}
    lines += [f"{key} = {_quoted(text)}" for key, text in texts.items() if text]
    if settings.fictional:
        lines.append("fictional = true")
    lines.append('decimal = "."')
    if settings.road_columns:
        lines += ["", "[road_columns]"]
        lines += [f"{_quoted(k)} = {_quoted(v)}" for k, v in sorted(settings.road_columns.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def without_settings(name: str) -> Found:
    """Return the settings of input that brings none."""
    settings = Settings(name=name or "Untitled situation")
    return Found(settings, Hints(), frozenset({"name"}), Findings().table())
