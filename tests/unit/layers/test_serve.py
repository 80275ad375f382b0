"""What the one door does, in its order, for every layer of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layers import frames, registry, wire
from layers.access import EVERYONE, LOCAL, Actor
from layers.layer import Disclosure, Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.provenance import SIGNALING
from layers.requests import Request
from layers.serve import periods, serve
from models.contracts import ContractError
from models.errors import AccessDeniedError, NotBuiltError, RequestError, UnknownNameError

LAYERS = tuple(registry.layers().values())
EVERY = [(layer, resolution) for layer in LAYERS for resolution in layer.support.resolutions]
VALUED = [(layer, resolution) for layer, resolution in EVERY if layer.kind in ("hex", "polygon")]


def named(value):
    return getattr(value, "id", value)


def small_layer(values, flags=None, observed=None, *, count=0, **changes) -> Layer:
    """A layer over the four grid cells with the values given."""

    def query(products, request):
        count_calls.append(request.period)
        ids = frames.ids_of(products, "grid", request.resolution)
        frame = frames.lay(ids, pd.Series(values, index=ids, dtype="float64"), empty=frames.NO_DATA)
        if flags is not None:
            frame["flag"] = flags
        return frame if observed is None else frame.assign(observed=np.array(observed, np.int64))

    count_calls: list = []
    given = {
        "id": f"test-{abs(hash((tuple(values), str(observed), str(sorted(changes)))))}", "theme": "market",
        "support": Support("grid", ("grid",)), "reads": ("grids",), "tables": ("grids",), "query": query,
        "audience": EVERYONE, "measure": Measure("x", "", "density"), "legend": Legend("density"),
    }  # fmt: skip
    layer = Layer(**{**given, **changes})
    object.__setattr__(layer, "calls", count_calls)
    return layer


@pytest.mark.parametrize(("layer", "resolution"), EVERY, ids=named)
def test_every_layer_answers_at_every_resolution_with_its_whole_geometry(layer, resolution, shared_store, city):
    served = serve(layer, Request(resolution), LOCAL, store=shared_store, city=city)
    products = Products.live(shared_store)
    if layer.support.kind == "od":
        pairs = products.frame("commute_flows").query("area_level == @resolution")
        assert list(served.frame["id"]) == sorted(set(pairs["from_code"] + ">" + pairs["to_code"]))
    elif layer.support.kind != "point":
        kind = layer.support.kind if layer.support.kind in ("hex", "road") else "area"
        assert list(served.frame["id"]) == list(frames.ids_of(products, kind, resolution))
    assert sum(served.states.values()) == len(served.frame) == served.total
    assert sum(served.counts) == int((served.classes >= 0).sum())
    without = served.frame["flag"].isin([2, 3])
    assert served.frame.loc[without, "value"].isna().all()
    assert (served.classes[without] == -1).all()
    assert served.provenance.build_id == served.build_id == "b-1"
    own = "protected sums only" if SIGNALING & set(layer.reads) else "CC BY 4.0"
    assert own in served.provenance.sources[0].said("en")["licence"]


@pytest.mark.parametrize(("layer", "resolution"), EVERY, ids=named)
def test_geometry_has_one_place_for_each_row(layer, resolution, shared_store, city):
    served = serve(layer, Request(resolution, part="geometry"), LOCAL, store=shared_store, city=city)
    found = wire.decode(served.body)
    rows = found.features if isinstance(found, wire.Polygons) else len(found.lon)
    if isinstance(found, wire.Lines):
        rows = len(found.size)
        assert found.size.sum() == len(found.lon)
    if isinstance(found, wire.Flows):
        rows = len(found.origin)
        assert len(found.target) == rows
    assert rows == (int((served.classes >= 0).sum()) if layer.support.kind == "point" else len(served.frame))


@pytest.mark.parametrize(("layer", "resolution"), VALUED, ids=named)
def test_the_classes_on_the_wire_are_those_of_the_legend(layer, resolution, shared_store, city):
    served = serve(layer, Request(resolution, part="values"), LOCAL, store=shared_store, city=city)
    found = wire.decode(served.body)
    codes = (found.codes & 32767).astype(np.int64)
    classes = np.searchsorted(wire.code_bounds(found.scale, served.breaks), codes, side="right")
    shown = served.classes >= 0
    assert (classes[shown] == served.classes[shown]).all()
    assert (found.codes[~shown] >= wire.SUPPRESSED).all()


def test_access_is_decided_before_anything_is_read(store, city):
    layer = small_layer([1, 2, 3, 4], audience=frozenset({"admin"}))
    with pytest.raises(AccessDeniedError, match="is for admin; p has the roles: public"):
        serve(layer, Request("grid"), Actor("p", frozenset({"public"})), store=store, city=city)
    assert store.reads == []
    assert layer.calls == []


def test_a_missing_product_says_what_is_missing_and_what_to_do(store, city):
    del store.frames["subjects_by_cell"]
    with pytest.raises(NotBuiltError, match=r"subject-density needs the product subjects_by_cell.*cityhex build"):
        serve(registry.layer("subject-density"), Request("8"), LOCAL, store=store, city=city)


def test_a_city_without_a_build_says_so(store, city):
    store.build = None
    with pytest.raises(NotBuiltError, match="no build yet"):
        serve(registry.layer("subject-density"), Request("8"), LOCAL, store=store, city=city)


@pytest.mark.parametrize(
    ("layer_id", "request_", "error", "said"),
    [
        ("subject-density", Request("4"), UnknownNameError, "it has 7, 8, 9"),
        ("subject-density", Request("8", "2015-06"), UnknownNameError, "no periods"),
        ("registrations", Request("8", "1999-01"), UnknownNameError, "2013-07 to 2015-06"),
        ("subject-density", Request("8", scheme="fixed"), RequestError, "no fixed classes"),
        ("subjects", Request("-", part="values"), UnknownNameError, "geometry alone"),
    ],
)
def test_what_a_layer_does_not_offer_is_refused_before_the_query(layer_id, request_, error, said, shared_store, city):
    with pytest.raises(error, match=said):
        serve(registry.layer(layer_id), request_, LOCAL, store=shared_store, city=city)


@pytest.mark.parametrize(
    "arguments",
    [{"bounds": (107, 29, 106, 30)}, {"bounds": (106, 29, 107, 95)}, {"limit": 0}, {"limit": 10_001}, {"offset": -1},
     {"classes": 8}, {"scheme": "jenks"}],
)  # fmt: skip
def test_a_request_over_the_limits_cannot_be_made(arguments):
    with pytest.raises(RequestError, match="allowed"):
        Request("8", **arguments)


def test_a_query_off_its_contract_never_gets_through(store, city):
    bad = small_layer([1, 2, 3, 4])
    object.__setattr__(bad, "query", lambda products, request: pd.DataFrame({"id": ["a"], "value": [1.0]}))
    with pytest.raises(ContractError, match="flag"):
        serve(bad, Request("grid"), LOCAL, store=store, city=city)
    unprotected = small_layer([1, 2, 3, 4], disclosure=Disclosure("observed"))
    with pytest.raises(ContractError, match="observed"):
        serve(unprotected, Request("grid"), LOCAL, store=store, city=city)


def test_small_counts_are_null_and_flagged_and_leave_no_trace_on_the_wire(store, city):
    layer = small_layer([10, 20, 30, 0], observed=[4, 50, 5, 0], disclosure=Disclosure("observed"))
    served = serve(layer, Request("grid", part="values"), LOCAL, store=store, city=city)
    assert served.frame["flag"].tolist() == [2, 0, 0, 1]
    assert np.isnan(served.frame["value"].iloc[0])
    assert "observed" not in served.frame
    assert wire.decode(served.body).codes[0] == wire.SUPPRESSED
    assert served.states == {0: 2, 1: 1, 2: 1}


def test_a_layer_may_raise_k_and_cannot_lower_it(store, city):
    for own, hidden in ((1, [True, False]), (20, [True, True])):
        layer = small_layer([1, 2, 3, 4], observed=[4, 19, 50, 50], disclosure=Disclosure("observed", k=own))
        served = serve(layer, Request("grid"), LOCAL, store=store, city=city)
        assert served.frame["value"].isna().tolist()[:2] == hidden


def test_the_breaks_are_made_from_values_that_may_be_shown(store, city):
    layer = small_layer([1, 2, 3, 1000], observed=[9, 9, 9, 1], disclosure=Disclosure("observed"))
    assert max(serve(layer, Request("grid"), LOCAL, store=store, city=city).breaks) <= 3


def test_breaks_and_scale_are_the_same_in_every_period(shared_store, city):
    layer = registry.layer("registrations")
    known = periods(layer, shared_store)
    found = [
        serve(layer, Request("8", p, "values"), LOCAL, store=shared_store, city=city) for p in (known[0], known[-1])
    ]
    assert found[0].breaks == found[1].breaks
    assert wire.decode(found[0].body).scale == wire.decode(found[1].body).scale
    assert found[0].body != found[1].body


def test_the_last_period_is_meant_where_none_is_named(shared_store, city):
    layer = registry.layer("registrations")
    served = serve(layer, Request("8"), LOCAL, store=shared_store, city=city)
    assert served.request.period == periods(layer, shared_store)[-1] == "2015-06"


@pytest.mark.parametrize("resolution", ["7", "8", "9"])
def test_the_spread_of_registrations_holds_every_value_of_every_period(resolution, shared_store, city):
    layer = registry.layer("registrations")
    parts = []
    for period in periods(layer, shared_store):
        served = serve(layer, Request(resolution, period), LOCAL, store=shared_store, city=city)
        parts.append(served.frame.loc[served.frame["value"] > 0, "value"].to_numpy())
    spread = layer.spread(Products.live(shared_store), resolution)
    assert np.allclose(np.sort(spread), np.sort(np.concatenate(parts)))


def test_without_a_spread_of_its_own_a_layer_is_asked_for_every_period(store, city):
    layer = small_layer([1, 2, 3, 4], time=TimeAxis("year", lambda products: ("2013", "2014", "2015")))
    serve(layer, Request("grid", "2014"), LOCAL, store=store, city=city)
    assert sorted(layer.calls) == ["2013", "2014", "2015"]


def test_densities_times_areas_are_the_subjects_again(shared_store, city, city_frames):
    located = int(city_frames["subjects"]["located"].sum())
    products = Products.live(shared_store)
    for resolution in ("7", "8", "9"):
        served = serve(registry.layer("subject-density"), Request(resolution), LOCAL, store=shared_store, city=city)
        inside = set(city_frames["subjects"][f"h3_r{resolution}"].dropna()) - set(served.frame["id"])
        lost = int(city_frames["subjects"][f"h3_r{resolution}"].isin(inside).sum())
        total = (served.frame["value"] * frames.cells(products, resolution)["area_km2"]).sum()
        assert round(total) == located - lost


def test_areas_that_cannot_be_compared_have_no_data(shared_store, city):
    served = serve(registry.layer("residents-change"), Request("district"), LOCAL, store=shared_store, city=city)
    rows = served.frame.set_index("id")
    assert rows.loc["500110", "flag"] == 3
    assert rows.loc["500111", "value"] == pytest.approx(24.3)


def test_months_the_register_lacks_make_the_window_an_estimate(store, city):
    rows = store.frames["registrations_by_cell_month"]
    store.frames["registrations_by_cell_month"] = rows[rows["month"] != "2015-03"]
    store.build = replace(store.build, build_id="b-gap")
    layer = registry.layer("registrations")
    assert set(serve(layer, Request("8", "2015-06"), LOCAL, store=store, city=city).frame["flag"]) == {4}
    whole = serve(layer, Request("8", "2015-02"), LOCAL, store=store, city=city).frame["flag"]
    assert 0 < (whole == 4).sum() < len(whole) / 2


@pytest.mark.parametrize("layer_id", ["subject-density", "registrations", "registered-capital"])
@pytest.mark.parametrize("resolution", ["7", "8", "9"])
def test_zeros_are_a_class_of_their_own_and_nothing_else_is_in_it(layer_id, resolution, shared_store, city):
    served = serve(registry.layer(layer_id), Request(resolution), LOCAL, store=shared_store, city=city)
    assert served.zero
    shown = served.classes >= 0
    assert ((served.classes == 0) == (served.frame["value"] == 0))[shown].all()
    assert served.counts[0] == int((served.frame["value"] == 0).sum())
    assert len(served.breaks) + 1 <= 9


def test_a_density_without_zeros_and_a_rate_have_no_class_of_zeros(shared_store, city):
    for layer_id in ("census-residents", "located-share", "subjects-per-1000-residents"):
        layer = registry.layer(layer_id)
        assert not serve(layer, Request("district"), LOCAL, store=shared_store, city=city).zero


def test_cells_finer_than_their_subjects_are_located_are_estimates(store, city):
    rows = store.frames["subjects_by_cell"].copy()
    eight = rows[rows["resolution"] == 8]
    exact, coarse = eight.index[0], eight.index[1]
    radius = frames.circumradius_m(eight["area_km2"].to_numpy()).mean()
    rows["mean_error_radius_m"] = 10.0
    rows.loc[exact, "mean_error_radius_m"] = 1.9 * radius
    rows.loc[coarse, "mean_error_radius_m"] = 2.1 * radius
    store.frames["subjects_by_cell"] = rows
    store.build = replace(store.build, build_id="b-coarse")
    served = serve(registry.layer("subject-density"), Request("8"), LOCAL, store=store, city=city)
    flags = served.frame.set_index("id")["flag"]
    assert flags[eight["h3"][exact]] == 0
    assert flags[eight["h3"][coarse]] == 4
    assert served.states[4] == 1


def test_a_supervisor_gets_the_rows_of_the_own_area_only(shared_store, city):
    actor = Actor("zhang", frozenset({"supervisor"}), frozenset({"500110001"}))
    own = serve(registry.layer("subjects"), Request(area="500110001"), actor, store=shared_store, city=city)
    whole = serve(registry.layer("subjects"), Request(), LOCAL, store=shared_store, city=city)
    assert 0 < len(own.frame) < len(whole.frame)
    with pytest.raises(AccessDeniedError):
        serve(registry.layer("subjects"), Request(area="500111"), actor, store=shared_store, city=city)
    with pytest.raises(AccessDeniedError):
        serve(registry.layer("subjects"), Request(), actor, store=shared_store, city=city)


@pytest.mark.parametrize(("layer", "resolution"), EVERY, ids=named)
def test_an_area_a_box_and_a_page_cut_the_same_rows_out_of_the_whole(layer, resolution, shared_store, city):
    def ask(**given):
        return serve(layer, Request(resolution, **given), LOCAL, store=shared_store, city=city)

    whole = ask()
    parts = [ask(area=code) for code in ("500110", "500111")]
    twice = 0
    if layer.support.kind == "od":  # a flow between both areas belongs to either
        twice = int((whole.frame["from_code"].str[:6] != whole.frame["to_code"].str[:6]).sum())
    assert sum(len(part.frame) for part in parts) == len(whole.frame) + twice
    paged = ask(limit=2, offset=1)
    assert paged.frame["id"].tolist() == whole.frame["id"].tolist()[1:3]
    assert paged.total == len(whole.frame)
    boxed = ask(bounds=(106.60, 29.0, 106.66, 29.04))
    assert set(boxed.frame["id"]) <= set(whole.frame["id"])
    assert len(boxed.frame) == boxed.total > 0


def test_the_reader_may_ask_for_other_classes(shared_store, city):
    layer = registry.layer("subject-density")
    found = [
        serve(layer, Request("8", scheme=scheme, classes=3), LOCAL, store=shared_store, city=city).breaks
        for scheme in ("quantile", "natural", "headtail")
    ]
    assert all(2 <= len(breaks) <= 3 for breaks in found)  # the first parts the zeros
    assert len(set(found)) > 1


def test_towns_that_are_only_derived_have_no_census(store, city):
    layer = registry.layer("census-residents-town")
    assert serve(layer, Request("town"), LOCAL, store=store, city=city).states == {0: 2}
    store.frames["grids"] = store.frames["grids"].assign(derived=True)
    store.build = replace(store.build, build_id="b-derived")
    assert serve(layer, Request("town"), LOCAL, store=store, city=city).states == {3: 2}
