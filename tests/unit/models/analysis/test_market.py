"""Market measures match a plain reference, hand-worked answers, and conserve what they count."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis import market
from models.analysis.measures import evenness
from models.errors import RequestError
from models.fusion import hexes


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference_market", Path(__file__).with_name("reference_market.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_measures(row: pd.Series, expected: dict) -> None:
    for name, value in expected.items():
        if value is None:
            assert pd.isna(row[name]), name
        else:
            assert row[name] == (pytest.approx(value) if isinstance(value, float) else value), name


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_every_cell_has_the_measures_of_its_subjects(subjects, reference, resolution):
    found = market.subjects_by_cell(subjects)
    contracts.check("subjects_by_cell", found)
    found = found[found["resolution"] == resolution].set_index("h3")
    groups = subjects[subjects["located"]].groupby(f"h3_r{resolution}")
    assert set(found.index) == set(groups.groups)
    for cell, rows in groups:
        assert_measures(found.loc[cell], reference.measures(rows))
    np.testing.assert_allclose(found["area_km2"], hexes.areas_km2(found.index.to_numpy(np.uint64)))


def test_counts_and_capital_of_children_add_up_to_the_parent_at_every_resolution(subjects):
    found = market.subjects_by_cell(subjects)
    columns = ["subjects", "capital_cny_sum", "capital_known", "section_known"]
    for coarse, fine in ((7, 8), (8, 9)):
        parent = found[found["resolution"] == coarse].set_index("h3")[columns]
        child = found[found["resolution"] == fine]
        above = hexes.parents(child["h3"].to_numpy(), coarse)
        rolled = child[columns].astype("float64").groupby(above).sum()
        np.testing.assert_array_equal(rolled.index, parent.index)
        np.testing.assert_allclose(rolled, parent.astype("float64").fillna(0), rtol=1e-12)
    assert (found.groupby("resolution")["subjects"].sum() == subjects["located"].sum()).all()


def test_every_area_has_the_measures_of_its_subjects_and_empty_ones_have_zero(subjects, areas, members, reference):
    empty = pd.DataFrame({"area_code": ["T9"], "area_level": ["town"], "parent_code": ["D2"], "area_km2": [1.0]})
    listed = pd.concat([areas, empty.astype({"area_code": "str"})], ignore_index=True)
    found = market.subjects_by_area(subjects, listed, members)
    contracts.check("subjects_by_area", found)
    assert found["area_code"].tolist() == listed["area_code"].tolist()
    for row in found.itertuples():
        rows = subjects[members[row.area_level] == row.area_code]
        assert_measures(found.loc[row.Index], reference.measures(rows))
    last = found.iloc[-1]
    assert last["subjects"] == 0 and pd.isna(last["capital_cny_sum"]) and pd.isna(last["dominant_section"])


def test_towns_add_up_to_their_districts(subjects, areas, members):
    found = market.subjects_by_area(subjects, areas, members).set_index("area_code")["subjects"]
    assert found["T1"] + found["T2"] == found["D1"]
    assert found["T3"] == found["D2"]
    assert found["D1"] + found["D2"] == members["district"].notna().sum()


def test_located_share_of_a_district_counts_the_queue_that_names_it(subjects, areas, members):
    found = market.subjects_by_area(subjects, areas, members).set_index("area_code")
    for code in ("D1", "D2"):
        waiting = (~subjects["located"] & (subjects["district_code"] == code)).sum()
        here = (members["district"] == code).sum()
        assert found.loc[code, "located_share"] == pytest.approx(here / (here + waiting))
    assert found.loc[["T1", "T2", "T3"], "located_share"].isna().all()


def test_a_hand_worked_cell(subjects):
    """Sections F F G A: p = 1/2, 1/4, 1/4, so 1.5 bit; capital 10, 30, 50 and one implausible 10^12."""
    rows = subjects[subjects["located"]].iloc[:4].copy()
    rows[["h3_r7", "h3_r8", "h3_r9"]] = rows[["h3_r7", "h3_r8", "h3_r9"]].iloc[0].to_numpy()
    rows["industry_section"] = pd.Series(["F", "G", "F", "A"], dtype="str", index=rows.index)
    rows["capital_cny"] = [50.0, 1e12, 10.0, 30.0]
    rows["capital_flag"] = pd.Series(["ok", "implausible", "ok", "ok"], dtype="str", index=rows.index)
    rows["error_radius_m"] = [100.0, 200.0, np.nan, 300.0]
    found = market.subjects_by_cell(rows, (8,)).iloc[0]
    assert found["section_entropy"] == pytest.approx(1.5)
    assert found["dominant_section"] == "F"
    assert (found["capital_cny_sum"], found["capital_cny_median"], found["capital_known"]) == (90.0, 30.0, 3)
    assert found["mean_error_radius_m"] == pytest.approx(200.0)
    assert market.capital_account(rows) == {
        "used": 3,
        "implausible": 1,
        "unreadable": 0,
        "missing": 0,
        "capital_cny_sum": 90.0,
    }


def test_of_two_equally_frequent_sections_the_first_letter_leads(subjects):
    rows = subjects[subjects["located"]].iloc[:2].copy()
    rows[["h3_r8"]] = rows[["h3_r8"]].iloc[0].to_numpy()
    rows["industry_section"] = pd.Series(["S", "C"], dtype="str", index=rows.index)
    assert market.subjects_by_cell(rows, (8,))["dominant_section"].tolist() == ["C"]


def test_evenness_is_one_only_for_an_even_spread_over_all_sections():
    assert evenness(np.array([0.0, math.log2(20), np.nan]))[:2].tolist() == [0.0, 1.0]


def test_the_capital_account_adds_up_to_the_subjects(subjects):
    account = market.capital_account(subjects)
    assert sum(account[k] for k in ("used", "implausible", "unreadable", "missing")) == len(subjects)
    by_cell = market.subjects_by_cell(subjects, (9,))["capital_cny_sum"].sum()
    located = market.capital_account(subjects[subjects["located"]])
    assert by_cell == pytest.approx(located["capital_cny_sum"], rel=1e-12)


def test_a_subject_in_an_area_that_is_not_listed_is_refused(subjects, areas, members):
    with pytest.raises(RequestError, match="not listed, first 'T3'"):
        market.subjects_by_area(subjects, areas[areas["area_code"] != "T3"], members)


def test_no_subjects_give_empty_cells_and_zero_areas(subjects, areas, members):
    assert market.subjects_by_cell(subjects.iloc[:0]).empty
    assert market.subjects_by_area(subjects.iloc[:0], areas, members.iloc[:0])["subjects"].tolist() == [0] * 5
