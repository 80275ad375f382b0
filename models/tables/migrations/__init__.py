"""Alembic migrations of the tables, run by `models.storage.migrate` on both back ends; there is no
alembic.ini."""
