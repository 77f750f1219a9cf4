"""What must hold of the check for any rows."""

from __future__ import annotations

from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from made_rows import garbled, made, shuffled, spoiled
from sound_world import SETTINGS, frames

from aidline.situation.check import check, check_frames
from aidline.situation.defaults import Ledger
from aidline.situation.needs import need_table
from aidline.situation.problems import SCHEMA
from aidline.situation.situation import Situation

few = settings(max_examples=25, deadline=None)
randoms = st.integers(0, 2**32 - 1).map(Random)


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
def test_garbage_in_any_order_gives_the_same_problems(random):
    """The check never fails on data, however bad, and row order does not matter to it."""
    rows = made(random)
    garbled(random, rows)
    listed = frames({table: kept for table, kept in rows.items() if kept})
    assert check_frames(shuffled(random, listed), SETTINGS).equals(check_frames(listed, SETTINGS))


@given(randoms)
@few
def test_needs_of_garbage_are_sound_figures(random):
    """What cannot be worked out is left out: the planner never sees a wrong figure."""
    rows = made(random)
    garbled(random, rows)
    listed = {n: f.drop("_file", "_sheet", "_row") for n, f in frames(rows).items()}
    table = need_table(Situation.of(SETTINGS, listed), Ledger())
    assert table["need"].is_finite().all()
    assert table["day"].is_between(0, 9).all()
    assert table.filter(pl.col("need") <= 0).is_empty()


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
