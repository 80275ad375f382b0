"""How exactly subjects are located (定位质量): shares by match level and error radii."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.analysis.measures import means, medians

UNLOCATED = 0
"""Stands for "not located" among the match levels 1 (exact) to 6 (district only)."""
_LEVELS = 7


def shares_by_level(subjects: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Return for each key how many subjects stand at each match level.

    Parameters
    ----------
    subjects : n rows with ``located`` (bool) and ``match_level`` (1..6, nullable)
    keys : n keys on the same index, for example the district or ``h3_r8``; subjects without a key are left
        out

    Returns
    -------
    key, match_level (1..6, or `UNLOCATED` for subjects in the queue), subjects, share of the key's
    subjects; only levels that occur, ascending. Counts over all keys add up to the subjects that have a
    key, shares of a key to 1.
    """
    present = keys.notna().to_numpy(bool)
    rows = subjects[present]
    groups, names = pd.factorize(keys[present], sort=True)
    level = rows["match_level"].to_numpy(dtype=np.float64, na_value=UNLOCATED).astype(np.int64)
    level = np.where(rows["located"].to_numpy(bool), level, UNLOCATED)
    table = np.bincount(groups * _LEVELS + level, minlength=len(names) * _LEVELS).reshape(-1, _LEVELS)
    at, found = np.nonzero(table)
    return pd.DataFrame(
        {
            "key": names.take(at),
            "match_level": found.astype(np.int64),
            "subjects": table[at, found].astype(np.int64),
            "share": table[at, found] / table.sum(axis=1)[at],
        }
    )


def error_radius(subjects: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Return mean and median error radius of the located subjects of each key.

    Parameters
    ----------
    subjects : n rows with ``located`` (bool) and ``error_radius_m`` (metres, nullable)
    keys : n keys on the same index; subjects without a key are left out

    Returns
    -------
    key (ascending), located (count), error_radius_mean_m and error_radius_median_m (null where no radius is
    known).
    """
    present = keys.notna().to_numpy(bool)
    rows = subjects[present]
    groups, names = pd.factorize(keys[present], sort=True)
    radius = rows["error_radius_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    located = rows["located"].to_numpy(bool)
    radius = np.where(located, radius, np.nan)
    known = np.isfinite(radius)
    return pd.DataFrame(
        {
            "key": names,
            "located": np.bincount(groups[located], minlength=len(names)).astype(np.int64),
            "error_radius_mean_m": means(groups, radius, len(names)),
            "error_radius_median_m": medians(groups[known], radius[known], len(names)),
        }
    )
