"""The report: one HTML file that shows a plan and works without any network."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from aidline.formats.report_html import gantt
from aidline.formats.report_html.map_layers import SYMBOLS
from aidline.formats.report_html.model import Report, prepare
from aidline.formats.sensitivity import shareable

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

__all__ = ["Report", "prepare", "report_html", "write_report"]


def write_report(
    situation: Situation,
    plan: Plan,
    path: Path | str,
    language: str = "en",
    verdict: Any = None,
    *,
    level: str = "moderate",
) -> None:
    """Write the report of a plan as one self-contained HTML file.

    Parameters
    ----------
    situation, plan
        What was planned and the plan.
    path
        The file; replaced where it exists.
    language
        "en", "fr" or "ar".
    verdict
        What `aidline.plan.check.check_plan` says of the plan; None leaves it unsaid.
    level
        Rows more sensitive than this are coarsened or left out, and a line says so.

    Raises
    ------
    UsageError
        No report in that language, or no such level.
    """
    text = report_html(situation, plan, language, verdict, level=level)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def report_html(
    situation: Situation,
    plan: Plan,
    language: str = "en",
    verdict: Any = None,
    *,
    level: str = "moderate",
) -> str:
    """Return the report as text; the same plan gives the same text. See `write_report`."""
    shown, shown_plan, left_out = shareable(situation, plan, level)
    report = prepare(shown, shown_plan, language, verdict, left_out)
    return _template().render(
        r=report,
        lang=report.language,
        say=report.language.say,
        style=Markup(_text("style.css")),  # noqa: S704
        script=Markup(_script()),  # noqa: S704
        script_hash=_script_hash(),
        symbols=SYMBOLS,
        gantt_sample=gantt.sample,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_text"] = _css_text
    return environment.from_string(_text("template.html.j2"))


@cache
def _text(name: str) -> str:
    return (files("aidline.formats.report_html") / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Join the parts of the script."""
    return "\n".join(
        _text(part) for part in ("report.js", "map.js", "flows.js", "moves.js", "tables.js")
    )


@cache
def _script_hash() -> str:
    """Name the one script that the page allows to run."""
    digest = hashlib.sha256(_script().encode()).digest()
    return base64.b64encode(digest).decode("ascii")


def _css_text(text: str) -> Markup:
    """Return text as the inside of a CSS string in which nothing has a meaning."""
    safe = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)
    return Markup(f"\\2068 {safe}\\2069 ")  # noqa: S704
