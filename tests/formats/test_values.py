from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aidline.formats.cells import Cells
from aidline.formats.date_cells import parse_dates, parse_times
from aidline.formats.grid import NUMBER, TEXT
from aidline.formats.number_cells import parse_numbers
from aidline.formats.units import factor_between
from aidline.formats.values import parse
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from aidline.situation.schema import Column

PEOPLE = BY_NAME["population"]["people"]
QUANTITY = BY_NAME["needs"]["quantity"]
WEIGHT = BY_NAME["items"]["weight_kg"]
PAYLOAD = BY_NAME["vehicle_classes"]["payload_t"]
LATITUDE = BY_NAME["areas"]["latitude"]
DATE = BY_NAME["needs"]["date"]


def cells(column: Column, *texts: str | None, numbers: bool = False) -> Cells:
    kind = pl.repeat(NUMBER if numbers else TEXT, len(texts), dtype=pl.UInt8, eager=True)
    return Cells.of(column, pl.Series(list(texts), dtype=pl.String), kind)


def numbers_of(column: Column, *texts: str) -> list[float | None]:
    return parse_numbers(cells(column, *texts)).values.to_list()


def rules_of(parsed: object) -> list[tuple[int, str, str]]:
    return [(f.index, f.rule, f.level) for f in parsed.findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("1e3", 1000),
        (" 7 ", 7),
        ("+4", 4),
        ("2,5", 2.5),
        ("0,125", 0.125),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("12,34,567", 1234567),
        ("12 500", 12500),
        ("12\u00a0500", 12500),
        ("12\u202f500,5", 12500.5),
        ("12'500", 12500),
        ("12’500", 12500),
        ("١٢٣", 123),
        ("۱۲۳", 123),
        ("١٬٢٣٤٫٥", 1234.5),
        ("٣٫٥", 3.5),
        ("\u200e55", 55),
        ("−5", -5),
    ],
)
def test_one_meaning(text, value):
    """Numbers that can mean one thing only are read, however they are written."""
    parsed = parse_numbers(
        cells(QUANTITY.__class__("x", "number", "") if value < 0 else QUANTITY, text)
    )
    assert parsed.values.to_list() == [value]
    assert parsed.findings == []


@pytest.mark.parametrize("text", ["1,234", "1.234"])
def test_two_meanings_are_an_error(text):
    """A count that may be 1234 or 1.234 is reported, not guessed."""
    parsed = parse_numbers(cells(QUANTITY, text, "7"))
    assert parsed.values.to_list() == [None, 7]
    assert rules_of(parsed) == [(0, "ambiguous-number", "error")]


@pytest.mark.parametrize(
    ("others", "comma", "point"),
    [
        (("2,5",), 1.234, 1234),
        (("2.5",), 1234, 1.234),
        (("1.234.567",), 1.234, 1234),
        (("1,000.0",), 1234, 1.234),
    ],
)
def test_the_rest_of_the_column_decides(others, comma, point):
    """Other cells of the column say what its comma and its point mean."""
    assert numbers_of(QUANTITY, "1,234", "1.234", *others)[:2] == [comma, point]


def test_a_column_that_contradicts_itself():
    """Where both marks are proven, cells with two meanings are errors and the others are read."""
    parsed = parse_numbers(cells(QUANTITY, "2,5", "2.5", "1,234"))
    assert parsed.values.to_list() == [2.5, 2.5, None]
    assert rules_of(parsed) == [(2, "ambiguous-number", "error")]


def test_the_sheet_decides_where_the_column_is_silent():
    """A sheet with decimal commas elsewhere settles 1.234."""
    assert parse_numbers(cells(QUANTITY, "1.234"), ",").values.to_list() == [1234]


def test_the_range_decides():
    """12,431 is a latitude of 12.431, never 12431."""
    assert numbers_of(LATITUDE, "12,431", "12.431") == [12.431, 12.431]


def test_counts_with_many_such_cells_are_thousands_with_a_warning():
    """Three heads counts like 9,800 are thousands, and one warning says that it was assumed."""
    parsed = parse_numbers(cells(PEOPLE, "9,800", "14,200", "1,050", "300"))
    assert parsed.values.to_list() == [9800, 14200, 1050, 300]
    assert rules_of(parsed) == [(0, "thousands-assumed", "warning")]


def test_spreadsheet_numbers_are_never_ambiguous():
    """1.234 as a number of a spreadsheet is 1.234."""
    parsed = parse_numbers(cells(QUANTITY, "1.234", numbers=True))
    assert (parsed.values.to_list(), parsed.findings) == ([1.234], [])


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (PAYLOAD, "12 t", 12),
        (PAYLOAD, "3500 kg", 3.5),
        (PAYLOAD, "12 tonnes", 12),
        (PAYLOAD, "12طن", 12),
        (WEIGHT, "0.5 t", 500),
        (WEIGHT, "620 g", 0.62),
        (WEIGHT, "2,5 kg", 2.5),
        (PEOPLE, "120 personnes", 120),
        (PEOPLE, "120 people", 120),
        (BY_NAME["travel_times"]["travel_h"], "90 min", 1.5),
        (BY_NAME["travel_times"]["travel_h"], "3 h", 3),
        (BY_NAME["crossings"]["slots_per_day"], "40 trucks/day", 40),
        (BY_NAME["crossings"]["slots_per_day"], "40 camions", 40),
        (BY_NAME["arrivals"]["probability"], "85 %", 0.85),
        (BY_NAME["arrivals"]["probability"], "٨٥٪", 0.85),
        (LATITUDE, "12.4°", 12.4),
    ],
)
def test_units_in_cells(column, text, value):
    """A unit in a cell is accepted when it is the column's or can be turned into it."""
    parsed = parse_numbers(cells(column, text))
    assert parsed.values.to_list() == [pytest.approx(value)]
    assert parsed.findings == []


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (PAYLOAD, "12 m3"),
        (QUANTITY, "200 cartons"),
        (QUANTITY, "12 t"),
        (PEOPLE, "85 %"),
        (PEOPLE, "40 households"),
    ],
)
def test_units_that_do_not_fit(column, text):
    """A unit that cannot be turned into the column's is an error."""
    parsed = parse_numbers(cells(column, text))
    assert parsed.values.to_list() == [None]
    assert rules_of(parsed) == [(0, "unit", "error")]


@pytest.mark.parametrize(
    "text", ["about 300", "300-400", ">500", "3 000 000 x 2", "1,2,3", "12..5", "٣ أو ٤", "1.2.3,4"]
)
def test_words_and_ranges_are_errors(text):
    """What is not one number is an error."""
    parsed = parse_numbers(cells(QUANTITY, text))
    assert parsed.values.to_list() == [None]
    assert [f.level for f in parsed.findings] == ["error"]


@pytest.mark.parametrize("text", ["-", "n/a", "N/D", "s/d", "…", "?", "غير معروف"])
def test_words_for_unknown_are_reported(text):
    """A dash means unknown, and is never dropped in silence."""
    parsed = parse_numbers(cells(QUANTITY, text))
    assert parsed.values.to_list() == [None]
    assert rules_of(parsed) == [(0, "missing-code", "warning")]


def test_999_stays_and_is_reported():
    """A figure that often stands for unknown is kept and named."""
    parsed = parse_numbers(cells(QUANTITY, "999", "998"))
    assert parsed.values.to_list() == [999, 998]
    assert rules_of(parsed) == [(0, "missing-code", "warning")]


def test_whole_numbers():
    """A fraction in a column of whole numbers is an error, 4.0 is 4."""
    parsed = parse(cells(BY_NAME["areas"]["severity"], "4.0", "3.5", "٣"))
    assert parsed.values.to_list() == [4, None, 3]
    assert rules_of(parsed) == [(1, "whole-number", "error")]


D = dt.date(2027, 3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-02",
        "2027/3/2",
        "2027-03-02T08:30:00",
        "20270302",
        "2 March 2027",
        "2-Mar-27",
        "Mar 2, 2027",
        "2 mars 2027",
        "2 de marzo de 2027",
        "2 مارس 2027",
        "٢٠٢٧-٠٣-٠٢",
        "2nd March 2027",
    ],
)
def test_dates_with_one_meaning(text):
    """Dates that can mean one day only are read without a word."""
    parsed = parse_dates(cells(DATE, text))
    assert (parsed.values.to_list(), parsed.findings) == ([D], [])


def test_day_first_with_one_warning_per_column():
    """02/03 is 2 March; one warning says so for the whole column."""
    parsed = parse_dates(cells(DATE, "02/03/2027", "2.3.2027", "02-03-27", "25/03/2027"))
    assert parsed.values.to_list() == [D, D, D, dt.date(2027, 3, 25)]
    assert rules_of(parsed) == [(0, "ambiguous-date", "warning")]


def test_month_first_where_the_column_proves_it():
    """03/25 proves the month first for the other cells too, with a warning."""
    parsed = parse_dates(cells(DATE, "03/02/2027", "03/25/2027"))
    assert parsed.values.to_list() == [D, dt.date(2027, 3, 25)]
    assert rules_of(parsed) == [(0, "ambiguous-date", "warning")]


def test_a_column_with_both_orders():
    """Where both orders are proven, a date with two meanings is an error."""
    parsed = parse_dates(cells(DATE, "03/25/2027", "25/03/2027", "02/03/2027", "03/03/2027"))
    assert parsed.values.to_list()[2:] == [None, dt.date(2027, 3, 3)]
    assert rules_of(parsed) == [(2, "ambiguous-date", "error")]


def test_serial_numbers():
    """Day numbers of a spreadsheet are read, with one warning per column."""
    parsed = parse_dates(cells(DATE, "46448", "46449.5", numbers=True))
    assert parsed.values.to_list() == [D, dt.date(2027, 3, 3)]
    assert rules_of(parsed) == [(0, "date-serial", "warning")]


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-30",
        "31/02/2027",
        "32/01/2027",
        "1448-09-24",
        "2027",
        "tomorrow",
        "March 2027",
        "12",
    ],
)
def test_no_dates(text):
    """Days that do not exist, other calendars and words are errors."""
    parsed = parse_dates(cells(DATE, text))
    assert parsed.values.to_list() == [None]
    assert [f.level for f in parsed.findings] == ["error"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("08:00", "08:00"),
        ("8:00", "08:00"),
        ("8h30", "08:30"),
        ("8h", "08:00"),
        ("08:00:00", "08:00"),
        ("8:30 pm", "20:30"),
        ("12 am", "00:00"),
        ("٨:٣٠", "08:30"),
        ("25:00", None),
        ("morning", None),
    ],
)
def test_times(text, time):
    """Times of day in the usual writings become HH:MM."""
    assert parse_times(cells(BY_NAME["crossings"]["opens_at"], text)).values.to_list() == [time]


def test_ids():
    """Codes stay text: zeros in front stay, numbers lose .0, spoilt codes are errors."""
    column = BY_NAME["areas"]["area_id"]
    assert parse(cells(column, "0101", " AR-1\u200b")).values.to_list() == ["0101", "AR-1"]
    stored = parse(cells(column, "101", "102", numbers=True))
    assert stored.values.to_list() == ["101", "102"]
    assert rules_of(stored) == [(0, "id-as-number", "warning")]
    assert rules_of(parse(cells(column, "1.23E+11"))) == [(0, "id-shortened", "error")]
    assert rules_of(parse(cells(column, "n/a"))) == [(0, "missing-code", "error")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Oui", True),
        ("sí", True),
        ("نعم", True),
        ("x", True),
        ("1", True),
        ("TRUE", True),
        ("✓", True),
        ("no", False),
        ("Non", False),
        ("لا", False),
        ("0", False),
        ("falso", False),
        ("perhaps", None),
    ],
)
def test_yes_and_no(text, value):
    """Yes and no in four languages; anything else is an error."""
    parsed = parse(cells(BY_NAME["areas"]["assessed"], text))
    assert parsed.values.to_list() == [value]
    assert len(parsed.findings) == (value is None)


def test_choices_and_lists():
    """Codes are known by their names in four languages; what is near is offered."""
    status = BY_NAME["road_status"]["status"]
    parsed = parse(cells(status, "Closed", "fermée", "abierto", "مقيد", "clsed"))
    assert parsed.values.to_list() == ["closed", "closed", "open", "restricted", None]
    assert parsed.findings[0].mend == "did you mean closed?"
    groups = BY_NAME["crossings"]["allowed_groups"]
    lists = parse(cells(groups, "food, water", "santé; eau", "food water food", "food, gold"))
    assert lists.values.to_list() == ["food water", "health water", "food water", None]


@pytest.mark.parametrize(
    ("text", "code"),
    [("-1", "reverse"), ("-1.0", "reverse"), ("1", "yes"), ("true", "yes"), ("0", "no")],
)
def test_the_sign_of_a_choice_counts(text, code):
    """-1 in a layer from OSM is a one-way street against its line, not along it."""
    assert parse(cells(BY_NAME["road_segments"]["oneway"], text)).values.to_list() == [code]


def test_shapes_in_text():
    """Outlines are checked: swapped axes are named, bow-ties repaired, nonsense refused."""
    column = BY_NAME["areas"]["geometry"]
    parsed = parse(
        cells(
            column,
            "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))",
            "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
            "POLYGON ((12 120, 12 121, 13 121, 12 120))",
            "POLYGON ((0 0, 1 1",
            "POLYGON ((0 0, 1e999 1, 1 1, 0 0))",
        )
    )
    assert parsed.values[0] == "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"
    assert [(f.index, f.rule) for f in sorted(parsed.findings, key=lambda f: f.index)] == [
        (1, "repaired-shape"),
        (2, "coordinates"),
        (3, "wkt"),
        (4, "infinite-coordinate"),
    ]
    assert "exchanged" in next(f.mend for f in parsed.findings if f.rule == "coordinates")


@pytest.mark.parametrize(
    ("written", "wanted", "factor"),
    [
        ("kg", "t", 0.001),
        ("t", "kg", 1000),
        ("litres", "m³", 0.001),
        ("min", "h", 1 / 60),
        ("people", "people", 1),
        ("kg", "m³", None),
        ("people", "households", None),
        ("t", "units of the item", None),
        ("trucks/day", "trucks", None),
    ],
)
def test_factors_between_units(written, wanted, factor):
    """Units of one kind are turned into each other, others are not."""
    found = factor_between(written, wanted)
    assert found is None if factor is None else found == pytest.approx(factor)
