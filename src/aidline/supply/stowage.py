"""The goods on board: what each movement carries, and which truck takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.supply.kernels_stow import cover_loads, stow

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.supply.problem import Floats, Ints, SupplyProblem


@dataclass(frozen=True, slots=True)
class Cargo:
    """Goods by movement.

    Attributes
    ----------
    ptr
        Per movement its goods; sorted by movement, then by density, the densest first.
    move, item, units
        Per good.
    """

    ptr: Ints
    move: Ints
    item: Ints
    units: Floats


@dataclass(frozen=True, slots=True)
class Stowage:
    """Goods on trucks: trip (see `Movements.trip_class`), item and units on all such trips."""

    slot: Ints
    item: Ints
    units: Floats


class Stower:
    """Knows the trucks of every movement and loads them.

    Parameters
    ----------
    p
        The problem.
    """

    def __init__(self, p: SupplyProblem) -> None:
        moves, goods = p.moves, p.goods
        self.trip_ptr = moves.trip_ptr
        self.payload = p.payload_t[moves.trip_class]
        self.capacity = p.volume_m3[moves.trip_class]
        self.unit_t, self.unit_m3 = goods.weight_t, goods.volume_m3
        self.n_items = len(goods.ids)
        bulk = np.where(goods.weight_t > 0, goods.volume_m3 / goods.weight_t, np.inf)
        self.place = np.empty(self.n_items, dtype=np.int64)  # in the order of density
        self.place[np.argsort(bulk, kind="stable")] = np.arange(self.n_items)
        self.item_at = np.argsort(self.place)
        self.move_of = np.repeat(np.arange(len(moves.day)), np.diff(moves.trip_ptr))
        self.bulky_first: Ints = np.lexsort(
            (np.arange(len(self.move_of)), -self.capacity / self.payload, self.move_of)
        )

    def cargo(self, move: Ints, item: Ints, units: Floats) -> tuple[Cargo, Ints]:
        """Gather goods by movement and item.

        Returns
        -------
        Cargo
            What each movement carries.
        numpy.ndarray
            To which good each given line belongs.
        """
        key, line = np.unique(move * self.n_items + self.place[item], return_inverse=True)
        total = np.bincount(line, units, minlength=len(key)).astype(np.float64)
        of = key // self.n_items
        ptr = np.searchsorted(of, np.arange(len(self.trip_ptr))).astype(np.int64)
        return Cargo(ptr, of, self.item_at[key % self.n_items], total), line

    def cover(self, cargo: Cargo, trips: Floats) -> Floats:
        """Return the trips scaled so that each movement just carries its goods."""
        out = trips.copy()
        cover_loads(
            cargo.ptr, cargo.item, cargo.units, self.unit_t, self.unit_m3, self.trip_ptr,
            self.bulky_first, self.payload, self.capacity, out,
        )  # fmt: skip
        return out

    def stow(self, cargo: Cargo, trips: Floats, worth: Floats) -> tuple[Stowage, Floats, Ints]:
        """Load the trucks; where not all goods fit, those worth least stay behind.

        Parameters
        ----------
        cargo
            What each movement is to carry.
        trips
            Number of trips of each class.
        worth
            [good] what a truckload of it is worth.

        Returns
        -------
        Stowage
            What is on which truck.
        numpy.ndarray
            Per good of the cargo, the share of it that found room.
        numpy.ndarray
            Per line of the stowage, its good.
        """
        per_move = np.diff(cargo.ptr) * np.diff(self.trip_ptr)
        most = int(per_move.sum())
        slot, good = np.empty(most, np.int64), np.empty(most, np.int64)
        loaded, carried = np.empty(most), np.ones(len(cargo.item))
        n = stow(
            cargo.ptr, cargo.item, cargo.units, self.unit_t, self.unit_m3, self.trip_ptr,
            self.bulky_first, self.payload, self.capacity, trips, worth, carried,
            slot, good, loaded,
        )  # fmt: skip
        good = good[:n].copy()
        return Stowage(slot[:n].copy(), cargo.item[good], loaded[:n].copy()), carried, good

    def truckloads(self, item: Ints) -> Floats:
        """Return which share of a middling truck one unit of an item fills."""
        middle = np.median(np.stack([self.payload, self.capacity]), axis=1) if len(item) else [1, 1]
        by_weight = self.unit_t[item] / middle[0]
        by_volume = self.unit_m3[item] / middle[1]
        fills: Floats = np.maximum(by_weight, by_volume)
        return fills

    def on_board(self, stowage: Stowage) -> tuple[Floats, Floats]:
        """Return tonnes and m³ on each trip slot."""
        n = len(self.payload)
        weight = stowage.units * self.unit_t[stowage.item]
        volume = stowage.units * self.unit_m3[stowage.item]
        return (
            np.bincount(stowage.slot, weight, minlength=n).astype(np.float64),
            np.bincount(stowage.slot, volume, minlength=n).astype(np.float64),
        )

    def by_movement(self, per_slot: Floats) -> Floats:
        """Return the sums over the trips of each movement."""
        return np.bincount(self.move_of, per_slot, minlength=len(self.trip_ptr) - 1).astype(
            np.float64
        )


def stowage_of(parts: list[Stowage]) -> Stowage:
    """Join stowages; lines of the same trip and item become one, sorted, without empty ones."""
    slot = np.concatenate([s.slot for s in parts])
    item = np.concatenate([s.item for s in parts])
    units = np.concatenate([s.units for s in parts])
    wide = int(item.max(initial=0)) + 1
    key, line = np.unique(slot * wide + item, return_inverse=True)
    total: npt.NDArray[np.float64] = np.bincount(line, units, minlength=len(key)).astype(float)
    key, total = key[total > 0.0], total[total > 0.0]
    return Stowage(key // wide, key % wide, total)
