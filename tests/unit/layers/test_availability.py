"""The menu knows what a city has data for, and a fresh page shows what its data can bear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layers import availability, registry
from layers.products import Products
from layers.text import languages


def test_every_layer_of_a_whole_city_is_available(shared_store, city):
    products = Products.live(shared_store)
    assert [key for key, v in registry.layers().items() if not availability.available(v, products, city)] == []


@pytest.mark.parametrize("lang", languages())
def test_a_missing_product_is_named_in_the_readers_words(lang, store, city):
    del store.frames["residents_change"]
    store.build = replace(store.build, build_id="b-nochange")
    why = availability.why_not(registry.layer("residents-change"), Products.live(store), city, lang)
    assert {"zh-Hans": "常住人口变化", "en": "esidents"}[lang] in why
    assert availability.why_not(registry.layer("subject-density"), Products.live(store), city, lang) == ""


def test_a_level_without_any_value_is_not_available(store, city):
    grids = store.frames["grids"].copy()
    grids["derived"] = True
    store.frames["grids"] = grids
    store.build = replace(store.build, build_id="b-derived")
    products = Products.live(store)
    assert availability.why_not(registry.layer("census-residents-town"), products, city, "en") != ""
    assert availability.why_not(registry.layer("census-residents"), products, city, "en") == ""


def test_a_fresh_page_shows_hexagons_where_subjects_are_located_well_and_areas_where_not(store, city):
    subjects = store.frames["subjects"].copy()
    found = {}
    for name, radius in (("fine", 100.0), ("coarse", 4000.0)):
        store.frames["subjects"] = subjects.assign(error_radius_m=radius)
        store.build = replace(store.build, build_id=f"b-{name}")
        found[name] = availability.default_layers(store, city)
    assert "subject-density" in found["fine"]
    assert "subject-density-grid" not in found["fine"]
    assert "subject-density-grid" in found["coarse"]
    assert "subject-density" not in found["coarse"]
    assert {"district-outlines", "subjects"} <= set(found["fine"]) & set(found["coarse"])


def test_a_city_without_a_register_still_gets_a_layer_with_colours(store, city):
    gone = ("subjects", "subjects_by_cell", "registrations_by_cell_month")
    store.frames = {name: frame for name, frame in store.frames.items() if name not in gone}
    store.build = replace(store.build, build_id="b-noregister")
    shown = availability.default_layers(store, city)
    assert "district-outlines" in shown
    assert any(registry.layer(key).kind == "polygon" for key in shown)
