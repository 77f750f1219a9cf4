"""Generated situations: the same for the same seed, of the asked size, of the right shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from aidline.errors import UsageError
from aidline.generator import SIZES, generate
from aidline.generator.supply import spread
from aidline.situation.check import check

if TYPE_CHECKING:
    from aidline.situation.situation import Situation


@pytest.fixture(scope="module")
def medium() -> Situation:
    """A situation of 500 areas."""
    return generate(**SIZES["M"], seed=3)


def _ends(situation: Situation) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """First and last point of every segment as node numbers, and the points as text."""
    points = situation["road_segments"]["geometry"].str.strip_chars("LINESTRING()").str.split(",")
    both = pl.concat([points.list.first(), points.list.last()])
    nodes, number = np.unique(both.to_numpy().astype(str), return_inverse=True)
    half = len(number) // 2
    return number[:half], number[half:], nodes.tolist()


def _reached(situation: Situation, closed: list[str]) -> pl.DataFrame:
    """Areas with `reached`: joined to some depot once the given segments are closed."""
    a, b, nodes = _ends(situation)
    open_ = ~situation["road_segments"]["segment_id"].is_in(closed).to_numpy()
    graph = csr_matrix((np.ones(open_.sum()), (a[open_], b[open_])), shape=(len(nodes),) * 2)
    _, part = connected_components(graph, directed=False)
    of_node = pl.DataFrame({"node": nodes, "part": part})
    at = pl.format("{} {}", *[_fixed(c) for c in ("longitude", "latitude")]).alias("node")
    areas = situation["areas"].with_columns(at).join(of_node, on="node", how="left")
    depots = situation["places"].filter(pl.col("kind") == "depot").with_columns(at)
    hubs = depots.join(of_node, on="node")["part"].to_list()
    return areas.with_columns(reached=pl.col("part").is_in(hubs))


def _fixed(column: str) -> pl.Expr:
    return pl.col(column).map_elements(lambda v: f"{v:.5f}", return_dtype=pl.String)


def test_same_seed_same_digest() -> None:
    """The same numbers and seed give the same situation, another seed another one."""
    size = dict(SIZES["S"])
    assert generate(**size, seed=7).digest() == generate(**size, seed=7).digest()
    assert generate(**size, seed=7).digest() != generate(**size, seed=8).digest()


@pytest.mark.parametrize("name", ["S", "M", "L"])
def test_sizes(name: str) -> None:
    """Every number of a size is met exactly."""
    size = SIZES[name]
    made = generate(**size, seed=1)
    kinds = dict(made["places"].group_by("kind").len().iter_rows())
    assert made["areas"].height == size["areas"]
    assert made["items"].height == size["items"]
    assert made["vehicle_classes"].height == size["classes"]
    assert made["fleets"]["vehicles"].sum() == size["trucks"]
    assert made["blockages"].height == size["links"]
    assert made["teams"].height == size["teams"]
    assert made.settings.days == size["days"]
    assert (kinds["depot"], kinds["crossing"]) == (size["depots"], size["crossings"])
    assert kinds["site"] == size["sites"]


def test_marked_as_fictional(medium: Situation) -> None:
    """Nobody can take a generated situation for a real one."""
    assert medium.settings.fictional
    assert "Synthetic" in medium.settings.notice
    assert "fictional" in medium.settings.name


def test_population_is_heavy_tailed(medium: Situation) -> None:
    """A tenth of the areas holds well over a third of the people; the median is below the mean."""
    people = medium["population"]["people"].sort(descending=True)
    assert people.head(50).sum() > 0.4 * people.sum()
    assert people.median() < 0.6 * people.mean()


def test_roads_join_everything_when_whole(medium: Situation) -> None:
    """Without damage, every area has a way to a depot."""
    assert _reached(medium, [])["reached"].all()


def test_some_areas_are_cut_off_for_good_and_few(medium: Situation) -> None:
    """Roads that stay closed for the whole plan cut off some areas, at most a twentieth."""
    last = medium["road_status"].sort("date").group_by("segment_id").last()
    closed = last.filter(pl.col("status") == "closed")["segment_id"].to_list()
    lost = (~_reached(medium, closed)["reached"]).sum()
    assert 1 <= lost <= 25


def test_some_roads_open_during_the_plan(medium: Situation) -> None:
    """Some closed roads open on a day of the plan, and more areas are cut off before."""
    start = medium.settings.start_date
    log = medium["road_status"]
    first = log.filter((pl.col("date") < start) & (pl.col("status") == "closed"))
    later = log.filter(pl.col("date") > start)
    assert set(later["segment_id"]) <= set(first["segment_id"])
    assert later.height >= 5
    assert later["date"].max() <= medium.settings.date_of(medium.settings.days - 1)


def test_bridges_cross_rivers_and_are_weak_points(medium: Situation) -> None:
    """There are bridges, each a short segment of its own, and some of them are damaged."""
    bridges = medium["road_segments"].filter("bridge")
    hit = medium["road_status"].filter(pl.col("cause") == "bridge_damage")["segment_id"]
    assert bridges.height >= 10
    assert bridges["length_km"].max() < 1
    assert set(hit) <= set(bridges["segment_id"])


def test_goods_are_short_but_not_absent(medium: Situation) -> None:
    """Stock and pipeline together are below the needs of every item and above half of them."""
    days = medium.settings.days
    once = pl.col("kind") == "once"
    length = (pl.col("until") - pl.col("date")).dt.total_days() + 1
    need = (
        medium["needs"]
        .join(medium["items"].select("item_id", "kind"), on="item_id")
        .group_by("item_id")
        .agg(need=(pl.col("quantity") * pl.when(once).then(1).otherwise(length)).sum())
    )
    goods = pl.concat([medium[t].select("item_id", "quantity") for t in ("stock", "arrivals")])
    both = need.join(goods.group_by("item_id").agg(pl.col("quantity").sum()), on="item_id")
    share = both["quantity"] / both["need"]
    assert days == 14
    assert share.min() > 0.5
    assert share.max() < 1


def test_slots_let_less_through_than_the_pipeline_brings(medium: Situation) -> None:
    """Over the plan, the crossings have fewer slots than the pipeline needs."""
    at_gate = medium["arrivals"].filter(pl.col("place_id").str.starts_with("X"))
    loads = at_gate.join(medium["items"], on="item_id").select(
        t=pl.col("quantity") * pl.col("weight_kg") / 18_000,
        v=pl.col("quantity") * pl.col("volume_m3") / 60,
    )
    gates = medium["crossings"]
    slots = (
        gates["slots_per_day"].fill_null(0).sum() + 8 * gates["slots_per_hour"].fill_null(0).sum()
    )
    assert slots * medium.settings.days < max(loads["t"].sum(), loads["v"].sum())


def test_nothing_arrives_after_the_plan(medium: Situation) -> None:
    """Every shipment has its day within the plan."""
    last = medium.settings.date_of(medium.settings.days - 1)
    assert medium["arrivals"]["eta"].max() <= last


def test_some_areas_have_stores_and_convoys(medium: Situation) -> None:
    """A few areas still have food, a few are entered only in convoys on some days."""
    stores = medium["stock"].filter(pl.col("area_id").is_not_null())
    assert 10 <= stores.height <= 20
    assert medium["convoys"]["area_id"].n_unique() == 2
    assert medium["convoys"]["max_trucks"].min() >= 5


def test_nothing_is_wrong(medium: Situation) -> None:
    """The check finds neither errors nor warnings."""
    assert check(medium).rows() == []


def test_outlines_do_not_overlap(medium: Situation) -> None:
    """Outlines cover the land once: they are valid and their areas add up to their union."""
    import shapely

    shapes = shapely.from_wkt(medium["areas"]["geometry"].to_numpy())
    assert shapely.is_valid(shapes).all()
    whole = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-3)


def test_small_and_odd_numbers() -> None:
    """The smallest situation, without crossings and damage, still has its tables."""
    tiny = generate(4, 1, 1, 1, crossings=0, links=0, trucks=1, classes=1, teams=0, sites=0)
    assert tiny["needs"].height >= 1
    assert tiny["fleets"]["vehicles"].sum() == 1
    assert tiny["crossings"].height == 0
    assert tiny["road_status"].height == 0


@pytest.mark.parametrize(
    "numbers",
    [
        {"areas": 3},
        {"areas": 50, "items": 16},
        {"areas": 50, "classes": 5},
        {"areas": 50, "days": 0},
        {"areas": 50, "depots": 40, "crossings": 20},
    ],
)
def test_numbers_that_make_no_sense(numbers: dict[str, int]) -> None:
    """Numbers that make no sense are refused in words."""
    with pytest.raises(UsageError):
        generate(**numbers)


EXTRAS = {"hubs": 2, "kits": 2, "substitutes": 3, "commitments": 6}


@pytest.fixture(scope="module")
def rich() -> Situation:
    """A small situation with everything that can be asked for."""
    return generate(**SIZES["S"], **EXTRAS, stores=7, convoys=3, seed=3)


def test_extras_at_nothing_change_nothing(rich: Situation) -> None:
    """Without extras the digest is that of before; with them only their own tables differ."""
    plain = generate(**SIZES["S"], seed=3)
    zero = generate(**SIZES["S"], **dict.fromkeys(EXTRAS, 0), seed=3)
    assert zero.digest() == plain.digest()
    some = generate(**SIZES["S"], **EXTRAS, seed=3)
    touched = {name for name in plain.tables if not plain[name].equals(some[name])}
    assert touched == {
        "items", "kits", "substitutes", "commitments", "places", "fleets", "stock"
    }  # fmt: skip
    assert generate(**SIZES["S"], **EXTRAS, stores=7, convoys=3, seed=3).digest() == rich.digest()


def test_every_extra_is_there_in_its_number(rich: Situation) -> None:
    """As many as were asked for, and the check finds nothing wrong with them."""
    assert rich["places"].filter("transship").height == 2
    assert rich["kits"]["kit_id"].n_unique() == 2
    assert rich["substitutes"].height == 3
    assert rich["commitments"]["kind"].value_counts().sort("kind").rows() == [
        ("moving", 3), ("promised", 3),
    ]  # fmt: skip
    assert 1 <= rich["stock"]["area_id"].drop_nulls().n_unique() <= 7
    assert rich["convoys"]["area_id"].n_unique() == 3
    assert check(rich).rows() == []


def test_extras_are_taken_from_what_there_is(rich: Situation) -> None:
    """Hubs have no trucks more, kits and substitutes no goods more, and no lot is below nothing."""
    plain = generate(**SIZES["S"], stores=7, convoys=3, seed=3)
    assert rich["fleets"]["vehicles"].sum() == plain["fleets"]["vehicles"].sum()
    hubs = rich["places"].filter("transship")["place_id"]
    assert rich["fleets"].filter(pl.col("place_id").is_in(hubs))["vehicles"].min() >= 1
    assert rich["stock"]["quantity"].min() >= 0

    def units(situation: Situation, item: str) -> float:
        stock = dict(situation["stock"].group_by("item_id").agg(pl.col("quantity").sum()).rows())
        packed = situation["kits"].filter(item_id=item).iter_rows(named=True)
        inside = sum(stock[row["kit_id"]] * row["quantity"] for row in packed)
        other = situation["substitutes"].filter(item_id=item).iter_rows(named=True)
        instead = sum(stock[row["substitute_id"]] / row["ratio"] for row in other)
        return float(stock[item] + inside + instead)

    for item in ("blanket", "tarpaulin", "hygiene_parcel", "food_ration"):
        assert units(rich, item) == pytest.approx(units(plain, item), abs=20)


@pytest.mark.parametrize(
    "numbers",
    [
        {"hubs": -1},
        {"hubs": 60},
        {"hubs": 3, "trucks": 3},
        {"kits": 3, "items": 5},
        {"substitutes": 4},
        {"substitutes": 2, "items": 1},
        {"commitments": 100_000},
        {"stores": 51},
    ],
)
def test_extras_that_make_no_sense(numbers: dict[str, int]) -> None:
    """More than there is to take them from is refused in words."""
    with pytest.raises(UsageError):
        generate(50, 7, **{"items": 5, **numbers})


def test_spread_keeps_the_total() -> None:
    """Whole numbers by weight add up to the whole."""
    assert spread(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert spread(1, np.array([0.2, 0.5, 0.3])).tolist() == [0, 1, 0]


def test_no_invented_figure_looks_like_a_code_for_unknown() -> None:
    """999 people would be asked about; seed 9 once drew them."""
    situation = generate(areas=30, days=7, items=5, hubs=3, stores=5, convoys=4, seed=9)
    codes = [999.0, 9999.0, 99999.0]
    for table in situation.tables.values():
        figures = table.select(pl.col(pl.Float64).is_in(codes).any())
        assert not any(value for row in figures.rows() for value in row)


def test_a_seed_below_zero_is_refused_in_words() -> None:
    """Not by the generator of random numbers."""
    with pytest.raises(UsageError, match="seed at least 0"):
        generate(areas=4, days=1, items=1, seed=-1)
