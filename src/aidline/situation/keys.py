"""Checks between rows: each key once, and every code that is used is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.situation.nearest import did_you_mean
from aidline.situation.problems import ORIGIN, no_problems, problem, problems_of
from aidline.situation.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.situation.schema import Column, Table
    from aidline.situation.situation import Settings


def check_keys(spec: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose key stands on an earlier row already.

    Parameters
    ----------
    spec
        Says which columns are the key.
    frame
        Rows with the columns of `problems.ORIGIN`.
    """
    key = list(spec.key)
    required = [name for name in key if spec[name].required]
    keyed = frame.select(key)
    hashes = np.sort(keyed.hash_rows().to_numpy())
    if not (hashes[1:] == hashes[:-1]).any():
        return no_problems()
    rows = (
        frame.filter(keyed.is_duplicated())
        .filter(pl.all_horizontal(pl.col(required).is_not_null()))
        .sort(ORIGIN)
        .with_columns(
            pl.col("_row").first().over(key).alias("_first_row"),
            pl.when(pl.col("_sheet") == "")
            .then("_file")
            .otherwise("_sheet")
            .first()
            .over(key)
            .alias("_first_sheet"),
            pl.int_range(pl.len()).over(key).alias("_nth"),
        )
        .filter(pl.col("_nth") > 0)
    )
    shown = pl.concat_str([pl.col(n).cast(pl.String).fill_null("-") for n in key], separator=" | ")
    return problems_of(
        rows,
        "error",
        "duplicate",
        column=key[0],
        found=pl.format("{}, as on row {} of {}", shown, "_first_row", "_first_sheet"),
        expected=f"each {' + '.join(key)} once",
        mend=pl.format(
            "Keep one of the two rows (row {} or row {}), or put their figures together in one.",
            "_first_row",
            "_row",
        ),
    )


def check_references(frames: Mapping[str, pl.DataFrame], settings: Settings) -> list[pl.DataFrame]:
    """Return the rows that use a code which the table it belongs to does not know.

    Parameters
    ----------
    frames
        All tables, with the columns of `problems.ORIGIN`.
    settings
        With a road file, segments may be ways of that file.
    """
    known: dict[tuple[str, ...], pl.Series] = {}
    parts = []
    for spec in TABLES:
        frame = frames[spec.name]
        for column in spec.columns if frame.height else ():
            if not column.refers_to or (settings.roads and column.refers_to == ("road_segments",)):
                continue
            if column.refers_to not in known:
                known[column.refers_to] = _codes(frames, column.refers_to)
            parts.append(_unknown(frame, column, known[column.refers_to]))
    return parts


def _codes(frames: Mapping[str, pl.DataFrame], tables: tuple[str, ...]) -> pl.Series:
    columns = [frames[name][BY_NAME[name].key[0]].rename("code") for name in tables]
    return pl.concat(columns).drop_nulls().unique().sort()


def _unknown(frame: pl.DataFrame, column: Column, known: pl.Series) -> pl.DataFrame:
    used = frame[column.name].drop_nulls().unique()
    unknown = used.filter(~used.is_in(known.implode()) & (used != "")).sort()
    if unknown.is_empty():
        return no_problems()
    tables = " or ".join(column.refers_to)
    level = "warning" if column.refers_to == ("sources",) else "error"
    if known.is_empty():
        return _nothing_known(frame, column, unknown, level)
    hints = did_you_mean(unknown.to_list(), known.to_list())
    rows = frame.filter(pl.col(column.name).is_in(unknown.implode()))
    return problems_of(
        rows,
        level,
        "reference",
        column=column.name,
        found=pl.col(column.name),
        expected=f"a code that stands in {tables}",
        mend=pl.col(column.name).replace_strict(hints, default="", return_dtype=pl.String)
        + f"Correct it, or add a row with this code to {tables}.",
    )


def _nothing_known(
    frame: pl.DataFrame, column: Column, unknown: pl.Series, level: str
) -> pl.DataFrame:
    first = (
        frame.filter(pl.col(column.name).is_in(unknown.implode())).sort(ORIGIN).row(0, named=True)
    )
    tables = " or ".join(column.refers_to)
    more = f" and {len(unknown) - 1} other codes" if len(unknown) > 1 else ""
    return problem(
        level,
        "reference",
        file=first["_file"],
        sheet=first["_sheet"],
        row=first["_row"],
        column=column.name,
        found=first[column.name] + more,
        expected=f"codes that stand in {tables}, which has no rows",
        mend=f"Add the table {tables} with a row for each code.",
    )
