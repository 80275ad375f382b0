"""Finds the byte at which a file stops being what its manifest says it is, and what it may be instead."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import BinaryIO

from models.errors import SourceError

CANDIDATES = ("utf-8", "gb18030", "big5", "latin-1")
_BLOCK = 1 << 20


def explain(label: str, opened: Callable[[], BinaryIO], encoding: str) -> SourceError:
    """Return the error that names byte and line of the first text that is not ``encoding``, and encodings
    that fit.

    Parameters
    ----------
    label : name of the file for the message
    opened : returns the decompressed bytes from the start
    encoding : what the manifest declares
    """
    offset, line, found = first_fault(opened, encoding)
    fitting = [c for c in CANDIDATES if c != encoding and decodes(opened, c)]
    if len(fitting) > 1 and "latin-1" in fitting:
        fitting.remove("latin-1")
    hint = f"The bytes would decode as {' or '.join(fitting)}; change encoding in the manifest" if fitting else ""
    return SourceError(
        label,
        f"byte {offset} on line {line} ({found}) is not {encoding}, the encoding that the manifest declares",
        hint=hint,
    )


def first_fault(opened: Callable[[], BinaryIO], encoding: str) -> tuple[int, int, str]:
    """Return (byte offset from 0, physical line from 1, the bytes in hex) of the first fault; (-1, 0, "")
    for none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before, lines = 0, 1
    with opened() as stream:
        while True:
            block = stream.read(_BLOCK)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                seen = error.object[: error.start]
                offset = before - len(pending) + error.start
                return offset, lines + seen.count(b"\n"), error.object[error.start : error.end].hex(" ")
            if not block:
                return -1, 0, ""
            before += len(block)
            lines += block.count(b"\n")


def decodes(opened: Callable[[], BinaryIO], encoding: str) -> bool:
    """Whether all bytes decode as ``encoding``."""
    return first_fault(opened, encoding)[0] < 0
