"""Files that appear all together or not at all: a full disk never leaves half of a plan."""

from __future__ import annotations

import errno
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder; what is in it afterwards is moved into `folder`.

    Files of the same names are replaced, others stay. When writing fails, `folder` is as it
    was before.

    Parameters
    ----------
    folder
        Made where it does not exist.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".aidline-", dir=folder) as inside:
            part = Path(inside)
            yield part
            _move(part, folder)
    except OSError as fault:
        _remove_empty(made)
        raise _about(fault, folder) from fault
    except BaseException:
        _remove_empty(made)
        raise


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Give a path of the same name in a folder of its own; the file is then moved to `path`.

    A link or a device in the place of `path` is written through, not replaced.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        yield path
        return
    try:
        with tempfile.TemporaryDirectory(prefix=".aidline-", dir=path.parent) as inside:
            part = Path(inside) / path.name
            yield part
            part.replace(path)
    except OSError as fault:
        raise _about(fault, path) from fault


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _about(fault: OSError, path: Path) -> OSError:
    """Return the fault with the name that the user knows, not that of a temporary file."""
    return OSError(fault.errno or errno.EIO, fault.strerror or str(fault), str(path))


def _move(part: Path, folder: Path) -> None:
    for source in sorted(part.iterdir()):
        target = folder / source.name
        if source.is_dir():
            target.mkdir(exist_ok=True)
            _move(source, target)
        else:
            source.replace(target)
