"""The measures of one group of subjects, for all groups at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import RequestError

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]

SECTIONS = "ABCDEFGHIJKLMNOPQRST"
"""Sections (门类) of GB/T 4754-2017."""
COLUMNS = (
    "subjects",
    "capital_cny_sum",
    "capital_cny_median",
    "dominant_section",
    "section_entropy",
    "located_share",
    "capital_known",
    "section_known",
    "mean_error_radius_m",
    "area_km2",
)


def measure(subjects: pd.DataFrame, position: Positions, groups: int) -> pd.DataFrame:
    """Return the measures of every group; time and memory grow with subjects + groups.

    Parameters
    ----------
    subjects : n rows with capital_cny, capital_flag, industry_section, error_radius_m (each nullable)
    position : n positions of the group a subject belongs to, -1 for none
    groups : number of groups

    Returns
    -------
    ``groups`` rows: subjects, capital_cny_sum and capital_cny_median over `usable_capital` (null where
    there is none), capital_known, section_known, dominant_section, section_entropy (bit),
    mean_error_radius_m.
    """
    member = position >= 0
    at, rows = position[member], subjects[member]
    capital = usable_capital(rows)
    known = np.isfinite(capital)
    counts = np.bincount(at[known], minlength=groups)
    total = np.bincount(at[known], weights=capital[known], minlength=groups)
    sections = section_counts(rows["industry_section"], at, groups)
    return pd.DataFrame(
        {
            "subjects": np.bincount(at, minlength=groups).astype(np.int64),
            "capital_cny_sum": np.where(counts > 0, total, np.nan),
            "capital_cny_median": medians(at[known], capital[known], groups),
            "dominant_section": dominant(sections),
            "section_entropy": entropy(sections),
            "capital_known": pd.Series(counts, dtype="Int64"),
            "section_known": pd.Series(sections.sum(axis=1), dtype="Int64"),
            "mean_error_radius_m": means(at, _floats(rows, "error_radius_m"), groups),
        }
    )


def usable_capital(subjects: pd.DataFrame) -> Floats:
    """Return the registered capital in yuan, NaN where it is missing, unreadable or implausible."""
    capital = _floats(subjects, "capital_cny")
    refused = subjects["capital_flag"].isin(("implausible", "unreadable", "missing")).to_numpy(bool)
    return np.where(refused, np.nan, capital)


def positions_of(keys: pd.Series, codes: pd.Series) -> Positions:
    """Return where each of n keys stands in ``codes`` (unique); -1 for a null key.

    Raises
    ------
    RequestError : a key is not among the codes
    """
    found: Positions = pd.Index(codes).get_indexer(pd.Index(keys)).astype(np.int64)
    stray = (found < 0) & keys.notna().to_numpy()
    if stray.any():
        raise RequestError(
            f"{int(stray.sum()):,} subjects belong to areas that are not listed, first {keys[stray].iloc[0]!r}"
        )
    found[keys.isna().to_numpy()] = -1
    return found


def medians(group: Positions, values: Floats, groups: int) -> Floats:
    """Return the median of the values of each group, NaN for an empty one; of two middle ones their mean."""
    order = np.lexsort((values, group))
    ordered = values[order]
    counts = np.bincount(group, minlength=groups)
    start = np.cumsum(counts) - counts
    result = np.full(groups, np.nan)
    some = counts > 0
    low = ordered[start[some] + (counts[some] - 1) // 2]
    high = ordered[start[some] + counts[some] // 2]
    result[some] = low + (high - low) / 2
    return result


def means(group: Positions, values: Floats, groups: int) -> Floats:
    """Return the mean of the finite values of each group, NaN where there is none."""
    known = np.isfinite(values)
    counts = np.bincount(group[known], minlength=groups)
    total = np.bincount(group[known], weights=values[known], minlength=groups)
    result = np.full(groups, np.nan)
    np.divide(total, counts, out=result, where=counts > 0)
    return result


def section_counts(sections: pd.Series, group: Positions, groups: int) -> npt.NDArray[np.int64]:
    """Return subjects per group and section, shape (groups, 20); null sections are left out."""
    codes = pd.Categorical(sections, categories=list(SECTIONS)).codes.astype(np.int64)
    known = codes >= 0
    width = len(SECTIONS)
    flat = np.bincount(group[known] * width + codes[known], minlength=groups * width)
    return flat.reshape(groups, width).astype(np.int64)


def dominant(counts: npt.NDArray[np.int64]) -> pd.Series:
    """Return the most frequent section of each group (of several the first letter), null without any."""
    letters = np.array([*SECTIONS, None], dtype=object)
    best = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), len(SECTIONS))
    return pd.Series(letters[best], dtype="str")


def entropy(counts: npt.NDArray[np.int64]) -> Floats:
    """Return the Shannon entropy of each row of counts, in bits, NaN for an empty row.

    H = -sum p log2 p over the shares p (C. E. Shannon, "A Mathematical Theory of Communication", 1948). 0
    where all subjects share one section, log2 20 = 4.32 for an even spread over all. Small groups are
    biased downward.
    """
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    terms = share * np.log2(share, out=np.zeros(counts.shape), where=share > 0)
    bits = np.abs(terms.sum(axis=1))
    return np.where(total[:, 0] > 0, bits, np.nan)


def evenness(bits: Floats, *, classes: int = len(SECTIONS)) -> Floats:
    """Return the entropy as a share (0..1) of its largest possible value, log2 of ``classes``."""
    share: Floats = bits / np.log2(classes)
    return share


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    values: Floats = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return values
