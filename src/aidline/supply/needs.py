"""Need as cells, fairness as rows, promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.supply.problem import NEED_WIDTHS, PROMISE_FACTOR, Demand, Fairness

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Goods, Ints


def make_demand(
    situation: Situation,
    needs: pl.DataFrame,
    goods: Goods,
    area_ids: tuple[str, ...],
    reachable: npt.NDArray[np.bool_],
) -> tuple[Demand, Fairness]:
    """Turn the need table into cells and the rows of fairness.

    A daily need is one cell per area, item and day. A need that comes up once is three cells
    (its last 20 %, next 30 %, first 50 %), each with its own price of waiting.

    Parameters
    ----------
    situation
        Its tables items and areas give weights, priorities and units per person.
    needs
        The need table, one row per area, item and day.
    goods, area_ids
        Items and areas in the order of their indices.
    reachable
        [area] can anything get there?

    Returns
    -------
    demand
        The cells, sorted by area, item, day and level.
    fairness
        One row per reachable area and need group.
    """
    rows = _rows(situation, needs, goods, area_ids)
    daily = rows.filter(pl.col("kind") == "daily")
    once = rows.filter(pl.col("kind") == "once")
    levels = pl.DataFrame({"level": [0, 1, 2], "width": NEED_WIDTHS})
    split = once.join(levels, how="cross").with_columns(pl.col("need") * pl.col("width"))
    cells = pl.concat(
        [
            daily.with_columns(level=pl.lit(-1, pl.Int64)),
            split.drop("width").with_columns(pl.col("level").cast(pl.Int64)),
        ]
    ).sort("area", "item", "day", "level")
    fairness, fair_of = _fairness(rows, goods, reachable, situation)
    area, item = (cells[c].to_numpy().astype(np.int64) for c in ("area", "item"))
    demand = Demand(
        area=area,
        item=item,
        day=cells["day"].to_numpy().astype(np.int64),
        level=cells["level"].to_numpy().astype(np.int64),
        need=cells["need"].to_numpy().astype(float),
        value=cells["value"].to_numpy().astype(float),
        person_days=cells["person_days"].to_numpy().astype(float),
        fair_row=fair_of[area, goods.group[item]],
    )
    return demand, fairness


def _rows(
    situation: Situation, needs: pl.DataFrame, goods: Goods, area_ids: tuple[str, ...]
) -> pl.DataFrame:
    """Return need rows with indices, value per unit and person-days per unit."""
    items = situation["items"].select(
        "item_id", "kind", "per_person", pl.col("weight").fill_null(1.0)
    )
    areas = situation["areas"].select("area_id", pl.col("priority").fill_null(1.0))
    index_i = _numbered("item_id", goods.ids, "item")
    index_a = _numbered("area_id", area_ids, "area")
    people = (
        pl.when(pl.col("people").is_not_null())
        .then(pl.col("people"))
        .when(pl.col("per_person") > 0)
        .then(pl.col("need") / pl.col("per_person"))
        .otherwise(pl.col("need"))
    )
    rows = (
        needs.filter(pl.col("need") > 0)
        .join(items, on="item_id", how="left")
        .join(areas, on="area_id", how="left")
        .join(index_i, on="item_id")
        .join(index_a, on="area_id")
        .with_columns(served=people, priority=pl.col("priority").fill_null(1.0))
    )
    over = ["area", "item"]
    daily = (pl.col("served").sum().over(over)) / (pl.col("need").sum().over(over))
    per_unit = (
        pl.when(pl.col("kind") == "daily").then(daily).otherwise(pl.col("served") / pl.col("need"))
    )
    return rows.with_columns(person_days=per_unit).with_columns(
        value=pl.col("person_days") * pl.col("weight") * pl.col("priority")
    )


def _numbered(key: str, ids: tuple[str, ...], name: str) -> pl.DataFrame:
    """Return ids beside their numbers, typed even where there are none."""
    return pl.DataFrame(
        {key: list(ids), name: list(range(len(ids)))}, schema={key: pl.String, name: pl.Int64}
    )


def _fairness(
    rows: pl.DataFrame, goods: Goods, reachable: npt.NDArray[np.bool_], situation: Situation
) -> tuple[Fairness, Ints]:
    """Return one row per reachable area and need group, and the index [area, group] of it."""
    days = situation.settings.days
    per_row = (
        pl.col("person_days")
        * pl.col("need")
        * pl.when(pl.col("kind") == "once").then(days - pl.col("day")).otherwise(1)
    )
    group_of = pl.DataFrame({"item": np.arange(len(goods.ids)), "group": goods.group})
    total = (
        rows.join(group_of, on="item")
        .group_by("area", "group")
        .agg(person_days=per_row.sum(), weight=pl.col("priority").first())
        .filter(pl.col("person_days") > 0)
        .sort("area", "group")
    )
    area = total["area"].to_numpy().astype(np.int64)
    keep = reachable[area]
    total, area = total.filter(pl.Series(keep)), area[keep]
    group = total["group"].to_numpy().astype(np.int64)
    index = np.full((len(reachable), max(1, len(goods.group_ids))), -1, dtype=np.int64)
    index[area, group] = np.arange(len(area))
    return (
        Fairness(
            area,
            group,
            total["person_days"].to_numpy().astype(float),
            total["weight"].to_numpy().astype(float),
        ),
        index,
    )


def promised(
    situation: Situation, area_ids: tuple[str, ...], goods: Goods, needs: pl.DataFrame
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Return promises due in the plan: area, item, day, units still to be sent, cost per unit.

    Several promises of one item to one area add up by date. The model keeps the date by which
    most is still to be sent: each unit that is missing by then costs once, and no plan can miss
    fewer units in all, so the bound holds. The verifier counts every date.

    What is already moving and arrives in time counts towards a promise. A promise of something
    that nobody needs has no value per unit: it costs nothing.

    Parameters
    ----------
    situation
        Its table commitments is read.
    area_ids, goods
        Areas and items in the order of their indices.
    needs
        The need table: what one unit is worth in an area.
    """
    days = (pl.col("date") - situation.settings.start_date).dt.total_days().fill_null(0).clip(0)
    rows = situation["commitments"].with_columns(day=days)
    rows = rows.filter(pl.col("day") < situation.settings.days)
    value = unit_values(_rows(situation, needs, goods, area_ids))
    area_of = {code: n for n, code in enumerate(area_ids)}
    index = {code: n for n, code in enumerate(goods.ids)}
    out: dict[tuple[int, int], tuple[int, int, int, float, float]] = {}
    for area, item, day, left in _still_to_send(rows).iter_rows():
        key = (area_of.get(area, -1), index.get(item, -1))
        if left > (out[key][3] if key in out else 0.0) and key in value:
            out[key] = (*key, day, left, PROMISE_FACTOR * value[key])
    table = np.array(sorted(out.values()), dtype=float).reshape(len(out), 5)
    ints = table[:, :3].astype(np.int64)
    return ints[:, 0], ints[:, 1], ints[:, 2], table[:, 3], table[:, 4]


def _still_to_send(commitments: pl.DataFrame) -> pl.DataFrame:
    """Return area, item, day and the units promised up to then less those that are moving."""
    key = ["area_id", "item_id"]
    sign = pl.when(pl.col("kind") == "promised").then(1.0).otherwise(-1.0)
    return (
        commitments.filter(pl.col("kind").is_in(["promised", "moving"]))
        .group_by(*key, "day")
        .agg(left=(sign * pl.col("quantity")).sum())
        .sort(*key, "day")
        .with_columns(pl.col("left").cum_sum().over(key))
        .select(*key, "day", "left")
    )


def unit_values(rows: pl.DataFrame) -> dict[tuple[int, int], float]:
    """Return the weighted people that one unit serves, by area and item that needs it.

    Parameters
    ----------
    rows
        Rows of need with `area`, `item`, `need` (units) and `value` (per unit).
    """
    weighted = (pl.col("value") * pl.col("need")).sum() / pl.col("need").sum()
    found = rows.group_by("area", "item").agg(value=weighted)
    return {(a, i): v for a, i, v in found.select("area", "item", "value").iter_rows()}
