"""A feasible allocation in the arrays of the supply problem, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass

from aidline.supply.problem import Floats, Ints


@dataclass(frozen=True, slots=True)
class Transfers:
    """Goods from crossings to places.

    Attributes
    ----------
    lot, edge, day, amount
        Which lot goes where, when, how much.
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
        Need served: cell, route (or kit part), way, units of need.
    kit_route, kit_item, kit_amount
        Kits brought.
    trips
        Trips per movement and class.
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
    transfers: Transfers
    dated_lot: Ints
    dated_day: Ints
    dated_amount: Floats
