"""What kind of file it is, by its first bytes rather than by its name."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aidline.errors import FormatError
from aidline.formats.findings import Findings

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

_TEXT = {".csv", ".tsv", ".txt", ".tab"}
_BOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_LAYERS = {".geojson", ".json", ".gpkg", ".shp"}
READ = frozenset(_TEXT | _BOOKS | _LAYERS)
"""Endings of the files that are read."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER = {
    b"%PDF": "this is a PDF: ask for the sheet as XLSX or CSV",
    b"\x89PNG": "this is a picture: type the figures into a sheet",
    b"\xff\xd8\xff": "this is a picture: type the figures into a sheet",
    b"Rar!": "this is a RAR archive: unpack it first",
    b"7z\xbc\xaf": "this is a 7z archive: unpack it first",
    b"\x1f\x8b": "this is a gzip archive: unpack it first",
    b"MZ": "this is a program, not a table",
    b"\x7fELF": "this is a program, not a table",
    b"PAR1": "this is a Parquet file: save it as CSV or XLSX",
}


@dataclass(frozen=True, slots=True)
class FileKind:
    """Kind of a file: "csv", "workbook", "layer" or "other", and a problem with its name."""

    name: str
    problem: pl.DataFrame | None = None


def kind_of(path: Path) -> FileKind:
    """Return the kind of a file.

    Raises
    ------
    FormatError
        It has the name of a table but holds something else, or nothing.
    """
    suffix = path.suffix.lower()
    if suffix not in _TEXT | _BOOKS | _LAYERS:
        return FileKind("other")
    if path.stat().st_size == 0:
        raise FormatError("the file is empty: was it copied whole?", file=path.name)
    with path.open("rb") as stream:
        head = stream.read(512)
    if suffix == ".shp":
        return FileKind("layer")
    return _by_content(path, head, suffix)


def _by_content(path: Path, head: bytes, suffix: str) -> FileKind:
    for magic, message in _OTHER.items():
        if head.startswith(magic):
            raise FormatError(message, file=path.name)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _renamed(path, "workbook", _zip_kind(path), suffix in _BOOKS)
    if head.startswith(_OLE):
        return _renamed(path, "workbook", "an old Excel workbook", suffix in _BOOKS)
    if head.startswith(b"SQLite format 3"):
        return _renamed(path, "layer", "a GeoPackage", suffix == ".gpkg")
    if suffix in _BOOKS:
        shown = (
            "a web page"
            if head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<table"))
            else "no workbook"
        )
        if shown == "no workbook" and b"\0" not in head:
            return _renamed(path, "csv", "separated text", right_name=False)
        raise FormatError(
            f"this is {shown}: open it in a spreadsheet and save it as XLSX", file=path.name
        )
    if suffix in _LAYERS or (suffix in _TEXT and head.lstrip()[:1] == b"{" and b'"type"' in head):
        if suffix == ".gpkg":
            raise FormatError("this is no GeoPackage: was it copied whole?", file=path.name)
        return _renamed(path, "layer", "GeoJSON", suffix in _LAYERS)
    return FileKind("csv")


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:10_000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FormatError(
            f"the file is damaged ({error}): was it copied whole?", file=path.name
        ) from error
    if any(n.endswith(".shp") for n in names):
        raise FormatError("this is a zipped shapefile: unpack it first", file=path.name)
    if not any(n.startswith("xl/") or n in {"content.xml", "mimetype"} for n in names):
        raise FormatError("this is a zip archive, not a workbook: unpack it first", file=path.name)
    return "a workbook"


def _renamed(path: Path, kind: str, shown: str, right_name: bool) -> FileKind:
    if right_name:
        return FileKind(kind)
    findings = Findings()
    findings.add(
        "warning",
        "file-name",
        file=path.name,
        found=f"{shown} named {path.suffix}",
        expected="an ending that fits the content",
        mend="it was read by its content; rename it",
    )
    return FileKind(kind, findings.table())
