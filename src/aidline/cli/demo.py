"""`aidline demo`: plan the built-in example."""

from __future__ import annotations

from pathlib import Path

import click

from aidline.cli.output import ExitCode, json_option, say, show_json
from aidline.cli.plan import make
from aidline.cli.stopping import cancelled_by_signal, exit_code
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

    The example is a fictional island after an earthquake. Exit code 3 means that Ctrl-C or
    the --time-limit that you gave cut the search short.
    """
    import aidline
    from aidline.formats.report_html import write_report
    from aidline.formats.staged import staged_file
    from aidline.situation.example import example

    situation = example()
    with cancelled_by_signal() as cancel:
        made = make(situation, cancel, time_limit_s=time_limit)
        verdict = aidline.check_plan(situation, made)
        with staged_file(output) as part:
            write_report(situation, made, part, language, verdict)
    say(f"wrote {output}: open it in a browser")
    facts = summary(situation, made, verdict)
    if as_json:
        show_json(facts | {"report": str(output)})
    else:
        show_summary(facts)
    usual = time_limit is None and made.record.stopped == "time limit"
    return ExitCode.DONE if usual else exit_code(made)
