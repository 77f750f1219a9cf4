"""What must hold of the check for any rows."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from made_rows import made, shuffled, spoiled
from sound_world import SETTINGS, frames

from aidline.situation.check import check, check_frames
from aidline.situation.problems import SCHEMA
from aidline.situation.situation import Situation

few = settings(max_examples=25, deadline=None)
randoms = st.randoms(use_true_random=False)


@given(randoms)
@few
def test_valid_rows_give_no_errors(random):
    """Whatever keeps the rules of the specs is accepted (warnings there may be)."""
    found = check_frames(frames(made(random)), SETTINGS)
    assert found.filter(pl.col("level") == "error").is_empty()
    assert dict(found.schema) == SCHEMA


@given(randoms)
@settings(max_examples=70, deadline=None)
def test_any_single_fault_is_reported_where_it_stands(random):
    """One wrong cell anywhere: a problem with its sheet, row and column, none silent."""
    rows = made(random)
    table, index, column = spoiled(random, rows)
    found = check_frames(frames(rows), SETTINGS)
    where = found.filter(sheet=table, column=column).filter(pl.col("row") == index + 2)
    assert where.height, (table, index, column, rows[table][index][column])


@given(randoms)
@few
def test_the_order_of_rows_does_not_matter(random):
    """Shuffled sheets give the same problems, each with its own row number."""
    rows = made(random)
    for _ in range(3):
        spoiled(random, rows)
    listed = frames(rows)
    assert check_frames(shuffled(random, listed), SETTINGS).equals(check_frames(listed, SETTINGS))


@given(randoms)
@few
def test_a_situation_and_its_frames_have_the_same_faults(random):
    """Sorting and filling up, as a situation does, hides nothing."""
    rows = made(random)
    spoiled(random, rows)
    listed = {n: f.drop("_file", "_sheet", "_row") for n, f in frames(rows).items()}
    by_frames = check_frames(listed, SETTINGS)
    by_situation = check(Situation.of(SETTINGS, listed))
    columns = ["level", "sheet", "column", "rule"]
    assert (
        by_frames.select(columns).sort(columns).equals(by_situation.select(columns).sort(columns))
    )
