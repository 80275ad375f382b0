"""The part of the store through which draws are published, plans kept, and work packs handed out and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from models.analysis.draws import DrawRequest, DrawResult
from models.casework import draw_inputs, draws, packs, places, plans
from models.casework.connections import Connections
from models.casework.lifecycle import Act
from models.casework.pack_file import parse
from models.casework.packs import Merged
from models.storage import builds


class FieldDoor(Connections):
    """Draws, plans and work packs."""

    def preview_draw(self, request: DrawRequest, levels: pd.DataFrame, place: str) -> DrawResult:
        """Draw without writing anything; see `models.casework.draws.preview`."""
        with self._reading() as connection:
            return draws.preview(connection, request, levels, place)

    def publish_draw(
        self,
        request: DrawRequest,
        levels: pd.DataFrame,
        place: str,
        *,
        actor: str,
        at: dt.datetime,
        due_on: dt.date,
        expected_hash: str | None = None,
        plan_id: str | None = None,
        note: str | None = None,
    ) -> str:
        """Publish a draw and make its tasks; see `models.casework.draws.publish`."""
        act = Act(actor, request.day, at, note)
        with self._writing() as connection:
            build = builds.live_build(connection)
            return draws.publish(
                connection,
                request,
                levels,
                place,
                act,
                expected_hash=expected_hash,
                due_on=due_on,
                plan_id=plan_id,
                build_id=None if build is None else build.build_id,
            )

    def draws(self, year: int | None = None) -> pd.DataFrame:
        """Published draws, newest first; see `models.casework.draws.draws_frame`."""
        with self._reading() as connection:
            return draws.draws_frame(connection, year)

    def drawn_objects(self, draw_id: str) -> pd.DataFrame:
        """Subjects of a draw in the order of their lots."""
        with self._reading() as connection:
            return draws.objects_of(connection, draw_id)

    def verify_draw(self, draw_id: str) -> bool:
        """Whether a draw reproduces itself from what was kept; see `models.casework.draws.verify`."""
        with self._reading() as connection:
            return draws.verify(connection, draw_id)

    def officer_names(self) -> dict[str, str]:
        """Name of every officer by id."""
        with self._reading() as connection:
            return draw_inputs.officer_names(connection)

    def subjects_of(self, ids: Collection[str]) -> pd.DataFrame:
        """Name, address and place of subjects; see `models.casework.places.subjects_of`."""
        with self._reading() as connection:
            return places.subjects_of(connection, ids)

    def save_plan(
        self,
        year: int,
        area: str,
        planned: Mapping[tuple[str, str], int],
        *,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
    ) -> str:
        """Write lines of a unit's plan; see `models.casework.plans.save`."""
        with self._writing() as connection:
            return plans.save(connection, year, area, planned, Act(actor, as_of, at))

    def plan_progress(self, year: int, area: str, as_of: dt.date) -> pd.DataFrame:
        """Plan against what was done; see `models.casework.plans.progress`."""
        with self._reading() as connection:
            return plans.progress(connection, year, area, as_of)

    def hand_out_pack(self, task_ids: Sequence[int], *, actor: str, as_of: dt.date, at: dt.datetime) -> str:
        """Write down a new work pack and give its id; see `models.casework.packs.hand_out`."""
        with self._writing() as connection:
            return packs.hand_out(connection, task_ids, Act(actor, as_of, at))

    def merge_pack(
        self, content: bytes, *, areas: Collection[str], actor: str, as_of: dt.date, at: dt.datetime
    ) -> Merged:
        """Take the results of a work pack over; see `models.casework.packs.merge`."""
        file = parse(content)
        with self._writing() as connection:
            return packs.merge(connection, file, Act(actor, as_of, at), areas)

    def pack_entries(self, state: str | None = "conflict") -> pd.DataFrame:
        """Results that came back, newest first; see `models.casework.packs.entries`."""
        with self._reading() as connection:
            return packs.entries(connection, state)

    def decide_pack_entry(
        self, entry_id: int, *, use: bool, actor: str, as_of: dt.date, at: dt.datetime, note: str | None = None
    ) -> None:
        """Decide a conflict; see `models.casework.packs.decide`."""
        with self._writing() as connection:
            packs.decide(connection, entry_id, Act(actor, as_of, at, note), use=use)
