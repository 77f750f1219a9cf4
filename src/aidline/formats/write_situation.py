"""Write a situation: a folder of CSV files, or one workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.settings_toml import FILE, settings_toml
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.situation.situation import Situation


def write_situation(situation: Situation, folder: Path) -> None:
    """Write a folder with ``situation.toml`` and one CSV per table that has rows.

    Dates are ISO, decimals have a point, text is UTF-8. `aidline.formats.read.read` gives
    the same situation back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(settings_toml(situation.settings), encoding="utf-8")
    for table in TABLES:
        frame, path = situation[table.name], folder / f"{table.name}.csv"
        if frame.height:
            yes_no = [c.name for c in table.columns if c.kind == "yes_no"]
            frame.with_columns(
                pl.col(yes_no).replace_strict({True: "yes", False: "no"}, return_dtype=pl.String)
            ).write_csv(path)
        else:
            path.unlink(missing_ok=True)
