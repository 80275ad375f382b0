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
from models.fusion.compiled import compiled
from models.signaling.flags import ABROAD, NO_CELL
from models.signaling.room import Room

HOME_MCC = 460
NEEDED = ("user", "time", "cell")
OPTIONAL = ("mcc", "serving_mcc", "home_province", "stratum")
ATTRIBUTES = ("mcc", "home_province", "stratum")
REASONS = ("no_user", "no_time", "other_day")
NOBODY = pa.table({"user": pa.array([], pa.uint64())})
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
class Events:
    """Events of one file in its own order.

    Attributes
    ----------
    people : (m) hashed pseudonyms of the users of the file, uint64, each once, in the order they are first named
    who : (n) position of each event's user in ``people``
    start : UTC second since 1970 that ``time`` counts from
    time : (n) seconds since ``start``
    cell : (n) code in the network of the date, `flags.NO_CELL` or `flags.ABROAD`
    attributes : one row per user with an event: user, mcc, home_province, stratum, where the file says them, and the
        hashes of links; what the first event says counts
    account : what became of the rows
    """

    people: npt.NDArray[np.uint64]
    who: npt.NDArray[np.int32]
    start: int
    time: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int32]
    attributes: pa.Table
    account: Account

    @property
    def users(self) -> npt.NDArray[np.uint64]:
        """(n) hashed pseudonym of each event."""
        return self.people[self.who]


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
    for batch in _parquet(file, row_groups, reader) if file.suffix == ".parquet" else _csv(file):
        reader.take(batch)
    return reader.events()


def _parquet(file: Path, row_groups: Sequence[int] | None, reader: _Reader) -> Iterator[pa.RecordBatch]:
    metadata = pq.read_metadata(file, memory_map=True)
    schema = metadata.schema.to_arrow_schema()
    _refuse_columns(file, schema.names)
    groups = range(metadata.num_row_groups) if row_groups is None else row_groups
    reader.expect(sum(metadata.row_group(k).num_rows for k in groups))
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
        placed = codes.where(codes != NO_CELL, _NOWHERE)
        self._cells = pa.array(placed.index.tolist(), pa.string())
        self._codes = np.append(placed.to_numpy(np.int32), np.int32(NO_CELL))
        self._account = Account()
        self._names: pa.Array | None = None
        self._people, self._first = np.empty(0, np.uint64), np.empty(0, np.int64)
        self._room, self._rows = room, np.empty((3, 0), np.int32)
        self._known: list[pa.Table] = []

    def expect(self, rows: int) -> None:
        """Make room for a number of rows in all."""
        kept = self._account.kept
        if rows > self._rows.shape[1]:
            known = self._rows[:, :kept].copy()
            self._rows = self._room.array("rows", 3 * rows, np.int32).reshape(3, rows)
            self._rows[:, :kept] = known

    def take(self, batch: pa.RecordBatch) -> None:
        """Read one batch."""
        user, cell = _encoded(batch.column("user")), _encoded(batch.column("cell"))
        person = self._people_of(user.dictionary)
        moment, per_second = _moments(batch.column("time"), self._file)
        serving = pa.array([], pa.int32())
        if "serving_mcc" in batch.schema.names:
            serving = batch.column("serving_mcc").cast(pa.int32())
        n, account = batch.num_rows, self._account
        begin = account.kept
        if begin + n > self._rows.shape[1]:
            self.expect(2 * (begin + n))
        before = self._first.copy()
        kept, unplaced, *rejected = _kept(
            _column(user.indices), person, _column(moment), per_second, _column(cell.indices),
            self._code_of(cell.dictionary), _column(serving), *self._window, self._first,
            *(column[begin : begin + n] for column in self._rows),
        )  # fmt: skip
        account.read, account.kept = account.read + n, begin + kept
        account.unplaced += unplaced
        for reason, rows in zip(REASONS, rejected, strict=True):
            if rows:
                account.rejected[reason] = account.rejected.get(reason, 0) + rows
        fresh = np.flatnonzero((self._first >= 0) & (before < 0))
        if len(fresh):
            self._note(batch, fresh)

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
            self._first = np.append(self._first, np.full(len(self._people) - known, -1, np.int64))
        return person

    def _note(self, batch: pa.RecordBatch, fresh: npt.NDArray[np.int64]) -> None:
        """What the first events of users say of them."""
        rows = self._first[fresh]
        order = np.argsort(rows)
        picked = pa.array(rows[order])
        given = {name: _plain(batch.column(name).take(picked)) for name in ATTRIBUTES if name in batch.schema.names}
        told = {"user": pa.array(self._people[fresh[order]]), **given}
        if self._pseudonyms.links:
            names = _plain(batch.column("user").take(picked))
            told |= {name: pa.array(pair.of(names)) for name, pair in self._pseudonyms.links.items()}
        self._known.append(pa.table(told))

    def events(self) -> Events:
        """Everything read."""
        who, time, cell = (column[: self._account.kept] for column in self._rows)
        known = pa.concat_tables(self._known or [NOBODY], promote_options="permissive")
        return Events(self._people, who, self._window[0], time, cell, known, self._account)


@compiled
def _kept(
    user: Column, person: npt.NDArray[np.int32], time: Column, per_second: int, cell: Column,
    code: npt.NDArray[np.int32], serving: Column, low: int, high: int, first: npt.NDArray[np.int64],
    to_who: npt.NDArray[np.int32], to_time: npt.NDArray[np.int32], to_cell: npt.NDArray[np.int32],
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Write the rows that can be kept, and their first row of each user.

    Returns
    -------
    Rows kept, rows kept of cells without coordinates, and rows of each of `REASONS`.
    """
    (at, has_user, user_bit), (moment, has_time, time_bit) = user, time
    (which, has_cell, cell_bit), (mcc, has_mcc, mcc_bit) = cell, serving
    kept, nowhere, no_user, no_time, apart = 0, 0, 0, 0, 0
    lowest, highest = low * per_second, high * per_second
    for i in range(at.size):
        if has_user.size > 0 and not (has_user[(i + user_bit) >> 3] >> ((i + user_bit) & 7)) & 1:
            no_user += 1
        elif has_time.size > 0 and not (has_time[(i + time_bit) >> 3] >> ((i + time_bit) & 7)) & 1:
            no_time += 1
        elif moment[i] < lowest or moment[i] >= highest:
            apart += 1
        else:
            p = person[at[i]]
            to_who[kept] = p
            since = moment[i] - lowest  # never negative, and divided faster by a number the compiler knows
            if per_second == 1_000_000:
                to_time[kept] = since // 1_000_000
            else:
                to_time[kept] = since // 1_000 if per_second == 1_000 else since // per_second
            c = NO_CELL
            if has_cell.size == 0 or (has_cell[(i + cell_bit) >> 3] >> ((i + cell_bit) & 7)) & 1:
                c = code[which[i]]
            abroad = mcc.size > 0 and mcc[i] != HOME_MCC
            if abroad and (has_mcc.size == 0 or (has_mcc[(i + mcc_bit) >> 3] >> ((i + mcc_bit) & 7)) & 1):
                c = ABROAD
            nowhere += c == _NOWHERE
            to_cell[kept] = NO_CELL if c == _NOWHERE else c
            if first[p] < 0:
                first[p] = i
            kept += 1
    return kept, nowhere, no_user, no_time, apart


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
