"""Every rule of the verifier is broken by some test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "aidline" / "plan"
RULE = re.compile(r'"((?:[SR]\d+|C|T)\.[a-z_]+)"')


def named(folder: Path, pattern: str) -> set[str]:
    """Return the codes of rules that the files of a folder name."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob(pattern))
    return {rule for text in texts for rule in RULE.findall(text)}


def test_each_rule_has_a_case() -> None:
    """A rule without a plan that breaks it could be lost without anyone noticing."""
    rules = named(SOURCE, "*.py")
    assert len(rules) > 40
    assert sorted(rules - named(HERE, "test_*.py")) == []


@pytest.mark.parametrize(
    "rule", [*(f"S{n}" for n in range(1, 11)), *(f"R{n}" for n in range(1, 7))]
)
def test_each_rule_stands_in_the_documents(rule: str) -> None:
    """S1 to S10 and R1 to R6 are explained where users and programmers look them up."""
    text = (HERE.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {rule} ", text, re.MULTILINE)
