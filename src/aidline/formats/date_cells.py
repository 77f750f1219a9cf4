"""Dates and times of day as people write them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.cells import Cells, Parsed, scatter
from aidline.formats.findings import Finding, Level
from aidline.formats.folding import fold
from aidline.formats.grid import BOOL, DATE, ERROR, NUMBER, TIME, broken_formula
from aidline.formats.number_text import ARABIC, MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january janvier janv enero ene يناير",
            "feb february fevrier fevr fev febrero فبراير",
            "mar march mars marzo مارس",
            "apr april avril avr abril abr ابريل",
            "may mai mayo مايو",
            "jun june juin junio يونيو",
            "jul july juillet juil julio يوليو",
            "aug august aout agosto ago اغسطس",
            "sep sept september septembre septiembre set سبتمبر",
            "oct october octobre octubre اكتوبر",
            "nov november novembre noviembre نوفمبر",
            "dec december decembre diciembre dic ديسمبر",
        ),
        start=1,
    )
    for word in words.split()
}
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_PARTS = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ ,T]+\d{1,2}:\d{2}.*)?$")
_BASIC = re.compile(r"^(19|20)(\d{2})(\d{2})(\d{2})$")
_EPOCH = dt.date(1899, 12, 30)
_EXPECTED = "a date, such as 2027-03-02"
_MEND = "write it as year-month-day, such as 2027-03-02"


def parse_dates(cells: Cells) -> Parsed:
    """Return calendar dates.

    ISO dates, day first (``02/03/2027``, ``2.3.2027``), month names in four languages,
    spreadsheet serial numbers, dates with a time. Where day and month could be exchanged
    the day is first, unless other cells of the column prove that the month is; one
    warning per column says so.
    """
    values = cells.text.str.to_date("%Y-%m-%d", strict=False)
    values = (
        values.to_frame("d")
        .select(pl.when(pl.col("d").dt.year().is_between(1990, 2199)).then(pl.col("d")))
        .to_series()
    )
    rest = cells.where(cells.text.is_not_null() & values.is_null())
    if not rest:
        return Parsed(values)
    plain = {cell: cell.translate(ARABIC) for cell in {cell for _, cell in rest}}
    reader = _DateReader(_order(plain.values()), cells.column.required)
    kinds = cells.kind.to_list()
    known: dict[tuple[str, int], tuple[dt.date | None, _Problem | None]] = {}
    found: list[tuple[int, object]] = []
    findings: list[Finding] = []
    for index, cell in rest:
        key = (cell, kinds[index])
        date, problem = known[key] if key in known else reader.read(plain[cell], kinds[index])
        known[key] = (date, None if problem and problem.once else problem)
        if date is not None:
            found.append((index, date))
        if problem:
            level: Level = "warning" if problem.warning else "error"
            findings.append(
                Finding(index, problem.rule, cell, problem.expected, problem.mend, level)
            )
    return Parsed(scatter(values, found), findings)


def iso_date(text: str) -> dt.date | None:
    """Return the date of an ISO text, or None."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Problem:
    rule: str
    expected: str = _EXPECTED
    mend: str = _MEND
    warning: bool = False
    once: bool = False  # said of the first such cell of the column only


@dataclass(slots=True)
class _DateReader:
    """Reads single dates; tells once per column what it assumed."""

    order: str  # "day", "month" or "both" (the column contradicts itself)
    required: bool = False
    told_order: bool = False
    told_serial: bool = False

    def read(self, text: str, kind: int) -> tuple[dt.date | None, _Problem | None]:
        if kind == ERROR:
            return None, _Problem(
                "formula-error",
                mend=broken_formula(text, "write the date"),
            )
        if kind in {TIME, BOOL}:
            return None, _Problem("date")
        if text.casefold() in MISSING:
            return None, _Problem(
                "missing-code",
                "a date, or nothing where it is unknown",
                "write the date" if self.required else "read as unknown; leave the cell empty",
                warning=not self.required,
            )
        if kind == NUMBER or re.fullmatch(r"\d{5}(\.\d+)?", text):
            return self._serial(text)
        return self._text(text)

    def _serial(self, text: str) -> tuple[dt.date | None, _Problem | None]:
        number = float(text)
        basic = _BASIC.match(text.removesuffix(".0"))
        if basic:
            return _made(int(basic[1] + basic[2]), int(basic[3]), int(basic[4]))
        if not 32874 <= number <= 80000:  # 1990 to 2119
            return None, _Problem("date")
        date = _EPOCH + dt.timedelta(days=int(number))
        if self.told_serial:
            return date, None
        self.told_serial = True
        return date, _Problem(
            "date-serial",
            mend=f"this and others like it were read as spreadsheet day numbers ({text} is "
            f"{date}); format the column as a date",
            warning=True,
            once=True,
        )

    def _text(self, text: str) -> tuple[dt.date | None, _Problem | None]:
        if hit := _ISO.match(text):
            return _made(int(hit[1]), int(hit[2]), int(hit[3]))
        if hit := _BASIC.match(text):
            return _made(int(hit[1] + hit[2]), int(hit[3]), int(hit[4]))
        if hit := _PARTS.match(text):
            return self._parts(int(hit[1]), int(hit[2]), hit[3])
        return _with_month_name(text)

    def _parts(self, one: int, two: int, year_text: str) -> tuple[dt.date | None, _Problem | None]:
        year = int(year_text) + (2000 if len(year_text) == 2 else 0)
        if one > 12 or two > 12 or one == two:
            day, month = (two, one) if two > 12 else (one, two)
            return _made(year, month, day)
        if self.order == "both":
            return None, _Problem(
                "ambiguous-date",
                mend="other cells of this column have the day first and others the month: write "
                "it as year-month-day",
            )
        day, month = (two, one) if self.order == "month" else (one, two)
        date, problem = _made(year, month, day)
        if problem or self.told_order:
            return date, problem
        self.told_order = True
        how = (
            "month first, as other cells of the column show"
            if self.order == "month"
            else "day first"
        )
        return date, _Problem(
            "ambiguous-date",
            mend=f"this column was read {how} (this cell is {date}); write dates as "
            "year-month-day to be sure",
            warning=True,
            once=True,
        )


def _order(texts: Iterable[str]) -> str:
    day = month = False
    for text in texts:
        hit = _PARTS.match(text)
        if hit:
            day |= int(hit[1]) > 12 >= int(hit[2])
            month |= int(hit[2]) > 12 >= int(hit[1])
    return "both" if day and month else "month" if month else "day"


def _made(year: int, month: int, day: int) -> tuple[dt.date | None, _Problem | None]:
    if not 1990 <= year <= 2199:
        return None, _Problem(
            "date", mend=f"year {year} is not plausible (another calendar?): {_MEND}"
        )
    try:
        return dt.date(year, month, day), None
    except ValueError:
        return None, _Problem("date", mend=f"there is no day {day} in month {month}: {_MEND}")


def _with_month_name(text: str) -> tuple[dt.date | None, _Problem | None]:
    words = [w for w in fold(text).split() if w not in {"de", "del", "of", "le", "the"}]
    words = [re.sub(r"^(\d{1,2})(st|nd|rd|th|er)$", r"\1", w) for w in words]
    months = [_MONTHS[w] for w in words if w in _MONTHS]
    numbers = [w for w in words if w.isdigit()]
    if len(months) != 1 or len(numbers) != 2 or len(words) != 3:
        return None, _Problem("date")
    years = [int(n) for n in numbers if len(n) == 4]
    days = [int(n) for n in numbers if len(n) <= 2]
    if len(years) == 1 and len(days) == 1:
        return _made(years[0], months[0], days[0])
    if len(days) == 2:
        return _made(2000 + days[1], months[0], days[0])
    return None, _Problem("date")


_CLOCK = re.compile(
    r"^(\d{1,2})\s*(?:[:h.]\s*(\d{2})?)?(?::\d{2}(?:\.\d+)?)?\s*([ap]\.?m\.?)?$", re.IGNORECASE
)


def parse_times(cells: Cells) -> Parsed:
    """Return times of day as ``HH:MM``."""
    values = (
        cells.text.to_frame("t")
        .select(pl.when(pl.col("t").str.contains(r"^([01]\d|2[0-3]):[0-5]\d$")).then(pl.col("t")))
        .to_series()
    )
    kinds = cells.kind.to_list()
    found: list[tuple[int, object]] = []
    findings: list[Finding] = []
    for index, cell in cells.where(cells.text.is_not_null() & values.is_null()):
        time = _time(cell.translate(ARABIC), kinds[index])
        if time:
            found.append((index, time))
        else:
            findings.append(
                Finding(
                    index,
                    "time",
                    cell,
                    "a time of day, such as 08:00",
                    "write hours and minutes, such as 08:00",
                )
            )
    return Parsed(scatter(values, found), findings)


def _time(text: str, kind: int) -> str | None:
    if kind == DATE:
        return None
    if kind == NUMBER and "." in text and 0 <= float(text) < 1:
        minutes = round(float(text) * 1440)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    hit = _CLOCK.match(text)
    if hit is None:
        return None
    hour, minute = int(hit[1]), int(hit[2] or 0)
    if hit[3]:
        hour = hour % 12 + (12 if hit[3][0].lower() == "p" else 0)
    exists = (hour < 24 and minute < 60) or (hour, minute) == (24, 0)
    return f"{hour:02d}:{minute:02d}" if exists else None
