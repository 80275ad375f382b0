"""What the tasks of a cluster compute, run here one after the other, is what the local engine computes at once."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from models.signaling import bucket_tasks, pipeline, spark, summing
from models.signaling.bucket_area import BucketArea
from models.signaling.weighting import homes_of
from tests.unit.models.signaling import small_period as small

BUCKETS = 5


def numbers(values):
    return iter([pa.record_batch({"id": pa.array(values, pa.int64())})])


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Four days computed by tasks whose blocks arrive in any order."""
    made = small.job(tmp_path_factory.mktemp("buckets"), BUCKETS)
    for date in made.files.files:
        pieces = spark.pieces_of(made, date)
        blocks = pa.Table.from_batches(bucket_tasks.read_pieces(made, date, pieces)(numbers(range(len(pieces)))))
        for bucket in set(blocks["bucket"].to_pylist()):
            mine = blocks.filter(pa.compute.equal(blocks["bucket"], bucket))
            order = random.Random(1).sample(range(mine.num_rows), mine.num_rows)
            bucket_tasks.compute_bucket(made, date)(mine.take(order))
    return made


@pytest.fixture(scope="module")
def local(job):
    return small.local(job)


def areas(job):
    return [BucketArea(job.folder, bucket) for bucket in range(job.buckets)]


def test_the_days_of_all_buckets_are_those_of_the_local_engine(job, local):
    small.assert_same_days(small.days_of(areas(job), job.files.files), small.days_of([local.area], job.files.files))


def test_every_row_read_is_accounted_for_once(job, local):
    for date in job.files.files:
        whole = local.area.day(date).info()
        parts = [area.day(date).info() for area in areas(job)]
        assert sum(p["rows"] for p in parts) == whole["rows"]
        for name, rows in whole["file"]["rejected"].items():
            assert sum(p["file"]["rejected"].get(name, 0) for p in parts) == rows
        assert sum(p["file"]["read"] for p in parts) == whole["file"]["read"] == small.PEOPLE * 26


def test_a_bucket_holds_the_users_of_its_remainder_and_nobody_else(job):
    for area in areas(job):
        users = area.day(small.FIRST).slice(0, 64)[0]
        assert len(users)
        assert (users % np.uint64(BUCKETS) == area.bucket).all()


def test_labels_and_sums_of_all_buckets_are_those_of_the_local_engine(job, local, tmp_path):
    people = pipeline.people_of(local)
    judged = dataclasses.replace(job, night=local.night)
    homes = pa.Table.from_batches(bucket_tasks.label_buckets(judged)(numbers(range(BUCKETS)))).to_pandas()
    assert homes.groupby("home_cell")["devices"].sum().to_dict() == homes_of(people).to_dict()
    task = bucket_tasks.sum_buckets(judged, small.WEIGHTS, small.ZONE, small.COLUMNS_KEPT, tmp_path)
    shares = (range(2), range(2, BUCKETS), [])
    parts = [batch.to_pandas() for share in shares for batch in task(numbers(share))]
    people = people.assign(weight=small.WEIGHTS.of(people))
    found = summing.raw_of(summing.added(parts), len(job.network.table), local.night)
    small.assert_same_sums(found, pipeline.sum_up(local, people, small.ZONE))
    kept = pd.read_parquet(tmp_path).sort_values("user", ignore_index=True)
    pd.testing.assert_frame_equal(kept, people[list(small.COLUMNS_KEPT)].reset_index(drop=True))


def test_a_day_of_a_bucket_without_anybody_is_empty(job):
    nobody = BucketArea(job.folder, 99).day(small.FIRST)
    users, result = nobody.slice(0, 64)
    assert len(users) == 0 and len(result.row_user) == 0
    assert nobody.info()["rows"] == 0 and not nobody.attributes().num_rows


def test_row_groups_of_the_next_date_that_begin_after_its_night_are_not_read_for_a_day(job):
    pieces = spark.pieces_of(job, small.FIRST)
    own = [p for p in pieces if p.date == small.FIRST]
    assert len(own) == 3
    assert len(pieces) == 4
