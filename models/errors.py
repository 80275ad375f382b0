"""The errors meant for the person who must act: one base, and what each tells a terminal and a browser."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class CityhexError(Exception):
    """Base of every expected failure; its text is one clear paragraph and is shown as it is, without a traceback.

    ``status`` is the HTTP status a route answers with, ``exit_code`` what a command ends with.
    """

    status = 500
    exit_code = 1


class ConfigError(CityhexError):
    """A setting, profile or manifest holds something that is not allowed.

    Parameters
    ----------
    file, key : where it stands
    found : what stands there
    allowed : what may stand there, as a sentence or a list of values
    """

    exit_code = 2

    def __init__(self, file: Path | str, key: str, found: object, allowed: str | Iterable[object]) -> None:
        allowed_text = allowed if isinstance(allowed, str) else ", ".join(str(a) for a in allowed)
        super().__init__(f"{file}: {key} is {found!r}; allowed: {allowed_text}")
        self.file, self.key, self.found, self.allowed = str(file), key, found, allowed_text


class SourceError(CityhexError):
    """A source file as a whole cannot be read (missing, wrong encoding, truncated, a needed column absent).

    Single bad rows never raise: they go to the quarantine with file, line, column and reason.
    """

    def __init__(self, file: Path | str, what: str, *, needed: str = "", hint: str = "") -> None:
        text = f"{file}: {what}"
        if needed:
            text += f"; needed: {needed}"
        if hint:
            text += f". {hint}"
        super().__init__(text)
        self.file = str(file)


class NotBuiltError(CityhexError):
    """Something asks for a product or table that no build of this city has made yet."""

    status = 503


class BuildBusyError(CityhexError):
    """Another process is building the same city."""


class StoreError(CityhexError):
    """The store cannot do what was asked (disk full, unknown database, file of another program)."""


class AccessDeniedError(CityhexError):
    """The actor may not see this; the text says which rule decided."""

    status = 403


class UnknownNameError(CityhexError):
    """A city, layer, product, grid or period of that name does not exist; the text lists what does."""

    status = 404


class RequestError(CityhexError):
    """A request's arguments are off or over the limits; the text says what is allowed."""

    status = 400
