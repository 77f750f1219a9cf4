"""What a plan achieves: coverage by area, item and day, fairness by area and need group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints, SupplyProblem


def coverage_tables(
    p: SupplyProblem, uses: pl.DataFrame, items: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Return the tables `coverage` and `fairness` of a plan.

    Parameters
    ----------
    p
        The problem.
    uses
        Table `uses` of the plan.
    items
        Table `items` of the situation.

    Returns
    -------
    dict of pl.DataFrame
        `coverage` has one row per area, item and day (units needed and met, summed up since the
        start for items needed once); `fairness` one per area and need group (person-days, and
        the share of them that is met).
    """
    kinds = dict(items.select("item_id", "kind").iter_rows())
    needs = with_people(p.needs.filter(pl.col("need") > 0), items)
    pairs = (
        needs.select("area_id", "item_id").unique(maintain_order=True).sort("area_id", "item_id")
    )
    pairs = pairs.with_row_index("pair").cast({"pair": pl.Int64})
    once = np.array([kinds[i] == "once" for i in pairs["item_id"]], dtype=bool)
    need, people = _grid(pairs, needs, "need", p.days), _grid(pairs, needs, "people", p.days)
    met = _grid(pairs, uses, "quantity", p.days)
    need[once], people[once] = need[once].cumsum(1), people[once].cumsum(1)
    met = np.where(once[:, None], met.cumsum(1), met)
    met = np.minimum(met, need)
    share = np.divide(met, need, out=np.ones_like(met), where=need > 0)
    first_basis = needs.group_by("area_id", "item_id").agg(pl.col("basis").first())
    basis = pairs.join(first_basis, on=["area_id", "item_id"], how="left", maintain_order="left")[
        "basis"
    ]
    row, day = np.nonzero(need > 0)
    coverage = pl.DataFrame(
        {
            "area_id": pairs["area_id"].gather(row),
            "item_id": pairs["item_id"].gather(row),
            "day": day,
            "people": people[row, day],
            "need": need[row, day],
            "met": met[row, day],
            "share": share[row, day],
            "basis": basis.gather(row),
        }
    )
    return {"coverage": coverage, "fairness": _fairness(p, pairs, need, share)}


def with_people(needs: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Fill in people where unknown: need / units per person, else the need itself."""
    per_person = needs.join(items.select("item_id", "per_person"), on="item_id", how="left")
    rate = per_person["per_person"]
    known = pl.when(rate > 0).then(needs["need"] / rate).otherwise(needs["need"])
    return needs.with_columns(people=pl.coalesce("people", known))


def _grid(pairs: pl.DataFrame, rows: pl.DataFrame, column: str, days: int) -> Floats:
    """Return the sums of a column as [pair, day]."""
    grid = np.zeros((pairs.height, days))
    at = rows.join(pairs, on=["area_id", "item_id"])
    np.add.at(
        grid,
        (at["pair"].to_numpy(), at["day"].to_numpy()),
        at[column].fill_null(0.0).to_numpy(),
    )
    return grid


def _fairness(p: SupplyProblem, pairs: pl.DataFrame, need: Floats, share: Floats) -> pl.DataFrame:
    """Return the table `fairness` from units needed and shares met, both [pair, day]."""
    d = p.demand
    items = {code: n for n, code in enumerate(p.goods.ids)}
    areas = {code: n for n, code in enumerate(p.area_ids)}
    per_unit = np.zeros((len(areas), len(items), p.days))
    per_unit[d.area, d.item, d.day] = d.person_days
    area: Ints = np.array([areas[a] for a in pairs["area_id"]], dtype=np.int64)
    item: Ints = np.array([items.get(i, -1) for i in pairs["item_id"]], dtype=np.int64)
    known = item >= 0
    area, item, need, share = area[known], item[known], need[known], share[known]
    rate = per_unit[area, item].max(axis=1)
    total = (need * rate[:, None]).sum(1)
    met = (need * share * rate[:, None]).sum(1)
    frame = pl.DataFrame(
        {"area": area, "group": p.goods.group[item], "person_days": total, "met": met}
    )
    frame = (
        frame.group_by("area", "group")
        .sum()
        .filter(pl.col("person_days") > 0)
        .sort("area", "group")
    )
    reachable = p.reachable
    return pl.DataFrame(
        {
            "area_id": [p.area_ids[a] for a in frame["area"]],
            "need_group": [p.goods.group_ids[g] for g in frame["group"]],
            "person_days": frame["person_days"],
            "share": frame["met"] / frame["person_days"],
            "reachable": [bool(reachable[a]) for a in frame["area"]],
            "floor": pl.Series([None] * frame.height, dtype=pl.Float64),
        }
    )
