"""The core of a cluster: the place its excess sits in, which need not be its middle or its busiest place.

A zone grows over places that add a little excess, and over busy towns that only add cases they always have. Measured
on bursts planted in the real register (docs/methods/space_time_scan.md), the zone's centre and its place of most cases
lie up to four rings beside the burst.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CORE_PLACES = 7
"""A place and its six nearest, one ring of hexagons."""


def core(
    places: Sequence[int],
    excess: Sequence[float],
    neighbours: npt.NDArray[np.int32],
) -> int:
    """Return the middle of the ring with most excess.

    The excess of the cluster's places is added up over each of them and those of its six nearest that belong to
    the cluster; the core is the place with the largest sum, among those that have an excess of their own. One place
    with a few unrelated cases far out in the zone does not outweigh several neighbours with more between them.

    Parameters
    ----------
    places : n places of the cluster
    excess : (n,) cases less expected cases of each of them in the window
    neighbours : (all places, k) all places by distance, each itself first; -1 pads. Neighbours among places with cases
        only would stretch a ring over half a district

    Returns
    -------
    One of ``places``; ties go to the larger excess of its own, then to the earlier.

    Notes
    -----
    Two separate bursts in one zone have one core, that of the larger.
    """
    own = dict(zip(places, excess, strict=True))
    around = {p: sum(own.get(q, 0.0) for q in neighbours[p, :CORE_PLACES].tolist()) for p in places}
    return max([p for p in places if own[p] > 0] or list(places), key=lambda p: (around[p], own[p]))
