"""What the inspections of a place of business say."""

from __future__ import annotations

import pandas as pd

from models import contracts
from models.analysis.premises import premises_checks


def on(*days: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(days)).astype("datetime64[s]"))


def some(table: str, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return contracts.conform(table, frame.assign(source_id="s", source_file="f", source_row=range(2, len(frame) + 2)))


PREMISES = some("premises", premises_id=["A", "B", "C", "D"], name=["a", "b", "c", "d"], lon=[1.0, None, 3.0, 4.0])
INSPECTIONS = some(
    "inspections",
    inspection_id=["1", "2", "3", "4", "5", "6"],
    subject_id=["A", "A", "A", "B", "B", "D"],
    inspected_on=on("2020-01-01", "2021-01-01", "2021-01-01", "2020-06-01", "2022-06-01", "2020-03-03"),
    kind=["routine", "routine", "complaint", "routine", "routine", "complaint"],
    result=["none_found"] * 6,
)
FINDINGS = some(
    "findings",
    finding_id=["f1", "f2", "f3", "f4", "f5", "f6"],
    inspection_id=["1", "2", "3", None, "5", "6"],
    subject_id=["A", "A", "A", "A", "B", "D"],
    found_on=on("2020-01-01", "2021-01-01", "2021-01-01", "2021-01-01", "2022-06-01", "2020-03-03"),
    severity=["high", "low", "high", "moderate", "high", "high"],
)


def test_worked_by_hand() -> None:
    found = premises_checks(PREMISES, INSPECTIONS, FINDINGS, pd.Timestamp("2021-12-31")).set_index("premises_id")
    # A: the routine check of 2021 found one low fault and one that names no inspection; the complaint's does not count.
    assert found["worst"].fillna("").to_dict() == {"A": "moderate", "B": "none", "C": "", "D": ""}
    assert found["inspections"].to_dict() == {"A": 3, "B": 1, "C": 0, "D": 1}
    assert found.loc["B", "last_on"] == pd.Timestamp("2020-06-01")  # the check of 2022 has not happened
    assert pd.isna(found.loc["D", "last_routine_on"]) and found.loc["D", "last_on"] == pd.Timestamp("2020-03-03")
    contracts.check("premises_checks", contracts.conform("premises_checks", found.reset_index()))


def test_inspections_are_conserved_and_nothing_is_changed() -> None:
    before = [frame.copy() for frame in (PREMISES, INSPECTIONS, FINDINGS)]
    found = premises_checks(PREMISES, INSPECTIONS, FINDINGS, pd.Timestamp("2030-01-01"))
    assert found["inspections"].sum() == len(INSPECTIONS)
    assert found["premises_id"].tolist() == PREMISES["premises_id"].tolist()
    for old, new in zip(before, (PREMISES, INSPECTIONS, FINDINGS), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_places_without_any_inspection_are_there() -> None:
    nothing = (contracts.empty("inspections"), contracts.empty("findings"))
    found = premises_checks(PREMISES, *nothing, pd.Timestamp("2021-12-31"))
    assert found["worst"].isna().all() and (found["inspections"] == 0).all() and len(found) == 4
