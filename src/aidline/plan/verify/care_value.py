"""What a plan of care is worth, worked out from its table `care` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.verify import care_facts
from aidline.plan.verify.care_book import Book, usable
from aidline.plan.verify.care_ways import rides_of
from aidline.situation import standards
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def care_benefit(
    situation: Situation,
    plan: Plan | Mapping[str, pl.DataFrame],
    curves: pl.DataFrame | None = None,
) -> float:
    """Return the benefit of table `care`: expected lives saved or disability avoided.

    Parameters
    ----------
    situation, plan
        As for `checked_care`.
    curves
        The user's own benefit curves, None = those that are shipped.

    Returns
    -------
    float
        Sum over people of the curve of their triage class and specialty (else "any"), linear
        between its corners, at the hours from the day on which they came, or from day 0, to
        treatment: whole days and the hours of the way.
    """
    care, _ = usable(situation, plan["care"])
    book = Book(
        situation, care, plan["waiting"], plan["facility_days"], plan["field_sites"], care, care,
        care_facts.means(situation),
    )  # fmt: skip
    walk = care.filter(pl.col("means_id").is_null()).with_columns(there_h=pl.lit(0.0))
    rides = walk.clear() if walk.height == care.height else rides_of(book).select(walk.columns)
    rows = pl.concat([walk, rides])
    table = standards.care_benefit() if curves is None else curves
    total = 0.0
    for row in rows.iter_rows(named=True):
        of = table.filter(pl.col("triage") == row["triage"])
        own = of.filter(pl.col("specialty") == row["specialty"])
        of = (own if own.height else of.filter(pl.col("specialty") == "any")).sort("delay_h")
        hours = 24.0 * (row["day"] - max(0, row["came_day"])) + row["there_h"]
        if row["onward_id"] is not None:
            mode = book.means[row["onward_id"]]["mode"]
            hours += Ledger().take(f"care.outside_round_trip_h.{mode}") / 2
        corners = of["delay_h"].cast(pl.Float64).to_numpy(), of["benefit_mid"].to_numpy()
        total += row["people"] * float(np.interp(hours, *corners))
    return total
