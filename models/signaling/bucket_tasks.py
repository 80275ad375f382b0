"""What runs on the executors of a cluster: reading a piece of a file, and the kernel over one bucket of users.

The functions here are those of the local engine put around another division of the work; none of them knows of Spark.
Per-user rows go from the reading tasks to the bucket's task, and from there into the work area; only sums go back.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.signaling import summing
from models.signaling.bucket_area import BucketArea
from models.signaling.day import compute_day
from models.signaling.drives import Chains, Matching, chains_of
from models.signaling.events import NOBODY, Account, Block, Events, Pseudonyms, read_events
from models.signaling.grouping import group_parts
from models.signaling.kernel_rules import KernelRules
from models.signaling.local import PeriodFiles, figures
from models.signaling.network import Network
from models.signaling.night_coverage import NightCoverage, NightRule
from models.signaling.pipeline import Period, people_of, sum_up
from models.signaling.profiles import AnyProfile
from models.signaling.weighting import CellWeights, homes_of
from models.signaling.work_area import BUCKETS

BLOCKS = pa.schema(
    [
        ("bucket", pa.int32()), ("part", pa.int32()), ("people", pa.binary()), ("counts", pa.binary()),
        ("keys", pa.binary()), ("attributes", pa.binary()), ("account", pa.string()),
    ]
)  # fmt: skip
"""Events of one bucket from one piece of a file, packed, so that a shuffle moves few large rows."""
DONE = pa.schema([("bucket", pa.int32()), ("seen", pa.string())])
HOMES = pa.schema([("home_cell", pa.int32()), ("devices", pa.int64())])
SUMS = pa.schema(
    [
        ("cube", pa.string()), ("key", pa.string()), ("persons", pa.float64()), ("squares", pa.float64()),
        ("devices", pa.int64()),
    ]
)  # fmt: skip

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Job:
    """What every task of a period is told.

    Attributes
    ----------
    files, network, rules, profile, home_province, memory_mb : see `pipeline.Period`
    folder : work area of the period, the same path on every machine
    key, links : keys of the pseudonyms of the period, and of the pairs of periods it belongs to
    buckets : number of buckets of users
    night_rule : when a period counts as observed by night
    night : how the whole period is observed, once all days are computed
    matching : main roads along which drives are looked for, None for none
    """

    files: PeriodFiles
    network: Network
    rules: KernelRules
    profile: AnyProfile
    folder: Path
    key: bytes
    links: Mapping[str, bytes]
    buckets: int
    home_province: str
    memory_mb: int
    night_rule: NightRule
    night: NightCoverage | None = None
    matching: Matching | None = None

    def period(self, bucket: int) -> Period:
        """One bucket as a period of its own."""
        area = BucketArea(self.folder, bucket)
        return Period(
            self.files, self.network, self.rules, self.profile, area, self.home_province, self.memory_mb, self.night
        )  # fmt: skip


class Piece(NamedTuple):
    """A row group of the file of a date; -1 stands for a whole file that has none."""

    date: dt.date
    row_group: int


def read_pieces(job: Job, date: dt.date, pieces: Sequence[Piece]) -> Callable[[Batches], Batches]:
    """Function that reads pieces, given by number in the first column, into blocks of the service day of ``date``."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for part in batch.column(0).to_pylist():
                yield _blocks(job, date, pieces[part], part)

    return run


def _blocks(job: Job, date: dt.date, piece: Piece, part: int) -> pa.RecordBatch:
    groups = None if piece.row_group < 0 else [piece.row_group]
    codes, window = job.network.codes_on(piece.date), job.files.window(piece.date)
    events = read_events(job.files.files[piece.date], codes, window, Pseudonyms(job.key, job.links), groups)
    own = piece.date == date
    columns = _split(events, job, date, own=own)
    n = len(columns["bucket"])
    account = json.dumps(asdict(events.account if own else Account()))
    columns |= {"part": [part] * n, "account": [account, *[None] * (n - 1)]}
    return pa.RecordBatch.from_pydict(columns, schema=BLOCKS)


def _split(events: Events, job: Job, date: dt.date, *, own: bool) -> dict[str, list[object]]:
    """Blocks of the buckets that a piece has anybody of; bucket 0 always, for the account."""
    day, n = job.files.day(date), job.buckets
    grouped = group_parts(events.blocks, day.start, day.end)
    bucket, counts = (grouped.users % np.uint64(n)).astype(np.int64), np.diff(grouped.start)
    order = np.argsort(bucket, kind="stable")
    first = np.searchsorted(bucket[order], np.arange(n + 1))
    of_event = np.repeat(bucket, counts)
    by = np.argsort(of_event, kind="stable")
    start = np.searchsorted(of_event[by], np.arange(n + 1))
    known = events.attributes if own else events.attributes.slice(0, 0)
    told = (known["user"].to_numpy() % np.uint64(n)).astype(np.int64)
    table = known.take(np.argsort(told, kind="stable"))
    where = np.searchsorted(np.sort(told), np.arange(n + 1))
    anybody = [b for b in range(n) if b == 0 or first[b] < first[b + 1] or where[b] < where[b + 1]]
    mine = {b: order[first[b] : first[b + 1]] for b in anybody}
    return {
        "bucket": list(anybody),
        "people": [grouped.users[mine[b]].tobytes() for b in anybody],
        "counts": [counts[mine[b]].astype(np.int32).tobytes() for b in anybody],
        "keys": [grouped.keys[by[start[b] : start[b + 1]]].tobytes() for b in anybody],
        "attributes": [_packed(table.slice(where[b], where[b + 1] - where[b])) for b in anybody],
    }


def _packed(table: pa.Table) -> bytes | None:
    if not table.num_rows:
        return None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def compute_bucket(job: Job, date: dt.date) -> Callable[[pa.Table], pa.Table]:
    """Function that computes the service day of one bucket from its blocks, in whatever order they come."""

    def run(table: pa.Table) -> pa.Table:
        rows = sorted(table.to_pylist(), key=lambda row: row["part"])
        day, bucket = job.files.day(date), rows[0]["bucket"]
        events = group_parts([_block(row) for row in rows], 0, day.length_s)
        result = compute_day(events, job.network.cells_on(date), day, job.rules)
        account = _account([row["account"] for row in rows])
        info = figures(events, result, account, job.night_rule)
        known = [pa.ipc.open_stream(row["attributes"]).read_all() for row in rows if row["attributes"]]
        attributes = pa.concat_tables(known or [NOBODY], promote_options="permissive")
        area = BucketArea(job.folder, bucket)
        chains = None
        if job.matching is not None:
            chains = chains_of(events, result.flags, job.matching.ways, job.matching.rules)
        area.save(date, events.users, result, info, _first_said(attributes), chains)
        return pa.Table.from_pydict({"bucket": [bucket], "seen": [json.dumps(info["seen"])]}, schema=DONE)

    return run


def _first_said(attributes: pa.Table) -> pa.Table:
    """One row per user: what the first piece says counts."""
    return attributes.take(np.sort(np.unique(attributes["user"].to_numpy(), return_index=True)[1]))


def chain_parts(job: Job) -> Iterator[list[tuple[npt.NDArray[np.uint64], Chains]]]:
    """Users and drives of every day, one bucket after the other."""
    for bucket in range(job.buckets):
        area = BucketArea(job.folder, bucket)
        yield [area.day(day.date).chains(0, BUCKETS) for day in job.files.days]


def _block(row: Mapping[str, bytes]) -> Block:
    """Events of one bucket from one piece, on the clock of the service day."""
    people, counts, keys = (np.frombuffer(row[n], d) for n, d in (("people", "u8"), ("counts", "i4"), ("keys", "i8")))
    stop = np.cumsum(counts, dtype=np.int64)
    return Block(people, stop - counts, stop, keys, 0)


def _account(texts: Sequence[str | None]) -> Account:
    whole = Account()
    for found in (Account(**json.loads(text)) for text in texts if text):
        whole.read, whole.kept = whole.read + found.read, whole.kept + found.kept
        whole.unplaced += found.unplaced
        for reason, rows in found.rejected.items():
            whole.rejected[reason] = whole.rejected.get(reason, 0) + rows
    return whole


def label_buckets(job: Job) -> Callable[[Batches], Batches]:
    """Function that labels the people of buckets, given by number, keeps them and tells the homes of residents."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for bucket in batch.column(0).to_pylist():
                people = people_of(job.period(bucket))
                _keep(people, job.folder / "people", bucket)
                homes = homes_of(people).reset_index()
                yield pa.RecordBatch.from_pandas(homes.astype("int64"), preserve_index=False).cast(HOMES)

    return run


def sum_buckets(
    job: Job, weights: CellWeights, zone: npt.NDArray[np.int64], columns: Sequence[str], target: Path
) -> Callable[[Batches], Batches]:
    """Function that sums buckets, given by number, into cubes, and writes the user table that periods are joined by."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            whole: list[pd.DataFrame] = []
            for bucket in batch.column(0).to_pylist():
                people = pd.read_parquet(job.folder / "people" / f"bucket={bucket:05d}.parquet")
                people = people.assign(weight=weights.of(people))
                _keep(people[[name for name in columns if name in people]], target, bucket)
                whole = [summing.added([*whole, summing.long(sum_up(job.period(bucket), people, zone))])]
            for table in whole:
                yield pa.RecordBatch.from_pandas(table, preserve_index=False).cast(SUMS)

    return run


def _keep(people: pd.DataFrame, folder: Path, bucket: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"bucket={bucket:05d}.parquet"
    beside = file.with_suffix(f".{uuid.uuid4().hex[:12]}.tmp")
    people.to_parquet(beside, index=False)
    beside.replace(file)
