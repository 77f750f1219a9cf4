"""`aidline compare`: what differs between two plans."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from aidline.cli.output import json_option, show, show_json


@click.command()
@click.argument("plan_a", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("plan_b", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def compare(plan_a: Path, plan_b: Path, as_json: bool) -> None:
    """Say in words and numbers what changes from PLAN_A to PLAN_B."""
    import aidline

    difference = aidline.compare(aidline.Plan.read(plan_a), aidline.Plan.read(plan_b))
    if as_json:
        show_json(dataclasses.asdict(difference))
    else:
        for line in difference.words:
            show(line)
