"""The built-in example: a fictional island hit by an earthquake.

Its facts lie as a situation folder in `aidline/data/example`: one CSV per table and
`situation.toml`. Island, places, people and organisations are invented; weights, volumes and
truck sizes are real figures, each with its source in the table `sources`.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from aidline.situation.situation import Settings, Situation
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from aidline.situation.schema import Column, Table


def example() -> Situation:
    """Return the fictional island of Corvela, 14 days after an earthquake.

    Twelve areas, two ports and an airfield, three depots, a transfer yard, two hospitals and
    86 road segments. Every table has rows, so that each part of the product has its data.

    Returns
    -------
    Situation
        The same one each time (same digest); `settings.fictional` is true.
    """
    folder = files("aidline") / "data" / "example"
    settings = Settings(**tomllib.loads((folder / "situation.toml").read_text(encoding="utf-8")))
    return Situation.of(settings, {table.name: _table(folder, table) for table in TABLES})


def _table(folder: Traversable, table: Table) -> pl.DataFrame:
    text = pl.read_csv((folder / f"{table.name}.csv").read_bytes(), infer_schema=False)
    return text.select(_typed(table[name]) for name in text.columns)


def _typed(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.kind == "date":
        return value.str.to_date()
    if column.kind == "yes_no":
        return value.replace_strict({"yes": True, "no": False}, return_dtype=pl.Boolean)
    return value.cast(column.dtype)
