"""A broken rule, and how frames of broken rows become sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

ABSOLUTE = 1e-6  # units, tonnes, trips or hours that no one can see


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    Attributes
    ----------
    rule
        Code, such as "S2.weight"; "T." rules are about the form of the tables, "C." rules
        about tables that contradict each other.
    where
        Codes of what it is about, joined by spaces.
    day
        Day of the plan, or None.
    found, limit
        What the plan has and what is allowed, or None where it is not a number.
    text
        One sentence that says what is wrong.
    """

    rule: str
    where: str
    day: int | None
    found: float | None
    limit: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Names and dates for sentences.

    Attributes
    ----------
    names
        Code -> name.
    dates
        The date of each day, ISO.
    """

    names: dict[str, str]
    dates: tuple[str, ...]

    def name(self, code: str | None) -> str:
        """Return "Port West (PORT-W)", or the bare code where there is no name."""
        if code is None:
            return "nowhere"
        known = self.names.get(code)
        return f"{known} ({code})" if known and known != code else code

    def day(self, day: int | None) -> str:
        """Return "day 2 (2027-03-04)"."""
        if day is None:
            return "no day"
        return f"day {day} ({self.dates[day]})" if 0 <= day < len(self.dates) else f"day {day}"


def number(value: float | None) -> str:
    """Return a figure as people read it: 12,400 or 3.25."""
    if value is None:
        return "nothing"
    text = f"{value:,.3f}" if abs(value) >= 0.01 or value == 0 else f"{value:.3g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def violations(
    rows: pl.DataFrame,
    rule: str,
    sentence: Callable[[dict[str, Any]], str],
    where: tuple[str, ...],
) -> list[Violation]:
    """Turn rows that break a rule into violations.

    Parameters
    ----------
    rows
        The rows; columns day, found and limit are taken where they are there.
    rule
        Code of the rule.
    sentence
        Makes the sentence of one row.
    where
        Columns whose codes say where.
    """
    found = []
    for row in rows.iter_rows(named=True):
        place = " ".join(str(row[c]) for c in where if row[c] is not None)
        found.append(
            Violation(
                rule, place, row.get("day"), row.get("found"), row.get("limit"), sentence(row)
            )
        )
    return found


def over(found: str, limit: str, tolerance: float) -> pl.Expr:
    """Return found > limit, beyond what rounding explains."""
    return pl.col(found) > pl.col(limit) + tolerance * pl.col(limit).abs() + ABSOLUTE


def differs(found: str, limit: str, tolerance: float) -> pl.Expr:
    """Return found ≠ limit, beyond what rounding explains; a missing one counts as 0."""
    left, right = pl.col(found).fill_null(0.0), pl.col(limit).fill_null(0.0)
    return (left - right).abs() > tolerance * pl.max_horizontal(left.abs(), right.abs()) + ABSOLUTE
