"""Photos and documents that belong to a warning or a task: checked by their content, kept in files named by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log, lifecycle, tasks
from models.casework.conflict import need_actor, new_id
from models.casework.connections import Connections
from models.errors import RequestError, StoreError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import Attachment
from models.tables.base import table_of
from models.tables.cases import LARGEST_ATTACHMENT

ATTACHMENTS = table_of(Attachment)
FOLDER = "attachments"
SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_HEADS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", "application/pdf"))
_ENDS = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82", "application/pdf": b"%%EOF"}
_TAIL = 1024


def media_type(content: bytes) -> str:
    """What a file is by its first and last bytes, whatever its name says.

    Raises
    ------
    RequestError : empty, larger than 5 MB, or neither a whole JPEG, PNG nor PDF
    """
    if not content:
        raise RequestError("the file is empty")
    if len(content) > LARGEST_ATTACHMENT:
        size, most = len(content) / 2**20, LARGEST_ATTACHMENT / 2**20
        raise RequestError(f"the file has {size:.1f} MB; allowed are {most:.0f} MB. Make it smaller.")
    kind = next((kind for head, kind in _HEADS if content.startswith(head)), None)
    if kind is None:
        raise RequestError("the file is neither a JPEG, a PNG nor a PDF by its content; allowed are those three")
    if _ENDS[kind] not in content[-_TAIL:]:
        raise RequestError(f"the file begins as {kind} and does not end as one: it is not whole. Send it again.")
    return kind


def plain_name(name: str, kind: str) -> str:
    """The given name without folders and control characters, at most 100 characters, with the suffix of its kind."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"[\x00-\x1f\x7f<>:\"|?*/]", "", PurePosixPath(last).stem).strip(" .")[:100]
    return f"{stem or 'file'}{SUFFIX[kind]}"


class AttachmentDoor(Connections):
    """Attachments: add, list, read."""

    def add_attachment(
        self,
        content: bytes,
        name: str,
        *,
        actor: str,
        at: dt.datetime,
        warning_key: str | None = None,
        task_id: int | None = None,
    ) -> int:
        """Keep a file with a warning or a task.

        Raises
        ------
        RequestError : not a JPEG, PNG or PDF of at most 5 MB
        UnknownNameError : no such warning or task
        StoreError : the disk does not take it; nothing was written
        """
        need_actor(actor, at)
        kind = media_type(content)
        digest = hashlib.sha256(content).hexdigest()
        with self._writing() as connection:
            if warning_key is not None:
                lifecycle.warning(connection, warning_key)
            if task_id is not None:
                tasks.task(connection, task_id)
            _keep(self._folder() / f"{digest}{SUFFIX[kind]}", content)
            values = {"warning_key": warning_key, "task_id": task_id, "file_name": plain_name(name, kind)}
            facts = {"media_type": kind, "size_bytes": len(content), "sha256": digest}
            stamp = {"added_by": actor, "added_at": at}
            number = new_id(connection.execute(sa.insert(ATTACHMENTS).values(**values, **facts, **stamp)))
            about = f"attachment {number} of {warning_key or f'task {task_id}'}"
            access_log.record(connection, actor, "attach", about, rows=1, purpose=None, at=at)
            return number

    def attachments(self, *, warning_key: str | None = None, task_id: int | None = None) -> pd.DataFrame:
        """Attachments of a warning or a task, oldest first, without their bytes."""
        given = {"warning_key": warning_key, "task_id": task_id}
        tests = [ATTACHMENTS.c[name] == value for name, value in given.items() if value is not None]
        query = sa.select(ATTACHMENTS).where(*tests).order_by(ATTACHMENTS.c.attachment_id)
        with self._reading() as connection:
            return frame_of(connection.execute(query).all(), list(ATTACHMENTS.columns), connection.dialect.name)

    def attachment(self, attachment_id: int) -> dict[str, Any]:
        """All columns of one attachment; raises UnknownNameError where there is none."""
        with self._reading() as connection:
            query = sa.select(ATTACHMENTS).where(ATTACHMENTS.c.attachment_id == attachment_id)
            row = connection.execute(query).first()
        if row is None:
            raise UnknownNameError(f"there is no attachment {attachment_id}")
        return dict(row._mapping)

    def read_attachment(self, attachment_id: int, *, actor: str, at: dt.datetime) -> bytes:
        """The bytes of an attachment; the reading is logged.

        Raises
        ------
        StoreError : its file is missing or is not what was kept
        """
        row = self.attachment(attachment_id)
        path = self._folder() / f"{row['sha256']}{SUFFIX[row['media_type']]}"
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"{path} is missing; take it from a backup") from error
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            raise StoreError(f"{path} is not what was kept: it was changed. Take it from a backup.")
        with self._writing() as connection:
            what = f"attachment {attachment_id}"
            access_log.record(connection, actor, "read", what, rows=1, purpose=None, at=at)
        return content

    def _folder(self) -> Path:
        return self.home / FOLDER


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; the same content is there already."""
    if path.exists():
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StoreError(f"{path.parent}: the attachment could not be written ({error.strerror or error})") from error
