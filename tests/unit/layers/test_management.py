"""The manager's figures: they add up, stay inside the own areas, and name the version in force."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from layers import explaining, management
from layers.access import Actor
from layers.text import has
from models.contracts.levels import INDICATOR_NAMES
from models.rules.preview import bin_shares
from models.rules.scorecard import load_scorecard
from models.rules.scorecard_text import to_toml, with_numbers

DAY = dt.date(2015, 6, 30)
EVERYWHERE = Actor("chief", frozenset({"manager"}), frozenset({"*"}))
CODES = ["500110001", "500110002"]


class Office:
    """Tasks, drafts and products in memory."""

    def __init__(self, tasks: pd.DataFrame | None = None, published: dict[str, Any] | None = None) -> None:
        self.given, self.rule = tasks, published

    def tasks(self, areas: Any, as_of: dt.date) -> pd.DataFrame:
        assert self.given is not None
        return self.given

    def published_rule(self, kind: str, name: str) -> dict[str, Any] | None:
        return self.rule if (kind, name) == ("scorecard", "general") else None


def tasks() -> pd.DataFrame:
    rows = [
        ("500110001-03", "500110", "open", True), ("500110001", "500110", "open", False),
        ("500110002-11", "500110", "follow_up", True), ("500110002-11", "500110", "done", False),
        ("500110001-03", "500110", "cancelled", False), (None, "500110", "open", True), (None, None, "done", False),
        ("5001100021", "500110", "open", False),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["grid_code", "district_code", "state", "overdue"])


def test_the_sums_of_the_areas_and_elsewhere_are_those_of_the_task_table() -> None:
    found = management.workload(Office(tasks()), EVERYWHERE, CODES, DAY)
    by_area = found.table.set_index("area_code")
    assert by_area.loc["500110001"].to_dict() == {"open": 2, "overdue": 1, "done": 0}
    assert by_area.loc["500110002"].to_dict() == {"open": 1, "overdue": 1, "done": 1}
    assert found.elsewhere == {"open": 2, "overdue": 1, "done": 1}
    table = tasks()
    running = table["state"].isin(("open", "follow_up"))
    assert found.totals == {
        "open": running.sum(), "overdue": (running & table["overdue"]).sum(), "done": (table["state"] == "done").sum(),
    }  # fmt: skip


def test_no_task_is_no_task_everywhere() -> None:
    found = management.workload(Office(tasks().iloc[:0]), EVERYWHERE, CODES, DAY)
    assert found.totals == {"open": 0, "overdue": 0, "done": 0}


def test_areas_are_those_the_actor_works_in(store, city_frames) -> None:
    everything = management.compared(store, EVERYWHERE)
    assert len(everything) == (city_frames["area_comparison"]["area_level"] == "town").sum() > 1
    own = everything["area_code"].iloc[0]
    mine = management.compared(store, Actor("one", frozenset({"manager"}), frozenset({own})))
    assert mine["area_code"].tolist() == [own]
    assert everything["risk_share"].notna().all() and everything["name"].notna().all()


def test_the_version_in_force_is_the_published_one() -> None:
    card = load_scorecard("general")
    other = with_numbers(card, [], {"B": 5.0, "C": 6.0, "D": 7.0}, version="next")
    assert management.live_card(Office(), "general") == card
    assert management.live_card(Office(published={"content": to_toml(other)}), "general") == other
    assert management.live_card(Office(), None) is None


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_every_bin_of_every_indicator_is_a_row_that_can_be_written_back(lang: str) -> None:
    card = load_scorecard("general")
    values = pd.DataFrame(1.0, index=range(7), columns=list(INDICATOR_NAMES))
    rows = management.bin_rows(card, bin_shares(card, values), lang)
    assert len(rows) == sum(len(i.bins) + 1 for i in card.indicator)
    assert len({row["id"] for row in rows}) == len(rows)
    assert sum(row["n"] for row in rows) == 7 * len(card.indicator)
    same = with_numbers(card, rows, card.cut_offs.model_dump(), version="next")
    assert same.indicator == card.indicator


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_every_indicator_can_be_told_in_words(lang: str) -> None:
    assert set(explaining.SOURCE_OF) == set(INDICATOR_NAMES)
    assert [name for name in INDICATOR_NAMES if not has(f"evidence.{name}", lang)] == []


def test_changes_of_levels_are_counted_without_beginnings() -> None:
    rows = [("a", "2015-04-30"), ("b", "2015-04-30"), ("a", "2015-05-31"), ("c", "2015-05-31"), ("c", "2015-06-30")]
    history = pd.DataFrame(rows, columns=["subject_id", "as_of"]).assign(as_of=lambda f: pd.to_datetime(f["as_of"]))
    found = management.level_changes(history)
    assert found["changed"].tolist() == [1, 1]
    assert found["share"].tolist() == pytest.approx([1 / 3, 1 / 3])
