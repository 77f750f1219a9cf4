"""`aidline generate`: a plausible invented situation of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aidline.cli.output import json_option, say, show_json


@click.command()
@click.option("--areas", type=click.IntRange(4), default=50, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
@click.option("--items", type=click.IntRange(1, 15), default=5, show_default=True)
@click.option("--depots", type=click.IntRange(1), help="Depots; else by the number of areas.")
@click.option("--crossings", type=click.IntRange(0), help="Ports and border points.")
@click.option("--links", type=click.IntRange(0), help="Damaged roads.")
@click.option("--trucks", type=click.IntRange(1), help="Trucks.")
@click.option("--classes", type=click.IntRange(1, 4), help="Classes of trucks.")
@click.option("--teams", type=click.IntRange(0), help="Road crews.")
@click.option("--sites", type=click.IntRange(0), help="Sites where a field hospital could stand.")
@click.option("--stores", type=click.IntRange(0), help="Areas that still hold some food.")
@click.option("--convoys", type=click.IntRange(0), help="Areas that are entered in convoys only.")
@click.option("--hubs", type=click.IntRange(0), help="Places where goods change to lighter trucks.")
@click.option("--kits", type=click.IntRange(0), help="Kits among the goods in stock.")
@click.option("--substitutes", type=click.IntRange(0), help="Goods that stand in for others.")
@click.option("--commitments", type=click.IntRange(0), help="What is moving or promised.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same situation.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="SITUATION",
    help="Folder for the situation; made where it does not exist.",
)
@json_option
def generate(output: Path, as_json: bool, **sizes: Any) -> None:
    """Invent a plausible situation of any size, for trials and exercises.

    Roads, population, stock and fleets are made up and the situation says so. Hubs, kits,
    substitutes and commitments are there only where they are asked for.
    """
    from aidline.formats.write_situation import write_situation
    from aidline.generator import generate as invent

    situation = invent(**{name: value for name, value in sizes.items() if value is not None})
    write_situation(situation, output)
    say(f"wrote {output}")
    if as_json:
        rows = {name: frame.height for name, frame in situation.tables.items() if frame.height}
        show_json({"situation": str(output), "digest": situation.digest(), "rows": rows})
