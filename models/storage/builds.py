"""Builds as the store knows them: which there are, which is live, and their manifests."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.storage.products import ProductFile
from models.tables import BuildRecord
from models.tables.base import table_of

_BUILDS = table_of(BuildRecord)


@dataclass(frozen=True)
class Build:
    """One published build.

    Attributes
    ----------
    created_at : when it was published, UTC
    manifest : what its maker wrote, plus ``tables`` (hash, rows, changed) and
        ``products`` (file, sha256, rows)
    live : whether readers see it when they name no build
    """

    build_id: str
    created_at: dt.datetime
    manifest: dict[str, Any]
    live: bool

    @property
    def products(self) -> dict[str, ProductFile]:
        """Products by name."""
        return {name: ProductFile.from_dict(entry) for name, entry in self.manifest["products"].items()}


def all_builds(connection: sa.Connection) -> list[Build]:
    """Builds whose products are kept, newest first."""
    rows = connection.execute(sa.select(_BUILDS).order_by(_BUILDS.c.created_at.desc(), _BUILDS.c.fid.desc()))
    return [_build(row) for row in rows]


def live_build(connection: sa.Connection) -> Build | None:
    """The build readers see, or None."""
    row = connection.execute(sa.select(_BUILDS).where(_BUILDS.c.live)).one_or_none()
    return None if row is None else _build(row)


def record_build(connection: sa.Connection, build: Build, keep: int) -> list[Build]:
    """Write a build as the live one, drop those beyond the last ``keep``, and return the kept ones."""
    connection.execute(sa.delete(_BUILDS).where(_BUILDS.c.build_id == build.build_id))
    connection.execute(sa.update(_BUILDS).values(live=False).where(_BUILDS.c.live))
    values = {"build_id": build.build_id, "created_at": build.created_at, "live": True}
    text = json.dumps(build.manifest, ensure_ascii=False, sort_keys=True)
    connection.execute(sa.insert(_BUILDS).values(manifest=text, **values))
    builds = sorted(all_builds(connection), key=lambda b: (b.live, b.created_at), reverse=True)
    gone = [b.build_id for b in builds[keep:]]
    connection.execute(sa.delete(_BUILDS).where(_BUILDS.c.build_id.in_(gone)))
    return builds[:keep]


def _build(row: Any) -> Build:
    return Build(row.build_id, row.created_at, json.loads(row.manifest), bool(row.live))
