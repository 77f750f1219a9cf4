"""Keeping what was computed: a plan is written where it was asked for, else where it can be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aidline.cli.output import say
from aidline.errors import UsageError

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def need_writable(folder: Path) -> None:
    """Raise OSError where a folder cannot be made or written, before anything is computed."""
    near = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not near.is_dir():
        raise NotADirectoryError(20, "a file is in the way of the folder for the plan", str(near))
    if not os.access(near, os.W_OK | os.X_OK):
        raise PermissionError(13, "cannot write here", str(near))


def not_there_yet(path: Path) -> None:
    """Raise UsageError where a file is there already: it may be filled in."""
    if path.exists():
        raise UsageError(
            f"{path} is there already, and may hold your figures: give another name, or "
            "move it away first"
        )


def keep(situation: Situation, plan: Plan, folder: Path) -> Path | None:
    """Write a plan to its folder; where that fails, into a new folder elsewhere.

    Returns
    -------
    Path or None
        Where the plan stands; None where it could not be written anywhere.
    """
    from aidline.formats.plan_folder import write_plan

    try:
        write_plan(situation, plan, folder)
    except OSError as fault:
        say(f"error: {folder}: {fault.strerror}")
    else:
        say(f"wrote {folder}")
        return folder
    for place in (Path.cwd(), Path(tempfile.gettempdir())):
        try:
            other = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=place))
        except OSError:
            continue
        try:
            write_plan(situation, plan, other)
        except OSError:
            _remove_empty(other)
            continue
        say(f"wrote {other} instead")
        return other
    say("the plan could not be written anywhere: make room and plan again")
    return None


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # not empty, or gone: nothing that we may touch
        return
