"""The search for a joint plan of roads and supply.

The usual rules of clearing are planned through first: they are the start, and the yardstick.
Then the prices of the best plan say what each day of a closed road costs, a local search looks
for a better list, and supply is planned anew on the roads that it opens; a list is taken only
where that plan, verified, is worth more. The same losses give a bound over all lists.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.clearance.orders import Dependence, dependence, need_order, traffic_order
from aidline.clearance.read_back import opening_table, task_table
from aidline.clearance.schedule import Schedule, Site, make_schedule
from aidline.network.network import damage_of, network_of
from aidline.network.openings import with_openings, without_forecasts
from aidline.plan.verify.clearing import could_be_reached
from aidline.planning.clearing.kernels_orders import better_order
from aidline.planning.clearing.losses import all_open, losses_at, make_wide, prices_for
from aidline.planning.clearing.proof import Proof
from aidline.situation.defaults import Ledger, with_defaults

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.network.network import Network
    from aidline.plan.plan import Plan
    from aidline.planning.clearing.losses import Losses
    from aidline.planning.options import PlanOptions, Progress
    from aidline.planning.search import Search
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Ints

    PlanSupply = Callable[..., tuple[Plan, Search]]

ROUNDS = 6  # of prices, list, plan
CHANGES = 250_000  # of the list that are tried per round, over the number of blockages
LEAST_CHANGES = 2_000
MANY_PAIRS = 150_000  # of areas and blocked segments: beyond, only the usual rules are tried
TRIAL_SHARE = 0.1  # of the time limit that the plan of one list may take
TRIAL_GAP = 0.01
IMPROVE_UNTIL, YARDSTICKS_UNTIL = 0.5, 0.6  # of the time limit
PRICES_BETWEEN = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class Trial:
    """A list of blockages with what supply makes of it.

    Attributes
    ----------
    name
        As in the table `baselines`.
    schedule
        None where nothing is cleared.
    openings
        Table `road_openings`.
    plan
        The supply plan on these roads, in fractions of trucks.
    mix
        Per area the share of a trip's cost that weight bears.
    """

    name: str
    schedule: Schedule | None
    openings: pl.DataFrame
    plan: Plan
    mix: Floats

    @property
    def value(self) -> float:
        """What it is worth (smaller is better)."""
        return self.plan.record.value


@dataclass(slots=True)
class Course:
    """What the search holds.

    Attributes
    ----------
    original, situation
        The input, and the same without the openings that its road log expects.
    network, site
        Its roads, the blockages and crews.
    options
        Of the search as a whole.
    plan_supply
        Plans supply on given roads: `(situation, options, after, counted)`; it returns the plan
        and where the search ended.
    counted
        Areas that count in fairness: those that could be reached with everything open.
    started
        `time.perf_counter()` at the start.
    trials
        What has been planned through, by name.
    proof
        Where the bound over all lists is worked out.
    bound, certificate
        Best proven bound over all lists, and the prices that prove it.
    """

    original: Situation
    situation: Situation
    network: Network
    site: Site
    options: PlanOptions
    plan_supply: PlanSupply
    ledger: Ledger
    counted: frozenset[str]
    started: float = field(default_factory=time.perf_counter)
    trials: dict[str, Trial] = field(default_factory=dict)
    proof: Proof | None = None
    bound: float = -np.inf
    certificate: Floats | None = None

    @property
    def best(self) -> Trial:
        """The best of what has been planned through; of equals the first."""
        return min(self.trials.values(), key=lambda trial: trial.value)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def changes(self) -> int:
        """How many changes of a list are tried per round."""
        return max(LEAST_CHANGES, CHANGES // self.site.works.count)

    def try_order(self, name: str, order: tuple[int, ...] | None) -> Trial:
        """Plan supply on the roads that a list opens, and keep it where it is the best so far."""
        schedule = None if order is None else make_schedule(self.site, order)
        openings = self.openings_of(schedule)
        after = self.best.plan if self.trials else None
        plan, mix = self.planned(name, with_openings(self.situation, openings), after)
        trial = Trial(name, schedule, openings, plan, mix)
        if name not in self.trials or trial.value < self.trials[name].value:
            self.trials[name] = trial
        return trial

    def planned(self, name: str, situation: Situation, after: Plan | None) -> tuple[Plan, Floats]:
        """Plan supply on given roads, in fractions of trucks; returns also its mix."""
        plan, search = self.plan_supply(situation, self.trial_options(name), after, self.counted)
        moves, mix = search.problem.moves, np.full(len(search.problem.area_ids), 0.5)
        if search.auction is not None:
            into = moves.end >= 0
            mix[moves.end[into]] = search.auction.mix()[into]
        return plan, mix

    def openings_of(self, schedule: Schedule | None) -> pl.DataFrame:
        """Return the table `road_openings` of a schedule."""
        if schedule is None:
            return all_open(())
        damage = damage_of(self.situation, self.network.roads)
        return opening_table(self.site, schedule, self.network.roads, damage)

    def trial_options(self, name: str) -> PlanOptions:
        """Return the options for planning one list through."""
        options = self.options
        started = self.seconds

        def tell(progress: Progress) -> None:
            step = f"roads, {name.replace('_', ' ')}: {progress.step}"
            bound = self.bound if np.isfinite(self.bound) else None
            seconds = started + progress.seconds
            if options.progress is not None:
                options.progress(
                    dataclasses.replace(progress, step=step, bound=bound, seconds=seconds)
                )

        return dataclasses.replace(
            options, whole_truck_days=0, explain=False, price_of_fairness=False, fair_levels=0,
            gap=max(options.gap, TRIAL_GAP), progress=options.progress and tell, clearing=False,
            time_limit_s=TRIAL_SHARE * options.time_limit_s,
        )  # fmt: skip

    def start_proof(self) -> Proof:
        """Lay out the problem of the bound."""
        pool = bool(self.best.plan.record.options["pooled"])
        self.proof = Proof.of(self.situation, self.site, self.counted, pool=pool)
        return self.proof

    def raise_bound(self) -> None:
        """Work out the bound over all schedules.

        Prices between those of the best plan and those of a plan with every segment open as
        early as any crew could have opened it prove the most.
        """
        if self.proof is None or self.options.cancelled:
            return
        ways = self.proof.ways
        plan, mix = self.planned("soonest", ways.opened(ways.earliest), self.best.plan)
        ends = [
            (prices_for(self.proof.wide, p), m)
            for p, m in ((self.best.plan, self.best.mix), (plan, mix))
        ]
        for share in PRICES_BETWEEN:
            prices, shares = ((1 - share) * a + share * b for a, b in zip(*ends, strict=True))
            bound = self.proof.bound(prices, shares, seed=self.options.seed)
            if bound.value > self.bound:
                self.bound, self.certificate = bound.value, bound.prices

    def late(self, share: float, more_s: float = 0.0) -> bool:
        """Tell whether that share of the time limit would be over, or the user asked to stop."""
        after_s = self.seconds + more_s
        return self.options.cancelled or after_s > share * self.options.time_limit_s


def start_course(
    situation: Situation, options: PlanOptions, plan_supply: PlanSupply
) -> Course | None:
    """Return the start of a search; None where there is nothing to open or nobody to do it."""
    if options.days is not None:
        situation = situation.with_settings(days=options.days)
    if situation["blockages"].is_empty() or situation["teams"].is_empty():
        return None
    network = network_of(situation)
    if network is None:
        return None
    ledger, original = Ledger(), situation
    situation = without_forecasts(situation)
    site = Site.of(situation, network, ledger)
    if not site.works.count or site.crews.disposal.all():
        return None
    return Course(
        original, situation, network, site, options, plan_supply, ledger,
        could_be_reached(situation),
    )  # fmt: skip


def search_orders(course: Course) -> Trial:
    """Plan a usual rule through, look for better lists, prove a bound; returns the best.

    The other usual rules come last: they are yardsticks, and hardly ever the best.
    """
    needs = dependence(course.situation, course.network, course.site)
    course.try_order("need_order", need_order(course.site, needs))
    if len(needs.people) * len(course.site.segment_ids) <= MANY_PAIRS:
        _improve(course, course.start_proof())
        course.raise_bound()
    if not course.options.cancelled:
        course.try_order("no_clearing", None)
    for name, order in (
        ("traffic_order", traffic_order(course.site, needs)),
        ("clear_first", _clear_first(course, needs)),
    ):
        if not course.late(YARDSTICKS_UNTIL):
            course.try_order(name, order)
    return course.best


def _improve(course: Course, proof: Proof) -> None:
    """Look for better lists in turns, by one view of the losses and by the other."""
    tried: set[tuple[int, ...]] = set()
    stuck, took_s = 0, 0.0
    for turn in range(ROUNDS):
        before = course.seconds
        if course.late(IMPROVE_UNTIL, took_s) or stuck == len(VIEWS):
            return
        order = _better_order(course, VIEWS[turn % len(VIEWS)](course, proof), turn)
        stuck = stuck + 1 if order in tried else 0
        if order not in tried:
            tried.add(order)
            course.try_order("joint", order)
        took_s = course.seconds - before


def _dearest(course: Course, proof: Proof) -> tuple[Losses, Ints]:
    """Return the losses of areas with everything else open early: the dearest segment counts.

    It sees what is worth opening only together, one behind the other.
    """
    best = course.best
    found = losses_at(proof.wide, prices_for(proof.wide, best.plan), best.mix)
    return found, found.area


def _one_by_one(course: Course, proof: Proof) -> tuple[Losses, Ints]:
    """Return the losses with everything else as in the best schedule: each segment counts.

    It sees what another way in is worth now.
    """
    found = losses_around(course, course.best, proof)
    more = dataclasses.replace(found, cost=found.cost - found.base[:, None])
    return more, np.arange(len(found.area))


VIEWS = (_dearest, _one_by_one)


def losses_around(course: Course, trial: Trial, proof: Proof) -> Losses:
    """Return the losses at the prices of a trial, with everything else opened as it does."""
    days = course.situation.settings.days
    none = np.full(len(course.site.segment_ids), days)
    opens = none if trial.schedule is None else trial.schedule.lane_day(days)
    near, _ = make_wide(proof.ways, opens, proof.legs)
    return losses_at(near, prices_for(near, trial.plan), trial.mix)


def _better_order(course: Course, view: tuple[Losses, Ints], turn: int) -> tuple[int, ...]:
    """Look for a better list at given losses."""
    found, group = view
    start = course.best.schedule
    first = start.order if start else range(course.site.works.count)
    order, _ = better_order(
        np.array(first, np.int64), course.changes, course.options.seed + turn, found.area,
        found.segment, found.cost, group, course.site.conditions,
    )  # fmt: skip
    return tuple(int(b) for b in order)


def _clear_first(course: Course, needs: Dependence) -> tuple[int, ...]:
    """Return the list that connects people soonest, whatever supply could then bring them."""
    days = course.situation.settings.days
    area, segment = np.nonzero(needs.on_way & needs.cut_off[:, None])
    cost = needs.people[area][:, None] * np.arange(days + 1.0)
    start = need_order(course.site, needs)
    order, _ = better_order(
        np.array(start, np.int64), course.changes, course.options.seed, area, segment, cost, area,
        course.site.conditions,
    )  # fmt: skip
    return tuple(int(b) for b in order)


def finished(course: Course, chosen: Trial, plan: Plan) -> Plan:
    """Return a supply plan with the clearing that it rests on, and the bound over all lists."""
    tables = {"road_openings": chosen.openings, "baselines": baseline_table(course, chosen)}
    if chosen.schedule is not None:
        tables["tasks"] = task_table(course.site, chosen.schedule, course.ledger)
    proven = course.proof is not None and course.certificate is not None
    record = dataclasses.replace(
        plan.record,
        situation_digest=course.original.digest(),
        options={**plan.record.options, "clearing": True},
        bound=course.bound if proven else None,
        bound_scope=f"{plan.record.bound_scope}, and all orders of opening roads",
    )
    prices = np.zeros(0)
    if course.proof is not None and course.certificate is not None:
        prices = course.certificate
        record = dataclasses.replace(record, row_families=course.proof.wide.families)
    used = np.flatnonzero(prices > 0)
    tables["prices"] = pl.DataFrame({"row": used, "price": prices[used]})
    return plan.replace(
        record=record, defaults_used=with_defaults(plan["defaults_used"], course.ledger), **tables
    )


def baseline_table(course: Course, chosen: Trial) -> pl.DataFrame:
    """Return the table `baselines`: each way of clearing against the chosen one."""
    rows = []
    for name in ("no_clearing", "traffic_order", "need_order", "clear_first", "joint"):
        trial = course.trials.get(name)
        if trial is None:
            continue
        fair = trial.plan["fairness"]
        worst = fair.filter("reachable")["share"].min()
        cut_off = fair.filter(~pl.col("reachable"))["area_id"].n_unique()
        gap = trial.plan.record.gap
        rows.append(
            (name, trial.value, gap, worst, cut_off, trial is chosen, _against(trial, chosen))
        )
    schema = {
        "name": pl.String, "value": pl.Float64, "gap": pl.Float64, "minimum_coverage": pl.Float64,
        "unreachable_areas": pl.Int64, "chosen": pl.Boolean, "text": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _against(trial: Trial, chosen: Trial) -> str:
    """Say how a way of clearing compares with the chosen one."""
    if trial is chosen:
        return "the plan"
    difference = (trial.value - chosen.value) / max(abs(chosen.value), 1e-300)
    margin = max(trial.plan.record.gap or 0.0, chosen.plan.record.gap or 0.0)
    if abs(difference) <= margin:
        return "not distinguishable from the plan"
    return f"{difference:.1%} more unmet need than the plan"
