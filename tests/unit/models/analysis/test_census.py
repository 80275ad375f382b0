"""Residents and their change: an area is never compared with another one that bears its code."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from models import contracts
from models.analysis.census import residents_by_area, residents_change
from models.analysis.density import subjects_per_1000, subjects_per_km2

SHARED_FOLDER = "realdata/cn_census_2010_2020"
DAYS = {2010: "2010-11-01", 2020: "2020-11-01"}
FORMED_2011 = [
    ("500110", "万盛区", "500110", "綦江区", "2011-10-22", "merge"),
    ("500222", "綦江县", "500110", "綦江区", "2011-10-22", "merge"),
]


def values(rows: list[tuple[str, str, int, float]]) -> pd.DataFrame:
    """Census values from (code, name, year, residents)."""
    frame = pd.DataFrame(rows, columns=["area_code", "area_name", "year", "value"])
    return contracts.conform(
        "census_values",
        frame.assign(
            area_level="district",
            area_definition=frame["area_name"] + " at the census",
            indicator="residents",
            unit="person",
            reference_date=pd.to_datetime(frame["year"].map(DAYS)),
            vintage=frame["year"].astype(str),
            source_id="census",
        ).drop(columns="year"),
    )


def changes(rows: list[tuple[str | None, str, str, str, str | None, str]]) -> pd.DataFrame:
    """Dated crosswalk from (old_code, old_name, new_code, new_name, valid_from, kind)."""
    names = ["old_code", "old_name", "new_code", "new_name", "valid_from", "kind"]
    frame = pd.DataFrame(rows, columns=names).assign(source_id="crosswalk")
    return contracts.conform("area_changes", frame.assign(valid_from=pd.to_datetime(frame["valid_from"])))


QIJIANG = [
    ("500110", "万盛区", 2010, 255_776.0),
    ("500222", "綦江县", 2010, 801_041.0),
    ("500110", "綦江区", 2020, 1_011_334.0),
]


def only_row(found: pd.DataFrame) -> pd.Series:
    contracts.check("residents_change", found)
    assert len(found) == 1
    return found.iloc[0]


def test_qijiang_2020_is_compared_with_qijiang_county_and_wansheng_together():
    """1,011,334 - (801,041 + 255,776) = -45,483, which is -4.30 %; by code alone it would be +295 %."""
    row = only_row(residents_change(values(QIJIANG), changes(FORMED_2011)))
    assert (row["residents_from"], row["residents_to"], row["change"]) == (1_056_817.0, 1_011_334.0, -45_483.0)
    assert row["change_rate"] == pytest.approx(-0.04304, abs=5e-6)
    assert row["comparable"]
    assert set(row["note"].split(";")) == {"merged", "500110 万盛区", "500222 綦江县"}


def test_without_the_crosswalk_a_reused_code_is_not_compared():
    row = only_row(residents_change(values(QIJIANG), changes([])))
    assert not row["comparable"] and pd.isna(row["residents_from"])
    assert pd.isna(row["change"]) and pd.isna(row["change_rate"])
    assert row["note"] == "code_reused;500110 万盛区"


def test_a_merger_with_a_part_that_has_no_value_is_not_compared():
    row = only_row(residents_change(values(QIJIANG[1:]), changes(FORMED_2011)))
    assert not row["comparable"] and row["note"] == "part_missing;500110 万盛区"


def test_an_area_that_kept_code_and_name_is_compared_without_a_note():
    data = values([("500103", "渝中区", 2010, 630_090.0), ("500103", " 渝中区", 2020, 588_717.0)])
    row = only_row(residents_change(data, changes(FORMED_2011)))
    assert (row["change"], row["comparable"]) == (-41_373.0, True)
    assert pd.isna(row["note"])


def test_a_renamed_area_is_compared_under_its_new_code():
    data = values([("500227", "璧山县", 2010, 586_034.0), ("500120", "璧山区", 2020, 756_022.0)])
    step = ("500227", "璧山县", "500120", "璧山区", "2014-05-02", "rename")
    row = only_row(residents_change(data, changes([step])))
    assert (row["change"], row["note"]) == (169_988.0, "renamed;500227 璧山县")
    undated = ("500227", "璧山县", "500120", "璧山区", None, "rename")
    assert only_row(residents_change(data, changes([undated])))["comparable"]
    without_code = (None, "璧山县", "500120", "璧山区", None, "rename")
    assert only_row(residents_change(data, changes([without_code])))["comparable"]


def test_an_undated_change_says_nothing_of_an_area_that_is_in_both_censuses():
    data = values([("500116", "江津区", 2010, 1_233_149.0), ("500116", "江津区", 2020, 1_359_611.0)])
    step = (None, "江津县", "500116", "江津区", None, "rename")
    row = only_row(residents_change(data, changes([step])))
    assert (row["change"], row["comparable"]) == (126_462.0, True)
    assert pd.isna(row["note"])


def test_one_census_alone_is_no_change():
    data = values([("500116", "江津区", 2020, 1_359_611.0)])
    row = only_row(residents_change(data, changes([])))
    assert (row["comparable"], row["note"]) == (False, "no_earlier_value")
    assert pd.isna(row["change"])


def test_a_change_outside_the_two_censuses_does_not_count():
    data = values([("500227", "璧山县", 2010, 586_034.0), ("500120", "璧山区", 2020, 756_022.0)])
    for day in ("2009-01-01", "2021-01-01"):
        step = ("500227", "璧山县", "500120", "璧山区", day, "rename")
        row = only_row(residents_change(data, changes([step])))
        assert (row["comparable"], row["note"]) == (False, "no_earlier_value")


def test_an_area_that_lost_a_part_is_not_compared():
    data = values([("500112", "渝北区", 2010, 1_345_410.0), ("500112", "渝北区", 2020, 2_191_493.0)])
    step = ("500112", "渝北区", "500157", "两江新区", "2016-01-01", "split")
    row = only_row(residents_change(data, changes([step])))
    assert (row["comparable"], row["note"]) == (False, "split;500157 两江新区")
    zone = ("500112", "渝北区", "500157", "两江新区", "2016-01-01", "zone")
    assert only_row(residents_change(data, changes([zone])))["comparable"]


def test_residents_are_conserved_from_census_to_comparison():
    rows = [*QIJIANG, ("500103", "渝中区", 2010, 630_090.0), ("500103", "渝中区", 2020, 588_717.0)]
    data = values(rows)
    listed = residents_by_area(data)
    contracts.check("residents_by_area", listed)
    totals = listed.groupby("reference_date")["residents"].sum().tolist()
    found = residents_change(data, changes(FORMED_2011))
    assert [found["residents_from"].sum(), found["residents_to"].sum()] == totals
    assert found["change"].sum() == totals[1] - totals[0]


def test_the_latest_vintage_of_a_value_is_kept_and_other_indicators_left_out():
    data = values([("500103", "渝中区", 2020, 588_717.0)])
    older = data.assign(value=1.0, vintage="1999")
    other = data.assign(indicator="households", value=7.0)
    found = residents_by_area(pd.concat([data, older, other], ignore_index=True))
    assert found["residents"].tolist() == [588_717.0]
    assert residents_change(data.iloc[:0], changes([])).empty


def test_subjects_per_thousand_residents_by_hand():
    counts = pd.DataFrame(
        {
            "area_code": ["500103", "500110", "T1"],
            "area_level": ["district", "district", "town"],
            "subjects": [11_774, 5, 9],
            "area_km2": [23.0, 0.0, 3.0],
        }
    )
    data = residents_by_area(values([("500103", "渝中区", 2010, 1.0), ("500103", "渝中区", 2020, 588_700.0)]))
    found = subjects_per_1000(counts, data)
    assert found["area_code"].tolist() == counts["area_code"].tolist()
    assert found["subjects_per_1000"].iloc[0] == pytest.approx(20.0)
    assert found["subjects_per_1000"].iloc[1:].isna().all()
    assert found["subjects"].sum() == counts["subjects"].sum()
    density = subjects_per_km2(counts)
    assert density.iloc[0] == pytest.approx(511.913, abs=1e-3)
    assert pd.isna(density.iloc[1]) and density.iloc[2] == 3.0


def county_rows(path: Path, columns: tuple[int, int, int]) -> list[tuple]:
    """Code, name and residents of the rows around Chongqing."""
    sheet = openpyxl.load_workbook(path, read_only=True).active
    lines = sheet.iter_rows(min_row=2275, max_row=2405, max_col=5, values_only=True)
    picked = [tuple(line[c] for c in columns) for line in lines]
    return [row for row in picked if None not in row]


@pytest.mark.realdata
def test_the_published_county_tables_give_the_known_figures(settings):
    folder = settings.shared / SHARED_FOLDER
    rows = [
        (str(code), str(name).strip(), year, float(residents))
        for file, year, columns in (
            ("census_county_2010_v1.xlsx", 2010, (1, 0, 2)),
            ("census_county_2020_v1.xlsx", 2020, (0, 3, 4)),
        )
        for code, name, residents in county_rows(folder / file, columns)
    ]
    chongqing = [r for r in rows if r[0].startswith("500") and not r[0].endswith("00")]
    found = residents_change(values(chongqing), changes(FORMED_2011)).set_index("area_code")
    assert found.loc["500110", "residents_to"] == 1_011_334
    assert found.loc["500110", "residents_from"] == 801_041 + 255_776
    assert found.loc["500103", "comparable"]
    assert found.loc["500120", "note"] == "no_earlier_value"
