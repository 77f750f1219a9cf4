"""The plan of care: from a situation to tables, benefit, bound and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aidline.medical.problem import benefit_of, care_problem
from aidline.medical.read_back import care_tables
from aidline.medical.reasons import reasons_of
from aidline.medical.solve import solve_care

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from aidline.medical.curves import Level
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

ENDS: tuple[Level, Level] = ("low", "high")


@dataclass(frozen=True, eq=False)
class CareResult:
    """What the plan of care is and what it gives.

    Attributes
    ----------
    tables
        `field_sites`, `care`, `waiting`, `facility_days` (see `aidline.plan.tables`).
    benefit
        Expected lives saved or disability avoided, by the middle of the curves.
    benefit_low, benefit_high
        The same plan by the low and high ends of the curves.
    bound
        No plan of these facts has more benefit (by the middle of the curves), also among those
        in which the last to come may go first.
    price_of_turns
        Benefit given up so that those who came first go first; it is part of the gap.
    stopped
        "optimal", "gap reached" or "time limit".
    reasons
        Why people wait, by area (see `aidline.medical.reasons.reasons_of`).
    notes
        What is unknown and therefore not used, in words.
    """

    tables: Mapping[str, pl.DataFrame]
    benefit: float
    benefit_low: float
    benefit_high: float
    bound: float
    price_of_turns: float
    stopped: str
    reasons: pl.DataFrame
    notes: tuple[str, ...]

    @property
    def gap(self) -> float:
        """(bound − benefit) / bound, between 0 and 1; 0 where nothing can be gained."""
        return max(0.0, self.bound - self.benefit) / self.bound if self.bound > 0 else 0.0


def plan_care(
    situation: Situation,
    *,
    ledger: Ledger,
    seed: int = 0,
    time_limit_s: float = 60.0,
    benefit: pl.DataFrame | None = None,
) -> CareResult:
    """Plan who is treated where and when, by what they come, and propose sites for field units.

    Parameters
    ----------
    situation
        What is known. Roads that a plan opens count where they stand in its road log
        (`aidline.network.openings.with_openings`).
    ledger
        Notes each assumed figure.
    seed
        Of the solver's random choices.
    time_limit_s
        Seconds for all of it; the best plan so far is returned.
    benefit
        The user's own benefit curves, None = those that are shipped.

    Returns
    -------
    CareResult
        Where it has no casualties, empty tables of care.

    Raises
    ------
    UsageError
        A benefit curve that does not fall or does not stay above 0.
    """
    problem = care_problem(situation, ledger, benefit)
    care = solve_care(problem, seed=seed, time_limit_s=time_limit_s)
    chosen = care.columns
    low, high = (
        float(benefit_of(problem, chosen.cohort, chosen.way, level) @ care.people) for level in ENDS
    )
    return CareResult(
        care_tables(situation, problem, care),
        care.benefit,
        low,
        high,
        care.bound,
        care.turns,
        care.stopped,
        reasons_of(situation, problem, care),
        problem.notes,
    )
