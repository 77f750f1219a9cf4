"""A plan as a workbook: a front sheet with the key figures, then a sheet per table."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import xlsxwriter

from aidline.formats.key_figures import key_figures
from aidline.plan.tables import PLAN_TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from aidline.formats.key_figures import KeyFigure
    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.schema import Column, Table
    from aidline.situation.situation import Situation

MOST_ROWS = 1_048_576 - 3
"""Rows that a sheet holds below its three header rows."""
NAMES = {
    "area_id": ("areas", "area"), "item_id": ("items", "item"), "from_id": ("places", "from"),
    "via_id": ("places", "via"), "place_id": ("places", "place"), "at_id": ("places", "at"),
    "class_id": ("vehicle_classes", "truck"), "to_id": ("places", "to"),
    "from_item_id": ("items", "from item"), "segment_id": ("road_segments", "road"),
}  # fmt: skip
"""Codes that get a column with the name beside them: table to look in, header."""
MOMENTS = ("leave", "start", "finish")
"""Columns of days since the start, with parts of days."""
MOST_DAYS = 36_500
LEFT_OUT = ("prices",)
"""The certificate of the bound is for the verifier, not for people."""


def write_workbook(situation: Situation, plan: Plan, path: Path, verdict: Verdict) -> None:
    """Write a plan as a workbook.

    Each sheet has a header, a row of units, a frozen top, filters, and columns as wide as
    what they hold. Days are shown with their date, codes with their name; numbers are
    numbers, unknown is an empty cell.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    path
        The file; one that is there is replaced.
    verdict
        What the verifier says of the plan.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    file = BytesIO()  # zip files that break off on a full disk end in a traceback
    with xlsxwriter.Workbook(file, options) as book:
        styles = {name: book.add_format(look) for name, look in _LOOKS.items()}
        names = _names(situation)
        figures = key_figures(situation, plan, verdict)
        _front(book.add_worksheet("plan"), styles, situation, plan, figures)
        for table in _filled(plan):
            sheet = book.add_worksheet(table.name)
            _table(sheet, styles, table, _for_people(situation, plan[table.name], names))
    path.write_bytes(file.getvalue())


_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "notice": {"bold": True, "font_color": "#8a1c1c"},
    "head": {"bold": True, "bg_color": "#1f3d4d", "font_color": "#ffffff", "valign": "vcenter"},
    "meaning": {"italic": True, "font_color": "#555555", "valign": "top"},
    "unit": {"italic": True, "font_color": "#555555", "bg_color": "#eef2f4", "bottom": 1},
    "text": {},
    "whole": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
    "figure": {"num_format": "#,##0", "bold": True, "align": "right"},
    "share": {"num_format": "0.0%"},
    "share_figure": {"num_format": "0.0%", "bold": True, "align": "right"},
    "small_figure": {"num_format": "0.000", "bold": True, "align": "right"},
    "date": {"num_format": "yyyy-mm-dd"},
}


def _front(
    sheet: Worksheet,
    styles: dict[str, Format],
    situation: Situation,
    plan: Plan,
    figures: tuple[KeyFigure, ...],
) -> None:
    """Key figures, how the plan was made, and what each sheet holds."""
    record, settings = plan.record, situation.settings
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 54)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 70)
    sheet.write(0, 0, record.situation_name, styles["title"])
    sheet.write(1, 0, f"{settings.start_date} to {settings.date_of(record.days - 1)}")
    sheet.write(2, 0, record.notice, styles["notice"])
    row = 4
    for figure in figures:
        sheet.write(row, 0, figure.label)
        look = {"share": "share_figure", "": "small_figure"}.get(figure.unit, "figure")
        if figure.value is None:
            sheet.write(row, 1, "unknown", styles["figure"])
        else:
            sheet.write_number(row, 1, figure.value, styles[look])
        sheet.write(row, 2, "" if figure.unit == "share" else figure.unit)
        row += 1
    made = {
        "Method": f"{record.method}, {record.stopped}",
        "Seed": record.seed,
        "Version of Aidline": record.version,
        "Information as of": str(settings.as_of or "unknown"),
        "Situation (SHA-256)": record.situation_digest,
        "What the bound holds for": record.bound_scope,
    }
    for label, value in made.items():
        row += 1
        sheet.write(row, 0, label)
        sheet.write(row, 1, value)
    row += 2
    for table in _filled(plan):
        sheet.write_url(row, 0, f"internal:'{table.name}'!A1", string=table.name)
        sheet.write(row, 1, plan[table.name].height, styles["whole"])
        sheet.write(row, 2, table.meaning)
        row += 1


def _filled(plan: Plan) -> list[Table]:
    return [t for t in PLAN_TABLES if t.name not in LEFT_OUT and plan[t.name].height]


def _names(situation: Situation) -> dict[str, dict[str, str]]:
    keys = {
        "areas": "area_id",
        "places": "place_id",
        "items": "item_id",
        "vehicle_classes": "class_id",
        "road_segments": "segment_id",
    }
    names = {
        table: {
            code: name or code for code, name in situation[table].select(key, "name").iter_rows()
        }
        for table, key in keys.items()
    }
    sites = {
        code: names["road_segments"].get(segment, segment or code)
        for code, segment in situation["blockages"].select("blockage_id", "segment_id").iter_rows()
    }
    # a leg may end in an area or at a hub, a task is at a blockage
    names["places"] = sites | names["areas"] | names["places"]
    return names


def _for_people(
    situation: Situation, frame: pl.DataFrame, names: dict[str, dict[str, str]]
) -> pl.DataFrame:
    """Put the date beside each day and the name beside each code."""
    start = pl.lit(situation.settings.start_date)
    columns: list[pl.Expr] = []
    for column in frame.columns:
        columns.append(pl.col(column))
        if column == "day" or column.endswith("_day"):
            date = (start + pl.duration(days=pl.col(column))).cast(pl.Date)
            columns.append(date.alias(f"{column.removesuffix('day')}date"))
        elif column in MOMENTS:
            columns.append(_date_of(start, column).alias(f"{column} date"))
        elif column in NAMES:
            table, head = NAMES[column]
            known = names[table]
            columns.append(
                pl.col(column)
                .replace_strict(known, default=None, return_dtype=pl.String)
                .alias(head)
            )
    return frame.select(columns)


def _date_of(start: pl.Expr, moment: str) -> pl.Expr:
    """Return the date of a moment in days since the start; work ends on its last working day."""
    last_day = (pl.col(moment) - 1e-6).ceil() - 1
    day = last_day if moment == "finish" else (pl.col(moment) + 1e-6).floor()
    near = pl.when(day.is_between(-1, MOST_DAYS)).then(day)  # a date beyond is none to write down
    return (start + pl.duration(days=near.cast(pl.Int64))).cast(pl.Date)


def _table(sheet: Worksheet, styles: dict[str, Format], table: Table, frame: pl.DataFrame) -> None:
    """Meaning, header, units, then rows; frozen and filtered below the units."""
    specs = {c.name: c for c in table.columns}
    sheet.set_row(1, 18)
    sheet.write(0, 0, table.meaning + _cut_note(frame), styles["meaning"])
    for i, name in enumerate(frame.columns):
        spec = specs.get(name)
        look = styles[_look(spec, frame.schema[name])]
        sheet.write(1, i, name, styles["head"])
        sheet.write(2, i, spec.unit if spec else "", styles["unit"])
        sheet.set_column(i, i, _width(name, spec, frame[name]), look)
        sheet.write_column(3, i, frame[name].head(MOST_ROWS).to_list(), look)
    last = 2 + min(frame.height, MOST_ROWS)
    # the row of units heads the filter: below the names, it would be sorted with the rows
    sheet.autofilter(2, 0, last, len(frame.columns) - 1)
    sheet.freeze_panes(3, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1, 2)


def _cut_note(frame: pl.DataFrame) -> str:
    more = frame.height - MOST_ROWS
    return f" {more:,} more rows do not fit into a sheet: see the CSV files." if more > 0 else ""


def _look(spec: Column | None, dtype: pl.DataType) -> str:
    if dtype == pl.Date:
        return "date"
    if dtype.is_integer():
        return "whole"
    if dtype.is_float():
        return "share" if spec is not None and spec.unit == "share" else "number"
    return "text"


def _width(name: str, spec: Column | None, values: pl.Series) -> int:
    """Wide enough for header, unit and most values, never wider than a sentence."""
    if values.dtype == pl.String:
        longest = values.head(1000).str.len_chars().max()
    elif values.dtype == pl.Date:
        longest = 10
    else:
        longest = 11
    unit = len(spec.unit) if spec else 0
    shown = longest if isinstance(longest, int) else 0
    return min(60, max(8, len(name) + 3, unit + 1, shown + 1))
