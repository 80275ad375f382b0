"""The part of the store through which warnings are worked off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import pandas as pd

from models.casework import inbox, lifecycle, syncing, tasks
from models.casework.connections import Connections
from models.casework.inbox import WarningFilter
from models.casework.lifecycle import Act
from models.casework.syncing import Synced
from models.rules.measures import load_measures
from models.rules.warning_rules import load_rules
from models.storage import builds


class WarningDoor(Connections):
    """Warnings: meet those of a build, list them, take the steps of their life."""

    def sync_warnings(
        self, frame: pd.DataFrame, as_of: dt.date, at: dt.datetime, *, since: dt.date | None = None
    ) -> Synced:
        """Bring in the warnings of the live build; see `models.casework.syncing.sync`."""
        with self._writing() as connection:
            build = builds.live_build(connection)
            build_id = None if build is None else build.build_id
            named = {rule.id: rule.measure for rule in load_rules()}
            return syncing.sync(
                connection, frame, load_measures(), as_of=as_of, at=at, build_id=build_id, since=since, named=named
            )

    def step_warning(
        self,
        key: str,
        action: str,
        *,
        revision: int,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
        outcome: str | None = None,
        note: str | None = None,
    ) -> dict[str, Any]:
        """Take, visit, close (with an outcome) or reopen a warning; see `models.casework.lifecycle.step`.

        Taking one brings a task with the prescribed measure and check item; closing one cancels the tasks of it that
        nobody began.
        """
        values = {"opinion": note} if action == "close" and note else None
        act = Act(actor, as_of, at, note)
        with self._writing() as connection:
            now = lifecycle.step(connection, key, action, act, revision=revision, outcome=outcome, values=values)
            if action == "take":
                tasks.for_warning(connection, now, act)
            if action == "close":
                tasks.cancel_open(connection, key, act)
            return now

    def undo_warning(self, key: str, *, revision: int, actor: str, as_of: dt.date, at: dt.datetime) -> dict[str, Any]:
        """Take one's own last step back within ten seconds, with the tasks it made or cancelled; see
        `models.casework.lifecycle.undo`."""
        act = Act(actor, as_of, at)
        with self._writing() as connection:
            before = lifecycle.warning(connection, key)
            now = lifecycle.undo(connection, key, act, revision=revision)
            if before["action"] == "take":
                tasks.cancel_open(connection, key, act)
            if before["action"] == "close":
                tasks.undo_cancelled(connection, key, act, before["acted_at"])
            return now

    def edit_warning(
        self,
        key: str,
        *,
        revision: int,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
        note: str | None = None,
        **values: Any,
    ) -> dict[str, Any]:
        """Change owner, due_on, measure or opinion; see `models.casework.lifecycle.edit`."""
        with self._writing() as connection:
            return lifecycle.edit(connection, key, Act(actor, as_of, at, note), revision=revision, values=values)

    def warning(self, key: str) -> dict[str, Any]:
        """All columns of one warning, its evidence as JSON text; raises UnknownNameError where there is none."""
        with self._reading() as connection:
            return lifecycle.warning(connection, key)

    def warning_events(self, key: str) -> pd.DataFrame:
        """The history of one warning, oldest first."""
        with self._reading() as connection:
            return inbox.events(connection, key)

    def warnings_page(
        self,
        areas: Collection[str],
        as_of: dt.date,
        where: WarningFilter | None = None,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[pd.DataFrame, int]:
        """One page of the warnings of some areas, and how many match; see `models.casework.inbox.warnings_page`."""
        with self._reading() as connection:
            return inbox.warnings_page(connection, areas, where or WarningFilter(), as_of, offset=offset, limit=limit)

    def confirmed_warnings(self) -> pd.DataFrame:
        """Subjects of confirmed warnings (subject_id, rule_id, theme, warning_key, closed_on), for the next build."""
        with self._reading() as connection:
            return inbox.confirmed(connection)

    def rule_precision(self) -> pd.DataFrame:
        """What became of the closed warnings of each rule; see `models.casework.inbox.rule_precision`."""
        with self._reading() as connection:
            return inbox.rule_precision(connection)
