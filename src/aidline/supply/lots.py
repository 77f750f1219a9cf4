"""Stock lines and shipments as lots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.supply.problem import Lots

if TYPE_CHECKING:
    import datetime as dt

    from aidline.situation.situation import Situation
    from aidline.supply.problem import Crossings, Goods

NO_EXPIRY = 1_000_000  # a day that no plan reaches


def make_lots(
    situation: Situation,
    goods: Goods,
    location_ids: tuple[str, ...],
    crossings: Crossings,
) -> Lots:
    """Collect stock, shipments and what is already moving, each as a lot at its location.

    Lots at places that neither start trucks nor are crossings, goods of unknown weight or volume
    that must be carried, and goods that their crossing does not let pass, cannot be used and are
    left out; the check of the situation names them.

    Parameters
    ----------
    situation
        Its tables stock, arrivals and commitments are read.
    goods
        The items.
    location_ids
        Places and areas that hold stock.
    crossings
        What they let pass decides which shipments count.

    Returns
    -------
    Lots
        Sorted by code; quantities in units of the item.
    """
    location = {code: n for n, code in enumerate(location_ids)}
    gate = {code: n for n, code in enumerate(crossings.ids)}
    item = {code: n for n, code in enumerate(goods.ids)}
    rows: list[tuple[str, int, float, int, int, int, int]] = []

    def add(
        code: str, row: dict[str, Any], at: str | None, date: dt.date | None, hold: bool
    ) -> None:
        n = item.get(row["item_id"])
        place = location.get(at or "", -1)
        crossing = gate.get(at or "", -1)
        if n is None or not row["quantity"] or (place < 0 and crossing < 0):
            return
        if not hold and not goods.movable[n]:
            return
        if crossing >= 0 and not crossings.allowed[crossing, n]:
            return
        first = 0 if date is None else max(0, situation.settings.day_of(date))
        expiry = (
            NO_EXPIRY if row.get("expiry") is None else situation.settings.day_of(row["expiry"])
        )
        if hold:  # already in the area: to be used within its keeping time
            expiry = min(expiry, first + int(goods.hold[n]))
        if first < situation.settings.days and expiry >= first:
            rows.append((code, n, float(row["quantity"]), place, crossing, first, expiry))

    for row in situation["stock"].iter_rows(named=True):
        in_area = row["place_id"] is None
        at = row["area_id"] if in_area else row["place_id"]
        add(row["lot_id"], row, at, row["available_from"], in_area)
    for row in situation["arrivals"].iter_rows(named=True):
        add(row["arrival_id"], row, row["place_id"], row["eta"], hold=False)
    for row in situation["commitments"].filter(pl.col("kind") == "moving").iter_rows(named=True):
        add(row["commitment_id"], row, row["area_id"], row["date"], hold=True)
    rows.sort()
    return Lots(
        ids=tuple(r[0] for r in rows),
        item=np.array([r[1] for r in rows], dtype=np.int64),
        quantity=np.array([r[2] for r in rows], dtype=float),
        location=np.array([r[3] for r in rows], dtype=np.int64),
        crossing=np.array([r[4] for r in rows], dtype=np.int64),
        first_day=np.array([r[5] for r in rows], dtype=np.int64),
        expiry=np.array([r[6] for r in rows], dtype=np.int64),
    )
