"""The layer of alarms: a town shows its own and those of its grid cells, a week without one is zero."""

from __future__ import annotations

from layers import frames, registry
from layers.access import LOCAL
from layers.catalogue.supervision.area_alarms import periods
from layers.products import Products
from layers.requests import Request
from layers.serve import serve


def test_a_town_shows_the_highest_score_of_itself_and_its_grid_cells(store, city) -> None:
    layer = registry.layers()["area-alarms"]
    for week, wanted in (("2015-06-17", {"5001100": 3.0, "5001110": 0.0}), ("2015-06-24", {"5001100": 1.2})):
        served = serve(layer, Request("town", period=week), LOCAL, store=store, city=city)
        values = served.frame.set_index("id")
        assert {code: values.loc[code, "value"] for code in wanted} == wanted
        assert values.loc["5001110", "flag"] == frames.ZERO


def test_the_weeks_are_those_with_an_alarm_oldest_first(store) -> None:
    assert periods(Products.live(store)) == ("2015-06-17", "2015-06-24")
