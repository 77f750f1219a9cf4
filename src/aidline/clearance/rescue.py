"""Search and rescue at worksites: which team works where and when.

In this order: explosive hazards are assessed first where they must be; then sites with people
confirmed alive (A, B), so that most are expected to be found alive; then sites where people may
be alive (C), without delay for the first; then the dead are recovered, as work of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from aidline.clearance import rescue_rows
from aidline.clearance import rescue_stages as stages
from aidline.clearance.rescue_jobs import Ground, sorted_teams
from aidline.clearance.rescue_stages import Case
from aidline.clearance.rescue_survival import survival
from aidline.clearance.worksites import DEAD, SEARCHES, teams, worksites

if TYPE_CHECKING:
    from aidline.clearance.worksites import Team
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation


@dataclass(frozen=True, eq=False)
class RescuePlan:
    """What the teams do at worksites, and how good that is.

    Attributes
    ----------
    tasks, rescues
        Rows of these tables of a plan (`aidline.plan.tables`).
    found_alive
        (low, mid, high): people expected to be found alive.
    confirmed, confirmed_bound
        Of these (mid) those at sites with people confirmed alive, and the most that any
        schedule could reach there.
    found_alive_bound
        The most (mid) that any schedule of the teams could reach at all sites together.
    proven
        True where the schedule of the sites with people confirmed alive is an optimum, given
        the assessments before it.
    """

    tasks: pl.DataFrame
    rescues: pl.DataFrame
    found_alive: tuple[float, float, float]
    confirmed: float
    confirmed_bound: float
    found_alive_bound: float
    proven: bool


def plan_rescue(
    situation: Situation,
    ledger: Ledger,
    *,
    seed: int = 0,
    time_limit_s: float = 20.0,
    taken: pl.DataFrame | None = None,
) -> RescuePlan:
    """Plan search and rescue, and then the recovery of the dead.

    Parameters
    ----------
    situation
        Tables worksites, teams, hazards, areas, places, and roads are used. Roads that a plan
        opens are there if the caller has put them into the log
        (`aidline.network.openings.with_openings`).
    ledger
        Notes every assumed figure.
    seed
        Of the search.
    time_limit_s
        Seconds after which it stops with what it has. Well below it the result depends on
        input and seed alone.
    taken
        Tasks (table `tasks`) that teams have elsewhere, on roads: they are free afterwards.

    Returns
    -------
    RescuePlan
        Every worksite has a row in `rescues`, whether a team is within reach yet or not.
    """
    until = time.monotonic() + time_limit_s
    chances = survival()
    sites = worksites(situation, ledger, chances)
    for site in sites:
        if site.turn != DEAD:
            chances.note(ledger, site.structure, site.void, site.worksite_id)
    crew = _crews(situation, ledger, taken)
    bases = [team.place_id for kind in crew.values() for team in kind]
    ground = Ground.of(situation, [s.area_id for s in sites], bases, ledger)
    low, high = (ledger.take(f"worksite.work_{end}", "finish times") for end in ("low", "high"))
    case = Case(sites, chances, ground, situation.settings.days, (low, high), seed, ledger)
    left = until - time.monotonic()
    cleared = stages.assess(case, crew["assess"], crew["rescue"], 0.15 * left)
    rescued, found = stages.rescue(case, crew["rescue"], cleared, 0.6 * left)
    recovered = stages.recover(case, crew["recover"], cleared, rescued, 0.25 * left)
    confirmed, confirmed_bound = stages.most_confirmed(case, rescued, found)
    done = (cleared, rescued, recovered)
    return RescuePlan(
        tasks=rescue_rows.tasks(case, *done),
        rescues=rescue_rows.rescues(situation, case, *done),
        found_alive=rescue_rows.found_alive(case, rescued),
        confirmed=confirmed,
        confirmed_bound=confirmed_bound,
        found_alive_bound=stages.most_alive(case, rescued, crew["rescue"], cleared),
        proven=found is not None and found.proven,
    )


def _crews(
    situation: Situation, ledger: Ledger, taken: pl.DataFrame | None
) -> dict[str, list[Team]]:
    busy: dict[str, float] = {}
    if taken is not None and taken.height:
        busy = dict(taken.group_by("team_id").agg(pl.col("finish").max()).iter_rows())
    kinds = {
        "assess": ("explosive_disposal",), "rescue": SEARCHES, "recover": ("recovery",),
    }  # fmt: skip
    return {name: sorted_teams(teams(situation, ledger, of), busy) for name, of in kinds.items()}
