"""A plan as a folder that stands alone: its tables, its record, and what it was made from."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from aidline.errors import FormatError
from aidline.formats.read import read
from aidline.formats.report_html.names import Names
from aidline.formats.staged import staged_folder
from aidline.formats.write_situation import write_situation
from aidline.plan.plan import Plan
from aidline.situation.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from aidline.situation.situation import Situation

SITUATION = "situation"


def write_plan(situation: Situation, plan: Plan, folder: Path) -> None:
    """Write a plan and the situation that it was made from.

    Parameters
    ----------
    situation, plan
        What was planned, and the plan.
    folder
        Made where it does not exist; files of the same names are replaced. The situation goes
        into its subfolder ``situation``, a road file beside it is linked or copied.

    Raises
    ------
    OSError
        It cannot be written; the folder is as it was before.
    """
    with staged_folder(folder) as part:
        plan.write(part)
        inside = part / SITUATION
        write_situation(situation, inside)
        roads = situation.settings.roads
        if roads and situation.folder is not None and (situation.folder / roads).is_file():
            _link_or_copy(situation.folder / roads, inside / roads)
    for table in TABLES:  # of an earlier situation in the same place
        if not situation[table.name].height:
            (folder / SITUATION / f"{table.name}.csv").unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def read_plan(folder: Path) -> tuple[Situation, Plan]:
    """Read what `write_plan` wrote.

    Raises
    ------
    FormatError
        The folder holds no plan, or the plan does not belong to the situation beside it.
    """
    plan = Plan.read(folder)
    inside = folder / SITUATION
    if not inside.is_dir():
        raise FormatError(
            "the plan has no situation beside it: make it with `aidline plan`", file=str(folder)
        )
    return read(inside, strict=True).situation, plan


def read_names(folder: Path) -> Names:
    """Return the names of areas, places, items, trucks and roads of a plan's folder.

    Parameters
    ----------
    folder
        A plan; without a situation beside it, codes have no names.
    """
    inside = folder / SITUATION
    return Names.of(read(inside).situation) if inside.is_dir() else Names({})
