from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers import estimates, frames, inspect, legends, registry, road_sections, roads_panel, wire
from layers.access import Actor
from layers.actors import LOCAL
from layers.panel import panel
from layers.periods import days, said
from layers.products import Products
from layers.requests import Request
from layers.serve import periods, serve
from models.contracts.roads import WEEKDAYS
from models.errors import AccessDeniedError, UnknownNameError

LAYERS = ("road-speed", "road-travel-time-index", "road-congestion")


def asked(layer, store, city, period, **given):
    return serve(registry.layer(layer), Request("-", period, **given), LOCAL, store=store, city=city)


def test_lines_come_back_from_the_wire_as_they_went() -> None:
    lines = [
        shapely.LineString([(106.61, 29.02), (106.62, 29.03), (106.63, 29.03)]),
        shapely.LineString([(1, 2), (3, 4)]),
    ]
    found = wire.decode(wire.encode_lines(lines))
    assert found.size.tolist() == [3, 2]
    assert np.allclose(found.lon, [106.61, 106.62, 106.63, 1, 3])
    assert np.allclose(found.lat, [29.02, 29.03, 29.03, 2, 4])


@pytest.mark.parametrize("layer", LAYERS)
def test_sections_that_are_hidden_or_not_measured_show_no_value(layer, shared_store, city) -> None:
    frame = asked(layer, shared_store, city, "weekend-08").frame.set_index("id")
    assert frame.loc["R01-005+", "flag"] == frames.SUPPRESSED
    assert frame.loc["R01-004+", "flag"] == frames.NO_DATA
    assert frame.loc[["R01-005+", "R01-004+"], "value"].isna().all()
    assert frame.loc["R01-006+", "flag"] == frames.ESTIMATED
    night = asked(layer, shared_store, city, "weekend-03").frame
    assert (night["flag"] == frames.NO_DATA).all()


def test_a_queue_has_one_congestion_point_at_its_head(shared_store, city) -> None:
    frame = asked("road-congestion", shared_store, city, "workday-08").frame.set_index("id")["value"]
    assert frame[["R01-001+", "R01-002+", "R01-003+"]].tolist() == [2.0, 2.0, 3.0]  # forward: it begins at km 3
    assert (frame.filter(like="-00").drop(["R01-001+", "R01-002+", "R01-003+"]).dropna() <= 1.0).all()


def test_the_latest_period_is_shown_and_classes_hold_for_every_hour(shared_store, city) -> None:
    hours = [asked("road-speed", shared_store, city, f"workday-{hour:02d}") for hour in (8, 12)]
    assert hours[0].breaks == hours[1].breaks
    assert hours[0].frame["value"].min() == 15.0
    assert hours[1].frame["value"].min() == 55.0
    assert len(hours[0].frame) == len(road_sections.sections(Products.live(shared_store))) == 12


def test_a_click_beside_the_road_finds_the_direction_on_whose_right_it_is(shared_store, city) -> None:
    products = Products.live(shared_store)
    line = road_sections.sections(products).set_index("section_id").loc["R01-002+", "geometry"]
    middle = line.interpolate(0.5, normalized=True)
    for shift, wanted in ((-0.0004, "R01-002+"), (0.0004, "R01-002-")):
        found = inspect.at(shared_store, city, LOCAL, middle.x, middle.y + shift, 13, ["road-speed"], "en")
        assert found is not None
        assert (found.kind, found.id) == ("road", wanted)
    assert inspect.at(shared_store, city, LOCAL, middle.x, middle.y + 0.02, 13, ["road-speed"], "en") is None


def test_the_panel_shows_the_day_of_a_section_and_says_what_is_hidden(shared_store, city) -> None:
    found = panel(shared_store, city, LOCAL, inspect.target(shared_store, city, LOCAL, "road", "R01-001+", "en"), "en")
    assert found.title == "渝黔公路 km 0–1 forward"
    first = found.facts[0]
    assert (first.value, first.unit) == ("15", "km/h")
    assert "08:00" in first.note
    week = next(fact for fact in found.facts if fact.key == "road_week")
    assert week.value == "Monday 15 · Tuesday 15 · Wednesday 15 · Thursday 15 · Friday 55"
    assert week.note == ""
    workday = found.days[0].values
    assert (workday[8], workday[12], workday[3]) == (15.0, 55.0, None)
    products = Products.live(shared_store)
    hidden = roads_panel.facts(products, "R01-005+", "en")
    assert "road_week" not in {fact.key for fact in hidden[0]}
    assert any("22 hours" in note for note in hidden[1])
    unmeasured = roads_panel.facts(products, "R01-004+", "en")
    assert [fact.key for fact in unmeasured[0]] == ["road_length"]
    assert "no data" in unmeasured[1][0]
    assert roads_panel.days(products, "R01-004+", "en") == ()


def test_speeds_are_for_the_staff_only(shared_store, city) -> None:
    visitor = Actor("v", frozenset({"public"}))
    with pytest.raises(AccessDeniedError):
        inspect.target(shared_store, city, visitor, "road", "R01-001+", "en")
    with pytest.raises(UnknownNameError):
        inspect.target(shared_store, city, LOCAL, "road", "R99-001+", "en")


def test_no_number_of_devices_leaves_with_a_layer(shared_store, city) -> None:
    for layer in LAYERS:
        assert "observed" not in asked(layer, shared_store, city, "workday-08").frame


def test_days_of_the_week_that_are_hidden_are_left_out_of_the_panel_and_it_says_so(store, city) -> None:
    frame = store.frames["road_speeds"].copy()
    gone = (frame["section_id"] == "R01-001+") & frame["daytype"].isin(["tuesday", "friday"])
    numbers = ["speed_kmh", "low", "high", "free_flow_kmh", "tti", "jam", "devices"]
    frame[numbers] = frame[numbers].mask(gone)
    store.frames["road_speeds"] = frame.assign(suppressed=frame["suppressed"] | gone)
    facts, _ = roads_panel.facts(Products.live(store), "R01-001+", "en")
    week = next(fact for fact in facts if fact.key == "road_week")
    assert (week.value, week.note) == ("Monday 15 · Wednesday 15 · Thursday 15", "Days not named: too few devices.")


def test_a_day_of_the_week_is_chosen_beside_the_types_of_day(shared_store, city) -> None:
    known = periods(registry.layer("road-speed"), shared_store)
    assert (len(known), known[48], known[-1]) == (9 * 24, "monday-00", "sunday-23")
    monday, friday = (
        asked("road-speed", shared_store, city, f"{day}-08").frame.set_index("id")["value"]
        for day in ("monday", "friday")
    )
    assert (monday["R01-001+"], friday["R01-001+"]) == (15.0, 55.0)
    assert said(registry.layer("road-speed"), "monday-08", "zh-Hans") == "08:00–09:00，周一"
    assert days(registry.layer("road-speed"), known) == ("workday", "weekend", *WEEKDAYS)
    assert days(registry.layer("present-population"), estimates.HOURS) == ()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_day_of_the_week_that_is_not_listed_has_too_few_devices_and_says_so(layer, shared_store, city) -> None:
    """Nobody knows whether nobody passed or nineteen did; a section that is not measured at all has no data."""
    for period, unmeasured in (("monday-08", "R01-004+"), ("saturday-08", "R01-004-")):
        frame = asked(layer, shared_store, city, period).frame.set_index("id")
        assert frame.loc[["R01-005+", "R01-006-"], "flag"].tolist() == [frames.SUPPRESSED] * 2
        assert frame.loc[unmeasured, "flag"] == frames.NO_DATA
    noon = asked(layer, shared_store, city, "tuesday-12").frame.set_index("id")
    assert noon.loc["R01-001+", "flag"] == frames.SUPPRESSED
    assert noon["value"].isna().all()
    night = asked(layer, shared_store, city, "sunday-03").frame
    assert (night["flag"] == frames.NO_DATA).all()
    states = legends.legend(shared_store, city, LOCAL, layer, lang="en", theme="light", period="tuesday-12").states
    assert {state.kind: state.label for state in states}["suppressed"] == "Suppressed (< 20)"
