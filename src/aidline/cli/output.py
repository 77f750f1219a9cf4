"""How results and messages are shown: results on stdout, messages on stderr."""

from __future__ import annotations

import json
import math
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    ERRORS = 1
    USAGE = 2
    STOPPED = 3


def say(text: str) -> None:
    """Print a message for people, on stderr."""
    click.echo(text, err=True)


def show(text: str = "") -> None:
    """Print a result, on stdout."""
    click.echo(text)


def show_json(value: object) -> None:
    """Print a result as JSON, on stdout; dates as ISO text, infinite or missing as null."""
    click.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False, default=str))


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def number(value: float | None, digits: int = 0) -> str:
    """Return a number for people: thin grouping, "?" where it is unknown."""
    return "?" if value is None else f"{value:,.{digits}f}"


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share as a percentage, "?" where it is unknown."""
    return "?" if share is None else f"{100 * share:.{digits}f} %"


def text_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> str:
    """Return rows as aligned text.

    Parameters
    ----------
    rows
        One mapping each.
    columns
        Key -> header, in the order in which they are shown. A column of numbers is set flush
        right.
    """
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    heads = list(columns.values())
    widths = [
        max(len(head), *(len(row[i]) for row in cells)) if cells else len(head)
        for i, head in enumerate(heads)
    ]
    right = [
        any(isinstance(row.get(key), (int, float)) for row in rows)
        and not any(isinstance(row.get(key), str) for row in rows)
        for key in columns
    ]

    def line(texts: Sequence[str]) -> str:
        parts = [
            t.rjust(w) if r else t.ljust(w) for t, w, r in zip(texts, widths, right, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return "\n".join([line(heads), line(["-" * w for w in widths]), *map(line, cells)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)
