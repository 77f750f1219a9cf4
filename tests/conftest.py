"""Fixtures shared by all tests, and the rule that no test may skip itself quietly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator

# A first example may compile kernels, and a busy machine is no fault: no test has a wall time.
# In CI the examples are the same on every run; elsewhere they are new ones each time.
settings.register_profile(
    "aidline", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True
)
settings.load_profile("aidline")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
SHARED = Path(os.environ.get("AIDLINE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
ALLOWED_SKIPS = Path(__file__).with_name("skips_allowed.txt")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real crisis data and published instances, where this machine has it."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real data is not on this machine")
    return SHARED


def may_skip(reason: str) -> bool:
    """Return whether the list of allowed reasons holds this one, on this machine."""
    for line in ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines():
        condition, _, allowed = line.partition(": ")
        if allowed and not line.startswith("#") and reason.endswith(allowed):
            return condition == "always" or (condition == "without-shared" and not SHARED.is_dir())
    return False


def _no_quiet_skip(report: Report) -> Report:
    """Turn a skip into a failure where CI=true and its reason is not on the list."""
    expected = hasattr(report, "wasxfail")
    if os.environ.get("CI") == "true" and report.skipped and not expected:
        longrepr = report.longrepr
        reason = str(longrepr[-1] if isinstance(longrepr, tuple) else longrepr)
        if not may_skip(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped, and {ALLOWED_SKIPS.name} does not list why: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at every test that ran or skipped itself."""
    return _no_quiet_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at every module that skipped itself whole."""
    return _no_quiet_skip((yield))
