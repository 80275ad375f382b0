"""Joint visits (联合检查): what has to be checked at one firm or in one building becomes one visit: enter once, check
several things."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

METRE_DIGITS = 5
"""Decimals of a degree that tell two buildings apart: 0.00001 degree is about one metre."""


def building_keys(subjects: pd.DataFrame, together_level: int) -> pd.Series:
    """Which building each subject is in; a subject that is not located that well is a building of its own.

    Parameters
    ----------
    subjects : subject_id, lon, lat (degrees WGS84, may be missing), match_level (1 exact .. 5 seat of a town, may be
        missing)
    together_level : coarsest match level that tells a building

    Returns
    -------
    Text per row, on the index of ``subjects``.
    """
    level = pd.to_numeric(subjects["match_level"], errors="coerce")
    sure = subjects["lon"].notna() & subjects["lat"].notna() & (level <= together_level)
    spot = (
        subjects["lat"].map(f"{{:.{METRE_DIGITS}f}}".format)
        + ","
        + subjects["lon"].map(f"{{:.{METRE_DIGITS}f}}".format)
    )
    return spot.where(sure, "subject:" + subjects["subject_id"].astype("str")).astype("str")


def joint_visits(
    pairs: pd.DataFrame, *, minutes_per_firm: int, minutes_per_item: int, longest_minutes: int
) -> pd.DataFrame:
    """Put pairs of subject and item together into visits.

    Parameters
    ----------
    pairs : subject_id, item_code (a pair may be asked for by several plans), building (str), team (str: officers who
        go; visits never mix teams)
    minutes_per_firm, minutes_per_item : how long a visit takes
    longest_minutes : a visit ends before it grows longer; one firm is never split

    Returns
    -------
    Each distinct pair once, sorted, with ``visit_id`` (12 hex digits of what is checked where by whom) and ``minutes``
    (of the whole visit). There are never more visits than subjects, hence never more than pairs.
    """
    columns = ["building", "team", "subject_id", "item_code"]
    distinct = pairs[columns].drop_duplicates(["subject_id", "item_code"]).sort_values(columns, ignore_index=True)
    if distinct.empty:
        return distinct.assign(visit_id=pd.Series(dtype="str"), minutes=pd.Series(dtype="int64"))
    firm = distinct.groupby("subject_id")["team"].transform("first")
    distinct["team"] = firm  # one firm is entered once, by the team that is named first
    firms = distinct.groupby(["building", "team", "subject_id"], as_index=False).size()
    firms["needs"] = minutes_per_firm + minutes_per_item * firms["size"]
    firms["part"] = np.concatenate(
        [_parts(group.to_numpy(), longest_minutes) for _, group in firms.groupby(["building", "team"])["needs"]]
    )
    keys = firms["building"] + "|" + firms["team"] + "|" + firms["part"].astype(str)
    firms["visit_id"] = [hashlib.sha256(key.encode()).hexdigest()[:12] for key in keys]
    firms["minutes"] = firms.groupby("visit_id")["needs"].transform("sum")
    found = distinct.merge(firms[["building", "team", "subject_id", "visit_id", "minutes"]], validate="many_to_one")
    return found.sort_values(columns, ignore_index=True)


def _parts(minutes: np.ndarray, longest: int) -> np.ndarray:
    """Number of the visit of each firm of a building: the next one begins where the present one would grow too long."""
    parts, part, spent = [], 0, 0
    for needed in minutes:
        if spent and spent + needed > longest:
            part, spent = part + 1, 0
        spent += int(needed)
        parts.append(part)
    return np.array(parts, dtype=np.int64)
