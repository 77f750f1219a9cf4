"""Which lots a shipment is drawn from when a plan is read back."""

from __future__ import annotations

import numpy as np
import pytest

from aidline.supply.kernels_lots import draw_lots


def drawn(
    shipments: list[tuple[list[int], int, float]], queues: list[list[tuple[int, float]]]
) -> list[tuple[int, int, float]]:
    """Return (shipment, lot, units) for shipments (queues, day, units) and lots (day, units)."""
    lots = [lot for queue in queues for lot in queue]
    found = draw_lots(
        np.array([s[0] for s in shipments], np.int64),
        np.array([s[1] for s in shipments], np.int64),
        np.array([s[2] for s in shipments]),
        np.cumsum([0, *(len(queue) for queue in queues)]),
        np.array([lot[0] for lot in lots], np.int64),
        np.array([lot[1] for lot in lots]),
    )
    return list(zip(*(column.tolist() for column in found), strict=True))


def test_the_first_queue_goes_before_the_second():
    """Lots that expire are given out before those that keep; each unit is given once."""
    dated, fresh = [(0, 4.0)], [(0, 10.0)]
    assert drawn([([0, 1], 0, 6.0), ([0, 1], 0, 5.0)], [dated, fresh]) == [
        (0, 0, 4.0),
        (0, 1, 2.0),
        (1, 1, 5.0),
    ]


def test_a_lot_is_not_drawn_before_it_is_there():
    """A shipment of day 1 takes what has come by then; the rest waits for later shipments."""
    queue = [(0, 3.0), (2, 9.0)]
    assert drawn([([0], 1, 5.0), ([0], 2, 5.0)], [queue]) == [(0, 0, 3.0), (1, 1, 5.0)]


@pytest.mark.parametrize("lots", [[], [(0, 0.0)]])
def test_nothing_comes_from_nothing(lots: list[tuple[int, float]]):
    """Without stock a shipment stays empty."""
    assert sum(units for _, _, units in drawn([([0], 0, 5.0)], [lots])) == 0
