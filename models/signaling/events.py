"""Reads the events an operator delivers, one file a local date, into plain arrays; every row is counted.

User pseudonyms are hashed again with a key of the period, so that results of two periods cannot be joined without the
linkage table that `models.signaling.migration` keeps apart (no tracking of people).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from models.errors import SourceError
from models.signaling.flags import ABROAD, NO_CELL

HOME_MCC = 460
NEEDED = ("user", "time", "cell")
OPTIONAL = ("mcc", "serving_mcc", "home_province")
_BATCH = 1 << 20


@dataclass
class Account:
    """What became of the rows of one delivery: read = kept + the rejected ones, always.

    Attributes
    ----------
    read : rows of the file
    kept : rows the kernel sees
    rejected : reason -> rows: ``no_user``, ``no_time``, ``other_day`` (no service day of the file)
    """

    read: int = 0
    kept: int = 0
    rejected: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Events:
    """Events of one file in its own order.

    Attributes
    ----------
    users : (n) hashed pseudonyms, uint64, spread evenly over their range
    time : (n) UTC seconds since 1970
    cell : (n) code in the network of the date, `flags.NO_CELL` or `flags.ABROAD`
    attributes : one row per user seen: user, mcc, home_province, where the file says them, and the hashes of links
    account : what became of the rows
    """

    users: npt.NDArray[np.uint64]
    time: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int32]
    attributes: pd.DataFrame
    account: Account


class Pseudonyms:
    """Keyed 64-bit hashes of the delivered pseudonyms (BLAKE2b), each computed once.

    Parameters
    ----------
    key : of one period of one city, at most 64 bytes
    links : name -> key of a pair of periods; people of both get the same hash under it, and under no other
    """

    def __init__(self, key: bytes, links: Mapping[str, bytes] | None = None) -> None:
        self._key = key[:64]
        self._known: dict[str, int] = {}
        self.links = {name: Pseudonyms(pair) for name, pair in (links or {}).items()}

    def of(self, values: pa.Array) -> npt.NDArray[np.uint64]:
        """Hash distinct values, texts or integers."""
        texts = values.cast(pa.string()).to_pylist()
        for new in (t for t in texts if t not in self._known):
            digest = hashlib.blake2b(str(new).encode(), key=self._key, digest_size=8).digest()
            self._known[new] = int.from_bytes(digest, "little")
        return np.fromiter((self._known[t] for t in texts), np.uint64, len(texts))


def _batches(file: Path) -> Iterator[pa.RecordBatch]:
    if file.suffix == ".parquet":
        reader = pq.ParquetFile(file, memory_map=True, read_dictionary=["user", "cell"])
        names = reader.schema_arrow.names
        _refuse_columns(file, names)
        wanted = [name for name in (*NEEDED, *OPTIONAL) if name in names]
        yield from reader.iter_batches(_BATCH, columns=wanted, use_threads=False)
        return
    empty_is_missing = pa_csv.ConvertOptions(strings_can_be_null=True)
    with pa_csv.open_csv(
        file, read_options=pa_csv.ReadOptions(block_size=1 << 24), convert_options=empty_is_missing
    ) as reader:
        _refuse_columns(file, reader.schema.names)
        yield from reader


def _refuse_columns(file: Path, names: list[str]) -> None:
    if missing := [name for name in NEEDED if name not in names]:
        raise SourceError(file, f"the columns {', '.join(missing)} are missing", needed=", ".join((*NEEDED, *OPTIONAL)))


def read_events(file: Path, codes: pd.Series, window: tuple[int, int], pseudonyms: Pseudonyms) -> Events:
    """Read one file.

    Parameters
    ----------
    file : Parquet or CSV with the columns `NEEDED` and any of `OPTIONAL`
    codes : code of every cell id on the date of the file (`Network.codes_on`)
    window : UTC seconds between which the rows of the file must lie, end exclusive
    pseudonyms : hashes of the period

    Raises
    ------
    SourceError : a needed column is missing, or the time is neither a timestamp nor whole seconds
    """
    account, parts, people = Account(), [], []
    for batch in _batches(file):
        users, time, cell, good = _arrays(batch, file, codes, window, pseudonyms, account)
        parts.append((users[good], time[good], cell[good]))
        people.append(_attributes(batch, users, good, pseudonyms))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [np.empty(0)] * 3
    account.kept = len(columns[0])
    known = pd.concat(people, ignore_index=True).drop_duplicates("user") if people else pd.DataFrame({"user": []})
    return Events(
        columns[0].astype(np.uint64), columns[1].astype(np.int64), columns[2].astype(np.int32), known, account
    )  # fmt: skip


def _arrays(
    batch: pa.RecordBatch,
    file: Path,
    codes: pd.Series,
    window: tuple[int, int],
    pseudonyms: Pseudonyms,
    account: Account,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    user, at = _encoded(batch.column("user"))
    hashed = np.append(pseudonyms.of(user), np.uint64(0))
    no_user = at < 0
    moment = _seconds(batch.column("time"), file)
    no_time = ~no_user & np.asarray(pc.is_null(batch.column("time")))
    apart = ~no_user & ~no_time & ((moment < window[0]) | (moment >= window[1]))
    for reason, rows in (("no_user", no_user), ("no_time", no_time), ("other_day", apart)):
        if rows.any():
            account.rejected[reason] = account.rejected.get(reason, 0) + int(rows.sum())
    account.read += batch.num_rows
    names, which = _encoded(batch.column("cell"))
    code = codes.reindex(names.cast(pa.string()).to_pandas()).fillna(NO_CELL).to_numpy("int32")
    cell = np.append(code, np.int32(NO_CELL))[which]
    if "serving_mcc" in batch.schema.names:
        serving = pc.fill_null(batch.column("serving_mcc").cast(pa.int32()), HOME_MCC).to_numpy(zero_copy_only=False)
        cell = np.where(serving != HOME_MCC, np.int32(ABROAD), cell)
    return hashed[at], moment, cell.astype(np.int32), ~(no_user | no_time | apart)


def _encoded(column: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Distinct values of a column and the position of each row's value, -1 where it is missing."""
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    return found.dictionary, pc.fill_null(found.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)


def _seconds(column: pa.Array, file: Path) -> npt.NDArray[np.int64]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    elif not pa.types.is_integer(column.type):
        raise SourceError(file, f"the column time is {column.type}", needed="a timestamp, or whole seconds since 1970")
    return np.asarray(pc.fill_null(column, 0).to_numpy(zero_copy_only=False)).astype(np.int64)


def _attributes(
    batch: pa.RecordBatch, users: npt.NDArray[np.uint64], good: npt.NDArray[np.bool_], pseudonyms: Pseudonyms
) -> pd.DataFrame:
    given = [name for name in ("mcc", "home_province") if name in batch.schema.names]
    frame = pd.DataFrame({"user": users, **{name: batch.column(name).to_pandas() for name in given}})
    if pseudonyms.links:
        names, at = _encoded(batch.column("user"))
        for name, pair in pseudonyms.links.items():
            frame[name] = np.append(pair.of(names), np.uint64(0))[at]
    return frame[good].drop_duplicates("user")
