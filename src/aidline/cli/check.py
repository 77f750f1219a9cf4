"""`aidline check`: every problem of a situation at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidline.cli.output import ExitCode, json_option, say, show, show_json

if TYPE_CHECKING:
    from aidline.formats.read import Read


@click.command()
@click.argument("situation", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--corrected",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.xlsx",
    help="Write the sheets back with a column that says what is wrong in each row.",
)
@json_option
def check(situation: Path, corrected: Path | None, as_json: bool) -> ExitCode:
    """List every problem of SITUATION: where, what was found, what to do.

    SITUATION is a folder of tables or a workbook. Exit code 0 means clean or warnings only,
    1 means that there are errors.
    """
    from aidline.formats.read import read as read_situation

    read = _with_roads(read_situation(situation))
    if corrected is not None:
        from aidline.formats.corrected import write_corrected

        write_corrected(read, corrected)
        say(f"wrote {corrected}")
    if as_json:
        show_json(_as_json(read))
    else:
        _print(read)
    return ExitCode.ERRORS if _count(read, "error") else ExitCode.DONE


def _with_roads(read: Read) -> Read:
    """Add what only the road network shows: places and areas off the roads, broken lines."""
    import polars as pl

    from aidline.network.findings import network_problems

    found = network_problems(read.situation, read.accepted).select(read.problems.columns)
    return dataclasses.replace(read, problems=pl.concat([read.problems, found]))


def _count(read: Read, level: str) -> int:
    return int((read.problems["level"] == level).sum())


def _as_json(read: Read) -> dict[str, object]:
    return {
        "errors": _count(read, "error"),
        "warnings": _count(read, "warning"),
        "rows": {
            table: {
                "in": rows,
                "accepted": read.rows_accepted[table],
                "rejected": read.rows_rejected[table],
            }
            for table, rows in read.rows_in.items()
        },
        "problems": read.problems.to_dicts(),
    }


def _print(read: Read) -> None:
    for row in read.problems.iter_rows(named=True):
        show(problem_line(row))
    rows = [sum(c.values()) for c in (read.rows_in, read.rows_accepted, read.rows_rejected)]
    show(
        f"{_count(read, 'error')} error(s), {_count(read, 'warning')} warning(s); "
        f"{rows[0]:,} rows in: {rows[1]:,} accepted, {rows[2]:,} rejected"
    )


def problem_line(row: dict[str, object]) -> str:
    """Return one problem in two lines: where and what, then how to mend it."""
    same = row["sheet"] and Path(str(row["file"])).stem == row["sheet"]
    parts = [
        row["file"],
        f"sheet {row['sheet']}" if row["sheet"] and not same else "",
        f"row {row['row']}" if row["row"] is not None else "",
        f"column {row['column']}" if row["column"] else "",
    ]
    where = ", ".join(str(p) for p in parts if p)
    found = f"found {row['found']!r}, " if row["found"] else ""
    return f"{row['level']}: {where}: {found}expected {row['expected']}\n       {row['mend']}"
