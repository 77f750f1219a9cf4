"""S7, S8: what is used in areas; each rule refuses the plan that breaks it, and nothing else."""

from __future__ import annotations

import polars as pl
from broken_rules import broken, changed
from plan_world import DELIVERIES, LOADS, TRANSFERS, TRIPS, USES, date, plan, rows, world

from aidline.plan.check import check_plan


def test_used_before_it_arrives() -> None:
    """S7: nothing is used before it is there."""
    early = pl.concat([USES, rows(" ".join(USES.columns), (0, "A2", "ration", "ration", 500.0))])
    assert broken(uses=early) == {"S7.arrived"}


def test_used_more_than_arrived() -> None:
    """S7: a unit meets a need once."""
    more = rows(" ".join(USES.columns), (3, "A3", "ration", "ration", 1.0))
    assert broken(uses=pl.concat([USES, more])) == {"S7.arrived"}


def test_used_after_it_was_kept_too_long() -> None:
    """S7: after hold_days what is left cannot be used, even if enough arrived."""
    late = changed(USES, {"area_id": "A2", "item_id": "ration", "day": 3}, day=4)
    found = check_plan(world(), plan(uses=late)).violations
    assert [(v.rule, v.where, v.day, v.limit) for v in found] == [("S7.kept", "A2 ration", 4, 0.0)]


def test_own_stock_is_not_used_after_its_expiry() -> None:
    """S7: what an area holds counts up to its last day."""
    only = rows("day area_id item_id from_item_id quantity", (1, "A1", "ration", "ration", 300.0))
    none = {
        name: frame.clear()
        for name, frame in {
            "trips": TRIPS,
            "loads": LOADS,
            "deliveries": DELIVERIES,
            "transfers": TRANSFERS,
        }.items()
    }
    assert broken(uses=only, **none) == set()
    assert broken(uses=only.with_columns(day=2), **none) == {"S7.kept"}


def test_what_is_moving_counts_when_it_arrives() -> None:
    """S7: the convoy that is under way meets needs from its day on, once."""
    here = {"area_id": "A2", "item_id": "blanket"}
    early = changed(USES, {**here, "day": 1}, quantity=101.0)
    assert broken(uses=early) == {"S7.arrived"}
    assert broken(uses=changed(USES, {**here, "day": 2}, quantity=51.0)) == {"S7.arrived"}


def test_kits_are_counted_once_for_each_part() -> None:
    """S7: 40 kits hold 80 blankets and 200 pieces of soap, not more."""
    more = changed(USES, {"item_id": "soap"}, quantity=201.0)
    found = check_plan(world(), plan(uses=more)).violations
    assert [(v.rule, v.where) for v in found] == [("S7.kit", "A1 kit soap")]
    assert broken(
        uses=changed(USES, {"from_item_id": "kit", "item_id": "blanket"}, quantity=90.0)
    ) == {"S7.kit"}


def test_a_kit_given_out_whole_is_not_opened_too() -> None:
    """S7: where kits themselves are needed, a kit that is given counts for all of its parts."""
    needs = pl.concat([
        world()["needs"].select("area_id", "item_id", "date", "people", "quantity"),
        rows("area_id item_id date people quantity", ("A1", "kit", date(0), 50.0, 50.0)),
    ])  # fmt: skip
    wanted = world(needs=needs)
    whole = rows(" ".join(USES.columns), (0, "A1", "kit", "kit", 10.0))
    fewer = changed(USES, {"from_item_id": "kit", "item_id": "blanket"}, quantity=60.0)
    fewer = changed(fewer, {"item_id": "soap"}, quantity=150.0)

    def kits(uses: pl.DataFrame) -> set[str]:
        found = check_plan(wanted, plan(uses=uses)).violations
        return {v.rule for v in found if v.rule.startswith("S")}

    assert kits(pl.concat([fewer, whole])) == set()
    assert kits(pl.concat([USES, whole])) == {"S7.kit"}


def test_substitutes_count_by_their_ratio() -> None:
    """S7: 60 bags stand in for 30 blankets."""
    assert broken(uses=changed(USES, {"from_item_id": "bag"}, quantity=31.0)) == {"S7.arrived"}


def test_only_substitutes_and_kits_stand_in() -> None:
    """S7: an item that is no substitute meets nothing."""
    strange = changed(USES, {"from_item_id": "bag"}, item_id="soap", quantity=30.0)
    assert broken(uses=strange) == {"S7.relation"}


def test_more_met_than_needed() -> None:
    """S8: met daily need stays within the need of the day."""
    more = changed(USES, {"area_id": "A1", "item_id": "ration", "day": 0}, quantity=1100.0)
    less = changed(more, {"area_id": "A1", "item_id": "ration", "day": 1}, quantity=900.0)
    assert broken(uses=less) == {"S8.need"}


def test_once_need_is_met_once() -> None:
    """S8: cumulative use stays within what has come up so far, and is said once."""
    small = world(needs=changed(
        world()["needs"], {"area_id": "A2", "item_id": "blanket"}, quantity=120.0
    ))  # fmt: skip
    found = check_plan(small, plan(small)).violations
    assert [(v.rule, v.day, v.found, v.limit) for v in found] == [("S8.need", 2, 150.0, 120.0)]


def test_met_where_nothing_is_needed() -> None:
    """S8: a use without a need is refused."""
    odd = pl.concat([USES, rows(" ".join(USES.columns), (1, "A2", "soap", "kit", 1.0))])
    assert "S8.need" in broken(uses=odd)
