"""Keys of several columns as one number: they group and sort as the columns would."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aidline.situation.row_keys import LARGEST, in_order, packed, row_numbers


@pytest.mark.parametrize("largest", [LARGEST, 50, 2])
def test_numbers_sort_and_group_as_the_columns_would(largest: int):
    """Numbers keep order and equality, also where plain digits would not fit 64 bits."""
    rng = np.random.default_rng(0)
    columns = [
        rng.integers(-9, 9, 300) * 10**18,
        rng.integers(-3, 5, 300),
        rng.integers(-1, 2, 300) * 10**17,
    ]
    rows = list(zip(*(c.tolist() for c in columns), strict=True))
    place = {row: i for i, row in enumerate(sorted(set(rows)))}
    found = np.unique(packed(columns, largest=largest), return_inverse=True)[1]
    assert found.tolist() == [place[row] for row in rows]


def test_null_comes_first_and_no_rows_give_no_numbers():
    """A missing code is a value of its own, before the others."""
    codes = pl.Enum(["a", "b"])
    frame = pl.DataFrame(
        {"via": ["b", None, "a"], "day": [0, 7, 7]}, schema_overrides={"via": codes}
    )
    assert np.argsort(row_numbers(frame, ["via", "day"])).tolist() == [1, 2, 0]
    assert row_numbers(frame.clear(), ["via", "day"]).tolist() == []


@pytest.mark.parametrize(
    ("rows", "sorted_", "strict"),
    [
        ([(None, 2), ("a", 0), ("a", 1)], True, True),
        ([("a", 1), ("a", 1)], True, False),
        ([("a", 1), ("a", 0)], False, False),
        ([("a", 0), (None, 1)], False, False),
        ([], True, True),
    ],
)
def test_order_of_rows(rows: list[tuple[str | None, int]], sorted_: bool, strict: bool):
    """Order is seen over all columns, null first; a repeated key is in order but not strictly."""
    frame = pl.DataFrame(rows, schema={"code": pl.String, "day": pl.Int64}, orient="row")
    assert in_order(frame, ["code", "day"]) is sorted_
    assert in_order(frame, ["code", "day"], strictly=True) is strict
