"""Why needs stay unmet: the limits behind each gap, in order, from the prices of the bound.

A limit's price is what one more unit of it is worth. For every unmet need the cheapest route
in time is taken at these prices, and its price is split: stock over goods and the slots of the
crossing that they must pass, loading space over the hours of the trucks and the places in
convoys. What remains without any route gets a cause of its own (no road, too late, no goods).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.plan.words import reason_text
from aidline.planning.bottlenecks import bottlenecks, candidates, with_gains
from aidline.planning.kernels_explain import Gaps, causes
from aidline.planning.kernels_split import Limits
from aidline.planning.unreachable import cut_days, unreachable_areas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.planning.auction.arrays import Net
    from aidline.planning.auction.engine import Auction
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, SupplyProblem
    from aidline.supply.rows import Rows

LEAST_SHARE = 0.15  # a limit with a smaller share of a gap is not named
MOST_CAUSES = 3
SMALL_GAP = 1e-6  # share of a need that counts as rounding
KEY = ["area_id", "item_id"]
CAUSE = ["cause", "at_id", "of_id", "first_day", "last_day"]
SCHEMA = {
    "area_id": pl.String, "item_id": pl.String, "rank": pl.Int64, "cause": pl.String,
    "at_id": pl.String, "of_id": pl.String, "first_day": pl.Int64, "last_day": pl.Int64,
    "unmet": pl.Float64,
}  # fmt: skip
NAMED = {
    "places": ("place_id", "name"),
    "areas": ("area_id", "name"),
    "items": ("item_id", "name"),
    "vehicle_classes": ("class_id", "name"),
    "road_segments": ("segment_id", "name"),
}


def explained(
    auction: Auction,
    prices: Floats,
    tables: Mapping[str, pl.DataFrame],
    situation: Situation,
    *,
    solve_again: bool,
    deadline: float = float("inf"),
    seed: int = 0,
) -> dict[str, pl.DataFrame]:
    """Return the plan's tables `unreachable`, `bottlenecks` and `reasons`.

    Parameters
    ----------
    auction
        Problem, rows and, to solve again, the columns of the solved problem; not changed.
    prices
        Of the coupling rows, as the best bound gives them.
    tables
        Tables of the plan: `coverage`, `deliveries` and `usage` are read.
    situation
        What the plan is for.
    solve_again
        Find gains by solving again (exact size); false = from prices.
    deadline
        `time.perf_counter()` at which to stop solving again.
    seed
        Of the solver.
    """
    p, rows = auction.problem, auction.rows
    found = candidates(p, rows, prices)
    board = bottlenecks(
        found, auction if solve_again else None, usage=tables["usage"], deadline=deadline, seed=seed
    )
    cut = unreachable_areas(p, situation)
    reasons = explain(p, rows, prices, {**tables, "unreachable": cut}, situation, net=auction.net)
    return {"unreachable": cut, "bottlenecks": board, "reasons": with_gains(reasons, found, board)}


def explain(
    p: SupplyProblem,
    rows: Rows,
    prices: Floats,
    tables: Mapping[str, pl.DataFrame],
    situation: Situation,
    *,
    net: Net,
) -> pl.DataFrame:
    """Return the plan's table `reasons`, without its gains.

    Parameters
    ----------
    p, rows, net
        The problem, and its arrays laid flat.
    prices
        Of the coupling rows, as the bound gives them: no trip earns more than it costs.
    tables
        Tables of the plan: `coverage`, `deliveries` and `unreachable` are read.
    situation
        For names.

    Returns
    -------
    DataFrame
        Up to three rows per area and item with unmet need, those with at least 15 % of its
        unmet person-days; the first cause of every gap is always named. A promise that is not
        kept in full adds a row (cause "promise", with the area as its place). `unmet` is that
        of the whole gap; `gain` is null (see `aidline.planning.bottlenecks.with_gains`).
    """
    z = np.maximum(prices, 0.0)
    gaps, limits = _gaps(p, tables["coverage"]), _limits(p, rows)
    row, limit, _, first, last, unmet = causes(
        net, z, limits, gaps, cut_days(p, tables["unreachable"]), _in_convoy(p), _driven(p),
        LEAST_SHARE, MOST_CAUSES,
    )  # fmt: skip
    rank = np.arange(len(row)) - np.searchsorted(row, row) + 1
    cause, at, of = _named(p, rows, limits, limit, gaps.item[row])
    area_ids = [p.area_ids[a] for a in gaps.area[row]]
    item_ids = [p.goods.ids[i] for i in gaps.item[row]]
    columns = [area_ids, item_ids, rank, cause, at, of, first, last, unmet]
    frame = pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)
    frame = pl.concat([frame, _broken_promises(p, tables["deliveries"], frame)])
    frame = _with_segments(frame, tables["unreachable"])
    return _in_words(frame, situation).with_columns(gain=pl.lit(None, pl.Float64))


def _broken_promises(
    p: SupplyProblem, deliveries: pl.DataFrame, reasons: pl.DataFrame
) -> pl.DataFrame:
    """Return a row for each promised quantity that does not all arrive by its day."""
    last = reasons.group_by(KEY).agg(pl.col("rank").max(), pl.col("unmet").max())
    known = {(area, item): (rank, unmet) for area, item, rank, unmet in last.iter_rows()}
    found = []
    for n in range(len(p.promise_area)):
        area, item = p.area_ids[p.promise_area[n]], p.goods.ids[p.promise_item[n]]
        day = int(p.promise_day[n])
        sent = deliveries.filter(
            (pl.col("area_id") == area)
            & (pl.col("item_id") == item)
            & (pl.col("arrive_day") <= day)
        )["quantity"].sum()
        if p.promise_units[n] - sent > SMALL_GAP * p.promise_units[n]:
            rank, unmet = known.get((area, item), (0, 0.0))
            known[area, item] = (rank + 1, unmet)
            found.append((area, item, rank + 1, "promise", area, None, day, day, unmet))
    return pl.DataFrame(found, schema=SCHEMA, orient="row")


def _gaps(p: SupplyProblem, coverage: pl.DataFrame) -> Gaps:
    """Turn the table `coverage` into arrays sorted by area, item and day."""
    d, shape = p.demand, (len(p.area_ids), len(p.goods.ids))
    value, person_days = np.zeros(shape), np.zeros(shape)
    fair, once = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=bool)
    np.maximum.at(value, (d.area, d.item), d.value)
    np.maximum.at(person_days, (d.area, d.item), d.person_days)
    fair[d.area, d.item] = d.fair_row
    once[d.area, d.item] = d.level >= 0
    area_ids, item_ids = (pl.Series(ids, dtype=pl.String) for ids in (p.area_ids, p.goods.ids))
    areas = pl.DataFrame({"area_id": area_ids, "area": np.arange(shape[0])})
    items = pl.DataFrame({"item_id": item_ids, "item": np.arange(shape[1])})
    known = coverage.join(areas, on="area_id").join(items, on="item_id").sort("area", "item", "day")
    area, item = known["area"].to_numpy(), known["item"].to_numpy()
    need, met = known["need"].to_numpy(), known["met"].to_numpy()
    per_unit = person_days[area, item]
    missing = np.where(need - met > SMALL_GAP * need, need - met, 0.0)
    return Gaps(
        area=area, item=item, day=known["day"].to_numpy(), unmet=missing * per_unit,
        met=met * per_unit, share=1.0 - known["share"].to_numpy(), value=value[area, item],
        person_days=per_unit, fair_row=fair[area, item], once=once[area, item],
    )  # fmt: skip


def _limits(p: SupplyProblem, rows: Rows) -> Limits:
    pools = len(p.crossings.ids)
    pairs = pools + len(p.fleet_class)
    convoys = pairs + len(rows.pair_item)
    expiry = convoys + len(p.area_ids)
    single = expiry + len(p.goods.ids)
    return Limits(pools, pairs, convoys, expiry, single, *range(single + 1, single + 6))


def _in_convoy(p: SupplyProblem) -> np.ndarray:
    found = np.zeros(len(p.area_ids), dtype=bool)
    found[p.convoy_area] = True
    return found


def _driven(p: SupplyProblem) -> np.ndarray:
    found = np.zeros(len(p.area_ids), dtype=bool)
    found[p.moves.end[p.moves.end >= 0]] = True
    return found


def _named(
    p: SupplyProblem, rows: Rows, lim: Limits, limit: np.ndarray, item: np.ndarray
) -> tuple[list[str], list[str | None], list[str | None]]:
    """Return cause, place and kind of numbered limits; `item` is the item of the gap."""
    goods = p.goods.ids
    known: dict[tuple[int, int], tuple[str, str | None, str | None]] = {}
    for n, i in {(int(n), int(i)) for n, i in zip(limit, item, strict=True)}:
        if n < lim.pools:
            known[n, i] = ("crossing_slots", p.crossings.ids[n], None)
        elif n < lim.pairs:
            pool = n - lim.pools
            known[n, i] = ("truck_hours", p.fleet_base[pool], p.class_ids[p.fleet_class[pool]])
        elif n < lim.convoys:
            pair = n - lim.pairs
            place = p.location_ids[rows.pair_location[pair]]
            known[n, i] = ("stock", place, goods[rows.pair_item[pair]])
        elif n < lim.expiry:
            known[n, i] = ("convoy", p.area_ids[n - lim.convoys], None)
        elif n < lim.absent:
            known[n, i] = ("expiry", None, goods[n - lim.expiry])
        elif n == lim.absent:
            known[n, i] = ("stock", None, goods[i])
        else:
            alone = ("too_late", "unreachable", "fairness", "promise")
            known[n, i] = (alone[n - lim.too_late], None, None)
    triples = [known[int(n), int(i)] for n, i in zip(limit, item, strict=True)]
    return [t[0] for t in triples], [t[1] for t in triples], [t[2] for t in triples]


def _with_segments(frame: pl.DataFrame, unreachable: pl.DataFrame) -> pl.DataFrame:
    """Say what cuts off the areas that are unreachable."""
    shut = unreachable.sort("from_day").group_by("area_id").agg(pl.col("segments").first())
    by_area = frame.join(shut, on="area_id", how="left", maintain_order="left")
    cut = (pl.col("cause") == "unreachable") & (pl.col("segments") != "")
    of = pl.when(cut).then(pl.col("segments")).otherwise(pl.col("of_id"))
    return by_area.with_columns(of_id=of).drop("segments")


def _in_words(frame: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """Add the column `text`."""
    names, start = names_of(situation), situation.settings.start_date
    kinds = frame.select(CAUSE).unique(maintain_order=True)
    texts = [reason_text(row, names, "en", start) for row in kinds.to_dicts()]
    said = kinds.with_columns(text=pl.Series(texts, dtype=pl.String))
    return frame.join(said, on=CAUSE, how="left", nulls_equal=True, maintain_order="left")


def names_of(situation: Situation) -> dict[str, str]:
    """Return code -> name of places, areas, items, truck classes and road segments."""
    names: dict[str, str] = {}
    for table, (code, name) in NAMED.items():
        rows: Any = situation[table].select(code, name).drop_nulls().iter_rows()
        names.update(rows)
    return names
