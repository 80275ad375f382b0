"""An area's subjects: counts that add up, a strict order, filters, areas one may choose, and what is refused."""

from __future__ import annotations

import pytest

from layers import board, explaining
from layers.access import LOCAL, Actor
from layers.products import Products
from models.errors import AccessDeniedError, UnknownNameError

AREAS = (None, "500110", "500111", "500110001", "500111002")


@pytest.fixture
def products(shared_store):
    return Products.live(shared_store)


@pytest.mark.parametrize("code", AREAS)
def test_levels_unclassified_and_waiting_add_up_to_the_total(products, code):
    counts = board.counts(products, code)
    assert sum(counts.by_level.values()) + counts.unclassified == counts.located
    assert counts.located + counts.waiting == counts.total


def test_the_parts_and_what_waits_are_the_whole(products):
    whole = board.counts(products, None)
    districts = [board.counts(products, code) for code in ("500110", "500111")]
    cells = [board.counts(products, f"{d}00{n}") for d in ("500110", "500111") for n in (1, 2)]
    assert sum(part.total for part in districts) == whole.total
    assert sum(part.located for part in cells) == whole.located
    assert whole.total == len(products.frame("subjects"))


@pytest.mark.parametrize("code", AREAS)
def test_the_order_is_strict_and_the_worst_comes_first(products, code):
    rows = board.board(products, code)
    known = rows["rank"].dropna()
    assert known.is_monotonic_increasing
    assert known.is_unique
    assert rows["rank"].isna().sum() == 0 or rows["rank"].isna().to_numpy()[-1]


def test_every_filter_narrows_and_all_together_hold(products):
    rows = board.board(products, "500110")
    some = rows.iloc[3]
    found = board.selected(products, "500110", levels=(some["level"],), text=some["uscc"][-6:].lower())
    assert some["uscc"] in set(found["uscc"])
    assert set(found["level"]) == {some["level"]}
    cell = f"{int(some['h3_r8']):x}"
    inside = board.selected(products, "500110", cell=cell)
    assert set(inside["h3_r8"].astype("uint64")) == {int(some["h3_r8"])}
    assert set(board.selected(products, None, members=frozenset({some["uscc"]}))["uscc"]) == {some["uscc"]}
    assert board.selected(products, "500110", text="nothing is called that").empty


@pytest.mark.parametrize("sort", board.SORTS)
def test_sorting_keeps_every_row_and_goes_both_ways(products, sort):
    rows = board.board(products, "500110")
    up, down = board.ordered(rows, sort), board.ordered(rows, sort, descending=True)
    assert set(up["uscc"]) == set(down["uscc"]) == set(rows["uscc"])
    assert list(up["uscc"]) != list(down["uscc"])


def test_an_actor_chooses_among_own_areas_and_what_lies_below(products):
    whole = [code for code, _ in board.choices(products, LOCAL, "en")]
    assert whole[0] is None
    own = [code for code, _ in board.choices(products, Actor("a", areas=frozenset({"500110001"})), "en")]
    assert own == ["500110001"]


def test_nobody_works_outside_of_the_own_areas_or_without_the_role():
    supervisor = Actor("a", frozenset({"supervisor"}), frozenset({"500110001"}))
    board.require(supervisor, "500110001")
    for area in (None, "500110", "500110002"):
        with pytest.raises(AccessDeniedError):
            board.require(supervisor, area)
    with pytest.raises(AccessDeniedError, match="is for"):
        board.require(Actor("b", frozenset({"planner"}), frozenset({"*"})), None)


def test_an_outline_is_that_of_the_area_and_an_unknown_one_is_said(products):
    found = board.area(products, "500110001", "zh-Hans", "小城")
    assert len(found.rings) == 1
    west, south, east, north = found.bounds
    assert all(west <= x <= east and south <= y <= north for x, y in found.rings[0])
    with pytest.raises(UnknownNameError):
        board.area(products, "999999", "zh-Hans", "小城")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("age_years", 2.04, "2 years"), ("capital_ratio", 1.0, "10 times"), ("paid_in_share", 0.05, "5 %"),
        ("abnormal_now", 1.0, "yes"), ("abnormal_now", 0.0, "no"), ("penalties", 1.6, "1.6"), ("changes_12m", 4.0, "4"),
        ("changes_12m", None, "–"), ("months_since_inspection", 14.0, "14 months"),
    ],
)  # fmt: skip
def test_values_of_indicators_are_written_as_people_do(field, value, said):
    assert explaining.written(field, value, "en").replace("2.0", "2") == said
