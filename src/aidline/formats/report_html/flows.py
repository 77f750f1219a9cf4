"""What leaves on each day, along the roads that it takes.

Deliveries that share a road are drawn as one line, so a map holds stretches of road and, for
each delivery, the list of its stretches. Where no road leads from start to end the delivery
is an arrow of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely

from aidline.formats.report_html.frame import FINEST, Frame, simplified
from aidline.network.traffic import traffic

if TYPE_CHECKING:
    from collections.abc import Collection

    from aidline.network.traffic import Traffic
    from aidline.plan.plan import Plan
    from aidline.situation.situation import Situation

MOST_FLOWS = 160
"""Arrows off the roads shown per day; the smallest are left out and counted."""
LEAST_T = 0.0005
Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Flow:
    """What leaves on a day from one node for another.

    `transfer` = from a crossing to a store; `way` lists the stretches of road in the order of
    driving, () = an arrow.
    """

    day: int
    from_id: str
    to_id: str
    tonnes: float
    transfer: bool
    way: tuple[int, ...] = ()


@dataclass(frozen=True)
class Flows:
    """All flows, the stretches that they use in drawing units, and arrows not shown."""

    flows: tuple[Flow, ...] = ()
    stretches: tuple[Points, ...] = ()
    left_out: int = 0


def legs_of(situation: Situation, plan: Plan) -> pl.DataFrame:
    """Return day, from_id, to_id, class_id (null for transfers), t and transfer, heaviest first."""
    weight = situation["items"].select("item_id", (pl.col("weight_kg") / 1000).alias("unit_t"))
    keys = ("day", "from_id", "to_id")
    trips = plan["trips"].group_by(*keys, "class_id").agg(pl.col("load_t").sum().alias("t"))
    moved = (
        plan["transfers"]
        .join(weight, on="item_id", how="left")
        .group_by(keys)
        .agg((pl.col("quantity") * pl.col("unit_t")).sum().alias("t"))
        .with_columns(class_id=pl.lit(None, pl.String))
        .select(*keys, "class_id", "t")
    )
    return (
        pl.concat([trips.with_columns(transfer=False), moved.with_columns(transfer=True)])
        .filter((pl.col("t") > LEAST_T) & pl.col("day").is_between(0, plan.record.days - 1))
        .sort("day", "t", "from_id", "to_id", "class_id", descending=[False, True, *[False] * 3])
    )


def traffic_of(situation: Situation, legs: pl.DataFrame) -> Traffic:
    """Return the ways of legs, those of the same pair and class on the same roads once."""
    return traffic(situation, legs.select("from_id", "to_id", "class_id", "day"))


def flows_drawn(legs: pl.DataFrame, ways: Traffic, known: Collection[str], frame: Frame) -> Flows:
    """Put the flows of a plan on a map.

    Parameters
    ----------
    legs, ways
        What `legs_of` and `traffic_of` gave.
    known
        Areas and places that have a position: arrows need both of their ends.
    frame
        The drawing.
    """
    whole: dict[tuple[int, str, str, bool, tuple[int, ...]], float] = {}
    columns = ("day", "from_id", "to_id", "transfer", "t")
    for (*leg, tonnes), way in zip(legs.select(columns).iter_rows(), ways.ways, strict=True):
        day, start, end, transfer = leg
        if way or (start in known and end in known):
            key = (day, start, end, transfer, way)
            whole[key] = whole.get(key, 0.0) + tonnes
    flows, arrows, left_out = [], dict[int, int](), 0
    for (day, start, end, transfer, way), tonnes in sorted(
        whole.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0])
    ):
        arrows[day] = arrows.get(day, 0) + (not way)
        if not way and arrows[day] > MOST_FLOWS:
            left_out += 1
        else:
            flows.append(Flow(day, start, end, tonnes, transfer, way))
    return Flows(tuple(flows), _stretches(ways, frame), left_out)


def _stretches(ways: Traffic, frame: Frame) -> tuple[Points, ...]:
    """Return the lines of the stretches in drawing units."""
    if ways.count == 0:
        return ()
    points = np.stack([ways.lon, ways.lat], axis=1)
    lines = shapely.linestrings(
        points, indices=np.repeat(np.arange(ways.count), np.diff(ways.start))
    )
    slim: list[Any] = simplified(list(lines), FINEST / frame.x_scale)
    return tuple(
        tuple(map(tuple, _distinct(frame.units(shapely.get_coordinates(s))))) for s in slim
    )


def _distinct(points: Any) -> Any:
    """Drop points that lie on the one before, but keep two."""
    keep = np.ones(len(points), bool)
    keep[1:-1] = (points[1:-1] != points[:-2]).any(axis=1)
    return points[keep].tolist()
