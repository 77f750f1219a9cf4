"""From a situation to a verified plan with a bound: the door to everything in this package."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.errors import PlanError
from aidline.plan.check import Facts, Verdict, check_plan
from aidline.plan.plan import Plan, RunRecord
from aidline.planning.auction.engine import Auction
from aidline.planning.exact import solve_exactly, solve_whole
from aidline.planning.explain import explained
from aidline.planning.fair_steps import (
    offer_anew,
    price_between,
    price_of_fairness,
    state_floors,
    with_levels,
)
from aidline.planning.options import PlanOptions, Progress
from aidline.planning.repair import repair
from aidline.planning.whole_trips import early_trips, make_whole
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed
from aidline.supply.build import build_problem
from aidline.supply.coverage import coverage_tables
from aidline.supply.read_back import plan_tables
from aidline.supply.rows import Rows, make_rows
from aidline.supply.usage import stock_table, usage_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.planning.bounds import Bound
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, SupplyProblem

EXACT_CELLS = 2_500  # up to so many cells of need the exact path is taken
EXPLAIN_SECONDS = 15.0  # for solving again what one more unit gives
WARM_SWEEPS = 400  # at most so many before the first LP
LOOKS = (12, 25, 45, 70, 100)  # sweeps at which a plan is made; then every 40
HELD_LOOKS = (8, 20, 40, 80, 120)  # the same after whole trips are held
EXACT_GAP = 1e-4
CHOOSE_EVERY = 5  # sweeps between choosing options anew


@dataclass(slots=True)
class Search:
    """What the search for a plan holds: the problem, the clock, the best plan and bound.

    Attributes
    ----------
    situation, options
        The input.
    problem, rows, facts
        Arrays of the problem; facts of the verifier.
    started
        `time.perf_counter()` at the start.
    pooled
        Do truck classes share their loads (see `make_movements`)?
    auction
        The state of the search, for the explanation.
    best, verdict
        Best verified plan so far and what the verifier says of it.
    bound
        Best bound so far.
    fairness
        Figures of fairness for the run record.
    progress
        Rows (seconds, value, bound).
    """

    situation: Situation
    options: PlanOptions
    problem: SupplyProblem
    rows: Rows
    facts: Facts
    ledger: Ledger
    started: float
    pooled: bool
    auction: Auction | None = None
    best: Plan | None = None
    verdict: Verdict | None = None
    bound: Bound | None = None
    fairness: dict[str, float] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    progress: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def gap(self) -> float:
        """Relative gap of the best plan (infinite before there is one)."""
        if self.verdict is None or self.bound is None:
            return float("inf")
        value = self.verdict.value
        return 0.0 if value <= 0 else max(0.0, (value - self.bound.value) / value)

    def stop_word(self) -> str | None:
        """Return why to stop now, None to go on."""
        if self.options.cancelled:
            return "cancelled"
        if self.seconds >= self.options.time_limit_s:
            return "time limit"
        if self.gap <= self.options.gap:
            return "gap reached"
        return None

    def raise_bound(self, bound: Bound) -> None:
        """Keep a bound where it is better."""
        if self.bound is None or bound.value > self.bound.value:
            self.bound = bound

    def offer(self, auction: Auction, prices: Floats) -> None:
        """Make a plan of the auction's state, verify it, keep it where it is better."""
        flows = repair(auction, prices, whole_days=self.options.whole_truck_days)
        tables = plan_tables(self.problem, self.rows, flows)
        tables |= coverage_tables(self.problem, tables["uses"], self.situation["items"])
        plan = Plan.of(self._record(value=0.0, method="", stopped=""), tables)
        verdict = check_plan(self.situation, plan, facts=self.facts)
        if not verdict.feasible:
            self.rejected = [v.text for v in verdict.violations[:5]]
        elif self.verdict is None or verdict.value < self.verdict.value:
            self.best, self.verdict = plan, verdict
        self.tell("improving")

    def tell(self, step: str) -> None:
        """Report progress."""
        value = None if self.verdict is None else self.verdict.value
        bound = None if self.bound is None else self.bound.value
        self.progress.append((round(self.seconds, 3), value, bound))
        if self.options.progress is not None:
            worst = None if self.verdict is None else self.verdict.minimum_coverage
            self.options.progress(Progress(self.seconds, value, bound, worst, step))

    def _record(self, *, value: float, method: str, stopped: str) -> RunRecord:
        settings, options = self.situation.settings, self.options
        shown = options.as_record() | {"pooled": self.pooled}
        if not options.fairness:
            shown["fairness_marginals"] = [0.0] * 5
        return RunRecord(
            situation_digest=self.situation.digest(),
            situation_name=settings.name,
            start_date=settings.start_date.isoformat(),
            days=settings.days,
            version=version("aidline"),
            options=shown,
            seed=options.seed,
            method=method,
            stopped=stopped,
            value=value,
            bound=None if self.bound is None else self.bound.value,
            bound_scope=f"all plans that serve areas from {self.problem.scope}",
            timings_s={k: round(v, 3) for k, v in self.timings.items()},
            progress=tuple(self.progress),
            notice=settings.notice,
            **self.fairness,
        )

    def finish(self, method: str, stopped: str) -> Plan:
        """Return the best plan with everything a reader needs."""
        if self.best is None or self.verdict is None or self.bound is None:
            why = "; ".join(self.rejected) or "no time for a first plan"
            raise PlanError(f"no plan passed the verifier: {why}")
        prices = self.bound.prices
        tables = dict(self.best.tables)
        tables["usage"] = usage_table(self.problem, self.rows, tables, prices)
        tables["stocks"] = stock_table(self.situation, tables)
        if self.options.explain and self.auction is not None:
            tables |= explained(
                self.auction, prices, tables, self.situation,
                solve_again=method == "exact" and not self.options.cancelled,
                deadline=time.perf_counter() + EXPLAIN_SECONDS, seed=self.options.seed,
            )  # fmt: skip
        tables["defaults_used"] = self.ledger.table()
        used = np.flatnonzero(prices > 0)
        tables["prices"] = pl.DataFrame({"row": used, "price": prices[used]})
        self.timings["total"] = self.seconds
        return Plan.of(
            self._record(value=self.verdict.value, method=method, stopped=stopped), tables
        )


def make_plan(situation: Situation, options: PlanOptions | None = None) -> Plan:
    """Plan a situation.

    Parameters
    ----------
    situation
        What is known; `aidline.situation.check` says whether it is sound.
    options
        See `PlanOptions`.

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
    if options.days is not None:
        situation = situation.with_settings(days=options.days)
    search = start_search(situation, options)
    method = method_for(search.problem, options)
    run: Callable[[Search], str] = _exact if method == "exact" else _auction
    stopped = run(search)
    if options.price_of_fairness and options.fairness and not search.fairness:
        free = dataclasses.replace(options, fairness=False, price_of_fairness=False, explain=False)
        plan = search.finish(method, stopped)
        search.fairness = price_between(situation, plan, make_plan(situation, free))
    return search.finish(method, stopped)


def method_for(problem: SupplyProblem, options: PlanOptions) -> str:
    """Return "exact" or "auction"."""
    if options.method != "auto":
        return options.method
    return "exact" if len(problem.demand.need) <= EXACT_CELLS else "auction"


def start_search(situation: Situation, options: PlanOptions) -> Search:
    """Build the problem and the facts of the verifier."""
    started = time.perf_counter()
    ledger = Ledger()
    situation = completed(situation, ledger)
    small = situation["needs"].height * situation.settings.days <= 20 * EXACT_CELLS
    pool = options.method == "auction" or (options.method == "auto" and not small)
    problem = build_problem(situation, ledger, pool=pool)
    if not options.fairness:
        problem = problem.without_fairness()
    search = Search(
        situation, options, problem, make_rows(problem), Facts.of(situation), ledger, started, pool
    )
    search.timings["problem"] = search.seconds
    return search


def _auction(search: Search) -> str:
    """Sweep, look, improve; then hold whole trips for the first days and let the rest adapt."""
    auction = search.auction = Auction(search.problem, search.rows)
    share = 1.0 if search.options.whole_truck_days == 0 else 0.6
    last = -np.inf
    while True:
        _round(auction)
        if auction.sweeps not in LOOKS and auction.sweeps % 40 and not search.stop_word():
            continue
        search.raise_bound(auction.bound())
        search.offer(auction, auction.mean)
        word = search.stop_word()
        if word:
            return word
        found = search.bound.value if search.bound else -np.inf
        settled = found - last <= 2e-4 * abs(found) and auction.sweeps >= LOOKS[2]
        if share < 1.0 and (settled or search.seconds > share * search.options.time_limit_s):
            return _hold_whole_trips(search, auction)
        last = found


def _settle(search: Search, auction: Auction) -> None:
    """Sweep until the bound hardly moves: good prices and columns for the exact solver."""
    last = -np.inf
    for _ in range(WARM_SWEEPS // 40):
        for _ in range(40):
            _round(auction)
        search.raise_bound(auction.bound())
        found = search.bound.value if search.bound else -np.inf
        # A first run compiles its kernels for half a minute; a few sweeps more cost far less.
        late = search.seconds > 0.8 * search.options.time_limit_s
        if found - last <= 1e-3 * abs(found) or late or search.options.cancelled:
            return
        last = found


def _round(auction: Auction) -> None:
    if auction.sweeps and auction.sweeps % CHOOSE_EVERY == 0:
        auction.choose()
    auction.sweep()


def _hold_whole_trips(search: Search, auction: Auction) -> str:
    """Fix whole trips for the first days, then sweep on until gap, time or user say stop."""
    days = search.options.whole_truck_days
    trips = auction.trips.amount[1::2]
    whole = make_whole(search.problem, auction.net, trips, auction.mean, days)
    auction.fix_trips(whole, early_trips(auction.net, days))
    for n in range(1, 121):
        _round(auction)
        word = search.stop_word()
        if n in HELD_LOOKS or word:
            search.offer(auction, auction.mean)
            word = search.stop_word()
            if word:
                return word
    return "settled"


def _exact(search: Search) -> str:
    """Find the optimum by column generation, then whole trucks for the first days."""
    auction = search.auction = Auction(search.problem, search.rows)
    _settle(search, auction)
    search.offer(auction, auction.mean)

    def watch(bound: Bound) -> bool:
        search.raise_bound(bound)
        search.tell("exact optimum")
        return search.options.cancelled

    options = search.options
    deadline = search.started + options.time_limit_s
    until = deadline - 0.5 * (deadline - time.perf_counter())
    best = solve_exactly(auction, gap=EXACT_GAP, deadline=until, seed=options.seed, watch=watch)
    price_of_fairness(search, auction, best.value)
    auction = search.auction = with_levels(search, auction, watch)
    if options.whole_truck_days > 0 and not search.stop_word():
        prices = auction.prices.copy()
        solve_whole(auction, options.whole_truck_days, deadline=deadline, seed=options.seed)
        offer_anew(search, auction)
        auction.prices = prices
        # What one more unit gives is worked out without the whole trips that were just chosen.
        auction.fix_trips(auction.trips.amount[1::2], np.zeros_like(auction.fixed))
    else:
        offer_anew(search, auction)
    state_floors(search, auction)
    return search.stop_word() or ("optimal" if search.gap <= 10 * EXACT_GAP else "settled")
