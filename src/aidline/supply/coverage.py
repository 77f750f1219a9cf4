"""What a plan achieves: coverage by area, item and day, fairness by area and need group."""

from __future__ import annotations

import numpy as np
import polars as pl

from aidline.supply.problem import Floats, Ints, SupplyProblem


def coverage_tables(
    p: SupplyProblem, uses: pl.DataFrame, kinds: dict[str, str]
) -> dict[str, pl.DataFrame]:
    """Return the tables `coverage` and `fairness` of a plan.

    Parameters
    ----------
    p
        The problem.
    uses
        Table `uses` of the plan.
    kinds
        "daily" or "once" by item.
    """
    needs = p.needs.filter(pl.col("need") > 0)
    pairs = needs.select("area_id", "item_id").unique(maintain_order=True).sort("area_id", "item_id")
    pairs = pairs.with_row_index("pair").cast({"pair": pl.Int64})
    once = np.array([kinds[i] == "once" for i in pairs["item_id"]], dtype=bool)
    need, people = _grid(pairs, needs, "need", p.days), _grid(pairs, needs, "people", p.days)
    met = _grid(pairs, uses, "quantity", p.days)
    need[once], people[once] = need[once].cumsum(1), people[once].cumsum(1)
    met = np.where(once[:, None], met.cumsum(1), met)
    met = np.minimum(met, need)
    share = np.divide(met, need, out=np.ones_like(met), where=need > 0)
    basis = needs.group_by("area_id", "item_id").agg(pl.col("basis").first())
    basis = pairs.join(basis, on=["area_id", "item_id"], how="left", maintain_order="left")["basis"]
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


def _grid(pairs: pl.DataFrame, rows: pl.DataFrame, column: str, days: int) -> Floats:
    """[pair, day] sums of a column."""
    grid = np.zeros((pairs.height, days))
    at = rows.join(pairs, on=["area_id", "item_id"])
    np.add.at(
        grid,
        (at["pair"].to_numpy(), at["day"].to_numpy()),
        at[column].fill_null(0.0).to_numpy(),
    )
    return grid


def _fairness(p: SupplyProblem, pairs: pl.DataFrame, need: Floats, share: Floats) -> pl.DataFrame:
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
    frame = frame.group_by("area", "group").sum().filter(pl.col("person_days") > 0).sort("area", "group")
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
