"""Damage: the log of road states, folded into the state of each day.

The log (`road_status`) only grows. The state of a segment on a day is its last row up to that
day, as a whole: a row "open" without a limit takes an earlier limit away. Of several rows of
one day the one with the latest `as_of` counts, then the most careful one. Days on which every
segment is in the same state share one state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from aidline.network.profiles import HEAVY_GOODS, free_speed_kmh, speed_ratio, take
from aidline.network.roads import FORD, NO_HGV, NO_MOTOR, Roads, Segments

if TYPE_CHECKING:
    import datetime as dt

    from aidline.situation.defaults import Ledger

INF_MS = 2**31 - 1
"""Weight of an arc that cannot be used; also the travel time where there is no way."""

CAUSES = (
    "landslide", "debris", "bridge_damage", "road_damage", "flood", "checkpoint", "roadblock",
    "other",
)  # fmt: skip
CARE = {"open": 0, "restricted": 1, "closed": 2}


@dataclass(frozen=True, eq=False)
class Damage:
    """The states of the roads over the plan.

    Attributes
    ----------
    state_of_day
        [days]: state that holds on each day.
    closed
        [states, segments].
    limit_t
        [states, segments]: limit of the gross weight from the log, infinite where none.
    factor
        [states, segments]: speed against the undamaged road.
    """

    state_of_day: np.ndarray
    closed: np.ndarray
    limit_t: np.ndarray
    factor: np.ndarray

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.closed)


def fold(
    log: pl.DataFrame, ids: np.ndarray, start_date: dt.date, days: int, ledger: Ledger | None = None
) -> Damage:
    """Fold the log into the state of each day.

    Parameters
    ----------
    log
        Table `road_status`. Rows of unknown segments are left out.
    ids
        Codes of the segments of the network.
    start_date, days
        The days asked for.
    ledger
        Where the factors of restricted segments without their own are noted.
    """
    rows = _rows(log, ids, start_date, ledger)
    touched, where = np.unique(rows["segment"].to_numpy(), return_inverse=True)
    day = rows["day"].to_numpy()
    last = np.full((days, len(touched)), -1)
    for d in range(days):
        now = np.flatnonzero(day <= d)
        last[d, where[now]] = now  # rows are in order: the last one stays
    calm = ~pl.col("closed") & pl.col("limit_t").is_infinite() & (pl.col("factor") == 1)
    told = pl.struct("closed", "limit_t", "factor").rank("dense").cast(pl.Int64)
    facts = rows.select(pl.when(calm).then(0).otherwise(told)).to_series()
    kind = np.append(facts.to_numpy(), 0)[last]
    _, first, state_of_day = np.unique(kind, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # number states by the day on which they first hold
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    chosen = last[first[order]]
    shape = (len(order), len(ids))
    closed, limit, factor = np.zeros(shape, bool), np.full(shape, np.inf), np.ones(shape)
    for array, column, usual in (
        (closed, "closed", False),
        (limit, "limit_t", np.inf),
        (factor, "factor", 1.0),
    ):
        values = np.append(rows[column].to_numpy(), usual)
        array[:, touched] = values[chosen]
    return Damage(rank[state_of_day.reshape(days)], closed, limit, factor)


def in_order(log: pl.DataFrame) -> pl.DataFrame:
    """Return a log in the order in which its rows count: of a segment and day the last one does.

    Parameters
    ----------
    log
        Table `road_status`, with further columns if need be.
    """
    care = pl.col("status").replace_strict(CARE, default=1, return_dtype=pl.Int64)
    by = [pl.col("segment_id"), pl.col("date"), pl.col("as_of"), care]
    return log.sort(by, nulls_last=False, maintain_order=True)


def undamaged(segments: Segments, days: int = 1) -> Damage:
    """Return the state in which nothing is damaged."""
    shape = (1, len(segments.ids))
    return Damage(
        np.zeros(days, np.int64), np.zeros(shape, bool), np.full(shape, np.inf), np.ones(shape)
    )


def weights_ms(
    roads: Roads, damage: Damage, state: int, profile: str, gross_t: float
) -> np.ndarray:
    """Return the travel time of each arc in milliseconds, int32; `INF_MS` where it is shut.

    Parameters
    ----------
    roads
        The graph.
    damage, state
        The states of the roads and which of them.
    profile
        Vehicle profile.
    gross_t
        Weight of the loaded vehicle, held against the legal limit and that of the log.
    """
    segments = roads.segments
    kmh = segment_kmh(segments, profile) * damage.factor[state]
    limit = np.minimum(segments.max_weight_t, damage.limit_t[state])
    shut = damage.closed[state] | (gross_t > limit) | (segments.flags & NO_MOTOR > 0)
    if profile in HEAVY_GOODS:
        shut |= segments.flags & NO_HGV > 0
    ms = np.clip(np.rint(roads.length_m * 3600 / kmh[roads.segment]), 1, INF_MS - 1)
    ms[shut[roads.segment] | roads.barred] = INF_MS
    weights: np.ndarray = ms.astype(np.int32)
    return weights


def segment_kmh(segments: Segments, profile: str) -> np.ndarray:
    """Return the undamaged speed of a profile on each segment, in km/h."""
    usual = free_speed_kmh()[segments.road_class, segments.surface]
    said = segments.speed_kmh > 0
    # a ford slows its own piece of road; where the segment says its speed, the ford is in it
    ford = np.where((segments.flags & FORD > 0) & ~said, take("ford.speed_ratio", None), 1.0)
    kmh: np.ndarray = (
        np.where(said, segments.speed_kmh, usual) * ford * speed_ratio(profile)[segments.surface]
    )
    return kmh


def weight_limits(roads: Roads, damage: Damage) -> np.ndarray:
    """Return every weight limit that holds somewhere, sorted, in tonnes.

    Vehicles between two neighbouring limits have the same roads open to them.
    """
    limits = np.unique(np.concatenate([roads.segments.max_weight_t, damage.limit_t.ravel()]))
    finite: np.ndarray = limits[np.isfinite(limits)]
    return finite


def _rows(
    log: pl.DataFrame, ids: np.ndarray, start_date: dt.date, ledger: Ledger | None
) -> pl.DataFrame:
    """Rows of known segments in the order in which they count, with every figure filled in."""
    index = pl.DataFrame({"segment_id": ids.tolist(), "segment": np.arange(len(ids))})
    rows = (
        log.join(index.cast({"segment_id": pl.String}), on="segment_id")
        .with_columns(
            day=(pl.col("date") - pl.lit(start_date)).dt.total_days(),
            closed=pl.col("status") == "closed",
        )
        .pipe(in_order)
    )
    usual = {cause: take(f"damage.{cause}", None) for cause in CAUSES}
    known = pl.col("cause").is_in(CAUSES)
    vague = (pl.col("status") == "restricted") & pl.col("speed_factor").is_null()
    rows = rows.with_columns(
        limit_t=pl.col("max_weight_t").fill_null(float("inf")),
        assumed=pl.when(vague).then(pl.when(known).then("cause").otherwise(pl.lit("other"))),
    )
    for cause, segment in rows.drop_nulls("assumed").select("assumed", "segment_id").iter_rows():
        take(f"damage.{cause}", ledger, f"segment {segment}")
    factor = pl.col("assumed").replace_strict(usual, default=None, return_dtype=pl.Float64)
    return rows.with_columns(factor=pl.coalesce(factor, "speed_factor", pl.lit(1.0)))
