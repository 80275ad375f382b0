"""The engine for a cluster: the kernel of the local engine over buckets of users, shuffled and summed by Spark.

A piece of a file is read by one task, its events go to the bucket of their user, and one task computes the day of a
bucket. A second job labels the people of every bucket, a third sums them with the weights that only all homes together
give. Spark moves packed blocks and adds up long tables; every rule is that of `models.signaling.local` and
`models.signaling.pipeline`. Source: map and apply functions over Arrow batches, Apache Spark 4 (read).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from models.errors import ConfigError
from models.settings import PROJECT_ROOT
from models.signaling import summing
from models.signaling.bucket_area import BucketArea
from models.signaling.bucket_tasks import (
    BLOCKS,
    DONE,
    HOMES,
    SUMS,
    Job,
    Piece,
    compute_bucket,
    label_buckets,
    read_pieces,
    sum_buckets,
)
from models.signaling.local import DayDone, digests_of
from models.signaling.night_coverage import NightCoverage, coverage_of
from models.signaling.pipeline import Raw
from models.signaling.weighting import CellWeights

LOOPBACK = "127.0.0.1"
_ARROW_TYPES = {"int32": "int", "int64": "bigint", "string": "string", "binary": "binary", "double": "double"}


@contextmanager
def connected(master: str) -> Iterator[Any]:
    """A Spark session on a cluster, ended with the block.

    Parameters
    ----------
    master : address, such as spark://host:7077; further settings are read from Spark's own configuration folder

    Raises
    ------
    ConfigError : pyspark is not installed, or no session can be had (no Java, no such cluster)
    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - only who has a cluster installs pyspark
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "environment", "CITYHEX_SPARK", master, "used with pyspark only; install the extra: pip install -e .[spark]"
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if os.environ.get("SPARK_LOCAL_IP") == LOOPBACK and LOOPBACK not in master and "local" not in master:
        del os.environ["SPARK_LOCAL_IP"]  # set by pandera at its import; executors elsewhere could not answer there
    builder = SparkSession.builder.master(master).appName("cityhex signaling")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.executorEnv.PYTHONPATH": str(PROJECT_ROOT),
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise ConfigError(
            "environment", "CITYHEX_SPARK", master, f"the address of a cluster that answers, with Java 17 here: {error}"
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def compute_days(session: Any, job: Job, on_day: DayDone | None = None) -> int:
    """Compute every day that the work area does not hold yet, one Spark job a day.

    Returns
    -------
    Number of days computed now.

    Raises
    ------
    ConfigError : the executors write to another disk than this machine reads
    """
    _open(job.folder)
    digests = digests_of(job.files, job.network, job.rules, job.night_rule, job.key, job.links, job.matching)
    wanted = {date: f"{digest}:{job.buckets}" for date, digest in digests.items()}
    waiting = [date for date, digest in wanted.items() if not _has(job.folder, date, digest)]
    for done, date in enumerate(waiting, start=len(wanted) - len(waiting) + 1):
        shutil.rmtree(_folder(job, date), ignore_errors=True)
        pieces = pieces_of(job, date)
        blocks = session.range(0, len(pieces), 1, len(pieces)).mapInArrow(read_pieces(job, date, pieces), _ddl(BLOCKS))
        spread = blocks.repartition(_tasks(session, job), "bucket").groupBy("bucket")
        made = spread.applyInArrow(compute_bucket(job, date), _ddl(DONE)).toArrow().to_pandas()
        _refuse_other_disk(job, date, made)
        seen = [json.loads(text) for text in made["seen"]]
        written = {"digest": wanted[date], "seen": {name: _total([s[name] for s in seen]) for name in seen[0]}}
        (_folder(job, date) / "day.json").write_text(json.dumps(written, sort_keys=True), encoding="utf-8")
        if on_day is not None:
            on_day(done, len(wanted))
    return len(waiting)


def sum_up(
    session: Any,
    job: Job,
    weigh: Callable[[pd.Series], CellWeights],
    zone: Any,
    columns: tuple[str, ...],
    target: Path,
) -> tuple[Raw, CellWeights, NightCoverage]:
    """Label, weigh and sum everybody; only sums come back.

    Parameters
    ----------
    weigh : gives the weights from the number of resident devices by home cell
    zone : (cells) zone of each network cell, -1 outside
    columns : of the user table that is written to the folder ``target`` of the work area, one file a bucket
    """
    days = [json.loads((_folder(job, date) / "day.json").read_text("utf-8")) for date in job.files.files]
    night = coverage_of(days, job.night_rule)
    job = replace(job, night=night)
    buckets = session.range(0, job.buckets, 1, _tasks(session, job))
    homes = buckets.mapInArrow(label_buckets(job), _ddl(HOMES)).groupBy("home_cell").sum("devices").toArrow()
    by_cell = pd.Series(homes.column(1).to_numpy(), index=homes.column(0).to_numpy()).sort_index()
    weights = weigh(by_cell)
    beside = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(beside, ignore_errors=True)
    task = sum_buckets(job, weights, zone, columns, beside)
    parts = buckets.mapInArrow(task, _ddl(SUMS)).groupBy("cube", "key").sum(*summing.NUMBERS)
    table = parts.toArrow().rename_columns(list(summing.COLUMNS)).to_pandas()
    if target.is_file():
        target.unlink()
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)
    return summing.raw_of(table, len(job.network.table), night), weights, night


def _total(counts: list[Any]) -> Any:
    """Sum of numbers, or of lists of numbers one by one."""
    return np.sum(counts, axis=0).tolist()


def _tasks(session: Any, job: Job) -> int:
    """Tasks of a job: three for each core, and never more than buckets."""
    return max(1, min(job.buckets, 3 * int(session.sparkContext.defaultParallelism)))


def pieces_of(job: Job, date: dt.date) -> list[Piece]:
    """Row groups of the date's file, and those of the next date's that reach into its service day."""
    following = date + dt.timedelta(days=1)
    end = job.files.day(date).end
    found = []
    for source in (date, following) if following in job.files.files else (date,):
        file = job.files.files[source]
        if file.suffix != ".parquet":
            found.append(Piece(source, -1))
            continue
        with pq.ParquetFile(file) as reader:
            metadata, names = reader.metadata, reader.schema_arrow.names
        for group in range(metadata.num_row_groups):
            column = metadata.row_group(group).column(names.index("time")) if "time" in names else None
            least = column.statistics.min if column is not None and column.statistics is not None else None
            late = source == following and isinstance(least, dt.datetime) and _seconds(least) >= end
            if not late:
                found.append(Piece(source, group))
    return found


def _seconds(moment: dt.datetime) -> float:
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()


def _folder(job: Job, date: dt.date) -> Path:
    return BucketArea(job.folder, 0).day(date).file.parent


def _open(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _has(folder: Path, date: dt.date, digest: str) -> bool:
    file = BucketArea(folder, 0).day(date).file.parent / "day.json"
    return file.is_file() and json.loads(file.read_text("utf-8")).get("digest") == digest


def _refuse_other_disk(job: Job, date: dt.date, made: pd.DataFrame) -> None:
    lost = [b for b in made["bucket"] if not BucketArea(job.folder, int(b)).day(date).file.is_file()]
    if lost:
        raise ConfigError(
            "environment", "CITYHEX_HOME", str(job.folder),
            f"a folder that this machine and every executor reach under the same path; {len(lost)} of {len(made)} "
            "buckets were written elsewhere",
        )  # fmt: skip


def _ddl(schema: Any) -> str:
    return ", ".join(f"{field.name} {_ARROW_TYPES[str(field.type)]}" for field in schema)
