"""Memory of one worker that every day uses again: a page touched for the first time costs more than writing on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

KEPT_BYTES = 16 << 20
"""Larger arrays come in large pages of memory, which are soon touched, and are given back as soon as they are used."""


class Room:
    """Arrays by name, each as large as its largest use so far.

    What `array` gives is overwritten by the next use of the name, so nothing of a day may outlive it uncopied.
    """

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """(size) values of whatever was there before."""
        if size * np.dtype(dtype).itemsize > KEPT_BYTES:
            self._held.pop(name, None)
            return np.empty(size, dtype)
        held = self._held.get(name)
        if held is None or len(held) < size or held.dtype != dtype:
            held = self._held[name] = np.empty(size + size // 8, dtype)
        return held[:size]
