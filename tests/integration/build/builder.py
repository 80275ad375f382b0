"""Builds a city in a process of its own: ``builder.py FOLDER HOME [BYTES]`` prints ``steps`` as they come.

With BYTES no file may grow beyond that size, as on a full disk; what went wrong is printed and the exit code is 1.
"""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path
from typing import Any

from models import settings as settings_module
from models.build import build_city
from models.errors import CityhexError
from models.settings import Settings


def main(folder: Path, home: Path, limit: int | None = None, telling: Any = None) -> int:
    """Build; tell of every step through the pipe where one is given."""
    base = settings_module.load({})
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    def tell(event: Any) -> None:
        if telling is not None:
            telling.send((event.step, event.state))

    try:
        build_city(folder, Settings(home, base.shared, base.profiles), on_progress=tell)
    except CityhexError as error:
        if telling is not None:
            telling.send((type(error).__name__, str(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*ARGUMENTS))  # type: ignore[name-defined]  # noqa: F821 - given by the test that runs this file
