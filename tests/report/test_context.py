"""The context of the report: what it says follows from the tables."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from sample import START, make, target

from aidline.formats.brief_pdf import _worst as worst_off
from aidline.formats.report_html import prepare, report_html
from aidline.formats.report_html.coverage import coverage, evenness, longest_wait, low_since
from aidline.formats.shared_plan import write_shared
from aidline.plan.plan import Plan
from aidline.situation.situation import Situation

if TYPE_CHECKING:
    from pathlib import Path

Crisis = tuple[Situation, Plan]


def plain(text: object) -> str:
    """Return HTML as the text that people read."""
    return re.sub(r"<[^>]+>", "", str(text))


def test_share_is_weighted_by_people():
    """A daily item met fully and a one-off item met by a third are two person-days of three."""
    situation, plan = make(areas=4, days=2)
    rows = [("A-0000", "ration", 0, 90.0, 90.0, 90.0, 1.0, "reported"),
            ("A-0000", "tarp", 0, 45.0, 9.0, 3.0, 1 / 3, "reported")]  # fmt: skip
    table = pl.DataFrame(rows, schema=plan["coverage"].schema, orient="row")
    cover = coverage(situation, plan.replace(coverage=table))
    assert cover.groups == ("all", "food", "shelter")
    assert cover.share[0, 0, 0] == pytest.approx((90 + 15) / 135)
    assert cover.people[0] == 90
    assert np.isnan(cover.share[0, 0, 1])


def test_people_of_several_needs_are_not_added(crisis: Crisis):
    """Those who need food and shelter are the same people: the headline counts them once."""
    situation, plan = crisis
    people = situation["population"]["people"].sum()
    report = prepare(situation, plan)
    assert f"{people:,.0f} people in 12 areas" in plain(report.headline[0])
    assert report.figures[0].value == f"{people:,.0f}"


def test_people_that_nobody_counted_are_no_more_than_live_there():
    """10,000 rations a day in an area of 1,000 people are not 10,000 people in need."""
    situation, plan = make(areas=4, days=2)
    unknown = plan["coverage"].with_columns(people=pl.lit(None, pl.Float64), need=pl.lit(10000.0))
    cover = coverage(situation, plan.replace(coverage=unknown))
    assert cover.people.tolist() == situation["population"]["people"].to_list()


def test_whole_plan_agrees_with_the_fairness_table(crisis: Crisis):
    """Coverage added up from days equals the plan's own figure per area and need group."""
    situation, plan = crisis
    cover = coverage(situation, plan)
    for area, group, _, share, _, _ in plan["fairness"].iter_rows():
        k, g = cover.area_ids.index(area), cover.groups.index(group)
        assert cover.whole[g, k] == pytest.approx(share)


def test_worst_areas_stand_first(crisis: Crisis):
    """The coverage table runs from the worst to the best."""
    lines = prepare(*crisis).lines
    whole = [int(line.cells[0][1]) for line in lines]
    assert whole == sorted(whole)
    assert lines[0].area == "Area 11"
    assert len(lines[0].cells) == 1 + 7


def test_cut_off_then_nothing_are_named_with_reasons(crisis: Crisis):
    """First the area cut off with its road, then the one that gets nothing, with its limit."""
    forgotten = prepare(*crisis).forgotten
    assert [row.area for row in forgotten.cut_off] == ["Area 11"]
    assert "Road R-9" in forgotten.cut_off[0].reason
    assert [row.area for row in forgotten.nothing] == ["Area 10"]
    assert "Truck slots at Port 3 Mar to 5 Mar" in forgotten.nothing[0].reason
    assert not forgotten.nobody


def test_far_behind_in_one_need_is_named_with_the_day(crisis: Crisis):
    """An area that gets food but no shelter is named, with the need and since when."""
    situation, plan = crisis
    lost = (pl.col("area_id") == "A-0000") & (pl.col("item_id") == "tarp") & (pl.col("day") > 0)
    table = plan["coverage"].with_columns(
        pl.when(lost).then(0.0).otherwise(pl.col("share")).alias("share")
    )
    low = prepare(situation, plan.replace(coverage=table)).forgotten.low
    assert [(row.area, row.since) for row in low] == [("Area 0", "Shelter; since 2 Mar")]


def test_nobody_is_said_when_nobody_is_left_behind():
    """Where every area gets its part the report says so in words."""
    situation, plan = make(areas=4)
    full = plan["coverage"].with_columns(share=pl.lit(0.9), met=pl.col("need") * 0.9)
    report = prepare(
        situation, plan.replace(coverage=full, unreachable=plan["unreachable"].clear())
    )
    assert report.forgotten.nobody
    assert "Nobody is left out" in plain(report.headline[-1])


def test_cut_off_on_some_days_is_not_the_whole_plan(crisis: Crisis):
    """An area that is reached later is not called unreachable."""
    situation, plan = crisis
    some = plan["unreachable"].with_columns(to_day=pl.lit(2, pl.Int64))
    said = " ".join(plain(s) for s in prepare(situation, plan.replace(unreachable=some)).headline)
    assert "on some days: Area 11" in said
    assert "in the whole plan" not in said


def test_low_since_is_the_last_run():
    """A good day ends the run; days without need do not."""
    assert low_since(np.array([0.1, 0.5, np.nan, 0.1, 0.1])) == 3
    assert low_since(np.array([0.1, 0.1, 0.5])) is None
    assert low_since(np.array([0.1, np.nan, 0.1])) == 0


def test_longest_wait_counts_from_the_first_to_the_last_day(crisis: Crisis):
    """No delivery at all is the whole plan; a day between two deliveries is one."""
    _, plan = crisis
    row = {
        "from_id": "WH-1",
        "area_id": "A-0000",
        "item_id": "ration",
        "lot_id": "L1",
        "quantity": 1.0,
    }
    table = pl.DataFrame(
        [{**row, "day": 0, "arrive_day": 1}, {**row, "day": 4, "arrive_day": 5}],
        schema=plan["deliveries"].schema,
    )
    waits = longest_wait(plan.replace(deliveries=table), ("A-0000", "A-0001"))
    assert waits == {"A-0000": 3, "A-0001": 7}


def test_even_plan_has_no_gini():
    """The same share everywhere gives 0; all to one of two equal areas gives a half."""
    situation, plan = make(areas=4)
    rows = [("A-0000", "food", 100.0, 1.0, True, None), ("A-0001", "food", 100.0, 0.0, True, None)]
    uneven = pl.DataFrame(rows, schema=plan["fairness"].schema, orient="row")
    people = plan["coverage"].with_columns(people=pl.lit(100.0))
    skewed = plan.replace(fairness=uneven, coverage=people)
    assert evenness(situation, skewed).gini == pytest.approx(0.5)
    even = plan.replace(fairness=uneven.with_columns(share=pl.lit(0.4)), coverage=people)
    assert evenness(situation, even).gini == pytest.approx(0.0)
    assert evenness(situation, even).minimum == 0.4


def test_least_share_is_that_of_an_area_that_can_be_reached(crisis: Crisis):
    """The worst-off area of the headline can be helped; the cut-off one is named apart."""
    even = evenness(*crisis)
    assert even.area_id == "A-0010"
    assert even.minimum == target(10, 12)


def test_quality_is_said_with_and_without_a_bound(crisis: Crisis):
    """The gap is said where it is proven, and its absence where it is not."""
    situation, plan = crisis
    assert "within 0.38%" in plain(prepare(situation, plan).quality)
    record = dataclasses.replace(plan.record, bound=None)
    without = prepare(situation, plan.replace(record=record))
    assert "No bound" in plain(without.quality)
    assert without.figures[-1].value == "not known"


def test_bottlenecks_stand_by_gain(crisis: Crisis):
    """The largest gain comes first, with how it is known."""
    board = prepare(*crisis).bottlenecks
    assert [(b.what, b.gain, b.resolved) for b in board] == [
        ("Truck slots at Port", "310", True),
        ("Truck hours at West store (Truck 10 t)", "up to 12", False),
    ]
    assert board[0].width == 1


def test_the_same_goods_at_several_places_are_one_line(crisis: Crisis):
    """What is short is named once, where one unit more gives most; other places stand beside it."""
    situation, plan = crisis
    stock = pl.DataFrame(
        [("stock", at, "tarp", 0, 6, "one more tonne", gain, None, None, False)
         for at, gain in (("WH-1", 700.0), ("WH-2", 900.0))],
        schema=plan["bottlenecks"].schema, orient="row",
    )  # fmt: skip
    board = prepare(situation, plan.replace(bottlenecks=stock)).bottlenecks
    assert [(b.what, b.gain, b.also) for b in board] == [
        ("Stock of Tarpaulin at East store", "up to 900", "Or at West store (700)")
    ]


def test_a_price_within_the_gaps_is_shown_as_the_most_it_can_be(crisis: Crisis):
    """The price and what the gaps explain, together, as one plain figure."""
    verdict = _Broken()
    verdict.price_share, verdict.price_margin = 0.001, 0.005
    fair = {key: value for key, value, _ in prepare(*crisis, verdict=verdict).fair.rows}
    assert fair["price_within"] == "0.6%"


def test_every_default_is_named_in_words(crisis: Crisis):
    """Speeds on roads and quantities per person are said in words, not in codes."""
    situation, plan = crisis
    rows = [
        ("speed.track.dirt", "11", "km/h", "assumption", "Aidline 2026", "speeds on roads", 1),
        ("need.tarp.per_person", "0.2", "units/person", "derived", "items", "tarp", 1),
    ]
    used = pl.DataFrame(rows, schema=plan["defaults_used"].schema, orient="row")
    said = {
        a.default_id: a.meaning
        for a in prepare(situation, plan.replace(defaults_used=used)).assumed
    }
    assert said["speed.track.dirt"].startswith("Free speed of a loaded truck")
    assert said["need.tarp.per_person"] == "Tarpaulin, for each person"


def test_sheets_load_whole_units(crisis: Crisis):
    """Nobody loads 246.4 of a kit: the yard sees whole units, and less than one is said so."""
    situation, plan = crisis
    loads = plan["loads"].with_columns(
        quantity=pl.when(pl.col("day") == 0).then(0.4).otherwise(246.4)
    )
    sheets = prepare(situation, plan.replace(loads=loads)).sheets
    said = {
        q.split()[0]
        for s in sheets
        for start in s.starts
        for leg in start.legs
        for _, q in leg.goods
    }
    assert said == {"under", "246"}


def test_what_was_not_worked_out_is_not_called_plenty(crisis: Crisis):
    """Needs unmet and no bottlenecks known: the report does not claim that nothing is short."""
    situation, plan = crisis
    bare = plan.replace(bottlenecks=plan["bottlenecks"].clear(), reasons=plan["reasons"].clear())
    text = plain(report_html(situation, bare))
    assert "not worked out for this plan" in text
    assert "Nothing is short" not in text


def test_wide_gap_is_no_praise(crisis: Crisis):
    """A plan far from its bound is not called near the best."""
    situation, plan = crisis
    far = dataclasses.replace(plan.record, bound=2000.0)
    said = plain(prepare(situation, plan.replace(record=far)).quality)
    assert "up to 81.0% worse" in said


def test_gap_parts_add_up(crisis: Crisis):
    """The causes of the gap share it among them."""
    parts = prepare(*crisis).gap_parts
    assert sum(p.width for p in parts) == pytest.approx(1.0)


def test_sheets_hold_every_trip_of_the_first_days(crisis: Crisis):
    """Trips and tonnes on the sheets are those of the plan, with their goods."""
    situation, plan = crisis
    report = prepare(situation, plan)
    assert len(report.sheets) == 3
    for day, sheet in enumerate(report.sheets):
        trips = plan["trips"].filter(pl.col("day") == day)
        assert sheet.trips == trips["trips"].sum()
        assert sheet.tonnes == pytest.approx(trips["load_t"].sum())
        assert sum(len(s.legs) for s in sheet.starts) == trips.height
        assert all(leg.goods for start in sheet.starts for leg in start.legs)
    assert sum(d.tonnes for d in report.day_totals) == pytest.approx(plan["trips"]["load_t"].sum())


def test_unsure_defaults_come_first_and_are_marked(crisis: Crisis):
    """Assumptions and recalled figures stand apart by words and sign, not by colour alone."""
    assumed = prepare(*crisis).assumed
    assert [(a.status, a.mark, a.unsure) for a in assumed] == [
        ("assumption", "!", True), ("recalled", "?", True), ("found", "✓", False),
    ]  # fmt: skip


def test_full_days_of_a_limit_are_counted(crisis: Crisis):
    """A crossing whose slots are used up on three days says so."""
    slots = next(p for p in prepare(*crisis).panels if p.key == "crossing_slots")
    assert "full for 3 days" in slots.shown[0].line
    assert slots.shown[0].chart.count('class="full"') == 3


def test_what_is_left_out_is_said():
    """A conflict report says what it does not show."""
    situation, plan = make(context="conflict")
    assert "exact position of 1 place(s)" in plain(report_html(situation, plan))


def test_the_report_for_those_who_may_see_more(tmp_path: Path):
    """A higher level reaches the report, and then nothing is coarsened."""
    situation, plan = make(context="conflict")
    said = {}
    for level in ("moderate", "high"):
        write_shared(situation, plan, tmp_path / f"{level}.html", level=level)
        said[level] = plain((tmp_path / f"{level}.html").read_text(encoding="utf-8"))
    assert "exact position of 1 place(s)" in said["moderate"]
    assert "exact position" not in said["high"]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_same_plan_same_file(language: str):
    """Nothing of the clock or of chance is in the file."""
    assert report_html(*make(), language) == report_html(*make(), language)


def test_empty_plan_is_a_report():
    """No trucks, no stock, no needs: a report that says so, not a traceback."""
    situation, plan = make(areas=4)
    bare = plan.replace(**{name: frame.clear() for name, frame in plan.tables.items()})
    text = plain(report_html(situation, bare))
    assert "No truck leaves on this day." in text
    assert "None: the situation gave every figure." in text


def test_nothing_has_a_position():
    """Without any coordinates there is no map, and a line that says why."""
    situation, plan = make(areas=4)
    blank = {
        name: situation[name].with_columns(
            latitude=pl.lit(None, pl.Float64), longitude=pl.lit(None, pl.Float64)
        )
        for name in ("areas", "places")
    }
    blank["areas"] = blank["areas"].with_columns(geometry=pl.lit(None, pl.String))
    text = report_html(
        situation.replace(road_segments=situation["road_segments"].clear(), **blank), plan
    )
    assert "there is no map" in text


def test_plan_of_one_day():
    """One day is a plan too: one column, one map, no division by nothing."""
    report = prepare(*make(areas=4, days=1))
    assert len(report.days) == 1
    assert len(report.static_maps) == 1
    assert report.dates.count(str(START.year)) == 2


class _Broken:
    feasible = False
    violations = ("a", "b")
    longest_gap_days = 2
    longest_gap_area = "A-0001"
    price_of_fairness = 123.0
    price_share = 0.02
    price_margin = 0.001


def test_a_broken_rule_is_shouted(crisis: Crisis):
    """A plan that the verifier rejects says so at the top."""
    report = prepare(*crisis, verdict=_Broken())
    assert "2 broken rule(s)" in report.checked
    fair = {key: (value, note) for key, value, note in report.fair.rows}
    assert fair["wait"] == ("2 days", "Area 1")
    assert fair["price"] == ("123", "2.0%")


def test_what_leaves_the_ports_stands_on_the_sheets(crisis: Crisis):
    """Goods that must leave the port on a day are on its sheet, with tonnes and where they go."""
    sheets = prepare(*crisis).sheets
    said = [
        (n, t.start, t.to, t.tonnes, t.arrives) for n, s in enumerate(sheets) for t in s.transfers
    ]
    assert said == [
        (1, "Port", "West store", "18.6", "4 Mar"),
        (2, "Port", "East store", "26.0", "5 Mar"),
    ]
    assert sheets[1].transfers[0].goods == (("Food ration", "30,000 unit"),)


def test_the_brief_names_the_worst_off_first(crisis: Crisis):
    """Who has the lowest share stands first, not who has the most people."""
    rows = worst_off(prepare(*crisis))
    shares = [int(row["note"].rstrip("%")) for row in rows if row["tone"] == ""]
    assert len(shares) > 3
    assert shares == sorted(shares)
