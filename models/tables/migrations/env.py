"""Alembic's entry: runs the migrations on the connection and inside the transaction the store hands over."""

from __future__ import annotations

from alembic import context

from models.storage.migrate import compares
from models.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=compares(context.config.attributes["connection"].dialect.name),
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
