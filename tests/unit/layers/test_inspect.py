"""A click names the thing under the pointer, and its panel says what the products say."""

from __future__ import annotations

import h3
import pandas as pd
import pytest

from layers import inspect, registry
from layers.access import LOCAL, Actor
from layers.text import has, languages, text
from models.errors import AccessDeniedError, UnknownNameError

PICKABLE = ["subjects", "grid-outlines", "subject-density", "district-outlines"]


def at(store, city, lon, lat, layers, *, zoom=12.0, actor=LOCAL, resolution=None):
    return inspect.at(store, city, actor, lon, lat, zoom, layers, "zh-Hans", resolution)


def test_a_click_on_hexagons_is_the_cell_that_holds_the_place(shared_store, city):
    for resolution in (7, 8, 9):
        found = at(shared_store, city, 106.65, 29.03, ["subject-density"], resolution=resolution)
        assert (found.kind, found.id) == ("cell", h3.latlng_to_cell(29.03, 106.65, resolution))
        assert found.resolution == resolution
        assert len(found.rings[0]) == 6


def test_the_topmost_layer_wins(shared_store, city):
    assert at(shared_store, city, 106.65, 29.03, ["grid-outlines", "subject-density"]).id == "500110001"
    assert at(shared_store, city, 106.65, 29.03, ["subject-density", "grid-outlines"]).kind == "cell"
    assert at(shared_store, city, 106.70, 29.03, ["district-outlines"]).title == "大足区"


def test_a_point_is_hit_within_a_few_pixels_and_missed_beyond(shared_store, city, city_frames):
    rows = city_frames["subjects"]
    firm = rows[rows["located"]].iloc[0]
    hit = at(shared_store, city, firm["lon"] + 0.00002, firm["lat"], PICKABLE, zoom=16)
    assert hit.kind == "subject"
    assert (hit.lon, hit.lat) == (firm["lon"], firm["lat"])
    assert at(shared_store, city, firm["lon"] + 0.0008, firm["lat"], ["subjects"], zoom=16) is None


def test_outside_of_the_city_there_is_nothing(shared_store, city):
    assert at(shared_store, city, 100.0, 20.0, PICKABLE) is None


def test_layers_the_actor_may_not_see_are_not_picked(shared_store, city, city_frames):
    firm = city_frames["subjects"].query("located").iloc[0]
    public = Actor("p", frozenset({"public"}))
    assert at(shared_store, city, firm["lon"], firm["lat"], PICKABLE, actor=public).kind == "grid"


@pytest.mark.parametrize(
    ("kind", "ident"),
    [
        ("cell", "8840000000fffff"),
        ("cell", "nonsense"),
        ("grid", "999"),
        ("district", ""),
        ("subject", "x"),
        ("road", "1"),
    ],
)
def test_what_does_not_exist_is_unknown(kind, ident, shared_store, city):
    with pytest.raises(UnknownNameError):
        inspect.target(shared_store, city, LOCAL, kind, ident, "en")


def test_a_target_from_an_address_is_the_one_that_was_clicked(shared_store, city):
    for layers in (["subject-density"], ["grid-outlines"], ["district-outlines"]):
        clicked = at(shared_store, city, 106.65, 29.03, layers)
        assert inspect.target(shared_store, city, LOCAL, clicked.kind, clicked.id, "zh-Hans") == clicked


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("layer_id", ["subject-density", "grid-outlines", "district-outlines"])
def test_a_panel_adds_up(layer_id, lang, shared_store, city, city_frames):
    rows = city_frames["subjects"].query("located")
    firm = rows.iloc[5]
    target = at(shared_store, city, firm["lon"], firm["lat"], [layer_id])
    panel = inspect.panel(shared_store, city, LOCAL, target, lang)
    column = {"cell": f"h3_r{target.resolution}", "grid": "grid_code", "district": "district_code"}[target.kind]
    wanted = int(target.id, 16) if target.kind == "cell" else target.id
    inside = rows[rows[column] == wanted]
    assert panel.subjects == len(inside) > 0
    assert sum(part.count for part in panel.composition) == len(inside)
    assert sum(part.share for part in panel.composition) == pytest.approx(1)
    assert sum(part.count for part in panel.location) == len(inside)
    assert sum(panel.trend.values) == len(inside)
    assert panel.trend.periods[-1] == str(inside["established_on"].dt.year.max())
    assert next(fact for fact in panel.facts if fact.key == "subjects").value == str(len(inside))
    assert "CC BY 4.0" in panel.provenance[0]
    assert "b-1" in panel.provenance[-1]


def test_a_district_says_its_residents_and_that_it_cannot_be_compared(shared_store, city):
    target = inspect.target(shared_store, city, LOCAL, "district", "500110", "zh-Hans")
    panel = inspect.panel(shared_store, city, LOCAL, target, "zh-Hans")
    facts = {fact.key: fact for fact in panel.facts}
    assert facts["residents"].value == "101.1 万"
    assert facts["residents"].note == "2020-11-01"
    assert "change" not in facts
    assert text("change.code_reused", "zh-Hans", areas="500110 万盛区") in panel.notes
    other = inspect.target(shared_store, city, LOCAL, "district", "500111", "zh-Hans")
    facts = {fact.key: fact.value for fact in inspect.panel(shared_store, city, LOCAL, other, "zh-Hans").facts}
    assert facts["change"] == "+24.3 %"


def test_a_derived_grid_is_called_derived(shared_store, city):
    target = inspect.target(shared_store, city, LOCAL, "grid", "500110001", "en")
    assert any("derived" in note for note in inspect.panel(shared_store, city, LOCAL, target, "en").notes)


def test_a_subject_shows_its_register_entry_and_never_the_person(shared_store, city, city_frames):
    firm = city_frames["subjects"].query("located").iloc[3]
    target = inspect.target(shared_store, city, LOCAL, "subject", firm["uscc"], "en")
    panel = inspect.panel(shared_store, city, LOCAL, target, "en")
    facts = {fact.key: fact.value for fact in panel.facts}
    assert facts["uscc"] == firm["uscc"]
    assert firm["representative_key"] not in str(panel)
    assert facts["level"].startswith(str(firm["match_level"]))


def test_a_supervisor_opens_subjects_of_the_own_area_only(shared_store, city, city_frames):
    rows = city_frames["subjects"].query("located")
    actor = Actor("zhang", frozenset({"supervisor"}), frozenset({"500110"}))
    own = rows[rows["grid_code"].str.startswith("500110")].iloc[0]["uscc"]
    other = rows[rows["grid_code"].str.startswith("500111")].iloc[0]["uscc"]
    assert inspect.target(shared_store, city, actor, "subject", own, "en").id == own
    with pytest.raises(AccessDeniedError):
        inspect.target(shared_store, city, actor, "subject", other, "en")


def test_every_layer_that_opens_something_names_a_kind_there_is():
    kinds = {"cell", "grid", "district", "subject", "premises", "road", ""}
    assert {layer.detail for layer in registry.layers().values()} <= kinds


def test_every_note_on_comparing_censuses_has_words():
    for lang in languages():
        for code in ("merged", "renamed", "code_reused", "part_missing", "split", "no_earlier_value"):
            assert has(f"change.{code}", lang)


def test_a_click_beside_a_place_of_business_opens_what_was_found_there(store, city):
    rows = store.frames["premises_checks"]
    ids = rows["premises_id"]
    store.frames["premises"] = pd.DataFrame({"premises_id": ids, "name": "面馆" + ids, "address": "甲路1号"})
    place = rows[rows["lon"].notna() & (rows["worst"] == "high")].iloc[0]
    hit = inspect.at(store, city, LOCAL, place["lon"] + 1e-5, place["lat"], 15, ["premises"], "en")
    assert (hit.kind, hit.id, hit.title) == ("premises", place["premises_id"], f"面馆{place['premises_id']}")
    found = inspect.panel(store, city, LOCAL, hit, "en")
    facts = {fact.key: fact.value for fact in found.facts}
    assert facts["worst"] == "high" and facts["premises_address"] == "甲路1号"
    assert not found.where
    elsewhere = Actor("far", frozenset({"supervisor"}), frozenset({"999999"}))
    with pytest.raises(AccessDeniedError):
        inspect.target(store, city, elsewhere, "premises", hit.id, "en")
    unplaced = rows.loc[rows["lon"].isna(), "premises_id"].iloc[0]
    with pytest.raises(UnknownNameError, match="No place of business on the map"):
        inspect.target(store, city, LOCAL, "premises", unplaced, "en")
