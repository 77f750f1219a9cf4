"""A plan as a file for others: the ending of its name says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aidline.errors import UsageError
from aidline.formats.sensitivity import shareable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def write_shared(
    situation: Situation,
    plan: Plan,
    path: Path,
    *,
    language: str = "en",
    level: str = "moderate",
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

    Returns
    -------
    tuple of str
        What was left out or made coarser, in words.

    Raises
    ------
    UsageError
        No such ending, language or level.
    """
    write = _writer(path, language)
    shown_situation, shown_plan, left_out = shareable(situation, plan, level)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(shown_situation, shown_plan, path)
    return tuple(part.text for part in left_out)


def _writer(path: Path, language: str) -> Callable[[Situation, Plan, Path], object]:
    """Return what writes this kind of file; each library is loaded when it is needed."""
    if path.suffix == ".html":
        from aidline.formats.report_html import write_report

        return lambda situation, plan, to: write_report(situation, plan, to, language)
    if path.suffix == ".pdf":
        from aidline.formats.brief_pdf import write_brief

        return lambda situation, plan, to: write_brief(situation, plan, to, language)
    if path.suffix == ".xlsx":
        from aidline.formats.plan_xlsx import write_workbook

        return write_workbook
    if path.suffix == ".gpkg":
        from aidline.formats.plan_gpkg import write_layers

        return write_layers
    if not path.suffix:
        from aidline.formats.plan_csv import write_tables

        return write_tables
    raise UsageError(
        f"no output of kind {path.suffix!r}: the ending is .html, .pdf, .xlsx or .gpkg, or none "
        "for a folder of CSV files"
    )
