"""The one way this package compiles a loop: numba, cached on disk, without the interpreter lock.

numba keeps machine code by the file of a function alone, and a caller's code holds that of what it calls: changed in
one file, a function would live on in the others. So the code is kept in a folder named by all compiled sources.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])
SOURCES = Path(__file__).resolve().parents[1]
_WEEK_S = 7 * 86_400
_MARKS = (b"@compiled\n", b"@inlined\n")


def cache_folder(sources: Path) -> Path:
    """Folder of the machine code of exactly these sources.

    Parameters
    ----------
    sources : folder of a package; the Python files in it that compile anything count, by their text
    """
    digest = hashlib.sha256()
    for file in sorted(sources.rglob("*.py")):
        text = file.read_bytes()
        if any(mark in text for mark in _MARKS):
            digest.update(text)
    return sources / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}"


def keep_in(folder: Path) -> None:
    """Let numba keep machine code in a folder; delete that of other sources beside it nobody wrote to for a week."""
    for other in folder.parent.glob("compiled-*"):
        if other != folder and time.time() - other.stat().st_mtime > _WEEK_S:
            shutil.rmtree(other, ignore_errors=True)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


if not numba.config.CACHE_DIR:  # type: ignore[attr-defined]
    # NUMBA_CACHE_DIR of whoever starts the program goes first
    keep_in(cache_folder(SOURCES))


def compiled(function: F) -> F:
    """Compile a numeric function with numba at its first call; the machine code is kept, see `cache_folder`.

    Floating point is left strict (no fastmath): the crossing test depends on exactly rounded products.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a small function of plain numbers into the body of each compiled caller.

    A function that is called once or more per event takes numbers, no arrays: the references to an array are counted
    at each of its calls, which costs more than the comparison of two distances.
    """
    return cast(F, numba.njit(inline="always", nogil=True, error_model="numpy")(function))
