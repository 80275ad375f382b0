"""Weights meet the census, respect the cap, and say what they cannot do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.signaling.weights import rake, share_weights

# Margins of Qijiang without Wansheng, census 2020 (bulletin of the district): sex, and three age groups that cover it.
SEX = pd.Series({"male": 394_858.0, "female": 380_651.0})
AGE = pd.Series({"0-14": 116_553.0, "15-59": 463_330.0, "60+": 195_626.0})


def devices(n=4_000, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "town": rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["male", "female"], n, p=[0.6, 0.4]),
            "age": rng.choice(["0-14", "15-59", "60+"], n, p=[0.1, 0.75, 0.15]),
        }
    )


def test_the_margins_of_qijiang_2020_are_met_to_a_millionth():
    users = devices()
    found = rake(users, np.ones(len(users)), {("sex",): SEX, ("age",): AGE}, cap=1e9)
    for name, target in (("sex", SEX), ("age", AGE)):
        reached = pd.Series(found.weights).groupby(users[name]).sum()
        assert (reached / target - 1).abs().max() < 1e-6
    assert found.unmet.empty
    assert found.weights.sum() == pytest.approx(775_509)


def test_a_table_of_two_margins_equals_the_answer_worked_by_hand():
    # Start 40 devices 30/10 x 10/10 in a 2 x 2 table; odds ratio 30 * 10 / (10 * 10) = 3 is kept by raking.
    users = pd.DataFrame(
        {"row": ["r1"] * 40 + ["r2"] * 20, "col": ["c1"] * 30 + ["c2"] * 10 + ["c1"] * 10 + ["c2"] * 10}
    )
    margins = {("row",): pd.Series({"r1": 50.0, "r2": 50.0}), ("col",): pd.Series({"c1": 50.0, "c2": 50.0})}
    found = rake(users, np.ones(60), margins)
    a = pd.Series(found.weights).groupby([users["row"], users["col"]]).sum()
    # a / (50 - a) = sqrt(3) for symmetric margins
    assert a[("r1", "c1")] == pytest.approx(50 * np.sqrt(3) / (1 + np.sqrt(3)), rel=1e-7)


def test_a_stratum_above_the_cap_is_dropped_and_listed():
    users = devices()
    rare = pd.concat([users, pd.DataFrame({"town": ["d"], "sex": ["male"], "age": ["60+"]})], ignore_index=True)
    town = pd.Series({"a": 2000.0, "b": 1200.0, "c": 800.0, "d": 5000.0})
    found = rake(rare, np.ones(len(rare)), {("town",): town})
    assert found.dropped[["town", "devices"]].to_dict("records") == [{"town": "d", "devices": 1}]
    assert found.weights.max() <= 100
    assert found.unmet["value"].tolist() == ["d"]


def test_a_margin_without_any_device_is_said_to_be_unmet():
    users = devices()
    found = rake(users, np.ones(len(users)), {("town",): pd.Series({"a": 10.0, "b": 10.0, "c": 10.0, "e": 10.0})})
    assert found.unmet.to_dict("records") == [{"margin": "town", "value": "e", "target": 10.0, "reached": 0.0}]


def test_one_flat_factor_puts_people_into_the_wrong_town_and_the_share_by_town_does_not():
    rng = np.random.default_rng(2)
    people = {"a": 20_000, "b": 12_000, "c": 8_000}
    share = {"a": 0.75, "b": 0.5, "c": 0.35}
    towns = np.repeat(list(people), [rng.binomial(n, share[t]) for t, n in people.items()])
    users = pd.DataFrame({"town": towns})
    truth = pd.Series(people) / sum(people.values())

    def wrong(weights):
        found = pd.Series(weights).groupby(towns).sum()
        return (found / found.sum() - truth).abs().sum() / 2

    assert wrong(np.ones(len(users))) > 0.07
    shares = pd.DataFrame({"town": list(share), "share": list(share.values())})
    assert wrong(share_weights(users, shares, ["town"])) <= 0.01


def test_design_effect_is_one_for_equal_weights_and_kish_for_others():
    users = pd.DataFrame({"town": ["a", "b"]})
    assert rake(users, np.ones(2), {("town",): pd.Series({"a": 5.0, "b": 5.0})}).design_effect == pytest.approx(1)
    uneven = rake(users, np.ones(2), {("town",): pd.Series({"a": 30.0, "b": 10.0})})
    assert uneven.design_effect == pytest.approx(1 + (10 / 20) ** 2)
    assert uneven.effective_n == pytest.approx(2 / 1.25)


def test_a_stratum_without_share_is_refused():
    with pytest.raises(ValueError, match="no market share"):
        share_weights(devices(), pd.DataFrame({"town": ["a"], "share": [0.5]}), ["town"])


def test_nobody_stands_for_a_stratum_that_was_dropped():
    """Two margins: the one device of the old in town b would stand for 400; without it the others stand for no more."""
    users = pd.DataFrame({"town": ["a"] * 100 + ["b"] * 41, "age": ["y"] * 60 + ["o"] * 40 + ["y"] * 40 + ["o"]})
    margins = {("town",): pd.Series({"a": 400.0, "b": 1_400.0}), ("age",): pd.Series({"y": 1_000.0, "o": 800.0})}
    loose = rake(users, np.ones(141), margins, cap=1e9).weights
    found = rake(users, np.ones(141), margins, cap=100.0)
    assert loose[-1] > 100 and found.weights[-1] == 0
    assert found.weights[:-1].max() <= loose[:-1].max() * 1.001
    assert found.dropped["devices"].tolist() == [1]
    assert set(found.unmet["value"]) == {"b", "o"}
