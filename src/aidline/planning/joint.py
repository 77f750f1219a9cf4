"""From a situation to a verified plan with a bound: the door to everything in this package."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import numpy as np

from aidline.network.openings import with_openings
from aidline.planning.auction.arrays import even_levels
from aidline.planning.by_auction import by_auction, round_best
from aidline.planning.care import time_for_care, with_care
from aidline.planning.clearing.course import finished, search_orders, start_course
from aidline.planning.compiling import told_when_slow
from aidline.planning.exact import solve_exactly, solve_whole
from aidline.planning.fair_steps import (
    offer_anew,
    price_between,
    price_of_fairness,
    state_floors,
    with_levels,
)
from aidline.planning.options import PlanOptions
from aidline.planning.rescue import time_for_rescue, with_rescue
from aidline.planning.search import Search, start_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.plan.plan import Plan
    from aidline.planning.auction.engine import Auction
    from aidline.planning.bounds import Bound
    from aidline.planning.clearing.course import Course
    from aidline.situation.situation import Situation
    from aidline.supply.problem import SupplyProblem

EXACT_CELLS = 2_500  # up to so many cells of need the exact path is taken
WARM_SWEEPS = 400  # at most so many before the first LP
EXACT_GAP = 1e-4
COMPILING = "compiling for this machine, once after installation: a minute or two"


def make_plan(
    situation: Situation, options: PlanOptions | None = None, after: Plan | None = None
) -> Plan:
    """Plan a situation.

    Parameters
    ----------
    situation
        What is known; `aidline.situation.check` says whether it is sound.
    options
        See `PlanOptions`.
    after
        An earlier plan of nearly the same situation: the search starts from its prices, where
        they fit, and is sooner done. It changes nothing in what is proven.

    Returns
    -------
    Plan
        Verified; with bound, reasons, bottlenecks, defaults used and the run record.

    Raises
    ------
    PlanError
        No plan could be made, with the reason.
    """
    options = options or PlanOptions()
    kept_s = time_for_rescue(situation, options) + time_for_care(situation, options)
    supply = dataclasses.replace(options, time_limit_s=options.time_limit_s - kept_s)
    course = start_course(situation, supply, searched) if options.clearing else None
    if course is None:
        plan = plan_supply(situation, supply, after)
    else:
        plan = plan_with_clearing(course, after)
    plan = with_care(situation, with_rescue(situation, plan, options), options)
    told = {**plan.record.options, "time_limit_s": options.time_limit_s}
    return plan.replace(record=dataclasses.replace(plan.record, options=told))


def plan_with_clearing(course: Course, after: Plan | None) -> Plan:
    """Choose which roads are opened when, then plan supply on them in full."""
    chosen = search_orders(course)
    options, situation = course.options, course.situation
    left = max(0.3 * options.time_limit_s, options.time_limit_s - course.seconds)
    final = dataclasses.replace(options, time_limit_s=left)
    plan = plan_supply(
        with_openings(situation, chosen.openings), final, after or chosen.plan, course.counted
    )
    return finished(course, chosen, plan)


def plan_supply(
    situation: Situation,
    options: PlanOptions,
    after: Plan | None = None,
    counted: frozenset[str] = frozenset(),
) -> Plan:
    """Plan supply on the roads as the situation says they will be.

    The coverage of areas in `counted` counts in fairness even where they are cut off. The rest
    is as for `make_plan`.
    """
    return searched(situation, options, after, counted)[0]


def searched(
    situation: Situation, options: PlanOptions, after: Plan | None, counted: frozenset[str]
) -> tuple[Plan, Search]:
    """Plan supply; returns also where the search ended."""
    if options.days is not None:
        situation = situation.with_settings(days=options.days)
    search = start_search(situation, options, after, counted)
    method = method_for(search.problem, options)
    run: Callable[[Search], str] = _exact if method == "exact" else by_auction
    with told_when_slow(lambda: search.tell(COMPILING)):
        stopped = run(search)
    if options.price_of_fairness and options.fairness and not search.fairness:
        free = dataclasses.replace(options, fairness=False, price_of_fairness=False, explain=False)
        plan = search.finish(method, stopped)
        search.fairness = price_between(
            situation, plan, plan_supply(situation, free, None, counted)
        )
    return search.finish(method, stopped), search


def method_for(problem: SupplyProblem, options: PlanOptions) -> str:
    """Return "exact" or "auction"."""
    if options.method != "auto":
        return options.method
    return "exact" if len(problem.demand.need) <= EXACT_CELLS else "auction"


def _settle(search: Search, auction: Auction) -> None:
    """Sweep until the bound hardly moves: good prices and columns for the exact solver."""
    last = -np.inf
    for _ in range(WARM_SWEEPS // 40):
        for _ in range(40):
            auction.round()
        search.raise_bound(auction.bound())
        found = search.bound.value if search.bound else -np.inf
        late = search.seconds > 0.8 * search.options.time_limit_s
        if found - last <= 1e-3 * abs(found) or late or search.options.cancelled:
            return
        last = found


def _first_plan(search: Search, auction: Auction) -> None:
    """Make a plan before the solver starts, for whoever cancels early."""
    trial = auction.snapshot()
    if search.options.whole_truck_days > 0:
        round_best(trial, search.options.whole_truck_days)
    search.offer(trial, trial.mean)


def _exact(search: Search) -> str:
    """Find the optimum by column generation, then whole trucks for the first days."""
    auction = search.start_auction()
    _settle(search, auction)
    _first_plan(search, auction)
    auction.fair = even_levels(auction.fair)

    def watch(bound: Bound) -> bool:
        search.raise_bound(bound)
        search.tell("exact optimum")
        return search.options.cancelled

    options = search.options
    until = time.perf_counter() + 0.5 * (search.deadline - time.perf_counter())
    best = solve_exactly(auction, gap=EXACT_GAP, deadline=until, seed=options.seed, watch=watch)
    price_of_fairness(search, auction, best.value)
    auction = with_levels(search, auction, watch)
    search.auction = auction.snapshot()  # what one more unit gives is worked out in fractions
    if options.whole_truck_days > 0 and not search.stop_word():
        solve_whole(auction, options.whole_truck_days, deadline=search.deadline, seed=options.seed)
    offer_anew(search, auction)
    state_floors(search, auction)
    return search.stop_word() or ("optimal" if search.gap <= 10 * EXACT_GAP else "settled")
