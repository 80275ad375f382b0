"""Numbered documents (文书): organ, type, year and serial, without a gap and without a number given twice.

The number is taken and the document written in one transaction, so a document that is not written takes no number. On
PostgreSQL the row of the serial stays locked until then; on SQLite the write transaction is alone anyway.
"""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log
from models.casework.conflict import need_actor, new_id
from models.casework.connections import Connections
from models.errors import RequestError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import Document, DocumentSerial
from models.tables.base import table_of

DOCUMENTS, SERIALS = table_of(Document), table_of(DocumentSerial)
WORDS = {"check": "核查", "interview": "约谈", "correct": "责改", "inquiry": "询问", "transfer": "移送"}
"""Types of documents, and the word of each in its numbers."""
KINDS = tuple(WORDS.values())
_in_turn = threading.Lock()
"""Threads of one process wait here in turn: SQLite lets those that wait for it try again at random."""
_NEXT = sa.text(
    "INSERT INTO document_serials (organ, kind, year, last) VALUES (:organ, :kind, :year, 1) "
    "ON CONFLICT (organ, kind, year) DO UPDATE SET last = document_serials.last + 1 RETURNING last"
)


def number_text(organ: str, kind: str, year: int, serial: int) -> str:
    """The number as it is printed, such as 渝市监核查〔2015〕12号."""
    return f"{organ}{kind}〔{year}〕{serial}号"


class DocumentDoor(Connections):
    """Documents: issue, read, list."""

    def issue_document(
        self,
        kind: str,
        title: str,
        *,
        organ: str,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
        content: str | None = None,
        subject_id: str | None = None,
        warning_key: str | None = None,
        task_id: int | None = None,
    ) -> dict[str, Any]:
        """Give a document the next number of its organ, type and year, and keep it.

        Parameters
        ----------
        kind : word of its type; it is part of the number
        organ : prefix of the organ's numbers (文号机关代字)
        as_of : business date; its year is the year of the number
        content : what it says, as text

        Raises
        ------
        RequestError : no organ, type or title
        """
        need_actor(actor, at)
        if not (organ.strip() and kind.strip() and title.strip()):
            raise RequestError("a document needs the organ, its type and a title")
        with _in_turn, self._writing() as connection:
            key = {"organ": organ, "kind": kind, "year": as_of.year}
            serial = int(connection.execute(_NEXT, key).scalar_one())
            named = number_text(organ, kind, as_of.year, serial)
            values = {
                **key, "serial": serial, "number": named, "title": title,
                "subject_id": subject_id, "warning_key": warning_key, "task_id": task_id, "content": content,
                "issued_on": as_of, "issued_by": actor, "issued_at": at,
            }  # fmt: skip
            number = new_id(connection.execute(sa.insert(DOCUMENTS).values(**values)))
            access_log.record(connection, actor, "issue", named, rows=1, purpose=title, at=at)
            return {"document_id": number, **values}

    def document(self, document_id: int) -> dict[str, Any]:
        """All columns of one document; raises UnknownNameError where there is none of that id."""
        with self._reading() as connection:
            row = connection.execute(sa.select(DOCUMENTS).where(DOCUMENTS.c.document_id == document_id)).first()
        if row is None:
            raise UnknownNameError(f"there is no document {document_id}")
        return dict(row._mapping)

    def documents(self, *, subject_id: str | None = None, warning_key: str | None = None) -> pd.DataFrame:
        """Documents, newest first, of one subject or one warning where given."""
        given = {"subject_id": subject_id, "warning_key": warning_key}
        tests = [DOCUMENTS.c[name] == value for name, value in given.items() if value is not None]
        query = sa.select(DOCUMENTS).where(*tests).order_by(DOCUMENTS.c.document_id.desc())
        with self._reading() as connection:
            return frame_of(connection.execute(query).all(), list(DOCUMENTS.columns), connection.dialect.name)
