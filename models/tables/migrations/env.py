"""Alembic's entry: runs the migrations on the connection and inside the transaction the store hands over."""

from __future__ import annotations

from alembic import context

from models.storage.migrate import options
from models.tables import Base

_connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=Base.metadata, **options(_connection))
with context.begin_transaction():
    context.run_migrations()
