"""What real deliveries suffer from, put in on purpose and labelled row by row.

Kinds: ``repeated`` (the same row again), ``ping_pong`` (a telephone at rest tossed between two cells), ``ghost`` (a
cell that is in no table), ``retired`` (an id that is no longer in service), ``jump`` (a cell far away for one event),
``skew`` (the clock of a mast is hours off), ``no_user``, ``no_time``, ``no_cell``. Dead masts send nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.demo.signaling.events import Batch, Homes, taken, together
from models.demo.signaling.people import Ints
from models.demo.signaling.towers import Towers

KINDS = ("", "repeated", "ping_pong", "ghost", "retired", "jump", "skew", "no_user", "no_time", "no_cell")
CODE = {name: np.int8(k) for k, name in enumerate(KINDS)}
GHOST = -7
"""Row code of a cell that is in no table."""


class Dirty(NamedTuple):
    """Events as delivered, in order of time, with the label of each.

    Attributes
    ----------
    batch : the events; ``row`` is `GHOST` for ghost cells
    label : (n) position in `KINDS`
    """

    batch: Batch
    label: npt.NDArray[np.int8]


class Amounts(NamedTuple):
    """Shares of the events, 0 to 1; ``dead_masts`` and ``skewed_masts`` are shares of the masts on a day."""

    repeated: float
    ping_pong: float
    ghost: float
    retired: float
    jump: float
    missing: float
    dead_masts: float
    skewed_masts: float


PRESETS = {
    "easy": Amounts(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "real": Amounts(0.02, 0.012, 0.004, 0.003, 0.002, 0.001, 0.01, 0.002),
    "hard": Amounts(0.05, 0.04, 0.012, 0.008, 0.006, 0.004, 0.04, 0.006),
}


def dirty(
    batch: Batch, amounts: Amounts, net: Towers, homes: Homes, active: npt.NDArray[np.bool_], masts: Ints,
    rng: np.random.Generator,
) -> Dirty:  # fmt: skip
    """Add the dirt of one day.

    Parameters
    ----------
    masts : (rows of the network) number of the mast of each row
    """
    batch = _silenced(batch, amounts.dead_masts, masts, rng)
    n = len(batch.person)
    label = np.zeros(n, np.int8)
    row, time, person = batch.row.copy(), batch.time.copy(), batch.person.copy()
    usable = np.flatnonzero(row >= 0)
    chance = rng.random(len(usable))
    edges = np.cumsum([amounts.ghost, amounts.retired, amounts.jump, *[amounts.missing / 3] * 3])
    for k, name in enumerate(("ghost", "retired", "jump", "no_user", "no_time", "no_cell")):
        mine = usable[(chance < edges[k]) & (chance >= (edges[k - 1] if k else 0.0))]
        label[mine] = CODE[name]
        row[mine] = _instead(name, row[mine], net, active, rng)
    skewed = np.flatnonzero(rng.random(int(masts.max(initial=0)) + 1) < amounts.skewed_masts)
    late = np.flatnonzero((label == 0) & (row >= 0) & np.isin(masts[np.maximum(row, 0)], skewed))
    time[late] += 5 * 3600
    label[late] = CODE["skew"]
    changed = Batch(person, time, row, batch.abroad, batch.role)
    return _ordered(
        [(changed, label), _repeats(changed, label, amounts, rng), _tossed(changed, label, amounts, homes, rng)]
    )


def _silenced(batch: Batch, share: float, masts: Ints, rng: np.random.Generator) -> Batch:
    dead = np.flatnonzero(rng.random(int(masts.max(initial=0)) + 1) < share)
    kept = (batch.row < 0) | ~np.isin(masts[np.maximum(batch.row, 0)], dead)
    return taken(batch, kept)


def _instead(
    kind: str, rows: npt.NDArray[np.int32], net: Towers, active: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """The cell that a dirty event names."""
    if kind == "ghost":
        return np.full(len(rows), GHOST, np.int32)
    roaming = (net.table["technology"] == "roaming").to_numpy()
    if kind == "retired":
        old = np.flatnonzero(~active & ~roaming)
        return rng.choice(old, len(rows)).astype(np.int32) if len(old) else rows
    if kind == "jump" and len(rows):
        near = np.flatnonzero(active & ~roaming)
        far = rng.choice(near, (len(rows), 12))
        gap = np.hypot(*(net.place[far] - net.place[rows][:, None]).transpose(2, 0, 1))
        return np.asarray(far[np.arange(len(rows)), gap.argmax(axis=1)], np.int32)
    return rows


def _repeats(
    batch: Batch, label: npt.NDArray[np.int8], amounts: Amounts, rng: np.random.Generator
) -> tuple[Batch, npt.NDArray[np.int8]]:
    again = np.flatnonzero((label == 0) & (rng.random(len(label)) < amounts.repeated))
    return taken(batch, again), np.full(len(again), CODE["repeated"], np.int8)


def _tossed(
    batch: Batch, label: npt.NDArray[np.int8], amounts: Amounts, homes: Homes, rng: np.random.Generator
) -> tuple[Batch, npt.NDArray[np.int8]]:
    """Chains A-B-A-B-A around events of telephones at rest; the events of B are the dirt, those of A are true."""
    pieces, labels = [], []
    for role, served in homes.by_role.items():
        at = np.flatnonzero((label == 0) & (batch.role == role) & (rng.random(len(label)) < amounts.ping_pong))
        first, second = served.row[batch.person[at], 0], served.row[batch.person[at], 1]
        other = np.where(batch.row[at] == first, second, first)
        gap = rng.integers(8, 40, len(at))
        for step in range(1, 5):
            later = batch.time[at] + step * gap
            cell = other if step % 2 else batch.row[at]
            pieces.append(Batch(batch.person[at], later, cell, batch.abroad[at], batch.role[at]))
            labels.append(np.full(len(at), CODE["ping_pong"] if step % 2 else 0, np.int8))
    return together(pieces), np.concatenate(labels)


def _ordered(parts: list[tuple[Batch, npt.NDArray[np.int8]]]) -> Dirty:
    whole = together([part for part, _ in parts])
    label = np.concatenate([found for _, found in parts])
    order = np.argsort(whole.time, kind="stable")
    return Dirty(taken(whole, order), label[order])
