"""In the child process: the cells of a workbook as plain JSON.

Each column becomes ``{"t": type, "v": values}`` with type "n" (numbers), "s" (text) or "m"
(mixed: text of every cell, and "k", a digit per cell with its kind as in
`aidline.formats.grid`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from aidline.errors import FormatError
from aidline.formats.grid import NO_RESULT
from aidline.formats.xlsx_scan import MOST_CELLS, Scan, scan_workbook

if TYPE_CHECKING:
    from pathlib import Path

MOST_SHEETS = 200
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FAR_LEFT = 100


def parse_workbook(path: Path) -> dict[str, Any]:
    """Return the sheets of a workbook.

    Raises
    ------
    FormatError
        It cannot be read, is protected, or too large.
    """
    import python_calamine as calamine

    scan = _look(path)
    try:
        with path.open("rb") as stream, calamine.CalamineWorkbook.from_filelike(stream) as book:
            names = book.sheet_names
            if len(names) > MOST_SHEETS:
                raise FormatError(
                    f"{len(names)} sheets are more than {MOST_SHEETS}: split the workbook"
                )
            hidden = {
                m.name
                for m in book.sheets_metadata
                if m.visible != calamine.SheetVisibleEnum.Visible
            }
            sheets = [
                _sheet(book, name, scan.broken(name)) | {"hidden": name in hidden} for name in names
            ]
    except calamine.PasswordError as error:
        raise FormatError("the workbook is protected by a password: save it without one") from error
    except (calamine.CalamineError, OSError) as error:
        raise FormatError(
            f"no workbook that can be read ({error}): save it again as XLSX"
        ) from error
    return {"sheets": sheets}


def _look(path: Path) -> Scan:
    with path.open("rb") as stream:
        head = stream.read(4)
        if head == b"PK\x03\x04":
            return scan_workbook(path)
        stream.seek(0)
        if _ENCRYPTED in stream.read(4_000_000):
            raise FormatError("the workbook is protected by a password: save it without one")
    return Scan()


def _sheet(book: Any, name: str, broken: dict[tuple[int, int], str]) -> dict[str, Any]:
    sheet = book.get_sheet_by_name(name)
    if sheet.height * sheet.width > MOST_CELLS:
        raise FormatError(
            f"{sheet.height:,} rows of {sheet.width:,} columns are too many: split the sheet",
            sheet=name,
        )
    top, left = sheet.start or (0, 0)
    rows = sheet.to_python(skip_empty_area=True) if sheet.height else []
    pad = min(left, _FAR_LEFT)
    for (row, column), error in broken.items():
        if 0 <= row - top < len(rows) and 0 <= column - left < sheet.width:
            rows[row - top][column - left] = error
    columns: list[dict[str, Any]] = (
        [{"t": "s", "v": [None] * len(rows)} for _ in range(pad)] if rows else []
    )
    columns += [_column(values) for values in zip(*rows, strict=True)]
    merged = [
        (r0 - top, c0 - left + pad, r1 - top, c1 - left + pad)
        for (r0, c0), (r1, c1) in (sheet.merged_cell_ranges or [])
        if r0 >= top and c0 >= left
    ]
    return {"name": name, "first_row": top + 1, "columns": columns, "merged": merged}


def _column(values: tuple[Any, ...]) -> dict[str, Any]:
    kinds = set(map(type, values))
    if kinds == {str}:
        if any(v.startswith("#") for v in values):
            return _mixed(values)
        return {"t": "s", "v": [v or None for v in values]}
    if kinds <= {float, int}:
        return {"t": "n", "v": values} if _finite(values) else _mixed(values)
    if kinds <= {float, int, str} and all(type(v) is not str or not v for v in values):
        numbers = [None if type(v) is str else v for v in values]
        return {"t": "n", "v": numbers} if _finite(numbers) else _mixed(values)
    return _mixed(values)


def _finite(values: Any) -> bool:
    return all(v is None or -1e300 < v < 1e300 for v in values)


def _mixed(values: tuple[Any, ...]) -> dict[str, Any]:
    texts: list[str | None] = []
    kinds: list[str] = []
    for value in values:
        text, kind = _cell(value)
        texts.append(text)
        kinds.append(kind)
    return {"t": "m", "v": texts, "k": "".join(kinds)}


_ERRORS = frozenset(
    {
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        NO_RESULT,
    }
)


def _cell(value: Any) -> tuple[str | None, str]:
    """Return the text and the kind of a cell."""
    if isinstance(value, str):
        return value or None, "5" if value in _ERRORS else "0"
    if isinstance(value, bool):
        return ("true" if value else "false"), "2"
    if isinstance(value, int | float):
        return _number(value), "1"
    return _moment(value)


def _moment(value: Any) -> tuple[str | None, str]:
    """Return the text and the kind of a date, a time or a length of time."""
    if isinstance(value, dt.datetime):
        whole_day = value.time() == dt.time()
        return (value.date() if whole_day else value).isoformat(), "3"
    if isinstance(value, dt.date):
        return value.isoformat(), "3"
    if isinstance(value, dt.time):
        return value.strftime("%H:%M"), "4"
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}", "4"
    return (None, "0") if value is None else (str(value), "0")


def _number(value: float) -> str:
    if value == value and abs(value) < 1e15 and value == int(value):  # noqa: PLR0124 - not for NaN
        return str(int(value))
    return repr(float(value))
