"""Random streams by name: a new part of the generator never changes what the others draw."""

from __future__ import annotations

from zlib import crc32

import numpy as np


class Streams:
    """Independent generators of one seed, told apart by name.

    Parameters
    ----------
    seed : of the whole city; the same seed and name give the same numbers on every machine
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, name: str, part: int = 0) -> np.random.Generator:
        """Return a fresh generator for ``name`` (and ``part``, for work done in pieces)."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, crc32(name.encode()), part]))
