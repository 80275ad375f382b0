"""Shares by match level add up, radii are those of the located subjects."""

from __future__ import annotations

import pandas as pd
import pytest

from models.analysis.location_quality import UNLOCATED, error_radius, shares_by_level


def test_shares_by_level_are_those_counted_one_by_one(subjects):
    keys = subjects["district_code"]
    found = shares_by_level(subjects, keys)
    expected: dict = {}
    for key, located, level in zip(keys, subjects["located"], subjects["match_level"], strict=True):
        pair = (key, int(level) if located else UNLOCATED)
        expected[pair] = expected.get(pair, 0) + 1
    pairs = zip(found["key"], found["match_level"], strict=True)
    assert dict(zip(pairs, found["subjects"], strict=True)) == expected


def test_shares_of_a_key_add_up_to_one_and_counts_to_the_subjects_with_a_key(subjects, members):
    for keys in (subjects["district_code"], members["town"], subjects["h3_r8"]):
        found = shares_by_level(subjects, keys)
        assert found["subjects"].sum() == keys.notna().sum()
        assert found.groupby("key")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_error_radii_are_those_of_pandas(subjects):
    keys = subjects["h3_r7"].fillna(0)
    found = error_radius(subjects, keys).set_index("key")
    located = subjects[subjects["located"]]
    grouped = located.groupby(keys[subjects["located"]])["error_radius_m"]
    assert found.loc[0, "located"] == 0 and pd.isna(found.loc[0, "error_radius_mean_m"])
    rest = found.drop(index=0)
    assert rest["error_radius_mean_m"].to_numpy() == pytest.approx(grouped.mean().to_numpy(), nan_ok=True)
    assert rest["error_radius_median_m"].to_numpy() == pytest.approx(grouped.median().to_numpy(), nan_ok=True)
    assert rest["located"].tolist() == grouped.size().tolist()


def test_a_hand_worked_area():
    subjects = pd.DataFrame(
        {
            "located": [True, True, True, False],
            "match_level": pd.Series([1, 3, 3, 6], dtype="Int64"),
            "error_radius_m": [20.0, 500.0, 800.0, 9000.0],
        }
    )
    keys = pd.Series(["A"] * 4, dtype="str")
    found = shares_by_level(subjects, keys)
    assert found[["match_level", "share"]].to_numpy().tolist() == [[0, 0.25], [1, 0.25], [3, 0.5]]
    radii = error_radius(subjects, keys).iloc[0]
    assert (radii["located"], radii["error_radius_mean_m"], radii["error_radius_median_m"]) == (3, 440.0, 500.0)
