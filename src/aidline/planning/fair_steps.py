"""Fairness within the exact search: floors under the coverage, and what fairness costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.plan.check import check_plan
from aidline.planning.auction.engine import Auction
from aidline.planning.bounds import floors_of
from aidline.planning.exact import solve_exactly
from aidline.planning.fair_levels import BREACH, FlooredAuction, find_levels

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.plan.plan import Plan
    from aidline.planning.bounds import Bound
    from aidline.planning.search import Search
    from aidline.situation.situation import Situation

GAP = 1e-4
PRICE_ROUNDS = 2  # of new options, for the optimum without fairness
LEVEL_TIME, SOLVE_TIME, PRICE_TIME = 0.5, 0.5, 0.15  # of the time that is left at each step


def with_levels(search: Search, auction: Auction, watch: Callable[[Bound], bool]) -> Auction:
    """Put floors under the coverage and solve again above them.

    Parameters
    ----------
    search
        Gets the plan above the floors in place of the best one so far.
    auction
        After `solve_exactly`.
    watch
        Of `solve_exactly`.

    Returns
    -------
    Auction
        The one to go on with: a `FlooredAuction` where levels were found in time.
    """
    options = search.options
    if options.fair_levels == 0 or not options.fairness or search.stop_word() == "cancelled":
        return auction
    search.offer(auction, auction.prices)  # what remains where the time is too short for levels
    found = find_levels(
        auction, options.fair_levels, deadline=_until(search, LEVEL_TIME), seed=options.seed
    )
    if found is None:
        return auction
    search.fairness["lowest_share_bound"] = found.bound
    floored, solved = FlooredAuction(auction, found.floor), False

    def seen(bound: Bound) -> bool:
        nonlocal solved
        solved = True
        return watch(bound)

    solve_exactly(
        floored, gap=GAP, deadline=_until(search, SOLVE_TIME), seed=options.seed, watch=seen
    )
    if not solved:
        return auction
    offer_anew(search, floored)
    return floored


def offer_anew(search: Search, auction: Auction) -> None:
    """Make a plan of the auction's state; above floors, keeping them counts before the value."""
    held = search.best, search.verdict
    if isinstance(auction, FlooredAuction):
        before = _worth(search, auction)
        search.best = search.verdict = None
    search.offer(auction, auction.prices)
    if isinstance(auction, FlooredAuction) and _worth(search, auction) >= before:
        search.best, search.verdict = held


def _worth(search: Search, auction: FlooredAuction) -> float:
    """Return value and breaches of the best plan, at the price of breaches."""
    if search.best is None or search.verdict is None:
        return float("inf")
    groups = _levels(search, auction, search.best)
    short = (pl.col("level") - pl.col("share")).clip(0.0) * pl.col("person_days")
    return search.verdict.value + BREACH * float(groups.select(short.sum()).item())


def _levels(search: Search, auction: FlooredAuction, plan: Plan) -> pl.DataFrame:
    """Return the plan's table of fairness with the floors of the auction as `level`."""
    problem = search.problem
    rows = pl.DataFrame(
        {
            "area_id": [problem.area_ids[a] for a in problem.fairness.area],
            "need_group": [problem.goods.group_ids[g] for g in problem.fairness.group],
            "level": auction.floors,
        }
    )
    return plan["fairness"].join(rows, on=["area_id", "need_group"], how="left")


def state_floors(search: Search, auction: Auction) -> None:
    """Write the floors into the best plan, and bring the bound in line with them.

    Whole trucks can leave a share a little below its level: its floor is then what it has, and
    the bound is that of all plans which keep these floors.
    """
    if not isinstance(auction, FlooredAuction) or search.best is None or search.bound is None:
        return
    table = _levels(search, auction, search.best)
    kept = pl.when(pl.col("level").is_not_null()).then(pl.min_horizontal("level", "share"))
    table = table.with_columns(floor=kept)
    search.best = search.best.replace(fairness=table)
    plain = auction.unfloored(search.bound.prices)
    search.bound = auction.floored(plain, floors_of(search.problem, search.best))


def price_of_fairness(search: Search, auction: Auction, bound: float) -> None:
    """Work out the price of fairness from two optima in fractions of trips.

    Parameters
    ----------
    search
        Gets the figures for the record.
    auction
        Solved with fairness; its options serve the solution without.
    bound
        Of the solution with fairness.
    """
    if not search.options.fairness or search.options.cancelled:
        return
    free, rounds = _Free(auction), 0

    def enough(_: Bound) -> bool:
        nonlocal rounds
        rounds += 1
        return rounds >= PRICE_ROUNDS or search.options.cancelled

    deadline = _until(search, PRICE_TIME)
    least = solve_exactly(free, gap=GAP, deadline=deadline, seed=search.options.seed, watch=enough)
    if rounds == 0:
        return
    search.fairness |= {
        "value_with_fairness": _need(auction),
        "value_without_fairness": _need(free),
        "fairness_margin": max(0.0, _whole(auction) - bound) + max(0.0, _whole(free) - least.value),
    }


def price_between(situation: Situation, fair: Plan, free: Plan) -> dict[str, float]:
    """Return the figures of the price of fairness from two plans, with it and without.

    Parameters
    ----------
    situation
        What both plans are for.
    fair, free
        The plans, each with its bound.
    """
    needs, margin = [], 0.0
    for plan in (fair, free):
        verdict = check_plan(situation, plan)
        needs.append(verdict.need_daily + verdict.need_once)
        margin += max(0.0, plan.record.value - (plan.record.bound or 0.0))
    return {
        "value_with_fairness": needs[0],
        "value_without_fairness": needs[1],
        "fairness_margin": margin,
    }


class _Free(Auction):
    """An auction that goes on from the state of another one, with no price on fairness."""

    def __init__(self, auction: Auction) -> None:
        vars(self).update(vars(auction.snapshot()))
        self.net = self.net._replace(fair_cost=np.zeros_like(self.net.fair_cost))
        self.fair = self.fair._replace(cost=np.zeros_like(self.fair.cost))


def _until(search: Search, share: float) -> float:
    """Return when this share of the time left is over."""
    left = search.options.time_limit_s - search.seconds
    return time.perf_counter() + max(0.0, share * left)


def _need(auction: Auction) -> float:
    """Return the cost of need in the present amounts."""
    return float(auction.needs.cost @ auction.needs.amount) + auction.unserved_cost()


def _whole(auction: Auction) -> float:
    """Return the objective of the present amounts."""
    others = (auction.trips, auction.fair, auction.promises)
    return _need(auction) + float(sum(c.cost @ c.amount for c in others))
