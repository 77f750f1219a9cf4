"""Runs command lines in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from two_villages import TABLES

from aidline.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


class Done(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def aidline(capsys: pytest.CaptureFixture[str]):
    """Return a function that runs one command line."""

    def call(*arguments: object) -> Done:
        code = run([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small situation folder from which a plan can be made."""
    place = tmp_path / "situation"
    place.mkdir()
    for name, text in TABLES.items():
        (place / name).write_text(text, encoding="utf-8")
    return place
