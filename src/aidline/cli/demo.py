"""`aidline demo`: plan the built-in example."""

from __future__ import annotations

from pathlib import Path

import click

from aidline.cli.output import ExitCode, json_option, say, show_json
from aidline.cli.plan import exit_code, make
from aidline.cli.summary import show_summary, summary


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Where to write the report.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "ar"]),
    default="en",
    show_default=True,
    help="Language of the report.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Seconds after which the best plan so far is kept.",
)
@json_option
def demo(output: Path, language: str, time_limit: float | None, as_json: bool) -> ExitCode:
    """Plan the built-in example, write report.html and print the summary.

    The example is a fictional island after an earthquake.
    """
    import aidline
    from aidline.formats.report_html import write_report
    from aidline.situation.example import example

    situation = example()
    made = make(situation, time_limit_s=time_limit)
    verdict = aidline.check_plan(situation, made)
    write_report(situation, made, output, language, verdict)
    say(f"wrote {output}: open it in a browser")
    facts = summary(situation, made, verdict)
    if as_json:
        show_json(facts | {"report": str(output)})
    else:
        show_summary(facts)
    return exit_code(made)
