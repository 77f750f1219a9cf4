"""What one more unit of each limited thing gives: the board of bottlenecks.

Candidates come from the prices of the bound, which at the optimum say what a very small amount
more would give. The most promising ones are then solved again with whole units more and less,
because a price holds at one point only: a limit without a price may still be one that nobody
can do without.
"""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.plan.tables import PLAN_BY_NAME
from aidline.planning.resolve import Change, Resolver
from aidline.supply.rows import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aidline.planning.auction.engine import Auction
    from aidline.supply.problem import Floats, SupplyProblem
    from aidline.supply.rows import Rows

RESOLVED = 8  # candidates that are solved again
SHOWN = 60  # rows of the board
SIDE_BY_SIDE = 2  # questions that are answered at a time; each stands for itself
MORE_UNITS = (2, 4)  # up to where the gain of one unit is tried
HOLDS = 0.9  # the gain holds while a unit gives at least so much of what the first one gives
SMALL = 1e-7  # gains below this share of the objective, or of the largest price, are rounding


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something of which there could be more.

    Attributes
    ----------
    resource, at_id, of_id, first_day, last_day, unit
        As in the plan's table `bottlenecks`.
    change
        What one unit changes in the problem.
    """

    resource: str
    at_id: str
    of_id: str | None
    first_day: int
    last_day: int
    unit: str
    change: Change


def candidates(p: SupplyProblem, rows: Rows, prices: Floats) -> list[Candidate]:
    """Return all limits with a price, and all crossings, fleets and convoys, dearest first."""
    found = [*_slots(p, rows, prices), *_trucks(p, rows, prices)]
    found += [*_convoys(p, rows, prices), *_stock(p, rows, prices)]
    return sorted(found, key=lambda c: -c.change.price)


def _runs(days: Floats) -> list[tuple[int, int]]:
    """Return runs of days with a price; a single day without one does not end a run."""
    runs: list[tuple[int, int]] = []
    for day in np.flatnonzero(days > 1e-9 * max(1.0, float(days.max(initial=0.0)))).tolist():
        if runs and day - runs[-1][1] <= 2:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs or [(0, len(days) - 1)]


def _slots(p: SupplyProblem, rows: Rows, prices: Floats) -> Iterator[Candidate]:
    shape = (len(p.crossings.ids), p.days, 2)
    price = prices[rows.slots : rows.load].reshape(shape)
    limited = np.isfinite(p.crossings.slots) & (p.crossings.slots > 0)  # closed days stay closed
    for g, code in enumerate(p.crossings.ids):
        runs = _runs(np.where(limited[g], price[g].sum(axis=1), 0.0))
        for first, last in runs if limited[g].any() else ():
            days = first + np.flatnonzero(limited[g, first : last + 1])
            at = rows.slots + 2 * (g * p.days + days)
            change = Change(
                row=np.concatenate([at, at + 1]), capacity=np.ones(2 * len(days)),
                price=float(price[g, days].sum()),
            )  # fmt: skip
            unit = "one more truck slot on each of these days"
            yield Candidate("crossing_slots", code, None, first, last, unit, change)


def _trucks(p: SupplyProblem, rows: Rows, prices: Floats) -> Iterator[Candidate]:
    price = prices[rows.hours : rows.slots].reshape(len(p.fleet_class), p.days)
    for n, base in enumerate(p.fleet_base):
        days = np.flatnonzero(p.fleet_hours[n] > 0)
        if not len(days):
            continue
        more = np.full(len(days), p.fleet_shift_h[n])
        change = Change(
            row=rows.hours + n * p.days + days, capacity=more, price=float(more @ price[n, days])
        )
        cls = p.class_ids[p.fleet_class[n]]
        first, last = int(days[0]), int(days[-1])
        unit = "one more truck for all of these days"
        yield Candidate("trucks", base, cls, first, last, unit, change)


def _convoys(p: SupplyProblem, rows: Rows, prices: Floats) -> Iterator[Candidate]:
    price = prices[rows.convoy : rows.promise]
    limited = rows.capacity[rows.convoy : rows.promise] < UNLIMITED
    for area in np.unique(p.convoy_area[limited]).tolist():
        mine = np.flatnonzero(limited & (p.convoy_area == area))
        change = Change(
            row=rows.convoy + mine, capacity=np.ones(len(mine)), price=float(price[mine].sum())
        )
        first, last = int(p.convoy_day[mine].min()), int(p.convoy_day[mine].max())
        unit = "one more truck in each convoy"
        yield Candidate("convoy", p.area_ids[area], None, first, last, unit, change)


def _stock(p: SupplyProblem, rows: Rows, prices: Floats) -> Iterator[Candidate]:
    price = prices[: rows.hours].reshape(len(rows.pair_item), p.days).max(axis=1, initial=0.0)
    for pair in np.flatnonzero(price > 0).tolist():
        location, item = int(rows.pair_location[pair]), int(rows.pair_item[pair])
        units = 1.0 / float(p.goods.weight_t[item])
        change = Change(location=location, item=item, units=units, price=units * float(price[pair]))
        unit = f"one more tonne from the first day ({units:,.4g} units)"
        at, of = p.location_ids[location], p.goods.ids[item]
        yield Candidate("stock", at, of, 0, p.days - 1, unit, change)


def bottlenecks(
    found: list[Candidate],
    auction: Auction | None,
    *,
    usage: pl.DataFrame | None = None,
    most: int = RESOLVED,
    deadline: float = float("inf"),
    seed: int = 0,
) -> pl.DataFrame:
    """Return the plan's table `bottlenecks`.

    Parameters
    ----------
    found
        From `candidates`.
    auction
        With the columns of the solved problem, to solve again; None = prices only.
    usage
        Table `usage` of the plan: of limits without a price the most used are tried first.
    most
        How many to solve again.
    deadline
        `time.perf_counter()` at which to stop solving.
    seed
        Of the solver.

    Returns
    -------
    DataFrame
        Gains in weighted person-days per unit, of the linear relaxation. `resolved` false:
        from prices, which hold for small amounts only; `loss_down` is null where there is no
        whole unit to take away. What neither helps nor is missed is left out.
    """
    tried = _in_turn(found, usage)[:most]
    floor = SMALL * max((c.change.price for c in found), default=0.0)
    rows = {id(c): _by_price(c) for c in found if c.change.price > floor}
    if auction is not None:
        solver = Resolver(auction, [c.change for c in tried], deadline=deadline, seed=seed)
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
            solved = threads.map(lambda c: (id(c), _again(solver, c)), tried)
            again = {c: row for c, row in solved if row is not None}
            # After all the others: how far a gain holds matters less than the gain.
            helping = [c for c in tried if id(c) in again and again[id(c)]["gain_up"] > 0]
            holds = threads.map(lambda c: _valid_up(solver, c, again[id(c)]["gain_up"]), helping)
            for c, valid_up in zip(helping, holds, strict=True):
                again[id(c)]["valid_up"] = valid_up
        rows |= again
    telling = [r for r in rows.values() if r["gain_up"] or r["loss_down"]]
    ranked = sorted(telling, key=lambda r: -float(r["gain_up"]))
    return pl.DataFrame(ranked[:SHOWN], schema=PLAN_BY_NAME["bottlenecks"].schema, orient="row")


def _in_turn(found: list[Candidate], usage: pl.DataFrame | None) -> list[Candidate]:
    """Order candidates: each kind in turn, those with a price first, then the most used.

    Kinds take turns because their units cannot be compared: a tonne of tablets outweighs a
    truck, but a coordinator can more easily get the truck. Each item comes with its dearest
    place before any comes with another one.
    """
    busy: dict[tuple[str, str | None], float] = {}
    if usage is not None:
        share = (
            usage.filter(pl.col("limit") > 0)
            .group_by("at_id", "of_id")
            .agg((pl.col("used") / pl.col("limit")).max().alias("share"))
        )
        busy = {(at, of): s for at, of, s in share.iter_rows()}
    ranked = sorted(found, key=lambda c: (-c.change.price, -busy.get((c.at_id, c.of_id), 0.0)))
    turns: dict[tuple[str, str | None], int] = {}
    places: dict[tuple[str, str | None], int] = {}
    turn: dict[int, tuple[int, int]] = {}
    for c in ranked:
        goods = (c.resource, c.of_id if c.resource == "stock" else c.at_id)
        places[goods] = places.get(goods, -1) + 1
        nth = (c.resource, str(places[goods]))
        turns[nth] = turns.get(nth, -1) + 1
        turn[id(c)] = (places[goods], turns[nth])
    return sorted(ranked, key=lambda c: turn[id(c)])


def _row(c: Candidate) -> dict[str, Any]:
    row = {f.name: getattr(c, f.name) for f in dataclasses.fields(c)}
    del row["change"]
    return row


def _by_price(c: Candidate) -> dict[str, Any]:
    unknown = {"loss_down": None, "valid_up": None, "resolved": False}
    return {**_row(c), "gain_up": c.change.price, **unknown}


def _again(solver: Resolver, c: Candidate) -> dict[str, Any] | None:
    """Return the row of a candidate by solving again, None when there was no time."""
    up = solver.gain(c.change, 1.0)
    if up is None or solver.value is None:
        return None
    small = SMALL * abs(solver.value)
    up = up if up > small else 0.0
    down = solver.gain(c.change, -1.0)
    loss = None if down is None else -down if -down > small else 0.0
    return {
        **_row(c),
        "gain_up": up,
        "loss_down": loss,
        "valid_up": None,
        "resolved": True,
    }


def _valid_up(solver: Resolver, c: Candidate, up: float) -> float | None:
    """Return up to how many units each one gives about what the first one gives.

    None where there was no time to try.
    """
    holds: float | None = None
    for units in MORE_UNITS:
        gain = solver.gain(c.change, float(units))
        if gain is None:
            break
        if gain < HOLDS * up * units:
            return holds or 1.0
        holds = float(units)
    return holds


def with_gains(reasons: pl.DataFrame, found: list[Candidate], board: pl.DataFrame) -> pl.DataFrame:
    """Return `reasons` with the gain of one more unit of each limit, as the board gives it.

    Parameters
    ----------
    reasons
        From `aidline.planning.explain.explain`.
    found
        All candidates, for those that are not on the board.
    board
        From `bottlenecks`.
    """
    gains = {_key(_row(c)): c.change.price for c in found}
    gains |= {_key(row): row["gain_up"] for row in board.iter_rows(named=True)}
    spans: dict[tuple[Any, ...], list[tuple[int, int, float]]] = {}
    for (*what, first, last), gain in gains.items():
        spans.setdefault(tuple(what), []).append((first, last, gain))
    values = [_gain_of(row, spans) for row in reasons.iter_rows(named=True)]
    return reasons.with_columns(gain=pl.Series(values, dtype=pl.Float64))


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    resource = "truck_hours" if row["resource"] == "trucks" else row["resource"]
    return resource, row["at_id"], row["of_id"], row["first_day"], row["last_day"]


def _gain_of(
    row: Mapping[str, Any], spans: Mapping[tuple[Any, ...], list[tuple[int, int, float]]]
) -> float | None:
    """Return the largest gain of a limit in a run of days that meets those of the reason."""
    runs = spans.get((row["cause"], row["at_id"], row["of_id"]), [])
    met = [g for first, last, g in runs if first <= row["last_day"] and last >= row["first_day"]]
    return max(met, default=None)
