"""Situations in which hardly anything is possible: a plan or a clear reason, through every verb."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from two_villages import TABLES

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = {
    "zero trucks": {"fleets.csv": TABLES["fleets.csv"].replace("T,2,10", "T,0,10")},
    "no fleets": {"fleets.csv": None, "vehicle_classes.csv": None},
    "zero stock": {"stock.csv": TABLES["stock.csv"].replace("3000", "0")},
    "no stock": {"stock.csv": None},
    "no roads": {"travel_times.csv": None},
    "one area": {
        name: "\n".join(line for line in TABLES[name].splitlines() if "A2" not in line) + "\n"
        for name in ("areas.csv", "population.csv", "needs.csv", "travel_times.csv")
    },
    "all unreachable": {"travel_times.csv": "from_id,to_id,status\nWH,A1,closed\nWH,A2,closed\n"},
    "no needs": {"needs.csv": None},
    "nothing but a name": dict.fromkeys((n for n in TABLES if n.endswith(".csv")), None),
    "promises that cannot be kept": {
        "commitments.csv": (
            "commitment_id,kind,area_id,item_id,quantity,date\n"
            "C1,promised,A1,ration,900000,2027-03-01\nC2,promised,A1,ration,9,2027-03-02\n"
        )
    },
}


@pytest.mark.parametrize("method", ["exact", "auction"])
@pytest.mark.parametrize("case", NOTHING)
def test_a_plan_or_a_clear_reason(aidline, folder: Path, tmp_path: Path, case: str, method: str):
    """Planned, verified, explained and reported, or refused in one line; never a traceback."""
    for name, text in NOTHING[case].items():
        (folder / name).unlink(missing_ok=True)
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    target = tmp_path / "plan"
    done = aidline("plan", folder, "-o", target, "--method", method)
    assert "a fault in Aidline itself" not in done.err, done.err
    if done.code == 1:
        assert done.err.strip().splitlines()[-1].startswith("error: ")
        assert not target.exists()
        return
    assert done.code == 0, done.err
    verdict = json.loads(aidline("verify", folder, target, "--json").out)
    assert verdict["feasible"]
    assert verdict["bound"] is None or verdict["bound"] <= verdict["value"] * (1 + 1e-9) + 1e-9
    for verb in (("explain", target), ("compare", target, target)):
        assert aidline(*verb).code == 0
    for name in ("report.html", "brief.pdf", "plan.xlsx") if method == "exact" else ():
        made = aidline("report", target, "-o", tmp_path / name)
        assert made.code == 0, made.err


def test_why_nobody_is_served_is_said(aidline, folder: Path, tmp_path: Path):
    """Without a way, the areas are named as out of reach before anything else."""
    (folder / "travel_times.csv").write_text(NOTHING["all unreachable"]["travel_times.csv"])
    assert aidline("plan", folder, "-o", tmp_path / "plan").code == 0
    said = aidline("explain", tmp_path / "plan").out.splitlines()
    assert said[0] == "No truck gets in"
    assert said[1].startswith("  Hill (A1), ")
    facts = json.loads(aidline("verify", folder, tmp_path / "plan", "--json").out)
    assert (facts["unreachable_areas"], facts["minimum_coverage"]) == (2, 0)
