"""The products of one build as frames: read once, kept while the build lives, never changed by a layer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from models.errors import NotBuiltError

KEPT_BYTES = 1_500_000_000
TABLES = ("districts", "towns", "grids", "roads", "waters")
"""Tables that layers read like products: the build's own copy where it keeps one, else the table that stands now."""


class Build(Protocol):
    """What is needed of a build of the store."""

    @property
    def build_id(self) -> str:
        """Its name."""
        ...

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What it says about itself."""
        ...


class Store(Protocol):
    """What the layers need of a store; `models.store.Store` is one."""

    def live_build(self) -> Build | None:
        """The build that is shown."""
        ...

    def builds(self) -> Sequence[Build]:
        """Every build that can still be shown."""
        ...

    def product(
        self,
        name: str,
        build_id: str | None = None,
        columns: Sequence[str] | None = None,
        filters: Any = None,
    ) -> pa.Table:
        """One product of a build."""
        ...

    def products(self, build_id: str | None = None) -> Mapping[str, Any]:
        """The products of a build by name."""
        ...

    def count(self, table: str) -> int:
        """Rows of a table."""
        ...

    def frame(self, table: str) -> pd.DataFrame:
        """A whole table; with a geometry a GeoDataFrame in EPSG:4326."""
        ...


class _Frames:
    """Frames by (store, build, product, columns), the least recently used dropped beyond `KEPT_BYTES`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], tuple[pd.DataFrame, int]] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> pd.DataFrame | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: tuple[Any, ...], frame: pd.DataFrame) -> None:
        with self._lock:
            self._kept[key] = (frame, int(frame.memory_usage(deep=False).sum()))
            while sum(size for _, size in self._kept.values()) > KEPT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)


_FRAMES = _Frames()


@dataclass(frozen=True, eq=False)
class Products:
    """Reads products of one build, so that one answer never mixes two.

    Parameters
    ----------
    store : where the products are
    build_id : the build to read
    manifest : what the build says about itself
    """

    store: Store
    build_id: str
    manifest: Mapping[str, Any]

    def __hash__(self) -> int:
        return hash((self.store, self.build_id))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Products) and self.store is other.store and self.build_id == other.build_id

    @classmethod
    def live(cls, store: Store, build_id: str | None = None) -> Products:
        """Products of the build that is shown, or of ``build_id`` where it is still kept.

        Raises
        ------
        NotBuiltError : the city has no build, or that build is gone
        """
        if build_id is not None:
            for build in store.builds():
                if build.build_id == build_id:
                    return cls(store, build.build_id, build.manifest)
            raise NotBuiltError(f"Build {build_id} is no longer kept; ask for the live one.")
        live = store.live_build()
        if live is None:
            raise NotBuiltError("This city has no build yet. Make one with: cityhex build CITY")
        return cls(store, live.build_id, live.manifest)

    def has(self, name: str) -> bool:
        """Whether the build holds the product, or there are rows of a table of that name."""
        return name in self.store.products(self.build_id) or (name in TABLES and self.store.count(name) > 0)

    def require(self, names: tuple[str, ...], what: str) -> None:
        """Refuse where a product is missing, saying what to build.

        Raises
        ------
        NotBuiltError : at least one of ``names`` is not in the build
        """
        missing = [name for name in names if not self.has(name)]
        if missing:
            raise NotBuiltError(
                f"{what} needs the product{'s' if len(missing) > 1 else ''} {', '.join(missing)}, which build "
                f"{self.build_id} does not hold. Add a source for it to the city's profile and run: cityhex build CITY"
            )

    def frame(self, name: str, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        """One product as a frame (with geometry a GeoDataFrame in EPSG:4326); not to be changed by the caller."""
        key = (self.store, self.build_id, name, columns)
        found = _FRAMES.get(key)
        if found is None:
            if name in TABLES and name not in self.store.products(self.build_id):
                found = self.store.frame(name)
            else:
                found = to_frame(self.store.product(name, self.build_id, columns))
            _FRAMES.put(key, found)
        return found


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame with the project's dtypes; a GeoDataFrame where the table carries geometry."""
    if b"geo" in (table.schema.metadata or {}) and "geometry" in table.column_names:
        shapes: pd.DataFrame = gpd.GeoDataFrame.from_arrow(table)
        return shapes
    frame: pd.DataFrame = table.to_pandas()
    return frame
