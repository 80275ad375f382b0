from datetime import date

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.sources.legal_persons import deduplicate, normalise, uscc

KEY = b"0123456789abcdef-key"
AS_OF = date(2015, 12, 31)
CODES = uscc.generate(6, np.random.default_rng(3))


def raw(*rows: dict[str, str | None]) -> pd.DataFrame:
    columns = {
        "uscc": CODES[0],
        "name": "重庆甲商贸有限公司",
        "established_on": "2010-03-04",
        "representative": "王小明",
    }
    frame = pd.DataFrame([columns | row for row in rows]).astype("str")
    frame["source_id"], frame["source_file"] = "register", "a.csv"
    frame["source_row"] = np.arange(2, len(frame) + 2)
    return frame


def run(*rows):
    frame, rejects = normalise(raw(*rows), person_key=KEY, as_of=AS_OF)
    assert len(frame) + rejects["source_row"].nunique() == len(rows)
    return frame, rejects


def test_a_good_row_keeps_the_contract():
    frame, rejects = run(
        {"capital": "50(万)", "scope": "销售：五金", "lon": "106.65", "lat": "29.02", "district": "綦江"}
    )
    contracts.check("legal_persons", frame)
    row = frame.iloc[0]
    assert (row.capital_cny, row.industry_section, row.industry_method) == (500_000, "F", "scope")
    assert (row.lon, row.lat, row.district_given) == (106.65, 29.02, "綦江")
    assert rejects.empty


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"uscc": "91110000600037341M"}, "uscc", "check character"),
        ({"uscc": None}, "uscc", "18 characters"),
        ({"name": " - "}, "name", "needs a name"),
        ({"established_on": "2015-02-30"}, "established_on", "calendar"),
        ({"established_on": "2031-01-01"}, "established_on", "after the day"),
        ({"lon": "east"}, "lon", "not a number"),
        ({"lat": "291.2"}, "lat", "outside -90 to 90"),
    ],
)
def test_a_bad_row_is_rejected_with_its_place_and_reason(change, column, reason):
    frame, rejects = run(change)
    assert frame.empty
    assert rejects[["source_file", "source_row", "column"]].values.tolist() == [["a.csv", 2, column]]
    assert reason in rejects["reason"][0]


def test_a_row_with_two_faults_has_two_reasons():
    _, rejects = run({"name": None, "established_on": "never"})
    assert rejects["column"].tolist() == ["name", "established_on"]


def test_no_person_reaches_the_frame_or_the_quarantine():
    frame, rejects = run({"uscc": "bad"}, {})
    assert "王小明" not in rejects.to_csv()
    assert "王小明" not in frame.to_csv()
    assert frame["representative_key"].str.fullmatch("[0-9a-f]{16}").all()


def test_of_rows_with_one_code_the_fullest_stays_and_on_a_tie_the_first():
    rows = [
        {"uscc": CODES[1]},
        {"uscc": CODES[1], "capital": "5(万)"},
        {"uscc": CODES[2]},
        {"uscc": CODES[2]},
    ]
    frame, rejects = run(*rows)
    assert frame["source_row"].tolist() == [3, 4]
    assert rejects["source_row"].tolist() == [2, 5]
    assert "a.csv, row 3" in rejects["reason"][0]


def test_duplicates_across_sources_leave_one_row():
    one, _ = run({"uscc": CODES[3]})
    two = one.assign(source_id="second", source_file="b.xlsx", capital_text="1(万)")
    kept, rejects = deduplicate(pd.concat([one, two], ignore_index=True))
    assert kept["source_id"].tolist() == ["second"]
    assert rejects["source_file"].tolist() == ["a.csv"]


def test_an_unreadable_capital_does_not_lose_the_firm():
    frame, _ = run({"capital": "某某某"})
    assert frame["capital_flag"].tolist() == ["unreadable"]


def test_a_given_industry_code_wins():
    frame, _ = run({"industry_code": "C1310", "scope": "餐饮服务"})
    assert frame[["industry_section", "industry_confidence", "industry_method"]].values.tolist() == [
        ["C", 1.0, "given"]
    ]


def test_reading_twice_gives_the_same_and_leaves_the_rows_alone():
    rows = raw({"capital": "50(万)"}, {"uscc": "bad"})
    before = rows.copy(deep=True)
    first, second = (normalise(rows, person_key=KEY, as_of=AS_OF) for _ in range(2))
    pd.testing.assert_frame_equal(first[0], second[0])
    pd.testing.assert_frame_equal(first[1], second[1])
    pd.testing.assert_frame_equal(rows, before)


def test_an_empty_register_gives_empty_frames():
    frame, rejects = normalise(raw({}).iloc[:0], person_key=KEY, as_of=AS_OF)
    assert (len(frame), len(rejects)) == (0, 0)
    contracts.check("legal_persons", frame)
