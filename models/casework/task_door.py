"""The part of the store through which tasks are given and results recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from models.casework import reentry, results, tasks
from models.casework import todos as waiting
from models.casework.connections import Connections
from models.casework.lifecycle import Act
from models.casework.results import Entry, Recorded
from models.casework.todos import Todo
from models.rules.checklists import load_checklists


class TaskDoor(Connections):
    """Tasks, results, to-dos, and what re-enters the next build."""

    def add_tasks(
        self, rows: Sequence[Mapping[str, Any]], *, actor: str, as_of: dt.date, at: dt.datetime, note: str | None = None
    ) -> list[int]:
        """Make tasks; see `models.casework.tasks.add`."""
        with self._writing() as connection:
            return tasks.add(connection, rows, Act(actor, as_of, at, note))

    def cancel_task(
        self, task_id: int, *, revision: int, actor: str, as_of: dt.date, at: dt.datetime, note: str | None = None
    ) -> dict[str, Any]:
        """Take a task off the list; see `models.casework.tasks.cancel`."""
        with self._writing() as connection:
            return tasks.cancel(connection, task_id, Act(actor, as_of, at, note), revision=revision)

    def task(self, task_id: int) -> dict[str, Any]:
        """All columns of one task; raises UnknownNameError where there is none."""
        with self._reading() as connection:
            return tasks.task(connection, task_id)

    def tasks(self, areas: Collection[str], as_of: dt.date, **given: Any) -> pd.DataFrame:
        """Tasks of some areas, filtered by columns; see `models.casework.tasks.tasks_frame`."""
        with self._reading() as connection:
            return tasks.tasks_frame(connection, areas, as_of, given)

    def libraries_of(self, subject_id: str) -> frozenset[str]:
        """Libraries of check items a subject belongs to; raises UnknownNameError where there is no such subject."""
        with self._reading() as connection:
            return tasks.libraries(connection, {subject_id}, load_checklists())[subject_id]

    def record_result(self, entry: Entry, *, actor: str, as_of: dt.date, at: dt.datetime) -> Recorded:
        """Save a result; see `models.casework.results.record`."""
        with self._writing() as connection:
            return results.record(connection, entry, Act(actor, as_of, at, entry.note))

    def undo_result(self, result_id: int, *, actor: str, as_of: dt.date, at: dt.datetime) -> dict[str, Any]:
        """Take one's own result back within ten seconds; see `models.casework.results.undo`."""
        with self._writing() as connection:
            return results.undo(connection, result_id, Act(actor, as_of, at))

    def results_of_warning(self, key: str) -> pd.DataFrame:
        """Results of a warning that count, newest first."""
        with self._reading() as connection:
            return results.results_of(connection, key)

    def recorded(self, table: str) -> pd.DataFrame:
        """Rows that casework adds to ``inspections`` or ``findings``; see `models.casework.reentry.recorded`."""
        with self._reading() as connection:
            return reentry.recorded(connection, table)

    def todos(self, areas: Collection[str], as_of: dt.date, roles: Collection[str]) -> tuple[Todo, ...]:
        """What waits in some areas; see `models.casework.todos.todos`."""
        with self._reading() as connection:
            return waiting.todos(connection, areas, roles, as_of)
