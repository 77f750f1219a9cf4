"""What a reading told: errors and warnings as short rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aidline.formats.read import Read


def errors(result: Read) -> list[tuple[Any, ...]]:
    """Row, column and rule of every error, in order."""
    rows = result.problems.filter(result.problems["level"] == "error")
    return rows.select("row", "column", "rule").rows()


def warned(result: Read, rule: str) -> list[tuple[Any, ...]]:
    """Row, column and found text of every warning of a rule."""
    rows = result.problems.filter(
        (result.problems["level"] == "warning") & (result.problems["rule"] == rule)
    )
    return rows.select("row", "column", "found").rows()
