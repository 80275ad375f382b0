"""Publishes a build: products first (immutable files), then tables, books and the live flag in one
transaction."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.errors import StoreError
from models.storage import load_geopackage, load_postgis
from models.storage.builds import Build, record_build
from models.storage.engine import checkpoint, writing
from models.storage.prepare import Prepared, prepare
from models.storage.products import ProductFile, ProductShelf
from models.storage.texts import TextShelf
from models.tables import Base, SourceFileRecord, TableVersion
from models.tables.base import table_of

KEEP = 3
_VERSIONS = table_of(TableVersion)
_SOURCES = table_of(SourceFileRecord)
_DERIVED_SOURCE_COLUMNS = ("fid", "build_id")


def loaded_tables() -> tuple[str, ...]:
    """Names of the tables a build replaces whole, parents before the tables that point at them."""
    return tuple(t.name for t in Base.metadata.sorted_tables if t.info["loaded"])


def publish(
    engine: sa.Engine,
    shelf: ProductShelf,
    texts: TextShelf,
    builds_folder: Path,
    *,
    build_id: str,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    products: Mapping[str, Path],
    at: dt.datetime,
) -> Build:
    """Do the work of `models.store.Store.publish` for the holder of the build lock."""
    sources = tables.get("source_files")
    unknown = sorted(set(tables) - set(loaded_tables()) - {"source_files"})
    if unknown:
        raise StoreError(f"no table {', '.join(unknown)}; a build may replace {', '.join(loaded_tables())}")
    prepared = [prepare(Base.metadata.tables[name], tables[name]) for name in loaded_tables() if name in tables]
    files = {name: shelf.put(name, path) for name, path in products.items()}
    searched = {item.content_hash: item for item in prepared if item.table.name == "legal_persons"}
    for content_hash, item in searched.items():
        texts.put(content_hash, item.columns)
    with engine.connect() as peek:
        changed = _changed(peek, prepared)
    build = Build(build_id, at, _manifest(manifest, prepared, changed, files), live=True)
    write_copy(builds_folder, build)
    with writing(engine, foreign_keys=False) as connection:
        changed = _changed(connection, prepared)
        for item in changed:
            if engine.dialect.name == "postgresql":
                load_postgis.replace(connection, item)
            else:
                load_geopackage.replace(connection, item, at)
            _record_version(connection, item, build)
        if engine.dialect.name == "sqlite" and changed:
            load_geopackage.check_keys(connection, _touched([item.table.name for item in changed]))
        kept = record_build(connection, build, KEEP)
        _record_sources(connection, build_id, sources, [b.build_id for b in kept])
    if engine.dialect.name == "sqlite":
        checkpoint(engine)
    if searched:
        texts.prune(list(searched))
    tidy(shelf, builds_folder, kept)
    return build


def tidy(shelf: ProductShelf, builds_folder: Path, kept: Sequence[Build]) -> None:
    """Delete the products and manifests that no kept build names; only the build lock's holder may."""
    shelf.prune(entry.file for b in kept for entry in b.products.values())
    names = {_copy_name(b.build_id) for b in kept}
    for path in builds_folder.glob("*"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def _changed(connection: sa.Connection, prepared: list[Prepared]) -> list[Prepared]:
    rows = connection.execute(sa.select(_VERSIONS.c.table_name, _VERSIONS.c.content_hash)).all()
    known = {row.table_name: row.content_hash for row in rows}
    return [item for item in prepared if known.get(item.table.name) != item.content_hash]


def _manifest(
    given: Mapping[str, Any], prepared: list[Prepared], changed: list[Prepared], files: dict[str, ProductFile]
) -> dict[str, Any]:
    new = {item.table.name for item in changed}
    tables = {
        item.table.name: {"hash": item.content_hash, "rows": item.rows, "changed": item.table.name in new}
        for item in prepared
    }
    plain: dict[str, Any] = json.loads(json.dumps(dict(given), ensure_ascii=False, default=str))
    return {**plain, "tables": tables, "products": {name: entry.as_dict() for name, entry in files.items()}}


def _record_version(connection: sa.Connection, item: Prepared, build: Build) -> None:
    connection.execute(sa.delete(_VERSIONS).where(_VERSIONS.c.table_name == item.table.name))
    row = {"table_name": item.table.name, "content_hash": item.content_hash, "row_count": item.rows}
    connection.execute(sa.insert(_VERSIONS).values(**row, build_id=build.build_id, loaded_at=build.created_at))


def _touched(changed: list[str]) -> list[str]:
    pointing = [
        table.name
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name in changed for key in table.foreign_keys)
    ]
    return [name for name in loaded_tables() if name in {*changed, *pointing}]


def _record_sources(connection: sa.Connection, build_id: str, sources: pd.DataFrame | None, kept: list[str]) -> None:
    gone = sa.or_(_SOURCES.c.build_id == build_id, _SOURCES.c.build_id.not_in(kept))
    connection.execute(sa.delete(_SOURCES).where(gone))
    if sources is None or sources.empty:
        return
    names = [c.name for c in _SOURCES.columns if c.name not in _DERIVED_SOURCE_COLUMNS]
    unknown = sorted(set(sources.columns) - set(names))
    if unknown:
        raise StoreError(f"table source_files: no place for column {', '.join(unknown)}; it has {', '.join(names)}")
    clean = sources.astype(object).where(sources.notna(), None)
    rows = [{"build_id": build_id, **dict.fromkeys(names), **row} for row in clean.to_dict("records")]
    connection.execute(sa.insert(_SOURCES), rows)


def _copy_name(build_id: str) -> str:
    return f"{build_id}.json"


def write_copy(folder: Path, build: Build) -> None:
    """Write a build's manifest beside the database, for people and programs that read files."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _copy_name(build.build_id)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    head = {"build_id": build.build_id, "created_at": build.created_at.isoformat()}
    beside.write_text(json.dumps({**head, **build.manifest}, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)
