"""The part "Roads and crews": what is opened when and by whom, in the report and the files."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from island_roads import baselines, make, openings, tasks

from aidline.cli.summary import show_summary, summary
from aidline.formats.report_html import prepare, report_html
from aidline.formats.report_html.map_roads import RESTRICTED
from aidline.formats.sensitivity import shareable
from aidline.formats.shared_plan import write_shared
from aidline.plan.check import check_plan
from aidline.plan.opened import opened as with_its_roads
from aidline.plan.plan import Plan, RunRecord
from aidline.plan.verify.clearing import checked_clearing
from aidline.situation.example import example

if TYPE_CHECKING:
    from pathlib import Path

    from opened import Opened

    from aidline.situation.situation import Situation


@pytest.fixture(scope="module")
def island() -> Situation:
    return example()


@pytest.fixture(scope="module")
def work(island: Situation) -> Plan:
    """Only road work: no truck leaves."""
    record = RunRecord(
        island.digest(), island.settings.name, island.settings.start_date.isoformat(),
        island.settings.days, "0", {}, 0, "exact", "optimal", 0.0, None,
    )  # fmt: skip
    return Plan.of(
        record, {"tasks": tasks(), "road_openings": openings(), "baselines": baselines()}
    )


def test_the_work_on_the_island_keeps_every_rule(island: Situation, work: Plan):
    """What is shown here is a plan that the verifier accepts."""
    assert checked_clearing(island, work, 1e-6) == []


def test_crews_tasks_and_openings_are_told(island: Situation, work: Plan):
    """Four teams, seven blockages that open a road, the first on the second day."""
    part = prepare(island, work).clearing
    assert part is not None
    assert [c.team for c in part.crews] == ["CREW-1", "CREW-2", "CREW-3", "EOD-1"]
    assert part.opened == 7
    first = part.openings[0]
    assert (first.segment_id, first.date, first.teams) == (
        "R-138",
        dt.date(2027, 3, 3),
        ("CREW-1",),
    )
    job = part.crews[2].jobs[0]
    assert (job.road, job.when, job.note) == (
        "B2 Mountain Road (R-148)",
        "3 Mar to 8 Mar",
        "open from 9 Mar",
    )
    assert part.crews[2].jobs[-1].note == "ends after this plan"
    assert "R-153" in part.blocked


def test_other_ways_to_plan_stand_side_by_side(island: Situation, work: Plan):
    """The best first; in other languages the difference is told again."""
    english, arabic = (prepare(island, work, code).clearing for code in ("en", "ar"))
    assert [b.chosen for b in english.baselines] == [True, False, False, False]
    assert english.baselines[3].text == "7.4 % more unmet need than the plan"
    assert english.baselines[3].not_reached == "2"
    assert "7.4" in arabic.baselines[3].text
    assert "more" not in arabic.baselines[3].text
    alone = work.replace(baselines=baselines().tail(1))
    assert prepare(island, alone).clearing.baselines == ()


@pytest.mark.parametrize("code", ["en", "fr", "ar"])
def test_every_language_shows_the_part(island: Situation, work: Plan, code: str):
    """With a plan without tasks, neither part nor link is there."""
    text = report_html(island, work, code)
    assert 'id="roads"' in text
    assert 'href="#roads"' in text
    without = report_html(island, work.replace(tasks=tasks().clear()), code)
    assert 'id="roads"' not in without
    assert 'href="#roads"' not in without


def test_time_runs_from_right_to_left_where_the_language_does(island: Situation, work: Plan):
    """The first task begins at the right edge in Arabic, at the left one in English."""

    def left(code: str) -> float:
        chart = str(prepare(island, work, code).clearing.crews[0].jobs[0].chart)
        return float(re.search(r'<rect class="work single_lane" x="([\d.]+)"', chart)[1])

    assert left("en") < 100
    assert left("ar") > 500


def test_the_map_shows_a_road_from_the_day_on_which_it_opens(island: Situation, work: Plan):
    """R-131 is closed until day 8 by the log; one lane is open from day 13 on."""
    layers = prepare(island, work).layers
    before = prepare(island, work.replace(road_openings=openings().clear())).layers
    opened = {r.states for r in layers.roads} - {r.states for r in before.roads}
    assert any((13, RESTRICTED) in states for states in opened)
    assert with_its_roads(island, work)["road_status"].height > island["road_status"].height


def test_hostile_rows_are_not_shown_and_never_fail(island: Situation, work: Plan):
    """Whatever stands in tasks, openings and baselines, there is a report."""
    bad_tasks = tasks().with_columns(
        leave=pl.Series([math.nan, -1.0, 1e300, *[0.0] * 8]),
        finish=pl.Series([*[1e300] * 10, math.inf]),
        team_id=pl.Series([*["CREW-1"] * 5, "nobody", *["CREW-2"] * 5]),
    )
    bad_openings = openings().with_columns(
        day=pl.Series([10**12, -4, *[3] * 7]), speed_factor=pl.Series([0.5, 1.0, *[0.0] * 7])
    )
    bad_baselines = baselines().with_columns(value=pl.lit(math.nan), name=pl.lit("magic"))
    hostile = work.replace(tasks=bad_tasks, road_openings=bad_openings, baselines=bad_baselines)
    text = report_html(island, hostile)
    assert "nobody" not in text
    assert "1e+300" not in text
    part = prepare(island, hostile).clearing
    assert part is not None
    assert part.openings == ()
    assert part.baselines == ()


def test_the_command_line_says_it_in_one_line(
    island: Situation, work: Plan, capsys: pytest.CaptureFixture[str]
):
    """How many blockages, and the first road with its day and team."""
    facts = summary(island, work, check_plan(island, work))
    show_summary(facts)
    line = "Roads: 7 blockages opened, first R-138 on 2027-03-03 by CREW-1"
    assert line in capsys.readouterr().out
    show_summary(summary(island, work.replace(tasks=tasks().clear()), check_plan(island, work)))
    assert "Roads:" not in capsys.readouterr().out


def test_the_workbook_names_roads_and_dates(island: Situation, work: Plan, tmp_path: Path):
    """Tasks and openings have names and dates beside codes and days; CSV files have both tables."""
    write_shared(island, work, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    rows = {
        name: [
            dict(zip([c.value for c in book[name][2]], [c.value for c in row], strict=True))
            for row in book[name].iter_rows(min_row=4)
        ]
        for name in ("tasks", "road_openings", "baselines")
    }
    task = next(r for r in rows["tasks"] if r["task_id"] == "B-01:single_lane")
    assert task["at"] == "B2 Mountain Road"
    assert (task["start date"].date(), task["finish date"].date()) == (
        dt.date(2027, 3, 3),
        dt.date(2027, 3, 8),
    )
    opening = next(r for r in rows["road_openings"] if r["segment_id"] == "R-156")
    assert (opening["road"], opening["date"].date()) == ("Sorn Bridge", dt.date(2027, 3, 8))
    assert len(rows["baselines"]) == 4
    write_shared(island, work, tmp_path / "csv")
    assert pl.read_csv(tmp_path / "csv" / "tasks.csv").height == 11


def test_work_on_roads_that_are_left_out_is_left_out(island: Situation, work: Plan):
    """Where a road may not be shown, neither may what is done on it."""
    secret = island["road_segments"].with_columns(
        sensitivity=pl.when(pl.col("segment_id") == "R-148")
        .then(pl.lit("high"))
        .otherwise("sensitivity")
    )
    _, shown, _ = shareable(island.replace(road_segments=secret), work)
    assert "B-01" not in shown["tasks"]["at_id"]
    assert "R-148" not in shown["road_openings"]["segment_id"]
    assert shown["tasks"].height == 9


def test_it_reads_well_in_a_browser(island: Situation, work: Plan, opened: Opened, tmp_path: Path):
    """No complaint, nothing wider than a telephone, the chart in its place."""
    for code in ("en", "ar"):
        path = tmp_path / f"{code}.html"
        path.write_text(report_html(island, work, code), encoding="utf-8")
        page = opened.open(path)
        assert page.locator("#roads svg[role=img]").count() == 11
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 900})
    assert opened.complaints == []


def test_trucks_planned_on_the_opened_roads_are_accepted_with_these_openings_only():
    """The verifier gets the island as it is, and opens the roads of the plan itself."""
    island, plan = make(method="auction", gap=0.3, explain=False, price_of_fairness=False)
    assert check_plan(island, plan).violations == ()
    shut = plan.replace(road_openings=openings().clear())
    assert "S1.road" in {v.rule for v in check_plan(island, shut).violations}
