"""From a situation to the supply problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.access import TravelTimes, travel_times
from aidline.situation.needs import need_table
from aidline.supply.gates import make_crossings
from aidline.supply.goods import make_goods
from aidline.supply.lanes import Legs, choose_legs, make_movements, make_routes
from aidline.supply.lots import make_lots
from aidline.supply.needs import make_demand, promised
from aidline.supply.problem import SupplyProblem
from aidline.supply.trucks import make_trucks

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Ints, Routes
    from aidline.supply.trucks import Trucks

ALL_PAIRS = 2_000  # up to so many (place, area) pairs every pair is a candidate
# Two more places per area gave 4 % less unmet need at 500 areas × 14 days, and take longer.
SOME_AREA_DAYS = 20_000


def build_problem(
    situation: Situation, ledger: Ledger, *, pool: bool = False, nearest: int = 0,
    counted: frozenset[str] = frozenset(), legs: Legs | None = None,
) -> SupplyProblem:  # fmt: skip
    """Turn a situation into the arrays of the supply problem.

    Parameters
    ----------
    situation
        What is known; checked before.
    ledger
        Collects every default that is used.
    pool
        Let truck classes of one leg and day share their weight and volume (see
        `make_movements`); for national size.
    nearest
        Number of nearest places that may serve an area, where there are more than
        `ALL_PAIRS` pairs (otherwise all may); 0 = by the size of the problem.
    counted
        Areas whose coverage counts in fairness although no truck reaches them as things stand.
    legs
        Candidate legs to use instead of those that the roads give.

    Returns
    -------
    SupplyProblem
        Areas, places and classes in the order of their codes.
    """
    needs = need_table(situation, ledger)
    goods = make_goods(situation, needs)
    area_ids = tuple(sorted(set(needs["area_id"].to_list())))
    trucks = make_trucks(situation, ledger)
    starts, bases, gates = _loading_places(situation, trucks)
    own_ids = _areas_with_stock(situation, set(area_ids))
    location_ids = (*starts, *own_ids)
    times = travel_times(
        situation, (*starts, *gates), (*area_ids, *starts), trucks.class_ids, ledger
    )
    nearest = nearest or _how_many(len(area_ids) * situation.settings.days)
    if legs is None:
        legs = _legs(situation, times, _has_trucks(bases, trucks), len(area_ids), nearest)
    convoy_rows, convoy_area, convoy_day, convoy_trucks = _convoys(situation, area_ids)
    moves = make_movements(legs, bases, trucks, convoy_rows, pool=pool)
    area_of = {a: n for n, a in enumerate(area_ids)}
    own = [(area_of[a], len(starts) + n) for n, a in enumerate(own_ids)]
    routes = make_routes(moves, len(area_ids), own, situation.settings.days)
    reachable = _reachable(situation, area_of, routes)
    fair = reachable | np.array([a in counted for a in area_ids], dtype=bool)
    demand, fairness = make_demand(situation, needs, goods, area_ids, fair)
    crossings = make_crossings(situation, starts, times, goods, ledger)
    promise = promised(situation, area_ids, goods, needs)
    return SupplyProblem(
        days=situation.settings.days,
        area_ids=area_ids,
        location_ids=location_ids,
        class_ids=trucks.class_ids,
        payload_t=trucks.payload_t,
        volume_m3=trucks.volume_m3,
        fleet_base=trucks.base,
        fleet_class=trucks.fleet_class,
        fleet_hours=trucks.hours,
        fleet_shift_h=trucks.shift_h,
        convoy_area=convoy_area,
        convoy_day=convoy_day,
        convoy_trucks=convoy_trucks,
        goods=goods,
        demand=demand,
        fairness=fairness,
        reachable=reachable,
        moves=moves,
        routes=routes,
        lots=make_lots(situation, goods, location_ids, crossings),
        crossings=crossings,
        last_leave=_slowest(routes, len(location_ids)),
        promise_area=promise[0],
        promise_item=promise[1],
        promise_day=promise[2],
        promise_units=promise[3],
        promise_value=promise[4],
        needs=needs,
        scope=_scope(len(starts) * len(area_ids), nearest),
    )


def _how_many(area_days: int) -> int:
    """Return how many of the nearest places may serve an area: as many as there is time for."""
    return 6 if area_days <= SOME_AREA_DAYS else 4


def _scope(pairs: int, nearest: int) -> str:
    """Return which places may serve an area, in words."""
    return "all places" if pairs <= ALL_PAIRS else f"the {nearest} nearest places of each area"


def _bases(situation: Situation) -> dict[str, str]:
    """Place -> home of the trucks that load there, sorted by place."""
    places = situation["places"]
    base = places["fleet_base_id"].fill_null(places["place_id"])
    return dict(zip(places["place_id"].to_list(), base.to_list(), strict=True))


def _loading_places(situation: Situation, trucks: Trucks) -> tuple[list[str], list[str], list[str]]:
    """Return places where trucks load, the homes of their trucks, and crossings; sorted."""
    base_of = _bases(situation)
    gates = set(situation["crossings"]["place_id"].to_list())
    homes = {base for base, _ in trucks.pool_of}
    starts = [p for p in base_of if p not in gates and base_of[p] in homes]
    return starts, [base_of[s] for s in starts], sorted(gates & set(base_of))


def _areas_with_stock(situation: Situation, wanted: set[str]) -> list[str]:
    """Return which of the areas hold stock or have some on its way, sorted."""
    stock = situation["stock"]["area_id"].drop_nulls()
    moving = situation["commitments"].filter(pl.col("kind") == "moving")["area_id"]
    return sorted(wanted & (set(stock.to_list()) | set(moving.to_list())))


def _has_trucks(bases: list[str], trucks: Trucks) -> npt.NDArray[np.bool_]:
    """Return the truth values [start, class]: its base has such trucks."""
    classes = range(len(trucks.class_ids))
    known = [[(base, k) in trucks.pool_of for k in classes] for base in bases]
    return np.array(known, dtype=bool).reshape(len(bases), len(classes))


def _legs(
    situation: Situation,
    times: TravelTimes,
    usable: npt.NDArray[np.bool_],
    n_areas: int,
    nearest: int,
) -> Legs:
    """Choose candidate legs to areas and, from other places, to trans-shipment hubs.

    In `times.from_ids` the starts (rows of `usable`) come first; in `times.to_ids` the areas.
    """
    n = len(usable)
    starts = times.from_ids[:n]
    few = n * n_areas <= ALL_PAIRS
    of_starts = TravelTimes(
        times.from_ids[:n], times.to_ids, times.class_ids, times.state_of_day,
        times.hours[:, :, :n, :], times.km[:n],
    )  # fmt: skip
    count = n if few else nearest
    to_areas = choose_legs(
        of_starts, list(range(n)), list(range(n_areas)), list(range(n_areas)), usable,
        nearest=count,
    )  # fmt: skip
    hubs = [
        starts.index(h)
        for h in situation["places"].filter(pl.col("transship"))["place_id"].to_list()
        if h in starts
    ]
    to_hubs = choose_legs(
        of_starts, list(range(n)), [-1 - h for h in hubs], [n_areas + h for h in hubs],
        usable, nearest=min(count, 6),
    )  # fmt: skip
    there = to_hubs.start != -1 - to_hubs.end
    return Legs(
        np.concatenate([to_areas.start, to_hubs.start[there]]),
        np.concatenate([to_areas.end, to_hubs.end[there]]),
        np.concatenate([to_areas.hours, to_hubs.hours[there]]),
    )


def _convoys(
    situation: Situation, area_ids: tuple[str, ...]
) -> tuple[dict[int, dict[int, int]], Ints, Ints, Floats]:
    """Return convoy rows by area and day, and per row its area, day and most trucks."""
    rows: dict[int, dict[int, int]] = {}
    area: list[int] = []
    day: list[int] = []
    trucks: list[float] = []
    index = {a: n for n, a in enumerate(area_ids)}
    for row in situation["convoys"].iter_rows(named=True):
        if row["area_id"] not in index:
            continue
        a, t = index[row["area_id"]], situation.settings.day_of(row["date"])
        by_day = rows.setdefault(a, {})
        if row["max_trucks"] == 0:
            continue
        by_day[t] = len(area)
        area.append(a)
        day.append(t)
        trucks.append(np.inf if row["max_trucks"] is None else row["max_trucks"])
    return rows, np.array(area, np.int64), np.array(day, np.int64), np.array(trucks, float)


def _reachable(
    situation: Situation, area_of: dict[str, int], routes: Routes
) -> npt.NDArray[np.bool_]:
    """Return which areas some truck gets to, or that hold stock before the end."""
    area = np.repeat(np.arange(len(area_of)), np.diff(routes.ptr))
    there = np.zeros(len(area_of), dtype=bool)
    there[area[routes.first >= 0]] = True
    start, days = situation.settings.start_date, situation.settings.days
    day = (pl.col("available_from") - start).dt.total_days().fill_null(0)
    own = situation["stock"].filter(
        pl.col("place_id").is_null() & (pl.col("quantity") > 0) & (day < days)
    )
    there[[area_of[a] for a in own["area_id"].unique() if a in area_of]] = True
    return there


def _slowest(routes: Routes, n_locations: int) -> Ints:
    """Return the days between leaving a location and hand-over on its slowest route.

    A lot with an expiry leaves early enough for its slowest route, so that no route can hand
    it over too late.
    """
    slowest = np.zeros(n_locations, dtype=np.int64)
    np.maximum.at(slowest, routes.start, routes.arrive - routes.day)
    return slowest
