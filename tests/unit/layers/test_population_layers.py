"""Layers of the signaling: what few devices stand behind is a state, never a number; hours share one set of classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers import estimates, export, frames, inspect, registry, serve, spec
from layers.access import LOCAL, Actor
from layers.availability import available
from layers.layer import LayerError, Legend
from layers.periods import said
from layers.products import Products
from layers.provenance import SIGNALING
from layers.requests import Request
from models import disclosure
from models.fusion import hexes
from tests.unit.layers.signaling_city import STATES

LAYERS = tuple(
    layer for layer in registry.layers().values() if SIGNALING & set(layer.reads) and layer.theme != "migration"
)
"""Migration has tests of its own: a balance has no devices of its own, its product says what is hidden."""
HEXES = tuple(layer for layer in LAYERS if layer.support.kind == "hex" and layer.disclosure)


def served(name, store, city, resolution=None, period=None):
    layer = registry.layer(name)
    asked = Request(resolution or layer.support.reference, period)
    return serve.serve(layer, asked, LOCAL, store=store, city=city)


def states(frame, products, resolution):
    """Planted state of each row of a layer."""
    ids = frames.ids_of(products, "hex", resolution)
    assert list(ids) == list(frame["id"])
    return np.array(STATES, dtype=object)[np.arange(len(ids)) % len(STATES)]


def test_sixteen_layers_stand_on_signaling_and_none_on_legal_persons():
    assert len(LAYERS) == 16
    for layer in LAYERS:
        assert "legal_persons" not in layer.tables
        assert not any(name.startswith(("subject", "registrations")) for name in layer.reads)
        assert "public" not in layer.audience


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_a_city_without_signaling_has_none_of_them(layer, store, city):
    for name in SIGNALING:
        store.frames.pop(name, None)
    assert not available(layer, Products.live(store), city)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_they_are_there_without_a_register_of_subjects(layer, store, city):
    for name in [key for key in store.frames if key.startswith(("subject", "registrations"))]:
        store.frames.pop(name)
    assert available(layer, Products.live(store), city)


@pytest.mark.parametrize("resolution", ["7", "8"])
@pytest.mark.parametrize("layer", HEXES, ids=lambda layer: layer.id)
def test_hidden_empty_and_unserved_hexagons_are_three_different_states(layer, resolution, shared_store, city):
    frame = served(layer.id, shared_store, city, resolution).frame
    planted = states(frame, Products.live(shared_store), resolution)
    flags, values = frame["flag"].to_numpy(), frame["value"].to_numpy(np.float64)
    assert set(flags[planted == "hidden"]) == {frames.SUPPRESSED}
    assert set(flags[planted == "uncovered"]) == {frames.NO_DATA}
    assert np.isnan(values[np.isin(planted, ["hidden", "uncovered"])]).all()
    empty = {frames.NO_DATA} if layer.measure.kind in ("rate", "index") else {frames.ZERO}
    assert set(flags[planted == "empty"]) == empty
    assert set(flags[planted == "shown"]) == {frames.OBSERVED}
    unsure = frames.OBSERVED if layer.id == "residents-uncertainty" else frames.ESTIMATED
    assert set(flags[planted == "uncertain"]) == {unsure}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_no_value_leaves_that_fewer_than_k_devices_stand_behind(layer, store, city):
    """Counts that a product should never hold are hidden once more at the door; no devices leave at all."""
    if layer.disclosure is None:
        assert layer.id == "network-coverage"
        return
    rng = np.random.default_rng(3)
    name = next(key for key in layer.reads if key in SIGNALING and "devices" in store.frames[key])
    frame = store.frames[name].copy()
    frame["devices"] = pd.array(rng.integers(1, 40, len(frame)), dtype="Int64")
    frame["devices"] = frame["devices"].mask(frame["suppressed"])
    store.frames[name] = frame
    k = disclosure.threshold(city.disclosure_k, layer.disclosure.k)
    products = Products.live(store)
    for period in (layer.time.periods or (lambda _: (None,)))(products)[:3]:
        request = Request(layer.support.reference, period)
        raw = layer.query(products, request)
        out = serve.serve(layer, request, LOCAL, store=store, city=city)
        assert "observed" not in out.frame
        few = raw["observed"].lt(k).fillna(True) & (raw["flag"] != frames.NO_DATA)
        assert few.any() or layer.support.kind == "area"
        assert set(out.frame.loc[few, "flag"]) <= {frames.SUPPRESSED}
        assert out.frame.loc[few, "value"].isna().all()


def test_the_axis_has_48_hours_and_starts_in_the_morning_of_a_workday(shared_store, city):
    layer = registry.layer("present-population")
    known = serve.periods(layer, shared_store)
    assert known == estimates.HOURS
    assert (known[0], known[24], len(known)) == ("workday-00", "weekend-00", 48)
    assert served(layer.id, shared_store, city).request.period == "workday-10"
    drawn = spec.map_spec(
        shared_store, city, LOCAL, lang="en", theme="light", view={"lon": 106.6, "lat": 29.0, "zoom": 11, "t": 1},
        chosen=[spec.LayerState(layer.id)], period="2015-06",
    )  # fmt: skip
    assert drawn["layers"][0]["start"] == "workday-10"
    assert drawn["texts"]["attribution"][0] == "Cityhex demo, simulated"


def test_hours_share_breaks_and_differ_in_values(shared_store, city):
    day, night = (served("present-population", shared_store, city, "8", p) for p in ("workday-12", "workday-03"))
    assert day.breaks == night.breaks
    assert len(day.breaks) >= 4
    shown = day.frame["value"].notna() & (day.frame["value"] > 0)
    assert (day.frame["value"] != night.frame["value"])[shown].all()


def test_a_density_is_persons_of_the_latest_period_over_the_area(shared_store, city):
    out = served("present-population", shared_store, city, "8", "weekend-06").frame.set_index("id")["value"]
    rows = shared_store.frames["present_by_hour"]
    chosen = rows[(rows["period"] == "2015") & (rows["resolution"] == 8) & (rows["daytype"] == "weekend")]
    persons = chosen[chosen["hour"] == 6].set_index("h3")["persons"].astype("float64")
    area = shared_store.frames["cells"].set_index("h3")["area_km2"]
    expected = persons / area.reindex(persons.index)
    pd.testing.assert_series_equal(out.reindex(expected.index), expected, check_names=False)
    total = (out * area.reindex(out.index)).sum()
    assert total == pytest.approx(persons.sum())


def test_the_ratio_is_that_of_the_two_hours(shared_store, city):
    ratio = served("day-night-ratio", shared_store, city, "8").frame["value"]
    day, night = (
        served("present-population", shared_store, city, "8", p).frame["value"] for p in ("workday-14", "workday-03")
    )
    np.testing.assert_allclose(ratio, day / night.where(night > 0))
    assert ((ratio > 1).any(), (ratio < 1).any()) == (True, True)


def test_towns_balance_and_hide_what_the_sum_would_give_away(shared_store, city):
    jobs = served("jobs-housing-ratio", shared_store, city).frame.set_index("id")
    assert list(jobs["value"]) == [1.5, 0.5]
    own = served("self-containment", shared_store, city).frame.set_index("id")
    assert own.loc["5001100", "value"] == 60
    assert own.loc["5001110", "flag"] == frames.SUPPRESSED


def test_visitors_with_a_hidden_origin_are_a_lower_bound(shared_store, city):
    found = served("visitors", shared_store, city).frame.set_index("id")
    area = estimates.town_km2(Products.live(shared_store))
    assert found.loc["5001100", "value"] == pytest.approx(1200 / area["5001100"])
    assert found.loc["5001110", "value"] == pytest.approx(500 / area["5001110"])
    assert list(found["flag"]) == [frames.OBSERVED, frames.ESTIMATED]


@pytest.mark.parametrize(
    ("lang", "period", "words"),
    [
        ("zh-Hans", "workday-08", "08:00–09:00，工作日"),
        ("en", "weekend-23", "23:00–00:00, weekend"),
    ],
)
def test_hours_are_said_in_words(lang, period, words, shared_store, city):
    layer = registry.layer("present-population")
    assert said(layer, period, lang) == words
    found = spec.legend(shared_store, city, LOCAL, layer.id, lang=lang, theme="light", period=period)
    assert found.subtitle.startswith(words)
    assert found.k == 20
    assert ("模拟" in found.source) if lang == "zh-Hans" else ("simulated" in found.source)
    assert found.date in ("2015-06-21", "21 Jun 2015")


def test_months_are_said_as_before():
    assert said(registry.layer("registrations"), "2015-06", "en") == "12 months to Jun 2015"
    assert said(registry.layer("registrations"), "2015-06", "en", end=True) == "Jun 2015"


@pytest.mark.parametrize("breaks", [(0.5, 2.5), (0.5, 1.0, 3.0)])
def test_ratios_are_symmetric_about_one(breaks):
    with pytest.raises(LayerError, match="symmetric about one"):
        Legend("balance", scheme="fixed", breaks=breaks, middle=1.0)
    with pytest.raises(LayerError, match="0, or 1 with fixed breaks"):
        Legend("balance", middle=1.0)


def test_a_table_says_state_and_hour_and_no_devices(shared_store, city):
    body, name, _ = export.table(
        shared_store, city, LOCAL, "present-population", resolution="8", period="workday-08", lang="en", fmt="csv"
    )
    assert "workday-08" in name
    rows = body.decode("utf-8-sig").splitlines()
    assert "devices" not in rows[0]
    assert "observed" not in rows[0]
    assert any('"suppressed"' in row for row in rows)


def cell_of(store, state, resolution=8):
    rows = store.frames["cells"]
    ids = np.sort(rows.loc[rows["resolution"] == resolution, "h3"].to_numpy(np.uint64))
    return f"{int(ids[STATES.index(state)]):x}"


def panel_of(store, city, state, lang="en", actor=LOCAL, resolution=8):
    target = inspect.target(store, city, actor, "cell", cell_of(store, state, resolution), lang)
    return inspect.panel(store, city, actor, target, lang)


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_the_panel_tells_hours_roles_and_intervals_and_never_devices(shared_store, city, lang):
    found = panel_of(shared_store, city, "shown", lang)
    assert [fact.key for fact in found.people.facts] == ["role_resident", "role_worker", "role_short_stay"]
    assert found.people.facts[0].value == "50"
    assert "35" in found.people.facts[0].note
    assert "65" in found.people.facts[0].note
    assert [len(day.values) for day in found.people.hours] == [24, 24]
    assert None not in found.people.hours[0].values
    assert found.people.notes == ()
    assert not any(fact.value == "30" for fact in found.people.facts)
    assert any("2015-06-01/2015-06-21" in line for line in found.provenance)


def test_the_panel_says_in_words_what_is_hidden_and_what_nobody_serves(shared_store, city):
    hidden = panel_of(shared_store, city, "hidden").people
    assert hidden.hours == ()
    assert {fact.value for fact in hidden.facts} == {"hidden: too few devices"}
    assert "disclosure rule" in hidden.notes[0]
    unserved = panel_of(shared_store, city, "uncovered").people
    assert unserved.facts == ()
    assert "no data" in unserved.notes[0]


def test_the_panel_of_a_finer_hexagon_and_of_the_public_says_nothing_of_people(shared_store, city):
    rows = shared_store.frames["cells"]
    fine = f"{int(rows.loc[rows['resolution'] == 9, 'h3'].iloc[0]):x}"
    target = inspect.target(shared_store, city, LOCAL, "cell", fine, "en")
    assert inspect.panel(shared_store, city, LOCAL, target, "en").people is None
    anybody = Actor("anybody", frozenset({"public"}), frozenset({"*"}))
    assert panel_of(shared_store, city, "shown", actor=anybody).people is None


def with_nines(store):
    """Signaling that knows hexagons of 9 within every other hexagon of 8 that is shown; the first part is not served.

    Returns
    -------
    Hexagons of 9 that are told apart, that are not, and that nobody serves.
    """
    cells = store.frames["cells"]
    fine = cells[cells["resolution"] == 9].sort_values("h3", ignore_index=True)
    above = hexes.parents(fine["h3"].to_numpy(np.uint64), 8)
    people = store.frames["residents_by_hex"]
    eight = people[(people["resolution"] == 8) & (people["period"] == "2015")]
    shown = eight.loc[(eight["role"] == "resident") & ~eight["suppressed"] & (eight["persons"] > 0), "h3"].to_numpy()
    apart = np.isin(above, shown[::2])
    covered = np.ones(len(fine), bool)
    covered[np.flatnonzero(np.isin(above, shown[1::2]))[0]] = False
    parts = [people]
    for role in ("resident", "worker"):
        own = eight[eight["role"] == role].set_index("h3").reindex(above[apart])
        share = np.where(np.arange(len(own)) % 2 == 0, 0.2, 0.05)
        for name in ("persons", "low", "high"):
            own[name] = own[name] * share
        parts.append(own.reset_index(drop=True).assign(h3=fine["h3"].to_numpy()[apart], resolution=9))
    store.frames["residents_by_hex"] = pd.concat(parts, ignore_index=True)
    quality = fine[["h3", "resolution"]].assign(
        covered=covered, serving_cells=4.0, spread_km=1.0, told_apart=apart & covered, period="2015"
    )
    store.frames["coverage_quality"] = pd.concat([store.frames["coverage_quality"], quality], ignore_index=True)
    ids = fine["h3"].to_numpy(np.uint64)
    return ids[apart], ids[~apart & covered], ids[~covered]


@pytest.mark.parametrize("name", ["residents-signaling", "workers", "residents-uncertainty"])
def test_hexagons_of_nine_that_are_not_told_apart_look_like_the_one_around_them(name, store, city):
    apart, alike, unserved = with_nines(store)
    fine = served(name, store, city, "9").frame.set_index("id")
    coarse = served(name, store, city, "8").frame.set_index("id")
    around = coarse.reindex(hexes.parents(alike, 8))
    known = around["flag"].notna().to_numpy()
    assert known.sum() > 20
    np.testing.assert_array_equal(fine["flag"].loc[alike][known], around["flag"][known])
    np.testing.assert_allclose(fine["value"].loc[alike][known], around["value"][known])
    assert set(fine["flag"].loc[unserved]) == {frames.NO_DATA}
    if name != "residents-uncertainty":
        assert (fine["value"].loc[apart].groupby(hexes.parents(apart, 8)).nunique() > 1).any()
        area = store.frames["cells"].set_index("h3")["area_km2"]
        rows = store.frames["residents_by_hex"]
        role = "resident" if name == "residents-signaling" else "worker"
        own = rows[(rows["resolution"] == 9) & (rows["role"] == role)].set_index("h3")["persons"].reindex(apart)
        np.testing.assert_allclose(fine["value"].loc[apart], own / area.reindex(apart), rtol=1e-9)


def test_where_people_are_laid_on_eight_all_hexagons_of_nine_look_like_it(shared_store, city):
    fine = served("residents-signaling", shared_store, city, "9").frame.set_index("id")
    coarse = served("residents-signaling", shared_store, city, "8").frame.set_index("id")
    around = coarse["value"].reindex(hexes.parents(fine.index.to_numpy(np.uint64), 8))
    np.testing.assert_allclose(fine["value"], around)


def test_the_panel_of_a_hexagon_of_nine_says_what_is_known_of_the_one_around_it(store, city):
    apart, alike, unserved = with_nines(store)
    own = panel_at(store, city, apart[0])
    assert [fact.key for fact in own.facts] == ["role_resident", "role_worker"]
    assert own.notes[0].startswith("Hours are known for")
    assert len(own.hours) == 2
    around = next(cell for cell in alike if panel_at(store, city, cell).facts)
    told = panel_at(store, city, around)
    assert panel_at(store, city, unserved[0]) is not None
    assert told.notes[0].startswith("The network does not tell")
    assert told.facts == panel_at(store, city, hexes.parents(np.array([around]), 8)[0]).facts
    assert [fact.key for fact in told.facts] == ["role_resident", "role_worker", "role_short_stay"]


def panel_at(store, city, cell):
    target = inspect.target(store, city, LOCAL, "cell", f"{int(cell):x}", "en")
    return inspect.panel(store, city, LOCAL, target, "en").people


def test_a_city_without_subjects_still_tells_of_people(store, city):
    for name in [key for key in store.frames if key.startswith(("subject", "registrations"))]:
        store.frames.pop(name)
    found = panel_of(store, city, "shown")
    assert found.facts == ()
    assert len(found.people.facts) == 3
