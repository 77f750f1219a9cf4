"""What the search for a plan holds, and how a state of it becomes a verified plan."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.errors import PlanError
from aidline.plan.check import Facts, Verdict, check_plan
from aidline.plan.plan import Plan, RunRecord
from aidline.planning.auction.engine import Auction
from aidline.planning.carried_over import CarriedOver, carried_over
from aidline.planning.compiling import compiling_s
from aidline.planning.explain import explained
from aidline.planning.options import PlanOptions, Progress
from aidline.planning.repair import repair
from aidline.planning.warm import prices_after, row_families, told
from aidline.situation.defaults import Ledger
from aidline.situation.standards import completed
from aidline.supply.build import build_problem
from aidline.supply.coverage import coverage_tables
from aidline.supply.read_back import plan_tables
from aidline.supply.rows import Rows, make_rows
from aidline.supply.usage import stock_table, usage_table

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from aidline.planning.bounds import Bound
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, SupplyProblem

EXPLAIN_SECONDS = 20.0  # for solving again what one more unit gives
SOME_NEEDS = 50_000  # up to so many rows × days of need truck classes keep loads of their own
SOME_CELLS = 2_500  # up to so many cells of need two ways of repair are compared
NEAR = 0.02  # two plans are compared by whom they leave out where their values are so near
LAST_STEPS = 1.3  # of the time that a look took the last time is kept for the last one


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
    compiled_s
        Seconds of compiling before the start.
    look_s
        Seconds that making and verifying a plan took the last time.
    worker, pending
        Makes plans beside the sweeps; the one under way.
    pooled
        Do truck classes share their loads (see `make_movements`)?
    families
        What the rows stand for (see `row_families`).
    first_prices, first_amounts, after
        Prices and amounts of an earlier plan to start from, and in words what was taken from it.
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
    families: dict[str, tuple[int, int, str]]
    first_prices: Floats | None = None
    first_amounts: CarriedOver | None = None
    after: str = ""
    look_s: float = 0.0
    compiled_s: float = field(default_factory=compiling_s)
    worker: Executor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    pending: Future[tuple[Plan, Verdict, float]] | None = None
    auction: Auction | None = None
    best: Plan | None = None
    verdict: Verdict | None = None
    bound: Bound | None = None
    fairness: dict[str, Any] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    progress: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds since the start, without those of compiling kernels on a first run."""
        return time.perf_counter() - self.started - (compiling_s() - self.compiled_s)

    @property
    def deadline(self) -> float:
        """The `time.perf_counter()` at which the time limit is over, as things stand."""
        return time.perf_counter() + self.options.time_limit_s - self.seconds

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

    def must_stop(self) -> str | None:
        """Return why to make the last plan now, None to go on; that takes time too."""
        if self.seconds + LAST_STEPS * self.look_s >= self.options.time_limit_s:
            return "time limit"
        return self.stop_word()

    def gap_of(self, value: float) -> float:
        """Return the gap that a plan of this value would have."""
        bound = -np.inf if self.bound is None else self.bound.value
        return float((value - bound) / max(abs(value), 1e-300))

    def start_auction(self) -> Auction:
        """Return the auction at its start: cold, or where an earlier plan left off."""
        auction = self.auction = Auction(self.problem, self.rows, self.first_prices)
        if self.first_amounts is not None:
            start = self.first_amounts
            auction.take_over(start.needs, start.lots, start.trips)
        return auction

    def look(self, auction: Auction) -> None:
        """Start making a plan of the auction's present state; `see` brings it in.

        It is made beside the sweeps, on a processor of its own. What it found counts only from
        `see` on, so that every run takes the same decisions.
        """
        self.see()
        self.pending = self.worker.submit(self._timed, auction.snapshot())

    def see(self) -> None:
        """Wait for the plan under way, if there is one, and keep it where it is better."""
        if self.pending is not None:
            plan, verdict, self.look_s = self.pending.result()
            self.pending = None
            self._keep(plan, verdict)

    def _timed(self, auction: Auction) -> tuple[Plan, Verdict, float]:
        before, compiled_s = time.perf_counter(), compiling_s()
        plan, verdict = self._planned(auction, auction.mean)
        # A first look compiles; to take that for its usual length would end the search at once.
        compiled_s = compiling_s() - compiled_s
        return plan, verdict, max(0.0, time.perf_counter() - before - compiled_s)

    def raise_bound(self, bound: Bound) -> None:
        """Keep a bound where it is better."""
        if self.bound is None or bound.value > self.bound.value:
            self.bound = bound

    def offer(self, auction: Auction, prices: Floats) -> None:
        """Make a plan of the auction's state, verify it, keep it where it is better."""
        self._keep(*self._planned(auction, prices))

    def _planned(self, auction: Auction, prices: Floats) -> tuple[Plan, Verdict]:
        """Return a plan of the state; at small size, of two ways of repair the better one."""
        with_slivers = self._made(auction, prices, slivers=True)
        if len(self.problem.demand.need) > SOME_CELLS:
            return with_slivers
        without = self._made(auction, prices, slivers=False)
        return without if self._better(without[1], with_slivers[1]) else with_slivers

    def _made(self, auction: Auction, prices: Floats, *, slivers: bool) -> tuple[Plan, Verdict]:
        days = self.options.whole_truck_days
        flows = repair(auction, prices, whole_days=days, slivers=slivers)
        tables = plan_tables(self.problem, self.rows, flows)
        tables |= coverage_tables(self.problem, tables["uses"], self.situation["items"])
        plan = Plan.of(self._record(value=0.0, method="", stopped=""), tables)
        return plan, check_plan(self.situation, plan, facts=self.facts)

    def _better(self, new: Verdict, old: Verdict) -> bool:
        """Tell whether one plan is better than another.

        Within the accuracy that is asked for, the one that leaves fewer without anything.
        """
        if new.feasible != old.feasible:
            return new.feasible
        near = abs(new.value - old.value) <= min(self.options.gap, NEAR) * abs(old.value)
        left_out = [_left_out(v) for v in (new, old)] if near else [0, 0]
        return (left_out[0], new.value) < (left_out[1], old.value)

    def _keep(self, plan: Plan, verdict: Verdict) -> None:
        if not verdict.feasible:
            self.rejected = [v.text for v in verdict.violations[:5]]
        elif self.verdict is None or self._better(verdict, self.verdict):
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
        if self.after:
            shown["after"] = self.after
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
            row_families=self.families,
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


def _left_out(verdict: Verdict) -> int:
    """Count areas and need groups that get nothing although others get some of it."""
    groups = verdict.groups.filter("reachable", pl.col("person_days") > 0)
    others = pl.col("share").max().over("need_group")
    return groups.filter((pl.col("share") <= 0) & (others > 0)).height


def start_search(
    situation: Situation,
    options: PlanOptions,
    after: Plan | None = None,
    counted: frozenset[str] = frozenset(),
) -> Search:
    """Build the problem and the facts of the verifier; take over the prices of `after`.

    The coverage of areas in `counted` counts in fairness even where they are cut off.
    """
    started, compiled_s = time.perf_counter(), compiling_s()
    ledger = Ledger()
    situation = completed(situation, ledger)
    small = situation["needs"].height * situation.settings.days <= SOME_NEEDS
    pool = options.method == "auction" or (options.method == "auto" and not small)
    problem = build_problem(situation, ledger, pool=pool, counted=counted)
    if not options.fairness:
        problem = problem.without_fairness()
    rows = make_rows(problem)
    families = row_families(problem, rows)
    facts = Facts.of(situation, counted)
    search = Search(
        situation, options, problem, rows, facts, ledger, started, pool, families,
        compiled_s=compiled_s,
    )  # fmt: skip
    if after is not None:
        search.first_prices = prices_after(after, families)
        search.after = told(after, search.first_prices, families)
        if search.first_prices is not None:
            search.first_amounts = carried_over(after, problem)
    search.timings["problem"] = search.seconds
    return search
