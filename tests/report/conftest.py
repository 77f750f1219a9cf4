"""A browser that may open files and nothing else, and the made-up plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opened import CHROMIUM, QUIET, Opened
from playwright.sync_api import Browser, sync_playwright
from sample import make

from aidline.formats.report_html import write_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Opened(context.new_page())
    context.close()


@pytest.fixture(scope="session")
def crisis() -> tuple[Situation, Plan]:
    return make()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that writes the report of the made-up plan once for each argument."""
    folder = tmp_path_factory.mktemp("reports")

    def write(language: str = "en", hostile: str = "", context: str = "earthquake") -> Path:
        path = folder / f"{language}-{len(hostile)}-{context}.html"
        if not path.exists():
            write_report(*make(hostile=hostile, context=context), path, language)
        return path

    return write
