"""What a field unit uses every day: water and fuel, and what there is of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]

LITRE = r"(?i)^\s*(l|litres?|liters?)\b"


def water_item(situation: Situation) -> str | None:
    """Return the item that is drinking water by the litre, or None."""
    return _by_litre(situation, "water")


def fuel_item(situation: Situation) -> str | None:
    """Return the item that is fuel by the litre, or None."""
    return _by_litre(situation, "fuel")


def _by_litre(situation: Situation, group: str) -> str | None:
    fits = situation["items"].filter(
        (pl.col("need_group") == group)
        & (pl.col("kind") == "daily")
        & pl.col("unit").str.contains(LITRE)
    )
    return fits["item_id"].min() if fits.height else None  # type: ignore[return-value]


def daily_needs(unit: dict[str, Any], ledger: Ledger) -> tuple[float, float]:
    """Return litres of water and of fuel that a unit needs in a day."""
    out = []
    for what in ("water", "fuel"):
        known = unit[f"{what}_l_per_day"]
        if known is None:
            known = (unit["beds"] or 0) * ledger.take(f"care.{what}_l_per_bed", unit["unit_id"])
            per_visit = ledger.take(f"care.{what}_l_per_outpatient", unit["unit_id"])
            known += (unit["outpatients_per_day"] or 0) * per_visit
        out.append(float(known))
    return out[0], out[1]


def supply_of(situation: Situation) -> tuple[Floats, Floats]:
    """Return litres of water and of fuel that have come by each day, in stock and pipeline."""
    return _supplied(situation, water_item(situation)), _supplied(situation, fuel_item(situation))


def _supplied(situation: Situation, item_id: str | None) -> Floats:
    settings = situation.settings
    if item_id is None:
        return np.zeros(settings.days)
    stock = situation["stock"].select("item_id", "quantity", date="available_from")
    come = situation["arrivals"].select("item_id", "quantity", date="eta")
    rows = pl.concat([stock, come]).filter(pl.col("item_id") == item_id)
    total = np.zeros(settings.days)
    for _, quantity, date in rows.iter_rows():
        day = 0 if date is None else max(0, settings.day_of(date))
        if quantity is not None and day < settings.days:
            total[day:] += quantity
    return total
