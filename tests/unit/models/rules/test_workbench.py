"""The workbench: a file read back as written, numbers that must hold, and a preview that comes true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.analysis.classification.levels import classify
from models.analysis.classification.population import prepare
from models.build.levels import live_scorecard
from models.errors import ConfigError, RequestError
from models.profile.city import Supervision
from models.rules.algorithm_record import algorithm_record
from models.rules.preview import bin_shares, preview
from models.rules.scorecard import Scorecard, load_scorecard, parse_scorecard
from models.rules.scorecard_text import to_toml, with_numbers
from tests.unit.models.analysis.classification import small_city as city

CARD = load_scorecard("general")
CUTS = {"B": 7.0, "C": 14.0, "D": 34.0}


def run(card: Scorecard):
    people, records = city.random_city(400, seed=5, events=0.5)
    return classify(prepare(people, records, card.decay_by_year, card.risk_words), card, city.AS_OF, 3)


def test_a_scorecard_written_out_is_read_as_the_same() -> None:
    assert parse_scorecard(to_toml(CARD), "again") == CARD
    assert parse_scorecard(to_toml(CARD), "again").digest == CARD.digest


@pytest.mark.parametrize("seed", range(4))
def test_the_preview_counts_what_the_next_build_changes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for i in CARD.indicator:
        extra = np.sort(rng.integers(0, 9, len(i.bins)))
        extra = extra if i.direction == "up" else extra[::-1]
        rows += [
            {"code": i.code, "bin": n, "below": b.below, "points": b.points + int(e)}
            for n, (b, e) in enumerate(zip(i.bins, extra, strict=True))
        ]
    draft = with_numbers(CARD, rows, {"B": 12.0, "C": 22.0, "D": 45.0}, version="next")
    now, later = run(CARD), run(draft)
    seen = preview(
        CARD, draft, indicators=now.indicators, before=now.before, levels=now.levels, as_of=city.AS_OF.date()
    )
    differ = now.levels["level"].to_numpy() != later.levels["level"].to_numpy()
    assert seen.changed == differ.sum() > 0
    assert seen.subjects == seen.table.to_numpy().sum() == 400
    for level in "ABCD":
        assert seen.table.loc[level].sum() == (now.levels["level"] == level).sum()
        assert seen.table[level].sum() == (later.levels["level"] == level).sum()
    assert sum(seen.shares.values()) == pytest.approx(1)


def test_the_same_scorecard_changes_nobody() -> None:
    now = run(CARD)
    same = with_numbers(CARD, [], CUTS, version="same-numbers")
    seen = preview(CARD, same, indicators=now.indicators, before=now.before, levels=now.levels, as_of=city.AS_OF.date())
    assert seen.changed == 0


def test_what_only_a_build_can_show_is_refused() -> None:
    now = run(CARD)
    frames = {"indicators": now.indicators, "before": now.before, "levels": now.levels, "as_of": city.AS_OF.date()}
    for change in ({"decay_by_year": (1.0,)}, {"risk_words": {}}, {"hysteresis_months": 3}):
        with pytest.raises(RequestError):
            preview(CARD, CARD.model_copy(update=change), **frames)


def test_numbers_that_cannot_be_are_refused() -> None:
    first = CARD.indicator[0]
    falling = [{"code": first.code, "bin": 0, "below": 99.0, "points": first.bins[0].points}]
    with pytest.raises(ConfigError, match="ascending"):
        with_numbers(CARD, falling, CUTS, version="next")
    with pytest.raises(RequestError, match="no bin"):
        with_numbers(CARD, [{"code": "nothing", "bin": 0, "below": None, "points": 1}], CUTS, version="next")
    with pytest.raises(RequestError, match="another"):
        with_numbers(CARD, [], CUTS, version=CARD.version)


def test_a_changed_indicator_gets_a_new_version_and_others_keep_theirs() -> None:
    code, count = "punished", len(next(i for i in CARD.indicator if i.code == "punished").bins)
    draft = with_numbers(CARD, [{"code": code, "bin": count, "below": None, "points": 2}], CUTS, version="next")
    assert {i.code: i.version for i in draft.indicator if i.version != 1} == {code: 2}
    assert next(i for i in draft.indicator if i.code == code).missing == 2


def test_subjects_of_all_bins_add_up() -> None:
    now = run(CARD)
    assert {sum(counts) for counts in bin_shares(CARD, now.indicators).values()} == {400}


def test_only_a_published_version_of_the_own_kind_is_used() -> None:
    class Town:
        supervision = Supervision(scorecard="general")

    draft = with_numbers(CARD, [], {"B": 1.0, "C": 2.0, "D": 3.0}, version="next")
    row = {"kind": "scorecard", "rule_id": "general", "version": "next", "text": to_toml(draft), "author": "a",
           "approved_by": "b"}  # fmt: skip
    none = pd.DataFrame([row]).iloc[:0]
    assert live_scorecard(Town(), none) == CARD
    assert live_scorecard(Town(), pd.DataFrame([row | {"kind": "warning"}])) == CARD
    assert live_scorecard(Town(), pd.DataFrame([row])) == draft


def test_the_record_lists_every_rule_file_and_what_the_workbench_published() -> None:
    plain = algorithm_record({})
    assert ("scorecards", "general", CARD.version) in {(r.kind, r.rule_id, r.version) for r in plain}
    assert all(r.version for r in plain if r.kind)
    changed = algorithm_record({("scorecard", "general"): to_toml(with_numbers(CARD, [], CUTS, version="next"))})
    assert [(r.version, r.published) for r in changed if r.rule_id == "general"] == [("next", True)]
    assert len(changed) == len(plain)
