"""Pages, search, the queue and decisions give the same answers on both back ends as plain pandas does."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.errors import RequestError, UnknownNameError
from models.store import DecisionConflictError, Store, SubjectFilter

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
N = 400


@pytest.fixture
def filled(store, tables):
    store.publish("b1", {}, tables(N, unlocated=12), {})
    return store


@pytest.fixture
def read(shelf_of_stores, backend):
    """The same content, for tests that change nothing."""
    return shelf_of_stores(backend, N, 12)


def ordered(frame, sort, descending):
    """Missing values last, ties by code, texts by code point."""
    frame = frame.sort_values("uscc", kind="stable")
    missing = frame[sort].isna()
    there = frame[~missing].sort_values(sort, ascending=not descending, kind="stable")
    return pd.concat([there, frame[missing]])["uscc"].tolist()


FILTERS = [
    SubjectFilter(),
    SubjectFilter(located=False),
    SubjectFilter(district_code="500110", section="F"),
    SubjectFilter(grid_code="500110-1", month="2018-12"),
    SubjectFilter(text="tech科技"),
    SubjectFilter(text="3路1"),
    SubjectFilter(text="%"),
    SubjectFilter(h3=(0x87 << 52) + 3, resolution=7),
    SubjectFilter(h3=(0x88 << 52) + 5, resolution=8, located=True, text="有限"),
]


def by_hand(frame, where):
    keep = np.ones(len(frame), dtype=bool)
    if where.h3 is not None:
        keep &= (frame[f"h3_r{where.resolution}"] == where.h3).fillna(False).to_numpy(dtype=bool)
    for name, value in (
        ("grid_code", where.grid_code),
        ("district_code", where.district_code),
        ("industry_section", where.section),
    ):
        if value is not None:
            keep &= (frame[name] == value).fillna(False).to_numpy(dtype=bool)
    if where.located is not None:
        keep &= (frame["located"] == where.located).to_numpy()
    if where.month is not None:
        keep &= (frame["established_on"].dt.strftime("%Y-%m") == where.month).to_numpy()
    if where.text:
        texts = frame[["name", "uscc", "address"]].agg("\n".join, axis=1).str.casefold()
        keep &= texts.str.contains(where.text.casefold(), regex=False).to_numpy()
    return frame[keep]


@pytest.mark.parametrize("where", FILTERS)
def test_a_page_holds_what_a_plain_filter_holds(read, tables, where):
    wanted = by_hand(tables(N, unlocated=12)["legal_persons"], where)
    for sort, descending in (("uscc", False), ("established_on", True), ("capital_cny", False), ("name", True)):
        page, total = read.subjects_page(where, sort, descending, 3, 40)
        assert total == len(wanted)
        assert page["uscc"].tolist() == ordered(wanted, sort, descending)[3:43]


def test_the_pages_of_a_list_join_without_gap_or_repeat(read):
    codes = [
        c for start in range(0, N, 70) for c in read.subjects_page(None, "match_level", True, start, 70)[0]["uscc"]
    ]
    assert len(codes) == len(set(codes)) == N


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sort": "salary"}, "allowed: address"),
        ({"sort": "geometry"}, "allowed: address"),
        ({"offset": -1}, "offset >= 0"),
        ({"limit": 10**9}, "limit"),
        ({"where": SubjectFilter(h3=1)}, "resolution None"),
        ({"where": SubjectFilter(month="2020-13")}, "YYYY-MM"),
    ],
)
def test_arguments_off_their_limits_are_refused(read, arguments, message):
    with pytest.raises(RequestError, match=message):
        read.subjects_page(**arguments)


def test_dtypes_of_a_page_do_not_depend_on_its_rows(read):
    full, _ = read.subjects_page(SubjectFilter(), limit=100)
    empty, total = read.subjects_page(SubjectFilter(text="no such firm"))
    assert total == 0
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert str(full["h3_r8"].dtype) == "UInt64"
    assert full["established_on"].dtype.kind == "M"


def test_one_subject_with_all_its_columns(read):
    found = read.subject(f"9150{5:014d}")
    assert found["name"].startswith("重庆5号")
    assert found["located"] is True
    assert isinstance(found["established_on"], dt.date)
    with pytest.raises(UnknownNameError, match="no legal person"):
        read.subject("x")


def test_search_puts_the_earliest_hit_in_a_name_first(read):
    hits = read.search("重庆7号")
    assert hits["name"].iloc[0].startswith("重庆7号")
    assert read.search(f"9150{17:014d}")["uscc"].tolist() == [f"9150{17:014d}"]
    assert read.search("6路13号")["address"].tolist() == ["重庆市綦江区6路13号"]
    assert read.search("'; DROP TABLE roads; --").empty
    assert read.search("  ").empty
    assert len(read.search("公司", 5)) == 5


def test_a_decision_leaves_the_queue_and_undoing_brings_it_back_as_it_was(filled):
    before, total = filled.queue_page(limit=100)
    assert total == len(before) == 12
    assert before["candidates"].str.contains("古南").all()
    code = before["uscc"].iloc[4]
    alias = filled.decide(code, 106.6, 29.0, 3, "p1", actor="李", at=NOON, note="called")
    after, left = filled.queue_page(limit=100)
    assert left == 11
    assert code not in set(after["uscc"])
    (row,) = filled.aliases().to_dict("records")
    assert (row["uscc"], row["lon"], row["lat"], row["match_level"], row["note"]) == (code, 106.6, 29.0, 3, "called")
    assert row["decided_at"] == NOON
    filled.undo(alias, "王", NOON + dt.timedelta(hours=1))
    pd.testing.assert_frame_equal(filled.queue_page(limit=100)[0], before)
    assert filled.aliases().empty
    (history,) = filled.aliases(active=False).to_dict("records")
    assert (history["undone_by"], history["decided_by"]) == ("王", "李")


def test_two_people_deciding_at_once_the_second_is_told_who_was_first(filled, place, city_id):
    code = filled.queue_page()[0]["uscc"].iloc[0]
    first = filled.decide(code, 106.6, 29.0, 1, actor="李", at=NOON)
    with Store.open(city_id, place) as other:
        with pytest.raises(DecisionConflictError, match=r"李 decided .* 2026-03-01 12:00 UTC"):
            other.decide(code, 106.7, 29.0, 1, actor="王", at=NOON)
        other.undo(first, "王", NOON)
        with pytest.raises(DecisionConflictError, match="was undone by 王"):
            filled.undo(first, "李", NOON)
        assert other.decide(code, 106.7, 29.0, 1, actor="王", at=NOON) > first
    assert DecisionConflictError.status == 409


def test_decisions_survive_the_next_build_and_follow_the_address(filled, tables):
    code = filled.queue_page()[0]["uscc"].iloc[0]
    filled.decide(code, 106.6, 29.0, 1, actor="李", at=NOON)
    given = tables(N, unlocated=12)
    filled.publish("b2", {}, {**given, "roads": given["roads"].iloc[:1]}, {})
    assert filled.queue_page()[1] == 11
    for name in ("legal_persons", "unlocated"):
        given[name] = given[name].assign(address=given[name]["address"] + "附1号")
    filled.publish("b3", {}, given, {})
    assert filled.queue_page()[1] == 12, "a decision on the old address says nothing of the new one"
    filled.decide(code, 106.61, 29.0, 1, actor="李", at=NOON)
    assert len(filled.aliases()) == 2


@pytest.mark.parametrize(
    "change", [{"lon": float("nan")}, {"lat": 91.0}, {"match_level": 6}, {"actor": ""}, {"lon": float("inf")}]
)
def test_an_impossible_decision_is_refused(read, change):
    code = read.queue_page()[0]["uscc"].iloc[0]
    given = {"lon": 106.6, "lat": 29.0, "match_level": 1, "actor": "李"} | change
    with pytest.raises(RequestError):
        read.decide(code, given["lon"], given["lat"], given["match_level"], actor=given["actor"], at=NOON)
    assert read.aliases().empty


def test_a_decision_on_nobody_and_an_undo_of_nothing_are_named(read):
    with pytest.raises(UnknownNameError, match="no legal person"):
        read.decide("0" * 18, 106.6, 29.0, 1, actor="李", at=NOON)
    with pytest.raises(UnknownNameError, match="no decision 77"):
        read.undo(77, "李", NOON)


def test_the_queue_is_searched_by_text(read):
    everyone, _ = read.queue_page(limit=100)
    wanted = everyone["name"].iloc[2][:6]
    page, total = read.queue_page(text=wanted)
    assert total == everyone["name"].str.contains(wanted, regex=False).sum()
    assert page["name"].str.contains(wanted, regex=False).all()
