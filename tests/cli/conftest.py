"""Runs command lines in this process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from aidline.cli.main import run


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
