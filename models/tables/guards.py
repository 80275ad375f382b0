"""Triggers that hold what people wrote to its rules, whoever writes: the same sentences for SQLite and PostgreSQL.

A guard is a test of a changed row. The database refuses the whole transaction where it fails, so no path goes round it;
the doors in `models.casework` test the same beforehand and say in clear words who may do what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WARNING_CHANGE = """NEW.revision = OLD.revision + 1
AND (NEW.actor = 'system') = (NEW.action = 'withdraw')
AND (
  (NEW.action = 'edit' AND NEW.state = OLD.state AND COALESCE(NEW.outcome, '') = COALESCE(OLD.outcome, ''))
  OR (NEW.action = 'take' AND OLD.state = 'open' AND NEW.state = 'taken' AND NEW.owner IS NOT NULL)
  OR (NEW.action = 'visit' AND OLD.state = 'taken' AND NEW.state = 'on_site')
  OR (NEW.action = 'close' AND NEW.state = 'closed' AND OLD.state = 'on_site'
      AND NEW.outcome IN ('confirmed', 'not_confirmed', 'data_fault'))
  OR (NEW.action = 'close' AND NEW.state = 'closed' AND OLD.state = 'taken' AND NEW.outcome = 'data_fault')
  OR (NEW.action = 'withdraw' AND OLD.state <> 'closed' AND NEW.state = 'closed' AND NEW.outcome = 'withdrawn')
  OR (NEW.action = 'reopen' AND OLD.state = 'closed' AND NEW.state = 'open' AND NEW.outcome IS NULL)
  OR (NEW.action = 'undo' AND OLD.action IN ('take', 'visit', 'close', 'reopen') AND NEW.actor = OLD.actor
      AND NEW.state = OLD.previous_state AND COALESCE(NEW.outcome, '') = COALESCE(OLD.previous_outcome, ''))
)"""
WARNING_START = "NEW.revision = 1 AND NEW.action = 'raise' AND NEW.actor = 'system' AND NEW.state = 'open'"
TASK_CHANGE = """NEW.revision = OLD.revision + 1
AND (
  (NEW.action = 'edit' AND NEW.state = OLD.state AND OLD.state IN ('open', 'follow_up'))
  OR (NEW.action = 'record' AND OLD.state IN ('open', 'follow_up') AND NEW.state IN ('follow_up', 'closed'))
  OR (NEW.action = 'cancel' AND OLD.state IN ('open', 'follow_up') AND NEW.state = 'cancelled')
  OR (NEW.action = 'reopen' AND OLD.state IN ('closed', 'cancelled') AND NEW.state = 'open')
  OR (NEW.action = 'undo' AND OLD.action IN ('record', 'cancel', 'reopen') AND NEW.actor = OLD.actor
      AND NEW.state = OLD.previous_state)
)"""
TASK_START = "NEW.revision = 1 AND NEW.action = 'create' AND NEW.state = 'open'"
RESULT_CHANGE = "OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL"
SERIAL_CHANGE = "NEW.last = OLD.last + 1"
DRAFT_CHANGE = """NEW.revision = OLD.revision + 1
AND (
  (OLD.state = 'draft' AND NEW.state IN ('draft', 'submitted'))
  OR (OLD.state = 'submitted' AND NEW.state IN ('approved', 'rejected'))
)"""
CONTEST_CHANGE = "NEW.revision = OLD.revision + 1 AND OLD.state = 'pending' AND NEW.state IN ('upheld', 'rejected')"

EVIDENCE = (
    "warning_id", "warning_key", "rule_id", "rule_version", "theme", "severity", "data_fault", "subject_id",
    "area_code", "area_level", "grid_code", "district_code", "h3_r8", "lon", "lat", "raised_on", "window_from",
    "window_to", "observed", "expected", "p_value", "score", "recurrence_days", "members", "member_ids", "evidence",
    "build_id", "first_seen_on",
)  # fmt: skip
"""Columns of a warning that never change."""
RESULT_KEPT = (
    "result_id", "idempotency_key", "task_id", "warning_key", "subject_id", "item_code", "kind", "selected_by",
    "done_on", "result", "score", "follow_up", "follow_up_due", "note", "officer", "actor", "recorded_at", "source",
)  # fmt: skip
TASK_KEPT = (
    "task_id", "kind", "selected_by", "subject_id", "warning_key", "item_code", "plan_id", "draw_id", "created_on",
    "created_by",
)  # fmt: skip


@dataclass(frozen=True)
class Guard:
    """One rule of one table.

    Attributes
    ----------
    name : part of the trigger's name
    when : the change it looks at
    words : what the database says where the rule is broken
    test : SQL over NEW and OLD that must be true; None refuses every such change
    kept : columns whose values may not change
    only_if : SQL over OLD that must be true for the guard to apply; None applies always
    """

    table: str
    name: str
    when: Literal["INSERT", "UPDATE", "DELETE"]
    words: str
    test: str | None = None
    kept: tuple[str, ...] = ()
    only_if: str | None = None


def _fixed(table: str, words: str) -> tuple[Guard, ...]:
    return (Guard(table, "kept", "UPDATE", words), Guard(table, "stays", "DELETE", words))


GUARDS = (
    Guard("casework_warnings", "starts", "INSERT", "a warning begins open", WARNING_START),
    Guard("casework_warnings", "moves", "UPDATE", "this change of a warning is not allowed", WARNING_CHANGE),
    Guard("casework_warnings", "evidence", "UPDATE", "the evidence of a warning never changes", kept=EVIDENCE),
    Guard("casework_warnings", "stays", "DELETE", "warnings are closed, not deleted"),
    Guard("tasks", "starts", "INSERT", "a task begins open", TASK_START),
    Guard("tasks", "moves", "UPDATE", "this change of a task is not allowed", TASK_CHANGE),
    Guard("tasks", "origin", "UPDATE", "what a task is about never changes", kept=TASK_KEPT),
    Guard("tasks", "stays", "DELETE", "tasks are cancelled, not deleted"),
    Guard("results", "moves", "UPDATE", "a result is undone once and not changed", RESULT_CHANGE),
    Guard("results", "content", "UPDATE", "a result is undone and not changed", kept=RESULT_KEPT),
    Guard("results", "stays", "DELETE", "results are undone, not deleted"),
    *_fixed("casework_events", "the steps of casework only grow: none is changed or deleted"),
    *_fixed("result_answers", "answers are neither changed nor deleted"),
    *_fixed("attachments", "attachments are neither changed nor deleted"),
    *_fixed("documents", "an issued document is neither changed nor deleted"),
    Guard("document_serials", "counts", "UPDATE", "serials count up by one", SERIAL_CHANGE),
    Guard("document_serials", "key", "UPDATE", "serials count up by one", kept=("organ", "kind", "year")),
    Guard("document_serials", "stays", "DELETE", "serials are never given out again"),
    Guard("rule_drafts", "moves", "UPDATE", "this change of a draft is not allowed", DRAFT_CHANGE),
    Guard("rule_drafts", "origin", "UPDATE", "a draft keeps its author and its rule", kept=("kind", "name", "author")),
    Guard(
        "rule_drafts", "content", "UPDATE", "a submitted draft is decided as it is",
        kept=("content", "version", "base_version"), only_if="OLD.state <> 'draft'",
    ),
    Guard("rule_drafts", "stays", "DELETE", "drafts are rejected, not deleted"),
    Guard("contests", "moves", "UPDATE", "an objection is decided once", CONTEST_CHANGE),
    Guard(
        "contests", "content", "UPDATE", "an objection keeps its words",
        kept=("table_name", "record_id", "subject_id", "grounds", "filed_by", "filed_on", "filed_at"),
    ),
    Guard("contests", "stays", "DELETE", "objections are decided, not deleted"),
)  # fmt: skip


def statements(guards: Sequence[Guard], dialect: str) -> list[str]:
    """SQL that makes the triggers of the guards on one back end ("sqlite" or "postgresql")."""
    make = _postgresql if dialect == "postgresql" else _sqlite
    return [statement for guard in guards for statement in make(guard)]


def _broken(guard: Guard, dialect: str) -> str:
    """SQL that is true where the row breaks the rule; never null."""
    false, differs = ("false", "IS DISTINCT FROM") if dialect == "postgresql" else ("0", "IS NOT")
    if guard.kept:
        broken = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in guard.kept)
    elif guard.test is None:
        return "1 = 1"
    else:
        broken = f"NOT COALESCE(({guard.test}), {false})"
    return broken if guard.only_if is None else f"({guard.only_if}) AND ({broken})"


def _sqlite(guard: Guard) -> tuple[str, ...]:
    name = f"{guard.table}_{guard.name}"
    return (
        f"CREATE TRIGGER {name} BEFORE {guard.when} ON {guard.table} WHEN {_broken(guard, 'sqlite')} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.words}'); END",
    )


def _postgresql(guard: Guard) -> tuple[str, ...]:
    name = f"{guard.table}_{guard.name}"
    back = "OLD" if guard.when == "DELETE" else "NEW"
    test = f"IF {_broken(guard, 'postgresql')} THEN RAISE EXCEPTION '{guard.words}'; END IF;"
    made = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {test} RETURN {back}; END $$",
        f"CREATE TRIGGER {name} BEFORE {guard.when} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    if guard.when == "DELETE":
        raised = f"RAISE EXCEPTION '{guard.words}';"
        made += [
            f"CREATE FUNCTION {name}_whole() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raised} END $$",
            f"CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {guard.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_whole()",
        ]
    return tuple(made)
