"""Turns what databases and disks raise into one clear paragraph for the person who must act."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import sqlalchemy.exc as sx

from models.errors import StoreError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_full(where: str) -> StoreError:
    """The error for a disk, quota or database that cannot take more."""
    return StoreError(
        f"{where}: the disk is full, so nothing was changed and the last build is intact. Free disk space, "
        "or point "
        "CITYHEX_HOME at another disk, and start again."
    )


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Raise `StoreError` for a full disk, a busy or unreachable database, or a row that breaks a rule of the
    schema."""
    try:
        yield
    except sx.IntegrityError as error:
        raise StoreError(
            f"{where}: a row breaks a rule of the database, so nothing was changed: {first_line(error)}"
        ) from error
    except sx.DBAPIError as error:
        text = first_line(error)
        if "disk is full" in text or "disk I/O error" in text or "No space left" in text:
            raise disk_full(where) from error
        if "locked" in text or "busy" in text:
            raise StoreError(
                f"{where}: another process is writing and did not finish in time, so nothing was changed. "
                "Try again in "
                "a moment."
            ) from error
        if error.connection_invalidated or "connect" in text.lower():
            raise StoreError(
                f"{where}: the database cannot be reached: {text}. Check CITYHEX_DB and the server."
            ) from error
        raise StoreError(f"{where}: the database refused: {text}") from error
    except (OSError, pa.ArrowException) as error:
        if getattr(error, "errno", None) in FULL or "No space left" in str(error):
            raise disk_full(where) from error
        raise


def first_line(error: sx.DBAPIError) -> str:
    """The driver's own words, without SQL and values."""
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
