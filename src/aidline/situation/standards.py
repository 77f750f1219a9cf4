"""Standards and catalogues that are shipped: what people need, what things weigh, what carries.

The files lie in `aidline/data/standards`. Every row names its source, edition, section, how
sure it is (`status`: found, second_hand, recalled, assumption, derived) and where it holds
(`valid_context`). Whatever is taken from here is noted in the ledger, and a figure that the
user gives always wins.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.situation.defaults import Default, Ledger

if TYPE_CHECKING:
    from collections.abc import Collection

    from aidline.situation.situation import Situation

VERSION = "2026-11"
"""Edition of the files; it changes whenever a figure in them does."""

STATUSES = ("found", "second_hand", "recalled", "assumption", "derived")
_TEXT = ("code", "class_id", "section", "edition_year", "source", "valid_context")


@cache
def _read(name: str) -> pl.DataFrame:
    text = (files("aidline") / "data" / "standards" / name).read_bytes()
    return pl.read_csv(text, schema_overrides=dict.fromkeys(_TEXT, pl.String))


def needs_standards() -> pl.DataFrame:
    """Return what a person or a household needs.

    Returns
    -------
    pl.DataFrame
        Key `need_code`; `kind` ("daily", "once", or "reference" for figures that no item uses),
        `per` (person or household), `value` and `unit`; `item_ids`, `catalogue_codes` and
        `item_units` (lists separated by spaces) say which items it fits; `meaning`; source.
    """
    return _read("needs.csv")


def catalogue() -> pl.DataFrame:
    """Return relief items with the weight (kg) and volume (m³) of one packed unit.

    Returns
    -------
    pl.DataFrame
        Key `code`, as in the Emergency Items Catalogue; `name`, `need_group`, `counted_in`,
        `weight_kg`, `volume_m3`; source.
    """
    return _read("items.csv")


def truck_classes() -> pl.DataFrame:
    """Return classes of trucks.

    Returns
    -------
    pl.DataFrame
        Key `class_id`; `name`, `profile`, `gross_t`, `payload_t`, `length_m`, `volume_m3` with
        a status of its own (`volume_status`); source of the weights.
    """
    return _read("trucks.csv")


def stowage() -> pl.DataFrame:
    """Return the volume that one tonne of a cargo takes (m³ per t), by `cargo`."""
    return _read("stowage.csv")


def deployable_units() -> pl.DataFrame:
    """Return field hospitals, clinics and water plants that can be sent, by `unit_id`."""
    return _read("deployable_units.csv")


def care_benefit() -> pl.DataFrame:
    """Return the benefit of care against the delay until it starts, as corners of curves.

    Returns
    -------
    pl.DataFrame
        `triage`, `specialty` ("any" where no curve of its own stands), `delay_h` (hours from the
        day on which people come up, or from the first day of the plan, to the start of
        treatment), `benefit_low`, `benefit_mid`, `benefit_high` (expected lives saved or
        disability avoided per person, 0 to 1); source. Between two corners the benefit is
        linear, after the last it stays. Every curve falls all the way and stays above 0:
        nobody's waiting is free, and care is never without worth.
    """
    return _read("care_benefit.csv")


def search_teams() -> pl.DataFrame:
    """Return what light, medium and heavy search-and-rescue teams can do, by `kind`."""
    return _read("usar_teams.csv")


def completed(situation: Situation, ledger: Ledger) -> Situation:
    """Return the situation with the weights and volumes of items that only have a catalogue code.

    Whoever plans or verifies calls this first; where nothing is missing, the very same situation
    comes back.
    """
    items = situation["items"]
    filled = fill_measures(items, ledger)
    return situation if filled is items else situation.replace(items=filled)


def fill_measures(items: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Fill in missing weights and volumes of items by their catalogue code.

    Parameters
    ----------
    items
        The table `items` of a situation.
    ledger
        Notes each figure that was taken.

    Returns
    -------
    pl.DataFrame
        The items, in the same order; what the catalogue does not know stays null.
    """
    by_code = {row["code"]: row for row in catalogue().iter_rows(named=True)}
    filled = items
    for column, unit in (("weight_kg", "kg"), ("volume_m3", "m³")):
        gaps = items.filter(pl.col(column).is_null() & pl.col("catalogue_code").is_in(by_code))
        values = {}
        for item_id, code in gaps.select("item_id", "catalogue_code").iter_rows():
            row = by_code[code]
            default_id = f"catalogue.{code}.{column}"
            default = _default(default_id, row[column], unit, row, row["name"])
            values[item_id] = ledger.note(default, f"item {item_id}")
        filled = _fill(filled, column, values)
    return filled


def fill_per_person(
    items: pl.DataFrame, ledger: Ledger, only: Collection[str] | None = None
) -> pl.DataFrame:
    """Fill in missing quantities per person of items by a standard.

    A standard fits an item of the same kind (daily, once) by its catalogue code, or by its item
    code where the item's unit is the one that the standard counts in.

    Parameters
    ----------
    items
        The table `items` of a situation.
    ledger
        Notes each standard that was taken, and the household size where it is per household.
    only
        Items for which the figure is wanted; None = all.

    Returns
    -------
    pl.DataFrame
        The items, in the same order; where no standard fits, `per_person` stays null.
    """
    gaps = items.filter(pl.col("per_person").is_null() & pl.col("item_id").is_not_null())
    if only is not None:
        gaps = gaps.filter(pl.col("item_id").is_in(list(only)))
    values = {}
    for item in gaps.iter_rows(named=True):
        standard = _standard_of(item)
        if standard is None:
            continue
        used_for = f"item {item['item_id']}"
        default_id = f"standard.{standard['need_code']}"
        default = _default(
            default_id, standard["value"], standard["unit"], standard, standard["meaning"]
        )
        value = ledger.note(default, used_for)
        if standard["per"] == "household":
            value /= ledger.take("household.people", used_for)
        values[item["item_id"]] = value
    return _fill(items, "per_person", values)


def _standard_of(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the standard that fits an item, or None."""
    unit = (item["unit"] or "").strip().casefold()
    for row in needs_standards().iter_rows(named=True):
        if row["kind"] != item["kind"]:
            continue
        by_code = item["catalogue_code"] in (row["catalogue_codes"] or "").split()
        by_name = item["item_id"].casefold() in (row["item_ids"] or "").split()
        counted = any(word in (row["item_units"] or "").split() for word in unit.split())
        if by_code or (by_name and counted):
            return row
    return None


def _default(
    default_id: str, value: float, unit: str, row: dict[str, Any], meaning: str
) -> Default:
    parts = (row["source"], row["edition_year"], row["section"])
    source = " ".join(part for part in parts if part)
    return Default(default_id, value, unit, row["status"], source, meaning)


def _fill(items: pl.DataFrame, column: str, values: dict[str, float]) -> pl.DataFrame:
    if not values:
        return items
    found = pl.col("item_id").replace_strict(values, default=None, return_dtype=pl.Float64)
    return items.with_columns(pl.coalesce(column, found).alias(column))
