"""A city's state in one file, and back: the embedded database, the products its builds name, and attachments.

Every step of casework writes a line of the access log, so a backup that lacks none of its lines lacks no step.

The database is copied by ``VACUUM INTO``, which sees one moment however much is written meanwhile, and comes back by
SQLite's online backup, one transaction: who has the store open reads the old state before it and the restored after it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.casework import access_log
from models.casework.aliases import ALIASES
from models.casework.attachments import FOLDER, SUFFIX
from models.errors import StoreError
from models.storage import builds, migrate
from models.storage.engine import geopackage_engine, reading, schema_name
from models.storage.faults import disk_full

FORMAT = 1
DATABASE, ACCOUNT = "city.gpkg", "backup.json"
_PRODUCT = re.compile(r"products/[^/\\]+/[0-9a-f]{16}\.parquet|attachments/[0-9a-f]{64}\.(jpg|png|pdf)")
_ATTEMPTS = 3


@dataclass(frozen=True)
class Account:
    """What a backup says of itself.

    Attributes
    ----------
    city, at : of which city, and when (UTC, ISO)
    live_build : id of the build that was live, or None
    decisions : number of address decisions, undone ones included
    log : lines of the access log, and the hash of the last
    files : sha256 by name inside the archive
    """

    city: str
    at: str
    live_build: str | None
    decisions: int
    log: tuple[int, str]
    files: dict[str, str]


def save(engine: sa.Engine, city_id: str, home: Path, out: Path, at: dt.datetime) -> Account:
    """Write the backup to a file, whole or not at all; building and deciding may go on meanwhile.

    The person key is not part of it: whoever holds both could find a person by name.

    Raises
    ------
    StoreError : the tables are on a server, the folder of the file is not there, or products vanish faster than they
        are copied
    """
    _embedded_only(engine, city_id, "pg_dump --format=custom --schema={}", home)
    if not out.parent.is_dir():
        raise StoreError(f"{out}: cannot be written; there is no folder {out.parent}")
    for attempt in range(_ATTEMPTS):
        with tempfile.TemporaryDirectory(dir=home, prefix="backup-") as folder:
            copy = Path(folder) / DATABASE
            _copy_to(home, copy)
            try:
                return _pack(copy, city_id, home, out, at)
            except FileNotFoundError as error:  # three newer builds were published meanwhile
                if attempt + 1 == _ATTEMPTS:
                    raise StoreError(
                        f"{city_id}: builds replace each other too fast to be copied; try later"
                    ) from error
    raise AssertionError("unreachable")


def _pack(copy: Path, city_id: str, home: Path, out: Path, at: dt.datetime) -> Account:
    with _read(copy) as connection:
        kept = builds.all_builds(connection)
        head = access_log.verify(connection)
        decisions = connection.execute(sa.select(sa.func.count()).select_from(ALIASES)).scalar_one()
    members = {DATABASE: copy}
    for product in (p for build in kept for p in build.products.values()):
        members[f"products/{product.file}"] = home / "products" / product.file
    live = next((build.build_id for build in kept if build.live), None)
    for path in sorted((home / FOLDER).glob("*.*")):
        if path.suffix in SUFFIX.values():
            members[f"{FOLDER}/{path.name}"] = path
    moment, log = at.astimezone(dt.UTC).isoformat(), (head.entries, head.entry_hash)
    files: dict[str, str] = {}
    beside = out.with_name(f"{out.name}.tmp")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, path in members.items():
                with path.open("rb") as handle:
                    files[name] = hashlib.file_digest(handle, "sha256").hexdigest()
                archive.write(path, name, zipfile.ZIP_STORED if path.suffix == ".parquet" else None)
            account = Account(city_id, moment, live, int(decisions), log, files)
            body = {"format": FORMAT, "person_key": "not included", **account.__dict__}
            archive.writestr(ACCOUNT, json.dumps(body, ensure_ascii=False, indent=1))
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return account


def load(
    engine: sa.Engine, city_id: str, home: Path, file: Path, *, force: bool, at: dt.datetime
) -> list[builds.Build]:
    """Replace the city's tables and products by those of a backup, for the holder of the build lock.

    Parameters
    ----------
    force : restore although decisions or lines of the log written since are lost from the live file; a copy of it is
        kept as ``before-restore-<time>.gpkg``

    Returns
    -------
    The builds that are kept now, newest first.

    Raises
    ------
    StoreError : not a backup, damaged, of another city or a newer version, or it would lose newer decisions; nothing
        was changed
    """
    _embedded_only(engine, city_id, "pg_restore --clean --schema={}", home)
    with tempfile.TemporaryDirectory(dir=home, prefix="restore-") as folder:
        account = _unpack(file, Path(folder), city_id)
        copy = Path(folder) / DATABASE
        with _read(copy) as connection:
            migrate.check(connection, str(file))
            kept = builds.all_builds(connection)
            with reading(engine) as present:
                lost = _lost(present, connection)
        if lost and not force:
            raise StoreError(
                f"{city_id}: since this backup of {account.at[:16]} UTC people wrote {lost}. Restoring would lose "
                "that, so nothing was changed. With --force it is restored and the present file kept beside it."
            )
        if lost:
            _copy_to(home, home / f"before-restore-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.gpkg")
        for name in account.files:
            if name != DATABASE and not (home / name).exists():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).replace(home / name)
        with (
            _named_faults(home / DATABASE),
            closing(sqlite3.connect(copy)) as source,
            closing(sqlite3.connect(home / DATABASE, timeout=60)) as target,
        ):
            source.backup(target)
    return kept


def _unpack(file: Path, folder: Path, city_id: str) -> Account:
    try:
        with zipfile.ZipFile(file) as archive:
            account = _account(archive, file)
            if account.city != city_id:
                raise StoreError(f"{file} is a backup of the city {account.city}, not of {city_id}")
            for name, wanted in account.files.items():
                if name != DATABASE and not _PRODUCT.fullmatch(name):
                    raise StoreError(f"{file}: {name!r} does not belong into a backup")
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                with target.open("rb") as handle:
                    if hashlib.file_digest(handle, "sha256").hexdigest() != wanted:
                        raise StoreError(f"{file} is damaged: {name} is not what was saved. Take another backup.")
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise StoreError(f"{file} is damaged or not a backup of Cityhex: {error}. Take another backup.") from error
    except FileNotFoundError as error:
        raise StoreError(f"{file} does not exist") from error
    return account


def _account(archive: zipfile.ZipFile, file: Path) -> Account:
    try:
        body: dict[str, Any] = json.loads(archive.read(ACCOUNT))
        if body["format"] > FORMAT:
            raise StoreError(f"{file} was written by a newer version of Cityhex (form {body['format']})")
        log = (int(body["log"][0]), str(body["log"][1]))
        files = {str(name): str(digest) for name, digest in dict(body["files"]).items()}
        if DATABASE not in files:
            raise KeyError(DATABASE)
        names = ("city", "at", "live_build", "decisions")
        return Account(log=log, files=files, **{name: body[name] for name in names})
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise StoreError(f"{file} is not a backup of Cityhex: its {ACCOUNT} cannot be read") from error


def _lost(present: sa.Connection, saved: sa.Connection) -> str:
    """What people wrote that the backup does not hold, in words; empty when nothing."""
    decisions = sa.select(ALIASES.c.alias_id, ALIASES.c.uscc, ALIASES.c.decided_at, ALIASES.c.undone_at)
    lines = sa.select(access_log.LOG.c.entry_hash)
    newer = [len(set(present.execute(q).all()) - set(saved.execute(q).all())) for q in (decisions, lines)]
    words = ("decisions or undone decisions", "lines of the access log")
    return " and ".join(f"{n:,} {what}" for n, what in zip(newer, words, strict=True) if n)


@contextmanager
def _read(path: Path) -> Iterator[sa.Connection]:
    engine = geopackage_engine(path)
    try:
        with reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _embedded_only(engine: sa.Engine, city_id: str, command: str, home: Path) -> None:
    if engine.dialect.name != "sqlite":
        raise StoreError(
            f"{city_id}: its tables are in a database server, which has its own means: "
            f"{command.format(schema_name(city_id))}, and the files in {home / 'products'} belong to them."
        )


def _copy_to(home: Path, copy: Path) -> None:
    """Write what the live file holds at this moment to a new file."""
    with _named_faults(home / DATABASE), closing(sqlite3.connect(home / DATABASE, timeout=60)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


@contextmanager
def _named_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if "full" in str(error) or "disk I/O" in str(error):
            raise disk_full(str(path)) from error
        raise StoreError(f"{path}: the database refused: {error}. Nothing was changed.") from error
