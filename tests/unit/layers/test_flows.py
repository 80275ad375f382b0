"""Flows between towns: the pairs of all periods in one order, what is hidden stays hidden, and the share of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers import flows, frames, registry, spec, wire
from layers.access import LOCAL, Actor
from layers.products import Products
from layers.requests import Request
from layers.serve import serve
from models.errors import AccessDeniedError

FIRST, SECOND = "5001100", "5001110"


def shown(store, city, **given) -> pd.DataFrame:
    asked = Request("town", **given)
    return serve(registry.layer("commute-flows"), asked, LOCAL, store=store, city=city).frame.set_index("id")


def test_a_hidden_pair_is_suppressed_and_one_without_a_row_has_no_data(store, city) -> None:
    now, before = (shown(store, city, period=period) for period in ("2015", "2014"))
    assert now["value"].tolist() == pytest.approx([600, np.nan, 300], nan_ok=True)
    assert now["flag"].tolist() == [frames.OBSERVED, frames.SUPPRESSED, frames.OBSERVED]
    assert before["flag"].tolist() == [frames.OBSERVED, frames.SUPPRESSED, frames.NO_DATA]
    assert list(now.index) == list(before.index) == [f"{FIRST}>{FIRST}", f"{FIRST}>{SECOND}", f"{SECOND}>{FIRST}"]


def test_districts_are_a_layer_of_their_own_and_towns_are_not_among_them(store, city) -> None:
    layer = registry.layer("commute-flows-district")
    found = serve(layer, Request("district", period="2015"), LOCAL, store=store, city=city).frame.set_index("id")
    assert list(found.index) == ["500110>500110", "500110>500111", "500111>500110"]
    assert found["value"].tolist() == pytest.approx([600, np.nan, 300], nan_ok=True)
    assert found["flag"].tolist() == [frames.OBSERVED, frames.SUPPRESSED, frames.OBSERVED]


def test_pairs_below_k_are_hidden_at_the_door_whatever_the_product_says(store, city) -> None:
    rows = store.frames["commute_flows"]
    store.frames["commute_flows"] = rows.assign(devices=pd.array([city.disclosure_k - 1] * len(rows), dtype="Int64"))
    found = shown(store, city, period="2015")
    assert (found["flag"] == frames.SUPPRESSED).all()
    assert found["value"].isna().all()


def test_a_flow_between_two_areas_belongs_to_either_of_them(store, city) -> None:
    assert list(shown(store, city, area="500111").index) == [f"{FIRST}>{SECOND}", f"{SECOND}>{FIRST}"]


def test_ends_beyond_the_towns_are_left_out(store) -> None:
    products = Products.live(store)
    rows = products.frame("commute_flows").assign(to_code="X0")
    assert flows.lay(products, "town", rows, "2015").empty


def test_the_spec_says_how_many_are_drawn_of_how_many_people(store, city) -> None:
    view = {"lon": 106.6, "lat": 29.0, "zoom": 10, "t": 1}
    chosen = [spec.LayerState("commute-flows", top=20, least=100.0)]
    entry = spec.map_spec(store, city, LOCAL, lang="en", theme="dark", view=view, chosen=chosen)["layers"][0]
    assert (entry["kind"], entry["top"], entry["least"]) == ("flow", 20, 100.0)
    assert entry["totals"] == {"2014": 1400, "2015": 1400}  # 1,000 and 400 residents with a workplace
    assert entry["codes"] == [FIRST, SECOND]
    assert len(set(entry["colours"])) == 1  # the width tells the class
    plain = spec.map_spec(
        store, city, LOCAL, lang="en", theme="dark", view=view, chosen=[spec.LayerState("commute-flows")]
    )
    assert plain["layers"][0]["top"] == spec.FLOWS_SHOWN


def test_the_public_may_not_see_them(store, city) -> None:
    with pytest.raises(AccessDeniedError):
        layer = registry.layer("commute-flows")
        serve(layer, Request("town"), Actor("p", frozenset({"public"})), store=store, city=city)


def test_flows_come_back_from_the_wire_as_they_went() -> None:
    lon, lat = np.array([106.5, 106.7, 107.0]), np.array([29.0, 29.1, 28.9])
    found = wire.decode(wire.encode_flows(lon, lat, np.array([0, 2, 1]), np.array([1, 2, 0])))
    assert isinstance(found, wire.Flows)
    assert found.lon == pytest.approx(lon)
    assert found.lat == pytest.approx(lat)
    assert (found.origin.tolist(), found.target.tolist()) == ([0, 2, 1], [1, 2, 0])
    with pytest.raises(wire.WireError, match="there are 3"):
        wire.encode_flows(lon, lat, np.array([0]), np.array([3]))
