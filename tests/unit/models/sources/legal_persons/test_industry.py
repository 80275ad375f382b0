import csv
import time
from pathlib import Path

import pandas as pd
import pytest

from models.errors import ConfigError
from models.sources.legal_persons import industry

LABELLED = Path(__file__).with_name("labelled_scopes.csv")


def classify(scope, name=""):
    return industry.classify(pd.Series([scope], dtype="str"), pd.Series([name], dtype="str")).iloc[0]


def test_hand_labelled_scopes_are_read_right():
    table = pd.read_csv(LABELLED, dtype="str")
    found = industry.classify(table["scope"], table["name"])
    right = found["industry_section"] == table["section"]
    assert len(table) >= 60
    assert right.mean() >= 0.95, table[~right].to_string()


def test_confident_answers_are_right_more_often_than_doubtful_ones():
    table = pd.read_csv(LABELLED, dtype="str")
    found = industry.classify(table["scope"], pd.Series("", index=table.index, dtype="str"))
    right = found["industry_section"] == table["section"]
    sure = found["industry_confidence"] >= found["industry_confidence"].median()
    assert right[sure].mean() > right[~sure].mean()


def test_what_stands_first_counts_more():
    assert classify("餐饮服务；货物运输").industry_section == "H"
    assert classify("货物运输；餐饮服务").industry_section == "G"


def test_exclusions_in_brackets_do_not_count():
    row = classify("物业管理（不含餐饮服务、住宿、房屋建筑工程施工）")
    assert row.industry_section == "K"
    assert row.industry_words == "物业管理"


def test_who_makes_and_sells_is_a_maker():
    assert classify("生产、销售：五金、建材、机械设备、电线电缆、塑料制品、家具").industry_section == "C"


def test_a_longer_word_hides_the_shorter_one_in_it():
    assert classify("销售：建筑工程机械、医疗器械、运输设备").industry_section == "F"


def test_full_and_half_width_forms_are_one():
    assert classify("ＫＴＶ经营").industry_section == "R"


def test_no_evidence_is_null():
    row = classify("（无）", "甲乙丙")
    assert pd.isna(row.industry_section)
    assert pd.isna(row.industry_confidence)
    assert pd.isna(row.industry_method)


def test_null_scope_leaves_the_name():
    assert classify(None, "重庆蓝天物流有限公司").industry_section == "G"


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("C1310", "C"),
        ("1310", "C"),
        ("13", "C"),
        ("05", "A"),
        ("S", "S"),
        ("97", "T"),
        ("98", None),
        ("X1", None),
    ],
)
def test_given_codes_name_their_section(code, section):
    found = industry.from_codes(pd.Series([code], dtype="str")).iloc[0]
    assert found == section if section else pd.isna(found)


def test_twenty_sections_and_ninety_seven_divisions():
    divisions = industry.division_sections()
    assert len(divisions) == 97
    assert "".join(sorted(set(divisions.values()))) == "ABCDEFGHIJKLMNOPQRST"


def test_the_table_names_line_and_value_of_a_fault(tmp_path):
    path = tmp_path / "terms.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(
            [["term", "place", "section", "weight", "note"], ["煤", "scope", "Z", "1", ""]]
        )
    with pytest.raises(ConfigError, match="line 2, section is 'Z'"):
        industry.load_terms("scope", path)


def test_twenty_thousand_rows_a_second():
    table = pd.read_csv(LABELLED, dtype="str")
    many = pd.concat([table] * 500, ignore_index=True)
    industry.classify(many["scope"][:10], many["name"][:10])
    start = time.process_time()
    industry.classify(many["scope"], many["name"])
    assert len(many) / (time.process_time() - start) > 20_000
