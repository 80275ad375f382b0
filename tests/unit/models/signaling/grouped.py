"""Events of a day as tests write them: one row an event, users by pseudonym."""

from __future__ import annotations

import numpy as np

from models.signaling.events import Block
from models.signaling.grouping import group_parts
from models.signaling.keys import packed, unpacked


def block_of(users, t, cell, zero=0):
    """Events as a file is read: by user, in the order of the rows."""
    people, who = np.unique(users, return_inverse=True)
    stop = np.cumsum(np.bincount(who, minlength=len(people)))
    keys = packed(np.asarray(t, np.int32), np.asarray(cell, np.int32))[np.argsort(who, kind="stable")]
    return Block(people, np.append(0, stop)[:-1], stop, keys, zero)


def group_by_user(users, t, cell):
    """Order the events of one day by user, second and cell."""
    return group_parts([block_of(users, t, cell)], 0, 90_000)


def rows_of(events):
    """User, second and cell of each event of a file, by user and in the order of the rows."""
    rows = []
    for block in events.blocks:
        for user, start, stop in zip(block.people.tolist(), block.start, block.stop, strict=True):
            t, cell = unpacked(block.keys[start:stop])
            rows += [(user, *event) for event in zip(t.tolist(), cell.tolist(), strict=True)]
    return sorted(rows, key=lambda row: row[0])
