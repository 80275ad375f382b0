"""Which side of a line a point lies on, never wrong, and the crossing test built on it.

Sources: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates"
(1997) for the error bound and the exact expansion; the case order of the crossing test follows GEOS
``RayCrossingCounter``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

OUTSIDE, INSIDE, ON_BORDER = 0, 1, 2

_ERROR_BOUND = 3.3306690738754716e-16
"""(3 + 16 u) u with u = 2**-53: beyond this share of the summed products the rounded sign is the true one."""
_SPLITTER = 134217729.0
"""2**27 + 1, splits a double in two halves whose products are exact."""


@compiled
def orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:  # noqa: PLR0917
    """Return a number > 0 where p lies left of a -> b, < 0 right of it and 0 exactly on the line."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    rounded = left - right
    if left > 0.0:
        if right <= 0.0:
            return rounded
        total = left + right
    elif left < 0.0:
        if right >= 0.0:
            return rounded
        total = -left - right
    else:
        return rounded
    bound = _ERROR_BOUND * total
    if rounded >= bound or -rounded >= bound:
        return rounded
    return _exact_orientation(ax, ay, bx, by, px, py)


@compiled
def _exact_orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:  # noqa: PLR0917
    """Sum the six products of the determinant without any rounding and return its leading term."""
    expansion = np.zeros(13)
    size = 0
    for left, right in ((ax, by), (-ax, py), (-px, by), (-ay, bx), (ay, px), (py, bx)):
        high = left * right
        c = _SPLITTER * left
        left_high = c - (c - left)
        left_low = left - left_high
        c = _SPLITTER * right
        right_high = c - (c - right)
        right_low = right - right_high
        low = left_low * right_low - (((high - left_high * right_high) - left_low * right_high) - left_high * right_low)
        size = _grow(expansion, size, low)
        size = _grow(expansion, size, high)
    for i in range(size - 1, -1, -1):
        if expansion[i] != 0.0:
            return float(expansion[i])
    return 0.0


@compiled
def _grow(expansion: Floats, size: int, term: float) -> int:
    """Add one number to a non-overlapping expansion in place, smallest part first; return its new length."""
    carry = term
    for i in range(size):
        total = carry + expansion[i]
        part = total - carry
        rest = (carry - (total - part)) + (expansion[i] - part)
        expansion[i] = rest
        carry = total
    expansion[size] = carry
    return size + 1


@compiled
def place(xs: Floats, ys: Floats, edges: Ints, start: int, stop: int, px: float, py: float) -> int:  # noqa: PLR0917
    """Return OUTSIDE, INSIDE or ON_BORDER of the area whose edges stand in ``edges[start:stop]``.

    Edge e runs from vertex e to vertex e + 1. Edges that do not reach the height of the point may be left
    out. Even crossings are outside, so holes and several parts need nothing of their own.
    """
    inside = False
    for i in range(start, stop):
        e = edges[i]
        x1, y1, x2, y2 = xs[e], ys[e], xs[e + 1], ys[e + 1]
        if x1 < px and x2 < px:
            continue
        if y1 == py and y2 == py:
            if min(x1, x2) <= px <= max(x1, x2):
                return ON_BORDER
        elif (y1 > py) != (y2 > py):
            if x1 > px and x2 > px:
                inside = not inside
                continue
            side = orientation(x1, y1, x2, y2, px, py)
            if side == 0.0:
                return ON_BORDER
            if (side > 0.0) == (y2 > y1):
                inside = not inside
        elif (x1 == px and y1 == py) or (x2 == px and y2 == py):
            return ON_BORDER
    return INSIDE if inside else OUTSIDE
