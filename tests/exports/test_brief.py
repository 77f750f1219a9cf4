"""The two-page brief: always two pages, in three languages, with what a meeting needs."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import polars as pl
import pypdf
import pytest

from aidline.formats.brief_pdf import write_brief
from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def pages(path: Path) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def test_english_brief_says_what_a_meeting_needs(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """Name, notice, coverage and the worst off on page one; limits and dispatch on page two."""
    path = tmp_path / "brief.pdf"
    write_brief(villages, delivered, path, "en", check_plan(villages, delivered))
    first, second = pages(path)
    for text in ("Two villages", "Invented for a test.", r"42\s?%", "Hill", "Bay", "Stock of"):
        assert re.search(text, first), text
    for text in ("one more ration", "1 March 2027", "Warehouse", r"20\.0\s?%", "no rule is broken"):
        assert re.search(text, second), text


@pytest.mark.parametrize(
    ("language", "word", "font"),
    [("fr", "Besoins couverts", "NotoSans-Bold"), ("ar", "الخطوط", "NotoSansArabic")],
)
def test_other_languages_have_their_words_and_letters(
    villages: Situation, delivered: Plan, tmp_path: Path, language: str, word: str, font: str
):
    """The words are in the text and the letters are in an embedded font."""
    path = tmp_path / "brief.pdf"
    write_brief(villages, delivered, path, language)
    first, _ = pages(path)
    assert word in first
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    lines = [line for line in fonts.splitlines() if font in line]
    assert lines
    assert all(" yes yes " in line for line in lines)  # embedded, cut down


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_many_areas_with_long_names_still_take_two_pages(
    villages: Situation, delivered: Plan, tmp_path: Path, language: str
):
    """Lists are cut to the page, never run over it."""
    codes = [f"A{k:03}" for k in range(60)]
    name = "District administratif de la très longue vallée supérieure n° "

    def spread(frame: pl.DataFrame) -> pl.DataFrame:
        one = frame.filter(pl.col("area_id") == "A1")
        return pl.concat([one.with_columns(area_id=pl.lit(code)) for code in codes])

    areas = spread(villages["areas"]).with_columns(
        name=pl.lit(name) + pl.col("area_id"),
        latitude=pl.int_range(pl.len()) * 0.1,
        geometry=pl.lit(None, pl.String),
    )
    known = villages.replace(areas=areas, population=spread(villages["population"]))
    trips = delivered["trips"].filter(pl.col("to_id") == "A1")
    many = delivered.replace(
        trips=pl.concat([trips.with_columns(to_id=pl.lit(code)) for code in codes]),
        coverage=spread(delivered["coverage"]),
        fairness=spread(delivered["fairness"]),
        reasons=spread(delivered["reasons"]),
        deliveries=spread(delivered["deliveries"]),
    )
    path = tmp_path / "brief.pdf"
    write_brief(known, many, path, language)
    assert len(pages(path)) == 2


def test_a_plan_without_anything_still_makes_a_brief(
    villages: Situation, delivered: Plan, tmp_path: Path
):
    """No trips, no limits, no positions: the brief says so on two pages."""
    nowhere = villages.replace(
        areas=villages["areas"].with_columns(
            latitude=pl.lit(None, pl.Float64), geometry=pl.lit(None, pl.String)
        ),
        places=villages["places"].clear(),
        road_segments=villages["road_segments"].clear(),
        road_status=villages["road_status"].clear(),
    )
    empty = type(delivered).of(delivered.record, {})
    path = tmp_path / "brief.pdf"
    write_brief(nowhere, empty, path)
    assert len(pages(path)) == 2


def test_the_same_plan_gives_the_same_file(villages: Situation, delivered: Plan, tmp_path: Path):
    """No clock and no chance in the file."""
    for name in ("a.pdf", "b.pdf"):
        write_brief(villages, delivered, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_text_of_the_user_is_never_markup(villages: Situation, delivered: Plan, tmp_path: Path):
    """Names that look like commands of the typesetter are printed as they are."""
    trick = "#panic() $x$ *bold* </text>"
    names = villages["areas"].with_columns(name=pl.lit(trick))
    path = tmp_path / "brief.pdf"
    write_brief(villages.replace(areas=names), delivered, path)
    assert trick in pages(path)[0]
