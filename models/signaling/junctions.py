"""Whether what drives into a junction drives out of it: passages of measured roads, by hour and type of day.

Nothing stays at a junction and nothing begins there, so passages towards it and away from it are the same number but
for chance; where they are not, drives were lost or invented, or there is a way that is not measured. A speed knows
nothing of that, and a jam that nobody drives out of is none. Held against each other are the sections before and behind
a point, in both directions and of all measured roads that meet there: the borders of the sections of one road, and
the junctions of several. Passages are counts, so the difference of a sum of n has a standard deviation of at most
``sqrt(n)`` (Poisson, as if no device were in both; most are, which makes the interval wide).

Not accounted for: slip roads and side roads, which are not measured; a device that is in one hour before a junction
and in the next behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from models.signaling.corridors import Corridor, Sections
from models.signaling.road_speeds import Z90

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

JOIN_M = 150.0
"""Roads that come as near as this meet; a section that begins as near to a junction begins at it."""
FIGURES = ("road_borders", "road_junctions")


class Node(NamedTuple):
    """A point of the measured roads: codes of the sections that lead towards it and away from it."""

    into: tuple[int, ...]
    out: tuple[int, ...]
    junction: bool


def nodes_of(corridors: Sequence[Corridor], sections: Sections) -> list[Node]:
    """Junctions of several roads, and the borders of the sections of one road between them.

    A junction in the middle of a section is held between the sections before and behind that one; one in the first or
    last section of a road cannot be held. Borders beside a junction are left out, because traffic turns there.
    """
    found: list[Node] = []
    turned: set[int] = set()
    for point in _meetings(corridors):
        beside = [_beside(k, point, corridor, sections) for k, corridor in enumerate(corridors)]
        arms = [arm for arm in beside if arm is not None]
        turned.update(row for arm in arms for row in range(arm.before, arm.after))
        if all(arm.whole for arm in arms):
            rows = [(_row_of(arm.before, arm.corridor, sections), _row_of(arm.after, arm.corridor, sections))
                    for arm in arms]  # fmt: skip
            found.append(_node(rows, junction=True))
    for row in range(len(sections.begin) - 1):
        if sections.corridor[row] == sections.corridor[row + 1] and row not in turned:
            found.append(_node([(row, row + 1)], junction=False))
    return found


def _node(rows: Sequence[tuple[int | None, int | None]], *, junction: bool) -> Node:
    """The node between the rows of sections before and behind it, None where a road begins or ends at it."""
    into, out = [], []
    for before, after in rows:
        if before is not None:
            into.append(2 * before)
            out.append(2 * before + 1)
        if after is not None:
            into.append(2 * after + 1)
            out.append(2 * after)
    return Node(tuple(into), tuple(out), junction)


def _meetings(corridors: Sequence[Corridor]) -> list[shapely.Point]:
    """Where two roads cross, or one ends at the other; points of several pairs within `JOIN_M` are one."""
    found: list[shapely.Point] = []
    for a, b in combinations([corridor.line for corridor in corridors], 2):
        crossed = [part.centroid for part in shapely.get_parts(shapely.intersection(a, b))]
        ends = [shapely.Point(line.coords[k]) for line, other in ((a, b), (b, a)) for k in (0, -1)
                if other.distance(shapely.Point(line.coords[k])) <= JOIN_M]  # fmt: skip
        for point in [*crossed, *ends]:
            if all(point.distance(other) > JOIN_M for other in found):
                found.append(point)
    return found


class _Arm(NamedTuple):
    """Rows of the sections of a corridor before and behind a point, and whether traffic can be held between them.

    Where the road begins or ends at the point, one of them is no row of this corridor.
    """

    corridor: int
    before: int
    after: int
    whole: bool


def _beside(k: int, point: shapely.Point, corridor: Corridor, sections: Sections) -> _Arm | None:
    """The arm of a corridor at a point; None where it is not on it."""
    if corridor.line.distance(point) > JOIN_M:
        return None
    own, at = np.flatnonzero(sections.corridor == k), corridor.line.project(point)
    row = int(own[min(int(np.searchsorted(sections.end[own], at)), len(own) - 1)])
    if at - sections.begin[row] <= JOIN_M:
        return _Arm(k, row - 1, row, True)
    if sections.end[row] - at <= JOIN_M:
        return _Arm(k, row, row + 1, True)
    return _Arm(k, row - 1, row + 1, bool(own[0] < row < own[-1]))


def _row_of(row: int, k: int, sections: Sections) -> int | None:
    """The row where it is one of a corridor."""
    return row if 0 <= row < len(sections.corridor) and sections.corridor[row] == k else None


def conservation(nodes: Sequence[Node], passages: Longs, shown: Mask, jam: Mask) -> dict[str, float]:
    """How often passages are conserved at nodes; nan where none could be held.

    Parameters
    ----------
    passages : (codes, 24, 2) passages by section, hour and type of day
    shown, jam : (codes, 24, 2) whether the speed is published, and is a jam; only nodes with all speeds shown are held

    Returns
    -------
    Of borders and of junctions: hours held, the share of them within the 90 % interval, and the median of the
    difference over the sum; and the share of the hours of both that have a jam at one side.
    """
    rows: dict[bool, list[Floats]] = {False: [], True: []}
    for node in nodes:
        arms = [*node.into, *node.out]
        held = np.asarray(shown[arms].all(axis=0))
        jammed = np.asarray(jam[arms].any(axis=0))[held]
        came, went = (np.asarray(passages[list(codes)].sum(axis=0))[held] for codes in (node.into, node.out))
        rows[node.junction].append(np.array([came, went, jammed], np.float64))
    found, jams = {}, [np.empty(0, bool)]
    for name, kind in zip(FIGURES, (False, True), strict=True):
        came, went, jammed = np.concatenate([np.empty((3, 0)), *rows[kind]], axis=1)
        apart, whole = np.abs(came - went), came + went
        within = apart <= Z90 * np.sqrt(whole)
        jams.append(within[jammed > 0])
        found[f"{name}_held"] = float(len(whole))
        found[f"{name}_conserved"] = float(within.mean()) if len(whole) else np.nan
        found[f"{name}_difference"] = float(np.median(apart / np.maximum(whole, 1.0))) if len(whole) else np.nan
    jam_hours = np.concatenate(jams)
    return found | {"road_jams_conserved": float(jam_hours.mean()) if len(jam_hours) else np.nan}
