"""The table of problems itself: order, counts, and when it becomes an exception."""

from __future__ import annotations

import polars as pl
import pytest

from aidline.errors import DataError
from aidline.situation.nearest import nearest
from aidline.situation.problems import (
    SCHEMA,
    counts,
    gather,
    no_problems,
    or_raise,
    problem,
    problems_of,
    with_origin,
)


def test_problems_are_sorted_and_each_stands_once():
    """Errors first, then as a person walks through the files; the same finding once."""
    late = problem("error", "range", file="b.csv", sheet="stock", row=2, column="quantity")
    early = problem("error", "range", file="a.csv", sheet="stock", row=12, column="quantity")
    doubt = problem("warning", "speed", file="a.csv", sheet="travel_times", row=1)
    whole = problem("error", "wkt", file="b.csv", sheet="stock")
    found = gather([late, doubt, early, whole, early])
    assert found.select("level", "file", "row").rows() == [
        ("error", "a.csv", 12), ("error", "b.csv", None), ("error", "b.csv", 2),
        ("warning", "a.csv", 1),
    ]  # fmt: skip
    assert counts(found) == {"error": 3, "warning": 1}


def test_nothing_gathered_is_an_empty_table():
    """No problems are a table as well, with the same columns."""
    assert dict(gather([]).schema) == SCHEMA
    assert gather([no_problems()]).is_empty()
    assert counts(no_problems()) == {"error": 0, "warning": 0}


def test_warnings_pass_and_errors_raise():
    """A plan can be made in spite of warnings; the exception carries every problem."""
    doubt = problem("warning", "speed", sheet="travel_times", row=1)
    assert or_raise(doubt) is doubt
    both = gather([doubt, problem("error", "range", sheet="stock", row=3, found="-1")])
    with pytest.raises(DataError, match=r"1 error.*stock 3") as caught:
        or_raise(both)
    assert caught.value.problems.height == 2


def test_texts_may_be_worked_out_from_the_rows():
    """One call for all faulty rows, each with its own words."""
    rows = with_origin(pl.DataFrame({"n": [5, None]}), "stock")
    made = problems_of(
        rows, "error", "x", column="n", found=pl.col("n"), expected="6", mend="Add 1."
    )
    assert made.select("sheet", "row", "found", "expected").rows() == [
        ("stock", 1, "5", "6"), ("stock", 2, "", "6"),
    ]  # fmt: skip


def test_an_origin_is_kept():
    """Readers number rows as the user sees them; nobody numbers them again."""
    frame = pl.DataFrame({"_file": ["f"], "_sheet": ["s"], "_row": [9]})
    assert with_origin(frame, "stock") is frame


def test_a_flood_of_unknown_codes_is_searched_quickly():
    """Codes of another list are many and like none: only a few are compared by letters."""
    known = [f"AR-{i:05d}" for i in range(20_000)]
    foreign = [f"XX{i:04d}YY" for i in range(5_000)]
    found = nearest(["ar 7", "AR-00008x", *foreign], known)
    assert found == {"ar 7": "AR-00007", "AR-00008x": "AR-00008"}
