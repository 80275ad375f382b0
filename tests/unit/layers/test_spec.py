"""What the map is told, and the legend beside it, agree with what is served."""

from __future__ import annotations

import json

import pytest

from layers import registry, spec
from layers.access import LOCAL, Actor
from layers.legends import labels_of
from layers.requests import Request
from layers.serve import serve
from layers.text import languages
from layers.theme import blend, tokens

LAYERS = tuple(registry.layers().values())
VIEW = {"lon": 106.66, "lat": 29.04, "zoom": 10.5, "t": 1}


@pytest.fixture(scope="module")
def drawn(shared_store, city):
    states = [spec.LayerState(layer.id) for layer in LAYERS]
    return spec.map_spec(shared_store, city, LOCAL, lang="zh-Hans", theme="light", view=VIEW, chosen=states)


def test_every_layer_is_in_the_spec_in_the_order_given_and_it_is_json(drawn):
    assert [entry["id"] for entry in drawn["layers"]] == [layer.id for layer in LAYERS]
    assert drawn["refused"] == []
    assert json.loads(json.dumps(drawn)) == drawn


def test_addresses_name_the_build_and_leave_open_what_the_map_fills_in(drawn):
    entries = {entry["id"]: entry for entry in drawn["layers"]}
    density = entries["subject-density"]
    assert density["geometry"] == "/data/subject-density/geometry/{res}?v=b-1"
    assert density["values"] == "/data/subject-density/values/{res}/{period}?v=b-1"
    assert density["resolutions"] == [7, 8, 9]
    assert density["periods"] is None
    assert entries["census-residents"]["values"] == "/data/census-residents/values/district/{period}?v=b-1"
    assert entries["subjects"]["values"] is None
    assert entries["subjects"]["min_zoom"] == 11
    assert len(entries["registrations"]["periods"]) == 24


def test_there_is_one_colour_more_than_breaks(drawn):
    for entry in drawn["layers"]:
        if entry["kind"] in ("hex", "polygon"):
            assert len(entry["colours"]) == len(entry["breaks"]) + 1
    points = next(entry for entry in drawn["layers"] if entry["kind"] == "point")
    assert len(points["shapes"]) == len(points["colours"]) == 5


def test_a_readers_classes_go_into_breaks_and_address(shared_store, city):
    state = spec.LayerState("subject-density", scheme="headtail", classes=3, opacity=40)
    found = spec.map_spec(shared_store, city, LOCAL, lang="en", theme="dark", view=VIEW, chosen=[state])["layers"][0]
    assert found["values"].endswith("?v=b-1&scheme=headtail&classes=3")
    assert len(found["breaks"]) <= 3
    assert len(found["colours"]) == len(found["breaks"]) + 1
    assert found["opacity"] == 0.4


def test_a_layer_the_actor_may_not_see_is_left_out_with_the_reason(shared_store, city):
    public = Actor("p", frozenset({"public"}))
    states = [spec.LayerState("subjects"), spec.LayerState("subject-density"), spec.LayerState("gone")]
    found = spec.map_spec(shared_store, city, public, lang="en", theme="light", view=VIEW, chosen=states)
    assert [entry["id"] for entry in found["layers"]] == ["subject-density"]
    assert {r["id"] for r in found["refused"]} == {"subjects", "gone"}


def test_the_picture_carries_the_legend_of_the_topmost_layer_with_values(shared_store, city):
    states = [
        spec.LayerState("subject-density"),
        spec.LayerState("registrations"),
        spec.LayerState("district-outlines"),
    ]
    found = spec.map_spec(
        shared_store, city, LOCAL, lang="zh-Hans", theme="light", view=VIEW, chosen=states, period="2014-06"
    )
    assert found["legend"]["title"] == found["texts"]["title"] == "新登记密度"
    assert "截至 2014-06 的 12 个月" in found["legend"]["subtitle"]
    assert "断点固定" in found["legend"]["subtitle"]
    hidden = [spec.LayerState("subject-density"), spec.LayerState("registrations", visible=False)]
    found = spec.map_spec(shared_store, city, LOCAL, lang="zh-Hans", theme="light", view=VIEW, chosen=hidden)
    assert found["legend"]["title"] == "市场主体密度"


def test_names_of_districts_are_in_the_language_where_there_is_one(shared_store, city):
    def names(lang):
        state = [spec.LayerState("district-outlines")]
        found = spec.map_spec(shared_store, city, LOCAL, lang=lang, theme="light", view=VIEW, chosen=state)
        return [label["text"] for label in found["layers"][0]["labels"]]

    assert names("zh-Hans") == ["綦江区", "大足区"]
    assert names("en") == ["Qijiang", "大足区"]


@pytest.mark.parametrize("theme", ["light", "dark", "wall"])
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_legend_says_everything_in_every_language_and_theme(layer, lang, theme, shared_store, city):
    found = spec.legend(shared_store, city, LOCAL, layer.id, lang=lang, theme=theme)
    served = serve(layer, Request(layer.support.reference), LOCAL, store=shared_store, city=city)
    assert found.title and found.source and found.date and found.method
    assert sum(row.count for row in found.rows) + sum(
        state.count for state in found.states if state.kind != "estimated"
    ) == (len(served.frame) if layer.measure else 0)
    if layer.measure is not None:
        assert len(found.rows) == len(labels_of(served, lang))
        assert all(row.label for row in found.rows) or not served.breaks


def test_swatches_show_the_colour_as_it_looks_over_the_land(shared_store, city):
    entry = spec.map_spec(
        shared_store,
        city,
        LOCAL,
        lang="en",
        theme="light",
        view=VIEW,
        chosen=[spec.LayerState("subject-density", opacity=50)],
    )["layers"][0]
    found = spec.legend(shared_store, city, LOCAL, "subject-density", lang="en", theme="light", opacity=50)
    land = tokens()["map"]["light"]["land"]
    assert [row.colour for row in found.rows] == [blend(c, land, 0.5) for c in reversed(entry["colours"])]


@pytest.mark.parametrize(("zoom", "wanted"), [(6, "7"), (9.5, "7"), (11, "8"), (13, "9"), (18, "9")])
def test_resolution_follows_zoom(zoom, wanted):
    assert spec.resolution_at(zoom, ("7", "8", "9")) == wanted


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zeros_stand_last_in_the_legend_and_nearest_to_the_land(theme, shared_store, city):
    found = spec.legend(shared_store, city, LOCAL, "subject-density", lang="en", theme=theme)
    assert [row.zero for row in found.rows] == [False] * (len(found.rows) - 1) + [True]
    assert found.rows[-1].label == "0"
    assert found.rows[-1].count > 0
    land = tokens()["map"][theme]["land"]

    def distance(colour: str) -> int:
        return sum(abs(int(colour[i : i + 2], 16) - int(land[i : i + 2], 16)) for i in (1, 3, 5))

    assert distance(found.rows[-1].colour) < min(distance(row.colour) for row in found.rows[:-1])
    assert len({row.colour for row in found.rows}) == len(found.rows)


def attributed(store, city, lang="zh-Hans", **visible):
    states = [spec.LayerState(key.replace("_", "-"), visible=shown) for key, shown in visible.items()]
    drawn = spec.map_spec(store, city, LOCAL, lang=lang, theme="light", view=VIEW, chosen=states)
    return drawn["texts"]["attribution"], drawn["texts"]["attribution_all"]


def test_the_foot_names_the_sources_of_what_is_shown_and_no_others(shared_store, city):
    short, every = attributed(shared_store, city, subject_density=True, census_residents=False)
    assert short == ["© 企业登记", "© 行政区划", "© 乡镇"] == every
    assert attributed(shared_store, city, census_residents=True)[0][0] == "© 人口普查"


def test_more_than_three_sources_are_counted(shared_store, city):
    short, every = attributed(shared_store, city, subject_density_grid=True, census_residents=True)
    assert short == ["© 人口普查", "© 行政区划", "© 企业登记 另有 2 个来源"]
    assert len(every) == 5
    said = attributed(shared_store, city, "en", subject_density_grid=True, census_residents=True)[0]
    assert said[-1].endswith(" and 2 more")


def test_a_long_attribution_is_cut_at_its_explanation():
    assert spec._short_names("Tianditu, national platform for common geospatial information") == ["Tianditu"]
    assert spec._short_names("GeoNames；Cityhex demo, synthetic") == ["GeoNames", "Cityhex demo, synthetic"]
