"""The errors of Aidline, one tree.

::

    AidlineError
    ├── DataError(problems)        the situation has errors; every problem is listed
    ├── FormatError(file, ...)     a file cannot be read at all
    ├── PlanError                  no plan could be made
    │   ├── Infeasible(conflicts)  what was promised cannot be kept
    │   └── LimitReached(best)     stopped early; the best verified plan is attached
    └── UsageError                 wrong options

Messages say what is wrong, where, which rule it breaks, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


class AidlineError(Exception):
    """Whatever Aidline raises on purpose."""


class DataError(AidlineError):
    """The situation has errors.

    Parameters
    ----------
    problems
        Table of problems, one row each (see `aidline.situation.problems`).
    """

    def __init__(self, problems: pl.DataFrame) -> None:
        self.problems = problems
        errors = problems.filter(problems["level"] == "error")
        first = errors.row(0, named=True) if errors.height else {}
        where = " ".join(str(first[k]) for k in ("file", "sheet", "row", "column") if first.get(k))
        super().__init__(
            f"{errors.height} error(s) in the situation; the first: {where}: "
            f"{first.get('found')!r}, expected {first.get('expected')}. {first.get('mend')}"
        )


class FormatError(AidlineError):
    """A file cannot be read.

    Parameters
    ----------
    message
        What is wrong and how to mend it.
    file, sheet, row, column
        Where, as far as it is known (row as the user counts them, from 1).
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        sheet: str = "",
        row: int | None = None,
        column: str = "",
    ) -> None:
        self.file, self.sheet, self.row, self.column = file, sheet, row, column
        self.message = message
        parts = [
            file,
            sheet and f"sheet {sheet}",
            row and f"row {row}",
            column and f"column {column}",
        ]
        where = ", ".join(str(p) for p in parts if p)
        super().__init__(f"{where}: {message}" if where else message)


class UsageError(AidlineError):
    """An option or a call that makes no sense."""


class PlanError(AidlineError):
    """No plan could be made."""


class Infeasible(PlanError):  # noqa: N818 - a verdict, in the words of the field
    """What was promised cannot be kept.

    Parameters
    ----------
    conflicts
        The promises or rules that contradict each other, in words.
    """

    def __init__(self, conflicts: list[str]) -> None:
        self.conflicts = conflicts
        super().__init__("; ".join(conflicts))


class LimitReached(PlanError):  # noqa: N818 - the best plan so far is attached
    """Stopped early; `best` is the best verified plan so far, or None."""

    def __init__(self, message: str, best: Any = None) -> None:
        self.best = best
        super().__init__(message)
