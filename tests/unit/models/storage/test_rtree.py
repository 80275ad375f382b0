"""A packed R-tree passes SQLite's own check and answers as a plain comparison does."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models.storage import rtree


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    with engine.begin() as opened:
        opened.exec_driver_sql("CREATE VIRTUAL TABLE rtree_t_geometry USING rtree(id, minx, maxx, miny, maxy)")
        opened.exec_driver_sql("INSERT INTO rtree_t_geometry VALUES (99999, 0, 1, 0, 1)")
        yield opened
    engine.dispose()


@pytest.mark.parametrize("n", [0, 1, 50, 51, 52, 2601, 2602, 140_000])
def test_trees_of_every_height_are_sound_and_complete(connection, n):
    rng = np.random.default_rng(n)
    low = np.sort(rng.uniform(100, 110, (n, 2)), axis=0)
    bounds = np.hstack([low, low + rng.uniform(0, 0.01, (n, 2))])
    ids = np.arange(n, dtype=np.int64) + 7
    rtree.fill(connection, "t", ids, bounds)
    assert connection.exec_driver_sql("SELECT rtreecheck('rtree_t_geometry')").scalar() == "ok"
    assert connection.exec_driver_sql("SELECT count(*) FROM rtree_t_geometry").scalar() == n
    box = (103.0, 103.5, 103.1, 103.6)
    query = "SELECT id FROM rtree_t_geometry WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ? ORDER BY id"
    found = connection.exec_driver_sql(query, (box[1], box[0], box[3], box[2])).scalars().all()
    meets = (bounds[:, 0] <= box[1]) & (bounds[:, 2] >= box[0]) & (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[2])
    assert set(ids[meets].tolist()) <= set(found)
    assert len(found) <= meets.sum() + 3


def test_a_packed_tree_takes_further_rows(connection):
    ids = np.arange(500, dtype=np.int64)
    points = np.random.default_rng(1).uniform(0, 1, (500, 2))
    rtree.fill(connection, "t", ids, np.hstack([points, points]))
    for i in range(500, 600):
        connection.exec_driver_sql("INSERT INTO rtree_t_geometry VALUES (?, 0.5, 0.6, 0.5, 0.6)", (i,))
    connection.exec_driver_sql("DELETE FROM rtree_t_geometry WHERE id < 250")
    assert connection.exec_driver_sql("SELECT rtreecheck('rtree_t_geometry')").scalar() == "ok"
    assert connection.exec_driver_sql("SELECT count(*) FROM rtree_t_geometry").scalar() == 350


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4))
def test_boxes_only_grow_by_rounding(values):
    x, y = sorted(values[:2]), sorted(values[2:])
    bounds = np.array([[x[0], y[0], x[1], y[1]]])
    x0, x1, y0, y1 = rtree.outward(bounds)[0].astype(float)
    assert (x0 <= x[0] <= x[1] <= x1) and (y0 <= y[0] <= y[1] <= y1)
    assert x1 - x0 <= x[1] - x[0] + 0.2
