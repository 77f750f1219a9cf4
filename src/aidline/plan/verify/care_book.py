"""What the rules of care read: the usable rows of a plan beside the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.plan.verify.violations import Violation, violations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.situation.situation import Situation

WHO = ("area_id", "triage", "specialty", "came_day")
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Book:
    """The usable rows of a plan beside the facts.

    Attributes
    ----------
    situation
        What is known.
    care, waiting, facility_days, sites
        Tables of the plan.
    came, capacity, means
        See `aidline.plan.verify.care_facts`.
    """

    situation: Situation
    care: pl.DataFrame
    waiting: pl.DataFrame
    facility_days: pl.DataFrame
    sites: pl.DataFrame
    came: pl.DataFrame
    capacity: pl.DataFrame
    means: Mapping[str, dict[str, Any]]

    @property
    def days(self) -> int:
        """Length of the plan."""
        return self.situation.settings.days


def usable(situation: Situation, care: pl.DataFrame) -> tuple[pl.DataFrame, list[Violation]]:
    """Split off rows that no rule can read: unknown codes, days outside, figures that are none."""
    codes = {
        "area_id": situation["areas"]["area_id"],
        "means_id": situation["evacuation_means"]["means_id"],
        "onward_id": situation["evacuation_means"]["means_id"],
        "place_id": situation["places"]["place_id"],
    }
    bad = pl.col("people").is_null() | ~pl.col("people").is_finite() | (pl.col("people") < 0)
    bad |= pl.col("day").is_null() | (pl.col("day") < 0)
    bad |= pl.col("day") >= situation.settings.days
    for column, known in codes.items():
        bad |= pl.col(column).is_not_null() & ~pl.col(column).is_in(known.to_list())
    bad |= pl.any_horizontal(pl.col(c).is_null() for c in WHO)
    bad |= pl.col("place_id").is_null() & pl.col("onward_id").is_null()
    rows = care.with_columns(bad=bad.fill_null(value=True))
    found = violations(
        rows.filter("bad").select(pl.exclude("bad")),
        "M0.form",
        lambda r: (
            f"A row of table care for {r['area_id']} on day {r['day']} has a code, day or number "
            f"of people that does not exist."
        ),
        (*WHO[:3],),
    )
    return rows.filter(~pl.col("bad")).select(pl.exclude("bad")), found
