"""Damage to the roads of a generated situation, and what it cuts off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from aidline.generator.land import Land
    from aidline.generator.roads import Roads

NEVER = 10_000
"""Opening day of a road that stays closed for the whole plan."""
CUT_OFF_AT_MOST = 0.05
"""Share of the areas that may be cut off for the whole plan."""


@dataclass(frozen=True, eq=False)
class Damage:
    """Which roads are damaged, and until when.

    Attributes
    ----------
    road
        [links] number of the road.
    opens
        [links] day on which it opens; 0 = passable with a limit from the start, `NEVER` =
        closed for the whole plan.
    limit_t
        [links] weight limit while passable, tonnes (infinite = the legal one).
    speed_factor
        [links] speed while passable.
    cause
        [links] code of the cause.
    """

    road: np.ndarray
    opens: np.ndarray
    limit_t: np.ndarray
    speed_factor: np.ndarray
    cause: np.ndarray

    def usable(self, roads: Roads, day: int) -> np.ndarray:
        """Return [roads]: true where a truck of 12 t payload can pass on that day."""
        passable = np.ones(len(roads.km), bool)
        passable[self.road[(self.opens > day) | (self.limit_t < 18.8)]] = False
        return passable


def make_damage(
    land: Land,
    roads: Roads,
    area_nodes: np.ndarray,
    hubs: np.ndarray,
    *,
    days: int,
    links: int,
    rng: np.random.Generator,
) -> Damage:
    """Damage `links` roads, more near the event and on busy roads.

    Parameters
    ----------
    area_nodes
        Nodes that are areas.
    hubs
        Nodes of depots and crossings: the roads at their door stay whole.
    days
        Length of the plan.
    links
        Number of damaged roads, at most a third of all.
    """
    middle = land.xy[roads.ends].mean(1)
    links = min(links, len(roads.km) // 3)
    near = np.exp(-land.from_centre(middle) / 0.25)
    weight = near * np.sqrt(roads.traffic + np.median(roads.traffic) + 1)
    weight[np.isin(roads.ends, hubs).any(1)] = 0
    lonely = _lonely(roads, area_nodes, hubs, weight)[: 2 * max(1, links // 40)][:links]
    weight[lonely] = 0
    others = min(links - len(lonely), int((weight > 0).sum()))
    chance = weight / max(weight.sum(), 1e-300)
    drawn = rng.choice(len(weight), others, replace=False, p=chance) if others else lonely[:0]
    road = np.concatenate([lonely, drawn])
    fate = rng.random(len(road))
    soon = rng.integers(1, max(2, days - 1), len(road))
    opens = np.where(fate < 0.35, 0, np.where(fate < 0.75, soon, NEVER))
    opens[: len(lonely)] = np.where(np.arange(len(lonely)) % 2 == 0, NEVER, soon[: len(lonely)])
    opens = _reconnect(
        roads, area_nodes, hubs, road=road, opens=opens, soon=soon, spare=len(lonely)
    )
    ridge = land.ridge(middle[road])
    cause = np.where(
        roads.bridge[road], "bridge_damage", np.where(ridge > 0.5, "landslide", "debris")
    )
    limit = np.where(cause == "bridge_damage", rng.choice([10.0, 20.0, 20.0], len(road)), np.inf)
    return Damage(road, opens, limit, rng.choice([0.3, 0.4, 0.6], len(road)), cause)


def status_table(
    damage: Damage, weak: list[str], start: dt.date, before: int = 2
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `road_status` and `blockages`.

    Parameters
    ----------
    weak
        For each road the segment that is damaged.
    start
        Day 0 of the plan.
    before
        How many days earlier the event struck.
    """
    segment = np.array(weak)[damage.road]
    struck = start - dt.timedelta(days=before)
    limit = np.where(np.isfinite(damage.limit_t), damage.limit_t, np.nan)
    shown = pl.DataFrame(
        {
            "segment_id": segment,
            "opens": damage.opens,
            "max_weight_t": limit,
            "speed_factor": damage.speed_factor,
            "cause": damage.cause,
        }
    ).with_columns(pl.col("max_weight_t").fill_nan(None), as_of=pl.lit(start))
    later = shown.filter(pl.col("opens").is_between(1, NEVER - 1))
    at_once = pl.col("opens") == 0
    first = shown.with_columns(
        date=pl.lit(struck),
        status=pl.when(at_once).then(pl.lit("restricted")).otherwise(pl.lit("closed")),
        max_weight_t=pl.when(at_once).then("max_weight_t"),
        speed_factor=pl.when(at_once).then("speed_factor"),
    )
    then = later.with_columns(
        date=pl.lit(start) + pl.duration(days=pl.col("opens")), status=pl.lit("restricted")
    )
    status = pl.concat([first, then]).drop("opens").with_columns(source_id=pl.lit("SYNTHETIC"))
    work = np.where(damage.opens == NEVER, 12, np.clip(damage.opens, 1, 10)).astype(float)
    blockages = pl.DataFrame(
        {
            "blockage_id": [f"B-{i:05d}" for i in range(1, len(segment) + 1)],
            "segment_id": segment,
            "kind": damage.cause,
            "single_lane_crew_days": np.round(work / 2, 1),
            "full_crew_days": work,
            "explosive_hazard": "assessed_clear",
            "as_of": start,
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    return status, blockages


def _lonely(
    roads: Roads, area_nodes: np.ndarray, hubs: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Return the only road of areas that have but one, the most exposed first."""
    degree = np.bincount(roads.ends.ravel(), minlength=roads.nodes)
    alone = np.zeros(roads.nodes, bool)
    alone[area_nodes] = degree[area_nodes] == 1
    alone[hubs] = False
    road = np.flatnonzero(alone[roads.ends].any(1) & (weight > 0))
    return road[np.argsort(-weight[road], kind="stable")]


def _reconnect(
    roads: Roads,
    area_nodes: np.ndarray,
    hubs: np.ndarray,
    *,
    road: np.ndarray,
    opens: np.ndarray,
    soon: np.ndarray,
    spare: int,
) -> np.ndarray:
    """Let roads open in time until few areas stay cut off; the first `spare` stay as they are."""
    opens = opens.copy()
    for _ in range(50):
        whole = np.ones(len(roads.km), bool)
        whole[road[opens == NEVER]] = False
        _, part = connected_components(roads.graph(whole), directed=False)
        lost = ~np.isin(part, part[hubs])
        if lost[area_nodes].mean() <= CUT_OFF_AT_MOST:
            break
        frontier = (opens == NEVER) & (lost[roads.ends[road]].sum(1) == 1)
        frontier[:spare] = False
        if not frontier.any():
            break
        opens[frontier] = soon[frontier]
    return opens
