"""What a generated situation has only where it is asked for: hubs, kits, substitutes, promises.

Each is drawn after all else and from numbers of its own, so that a situation without them is the
same as ever. Trucks of hubs, goods in kits and substitutes are taken from what there is.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.errors import UsageError
from aidline.generator import places
from aidline.generator.goods import SUBSTITUTES, Good, item_table

if TYPE_CHECKING:
    Tables = dict[str, pl.DataFrame]

PACKED = 0.25
"""Share of a lot that lies there as kits, or as its substitute."""
FAMILY = 5
"""People whom one kit serves."""
HUB_TRUCKS = 0.05
"""Share of all trucks that each hub has."""


def add_hubs(tables: Tables, areas: np.ndarray, xy: np.ndarray, ids: list[str]) -> None:
    """Add places where goods change trucks on the way, with lighter trucks of their own.

    Parameters
    ----------
    tables
        Tables `places` and `fleets` get rows; the trucks come from the largest lines of the
        lightest class.
    areas
        [hubs] numbers of the areas in which they lie.
    xy, ids
        Points of all areas in km, and their codes.

    Raises
    ------
    UsageError
        Too few trucks.
    """
    hubs = places.hub_table(xy[areas], [ids[a] for a in areas])
    fleets = tables["fleets"]
    each = max(1, int(HUB_TRUCKS * float(fleets["vehicles"].sum())))
    light = tables["vehicle_classes"].sort("payload_t")["class_id"].to_list()
    for n, hub in enumerate(hubs["place_id"], 1):
        enough = fleets.filter(pl.col("vehicles") > each, ~pl.col("fleet_id").str.starts_with("H"))
        if enough.is_empty():
            raise UsageError(f"{len(areas)} hubs need more trucks")
        line = enough.sort(
            pl.col("class_id").replace_strict(light, range(len(light))),
            "vehicles",
            "fleet_id",
            descending=[False, True, False],
        ).head(1)
        own = line.with_columns(
            fleet_id=pl.lit(f"H-{n:03d}"), place_id=pl.lit(hub), vehicles=pl.lit(each)
        )
        left = pl.col("fleet_id") == line["fleet_id"][0]
        rest = pl.when(left).then(pl.col("vehicles") - each).otherwise("vehicles")
        fleets = pl.concat([fleets.with_columns(vehicles=rest), own], how="vertical_relaxed")
    tables["fleets"] = fleets
    tables["places"] = pl.concat([tables["places"], hubs], how="diagonal")


def add_kits(tables: Tables, chosen: tuple[Good, ...], count: int) -> None:
    """Pack part of the stock into kits for a family of five, of two household goods each.

    Raises
    ------
    UsageError
        Too few goods of which a family needs a whole number.
    """
    parts = [g for g in chosen if g.kind == "once" and round(FAMILY * g.per_person) >= 1]
    if count >= len(parts):
        raise UsageError(
            f"{count} kits need {count + 1} goods that families need once; {len(parts)} of the "
            "items are"
        )
    for n in range(count):
        kit = f"family_kit_{n + 1}"
        inside = [(g, float(round(FAMILY * g.per_person))) for g in parts[n : n + 2]]
        good = Good(
            kit, f"Family kit {n + 1}", inside[0][0].need_group, "once", "kit",
            round(sum(q * g.weight_kg for g, q in inside), 4),
            round(sum(q * g.volume_m3 for g, q in inside), 6),
            1 / FAMILY, None, 1, 0, 0, "ASSUMED",
        )  # fmt: skip
        _append(tables, "items", item_table((good,)))
        rows = [(kit, g.item_id, q) for g, q in inside]
        _append(
            tables,
            "kits",
            pl.DataFrame(rows, schema=["kit_id", "item_id", "quantity"], orient="row"),
        )
        _pack(tables, kit, {g.item_id: q for g, q in inside})


def _pack(tables: Tables, kit: str, inside: dict[str, float]) -> None:
    """Turn a share of the lots of the parts into lots of the kit, place by place."""
    stock = tables["stock"]
    quantity = pl.col("item_id").replace_strict(inside, default=None, return_dtype=pl.Float64)
    lots = stock.filter(pl.col("place_id").is_not_null(), quantity.is_not_null())
    kits = (
        lots.group_by("place_id")
        .agg(
            number=(PACKED * (pl.col("quantity") / quantity).min()).floor(),
            kinds=pl.col("item_id").n_unique(),
        )
        .filter(pl.col("number") > 0, pl.col("kinds") == len(inside))
        .sort("place_id")
    )
    taken = stock.join(kits, on="place_id", how="left")["number"].fill_null(0.0)
    used = pl.Series(taken) * stock.select(quantity.fill_null(0.0)).to_series()
    tables["stock"] = stock.with_columns(quantity=pl.col("quantity") - used)
    _append(tables, "stock", _lots(kits, kit, pl.col("number"), stock["as_of"][0]))


def add_substitutes(tables: Tables, chosen: tuple[Good, ...], count: int) -> None:
    """Let part of the stock be goods that stand in for others.

    Raises
    ------
    UsageError
        More than are known for the items.
    """
    known = [s for s in SUBSTITUTES if s.item_id in {g.item_id for g in chosen}]
    if count > len(known):
        raise UsageError(f"{count} substitutes: for these items there are {len(known)}")
    for one in known[:count]:
        _append(tables, "items", item_table((one.good,)))
        pair = (one.item_id, one.good.item_id, one.ratio)
        _append(
            tables,
            "substitutes",
            pl.DataFrame([pair], schema=["item_id", "substitute_id", "ratio"], orient="row"),
        )
        stock = tables["stock"]
        mine = (pl.col("item_id") == one.item_id) & pl.col("place_id").is_not_null()
        given = (PACKED * pl.col("quantity")).floor()
        lots = stock.filter(mine).with_columns(number=(given * one.ratio).round())
        left = pl.when(mine).then(pl.col("quantity") - given).otherwise("quantity")
        tables["stock"] = stock.with_columns(quantity=left)
        lots = lots.filter(pl.col("number") > 0).sort("place_id")
        _append(tables, "stock", _lots(lots, one.good.item_id, pl.col("number"), stock["as_of"][0]))


def add_commitments(
    tables: Tables, count: int, *, start: dt.date, days: int, rng: np.random.Generator
) -> None:
    """Add commitments by turns moving and promised, each a part of one area's need of an item.

    Raises
    ------
    UsageError
        More than there are needs.
    """
    needs = tables["needs"].select("area_id", "item_id", "quantity").sort("area_id", "item_id")
    if count > needs.height:
        raise UsageError(f"{count} commitments need as many needs; there are {needs.height}")
    picked = needs[np.sort(rng.choice(needs.height, count, replace=False))]
    day = rng.integers(min(1, days - 1), days, count)
    tables["commitments"] = picked.select(
        pl.Series("commitment_id", [f"CM-{n:04d}" for n in range(1, count + 1)]),
        pl.Series("kind", [("moving", "promised")[n % 2] for n in range(count)]),
        "area_id",
        "item_id",
        (pl.col("quantity") * pl.Series(rng.uniform(0.2, 0.8, count))).round().clip(1.0),
        pl.Series("date", [start + dt.timedelta(days=int(d)) for d in day]),
        source_id=pl.lit("SYNTHETIC"),
    )


def _lots(at: pl.DataFrame, item: str, units: pl.Expr, as_of: dt.date) -> pl.DataFrame:
    """Return rows of `stock`: one lot of an item at each place."""
    return at.select(
        pl.format("{}-{}", pl.lit(item.upper()), pl.int_range(1, pl.len() + 1)).alias("lot_id"),
        "place_id",
        units.alias("quantity"),
        item_id=pl.lit(item),
        as_of=pl.lit(as_of),
        source_id=pl.lit("SYNTHETIC"),
    )


def _append(tables: Tables, name: str, rows: pl.DataFrame) -> None:
    tables[name] = (
        pl.concat([tables[name], rows], how="diagonal_relaxed") if name in tables else rows
    )
