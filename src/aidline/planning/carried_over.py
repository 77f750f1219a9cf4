"""Planning again: what moves in an earlier plan, as a start for the auction.

The tables of a plan say what leaves, arrives and is used. Here that becomes amounts of the
auction's options again. What is not there any more (a way that is closed, a lot that is gone)
is left out, and the auction finds the rest. Kits are left to it altogether.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.planning.auction.arrays import Columns
from aidline.planning.kernels_carry import into_cells
from aidline.supply.kernels_lots import draw_lots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aidline.plan.plan import Plan
    from aidline.supply.problem import Floats, Ints, SupplyProblem


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Amounts of options that an earlier plan uses and that are still there.

    Attributes
    ----------
    needs, lots
        Columns with those options only: tags and amounts, no costs and rows.
    trips
        Trips per movement and class.
    """

    needs: Columns
    lots: Columns
    trips: Floats


def carried_over(plan: Plan, p: SupplyProblem) -> CarriedOver:
    """Return what an earlier plan does, in terms of the problem to be planned now.

    Parameters
    ----------
    plan
        The earlier plan.
    p
        The problem.
    """
    sent = _sent(plan, p)
    lots, at_hand = _lots(plan, p, sent)
    return CarriedOver(_needs(plan, p, sent.with_columns(units=at_hand)), lots, _trips(plan, p))


def _index(column: str, ids: Sequence[str], name: str) -> pl.Expr:
    """Turn the codes of a column into their places in `ids`; null where they are not there."""
    numbers = list(range(len(ids)))
    return (
        pl.col(column)
        .replace_strict(list(ids), numbers, default=None, return_dtype=pl.Int64)
        .alias(name)
    )


def _arrays(frame: pl.DataFrame, *columns: str) -> list[Any]:
    return [frame[c].to_numpy().copy() for c in columns]


def _sent(plan: Plan, p: SupplyProblem) -> pl.DataFrame:
    """Return the deliveries that can still be made, with their routes."""
    hub = np.append(p.moves.start, -1)[p.routes.second]  # −1 = direct: the last one
    key = ["area", "start", "day", "arrive", "hub"]
    routes = pl.DataFrame(
        {
            "area": np.repeat(np.arange(len(p.area_ids)), np.diff(p.routes.ptr)),
            "start": p.routes.start,
            "day": p.routes.day,
            "arrive": p.routes.arrive,
            "hub": hub,
            "route": np.arange(len(hub)),
        }
    ).unique(key, keep="first", maintain_order=True)
    return (
        plan["deliveries"]
        .select(
            _index("area_id", p.area_ids, "area"),
            _index("from_id", p.location_ids, "start"),
            _index("via_id", p.location_ids, "hub").fill_null(-1),
            _index("item_id", p.goods.ids, "item"),
            _index("lot_id", p.lots.ids, "lot"),
            "day",
            arrive="arrive_day",
            units="quantity",
        )
        .drop_nulls()
        .join(routes, on=key, maintain_order="left")
    )


def _needs(plan: Plan, p: SupplyProblem, sent: pl.DataFrame) -> Columns:
    """Share out what was sent among uses, the oldest first, and these among cells of need."""
    g, n_items = p.goods, len(p.goods.ids)
    ways = pl.DataFrame(
        {
            "item": np.repeat(np.arange(n_items), np.diff(g.way_ptr)),
            "source": g.way_item,
            "ratio": g.way_ratio,
            "way": np.arange(len(g.way_item)),
        }
    )
    uses = (
        plan["uses"]
        .select(
            _index("area_id", p.area_ids, "area"),
            _index("item_id", g.ids, "item"),
            _index("from_item_id", g.ids, "source"),
            "day",
            "quantity",
        )
        .drop_nulls()
        .join(ways, on=["item", "source"], maintain_order="left")
        .with_columns(queue=pl.col("area") * n_items + pl.col("source"))
        .sort("queue", "day", maintain_order=True)
    )
    stock = sent.with_columns(queue=pl.col("area") * n_items + pl.col("item")).sort(
        "queue", "arrive", maintain_order=True
    )
    queues, first, units, route = _arrays(stock, "queue", "arrive", "units", "route")
    start = np.searchsorted(queues, np.arange(len(p.area_ids) * n_items + 1))
    area, item, day, queue, quantity, ratio, way = _arrays(
        uses, "area", "item", "day", "queue", "quantity", "ratio", "way"
    )
    who, at, taken = draw_lots(queue[:, None], day, quantity * ratio, start, first, units)
    d = p.demand
    ptr = np.searchsorted(d.area * n_items + d.item, np.arange(len(p.area_ids) * n_items + 1))
    cell, piece, amount = into_cells(
        (area * n_items + item)[who], day[who], first[at], g.hold[g.way_item[way]][who],
        taken / ratio[who], ptr, d.day, d.level, d.need,
    )  # fmt: skip
    return _columns(d.need, cell, route[at][piece], way[who][piece], amount)


def _lots(plan: Plan, p: SupplyProblem, sent: pl.DataFrame) -> tuple[Columns, pl.Series]:
    """Say on which day lots leave where they lie, and over which transfer others come there.

    Returns also how much of each row of `sent` can still be at hand.
    """
    lot, start, day, units = _arrays(sent, "lot", "start", "day", "units")
    here = p.lots.location[lot] == start
    moved, n = _transfers(plan, p), len(p.location_ids)
    queue, first, came, edge_day = _arrays(moved, "queue", "arrive", "quantity", "edge_day")
    ptr = np.searchsorted(queue, np.arange(len(p.lots.ids) * n + 1))
    far = np.flatnonzero(~here)
    far = far[np.lexsort((day[far], lot[far] * n + start[far]))]
    wanted = (lot[far] * n + start[far])[:, None]
    who, at, taken = draw_lots(wanted, day[far], units[far], ptr, first, came)
    columns = _columns(
        p.lots.quantity,
        np.concatenate([lot[here], lot[far][who]]),
        np.concatenate([day[here], edge_day[at]]),
        np.concatenate([np.zeros(here.sum(), dtype=np.int64), day[far][who]]),
        np.concatenate([units[here], taken]),
    )
    at_hand = np.bincount(far[who], taken, minlength=len(lot))
    return columns, pl.Series(np.where(here, units, at_hand))


def _transfers(plan: Plan, p: SupplyProblem) -> pl.DataFrame:
    """Return the transfers that can still pass, by lot and place (`queue`), the first first."""
    c = p.crossings
    edges = pl.DataFrame(
        {
            "gate": np.repeat(np.arange(len(c.ids)), np.diff(c.edge_ptr)),
            "to": c.edge_location,
            "edge": np.arange(len(c.edge_location)),
        }
    )
    gate, day = np.nonzero(c.slots > 0)
    is_open = pl.DataFrame({"gate": gate, "day": day})
    return (
        plan["transfers"]
        .select(
            _index("from_id", c.ids, "gate"),
            _index("to_id", p.location_ids, "to"),
            _index("lot_id", p.lots.ids, "lot"),
            "quantity",
            "day",
            arrive="arrive_day",
        )
        .drop_nulls()
        .join(is_open, on=["gate", "day"], how="semi")
        .join(edges, on=["gate", "to"], maintain_order="left")
        .with_columns(
            queue=pl.col("lot") * len(p.location_ids) + pl.col("to"),
            edge_day=pl.col("edge") * p.days + pl.col("day"),
        )
        .sort("queue", "arrive", maintain_order=True)
    )


def _trips(plan: Plan, p: SupplyProblem) -> Floats:
    """Return the trips of the plan by movement and class."""
    m = p.moves
    move = np.repeat(np.arange(len(m.day)), np.diff(m.trip_ptr))
    n_areas = len(p.area_ids)
    key = ["day", "start", "end", "class", "arrive"]
    slots = pl.DataFrame(
        {
            "day": m.day[move],
            "start": m.start[move],
            "end": np.where(m.end >= 0, m.end, n_areas - 1 - m.end)[move],
            "class": m.trip_class,
            "arrive": m.arrive[move],
            "slot": np.arange(len(move)),
        }
    ).unique(key, keep="first", maintain_order=True)
    found = (
        plan["trips"]
        .select(
            "day",
            _index("from_id", p.location_ids, "start"),
            _index("to_id", (*p.area_ids, *p.location_ids[: _places(p)]), "end"),
            _index("class_id", p.class_ids, "class"),
            "trips",
            arrive="arrive_day",
        )
        .drop_nulls()
        .join(slots, on=key, maintain_order="left")
    )
    trips = np.zeros(len(move))
    trips[found["slot"].to_numpy()] = found["trips"].to_numpy()
    return trips


def _places(p: SupplyProblem) -> int:
    """Return how many of the locations are places; areas with stock of their own follow them."""
    areas = set(p.area_ids)
    return sum(code not in areas for code in p.location_ids)


def _columns(size: Floats, cell: Ints, tag: Ints, more: Ints, amount: Floats) -> Columns:
    """Return columns that hold nothing but cells, tags and amounts (the same ones added up)."""
    order = np.lexsort((more, tag, cell))
    keys = np.stack([cell, tag, more])[:, order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    heads = np.flatnonzero(new)
    total = np.add.reduceat(amount[order], heads) if len(heads) else np.zeros(0)
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Columns(
        size=size,
        ptr=np.searchsorted(keys[0][heads], np.arange(len(size) + 1)).astype(np.int64),
        cost=nothing,
        upper=nothing,
        amount=total,
        row_ptr=none,
        row=none,
        coefficient=nothing,
        tag=keys[1][heads],
        tag_more=keys[2][heads],
        quiet=np.zeros(len(size), dtype=np.int64),
    )
