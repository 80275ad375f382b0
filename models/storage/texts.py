"""What a text search looks in: names, codes and addresses of all legal persons as one array of characters in a file.

A file per content of the table ``legal_persons``, written when a build is published and mapped into memory by every
process that searches, so a scan of a million rows takes tens of milliseconds and the processes share the pages. It is
derived: where it is absent (a restored backup, another computer) it is made again from the table.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from models.tables import LegalPerson, TableVersion
from models.tables.base import table_of

SEARCHED = ("name", "uscc", "address")
FORM = 1  # of the file; a new form gets a new number, and files of the old one are deleted at the next build
_PERSONS, _VERSIONS = table_of(LegalPerson), table_of(TableVersion)
_PART = 100_000
_SAMPLE = 1 << 21
Integers = npt.NDArray[np.int64]


def fold(text: str) -> str:
    """Form in which a text is stored and looked for, the same on every back end."""
    return text.casefold()


@dataclass(frozen=True)
class Texts:
    """The searched texts of n legal persons, in the order of their rows.

    Attributes
    ----------
    characters : uint16, UTF-16 units of all texts one after another, a zero after each
    starts : int64, shape (n,), where each text begins
    fids : int64, shape (n,), row ids
    common : int64, shape (65536,), how often each unit occurs at the beginning of the file; steers speed alone
    """

    characters: npt.NDArray[np.uint16]
    starts: Integers
    fids: Integers
    common: Integers

    @classmethod
    def make(cls, columns: Mapping[str, pa.Array], fids: Integers) -> Texts:
        """Fold and join name, code and address, a line each.

        Parameters
        ----------
        columns : Arrow columns of the legal persons, n rows
        fids : int64, shape (n,)
        """
        filled = [pc.fill_null(columns[name], "") for name in SEARCHED]
        joined = pc.replace_substring(pc.binary_join_element_wise(*filled, "\n"), "\0", " ")
        parts = [joined[at : at + _PART].to_pylist() for at in range(0, len(joined), _PART)]
        units = [np.frombuffer(fold("\0".join([*part, ""])).encode("utf-16-le"), dtype="<u2") for part in parts]
        characters = np.concatenate(units) if units else np.empty(0, dtype=np.uint16)
        return cls.of(characters, fids)

    @classmethod
    def of(cls, characters: npt.NDArray[np.uint16], fids: Integers) -> Texts:
        """Find where each text begins, and which units are common."""
        ends = np.flatnonzero(characters == 0)
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else np.empty(0, dtype=np.int64)
        return cls(characters, starts, fids, np.bincount(characters[:_SAMPLE], minlength=1 << 16))


class TextShelf:
    """The file of searched texts of one city, and what is mapped of it.

    Parameters
    ----------
    folder : where the files are; made when the first is put there
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = threading.Lock()
        self._mapped: tuple[str, Texts] | None = None

    def put(self, content_hash: str, columns: Mapping[str, pa.Array], fids: Integers | None = None) -> None:
        """Write the texts of one content of the table, whole or not at all; a file that is there already is kept."""
        path = self._path(content_hash)
        if path.exists():
            return
        rows = len(next(iter(columns.values())))
        texts = Texts.make(columns, np.arange(1, rows + 1) if fids is None else fids)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            with beside.open("wb") as handle:
                for values in (np.array([len(texts.fids)], dtype="<i8"), texts.fids.astype("<i8"), texts.characters):
                    handle.write(np.ascontiguousarray(values).data)
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def of(self, connection: sa.Connection) -> Texts:
        """The texts of the legal persons this connection sees."""
        content_hash = _live(connection)
        if content_hash is None:
            return Texts.make({name: pa.array([], pa.string()) for name in SEARCHED}, np.empty(0, dtype=np.int64))
        with self._guard:
            if self._mapped is None or self._mapped[0] != content_hash:
                self._mapped = content_hash, self._map(content_hash) or self._read(connection)
            return self._mapped[1]

    def restore(self, connection: sa.Connection) -> None:
        """Write the file of the legal persons this connection sees, and delete the others."""
        content_hash = _live(connection)
        if content_hash is not None and not self._path(content_hash).exists():
            self.put(content_hash, *_table(connection))
        self.prune([] if content_hash is None else [content_hash])

    def prune(self, keep: Sequence[str]) -> None:
        """Delete the files of other contents; only the build lock's holder may."""
        kept = {self._path(content_hash) for content_hash in keep}
        for path in self.folder.glob("*"):
            if path not in kept:
                try:
                    path.unlink(missing_ok=True)
                except PermissionError:  # Windows: mapped by a reader; the next build deletes it
                    continue

    def _path(self, content_hash: str) -> Path:
        return self.folder / f"{content_hash[:16]}.v{FORM}.bin"

    def _map(self, content_hash: str) -> Texts | None:
        try:
            values = np.memmap(self._path(content_hash), dtype="<u2", mode="r")
        except (FileNotFoundError, ValueError):
            return None
        head = values[:4].view("<i8")
        split = 4 * (1 + int(head[0]))
        return Texts.of(np.asarray(values[split:]), np.asarray(values[4:split].view("<i8")))

    @staticmethod
    def _read(connection: sa.Connection) -> Texts:
        return Texts.make(*_table(connection))


def _live(connection: sa.Connection) -> str | None:
    wanted = sa.select(_VERSIONS.c.content_hash).where(_VERSIONS.c.table_name == _PERSONS.name)
    return connection.execute(wanted).scalar_one_or_none()


def _table(connection: sa.Connection) -> tuple[dict[str, pa.Array], Integers]:
    columns = [_PERSONS.c.fid, *(_PERSONS.columns[name] for name in SEARCHED)]
    rows = connection.execute(sa.select(*columns).order_by(_PERSONS.c.fid)).all()
    fids, *values = zip(*rows, strict=True) if rows else [()] * len(columns)
    named = {name: pa.array(v, pa.string()) for name, v in zip(SEARCHED, values, strict=True)}
    return named, np.array(fids, dtype=np.int64)
