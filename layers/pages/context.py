"""What every page is given, and what a request's address says about language and theme."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from layers.text import languages, pick
from layers.theme import THEMES
from models.errors import CityhexError

if TYPE_CHECKING:
    from layers.access import Actor
    from models.profile import City
    from models.settings import Settings

log = logging.getLogger("cityhex.pages")


@dataclass(frozen=True, eq=False)
class Context:
    """The city and its store, who asks, and the settings of the process.

    Attributes
    ----------
    store : `models.store.Store`
    city : its profile
    actor_of : says who asks in the request at hand; `actor` is its answer
    settings : settings of the process
    """

    store: Any
    city: City
    actor_of: Callable[[], Actor]
    settings: Settings

    @property
    def actor(self) -> Actor:
        """Whoever asks in the request at hand."""
        return self.actor_of()

    @property
    def build_id(self) -> str:
        """Id of the build that is shown, or "" before the first one."""
        build = self.store.live_build()
        return build.build_id if build else ""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the shown build says about itself; empty before the first one."""
        build = self.store.live_build()
        return build.manifest if build else {}

    def city_name(self, lang: str) -> str:
        """Name of the city in the language."""
        return pick(self.city.name, lang)


def query(search: str | None) -> dict[str, str]:
    """First value of every parameter of an address's query."""
    return {key: values[0] for key, values in parse_qs((search or "").lstrip("?")).items()}


def language_of(params: Mapping[str, str], default: str) -> str:
    """The language asked for where there is a catalogue of it, else the default."""
    asked = params.get("lang", "")
    return asked if asked in languages() else default


def theme_of(params: Mapping[str, str]) -> str:
    """The theme asked for, else light."""
    asked = params.get("theme", "")
    return asked if asked in THEMES else THEMES[0]


def report(error: Exception) -> str:
    """Log an error and return the short id that stands beside it in the log and on the screen.

    A `CityhexError` is the reader's matter and is logged as a warning without a traceback.
    """
    code = hashlib.sha256(f"{time.time_ns()}{error!r}".encode()).hexdigest()[:4].upper()
    if isinstance(error, CityhexError):
        log.warning("id %s: %s", code, error)
    else:
        log.error("id %s", code, exc_info=error)
    return code
