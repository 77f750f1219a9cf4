"""A quotation mark left open swallows rows: never in silence."""

from __future__ import annotations

import pytest

HEADER = "area_id,name,latitude,longitude\n"
WRONG = {
    "to the end": ('A1,"Alpha,12,-61\nA2,Beta,12.1,-61\nA3,Gamma,12.2,-61\n', [2]),
    "in the last row": ('A1,Alpha,12,-61\nA2,Beta,12.1,"-61', [3]),
    "to the next quotation mark": (
        'A1,"Alpha",12,-61\nA2,"Beta,12.1,-61\nA3,"Gamma",12.2,-61\nA4,D,12,-61\n', [3],
    ),
    "over whole lines to the next": (
        'A1,"Alpha,12,-61\nA2,Beta,12.1,-61\nA3,"Gamma",12.2,-61\n', [2],
    ),
}  # fmt: skip
RIGHT = {
    "a line break in a name": 'A1,"Alpha, by\nthe river",12,-61\nA2,Beta,12.1,-61\n',
    "a quotation mark in a name": 'A1,"The ""old"" town",12,-61\nA2,12" pipe,12.1,-61\n',
    "no line break at the end": "A1,Alpha,12,-61",
}


@pytest.mark.parametrize("case", WRONG)
def test_swallowed_rows_are_an_error_at_the_row_with_the_mark(read_tables, case):
    """The row is left out and named; it is not one odd name among good rows."""
    text, rows = WRONG[case]
    found = read_tables(areas=HEADER + text).problems
    assert found.filter(rule="open-quote")["row"].to_list() == rows


@pytest.mark.parametrize("case", RIGHT)
def test_honest_quotation_marks_are_left_alone(read_tables, case):
    """Line breaks and quotation marks within cells are nobody's fault."""
    result = read_tables(areas=HEADER + RIGHT[case])
    assert "open-quote" not in result.problems["rule"].to_list()
    assert result.rows_rejected["areas"] == 0
