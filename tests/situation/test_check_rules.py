"""What an expert would ask: one tiny golden case per rule."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from sound_world import START, added, day, edited, problems, sound

from aidline.situation.rules.cycles import cycles
from aidline.situation.semantics import RULES

FAR = dt.date(2027, 6, 1)


def without(table, column, value):
    """The sound rows without those of a table that have a value."""
    rows = sound()
    rows[table] = [row for row in rows[table] if row.get(column) != value]
    return rows


def kits(*pairs):
    """The sound rows and kits that hold one of each part."""
    return added("kits", *({"kit_id": k, "item_id": p, "quantity": 1.0} for k, p in pairs))


def substitutes(*rows):
    """The sound rows and substitutes with a ratio."""
    listed = [{"item_id": i, "substitute_id": s, "ratio": r} for i, s, r in rows]
    return added("substitutes", *listed)


def stock_at_a_crossing():
    rows = edited("stock", 0, place_id="GATE")
    rows["places"].append(
        {"place_id": "GATE", "kind": "crossing", "latitude": 12.0, "longitude": -61.0}
    )
    rows["crossings"].append({"place_id": "GATE", "slots_per_day": 5.0})
    return rows


def grandchildren():
    rows = edited("areas", 0, parent_id="AR-2")
    rows["areas"][2]["parent_id"] = "AR-2"
    return rows


CASES = {
    # people
    "need-without-population": (without("population", "area_id", "AR-2"), "needs", 3),
    "need-unknown": (edited("items", 0, per_person=None, unit="sack"), "needs", 4),
    "people-over-population": (edited("needs", 1, people=1400.0, quantity=1400.0), "needs", 3),
    "households-as-people": (edited("needs", 0, people=200.0, quantity=200.0), "needs", 2),
    "people-per-household": (edited("population", 2, households=1700.0), "population", 4),
    "total-row": (edited("areas", 1, name=" TOTAL "), "areas", 3),
    "total-population": (edited("population", 2, people=2300.0), "population", 4),
    "area-and-parent": (grandchildren(), "population", 3),
    "sector-total": (edited("items", 1, name="Intersectoral"), "items", 3),
    "severity-without-scale": (edited("areas", 0, severity=4), "areas", 2),
    "area-forgotten": (
        added("areas", {"area_id": "AR-4", "latitude": 12.2, "longitude": -61.2}), "areas", 5,
    ),
    "code-twice": (edited("areas", 1, area_id="ar 01"), "areas", [2, 3]),
    # goods
    "no-weight": (edited("items", 0, weight_kg=None), "items", 2),
    "no-volume": (edited("items", 1, volume_m3=None), "items", 3),
    "density": (edited("items", 0, weight_kg=600.0), "items", 2),
    "packs": (edited("needs", 0, quantity=16.0), "needs", 2),
    "kit-in-itself": (kits(("food", "blanket"), ("blanket", "food")), "kits", 2),
    "kit-in-kit": (kits(("food", "blanket"), ("blanket", "tent")), "kits", 2),
    "substitute-self": (substitutes(("food", "food", 1.0)), "substitutes", 2),
    "substitute-cycle": (
        substitutes(("food", "blanket", 2.0), ("blanket", "food", 1.0)), "substitutes", 2,
    ),
    "no-supply": (without("stock", "item_id", "food"), "needs", 2),
    "stock-home": (edited("stock", 0, area_id="AR-1"), "stock", 2),
    "stock-at-crossing": (stock_at_a_crossing(), "stock", 2),
    # places
    "trucks-nowhere": (
        {**edited("places", 0, latitude=None), "travel_times": []}, "fleets", 2,
    ),
    "area-without-way": (edited("areas", 1, longitude=None), "areas", 3),
    "crossing-without-slots": (edited("crossings", 0, slots_per_day=None), "crossings", 2),
    "crossing-without-way": (edited("places", 1, latitude=None), "crossings", 2),
    "refused-item-unknown": (edited("crossings", 0, refused_items="food fule"), "crossings", 2),
    "arrival-stuck": ({**sound(), "crossings": []}, "arrivals", 2),
    "depot-without-trucks": (edited("fleets", 0, place_id="PORT"), "places", 2),
    "speed": (edited("travel_times", 0, travel_h=120.0), "travel_times", 2),
    "travel-time-empty": (edited("travel_times", 0, travel_h=None), "travel_times", 2),
    "zero-point": (edited("places", 1, latitude=0.0, longitude=0.0), "places", 3),
    "swapped-point": (edited("areas", 1, latitude=-61.2, longitude=12.2), "areas", 3),
    # times
    "convoy-outside-plan": (added("convoys", {"area_id": "AR-1", "date": FAR}), "convoys", 2),
    "need-outside-plan": (edited("needs", 3, date=day(10)), "needs", 5),
    "arrival-outside-plan": (edited("arrivals", 0, eta=FAR, eta_high=None), "arrivals", 2),
    "stock-expired": (edited("stock", 0, expiry=START - dt.timedelta(days=1)), "stock", 2),
    "commitment-outside-plan": (
        added(
            "commitments",
            {
                "commitment_id": "C", "kind": "moving", "area_id": "AR-1", "item_id": "food",
                "quantity": 5.0, "date": day(-1),
            },
        ),
        "commitments", 2,
    ),
    "figure-of-the-future": (edited("stock", 1, as_of=FAR), "stock", 3),
    "needs-overlap": (
        added(
            "needs",
            {"area_id": "AR-1", "item_id": "food", "date": day(4), "people": 9.0, "quantity": 9.0},
        ),
        "needs", 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_each_rule_finds_its_case(code):
    """The rule speaks up at the right row, and says what to do."""
    rows, sheet, expected = CASES[code]
    found = problems(rows).filter(pl.col("rule") == code)
    listed = expected if isinstance(expected, list) else [expected]
    assert found.select("sheet", "row").rows() == [(sheet, row) for row in listed]
    assert found["mend"].str.len_chars().min() > 20


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ({"status": "closed"}, True),
        ({"status": "closed", "date": day(3)}, False),
        ({"status": "closed", "class_id": "truck"}, False),
        ({"travel_h": 2.0}, False),
    ],
)
def test_a_crossing_whose_ways_are_all_closed(way, said):
    """Shut for all classes from the first day on: goods that enter there go nowhere."""
    rows = added("travel_times", {"from_id": "PORT", "to_id": "WH-1", **way})
    assert ("crossing-without-way" in problems(rows)["rule"].to_list()) == said


def test_every_rule_has_a_case():
    """A rule without a case here is a rule that nobody has seen work."""
    assert {rule.code for rule in RULES} == set(CASES)
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_every_rule_says_what_breaks_it():
    """The documentation lists the rules by these sentences."""
    assert all(rule.meaning.endswith(".") for rule in RULES)


@pytest.mark.parametrize(
    ("quantity", "wrong"),
    [
        (800.0, False),
        (400.0, False),
        (15_000.0, False),
        (40_000.0, True),
        (16_000.0, True),
        (40.0, True),
    ],
)
def test_packs_leave_local_standards_alone(quantity, wrong):
    """Half a ration is a choice; fifty times or a fiftieth of it are packs."""
    found = problems(edited("needs", 0, quantity=quantity))
    assert ("packs" in found["rule"].to_list()) == wrong


def test_rows_one_after_the_other_do_not_overlap():
    """A need that changes on day 5 is two rows that touch, not overlap."""
    rows = edited("needs", 0, until=day(4))
    rows["needs"].append(
        {"area_id": "AR-1", "item_id": "food", "date": day(5), "people": 9.0, "quantity": 9.0}
    )
    assert problems(rows).is_empty()


def test_a_catalogue_code_stands_in_for_weight_and_volume():
    """Whoever gives the code need not look up the weight."""
    rows = edited("items", 1, weight_kg=None, volume_m3=None, catalogue_code="HSHEBLANWHT1")
    assert problems(rows).is_empty()


def test_substitutes_whose_ratios_fit_are_no_cycle():
    """Two of one for one of the other, and back, loses and gains nothing."""
    rows = substitutes(("food", "blanket", 2.0), ("blanket", "food", 0.5))
    assert problems(rows).is_empty()


def test_days_may_give_the_slots():
    """A crossing that is known day by day needs no usual figure."""
    rows = edited("crossings", 0, slots_per_day=None)
    rows["crossing_days"] = [{"place_id": "PORT", "date": day(1), "slots": 4.0}]
    assert problems(rows).is_empty()


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ([("a", "b"), ("b", "c")], []),
        ([("b", "c"), ("c", "b"), ("a", "b")], [["b", "c"]]),
        ([("a", "a")], [["a"]]),
        (
            [("c", "a"), ("a", "b"), ("b", "c"), ("x", "y"), ("y", "x")],
            [["a", "b", "c"], ["x", "y"]],
        ),
    ],
)
def test_cycles(edges, found):
    """Each cycle once, from its first node on."""
    assert cycles(edges) == found
