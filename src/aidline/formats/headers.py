"""Which row of a sheet is its header, and which column each of its cells means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from aidline.formats.folding import fold, near
from aidline.formats.labels import column_names
from aidline.formats.units import factor_between, is_unit
from aidline.situation.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aidline.formats.grid import Grid

UNIT_MARK = "ⓘ"
"""Begins every cell of the row of units and meanings in our own template."""

PROBLEMS = "aidline: problems"
"""Header of the column that `aidline.formats.corrected` adds; it is not read back."""

_OURS = fold(PROBLEMS)
_LOOK_AT = 40  # rows in which a header is looked for
_IN_BRACKETS = re.compile(r"^(.*?)\s*[(\[]([^)\]]+)[)\]]\s*\W*$")
_PARTS_OF_ALL = frozenset(
    ["f", "m", "x", "i", "female", "male", "children", "adults", "elderly", "infants", "pct"]
)
_UNIT_WORDS = frozenset(
    {
        "text",
        "date",
        "code",
        "id",
        "number",
        "yes no",
        "yyyy mm dd",
        "dd mm yyyy",
        "choice",
        "unit",
        "units",
        "unites",
        "unidades",
        "units of the item",
        "list",
        "text code",
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """What one header cell means.

    Attributes
    ----------
    column
        Column of the table.
    unit
        What the header says in brackets where that is not the column's own unit.
    rivals
        Other columns that it may mean and that no other header claims.
    """

    column: str
    unit: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(slots=True)
class Header:
    """Where the header of a sheet is and what it says.

    Attributes
    ----------
    table
        The table that the sheet holds.
    row, body
        Index of the header row, and of the first row of data.
    matches
        Sheet column -> what it means.
    unknown
        Sheet column -> (header as written, nearest known column or "").
    twice
        Sheet column -> (header, column that an earlier one already gives).
    ignored
        Sheet columns that an earlier `check --corrected` has added.
    ours
        True when the sheet has the row of units of our own template.
    """

    table: str
    row: int
    body: int
    matches: dict[int, Match]
    unknown: dict[int, tuple[str, str]] = field(default_factory=dict)
    twice: dict[int, tuple[str, str]] = field(default_factory=dict)
    ignored: set[int] = field(default_factory=set)
    ours: bool = False


def find_header(
    grid: Grid, table: str | None, mapping: Mapping[str, Mapping[str, str]] | None = None
) -> Header | None:
    """Return the header of a sheet, or None where it has none that is known.

    Parameters
    ----------
    grid
        The sheet.
    table
        The table that its name tells, None to tell it by the headers.
    mapping
        Table -> our column -> header in the file, from ``[columns.<table>]``.
    """
    rows = [grid.row(i) for i in range(min(_LOOK_AT, grid.height))]
    tables = [table] if table else [t.name for t in TABLES]
    for least in (2, 1):
        for index, cells in enumerate(rows):
            if sum(c is not None for c in cells) < least or is_hxl(cells):
                continue
            found = _best(tables, cells, _tags_near(rows, index), mapping or {}, least)
            if found:
                return _finish(found, index, rows)
        if table is None:
            return None
    return _from_tags_alone(rows, tables)


def _best(
    tables: list[str],
    cells: list[str | None],
    tags: list[str | None] | None,
    mapping: Mapping[str, Mapping[str, str]],
    least: int,
) -> Header | None:
    options = [match_header(name, cells, tags, mapping.get(name)) for name in tables]
    filled = [c for c in cells if c]
    figures = any(re.fullmatch(r"[+-]?\d+([.,]\d+)?", c) for c in filled)
    needed = max(least, len(filled) // 2 + 1) if figures else least  # a row of data is no header
    options = [o for o in options if len(o.matches) >= needed]
    if len(tables) > 1:
        options = [
            o for o in options if _required(o.table) <= {m.column for m in o.matches.values()}
        ]
    if not options:
        return None
    options.sort(key=lambda o: (len(o.unknown) + len(o.twice), -len(o.matches)))
    best = options[0]
    if (
        len(options) > 1
        and len(options[1].matches) == len(best.matches)
        and len(options[1].unknown) == len(best.unknown)
    ):
        return None
    return best


def _required(table: str) -> set[str]:
    return {c.name for c in BY_NAME[table].columns if c.required}


def match_header(
    table: str,
    cells: Iterable[str | None],
    tags: list[str | None] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Header:
    """Match the cells of a header row with the columns of a table."""
    filled = [(i, c) for i, c in enumerate(cells) if c is not None]
    texts = [(i, c) for i, c in filled if fold(c) != _OURS]
    named = {fold(theirs): ours for ours, theirs in (mapping or {}).items()}
    meant = {i: _meant(table, text, named) for i, text in texts}
    for i, _ in texts:
        if not meant[i][0] and tags and i < len(tags) and tags[i]:
            hit = _by_tag(table, tags[i] or "")
            meant[i] = ((hit,) if hit else (), meant[i][1])
    header = Header(table, 0, 1, {}, ignored={i for i, c in filled if fold(c) == _OURS})
    taken: dict[str, int] = {}
    for i, text in sorted(texts, key=lambda p: (_rank(p[1], meant[p[0]][0]), p[0])):
        columns, unit = meant[i]
        free = [c for c in columns if c not in taken]
        if free:
            taken[free[0]] = i
            header.matches[i] = Match(free[0], unit, tuple(free[1:]))
        elif columns:
            header.twice[i] = (text, columns[0])
        elif not text.startswith("#"):
            header.unknown[i] = (
                text,
                near(text, {k: v[0] for k, v in column_names(table).items()}),
            )
    header.matches = {
        i: Match(m.column, m.unit, tuple(c for c in m.rivals if c not in taken))
        for i, m in header.matches.items()
    }
    return header


def _rank(text: str, columns: tuple[str, ...]) -> int:
    """Own names first, then names of one meaning, then the rest."""
    if columns and fold(text) == fold(columns[0]):
        return 0
    return 1 if len(columns) == 1 else 2


def _meant(table: str, text: str, named: dict[str, str]) -> tuple[tuple[str, ...], str]:
    known = column_names(table)
    key = fold(text)
    if key in named:
        return (named[key],), ""
    if key in known:
        return known[key], ""
    for part, unit in _shorter(text):
        columns = known.get(fold(part), ())
        if columns:
            column = BY_NAME[table][columns[0]]
            other = column.kind in {"number", "whole"} and fold(unit) != fold(column.unit)
            return columns, unit if other else ""
    return (), ""


def _shorter(text: str) -> list[tuple[str, str]]:
    """Return (header without its unit or group, unit) in the order to try."""
    shorter: list[tuple[str, str]] = []
    if hit := _IN_BRACKETS.match(text):
        shorter.append((hit[1], hit[2]))
    head, comma, tail = text.rpartition(",")
    if comma and is_unit(tail):
        shorter.append((head, tail.strip()))
    if "/" in text:
        shorter.append((text.rpartition("/")[2], ""))
    return shorter


def is_hxl(cells: Iterable[str | None]) -> bool:
    """Tell whether a row is a row of HXL tags."""
    filled = [c for c in cells if c]
    return bool(filled) and all(re.match(r"^#[a-zA-Z]", c) for c in filled)


def _tags_near(rows: list[list[str | None]], index: int) -> list[str | None] | None:
    """Return the tags right below a row, or above it where the row looks like no data."""
    below, above = rows[index + 1 : index + 2], rows[max(0, index - 1) : index]
    if below and is_hxl(below[0]):
        return below[0]
    no_data = not any(re.search(r"\d", c) for c in rows[index] if c)
    return above[0] if above and is_hxl(above[0]) and no_data else None


@cache
def _tags(table: str) -> dict[str, tuple[str, frozenset[str]]]:
    parts = {c.name: c.hxl.lstrip("#").split("+") for c in BY_NAME[table].columns if c.hxl}
    return {name: (p[0], frozenset(p[1:])) for name, p in parts.items()}


def _by_tag(table: str, cell: str) -> str:
    """Return the column that an HXL tag means; parts of a total (+f, +children) mean none."""
    tag, *rest = cell.lower().replace(" ", "").lstrip("#").split("+")
    attributes = frozenset(rest)
    if attributes & _PARTS_OF_ALL:
        return ""
    same = {n: a for n, (t, a) in _tags(table).items() if t == tag}
    fitting = [n for n, a in same.items() if a <= attributes]
    if fitting:
        return max(fitting, key=lambda n: len(same[n]))
    return next(iter(same)) if len(same) == 1 else ""


def _from_tags_alone(rows: list[list[str | None]], tables: list[str]) -> Header | None:
    for index, cells in enumerate(rows):
        if is_hxl(cells):
            header = match_header(tables[0], ["#" + (c or "") if c else None for c in cells], cells)
            if header.matches:
                return _finish(header, index, rows)
    return None


def _finish(header: Header, index: int, rows: list[list[str | None]]) -> Header:
    header.row = index
    body = index + 1
    while body < len(rows) and (is_hxl(rows[body]) or _is_unit_row(rows[body])):
        header.ours |= any((c or "").startswith(UNIT_MARK) for c in rows[body])
        body += 1
    header.body = body
    return header


def _is_unit_row(cells: list[str | None]) -> bool:
    filled = [c for c in cells if c]
    if any(c.startswith(UNIT_MARK) for c in filled):
        return True
    return len(filled) >= 2 and all(is_unit(c) or fold(c) in _UNIT_WORDS for c in filled)


def wrong_unit(header: Header, match: Match) -> bool:
    """Tell whether a header names a unit that cannot be turned into the column's."""
    wanted = BY_NAME[header.table][match.column].unit
    return is_unit(match.unit) and factor_between(match.unit, wanted) is None
