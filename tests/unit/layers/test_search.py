"""One box finds firms, areas and cells, and only what the actor may see."""

from __future__ import annotations

import h3
import pytest

from layers import search
from layers.access import LOCAL, Actor


def find(store, city, text, *, actor=LOCAL, lang="zh-Hans", limit=8):
    return search.find(store, city, actor, text, lang, limit)


@pytest.mark.parametrize(
    ("text", "kind", "ident"),
    [
        ("綦江", "district", "500110"),
        ("qijiang", "district", "500110"),
        ("500111002", "grid", "500111002"),
        ("古南街道", "town", "500110001"),
        ("重庆第17商行", "subject", "91500110MA00000017"),
        ("MA00000017", "subject", "91500110MA00000017"),
    ],
)
def test_a_name_or_a_code_finds_its_thing_first(text, kind, ident, store, city):
    rows = store.frames["subjects"].copy()
    rows.loc[17, "located"] = True
    rows.loc[17, ["lon", "lat"]] = [106.65, 29.03]
    store.frames["subjects"] = rows
    hit = find(store, city, text)[0]
    assert (hit.kind, hit.id) == (kind, ident)
    assert 106.5 < hit.lon < 106.8
    assert 28.9 < hit.lat < 29.2
    assert hit.zoom > 9


def test_an_h3_index_finds_its_cell_and_a_foreign_one_nothing(shared_store, city):
    cell = h3.latlng_to_cell(29.03, 106.65, 8)
    assert [(hit.kind, hit.id) for hit in find(shared_store, city, cell.upper())] == [("cell", cell)]
    assert find(shared_store, city, h3.latlng_to_cell(10, 10, 8)) == []


def test_nothing_is_found_for_nothing(shared_store, city):
    assert find(shared_store, city, "   ") == []
    assert find(shared_store, city, "没有这个") == []


def test_an_actor_who_may_not_see_subjects_does_not_find_them(shared_store, city):
    public = Actor("p", frozenset({"public"}))
    assert find(shared_store, city, "重庆第", actor=public) == []
    assert find(shared_store, city, "綦江", actor=public)


def test_there_are_never_more_answers_than_asked_for(shared_store, city):
    assert len(find(shared_store, city, "重庆", limit=3)) == 3


def test_a_subject_without_a_place_is_found_in_the_queue(shared_store, city, city_frames):
    rows = city_frames["subjects"]
    waiting = rows[~rows["located"]].iloc[0]
    (hit,) = find(shared_store, city, waiting["uscc"])
    assert (hit.kind, hit.id, hit.title) == ("queue", waiting["uscc"], waiting["name"])
    assert (hit.lon, hit.lat, hit.zoom) == (None, None, None)


def test_signs_that_mean_something_to_a_pattern_mean_only_themselves(shared_store, city):
    assert find(shared_store, city, ".*") == []
