"""`aidline compare`: what differs between two plans."""

from __future__ import annotations

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
    from aidline.formats.plan_folder import read_names

    distinct = plan_a.name and plan_b.name and plan_a.name != plan_b.name
    difference = aidline.compare(
        aidline.Plan.read(plan_a),
        aidline.Plan.read(plan_b),
        names=read_names(plan_a).all | read_names(plan_b).all,
        labels=(plan_a.name, plan_b.name) if distinct else ("Plan A", "Plan B"),
    )
    if as_json:
        show_json(
            {
                "text": difference.text(),
                "value": difference.value,
                "margin": difference.margin,
                "distinguishable": difference.distinguishable,
                "unmet": difference.unmet,
                "same_situation": difference.same_situation,
                "tables": {name: table.to_dicts() for name, table in difference.tables.items()},
            }
        )
    else:
        for line in difference.text():
            show(line)
