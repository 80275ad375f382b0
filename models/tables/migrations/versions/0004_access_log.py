"""An access log that only grows, each line bound to the one before; names in order; search texts move to a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables.base import TEXT, Instant

revision = "0004"
down_revision = "0003"

_WORDS = "the access log only grows: its lines are neither changed nor deleted"
_POSTGRESQL = (
    f"""CREATE FUNCTION access_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$""",
    """CREATE TRIGGER access_log_rows BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION access_log_only_grows()""",
    """CREATE TRIGGER access_log_whole BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_only_grows()""",
)
_SQLITE = tuple(
    f"CREATE TRIGGER access_log_{change.lower()} BEFORE {change} ON access_log "
    f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for change in ("UPDATE", "DELETE")
)


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("entry_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("object", TEXT, nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("purpose", TEXT, nullable=True),
        sa.Column("previous_hash", TEXT, nullable=False),
        sa.Column("entry_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_access_log"),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_access_log_rows_not_negative")),
        sa.CheckConstraint(
            "length(previous_hash) = 64 AND length(entry_hash) = 64", name=op.f("ck_access_log_hash_lengths")
        ),
    )
    op.create_index("ix_access_log_at", "access_log", ["at"])


def upgrade() -> None:
    """No version before this one wrote the log, so its table is made anew."""
    op.drop_table("access_log")
    _access_log()
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
    op.drop_table("subject_texts")
    op.create_index("ix_legal_persons_name", "legal_persons", ["name"])
