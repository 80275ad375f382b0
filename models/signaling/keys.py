"""One whole number per event, its second and its cell: ordered as the events of a user are, and moved as one."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled

SECOND: Final = 32
"""Bits that the second of an event is shifted by."""
CELL_ZERO: Final = 1 << 31
"""What cell code 0 is in a key, so that codes below it come first."""
CELL_MASK: Final = (1 << 32) - 1

Keys = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]


def packed(t: Ints, cell: Ints) -> Keys:
    """(n) keys of events by second and cell code."""
    return np.asarray((t.astype(np.int64) << SECOND) + (cell.astype(np.int64) + CELL_ZERO))


def unpacked(keys: Keys) -> tuple[Ints, Ints]:
    """Seconds and cell codes of (n) keys."""
    t, cell = np.empty(len(keys), np.int32), np.empty(len(keys), np.int32)
    _unpack(keys, t, cell)
    return t, cell


@compiled
def _unpack(keys: Keys, t: Ints, cell: Ints) -> None:
    for i in range(keys.size):
        t[i] = keys[i] >> SECOND
        cell[i] = (keys[i] & CELL_MASK) - CELL_ZERO
