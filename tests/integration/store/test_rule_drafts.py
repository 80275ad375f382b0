"""M6: a rule is published by two people, and a draft counts for nothing before."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from models.casework.conflict import ConflictError
from models.errors import AccessDeniedError, RequestError
from models.storage.engine import writing

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def save(store, version="2", actor="李", **more):
    return store.save_draft("scorecard", "general", version, f'version = "{version}"', actor=actor, at=NOON, **more)


def test_only_an_approved_draft_is_published(store):
    number = save(store, note="提高权重")
    assert store.published_rule("scorecard", "general") is None
    store.submit_draft(number, actor="李", at=NOON)
    assert store.published_rule("scorecard", "general") is None
    store.approve_draft(number, actor="王", at=NOON, note="同意")
    live = store.published_rule("scorecard", "general")
    assert (live["version"], live["author"], live["decided_by"]) == ("2", "李", "王")
    assert store.drafts("scorecard")["state"].tolist() == ["approved"]
    assert store.published_rule("scorecard", "other") is None


def test_nobody_approves_their_own_draft_neither_here_nor_in_the_database(store):
    number = save(store)
    store.submit_draft(number, actor="李", at=NOON)
    with pytest.raises(AccessDeniedError, match="second person"):
        store.approve_draft(number, actor="李", at=NOON)
    own = (
        "UPDATE rule_drafts SET state = 'approved', decided_by = author, decided_at = saved_at, revision = revision + 1"
    )
    with pytest.raises(sa.exc.IntegrityError, match="two_persons"), writing(store._engine) as connection:
        connection.execute(sa.text(own))


def test_a_submitted_text_is_fixed(store):
    number = save(store)
    assert save(store, "2a", draft_id=number, revision=1) == number
    store.submit_draft(number, actor="李", at=NOON)
    with pytest.raises(ConflictError, match="李 was first"):
        save(store, "2b", draft_id=number)
    statement = (
        "UPDATE rule_drafts SET content = 'x', revision = revision + 1, state = 'rejected', decided_by = 'Z', "
        "decided_at = saved_at"
    )
    with pytest.raises(sa.exc.DBAPIError, match="decided as it is"), writing(store._engine) as connection:
        connection.execute(sa.text(statement))


def test_drafts_are_their_authors(store):
    number = save(store)
    with pytest.raises(AccessDeniedError, match="李's"):
        save(store, actor="王", draft_id=number)
    with pytest.raises(AccessDeniedError, match="李's"):
        store.submit_draft(number, actor="王", at=NOON)


def test_a_draft_written_from_an_older_version_cannot_overwrite_a_newer(store):
    first, second = save(store, "2", base_version="1"), save(store, "3", actor="赵", base_version="1")
    for number, author in ((first, "李"), (second, "赵")):
        store.submit_draft(number, actor=author, at=NOON)
    store.approve_draft(first, actor="王", at=NOON)
    with pytest.raises(ConflictError, match="published 2"):
        store.approve_draft(second, actor="王", at=NOON)
    store.reject_draft(second, actor="王", at=NOON, note="基于旧版本")
    assert store.published_rule("scorecard", "general")["version"] == "2"
    same = save(store, "2", base_version="2")
    store.submit_draft(same, actor="李", at=NOON)
    with pytest.raises(RequestError, match="published already"):
        store.approve_draft(same, actor="王", at=NOON)


def test_a_decision_is_made_once(store):
    number = save(store)
    store.submit_draft(number, actor="李", at=NOON)
    store.reject_draft(number, actor="王", at=NOON)
    with pytest.raises(ConflictError, match="王 was first"):
        store.approve_draft(number, actor="赵", at=NOON)


def test_an_empty_draft_is_refused(store):
    with pytest.raises(RequestError, match="content"):
        store.save_draft("scorecard", "general", "2", " ", actor="李", at=NOON)
