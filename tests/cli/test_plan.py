"""From a folder to a plan and everything that is made from it, by commands alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aidline.cli.output import say

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(aidline, folder: Path, tmp_path: Path) -> Path:
    """The plan of the small situation."""
    done = aidline("plan", folder, "-o", tmp_path / "plan")
    assert done.code == 0, done.err
    return tmp_path / "plan"


def test_plan_prints_the_summary_and_writes_the_folder(aidline, folder: Path, tmp_path: Path):
    """3,000 of 4,200 person-days can be met; progress and messages go to stderr."""
    done = aidline("plan", folder, "-o", tmp_path / "plan", "--json")
    facts = json.loads(done.out)
    figures = {f["key"]: f["value"] for f in facts["figures"]}
    assert done.code == 0
    assert figures["needs_met"] == pytest.approx(3000 / 4200, abs=1e-4)
    assert figures["rules_broken"] == 0
    assert facts["feasible"] is True
    assert "value" in done.err
    assert (tmp_path / "plan" / "record.json").is_file()
    assert (tmp_path / "plan" / "situation" / "needs.csv").is_file()


def test_a_plan_can_start_from_an_earlier_one(aidline, folder: Path, plan: Path, tmp_path: Path):
    """The new plan says what it started from; the earlier one is unchanged."""
    before = (plan / "record.json").read_bytes()
    done = aidline("plan", folder, "-o", tmp_path / "again", "--after", plan)
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "again" / "record.json").read_text(encoding="utf-8"))
    assert record["options"]["after"].startswith("prices and flows of the plan of situation")
    assert (plan / "record.json").read_bytes() == before


def test_verify_has_the_agreed_keys_and_codes(aidline, folder: Path, plan: Path):
    """Feasible is 0; a plan that takes more than there is is 1, and says which rule."""
    done = aidline("verify", folder, plan, "--json")
    verdict = json.loads(done.out)
    assert done.code == 0
    assert verdict["feasible"] is True
    keys = {"violations", "value", "bound", "gap", "minimum_coverage", "coverage_p10", "gini"}
    assert keys <= set(verdict)
    assert verdict["bound"] <= verdict["value"] * (1 + 1e-9)
    deliveries = pl.read_csv(plan / "deliveries.csv")
    deliveries.with_columns(pl.col("quantity") * 2).write_csv(plan / "deliveries.csv")
    done = aidline("verify", folder, plan)
    assert done.code == 1
    assert "NOT feasible" in done.out
    assert "S5" in done.out


def test_verify_tells_when_the_situation_is_another(aidline, folder: Path, plan: Path):
    """A plan from older figures is still verified, with a warning."""
    (folder / "stock.csv").write_text("lot_id,place_id,item_id,quantity\nL1,WH,ration,4000\n")
    done = aidline("verify", folder, plan)
    assert "another version of this situation" in done.err


def test_verify_does_not_believe_the_record(aidline, folder: Path, plan: Path):
    """A value or a bound that the tables do not give is said; the published figures are ours."""
    assert "warning" not in aidline("verify", folder, plan).err
    path = plan / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    claims = {"value": 0.5 * record["value"], "bound": 1.5 * record["bound"]}
    path.write_text(json.dumps(record | claims), encoding="utf-8")
    done = aidline("verify", folder, plan, "--json")
    assert "the run record says value" in done.err
    assert "the run record says bound" in done.err
    assert json.loads(done.out)["value"] == pytest.approx(record["value"])
    assert json.loads(done.out)["bound"] == pytest.approx(record["bound"])


def test_explain_says_why(aidline, plan: Path):
    """Stock is what is short, in words and as JSON; an unknown area is wrong usage."""
    facts = json.loads(aidline("explain", plan, "--json").out)
    assert {row["cause"] for row in facts["reasons"]} == {"stock"}
    assert "Hill" in aidline("explain", plan, "--area", "A1").out
    assert "Stock of Ration at Warehouse" in aidline("explain", plan).out
    assert (
        aidline("explain", plan, "--area", "hill").out
        == aidline("explain", plan, "--area", "A1").out
    )
    unknown = aidline("explain", plan, "--area", "A9")
    assert unknown.code == 2
    assert "A1" in unknown.err


def test_explain_says_dates_and_says_what_is_an_estimate(aidline, plan: Path):
    """Days are dates, as everywhere else; a gain that was not planned again is no fact."""
    said = aidline("explain", plan).out
    assert "1 Mar" in said
    assert "days 0" not in said
    board = pl.read_csv(plan / "bottlenecks.csv").with_columns(resolved=pl.lit(value=False))
    board.write_csv(plan / "bottlenecks.csv")
    assert "up to " in aidline("explain", plan).out


@pytest.mark.parametrize("verb", ["explain", "report", "verify", "compare"])
@pytest.mark.parametrize("fault", ["missing", "cut short", "no record", "situation"])
def test_half_a_plan_is_refused(
    aidline, folder: Path, plan: Path, tmp_path: Path, verb: str, fault: str
):
    """A folder that was copied in part never becomes a report; one line says what to do."""
    whole = shutil.copytree(plan, tmp_path / "whole")
    table, given = plan / "loads.csv", plan
    if fault == "missing":
        table.unlink()
    elif fault == "cut short":
        table.write_bytes(table.read_bytes()[:-7])
    elif fault == "no record":
        (plan / "record.json").unlink()
    else:
        given = folder
    more = {"report": ("-o", tmp_path / "tables"), "compare": (whole,)}.get(verb, ())
    first = (folder, given) if verb == "verify" else (given,)
    done = aidline(verb, *first, *more)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "again" in done.err or "makes one" in done.err
    assert not (tmp_path / "tables").exists()


def test_a_plan_is_no_situation(aidline, plan: Path):
    """Arguments the wrong way round: the error says where the situation is."""
    done = aidline("check", plan)
    assert done.code == 1
    assert "subfolder `situation`" in done.err


def test_a_report_of_a_plan_that_breaks_a_rule_says_so(aidline, plan: Path, tmp_path: Path):
    """The report is written, the shell is told."""
    trips = pl.read_csv(plan / "trips.csv").with_columns(trips=pl.col("trips") * 0.5)
    trips.write_csv(plan / "trips.csv")
    done = aidline("report", plan, "-o", tmp_path / "report.html", "--json")
    assert done.code == 1
    assert "breaks" in done.err
    assert json.loads(done.out)["rules_broken"] > 0
    assert "do not use this plan" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verify_prints_a_few_of_each_kind(
    aidline, folder: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
):
    """Thousands of lines say less than a few; JSON has them all."""
    coverage = pl.read_csv(plan / "coverage.csv")
    coverage.with_columns(met=pl.col("met") + 1).write_csv(plan / "coverage.csv")
    monkeypatch.setattr("aidline.cli.verify.MOST_SHOWN", 2)
    broken = json.loads(aidline("verify", folder, plan, "--json").out)["violations"]
    said = aidline("verify", folder, plan).out
    assert len([v for v in broken if v["rule"] == "C.coverage"]) == 6
    assert said.count("  C.coverage: ") == 3
    assert "--json lists all" in said


def test_compare_says_what_changes(aidline, folder: Path, plan: Path, tmp_path: Path):
    """More stock, more met; a plan and itself differ in nothing."""
    scenario = tmp_path / "more.toml"
    scenario.write_text(
        'name = "A ship came in"\n[[change]]\ntable = "stock"\nwhere = { lot_id = "L1" }\n'
        'column = "quantity"\nvalue = 4200\n'
    )
    done = aidline("plan", folder, "-o", tmp_path / "more", "--scenario", scenario, "--json")
    figures = {f["key"]: f["value"] for f in json.loads(done.out)["figures"]}
    assert figures["needs_met"] == pytest.approx(1.0, abs=1e-6)
    assert aidline("compare", plan, tmp_path / "more").out.strip()
    assert json.loads(aidline("compare", plan, plan, "--json").out)


@pytest.mark.parametrize("name", ["report.html", "brief.pdf", "plan.xlsx", "plan.gpkg", "tables"])
def test_report_writes_each_kind(aidline, plan: Path, tmp_path: Path, name: str):
    """Each ending gives a file (or folder) that is not empty."""
    done = aidline("report", plan, "-o", tmp_path / name)
    assert done.code == 0, done.err
    path = tmp_path / name
    assert path.stat().st_size > 1000 or len(list(path.iterdir())) > 5


def test_a_situation_with_errors_is_not_planned(aidline, folder: Path, tmp_path: Path):
    """One line names the first error, --json lists all; nothing is written."""
    (folder / "needs.csv").write_text("area_id,item_id,quantity\nA9,ration,5\nA1,ration,x\n")
    done = aidline("plan", folder, "-o", tmp_path / "plan", "--json")
    assert done.code == 1
    assert len(json.loads(done.out)["error"]["problems"]) >= 2
    assert not (tmp_path / "plan").exists()


def test_every_option_of_plan_is_taken(aidline, folder: Path, tmp_path: Path):
    """Each option reaches the planner and stands in the run record."""
    target = tmp_path / "plan"
    options = ("--time-limit", 20, "--gap", 0.2, "--seed", 3, "--method", "auction", "--days", 2)
    done = aidline("plan", folder, "-o", target, *options, "--no-fairness")
    assert done.code == 0, done.err
    record = json.loads((target / "record.json").read_text(encoding="utf-8"))
    wanted = {"time_limit_s": 20.0, "gap": 0.2, "method": "auction", "fairness": False, "days": 2}
    assert {name: record["options"][name] for name in wanted} == wanted
    assert record["seed"] == 3
    assert record["days"] == 2


STOCK = (
    'name = "{name}"\n[[change]]\ntable = "stock"\nwhere = {{ lot_id = "L1" }}\n'
    'column = "quantity"\nvalue = {units}\n'
)


def test_several_scenarios_get_a_plan_each(aidline, folder: Path, tmp_path: Path):
    """Each plan stands in a folder named after its file, and a table sets them side by side."""
    files = {"less": ("Half the stock", 1500), "more": ("A ship came in", 4200)}
    for stem, (name, units) in files.items():
        (tmp_path / f"{stem}.toml").write_text(STOCK.format(name=name, units=units))
    chosen = [part for stem in files for part in ("--scenario", tmp_path / f"{stem}.toml")]
    done = aidline("plan", folder, "-o", tmp_path / "p", *chosen)
    assert done.code == 0, done.err
    table = done.out.split("The scenarios side by side")[1].splitlines()
    assert [line.split("  ")[0] for line in table[3:5]] == ["Half the stock", "A ship came in"]
    assert "35.7 %" in table[3]
    assert "100.0 %" in table[4]
    for stem in files:
        inside = tmp_path / "p" / stem
        assert aidline("verify", inside / "situation", inside).code == 0
    facts = json.loads(aidline("plan", folder, "-o", tmp_path / "p", *chosen, "--json").out)
    assert [one["scenario"] for one in facts["scenarios"]] == ["Half the stock", "A ship came in"]


def test_a_fault_in_any_scenario_is_found_first(aidline, folder: Path, tmp_path: Path):
    """A change to a lot that is not there, or two files of one name: nothing is planned."""
    for place, lot in (("a", "L1"), ("b", "L9")):
        (tmp_path / place).mkdir()
        text = STOCK.format(name=place, units=1).replace("L1", lot)
        (tmp_path / place / f"{place}.toml").write_text(text)
    (tmp_path / "b" / "a.toml").write_text(STOCK.format(name="again", units=2))
    for first, second, words in (("a/a", "b/b", "L9"), ("a/a", "b/a", "two scenario files")):
        chosen = [part for f in (first, second) for part in ("--scenario", tmp_path / f"{f}.toml")]
        done = aidline("plan", folder, "-o", tmp_path / "p", *chosen)
        assert done.code == 2
        assert words in done.err
        assert not (tmp_path / "p").exists()


def test_the_time_limit_gives_code_3(aidline, tmp_path: Path):
    """Cut short by the clock with a gap that was not asked for: a usable plan, code 3."""
    situation, target = tmp_path / "situation", tmp_path / "plan"
    assert aidline("generate", "--areas", 60, "--seed", 1, "-o", situation).code == 0
    limits = ("--method", "auction", "--time-limit", 0.5, "--gap")
    assert aidline("plan", situation, "-o", target, *limits, 0).code == 3
    assert aidline("verify", situation, target).code == 0
    assert aidline("plan", situation, "-o", target, *limits, 1).code == 0


def test_ctrl_c_keeps_the_best_plan(aidline, monkeypatch, tmp_path: Path):
    """Ctrl-C after the first plan stops the search; that plan is written and the code is 3."""
    situation, target = tmp_path / "situation", tmp_path / "plan"
    sizes = ("--areas", 60, "--days", 10, "--items", 6, "--seed", 1)
    assert aidline("generate", *sizes, "-o", situation).code == 0
    pressed = []

    def press_once(text: str) -> None:
        say(text)
        if "value" in text and not pressed:
            pressed.append(text)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("aidline.cli.plan.say", press_once)
    done = aidline("plan", situation, "-o", target, "--method", "auction", "--gap", 0)
    assert done.code == 3, done.err
    assert "stopping" in done.err
    assert aidline("verify", situation, target).code == 0


def test_demo_writes_the_report(aidline, tmp_path: Path):
    """The first command of the README: a report and a summary."""
    done = aidline("demo", "-o", tmp_path / "report.html")
    assert done.code == 0, done.err
    assert "Corvela" in done.out
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_template_can_be_checked_right_away(aidline, tmp_path: Path):
    """An empty template has no errors but names what is missing."""
    path = tmp_path / "situation.xlsx"
    assert aidline("template", "-o", path).code == 0
    done = aidline("check", path)
    assert "Traceback" not in done.err
    assert done.code in (0, 1)
