"""The independent verifier: it says whether a plan is feasible and what it is worth.

It shares no code with the solver. From the situation and the tables of the plan alone it checks
every rule (`aidline.plan.verify`), and works out the value (`aidline.plan.value`) and the
coverage (`aidline.plan.metrics`). What it says is what is published.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.network.openings import without_forecasts
from aidline.plan import metrics, value
from aidline.plan.opened import opened
from aidline.plan.served import Served
from aidline.plan.verify import agree, area, gates, lanes, stock, totals, trucks
from aidline.plan.verify.book import Book
from aidline.plan.verify.care import checked_care
from aidline.plan.verify.clearing import checked_clearing, could_be_reached
from aidline.plan.verify.facts import Facts
from aidline.plan.verify.form import clearing_rows, well_formed
from aidline.plan.verify.violations import Violation
from aidline.plan.verify.worksites import checked_worksites

if TYPE_CHECKING:
    from collections.abc import Callable

    from aidline.plan.plan import Plan, RunRecord
    from aidline.situation.situation import Situation

__all__ = ["RULES", "Facts", "Verdict", "Violation", "check_plan"]

CARE = ("care", "waiting", "facility_days", "field_sites")
RULES: tuple[Callable[[Book], list[Violation]], ...] = (
    trucks.s1_ways,
    trucks.s1_times,
    trucks.s1_hours,
    trucks.s2_loads,
    lanes.s3_places,
    lanes.s3_direct,
    lanes.s3_hubs,
    trucks.s4_convoys,
    stock.s5_stock,
    stock.s5_lots,
    gates.s6_places,
    gates.s6_goods,
    gates.s6_slots,
    gates.s6_arrival,
    area.s7_relations,
    area.s7_uses,
    area.s8_needs,
    trucks.s10_whole,
    trucks.c_trips,
    totals.c_stocks,
    totals.c_usage,
)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the verifier says of a plan.

    Attributes
    ----------
    feasible
        True when no rule is broken.
    days
        Days that were judged: those of the plan where it is for the first days only.
    violations
        Every broken rule.
    value
        The main objective, smaller is better: the sum of the five parts that follow.
    need_daily, need_once, fairness, hours, promises
        Parts of the value, in weighted person-days.
    person_days_need, person_days_unmet
        Person-days in need, and those not met, without any weight.
    minimum_coverage
        Least share of person-days met of any need group in any area that can be reached; 0 where
        no area with need can be reached, 1 where nobody needs anything.
    unreachable_areas
        Areas with need that cannot be reached: they stand beside the minimum, not in it.
    coverage_p10
        Share of all needs of an area at or below which the worst-covered tenth of the people
        live, areas that cannot be reached included.
    gini
        Lorenz Gini of the areas' shares weighted by people; 0 = even.
    people_never_reached
        People in areas where no need is met on any day.
    longest_gap_days, longest_gap_area
        Longest run of days on which nothing arrives in an area with need, and which area.
    promises_broken
        Number of promises that are not kept in time.
    price_of_fairness
        Weighted person-days of need that are left unmet for the sake of fairness, where the run
        record knows the best without it.
    price_share, price_margin
        The same as a share of what would be met without fairness, (SYSTEM − FAIR) / SYSTEM of
        Bertsimas, Farias and Trichakis (2011), and how much of that share the gaps explain. A
        price below the margin is not distinguishable from none.
    bound, gap
        Proven lower bound that was given, and (value − bound) / |value|; None without a bound.
        A gap below 0 says that plan or bound is wrong.
    areas
        Coverage by area: area_id, people, person_days, unmet, share, reachable, gap_days.
    groups
        Coverage by area and need group: area_id, need_group, priority, person_days, unmet,
        share, reachable.
    """

    feasible: bool
    days: int
    violations: tuple[Violation, ...]
    value: float
    need_daily: float
    need_once: float
    fairness: float
    hours: float
    promises: float
    person_days_need: float
    person_days_unmet: float
    minimum_coverage: float
    unreachable_areas: int
    coverage_p10: float
    gini: float
    people_never_reached: float
    longest_gap_days: int
    longest_gap_area: str | None
    promises_broken: int
    price_of_fairness: float | None
    price_share: float | None
    price_margin: float | None
    bound: float | None
    gap: float | None
    areas: pl.DataFrame = field(repr=False)
    groups: pl.DataFrame = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the tables, ready for JSON."""
        shown = [f.name for f in dataclasses.fields(self) if f.name not in ("areas", "groups")]
        plain = {name: getattr(self, name) for name in shown}
        plain["violations"] = [dataclasses.asdict(v) for v in self.violations]
        return plain


def check_plan(
    situation: Situation,
    plan: Plan,
    *,
    tolerance: float = 1e-6,
    bound: float | None = None,
    facts: Facts | None = None,
) -> Verdict:
    """Verify a plan against a situation.

    Parameters
    ----------
    situation
        What is known, without the openings of the plan: the rules for trucks see them as well.
    plan
        What to do. Nothing in it is trusted: malformed rows are violations, never errors. A plan
        for the first days of a situation is judged for these days.
    tolerance
        Share of a limit by which rounding may pass it; a tiny absolute amount is added.
    bound
        Proven lower bound on the value of any plan; where it is None, the run record's counts.
    facts
        `Facts.of(situation)` where several plans of one situation are checked; it saves the
        driving times. Facts of other days or other roads are not used.

    Returns
    -------
    Verdict
        Feasible or not, every violation, the value and the coverage.
    """
    if 1 <= plan.record.days < situation.settings.days:
        situation = situation.with_settings(days=plan.record.days)
    counted: frozenset[str] = frozenset()
    if plan.record.options.get("clearing"):
        situation = without_forecasts(situation)
        counted = could_be_reached(situation)
    cleared = checked_clearing(situation, plan, tolerance)
    situation = opened(situation, plan)
    if facts is None or not facts.fit(situation):
        facts = Facts.of(situation, counted)
    tables, found = well_formed(facts, plan)
    found += cleared
    work = dataclasses.replace(plan, tables={**plan.tables, **clearing_rows(situation, plan)[0]})
    found += checked_worksites(situation, work)
    if any(plan[name].height for name in CARE):
        found += checked_care(situation, plan)
    book = Book(facts, tables, plan.record.options, tolerance)
    for rule in RULES:
        found += rule(book)
    served = Served.of(facts.needs, tables["uses"])
    found += agree.c_coverage(book, served) + agree.c_fairness(book, served)
    parts = _value(book, served)
    bound = plan.record.bound if bound is None else bound
    total = sum(parts.values())
    return Verdict(
        feasible=not found,
        days=facts.days,
        violations=tuple(found),
        value=total,
        **parts,
        **_coverage(book, served),
        promises_broken=_shortfalls(book).filter(pl.col("short") > 0).height,
        **_price(plan.record, served, parts),
        bound=bound,
        gap=_gap(total, bound),
    )


def _price(record: RunRecord, served: Served, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the price of fairness, alone, as a share of what is met without it, and its margin."""
    free, fair = record.value_without_fairness, record.value_with_fairness
    if free is None:
        return {"price_of_fairness": None, "price_share": None, "price_margin": None}
    needs, once = served.needs, served.needs.once
    phi, worth, none = value.prices_of({}).need, needs.unit_value, np.zeros_like(needs.need)
    whole = value.daily_cost(needs.need[~once], none[~once], worth[~once], phi)
    whole += value.once_cost(needs.need[once], none[once], worth[once], phi)
    price = (parts["need_daily"] + parts["need_once"] if fair is None else fair) - free
    met, margin = whole - free, record.fairness_margin
    return {
        "price_of_fairness": price,
        "price_share": price / met if met > 0 else None,
        "price_margin": margin / met if met > 0 and margin is not None else None,
    }


def _gap(total: float, bound: float | None) -> float | None:
    if bound is None:
        return None
    difference = total - bound
    if abs(difference) <= 1e-9 * max(abs(total), abs(bound)):
        return 0.0
    return difference / abs(total or bound)


def _value(book: Book, served: Served) -> dict[str, Any]:
    """Return the parts of the value."""
    prices = value.prices_of(book.options)
    needs, once = served.needs, served.needs.once
    worth = needs.unit_value
    groups = metrics.coverage_by_group(served, book.facts.counted).filter("reachable")
    short = _shortfalls(book)
    hours = book.trips.select(
        (pl.col("trips") * pl.coalesce("true_hours", "hours_per_trip")).sum()
    ).item()
    return {
        "need_daily": value.daily_cost(
            needs.need[~once], served.met[~once], worth[~once], prices.need
        ),
        "need_once": value.once_cost(needs.need[once], served.met[once], worth[once], prices.need),
        "fairness": value.group_cost(
            groups["unmet"].to_numpy(),
            groups["person_days"].to_numpy(),
            groups["priority"].to_numpy(),
            prices.fairness,
        ),
        "hours": prices.hour * float(hours),
        "promises": value.promise_cost(
            short["short"].to_numpy(), short["unit_value"].to_numpy(), prices.promise
        ),
    }


def _shortfalls(book: Book) -> pl.DataFrame:
    """Return each promise with `short`, the units that do not arrive in time, and unit_value.

    Several promises of one item to one area add up: what arrives is counted towards the one that
    is due first, and what came too late for one still counts towards the next. So up to each date
    as many units are missing as the largest lack so far. A promise of something that nobody needs
    by the tables has no unit value: it is counted as broken, but costs nothing.
    """
    key = ["area_id", "item_id"]
    facts = book.facts
    moving = facts.held.filter("moving").select(*key, "day", "quantity")
    came = pl.concat(
        [
            book.tables["deliveries"].select(*key, day="arrive_day", quantity="quantity"),
            moving,
        ]
    )
    arrived = (
        facts.promised.join(came, on=key, suffix="_came")
        .filter(pl.col("day_came") <= pl.col("day"))
        .group_by("commitment_id")
        .agg(arrived=pl.col("quantity_came").sum())
    )
    due = pl.col("quantity").cum_sum().over(key)
    lack = due - pl.col("arrived").fill_null(0.0)
    slack = book.tolerance * due + 1e-6
    missing = pl.when(lack > slack).then(lack).otherwise(0.0)
    return (
        facts.promised.join(arrived, on="commitment_id", how="left")
        .sort(*key, "day", "commitment_id")
        .with_columns(missing=missing)
        .with_columns(missing=pl.col("missing").cum_max().over(key))
        .with_columns(short=pl.col("missing") - pl.col("missing").shift(fill_value=0.0).over(key))
        .join(facts.needs.pairs.select(*key, "unit_value"), on=key, how="left")
        .with_columns(pl.col("unit_value").fill_null(0.0))
    )


def _coverage(book: Book, served: Served) -> dict[str, Any]:
    """Return coverage, its spread, and who is left out."""
    facts = book.facts
    groups = metrics.coverage_by_group(served, facts.reachable)
    arrivals = pl.concat(
        [
            book.tables["deliveries"]
            .filter(pl.col("quantity") > 0)
            .select("area_id", day="arrive_day"),
            facts.held.filter(pl.col("moving")).select("area_id", "day"),
        ]
    )
    gaps = metrics.longest_gaps(served, arrivals)
    areas = metrics.coverage_by_area(served, facts.reachable).join(gaps, on="area_id", how="left")
    needy = areas.filter(pl.col("person_days") > 0)
    shares, people = needy["share"].to_numpy(), needy["people"].to_numpy()
    never = needy.filter(pl.col("share") <= 0)["people"].sum()
    worst = needy.sort("gap_days", "area_id", descending=[True, False]).head(1)
    gap = worst["gap_days"].to_list()
    return {
        "person_days_need": float(served.person_days.sum()),
        "person_days_unmet": float(served.unmet.sum()),
        "minimum_coverage": metrics.minimum(groups),
        "unreachable_areas": needy.filter(~pl.col("reachable")).height,
        "coverage_p10": metrics.percentile(shares, people, 0.1),
        "gini": metrics.gini(shares, people),
        "people_never_reached": float(never),
        "longest_gap_days": gap[0] if gap else 0,
        "longest_gap_area": worst["area_id"].to_list()[0] if gap and gap[0] else None,
        "areas": areas.with_columns(pl.col("area_id").cast(pl.String)),
        "groups": groups.with_columns(pl.col("area_id").cast(pl.String)),
    }
