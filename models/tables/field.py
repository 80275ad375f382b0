"""Field work: plans, draws and whom they drew, work packs and what came back. A build never replaces these."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Count, Day, Moment, Number, RowId, Text, record
from models.tables.guards import Guard

LEVELS = ("A", "B", "C", "D")
ENTRY_STATES = ("merged", "conflict", "kept", "used")
KEPT = {"sqlite_autoincrement": True}


class PlanLine(Base):
    """How many firms of one level a unit means to check of one item in a year (年度抽查计划)."""

    __tablename__ = "inspection_plans"
    __table_args__ = (
        sa.Index(None, "plan_id", "item_code", "level", unique=True),
        one_of("level", LEVELS),
        sa.CheckConstraint("planned >= 0", name="planned_not_negative"),
        sa.CheckConstraint("year BETWEEN 1980 AND 2100", name="year_range"),
        record("Inspection plans 抽查计划", "line_id", loaded=False, listed=False) | KEPT,
    )
    line_id: Mapped[RowId]
    plan_id: Mapped[Text]
    year: Mapped[Count]
    area_code: Mapped[Text]
    item_code: Mapped[Text]
    level: Mapped[Text]
    planned: Mapped[Count]
    saved_by: Mapped[Text]
    saved_at: Mapped[Moment]
    revision: Mapped[Count]


class DrawRecord(Base):
    """One published double-random draw (双随机抽查): seed, rules, ratios and everything that went in; never changed.

    ``inputs`` holds objects and officers as they were, so that the draw can be made again after the data have moved on.
    """

    __tablename__ = "draws"
    __table_args__ = (
        sa.Index(None, "draw_id", unique=True),
        sa.Index(None, "year"),
        sa.CheckConstraint("length(inputs_hash) = 64", name="hash_length"),
        sa.CheckConstraint("part > 0 AND part <= 1", name="part_range"),
        sa.CheckConstraint("control_share BETWEEN 0 AND 1", name="control_range"),
        record("Draws 双随机抽取", "draw_id", loaded=False, listed=False) | KEPT,
    )
    draw_row: Mapped[RowId]
    draw_id: Mapped[Text]
    plan_id: Mapped[Text | None]
    year: Mapped[Count]
    drawn_on: Mapped[Day]
    due_on: Mapped[Day]
    place: Mapped[Text]
    items: Mapped[Text]
    scheme: Mapped[Text]
    rule_version: Mapped[Text]
    shares: Mapped[Text]
    control_share: Mapped[Number]
    part: Mapped[Number]
    officers_per_object: Mapped[Count]
    seed: Mapped[Text]
    inputs_hash: Mapped[Text]
    inputs: Mapped[Text]
    counts: Mapped[Text]
    build_id: Mapped[Text | None]
    drawn_by: Mapped[Text]
    drawn_at: Mapped[Moment]


class DrawObject(Base):
    """One subject a draw took, with its lot and the officers drawn for it; nobody stands twice in a year."""

    __tablename__ = "draw_objects"
    __table_args__ = (
        sa.Index(None, "year", "subject_id", unique=True),
        sa.Index(None, "draw_id", "position", unique=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.draw_id"]),
        one_of("level", LEVELS),
        one_of("selected_by", ("random", "risk")),
        sa.CheckConstraint("position >= 1", name="position_from_one"),
        sa.CheckConstraint("(officers = '') = (shortage IS NOT NULL)", name="shortage_said"),
        record("Drawn subjects 抽中对象", "object_row", loaded=False, listed=False),
    )
    object_row: Mapped[RowId]
    draw_id: Mapped[Text]
    year: Mapped[Count]
    subject_id: Mapped[Text]
    level: Mapped[Text]
    area_code: Mapped[Text]
    selected_by: Mapped[Text]
    ticket: Mapped[Text]
    position: Mapped[Count]
    officers: Mapped[Text]
    shortage: Mapped[Text | None]


class WorkPack(Base):
    """One offline work pack that was handed out (离线工作包): whose, when, which tasks."""

    __tablename__ = "work_packs"
    __table_args__ = (
        sa.Index(None, "pack_id", unique=True),
        record("Work packs 离线工作包", "pack_id", loaded=False, listed=False) | KEPT,
    )
    pack_row: Mapped[RowId]
    pack_id: Mapped[Text]
    tasks: Mapped[Text]
    made_on: Mapped[Day]
    made_by: Mapped[Text]
    made_at: Mapped[Moment]


class PackEntry(Base):
    """One result that came back in a work pack: merged, or in conflict until a person decides (kept | used)."""

    __tablename__ = "pack_entries"
    __table_args__ = (
        sa.Index(None, "entry_key", unique=True),
        sa.Index(None, "state"),
        sa.Index(None, "task_id"),
        sa.ForeignKeyConstraint(["pack_id"], ["work_packs.pack_id"]),
        one_of("state", ENTRY_STATES),
        sa.CheckConstraint("(state IN ('kept', 'used')) = (decided_by IS NOT NULL)", name="decided_whole"),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_when"),
        record("Results of work packs 工作包结果", "entry_id", loaded=False, listed=False) | KEPT,
    )
    entry_id: Mapped[RowId]
    entry_key: Mapped[Text]
    pack_id: Mapped[Text]
    task_id: Mapped[Count]
    content: Mapped[Text]
    standing: Mapped[Text | None]
    state: Mapped[Text]
    brought_by: Mapped[Text]
    brought_at: Mapped[Moment]
    decided_by: Mapped[Text | None]
    decided_at: Mapped[Moment | None]
    note: Mapped[Text | None]


_FIXED = (
    ("draws", "a published draw is neither changed nor deleted"),
    ("draw_objects", "what a draw took is neither changed nor deleted"),
    ("work_packs", "a work pack that was handed out is neither changed nor deleted"),
)
FIELD_GUARDS = (
    *(Guard(table, "kept", "UPDATE", said) for table, said in _FIXED),
    *(Guard(table, "stays", "DELETE", said) for table, said in _FIXED),
    Guard(
        "pack_entries",
        "moves",
        "UPDATE",
        "a result in conflict is decided once",
        "OLD.state = 'conflict' AND NEW.state IN ('kept', 'used')",
    ),
    Guard(
        "pack_entries",
        "content",
        "UPDATE",
        "what came back in a work pack never changes",
        kept=("entry_key", "pack_id", "task_id", "content", "standing", "brought_by", "brought_at"),
    ),
    Guard("pack_entries", "stays", "DELETE", "what came back in a work pack is not deleted"),
    Guard(
        "inspection_plans",
        "counts",
        "UPDATE",
        "somebody changed this line of the plan",
        "NEW.revision = OLD.revision + 1",
    ),
)
"""Rules the database itself holds, whoever writes."""
