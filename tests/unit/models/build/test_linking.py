"""Records against each other: nothing is lost on the way, and what cannot stand says why."""

from __future__ import annotations

import pandas as pd

from models import contracts
from models.build import linking


def frame_of(table: str, **columns: list) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    made = pd.DataFrame(columns).assign(source_id=table, source_file=f"{table}.csv", source_row=range(2, rows + 2))
    return contracts.conform(table, made)


def inspections() -> pd.DataFrame:
    days = ["2024-01-01", "2024-01-01", "2024-02-01", "2024-03-01", "2024-03-01"]
    return frame_of(
        "inspections",
        inspection_id=["i1", "i2", "i3", "i4", "i5"],
        subject_id=["A", "A", "A", "B", "B"],
        inspected_on=pd.to_datetime(days).astype("datetime64[s]"),
        kind=["routine", "complaint", "complaint", "routine", "routine"],
        result=["none_found"] * 5,
    )


def findings() -> pd.DataFrame:
    days = ["2024-01-01", "2024-02-01", "2024-02-02", "2024-03-01", "2024-01-01", "2024-01-01"]
    return frame_of(
        "findings",
        finding_id=["f1", "f2", "f3", "f4", "f5", "f6"],
        inspection_id=[None, None, None, None, "i2", "i9"],
        subject_id=["A", "A", "A", "B", "A", "A"],
        found_on=pd.to_datetime(days).astype("datetime64[s]"),
        severity=["low"] * 6,
    )


def test_a_finding_gets_the_inspection_of_its_day_where_there_is_no_doubt() -> None:
    kept, refused = linking.with_inspection(findings(), inspections())
    named = kept.set_index("finding_id")["inspection_id"]
    assert named["f1"] == "i1"  # of two that day the only routine one
    assert named["f2"] == "i3"
    assert named[["f3", "f4"]].isna().all()  # nobody was there that day; two routine ones
    assert named["f5"] == "i2"  # what is given stays
    assert refused["reason"].tolist() == [linking.UNKNOWN_INSPECTION]
    assert len(kept) + len(refused) == len(findings())
    contracts.check("findings", kept)


def test_without_inspections_no_finding_points_nowhere() -> None:
    kept, refused = linking.with_inspection(findings(), None)
    assert kept["inspection_id"].isna().all()
    assert len(kept) == 6 and refused.empty


def test_an_inspection_of_a_silent_source_gets_its_result_from_what_was_found() -> None:
    kept, _ = linking.with_inspection(findings(), inspections())
    results = linking.with_result(inspections(), kept, ["inspections"]).set_index("inspection_id")["result"]
    assert results.to_dict() == {
        "i1": "rectify",
        "i2": "rectify",
        "i3": "rectify",
        "i4": "none_found",
        "i5": "none_found",
    }
    stated = linking.with_result(inspections(), kept, ["another"])
    assert (stated["result"] == "none_found").all()


def test_a_record_of_an_unknown_subject_is_refused_with_its_line() -> None:
    kept, refused = linking.with_subject("inspections", inspections(), pd.Index(["A"]))
    assert kept["subject_id"].unique().tolist() == ["A"]
    assert refused[["found", "reason", "source_row"]].to_numpy().tolist() == [
        ["B", linking.UNKNOWN_SUBJECT, 5],
        ["B", linking.UNKNOWN_SUBJECT, 6],
    ]
    contracts.check("quarantine", refused)


def test_the_quarantine_of_records_holds_no_key_of_a_person() -> None:
    keyed = inspections().assign(officer_key="0123456789abcdef")
    _, refused = linking.with_subject("inspections", keyed, pd.Index([]))
    assert len(refused) == 5
    assert not refused.astype(str).apply(lambda c: c.str.contains("0123456789abcdef")).any(axis=None)


def test_a_repeated_listing_moves_to_the_quarantine() -> None:
    given = frame_of(
        "listings",
        listing_id=["1", "2"],
        subject_id=["A", "A"],
        list=["abnormal"] * 2,
        ground=["unreachable"] * 2,
        listed_on=pd.to_datetime(["2024-01-01", "2024-01-02"]).astype("datetime64[s]"),
    )
    kept, refused = linking.without_repeats(given)
    assert kept["listing_id"].tolist() == ["1"]
    assert refused[["column", "found"]].to_numpy().tolist() == [["listed_on", "2"]]
