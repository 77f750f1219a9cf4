"""A feasible allocation in the arrays of the supply problem, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aidline.supply.problem import Floats, Ints
    from aidline.supply.stowage import Stowage


@dataclass(frozen=True, slots=True)
class Transfers:
    """Goods from crossings to places.

    Attributes
    ----------
    lot, edge, day, amount
        Which lot goes where (index of the edge of the crossings), on which day, units.
    use_day
        Day of use to which the goods are assigned (it matters for lots with an expiry).
    """

    lot: Ints
    edge: Ints
    day: Ints
    use_day: Ints
    amount: Floats


@dataclass(frozen=True, slots=True)
class Flows:
    """Everything that moves.

    Attributes
    ----------
    cell, tag, way, amount
        Need served: cell, route (or kit part and day), way, units of need.
    kit_route, kit_item, kit_amount
        Kits brought: route, item, units.
    trips
        Trips, as `Movements.trip_class` lists them.
    stowage
        What is on board of them.
    transfers
        Goods from crossings.
    dated_lot, dated_day, dated_amount
        Lots with an expiry that lie at a location: units assigned to a day of use.
    """

    cell: Ints
    tag: Ints
    way: Ints
    amount: Floats
    kit_route: Ints
    kit_item: Ints
    kit_amount: Floats
    trips: Floats
    stowage: Stowage
    transfers: Transfers
    dated_lot: Ints
    dated_day: Ints
    dated_amount: Floats
