"""What is worked off: warnings with their evidence, tasks, and what was found. A build never replaces these.

Which change of state is allowed stands in triggers of the database (`models.tables.guards`) and, with clear words, in
`models.casework.warnings` and `models.casework.tasks`.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Cell, Count, Day, Moment, Number, RowId, Text, record

THEMES = ("concentration", "investment", "industry_change", "false_registration", "fund_raising", "licence")
WARNING_STATES = ("open", "taken", "on_site", "closed")
OUTCOMES = ("confirmed", "not_confirmed", "data_fault", "withdrawn")
TASK_STATES = ("open", "follow_up", "closed", "cancelled")
TASK_KINDS = ("warning", "draw", "routine", "complaint", "other")
RESULTS = ("none_found", "rectify", "penalty", "unreachable", "transferred")
FOLLOW_UPS = ("none", "rectify", "reinspect", "penalty", "list")
SELECTED_BY = ("random", "risk", "complaint", "warning", "other")
MEDIA_TYPES = ("image/jpeg", "image/png", "application/pdf")
LARGEST_ATTACHMENT = 5 * 1024 * 1024
KEPT = {"sqlite_autoincrement": True}
"""Numbers of rows people refer to are never used twice."""


class CaseworkWarning(Base):
    """One early warning (预警) of one episode: what was seen when it was raised, and how far it was worked off.

    Columns up to ``first_seen_on`` are the evidence and never change. ``outcome`` says how a closed one ended;
    ``withdrawn`` is the machine's own word where the condition ended by itself. ``action``, ``actor``, ``acted_on``
    (business date) and ``acted_at`` name the last step, ``previous_*`` what it may be undone to.
    """

    __tablename__ = "casework_warnings"
    __table_args__ = (
        sa.Index(None, "warning_key", unique=True),
        sa.Index(None, "state", "due_on"),
        sa.Index(None, "subject_id"),
        one_of("theme", THEMES),
        one_of("state", WARNING_STATES),
        one_of("outcome", OUTCOMES),
        sa.CheckConstraint("severity BETWEEN 1 AND 3", name="severity_range"),
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="outcome_when_closed"),
        sa.CheckConstraint("length(warning_key) = 16", name="key_length"),
        record("Warnings 预警", "warning_key", loaded=False, listed=False) | KEPT,
    )
    warning_id: Mapped[RowId]
    warning_key: Mapped[Text]
    rule_id: Mapped[Text]
    rule_version: Mapped[Text]
    theme: Mapped[Text]
    severity: Mapped[Count]
    data_fault: Mapped[bool]
    subject_id: Mapped[Text | None]
    area_code: Mapped[Text | None]
    area_level: Mapped[Text | None]
    grid_code: Mapped[Text | None]
    district_code: Mapped[Text | None]
    h3_r8: Mapped[Cell | None]
    lon: Mapped[Number | None]
    lat: Mapped[Number | None]
    raised_on: Mapped[Day]
    window_from: Mapped[Day]
    window_to: Mapped[Day]
    observed: Mapped[Number]
    expected: Mapped[Number | None]
    p_value: Mapped[Number | None]
    score: Mapped[Number]
    recurrence_days: Mapped[Number | None]
    members: Mapped[Count]
    member_ids: Mapped[Text]
    evidence: Mapped[Text]
    build_id: Mapped[Text | None]
    first_seen_on: Mapped[Day]
    ended_on: Mapped[Day | None]
    end_reason: Mapped[Text | None]
    state: Mapped[Text]
    outcome: Mapped[Text | None]
    owner: Mapped[Text | None]
    due_on: Mapped[Day]
    measure: Mapped[Text | None]
    opinion: Mapped[Text | None]
    reopened_on: Mapped[Day | None]
    action: Mapped[Text]
    actor: Mapped[Text]
    acted_on: Mapped[Day]
    acted_at: Mapped[Moment]
    previous_state: Mapped[Text | None]
    previous_outcome: Mapped[Text | None]
    previous_owner: Mapped[Text | None]
    revision: Mapped[Count]


class CaseworkEvent(Base):
    """One step in the life of a warning or a task (办理记录); a line is never changed or deleted."""

    __tablename__ = "casework_events"
    __table_args__ = (
        sa.Index(None, "warning_key"),
        sa.Index(None, "task_id"),
        sa.CheckConstraint("warning_key IS NOT NULL OR task_id IS NOT NULL", name="of_something"),
        record("Steps of casework 办理记录", "event_id", loaded=False, listed=False) | KEPT,
    )
    event_id: Mapped[RowId]
    warning_key: Mapped[Text | None]
    task_id: Mapped[Count | None]
    action: Mapped[Text]
    actor: Mapped[Text]
    acted_on: Mapped[Day]
    acted_at: Mapped[Moment]
    from_state: Mapped[Text | None]
    to_state: Mapped[Text]
    outcome: Mapped[Text | None]
    note: Mapped[Text | None]
    revision: Mapped[Count]


class Task(Base):
    """Something to be done at a subject or for a warning (任务): check an item, take a measure, follow up."""

    __tablename__ = "tasks"
    __table_args__ = (
        sa.Index(None, "state", "due_on"),
        sa.Index(None, "warning_key"),
        sa.Index(None, "subject_id"),
        sa.Index(None, "draw_id", "subject_id", "item_code", unique=True),
        one_of("kind", TASK_KINDS),
        one_of("state", TASK_STATES),
        one_of("selected_by", SELECTED_BY),
        sa.CheckConstraint("subject_id IS NOT NULL OR warning_key IS NOT NULL", name="of_something"),
        record("Tasks 任务", "task_id", loaded=False, listed=False) | KEPT,
    )
    task_id: Mapped[RowId]
    kind: Mapped[Text]
    selected_by: Mapped[Text]
    subject_id: Mapped[Text | None]
    warning_key: Mapped[Text | None]
    item_code: Mapped[Text | None]
    measure: Mapped[Text | None]
    plan_id: Mapped[Text | None]
    draw_id: Mapped[Text | None]
    officers: Mapped[Text | None]
    grid_code: Mapped[Text | None]
    district_code: Mapped[Text | None]
    created_on: Mapped[Day]
    created_by: Mapped[Text]
    owner: Mapped[Text | None]
    due_on: Mapped[Day]
    note: Mapped[Text | None]
    state: Mapped[Text]
    closed_on: Mapped[Day | None]
    action: Mapped[Text]
    actor: Mapped[Text]
    acted_on: Mapped[Day]
    acted_at: Mapped[Moment]
    previous_state: Mapped[Text | None]
    previous_due_on: Mapped[Day | None]
    revision: Mapped[Count]


class Result(Base):
    """What was found when a task was done (检查结果); it is not changed, only undone by a later mark."""

    __tablename__ = "results"
    __table_args__ = (
        sa.Index(None, "idempotency_key", unique=True),
        sa.Index(None, "task_id"),
        sa.Index(None, "warning_key"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.task_id"]),
        one_of("result", RESULTS),
        one_of("follow_up", FOLLOW_UPS),
        one_of("selected_by", SELECTED_BY),
        one_of("source", ("screen", "pack")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_whole"),
        sa.CheckConstraint("(follow_up = 'none') = (follow_up_due IS NULL)", name="follow_up_dated"),
        record("Results 检查结果", "result_id", loaded=False, listed=False) | KEPT,
    )
    result_id: Mapped[RowId]
    idempotency_key: Mapped[Text]
    task_id: Mapped[Count]
    warning_key: Mapped[Text | None]
    subject_id: Mapped[Text | None]
    item_code: Mapped[Text | None]
    kind: Mapped[Text]
    selected_by: Mapped[Text]
    done_on: Mapped[Day]
    result: Mapped[Text]
    score: Mapped[Number | None]
    follow_up: Mapped[Text]
    follow_up_due: Mapped[Day | None]
    note: Mapped[Text | None]
    officer: Mapped[Text | None]
    actor: Mapped[Text]
    recorded_at: Mapped[Moment]
    source: Mapped[Text]
    undone_by: Mapped[Text | None]
    undone_at: Mapped[Moment | None]


class ResultAnswer(Base):
    """The answer to one question of a check item (检查表答案)."""

    __tablename__ = "result_answers"
    __table_args__ = (
        sa.Index(None, "result_id", "code", unique=True),
        sa.ForeignKeyConstraint(["result_id"], ["results.result_id"]),
        one_of("answer", ("ok", "fault", "not_applicable")),
        one_of("severity", ("high", "moderate", "low")),
        sa.CheckConstraint("(answer = 'fault') = (severity IS NOT NULL)", name="fault_graded"),
        record("Answers of results 检查表答案", "answer_id", loaded=False, listed=False) | KEPT,
    )
    answer_id: Mapped[RowId]
    result_id: Mapped[Count]
    code: Mapped[Text]
    answer: Mapped[Text]
    severity: Mapped[Text | None]
    description: Mapped[Text | None]


class Attachment(Base):
    """A photo or document that belongs to a warning or task (附件); its bytes lie in a file named by their hash."""

    __tablename__ = "attachments"
    __table_args__ = (
        sa.Index(None, "warning_key"),
        sa.Index(None, "task_id"),
        one_of("media_type", MEDIA_TYPES),
        sa.CheckConstraint("warning_key IS NOT NULL OR task_id IS NOT NULL", name="of_something"),
        sa.CheckConstraint(f"size_bytes BETWEEN 1 AND {LARGEST_ATTACHMENT}", name="size_range"),
        sa.CheckConstraint("length(sha256) = 64", name="hash_length"),
        record("Attachments 附件", "attachment_id", loaded=False, listed=False) | KEPT,
    )
    attachment_id: Mapped[RowId]
    warning_key: Mapped[Text | None]
    task_id: Mapped[Count | None]
    file_name: Mapped[Text]
    media_type: Mapped[Text]
    size_bytes: Mapped[Count]
    sha256: Mapped[Text]
    added_by: Mapped[Text]
    added_at: Mapped[Moment]
