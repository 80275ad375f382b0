"""What a register writes where it has nothing to say."""

from __future__ import annotations

import pandas as pd

MARKERS = (
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "N/A",
    "n/a",
    "NA",
    "NaN",
    "nan",
    "NULL",
    "null",
    "None",
    "\\N",
    "无",
    "#N/A",
)


def blank_to_missing(texts: pd.Series) -> pd.Series:
    """Return the texts (dtype ``str``, n rows) without outer white space, null where only a missing marker
    stands."""
    cleaned = texts.astype("str").str.strip()
    return cleaned.mask(cleaned.isin(MARKERS)).astype("str")


def by_unique(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return (codes, uniques): ``uniques.iloc[codes]`` are the texts; code -1 stands for null.

    Registers repeat their texts, so parsing the distinct ones and spreading the answers is the fast way.
    """
    codes, uniques = pd.factorize(texts)
    return pd.Series(codes, index=texts.index), pd.Series(uniques, dtype="str")
