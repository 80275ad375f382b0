"""The lot of every candidate: a hash of seed and name, so that anybody can draw it again with any tool."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def ticket(seed: str, purpose: str, *names: str) -> str:
    """The lot of one candidate: the first 16 hex digits of sha256(``seed|purpose|name...``), UTF-8.

    Lots order candidates as a uniformly random permutation would, do not depend on the order or number of other
    candidates, and stay the same in every version of every library.

    Parameters
    ----------
    seed : seed of the draw, published with it
    purpose : what is drawn (``control``, ``risk``, ``officer``), so that one lot does not decide two things
    names : who is drawn
    """
    return hashlib.sha256("|".join((seed, purpose, *names)).encode()).hexdigest()[:16]


def tickets(seed: str, purpose: str, names: Iterable[str]) -> list[str]:
    """Lots of many candidates, in their order."""
    start = hashlib.sha256(f"{seed}|{purpose}|".encode())
    found = []
    for name in names:
        lot = start.copy()
        lot.update(name.encode())
        found.append(lot.hexdigest()[:16])
    return found
