"""The situation: what is known, as frozen tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.errors import UsageError
from aidline.situation.frames import as_polars
from aidline.situation.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONTEXTS = ("earthquake", "flood", "storm", "epidemic", "conflict", "drought", "other")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `situation.toml` says beside the tables.

    Attributes
    ----------
    name
        Title of the situation.
    start_date
        Day 0 of the plan.
    days
        Length of the plan.
    context
        Kind of crisis, one of `CONTEXTS`; it sets the default sensitivity of data.
    as_of
        Date of the information as a whole.
    notice
        A line that every output must carry ("Fictional", "Partly synthetic"), or "".
    roads
        Road file (OSM PBF) beside the tables, "" where there is none. A layer of lines that is
        named here is read into the table `road_segments`.
    road_columns
        For line layers of others: our column name -> their column name.
    fictional
        True for invented situations; outputs say so.
    """

    name: str = "Untitled situation"
    start_date: dt.date = dt.date(2027, 1, 1)
    days: int = 14
    context: str = "other"
    as_of: dt.date | None = None
    notice: str = ""
    roads: str = ""
    road_columns: Mapping[str, str] = field(default_factory=dict)
    fictional: bool = False

    def __post_init__(self) -> None:
        if self.context not in CONTEXTS:
            raise UsageError(f"context {self.context!r} is not one of {', '.join(CONTEXTS)}")
        if not 1 <= self.days <= 366:
            raise UsageError(f"days must be 1 to 366, got {self.days}")

    def day_of(self, date: dt.date) -> int:
        """Return the day number of a date (negative before the start)."""
        return (date - self.start_date).days

    def date_of(self, day: int) -> dt.date:
        """Return the date of a day number."""
        return self.start_date + dt.timedelta(days=day)


@dataclass(frozen=True)
class Situation:
    """Everything that is known about a crisis at one moment.

    Attributes
    ----------
    settings
        Title, start date, length, context.
    tables
        Name -> Polars table; every table of `aidline.situation.tables` is there, with all
        its columns, sorted by its key, so that the order of input rows never matters.
    folder
        Where it was read from (road files are found beside it), or None.

    Notes
    -----
    Build it with `Situation.of`; change it with `replace`. Never change a table in place.
    """

    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    folder: Path | None = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        tables: Mapping[str, Any],
        folder: Path | None = None,
    ) -> Situation:
        """Build a situation from whichever tables there are.

        Tables may be Polars, pandas or Arrow (see `aidline.situation.frames`). Missing tables
        become empty, missing columns null, rows are sorted by key.
        Values are taken as they are: `aidline.situation.check` says what is wrong with them.

        Raises
        ------
        UsageError
            A table or column that does not exist, or a type that cannot be cast.
        """
        unknown = sorted(set(tables) - set(BY_NAME))
        if unknown:
            raise UsageError(f"no such table: {', '.join(unknown)}")
        return cls(settings, {t.name: _shape(t.name, tables.get(t.name)) for t in TABLES}, folder)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table by name."""
        return self.tables[table]

    def replace(self, settings: Settings | None = None, **tables: Any) -> Situation:
        """Return a copy with some tables replaced; the others are shared."""
        merged = {**self.tables, **tables}
        return Situation.of(settings or self.settings, merged, self.folder)

    def with_settings(self, **changes: object) -> Situation:
        """Return a copy with some settings changed."""
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, **changes))  # type: ignore[arg-type]

    def digest(self) -> str:
        """Return a SHA-256 of settings and tables: the same content, the same digest."""
        total = hashlib.sha256(repr(dataclasses.astuple(self.settings)).encode())
        for table in TABLES:
            frame = self.tables[table.name]
            total.update(table.name.encode())
            if frame.height:
                total.update(frame.write_csv(float_precision=9).encode())
        return total.hexdigest()


def _shape(name: str, given: Any) -> pl.DataFrame:
    table = BY_NAME[name]
    if given is None:
        return table.empty()
    frame = as_polars(given)
    unknown = sorted(set(frame.columns) - set(table.names))
    if unknown:
        raise UsageError(f"table {name}: no such column: {', '.join(unknown)}")
    columns = [
        pl.col(c.name).cast(c.dtype)
        if c.name in frame.columns
        else pl.lit(None, c.dtype).alias(c.name)
        for c in table.columns
    ]
    try:
        shaped = frame.select(columns)
    except pl.exceptions.PolarsError as error:
        raise UsageError(f"table {name}: {error}") from error
    return in_order(name, shaped)


def in_order(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a table as a situation orders them: by key, then by all other columns."""
    table = BY_NAME[name]
    return frame.sort(
        [*table.key, *[c for c in table.names if c not in table.key]], nulls_last=False
    )
