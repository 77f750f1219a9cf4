"""Published optima of facility location and p-median, where the instances are at hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import siting
from aidline.model.siting import solve_siting


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("cap", "cap71"),
        ("cap", "cap103"),
        ("cap", "cap134"),
        ("holmberg", "p1"),
        ("holmberg", "p32"),
        ("holmberg", "p59"),
        ("holmberg", "p66"),
        ("pmed", "pmed1"),
        ("pmed", "pmed5"),
        ("pmed", "pmed6"),
        ("pmed", "pmed10"),
    ],
)
def test_the_published_optimum_is_found_and_proven(
    shared: Path, monkeypatch: pytest.MonkeyPatch, group: str, name: str
):
    monkeypatch.setattr(siting, "BENCH", shared / "bench")
    problem, best = siting.instance(group, name)
    found = solve_siting(problem)
    assert siting.fault(problem, found) == ""
    assert found.value == pytest.approx(best, rel=1e-6)
    assert found.gap <= 1.001e-6


def test_a_large_instance_is_proven_to_one_percent(shared: Path, monkeypatch: pytest.MonkeyPatch):
    """TBED1 300 × 300, p1: dividing clients costs no more than the best whole answer known."""
    monkeypatch.setattr(siting, "BENCH", shared / "bench")
    problem, _ = siting.instance("tbed1-300", "p1")
    found = solve_siting(problem, gap=0.01)
    assert siting.fault(problem, found) == ""
    assert found.gap <= 0.01
    assert found.bound <= 16350.66
