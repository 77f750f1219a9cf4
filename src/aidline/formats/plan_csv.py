"""A plan as a folder of CSV files, one per table, with the units beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.key_figures import key_figures
from aidline.plan.tables import PLAN_TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def write_tables(situation: Situation, plan: Plan, folder: Path, verdict: Verdict) -> None:
    """Write every table of a plan as CSV.

    Beside them: `key_figures.csv`, and `columns.csv` with unit and meaning of each column.
    All are UTF-8 with a byte order mark, by which spreadsheets read names rightly.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    folder
        Made where it does not exist; files of the same names are replaced.
    verdict
        What the verifier says of the plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {name: frame for name, frame in plan.tables.items() if name != "prices"}
    figures = key_figures(situation, plan, verdict)
    tables["key_figures"] = pl.DataFrame(
        [(f.key, f.label, f.value, f.unit) for f in figures],
        schema={"key": pl.String, "label": pl.String, "value": pl.Float64, "unit": pl.String},
        orient="row",
    )
    tables["columns"] = pl.DataFrame(
        [(t.name, c.name, c.unit, c.meaning) for t in PLAN_TABLES for c in t.columns],
        schema=["table", "column", "unit", "meaning"],
        orient="row",
    )
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv", include_bom=True)
