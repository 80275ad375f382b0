"""Places whose location is not known: a town's name helps to read addresses even where no list gives its seat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import layers
from models.tables.base import TEXT, geometry_type

revision = "0003"
down_revision = "0002"

_COLUMNS = "fid, place_id, name, kind, district_code, town, address, lon, lat, source_id, geometry"


def _create() -> None:
    op.create_table(
        "places",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("place_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("town", TEXT, nullable=True),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_places"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_places_coordinates")),
        sa.CheckConstraint(
            "kind IN ('district', 'town', 'village', 'road', 'poi', 'address', 'zone')",
            name=op.f("ck_places_kind_known"),
        ),
    )


def upgrade() -> None:
    """Let longitude, latitude and geometry be null; SQLite needs the table written anew, its R-tree stays."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for column in ("lon", "lat", "geometry"):
            op.alter_column("places", column, nullable=True)
        return
    layers.drop_triggers(connection, "places")
    for index in ("ix_places_name", "ix_places_place_id"):
        op.drop_index(index, "places")
    op.rename_table("places", "places_before")
    _create()
    op.execute(f"INSERT INTO places ({_COLUMNS}) SELECT {_COLUMNS} FROM places_before")
    op.drop_table("places_before")
    op.create_index("ix_places_name", "places", ["name"])
    op.create_index("ix_places_place_id", "places", ["place_id"], unique=True)
    layers.create_triggers(connection, "places")
