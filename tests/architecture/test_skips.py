"""No test skips itself quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"

CASE = """
import pytest

@pytest.mark.skipif(True, reason="{reason}")
def test_nothing():
    pass
"""


def run_case(folder: Path, case: str, **environment: str) -> str:
    """Run one test file beside our conftest and return pytest's last line."""
    tests = folder / "repo" / "tests"
    tests.mkdir(parents=True)
    for name in ("conftest.py", "skips_allowed.txt"):
        (tests / name).write_text(CONFTEST.with_name(name).read_text(encoding="utf-8"))
    (tests / "test_case.py").write_text(case)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "AIDLINE", "CI"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        capture_output=True, text=True, check=False, cwd=folder, env=kept | environment,
    )  # fmt: skip
    return done.stdout.strip().splitlines()[-1]


def test_an_unlisted_reason_fails_the_build(tmp_path: Path):
    """A skip for any reason fails where CI=true, and only there."""
    case = CASE.format(reason="no time")
    assert "1 error" in run_case(tmp_path / "ci", case, CI="true")
    assert "1 skipped" in run_case(tmp_path / "desk", case)


def test_a_whole_module_cannot_skip_itself(tmp_path: Path):
    """A module-level skip is seen as well."""
    case = "import pytest\npytest.importorskip('no_such_library')\n"
    assert "1 error" in run_case(tmp_path, case, CI="true")


def test_missing_real_data_may_skip_only_where_it_is_missing(tmp_path: Path):
    """The listed reason holds on a machine without the folder and on no other."""
    case = CASE.format(reason="the folder of real data is not on this machine")
    assert "1 skipped" in run_case(tmp_path / "without", case, CI="true")
    assert "1 error" in run_case(tmp_path / "with", case, CI="true", AIDLINE_SHARED=str(tmp_path))
