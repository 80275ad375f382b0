"""One task as it goes into the field: what is checked where by whom, with the questions of its item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Words = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question of a check item, in every language."""

    code: str
    text: Words


@dataclass(frozen=True)
class Sheet:
    """A task with its check item.

    Attributes
    ----------
    task_id, revision : the task as it stood when the sheet was made
    kind : warning, draw, routine, complaint, other
    subject_id, name, address : where; the name as the actor may see it
    item_code, item, legal_basis : what is checked and on which basis, by language
    questions : to be answered by in order, fault, or not applicable
    results : results the item may have
    due_on : business date, ISO
    officers : names of those who go
    order, begin : place on the day's route and time of day, where there is a route
    lon, lat : degrees WGS84, None where un-located
    """

    task_id: int
    revision: int
    kind: str
    subject_id: str
    name: str
    address: str
    item_code: str
    item: Words
    legal_basis: Words
    questions: tuple[Question, ...]
    results: tuple[str, ...]
    due_on: str
    officers: tuple[str, ...]
    order: int | None = None
    begin: str | None = None
    lon: float | None = None
    lat: float | None = None

    def plain(self) -> dict[str, Any]:
        """The sheet as plain values for JSON."""
        return asdict(self)


def by_subject(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    """Sheets of one subject together, in the order of the route, then of the due date: one visit each."""
    groups: dict[str, list[Sheet]] = {}
    for sheet in sorted(sheets, key=lambda s: (s.order is None, s.order or 0, s.due_on, s.subject_id, s.item_code)):
        groups.setdefault(sheet.subject_id, []).append(sheet)
    return list(groups.values())
