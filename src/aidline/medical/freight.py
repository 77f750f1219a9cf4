"""Field units as demand on supply: their freight, and their water and fuel of every day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.medical.upkeep import daily_needs, fuel_item, water_item
from aidline.situation.defaults import Ledger

if TYPE_CHECKING:
    import datetime as dt

    from aidline.situation.situation import Situation

ADDED = {
    "water": {
        "item_id": "unit_water", "name": "Water for field units", "need_group": "water",
        "kind": "daily", "unit": "litre", "weight_kg": 1.0, "volume_m3": 0.001,
    },
    "fuel": {
        "item_id": "unit_fuel", "name": "Fuel for field units", "need_group": "fuel",
        "kind": "daily", "unit": "litre", "weight_kg": 0.85, "volume_m3": 0.001,
        "dangerous": True,
    },
}  # fmt: skip


def with_units(
    situation: Situation, field_sites: pl.DataFrame, ledger: Ledger | None = None
) -> Situation:
    """Return a situation in which proposed field units are loads to be carried.

    Parameters
    ----------
    situation
        What is known.
    field_sites
        Table `field_sites` of a plan.
    ledger
        Notes the water and fuel that had to be assumed.

    Returns
    -------
    Situation
        With one item per unit, counted in tonnes; its freight where the unit waits, from the day
        on which it leaves; the need of it in the area of the site, promised by the day on which
        set-up begins; and its water and fuel there from the day on which it opens. The same
        situation where nothing is proposed.
    """
    ledger = ledger or Ledger()
    if field_sites.height == 0:
        return situation
    units = {r["unit_id"]: r for r in situation["field_units"].iter_rows(named=True)}
    area_of = dict(situation["places"].select("place_id", "area_id").iter_rows())
    crossings = set(situation["crossings"]["place_id"])
    added: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("items", "arrivals", "stock", "needs", "commitments")
    }
    waters = water_item(situation) or str(ADDED["water"]["item_id"])
    fuels = fuel_item(situation) or str(ADDED["fuel"]["item_id"])
    if water_item(situation) is None:
        added["items"].append(ADDED["water"])
    if fuel_item(situation) is None:
        added["items"].append(ADDED["fuel"])
    for row in field_sites.sort("unit_id").iter_rows(named=True):
        unit, area = units[row["unit_id"]], area_of.get(row["place_id"])
        if area is None:
            continue  # goods go to areas: a site in none is left to the officer
        _freight(situation, row, unit, area, crossing=unit["place_id"] in crossings, added=added)
        served = (unit["beds"] or 0) + (unit["outpatients_per_day"] or 0)
        for item, litres in zip((waters, fuels), daily_needs(unit, ledger), strict=True):
            if litres > 0:
                added["needs"].append(
                    {
                        "area_id": area,
                        "item_id": item,
                        "date": situation.settings.date_of(row["open_day"]),
                        "until": situation.settings.date_of(row["last_day"]),
                        "people": served,
                        "quantity": litres,
                    }
                )
    tables: dict[str, Any] = {
        name: _joined(situation[name], rows) for name, rows in added.items() if rows
    }
    return situation.replace(**tables)


def _freight(
    situation: Situation,
    row: dict[str, Any],
    unit: dict[str, Any],
    area: str,
    *,
    crossing: bool,
    added: dict[str, list[dict[str, Any]]],
) -> None:
    """Add the item of a unit, where it lies, who needs it, and by when it was promised."""
    item, weight = f"unit.{unit['unit_id']}", float(unit["weight_t"])
    leave: dt.date = situation.settings.date_of(row["leave_day"])
    by_day = row["open_day"] - max(1, math.ceil(unit["setup_days"] or 0))
    by: dt.date = situation.settings.date_of(max(row["leave_day"], by_day))
    added["items"].append(
        {
            "item_id": item,
            "name": f"Freight of {unit['name'] or unit['unit_id']}, by the tonne",
            "need_group": "health",
            "kind": "once",
            "unit": "t",
            "weight_kg": 1000.0,
            "volume_m3": float(unit["volume_m3"]) / weight,
        }
    )
    here = {"place_id": unit["place_id"], "item_id": item, "quantity": weight}
    if crossing:
        added["arrivals"].append({"arrival_id": item, "eta": leave, **here})
    else:
        added["stock"].append({"lot_id": item, "available_from": leave, **here})
    served = float((unit["beds"] or 0) + (unit["outpatients_per_day"] or 0))
    to = {"area_id": area, "item_id": item, "quantity": weight}
    added["needs"].append({"date": leave, "people": served, **to})
    added["commitments"].append({"commitment_id": item, "kind": "promised", "date": by, **to})


def _joined(table: pl.DataFrame, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a table with more rows; daily needs that begin alike add up to one row."""
    more = pl.DataFrame(rows, infer_schema_length=None)
    more = more.with_columns(pl.col(c).cast(table.schema[c]) for c in more.columns)
    if "until" in more.columns:
        key = ["area_id", "item_id", "date"]
        more = more.group_by(key, maintain_order=True).agg(
            pl.col("until").max(), pl.col("people", "quantity").sum()
        )
    return pl.concat([table, more], how="diagonal")
