"""Accounts of the abnormal-operations list (经营异常名录) and the serious-violation list (严重违法失信名单).

Source of the identities: requirement documents of Zhejiang, 2017, after Order 68 of 2014: a subject is not listed twice
for being unreachable, nor twice for the same year's report; total = still listed + removed; a batch = effective + later
corrected, and its size is fixed once made; subjects and records are different counts.
"""

from __future__ import annotations

import pandas as pd

ANNUAL_REPORT, UNREACHABLE = "annual_report", "unreachable"
TWICE_REPORT = "the subject is listed already for the report of the same year"
TWICE_UNREACHABLE = "the subject is listed already as unreachable at this time"


def repeated(listings: pd.DataFrame) -> pd.DataFrame:
    """Entries that the law does not allow beside an earlier one.

    An entry that was taken back as wrong (removal by correction) counts for nothing: it neither forbids a later one nor
    is it forbidden. An entry on the day of an earlier one's removal is allowed.

    Parameters
    ----------
    listings : n rows on the contract ``listings``

    Returns
    -------
    Columns ``column`` and ``reason``, one row per entry to refuse, with its index in ``listings``; of two entries the
    one of the earlier day is kept, on one day that of the smaller number.
    """
    valid = listings[(listings["removal"] != "correction").fillna(True)].sort_values(["listed_on", "listing_id"])
    reports = valid[valid["ground"] == ANNUAL_REPORT]
    again = reports.index[reports.duplicated(["subject_id", "report_year"])]
    twice = _overlapping(valid[valid["ground"] == UNREACHABLE])
    return pd.concat(
        [
            pd.DataFrame({"column": "report_year", "reason": TWICE_REPORT}, index=again, dtype="str"),
            pd.DataFrame({"column": "listed_on", "reason": TWICE_UNREACHABLE}, index=twice, dtype="str"),
        ]
    )


def _overlapping(entries: pd.DataFrame) -> pd.Index:
    """Index of the entries, in order of time, that begin while a kept one of the same subject lasts.

    Only subjects with several entries are walked through: whether one counts depends on which were kept before.
    """
    several = entries[entries["subject_id"].duplicated(keep=False)]
    until: dict[str, pd.Timestamp] = {}
    refused = []
    for row, subject, start, end in zip(
        several.index, several["subject_id"], several["listed_on"], several["removed_on"], strict=True
    ):
        if subject in until and start < until[subject]:
            refused.append(row)
        else:
            until[subject] = pd.Timestamp.max if pd.isna(end) else end
    made: pd.Index = pd.Index(refused, dtype=several.index.dtype)
    return made


def listing_account(listings: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What stands on the lists at a day: records and subjects, by list and ground, with a sum per list.

    ``records = listed + removed`` and ``records = effective + corrected`` in every row. Subjects are counted once in
    each row; the subjects of the grounds may add up to more than those of the list, because one subject can be listed
    on several grounds.

    Parameters
    ----------
    listings : n rows on the contract ``listings``
    as_of : entries and removals after this day have not happened

    Returns
    -------
    Columns list, ground (missing in the sum of a list), records, listed, removed, corrected, effective (records),
    subjects, subjects_listed (subjects with an entry that stands).
    """
    entries = _at(listings, as_of)
    parts = [_counted(entries, ["list", "ground"]), _counted(entries, ["list"])]
    table = pd.concat(parts, ignore_index=True)
    if "ground" not in table:
        table["ground"] = None
    table["ground"] = table["ground"].astype("str")
    order = ["list", "ground", *_COUNTS, "subjects", "subjects_listed"]
    return table[order].sort_values(["list", "ground"], na_position="last", ignore_index=True)


def listing_batches(listings: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Entries of one day, list and ground, and what became of them: ``records = effective + corrected``.

    ``records`` of a batch is the same for every later ``as_of``.

    Returns
    -------
    Columns list, ground, listed_on, records, listed, removed, corrected, effective, subjects, subjects_listed
    """
    return _counted(_at(listings, as_of), ["list", "ground", "listed_on"])


_COUNTS = ("records", "listed", "removed", "corrected", "effective")


def _at(listings: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The entries made until a day, each with what it is at that day."""
    entries = listings[listings["listed_on"] <= as_of]
    removed = (entries["removed_on"] <= as_of).fillna(False)
    corrected = removed & (entries["removal"] == "correction").fillna(False)
    return entries.assign(
        records=1,
        removed=removed.astype("int64"),
        listed=(~removed).astype("int64"),
        corrected=corrected.astype("int64"),
        effective=(~corrected).astype("int64"),
        standing=entries["subject_id"].where(~removed),
    )


def _counted(entries: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    groups = entries.groupby(keys, sort=True)
    counts = groups[list(_COUNTS)].sum().astype("int64")
    return counts.assign(
        subjects=groups["subject_id"].nunique().astype("int64"),
        subjects_listed=groups["standing"].nunique().astype("int64"),
    ).reset_index()
