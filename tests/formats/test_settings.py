"""The settings: every slip is named at its key, and nothing is assumed in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from aidline.formats.read import read

if TYPE_CHECKING:
    from pathlib import Path


def told(folder: Path, text: str) -> list[tuple[str, str]]:
    """Column and level of every problem with a ``situation.toml``, sorted."""
    (folder / "situation.toml").write_text(text, encoding="utf-8")
    problems = read(folder).problems
    rows = problems.filter(problems["file"] == "situation.toml").select("column", "level").rows()
    return sorted(row for row in rows if row != ("start_date", "warning") or "start" in text)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("days = 0", "days"),
        ("days = 10000", "days"),
        ("days = nan", "days"),
        ("days = inf", "days"),
        ("days = [1]", "days"),
        ("days = true", "days"),
        ('name = ["a"]', "name"),
        ("context = {a = 1}", "context"),
        ("as_of = {a = 1}", "as_of"),
        ("fictional = [1]", "fictional"),
        ('decimal = ["."]', "decimal"),
        ("columns = 3", "columns"),
        ("[columns.needs]\npeople = 3", "columns.needs.people"),
        ('[columns.needs]\npeple = "x"', "columns.needs"),
        ("start_date = 9999-12-31", "start_date"),
        ('start_date = "31/02/2027"', "start_date"),
    ],
)
def test_a_value_that_makes_no_sense_is_an_error_at_its_key(tmp_path, line, key):
    """Whatever TOML can hold: no traceback, one error, at the key."""
    assert told(tmp_path, line) == [(key, "error")]


def test_a_start_date_that_may_be_read_in_two_ways_is_told(tmp_path):
    """3 April or 4 March: the whole plan hangs on it."""
    assert told(tmp_path, 'start_date = "03/04/2027"') == [("start_date", "warning")]


def test_an_unknown_key_is_named_with_the_known_ones(tmp_path):
    """A slip in a key must not turn into a silent default."""
    (tmp_path / "situation.toml").write_text("strat_date = 2027-03-01\n")
    found = read(tmp_path).problems.filter(column="strat_date").row(0, named=True)
    assert found["mend"] == "did you mean start_date?"
    assert "start_date, days" in found["expected"]


def test_an_unknown_row_of_the_settings_sheet_is_told(tmp_path):
    """The same for the sheet of a workbook: its header is no key, a misspelt key is told."""
    book = openpyxl.Workbook()
    book.active.title = "Réglages"
    for row in (("Réglage", "Valeur"), ("Premier jour du plan", "2027-03-02"), ("Jorus", 20)):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    result = read(tmp_path / "s.xlsx")
    found = result.problems.filter(rule="settings").select("row", "column", "mend").rows()
    assert found == [(3, "Jorus", "did you mean days?")]
    assert str(result.situation.settings.start_date) == "2027-03-02"


AREAS = "area_id,name,latitude,longitude\nA,One,12.1,-61.2\n"


@pytest.mark.parametrize(
    ("population", "level", "first"),
    [
        ("area_id,people\nA,5\n", "error", "2027-01-01"),
        ("area_id,people,as_of\nA,5,2027-05-04\n", "warning", "2027-05-04"),
    ],
)
def test_a_missing_first_day(tmp_path, population, level, first):
    """The date of the figures stands in for it, and is named; without any it is an error."""
    (tmp_path / "areas.csv").write_text(AREAS)
    (tmp_path / "population.csv").write_text(population)
    result = read(tmp_path)
    found = result.problems.filter(column="start_date").row(0, named=True)
    assert (found["level"], str(result.situation.settings.start_date)) == (level, first)
    assert first in found["mend"]
