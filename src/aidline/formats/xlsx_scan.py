"""A look at a workbook before anything parses it: its zip entries and its XML.

The scan streams; it never holds a whole entry. It refuses what no honest workbook has:
thousands of entries, bombs, archives within, entities, cells in a corner far away.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aidline.errors import FormatError
from aidline.formats.grid import NO_RESULT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_ENTRIES = 5_000
MOST_BYTES = 1_500_000_000
BOMB_RATIO = 100
BOMB_FROM_BYTES = 20_000_000
MOST_CELLS = 20_000_000
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384

_CHUNK = 1 << 20
_TAIL = 12_000
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,3}(\d{1,10})["']""")
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})\d""")
_DIMENSION = re.compile(
    rb"""<(?:\w+:)?dimension[^>]{0,100}ref\s*=\s*["']([A-Za-z$]+[\d$]+)(?::([A-Za-z$]+)([\d$]+))?["']"""
)
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_BROKEN = re.compile(
    rb"""<c\s[^>]{0,200}?\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]{0,200}>"""
    rb"""(?:<f[^>]{0,300}>[^<]{0,9000}</f>|<f[^>]{0,300}/>)?(?:<v\s*/>|<v></v>|<v>(#[A-Z/0-9!?_]{2,20})</v>)?</c>"""
)
_SHEET = re.compile(r"""<(?:\w+:)?sheet\s[^>]*>""")
_LINK = re.compile(r"""<(?:\w+:)?Relationship\s[^>]*>""")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*["']([^"']*)["']""")
MOST_BROKEN = 20_000
_ARCHIVES = (
    ".zip",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".docx",
    ".7z",
    ".rar",
    ".gz",
    ".tar",
    ".bz2",
    ".xz",
)


@dataclass(slots=True)
class SheetSize:
    """How large a sheet is.

    Attributes
    ----------
    rows, columns
        The last row and column that hold a cell.
    broken
        Cells whose value the parser would leave out: (row, column) from 0 -> the error that
        their formula gives, or `NO_RESULT` where the file holds a formula without its result.
    """

    rows: int = 0
    columns: int = 0
    broken: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(slots=True)
class Scan:
    """What the scan saw.

    Attributes
    ----------
    parts
        Entry name -> size of the sheet in it.
    names
        Sheet name -> entry name.
    """

    parts: dict[str, SheetSize] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def broken(self, sheet: str) -> dict[tuple[int, int], str]:
        """Return the broken cells of a sheet."""
        part = self.parts.get(self.names.get(sheet, ""))
        return part.broken if part else {}


def scan_workbook(path: Path) -> Scan:
    """Scan a zipped workbook (XLSX, XLSM, ODS).

    Raises
    ------
    FormatError
        It is damaged, or no honest workbook.
    """
    scan = Scan()
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive, path.stat().st_size)
            for info in archive.infolist():
                if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                    is_sheet = re.search(r"worksheets/[^/]+\.xml$", info.filename) is not None
                    size = scan.parts.setdefault(info.filename, SheetSize()) if is_sheet else None
                    _scan_xml(archive, info, size)
            scan.names = _names(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
    ) as error:
        raise FormatError(f"the workbook is damaged ({error}): was it copied whole?") from error
    except RuntimeError as error:  # zipfile says this of encrypted entries
        raise FormatError("the workbook is protected by a password: save it without one") from error
    return scan


def _check_entries(archive: zipfile.ZipFile, on_disk: int) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise FormatError(
            f"it holds {len(entries):,} parts; a workbook has a few dozen: save it again as XLSX"
        )
    if sum(e.compress_size for e in entries) > on_disk * 1.1 + 1_000:
        raise FormatError("its parts overlap, as in a zip bomb: it was not opened")
    if sum(e.file_size for e in entries) > MOST_BYTES:
        raise FormatError(
            f"unpacked it has more than {MOST_BYTES / 1e9:.1f} GB: split it, or save it as CSV"
        )
    for entry in entries:
        if entry.file_size > BOMB_FROM_BYTES and entry.file_size > BOMB_RATIO * max(
            1, entry.compress_size
        ):
            ratio = entry.file_size // max(1, entry.compress_size)
            raise FormatError(
                f"{entry.filename} unpacks to {ratio} times its size, as in a zip bomb: "
                "delete empty formatted rows and columns, or save it as CSV"
            )
        if entry.filename.lower().endswith(_ARCHIVES) and "embeddings/" not in entry.filename:
            raise FormatError(
                f"it holds another archive ({entry.filename}): unpack it and give the workbook "
                "itself"
            )


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Return the entry piece by piece; a piece begins with the end of the one before."""
    tail, total = b"", 0
    with archive.open(info) as stream:
        while piece := stream.read(_CHUNK):
            total += len(piece)
            if total > info.file_size:
                raise FormatError(
                    f"{info.filename} is larger than it says, as in a zip bomb: it was not opened"
                )
            yield tail + piece
            tail = piece[-_TAIL:]


def _scan_xml(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: SheetSize | None) -> None:
    for number, piece in enumerate(_chunks(archive, info)):
        if number == 0 and (piece[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in piece[:200]):
            raise FormatError(f"{info.filename} is not in UTF-8: save it again as XLSX")
        if _ENTITY.search(piece):
            raise FormatError(
                f"{info.filename} defines XML entities, which no spreadsheet does: it was not "
                "opened"
            )
        if size is not None:
            _measure(piece, size, first=number == 0)
    if size is not None and size.rows * size.columns > MOST_CELLS:
        raise FormatError(
            f"a sheet has cells as far as row {size.rows:,} and column {size.columns:,}: delete "
            "what stands far "
            "below or to the right of the table, and save it again"
        )


def _measure(piece: bytes, size: SheetSize, *, first: bool) -> None:
    rows = _ROW.findall(piece)
    if rows:
        size.rows = max(size.rows, int(max(rows, key=lambda r: (len(r), r))))
    columns = set(_COLUMN.findall(piece))
    if columns:
        size.columns = max(size.columns, *(_index(c) for c in columns))
    if size.rows > MOST_ROWS or size.columns > MOST_COLUMNS:
        raise FormatError("a sheet has cells outside of any spreadsheet: save it again as XLSX")
    for hit in _BROKEN.finditer(piece):
        is_formula = b"<f" in hit[0]
        if (hit[3] or is_formula) and len(size.broken) < MOST_BROKEN:
            size.broken[int(hit[2]) - 1, _index(hit[1]) - 1] = (
                hit[3].decode() if hit[3] else NO_RESULT
            )
    if first and (said := _DIMENSION.search(piece)) and said[2]:
        rows_said, columns_said = int(said[3].strip(b"$")), _index(said[2].replace(b"$", b""))
        if rows_said > 10 * MOST_ROWS or columns_said > 10 * MOST_COLUMNS:
            raise FormatError(
                "a sheet claims to be larger than any spreadsheet: save it again as XLSX"
            )


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> entry, as the workbook part says."""
    entries = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= entries:
        return {}
    book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
    rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    links = [dict(_ATTRIBUTE.findall(tag)) for tag in _LINK.findall(rels)]
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    names: dict[str, str] = {}
    for tag in _SHEET.findall(book):
        found = dict(_ATTRIBUTE.findall(tag))
        key = next((v for k, v in found.items() if k.endswith(":id")), "")
        target = targets.get(key, "").lstrip("/")
        names[html.unescape(found.get("name", ""))] = (
            target if target.startswith("xl/") else "xl/" + target
        )
    return names


def _index(letters: bytes) -> int:
    number = 0
    for sign in letters.upper():
        number = number * 26 + sign - 64
    return number
