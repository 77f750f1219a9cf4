"""What may be shared: rows above a level are coarsened before anything is written.

Every export calls `shareable` first. Sensitivity is that of the row where it is given,
otherwise that of its kind of data in the context of the crisis: hospital coordinates are
harmless after an earthquake and dangerous in a conflict. The defaults of a kind follow the
classes low, moderate, high and severe of humanitarian data responsibility; which kind has
which class is an assumption of ours.

The original situation and plan are never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import shapely

from aidline.errors import UsageError
from aidline.situation.situation import Situation
from aidline.situation.tables import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aidline.plan.plan import Plan

HIDDEN_IN_CONFLICT = ("hospital", "site", "hub")
"""Kinds of places whose exact position is sensitive in a conflict where the row says nothing."""

DROPPED = (
    "hospitals", "field_units", "candidate_sites", "casualties", "hazards", "reports",
    "road_segments", "crossings",
)  # fmt: skip
"""Tables whose sensitive rows are left out whole."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing that was left out or coarsened.

    Attributes
    ----------
    code
        Stable code, the key of its wording in other languages.
    count
        How many rows, places or areas it concerns.
    text
        In words (English).
    """

    code: str
    count: int
    text: str


def rank(level: str) -> int:
    """Return the order of a sensitivity: low 0, moderate 1, high 2, severe 3.

    Raises
    ------
    UsageError
        The level does not exist.
    """
    if level not in SENSITIVITIES:
        raise UsageError(f"sensitivity {level!r} is not one of {', '.join(SENSITIVITIES)}")
    return SENSITIVITIES.index(level)


def shareable(
    situation: Situation, plan: Plan, level: str = "moderate"
) -> tuple[Situation, Plan, tuple[LeftOut, ...]]:
    """Coarsen whatever is more sensitive than a level.

    Parameters
    ----------
    situation, plan
        What is to be exported; neither is changed.
    level
        The highest sensitivity that may be shown as it is: low, moderate, high or severe.

    Returns
    -------
    tuple of Situation, Plan, tuple of LeftOut
        The coarsened copies and what was left out, empty where nothing was.

    Notes
    -----
    - An area above the level loses its outline and takes the mean position of the areas of
      the same parent; with no such area it takes none.
    - A place above the level takes the position of its area, and none where the area is not
      known; at severe it also loses its name.
    - Stock above the level loses its owner and is rounded to two significant figures.
    - In a conflict below "high", an area that is entered by convoy keeps its totals, but
      days, routes and loads of what goes there are left out.
    - Work on roads that are left out, and that they open, is left out too.
    - Care at hospitals and sites that are left out, and of casualties that are, is left out too.
    - Hospitals, casualties, hazards, sites, crossings and road lines above the level are
      left out whole.
    """
    most = rank(level)
    left: list[LeftOut] = []
    tables = dict(situation.tables)
    conflict = situation.settings.context == "conflict"
    tables["areas"] = _areas(tables["areas"], most, left)
    tables["places"] = _places(tables["places"], tables["areas"], most, conflict, left)
    tables["worksites"] = _points("worksites", tables, most, conflict, left)
    tables["blockages"] = _points("blockages", tables, most, conflict, left)
    hidden_stock = _stock_places(tables["stock"], most)
    tables["stock"] = _stock(tables["stock"], most, left)
    for name in DROPPED:
        tables[name] = _drop(name, tables[name], most, conflict, left)
    kept = tables["hospitals"]["place_id"].implode()
    tables["hospital_days"] = tables["hospital_days"].filter(pl.col("place_id").is_in(kept))
    shown = _without_care(plan, situation.tables, tables)
    if hidden_stock:
        shown = shown.replace(stocks=_rounded_stocks(shown["stocks"], hidden_stock))
    hidden = situation["road_segments"].join(tables["road_segments"], on="segment_id", how="anti")
    if hidden.height:
        shown = _without_roads(shown, situation["blockages"], hidden["segment_id"])
    if conflict and most < rank("high") and situation["convoys"].height:
        areas = sorted(set(situation["convoys"]["area_id"]))
        shown = _without_convoys(shown, areas)
        tables["convoys"] = tables["convoys"].clear()
        left.append(
            LeftOut(
                "convoys", len(areas), f"days, routes and loads of convoys to {len(areas)} area(s)"
            )
        )
    if not left:
        return situation, plan, ()
    return Situation.of(situation.settings, tables, situation.folder), shown, tuple(left)


def roads_hidden(left_out: Iterable[LeftOut]) -> bool:
    """Say whether road lines were left out: a way over the others would be a wrong one."""
    return any(item.code == "rows_road_segments" for item in left_out)


def _levels(frame: pl.DataFrame, default: pl.Expr | str) -> pl.Series:
    """Rank of each row, its own sensitivity first, then the default."""
    base = pl.lit(default) if isinstance(default, str) else default
    code = pl.coalesce("sensitivity", base)
    order = {name: i for i, name in enumerate(SENSITIVITIES)}
    return frame.select(
        code.replace_strict(order, default=len(SENSITIVITIES) - 1, return_dtype=pl.Int64).alias(
            "rank"
        )
    )["rank"]


def _areas(areas: pl.DataFrame, most: int, left: list[LeftOut]) -> pl.DataFrame:
    secret = _levels(areas, "low") > most
    if not secret.any():
        return areas
    left.append(
        LeftOut("areas", int(secret.sum()), f"outline and position of {secret.sum()} area(s)")
    )
    others = (
        areas.filter(~secret)
        .filter(pl.col("parent_id").is_not_null())
        .group_by("parent_id")
        .agg(pl.col("latitude").mean().alias("_lat"), pl.col("longitude").mean().alias("_lon"))
    )
    return (
        areas.with_columns(secret.alias("_secret"))
        .join(others, on="parent_id", how="left")
        .with_columns(
            _if_secret("geometry", pl.lit(None, pl.String)),
            _if_secret("latitude", pl.col("_lat")),
            _if_secret("longitude", pl.col("_lon")),
        )
        .select(areas.columns)
    )


def _if_secret(column: str, then: pl.Expr) -> pl.Expr:
    return pl.when("_secret").then(then).otherwise(pl.col(column)).alias(column)


def _centres(areas: pl.DataFrame) -> pl.DataFrame:
    """Position of each area: its coordinates, else the middle of its outline."""
    rows = []
    for row in areas.select("area_id", "latitude", "longitude", "geometry").iter_rows():
        code, lat, lon, outline = row
        if (lat is None or lon is None) and outline:
            shape = shapely.from_wkt(outline, on_invalid="ignore")
            if shape is not None and not shape.is_empty:
                point = shape.centroid
                lat, lon = point.y, point.x
        rows.append((code, lat, lon))
    schema = {"area_id": pl.String, "_lat": pl.Float64, "_lon": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _to_centre(frame: pl.DataFrame, secret: pl.Series, areas: pl.DataFrame) -> pl.DataFrame:
    return (
        frame.with_columns(secret.alias("_secret"))
        .join(_centres(areas), on="area_id", how="left")
        .with_columns(
            _if_secret("latitude", pl.col("_lat")), _if_secret("longitude", pl.col("_lon"))
        )
        .select(frame.columns)
    )


def _places(
    places: pl.DataFrame, areas: pl.DataFrame, most: int, conflict: bool, left: list[LeftOut]
) -> pl.DataFrame:
    hidden = pl.col("kind").is_in(HIDDEN_IN_CONFLICT) if conflict else pl.lit(False)
    levels = _levels(places, pl.when(hidden).then(pl.lit("high")).otherwise(pl.lit("low")))
    secret = levels > most
    if not secret.any():
        return places
    left.append(LeftOut("places", int(secret.sum()), f"exact position of {secret.sum()} place(s)"))
    severe = secret & (levels == rank("severe"))
    return _to_centre(places, secret, areas).with_columns(
        pl.when(severe).then(None).otherwise(pl.col("name")).alias("name"),
        pl.when(severe).then(None).otherwise(pl.col("latitude")).alias("latitude"),
        pl.when(severe).then(None).otherwise(pl.col("longitude")).alias("longitude"),
    )


def _points(
    name: str, tables: dict[str, pl.DataFrame], most: int, conflict: bool, left: list[LeftOut]
) -> pl.DataFrame:
    """Worksites go to the middle of their area; blockages have none and lose their position."""
    frame = tables[name]
    default = {"worksites": "high" if conflict else "moderate", "blockages": "low"}[name]
    secret = _levels(frame, default) > most
    if not secret.any():
        return frame
    left.append(LeftOut(name, int(secret.sum()), f"exact position of {secret.sum()} {name}"))
    if "area_id" in frame.columns:
        return _to_centre(frame, secret, tables["areas"])
    return frame.with_columns(
        pl.when(secret).then(None).otherwise(pl.col(c)).alias(c) for c in ("latitude", "longitude")
    )


def _stock_places(stock: pl.DataFrame, most: int) -> list[str]:
    secret = _levels(stock, "low") > most
    return sorted(set(stock.filter(secret)["place_id"].drop_nulls()))


def _stock(stock: pl.DataFrame, most: int, left: list[LeftOut]) -> pl.DataFrame:
    secret = _levels(stock, "low") > most
    if not secret.any():
        return stock
    left.append(
        LeftOut("stock", int(secret.sum()), f"owner and exact quantity of {secret.sum()} lot(s)")
    )
    return stock.with_columns(
        pl.when(secret)
        .then(pl.col("quantity").round_sig_figs(2))
        .otherwise("quantity")
        .alias("quantity"),
        pl.when(secret).then(None).otherwise(pl.col("owner")).alias("owner"),
    )


def _rounded_stocks(stocks: pl.DataFrame, places: list[str]) -> pl.DataFrame:
    secret = pl.col("place_id").is_in(places)
    rounded = pl.col("quantity").round_sig_figs(2)
    return stocks.with_columns(
        pl.when(secret).then(rounded).otherwise("quantity").alias("quantity")
    )


def _drop(
    name: str, frame: pl.DataFrame, most: int, conflict: bool, left: list[LeftOut]
) -> pl.DataFrame:
    sensitive = ("hospitals", "casualties", "field_units", "candidate_sites")
    default = "high" if conflict and name in sensitive else "low"
    secret = _levels(frame, default) > most
    if secret.any():
        left.append(LeftOut(f"rows_{name}", int(secret.sum()), f"{secret.sum()} row(s) of {name}"))
    return frame.filter(~secret)


def _without_roads(plan: Plan, blockages: pl.DataFrame, segments: pl.Series) -> Plan:
    """Leave out the work on roads that may not be shown, and that they open."""
    on_them = pl.col("segment_id").is_in(segments.implode())
    sites = blockages.filter(on_them)["blockage_id"]
    return plan.replace(
        tasks=plan["tasks"].filter(~pl.col("at_id").is_in(sites.implode())),
        road_openings=plan["road_openings"].filter(~on_them),
    )


def _without_care(
    plan: Plan, all_tables: Mapping[str, pl.DataFrame], shown: Mapping[str, pl.DataFrame]
) -> Plan:
    """Leave out care at places, by units and of areas whose rows may not be shown."""

    def hidden(table: str, column: str) -> list[str]:
        left_out = all_tables[table].join(shown[table], on=column, how="anti")
        return sorted(set(left_out[column].to_list()))

    places = [*hidden("hospitals", "place_id"), *hidden("candidate_sites", "place_id")]
    units, areas = hidden("field_units", "unit_id"), hidden("casualties", "area_id")
    if not places and not units and not areas:
        return plan
    at = pl.col("place_id").is_in(places).fill_null(value=False)
    by = pl.col("unit_id").is_in(units).fill_null(value=False)
    of = pl.col("area_id").is_in(areas)
    reason = pl.col("at_id").is_in([*places, *units]).fill_null(value=False)
    return plan.replace(
        care=plan["care"].filter(~at & ~by & ~of),
        waiting=plan["waiting"].filter(~of),
        care_reasons=plan["care_reasons"].filter(~of & ~reason),
        facility_days=plan["facility_days"].filter(~at & ~by),
        field_sites=plan["field_sites"].filter(~at & ~by),
    )


def _without_convoys(plan: Plan, areas: list[str]) -> Plan:
    """Leave out when and how convoys go; totals per area and item stay."""
    to_area = pl.col("area_id").is_in(areas)
    leg = pl.col("to_id").is_in(areas)
    convoy_cause = (pl.col("cause") == "convoy") | to_area
    convoy_resource = pl.col("resource") == "convoy"
    coverage = plan["coverage"].with_columns(
        pl.when(to_area)
        .then(pl.col("share").mean().over("area_id", "item_id"))
        .otherwise("share")
        .alias("share")
    )
    return plan.replace(
        trips=plan["trips"].filter(~leg),
        loads=plan["loads"].filter(~leg),
        deliveries=plan["deliveries"].filter(~to_area),
        uses=plan["uses"].filter(~to_area),
        usage=plan["usage"].filter(~convoy_resource),
        coverage=coverage.with_columns(
            pl.when(to_area).then(pl.col("need") * pl.col("share")).otherwise("met").alias("met")
        ),
        reasons=_without_days(
            plan["reasons"],
            convoy_cause,
            text=pl.format("Limited by {}.", pl.col("cause").str.replace_all("_", " ")),
        ),
        bottlenecks=_without_days(
            plan["bottlenecks"], convoy_resource, unit=pl.lit("one more truck in each convoy")
        ),
    )


def _without_days(frame: pl.DataFrame, which: pl.Expr, **words: pl.Expr) -> pl.DataFrame:
    changes = {"first_day": pl.lit(None, pl.Int64), "last_day": pl.lit(None, pl.Int64), **words}
    return frame.with_columns(
        pl.when(which).then(then).otherwise(pl.col(name)).alias(name)
        for name, then in changes.items()
    )
