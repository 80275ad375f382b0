"""The unified social credit code (统一社会信用代码) of GB 32100-2015, checked a million at a time.

Eighteen characters of a 31-letter alphabet: 1 registering body, 2 entity type, 3-8 area at issue (digits), 9-17
organisation code, 18 check character ``(31 - sum(w_i * c_i) mod 31) mod 31`` with ``w_i = 3^(i-1) mod 31``. The outer
``mod 31`` matters: a remainder of 0 gives check character 0, and one valid code in 31 has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
WEIGHTS = np.array([pow(3, i, 31) for i in range(LENGTH - 1)], dtype=np.int32)
OK, BAD_LENGTH, BAD_LETTER, BAD_AREA, BAD_CHECK = range(5)
REASONS = (
    "",
    "the code has not 18 characters",
    "a character is not of the 31 that GB 32100-2015 allows (no I, O, S, V, Z)",
    "characters 3 to 8, the area at issue, are not digits",
    "the check character does not fit the other 17",
)

_VALUE = np.full(256, -1, dtype=np.int8)
_VALUE[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(31)
_LETTER = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)


def faults(codes: pd.Series) -> npt.NDArray[np.int8]:
    """Return what is wrong with each code: a position in `REASONS`, 0 where it is valid.

    Parameters
    ----------
    codes : dtype ``str``, n rows; used as they are, neither trimmed nor upper-cased; null counts as bad
        length
    """
    offsets, data, known = _buffers(codes)
    result = np.full(len(codes), BAD_LENGTH, dtype=np.int8)
    whole = np.flatnonzero(known & (np.diff(offsets) == LENGTH))
    if not len(whole):
        return result
    matrix = _VALUE[data[offsets[whole][:, None] + np.arange(LENGTH)]]
    total = (matrix[:, : LENGTH - 1] * WEIGHTS).sum(axis=1)
    result[whole] = np.select(
        [
            (matrix < 0).any(axis=1),
            (matrix[:, 2:8] > 9).any(axis=1),
            (31 - total % 31) % 31 != matrix[:, LENGTH - 1],
        ],
        [BAD_LETTER, BAD_AREA, BAD_CHECK],
        default=OK,
    )
    return result


def valid(codes: pd.Series) -> npt.NDArray[np.bool_]:
    """Return True for each code that keeps GB 32100-2015 (see `faults`)."""
    result: npt.NDArray[np.bool_] = faults(codes) == OK
    return result


def with_check(bodies: npt.NDArray[np.int8]) -> list[str]:
    """Return the codes whose first 17 alphabet positions (shape (n, 17), 0..30) are ``bodies``, check
    character added."""
    total = (bodies * WEIGHTS).sum(axis=1)
    matrix = np.column_stack([bodies, (31 - total % 31) % 31])
    text = _LETTER[matrix].tobytes().decode("ascii")
    return [text[i : i + LENGTH] for i in range(0, len(text), LENGTH)]


def generate(
    n: int, rng: np.random.Generator, *, kinds: npt.NDArray[Any] | None = None, area: str = "500110"
) -> list[str]:
    """Return ``n`` distinct valid codes.

    Parameters
    ----------
    kinds : two-character texts, shape (n,): registering body and entity type (default "91", an enterprise)
    area : six digits of the area at issue
    """
    serial = rng.permutation(n) + int(rng.integers(31**6))
    body = np.empty((n, LENGTH - 1), dtype=np.int8)
    kind_text = np.full(n, "91") if kinds is None else np.asarray(kinds, dtype="U2")
    letters = np.char.encode(kind_text, "ascii").view(np.uint8).reshape(n, 2)
    body[:, :2] = _VALUE[letters]
    body[:, 2:8] = [ALPHABET.index(c) for c in area]
    body[:, 8:10] = [ALPHABET.index("M"), ALPHABET.index("A")]
    for place in range(LENGTH - 2, 9, -1):
        body[:, place] = serial % 31
        serial = serial // 31
    return with_check(body)


def _buffers(codes: pd.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    array = pa.array(codes.astype("str"), type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    known = ~np.asarray(array.is_null())
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.zeros(0, dtype=np.uint8)
    return offsets, data, known
