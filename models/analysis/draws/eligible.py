"""Who can be drawn: subjects of a library at a place, with their level and whether this year had them before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

GONE = ("注销", "吊销", "迁出")
"""Beginnings of a registered status that ends supervision on site: cancelled, revoked, moved away."""


def eligible_objects(
    subjects: pd.DataFrame,
    levels: pd.DataFrame,
    licences: pd.DataFrame,
    *,
    libraries: Collection[str],
    place: str,
    day: dt.date,
    drawn_before: Collection[str] = (),
) -> pd.DataFrame:
    """Make the objects of a draw.

    Parameters
    ----------
    subjects : subject_id, area_code (grid, town or district; missing where un-located), libraries (those it belongs to
        by what it is, joined by ;), status (optional)
    levels : subject_id, level
    licences : subject_id, library, issued_on, expires_on, revoked_on; a valid one adds its library; may be empty
    libraries : libraries of the items to be checked
    place : code of a district, town or grid with all below it, "*" for the whole city (un-located subjects included)
    day : day of the draw; a licence has to be valid on it
    drawn_before : subjects drawn in the same year

    Returns
    -------
    Frame with the columns that `draw` needs, one row per subject that belongs to one of the libraries, sorted.
    Subjects without a level or whose status says that they are gone are left out.
    """
    frame = subjects.merge(levels[["subject_id", "level"]].dropna(), on="subject_id", validate="one_to_one")
    if "status" in frame:
        frame = frame[~frame["status"].fillna("").str.startswith(GONE)]
    area = frame["area_code"].astype("str").fillna("")
    if place != "*":
        frame, area = frame[area.str.startswith(place)], area[area.str.startswith(place)]
    held = _held(licences, day)
    own = held.reindex(frame["subject_id"]).to_numpy()
    joined = [_join(base, more) for base, more in zip(frame["libraries"], own, strict=True)]
    wanted = set(libraries)
    fits = np.array([bool(wanted & set(text.split(";"))) for text in joined], dtype=bool)
    found = pd.DataFrame(
        {
            "subject_id": frame["subject_id"].to_numpy(),
            "level": frame["level"].to_numpy(),
            "area_code": area.to_numpy(),
            "libraries": joined,
            "drawn_before": frame["subject_id"].isin(list(drawn_before)).to_numpy(),
        }
    )
    return found[fits].sort_values("subject_id", ignore_index=True)


def _held(licences: pd.DataFrame, day: dt.date) -> pd.Series:
    if licences.empty:
        return pd.Series(dtype=object)
    today = pd.Timestamp(day)
    ends, revoked = pd.to_datetime(licences["expires_on"]), pd.to_datetime(licences["revoked_on"])
    valid = (pd.to_datetime(licences["issued_on"]) <= today) & (ends.isna() | (ends >= today))
    valid &= revoked.isna() | (revoked > today)
    kept = licences.loc[valid, ["subject_id", "library"]].drop_duplicates().sort_values("library")
    return kept.groupby("subject_id")["library"].agg(";".join)


def _join(*listed: object) -> str:
    return ";".join(sorted({name for text in listed if isinstance(text, str) for name in text.split(";") if name}))
