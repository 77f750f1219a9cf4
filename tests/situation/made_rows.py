"""Rows that keep every rule of the specs, made from the specs themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sound_world import Rows, day

from aidline.situation.cells import IN_ORDER
from aidline.situation.tables import BY_NAME, TABLES

if TYPE_CHECKING:
    from random import Random

    import polars as pl

    from aidline.situation.schema import Column, Table

LINE = "LINESTRING(-61.38 12.43,-61.36 12.45)"


def made(random: Random) -> Rows:
    """A few rows in every table, all of them valid."""
    rows: Rows = {}
    for spec in TABLES:
        listed = [_row(random, spec, i, rows) for i in range(random.randint(1, 3))]
        keys = [tuple(row[name] for name in spec.key) for row in listed]
        rows[spec.name] = [
            row for i, row in enumerate(listed) if keys[i] not in keys[:i] and not _of_itself(row)
        ]
    return rows


def _of_itself(row: dict[str, Any]) -> bool:
    """A kit that holds itself, or an item that stands in for itself."""
    return row.get("item_id", "") in (row.get("kit_id"), row.get("substitute_id"))


def _row(random: Random, spec: Table, number: int, rows: Rows) -> dict[str, Any]:
    row = {c.name: _value(random, spec, c, number, rows) for c in spec.columns}
    for first, second in (*IN_ORDER.get(spec.name, ()), ("opens_at", "closes_at")):
        if row.get(first) is not None and row.get(second) is not None and row[first] >= row[second]:
            row[second] = None
    return row | _as_the_rules_ask(random, spec.name, rows)


def _as_the_rules_ask(random: Random, table: str, rows: Rows) -> dict[str, Any]:
    """What the errors of the expert's rules are about is set; the rest is free."""
    items = [item["item_id"] for item in rows.get("items", ())]
    asked: dict[str, dict[str, Any]] = {
        "items": {"weight_kg": 1.0, "volume_m3": 0.002, "per_person": 1.0},
        "needs": {"quantity": 5.0},
        "stock": {random.choice(["place_id", "area_id"]): None},
        "crossings": {"refused_items": " ".join(items[:2])},
        "kits": {"kit_id": items[0] if items else "", "item_id": items[-1] if items else ""},
        "substitutes": {"substitute_id": items[-1] if items else ""},
    }
    return asked.get(table, {})


def _value(random: Random, spec: Table, column: Column, number: int, rows: Rows) -> Any:
    if column.refers_to:
        return _reference(random, column, rows)
    if column.name in spec.key and column.kind == "id":
        return f"{spec.name}-{number}"
    if column.name.endswith(("_low", "_high")) or (not column.required and random.random() < 0.3):
        return None
    return {
        "id": lambda: f"x{number}",
        "text": lambda: random.choice(["a", "Ωmega", "两", "x y"]),
        "number": lambda: _figure(random, column),
        "whole": lambda: int(_figure(random, column)),
        "date": lambda: day(random.randint(0, 9)),
        "time": lambda: f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}",
        "yes_no": lambda: random.random() < 0.5,
        "choice": lambda: random.choice(column.choices),
        "list": lambda: " ".join(random.sample(column.choices, min(2, len(column.choices)))),
        "wkt": lambda: LINE,
    }[column.kind]()


def _figure(random: Random, column: Column) -> float:
    low = 0.0 if column.low is None else column.low
    high = low + 1000.0 if column.high is None else column.high
    return float(random.randint(int(-(-low // 1)), int(high)))


def _reference(random: Random, column: Column, rows: Rows) -> str | None:
    if not column.required and column.name not in ("place_id", "area_id") and random.random() < 0.3:
        return None
    table = column.refers_to[0]
    codes = [row[BY_NAME[table].key[0]] for row in rows.get(table, ())]
    return random.choice(codes) if codes else None


FAULTS: dict[str, list[Any]] = {
    "number": [float("nan"), float("inf"), float("-inf"), 1e308, -1e200],
    "whole": [10**17, -(10**17)],
    "date": [dt.date(1900, 1, 1), dt.date(2999, 1, 1)],
    "time": ["25:00", "noon", "12:60"],
    "choice": ["nonsense"],
    "list": ["nonsense", "food,water"],
    "wkt": ["POLYGON((1 2", "hello"],
}


def spoiled(random: Random, rows: Rows) -> tuple[str, int, str]:
    """Put one fault into the rows; return its table, the index of its row and its column."""
    places = [
        (spec.name, i, column)
        for spec in TABLES
        for i in range(len(rows[spec.name]))
        for column in spec.columns
        if _faults(column, rows[spec.name])
    ]
    table, index, column = random.choice(places)
    rows[table][index][column.name] = random.choice(_faults(column, rows[table]))
    return table, index, column.name


def _faults(column: Column, listed: list[dict[str, Any]]) -> list[Any]:
    faults = list(FAULTS.get(column.kind, []))
    if column.kind == "list" and not column.choices:
        faults = []
    if column.kind in ("number", "whole") and column.low is not None:
        faults.append(int(column.low) - 1)
    if column.kind in ("number", "whole") and column.high is not None:
        faults.append(int(column.high) + 1)
    if column.refers_to:
        faults.append("nowhere")
    if column.required and (len(listed) > 1 or column.kind == "id"):
        faults.append(None if column.kind != "id" or len(listed) > 1 else "")
    return faults


def garbled(random: Random, rows: Rows) -> None:
    """Empty a third of all cells and spoil a quarter; lose some tables, repeat some rows."""
    for table, listed in rows.items():
        for row in listed:
            for name in row:
                faults = _faults(BY_NAME[table][name], listed)
                drawn = random.random()
                if drawn < 0.35:
                    row[name] = None
                elif drawn < 0.6 and faults:
                    row[name] = random.choice(faults)
        if random.random() < 0.2:
            listed.clear()
        elif listed and random.random() < 0.2:
            listed.append(dict(listed[0]))


def shuffled(random: Random, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The same rows in another order."""
    seed = random.randint(0, 10**6)
    return {n: f.sample(fraction=1.0, shuffle=True, seed=seed) for n, f in frames.items()}
