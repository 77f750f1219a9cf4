"""How much of each limited thing a plan uses, and what stays in stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.supply.rows import UNLIMITED

if TYPE_CHECKING:
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, SupplyProblem
    from aidline.supply.rows import Rows


def usage_table(
    p: SupplyProblem, rows: Rows, tables: dict[str, pl.DataFrame], prices: Floats
) -> pl.DataFrame:
    """Return the table `usage`: truck-hours, crossing slots and convoy places by day.

    Parameters
    ----------
    p, rows
        The problem.
    tables
        Tables `trips` and `transfers` of the plan.
    prices
        One per row of `rows`: what one more unit is worth (weighted person-days).

    Returns
    -------
    pl.DataFrame
        One row per limited thing and day: limit and use in truck-hours or trucks.
    """
    parts = [
        _hours(p, rows, tables["trips"], prices),
        _slots(p, rows, tables["transfers"], prices),
        _convoys(p, rows, tables["trips"], prices),
    ]
    return pl.concat(parts)


def _frame(
    resource: str,
    at: list[str],
    *,
    day: list[int],
    limit: Floats,
    used: Floats,
    price: Floats,
    of: list[str] | None = None,
) -> pl.DataFrame:
    """Return rows of the table `usage` for one kind of resource."""
    return pl.DataFrame(
        {
            "resource": [resource] * len(at),
            "at_id": pl.Series(at, dtype=pl.String),
            "of_id": pl.Series([None] * len(at) if of is None else of, dtype=pl.String),
            "day": pl.Series(day, dtype=pl.Int64),
            "limit": pl.Series(limit, dtype=pl.Float64),
            "used": pl.Series(used, dtype=pl.Float64),
            "price": pl.Series(price, dtype=pl.Float64),
        }
    )


def _hours(p: SupplyProblem, rows: Rows, trips: pl.DataFrame, prices: Floats) -> pl.DataFrame:
    """Return the use of truck-hours by pool and day."""
    pool = pl.DataFrame(
        {
            "base_id": pl.Series(p.fleet_base, dtype=pl.String),
            "class_id": pl.Series([p.class_ids[k] for k in p.fleet_class], dtype=pl.String),
            "pool": range(len(p.fleet_class)),
            "shift_h": p.fleet_shift_h,
        }
    )
    n_pools = pool.height
    run = trips.join(pool, on=["base_id", "class_id"])
    row = run["pool"].to_numpy() * p.days + run["day"].to_numpy()
    last = (run["pool"].to_numpy() + 1) * p.days
    count, left, shift = (run[c].to_numpy().copy() for c in ("trips", "hours_per_trip", "shift_h"))
    used = np.zeros(n_pools * p.days)
    while True:  # day after day from leaving on, until the trip is done or the plan ends
        on = (left > 1e-9) & (row < last)
        if not on.any():
            break
        row, last, count, left, shift = row[on], last[on], count[on], left[on], shift[on]
        worked = np.minimum(left, shift)
        used += np.bincount(row, worked * count, minlength=len(used))
        row, left = row + 1, left - worked
    at = [base for base in p.fleet_base for _ in range(p.days)]
    of = [p.class_ids[k] for k in p.fleet_class for _ in range(p.days)]
    days = list(range(p.days)) * n_pools
    return _frame(
        "truck_hours", at, of=of, day=days, limit=p.fleet_hours.ravel(), used=used,
        price=prices[rows.hours : rows.slots],
    )  # fmt: skip


def _slots(p: SupplyProblem, rows: Rows, transfers: pl.DataFrame, prices: Floats) -> pl.DataFrame:
    """Return the use of crossing slots, by weight or by volume, whichever takes more."""
    gate = {code: n for n, code in enumerate(p.crossings.ids)}
    item = {code: n for n, code in enumerate(p.goods.ids)}
    used = np.zeros((2, len(gate), p.days))
    for day, at, what, amount in transfers.select(
        "day", "from_id", "item_id", "quantity"
    ).iter_rows():
        g, i = gate[at], item[what]
        used[0, g, day] += amount * p.goods.weight_t[i] / p.crossings.payload_t[g]
        used[1, g, day] += amount * p.goods.volume_m3[i] / p.crossings.volume_m3[g]
    capacity = rows.capacity[rows.slots : rows.load].reshape(len(gate), p.days, 2)
    finite = np.flatnonzero((capacity[:, :, 0] < UNLIMITED).ravel())
    price = prices[rows.slots : rows.load].reshape(-1, 2).sum(axis=1)
    ids = [c for c in p.crossings.ids for _ in range(p.days)]
    return _frame(
        "crossing_slots", [ids[n] for n in finite], day=[int(n) % p.days for n in finite],
        limit=p.crossings.slots.ravel()[finite], used=used.max(axis=0).ravel()[finite],
        price=price[finite],
    )  # fmt: skip


def _convoys(p: SupplyProblem, rows: Rows, trips: pl.DataFrame, prices: Floats) -> pl.DataFrame:
    """Return the places taken in convoys of limited size."""
    within = (p.convoy_day >= 0) & (p.convoy_day < p.days)
    real = np.flatnonzero(np.isfinite(p.convoy_trucks) & within)
    asked = pl.DataFrame(
        {
            "to_id": pl.Series([p.area_ids[a] for a in p.convoy_area[real]], dtype=pl.String),
            "arrive_day": pl.Series(p.convoy_day[real], dtype=pl.Int64),
        }
    )
    key = ["to_id", "arrive_day"]
    come = trips.group_by(key).agg(pl.col("trips").sum())
    used = asked.join(come, on=key, how="left", maintain_order="left")["trips"].fill_null(0.0)
    return _frame(
        "convoy", [p.area_ids[p.convoy_area[n]] for n in real],
        day=[int(p.convoy_day[n]) for n in real], limit=p.convoy_trucks[real],
        used=used.to_numpy(), price=prices[rows.convoy : rows.promise][real],
    )  # fmt: skip


def stock_table(situation: Situation, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the table `stocks`: units at each place at the end of each day.

    What nobody can send on, because it has expired, may not pass or has no known weight, lies
    there all the same.

    Parameters
    ----------
    situation
        Its tables stock and arrivals say what comes to which place.
    tables
        Tables `transfers` and `deliveries` of the plan.

    Returns
    -------
    pl.DataFrame
        Columns place_id, item_id, day and quantity.
    """
    settings = situation.settings
    come = pl.concat(
        [
            situation[table]
            .filter(pl.col("place_id").is_not_null())
            .select(
                "place_id",
                "item_id",
                day=(pl.col(date) - settings.start_date).dt.total_days().fill_null(0).clip(0),
                change=pl.col("quantity"),
            )
            for table, date in (("stock", "available_from"), ("arrivals", "eta"))
        ]
    )
    moves = [come]
    for table, place, day, sign in (
        ("transfers", "from_id", "day", -1.0),
        ("transfers", "to_id", "arrive_day", 1.0),
        ("deliveries", "from_id", "day", -1.0),
    ):
        moves.append(
            tables[table].select(
                place_id=pl.col(place), item_id="item_id", day=pl.col(day).cast(pl.Int64),
                change=sign * pl.col("quantity"),
            )
        )  # fmt: skip
    change = pl.concat(moves).group_by("place_id", "item_id", "day").agg(pl.col("change").sum())
    keys = change.select("place_id", "item_id").unique()
    grid = keys.join(pl.DataFrame({"day": np.arange(settings.days)}), how="cross")
    return (
        grid.join(change, on=["place_id", "item_id", "day"], how="left")
        .sort("place_id", "item_id", "day")
        .with_columns(
            quantity=pl.col("change").fill_null(0.0).cum_sum().over("place_id", "item_id").clip(0.0)
        )
        .drop("change")
    )
