"""Layers of migration: rates over the mean residents, by pair of periods, with hidden towns hidden."""

from __future__ import annotations

import numpy as np
import pytest

from layers import frames, registry
from layers.access import LOCAL
from layers.moves import periods
from layers.products import Products
from layers.requests import Request
from layers.serve import serve


def shown(layer: str, period: str, store, city):
    served = serve(registry.layers()[layer], Request("town", period=period), LOCAL, store=store, city=city)
    return served.frame.set_index("id")


def test_the_periods_are_the_later_ones(store) -> None:
    assert periods(Products.live(store)) == ("2014", "2015")


def test_the_net_rate_has_its_sign_and_a_hidden_town_is_suppressed(store, city) -> None:
    first, second = (shown("net-migration-rate", period, store, city) for period in ("2014", "2015"))
    assert first["value"].tolist() == pytest.approx([1.2, -1.8])
    assert second.loc["5001110", "flag"] == frames.SUPPRESSED
    assert np.isnan(second.loc["5001110", "value"])


def test_rates_are_over_the_mean_residents_in_total_and_by_class(store, city) -> None:
    assert shown("inflow-rate", "2014", store, city).loc["5001100", "value"] == pytest.approx(100 * 1_500 / 50_500)
    by_class = shown("outflow-rate-inter-provincial", "2014", store, city)
    assert by_class.loc["5001100", "value"] == pytest.approx(100 * 600 / 50_500)
    abroad = shown("inflow-rate-international", "2014", store, city)
    assert (abroad["flag"] == frames.SUPPRESSED).all()
