"""What people write through a store: decisions on addresses, casework, and the log of who took what out."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from models.casework import access_log
from models.casework import aliases as decisions
from models.casework.access_log import LogHead
from models.casework.attachments import AttachmentDoor
from models.casework.contests import ContestDoor
from models.casework.documents import DocumentDoor
from models.casework.field_door import FieldDoor
from models.casework.rule_drafts import DraftDoor
from models.casework.task_door import TaskDoor
from models.casework.warning_door import WarningDoor


class CaseworkDoor(DraftDoor, WarningDoor, TaskDoor, FieldDoor, ContestDoor, DocumentDoor, AttachmentDoor):
    """The part of `models.store.Store` that people write through; the store gives it its connections."""

    def decide(
        self,
        uscc: str,
        lon: float,
        lat: float,
        match_level: int,
        place_id: str | None = None,
        *,
        actor: str,
        at: dt.datetime,
        note: str | None = None,
    ) -> int:
        """Record where the address of a legal person lies; see `models.casework.aliases.decide`."""
        with self._writing() as connection:
            return decisions.decide(
                connection,
                uscc,
                lon,
                lat,
                match_level=match_level,
                place_id=place_id,
                actor=actor,
                at=at,
                note=note,
            )

    def undo(self, alias_id: int, actor: str, at: dt.datetime) -> None:
        """Take a decision back; see `models.casework.aliases.undo`."""
        with self._writing() as connection:
            decisions.undo(connection, alias_id, actor=actor, at=at)

    def aliases(self, active: bool = True) -> pd.DataFrame:
        """Decisions for the address matcher (``active``), or all that were ever made."""
        with self._reading() as connection:
            return decisions.aliases(connection, active=active)

    def log_access(
        self, actor: str, action: str, object_: str, rows: int, *, at: dt.datetime, purpose: str | None = None
    ) -> LogHead:
        """Append a line to the access log; see `models.casework.access_log.record`."""
        with self._writing() as connection:
            return access_log.record(connection, actor, action, object_, rows=rows, purpose=purpose, at=at)

    def verify_access_log(self) -> LogHead:
        """Check every line of the access log against its chain of hashes; raises StoreError at the first that is
        off."""
        with self._reading() as connection:
            return access_log.verify(connection)
