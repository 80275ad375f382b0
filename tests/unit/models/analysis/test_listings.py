"""Invariants of the abnormal-operations and serious lists (Zhejiang 2017), and accounts that add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import contracts
from models.analysis import listings

AS_OF = pd.Timestamp("2024-12-31")


def entries(*rows: tuple[str, str, str, str | None, str | None]) -> pd.DataFrame:
    """(subject, ground, listed_on, removed_on, removal); the report year is that before the entry."""
    frame = pd.DataFrame(rows, columns=["subject_id", "ground", "listed_on", "removed_on", "removal"])
    for day in ("listed_on", "removed_on"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[s]")
    serious = frame["ground"].isin(["three_years", "serious_violation"])
    frame["list"] = np.where(serious, "serious", "abnormal")
    frame["report_year"] = (frame["listed_on"].dt.year - 1).where(frame["ground"] == "annual_report").astype("Int64")
    frame["listing_id"] = [f"{i:04d}" for i in range(len(frame))]
    frame = frame.assign(source_id="l", source_file="l.csv", source_row=range(2, len(frame) + 2))
    return contracts.conform("listings", frame.astype({"removal": "str", "list": "str"}))


def refused(*rows: tuple[str, str, str, str | None, str | None]) -> list[int]:
    return sorted(listings.repeated(entries(*rows)).index)


def test_nobody_is_listed_twice_at_once_as_unreachable() -> None:
    assert refused(
        ("A", "unreachable", "2024-01-01", "2024-06-01", "normal"),
        ("A", "unreachable", "2024-03-01", None, None),  # begins while the first lasts
        ("A", "unreachable", "2024-06-01", None, None),  # on the day of the removal: allowed
        ("B", "unreachable", "2024-03-01", None, None),
    ) == [1]


def test_a_refused_entry_forbids_no_later_one() -> None:
    assert refused(
        ("A", "unreachable", "2024-01-01", "2024-03-01", "normal"),
        ("A", "unreachable", "2024-02-01", "2024-12-01", "normal"),
        ("A", "unreachable", "2024-04-01", None, None),
    ) == [1]


def test_nobody_is_listed_twice_for_the_report_of_one_year() -> None:
    assert refused(
        ("A", "annual_report", "2023-07-01", "2023-09-01", "normal"),
        ("A", "annual_report", "2023-10-01", None, None),
        ("A", "annual_report", "2024-07-01", None, None),
        ("B", "annual_report", "2023-07-01", None, None),
    ) == [1]


def test_an_entry_taken_back_as_wrong_counts_for_nothing() -> None:
    assert (
        refused(
            ("A", "annual_report", "2023-07-01", "2023-08-01", "correction"),
            ("A", "annual_report", "2023-09-01", None, None),
            ("A", "unreachable", "2024-01-01", "2024-09-01", "correction"),
            ("A", "unreachable", "2024-02-01", None, None),
        )
        == []
    )


def test_two_grounds_at_once_are_allowed() -> None:
    assert (
        refused(("A", "unreachable", "2024-01-01", None, None), ("A", "annual_report", "2024-07-01", None, None)) == []
    )


def test_an_account_worked_by_hand() -> None:
    table = listings.listing_account(
        entries(
            ("A", "annual_report", "2023-07-01", None, None),
            ("A", "unreachable", "2024-01-01", None, None),
            ("B", "annual_report", "2023-07-01", "2023-09-01", "normal"),
            ("C", "annual_report", "2023-07-01", "2023-08-01", "correction"),
            ("D", "three_years", "2024-07-01", None, None),
            ("E", "unreachable", "2025-01-01", None, None),  # after the day of the account
            ("B", "annual_report", "2024-07-01", "2025-01-15", "normal"),  # removed after the day of the account
        ),
        AS_OF,
    ).set_index(["list", "ground"])
    names = ["records", "listed", "removed", "corrected", "effective", "subjects", "subjects_listed"]
    assert table.loc[("abnormal", "annual_report"), names].tolist() == [4, 2, 2, 1, 3, 3, 2]
    assert table.loc[("abnormal", "unreachable"), names].tolist() == [1, 1, 0, 0, 1, 1, 1]
    whole = table.loc["abnormal"][table.loc["abnormal"].index.isna()]
    # Subjects are no sum of the grounds: A is listed on two.
    assert whole[names].to_numpy().tolist() == [[5, 3, 2, 1, 4, 3, 2]]
    assert table.loc[("serious", "three_years"), "subjects_listed"] == 1


grounds = st.sampled_from(["annual_report", "unreachable", "false_disclosure", "three_years"])
rows = st.lists(
    st.tuples(st.sampled_from("ABC"), grounds, st.integers(0, 900), st.none() | st.integers(0, 400), st.booleans()),
    max_size=25,
)


def made(drawn: list[tuple[str, str, int, int | None, bool]]) -> pd.DataFrame:
    start = pd.Timestamp("2022-01-01")
    return entries(
        *(
            (
                subject,
                ground,
                str(start + pd.Timedelta(day, "D")),
                None if lasts is None else str(start + pd.Timedelta(day + lasts, "D")),
                None if lasts is None else "correction" if wrong else "normal",
            )
            for subject, ground, day, lasts, wrong in drawn
        )
    )


@given(rows)
def test_the_identities_hold_whatever_was_delivered(drawn: list[tuple[str, str, int, int | None, bool]]) -> None:
    frame = made(drawn)
    for table in (listings.listing_account(frame, AS_OF), listings.listing_batches(frame, AS_OF)):
        assert (table["records"] == table["listed"] + table["removed"]).all()
        assert (table["records"] == table["effective"] + table["corrected"]).all()
        assert (table["subjects_listed"] <= table["subjects"]).all()
        assert (table["subjects"] <= table["records"]).all()
    account = listings.listing_account(frame, AS_OF)
    sums = account[account["ground"].isna()].set_index("list")["records"]
    assert account[account["ground"].notna()].groupby("list")["records"].sum().to_dict() == sums.to_dict()


@given(rows)
def test_a_batch_keeps_its_size(drawn: list[tuple[str, str, int, int | None, bool]]) -> None:
    frame, keys = made(drawn), ["list", "ground", "listed_on"]
    early, late = (
        listings.listing_batches(frame, day).set_index(keys)["records"] for day in (pd.Timestamp("2023-06-30"), AS_OF)
    )
    assert early.equals(late.loc[early.index])


@given(rows)
def test_what_is_left_breaks_no_rule_and_a_plain_reading_agrees(
    drawn: list[tuple[str, str, int, int | None, bool]],
) -> None:
    frame = made(drawn)
    assert sorted(listings.repeated(frame).index) == plain(frame)
    rest = frame.drop(index=listings.repeated(frame).index)
    assert listings.repeated(rest).empty


def plain(frame: pd.DataFrame) -> list[int]:
    """The rules entry by entry, as a clerk would apply them."""
    kept: list[pd.Series] = []
    refused_rows: list[int] = []
    for index, entry in frame.sort_values(["listed_on", "listing_id"]).iterrows():
        if entry["removal"] == "correction":
            continue
        same = [k for k in kept if (k["subject_id"], k["ground"]) == (entry["subject_id"], entry["ground"])]
        twice = entry["ground"] == "annual_report" and any(k["report_year"] == entry["report_year"] for k in same)
        during = entry["ground"] == "unreachable" and any(
            pd.isna(k["removed_on"]) or entry["listed_on"] < k["removed_on"] for k in same
        )
        if twice or during:
            refused_rows.append(index)
        else:
            kept.append(entry)
    return sorted(refused_rows)


@pytest.mark.parametrize("function", [listings.listing_account, listings.listing_batches])
def test_an_empty_list_has_an_empty_account(function) -> None:
    assert function(contracts.empty("listings"), AS_OF).empty
