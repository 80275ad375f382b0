"""Events of a day as tests write them: one row an event, users by pseudonym."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.signaling.grouping import group_parts


class Named(NamedTuple):
    """Events of one part."""

    people: np.ndarray
    who: np.ndarray
    start: int
    time: np.ndarray
    cell: np.ndarray


def group_by_user(users, t, cell):
    """Order the events of one day by user, second and cell."""
    people, who = np.unique(users, return_inverse=True)
    return group_parts([Named(people, who.astype(np.int32), 0, t, cell)], 0, 1 << 31)
