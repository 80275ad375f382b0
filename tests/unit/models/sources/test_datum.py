"""Datums and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sources.datum import from_wgs84, to_wgs84

DEGREE_M = 111_320.0


@pytest.mark.parametrize("datum", ["WGS84", "CGCS2000", "GCJ02", "BD09", "EPSG:4490", "EPSG:4544"])
@settings(deadline=None, max_examples=60)
@given(lon=st.floats(75, 134), lat=st.floats(4, 53))
def test_there_and_back_is_within_a_tenth_of_a_metre(datum: str, lon: float, lat: float) -> None:
    x, y = to_wgs84(*from_wgs84([lon], [lat], datum), datum)
    assert abs(x[0] - lon) * DEGREE_M < 0.1
    assert abs(y[0] - lat) * DEGREE_M < 0.1


def test_gcj02_agrees_with_published_coordinates() -> None:
    # Tian'anmen as eviltransform's own tests have it: wgs2gcj(39.90734, 116.39089) = 39.90874, 116.39713.
    lon, lat = from_wgs84([116.39089], [39.90734], "GCJ02")
    assert lon[0] == pytest.approx(116.39713, abs=1e-4)
    assert lat[0] == pytest.approx(39.90874, abs=1e-4)


def test_the_offset_in_china_is_hundreds_of_metres_and_nothing_abroad() -> None:
    lon, lat = np.array([106.55, 121.47, 2.35]), np.array([29.56, 31.23, 48.85])
    x, y = from_wgs84(lon, lat, "GCJ02")
    metres = np.hypot((x - lon) * np.cos(np.radians(lat)), y - lat) * DEGREE_M
    assert (metres[:2] > 250).all() and (metres[:2] < 800).all()
    assert metres[2] == 0


def test_missing_coordinates_stay_missing() -> None:
    x, _ = to_wgs84([np.nan, 106.0], [29.0, 29.0], "BD09")
    assert np.isnan(x[0]) and np.isfinite(x[1])


def test_an_unknown_datum_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="GCJ02"):
        to_wgs84([1.0], [1.0], "Beijing54")
