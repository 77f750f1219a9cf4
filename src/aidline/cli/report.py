"""`aidline report`: the plan as a file that others can open."""

from __future__ import annotations

from pathlib import Path

import click

from aidline.cli.output import ExitCode, json_option, say, show_json

SUFFIXES = (".html", ".pdf", ".xlsx", ".gpkg")


@click.command()
@click.argument("plan", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="report.html, brief.pdf, plan.xlsx, plan.gpkg, or a folder for CSV files.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "ar"]),
    default="en",
    show_default=True,
    help="Language of report and brief.",
)
@click.option(
    "--share",
    "level",
    type=click.Choice(["low", "moderate", "high", "severe"]),
    default="moderate",
    show_default=True,
    help="The highest sensitivity that may be shown as it is.",
)
@json_option
def report(plan: Path, output: Path, language: str, level: str, as_json: bool) -> ExitCode:
    """Write PLAN as report.html, a two-page brief.pdf, plan.xlsx, plan.gpkg or CSV files.

    The ending of FILE says which. What is more sensitive than --share is left out or made
    coarser; messages say what. Exit code 1 means that the plan breaks a rule: the report is
    written all the same, and says so.
    """
    import aidline
    from aidline.formats.plan_folder import read_plan
    from aidline.formats.shared_plan import write_shared

    situation, made = read_plan(plan)
    verdict = aidline.check_plan(situation, made)
    left_out = write_shared(
        situation, made, output, language=language, level=level, verdict=verdict
    )
    broken = len(verdict.violations)
    if broken:
        say(f"warning: the plan breaks {broken} rule(s), the first: {verdict.violations[0].text}")
    for text in left_out:
        say(f"left out or made coarser: {text}")
    say(f"wrote {output}")
    if as_json:
        show_json({"report": str(output), "left_out": list(left_out), "rules_broken": broken})
    return ExitCode.ERRORS if broken else ExitCode.DONE
