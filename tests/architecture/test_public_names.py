"""What `import aidline` offers, and that the documents point at things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aidline
from aidline.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(p for p in (ROOT / "docs").rglob("*.md") if not {"_build", "generated"} & set(p.parts)),
]
LATE = {"docs/_static/report.png"}  # drawn from the demo report; see README


def test_the_public_names_are_these():
    """A name that appears or goes is a change for users, and is made on purpose."""
    assert set(aidline.__all__) == {
        "AidlineError", "DataError", "FormatError", "Infeasible", "LimitReached", "Plan",
        "PlanError", "PlanOptions", "Scenario", "Settings", "Situation", "UsageError",
        "check_plan", "compare", "make_plan", "read",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(aidline.__all__))
def test_every_public_name_is_there_and_explained(name: str):
    """Each name leads to a thing with a docstring of its own."""
    thing = getattr(aidline, name)
    assert thing.__module__.startswith("aidline")
    assert thing.__doc__


def test_an_unknown_name_is_an_attribute_error():
    """Names that are loaded late fail like all others."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = aidline.nothing


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_inside_the_repository_lead_somewhere(page: Path):
    """No page links to a file that is not there."""
    text = page.read_text(encoding="utf-8")
    targets = [t.partition("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text)]
    inside = [t for t in targets if t and "://" not in t and "generated" not in t]
    gone = [t for t in inside if not (page.parent / t).exists()]
    assert [t for t in gone if t not in LATE] == []


def test_commands_in_the_documents_exist():
    """Every `aidline …` that a page shows is a verb of the command line."""
    verbs = {verb.name for verb in VERBS}
    for page in PAGES:
        shown = set(re.findall(r"(?:^|`|bin/)aidline ([a-z]+)", page.read_text(encoding="utf-8")))
        assert shown <= verbs, (page.name, shown - verbs)
