"""The wall over a built city: scenes that agree with the pages and name nobody, and say what they cannot show."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from layers import board, frames, management, registry
from layers.access import LOCAL, Actor
from layers.products import Products
from layers.requests import Request
from layers.serve import serve
from layers.server import make_server
from layers.wall import housing, playlist, pulse
from layers.wall.scene import MOST_NUMBERS
from layers.worklist import worklist
from models.casework.inbox import WarningFilter
from models.errors import AccessDeniedError, UnknownNameError
from models.profile import load_city, load_staff
from models.profile.wall import load_wall
from models.settings import Settings, load
from models.store import Store

SCENES = ("overview", "migration", "pulse", "roads", "risk", "warnings", "housing")
"""Scenes the demo city has."""
LANGUAGES = ("zh-Hans", "en")


def kpi(scene: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in scene["kpis"] if one["key"] == key)


def whole(scene: dict[str, Any], key: str) -> int:
    """A number of the English scene, which writes it in full."""
    return int(kpi(scene, key)["value"].replace(",", ""))


def test_the_playlist_says_what_can_be_shown_and_why_not_the_rest(client: FlaskClient) -> None:
    answer = client.get("/api/wall/playlist?lang=zh-Hans")
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json
    shown, left = [s["id"] for s in found["scenes"]], {row["id"]: row for row in found["left_out"]}
    assert set(shown) | set(left) == {s.id for s in load_wall(load_city("demo", load({}))).scene}
    assert set(SCENES) <= set(shown)
    assert all(row["title"] and row["why"] for row in left.values())
    assert (found["dwell_s"], found["poll_s"], found["freshness"]) == (30, 5, "ok")
    assert found["approval"] == "审图号：待填"
    assert all(s["dwell_s"] == 30 for s in found["scenes"])


def test_an_address_chooses_order_and_time_and_unknown_scenes_are_named(client: FlaskClient) -> None:
    found = client.get("/api/wall/playlist?scenes=risk,1,risk,nothing&dwell=12&lang=en").json
    assert [(s["id"], s["dwell_s"]) for s in found["scenes"]] == [("risk", 12), ("overview", 12)]
    (left,) = found["left_out"]
    assert left["id"] == "nothing"
    assert "overview, migration" in left["why"]


@pytest.mark.parametrize("asked", ["dwell=1", "dwell=x", "dwell=9999", "lang=xx"])
def test_a_wrong_question_gets_a_sentence(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/api/wall/playlist?{asked}")
    assert answer.status_code == 400
    assert "allowed" in answer.json["error"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_few_numbers_one_map_two_charts_and_a_sentence(scenes: Any, name: str, lang: str) -> None:
    scene = scenes[name, lang]
    assert 3 <= len(scene["kpis"]) <= 5
    assert len(scene["kpis"]) + len(scene["strip"]["items"]) <= MOST_NUMBERS
    assert len(scene["charts"]) == 2
    assert scene["sentence"].endswith(("。", "."))
    assert all(one["label"] and one["value"] not in ("", "–") for one in scene["kpis"])
    (layer,) = scene["map"]["layers"]
    assert [entry["id"] for entry in scene["map"]["spec"]["layers"]] == [layer]
    assert len(scene["map"]["labels"]) <= 5
    assert scene["legend"]["title"]
    assert 2 <= len(scene["legend"]["rows"]) <= 6
    assert scene["map"]["spec"]["approval"] in scene["foot"]
    assert scene["build_id"] == scene["map"]["spec"]["version"]
    assert scene["freshness"] == "ok"
    json.dumps(scene, allow_nan=False)


def test_a_chinese_scene_holds_no_english_sentence_and_the_other_way_round(scenes: Any) -> None:
    for name in SCENES:
        zh, en = scenes[name, "zh-Hans"], scenes[name, "en"]
        assert zh["sentence"] != en["sentence"]
        said = json.dumps(en["kpis"], ensure_ascii=False) + ("" if name == "roads" else en["sentence"])
        assert not any("\u4e00" <= c <= "\u9fff" for c in said)  # roads have the one name their source gives them
        assert [one["key"] for one in zh["kpis"]] == [one["key"] for one in en["kpis"]]


def test_no_firm_and_no_person_is_anywhere_in_a_scene(scenes: Any, store: Store, settings: Settings) -> None:
    said = "".join(json.dumps(scene, ensure_ascii=False) for scene in scenes.values())
    subjects = store.product("subjects").to_pandas()
    names = set(subjects["name"]) | set(subjects["uscc"]) | set(store.frame("officers")["name"])
    names |= set(store.frame("housing_projects")["developer"].dropna()) | set(store.frame("housing_projects")["name"])
    names |= {name for person in load_staff(load_city("demo", settings)) for name in person.name.values()}
    assert len(names) > 2_000
    assert [name for name in names if name in said] == []
    assert '"devices"' not in said


def test_the_numbers_are_those_of_the_other_pages(scenes: Any, store: Store, settings: Settings) -> None:
    products, city = Products.live(store), load_city("demo", settings)
    counted = board.counts(products, None)
    overview, risk = scenes["overview", "en"], scenes["risk", "en"]
    assert whole(overview, "subjects") == counted.total
    assert {row["level"]: row["value"] for row in overview["charts"][0]["rows"]} == dict(counted.by_level)
    assert whole(risk, "key_subjects") == counted.by_level["D"]
    compared = management.compared(store, LOCAL)
    share = 100 * compared["inspected_12m"].sum() / compared["subjects"].sum()
    assert kpi(risk, "inspected")["value"] == f"{share:.1f}"
    high = compared.set_index("area_code")
    by_area = store.product("levels_by_area").to_pandas().set_index("area_code").loc[high.index]
    most = int((by_area["level_c"] + by_area["level_d"]).max())
    assert risk["charts"][0]["rows"][0]["value"] == most
    as_of = board.business_date(products.manifest)
    context = type("C", (), {"store": store, "actor": LOCAL, "manifest": products.manifest, "city": city})()
    listed = worklist(context, None, "en")
    assert whole(scenes["warnings", "en"], "open_warnings") == whole(overview, "open_warnings") == listed.total
    assert whole(scenes["warnings", "en"], "late_warnings") == listed.late
    assert sum(row["value"] for row in scenes["warnings", "en"]["charts"][0]["rows"]) == listed.total
    projects = housing.projects_of(products, as_of)
    assert whole(scenes["housing", "en"], "built") == int(store.frame("housing_projects")["units"].sum())
    assert whole(scenes["housing", "en"], "unsold") == int((projects["units"] - projects["units_sold"]).sum())


def test_people_of_the_pulse_are_those_of_the_layer_hour_by_hour(scenes: Any, store: Store, settings: Settings) -> None:
    scene, city = scenes["pulse", "en"], load_city("demo", settings)
    layer = registry.layer("present-population")
    size = frames.cells(Products.live(store), pulse.RESOLUTION)["area_km2"].to_numpy()
    for frame in scene["map"]["hours"]["frames"][::5]:
        served = serve(layer, Request(pulse.RESOLUTION, frame["period"]), LOCAL, store=store, city=city)
        persons = float(np.nansum(served.frame["value"].to_numpy() * size))
        assert int(frame["kpi"]["value"].replace(",", "")) == round(persons)
    assert [frame["hour"] for frame in scene["map"]["hours"]["frames"]] == list(range(24))
    assert scene["map"]["hours"]["period"].replace("{hour}", "05") == "workday-05"


def test_what_the_map_of_a_scene_asks_for_is_answered(client: FlaskClient, scenes: Any) -> None:
    for name in SCENES:
        spec = scenes[name, "en"]["map"]["spec"]
        (layer,) = spec["layers"]
        resolution = str(layer.get("resolutions", ["-"])[0])
        addresses = [layer["geometry"], layer["values"]]
        period = layer["start"] if layer.get("periods") else "-"
        for address in (*addresses, spec["basemap"]):
            found = client.get(address.replace("{res}", resolution).replace("{period}", period))
            assert found.status_code == 200
            assert "immutable" in found.headers["Cache-Control"]


def test_the_index_of_roads_is_that_of_the_published_sections(scenes: Any, store: Store) -> None:
    scene, speeds = scenes["roads", "en"], store.product("road_speeds").to_pandas()
    last = speeds[(speeds["period"] == speeds["period"].max()) & (speeds["daytype"] == "workday")]
    shown = last[~last["suppressed"] & last["tti"].notna()]
    assert not shown.empty
    worst = int(kpi(scene, "index_worst")["note"][:2])
    lengths = store.product("road_sections").to_pandas().query("period == @last.period.iloc[0]")
    own = shown[shown["hour"] == worst].merge(lengths[["section_id", "length_m"]], on="section_id")
    index = (own["length_m"] / own["speed_kmh"]).sum() / (own["length_m"] / (own["speed_kmh"] * own["tti"])).sum()
    assert kpi(scene, "index_worst")["value"] == f"{index:.2f}"
    assert scene["charts"][1]["rows"][0]["value"] == pytest.approx(own["tti"].max(), abs=1e-4)
    assert sum(frame["kpi"]["value"] != "–" for frame in scene["map"]["hours"]["frames"]) == shown["hour"].nunique()


def test_moves_are_those_of_the_products_and_what_they_hide_is_hidden(scenes: Any, store: Store) -> None:
    scene = scenes["migration", "en"]
    balance = store.product("migration_balance").to_pandas()
    last = balance[balance["period_to"] == balance["period_to"].max()]
    whole_city = last[last["area_level"] == "city"].iloc[0]
    for key in ("moved_in", "moved_out"):
        assert whole(scene, key) == round(whole_city[key])
    towns = frames.areas(Products.live(store), "town").set_index("area_code")["name"]
    hidden = {towns[code] for code in last[(last["area_level"] == "town") & last["suppressed"]]["area_code"]}
    chinese = scenes["migration", "zh-Hans"]
    said = {one["text"] for one in chinese["map"]["labels"]} | {one["label"] for one in chinese["charts"][0]["rows"]}
    assert not {name for name in said for full in hidden if full.startswith(name)}
    regions = store.product("migration_origins").to_pandas()
    regions = regions[(regions["period_to"] == regions["period_to"].max()) & (regions["persons"] > 0)]
    arcs = chinese["map"]["flows"] or []
    assert [arc["persons"] for arc in arcs] == [round(v) for v in regions["persons"].nlargest(14)]
    assert all(0 <= arc["width"] <= 4 and arc["from"] != arc["to"] for arc in arcs)


def test_a_scene_that_fails_is_named_and_the_others_go_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_server("demo", settings).test_client()
    monkeypatch.setattr(playlist.BUILDERS["risk"], "build", lambda view: 1 / 0)
    answer = client.get("/api/wall/scene/risk?lang=en")
    assert (answer.status_code, answer.json["title"], answer.json["scene"]) == (500, "Market risk", "risk")
    assert "division" not in answer.text
    assert answer.json["id"] in caplog.text
    assert client.get("/api/wall/scene/housing?lang=en").status_code == 200
    assert client.get("/api/wall/scene/nothing").status_code == 404


def test_an_unchanged_scene_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/api/wall/scene/pulse?lang=en")
    again = client.get("/api/wall/scene/pulse?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/api/wall/scene/pulse?lang=en&theme=light").headers["ETag"] != first.headers["ETag"]
    assert client.get("/api/wall/scene/pulse?theme=neon").status_code == 400


def test_a_warning_that_is_closed_is_counted_for_the_unit_that_closed_it(
    settings: Settings, client: FlaskClient, store: Store
) -> None:
    as_of, at = dt.date(2015, 6, 30), dt.datetime.now(dt.UTC)
    before = whole(client.get("/api/wall/scene/warnings?lang=en").json, "open_warnings")
    rows, _ = store.warnings_page(("*",), as_of, WarningFilter(states=("open",)), limit=2)
    for key, actor in zip(rows["warning_key"], ("zhang", "chen"), strict=True):
        taken = store.step_warning(key, "take", revision=1, actor=actor, as_of=as_of, at=at)
        store.step_warning(key, "close", revision=taken["revision"], actor=actor, as_of=as_of, at=at,
                           outcome="data_fault", note="seen")  # fmt: skip
    scene = client.get("/api/wall/scene/warnings?lang=zh-Hans").json
    english = client.get("/api/wall/scene/warnings?lang=en").json
    assert whole(english, "open_warnings") == before - 2
    assert whole(english, "handled_warnings") == 2
    assert {(row["label"], row["text"]) for row in scene["charts"][1]["rows"]} == {("古南街道", "1"), ("綦江区", "1")}
    assert scene["charts"][0]["handled"]["text"].startswith("近 30 天处置：")
    said = json.dumps(scene, ensure_ascii=False)
    assert "zhang" not in said
    assert "张监管" not in said


@pytest.mark.parametrize(("today", "state"), [("2016-06-30", "ok"), ("2017-08-01", "amber"), ("2019-09-01", "red")])
def test_old_data_turn_amber_after_two_cycles_and_red_after_four(
    store: Store, settings: Settings, today: str, state: str
) -> None:
    walls = playlist.Walls(store, load_city("demo", settings).model_copy(update={"demo": False}))
    spec = walls.wall.scene[0].model_copy(update={"cadence": "yearly"})
    day = dt.date.fromisoformat(today)
    assert walls.freshness_of(spec, (), "2015-06-30", Products.live(store), day) == state
    assert walls.freshness_of(walls.wall.scene[0], (), "2015-06-30", Products.live(store), day) == "ok"


def test_a_layer_of_single_firms_or_none_at_all_is_refused_at_the_start(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    city = load_city("demo", settings).model_copy(update={"folder": tmp_path})
    for name in ("subjects", "warnings", "district-outlines", "commute-flows", "nothing"):
        (tmp_path / "wall.toml").write_text(
            f'[[scene]]\nid = "risk"\nkind = "risk"\nlayers = ["{name}"]\n', encoding="utf-8"
        )
        with pytest.raises(Exception, match=f"wall.toml: scene.0.layers is '{name}'; allowed: .*risk-share"):
            playlist.Walls(store, city)


def test_an_actor_of_one_area_sees_no_wall(store: Store, settings: Settings) -> None:
    walls = playlist.Walls(store, load_city("demo", settings))
    own = Actor("zhang", frozenset({"supervisor"}), frozenset({"500110003"}))
    with pytest.raises(AccessDeniedError, match="the whole city"):
        walls.playlist(own, "en", scenes=None, dwell=None, today=dt.date(2015, 7, 1))
    with pytest.raises(UnknownNameError, match="it has overview, migration"):
        walls.scene("nothing", LOCAL, "en", "wall", dt.date(2015, 7, 1))
