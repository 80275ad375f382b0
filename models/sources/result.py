"""What reading one source gives back: rows on contract, rows in quarantine, and the account of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes of all files of the source."""

ShareRead = Callable[[float], None]
"""Called by the reader of one file with the share of it that is read, 0..1."""


@dataclass(frozen=True)
class SourceFile:
    """One file that was read.

    Attributes
    ----------
    path_label : pattern folder and file name, without the machine's own path
    sha256 : hexadecimal digest of the bytes as they lie on disk
    bytes : size on disk
    rows : records read from it
    """

    path_label: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class SourceResult:
    """One source after reading.

    Attributes
    ----------
    frame : rows on the contract of the source's table
    rejects : quarantine rows; a rejected record may have several reasons
    read : records read; always ``len(frame) + rejected``
    rejected : records that were not loaded
    files : the files, sorted by label
    skipped : rows that the manifest's ``where`` leaves out; they are not part of the source
    notes : what the reader did on its own and a person should know, such as repaired polygons
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    read: int
    rejected: int
    files: tuple[SourceFile, ...]
    skipped: int = 0
    notes: tuple[str, ...] = ()
