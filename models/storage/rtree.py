"""Fills an R-tree in bulk: full nodes are packed here and written to its shadow tables, as GDAL does.

Inserting a million rows one by one takes most of a minute; packed nodes take seconds and answer faster, because
neighbours fill whole nodes. Source of the node layout: the comment at the head of SQLite's
``ext/rtree/rtree.c`` (big
endian: depth, number of entries, then per entry an id of 8 bytes and four float32). ``rtreecheck()`` proves
the result.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from models.storage.engine import execute_many
from models.tables.layers import rtree

CAPACITY = 51
_ENTRY = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])
Boxes = npt.NDArray[np.float32]


def outward(bounds: npt.NDArray[np.float64]) -> Boxes:
    """Round boxes to float32 so that they only grow.

    Parameters
    ----------
    bounds : float64, shape (n, 4): min x, min y, max x, max y

    Returns
    -------
    float32, shape (n, 4): min x, max x, min y, max y
    """
    values = bounds[:, [0, 2, 1, 3]]
    near = values.astype(np.float32)
    low, high = np.float32(-np.inf), np.float32(np.inf)
    down = np.where(near > values, np.nextafter(near, low), near)
    up = np.where(near < values, np.nextafter(near, high), near)
    return np.where(np.array([True, False, True, False]), down, up).astype(np.float32)


def fill(connection: sa.Connection, table: str, ids: npt.NDArray[np.int64], bounds: npt.NDArray[np.float64]) -> None:
    """Replace the whole content of a layer's R-tree inside the caller's transaction.

    Parameters
    ----------
    ids : int64, n row ids in spatial order
    bounds : float64, shape (n, 4): min x, min y, max x, max y in degrees
    """
    tree = rtree(table)
    for part in ("node", "parent", "rowid"):
        connection.exec_driver_sql(f"DELETE FROM {tree}_{part}")
    node_bytes = _node_bytes(connection)
    entries = np.empty(len(ids), dtype=_ENTRY)
    entries["id"], entries["box"] = ids, outward(bounds)
    levels = _levels(entries)
    next_node = 2
    for depth, level in enumerate(levels):
        root = depth == len(levels) - 1
        groups = _starts(len(level))
        numbers = np.arange(next_node, next_node + len(groups)) if not root else np.array([1])
        next_node += 0 if root else len(groups)
        blobs = [_node(level[s : s + CAPACITY], depth if root else 0, node_bytes) for s in groups.tolist()]
        execute_many(
            connection,
            f"INSERT INTO {tree}_node (nodeno, data) VALUES (?, ?)",
            zip(numbers.tolist(), blobs, strict=True),
        )
        owner = np.repeat(numbers, CAPACITY)[: len(level)].tolist()
        if depth == 0:
            pairs = sorted(zip(level["id"].tolist(), owner, strict=True))
            execute_many(connection, f"INSERT INTO {tree}_rowid (rowid, nodeno) VALUES (?, ?)", pairs)
        else:
            pairs = sorted(zip(level["id"].tolist(), owner, strict=True))
            execute_many(connection, f"INSERT INTO {tree}_parent (nodeno, parentnode) VALUES (?, ?)", pairs)
        if not root:
            levels[depth + 1]["id"] = numbers


def _levels(entries: npt.NDArray[np.void]) -> list[npt.NDArray[np.void]]:
    levels = [entries]
    while len(levels[-1]) > CAPACITY:
        boxes, starts = levels[-1]["box"].astype(np.float32), _starts(len(levels[-1]))
        above = np.empty(len(starts), dtype=_ENTRY)
        for i, reduce in enumerate((np.minimum, np.maximum, np.minimum, np.maximum)):
            above["box"][:, i] = reduce.reduceat(boxes[:, i], starts)
        levels.append(above)
    return levels


def _starts(count: int) -> npt.NDArray[np.int64]:
    return np.arange(0, max(count, 1), CAPACITY)


def _node(entries: npt.NDArray[np.void], depth: int, size: int) -> bytes:
    head = depth.to_bytes(2, "big") + len(entries).to_bytes(2, "big")
    return (head + entries.tobytes()).ljust(size, b"\0")


def _node_bytes(connection: sa.Connection) -> int:
    page = int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return min(page - 64, 4 + CAPACITY * _ENTRY.itemsize)
