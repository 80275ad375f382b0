"""Dirt planted into the registers, each item labelled with what a reader is expected to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

QUARANTINED, LOADED, FLAGGED = "quarantined", "loaded", "flagged"
Editor = Callable[[str, int], str | None]


@dataclass(frozen=True)
class Kind:
    """One kind of dirt.

    Attributes
    ----------
    name, column : what it is called and where it sits
    share : of the rows of a register, at least one row
    expected : quarantined, loaded (read as if it were clean) or flagged (loaded with a flag)
    reason : part of the quarantine's reason, or the flag
    edit : old text and a serial number -> new text, None for an empty field
    """

    name: str
    column: str
    share: float
    expected: str
    reason: str
    edit: Editor


def _swap_check(code: str, serial: int) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return code[:-1] + alphabet[(alphabet.index(code[-1]) + 1 + serial % 29) % 31]


def _other_date(text: str, serial: int) -> str:
    year, month, day = text.split("-")
    forms = (
        f"{year}/{int(month)}/{int(day)}",
        f"{year}{month}{day}",
        f"{year}年{int(month)}月{int(day)}日",
        f"{year}.{month}.{day}",
    )
    return forms[serial % len(forms)]


KINDS = (
    Kind("wrong check character", "uscc", 8e-4, QUARANTINED, "check character", _swap_check),
    Kind(
        "letter not allowed", "uscc", 5e-4, QUARANTINED, "not of the 31", lambda t, n: t[:9] + "IOSVZ"[n % 5] + t[10:]
    ),
    Kind("code too short", "uscc", 4e-4, QUARANTINED, "18 characters", lambda t, n: t[: 15 - n % 3]),
    Kind("no name", "name", 3e-4, QUARANTINED, "needs a name", lambda _, n: ("", "-", "N/A")[n % 3]),
    Kind(
        "no such day",
        "established_on",
        4e-4,
        QUARANTINED,
        "calendar",
        lambda t, n: t[:4] + ("-02-30", "-13-08", "-06-31")[n % 3],
    ),
    Kind("day in the future", "established_on", 3e-4, QUARANTINED, "after the day", lambda t, _: "2051" + t[4:]),
    Kind(
        "day and month first",
        "established_on",
        3e-4,
        QUARANTINED,
        "told apart",
        lambda t, n: f"{n % 12 + 1:02d}/{n % 9 + 1:02d}/{t[:4]}",
    ),
    Kind(
        "not a date",
        "established_on",
        2e-4,
        QUARANTINED,
        "not a date",
        lambda _, n: ("不详", "九十年代", "待查")[n % 3],
    ),
    Kind(
        "unreadable capital", "capital", 5e-4, FLAGGED, "unreadable", lambda _, n: ("某某某", "2560.0", "伍拾万")[n % 3]
    ),
    Kind("capital of 10^12 yuan", "capital", 2e-4, FLAGGED, "implausible", lambda *_: "100000000万人民币"),
    Kind("capital zero", "capital", 2e-3, FLAGGED, "missing", lambda *_: "0(万)"),
    Kind("date in another form", "established_on", 6e-2, LOADED, "", _other_date),
    Kind("no scope", "scope", 1e-3, LOADED, "", lambda *_: "N/A"),
)


def plant(frame: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a register with dirt, and one label for each dirty row.

    Parameters
    ----------
    frame : n rows of a register's texts, index 0..n-1

    Returns
    -------
    (dirty, labels) : labels has position (in ``frame``), kind, column, expected, reason; no row has two
    """
    order = rng.permutation(len(frame))
    dirty = frame.copy()
    labels, used = [], 0
    for kind in KINDS:
        count = max(round(kind.share * len(frame)), 1)
        rows = np.sort(order[used : used + count])
        used += count
        if not len(rows):
            continue
        texts = dirty[kind.column].to_numpy(dtype=object, copy=True)
        texts[rows] = [kind.edit(str(texts[row]), serial) for serial, row in enumerate(rows.tolist())]
        dirty[kind.column] = texts
        labels.append(label(rows, kind.name, kind.column, kind.expected, kind.reason))
    return dirty, pd.concat(labels, ignore_index=True)


def label(rows: npt.NDArray[np.int64], kind: str, column: str, expected: str, reason: str) -> pd.DataFrame:
    """Return one label row for each position of ``rows``."""
    columns = {"kind": kind, "column": column, "expected": expected, "reason": reason}
    return pd.DataFrame({"position": rows, **columns})


def doubled(
    frame: pd.DataFrame, labels: pd.DataFrame, rng: np.random.Generator, share: float = 1.5e-3
) -> npt.NDArray[np.int64]:
    """Return positions of clean rows to be delivered a second time."""
    clean = np.setdiff1d(np.arange(len(frame)), labels["position"].to_numpy())
    count = min(max(round(share * len(frame)), 1), len(clean))
    return np.sort(rng.choice(clean, count, replace=False)) if count else clean[:0]
