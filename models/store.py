"""The door to a city's tables and products: everything that reads or writes them goes through a `Store`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from models.casework.access_log import LogHead
from models.casework.aliases import DecisionConflictError
from models.casework.door import CaseworkDoor
from models.errors import NotBuiltError, RequestError, StoreError, UnknownNameError
from models.settings import Settings
from models.storage import books, builds, pages, spatial
from models.storage.builds import Build
from models.storage.engine import reading, writing
from models.storage.faults import guarded
from models.storage.history import HistoryDoor
from models.storage.lock import BuildLock
from models.storage.opening import bring_up, open_engine
from models.storage.pages import SubjectFilter
from models.storage.products import Filters, ProductFile, ProductShelf
from models.storage.publish import publish, tidy, write_copy
from models.storage.related import RelatedDoor
from models.storage.texts import TextShelf
from models.tables import Base

if TYPE_CHECKING:
    from models.storage.backup import Account

__all__ = ["Build", "DecisionConflictError", "LogHead", "Store", "SubjectFilter"]


class Store(HistoryDoor, RelatedDoor, CaseworkDoor):
    """One city's tables and products; safe to share between threads, and usable again in a forked process.

    Open it with `Store.open`; close it, or use it in a ``with``.
    """

    def __init__(self, city_id: str, home: Path, engine: sa.Engine, where: str, *, read_only: bool) -> None:
        self.city_id, self.home, self.read_only = city_id, home, read_only
        self._engine, self._where = engine, where
        self._shelf = ProductShelf(home / "products")
        self._texts = TextShelf(home / "search")
        self._lock = BuildLock(home, engine, where)

    @classmethod
    def open(cls, city_id: str, settings: Settings, read_only: bool = False) -> Self:
        """Open the store of a city: one GeoPackage below the home folder, or its schema in the PostGIS
        database.

        An absent store is created and an older one is brought to the present schema, unless ``read_only``.

        Raises
        ------
        NotBuiltError : ``read_only`` and there is nothing yet
        StoreError : a file or database of another program, or of a newer version of this one (nothing was
            changed), or a home on a network file system without a database server
        """
        home = settings.city_home(city_id)
        engine, where = open_engine(city_id, home, settings.database_url, read_only=read_only)
        return cls(city_id, home, engine, where, read_only=read_only)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- builds and products

    def build_lock(self) -> AbstractContextManager[None]:
        """Hold the city's build lock; `publish` takes it by itself when it is not held.

        Raises
        ------
        BuildBusyError : another process builds this city; names process, computer and since when
        """
        return self._lock.hold()

    def live_build(self) -> Build | None:
        """The build that readers see, or None before the first."""
        with self._reading() as connection:
            return builds.live_build(connection)

    def require_live_build(self) -> Build:
        """The live build; raises NotBuiltError before the first."""
        build = self.live_build()
        if build is None:
            raise NotBuiltError(f"{self.city_id} has not been built yet. Run: cityhex build {self.city_id}")
        return build

    def builds(self) -> list[Build]:
        """The builds whose products are kept, newest first."""
        with self._reading() as connection:
            return builds.all_builds(connection)

    def publish(
        self,
        build_id: str,
        manifest: Mapping[str, Any],
        tables: Mapping[str, pd.DataFrame],
        products: Mapping[str, Path],
        at: dt.datetime | None = None,
    ) -> Build:
        """Make a build the live one: all of it or nothing, whatever happens on the way.

        Parameters
        ----------
        build_id : name of the build; publishing it again replaces its record
        manifest : JSON-able account of inputs, parameters, code version, row counts, timings
        tables : frames on contract by table name; a table with the same content as now is not touched, and one
            that is not given keeps its content. ``legal_persons`` takes the subjects frame, ``unlocated`` the
            queue, ``source_files`` one row per file (source_id, label, sha256, rows_read, rows_loaded,
            rows_quarantined; bytes, title, licence, attribution and vintage where known)
        products : Parquet files by product name; copied below the home folder under their content's hash
        at : moment of publishing, now where not given

        Raises
        ------
        BuildBusyError : another process builds this city
        StoreError : a frame does not fit, a row breaks a rule, the disk is full; the last build is intact
        """
        self._needs_writing()
        moment = at or dt.datetime.now(dt.UTC)
        with guarded(self._where), self._lock.hold(moment):
            return publish(
                self._engine,
                self._shelf,
                self._texts,
                self.home / "builds",
                build_id=build_id,
                manifest=manifest,
                tables=tables,
                products=products,
                at=moment,
            )

    def products(self, build_id: str | None = None) -> dict[str, ProductFile]:
        """Products of a build (the live one where not named) by name."""
        return self._build(build_id).products

    def product(
        self,
        name: str,
        build_id: str | None = None,
        columns: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> pa.Table:
        """Read a product of a build (the live one where not named).

        Parameters
        ----------
        columns : names to read, all where not given
        filters : as in pyarrow: ``[("resolution", "=", 8), ("month", ">=", "2024-01")]``; a list of lists
            means *or*

        Raises
        ------
        NotBuiltError : no build yet, the build is not kept, or it has no such product
        UnknownNameError : a column the product does not have
        """
        for attempt in (0, 1):
            entries = self.products(build_id)
            if name not in entries:
                raise NotBuiltError(
                    f"{self.city_id}: no product {name}; there are {', '.join(sorted(entries)) or 'none'}"
                )
            try:
                return self._shelf.read(entries[name], columns, filters)
            except FileNotFoundError as error:  # replaced between the two looks: the new build names its own file
                if attempt:
                    raise StoreError(
                        f"{self._shelf.folder / entries[name].file} is missing; build the city again"
                    ) from error
        raise AssertionError("unreachable")

    def _build(self, build_id: str | None) -> Build:
        if build_id is None:
            return self.require_live_build()
        kept = {build.build_id: build for build in self.builds()}
        if build_id not in kept:
            raise NotBuiltError(f"{self.city_id}: build {build_id} is not kept; there are {', '.join(kept) or 'none'}")
        return kept[build_id]

    # --- tables

    def frame(self, table: str, columns: Sequence[str] | None = None, source_id: str | None = None) -> pd.DataFrame:
        """A whole table in the order of its natural key; with a geometry a GeoDataFrame in EPSG:4326.

        Parameters
        ----------
        columns : names to read, all but ``fid`` where not given; leave ``geometry`` out for a plain frame
        source_id : only rows of this source
        """
        item = self._table(table)
        with self._reading() as connection:
            return books.whole_table(connection, item, columns, source_id)

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        with self._reading() as connection:
            return books.count(connection, self._table(table))

    def within(self, table: str, geometry: Any) -> npt.NDArray[np.object_]:
        """Natural keys of the rows of a table whose geometry meets a shapely geometry in EPSG:4326,
        sorted."""
        with self._reading() as connection:
            return spatial.within(connection, self._table(table), geometry)

    def nearest(self, lon: float, lat: float, radius_m: float, limit: int = 50) -> pd.DataFrame:
        """Located legal persons within ``radius_m`` metres, nearest first, with the column ``distance_m``."""
        with self._reading() as connection:
            return spatial.nearest(connection, lon, lat, radius_m, limit)

    def rows_by_source(self) -> dict[tuple[str, str], int]:
        """Rows that stand in the tables, by table and source; derived cells count for the source of their seats."""
        with self._reading() as connection:
            return books.rows_by_source(connection)

    def quarantined_by_source(self) -> dict[str, int]:
        """Rows that stand in the quarantine (each once, however many faults it has), by source."""
        with self._reading() as connection:
            return books.quarantined_by_source(connection)

    def provenance(self, build_id: str | None = None) -> pd.DataFrame:
        """Files the live build (or the named one) was made of, and what became of their rows."""
        build = self._build(build_id)
        with self._reading() as connection:
            return books.provenance(connection, build.build_id)

    # --- pages

    def subjects_page(
        self,
        where: SubjectFilter | None = None,
        sort: str = "uscc",
        descending: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> pages.Page:
        """One page of legal persons, and the number of all that match the filter."""
        with self._reading() as connection:
            return pages.subjects_page(
                connection,
                self._texts,
                where or SubjectFilter(),
                sort,
                descending=descending,
                offset=offset,
                limit=limit,
            )

    def subject(self, uscc: str) -> dict[str, Any]:
        """All columns of a legal person, or of a place of business by its id; raises UnknownNameError for neither."""
        with self._reading() as connection:
            found = pages.subject(connection, uscc)
        if found is None:
            raise UnknownNameError(f"{self.city_id}: no legal person has the code {uscc}")
        return found

    def search(self, text: str, limit: int = 20) -> pd.DataFrame:
        """Legal persons whose name, code or address holds the text, best first."""
        with self._reading() as connection:
            return pages.search(connection, self._texts, text, limit)

    def queue_page(self, offset: int = 0, limit: int = 50, text: str | None = None) -> pages.Page:
        """Un-located legal persons without an active decision, with their candidates, and how many there
        are."""
        with self._reading() as connection:
            return pages.queue_page(connection, self._texts, offset, limit, text)

    def quarantine_page(self, offset: int = 0, limit: int = 50, source_id: str | None = None) -> pages.Page:
        """Rows that were not loaded, each with file, line, column, what was found and why, and how many
        there are."""
        with self._reading() as connection:
            return pages.quarantine_page(connection, offset, limit, source_id)

    # --- backup

    def backup(self, out: Path, at: dt.datetime) -> Account:
        """Write the city's state to one file while it is in use; see `models.storage.backup.save`."""
        from models.storage import backup  # noqa: PLC0415 - a server that starts needs neither archives nor Alembic

        with guarded(self._where):
            return backup.save(self._engine, self.city_id, self.home, out, at)

    def restore(self, file: Path, at: dt.datetime, *, force: bool = False) -> Build | None:
        """Take the city's state back from a backup and give the build that is live then.

        Raises
        ------
        BuildBusyError : the city is being built
        StoreError : see `models.storage.backup.load`; nothing was changed
        """
        from models.storage import backup  # noqa: PLC0415

        self._needs_writing()
        with guarded(self._where), self._lock.hold(at):
            kept = backup.load(self._engine, self.city_id, self.home, file, force=force, at=at)
            self._engine.dispose()
            bring_up(self._engine, self.city_id, self.home, self._where, read_only=False)
            with reading(self._engine) as connection:
                self._texts.restore(connection)
            tidy(self._shelf, self.home / "builds", kept)
            for build in kept:
                write_copy(self.home / "builds", build)
        return self.live_build()

    # --- inside

    def _table(self, name: str) -> sa.Table:
        if name not in Base.metadata.tables:
            raise UnknownNameError(f"there is no table {name}; there are {', '.join(sorted(Base.metadata.tables))}")
        return Base.metadata.tables[name]

    def _needs_writing(self) -> None:
        if self.read_only:
            raise RequestError(f"{self.city_id}: the store was opened for reading only")

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with guarded(self._where), reading(self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        self._needs_writing()
        with guarded(self._where), writing(self._engine) as connection:
            yield connection
