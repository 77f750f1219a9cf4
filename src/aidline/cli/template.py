"""`aidline template`: an empty workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from aidline.cli.keeping import not_there_yet
from aidline.cli.output import json_option, say, show_json
from aidline.errors import UsageError


@click.command()
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="SITUATION.xlsx",
    help="Where to write the workbook.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "es", "ar"]),
    default="en",
    show_default=True,
    help="Language of labels and meanings.",
)
@json_option
def template(output: Path, language: str, as_json: bool) -> None:
    """Write an empty workbook: a sheet per table, units and meanings under the headers.

    A file that is there already is never overwritten.

    Codes and ids have drop-downs, each sheet has a worked example row, and the sheets that a
    first plan needs come first.
    """
    from aidline.formats.template import template as write_template

    if output.suffix.lower() != ".xlsx":
        raise UsageError(f"{output}: a template is a workbook: give a name that ends in .xlsx")
    not_there_yet(output)
    write_template(output, language)
    say(f"wrote {output}")
    if as_json:
        show_json({"template": str(output), "language": language})
