"""The front door: read a situation from a folder, a workbook or a file."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from aidline.errors import FormatError
from aidline.formats.findings import Findings
from aidline.formats.folder import Sheets, read_folder, read_single
from aidline.formats.settings_toml import FILE
from aidline.formats.sheet import Hints, SheetRows, read_sheet
from aidline.situation.check import check_frames
from aidline.situation.problems import ORIGIN, gather, or_raise, problems_of
from aidline.situation.situation import Situation, in_order
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aidline.formats.grid import Grid
    from aidline.situation.situation import Settings

_PLACE = ["file", "sheet", "row"]


@dataclass(frozen=True, slots=True)
class Read:
    """A situation as it was read, and everything that was wrong with it.

    Attributes
    ----------
    situation
        The accepted rows.
    problems
        Every problem (see `aidline.situation.problems`).
    rows_in, rows_accepted, rows_rejected
        Rows per table; accepted + rejected = in, always. Blank rows, headers, and the
        worked example of the template are no rows; totals count as rejected.
    sheets
        The sheets as they were found, each with the table that its name tells (or None).
    hints
        What the settings say about the files.
    rows
        Table name -> accepted rows with the columns `aidline.situation.problems.ORIGIN`.
    """

    situation: Situation
    problems: pl.DataFrame
    rows_in: Mapping[str, int]
    rows_accepted: Mapping[str, int]
    rows_rejected: Mapping[str, int]
    sheets: tuple[tuple[Grid, str | None], ...] = ()
    hints: Hints = field(default_factory=Hints)
    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def origins(self, table: str) -> pl.DataFrame | None:
        """Return file, sheet and row of each row of a table, in the order of the situation."""
        rows = self.rows.get(table)
        return None if rows is None else in_order(table, rows).select(ORIGIN)


def read(path: str | Path, *, strict: bool = False) -> Read:
    """Read a situation.

    Parameters
    ----------
    path
        A folder (``situation.toml`` beside CSV, XLSX, GeoPackage, GeoJSON, shapefiles), one
        workbook (with a sheet "settings"), or one file of a table or layer.
    strict
        Raise if there is an error, instead of leaving out the rows that have one.

    Returns
    -------
    The situation of all rows without an error, every problem, and the count of rows.

    Raises
    ------
    FormatError
        There is nothing there, or the single file cannot be read at all.
    DataError
        `strict`, and at least one error.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError("there is no such file or folder", file=str(path))
    if path.name == FILE:
        path = path.parent
    if (path / "record.json").is_file() and (path / "situation").is_dir():
        raise FormatError(
            "this is the folder of a plan; the situation that it was made from is its subfolder "
            "`situation`",
            file=str(path),
        )
    sheets = read_folder(path) if path.is_dir() else read_single(path)
    rows = [read_sheet(grid, table, sheets.found.hints) for grid, table in sheets.grids]
    result = _assemble(sheets, rows, path)
    if strict:
        or_raise(result.problems)
    return result


def _assemble(sheets: Sheets, rows: list[SheetRows], path: Path) -> Read:
    frames = {
        name: pl.concat([r.frame for r in rows if r.table == name])
        for name in BY_NAME
        if any(r.table == name for r in rows)
    }
    told, settings = _earliest(frames), sheets.found.settings
    if told is not None and "start_date" not in sheets.found.given:
        settings = dataclasses.replace(settings, start_date=told)
    notices = _notices(sheets, rows, told, path)
    parsed = gather([*sheets.problems, *(r.problems for r in rows), notices])
    problems, accepted = _check(frames, settings, parsed)
    folder = path if path.is_dir() else path.parent
    situation = Situation.of(settings, {n: f.drop(ORIGIN) for n, f in accepted.items()}, folder)
    rows_in = {name: sum(r.rows_in for r in rows if r.table == name) for name in frames}
    kept = {name: accepted[name].height for name in frames}
    rejected = {name: rows_in[name] - kept[name] for name in frames}
    grids, hints = tuple(sheets.grids), sheets.found.hints
    return Read(situation, problems, rows_in, kept, rejected, grids, hints, accepted)


def _check(
    frames: dict[str, pl.DataFrame], settings: Settings, parsed: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Check all rows, so that one wrong cell is one finding, and leave out those with an error.

    Rows that point at a row that was left out go too, and are named as such. Codes of a
    table that was not given at all are an error of the situation, not of their rows.
    """
    wrong_cells = parsed.filter(pl.col("level") == "error")
    found = check_frames(frames, settings)
    found = found.join(wrong_cells, on=[*_PLACE, "column"], how="anti", nulls_equal=True)
    whole = pl.col("row").is_null() & (pl.col("rule") == "required")
    told = found.filter(whole).join(wrong_cells, on=["file", "sheet", "column"], how="semi")
    found = found.join(told, on=found.columns, how="anti", nulls_equal=True)
    of_rows = found.join(_absent(frames), on=["file", "sheet", "column", "rule"], how="anti")
    kept = _complete(_without(frames, pl.concat([wrong_cells, of_rows])))
    kept, follow = _follow(frames, kept)
    return gather([parsed, found, *follow]), kept


def _complete(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Leave out rows without what must be there: a column that is missing is told once."""
    required = {name: [c.name for c in BY_NAME[name].columns if c.required] for name in frames}
    return {name: frame.drop_nulls(required[name]) for name, frame in frames.items()}


def _references(frames: dict[str, pl.DataFrame]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name in frames:
        for column in BY_NAME[name].columns:
            if column.refers_to:
                yield name, column.name, column.refers_to


def _absent(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the places of references to tables that nobody gave."""
    rows = [
        {"file": file, "sheet": sheet, "column": column, "rule": "reference"}
        for name, column, tables in _references(frames)
        if not any(t in frames and frames[t].height for t in tables)
        for file, sheet in frames[name].select("_file", "_sheet").unique().rows()
    ]
    schema = ["file", "sheet", "column", "rule"]
    return pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String()))


def _follow(
    frames: dict[str, pl.DataFrame], kept: dict[str, pl.DataFrame]
) -> tuple[dict[str, pl.DataFrame], list[pl.DataFrame]]:
    """Leave out rows whose references were left out, until none is left."""
    problems: list[pl.DataFrame] = []
    kept, before = dict(kept), -1
    while before != (before := sum(f.height for f in kept.values())):
        for name, column, tables in _references(frames):
            lost = sorted(_codes(frames, tables) - _codes(kept, tables))
            is_orphan = pl.col(column).is_in(lost).fill_null(value=False)
            orphans = kept[name].filter(is_orphan)
            if orphans.height:
                kept[name] = kept[name].filter(~is_orphan)
                problems.append(
                    problems_of(
                        orphans,
                        "error",
                        "rejected-reference",
                        column=column,
                        found=pl.col(column),
                        expected=f"a code whose own row in {' or '.join(tables)} was accepted",
                        mend="mend the row of that code first: it was left out because of its "
                        "own error",
                    )
                )
    return kept, problems


def _codes(frames: Mapping[str, pl.DataFrame], tables: tuple[str, ...]) -> set[str]:
    columns = [frames[t][BY_NAME[t].key[0]] for t in tables if t in frames]
    return {code for column in columns for code in column.unique() if code is not None}


def _without(frames: dict[str, pl.DataFrame], problems: pl.DataFrame) -> dict[str, pl.DataFrame]:
    bad = (
        problems.filter((pl.col("level") == "error") & pl.col("row").is_not_null())
        .select(_PLACE)
        .unique()
    )
    return {
        name: frame.join(
            bad,
            left_on=["_file", "_sheet", "_row"],
            right_on=_PLACE,
            how="anti",
            maintain_order="left",
        )
        for name, frame in frames.items()
    }


def _earliest(frames: dict[str, pl.DataFrame]) -> dt.date | None:
    """Return the earliest date that figures and needs are of, None where none has a date."""
    columns = (("needs", "date"), ("needs", "as_of"), ("population", "as_of"), ("stock", "as_of"))
    dates = [frames[table][column].min() for table, column in columns if table in frames]
    return next((date for date in dates if isinstance(date, dt.date)), None)


def _tell_start(
    findings: Findings, sheets: Sheets, told: dt.date | None, path: Path, *, whole: bool
) -> None:
    """Say which first day was taken where none was given; without any date it is an error."""
    if "start_date" in sheets.found.given or any(sheets.found.problems["column"] == "start_date"):
        return
    first = sheets.found.settings.start_date
    findings.add(
        "error" if whole and told is None else "warning",
        "no-start-date",
        file=FILE if path.is_dir() else path.name,
        column="start_date",
        found=""
        if told is None
        else f"nothing; {told}, the earliest date of the figures, is taken",
        expected="the first day of the plan",
        mend=f"write start_date into {FILE} or the sheet 'settings', such as {told or first}",
    )


def _notices(
    sheets: Sheets, rows: list[SheetRows], told: dt.date | None, path: Path
) -> pl.DataFrame:
    """Say what was taken for granted, and what is missing as a whole."""
    findings = Findings()
    given = [r for r in rows if r.table]
    whole = sum(r.rows_in > 0 for r in given) > 1
    _tell_start(findings, sheets, told, path, whole=whole)
    left = [r.table for r in rows if r.example]
    if left:
        findings.add(
            "warning",
            "example-row",
            file=path.name,
            found=", ".join(left),
            expected="your own rows",
            mend="the grey example rows of these sheets were not read; nothing to do",
        )
    if not given:
        findings.add(
            "warning" if sheets.has_settings else "error",
            "no-tables",
            file=path.resolve().name,
            expected="at least one table",
            mend="is this the right folder or file? name files or sheets after the tables that "
            "they hold (areas, needs, stock, ...); aidline template writes a workbook to fill",
        )
    return findings.table()
