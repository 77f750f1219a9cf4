"""A plan as a file for others: the ending of its name says which."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from aidline.errors import UsageError
from aidline.formats.sensitivity import roads_hidden, shareable
from aidline.formats.staged import staged_file, staged_folder
from aidline.plan.check import check_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aidline.plan.check import Verdict
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def write_shared(
    situation: Situation,
    plan: Plan,
    path: Path,
    *,
    language: str = "en",
    level: str = "moderate",
    verdict: Verdict | None = None,
) -> tuple[str, ...]:
    """Write a plan as report, brief, workbook, layers or CSV files.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    path
        ``.html`` report, ``.pdf`` two-page brief, ``.xlsx`` workbook, ``.gpkg`` map layers, no
        ending: a folder of CSV files.
    language
        Language of report and brief.
    level
        Highest sensitivity that may be shown as it is.
    verdict
        What the verifier says of the plan; None = it is asked here.

    Returns
    -------
    tuple of str
        What was left out or made coarser, in words.

    Raises
    ------
    UsageError
        No such ending, language or level.
    """
    write = _document(path) if path.suffix in (".html", ".pdf") else _tables(path)
    shown_situation, shown_plan, left_out = shareable(situation, plan, level)
    path.parent.mkdir(parents=True, exist_ok=True)
    verdict = verdict or check_plan(situation, plan)
    with staged_file(path) if path.suffix else staged_folder(path) as part:
        if path.suffix in (".html", ".pdf"):
            write(situation, plan, part, language, verdict, level=level)
        elif path.suffix == ".gpkg":
            write(shown_situation, shown_plan, part, along_roads=not roads_hidden(left_out))
        else:
            write(shown_situation, shown_plan, part, verdict)
    return tuple(part.text for part in left_out)


def _document(path: Path) -> Callable[..., None]:
    """Return what writes report or brief; they filter by level themselves and say so."""
    if path.suffix == ".html":
        from aidline.formats.report_html import write_report

        return write_report
    from aidline.formats.brief_pdf import write_brief

    return write_brief


def _tables(path: Path) -> Callable[..., None]:
    """Return what writes tables or layers; each library is loaded when it is needed."""
    if path.suffix == ".xlsx":
        from aidline.formats.plan_xlsx import write_workbook

        return write_workbook
    if path.suffix == ".gpkg":
        return _layers
    if not path.suffix:
        from aidline.formats.plan_csv import write_tables

        return write_tables
    raise UsageError(
        f"no output of kind {path.suffix!r}: the ending is .html, .pdf, .xlsx or .gpkg, or none "
        "for a folder of CSV files"
    )


def _layers(situation: Situation, plan: Plan, path: Path, *, along_roads: bool) -> None:
    """Write map layers; a disk that fails the library is an error of the system."""
    from pyogrio.errors import DataSourceError

    from aidline.formats.plan_gpkg import write_layers

    try:
        write_layers(situation, plan, path, along_roads=along_roads)
    except DataSourceError as fault:
        raise OSError(errno.EIO, str(fault), str(path)) from fault
