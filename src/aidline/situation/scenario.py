"""Scenarios: named changes to a situation, with a weight.

A scenario is a patch: rows taken out, values set, multiplied or added to, rows put in, in this
order. Applying it gives another situation that shares every table it does not touch; the
planner sees situations only and never knows that scenarios exist.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from aidline.errors import FormatError, UsageError
from aidline.situation.situation import Situation
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from pathlib import Path

Operation = Literal["set", "multiply", "add"]
OPERATIONS: tuple[str, ...] = get_args(Operation)
SECTIONS = {
    "change": ({"table", "where", "column", "operation", "value"}, {"table", "column", "value"}),
    "remove": ({"table", "where"}, {"table", "where"}),
    "add": ({"table", "row"}, {"table", "row"}),
}
"""What the parts of a scenario file may say, and what they must say."""


@dataclass(frozen=True, slots=True)
class Change:
    """New values in a column of some rows.

    Attributes
    ----------
    table, column
        Where.
    value
        What to set, multiply by or add (days, for a column of dates).
    operation
        "set", "multiply" or "add".
    where
        Column -> value that the rows must have; empty = all rows.
    """

    table: str
    column: str
    value: Any
    operation: Operation = "set"
    where: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows that are taken out: those of `table` that have the values of `where`."""

    table: str
    where: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Addition:
    """A row that is put into `table`: column -> value; other columns stay null."""

    table: str
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named patch of a situation.

    Attributes
    ----------
    name
        Title ("Port West closes for three days").
    weight
        How much it counts beside other scenarios; only ratios matter.
    removals, changes, additions
        The patch, applied in this order.
    """

    name: str
    weight: float = 1.0
    removals: tuple[Removal, ...] = ()
    changes: tuple[Change, ...] = ()
    additions: tuple[Addition, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.weight < float("inf"):
            raise UsageError(
                f"scenario {self.name!r}: the weight must be above 0, got {self.weight}"
            )

    def apply(self, situation: Situation) -> Situation:
        """Return the situation with the patch applied; tables not touched are shared.

        Raises
        ------
        UsageError
            A table or column that does not exist, a value of the wrong type, or a condition
            that no row meets: a patch that changes nothing is a slip.
        """
        tables = dict(situation.tables)
        for removal in self.removals:
            met = _met(tables, removal.table, removal.where, self.name)
            tables[removal.table] = tables[removal.table].filter(~met)
        for change in self.changes:
            tables[change.table] = _changed(tables, change, self.name)
        for addition in self.additions:
            row = _row(addition, self.name)
            tables[addition.table] = pl.concat([tables[addition.table], row])
        touched = {n: frame for n, frame in tables.items() if frame is not situation.tables[n]}
        if not touched:
            return situation
        shaped = Situation.of(situation.settings, touched).tables
        merged = {**situation.tables, **{name: shaped[name] for name in touched}}
        return dataclasses.replace(situation, tables=merged)


def _column(table: str, name: str, scenario: str) -> pl.DataType:
    if table not in BY_NAME:
        raise UsageError(f"scenario {scenario!r}: no such table: {table}")
    if name not in BY_NAME[table].names:
        raise UsageError(f"scenario {scenario!r}: table {table} has no column {name}")
    return BY_NAME[table][name].dtype


def _literal(table: str, name: str, value: Any, scenario: str) -> pl.Series:
    dtype = _column(table, name, scenario)
    wrong = isinstance(value, bool) != (dtype == pl.Boolean()) and value is not None
    try:
        if not wrong:
            return pl.Series(name, [value], dtype)
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        pass
    raise UsageError(f"scenario {scenario!r}: {table}.{name} cannot be {value!r}")


def _met(
    tables: Mapping[str, pl.DataFrame], table: str, where: Mapping[str, Any], scenario: str
) -> pl.Series:
    """Which rows have the values of `where`."""
    if table not in BY_NAME:
        raise UsageError(f"scenario {scenario!r}: no such table: {table}")
    frame = tables[table]
    met = pl.repeat(value=True, n=frame.height, eager=True)
    for name, value in where.items():
        wanted = _literal(table, name, value, scenario)
        met &= frame[name].eq_missing(wanted.item())
    if not met.any():
        shown = ", ".join(f"{name} = {value}" for name, value in where.items())
        raise UsageError(
            f"scenario {scenario!r}: table {table} has no row with {shown or 'anything'}"
        )
    return met


def _changed(tables: Mapping[str, pl.DataFrame], change: Change, scenario: str) -> pl.DataFrame:
    dtype = _column(change.table, change.column, scenario)
    met = _met(tables, change.table, change.where, scenario)
    old = pl.col(change.column)
    if change.operation == "set":
        new = pl.lit(_literal(change.table, change.column, change.value, scenario)).first()
    elif isinstance(change.value, bool) or not isinstance(change.value, int | float):
        raise UsageError(f"scenario {scenario!r}: cannot {change.operation} by {change.value!r}")
    elif change.operation == "add" and dtype == pl.Date():
        new = old + pl.duration(days=change.value)
    elif dtype.is_numeric():
        new = old * change.value if change.operation == "multiply" else old + change.value
        new = new.round(0) if dtype.is_integer() else new
    else:
        raise UsageError(f"scenario {scenario!r}: {change.table}.{change.column} holds no figures")
    return tables[change.table].with_columns(
        pl.when(pl.lit(met)).then(new.cast(dtype)).otherwise(old).alias(change.column)
    )


def _row(addition: Addition, scenario: str) -> pl.DataFrame:
    if addition.table not in BY_NAME:
        raise UsageError(f"scenario {scenario!r}: no such table: {addition.table}")
    given = {n: _literal(addition.table, n, v, scenario) for n, v in addition.row.items()}
    empty = BY_NAME[addition.table].schema
    return pl.DataFrame(
        {n: given.get(n, pl.Series(n, [None], dtype)) for n, dtype in empty.items()}
    )


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a TOML file.

    Parameters
    ----------
    path
        A file such as::

            name = "Port West works at half its pace"
            weight = 0.3

            [[change]]
            table = "crossings"
            where = { place_id = "PORT-W" }
            column = "slots_per_day"
            operation = "multiply"
            value = 0.5

            [[remove]]
            table = "fleets"
            where = { fleet_id = "F3" }

            [[add]]
            table = "road_status"
            row = { segment_id = "R-114", date = 2027-03-03, status = "closed" }

    Raises
    ------
    FormatError
        The file cannot be read, or says something that a scenario does not have.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormatError(f"no readable scenario: {error}", file=str(path)) from error
    if unknown := sorted(set(raw) - {"name", "weight", *SECTIONS}):
        raise FormatError(f"not known in a scenario: {', '.join(unknown)}", file=str(path))
    parts = {name: _parts(raw, name, path) for name in SECTIONS}
    weight = raw.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise FormatError(f"weight must be a number, got {weight!r}", file=str(path))
    return Scenario(
        str(raw.get("name", path.stem)),
        float(weight),
        tuple(Removal(**part) for part in parts["remove"]),
        tuple(Change(**part) for part in parts["change"]),
        tuple(Addition(**part) for part in parts["add"]),
    )


def _parts(raw: Mapping[str, Any], section: str, path: Path) -> list[dict[str, Any]]:
    """Return the entries [[section]] of a scenario file, checked."""
    allowed, needed = SECTIONS[section]
    entries = raw.get(section, [])
    if not isinstance(entries, list):
        raise FormatError(f"write [[{section}]], with two brackets", file=str(path))
    for entry in entries:
        if wrong := sorted(set(entry) - allowed) + sorted(needed - set(entry)):
            raise FormatError(
                f"[[{section}]]: not known or missing: {', '.join(wrong)}", file=str(path)
            )
        if not all(isinstance(entry.get(name, ""), str) for name in ("table", "column")):
            raise FormatError(f"[[{section}]]: table and column must be names", file=str(path))
        for name in ("where", "row"):
            if not isinstance(entry.get(name, {}), Mapping):
                raise FormatError(
                    f"[[{section}]]: {name} must be {{ column = value }}", file=str(path)
                )
        if entry.get("operation", "set") not in OPERATIONS:
            raise FormatError(f"operation must be one of {', '.join(OPERATIONS)}", file=str(path))
    return entries
