"""Who needs care, as counts, and what the care of one person takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

SURGICAL = ("surgery", "orthopaedic", "burns")


@dataclass(frozen=True, slots=True)
class Kind:
    """A triage class and specialty, and what the care of one person of it takes.

    Attributes
    ----------
    triage, specialty
        As in table `casualties`.
    lying
        Carried on a stretcher (all but green).
    bed
        Share of them who lie in a bed; the others are seen as outpatients.
    stay_days
        Days in which a bed is held, 0 = none.
    visits
        Outpatient visits on the first day.
    visits_later
        Outpatient visits on every later day to the end of the plan (dialysis).
    major, minor
        Operations on the first day.
    minor_next, next_after
        Further operations, and how many days later.
    """

    triage: str
    specialty: str
    lying: bool
    bed: float
    stay_days: int
    visits: float
    visits_later: float
    major: float
    minor: float
    minor_next: float
    next_after: int

    @property
    def operated(self) -> bool:
        """True where any of them needs a theatre."""
        return self.major + self.minor > 0


@dataclass(frozen=True, slots=True)
class Cohorts:
    """People who came up on one day in one area with the same need.

    Attributes
    ----------
    area_ids
        Codes of the areas that have any.
    kinds
        Kinds that occur.
    area, kind
        [cohorts] index.
    came
        [cohorts] day; negative = before the plan.
    people
        [cohorts] how many.
    """

    area_ids: tuple[str, ...]
    kinds: tuple[Kind, ...]
    area: Ints
    kind: Ints
    came: Ints
    people: Floats


def cohorts_of(situation: Situation, ledger: Ledger) -> Cohorts:
    """Return everybody in table `casualties` who comes up before the end of the plan.

    Everyday needs (births, dialysis, chronic illness) are in the plan as far as there are rows
    of them. Rows without a figure are left out: the check reports them.
    """
    start, days = situation.settings.start_date, situation.settings.days
    key = ["area_id", "triage", "specialty", "came"]
    rows = (
        situation["casualties"]
        .with_columns(came=(pl.col("date") - pl.lit(start)).dt.total_days())
        .filter((pl.col("people") > 0) & pl.col("people").is_finite() & (pl.col("came") < days))
        .drop_nulls(["area_id", "triage", "specialty", "came"])
        .group_by(key)
        .agg(pl.col("people").sum())
        .sort(key)
    )
    area_ids = rows["area_id"].unique().sort().to_list()
    pairs = rows.select("triage", "specialty").unique().sort("triage", "specialty")
    kinds = tuple(kind_of(triage, specialty, ledger) for triage, specialty in pairs.iter_rows())
    at = {(k.triage, k.specialty): i for i, k in enumerate(kinds)}
    area_at = {code: i for i, code in enumerate(area_ids)}
    return Cohorts(
        tuple(area_ids),
        kinds,
        np.array([area_at[a] for a in rows["area_id"]], np.int64),
        np.array([at[ts] for ts in rows.select("triage", "specialty").iter_rows()], np.int64),
        rows["came"].cast(pl.Int64).to_numpy(),
        rows["people"].to_numpy().astype(np.float64),
    )


def kind_of(triage: str, specialty: str, ledger: Ledger) -> Kind:
    """Return what the care of one person takes, by the defaults `care.*`."""
    lying = triage != "green"
    if specialty == "dialysis":
        visits = ledger.take("care.dialysis_sessions_per_week", "dialysis") / 7
        return Kind(triage, specialty, lying, 0, 0, visits, visits, 0, 0, 0, 0)
    if triage == "green":
        return Kind(triage, specialty, lying, 0, 0, 1, 0, 0, 0, 0, 0)
    used_for = f"{triage} {specialty}"
    birth = specialty == "maternity"
    of = "maternity" if birth else triage
    stay = ledger.take(f"care.stay_days.{of}", used_for)
    share = major = more = 0.0
    if birth or specialty in SURGICAL:
        share = ledger.take(f"care.operated_share.{of}", used_for)
        major = ledger.take(f"care.major_share.{of}", used_for)
    if specialty in SURGICAL:
        more = ledger.take("care.operations_per_person", used_for) - 1
    # of the yellow injured, those who need no operation go home in plaster
    bed = share if triage == "yellow" and specialty in SURGICAL else 1.0
    after = int(ledger.take("care.next_operation_after_days", used_for)) if more else 0
    return Kind(
        triage, specialty, lying, bed, max(1, int(stay)), 1 - bed, 0,
        share * major, share * (1 - major), share * more, after,
    )  # fmt: skip
