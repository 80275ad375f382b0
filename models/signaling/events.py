"""Reads the events an operator delivers, one file a local date, into plain arrays; every row is counted.

User pseudonyms are hashed again with a key of the period, so that results of two periods cannot be joined without the
linkage table that `models.signaling.migration` keeps apart (no tracking of people).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from models.errors import SourceError
from models.fusion.compiled import compiled, inlined
from models.signaling.flags import ABROAD, NO_CELL
from models.signaling.keys import CELL_ZERO, SECOND, Keys
from models.signaling.room import Room

HOME_MCC = 460
NEEDED = ("user", "time", "cell")
OPTIONAL = ("mcc", "serving_mcc", "home_province", "stratum")
ATTRIBUTES = ("mcc", "home_province", "stratum")
REASONS = ("no_user", "no_time", "other_day")
NOBODY = pa.table({"user": pa.array([], pa.uint64())})
DICTIONARY_BYTES = 1 << 24
"""Largest dictionary of a column that a file is written with: beyond the usual 1 MiB, texts are given in full."""
_BATCH = 1 << 20
_NOWHERE = -9
"""Code, inside of this module, of a cell that the network table lists without coordinates."""
Column = tuple[npt.NDArray[Any], npt.NDArray[np.uint8], int]


@dataclass
class Account:
    """What became of the rows of one delivery: read = kept + the rejected ones, always.

    Attributes
    ----------
    read : rows of the file
    kept : rows the kernel sees
    rejected : reason -> rows: ``no_user``, ``no_time``, ``other_day`` (no service day of the file)
    unplaced : kept rows of cells that the network table lists without coordinates; they are flagged, not placed
    """

    read: int = 0
    kept: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    unplaced: int = 0


@dataclass(frozen=True)
class Block:
    """Events of some rows of a file by user, in the order of the rows.

    Attributes
    ----------
    people : (m) hashed pseudonyms, uint64, ascending
    start, stop : (m) first event of each, and the one after its last
    keys : seconds since ``zero`` with the code in the network of the date, `flags.NO_CELL` or `flags.ABROAD`
    zero : UTC second since 1970
    """

    people: npt.NDArray[np.uint64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    keys: Keys
    zero: int


@dataclass(frozen=True)
class Events:
    """Events of one file.

    Attributes
    ----------
    blocks : one for each batch of rows that was read
    attributes : one row per user with an event: user, mcc, home_province, stratum, where the file says them, and the
        hashes of links; what the first event says counts
    account : what became of the rows
    """

    blocks: list[Block]
    attributes: pa.Table
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
        self._names, self._hashes = pa.array([], pa.string()), np.empty(0, np.uint64)
        self.links = {name: Pseudonyms(pair) for name, pair in (links or {}).items()}

    def of(self, values: pa.Array) -> npt.NDArray[np.uint64]:
        """Hash values, texts or integers."""
        known = len(self._names)
        self._names, at = _numbered(self._names, values.cast(pa.string()))
        new = [self._hash(name) for name in self._names[known:].to_pylist()]
        self._hashes = np.append(self._hashes, np.array(new, np.uint64))
        return self._hashes[at]

    def _hash(self, name: str) -> int:
        return int.from_bytes(hashlib.blake2b(name.encode(), key=self._key, digest_size=8).digest(), "little")


def _numbered(known: pa.Array, values: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """Known values with the new ones behind them, and the position of each given value there."""
    parts = [pa.DictionaryArray.from_arrays(np.arange(len(part), dtype=np.int32), part) for part in (known, values)]
    joined = pa.chunked_array(parts).unify_dictionaries().chunk(1)
    return joined.dictionary, joined.indices.to_numpy()


def read_events(
    file: Path,
    codes: pd.Series,
    window: tuple[int, int],
    pseudonyms: Pseudonyms,
    row_groups: Sequence[int] | None = None,
    room: Room | None = None,
) -> Events:
    """Read one file, or some row groups of it.

    Parameters
    ----------
    file : Parquet or CSV with the columns `NEEDED` and any of `OPTIONAL`
    codes : code of every cell id on the date of the file (`Network.codes_on`)
    window : UTC seconds between which the rows of the file must lie, end exclusive; less than 68 years
    pseudonyms : hashes of the period
    row_groups : of a Parquet file; None for all
    room : memory that the events are read into

    Raises
    ------
    SourceError : a needed column is missing, or the time is neither a timestamp nor whole seconds
    """
    reader = _Reader(file, codes, window, pseudonyms, room or Room())
    for batch in _parquet(file, row_groups) if file.suffix == ".parquet" else _csv(file):
        reader.take(batch)
    return reader.events()


def _parquet(file: Path, row_groups: Sequence[int] | None) -> Iterator[pa.RecordBatch]:
    metadata = pq.read_metadata(file, memory_map=True)
    schema = metadata.schema.to_arrow_schema()
    _refuse_columns(file, schema.names)
    wanted = [name for name in (*NEEDED, *OPTIONAL) if name in schema.names]
    texts = [name for name in wanted if pa.types.is_string(schema.field(name).type)]
    opened = pq.ParquetFile(file, memory_map=True, read_dictionary=texts, metadata=metadata)
    yield from opened.iter_batches(_BATCH, row_groups=row_groups, columns=wanted, use_threads=False)


def _csv(file: Path) -> Iterator[pa.RecordBatch]:
    empty_is_missing = pa_csv.ConvertOptions(strings_can_be_null=True)
    with pa_csv.open_csv(
        file, read_options=pa_csv.ReadOptions(block_size=1 << 24), convert_options=empty_is_missing
    ) as reader:
        _refuse_columns(file, reader.schema.names)
        yield from reader


def _refuse_columns(file: Path, names: list[str]) -> None:
    if missing := [name for name in NEEDED if name not in names]:
        raise SourceError(file, f"the columns {', '.join(missing)} are missing", needed=", ".join((*NEEDED, *OPTIONAL)))


class _Reader:
    """Takes the batches of one file one after the other."""

    def __init__(
        self, file: Path, codes: pd.Series, window: tuple[int, int], pseudonyms: Pseudonyms, room: Room
    ) -> None:
        self._file, self._window, self._pseudonyms = file, window, pseudonyms
        self._cells, known = pa.array(codes.index.array, pa.string()), codes.to_numpy(np.int32)
        self._codes = np.append(np.where(known == NO_CELL, _NOWHERE, known), NO_CELL).astype(np.int32)
        self._account = Account()
        self._names: pa.Array | None = None
        self._people, self._heard = np.empty(0, np.uint64), np.empty(0, np.bool_)
        self._room, self._blocks = room, list[Block]()
        self._known: list[pa.Table] = []

    def take(self, batch: pa.RecordBatch) -> None:
        """Read one batch."""
        user, cell = _encoded(batch.column("user")), _encoded(batch.column("cell"))
        person = self._people_of(user.dictionary)
        moment, per_second = _moments(batch.column("time"), self._file)
        serving = pa.array([], pa.int32())
        if "serving_mcc" in batch.schema.names:
            serving = batch.column("serving_mcc").cast(pa.int32())
        at, people = _column(user.indices), self._people[person]
        rows, start, first = (np.zeros(len(people), np.int64) for _ in range(3))
        _count(*at, rows)
        order = np.argsort(people)
        start[order] = np.cumsum(rows[order]) - rows[order]
        stop = start.copy()
        keys = self._room.array(f"keys {len(self._blocks)}", int(rows.sum()), np.int64)
        unplaced, *rejected = _kept(
            at, _column(moment), per_second, _column(cell.indices), self._code_of(cell.dictionary), _column(serving),
            *self._window, start, stop, first, keys,
        )  # fmt: skip
        account = self._account
        account.read, account.kept = account.read + batch.num_rows, account.kept + batch.num_rows - sum(rejected)
        account.unplaced += unplaced
        for reason, lost in zip(REASONS, rejected, strict=True):
            if lost:
                account.rejected[reason] = account.rejected.get(reason, 0) + lost
        self._blocks.append(Block(people[order], start[order], stop[order], keys, self._window[0]))
        fresh = np.flatnonzero((stop > start) & ~self._heard[person])
        if len(fresh):
            self._heard[person[fresh]] = True
            self._note(batch, person[fresh], first[fresh])

    def _code_of(self, names: pa.Array) -> npt.NDArray[np.int32]:
        """Code of each cell id; `flags.NO_CELL` where the network table does not know it."""
        found = pc.fill_null(pc.index_in(names.cast(pa.string()), self._cells), len(self._cells))
        return np.asarray(self._codes[found.to_numpy()])

    def _people_of(self, values: pa.Array) -> npt.NDArray[np.int32]:
        """Number in the file of each value of the batch's dictionary."""
        known = len(self._people)
        self._names, person = _numbered(values[:0] if self._names is None else self._names, values)
        if len(self._names) > known:
            self._people = np.append(self._people, self._pseudonyms.of(self._names[known:]))
            self._heard = np.append(self._heard, np.zeros(len(self._people) - known, np.bool_))
        return person

    def _note(self, batch: pa.RecordBatch, people: npt.NDArray[np.int32], rows: npt.NDArray[np.int64]) -> None:
        """What the first events of users say of them."""
        order = np.argsort(rows)
        picked = pa.array(rows[order])
        given = {name: _plain(batch.column(name).take(picked)) for name in ATTRIBUTES if name in batch.schema.names}
        told = {"user": pa.array(self._people[people[order]]), **given}
        if self._pseudonyms.links:
            names = _plain(batch.column("user").take(picked))
            told |= {name: pa.array(pair.of(names)) for name, pair in self._pseudonyms.links.items()}
        self._known.append(pa.table(told))

    def events(self) -> Events:
        """Everything read."""
        known = pa.concat_tables(self._known or [NOBODY], promote_options="permissive")
        return Events(self._blocks, known, self._account)


@compiled
def _count(at: npt.NDArray[Any], has_user: npt.NDArray[np.uint8], user_bit: int, rows: npt.NDArray[np.int64]) -> None:
    for i in range(at.size):
        if has_user.size == 0 or (has_user[(i + user_bit) >> 3] >> ((i + user_bit) & 7)) & 1:
            rows[at[i]] += 1


@inlined
def _given(bits: npt.NDArray[np.uint8], row: int) -> bool:
    """Whether a row has a value; unsigned, for a number that could be negative is looked up slower."""
    return bool((bits[np.uint64(row) >> np.uint64(3)] >> np.uint8(row & 7)) & 1)


@compiled
def _kept(
    user: Column, time: Column, per_second: int, cell: Column, code: npt.NDArray[np.int32], serving: Column, low: int,
    high: int, start: npt.NDArray[np.int64], stop: npt.NDArray[np.int64], first: npt.NDArray[np.int64], keys: Keys,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Write the rows that can be kept to the places of their users, and the first row of each.

    Second and cell are one number, so that a row is one write, seldom to a place in the cache.

    Returns
    -------
    Rows kept of cells without coordinates, and rows of each of `REASONS`.
    """
    (at, has_user, user_bit), (moment, has_time, time_bit) = user, time
    (which, has_cell, cell_bit), (mcc, has_mcc, mcc_bit) = cell, serving
    nowhere, no_user, no_time, apart = 0, 0, 0, 0
    lowest, span = low * per_second, np.uint64((high - low) * per_second)
    for i in range(at.size):
        if has_user.size > 0 and not _given(has_user, i + user_bit):
            no_user += 1
            continue
        if has_time.size > 0 and not _given(has_time, i + time_bit):
            no_time += 1
            continue
        since = np.uint64(moment[i] - lowest)  # before the window: a very large number
        if since >= span:
            apart += 1
            continue
        # divided faster by a number the compiler knows
        second = since // np.uint64(1_000_000) if per_second == 1_000_000 else since // np.uint64(per_second)
        c = np.int32(NO_CELL)
        if has_cell.size == 0 or _given(has_cell, i + cell_bit):
            c = code[np.uint32(which[i])]
        if mcc.size > 0 and mcc[i] != HOME_MCC and (has_mcc.size == 0 or _given(has_mcc, i + mcc_bit)):
            c = np.int32(ABROAD)
        if c == _NOWHERE:
            nowhere += 1
            c = np.int32(NO_CELL)
        p = np.uint32(at[i])
        k = stop[p]
        if k == start[p]:
            first[p] = i
        keys[np.uint64(k)] = (np.int64(second) << SECOND) + (c + CELL_ZERO)
        stop[p] = k + 1
    return nowhere, no_user, no_time, apart


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _column(values: pa.Array) -> Column:
    """Numbers of an Arrow array, its bits of validity (none where every value is there), and the bit of the first."""
    valid, data = values.buffers()
    bits = np.frombuffer(valid, np.uint8) if values.null_count else np.empty(0, np.uint8)
    width = np.dtype(values.type.to_pandas_dtype())
    numbers = np.frombuffer(data, width, len(values), values.offset * width.itemsize) if data else np.empty(0, width)
    return numbers, bits[values.offset >> 3 :], values.offset & 7


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _moments(column: pa.Array, file: Path) -> tuple[pa.Array, int]:
    """Time of each row in parts of a second since 1970, int64, and the parts of a second."""
    per_second = 1
    if pa.types.is_timestamp(column.type):
        per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[column.type.unit]
    elif not pa.types.is_integer(column.type):
        raise SourceError(file, f"the column time is {column.type}", needed="a timestamp, or whole seconds since 1970")
    return column.cast(pa.int64()), per_second
