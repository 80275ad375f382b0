"""What every part of the casework door stands on: connections for reading and for writing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa


class Connections:
    """Base of the doors; `models.store.Store` gives it its connections and the city's folder."""

    home: Path

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        raise NotImplementedError

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        raise NotImplementedError
