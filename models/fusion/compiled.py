"""The one way this package compiles a loop: numba, cached on disk, without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a numeric function with numba at its first call; the machine code is kept beside the source.

    Floating point is left strict (no fastmath): the crossing test depends on exactly rounded products.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
