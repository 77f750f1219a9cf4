"""How long it takes to read a workbook of needs, in the sandbox and with every check.

Ours is `aidline.formats.read.read`: scan of the zip, a child process with limits, headers,
types, checks. The other is openpyxl alone, reading the cells of the same file in read-only
mode in this process: no limits, no types, no checks.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import xlsxwriter

from aidline.formats.read import read
from aidline.formats.sandbox import run_sandboxed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

START = dt.date(2027, 3, 2)
TARGET_S = 2.0
ROWS = {"S": 5_000, "M": 50_000, "L": 200_000}
JUDGED = 50_000
REPEATS = 3


def write_needs(path: Path, rows: int) -> None:
    """Write a sound workbook with so many needs: ten items, the rest areas."""
    areas = max(1, rows // 10)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    settings = book.add_worksheet("settings")
    for r, (key, value) in enumerate([("name", "Bench"), ("days", 14)]):
        settings.write_row(r, 0, [key, value])
    settings.write_row(2, 0, ["start_date", START.isoformat()])
    _sheet(
        book,
        "areas",
        ["area_id", "name", "latitude", "longitude"],
        (
            [f"AR-{i:05d}", f"Area {i}", 10 + i % 800 / 100, -60 - i % 700 / 100]
            for i in range(areas)
        ),
    )
    _sheet(
        book,
        "population",
        ["area_id", "people"],
        ([f"AR-{i:05d}", 5_000 + i] for i in range(areas)),
    )
    _sheet(
        book,
        "items",
        ["item_id", "need_group", "kind", "weight_kg", "volume_m3"],
        ([f"item{i}", "food", "daily", 0.5, 0.001] for i in range(10)),
    )
    sheet = book.add_worksheet("needs")
    sheet.write_row(0, 0, ["area_id", "item_id", "date", "until", "people", "quantity"])
    for r in range(rows):
        sheet.write_row(r + 1, 0, [f"AR-{r // 10 % areas:05d}", f"item{r % 10}"])
        sheet.write_datetime(r + 1, 2, dt.datetime(2027, 3, 2), date)  # noqa: DTZ001
        sheet.write_datetime(r + 1, 3, dt.datetime(2027, 3, 15), date)  # noqa: DTZ001
        sheet.write_row(r + 1, 4, [100 + r % 4_000, 100.5 + r % 4_000])
    book.close()


def _sheet(book: Any, name: str, header: list[str], rows: Iterable[list[Any]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, header)
    for r, row in enumerate(rows, start=1):
        sheet.write_row(r, 0, row)


def by_openpyxl(path: Path) -> int:
    """Read every cell with openpyxl; return the number of rows of needs."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        return len([list(row) for row in book["needs"].iter_rows(values_only=True)]) - 1
    finally:
        book.close()


def _best(action: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    times, answer = [], None
    for _ in range(repeats):
        begin = time.perf_counter()
        answer = action()
        times.append(time.perf_counter() - begin)
    return min(times), answer


def run(sizes: Sequence[str]) -> list[dict[str, Any]]:
    """Run the benchmark.

    Parameters
    ----------
    sizes
        Any of S (5,000 rows), M (50,000, the judged one) and L (200,000); others are left out.

    Returns
    -------
    One row per workbook: seconds of ours and of openpyxl, their ratio, the target.
    """
    return [_row(ROWS[size], size) for size in sizes if size in ROWS]


def _row(rows: int, size: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "needs.xlsx"
        write_needs(path, rows)
        ours_s, answer = _best(lambda: read(path), REPEATS)
        assert answer.rows_accepted["needs"] == rows, "every row must be accepted"
        other_s, other_rows = _best(lambda: by_openpyxl(path), 1)
        assert other_rows == rows, "both must read the same rows"
        peak = run_sandboxed("workbook", path)["peak_bytes"]
    judged = rows == JUDGED
    return {
        "bench": "read_xlsx",
        "size": size,
        "what": f"read and check a workbook of {rows:,} rows, sandboxed",
        "ours_s": ours_s,
        "other": "openpyxl: cells only, no limits, no checks",
        "other_s": other_s,
        "ratio": other_s / ours_s,
        "target": f"<= {TARGET_S:g} s" if judged else None,
        "met": ours_s <= TARGET_S if judged else None,
        "note": f"the child held {peak / 2**20:.0f} MiB at most",
    }


if __name__ == "__main__":
    for line in run(sys.argv[1:] or ("S", "M")):
        print(json.dumps(line))
