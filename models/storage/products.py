"""Immutable Parquet files of products, named by their content, with a small cache of what was read."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import StoreError, UnknownNameError

CACHE_BYTES = 256 * 1024 * 1024
Filters = Sequence[tuple[str, str, Any]] | Sequence[Sequence[tuple[str, str, Any]]]


@dataclass(frozen=True)
class ProductFile:
    """One product of one build: its file below the products folder, and what is in it."""

    name: str
    file: str
    sha256: str
    rows: int
    bytes: int
    columns: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON form, kept in the build's manifest."""
        return {**asdict(self), "columns": list(self.columns)}

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> ProductFile:
        """Read the JSON form."""
        return cls(**{**entry, "columns": tuple(entry["columns"])})


class ProductShelf:
    """The products of one city on disk.

    Parameters
    ----------
    folder : where the files are; made when the first product is put there
    cache_bytes : memory the cache of read tables may take
    """

    def __init__(self, folder: Path, cache_bytes: int = CACHE_BYTES) -> None:
        self.folder = folder
        self._limit = cache_bytes
        self._cache: OrderedDict[tuple[str, tuple[str, ...]], pa.Table] = OrderedDict()
        self._guard = threading.Lock()

    def put(self, name: str, path: Path) -> ProductFile:
        """Copy a Parquet file to its place, whole or not at all; a file that is there already is kept.

        Raises
        ------
        StoreError : not a Parquet file
        """
        try:
            schema, rows = pq.read_schema(path), pq.read_metadata(path).num_rows
        except (pa.ArrowInvalid, FileNotFoundError) as error:
            raise StoreError(f"product {name}: {path.name} cannot be read as Parquet: {error}") from error
        with path.open("rb") as handle:
            sha = hashlib.file_digest(handle, "sha256").hexdigest()
        target = self.folder / name / f"{sha[:16]}.parquet"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
            try:
                shutil.copyfile(path, beside)
                with beside.open("rb+") as handle:
                    os.fsync(handle.fileno())
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)
        return ProductFile(name, f"{name}/{target.name}", sha, rows, target.stat().st_size, tuple(schema.names))

    def read(self, entry: ProductFile, columns: Sequence[str] | None, filters: Filters | None) -> pa.Table:
        """Read columns and rows of a product, memory-mapped, through the cache.

        Raises
        ------
        UnknownNameError : a column the product does not have
        """
        wanted = tuple(entry.columns if columns is None else columns)
        tested = tuple(name for name in _filter_columns(filters) if name not in wanted)
        unknown = [name for name in (*wanted, *tested) if name not in entry.columns]
        if unknown:
            raise UnknownNameError(
                f"product {entry.name} has no column {', '.join(unknown)}; it has {', '.join(entry.columns)}"
            )
        table = self._cached(entry, (*wanted, *tested))
        if filters is None or not len(filters):
            return table
        return table.filter(pq.filters_to_expression(filters)).select(list(wanted))

    def _cached(self, entry: ProductFile, columns: tuple[str, ...]) -> pa.Table:
        key = (entry.file, columns)
        with self._guard:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        table = pq.read_table(self.folder / entry.file, columns=list(columns), memory_map=True)
        with self._guard:
            self._cache[key] = table
            total = sum(t.nbytes for t in self._cache.values())
            while total > self._limit and self._cache:
                total -= self._cache.popitem(last=False)[1].nbytes
        return table

    def prune(self, keep: Iterable[str]) -> list[str]:
        """Delete files that no kept build names, and what killed copies left; only the build lock's holder
        may."""
        kept = set(keep)
        gone = []
        for path in sorted(self.folder.glob("*/*")):
            label = path.relative_to(self.folder).as_posix()
            if label not in kept:
                path.unlink(missing_ok=True)
                gone.append(label)
        for folder in self.folder.glob("*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return gone


def _filter_columns(filters: Filters | None) -> list[str]:
    names: dict[str, None] = {}
    for term in filters or ():
        for name in [term[0]] if isinstance(term[0], str) else [inner[0] for inner in term]:
            names[str(name)] = None
    return list(names)
