"""Scarce goods are shared out alike among those who draw from them, early or late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aidline.planning.repair import shared_out

UNITS = st.floats(0.0, 1e6).map(lambda x: round(x, 3))


@pytest.mark.parametrize(
    ("wanted", "fresh", "share"),
    [
        ([4, 4], [8, 0], [1, 1]),
        ([4, 4], [4, 0], [0.5, 0.5]),  # not all on the first day and nothing on the second
        ([4, 4], [2, 9], [0.5, 1]),  # what comes on the second day helps nobody on the first
        ([4, 0, 4], [4, 0, 4], [1, 1, 1]),
        ([8, 4, 2], [4, 4, 0], [0.5, 2 / 3, 2 / 3]),
        ([0, 4], [0, 0], [0, 0]),
    ],
)
def test_those_who_draw_from_the_same_goods_get_the_same_share(
    wanted: list[float], fresh: list[float], share: list[float]
) -> None:
    got = shared_out(np.array([wanted], float), np.array([fresh], float))
    assert got[0][np.array(wanted) > 0] == pytest.approx(np.array(share)[np.array(wanted) > 0])


@given(arrays(float, (3, 5), elements=UNITS), arrays(float, (3, 5), elements=UNITS))
def test_never_more_than_there_is(wanted: np.ndarray, fresh: np.ndarray) -> None:
    share = shared_out(wanted, fresh)
    assert ((share >= 0) & (share <= 1)).all()
    left = np.cumsum(fresh - wanted * share, axis=1)
    assert (left >= -1e-9 * np.cumsum(fresh, axis=1) - 1e-9).all()
