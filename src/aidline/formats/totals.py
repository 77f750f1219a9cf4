"""Rows that repeat the sum of others: they are recognised, never summed twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from aidline.formats.folding import fold

if TYPE_CHECKING:
    import polars as pl

    from aidline.situation.schema import Table

_WORD = re.compile(
    r"^(grand |gran |sub ?|sous |le |el )?(total|totals|totales|totaux|totale)\b"
    r"|^(ensemble|suma|somme|sum|sum total|all areas|overall)$"
    r"|^(المجموع|مجموع|الاجمالي|اجمالي|المجموع الكلي)$"
    r"|^(المجموع|الاجمالي|اجمالي|مجموع) "
)
_ALONE = re.compile(
    r"^(grand |gran |sub ?|sous )?tota(l|ls|les|ux|le)"
    r"( general| generale| national| nacional| country| pais| pays)?$"
    r"|^(ensemble|المجموع|مجموع|الاجمالي|اجمالي|المجموع الكلي|المجموع العام)$"
)
_SUMMED = frozenset(
    {
        "people",
        "people_low",
        "people_high",
        "households",
        "quantity",
        "quantity_low",
        "quantity_high",
        "vehicles",
        "storage_t",
        "storage_m3",
        "beds",
        "beds_free",
        "missing",
        "dead",
        "confirmed_live",
        "count",
        "staff",
    }
)
_LEAST_ROWS = 5  # rows above, for a total that only its figures show


def total_rows(table: Table, text: pl.DataFrame, typed: dict[str, pl.Series]) -> dict[int, str]:
    """Return which rows are totals, and why.

    Parameters
    ----------
    table
        The table.
    text
        Cells of the body as text, named by column of the table.
    typed
        Typed values of the number columns, by name.

    Returns
    -------
    Row index -> the word or the figures that give it away.
    """
    found = _by_word(table, text)
    found.update(_by_sum(table, text, typed, set(found)))
    return found


def _by_word(table: Table, text: pl.DataFrame) -> dict[int, str]:
    found: dict[int, str] = {}
    ids = [c.name for c in table.columns if c.kind == "id" and c.name in text.columns]
    first = [n for n in ids if n in table.key or table[n].required][:2]
    names = [c.name for c in table.columns if c.kind == "text" and c.name in text.columns]
    for column in [*ids, *names]:
        likely = (
            text[column]
            .str.to_lowercase()
            .str.contains(r"tota|suma|somme|sum|ensemble|overall|all areas|جمال|مجموع")
        )
        for index in likely.fill_null(value=False).arg_true().to_list():
            word = fold(text[column][index])
            blank = all(text[n][index] is None for n in first)
            pattern = _WORD if column in ids or blank else _ALONE
            if pattern.match(word):
                found.setdefault(index, text[column][index])
    return found


def _by_sum(
    table: Table, text: pl.DataFrame, typed: dict[str, pl.Series], known: set[int]
) -> dict[int, str]:
    """Find a last row whose figures are the sums of all rows above it."""
    columns = [n for n in typed if n in _SUMMED]
    rows = [i for i in range(text.height) if i not in known]
    if not columns or len(rows) < 3:
        return {}
    last, above = rows[-1], rows[:-1]
    keys = [k for k in table.key if k in text.columns and table[k].kind == "id"]
    named = bool(keys) and all(text[k][last] is not None for k in keys)
    if named and len(above) < _LEAST_ROWS:
        return {}
    figures: list[str] = []
    for name in columns:
        values = typed[name].cast(float).to_numpy()
        total, value = float(np.nansum(values[above])), float(values[last])
        if np.isnan(value) or value == 0 or not np.isclose(value, total, rtol=1e-9):
            return {}
        figures.append(f"{name} {value:g}")
    distinct = {text.row(i) for i in above}
    return {last: "the sum of the rows above: " + ", ".join(figures)} if len(distinct) > 1 else {}
