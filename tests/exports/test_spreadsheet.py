"""Our workbooks as a real spreadsheet program opens them."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import openpyxl
import pytest
from defusedxml import ElementTree

from aidline.formats.corrected import write_corrected
from aidline.formats.read import read
from aidline.formats.shared_plan import write_shared
from aidline.formats.template import template
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

SPACES = {
    short: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for short, name in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("config", "config"),
    )
}  # fmt: skip
DAY = dt.date(2027, 3, 2)
FAULTS = re.compile(r"Err:\d+|#(REF|NAME|VALUE|DIV/0|N/A|NUM)")


def own(key: str) -> str:
    """Return an attribute name as the parser gives it."""
    space, _, name = key.partition(":")
    return f"{{{SPACES[space]}}}{name}"


class Opened:
    """A workbook after the spreadsheet program has read it."""

    def __init__(self, root: Element) -> None:
        self.root = root
        found = root.findall(".//table:table", SPACES)
        self.sheets = {sheet.get(own("table:name"), ""): sheet for sheet in found}

    def rows(self, sheet: str, most: int = 12) -> list[list[tuple[str, str]]]:
        """Return (type, shown text) of the cells of the first rows, without empty tails."""
        rows = []
        for row in self.sheets[sheet].findall(".//table:table-row", SPACES)[:most]:
            cells: list[tuple[str, str]] = []
            for cell in row.findall("table:table-cell", SPACES):
                text = "\n".join("".join(p.itertext()) for p in cell.findall("text:p", SPACES))
                repeated = int(cell.get(own("table:number-columns-repeated"), "1"))
                kind = cell.get(own("office:value-type"), "")
                cells += [(kind, text)] * (repeated if text else min(repeated, 40))
            while cells and cells[-1] == ("", ""):
                cells.pop()
            rows.append(cells)
        return rows

    def choices(self, sheet: str) -> dict[int, str]:
        """Return column -> the list that its cells are chosen from."""
        rules = {
            rule.get(own("table:name")): rule.get(own("table:condition"), "")
            for rule in self.root.iterfind(".//table:content-validation", SPACES)
        }
        found: dict[int, str] = {}
        for row in self.sheets[sheet].findall(".//table:table-row", SPACES):
            column = 0
            for cell in row.findall("table:table-cell", SPACES):
                rule = rules.get(cell.get(own("table:content-validation-name")), "")
                if "in-list" in rule:
                    found[column] = rule
                column += int(cell.get(own("table:number-columns-repeated"), "1"))
        return found

    def filters(self) -> dict[str, str]:
        """Return sheet -> range of its filter."""
        ranges = self.root.iterfind(".//table:database-range", SPACES)
        where = [r.get(own("table:target-range-address"), "") for r in ranges]
        return dict(w.split(".", 1) for w in where)

    def direction(self, sheet: str) -> str:
        """Return the writing mode of a sheet."""
        style = self.sheets[sheet].get(own("table:style-name"))
        for known in self.root.iterfind(".//style:style", SPACES):
            if known.get(own("style:name")) == style:
                look = known.find("style:table-properties", SPACES)
                return "" if look is None else look.get(own("style:writing-mode"), "")
        return ""

    def everything(self) -> str:
        """Return all that is shown in any cell."""
        return "\n".join("".join(p.itertext()) for p in self.root.iterfind(".//text:p", SPACES))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("no LibreOffice on this machine")
    profile = tmp_path_factory.mktemp("profile")
    return [found, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]


def opened(program: list[str], *books: Path) -> list[Opened]:
    """Open workbooks in the program and return what it holds then."""
    out = books[0].parent / "out"
    command = [*program, "--convert-to", "fods", "--outdir", str(out), *map(str, books)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return [Opened(ElementTree.parse(out / f"{book.stem}.fods").getroot()) for book in books]


def test_the_plan_opens_whole(
    program: list[str], villages: Situation, delivered: Plan, tmp_path: Path
):
    """Numbers are numbers, days have dates, filters sit on the units, nothing is a formula."""
    write_shared(villages, delivered, tmp_path / "plan.xlsx")
    (book,) = opened(program, tmp_path / "plan.xlsx")
    assert list(book.sheets)[:2] == ["plan", "trips"]
    _, head, units, first, *_ = book.rows("trips")
    shown = {name: cell for (_, name), cell in zip(head, first, strict=True)}
    assert shown["day"] == ("float", "0")
    assert shown["date"] == ("date", "2027-03-01")
    assert shown["load_t"] == ("float", "0.20")
    assert shown["from"] == ("string", "Warehouse")
    assert ("string", "t") in units
    assert book.filters()["trips"].startswith("A3:")
    assert set(book.filters()) == set(book.sheets) - {"plan"}
    assert ("string", "=Ration") in [cell for row in book.rows("loads") for cell in row]
    assert not FAULTS.search(book.everything())


def test_the_template_opens_in_two_directions(program: list[str], tmp_path: Path):
    """Drop-downs reach the codes and the other sheets; Arabic sheets run from right to left."""
    for language in ("en", "ar"):
        template(tmp_path / f"{language}.xlsx", language)
    english, arabic = opened(program, tmp_path / "en.xlsx", tmp_path / "ar.xlsx")
    assert len(english.sheets) == len(arabic.sheets) == len(TABLES) + 3
    assert {arabic.direction(name) for name in arabic.sheets} == {"rl-tb"}
    assert {english.direction(name) for name in english.sheets} <= {"lr-tb", "page", ""}
    needs = next(table for table in TABLES if table.name == "needs")
    for book, areas, sheet in ((english, "Areas", "Needs"), (arabic, "المناطق", "الاحتياجات")):
        chosen = book.choices(sheet)
        assert f"${areas}.$A$4" in chosen[needs.names.index("area_id")]
        assert len(book.rows(sheet)[0]) == len(needs.names)
        assert not FAULTS.search(book.everything())


def test_a_corrected_copy_opens(program: list[str], tmp_path: Path):
    """Formulas have results again, what is wrong stands beside its row, the date is a date."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "population"
    for row in (["area_id", "people", "as_of"], ["A1", "many", None], ["A2", "=40*5", DAY]):
        sheet.append(row)
    book.save(tmp_path / "s.xlsx")
    write_corrected(read(tmp_path / "s.xlsx"), tmp_path / "out.xlsx")
    (copy,) = opened(program, tmp_path / "out.xlsx")
    head, wrong, right = copy.rows("population")[:3]
    assert head[-1] == ("string", "aidline: problems")
    assert "'many'" in wrong[3][1]
    assert right[1] == ("float", "200")
    assert right[2][0] == "date"
    assert next(iter(copy.sheets)) == "aidline problems"
