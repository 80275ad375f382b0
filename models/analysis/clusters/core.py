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
    places: Sequence[int] | npt.NDArray[np.int32],
    cases: npt.ArrayLike,
    expected: npt.ArrayLike,
    neighbours: npt.NDArray[np.int32],
) -> int:
    """Return the middle of the ring with most excess.

    The excess O - E of the cluster's places is added up over each of them and those of its six nearest that belong to
    the cluster; the core is the place with the largest sum, among those that have an excess of their own. One place
    with a few unrelated cases far out in the zone does not outweigh several neighbours with more between them.

    Parameters
    ----------
    places : n places of the cluster
    cases, expected : (n,) cases and expected cases of each of them in the window
    neighbours : (all places, k) places by distance, each itself first; -1 pads

    Returns
    -------
    One of ``places``; ties go to the larger excess of its own, then to the earlier.

    Notes
    -----
    Two separate bursts in one zone have one core, that of the larger.
    """
    own = [int(p) for p in places]
    excess = dict(zip(own, (np.asarray(cases, np.float64) - np.asarray(expected)).tolist(), strict=True))
    around = {p: sum(excess.get(q, 0.0) for q in neighbours[p, :CORE_PLACES].tolist()) for p in own}
    return max([p for p in own if excess[p] > 0] or own, key=lambda p: (around[p], excess[p]))
