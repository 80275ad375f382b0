"""Scenes of the small city: what is hidden stays hidden, and a scene without anything to show says so."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from layers import registry
from layers.access import LOCAL
from layers.products import Products
from layers.wall import migration, overview, pulse, risk, roads, warnings
from layers.wall.places import level_of, places, sizes, top
from layers.wall.playlist import Walls
from layers.wall.scene import View
from models.errors import NotBuiltError
from models.profile.wall import SceneSpec

DAY = dt.date(2015, 6, 30)


def view_of(store, city, kind: str, lang: str = "zh-Hans", **more) -> View:
    spec = SceneSpec(id=kind, kind=kind, **more)
    return View(store, city, LOCAL, Products.live(store), spec, lang, "wall", DAY)


def with_city(frames: dict[str, pd.DataFrame], **changes: object) -> pd.DataFrame:
    """The balances with a row for the whole city and every pair of periods."""
    rows = frames["migration_balance"]
    own = rows[rows["area_code"] == "5001100"].assign(area_code="city", area_level="city", suppressed=False, **changes)
    return pd.concat([rows, own], ignore_index=True)


def test_sums_of_moves_that_are_hidden_leave_no_scene(store, city) -> None:
    with pytest.raises(NotBuiltError, match="均不显示"):
        migration.build(view_of(store, city, "migration"))


def test_a_town_that_is_hidden_is_in_no_chart_label_or_arc(store, city) -> None:
    store.frames["migration_balance"] = with_city(store.frames)
    scene = migration.build(view_of(store, city, "migration"))
    hidden = places(Products.live(store), "town", "zh-Hans")["5001110"].name
    shown = json.dumps([scene.sentence, scene.charts, scene.strip, scene.map["labels"]], ensure_ascii=False)
    assert hidden not in shown
    assert [k.value for k in scene.kpis] == ["+600", "1,500", "900"]
    assert [state["kind"] for state in scene.legend["states"]] == ["suppressed"]


def test_arcs_are_the_pairs_of_the_layer_that_may_be_shown(store, city) -> None:
    store.frames["migration_balance"] = with_city(store.frames)
    made = view_of(store, city, "migration")
    pairs = migration.pairs_of(made)
    assert pairs[["from_code", "to_code", "persons"]].values.tolist() == [["5001110", "5001100", 300.0]]
    arcs, share, _ = migration.flows_of(made)
    assert (len(arcs), arcs[0]["persons"], share) == (1, 300, 1.0)
    assert migration.flows_of(view_of(store, city, "migration", flows="none"))[0] == []


def test_people_who_are_hidden_do_not_count_in_the_pulse(store, city) -> None:
    rows = store.frames["present_by_hour"]
    own = rows[(rows["period"] == "2015") & (rows["resolution"] == 7) & (rows["daytype"] == "workday")]
    wanted = own[~own["suppressed"].astype(bool)].groupby("hour")["persons"].sum()
    assert pulse.totals(Products.live(store), "workday") == pytest.approx(wanted.tolist())
    assert own["suppressed"].any()


def test_an_area_with_fewer_subjects_than_k_is_not_counted_by_level(store, city) -> None:
    rows = store.frames["levels_by_area"]
    few = rows["area_code"] == "500111"
    store.frames["levels_by_area"] = rows.assign(subjects=rows["subjects"].mask(few, city.disclosure_k - 1))
    assert risk.by_area(view_of(store, city, "risk"), "district").index.tolist() == ["500110"]


def test_a_unit_is_an_area_and_never_a_person(store, city) -> None:
    made = view_of(store, city, "warnings")
    said = [warnings.unit_of(made, areas) for areas in (("500110",), ("*",), ("500110", "500111"), None)]
    assert said[1:] == ["全市", "跨片区", "其他"]
    assert said[0] == warnings.board.known_name(made.products, "500110", "zh-Hans")


def test_places_are_districts_of_a_large_city_and_the_largest_come_first(store, city) -> None:
    products = Products.live(store)
    assert level_of(products) == "district"
    values, unit = sizes(products, "town")
    assert (unit, values.to_dict()) == ("persons", {"5001100": 51_000.0})
    assert sizes(products, "district")[1] == "subjects"
    order = pd.Series({"b": 2.0, "a": 2.0, "c": 5.0, "d": 0.0, "e": float("nan")})
    assert top(order, 3).index.tolist() == ["c", "a", "b"]
    assert top(order, 9).index.tolist() == ["c", "a", "b"]


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_scene_without_its_products_is_left_out_with_the_reason(store, city, lang) -> None:
    del store.frames["present_by_hour"], store.frames["road_speeds"]
    found = Walls(store, city).playlist(LOCAL, lang, scenes="pulse,roads", dwell=None, today=DAY)
    assert found["scenes"] == []
    assert [row["id"] for row in found["left_out"]] == ["pulse", "roads"]
    assert all(row["why"] for row in found["left_out"])


def test_a_month_the_register_lacks_is_not_a_month_of_none(store, city) -> None:
    months = pd.period_range("2013-07", "2015-06", freq="M").astype(str)
    rows = pd.DataFrame({"area_code": "500110", "area_level": "district", "month": months, "subjects": 10})
    store.frames["registrations_by_area_month"] = rows
    assert overview.registered(Products.live(store), "2015-06") == (120, 120)
    other = type(store)({**store.frames, "registrations_by_area_month": rows[rows["month"] != "2014-02"]})
    assert overview.registered(Products.live(other), "2015-06") == (120, None)
    last = type(store)({**store.frames, "registrations_by_area_month": rows[rows["month"] != "2015-02"]})
    assert overview.registered(Products.live(last), "2015-06") == (None, 120)


def test_the_map_of_roads_shows_their_speeds_by_the_hours_of_its_frames(store, city) -> None:
    scene = roads.build(view_of(store, city, "roads"))
    (layer,) = scene.map["layers"]
    drawn = scene.map["spec"]["layers"][0]
    assert registry.layer(layer).support.kind == "road"
    assert {frame["period"] for frame in scene.map["hours"]["frames"]} <= set(drawn["periods"])
    shown = roads.measured(Products.live(store))
    assert not shown.empty
    assert shown["tti"].notna().all()
