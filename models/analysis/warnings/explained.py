"""What is only the shadow of another warning: a cluster that is one building, a crowded building that burst."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings.candidates import Candidates

CLOSE_DAYS = 30
"""Days within which a cluster and a burst of a building are of one time."""


def unexplained(found: Sequence[Candidates], share: float) -> list[Candidates]:
    """Leave out clusters, surges and crowded addresses that are only the burst of one building, which is raised itself.

    A cluster or surge is explained where one burst of a building that began within `CLOSE_DAYS` of it holds ``share``
    of its members; a crowded address where the burst of the same building began on or before the day it became crowded.
    """
    bursts = [c for c in found if c.rule.detector == "address_burst" and len(c)]
    if not bursts:
        return list(found)
    frame = pd.concat([c.frame[["target", "began_on"]] for c in bursts], ignore_index=True)
    first = frame.groupby("target")["began_on"].min()
    held = _members(bursts)
    kept = []
    for c in found:
        if not len(c):
            kept.append(c)
        elif c.rule.detector in ("scan_cluster", "sector_surge"):
            kept.append(c.only(~_within(c, held, frame["began_on"], share)))
        elif c.rule.detector == "address_crowded":
            kept.append(c.only(~(c.frame["target"].map(first) <= c.frame["began_on"]).to_numpy(bool)))
        else:
            kept.append(c)
    return kept


def _members(bursts: Sequence[Candidates]) -> pd.DataFrame:
    """Number of the burst over all rules, and subject_id."""
    parts, offset = [], 0
    for c in bursts:
        parts.append(pd.DataFrame({"burst": c.members["candidate"] + offset, "subject_id": c.members["subject_id"]}))
        offset += len(c)
    return pd.concat(parts, ignore_index=True)


def _within(c: Candidates, held: pd.DataFrame, began: pd.Series, share: float) -> npt.NDArray[np.bool_]:
    """Whether ``share`` of each candidate's members are in one burst that began at about the same time."""
    explained = np.zeros(len(c), bool)
    own = c.members[["candidate", "subject_id"]].drop_duplicates()
    pairs = own.merge(held, on="subject_id")
    if pairs.empty:
        return explained
    both = pairs.groupby(["candidate", "burst"]).size().reset_index(name="n")
    apart = c.frame["began_on"].to_numpy()[both["candidate"]] - began.to_numpy()[both["burst"]]
    size = both["candidate"].map(own.groupby("candidate").size())
    enough = both[(np.abs(apart) <= np.timedelta64(CLOSE_DAYS, "D")) & (both["n"] >= share * size)]
    explained[enough["candidate"].to_numpy(np.int64)] = True
    return explained
