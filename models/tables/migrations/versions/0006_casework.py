"""Casework: warnings and their steps, tasks, results, attachments, documents, drafts of rules, objections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables.base import TEXT, Instant
from models.tables.guards import GUARDS, statements

revision = "0006"
down_revision = "0005"


def _casework_warnings() -> None:
    op.create_table(
        "casework_warnings",
        sa.Column("warning_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("warning_key", TEXT, nullable=False),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("rule_version", TEXT, nullable=False),
        sa.Column("theme", TEXT, nullable=False),
        sa.Column("severity", sa.BigInteger(), nullable=False),
        sa.Column("data_fault", sa.Boolean(), nullable=False),
        sa.Column("subject_id", TEXT, nullable=True),
        sa.Column("area_code", TEXT, nullable=True),
        sa.Column("area_level", TEXT, nullable=True),
        sa.Column("grid_code", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("h3_r8", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("observed", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("recurrence_days", sa.Double(), nullable=True),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("member_ids", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("build_id", TEXT, nullable=True),
        sa.Column("first_seen_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("owner", TEXT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("measure", TEXT, nullable=True),
        sa.Column("opinion", TEXT, nullable=True),
        sa.Column("reopened_on", sa.Date(), nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("previous_state", TEXT, nullable=True),
        sa.Column("previous_outcome", TEXT, nullable=True),
        sa.Column("previous_owner", TEXT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_casework_warnings_outcome_when_closed")
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'not_confirmed', 'data_fault', 'withdrawn')",
            name=op.f("ck_casework_warnings_outcome_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'on_site', 'closed')", name=op.f("ck_casework_warnings_state_known")
        ),
        sa.CheckConstraint(
            "theme IN ('concentration', 'investment', 'industry_change', 'false_registration', "
            "'fund_raising', 'licence')",
            name=op.f("ck_casework_warnings_theme_known"),
        ),
        sa.CheckConstraint("length(warning_key) = 16", name=op.f("ck_casework_warnings_key_length")),
        sa.CheckConstraint("severity BETWEEN 1 AND 3", name=op.f("ck_casework_warnings_severity_range")),
        sa.PrimaryKeyConstraint("warning_id", name="pk_casework_warnings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_casework_warnings_state_due_on", "casework_warnings", ["state", "due_on"])
    op.create_index("ix_casework_warnings_subject_id", "casework_warnings", ["subject_id"])
    op.create_index("ix_casework_warnings_warning_key", "casework_warnings", ["warning_key"], unique=True)


def _casework_events() -> None:
    op.create_table(
        "casework_events",
        sa.Column("event_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("warning_key", TEXT, nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("from_state", TEXT, nullable=True),
        sa.Column("to_state", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "warning_key IS NOT NULL OR task_id IS NOT NULL", name=op.f("ck_casework_events_of_something")
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_casework_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_casework_events_task_id", "casework_events", ["task_id"])
    op.create_index("ix_casework_events_warning_key", "casework_events", ["warning_key"])


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("selected_by", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=True),
        sa.Column("warning_key", TEXT, nullable=True),
        sa.Column("item_code", TEXT, nullable=True),
        sa.Column("measure", TEXT, nullable=True),
        sa.Column("plan_id", TEXT, nullable=True),
        sa.Column("draw_id", TEXT, nullable=True),
        sa.Column("officers", TEXT, nullable=True),
        sa.Column("grid_code", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("previous_state", TEXT, nullable=True),
        sa.Column("previous_due_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('warning', 'draw', 'routine', 'complaint', 'other')", name=op.f("ck_tasks_kind_known")
        ),
        sa.CheckConstraint(
            "selected_by IN ('random', 'risk', 'complaint', 'warning', 'other')",
            name=op.f("ck_tasks_selected_by_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'follow_up', 'closed', 'cancelled')", name=op.f("ck_tasks_state_known")),
        sa.CheckConstraint("subject_id IS NOT NULL OR warning_key IS NOT NULL", name=op.f("ck_tasks_of_something")),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tasks_draw_id_subject_id_item_code", "tasks", ["draw_id", "subject_id", "item_code"], unique=True
    )
    op.create_index("ix_tasks_state_due_on", "tasks", ["state", "due_on"])
    op.create_index("ix_tasks_subject_id", "tasks", ["subject_id"])
    op.create_index("ix_tasks_warning_key", "tasks", ["warning_key"])


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("result_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("warning_key", TEXT, nullable=True),
        sa.Column("subject_id", TEXT, nullable=True),
        sa.Column("item_code", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("selected_by", TEXT, nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("follow_up", TEXT, nullable=False),
        sa.Column("follow_up_due", sa.Date(), nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("officer", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("undone_by", TEXT, nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.CheckConstraint("(follow_up = 'none') = (follow_up_due IS NULL)", name=op.f("ck_results_follow_up_dated")),
        sa.CheckConstraint(
            "follow_up IN ('none', 'rectify', 'reinspect', 'penalty', 'list')", name=op.f("ck_results_follow_up_known")
        ),
        sa.CheckConstraint(
            "result IN ('none_found', 'rectify', 'penalty', 'unreachable', 'transferred')",
            name=op.f("ck_results_result_known"),
        ),
        sa.CheckConstraint(
            "selected_by IN ('random', 'risk', 'complaint', 'warning', 'other')",
            name=op.f("ck_results_selected_by_known"),
        ),
        sa.CheckConstraint("source IN ('screen', 'pack')", name=op.f("ck_results_source_known")),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_results_undone_whole")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_results_score_range")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.task_id"], name="fk_results_task_id"),
        sa.PrimaryKeyConstraint("result_id", name="pk_results"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_results_idempotency_key", "results", ["idempotency_key"], unique=True)
    op.create_index("ix_results_task_id", "results", ["task_id"])
    op.create_index("ix_results_warning_key", "results", ["warning_key"])


def _result_answers() -> None:
    op.create_table(
        "result_answers",
        sa.Column("answer_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.CheckConstraint("(answer = 'fault') = (severity IS NOT NULL)", name=op.f("ck_result_answers_fault_graded")),
        sa.CheckConstraint("answer IN ('ok', 'fault', 'not_applicable')", name=op.f("ck_result_answers_answer_known")),
        sa.CheckConstraint("severity IN ('high', 'moderate', 'low')", name=op.f("ck_result_answers_severity_known")),
        sa.ForeignKeyConstraint(["result_id"], ["results.result_id"], name="fk_result_answers_result_id"),
        sa.PrimaryKeyConstraint("answer_id", name="pk_result_answers"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_result_answers_result_id_code", "result_answers", ["result_id", "code"], unique=True)


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("warning_key", TEXT, nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'application/pdf')", name=op.f("ck_attachments_media_type_known")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_attachments_hash_length")),
        sa.CheckConstraint("size_bytes BETWEEN 1 AND 5242880", name=op.f("ck_attachments_size_range")),
        sa.CheckConstraint("warning_key IS NOT NULL OR task_id IS NOT NULL", name=op.f("ck_attachments_of_something")),
        sa.PrimaryKeyConstraint("attachment_id", name="pk_attachments"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attachments_task_id", "attachments", ["task_id"])
    op.create_index("ix_attachments_warning_key", "attachments", ["warning_key"])


def _document_serials() -> None:
    op.create_table(
        "document_serials",
        sa.Column("serial_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("organ", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_document_serials_counts_from_one")),
        sa.PrimaryKeyConstraint("serial_id", name="pk_document_serials"),
    )
    op.create_index("ix_document_serials_organ_kind_year", "document_serials", ["organ", "kind", "year"], unique=True)


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("document_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("organ", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=True),
        sa.Column("warning_key", TEXT, nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("content", TEXT, nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", TEXT, nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_documents_counts_from_one")),
        sa.PrimaryKeyConstraint("document_id", name="pk_documents"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_documents_organ_kind_year_serial", "documents", ["organ", "kind", "year", "serial"], unique=True
    )
    op.create_index("ix_documents_subject_id", "documents", ["subject_id"])
    op.create_index("ix_documents_warning_key", "documents", ["warning_key"])


def _rule_drafts() -> None:
    op.create_table(
        "rule_drafts",
        sa.Column("draft_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("base_version", TEXT, nullable=True),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_note", TEXT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name=op.f("ck_rule_drafts_submitted_whole")),
        sa.CheckConstraint(
            "(state IN ('approved', 'rejected')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_rule_drafts_decided_whole"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected')", name=op.f("ck_rule_drafts_state_known")
        ),
        sa.CheckConstraint("decided_by <> author", name=op.f("ck_rule_drafts_two_persons")),
        sa.PrimaryKeyConstraint("draft_id", name="pk_rule_drafts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rule_drafts_kind_name_state", "rule_drafts", ["kind", "name", "state"])


def _contests() -> None:
    op.create_table(
        "contests",
        sa.Column("contest_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("table_name", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("grounds", TEXT, nullable=False),
        sa.Column("filed_by", TEXT, nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_note", TEXT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name=op.f("ck_contests_decided_whole")),
        sa.CheckConstraint("state IN ('pending', 'upheld', 'rejected')", name=op.f("ck_contests_state_known")),
        sa.CheckConstraint(
            "table_name IN ('inspections', 'findings', 'penalties', 'complaints', 'listings', 'licences', "
            "'annual_reports', 'changes', 'investments', 'credit_repairs', 'casework_warnings')",
            name=op.f("ck_contests_table_name_known"),
        ),
        sa.PrimaryKeyConstraint("contest_id", name="pk_contests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contests_subject_id", "contests", ["subject_id"])
    op.create_index(
        "ux_contests_pending",
        "contests",
        ["table_name", "record_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def upgrade() -> None:
    """Create them, and the triggers that hold their rows to the rules."""
    made = (
        _casework_warnings,
        _casework_events,
        _tasks,
        _results,
        _result_answers,
        _attachments,
        _document_serials,
        _documents,
        _rule_drafts,
        _contests,
    )
    for make in made:
        make()
    for statement in statements(GUARDS, op.get_bind().dialect.name):
        op.execute(statement)
