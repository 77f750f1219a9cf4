"""Pages that are written from the code when the documentation is built.

Tables of the situation and of the plan from their specs, default figures from their list,
commands from the command line itself, results from what `aidline bench --out` wrote.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

from aidline.cli.main import VERBS
from aidline.plan.tables import PLAN_TABLES
from aidline.situation.defaults import defaults
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx.application import Sphinx

    from aidline.situation.schema import Column, Table

PARTS = {
    "supply": "Supply: needs, stock, crossings, trucks",
    "network": "Roads and travel times",
    "medical": "Medical",
    "clearance": "Clearance",
    "evidence": "Evidence",
}
KINDS = {
    "id": "code", "text": "text", "number": "number", "whole": "whole number", "date": "date",
    "time": "HH:MM", "yes_no": "yes/no", "choice": "choice", "list": "list of codes", "wkt": "WKT",
}  # fmt: skip
EXIT_CODES = """
Results go to stdout, messages to stderr; `--json` everywhere.

| Exit code | Meaning |
|---|---|
| 0 | Done. `check`: clean, or warnings only. `verify`: feasible. |
| 1 | The data or the plan has errors, or what was asked for could not be read, made or written. |
| 2 | Wrong usage: an option or a file name that makes no sense. |
| 3 | Stopped early with a usable result: time limit, Ctrl-C or SIGTERM came before the plan was \
as close to the best as `--gap` asks. The best verified plan so far is written. |

Files appear whole or not at all: on a full disk the result before stays as it was.
"""
ABOUT_RESULTS = """
What the benchmarks measured, bad rows too. Ours and the other were run side by side on the same
machine; the ratio is what to read. Run them with `aidline bench`.
"""
AREAS = {"S": 50, "M": 500, "L": 3000, "XL": 10000}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write every generated page; one that has not changed is left alone."""
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "situation-tables.md": situation_page(),
        "plan-tables.md": plan_page(),
        "defaults.md": defaults_page(),
        "commands.md": commands_page(),
        "results.md": results_page(Path(app.srcdir) / "results", folder),
    }
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(_cell(text) for text in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip() or " "


def code(text: object) -> str:
    """Return text as code; empty stays empty."""
    return f"`{text}`" if str(text) else ""


def situation_page() -> str:
    """Return the page of all tables of a situation."""
    front = ", ".join(f"[`{t.name}`](#{t.name.replace('_', '-')})" for t in TABLES if t.first_plan)
    parts = [
        "# Tables of a situation\n",
        f"{len(TABLES)} tables, all of them optional. A first supply plan needs these: {front}.\n",
    ]
    for part, title in PARTS.items():
        parts.append(f"## {title}\n")
        parts += [table_section(t) for t in TABLES if t.part == part]
    return "\n".join(parts)


def plan_page() -> str:
    """Return the page of all tables of a plan."""
    head = "# Tables of a plan\n\nOne CSV each in the plan's folder, beside `record.json`.\n"
    return "\n".join([head, *(table_section(t, level="##") for t in PLAN_TABLES)])


def table_section(table: Table, level: str = "###") -> str:
    """Return one table: meaning, key, columns."""
    text = f"{level} {table.name}\n\n{table.meaning}\n\n"
    text += f"Key: {', '.join(code(k) for k in table.key)}."
    if table.also:
        text += f" Sheets may also be called {', '.join(code(a) for a in table.also)}."
    rows = [(code(c.name), KINDS[c.kind], c.unit, _meaning(c)) for c in table.columns]
    return f"{text}\n\n{grid(('Column', 'Kind', 'Unit', 'Meaning'), rows)}"


def _meaning(column: Column) -> str:
    """Everything a spec says of a column: the meaning, then the details below it."""
    required = " **Required.**" if column.required else ""
    said = []
    if column.example:
        said.append(f"Example: {code(column.example)}.")
    if column.choices:
        said.append(f"One of {', '.join(code(c) for c in column.choices)}.")
    if column.low is not None or column.high is not None:
        said.append(_range(column.low, column.high))
    if column.refers_to:
        said.append(f"Must be in {' or '.join(code(t) for t in column.refers_to)}.")
    if column.default:
        said.append(f"Empty: {column.default}.")
    if column.hxl:
        said.append(f"HXL {code(column.hxl)}.")
    if column.also:
        said.append(f"Also read as: {', '.join(column.also)}.")
    return f"{column.meaning}{required}<br>{' '.join(said)}"


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return f"At least {low:g}."
    return f"At most {high:g}." if low is None else f"From {low:g} to {high:g}."


def defaults_page() -> str:
    """Return the page of default figures."""
    rows = [
        (code(d.default_id), f"{d.value:g}", d.unit or "", d.status, d.source, d.meaning)
        for d in defaults().values()
    ]
    head = (
        "# Default figures\n\nA default is taken only where the situation does not say, and every "
        "plan lists those that it rests on. `found` = read in the source; `second_hand` = quoted "
        "by another; `derived` = worked out from found figures; `recalled` = from memory, not yet "
        "checked; `assumption` = ours.\n\n"
    )
    return head + grid(("Code", "Value", "Unit", "Status", "Source", "Meaning"), rows)


def commands_page() -> str:
    """Return the page of all commands."""
    parts = [
        "# Commands\n",
        EXIT_CODES,
    ]
    for verb in VERBS:
        context = click.Context(verb, info_name=f"aidline {verb.name}")
        usage = " ".join(verb.collect_usage_pieces(context))
        rows = [record for p in verb.params if (record := p.get_help_record(context))]
        parts.append(f"## aidline {verb.name}\n\n```text\naidline {verb.name} {usage}\n```\n")
        parts.append(f"{inspect.cleandoc(verb.help or '')}\n")
        parts.append(grid(("Option", "Meaning"), [(code(o), text) for o, text in rows]))
    return "\n".join(parts)


def results_page(results: Path, out: Path) -> str:
    """Return the page of measured results: one section per file that a run wrote."""
    parts = [
        "# Results\n",
        ABOUT_RESULTS,
    ]
    files = sorted(results.glob("*.json"))
    if not files:
        parts.append("No run has been published yet.\n")
    for path in files:
        run = json.loads(path.read_text(encoding="utf-8"))
        machine = ", ".join(f"{key} {value}" for key, value in run["machine"].items())
        parts += [f"## {path.stem}\n", f"{machine}\n", _rows(run["rows"])]
        if _plot(run["rows"], out / f"{path.stem}.svg"):
            parts.append(f"![Seconds against number of areas]({path.stem}.svg)\n")
        if _plot_gaps(run["rows"], out / f"{path.stem}-gaps.svg"):
            parts.append(f"![Gap against seconds, by size]({path.stem}-gaps.svg)\n")
    return "\n".join(parts)


def _rows(rows: list[dict[str, Any]]) -> str:
    heads = (
        "Benchmark",
        "Size",
        "What",
        "Ours, s",
        "Other",
        "Other, s",
        "Ratio",
        "Target",
        "Met",
        "Note",
    )
    keys = ("bench", "size", "what", "ours_s", "other", "other_s", "ratio", "target", "met", "note")
    return grid(heads, [[_figure(row.get(key)) for key in keys] for row in rows])


def _figure(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _plot(rows: list[dict[str, Any]], path: Path) -> bool:
    """Draw seconds against size for whatever was measured at three sizes or more."""
    series: dict[str, dict[int, float]] = {}
    for row in rows:
        if row.get("size") in AREAS and row.get("ours_s"):
            name = f"{row['bench']}: {row['what']}"
            series.setdefault(name, {})[AREAS[row["size"]]] = row["ours_s"]
    series = {name: points for name, points in series.items() if len(points) >= 3}
    if not series:
        return False
    lines = {name: sorted(points.items()) for name, points in series.items()}
    _draw(lines, ("areas", "seconds"), path)
    return True


def _plot_gaps(rows: list[dict[str, Any]], path: Path) -> bool:
    """Draw the gap of the best plan so far against seconds, for rows that tell it."""
    series = {
        f"{row['size']}: {row['what']}": [(s, gap) for s, gap in row["gaps"] if gap > 0]
        for row in rows
        if len(row.get("gaps") or ()) > 1
    }
    if series:
        _draw(series, ("seconds", "gap to the bound, share of the value"), path)
    return bool(series)


def _draw(
    series: dict[str, list[tuple[float, float]]], labels: tuple[str, str], path: Path
) -> None:
    """Draw lines on logarithmic axes."""
    figure, axes = plt.subplots(figsize=(8, 4.5))
    for name, points in series.items():
        axes.loglog(*zip(*points, strict=True), marker="o", markersize=4, label=name)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
