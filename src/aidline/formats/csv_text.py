"""CSV and other separated text: encoding, separator, limits, cells."""

from __future__ import annotations

import codecs
import csv
import re
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

import polars as pl

from aidline.errors import FormatError
from aidline.formats.findings import Findings
from aidline.formats.grid import Grid, letter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 150_000_000
MOST_COLUMNS = 2_000
MOST_ROWS = 5_000_000
MOST_CELLS = 20_000_000
LONGEST_FIELD = 16_000_000
LONGEST_LINE = 24_000_000
_BLOCK = 1_000_000  # cells
_END = "\x03end of the file\x03"
"""Handed to the parser as a last line: inside a cell it shows that a quote is open there."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_csv(path: Path, name: str = "") -> tuple[Grid, pl.DataFrame]:
    """Read a separated text file.

    Returns
    -------
    The cells, and problems (which encoding was taken where it is not UTF-8).

    Raises
    ------
    FormatError
        No text, or larger than the limits.
    """
    name = name or path.name
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FormatError(
            f"{size / 1e6:.0f} MB are more than the {MOST_BYTES / 1e6:.0f} MB that a text file "
            "may have: split it",
            file=name,
        )
    data = path.read_bytes()
    text, encoding = decode(data, name)
    del data
    findings = Findings()
    if encoding not in {"utf-8", "utf-8-sig", "utf-16", "utf-32", "ascii"}:
        findings.add(
            "warning",
            "encoding",
            file=name,
            found=encoding,
            expected="UTF-8",
            mend="the letters were read by this older encoding; look at some names, and save as "
            "'CSV UTF-8'",
        )
    sign = separator(text)
    columns = _columns(text, sign, name)
    frame = _tell_open_quotes(findings, columns, sign, name)
    return Grid(name, "", frame), findings.table()


def _tell_open_quotes(
    findings: Findings, columns: list[pl.Series], sign: str, name: str
) -> pl.DataFrame:
    """Find cells that hold whole lines of the file: a quotation mark was left open there.

    Such a cell is emptied, and its row is an error: the rows in it would be lost in silence.
    """
    frame = pl.DataFrame({str(i): c for i, c in enumerate(columns)})
    told: set[int] = set()
    for i, column in enumerate(columns):
        swallowed = [n for n in _with_lines(column) if _is_swallowed(column[n], sign, len(columns))]
        for n in sorted(set(swallowed) - told):
            lost = column[n].removesuffix(_END).rstrip().count("\n")
            findings.add(
                "error",
                "open-quote",
                file=name,
                row=n + 1,
                column=letter(i),
                found=" ".join(column[n].removesuffix(_END).split()),
                expected="one row of the table on each line",
                mend=f"a quotation mark is left open here, so that {lost} more line(s) were taken "
                "for one cell: close or delete it; if the line breaks belong to the text, put "
                "spaces in their place",
            )
        told.update(swallowed)
        if swallowed:
            frame = frame.with_columns(column.scatter(swallowed, None).alias(str(i)))
    return frame


def _with_lines(column: pl.Series) -> list[int]:
    """Return the rows whose cell holds a line break or the end of the file."""
    return column.str.contains_any(["\n", "\r", _END]).fill_null(value=False).arg_true().to_list()


def _is_swallowed(cell: str, sign: str, width: int) -> bool:
    """Tell whether a cell with line breaks holds rows of the table."""
    if cell.endswith(_END):
        return True
    inner = cell.splitlines()[1:]
    whole_row = width > 2 and any(line.count(sign) >= width - 1 for line in inner)
    cut_row = cell.count('"') % 2 == 1 and cell.count(sign) >= width - 1 > 0
    return whole_row or cut_row


def decode(data: bytes, name: str = "") -> tuple[str, str]:
    """Return the text of a file and the encoding that was used.

    UTF-8, UTF-16 and UTF-32 are told by their mark or by decoding; what is left is
    cp1252 (western) or cp1256 (Arabic), by the letters that each gives.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding, name), encoding
    if b"\0" in data[:4096]:
        even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
        half = max(1, len(data[:4096]) // 2)
        if max(even, odd) > 0.3 * half and min(even, odd) < 0.1 * half:
            encoding = "utf-16-be" if even > odd else "utf-16-le"
            return _decoded(data, encoding, name), "utf-16"
    if b"\0" in data:
        raise FormatError(
            "this is no text file (it holds NUL bytes): save the sheet as CSV UTF-8 or XLSX",
            file=name,
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _old_encoding(data)
        return data.decode(encoding, errors="replace"), encoding


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(
            f"it begins like {encoding} but byte {error.start} is wrong: save it again as CSV "
            "UTF-8",
            file=name,
        ) from error


def _old_encoding(data: bytes) -> str:
    """Tell cp1256 from cp1252: Arabic words are runs of high bytes, accents stand alone."""
    runs = [len(m) for m in re.findall(rb"[\x80-\xff]+", data[:200_000])]
    long_runs = sum(n for n in runs if n >= 3)
    return "cp1256" if long_runs > 0.5 * sum(runs) else "cp1252"


def separator(text: str) -> str:
    """Return the separator: the one that cuts the first lines most evenly into known headers."""
    head = text[:65_536].splitlines()[:25]
    known = _all_headers()
    best, best_score = ",", (-1, -1.0)
    for sign in (",", ";", "\t", "|"):
        try:
            rows = [r for r in csv.reader(head, delimiter=sign) if r]
        except csv.Error:
            continue
        widths = [len(r) for r in rows if len(r) > 1]
        if not widths:
            continue
        hits = max(sum(_simple(c) in known for c in r) for r in rows)
        usual = max(set(widths), key=widths.count)
        score = (hits, widths.count(usual) / len(rows) * min(usual, 50))
        if score > best_score:
            best, best_score = sign, score
    return best


def _simple(cell: str) -> str:
    from aidline.formats.folding import fold

    return fold(cell) if len(cell) < 80 else ""


def _all_headers() -> frozenset[str]:
    from aidline.formats.labels import column_names
    from aidline.situation.tables import BY_NAME

    return frozenset().union(*(column_names(t) for t in BY_NAME))


def _columns(text: str, sign: str, name: str) -> list[pl.Series]:
    """Return the columns, read in blocks so that memory stays bounded."""
    parts: list[tuple[int, list[pl.Series]]] = []
    rows = width = 0
    for block in _blocks(text, sign, name):
        rows += len(block)
        width = max(width, *map(len, block))
        if width > MOST_COLUMNS:
            wide = next(i for i, r in enumerate(block) if len(r) > MOST_COLUMNS)
            raise FormatError(
                f"{len(block[wide])} columns are more than the {MOST_COLUMNS} that a sheet may "
                "have: is the separator right?",
                file=name,
                row=rows - len(block) + wide + 1,
            )
        if rows > MOST_ROWS or rows * width > MOST_CELLS:
            raise FormatError(
                f"more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells: split the file", file=name
            )
        parts.append((len(block), [pl.Series(c, dtype=pl.String) for c in zip_longest(*block)]))
    return [
        pl.concat(
            [
                p[i] if i < len(p) else pl.repeat(None, n, dtype=pl.String, eager=True)
                for n, p in parts
            ]
        )
        for i in range(width)
    ]


def _blocks(text: str, sign: str, name: str) -> Iterator[list[list[str]]]:
    """Return the rows in blocks of about a million cells."""
    old = csv.field_size_limit(LONGEST_FIELD)
    block: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(chain(_lines(text, name), (_END,)), delimiter=sign):
            if row == [_END]:
                break
            block.append(row)
            cells += len(row) + 1
            if cells > _BLOCK:
                yield block
                block, cells = [], 0
        if block:
            yield block
    except csv.Error as error:
        raise FormatError(f"{error}: is a quotation mark left open?", file=name) from error
    finally:
        csv.field_size_limit(old)


def _lines(text: str, name: str) -> Iterator[str]:
    """Return the lines one by one; a file object would hold the text four times as large."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        number += 1
        if end - start > LONGEST_LINE:
            raise FormatError(
                "this line is longer than a sheet may have: is the file text at all?",
                file=name,
                row=number,
            )
        yield text[start:end]
        start = end
