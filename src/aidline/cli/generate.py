"""`aidline generate`: a plausible invented situation of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aidline.cli.output import json_option, say, show_json
from aidline.errors import UsageError


@click.command()
@click.option(
    "--size",
    type=click.Choice(["S", "M", "L", "XL"]),
    default="S",
    show_default=True,
    help="50, 500, 3,000 or 10,000 areas and all that belongs to them; where --areas is given, "
    "what is not said follows from the areas.",
)
@click.option("--areas", type=click.IntRange(4), help="Areas.")
@click.option("--days", type=click.IntRange(1, 366), help="Days of the plan.")
@click.option("--items", type=click.IntRange(1, 15), help="Items that are needed.")
@click.option("--depots", type=click.IntRange(1), help="Depots.")
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
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Same seed, same situation.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="SITUATION",
    help="Folder for the situation; made where it does not exist.",
)
@json_option
def generate(output: Path, size: str, as_json: bool, **numbers: Any) -> None:
    """Invent a plausible situation of any size, for trials and exercises.

    Roads, population, stock and fleets are made up and the situation says so. Hubs, kits,
    substitutes and commitments are there only where they are asked for. A folder with files of
    others in it is never written to; an earlier invented situation is replaced.
    """
    from aidline.formats.write_situation import write_situation
    from aidline.generator import generate as invent
    from aidline.generator.make import SIZES

    _only_invented(output)
    given = {name: value for name, value in numbers.items() if value is not None}
    usual = {"days": SIZES["S"]["days"], "items": SIZES["S"]["items"]}
    situation = invent(**({**usual, **given} if "areas" in given else {**SIZES[size], **given}))
    write_situation(situation, output)
    say(f"wrote {output}")
    if as_json:
        rows = {name: frame.height for name, frame in situation.tables.items() if frame.height}
        show_json({"situation": str(output), "digest": situation.digest(), "rows": rows})


def _only_invented(folder: Path) -> None:
    """Raise UsageError where a folder holds anything but a situation of the generator."""
    from aidline.formats.settings_toml import FILE, read_settings
    from aidline.generator.make import NOTICE

    if not folder.is_dir() or not any(folder.iterdir()):
        return
    told = folder / FILE
    if not told.is_file() or read_settings(told).settings.notice != NOTICE:
        raise UsageError(
            f"{folder} holds files that `aidline generate` has not written: they would be mixed "
            "with what is invented, or lost; give another folder"
        )
