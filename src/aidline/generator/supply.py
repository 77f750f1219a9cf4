"""Depots, trucks, stock, pipeline and crossings of a generated situation.

Calibrated so that everything binds somewhere: people are scaled until the needs take `PRESSURE`
times the truck-hours there are; stock, arrivals and pipeline together fall short of the
needs; the slots of the crossings let `SLOT_SHARE` of their pipeline through.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.errors import UsageError
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from aidline.generator.goods import Good

PRESSURE = 1.2
GOODS_SHARE = 0.9
"""All goods of the plan against all needs."""
IN_STOCK, TO_DEPOTS, TO_CROSSINGS = 0.3, 0.2, 0.5
SLOT_SHARE = 0.85
WORK_H = 10.0
ENTRY_T, ENTRY_M3 = 18.0, 60.0
"""Trucks that enter through crossings: 3 axles, 18 t."""


@dataclass(frozen=True, slots=True)
class TruckClass:
    """One class of trucks.

    Attributes
    ----------
    class_id, name, profile, payload_t, volume_m3, gross_t, load_h
        As in the table `vehicle_classes`; unloading takes as long as loading.
    ratio
        Speed against a loaded truck of 12 t on mixed roads (for calibration only).
    share
        Share of the trucks.
    """

    class_id: str
    name: str
    profile: str
    payload_t: float
    volume_m3: float
    gross_t: float
    load_h: float
    ratio: float
    share: float


TRUCKS = (
    TruckClass("truck_12t", "Two-axle truck, 12 t", "truck", 12, 42, 18.8, 1.5, 1.0, 0.35),
    TruckClass("light_3t5", "Light truck, 3.5 t", "light_truck", 3.5, 18, 7.5, 0.8, 1.1, 0.3),
    TruckClass("heavy_18t", "Three-axle truck, 18 t", "heavy_truck", 18, 60, 26, 2.0, 0.85, 0.2),
    TruckClass("4x4_2t", "4×4 truck, 2 t", "4x4", 2, 9, 5, 0.5, 1.4, 0.15),
)
"""In the order in which a smaller number of classes is filled."""


def truck_classes(count: int) -> tuple[TruckClass, ...]:
    """Return the first `count` classes.

    Raises
    ------
    UsageError
        Fewer than 1 or more than there are.
    """
    if not 1 <= count <= len(TRUCKS):
        raise UsageError(f"classes must be 1 to {len(TRUCKS)}, got {count}")
    return TRUCKS[:count]


def class_table(classes: tuple[TruckClass, ...]) -> pl.DataFrame:
    """Return the table `vehicle_classes`."""
    columns = ("class_id", "name", "profile", "payload_t", "volume_m3", "gross_t", "load_h")
    rows = [[getattr(k, c) for c in columns] for k in classes]
    schema = {c: BY_NAME["vehicle_classes"][c].dtype for c in columns}
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False).with_columns(
        unload_h=pl.col("load_h"), speed_factor=pl.lit(1.0), source_id=pl.lit("LOG")
    )


def spread(total: int, weights: np.ndarray) -> np.ndarray:
    """Share a whole number by weights, in whole numbers (largest remainders)."""
    exact = total * weights / weights.sum()
    whole: np.ndarray = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


def needed_share(
    hours: np.ndarray,
    area_items: np.ndarray,
    chosen: tuple[Good, ...],
    *,
    classes: tuple[TruckClass, ...],
    vehicles: np.ndarray,
    days: int,
) -> float:
    """Return the share of all truck-hours that the needs would take.

    Parameters
    ----------
    hours
        [areas] driving time from the nearest depot; infinite where cut off.
    area_items
        [areas, items] units over the whole plan.
    vehicles
        [classes] trucks of each class.

    Notes
    -----
    To serve only area a, all trucks together move Σ_k hours_k / (2 load_k + 2 travel_ak) ×
    min(payload_k, volume_k × W_a / V_a) tonnes; the needs take Σ_a W_a / that.
    """
    weight = area_items @ np.array([good.weight_kg / 1000 for good in chosen])
    volume = area_items @ np.array([good.volume_m3 for good in chosen])
    near = np.isfinite(hours) & (weight > 0)
    density = weight[near] / volume[near]
    moved = np.zeros(int(near.sum()))
    for k, count in zip(classes, vehicles.tolist(), strict=True):
        trip_h = 2 * k.load_h + 2 * np.minimum(hours[near], 12) / k.ratio
        load_t = np.minimum(k.payload_t, k.volume_m3 * density)
        moved += count * WORK_H * days / trip_h * load_t
    return float((weight[near] / moved).sum()) if near.any() else 1.0


def fleet_table(
    bases: list[str], vehicles: np.ndarray, classes: tuple[TruckClass, ...]
) -> pl.DataFrame:
    """Return the table `fleets` from [bases, classes] numbers of trucks."""
    base, kind = np.nonzero(vehicles)
    return pl.DataFrame(
        {
            "fleet_id": [f"F-{i:04d}" for i in range(1, len(base) + 1)],
            "place_id": np.array(bases)[base],
            "class_id": np.array([k.class_id for k in classes])[kind],
            "vehicles": vehicles[base, kind],
            "hours_per_day": WORK_H,
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )


def stock_table(
    depots: list[str],
    share: np.ndarray,
    total: np.ndarray,
    chosen: tuple[Good, ...],
    *,
    start: dt.date,
    days: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the table `stock`: one lot per depot and item; some food expires in the plan.

    Parameters
    ----------
    share
        [depots] share of the needs that lies nearest.
    total
        [items] units needed over the whole plan.
    """
    part = share[:, None] * rng.lognormal(0, 0.5, (len(depots), len(chosen)))
    part /= part.sum(0)
    units = np.round(IN_STOCK * GOODS_SHARE * total * part)
    depot, item = np.nonzero(units)
    kept = np.array([good.hold_days is not None for good in chosen])[item]
    soon = kept & (rng.random(len(item)) < 0.15)
    life = np.where(soon, rng.integers(1, days + 1, len(item)), 250)
    rows = {
        "lot_id": [f"LOT-{i:06d}" for i in range(1, len(item) + 1)],
        "place_id": np.array(depots)[depot],
        "item_id": np.array([good.item_id for good in chosen])[item],
        "quantity": units[depot, item],
        "life": life,
        "kept": kept,
    }
    return pl.DataFrame(rows).select(
        "lot_id",
        "place_id",
        "item_id",
        "quantity",
        pl.when("kept").then(pl.lit(start) + pl.duration(days=pl.col("life"))).alias("expiry"),
        as_of=pl.lit(start),
        source_id=pl.lit("SYNTHETIC"),
    )


def arrival_table(
    depots: list[str],
    share: np.ndarray,
    crossings: list[str],
    *,
    total: np.ndarray,
    chosen: tuple[Good, ...],
    start: dt.date,
    days: int,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, np.ndarray]:
    """Return the table `arrivals` and [crossings, items] units of the pipeline.

    Weekly to depots; at crossings a backlog on day 0, then every third day.
    """
    plenty = TO_DEPOTS * GOODS_SHARE * total
    parts = [
        (depots, share / share.sum(), plenty / len(range(2, days, 7)), day)
        for day in range(2, days, 7)
    ]
    cut = rng.dirichlet(np.full(len(crossings), 3.0)) if crossings else np.empty(0)
    pipeline = TO_CROSSINGS * GOODS_SHARE * total
    waves = list(range(0, days, 3))
    weight = np.array([3.0 if day == 0 else 1.0 for day in waves])
    if crossings:
        parts += [
            (crossings, cut, pipeline * w / weight.sum(), day)
            for day, w in zip(waves, weight.tolist(), strict=True)
        ]
    frames = [_wave(*part, chosen=chosen, start=start, days=days, rng=rng) for part in parts]
    table = (
        pl.concat(frames)
        if frames
        else _wave(depots, share, 0 * total, 0, chosen=chosen, start=start, days=days, rng=rng)
    )
    numbers = pl.Series("arrival_id", [f"PIPE-{i:06d}" for i in range(1, table.height + 1)])
    return table.with_columns(numbers), cut[:, None] * pipeline[None]


def crossing_tables(
    crossings: list[str],
    pipeline: np.ndarray,
    chosen: tuple[Good, ...],
    *,
    start: dt.date,
    days: int,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `crossings` (slots for `SLOT_SHARE` of the pipeline) and their days."""
    weight = pipeline @ np.array([good.weight_kg / 1000 for good in chosen])
    volume = pipeline @ np.array([good.volume_m3 for good in chosen])
    slots = np.maximum(
        1, np.round(SLOT_SHARE * np.maximum(weight / ENTRY_T, volume / ENTRY_M3) / days)
    )
    by_hour = np.arange(len(crossings)) % 2 == 1
    refuses = rng.random(len(crossings)) < 0.3
    last = chosen[-1].item_id
    rows = pl.DataFrame(
        {
            "place_id": crossings,
            "slots_per_day": [None if h else s for h, s in zip(by_hour, slots, strict=True)],
            "opens_at": "08:00",
            "closes_at": "16:00",
            "slots_per_hour": [s / 8 if h else None for h, s in zip(by_hour, slots, strict=True)],
            "truck_payload_t": ENTRY_T,
            "truck_volume_m3": ENTRY_M3,
            "refused_items": [last if r and len(chosen) > 1 else None for r in refuses],
            "source_id": "SYNTHETIC",
        },
        strict=False,
        schema_overrides={
            "place_id": pl.String, "slots_per_day": pl.Float64, "slots_per_hour": pl.Float64,
            "refused_items": pl.String,
        },
    )  # fmt: skip
    bad = rng.random((len(crossings), days))
    where, day = np.nonzero(bad < 0.12)
    special = pl.DataFrame(
        {
            "place_id": np.array(crossings, dtype=object)[where].tolist(),
            "date": [start + dt.timedelta(days=int(d)) for d in day],
            "status": np.where(bad[where, day] < 0.04, "closed", "restricted"),
            "source_id": "SYNTHETIC",
        },
        strict=False,
        schema_overrides={"place_id": pl.String, "date": pl.Date},
    )
    return rows, special


def _wave(
    places: list[str],
    share: np.ndarray,
    units: np.ndarray,
    day: int,
    *,
    chosen: tuple[Good, ...],
    start: dt.date,
    days: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Shipments of every item to every place around one day, without their numbers."""
    amount = np.round(
        share[:, None] * units[None] * rng.uniform(0.6, 1.4, (len(share), len(units)))
    )
    place, item = np.nonzero(amount)
    late = rng.integers(0, 2, len(item)) if day else np.zeros(len(item), np.int64)
    eta = pl.lit(start) + pl.duration(days=pl.col("day"))
    return pl.DataFrame(
        {
            "place_id": np.array(places)[place],
            "item_id": np.array([good.item_id for good in chosen])[item],
            "quantity": amount[place, item],
            "day": np.minimum(day + late, days - 1),
        }
    ).select(
        pl.lit("").alias("arrival_id"),
        "place_id",
        "item_id",
        "quantity",
        eta.alias("eta"),
        eta.alias("eta_low"),
        (eta + pl.duration(days=3)).alias("eta_high"),
        probability=pl.lit(0.9),
        source_id=pl.lit("SYNTHETIC"),
    )
