"""The rules by which what is not known is made up, each scaled to a published figure.

Every table that comes from here carries the source `SYNTHETIC`; `README.md` tells the rules.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
START, DAYS = dt.date(2014, 10, 1), 30
FOOD_PER_CASE = 100
"""People who need food aid per case reported since June: household, contacts in isolation and
the closed community around. An assumption; the total comes near the 0.4 million people whom
the food aid of that autumn was planned for (recalled)."""
FOOD_CAP = 0.15
"""No more than this share of the people of a county (assumption)."""
STORAGE_M3 = 22_000.0
"""Storage of all eight bases together (published); its split is not."""
STOCK_DAYS, WEEKLY_DAYS = 8, 4.5
"""Days of the national need in stock on day 0, and arriving each week (assumptions)."""
TRUCK_SHARE = 0.85
"""Truck-hours that there are, against those that the whole need would take (assumption)."""
PER_BED = {"ppe_set": 10.0, "chlorine": 0.3, "diesel": 3.0, "food_ration": 2.0}
"""Units per bed and day in treatment units: protective sets, kg, litres, rations of patients
and staff (assumptions)."""

ITEMS = [
    # item, name, group, kind, unit, kg, m3, per person, hold days, weight, code, source
    ("food_ration", "General food ration", "food", "daily", "person-day ration",
     0.62, 0.0011, 1.0, 14, 1.0, None, "FOOD"),
    ("ppe_set", "Set of protective clothing", "health", "daily", "set",
     0.9, 0.008, None, 30, 2.0, None, "ASSUMED"),
    ("chlorine", "Calcium hypochlorite", "health", "daily", "kilogram",
     1.09, 0.0016, None, 30, 2.0, None, "ASSUMED"),
    ("diesel", "Diesel in drums", "fuel", "daily", "litre",
     0.93, 0.0013, None, 14, 1.0, None, "ASSUMED"),
    ("hygiene_kit", "Household protection kit", "hygiene", "once", "kit",
     8.0, 0.03, 0.2, None, 1.0, None, "ASSUMED"),
    ("health_kit", "Basic health kit (IEHK basic unit)", "health", "once", "kit",
     38.5, 0.18, 0.001, None, 1.0, "KMEDKIAE01B", "EIC"),
    ("body_bag", "Body bag, heavy", "other", "once", "piece",
     1.96, 0.0096, None, None, 1.0, "WSANBODBHW", "EIC"),
]  # fmt: skip

CLASSES = [
    ("truck_12t", "Two-axle truck, 12 t", "truck", 12.0, 42.0, 18.8, 1.5, 0.55),
    ("light_3t5", "Light truck, 3.5 t", "light_truck", 3.5, 18.0, 7.5, 0.8, 0.3),
    ("4x4_8t", "4×4 heavy-duty truck, 8 t", "4x4", 8.0, 30.0, 14.5, 1.2, 0.15),
]
"""Class, name, profile, payload t, volume m3, gross t, loading h, share of the trucks."""


def item_tables() -> dict[str, pl.DataFrame]:
    """Return the tables `items`, `vehicle_classes` and `sources`."""
    items = [
        "item_id", "name", "need_group", "kind", "unit", "weight_kg", "volume_m3", "per_person",
        "hold_days", "weight", "catalogue_code", "source_id",
    ]  # fmt: skip
    classes = ["class_id", "name", "profile", "payload_t", "volume_m3", "gross_t", "load_h"]
    return {
        "items": pl.DataFrame(
            ITEMS, schema=items, orient="row", infer_schema_length=None
        ).with_columns(dangerous=pl.col("item_id").is_in(["chlorine", "diesel"])),
        "vehicle_classes": pl.DataFrame(
            [row[:-1] for row in CLASSES], schema=classes, orient="row"
        ).with_columns(unload_h=pl.col("load_h"), source_id=pl.lit("LOG")),
        "sources": pl.read_csv(HERE / "sources.csv", infer_schema=False).with_columns(
            pl.col("published").str.to_date()
        ),
    }


def weekly_cases(cases: pl.DataFrame) -> pl.DataFrame:
    """Return new cases by county and week: county, date (first day), people, observed.

    Observed weeks are differences of the cumulative totals (suspected, probable, confirmed),
    interpolated to whole weeks; weeks of the plan repeat the mean of the last three.
    """
    parts = ("Total suspected cases", "Total probable cases", "Total confirmed cases")
    total = (
        cases.filter(pl.col("variable").is_in(parts))
        .group_by("county", "date")
        .agg(pl.col("value").sum(), pl.len().alias("parts"))
        .filter(pl.col("parts") == 3)
        .sort("county", "date")
    )
    marks = [START - dt.timedelta(days=7 * k) for k in (3, 2, 1, 0)]
    rows = []
    for (county,), frame in total.group_by("county", maintain_order=True):
        day = frame["date"].to_physical().to_numpy().astype(float)
        at = np.interp(
            [(m - dt.date(1970, 1, 1)).days for m in marks], day, frame["value"].to_numpy()
        )
        new = np.maximum(0, np.round(np.diff(at)))
        rows += [(county, m, float(n), True) for m, n in zip(marks, new, strict=False)]
        rows += [
            (
                county,
                START + dt.timedelta(days=k),
                round(float(new.mean()) * min(7, DAYS - k) / 7),
                False,
            )
            for k in range(0, DAYS, 7)
        ]
    schema = {"county": pl.String, "date": pl.Date, "people": pl.Float64, "observed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False)


def value_on(cases: pl.DataFrame, variable: str) -> dict[str, float]:
    """Return the figures of a variable by county on the first day of the plan."""
    day = cases.filter((pl.col("date") == START) & (pl.col("variable") == variable))
    return dict(day.select("county", "value").iter_rows())


def needs(areas: pl.DataFrame, cases: pl.DataFrame, beds: pl.DataFrame) -> pl.DataFrame:
    """Return the table `needs`.

    Parameters
    ----------
    areas
        area_id, county (folded), people.
    cases
        As `layers.cases` gives them.
    beds
        area_id, beds of open treatment units.
    """
    names = [f"Total {kind} cases" for kind in ("suspected", "probable", "confirmed")]
    total = {c: sum(value_on(cases, n).get(c, 0) for n in names) for c in areas["county"].unique()}
    contacts = value_on(cases, "Currently under follow-up")
    coming = (
        weekly_cases(cases)
        .filter(~pl.col("observed"))
        .group_by("county")
        .agg(pl.col("people").sum())
    )
    expected = dict(coming.iter_rows())
    of_county = dict(areas.group_by("county").agg(pl.col("people").sum()).iter_rows())
    rows: list[tuple[str, str, float, float]] = []
    for area, county, people in areas.select("area_id", "county", "people").iter_rows():
        share = people / of_county[county]
        fed = min(FOOD_CAP * of_county[county], FOOD_PER_CASE * total[county]) * share
        rows.append((area, "food_ration", round(fed), round(fed)))
        homes = contacts.get(county, 0) * share
        rows.append((area, "hygiene_kit", round(homes * 5), round(homes)))
        rows.append((area, "health_kit", round(fed), round(fed / 1000)))
        dead = round(0.6 * expected.get(county, 0) * share)
        rows.append((area, "body_bag", dead, dead))
    for area, count in beds.iter_rows():
        rows += [(area, item, count, round(count * each)) for item, each in PER_BED.items()]
    table = pl.DataFrame(
        rows, schema=["area_id", "item_id", "people", "quantity"], orient="row", strict=False
    )
    return (
        table.group_by("area_id", "item_id", maintain_order=True)
        .agg(pl.col("people").sum(), pl.col("quantity").sum())
        .filter(pl.col("quantity") > 0)
        .with_columns(
            people=pl.when(pl.col("people") > 0).then("people"),
            date=pl.lit(START),
            as_of=pl.lit(START),
            source_id=pl.lit("SYNTHETIC"),
        )
    )


def daily_total(table: pl.DataFrame) -> dict[str, float]:
    """Return the national need by item in units per day; one-off items spread over the plan."""
    kind = {row[0]: row[3] for row in ITEMS}
    total = dict(table.group_by("item_id").agg(pl.col("quantity").sum()).iter_rows())
    return {i: q if kind[i] == "daily" else q / DAYS for i, q in total.items()}


def goods(daily: dict[str, float], bases: list[tuple[str, float]]) -> dict[str, pl.DataFrame]:
    """Return `stock` and `arrivals`.

    Parameters
    ----------
    daily
        National need per day by item.
    bases
        (place, share) of the bases; shares sum to 1.
    """
    stock = [
        (f"LOT-{place}-{item}", place, item, float(round(STOCK_DAYS * need * share)))
        for place, share in bases
        for item, need in sorted(daily.items())
    ]
    ways = {
        "food_ration": (("PORT-MONROVIA", 0.8), ("PORT-BUCHANAN", 0.2)),
        "diesel": (("PORT-MONROVIA", 1.0),),
    }
    arrivals = []
    for item, need in sorted(daily.items()):
        for place, share in ways.get(item, (("AIR-RIA", 0.6), ("PORT-MONROVIA", 0.4))):
            for week, day in enumerate(range(2, DAYS - 3, 7), 1):
                eta = START + dt.timedelta(days=day)
                code = f"PIPE-{place}-{item}-{week}"
                arrivals.append((code, place, item, float(round(WEEKLY_DAYS * need * share)), eta))
    lots = pl.DataFrame(stock, schema=["lot_id", "place_id", "item_id", "quantity"], orient="row")
    ships = pl.DataFrame(
        arrivals, schema=["arrival_id", "place_id", "item_id", "quantity", "eta"], orient="row"
    )
    mark = {"source_id": pl.lit("SYNTHETIC")}
    return {
        "stock": lots.filter(pl.col("quantity") > 0).with_columns(as_of=pl.lit(START), **mark),
        "arrivals": ships.filter(pl.col("quantity") > 0).with_columns(
            eta_low=pl.col("eta") - pl.duration(days=1),
            eta_high=pl.col("eta") + pl.duration(days=4),
            **mark,
        ),
    }


def fleets(tonnes: dict[str, float], hours: dict[str, float]) -> pl.DataFrame:
    """Return the table `fleets`: `TRUCK_SHARE` of the truck-hours that the needs take.

    Parameters
    ----------
    tonnes
        Tonnes per day of the districts nearest to each base.
    hours
        Mean driving time from the base to them.
    """
    rows = []
    for base, load in sorted(tonnes.items()):
        for code, _, _, payload, _, _, load_h, share in CLASSES:
            trip_h = 2 * load_h + 2 * hours[base]
            trucks = np.ceil(TRUCK_SHARE * share * load / payload * trip_h / 10)
            rows.append(
                (f"F-{base}-{code}", base, code, max(1.0, float(trucks)), 10.0, "SYNTHETIC")
            )
    schema = ["fleet_id", "place_id", "class_id", "vehicles", "hours_per_day", "source_id"]
    return pl.DataFrame(rows, schema=schema, orient="row")
