"""Truck classes and fleets as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Ints

FOR_PEOPLE = ("ambulance", "bus")  # profiles of vehicles that carry no goods


@dataclass(frozen=True, slots=True)
class Trucks:
    """Classes of trucks and the pools of fleets.

    Attributes
    ----------
    class_ids, payload_t, volume_m3, load_h, unload_h
        Per class: code, load limits of one truck, hours to load and to unload it.
    base, fleet_class
        Per pool: home place, class index.
    hours
        [pool, day] truck-hours available.
    shift_h
        Per pool: hours a truck works in one day.
    pool_of
        (base, class index) -> pool.
    """

    class_ids: tuple[str, ...]
    payload_t: Floats
    volume_m3: Floats
    load_h: Floats
    unload_h: Floats
    base: tuple[str, ...]
    fleet_class: Ints
    hours: Floats
    shift_h: Floats
    pool_of: dict[tuple[str, int], int]


def make_trucks(situation: Situation, ledger: Ledger) -> Trucks:
    """Read classes and fleets; missing loading times and working hours come from defaults.

    Parameters
    ----------
    situation
        Its tables vehicle_classes and fleets are read.
    ledger
        Collects every default that is used.

    Returns
    -------
    Trucks
        Classes in use and the pools (base, class), sorted.
    """
    used = situation["fleets"]["class_id"].unique().to_list()
    classes = situation["vehicle_classes"].filter(
        pl.col("class_id").is_in(used)
        & (pl.col("payload_t") > 0)
        & ~pl.col("profile").is_in(FOR_PEOPLE).fill_null(value=False)
    )
    class_ids = tuple(classes["class_id"].to_list())
    loads = [_handling_h(row, "load_h", ledger) for row in classes.iter_rows(named=True)]
    unloads = [_handling_h(row, "unload_h", ledger) for row in classes.iter_rows(named=True)]
    index = {code: k for k, code in enumerate(class_ids)}
    hours: dict[tuple[str, int], Floats] = {}
    shift: dict[tuple[str, int], float] = {}
    days = situation.settings.days
    for row in situation["fleets"].iter_rows(named=True):
        if row["class_id"] not in index or not row["vehicles"]:
            continue
        per_day = row["hours_per_day"]
        if per_day is None:
            per_day = ledger.take("truck.hours_per_day", f"fleet {row['fleet_id']}")
        if per_day <= 0:
            continue
        key = (row["place_id"], index[row["class_id"]])
        first = 0 if row["from_date"] is None else situation.settings.day_of(row["from_date"])
        last = days - 1 if row["until"] is None else situation.settings.day_of(row["until"])
        present = np.zeros(days)
        present[max(0, first) : max(0, last + 1)] = row["vehicles"] * per_day
        hours[key] = hours.get(key, np.zeros(days)) + present
        shift[key] = min(shift.get(key, per_day), per_day)
    keys = sorted(hours)
    return Trucks(
        class_ids=class_ids,
        payload_t=classes["payload_t"].to_numpy().astype(float),
        volume_m3=classes["volume_m3"].fill_null(0.0).to_numpy().astype(float),
        load_h=np.array(loads, dtype=float),
        unload_h=np.array(unloads, dtype=float),
        base=tuple(base for base, _ in keys),
        fleet_class=np.array([k for _, k in keys], dtype=np.int64),
        hours=np.array([hours[key] for key in keys]).reshape(len(keys), days),
        shift_h=np.array([shift[key] for key in keys], dtype=float),
        pool_of={key: n for n, key in enumerate(keys)},
    )


def _handling_h(row: dict[str, object], column: str, ledger: Ledger) -> float:
    """Return the hours to load or unload a truck of the class, from its payload if not given."""
    if row[column] is not None:
        return float(row[column])  # type: ignore[arg-type]
    use = f"class {row['class_id']}"
    per_t = ledger.take("truck.load_h_per_t", use)
    return ledger.take("truck.load_h_base", use) + per_t * float(row["payload_t"])  # type: ignore[arg-type]


def working_days(hours: Floats, shift_h: Floats) -> Ints:
    """Return the number of extra days that `hours` of work need (0 = done on the first).

    Parameters
    ----------
    hours
        Work of each trip.
    shift_h
        Hours that its truck works in one day, of the same shape.
    """
    return np.maximum(0, np.ceil(hours / shift_h - 1e-9).astype(np.int64) - 1)
