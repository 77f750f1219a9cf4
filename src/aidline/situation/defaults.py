"""Default figures, each with its source and status, and the ledger of those that were used.

A default is never silent: whoever takes one names what it is for, and the plan lists all of
them. Statuses: found, second_hand, recalled, assumption, derived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import polars as pl

from aidline.errors import UsageError


@dataclass(frozen=True, slots=True)
class Default:
    """One default figure.

    Attributes
    ----------
    default_id
        Code, dotted.
    value
        The figure.
    unit, status, source, meaning
        As in `aidline/data/standards/defaults.csv`.
    """

    default_id: str
    value: float
    unit: str
    status: str
    source: str
    meaning: str


@cache
def defaults() -> dict[str, Default]:
    """Return every default by code."""
    text = (files("aidline") / "data" / "standards" / "defaults.csv").read_bytes()
    rows = pl.read_csv(text, schema_overrides={"value": pl.Float64}, infer_schema=False)
    return {
        row["default_id"]: Default(
            row["default_id"],
            float(row["value"]),
            row["unit"],
            row["status"],
            " ".join(p for p in (row["source"], row["edition_year"], row["section"]) if p),
            row["meaning"],
        )
        for row in rows.iter_rows(named=True)
    }


@dataclass(slots=True)
class Ledger:
    """Which defaults were taken, and for what."""

    taken: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Default] = field(default_factory=dict)

    def take(self, default_id: str, used_for: str = "") -> float:
        """Return the value of a default and remember that it was used.

        Parameters
        ----------
        default_id
            Code of the default.
        used_for
            What for, as people would say it ("fleet F1").
        """
        if default_id not in defaults():
            raise UsageError(f"no such default: {default_id}")
        return self.note(defaults()[default_id], used_for)

    def note(self, default: Default, used_for: str = "") -> float:
        """Remember a default that does not stand in the common list (a standard, say)."""
        self.values[default.default_id] = default
        self.taken.setdefault(default.default_id, []).append(used_for)
        return default.value

    def table(self) -> pl.DataFrame:
        """Return the table `defaults_used` of a plan."""
        rows = []
        for code in sorted(self.taken):
            default, uses = self.values[code], self.taken[code]
            shown = sorted({u for u in uses if u})
            more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
            rows.append(
                {
                    "default_id": code,
                    "value": f"{default.value:g}",
                    "unit": default.unit,
                    "status": default.status,
                    "source": default.source,
                    "used_for": ", ".join(shown[:6]) + more,
                    "count": len(uses),
                }
            )
        schema = {
            "default_id": pl.String, "value": pl.String, "unit": pl.String, "status": pl.String,
            "source": pl.String, "used_for": pl.String, "count": pl.Int64,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema)


def with_defaults(used: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Return a table `defaults_used` with the defaults of a further ledger added.

    One that both hold stands once, with everything that it was used for.
    """
    uses = pl.col("used_for").filter(pl.col("used_for") != "").unique(maintain_order=True)
    return (
        pl.concat([used, ledger.table()], how="vertical_relaxed")
        .group_by("default_id", maintain_order=True)
        .agg(
            pl.col("value", "unit", "status", "source").first(),
            uses.str.join(", ").alias("used_for"),
            pl.col("count").sum(),
        )
        .sort("default_id")
    )
