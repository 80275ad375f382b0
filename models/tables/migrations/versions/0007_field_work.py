"""Field work: plans, draws and whom they drew, work packs and what came back from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables.base import TEXT, Instant
from models.tables.field import FIELD_GUARDS
from models.tables.guards import statements

revision = "0007"
down_revision = "0006"


def _inspection_plans() -> None:
    op.create_table(
        "inspection_plans",
        sa.Column("line_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("plan_id", TEXT, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("item_code", TEXT, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", TEXT, nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("level IN ('A', 'B', 'C', 'D')", name=op.f("ck_inspection_plans_level_known")),
        sa.CheckConstraint("planned >= 0", name=op.f("ck_inspection_plans_planned_not_negative")),
        sa.CheckConstraint("year BETWEEN 1980 AND 2100", name=op.f("ck_inspection_plans_year_range")),
        sa.PrimaryKeyConstraint("line_id", name="pk_inspection_plans"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inspection_plans_plan_id_item_code_level",
        "inspection_plans",
        ["plan_id", "item_code", "level"],
        unique=True,
    )


def _draws() -> None:
    op.create_table(
        "draws",
        sa.Column("draw_row", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("draw_id", TEXT, nullable=False),
        sa.Column("plan_id", TEXT, nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("items", TEXT, nullable=False),
        sa.Column("scheme", TEXT, nullable=False),
        sa.Column("rule_version", TEXT, nullable=False),
        sa.Column("shares", TEXT, nullable=False),
        sa.Column("control_share", sa.Double(), nullable=False),
        sa.Column("part", sa.Double(), nullable=False),
        sa.Column("officers_per_object", sa.BigInteger(), nullable=False),
        sa.Column("seed", TEXT, nullable=False),
        sa.Column("inputs_hash", TEXT, nullable=False),
        sa.Column("inputs", TEXT, nullable=False),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("build_id", TEXT, nullable=True),
        sa.Column("drawn_by", TEXT, nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.CheckConstraint("control_share BETWEEN 0 AND 1", name=op.f("ck_draws_control_range")),
        sa.CheckConstraint("length(inputs_hash) = 64", name=op.f("ck_draws_hash_length")),
        sa.CheckConstraint("part > 0 AND part <= 1", name=op.f("ck_draws_part_range")),
        sa.PrimaryKeyConstraint("draw_row", name="pk_draws"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draws_draw_id", "draws", ["draw_id"], unique=True)
    op.create_index("ix_draws_year", "draws", ["year"])


def _draw_objects() -> None:
    op.create_table(
        "draw_objects",
        sa.Column("object_row", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("draw_id", TEXT, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("selected_by", TEXT, nullable=False),
        sa.Column("ticket", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("officers", TEXT, nullable=False),
        sa.Column("shortage", TEXT, nullable=True),
        sa.CheckConstraint("(officers = '') = (shortage IS NOT NULL)", name=op.f("ck_draw_objects_shortage_said")),
        sa.CheckConstraint("level IN ('A', 'B', 'C', 'D')", name=op.f("ck_draw_objects_level_known")),
        sa.CheckConstraint("selected_by IN ('random', 'risk')", name=op.f("ck_draw_objects_selected_by_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_draw_objects_position_from_one")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.draw_id"], name="fk_draw_objects_draw_id"),
        sa.PrimaryKeyConstraint("object_row", name="pk_draw_objects"),
    )
    op.create_index("ix_draw_objects_draw_id_position", "draw_objects", ["draw_id", "position"], unique=True)
    op.create_index("ix_draw_objects_year_subject_id", "draw_objects", ["year", "subject_id"], unique=True)


def _work_packs() -> None:
    op.create_table(
        "work_packs",
        sa.Column("pack_row", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("pack_id", TEXT, nullable=False),
        sa.Column("tasks", TEXT, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pack_row", name="pk_work_packs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_work_packs_pack_id", "work_packs", ["pack_id"], unique=True)


def _pack_entries() -> None:
    op.create_table(
        "pack_entries",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("entry_key", TEXT, nullable=False),
        sa.Column("pack_id", TEXT, nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("standing", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("brought_by", TEXT, nullable=False),
        sa.Column("brought_at", Instant(), nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.CheckConstraint(
            "(state IN ('kept', 'used')) = (decided_by IS NOT NULL)", name=op.f("ck_pack_entries_decided_whole")
        ),
        sa.CheckConstraint("state IN ('merged', 'conflict', 'kept', 'used')", name=op.f("ck_pack_entries_state_known")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_pack_entries_decided_when")),
        sa.ForeignKeyConstraint(["pack_id"], ["work_packs.pack_id"], name="fk_pack_entries_pack_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_pack_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pack_entries_entry_key", "pack_entries", ["entry_key"], unique=True)
    op.create_index("ix_pack_entries_state", "pack_entries", ["state"])
    op.create_index("ix_pack_entries_task_id", "pack_entries", ["task_id"])


def upgrade() -> None:
    """Create them, and the triggers that hold their rows to the rules."""
    for make in (_inspection_plans, _draws, _draw_objects, _work_packs, _pack_entries):
        make()
    for statement in statements(FIELD_GUARDS, op.get_bind().dialect.name):
        op.execute(statement)
