"""Age and sex of subscribers, in the classes of the census bulletins, and the numbers they travel under.

An operator knows age and sex from its register of customers and delivers them as one text, such as ``female 60+``.
Homes are counted by network cell and stratum under one whole number, so that everything between the engines and the
weights stays a table of numbers; a home of unknown stratum has the number of its cell alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

SEXES = ("male", "female")
AGES = ("0-14", "15-59", "60+")
"""Age groups of the census bulletins (常住人口年龄构成)."""
STRATA = tuple(f"{sex} {age}" for sex in SEXES for age in AGES)
UNKNOWN = "unknown"
NAMES = (UNKNOWN, *STRATA)
"""Name of every code; 0 is unknown."""
SHIFT = 1 << 27
"""Network cells that a number has room for; with all strata it stays within 32 bits."""

Longs = npt.NDArray[np.int64]


def codes_of(people: pd.DataFrame) -> Longs:
    """Code of the stratum of every row of a user table; 0 where none, or one of no census, is delivered."""
    if "stratum" not in people:
        return np.zeros(len(people), np.int64)
    return (pd.Index(STRATA).get_indexer(pd.Index(people["stratum"].astype("object"))) + 1).astype(np.int64)


def packed(cells: Longs, codes: Longs) -> Longs:
    """One number for a network cell and a stratum."""
    return cells + SHIFT * codes


def unpacked(numbers: Longs) -> tuple[Longs, Longs]:
    """Network cell and code of the stratum."""
    return numbers % SHIFT, numbers // SHIFT
