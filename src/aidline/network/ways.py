"""The ways that trucks take, as lines for a map and as the segments that they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars.selectors as cs

from aidline.network.damage import Damage, undamaged, weights_ms
from aidline.network.network import Fleet, Network, damage_of, fleet_of, network_of, points_of

if TYPE_CHECKING:
    from aidline.network.roads import Roads
    from aidline.situation.situation import Situation

WAY_SCHEMA = {
    "segments": pl.List(pl.String()),
    "lon": pl.List(pl.Float64()),
    "lat": pl.List(pl.Float64()),
}


def paths(situation: Situation, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the quickest way of each pair on the roads of its day.

    Parameters
    ----------
    situation
        The situation.
    pairs
        from_id, to_id, class_id, day; any number of rows.

    Returns
    -------
    DataFrame
        The rows of `pairs` with segments (codes in the order of driving), lon and lat (points
        of the line, from start to end). Where the roads of the day have no way, the way on
        undamaged roads is drawn; where there is none at all, the straight line without
        segments.
    """
    network = network_of(situation)
    if network is None:
        way = pl.DataFrame(
            {"segments": [[]] * pairs.height}, schema={"segments": WAY_SCHEMA["segments"]}
        )
        return _with_ends(situation, pairs.hstack(way))
    arcs = arcs_of(situation, network, pairs)
    owner = np.repeat(np.arange(pairs.height), [len(a) for a in arcs])
    flat = np.concatenate(arcs) if arcs else np.zeros(0, np.int64)
    drawn = _drawn(network.roads, flat, owner)
    rows = pl.DataFrame({"row": np.arange(pairs.height)})
    way = rows.join(drawn, on="row", how="left", maintain_order="left").drop("row")
    return _with_ends(situation, pairs.hstack(way))


def arcs_of(situation: Situation, network: Network, pairs: pl.DataFrame) -> list[np.ndarray]:
    """Return the arcs of the quickest way of each pair, in the order of driving.

    Parameters
    ----------
    situation, network
        The situation and its roads.
    pairs
        from_id, to_id, class_id, day, as for `paths`.

    Returns
    -------
    list of int arrays
        None where there is no way even on undamaged roads.
    """
    damage = damage_of(situation, network.roads)
    class_ids = pairs["class_id"].unique().sort().to_list()
    fleet = fleet_of(situation, class_ids, network.roads, damage, None)
    which = np.searchsorted(np.array(class_ids, object), pairs["class_id"].to_numpy())
    asked = pl.DataFrame(
        {
            "source": network.nodes(pairs["from_id"].to_list()),
            "target": network.nodes(pairs["to_id"].to_list()),
            "group": fleet.group[which],
            "state": damage.state_of_day[pairs["day"].cast(pl.Int64).to_numpy()],
        }
    ).with_row_index("row")
    found = [np.zeros(0, np.int64)] * pairs.height
    _fill(network, damage, fleet, asked, found)
    missing = asked.filter(
        pl.Series([len(found[r]) == 0 for r in range(pairs.height)], dtype=pl.Boolean)
    )
    _fill(network, undamaged(network.roads.segments), fleet, missing.with_columns(state=0), found)
    return found


def _fill(
    network: Network, damage: Damage, fleet: Fleet, asked: pl.DataFrame, found: list[np.ndarray]
) -> None:
    """Work out the arcs of the rows that were asked for; equal questions are answered once."""
    on_roads = asked.filter((pl.col("source") >= 0) & (pl.col("target") >= 0))
    for (state, group), rows in on_roads.group_by("state", "group", maintain_order=True):
        c = fleet.first_of(int(group))
        weights = weights_ms(
            network.roads, damage, int(state), fleet.profiles[c], float(fleet.gross_t[c])
        )  # fmt: skip
        each = rows.group_by("source", "target", maintain_order=True).agg("row")
        ways = network.router.weigh(weights).paths(
            each["source"].to_numpy(), each["target"].to_numpy()
        )
        for way, here in zip(ways, each["row"].to_list(), strict=True):
            for row in here:
                found[row] = way


def _drawn(roads: Roads, arcs: np.ndarray, owner: np.ndarray) -> pl.DataFrame:
    """Return segments and points of ways: `owner` is the row of each arc."""
    pieces = roads.pieces
    piece = roads.piece[arcs]
    first, size = pieces.start[piece], np.diff(pieces.start)[piece]
    begin = np.cumsum(size) - size
    step = np.arange(size.sum()) - np.repeat(begin, size)
    back = np.repeat(~roads.forward[arcs], size)
    point = np.repeat(first, size) + np.where(back, np.repeat(size, size) - 1 - step, step)
    shape = pl.DataFrame(
        {"row": np.repeat(owner, size), "lon": pieces.lon[point], "lat": pieces.lat[point]}
    )
    codes = pl.DataFrame(
        {"row": owner, "segments": roads.segments.ids[roads.segment[arcs]].astype(str)},
        schema={"row": pl.Int64, "segments": pl.String},
    )
    segments = codes.group_by("row", maintain_order=True).agg(
        pl.col("segments").unique(maintain_order=True)
    )
    return segments.join(
        shape.group_by("row", maintain_order=True).agg("lon", "lat"), on="row", how="left"
    )


def _with_ends(situation: Situation, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the points themselves at both ends of each line."""
    points = points_of(situation)
    for end in ("from", "to"):
        named = points.rename(
            {"id": f"{end}_id", "longitude": f"_lon_{end}", "latitude": f"_lat_{end}"}
        )
        rows = rows.join(named, on=f"{end}_id", how="left", maintain_order="left")
    for axis in ("lon", "lat"):
        middle = pl.col(axis) if axis in rows.columns else pl.lit(None, WAY_SCHEMA[axis])
        rows = rows.with_columns(
            pl.concat_list(
                pl.concat_list(f"_{axis}_from"), middle.fill_null([]), pl.concat_list(f"_{axis}_to")
            )
            .list.drop_nulls()
            .alias(axis)
        )
    return rows.with_columns(pl.col("segments").fill_null([])).drop(cs.starts_with("_"))
