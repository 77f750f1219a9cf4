"""500 faults, each put into a sound set of tables at a known cell: all must be found there."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import polars as pl
import pytest

from aidline.formats.read import read

if TYPE_CHECKING:
    from pathlib import Path

D = dt.date(2027, 3, 2)
ROWS = 60
SHEETS: dict[str, list[list[Any]]] = {
    "areas": [["area_id", "name", "latitude", "longitude", "severity", "assessed"]]
    + [
        [f"AR-{i:02d}", f"Area {i}", 12 + i / 100, -61 - i / 100, 1 + i % 5, "yes"]
        for i in range(ROWS)
    ],
    "population": [["area_id", "people", "people_low", "as_of"]]
    + [[f"AR-{i:02d}", 5_000 + 137 * i, 4_000 + 137 * i, D] for i in range(ROWS)],
    "items": [["item_id", "name", "need_group", "kind", "weight_kg", "volume_m3", "per_person"]]
    + [[f"item{i:02d}", f"Item {i}", "food", "daily", 0.5 + i / 10, 0.001, 1] for i in range(ROWS)],
    "needs": [["area_id", "item_id", "date", "until", "people", "quantity"]]
    + [
        [f"AR-{i:02d}", f"item{i % 10:02d}", D, D + dt.timedelta(9), 100 + 7 * i, 100.5 + 7 * i]
        for i in range(ROWS)
    ],
    "places": [["place_id", "name", "kind", "area_id", "latitude", "longitude", "transship"]]
    + [
        [f"W{i:02d}", f"Depot {i}", "depot", f"AR-{i:02d}", 12 + i / 100, -61 - i / 100, "no"]
        for i in range(ROWS)
    ],
    "stock": [["lot_id", "place_id", "item_id", "quantity", "available_from", "expiry"]]
    + [
        [f"L{i:03d}", f"W{i:02d}", f"item{i % 10:02d}", 900.5 + i, D, dt.date(2027, 9, 1)]
        for i in range(ROWS)
    ],
    "vehicle_classes": [["class_id", "name", "profile", "payload_t", "volume_m3", "gross_t"]]
    + [[f"c{i:02d}", f"Truck {i}", "truck", 10.5, 40.5, 18.5] for i in range(ROWS)],
    "fleets": [["fleet_id", "place_id", "class_id", "vehicles", "hours_per_day"]]
    + [[f"F{i:02d}", f"W{i:02d}", "c01", 3, 10.5] for i in range(ROWS)],
    "crossings": [["place_id", "slots_per_day", "opens_at", "closes_at", "allowed_groups"]]
    + [[f"W{i:02d}", 40, "08:00", "16:00", "food water"] for i in range(3)],
}
"""A sound situation: no error, and whatever warnings it has are known before faults are put in."""

LEAVES = ("needs", "population", "stock", "fleets", "crossings")
"""Tables to which no other row refers: a fault there stays one finding."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault: columns in which it happens, and the texts that take the place of a cell.

    In a text {0} is what stood there, {1} the same in small letters.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]


NUMBERS = (
    ("needs", "quantity"),
    ("needs", "people"),
    ("population", "people"),
    ("stock", "quantity"),
    ("fleets", "vehicles"),
)
DATES = (
    ("needs", "date"),
    ("stock", "expiry"),
    ("stock", "available_from"),
    ("population", "as_of"),
)
REFERENCES = (
    ("needs", "area_id"),
    ("needs", "item_id"),
    ("stock", "place_id"),
    ("fleets", "class_id"),
    ("population", "area_id"),
)

KINDS = (
    Kind("word for a number", NUMBERS, ("many", "about 300", "dix", "كثير")),
    Kind("range", NUMBERS, ("200-300",)),
    Kind("negative", NUMBERS, ("-{0}",)),
    Kind("not a number", NUMBERS, ("NaN", "nan", "NAN")),
    Kind("infinite", NUMBERS, ("inf", "1e999", "-Infinity")),
    Kind("absurd", NUMBERS, ("1e308", "9e14")),
    Kind("wrong unit", NUMBERS[:3], ("{0} m3",)),
    Kind("packs", (("needs", "quantity"), ("stock", "quantity")), ("{0} cartons",)),
    Kind("percent", NUMBERS[:2], ("85 %",)),
    Kind("broken separators", NUMBERS, ("1.2.3,4",)),
    Kind("two points", NUMBERS, ("12..5",)),
    Kind("formula error", NUMBERS + DATES, ("#REF!", "#N/A", "#VALUE!")),
    Kind("dash", NUMBERS, ("-", "n/a", "s/d", "N/D")),
    Kind("999", NUMBERS[:2], ("9999",)),
    Kind("no such day", DATES, ("2027-02-30", "31/04/2027", "2027-13-45")),
    Kind("word for a date", DATES, ("tomorrow", "soon", "March")),
    Kind("other calendar", DATES, ("1448-09-24",)),
    Kind("half a date", DATES, ("2027-03", "2027", "03/2027")),
    Kind("unknown code", REFERENCES, ("{0}X",)),
    Kind("code in another case", REFERENCES[:1], ("{1}",)),
    Kind("no code", REFERENCES, ("",)),
    Kind(
        "no figure",
        (("stock", "quantity"), ("fleets", "vehicles"), ("population", "people")),
        ("",),
    ),
    Kind("shortened code", REFERENCES, ("1.01E+11",)),
    Kind("too many hours", (("fleets", "hours_per_day"),), ("25", "100")),
    Kind("no time", (("crossings", "opens_at"),), ("25:00", "morning")),
    Kind(
        "unknown group",
        (("crossings", "allowed_groups"),),
        ("food, gold", "everything"),
    ),
)


@dataclass(frozen=True)
class Fault:
    """A fault that was put in."""

    kind: str
    table: str
    row: int
    column: str
    text: str


def faulty(seed: int, count: int) -> tuple[dict[str, list[list[Any]]], list[Fault]]:
    """Return the tables with faults, at most one in a row, and where they are."""
    source = random.Random(seed)
    sheets = {name: [list(row) for row in rows] for name, rows in SHEETS.items()}
    faults: list[Fault] = []
    used: set[tuple[str, int]] = set()
    while len(faults) < count:
        kind = KINDS[len(faults) % len(KINDS)] if len(faults) < len(KINDS) else source.choice(KINDS)
        table, column = source.choice(kind.columns)
        row = source.randrange(1, len(sheets[table]) - 1)
        if (table, row) in used:
            free = [i for i in range(1, len(sheets[table]) - 1) if (table, i) not in used]
            if not free:
                kind = source.choice(KINDS[:20])
                continue
            row = source.choice(free)
        used.add((table, row))
        at = sheets[table][0].index(column)
        old = sheets[table][row][at]
        text = source.choice(kind.texts).format(old, str(old).lower())
        sheets[table][row][at] = text
        faults.append(Fault(kind.name, table, row + 1, column, text))
    return sheets, faults


def as_folder(folder: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    folder.mkdir()
    (folder / "situation.toml").write_text('name = "T"\nstart_date = 2027-03-02\ndays = 10\n')
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def as_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "settings"
    for row in (["name", "T"], ["start_date", D], ["days", 10]):
        book.active.append(row)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if v == "" else v for v in row])
    book.save(path)
    return path


def found_in(path: Path) -> tuple[set[tuple[str, int, str]], pl.DataFrame]:
    """Return (table, row, column) of every finding, and the findings."""
    problems = read(path).problems
    where = {
        (row["sheet"] or row["file"].removesuffix(".csv"), row["row"], row["column"])
        for row in problems.iter_rows(named=True)
    }
    return where, problems


def test_the_sound_tables_have_no_finding_at_a_cell_that_faults_use(tmp_path):
    """Before faults are put in there is no error, and no warning where faults will stand."""
    where, problems = found_in(as_folder(tmp_path / "s", SHEETS))
    assert problems.filter(pl.col("level") == "error").is_empty()
    used = {(t, c) for kind in KINDS for t, c in kind.columns}
    assert not {(t, c) for t, _, c in where if (t, c) in used}


@pytest.mark.parametrize("seed", range(8))
def test_faults_in_a_folder(tmp_path, seed):
    """50 faults in one folder give 50 findings, each at its row and column, in one pass."""
    sheets, faults = faulty(seed, 50)
    where, _ = found_in(as_folder(tmp_path / "s", sheets))
    missed = [f for f in faults if (f.table, f.row, f.column) not in where]
    assert missed == []


@pytest.mark.parametrize("seed", [100, 101])
def test_faults_in_a_workbook(tmp_path, seed):
    """The same in a workbook, where cells have types."""
    sheets, faults = faulty(seed, 50)
    where, _ = found_in(as_workbook(tmp_path / "s.xlsx", sheets))
    missed = [f for f in faults if (f.table, f.row, f.column) not in where]
    assert missed == []


def test_fifty_faults_are_fifty_findings(tmp_path):
    """Each fault is reported exactly once: no cascade hides the others or repeats them."""
    sheets, faults = faulty(7, 50)
    problems = read(as_folder(tmp_path / "s", sheets)).problems
    only_told = {f for f in faults if f.kind == "999" or (f.kind == "dash" and f.table == "needs")}
    errors = problems.filter(pl.col("level") == "error").select("file", "row", "column").rows()
    assert len(errors) == len(set(errors)) == 50 - len(only_told)
    codes = problems.filter((pl.col("level") == "warning") & (pl.col("rule") == "missing-code"))
    assert codes.height == len(only_told)


def test_accepted_and_rejected_add_up(tmp_path):
    """Whatever the faults, accepted + rejected = rows in, and rows without a fault are accepted."""
    sheets, faults = faulty(3, 50)
    result = read(as_folder(tmp_path / "s", sheets))
    for name, rows in sheets.items():
        assert result.rows_in[name] == len(rows) - 1
        assert result.rows_accepted[name] + result.rows_rejected[name] == result.rows_in[name]
        bad = {f.row for f in faults if f.table == name}
        assert result.rows_rejected[name] <= len(bad)
