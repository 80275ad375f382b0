"""Moves against their truth: a hand-worked table of seven people."""

from __future__ import annotations

import pandas as pd
import pytest

from models.signaling.evaluation_moves import moves, true_moves

USERS = list("abcdefg")


@pytest.fixture
def truth():
    before = pd.DataFrame(
        {
            "user": USERS,
            "resident": [True, True, False, True, True, True, False],
            "subscriber": [True, True, True, True, True, True, True],
            "where": ["city", "city", "inter_provincial", "city", "city", "city", "city"],
            "home_town": ["1", "1", None, "1", "1", "2", "2"],
        }
    )
    after = pd.DataFrame(
        {
            "user": USERS[::-1],
            "resident": [False, True, True, False, True, True, True],
            "subscriber": [True, False, False, True, True, True, True],
            "where": ["city", "city", "city", "intra_city", "city", "city", "city"][::-1],
            "home_town": ["1", "2", "1", None, "1", "2", "2"][::-1],
        }
    )
    return true_moves(before, after)


def test_what_happened_to_whom(truth):
    assert truth["status"].to_dict() == {
        "a": "stayer", "b": "internal", "c": "in", "d": "out", "e": "stayer", "f": "stayer",
    }  # fmt: skip
    assert truth["origin_class"].dropna().to_dict() == {"c": "inter_provincial", "d": "intra_city"}
    assert truth["churned"][truth["churned"]].index.tolist() == ["e", "f"]
    assert truth["seen"].sum() == 4


def test_f1_by_kind_of_mover_and_churn_that_looks_like_leaving(truth):
    found = pd.DataFrame(
        {
            "status": ["internal", "internal", "in", "stayer", "out", "lost"],
            "origin_class": [None, None, "inter_provincial", None, "intra_city", None],
        },
        index=list("abcdef"),
    )
    figures = {f.name: f for f in moves(found, truth, "2014 2015")}
    assert figures["F1, within the city"].value == pytest.approx(2 / 3)
    assert figures["F1, in, inter_provincial"].value == 1
    assert figures["F1, out, intra_city"].value == 0
    assert figures["churn counted as leaving"].value == 0.5
    assert figures["churn counted as leaving"].tested == 2
    assert figures["churn counted as leaving"].met is False
