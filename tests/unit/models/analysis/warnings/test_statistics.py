"""The statistics behind warnings: hand-worked answers, plain references, and what they must not say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from models import settings
from models.analysis.warnings.budget import allot, benjamini_hochberg
from models.analysis.warnings.capital import robust_z
from models.analysis.warnings.changes import cosine_distance
from models.analysis.warnings.fundraising import Dictionary, load_dictionary, matches, related, word_scores
from models.analysis.warnings.sectors import exact_p, margins
from models.rules.warning_rules import Budget
from models.sources.legal_persons import capital as capital_text

BUDGET = Budget(fdr_q=0.05, carry_weeks=2, max_per_rule_share=0.5, explained_share=0.7)


def test_the_modified_z_is_that_of_the_book() -> None:
    """Median 3, MAD 1: 0.6745 (10 - 3) / 1."""
    z = robust_z(np.array([1.0, 2.0, 3.0, 4.0, 10.0]), np.zeros(5, np.int64), 1)
    assert z.tolist() == pytest.approx([0.6745 * d for d in (-2, -1, 0, 1, 7)])


def test_where_most_values_are_equal_the_mean_deviation_takes_over_and_where_all_are_nothing_stands_out() -> None:
    """MAD 0; mean deviation (6) / 6 = 1: (7 - 1) / 1.253314."""
    z = robust_z(np.array([1.0, 1, 1, 1, 1, 7]), np.zeros(6, np.int64), 1)
    assert z[-1] == pytest.approx(6 / 1.253314)
    assert robust_z(np.ones(4), np.zeros(4, np.int64), 1).tolist() == [0.0] * 4


@pytest.mark.realdata
def test_the_capital_of_2019_has_eleven_high_and_three_low_and_a_parser_that_stops_at_the_comma_misses_seven() -> None:
    file = settings.load().shared / "realdata" / "enterprise_chongqing" / "重庆_2019.csv.gz"
    if not file.exists():
        pytest.skip("the register is not under CITYHEX_SHARED")
    texts = pd.read_csv(file, dtype="str", keep_default_na=False)["注册资金"]
    wan = capital_text.parse(texts)["capital_amount"].dropna() / 1e4
    assert (len(wan), wan.median(), wan.quantile(0.99), wan.max()) == (4_203, 100, 10_000, 100_000_000)
    z = robust_z(np.log10(wan.to_numpy()), np.zeros(len(wan), np.int64), 1)
    assert (int((z > 3.5).sum()), int((z < -3.5).sum())) == (11, 3)
    cut = texts.str.extract(r"(\d+(?:\.\d+)?)")[0].astype(float).dropna()
    cut = cut[cut > 0]
    assert cut.quantile(0.99) == 5_000
    assert int((robust_z(np.log10(cut.to_numpy()), np.zeros(len(cut), np.int64), 1) > 3.5).sum()) == 4


def test_benjamini_and_hochberg_by_hand() -> None:
    """Their example of 1995, table 1: 15 p-values, 4 discoveries at 0.05."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert benjamini_hochberg(np.array(p), 15, 0.05).sum() == 4
    assert benjamini_hochberg(np.array([0.004, np.nan]), 1_000, 0.05).tolist() == [False, False]


def test_chance_alone_is_hardly_ever_a_discovery() -> None:
    rng = np.random.default_rng(3)
    flagged = sum(benjamini_hochberg(rng.random(6_000), 6_000, 0.05).any() for _ in range(200))
    assert flagged <= 0.08 * 200


def pool(n: int, week: int, rule: str, score: float) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"week": week, "ended_week": 2**31, "score": score, "p_value": np.nan, "tests": 0.0, "rule_id": rule},
        index=range(n),
    )
    return frame.assign(key=[f"{rule}{week}{i:03d}" for i in range(n)])


def test_a_week_is_filled_and_never_overfilled_and_what_waits_comes_later_while_it_holds() -> None:
    frame = pd.concat([pool(30, 0, "a", 3.0), pool(5, 1, "b", 1.0)], ignore_index=True)
    frame.loc[frame["key"].str.endswith("029"), "ended_week"] = 0
    raised = allot(frame, alerts_per_week=10, budget=BUDGET, weeks=np.arange(4))
    per_week = raised.groupby("raised_week").size().to_dict()
    assert per_week == {0: 10, 1: 10, 2: 10}
    assert raised.index.is_unique
    by_rule = frame.loc[raised.index].assign(w=raised["raised_week"]).groupby(["w", "rule_id"]).size()
    assert by_rule[1, "b"] == 5
    assert not frame.loc[raised.index, "key"].str.endswith("029").any()


def test_the_order_of_candidates_does_not_matter() -> None:
    frame = pd.concat([pool(30, 0, "a", 3.0), pool(15, 0, "b", 2.0)], ignore_index=True)
    shuffled = frame.sample(frac=1, random_state=1)
    one, two = (allot(f, alerts_per_week=8, budget=BUDGET, weeks=np.arange(2)) for f in (frame, shuffled))
    assert one.sort_index().equals(two.sort_index())


def test_the_exact_test_is_fishers() -> None:
    own = [np.array([v]) for v in (8.0, 4.0, 20.0, 60.0)]
    for upper, side in ((True, "greater"), (False, "less")):
        wanted = fisher_exact([[8, 4], [20, 60]], alternative=side).pvalue
        assert exact_p(*own, upper=upper)[0] == pytest.approx(wanted)


def test_a_batch_of_the_city_or_of_one_registry_is_expected_and_a_surge_is_not() -> None:
    """Areas a, b; sections F, I; half as many as before, but all of a is eight times up, or only its F is."""
    pairs = pd.DataFrame({"area_code": ["a", "a", "b", "b"], "section": ["F", "I", "F", "I"]})
    before = np.array([[100.0], [100.0], [500.0], [500.0]])

    def larger(window: np.ndarray) -> np.ndarray:
        return np.maximum(*(exact_p(window, before, *o, upper=True) for o in margins(pairs, window, before))).ravel()

    assert larger(np.array([[800.0], [800.0], [250.0], [250.0]])).min() > 0.05
    assert larger(before * 8).min() > 0.05
    surge = larger(np.array([[800.0], [50.0], [250.0], [250.0]]))
    assert surge[0] < 1e-9 and surge[1:].min() > 0.05


def plain_distance(one: str, two: str) -> float:
    grams = [pd.Series([t[i : i + 2] for i in range(len(t) - 1)]).value_counts() for t in (one, two)]
    a, b = grams[0].align(grams[1], fill_value=0)
    return 1 - float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


def test_hashed_cosine_distance_equals_the_plain_one() -> None:
    before = ["建筑材料批发零售", "餐饮服务餐饮服务", "软件开发", "企业管理咨询"]
    after = ["建筑材料批发零售", "餐饮服务；会议服务", "殡葬用品", "企业管理咨询；财富管理"]
    fast = cosine_distance(pd.Series(before, dtype="str"), pd.Series(after, dtype="str"), 2)
    assert fast.tolist() == pytest.approx([plain_distance(a, b) for a, b in zip(before, after, strict=True)], abs=1e-9)


NAMES = pd.Series(
    ["某某财富管理有限公司", "某某小吃店", "某某银行綦江支行", "某某投资有限公司", "某某商贸有限公司"], dtype="str"
)
SCOPES = pd.Series(["投资理财咨询", "餐饮", "理财；贷款", "股权投资", None], dtype="str")


def test_every_hit_shows_the_text_it_matched_and_licensed_institutions_are_spared() -> None:
    score, hit = word_scores(NAMES, SCOPES, load_dictionary())
    assert score[[1, 2, 4]].tolist() == [0.0, 0.0, 0.0]
    for row in hit.itertuples():
        source = NAMES if row.field == "name" else SCOPES
        assert row.matched in source[row.row]
    assert score[0] == pytest.approx(hit.loc[hit["row"] == 0, "weight"].sum())


def test_taking_a_word_out_changes_only_firms_whose_text_contains_it() -> None:
    words = load_dictionary()
    full, _ = word_scores(NAMES, SCOPES, words)
    changed = 0
    for word in words.weights:
        less, _ = word_scores(NAMES, SCOPES, words.without(word))
        holds = (NAMES.str.contains(word, regex=False) | SCOPES.fillna("").str.contains(word, regex=False)).to_numpy()
        assert set(np.flatnonzero(less != full)) <= set(np.flatnonzero(holds))
        changed += int((less != full).any())
    assert changed >= 4


def test_a_word_inside_a_longer_one_counts_with_the_longer() -> None:
    words = Dictionary("t", {"投资": 1.0, "股权投资": 5.0}, 1.0, "")
    found = matches(pd.Series(["股权投资", "投资；股权投资"], dtype="str"), words)
    assert sorted(zip(found["row"], found["matched"], strict=True)) == [(0, "股权投资"), (1, "投资"), (1, "股权投资")]


def test_relatives_are_found_step_by_step_and_only_so_far() -> None:
    links = pd.DataFrame({"subject_id": ["s", "a", "a", "b", "b", "c"], "by": ["p1", "p1", "p2", "p2", "p3", "p3"]})
    assert related(links, ["s"], 1)["subject_id"].tolist() == ["a"]
    two = related(links, ["s"], 2)
    assert list(zip(two["subject_id"], two["steps"], strict=True)) == [("a", 1), ("b", 2)]
