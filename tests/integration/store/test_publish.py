"""A build is published whole or not at all, on both back ends."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from models.errors import NotBuiltError, RequestError, StoreError, UnknownNameError
from models.store import Store

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_an_empty_store_has_no_build_and_says_what_to_run(store):
    assert store.live_build() is None
    with pytest.raises(NotBuiltError, match="cityhex build"):
        store.product("cells")


def test_a_published_build_is_live_with_its_manifest_tables_and_products(store, tables, product):
    given = tables()
    build = store.publish("b1", {"code": "abc", "sources": [{"name": "登记"}]}, given, {"cells": product(1)}, at=NOON)
    live = store.live_build()
    assert live == build
    assert live.created_at == NOON
    assert live.manifest["sources"] == [{"name": "登记"}]
    assert live.manifest["tables"]["legal_persons"]["rows"] == store.count("legal_persons") == 60
    assert store.products()["cells"].rows == 10
    copy = json.loads((store.home / "builds" / "b1.json").read_text(encoding="utf-8"))
    assert copy["build_id"] == "b1"
    assert copy["products"]["cells"]["sha256"] == store.products()["cells"].sha256


def test_every_column_comes_back_as_it_was_given(store, tables):
    given = tables()
    store.publish("b1", {}, given, {})
    back = store.frame("legal_persons").set_index("uscc")
    wanted = given["legal_persons"].set_index("uscc")
    for name in wanted.columns:
        pd.testing.assert_series_equal(
            back[name].astype(object).where(back[name].notna(), None),
            wanted[name].astype(object).where(wanted[name].notna(), None),
            check_dtype=False,
        )
    roads = store.frame("roads")
    assert roads.geometry.geom_equals(given["roads"].geometry).all()
    assert roads["lanes"].tolist() == [2, pd.NA]
    assert store.frame("waters").geom_type.tolist() == ["LineString", "Polygon"]


def test_tables_with_the_same_content_are_not_written_again(store, tables):
    store.publish("b1", {}, tables(), {})
    given = tables()
    given["roads"] = given["roads"].assign(length_m=[1.0, 2.0])
    again = store.publish("b2", {}, given, {})
    changed = {name for name, entry in again.manifest["tables"].items() if entry["changed"]}
    assert changed == {"roads"}
    assert store.frame("roads")["length_m"].tolist() == [1.0, 2.0]


def test_a_table_that_is_not_given_keeps_its_rows(store, tables):
    store.publish("b1", {}, tables(), {})
    store.publish("b2", {}, {"roads": tables()["roads"]}, {})
    assert store.count("legal_persons") == 60


def test_publishing_the_same_build_twice_leaves_one_record(store, tables, product):
    for _ in range(2):
        store.publish("b1", {}, tables(), {"cells": product(1)}, at=NOON)
    assert [build.build_id for build in store.builds()] == ["b1"]
    assert len(store.provenance()) == 1


def test_the_last_three_builds_stay_readable_and_older_files_go(store, product):
    for number in range(1, 6):
        store.publish(f"b{number}", {}, {}, {"cells": product(number)}, at=NOON + dt.timedelta(hours=number))
    assert [build.build_id for build in store.builds()] == ["b5", "b4", "b3"]
    assert store.product("cells")["build"][0].as_py() == 5
    assert store.product("cells", "b3")["build"][0].as_py() == 3
    with pytest.raises(NotBuiltError, match="b2 is not kept"):
        store.product("cells", "b2")
    assert len(list((store.home / "products" / "cells").iterdir())) == 3
    assert sorted(p.name for p in (store.home / "builds").iterdir()) == ["b3.json", "b4.json", "b5.json"]


def test_products_are_read_by_column_and_filter(store, product):
    store.publish("b1", {}, {}, {"cells": product(1, 30)})
    table = store.product("cells", columns=["h3"], filters=[("resolution", "=", 8)])
    assert table.column_names == ["h3"]
    assert table.num_rows == 10
    with pytest.raises(UnknownNameError, match="it has h3, resolution, build"):
        store.product("cells", columns=["colour"])
    with pytest.raises(NotBuiltError, match="there are cells"):
        store.product("hexes")


def break_capital(frames):
    frames["legal_persons"].loc[3, "capital_cny"] = -1.0


def double_code(frames):
    frames["legal_persons"].loc[3, "uscc"] = frames["legal_persons"].loc[4, "uscc"]


def unknown_district(frames):
    frames["legal_persons"].loc[3, "district_code"] = "999999"


def lose_rows(frames):
    frames["source_files"].loc[0, "rows_read"] += 1


def drop_needed_column(frames):
    frames["roads"] = frames["roads"].drop(columns="road_class")


def invent_column(frames):
    frames["roads"] = frames["roads"].assign(colour="red")


def queue_a_stranger(frames):
    frames["unlocated"].iloc[0, 0] = "0" * 18


FAULTS = (
    break_capital,
    double_code,
    unknown_district,
    lose_rows,
    drop_needed_column,
    invent_column,
    queue_a_stranger,
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_row_that_breaks_a_rule_leaves_the_last_build_as_it_was(store, tables, product, fault):
    store.publish("b1", {"n": 1}, tables(), {"cells": product(1)}, at=NOON)
    before = store.frame("legal_persons"), store.frame("roads"), store.live_build()
    given = tables(seed=1)
    fault(given)
    with pytest.raises(StoreError) as caught:
        store.publish("b2", {"n": 2}, given, {"cells": product(2)})
    assert "Traceback" not in str(caught.value)
    pd.testing.assert_frame_equal(store.frame("legal_persons"), before[0])
    pd.testing.assert_frame_equal(store.frame("roads"), before[1])
    assert store.live_build() == before[2]
    assert store.product("cells")["build"][0].as_py() == 1
    store.publish("b3", {}, tables(seed=1), {})
    assert store.live_build().build_id == "b3"


def test_a_reader_cannot_publish(store, place, city_id):
    with (
        Store.open(city_id, place, read_only=True) as reader,
        pytest.raises(RequestError, match="reading only"),
    ):
        reader.publish("b1", {}, {}, {})


def test_an_unknown_table_is_named(store):
    with pytest.raises(StoreError, match="no table persons"):
        store.publish("b1", {}, {"persons": pd.DataFrame({"a": [1]})}, {})


def test_the_books_balance_by_source(store, tables):
    store.publish("b1", {}, tables(), {})
    assert store.rows_by_source() == {
        ("legal_persons", "register"): 60,
        ("districts", "areas"): 2,
        ("grids", "areas"): 1,
        ("roads", "roads"): 2,
        ("waters", "waters"): 2,
    }
    assert store.quarantined_by_source() == {"register": 2}
    page, total = store.quarantine_page(limit=2, source_id="register")
    assert (len(page), total) == (2, 3)
    assert page["raw"].iloc[0] == "91X|坏行"
    assert store.provenance()["rows_read"].tolist() == [62]
