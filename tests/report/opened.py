"""A report opened in a browser, with what it asked for and what it complained about."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

Write = Callable[..., Path]
CHROMIUM = Path(os.environ.get("AIDLINE_CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    "\"'&{{7*7}}<!--]]>\u202e"
)


class Opened:
    """A page with what it asked for and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def open(self, path: Path) -> Page:
        """Load a report and wait for its script."""
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the map has been painted."""
        self.page.evaluate(
            "new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))"
        )

    def press(self, key: str) -> None:
        """Press a key and wait for the painting."""
        self.page.keyboard.press(key)
        self.settle()

    def picture(self) -> str:
        """Return what is on the map as data."""
        return str(self.page.evaluate("document.getElementById('map-canvas').toDataURL()"))
