"""What lies in a folder, a workbook or a file: sheets, settings, and what cannot be read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aidline.errors import FormatError
from aidline.formats.csv_text import read_csv
from aidline.formats.findings import Findings
from aidline.formats.folding import fold
from aidline.formats.labels import table_names
from aidline.formats.settings_toml import (
    FILE,
    Found,
    read_settings,
    settings_sheet,
    without_settings,
)
from aidline.formats.sniff import READ, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from aidline.formats.grid import Grid

_BESIDE = {
    ".prj",
    ".dbf",
    ".shx",
    ".cpg",
    ".qpj",
    ".qix",
    ".sbn",
    ".sbx",
    ".pbf",
    ".osm",
    ".md",
    ".toml",
    ".xml",
    ".qmd",
    ".html",
    ".pdf",
}
_QUIET = {"", ".py", ".png", ".jpg", ".svg", ".log", ".lock"}


@dataclass(slots=True)
class Sheets:
    """Everything found before it is given a meaning.

    Attributes
    ----------
    found
        The settings.
    grids
        Sheets with the table that their name tells, or None.
    problems
        What could not be read, and what was assumed in reading it.
    from_toml, has_settings
        True where ``situation.toml``, or that or a sheet, gave the settings.
    """

    found: Found
    grids: list[tuple[Grid, str | None]] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)
    from_toml: bool = False
    has_settings: bool = False


def read_folder(folder: Path) -> Sheets:
    """Read every file of a folder. A file that cannot be read becomes an error, others count."""
    sheets = Sheets(without_settings(folder.resolve().name))
    settings = folder / FILE
    sheets.has_settings = settings.is_file()
    if sheets.has_settings:
        _try(sheets, settings, lambda: _take_settings(sheets, settings))
    roads = folder / sheets.found.settings.roads if sheets.found.settings.roads else None
    if roads is not None:
        _try(sheets, roads, lambda: _take_roads(sheets, roads))
    for path in sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$"))):
        if path in (settings, roads):
            continue
        if path.is_dir():
            _tell_folder(sheets, path)
        elif path.is_file() or path.is_symlink():
            _try(sheets, path, lambda path=path: _take(sheets, path, in_folder=True))  # type: ignore[misc]
    return sheets


def _tell_folder(sheets: Sheets, folder: Path) -> None:
    """Say that a folder within was not read, where it holds what could be a table or layer."""
    try:
        held = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in READ)
    except OSError:
        held = []
    if held or folder.suffix.lower() == ".gdb":
        findings = Findings()
        findings.add(
            "warning",
            "folder-within",
            file=folder.name,
            found=", ".join(held[:3]),
            expected="tables and layers beside each other",
            mend="folders within are not read: move what belongs to the situation up"
            if held
            else "save the layers of this geodatabase as a GeoPackage",
        )
        sheets.problems.append(findings.table())


def _take_roads(sheets: Sheets, path: Path) -> None:
    """Read the road file where it holds lines; an OSM file waits for the network."""
    kind = kind_of(path).name if path.is_file() else ""
    if kind == "layer":
        _take_layers(sheets, path, "road_segments")
    elif kind == "csv":
        grid, problems = read_csv(path)
        sheets.grids.append((grid, "road_segments"))
        sheets.problems.append(problems)
    else:
        return
    sheets.found.settings = dataclasses.replace(sheets.found.settings, roads="", road_columns={})


def _try(sheets: Sheets, path: Path, action: Callable[[], None]) -> None:
    """Turn what keeps a file from being read into a problem; the other files are read still."""
    try:
        action()
    except FormatError as fault:
        error = fault
    except OSError as fault:
        error = _unreadable(path, fault)
    else:
        return
    findings = Findings()
    findings.add(
        "error",
        "file",
        file=error.file or path.name,
        sheet=error.sheet,
        row=error.row,
        column=error.column,
        found=path.name,
        expected="a file that can be read",
        mend=error.message,
    )
    sheets.problems.append(findings.table())


def _unreadable(path: Path, fault: OSError) -> FormatError:
    if isinstance(fault, FileNotFoundError):
        mend = "there is nothing behind this link: put the file itself here"
    elif isinstance(fault, PermissionError):
        mend = "it may not be read: close the program that holds it, or ask its owner"
    else:
        mend = f"the system says '{fault.strerror or fault}': copy the file here once more"
    return FormatError(mend, file=path.name)


def _take_settings(sheets: Sheets, path: Path) -> None:
    sheets.found, sheets.from_toml = read_settings(path), True
    sheets.problems.append(sheets.found.problems)


def read_single(path: Path) -> Sheets:
    """Read one file.

    Raises
    ------
    FormatError
        It cannot be read.
    """
    sheets = Sheets(without_settings(path.stem))
    _take(sheets, path, in_folder=False)
    return sheets


def _take(sheets: Sheets, path: Path, *, in_folder: bool) -> None:
    kind = kind_of(path)
    if kind.problem is not None:
        sheets.problems.append(kind.problem)
    if kind.name == "csv":
        grid, problems = read_csv(path)
        sheets.grids.append((grid, table_of(path.stem)))
        sheets.problems.append(problems)
    elif kind.name == "workbook":
        from aidline.formats.xlsx_sheets import read_workbook

        _take_workbook(sheets, read_workbook(path))
    elif kind.name == "layer":
        _take_layers(sheets, path)
    elif not in_folder:
        raise FormatError(
            "no table, workbook or layer: give CSV, XLSX, GeoPackage, GeoJSON or a shapefile",
            file=path.name,
        )
    elif path.suffix.lower() not in _BESIDE | _QUIET:
        findings = Findings()
        findings.add(
            "warning",
            "unknown-file",
            file=path.name,
            expected="CSV, XLSX, GeoPackage, GeoJSON or shapefile",
            mend="it was not read",
        )
        sheets.problems.append(findings.table())


def _take_layers(sheets: Sheets, path: Path, table: str | None = None) -> None:
    """Read the layers of a file; their names tell the table where it is not given."""
    from aidline.formats.geo_layers import read_layers

    layers, problems = read_layers(path, sheets.found.hints)
    sheets.problems.append(problems)
    for grid in layers:
        sheets.grids.append((grid, table or table_of(grid.sheet) or table_of(path.stem)))


def _take_workbook(sheets: Sheets, grids: list[Grid]) -> None:
    for grid in grids:
        table = table_of(grid.sheet)
        if table == "settings":
            _take_settings_sheet(sheets, grid)
        elif table not in {"start", "lists"} and not (grid.hidden and table is None):
            sheets.grids.append((grid, table))
    if len(grids) == 1 and len(sheets.grids) == 1 and sheets.grids[0][1] is None:
        grid = sheets.grids[0][0]
        sheets.grids[0] = (grid, table_of(grid.file.rpartition(".")[0]))


def _take_settings_sheet(sheets: Sheets, grid: Grid) -> None:
    """Take the settings of a workbook, unless ``situation.toml`` has given them."""
    found, sheets.has_settings = settings_sheet(grid), True
    if not sheets.from_toml:
        sheets.found = found
        sheets.problems.append(found.problems)
        return
    findings = Findings()
    findings.add(
        "warning",
        "settings",
        file=grid.file,
        sheet=grid.sheet,
        expected="settings in one place",
        mend=f"{FILE} counts and this sheet was not read: delete one of the two",
    )
    sheets.problems.append(findings.table())


def table_of(name: str) -> str | None:
    """Return the table that a sheet or file name tells, or None.

    The whole name, or else the longest known name among its words ("2027 needs north").
    """
    known = table_names()
    words = fold(name).split()
    if " ".join(words) in known:
        return known[" ".join(words)]
    for phrase in _phrases(words):
        if (
            phrase in known
            and len(phrase) > 3
            and known[phrase] not in {"start", "settings", "lists"}
        ):
            return known[phrase]
    return None


def _phrases(words: list[str]) -> Iterator[str]:
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
