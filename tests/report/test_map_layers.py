"""What the map shows: coordinates, outlines, roads with their states, flows; and its size."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
import shapely
from opened import HOSTILE
from sample import START, make

from aidline.formats.report_html import prepare, report_html
from aidline.formats.report_html.data import embedded
from aidline.formats.report_html.flows import MOST_FLOWS
from aidline.formats.report_html.frame import MOST_POINTS, WIDTH, simplified
from aidline.formats.report_html.map_layers import MapLayers, map_layers
from aidline.formats.report_html.map_roads import road_states
from aidline.formats.report_html.ribbons import arrow, beside, key_tonnes, loads, most_tonnes
from aidline.formats.report_html.static_map import COLOURS, colour, scale_km
from aidline.formats.sensitivity import shareable

if TYPE_CHECKING:
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation


def layers(situation: Situation, plan: Plan) -> MapLayers:
    """Return the layers of a map that there must be."""
    made = map_layers(situation, plan, situation["areas"]["area_id"].to_list())
    assert made is not None
    return made


def test_north_is_up_and_east_is_right():
    """Larger latitudes lie higher, larger longitudes further right, all within the drawing."""
    made = layers(*make())
    first, east, north = (made.positions[a] for a in ("A-0000", "A-0001", "A-0004"))
    assert east[0] > first[0]
    assert north[1] < first[1]
    assert all(0 <= x <= WIDTH and 0 <= y <= made.frame.height for x, y in made.positions.values())


def test_a_kilometre_is_as_long_both_ways():
    """At 60° north a degree of longitude is half as long as one of latitude."""
    situation, plan = make(areas=4)
    far = situation["areas"].with_columns(
        latitude=pl.Series([59.9, 59.9, 60.1, 60.1]),
        longitude=pl.Series([10.0, 10.4, 10.0, 10.4]),
        geometry=pl.lit(None, pl.String),
    )
    bare = situation.replace(
        areas=far,
        places=situation["places"].clear(),
        road_segments=situation["road_segments"].clear(),
    )
    made = layers(bare, plan)
    a, b, c = (made.positions[f"A-000{k}"] for k in range(3))
    assert (b[0] - a[0]) / (a[1] - c[1]) == pytest.approx(1.0, rel=0.02)


def test_area_without_outline_is_a_point():
    """Where there is no outline the coordinates make a circle."""
    situation, plan = make(areas=4)
    areas = situation["areas"].with_columns(geometry=pl.lit(None, pl.String))
    shape = layers(situation.replace(areas=areas), plan).areas[0]
    assert shape.path == ""
    assert shape.x is not None


def test_broken_outline_does_not_stop_the_map():
    """Text that is no outline, and an empty one, are passed over."""
    situation, plan = make(areas=4)
    broken = pl.Series("geometry", ["POLYGON((0 0", "POLYGON EMPTY", "POINT(1 1)", None])
    made = layers(situation.replace(areas=situation["areas"].with_columns(broken)), plan)
    assert [shape.path for shape in made.areas] == ["", "", "", ""]


def test_last_report_of_a_road_counts_from_its_day():
    """Reports before the plan hold on day 0; a later one takes over on its day."""
    situation, _ = make()
    states = road_states(situation)
    assert states["R-0"] == (((0, 1),), "debris")
    assert states["R-1"] == (((0, 2), (3, 0)), "landslide")


def test_roads_in_trouble_stay_single_and_named():
    """Open roads are one path per class; those in trouble, or that cut an area off, keep a name."""
    situation, plan = make()
    roads = layers(situation, plan).roads
    troubled = [r for r in roads if any(s for _, s in r.states)]
    assert [(r.name, r.cause) for r in troubled] == [
        ("Road R-0", "debris"),
        ("Road R-1", "landslide"),
        ("Road R-9", ""),
    ]
    assert [r.blocks for r in troubled] == [False, False, True]
    assert len(roads) - len(troubled) == 2
    late = situation["road_status"].with_columns(date=pl.lit(START + dt.timedelta(days=99)))
    assert len(layers(situation.replace(road_status=late), plan).roads) == 3


def test_only_the_largest_flows_of_a_day_are_drawn():
    """Off the roads, beyond the limit, the smallest are left out and counted."""
    situation, plan = make(areas=400, days=2)
    bare = situation.replace(road_segments=situation["road_segments"].clear())
    made = layers(bare, plan)
    legs = plan["trips"].filter(pl.col("day") == 0).sort("load_t", descending=True)
    drawn = [f.tonnes for f in made.flows if f.day == 0]
    assert len(drawn) == MOST_FLOWS < legs.height
    assert min(drawn) == pytest.approx(legs["load_t"][MOST_FLOWS - 1])
    assert made.flows_left_out == legs.height - MOST_FLOWS


def test_flows_follow_the_roads():
    """Deliveries along the row of roads share its stretches; what no road reaches is an arrow."""
    made = layers(*make())
    on_road = [f for f in made.flows if f.way]
    assert {f.to_id for f in on_road} == {*("A-0000", "A-0001", "A-0002", "A-0003"), "WH-1", "WH-2"}
    assert {f.to_id for f in made.flows if not f.way} >= {"A-0004", "A-0005"}
    tonnes = loads(made, 0)
    first = max(tonnes, key=lambda key: tonnes[key])
    users = [f for f in on_road if f.day == 0 and first[0] in f.way]
    assert len(users) > 1
    assert tonnes[first] == pytest.approx(sum(f.tonnes for f in users))
    assert most_tonnes(made) == pytest.approx(
        max(t for day in range(7) for t in loads(made, day).values())
    )


def test_a_way_starts_and_ends_at_its_places():
    """The first point is that of the warehouse, the last that of the area, in drawing units."""
    situation, plan = make()
    made = layers(situation, plan)
    flow = next(f for f in made.flows if f.way)
    at = {
        row[0]: made.frame.xy(row[2], row[1])
        for table, key in (("places", "place_id"), ("areas", "area_id"))
        for row in situation[table].select(key, "latitude", "longitude").iter_rows()
    }
    assert made.stretches[flow.way[0]][0] == at[flow.from_id]
    assert made.stretches[flow.way[-1]][-1] == at[flow.to_id]


def test_where_roads_are_hidden_flows_are_arrows():
    """A way over the roads that are left would be wrong, so none is drawn."""
    situation, plan = make()
    secret = situation["road_segments"].with_columns(sensitivity=pl.lit("low"))
    secret[1, "sensitivity"] = "severe"
    hidden = situation.replace(road_segments=secret)
    shown, shown_plan, left_out = shareable(hidden, plan)
    drawn = prepare(shown, shown_plan, left_out=left_out).layers
    assert drawn is not None
    assert drawn.flows
    assert not any(f.way for f in drawn.flows)
    open_to_all = prepare(hidden, plan).layers
    assert open_to_all is not None
    assert any(f.way for f in open_to_all.flows)


def test_ribbons_keep_to_the_right():
    """Eastward lies south of the road, westward north; corners keep their distance."""
    east = beside([(0, 0), (100, 0), (200, 0)], 5)
    assert east.tolist() == [[0, 5], [100, 5], [200, 5]]
    west = beside([(200, 0), (100, 0)], 5)
    assert west.tolist() == [[200, -5], [100, -5]]
    corner = beside([(0, 0), (100, 0), (100, 100)], 5)
    assert corner[1] == pytest.approx([95, 5])


@pytest.mark.parametrize(
    ("most", "key"), [(143.0, (10.0, 100.0)), (9.9, (0.5, 5.0)), (20.0, (2.0, 20.0))]
)
def test_the_key_shows_round_weights(most: float, key: tuple[float, float]):
    """One weight near the widest line, one near a tenth of it."""
    assert key_tonnes(most) == pytest.approx(key)


def test_national_size_stays_small():
    """3,000 areas of 120 points over 30 days are simplified; the file stays under 6 MB."""
    situation, plan = make(areas=3000, days=30)
    round_ones = [
        shapely.Point(x, y).buffer(0.05, quad_segs=30).wkt
        for x, y in situation["areas"].select("longitude", "latitude").iter_rows()
    ]
    detailed = situation.replace(
        areas=situation["areas"].with_columns(geometry=pl.Series(round_ones))
    )
    made = layers(detailed, plan)
    points = sum(shape.path.count(" ") for shape in made.areas)
    assert points <= 1.1 * MOST_POINTS
    assert len(report_html(detailed, plan).encode()) < 6_000_000


def test_shared_borders_stay_shared():
    """Neighbours whose common border has many bends keep the same bends after simplification."""
    bends = [(0.1 + 0.01 * (k % 2), 0.002 * k) for k in range(51)]
    line = ",".join(f"{x} {y}" for x, y in bends)
    back = ",".join(f"{x} {y}" for x, y in reversed(bends))
    outlines = [f"POLYGON((0 0,{line},0 0.1,0 0))", f"POLYGON((0.2 0,0.2 0.1,{back},0.2 0))"]
    parts = [shapely.from_wkt(text) for text in outlines]
    slim = simplified(parts, 0.005)
    assert shapely.get_num_coordinates(slim).sum() < shapely.get_num_coordinates(parts).sum()
    assert slim[0].intersection(slim[1]).length == pytest.approx(
        slim[0].boundary.intersection(slim[1].boundary).length
    )
    assert slim[0].union(slim[1]).area == pytest.approx(slim[0].area + slim[1].area)


def test_embedded_data_cannot_end_its_element():
    """No character that an HTML parser acts upon is in the data, and it reads back the same."""
    data = {"name": HOSTILE + "\u2028<!--", "n": [1, None]}
    text = str(embedded(data))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == data


def test_nan_never_reaches_the_page():
    """What is not a number is refused, not written."""
    with pytest.raises(ValueError, match="Out of range"):
        embedded({"x": float("nan")})


def test_hostile_notice_stays_a_css_string():
    """The name in the page margin is escaped for CSS: it cannot close string or style."""
    text = report_html(*make(areas=4, hostile='"; } body { display: none </style>'))
    margin = text[text.rindex("@bottom-left") : text.index("</style>")]
    assert margin.count('"') == 2
    assert margin.count("}") == 2
    assert "display" in margin


@pytest.mark.parametrize(
    ("share", "shade"), [(0.0, 0), (0.19, 0), (0.2, 1), (0.79, 3), (0.95, 5), (1.0, 5)]
)
def test_colours_run_from_dark_to_light(share: float, shade: int):
    """Lightness rises with coverage, so the map reads without seeing hue."""
    light = [
        sum(int(c[k : k + 2], 16) * w for k, w in ((1, 0.3), (3, 0.59), (5, 0.11))) for c in COLOURS
    ]
    assert light == sorted(light)
    assert colour(share) == COLOURS[shade]


def test_arrows_point_at_their_end():
    """The tip of an arrow is at its end, less what is kept free for the symbol."""
    path = arrow((0, 0), (1000, 0), 20, 50)
    points = [tuple(map(int, p)) for p in re.findall(r"(-?\d+) (-?\d+)", path)]
    assert max(points)[0] == 950
    assert arrow((0, 0), (10, 0), 20, 50) == ""


def test_scale_is_a_round_number():
    """The scale bar spans 1, 2 or 5 times a power of ten kilometres, and fits."""
    made = layers(*make())
    km = scale_km(made)
    assert f"{km:e}"[0] in "125"
    assert km * made.frame.units_per_km <= WIDTH / 4


def test_static_maps_are_the_first_middle_and_last_day():
    """Paper shows three days, each with its date."""
    titles = [title for title, _ in prepare(*make(days=7)).static_maps]
    assert titles == ["Day 1: 2 March 2027", "Day 4: 5 March 2027", "Day 7: 8 March 2027"]
