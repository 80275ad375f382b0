"""Who took what out of the store: a log that only grows, each line bound to the one before by a hash.

``entry_hash = sha256(previous_hash || line)``, the first line with a previous hash of 64 zeros, so a line changed,
inserted or taken out of the middle shows. Lines cut off the end do not show by themselves: compare the head that
`verify` returns with one noted elsewhere (a backup notes it). The same construction is the hash chain of Schneier and
Kelsey, "Secure audit logs to support computer forensics", ACM TISSEC 2 (1999).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.errors import RequestError, StoreError
from models.tables import AccessEntry
from models.tables.base import table_of

LOG = table_of(AccessEntry)
FIRST = "0" * 64
_ALONE = sa.text("LOCK TABLE access_log IN EXCLUSIVE MODE")


@dataclass(frozen=True)
class LogHead:
    """Where the log stands: number of lines, and the hash of the last (64 zeros while there is none)."""

    entries: int
    entry_hash: str


def record(
    connection: sa.Connection,
    actor: str,
    action: str,
    object_: str,
    *,
    rows: int,
    purpose: str | None,
    at: dt.datetime,
) -> LogHead:
    """Append one line, inside the caller's write transaction.

    Parameters
    ----------
    actor : who
    action : what was done, such as ``export``
    object_ : to what: a layer, a product, a file
    rows : how many rows left, >= 0
    purpose : why, where it was said
    at : when, with its time zone

    Raises
    ------
    RequestError : an empty actor, action or object, a negative number of rows, a moment without time zone
    """
    if not (actor and action and object_):
        raise RequestError("a line of the access log needs who, what and to what")
    if rows < 0 or at.tzinfo is None:
        raise RequestError(f"access log: rows {rows}, moment {at!r}; needed are rows >= 0 and a moment with time zone")
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)  # SQLite's write transaction is alone anyway
    last = connection.execute(sa.select(LOG).order_by(LOG.c.entry_id.desc()).limit(1)).first()
    number, before = (1, FIRST) if last is None else (last.entry_id + 1, last.entry_hash)
    kept = at.replace(microsecond=at.microsecond // 1000 * 1000)  # a GeoPackage holds milliseconds
    line = {"entry_id": number, "actor": actor, "at": kept, "action": action, "object": object_}
    line |= {"row_count": rows, "purpose": purpose, "previous_hash": before}
    digest = entry_hash(line)
    connection.execute(sa.insert(LOG).values(**line, entry_hash=digest))
    return LogHead(number, digest)


def entry_hash(line: dict[str, Any]) -> str:
    """Hash of a line: sha256 over the hash before it and its other columns as JSON.

    The moment is in UTC to the microsecond: PostgreSQL holds microseconds, and none of them may change unseen.
    """
    moment = line["at"].astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    names = ("entry_id", "actor", "action", "object", "row_count", "purpose")
    text = json.dumps([moment, *(line[name] for name in names)], ensure_ascii=False)
    return hashlib.sha256(line["previous_hash"].encode() + text.encode("utf-8", "surrogatepass")).hexdigest()


def verify(connection: sa.Connection) -> LogHead:
    """Compute the whole chain again.

    Raises
    ------
    StoreError : a line was changed, inserted or taken out; names the first that does not fit
    """
    head = LogHead(0, FIRST)
    rows = connection.execution_options(yield_per=10_000).execute(sa.select(LOG).order_by(LOG.c.entry_id))
    try:
        for row in rows.mappings():
            line = dict(row)
            fits = line["entry_id"] == head.entries + 1 and line["previous_hash"] == head.entry_hash
            if not fits or entry_hash(line) != line["entry_hash"]:
                raise _broken(f"line {line['entry_id']} ({line['actor']}, {line['at']:%Y-%m-%d %H:%M} UTC)", head)
            head = LogHead(line["entry_id"], line["entry_hash"])
    except ValueError as error:  # a moment that is none
        raise _broken(f"a line after line {head.entries}", head) from error
    return head


def _broken(line: str, head: LogHead) -> StoreError:
    return StoreError(
        f"access log: {line} does not fit the {head.entries:,} lines before it: it was changed, or a line was "
        "inserted or taken out. Keep the file as it is and compare it with a backup."
    )
