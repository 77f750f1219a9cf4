"""Goods on trucks: weight and volume both fit, and classes get the mix that suits them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aidline.supply.kernels_stow import cover_loads, stow, stow_movement

AMOUNTS = st.floats(0.01, 50.0)


def stowed(
    goods: list[tuple[float, float]], trucks: list[tuple[float, float]]
) -> tuple[float, np.ndarray]:
    """Stow goods (t, m³), the densest first, on classes (t, m³), the bulkiest first."""
    weight, volume = np.array(goods).T
    room_t, room_m3 = np.array(trucks).T
    share = np.empty((len(trucks), len(goods)))
    return stow_movement(weight, volume, room_t, room_m3, share), share


def test_dense_and_bulky_goods_share_trucks_that_neither_would_fill() -> None:
    """10 t of grain and 40 m³ of blankets fit a heavy and a roomy truck exactly."""
    left, share = stowed([(10.0, 10.0), (2.0, 40.0)], [(4.0, 40.0), (8.0, 10.0)])
    assert left < 1e-6
    loads = share @ np.array([[10.0, 10.0], [2.0, 40.0]])
    assert np.allclose(loads.sum(axis=0), [12.0, 50.0])
    assert (loads <= np.array([[4.0, 40.0], [8.0, 10.0]]) * (1 + 1e-6)).all()


def test_what_does_not_fit_is_told() -> None:
    """Twice the volume of a truck leaves half behind."""
    left, share = stowed([(1.0, 20.0)], [(10.0, 10.0)])
    assert abs(left - 0.5) < 1e-9
    assert abs(share[0, 0] - 0.5) < 1e-9


@given(
    arrays(float, (4, 2), elements=AMOUNTS),
    arrays(float, (3, 2), elements=AMOUNTS),
)
def test_no_class_is_ever_overloaded(goods: np.ndarray, trucks: np.ndarray) -> None:
    """Whatever the goods, no class holds more than its weight and its volume."""
    goods = goods[np.argsort(goods[:, 1] / goods[:, 0])]
    trucks = trucks[np.argsort(-trucks[:, 1] / trucks[:, 0])]
    left, share = stowed([tuple(g) for g in goods], [tuple(t) for t in trucks])
    assert (share @ goods <= trucks * (1 + 1e-6) + 1e-9).all()
    assert (share.sum(axis=0) <= 1.0 + 1e-9).all()
    assert abs(left - max(0.0, (1.0 - share.sum(axis=0)).max())) < 1e-6


def test_trips_are_scaled_until_everything_is_on_board() -> None:
    """3 t and 12 m³ on trucks of 1 t and 4 m³ take three trips, however many ran before."""
    for before in (0.2, 1.0, 9.0):
        trips = np.array([before])
        cover_loads(
            np.array([0, 1]), np.array([0]), np.array([3.0]), np.array([1.0]), np.array([4.0]),
            np.array([0, 1]), np.array([0]), np.array([1.0]), np.array([4.0]), trips,
        )  # fmt: skip
        assert abs(trips[0] - 3.0) < 1e-6


def test_what_is_worth_least_stays_behind() -> None:
    """One truck for two goods of a truckload each: the one worth more goes."""
    carried = np.ones(2)
    slot, good, loaded = np.empty(2, np.int64), np.empty(2, np.int64), np.empty(2)
    n = stow(
        np.array([0, 2]), np.array([0, 1]), np.array([1.0, 1.0]), np.array([1.0, 1.0]),
        np.array([1.0, 1.0]), np.array([0, 1]), np.array([0]), np.array([1.0]), np.array([1.0]),
        np.array([1.0]), np.array([5.0, 9.0]), carried, slot, good, loaded,
    )  # fmt: skip
    assert carried[1] > 0.999
    assert carried[0] < 0.001
    assert good[:n].tolist()[-1] == 1
