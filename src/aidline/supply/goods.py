"""Items, substitutes and kits as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aidline.supply.problem import Goods

if TYPE_CHECKING:
    import polars as pl

    from aidline.situation.situation import Situation

KEEP_FOR_EVER = 10_000  # days


def make_goods(situation: Situation, needs: pl.DataFrame) -> Goods:
    """Read items, substitutes and kits.

    Items without weight or volume cannot be carried, but they are needed like all others; the
    check of the situation names them.

    Parameters
    ----------
    situation
        Its tables items, substitutes and kits are read.
    needs
        The need table; only needed items have ways to be met.

    Returns
    -------
    Goods
        Weights in t and volumes in m³ per unit, keeping times in days.
    """
    items = situation["items"]
    movable = items["weight_kg"].is_not_null() & items["volume_m3"].is_not_null()
    ids = tuple(items["item_id"].to_list())
    index = {code: n for n, code in enumerate(ids)}
    groups = tuple(sorted(set(items["need_group"].drop_nulls().to_list())))
    needed = set(needs["item_id"].to_list())
    ways: list[list[tuple[int, float]]] = [
        [(n, 1.0)] if code in needed else [] for n, code in enumerate(ids)
    ]
    for row in situation["substitutes"].iter_rows(named=True):
        if row["item_id"] in index and row["substitute_id"] in index and row["item_id"] in needed:
            ways[index[row["item_id"]]].append((index[row["substitute_id"]], row["ratio"]))
    kits = [
        (index[row["kit_id"]], index[row["item_id"]], row["quantity"])
        for row in situation["kits"].iter_rows(named=True)
        if row["kit_id"] in index and row["item_id"] in index and row["item_id"] in needed
    ]
    flat = [way for of_item in ways for way in of_item]
    return Goods(
        ids=ids,
        group_ids=groups,
        weight_t=items["weight_kg"].fill_null(1.0).to_numpy() / 1000.0,  # never carried
        volume_m3=items["volume_m3"].fill_null(1.0).to_numpy().astype(float),
        hold=items["hold_days"].fill_null(KEEP_FOR_EVER).to_numpy().astype(np.int64),
        group=np.array([groups.index(g) for g in items["need_group"].to_list()], dtype=np.int64),
        movable=movable.to_numpy(),
        way_ptr=np.cumsum([0, *[len(w) for w in ways]]).astype(np.int64),
        way_item=np.array([w for w, _ in flat], dtype=np.int64),
        way_ratio=np.array([r for _, r in flat], dtype=float),
        kit_item=np.array([k for k, _, _ in kits], dtype=np.int64),
        kit_part=np.array([p for _, p, _ in kits], dtype=np.int64),
        kit_quantity=np.array([q for _, _, q in kits], dtype=float),
    )
