"""Check a situation: every problem at once, as a table.

The checks come from the specs (cells, keys, references) and from what an expert would ask
(`aidline.situation.semantics`). They work on whole columns and do not care in which order
the rows stand.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from aidline.errors import UsageError
from aidline.situation.cells import check_cells
from aidline.situation.keys import check_keys, check_references
from aidline.situation.problems import ORIGIN, gather, with_origin
from aidline.situation.semantics import semantic_problems
from aidline.situation.shapes import check_shapes
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.situation.schema import Table
    from aidline.situation.situation import Settings, Situation


def check(situation: Situation, origins: Mapping[str, pl.DataFrame] | None = None) -> pl.DataFrame:
    """Return every problem of a situation.

    Parameters
    ----------
    situation
        What is known.
    origins
        Table name -> frame with the columns `_file`, `_sheet`, `_row`, one row for each row of
        that table of the situation and in the same order. Without it, rows are counted from 1
        in the order in which the situation holds them and the sheet is the table's name.

    Returns
    -------
    pl.DataFrame
        The table of problems (`aidline.situation.problems`), empty where all is well.
    """
    frames = dict(situation.tables)
    for name, origin in (origins or {}).items():
        frames[name] = pl.concat([frames[name], origin.select(ORIGIN)], how="horizontal")
    return check_frames(frames, situation.settings)


def check_frames(frames: Mapping[str, pl.DataFrame], settings: Settings) -> pl.DataFrame:
    """Return every problem of typed tables.

    Parameters
    ----------
    frames
        Table name -> rows with the types of the spec, in any order. Columns may be missing.
        The columns `_file`, `_sheet` and `_row`, where there are any, say where each row came
        from as the user counts; otherwise rows are counted from 1.
    settings
        Start date, length and road file.

    Raises
    ------
    UsageError
        A table that does not exist, or a column that cannot have the type of its spec.
    """
    shaped = _all_shaped(frames)
    return gather([*_spec_problems(shaped, settings), *semantic_problems(shaped, settings)])


def check_specs(frames: Mapping[str, pl.DataFrame], settings: Settings) -> pl.DataFrame:
    """Return the problems that follow from the specs alone: cells, rows, keys, references.

    Parameters
    ----------
    frames, settings
        As for `check_frames`, which asks the expert's questions too.
    """
    return gather(_spec_problems(_all_shaped(frames), settings))


def _spec_problems(shaped: Mapping[str, pl.DataFrame], settings: Settings) -> list[pl.DataFrame]:
    parts = [part for spec in TABLES for part in _table_problems(spec, shaped[spec.name])]
    return parts + check_references(shaped, settings)


def check_table(spec: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the problems of one table by itself: cells, rows, keys and outlines.

    Parameters
    ----------
    spec
        What the table should be.
    frame
        As for `check_frames`.
    """
    return gather(_table_problems(spec, _shaped(spec, frame)))


def _table_problems(spec: Table, frame: pl.DataFrame) -> list[pl.DataFrame]:
    if frame.is_empty():
        return []
    return [*check_cells(spec, frame), check_keys(spec, frame), *check_shapes(spec, frame)]


def _all_shaped(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    known = {spec.name for spec in TABLES}
    if unknown := sorted(set(frames) - known):
        raise UsageError(f"no such table: {', '.join(unknown)}")
    return {spec.name: _shaped(spec, frames.get(spec.name)) for spec in TABLES}


def _shaped(spec: Table, frame: pl.DataFrame | None) -> pl.DataFrame:
    """All columns of the spec in their types, then those that say where rows came from."""
    if frame is None:
        return _without_rows(spec)
    columns = [
        pl.col(c.name).cast(c.dtype)
        if c.name in frame.columns
        else pl.lit(None, c.dtype).alias(c.name)
        for c in spec.columns
    ]
    try:
        return with_origin(frame, spec.name).select(*columns, *ORIGIN)
    except pl.exceptions.PolarsError as error:
        raise UsageError(f"table {spec.name}: {error}") from error


@cache
def _without_rows(spec: Table) -> pl.DataFrame:
    return with_origin(spec.empty(), spec.name)
