"""How a table is described: specs are data, everything else is derived from them.

From the list in `aidline.situation.tables` come validation, the workbook template, the
reference pages of the documentation, header synonyms and HXL tags.

Null rules: null = unknown, 0 = known none, NaN is refused, "unlimited" is an explicit
column, never an infinite number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Kind = Literal["id", "text", "number", "whole", "date", "time", "yes_no", "choice", "list", "wkt"]

DTYPES: dict[Kind, pl.DataType] = {
    "id": pl.String(),
    "text": pl.String(),
    "number": pl.Float64(),
    "whole": pl.Int64(),
    "date": pl.Date(),
    "time": pl.String(),  # HH:MM
    "yes_no": pl.Boolean(),
    "choice": pl.String(),
    "list": pl.String(),  # codes separated by spaces
    "wkt": pl.String(),  # well-known text, EPSG:4326, longitude first
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        snake_case, with its unit as suffix where it has one (`need_t`, `travel_h`).
    kind
        What it holds; `DTYPES` gives the Polars type.
    meaning
        One sentence for an officer.
    unit
        As shown to people ("" where there is none).
    example
        A plausible value, as text.
    required
        A null here is an error.
    refers_to
        Tables whose key this id must be in; the first that has it counts.
    low, high
        Closed range of a number; outside is an error.
    choices
        Allowed codes of a `choice` or of each part of a `list`.
    default
        What is assumed when it is null, in words; "" = it stays unknown.
    hxl
        HXL hashtag with attributes, "" where there is none.
    also
        Other headers that mean this column (any language); compared after folding
        case, accents, spaces and punctuation.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    example: str = ""
    required: bool = False
    refers_to: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str = ""
    hxl: str = ""
    also: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the column."""
        return DTYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns and what identifies a row.

    Attributes
    ----------
    name
        snake_case, plural; also the sheet name and the file stem.
    meaning
        One or two sentences for an officer.
    columns
        In the order in which they are shown.
    key
        Columns that together identify a row.
    part
        Which part of the product uses it: supply, network, medical, clearance, evidence.
    first_plan
        True when a first supply plan needs it (shown in front in the template).
    also
        Other sheet or file names that mean this table.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    part: str = "supply"
    first_plan: bool = False
    also: tuple[str, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {c.name: c for c in self.columns})

    def __getitem__(self, name: str) -> Column:
        """Return the column called `name`."""
        return self._by_name[name]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [c.name for c in self.columns]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of the table."""
        return {c.name: c.dtype for c in self.columns}

    def empty(self) -> pl.DataFrame:
        """Return the table without rows."""
        return pl.DataFrame(schema=self.schema)
